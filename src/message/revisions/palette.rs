//! What a template may name, in words, with the value that it has in one letter.

use tera::Value;

use crate::message::job::{Job, Words};

/// A field that can be put into a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it belongs to.
    pub group: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What is put into the text: `{{ unit.name }}`.
    pub code: String,
    /// What it is in the letter at hand; of a list the first one's; empty where it is missing.
    pub value: String,
}

/// A group, then of each of its fields path and name. Paths through lists are written as the loop around them calls the
/// element; [`LOOPS`] says of which list it is.
type Group = (&'static str, &'static [(&'static str, &'static str)]);

const SENDER: Group = (
    "Cơ quan gửi",
    &[
        ("sender.name", "Tên cơ quan gửi"),
        ("sender.sms_name", "Tên cơ quan gửi trong tin nhắn"),
        ("sender.occasion", "Văn bản làm cơ sở đôn đốc"),
    ],
);
const RECIPIENT: Group =
    ("Người nhận", &[("recipient.title", "Chức danh người nhận"), ("recipient.person", "Họ tên người nhận")]);
const CONTACT: Group = (
    "Đầu mối liên hệ",
    &[
        ("contact.title", "Chức danh đầu mối"),
        ("contact.person", "Họ tên đầu mối"),
        ("contact.phone", "Số điện thoại đầu mối"),
    ],
);

const REMINDER: [Group; 8] = [
    RECIPIENT,
    (
        "Đơn vị",
        &[
            ("unit.name", "Tên đơn vị"),
            ("unit.authority", "Tên cơ quan của đơn vị"),
            ("unit.short", "Tên cơ quan viết gọn"),
            ("unit.district", "Huyện, thành phố"),
            ("unit.code", "Mã đơn vị"),
            ("indicator_count", "Số chỉ tiêu nêu trong thư"),
        ],
    ),
    (
        "Kỳ số liệu và lần nhắc",
        &[
            ("as_of", "Ngày cuối của số liệu"),
            ("as_of_short", "Ngày cuối của số liệu, không ghi năm"),
            ("year_from", "Ngày đầu của số liệu"),
            ("figures", "Mã số liệu"),
            ("step", "Lần nhắc thứ mấy"),
            ("previous", "Ngày nhắc lần trước"),
        ],
    ),
    (
        "Chỉ tiêu (trong khối “Lặp theo từng chỉ tiêu”)",
        &[
            ("indicator.name", "Tên chỉ tiêu"),
            ("indicator.short_name", "Tên chỉ tiêu viết gọn"),
            ("indicator.numerator", "Số đã đạt"),
            ("indicator.denominator", "Tổng số"),
            ("indicator.rate", "Tỷ lệ"),
            ("indicator.target", "Mức phải đạt"),
            ("indicator.missing", "Còn thiếu"),
            ("indicator.counted", "Đơn vị tính (hồ sơ, giao dịch…)"),
            ("indicator.demand_word", "Chỉ tiêu hay yêu cầu"),
            ("indicator.cause", "Nguyên nhân"),
            ("indicator.action", "Việc cần làm"),
            ("indicator.role", "Bộ phận chủ trì"),
            ("indicator.reach", "Khả năng hoàn thành trong năm"),
            ("indicator.trend", "Xu hướng các tháng gần đây"),
        ],
    ),
    (
        "Việc cần làm (trong khối “Lặp theo từng việc”)",
        &[("assignment.action", "Việc cần làm"), ("assignment.role", "Bộ phận chủ trì")],
    ),
    ("Căn cứ (trong khối “Lặp theo từng căn cứ”)", &[("basis.number", "Số thứ tự"), ("basis.text", "Tên văn bản")]),
    CONTACT,
    SENDER,
];

