//! A template with a mistake costs nobody a message.

use serde_json::Value;

use super::{UNITS, each, entries, ledger, plan, round, says, word};
use crate::support::databases::postgres_url;
use crate::support::project::{Done, Plan, Project};

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

/// The draft of `commune_first` is `text`.
fn save(project: &Project, text: &str) {
    project.write("moi.md", text);
    let saved = project.run(&["template", "draft", "commune_first", "--from", "moi.md", "--by", "Lan"]);
    assert_eq!(saved.code, 0, "{}", saved.err);
}

fn publish(project: &Project) -> Done {
    project.run(&["template", "publish", "commune_first", "--by", "Hoa", "--note", "theo góp ý"])
}

async fn on_both_engines(extra: &str, tried: impl Fn(&Project)) {
    for database in ["sqlite:dondoc.db".to_owned(), postgres_url().await] {
        tried(&Project::new(&Plan { database, extra: extra.to_owned(), ..plan() }));
    }
}

#[test]
fn a_broken_draft_is_refused_with_line_and_column_and_changes_nothing() {
    let project = Project::new(&plan());
    let broken = [
        ("{{ recipient.title }}", "{{ recipient.titel }}", "16:33", "Không có trường `titel`."),
        ("{% endif %}{{ sender.name }}", "{{ sender.name }}", "37:1", "Mẫu viết chưa đúng"),
        (
            "subject = '",
            "subject = 'Rất dài để không điện thoại nào hiện hết tiêu đề này cho người nhận: ",
            "2:11",
            "dài",
        ),
        ("{% include \"_sms.md\" %}", "Xem https://tinh.example", "4:1", "Dòng SMS chưa dùng được"),
    ];
    for (from, to, place, said) in broken {
        save(&project, &SHIPPED.replace(from, to));
        let checked = project.run(&["template", "check", "commune_first", "--format", "json"]);
        assert_eq!(checked.code, 3, "{}", checked.err);
        assert_eq!(checked.json()["passes"], false);
        let found = &checked.json()["found"][0];
        assert_eq!(format!("{}:{}", found["line"], found["column"]), place, "{found}");
        assert!(word(&found["problem"]).contains(said), "{found}");
        let refused = publish(&project);
        assert_eq!(refused.code, 3, "{}", refused.err);
        says(&refused, &[&format!("commune_first.md:{place}: "), "nothing was published", "remedy: correct it"]);
    }
    says(&project.run(&["template", "history", "commune_first"]), &["has no revision: its original is in force"]);
    assert_eq!(round(&project).code, 0);
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
}

