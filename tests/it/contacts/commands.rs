//! `dondoc catalog contacts`: the same as on the pages, by command.

use super::{book, fill};
use crate::support::project::{Plan, Project};

fn project() -> Project {
    let project = Project::new(&Plan { units: 3, ..Plan::default() });
    assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
    project
}

fn bring(project: &Project, rows: &[&[&str]]) {
    let bytes = book(|sheet| {
        fill(sheet, 0, &[&["Nơi nhận", "Chức vụ", "Email"]]);
        fill(sheet, 1, rows);
    });
    std::fs::write(project.path("danh-ba.xlsx"), bytes).expect("a file");
}

#[test]
fn a_sheet_is_tried_mended_written_and_taken_back_by_commands() {
    let project = project();
    bring(&project, &[&["Xã Số 1", "Chủ tịch", "moi@gmail,com"], &["Xã Số 2", "Phó Chủ tịch", "pho@xa2.example"]]);
    let import = ["catalog", "contacts", "import", "danh-ba.xlsx"];
    let unknown = project.run(&import);
    assert_eq!(unknown.code, 3, "{}", unknown.err);
    assert!(
        unknown.err.contains("Choose the column with the code or name") && unknown.err.contains("Nơi nhận"),
        "{}",
        unknown.err
    );

    let column = ["--column", "Nơi nhận=unit_name"];
    let wrong = project.run(&[&import[..], &column].concat());
    assert_eq!(wrong.code, 3, "{}", wrong.err);
    assert!(wrong.err.contains("error: C2:") && wrong.err.contains("has a comma"), "{}", wrong.err);
    assert!(wrong.err.contains("nothing was imported"), "{}", wrong.err);

    let tried = project.run(&[&import[..], &column, &["--mend", "--dry-run", "--marked", "loi.xlsx"]].concat());
    assert_eq!(tried.code, 0, "{}", tried.err);
    assert!(tried.out.contains("~ X000001 head: email") && tried.out.contains("+ X000002 deputy"), "{}", tried.out);
    assert!(tried.out.contains("1 added, 1 changed, 0 ended"), "{}", tried.out);
    assert!(project.path("loi.xlsx").exists());

    let done = project.run(&[&import[..], &column, &["--mend", "--yes"]].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    let known = project.run(&[&import[..], &["--mend", "--yes"]].concat());
    assert_eq!(known.code, 0, "the heading is remembered: {}", known.err);
    assert!(known.out.contains("0 added, 0 changed, 0 ended, 2 unchanged"), "{}", known.out);
    let list = project.run(&["catalog", "contacts", "imports", "--format", "json"]).json();
    assert_eq!((&list[0]["state"], &list[0]["added"]), (&"written".into(), &1.into()), "{list}");

    let undone = project.run(&["catalog", "contacts", "undo"]);
    assert_eq!(undone.code, 0, "{}", undone.err);
    assert_eq!(project.run(&["catalog", "export", "out"]).code, 0);
    assert_eq!(project.read("out/contacts.csv"), project.read("pack/contacts.csv"), "byte for byte");
    let again = project.run(&["catalog", "contacts", "undo"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("remedy:"), "{}", again.err);
    let log = project.run(&["audit", "list", "--format", "csv"]).out;
    assert!(log.contains("contacts_imported") && log.contains("contacts_import_undone"), "{log}");
}

#[test]
fn the_list_and_the_empty_sheet_are_written_as_files() {
    let project = project();
    for (command, file) in [("export", "danh-ba.xlsx"), ("template", "mau.xlsx")] {
        let done = project.run(&["catalog", "contacts", command, file]);
        assert_eq!(done.code, 0, "{}", done.err);
        assert!(std::fs::read(project.path(file)).expect("a file").starts_with(b"PK"), "{file}");
    }
    let same = project.run(&["catalog", "contacts", "import", "danh-ba.xlsx", "--whole", "--dry-run"]);
    assert_eq!(same.code, 0, "{}", same.err);
    assert!(same.out.contains("0 added, 0 changed, 0 ended"), "{}", same.out);
}
