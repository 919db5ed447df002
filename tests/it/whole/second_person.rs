//! What a second person sees before saying yes, and who that may be.

use serde_json::{Value, json};

use super::{DAY, UNITS, each, entries, ledger, plan, round, says, word};
use crate::support::databases::postgres_url;
use crate::support::project::{Done, Plan, Project, code, figures};

/// The day after, on which nobody is reminded again but those who fell below since.
const NEXT_DAY: &str = "2022-11-01";
/// Two weeks later everybody is.
const LATER: &str = "2022-11-14";

fn asking(database: &str) -> Project {
    let all = "[quality]\nmax_total_fall_percent = 100\nmax_unit_fall_percent = 100\nmax_total_jump_percent = 1000000\n\
               max_unit_jump_percent = 1000000\n";
    let plan = Plan { units: 13, database: database.to_owned(), extra: all.to_owned(), ..plan() };
    let project = Project::new(&plan);
    project.edit("config.toml", "approval = \"never\"", "approval = \"always\"");
    project
}

/// Figures of which the first `good` units are on target, and all others have filed `online` of 200 online.
fn with_good(good: usize, units: usize, online: u32) -> String {
    let on_target = |number: usize| {
        let counts = "100,80,95,95,60,50,5,1,1";
        format!("2022-10,{0},1.000001,{counts}\n2022-10,{0},1.000002,{counts}\n", code(number))
    };
    let below = figures(units, online);
    let is_good = |line: &str| (0..good).any(|number| line.contains(&code(number)));
    let rest = below.lines().filter(|line| !is_good(line)).flat_map(|line| [line, "\n"]).collect::<String>();
    format!("{rest}{}", (0..good).map(on_target).collect::<String>())
}

fn approve(project: &Project, arguments: &[&str]) -> Done {
    project.run(&[&["approve"], arguments].concat())
}

/// A batch that the next one stands beside.
fn let_through(project: &Project) {
    assert_eq!(project.run(&["run", "--as-of", DAY, "--by", "Lan"]).code, 8);
    let done = approve(project, &["--yes", "--by", "Hoa"]);
    assert_eq!(done.code, 0, "{}", done.err);
}

