//! Digests, sheets and notes as an office sends them: one per recipient and round, under the same locks as reminders.

use std::path::Path;

use serde_json::Value;

use super::{DAY, entries, plan, round, says, word};
use crate::support::project::{Plan, Project, code, figures};

/// Communes right below a province whose head receives.
fn province(extra: &str) -> Project {
    let project = Project::new(&Plan { extra: extra.to_owned(), ..plan() });
    let head = "24,head,,Chủ tịch UBND tỉnh Mẫu,chutich@tinh.example,,,,\n24,focal_point";
    project.edit("pack/contacts.csv", "24,focal_point", head);
    project
}

fn of_kind(project: &Project, kind: &str) -> Vec<Value> {
    entries(project).into_iter().filter(|entry| word(&entry["dedup_key"]).starts_with(kind)).collect()
}

fn states(project: &Project, kind: &str) -> Vec<String> {
    of_kind(project, kind).iter().map(|entry| word(&entry["state"])).collect()
}

/// Subject and text of an entry, without the ledger around them.
fn text(project: &Project, entry: &Value) -> String {
    let shown = project.run(&["outbox", "show", &word(&entry["id"])]).out;
    let words = shown.split_once("\n}\n\n").expect("the words").1;
    words.split("\nattempt ").next().expect("a text").trim_end().to_owned()
}

#[test]
fn the_sample_gives_each_district_one_digest_and_a_second_time_adds_nothing() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bac-giang-2022");
    let project =
        Project::new(&Plan { extra: "[digest]\nleaders = [\"lanhdao@tinh.example\"]\n".to_owned(), ..plan() });
    for file in ["units.csv", "contacts.csv"] {
        std::fs::copy(sample.join(file), project.path("pack").join(file)).unwrap();
    }
    std::fs::copy(sample.join("figures.csv"), project.path("figures.csv")).unwrap();
    for day in ["2022-09-30", DAY] {
        assert_eq!(project.run(&["run", "--as-of", day]).code, 0);
    }
    let first = project.run(&["digest", "--as-of", DAY, "--format", "json"]);
    assert_eq!(first.code, 0, "{}", first.err);
    assert_eq!((&first.json()["queued"], &first.json()["sent"]), (&11.into(), &11.into()));
    assert_eq!(first.json()["compared_with"], "2022-09-30");
    assert_eq!(project.run(&["digest", "--as-of", DAY, "--to", "leaders"]).code, 0);
    for to in ["superiors", "leaders"] {
        let again = project.run(&["digest", "--as-of", DAY, "--to", to, "--format", "json"]).json();
        assert_eq!((&again["queued"], &again["held"]), (&0.into(), &Value::Null), "{to}");
    }
    let digests = of_kind(&project, "digest/");
    assert_eq!(digests.len(), 12);
    assert!(digests.iter().all(|entry| entry["state"] == "sent" && !word(&entry["dedup_key"]).contains('@')));
    let district = digests.iter().find(|entry| entry["recipient"] == "216/head").expect("Tân Yên's digest");
    insta::assert_snapshot!("digest_of_a_district", text(&project, district));
    let leaders = digests.iter().find(|entry| word(&entry["recipient"]).starts_with("leader/")).expect("a sheet");
    insta::assert_snapshot!("sheet_for_the_leaders", text(&project, leaders));
    let effect = project.run(&["report", "--effect"]);
    insta::assert_snapshot!("effect_of_reminding", effect.out);
}

