//! `dondoc catalog unit`: units merge, split, get another name, end and begin by command, and it is taken back.

use crate::support::project::{Plan, Project};

const FROM: [&str; 2] = ["--from", "2031-01-01"];

fn project() -> Project {
    let project = Project::new(&Plan { units: 3, ..Plan::default() });
    assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
    project
}

/// The files of the catalog as it is.
fn exported(project: &Project, folder: &str) -> [String; 2] {
    assert_eq!(project.run(&["catalog", "export", folder]).code, 0);
    ["units.csv", "contacts.csv"].map(|file| project.read(&format!("{folder}/{file}")))
}

#[test]
fn two_communes_merge_by_command_after_a_look_at_what_it_changes_and_it_is_taken_back() {
    let project = project();
    let before = exported(&project, "before");
    let basis = ["--basis", "Nghị quyết số 12/NQ-HĐND"];
    let new = ["--new", "X000009:xa:Xã Sông Mới"];
    let merge = [&["catalog", "unit", "merge", "X000001", "X000002"][..], &new[..], &FROM[..], &basis[..]].concat();

    let tried = project.run(&[&merge[..], &["--dry-run"]].concat());
    assert_eq!(tried.code, 0, "{}", tried.err);
    for line in [
        "- Xã Số 1 (X000001) ends on 2030-12-31",
        "- Xã Số 2 (X000002) ends on 2030-12-31",
        "+ Xã Sông Mới (X000009) begins on 2031-01-01",
        "for Xã Sông Mới (X000009): nobody receives yet: add a head",
    ] {
        assert!(tried.out.contains(line), "{line}: {}", tried.out);
    }
    assert_eq!(exported(&project, "tried"), before, "a look writes nothing");

    let done = project.run(&[&merge[..], &["--yes"]].concat());
    assert_eq!(done.code, 0, "{}", done.err);
    let again = project.run(&[&merge[..], &["--yes"]].concat());
    assert!(again.code == 3 && again.err.contains("remedy:"), "{} {}", again.code, again.err);
    let list = project.run(&["catalog", "unit", "list", "--format", "json"]).json();
    let seen = (&list[0]["kind"], &list[0]["from"], &list[0]["state"], &list[0]["basis"]);
    assert_eq!(seen, (&"merge".into(), &"2031-01-01".into(), &"written".into(), &basis[1].into()), "{list}");
    let after = exported(&project, "after");
    assert!(after[0].contains("X000009,Xã Sông Mới,xa,24,2031-01-01"), "{}", after[0]);
    assert!(project.read("after/succession.csv").contains(basis[1]));

    let undone = project.run(&["catalog", "unit", "undo"]);
    assert_eq!(undone.code, 0, "{}", undone.err);
    assert_eq!(exported(&project, "undone"), before, "byte for byte");
    let nothing = project.run(&["catalog", "unit", "undo"]);
    assert!(nothing.code == 2 && nothing.err.contains("remedy:"), "{} {}", nothing.code, nothing.err);
    let log = project.run(&["audit", "list", "--format", "csv"]).out;
    assert!(log.contains("units_reformed") && log.contains("units_reform_undone"), "{log}");
}

#[test]
fn a_unit_is_renamed_another_begins_and_what_cannot_be_is_refused_with_a_remedy() {
    let project = project();
    let unit = |words: &[&str]| project.run(&[&["catalog", "unit"][..], words, &FROM[..], &["--yes"]].concat());
    let renamed = unit(&["rename", "X000002", "--name", "Phường Số 2", "--kind", "phuong"]);
    assert_eq!(renamed.code, 0, "{}", renamed.err);
    assert!(renamed.out.contains("~ Xã Số 2 (X000002) is Phường Số 2 (X000002) from 2031-01-01 on"), "{}", renamed.out);
    let added = unit(&["add", "SDTTG:so:Sở Dân tộc và Tôn giáo"]);
    assert_eq!(added.code, 0, "{}", added.err);
    let units = &exported(&project, "out")[0];
    assert!(units.contains("SDTTG,Sở Dân tộc và Tôn giáo,so,24,2031-01-01"), "{units}");
    for (words, code, said) in [
        (&["end", "X999999"][..], 2, "no unit has the code `X999999`"),
        (&["add", "X000001:xa:Xã Khác"], 3, "the code `X000001` is that of Xã Số 1 then"),
        (&["add", "X000010:xom:Xóm Mới"], 2, "`xom` is no kind of unit"),
        (&["add", "X000010"], 2, "write CODE:KIND:NAME"),
        (&["merge", "X000001", "--new", "X000011:xa:Xã Mới"], 3, "a merger needs two units or more"),
        (&["end", "24"], 3, "the province itself is neither merged nor ended"),
    ] {
        let refused = unit(words);
        assert_eq!(refused.code, code, "{words:?}: {}", refused.err);
        assert!(refused.err.contains(said) && refused.err.contains("remedy:"), "{words:?}: {}", refused.err);
    }
}
