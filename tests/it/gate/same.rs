//! The same figures give the same list (P26); the first round and changed footings wait for a person (P27); caps (P28).

use serde_json::Value;

use super::{DAY, held, project, reminders, run, says};
use crate::support::project::{Project, figures};

/// What somebody does between two rounds.
type Change = fn(&Project);

/// Everything a dry run decided, and from which bytes, without the id of the round.
fn list(project: &Project) -> String {
    let mut round = project.run(&["run", "--dry-run", "--as-of", DAY, "--format", "json", "--units"]).json();
    assert!(round.as_object_mut().and_then(|round| round.shift_remove("run_id")).is_some());
    serde_json::to_string(&round).unwrap()
}

fn texts(project: &Project) -> Vec<String> {
    let codes = ["X000000", "X000001", "X000002"];
    codes.iter().map(|code| project.run(&["preview", code, "--as-of", DAY, "--part", "json"]).out).collect()
}

#[test]
fn the_same_snapshot_gives_the_same_list_and_the_same_words_byte_for_byte() {
    let project = project(3);
    let (first, words) = (list(&project), texts(&project));
    assert_eq!(list(&project), first);
    assert_eq!(texts(&project), words);
    assert!(first.contains(&"remind".to_owned()) && words[0].contains("40/200"), "{first}");
    let round: Value = project.run(&["run", "--as-of", DAY, "--format", "json"]).json();
    let again: Value = project.run(&["run", "--as-of", DAY, "--format", "json"]).json();
    assert_eq!(round["snapshots"], again["snapshots"]);
    let sha256 = round["snapshots"][0]["sha256"].as_str().unwrap_or_default();
    assert_eq!(sha256.len(), 64);
    let code = sha256.split_at(8).0;
    for words in words {
        let message: Value = serde_json::from_str(&words).unwrap();
        assert_eq!(message["figures"], code, "every message names its snapshot");
        for part in ["text", "html"] {
            assert!(message[part].as_str().unwrap_or_default().contains(&format!("Mã số liệu: {code}.")), "{message}");
        }
    }
}

#[test]
fn the_first_round_and_every_changed_footing_wait_for_a_second_person() {
    let changes: [(&str, Change); 4] = [
        ("targets", |project| {
            project.edit("pack/targets.toml", "value = \"50\"", "value = \"60\"");
            assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
        }),
        ("mapping", |project| {
            project.edit(
                "config.toml",
                "[[schedule]]",
                "[source.columns]\nnumber_format = \"point_thousands\"\n[[schedule]]",
            );
        }),
        ("template", |project| {
            let shown = project.run(&["template", "show", "commune_first"]).out;
            project.write("mau/commune_first.md", &shown.replace("Trân trọng", "Trân trọng cảm ơn"));
            project.edit("config.toml", "[alerts]", "[messages]\nfolder = \"mau\"\n[alerts]");
        }),
        ("source", |project| {
            project.write("other.csv", &figures(3, 40));
            project.edit("config.toml", "path = \"figures.csv\"", "path = \"other.csv\"");
        }),
    ];
    for (what, change) in changes {
        let project = project(3);
        project.edit("config.toml", "approval = \"never\"", "approval = \"first_and_changes\"");
        says(&run(&project, DAY), &["held (approval): it is the first round"]);
        assert_eq!(project.run(&["approve", "--yes"]).code, 0);
        assert_eq!((run(&project, DAY).code, reminders(&project)), (0, 3));
        change(&project);
        let done = run(&project, "2022-11-07");
        assert_eq!(done.code, 8, "{what}: {}", done.err);
        says(&done, &["targets, mapping, templates or sources changed since the last approved round"]);
    }
}

#[test]
fn a_cell_without_end_is_not_read_into_memory() {
    let project = project(3);
    let endless = format!("2022-10,X000001,\"{}", "1.000001,".repeat(600_000));
    project.write("figures.csv", &(figures(3, 40) + &endless));
    held(&project, DAY, &["no row comes to an end within 4 MiB", "remedy: close the quotation mark"]);
}
