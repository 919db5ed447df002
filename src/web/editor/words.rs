//! What each template is called, and for whom it is.

use crate::pass::What;

/// A template in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct About {
    /// What it is called.
    pub(super) title: &'static str,
    /// For whom its messages are; of a part what it says.
    pub(super) whom: &'static str,
    /// Which kind it is of.
    pub(super) kind: Kind,
}

/// Kinds of templates, in the order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Reminder,
    Other,
    RollUp,
    Part,
    Shell,
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [Self::Reminder, Self::Other, Self::RollUp, Self::Part, Self::Shell];

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Reminder => "Thư đôn đốc",
            Self::Other => "Thư ghi nhận, đồng gửi, đính chính",
            Self::RollUp => "Bản tổng hợp",
            Self::Part => "Khối dùng chung",
            Self::Shell => "Khung thư",
        }
    }
}

const COMMUNE: &str = "Chủ tịch UBND xã, phường, thị trấn";
const DISTRICT: &str = "Chủ tịch UBND huyện, thành phố";
const DEPARTMENT: &str = "Giám đốc sở, thủ trưởng ban, ngành";
const SEVERAL: &str = "Mọi thư có chèn khối này";

const KNOWN: [(&str, &str, &str, Kind); 32] = [
    ("commune_first.md", "Đôn đốc cấp xã, lần 1", COMMUNE, Kind::Reminder),
    ("commune_repeat.md", "Đôn đốc cấp xã, nhắc lại", COMMUNE, Kind::Reminder),
    ("commune_formal.md", "Đôn đốc cấp xã, chính thức", COMMUNE, Kind::Reminder),
    ("district_first.md", "Đôn đốc cấp huyện, lần 1", DISTRICT, Kind::Reminder),
    ("district_repeat.md", "Đôn đốc cấp huyện, nhắc lại", DISTRICT, Kind::Reminder),
    ("district_formal.md", "Đôn đốc cấp huyện, chính thức", DISTRICT, Kind::Reminder),
    ("department_first.md", "Đôn đốc sở, ngành, lần 1", DEPARTMENT, Kind::Reminder),
    ("department_repeat.md", "Đôn đốc sở, ngành, nhắc lại", DEPARTMENT, Kind::Reminder),
    ("department_formal.md", "Đôn đốc sở, ngành, chính thức", DEPARTMENT, Kind::Reminder),
    ("thanks.md", "Ghi nhận kết quả", "Thủ trưởng đơn vị đã đạt chỉ tiêu", Kind::Other),
    ("superior_copy.md", "Đồng gửi cấp trên", "Cấp trên của đơn vị được đôn đốc", Kind::Other),
    ("correction.md", "Đính chính số liệu", "Người đã nhận thư có số liệu sai", Kind::Other),
    ("superior_digest.md", "Tổng hợp cho cấp trên", "Cấp trên của nhiều đơn vị", Kind::RollUp),
    ("leaders_sheet.md", "Bảng tổng hợp cho lãnh đạo", "Lãnh đạo tỉnh", Kind::RollUp),
    ("admin_note.md", "Việc cần quản trị viên xử lý", "Quản trị viên hệ thống", Kind::RollUp),
    ("_figures.md", "Bảng chỉ tiêu chưa đạt", SEVERAL, Kind::Part),
    ("_actions.md", "Việc cần làm", SEVERAL, Kind::Part),
    ("_contact.md", "Đầu mối liên hệ", SEVERAL, Kind::Part),
    ("_reply.md", "Đường dẫn trả lời", SEVERAL, Kind::Part),
    ("_bases.md", "Căn cứ", SEVERAL, Kind::Part),
    ("_subject.md", "Tiêu đề thư", SEVERAL, Kind::Part),
    ("_preheader.md", "Dòng tóm tắt dưới tiêu đề", SEVERAL, Kind::Part),
    ("_sms.md", "Dòng tin nhắn SMS", SEVERAL, Kind::Part),
    ("_digest_indicators.md", "Bảng chỉ tiêu của bản tổng hợp", SEVERAL, Kind::Part),
    ("_digest_rest.md", "Phần cuối của bản tổng hợp", SEVERAL, Kind::Part),
    ("_zalo_unit.md", "Zalo: tên đơn vị", SEVERAL, Kind::Part),
    ("_zalo_row.md", "Zalo: dòng chỉ tiêu", SEVERAL, Kind::Part),
    ("_zalo_thanks_row.md", "Zalo: dòng ghi nhận", SEVERAL, Kind::Part),
    ("_zalo_digest_row.md", "Zalo: dòng tổng hợp", SEVERAL, Kind::Part),
    ("_zalo_correction_row.md", "Zalo: dòng đính chính", SEVERAL, Kind::Part),
    ("_zalo_contact.md", "Zalo: đầu mối", SEVERAL, Kind::Part),
    ("shell.html", "Khung của mọi thư điện tử", "Mọi thư điện tử", Kind::Shell),
];

/// Its place in the list: first ones first; those that staff added come last.
pub(super) fn place(name: &str) -> usize {
    KNOWN.iter().position(|(known, ..)| *known == name).unwrap_or(KNOWN.len())
}

/// The template `name` in words; one that staff added as a part is called by its name.
pub(super) fn about(name: &str) -> Option<About> {
    let known = KNOWN.iter().find(|(known, ..)| *known == name);
    known.map(|(_, title, whom, kind)| About { title, whom, kind: *kind })
}

/// What it is called.
pub(super) fn title(name: &str) -> String {
    about(name).map_or_else(|| name.trim_end_matches(".md").to_owned(), |about| about.title.to_owned())
}

/// What it is a kind of.
pub(super) fn kind(name: &str) -> Kind {
    about(name).map_or(Kind::Part, |about| about.kind)
}

/// As addresses call it.
pub(super) fn slug(name: &str) -> &str {
    name.strip_suffix(".md").unwrap_or(name)
}

/// Whether schedules of this kind write messages with the template; `None`: a command writes them.
pub(super) fn written_by(name: &str) -> Option<What> {
    match name {
        "superior_digest.md" => Some(What::Digest),
        "leaders_sheet.md" => Some(What::Leaders),
        "admin_note.md" => Some(What::AdminNote),
        "correction.md" => None,
        _ => Some(What::Round),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Templates;

    #[test]
    fn every_shipped_template_has_a_name_of_its_own() {
        let shipped = Templates::built_in();
        let names: Vec<&str> = shipped.names().collect();
        assert_eq!(names.len(), KNOWN.len());
        assert!(names.iter().all(|name| about(name).is_some()), "{names:?}");
        let mut titles: Vec<&str> = KNOWN.iter().map(|(_, title, ..)| *title).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), KNOWN.len());
    }
}
