//! Ready-made pieces of a text: parts, loops, and conditions under which a passage is shown.

use tera::Value;

use super::palette::LOOPS;
use super::scenario::is_made_of;
use crate::message::job::Job;
use crate::message::roll_up::RollUp;
use crate::message::template::Templates;

/// A ready-made piece that can be put into a text, around what is marked there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is called.
    pub name: String,
    /// What stands before what is marked.
    pub before: String,
    /// What stands behind it.
    pub after: &'static str,
    /// Whether what is marked is shown only when something holds.
    pub is_condition: bool,
}

/// The parts that are shipped, in words.
const PARTS: [(&str, &str); 10] = [
    ("_figures.md", "Bảng chỉ tiêu chưa đạt"),
    ("_actions.md", "Việc cần làm"),
    ("_contact.md", "Đầu mối và đường dẫn trả lời"),
    ("_reply.md", "Đường dẫn trả lời"),
    ("_bases.md", "Căn cứ"),
    ("_subject.md", "Tiêu đề thường dùng"),
    ("_preheader.md", "Dòng tóm tắt"),
    ("_sms.md", "Dòng tin nhắn"),
    ("_digest_indicators.md", "Bảng tổng hợp chỉ tiêu"),
    ("_digest_rest.md", "Phần còn lại của bản tổng hợp"),
];

/// Under what a passage may be shown: what the letter must know at all, the name, and what must hold.
const CONDITIONS: [(&str, &str, &str); 11] = [
    ("step", "Chỉ hiện từ lần nhắc thứ 2", "step >= 2"),
    ("step", "Chỉ hiện từ lần nhắc thứ 3", "step >= 3"),
    ("step", "Chỉ hiện ở lần nhắc đầu", "step == 1"),
    ("contact", "Chỉ hiện khi có đầu mối", "contact"),
    ("link", "Chỉ hiện khi có đường dẫn trả lời", "link"),
    ("bases", "Chỉ hiện khi có văn bản làm căn cứ", "bases"),
    ("actions", "Chỉ hiện khi có việc cần làm", "actions"),
    ("all_met", "Chỉ hiện khi mọi đơn vị đều đạt", "all_met"),
    ("all_met", "Chỉ hiện khi còn đơn vị chưa đạt", "not all_met"),
    ("compared_with", "Chỉ hiện khi có số liệu kỳ trước để so", "compared_with"),
    ("promises", "Chỉ hiện khi có lời hẹn chưa thực hiện", "promises"),
];

/// Pieces for the letter that `job` writes: the parts of `templates` that such letters have, loops and conditions.
pub(super) fn blocks(templates: &Templates, name: &str, job: &Job) -> Vec<Block> {
    let of_roll_ups = RollUp::TEMPLATES.contains(&job.template.as_str());
    let fits = |part: &str| {
        if of_roll_ups { is_made_of(templates, &job.template, part) } else { !part.starts_with("_digest") }
    };
    let parts = PARTS.iter().filter(|(part, _)| *part != name && templates.source(part).is_some() && fits(part));
    let mut blocks: Vec<Block> = parts
        .map(|(part, words)| Block {
            name: (*words).to_owned(),
            before: format!("{{% include \"{part}\" %}}"),
            after: "",
            is_condition: false,
        })
        .collect();
    let Ok(context) = job.words.fields() else { return blocks };
    let lists = |list: &str| context.get(list).is_some_and(Value::is_array);
    blocks.extend(LOOPS.iter().filter(|(_, list, _)| lists(list)).map(|(element, list, words)| Block {
        name: (*words).to_owned(),
        before: format!("{{% for {element} in {list} %}}"),
        after: "{% endfor %}",
        is_condition: false,
    }));
    let at_hand = CONDITIONS.iter().filter(|(root, ..)| context.get(root).is_some());
    blocks.extend(at_hand.map(|(_, words, condition)| Block {
        name: (*words).to_owned(),
        before: format!("{{% if {condition} %}}"),
        after: "{% endif %}",
        is_condition: true,
    }));
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_of_the_kind_of_letter_and_never_the_part_itself() {
        let templates = Templates::built_in();
        let of = |name: &str| {
            let job = templates.trials().into_iter().find(|job| job.template == name).unwrap();
            let all = blocks(&templates, "_bases.md", &job).into_iter().map(|block| block.before).collect::<Vec<_>>();
            all.join("\n")
        };
        let reminder = of("commune_first.md");
        assert!(reminder.contains("_figures.md") && reminder.contains("for indicator in indicators"), "{reminder}");
        assert!(!reminder.contains("_digest_") && !reminder.contains("_bases.md"), "{reminder}");
        assert!(of("leaders_sheet.md").contains("_digest_indicators.md"));
    }

    #[test]
    fn each_condition_is_offered_where_the_letter_knows_it_and_is_a_condition_there() {
        let templates = Templates::built_in();
        let offered = |name: &str| -> Vec<String> {
            let job = templates.trials().into_iter().find(|job| job.template == name).unwrap();
            let blocks = blocks(&templates, name, &job).into_iter().filter(|block| block.is_condition);
            blocks.map(|block| block.before).collect()
        };
        let (reminder, sheet) = (offered("commune_first.md"), offered("leaders_sheet.md"));
        assert!(reminder.contains(&"{% if step >= 2 %}".to_owned()) && reminder.len() == 7, "{reminder:?}");
        assert!(sheet.contains(&"{% if not all_met %}".to_owned()) && sheet.len() == 5, "{sheet:?}");
        for (name, conditions) in [("commune_first.md", reminder), ("leaders_sheet.md", sheet)] {
            let mut wrapped = templates.clone();
            let source = templates.source(name).unwrap();
            let passages =
                conditions.iter().map(|before| format!("{before}x{{% endif %}}")).collect::<Vec<_>>().concat();
            wrapped.overlay(name, &format!("{source}{passages}"));
            assert_eq!(wrapped.check(), [], "{name}");
        }
    }
}