#[test]
fn a_subject_that_is_too_long_for_one_unit_is_found_by_trying_them_all() {
    let project = Project::new(&plan());
    assert_eq!(round(&project).code, 0);
    let long = "{% if unit.code == \"X000001\" %}Tiêu đề này chỉ dài quá mức với một xã: {% endif %}";
    save(&project, &SHIPPED.replace("subject = '", &format!("subject = '{long}")));
    let checked = project.run(&["template", "check", "commune_first", "--format", "json"]);
    assert_eq!(checked.code, 3, "{}", checked.err);
    let found = checked.json()["found"].as_array().unwrap().clone();
    let of = |found: &Value| (word(&found["scenario"]), word(&found["unit"]), word(&found["name"]));
    let expected = ["first", "no_contact", "longest_name"]
        .map(|scenario| (scenario.to_owned(), "X000001".to_owned(), "Xã Số 1".to_owned()));
    assert_eq!(found.iter().map(of).collect::<Vec<_>>(), expected);
    assert_eq!((&checked.json()["letters"], &checked.json()["units"]), (&9.into(), &3.into()));
    let refused = publish(&project);
    says(&refused, &["X000001 Xã Số 1 (first): commune_first.md:", "Tiêu đề dài "]);
    // A part is tried through the letters that it is in, and the frame through all.
    project.write("moi.md", "{{ contact.nobody }}");
    assert_eq!(project.run(&["template", "draft", "_contact", "--from", "moi.md"]).code, 0);
    let checked = project.run(&["template", "check", "_contact"]);
    assert_eq!(checked.code, 3);
    says(&checked, &["_contact.md: Không có trường `nobody`."]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_makes_the_next_round_wait_for_a_second_person_and_old_words_do_not() {
    on_both_engines("", |project| {
        project.edit("config.toml", "approval = \"never\"", "approval = \"first_and_changes\"");
        assert_eq!(round(project).code, 8);
        assert_eq!(project.run(&["approve", "--yes", "--by", "Hoa"]).code, 0);
        save(project, &SHIPPED.replace("thông báo kết quả", "thông báo {{ figures }} kết quả"));
        let published = publish(project);
        assert_eq!(published.code, 0, "{}", published.err);
        says(
            &published,
            &[
                "revision 1 of `commune_first.md` is in force",
                "fields added: none; removed: none",
                "the next round waits for a second person",
            ],
        );
        let later = project.run(&["run", "--as-of", "2022-11-14"]);
        assert_eq!(later.code, 8, "{}", later.err);
        says(&later, &["targets, mapping, templates or sources changed since the last approved round"]);
        assert_eq!(project.run(&["approve", "--yes", "--by", "Hoa"]).code, 0);

        let restored = project.run(&["template", "restore", "commune_first", "--revision", "original", "--by", "Hoa"]);
        assert_eq!(restored.code, 0, "{}", restored.err);
        says(&restored, &["revision 2 of `commune_first.md` is in force"]);
        assert!(!restored.err.contains("second person"), "those words were approved before");
        let after = project.run(&["run", "--as-of", "2022-11-28"]);
        assert!(!after.err.contains("changed since") && !after.out.contains("changed since"), "{}", after.err);

        let deeds = project.run(&["audit", "list", "--format", "json"]).json();
        let of_templates =
            deeds.as_array().unwrap().iter().filter(|deed| deed["subject"] == "template/commune_first.md");
        let told: Vec<String> = of_templates.map(|deed| word(&deed["detail"])).collect();
        assert_eq!(told, ["revision 2 restores the original", "revision 1 of draft 1", "draft 1"]);
        assert_eq!(project.run(&["audit", "verify"]).code, 0);
    })
    .await;
}

#[test]
fn history_list_show_and_diff_tell_what_is_in_force_and_what_it_was() {
    let extra = "[messages]\nfolder = \"mau\"\n".to_owned();
    let project = Project::new(&Plan { extra, ..plan() });
    project.write("mau/commune_first.md", SHIPPED);
    save(&project, &SHIPPED.replace("Trân trọng", "{{ recipient.person }} Trân trọng"));
    save(
        &project,
        &SHIPPED.replace("Trân trọng", "{% if recipient.person %}{{ recipient.person }}{% endif %} Kính chào"),
    );
    let diff = project.run(&["template", "diff", "commune_first"]);
    says(&diff, &["[-Trân-]", "{+Kính chào./.+}"]);
    assert!(!diff.out.contains("Kính gửi"), "{}", diff.out);
    let done = publish(&project);
    assert_eq!(done.code, 0, "{}", done.err);
    says(&done, &["fields added: recipient.person; removed: none", "it was tried with the samples alone"]);
    assert_eq!(publish(&project).code, 2, "there is no draft any more");

    let row = |project: &Project| {
        let list = project.run(&["template", "list", "--format", "json"]).json();
        list.as_array().unwrap().iter().find(|row| row["template"] == "commune_first.md").unwrap().clone()
    };
    let listed = row(&project);
    assert_eq!((&listed["text"], &listed["revision"]), (&"revision".into(), &1.into()));
    assert_eq!(
        (&listed["published_by"], &listed["original"], &listed["draft"]),
        (&"Hoa".into(), &"same".into(), &serde_json::Value::Null)
    );
    project.edit("mau/commune_first.md", "Trân trọng", "Kính thư");
    assert_eq!(row(&project)["original"], "changed");
    assert!(project.run(&["template", "show", "commune_first"]).out.contains("Kính chào"));
    assert!(project.run(&["template", "show", "commune_first", "--revision", "0"]).out.contains("Kính thư"));
    assert_eq!(project.run(&["template", "show", "commune_first", "--revision", "7"]).code, 2);
    says(
        &project.run(&["template", "history", "commune_first", "--format", "csv"]),
        &["1,", ",Hoa,theo góp ý,draft 2,changed,"],
    );

    save(&project, SHIPPED);
    let discarded = project.run(&["template", "discard", "commune_first"]);
    says(&discarded, &["draft 3 of `commune_first.md` is discarded"]);
    assert_eq!(project.run(&["template", "discard", "commune_first"]).code, 2);
    assert_eq!(project.run(&["template", "draft", "nobody", "--from", "moi.md"]).code, 2);
    let check = project.run(&["check"]);
    assert_eq!(check.code, 0, "{}", check.out);
}