#[test]
fn a_dry_run_writes_and_stores_nothing_and_without_a_round_there_is_no_digest() {
    let project = province("");
    let none = project.run(&["digest", "--as-of", DAY]);
    assert_eq!(none.code, 2, "{}", none.err);
    says(&none, &["there is no finished round for 2022-10-31", "remedy: `dondoc run`"]);
    round(&project);
    let dry = project.run(&["digest", "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.err);
    says(&dry, &["UBND tỉnh Mẫu: 3/3 đơn vị chưa đạt", "1 would be written", "c***@tinh.example"]);
    assert!(of_kind(&project, "digest/").is_empty());
}

#[test]
fn nobody_below_is_told_only_to_those_who_want_to_hear_it() {
    let (quiet, wanted) = (province(""), province("[digest]\nwhen_all_met = true\n"));
    for (project, digests) in [(quiet, 0), (wanted, 1)] {
        let good = (0..3).map(|number| format!("2022-10,{},1.000001,100,80,95,95,60,50,5,1,1\n", code(number)));
        let header = figures(0, 0);
        project.write("figures.csv", &format!("{header}{}", good.collect::<String>()));
        assert_eq!(round(&project).code, 0);
        assert_eq!(project.run(&["digest"]).code, 0);
        let sent = of_kind(&project, "digest/");
        assert_eq!(sent.len(), digests);
        assert!(sent.iter().all(|entry| text(&project, entry).contains("tất cả đều đạt")));
    }
}

#[test]
fn a_digest_waits_for_a_second_person_and_follows_the_figures_meanwhile() {
    let project = province("");
    project.edit("config.toml", "approval = \"never\"", "approval = \"always\"");
    assert_eq!(round(&project).code, 8);
    for _ in 0..2 {
        let held = project.run(&["digest"]);
        assert_eq!(held.code, 8, "{}", held.err);
        says(&held, &["held (approval)", "remedy: look, then `dondoc approve`"]);
    }
    assert_eq!(states(&project, "digest/"), ["held"]);
    project.write("figures.csv", &figures(3, 44));
    assert_eq!(round(&project).code, 8);
    assert!(text(&project, &of_kind(&project, "digest/")[0]).contains("120/600"), "the round leaves digests alone");
    assert_eq!(project.run(&["digest"]).code, 8);
    assert!(text(&project, &of_kind(&project, "digest/")[0]).contains("132/600"));
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
    round(&project);
    assert_eq!(states(&project, "digest/"), ["sent"]);
}

#[test]
fn a_digest_is_asked_about_by_its_own_date_when_no_reminder_waits() {
    let project = province("");
    assert_eq!(round(&project).code, 0);
    project.edit("config.toml", "approval = \"never\"", "approval = \"always\"");
    assert_eq!(project.run(&["digest"]).code, 8);
    says(&project.run(&["approve"]), &["2022-10-31", "1 message"]);
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
    assert_eq!(project.run(&["digest"]).code, 0);
    assert_eq!(states(&project, "digest/"), ["sent"], "what was approved goes out with the next command");
}

#[test]
fn a_digest_that_is_added_after_an_approval_is_asked_about_again() {
    let project = province("");
    assert_eq!(round(&project).code, 0);
    project.edit("config.toml", "approval = \"never\"", "approval = \"always\"");
    assert_eq!(project.run(&["digest"]).code, 8);
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
    let commune = format!("{},Xã Số 0,xa,24,", code(0));
    project.edit("pack/units.csv", &commune, &format!("H1,Huyện Mẫu,huyen,24,,,\n{},Xã Số 0,xa,H1,", code(0)));
    let head = "H1,head,,Chủ tịch UBND huyện Mẫu,chutich@huyen.example,,,,\n24,focal_point";
    project.edit("pack/contacts.csv", "24,focal_point", head);
    assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
    assert_eq!(project.run(&["digest"]).code, 8, "another one waits");
    says(&project.run(&["approve"]), &["2022-10-31", "1 message"]);
    assert_eq!(project.run(&["approve", "--yes"]).code, 0);
    assert_eq!(project.run(&["digest"]).code, 0);
    assert_eq!(states(&project, "digest/"), ["sent", "sent"]);
}

#[test]
fn trial_mode_and_pause_hold_digests_like_reminders() {
    let project = province("");
    assert_eq!(project.run(&["pause"]).code, 0);
    round(&project);
    says(&project.run(&["digest"]), &["paused: nothing is sent"]);
    assert_eq!(states(&project, "digest/"), ["ready"]);
    let project = province("");
    project.edit("config.toml", "trial = false", "trial = true");
    let folder = "[[channel]]\nname = \"mail\"\nkind = \"email\"\nrelay = \"smtp://127.0.0.1:9\"\nfrom = \"A <a@tinh.example>\"\n";
    project.edit("config.toml", "[[channel]]\nname = \"mailbox\"\nkind = \"capture\"\n", folder);
    round(&project);
    let trial = project.run(&["digest"]);
    assert_eq!(trial.code, 8, "{}", trial.err);
    says(&trial, &["trial mode: 1 message(s) are kept back"]);
    assert_eq!(of_kind(&project, "digest/")[0]["hold_reason"], "trial");
}

#[test]
fn the_admins_note_tells_what_waits_and_says_so_when_it_still_does() {
    let project = province("[alerts]\nto = [\"admin@tinh.example\"]\n");
    let unknown = format!("{}2022-10,X999999,1.000001,100,20,90,1,80,3,20,1,1\n", figures(3, 40));
    project.write("figures.csv", &unknown);
    let contact = "X000002,head,,Chủ tịch UBND xã Số 2,ubnd@xa2.example,0900 000 002,,,\n";
    project.edit("pack/contacts.csv", contact, "");
    round(&project);
    let note = |day: &str| {
        let done = project.run(&["digest", "--to", "admins", "--as-of", day]);
        assert_eq!(done.code, 0, "{}", done.err);
        of_kind(&project, "admin_note/").iter().map(|entry| text(&project, entry)).collect::<Vec<_>>()
    };
    assert_eq!(note(DAY).len(), 1);
    assert_eq!(note(DAY).len(), 1, "once a day");
    let notes = note("2022-11-01");
    assert_eq!(notes.len(), 2);
    let folder = project.folder().display().to_string();
    insta::assert_snapshot!("note_to_the_admins", notes.join("\n\n======\n\n").replace(&folder, "FOLDER"));
}

#[test]
fn the_admins_note_lists_silences_once_a_week_and_those_that_end_soon_on_any_day() {
    let project = province("[alerts]\nto = [\"admin@tinh.example\"]\n");
    let silence = |unit: &str, until: &str, reason: &str| {
        let options = ["--from", "2022-10-24", "--until", until, "--reason", reason, "--by", "Văn phòng", "--yes"];
        let done = project.run(&[&["silence", "add", "--unit", unit], &options[..]].concat());
        assert_eq!(done.code, 0, "{}", done.err);
    };
    silence("X000001", "2022-11-30", "Xã bị lũ");
    silence("X000002", "2022-11-08", "Cổng lỗi");
    round(&project);
    let note = |day: &str| {
        let before = of_kind(&project, "admin_note/").len();
        assert_eq!(project.run(&["digest", "--to", "admins", "--as-of", day]).code, 0);
        let notes = of_kind(&project, "admin_note/");
        (notes.len() > before).then(|| text(&project, notes.last().expect("a note")))
    };
    // 2022-10-31 is a Monday.
    let monday = note(DAY).expect("the weekly list");
    for part in [
        "2 khoảng tạm dừng đôn đốc đang có hiệu lực",
        "Xã Số 1 (X000001), mọi chỉ tiêu: đến hết ngày 30/11/2022, Văn phòng đặt, lý do: Xã bị lũ; đã bỏ qua 4 lần nhắc",
        "Xã Số 2 (X000002), mọi chỉ tiêu: đến hết ngày 08/11/2022",
        "dondoc silence list",
    ] {
        assert!(monday.contains(part), "{part}\n{monday}");
    }
    let tuesday = note("2022-11-01").expect("one ends within seven days");
    assert!(
        tuesday.contains("1 khoảng tạm dừng đôn đốc sắp hết hiệu lực") && tuesday.contains("Cổng lỗi"),
        "{tuesday}"
    );
    assert!(!tuesday.contains("Xã bị lũ"), "{tuesday}");
    assert_eq!(note("2022-11-09"), None, "the one is over, the other ends later");
    assert!(note("2022-11-14").is_some_and(|monday| monday.contains("Xã bị lũ")));
}

#[test]
fn without_anything_to_say_the_admins_get_no_note() {
    let project = province("[alerts]\nto = [\"admin@tinh.example\"]\n");
    round(&project);
    let done = project.run(&["digest", "--to", "admins", "--as-of", DAY]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(of_kind(&project, "admin_note/").is_empty());
}

#[test]
fn the_effect_of_reminding_comes_with_the_words_that_it_proves_nothing() {
    let project = province("");
    round(&project);
    let effect = project.run(&["report", "--effect", "--format", "json"]);
    says(&effect, &["không chứng minh nguyên nhân", "hồi quy về trung bình"]);
    assert_eq!(effect.json()["lines"], Value::Array(Vec::new()), "nothing follows the only round");
    assert_eq!(project.run(&["report", "--effect", "--unit", "X000001"]).code, 2);
}