async fn on_both_engines(tried: impl Fn(&Project)) {
    for database in ["sqlite:dondoc.db".to_owned(), postgres_url().await] {
        tried(&asking(&database));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approver_sees_new_recipients_dropped_ones_and_figures_that_moved() {
    on_both_engines(|project| {
        // Two units are on target at first and fall below; one was below and is on target now; the rates of all others rise
        // by a tenth of what they were.
        project.write("figures.csv", &with_good(2, 13, 40));
        let_through(project);
        let mended = with_good(0, 13, 44);
        let is_last = |line: &&str| !line.contains(&code(12));
        let on_target = with_good(13, 13, 44);
        let rows = mended.lines().filter(is_last).chain(on_target.lines().filter(|line| line.contains(&code(12))));
        project.write("figures.csv", &rows.flat_map(|line| [line, "\n"]).collect::<String>());
        let held = project.run(&["run", "--as-of", NEXT_DAY, "--by", "Lan"]);
        assert_eq!(held.code, 8, "{}", held.err);

        let before = ledger(project);
        let shown = approve(project, &["--show"]);
        assert_eq!(shown.code, 0, "{}", shown.err);
        says(
            &shown,
            &[
                "composed by Lan",
                "new       2 recipient(s)",
                "dropped   11 recipient(s)",
                "3 unit(s) moved by more than 20 %",
            ],
        );
        says(
            &shown,
            &["X000000", "Xã Số 1", "Chủ tịch UBND xã Số 1 u***@xa1.example", "-> 3/185 (1.62 %), -98.38 points"],
        );
        assert_eq!(ledger(project), before, "looking changes nothing");

        let seen = approve(project, &["--show", "--format", "json"]).json();
        assert_eq!(
            (&seen["messages"], &seen["recipients"], &seen["composed_by"]),
            (&2.into(), &2.into(), &json!(["Lan"]))
        );
        let new: Vec<&Value> = seen["new"]["first"].as_array().unwrap().iter().map(|one| &one["unit_code"]).collect();
        assert_eq!(new, ["X000000", "X000001"]);
        assert_eq!(
            (&seen["dropped"]["count"], seen["dropped"]["first"].as_array().map(Vec::len)),
            (&11.into(), Some(10))
        );
        assert_eq!((&seen["moved"]["since"], &seen["moved"]["count"]), (&DAY.into(), &3.into()));
        let csv = approve(project, &["--show", "--format", "csv"]).out;
        assert!(csv.starts_with("what,unit_code,unit,detail\nnew,X000000,Xã Số 0,"), "{csv}");
    })
    .await;
}

#[test]
fn without_a_batch_before_everybody_is_new_and_a_small_move_is_shown_when_it_is_asked_for() {
    let project = asking("sqlite:dondoc.db");
    assert_eq!(round(&project).code, 8);
    says(
        &approve(&project, &["--show"]),
        &["13 recipient(s): no batch was let through before", "no earlier round of the year"],
    );
    let seen = approve(&project, &["--yes", "--format", "json"]);
    assert_eq!((seen.code, &seen.json()["is_first"], &seen.json()["moved"]), (0, &true.into(), &Value::Null));
    says(&seen, &["13 message(s) approved by admin"]);
    assert_eq!(approve(&project, &["--show", "--format", "json"]).json(), json!({"messages": 0}));

    project.write("figures.csv", &figures(13, 44));
    project.edit("config.toml", "[safety]\n", "[safety]\napproval_shows_moves_over_percent = 9\n");
    assert_eq!(project.run(&["run", "--as-of", LATER]).code, 8);
    says(
        &approve(&project, &["--show"]),
        &["13 unit(s) moved by more than 9 %", "40/200 (20.00 %) -> 44/200 (22.00 %), +2.00 points"],
    );
}

#[test]
fn a_recipient_at_another_address_is_new() {
    let project = asking("sqlite:dondoc.db");
    let_through(&project);
    assert_eq!(project.run(&["run", "--as-of", DAY]).code, 0);
    project.edit("pack/contacts.csv", "ubnd@xa1.example", "vanthu@xa1.example");
    assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
    assert_eq!(project.run(&["run", "--as-of", LATER]).code, 8);
    says(&approve(&project, &["--show"]), &["new       1 recipient(s)", "v***@xa1.example (another address)"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_approves_what_he_composed_himself() {
    on_both_engines(|project| {
        project.edit("config.toml", "[safety]\n", "[safety]\napprover_differs = true\n");
        assert_eq!(project.run(&["run", "--as-of", DAY, "--by", "Nguyễn Văn A"]).code, 8);
        let nobody = approve(project, &["--yes"]);
        assert_eq!(nobody.code, 8);
        says(&nobody, &["nobody approves without a name", "remedy: say who you are with --by"]);
        let himself = approve(project, &["--yes", "--by", "  nguyễn VĂN a "]);
        assert_eq!(himself.code, 8, "{}", himself.out);
        says(&himself, &["Nguyễn Văn A composed this batch and cannot approve it", "remedy: somebody else"]);
        assert_eq!(ledger(project), each(0..13, "held (approval)"));

        // Who makes the waiting messages say something else composed them too.
        project.write("figures.csv", &figures(13, 44));
        assert_eq!(project.run(&["run", "--as-of", DAY, "--by", "Trần Thị B"]).code, 8);
        for composer in ["Nguyễn Văn A", "Trần Thị B"] {
            assert_eq!(approve(project, &["--yes", "--by", composer]).code, 8, "{composer}");
        }
        assert_eq!(approve(project, &["--yes", "--by", "Lê Thị C"]).code, 0);
        assert_eq!(ledger(project), each(0..13, "ready"));
    })
    .await;
}

#[test]
fn the_composer_is_the_user_of_the_operating_system_unless_somebody_is_named() {
    let project = Project::new(&plan());
    project.edit("config.toml", "approval = \"never\"", "approval = \"always\"\napprover_differs = true");
    let run = |user: &str, day: &str| {
        let mut command = project.command(&["run", "--as-of", day]);
        for variable in ["USER", "LOGNAME", "USERNAME"] {
            command.env_remove(variable);
        }
        Done::of(command.env("USER", user).output().expect("the binary starts"))
    };
    let nobody = run("", DAY);
    assert_eq!(nobody.code, 2, "{}", nobody.err);
    says(&nobody, &["nobody is named who composes this", "remedy: say who you are with --by"]);
    assert_eq!(run("lan", DAY).code, 8);
    assert_eq!(approve(&project, &["--yes", "--by", "LAN"]).code, 8);
    assert_eq!(approve(&project, &["--yes", "--by", "hoa"]).code, 0);
    assert_eq!(ledger(&project), each(0..UNITS, "ready"));
    assert!(entries(&project).iter().all(|entry| word(&entry["state"]) == "ready"));
}
