//! A configuration with mistakes: all of them at once, each with its place, and nothing done.

use super::{DAY, UNITS, each, ledger, plan, round, says};
use crate::support::project::Project;

/// What is written wrongly, and what is said about it: place, problem, remedy.
const MISTAKES: &[(&str, &str, [&str; 3])] = &[
    (
        "trial = false",
        "trial = \"no\"",
        ["config.toml:8:9: error: ", "`safety.trial` must be true or false", "trial = true"],
    ),
    (
        "approval = \"never\"",
        "approval = \"nver\"",
        ["config.toml:9:12: error: ", "`safety.approval`: \"nver\" is not allowed", "did you mean \"never\"?"],
    ),
    (
        "quiet_hours = \"\"",
        "quiet_huors = \"\"",
        ["config.toml:12:1: error: ", "unknown key `policy.quiet_huors`", "did you mean `quiet_hours`?"],
    ),
    (
        "kind = \"csv\"",
        "kind = \"cvs\"",
        ["config.toml:15:8: error: ", "`source.province.kind`: \"cvs\" is not allowed", "did you mean \"csv\"?"],
    ),
];

#[test]
fn mistakes_in_the_configuration_are_told_all_at_once_with_place_and_remedy() {
    let project = Project::new(&plan());
    for (right, wrong, _) in MISTAKES {
        project.edit("config.toml", right, wrong);
    }
    for command in [&["run", "--as-of", DAY][..], &["check"], &["report"]] {
        let done = project.run(command);
        assert_eq!(done.code, 3, "{command:?}");
        for (_, _, said) in MISTAKES {
            says(&done, said);
        }
        let told = format!("{}{}", done.out, done.err);
        let placed = told.lines().filter(|line| line.starts_with("config.toml:")).count();
        assert_eq!(placed, MISTAKES.len(), "each line begins with its place, as editors read it\n{told}");
    }
    assert!(!project.path("dondoc.db").exists(), "nothing was begun");

    for (right, wrong, _) in MISTAKES {
        project.edit("config.toml", wrong, right);
    }
    assert_eq!(round(&project).code, 0);
    assert_eq!(ledger(&project), each(0..UNITS, "sent"));
}

#[test]
fn a_file_that_is_no_toml_is_told_with_the_line_and_column_of_the_first_mistake() {
    let project = Project::new(&plan());
    project.edit("config.toml", "listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:0");
    let done = round(&project);
    assert_eq!(done.code, 3);
    says(&done, &["config.toml:6:", "remedy: "]);
}

#[test]
fn a_configuration_that_is_not_there_is_told_with_the_places_that_were_looked_at() {
    let project = Project::new(&plan());
    let done = project.run(&["run", "--config", "nowhere.toml"]);
    assert_eq!(done.code, 3, "{}", done.err);
    says(&done, &["nowhere.toml", "remedy: "]);
}

#[test]
fn a_channel_that_is_to_step_in_and_is_not_there_is_told_by_check_with_place_and_remedy() {
    let extra = "[delivery]\nfallback = [\"mailbox\", \"zalo\"]\n".to_owned();
    let project = Project::new(&crate::support::project::Plan { extra, ..plan() });
    let line = project.read("config.toml").lines().position(|line| line.starts_with("fallback")).expect("a line") + 1;
    let done = project.run(&["check"]);
    assert_eq!(done.code, 3, "{}", done.err);
    let place = format!("config.toml:{line}:");
    says(&done, &[&place, "`delivery.fallback` names the channel \"zalo\", and there is none", "name one of mailbox"]);
}
