//! A template with a mistake costs nobody a message.

use super::{UNITS, each, entries, ledger, plan, round, says, word};
use crate::support::project::{Plan, Project};

const SHIPPED: &str = include_str!("../../../templates/messages/commune_first.md");

#[test]
fn an_unknown_field_in_a_template_sends_the_built_in_text_and_tells_the_admins() {
    let extra = "[messages]\nfolder = \"mau\"\n[alerts]\nto = [\"admin@tinh.example\"]\n".to_owned();
    let project = Project::new(&Plan { extra, ..plan() });
    project.write("mau/commune_first.md", &SHIPPED.replace("{{ recipient.title }}", "{{ recipient.titel }}"));

    let checked = project.run(&["check"]);
    assert_eq!(checked.code, 3);
    says(&checked, &["commune_first.md:16:33: error: ", "`titel`", "remedy: ", "`title`"]);

    let done = round(&project);
    assert_eq!(done.code, 0, "{}", done.err);
    says(&done, &["template `commune_first.md`, line 16, column 33", "the built-in text was used instead", "remedy: "]);
    assert_eq!(done.err.matches("column 33").count(), 1, "one mistake is told once, not once per recipient");
    let mut expected = each(0..UNITS, "sent");
    expected.insert(String::new(), vec!["sent".to_owned()]);
    assert_eq!(ledger(&project), expected);

    for entry in entries(&project) {
        let shown = project.run(&["outbox", "show", &word(&entry["id"])]);
        if entry["unit_code"] == "" {
            says(
                &shown,
                &["cần kiểm tra", "template `commune_first.md`, line 16, column 33", "remedy: correct the template"],
            );
        } else {
            says(&shown, &["Kính gửi: Đồng chí Chủ tịch UBND xã Số", "40/200", "Trân trọng./."]);
            assert!(!shown.out.contains("{{"), "{}", shown.out);
        }
    }

    project.write("mau/commune_first.md", SHIPPED);
    assert_eq!(round(&project).code, 0);
    assert_eq!(ledger(&project), expected, "whoever got the built-in text is not written to again");
}

#[test]
fn a_folder_of_templates_that_is_not_there_stops_the_start_with_a_remedy() {
    let extra = "[messages]\nfolder = \"mau\"\n".to_owned();
    let project = Project::new(&Plan { extra, ..plan() });
    for command in [&["run"][..], &["check"]] {
        let done = project.run(command);
        assert_eq!(done.code, 3, "{command:?}: {}", done.err);
        says(&done, &[&project.path("mau").display().to_string(), "remedy: ", "[messages] folder"]);
    }
    std::fs::create_dir(project.path("mau")).unwrap();
    assert_eq!(round(&project).code, 0);
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
}
