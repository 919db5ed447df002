//! One row of a sheet: whom it names, in which office of which unit.

use chrono::NaiveDate;

use crate::catalog::contact::Office;
use crate::catalog::matching::{fold, without_diacritics};
use crate::catalog::unit::{Level, Unit, UnitId};

/// Who holds an office, as a row or a form says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The unit.
    pub unit: UnitId,
    /// The office.
    pub office: Office,
    /// The person's name.
    pub person: Option<String>,
    /// How the office is written.
    pub title: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Zalo user id.
    pub zalo_user_id: Option<String>,
    /// First day, when it is said.
    pub from: Option<NaiveDate>,
    /// Last day, when it is said.
    pub to: Option<NaiveDate>,
}

/// The office that a word of a sheet means: ours, or what clerks write.
pub(super) fn office(text: &str) -> Option<Office> {
    let plain = without_diacritics(&fold(text));
    Office::from_word(&plain).or_else(|| {
        let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
        if has(&["dau moi", "chuyen vien", "can bo phu trach", "nguoi lien he", "truc tiep lien he"]) {
            Some(Office::FocalPoint)
        } else if has(&["cap pho", "pho "]) || plain == "pho" {
            Some(Office::Deputy)
        } else if has(&[
            "dung dau",
            "cap truong",
            "chu tich",
            "giam doc",
            "truong ban",
            "chanh van phong",
            "thu truong",
        ]) || plain == "truong"
        {
            Some(Office::Head)
        } else {
            None
        }
    })
}

/// A title as letters address it: `Chủ tịch` becomes `Chủ tịch UBND xã Song Mai`.
pub(super) fn whole_title(title: &str, office: Office, unit: &Unit) -> String {
    let title = if title.is_empty() { usual_title(office, unit.kind.level()) } else { title };
    let plain = without_diacritics(&fold(title));
    let bare =
        ["chu tich", "pho chu tich", "giam doc", "pho giam doc", "truong ban", "pho truong ban", "chu tich ubnd"];
    if !bare.contains(&plain.as_str()) {
        return title.to_owned();
    }
    let authority = unit.authority();
    let title = if plain == "chu tich ubnd" { title.rsplit_once(' ').map_or(title, |(first, _)| first) } else { title };
    format!("{title} {authority}")
}

const fn usual_title(office: Office, level: Level) -> &'static str {
    match (office, level) {
        (Office::FocalPoint, _) => "Đầu mối",
        (Office::Head, Level::Department) => "Giám đốc",
        (Office::Deputy, Level::Department) => "Phó Giám đốc",
        (Office::Head, _) => "Chủ tịch",
        (Office::Deputy, _) => "Phó Chủ tịch",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Kind, Validity};

    fn unit(name: &str, kind: Kind) -> Unit {
        let (id, valid) = (UnitId::new("x"), Validity::default());
        Unit { id, code: "x".into(), name: name.into(), kind, parent: None, aliases: Vec::new(), valid }
    }

    #[test]
    fn offices_are_known_by_our_words_and_by_those_of_clerks() {
        for (text, expected) in [
            ("head", Some(Office::Head)),
            ("Người đứng đầu", Some(Office::Head)),
            ("Chủ tịch UBND xã", Some(Office::Head)),
            ("Phó Chủ tịch", Some(Office::Deputy)),
            ("PHÓ GIÁM ĐỐC", Some(Office::Deputy)),
            ("Đầu mối", Some(Office::FocalPoint)),
            ("Chuyên viên Văn phòng", Some(Office::FocalPoint)),
            ("Kế toán", None),
        ] {
            assert_eq!(office(text), expected, "{text}");
        }
    }

    #[test]
    fn a_bare_title_gets_its_unit() {
        let (commune, department) = (unit("Xã Song Mai", Kind::Commune), unit("Sở Công Thương", Kind::Department));
        for (title, office, unit, whole) in [
            ("Chủ tịch", Office::Head, &commune, "Chủ tịch UBND xã Song Mai"),
            ("Chủ tịch UBND", Office::Head, &commune, "Chủ tịch UBND xã Song Mai"),
            ("", Office::Deputy, &department, "Phó Giám đốc Sở Công Thương"),
            ("Chánh Văn phòng", Office::FocalPoint, &department, "Chánh Văn phòng"),
        ] {
            assert_eq!(whole_title(title, office, unit), whole);
        }
    }
}