const DIGEST: [Group; 7] = [
    RECIPIENT,
    (
        "Phạm vi",
        &[
            ("scope", "Phạm vi tổng hợp"),
            ("scope_short", "Phạm vi viết gọn"),
            ("units", "Số đơn vị được đánh giá"),
            ("below", "Số đơn vị chưa đạt"),
        ],
    ),
    (
        "Kỳ số liệu",
        &[
            ("as_of", "Ngày cuối của số liệu"),
            ("as_of_short", "Ngày cuối của số liệu, không ghi năm"),
            ("year_from", "Ngày đầu của số liệu"),
            ("compared_with", "Ngày cuối của số liệu đem so"),
            ("figures", "Mã số liệu"),
        ],
    ),
    (
        "Chỉ tiêu (trong khối “Lặp theo từng chỉ tiêu”)",
        &[
            ("indicator.name", "Tên chỉ tiêu"),
            ("indicator.short_name", "Tên chỉ tiêu viết gọn"),
            ("indicator.figure", "Số đã đạt trên tổng số"),
            ("indicator.rate", "Tỷ lệ"),
            ("indicator.target", "Mức phải đạt"),
            ("indicator.change", "Thay đổi so với kỳ trước, điểm"),
            ("indicator.assessed", "Số đơn vị được đánh giá"),
            ("indicator.below_count", "Số đơn vị chưa đạt"),
        ],
    ),
    (
        "Hẹn chưa thực hiện (trong khối “Lặp theo từng lời hẹn”)",
        &[
            ("promise.name", "Tên đơn vị"),
            ("promise.indicator", "Chỉ tiêu đã hẹn"),
            ("promise.promised_for", "Ngày đã hẹn"),
        ],
    ),
    CONTACT,
    SENDER,
];

const CORRECTION: [Group; 5] = [
    RECIPIENT,
    (
        "Thư được đính chính",
        &[
            ("who", "Đơn vị được đính chính"),
            ("letter_on", "Ngày gửi thư trước"),
            ("as_of", "Ngày cuối của số liệu"),
            ("figures", "Mã số liệu đúng"),
        ],
    ),
    ("Đơn vị (trong khối “Lặp theo từng đơn vị”)", &[("unit.name", "Tên đơn vị"), ("unit.authority", "Tên cơ quan")]),
    CONTACT,
    SENDER,
];

const NOTE: [Group; 3] = [
    ("Ngày và số việc", &[("as_of", "Ngày"), ("item_count", "Số việc cần xử lý")]),
    (
        "Việc (trong khối “Lặp theo từng việc”)",
        &[("item.text", "Nội dung việc"), ("item.remedy", "Cách xử lý"), ("item.left_out", "Số mục không liệt kê")],
    ),
    SENDER,
];

/// What a loop calls an element, the list that it runs over, and the name of the block that loops.
pub(super) const LOOPS: [(&str, &str, &str); 6] = [
    ("indicator", "indicators", "Lặp theo từng chỉ tiêu"),
    ("assignment", "assignments", "Lặp theo từng việc"),
    ("basis", "bases", "Lặp theo từng căn cứ"),
    ("promise", "promises", "Lặp theo từng lời hẹn"),
    ("unit", "units", "Lặp theo từng đơn vị"),
    ("item", "items", "Lặp theo từng việc"),
];

fn groups(words: &Words) -> &'static [Group] {
    match words {
        Words::Reminder(_) => &REMINDER,
        Words::Digest(_) => &DIGEST,
        Words::Correction(_) => &CORRECTION,
        Words::Note(_) => &NOTE,
    }
}

/// The fields of the letter that `job` writes.
pub(super) fn fields(job: &Job) -> Vec<Field> {
    let Ok(context) = job.words.fields() else { return Vec::new() };
    let groups = groups(&job.words).iter();
    let named = groups.flat_map(|(group, fields)| fields.iter().map(move |(path, name)| (*group, *path, *name)));
    named
        .map(|(group, path, name)| Field {
            group,
            name,
            code: format!("{{{{ {path} }}}}"),
            value: value(&context, path).unwrap_or_default(),
        })
        .collect()
}

/// What stands at `path`: at the root, or in the first element of the list whose loop calls it so.
fn value(context: &tera::Context, path: &str) -> Option<String> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let root = if let Some(root) = context.get(first) {
        root
    } else {
        let (_, list, _) = LOOPS.iter().find(|(element, ..)| *element == first)?;
        context.get(list)?.as_array()?.first()?
    };
    let found: &Value = match rest {
        Some(rest) => root.get_from_path(rest)?,
        None => root,
    };
    (!found.is_none() && !found.is_map() && !found.is_array()).then(|| found.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::template::Templates;

    #[test]
    fn every_field_of_the_palette_has_a_value_in_some_sample() {
        let templates = Templates::built_in();
        let mut seen: Vec<(Field, bool)> = Vec::new();
        for field in templates.trials().iter().flat_map(fields) {
            match seen.iter_mut().find(|(known, _)| (known.group, known.name) == (field.group, field.name)) {
                Some((_, valued)) => *valued |= !field.value.is_empty(),
                None => seen.push((field.clone(), !field.value.is_empty())),
            }
        }
        assert!(seen.len() > 60, "{}", seen.len());
        let empty: Vec<&Field> = seen.iter().filter(|(_, valued)| !valued).map(|(field, _)| field).collect();
        assert_eq!(empty, Vec::<&Field>::new());
    }
}
