//! The policy, from the configuration to the mailbox: steps, copies, thanks, silences, explanations, the past anew.

use super::{UNITS, entries, heads, plan, reached, says, word};
use crate::support::project::{Done, Project, code, figures};
use crate::support::smtp_sink::{SmtpScript, SmtpSink};

const LADDER: &str = "thanks = true\n[[policy.step]]\nname = \"thông báo\"\nfrom = 1\n[[policy.step]]\nname = \"đồng gửi\"\n\
                      from = 2\ntone = \"formal\"\ncopy_to_superior = true\nletter = true\n";

fn with_ladder(relay: std::net::SocketAddr) -> Project {
    let project = Project::new(&plan().mail(relay, 2));
    project.edit("config.toml", "quiet_hours = \"\"", &format!("quiet_hours = \"\"\n{LADDER}"));
    let head = "24,head,,Chủ tịch UBND tỉnh Mẫu,tinh@tinh.example,0900 000 002,,,\n24,focal_point";
    project.edit("pack/contacts.csv", "24,focal_point", head);
    project
}

fn round(project: &Project, as_of: &str) -> Done {
    project.run(&["run", "--as-of", as_of])
}

/// Every message in words, oldest first.
fn messages(project: &Project) -> Vec<(String, String)> {
    let show = |id: &str| project.run(&["outbox", "show", id]).out;
    entries(project).iter().map(|entry| (word(&entry["recipient"]), show(&word(&entry["id"])))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_reminder_is_formal_and_the_superior_gets_one_copy_of_all() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let project = with_ladder(sink.addr);
    assert_eq!(round(&project, "2022-10-31").code, 0);
    assert_eq!(reached(&sink), heads(0..UNITS), "nobody above hears of a first letter");
    let second = round(&project, "2022-11-07");
    assert_eq!(second.code, 0, "{}", second.err);
    says(&second, &["Đến bước gửi công văn đôn đốc: Xã Số 0 (X000000) và 2 đơn vị khác"]);
    let mut expected: Vec<String> = [heads(0..UNITS), heads(0..UNITS)].concat();
    expected.push("tinh@tinh.example".to_owned());
    expected.sort();
    assert_eq!(reached(&sink), expected, "one copy about all three");
    let told = messages(&project);
    let copies: Vec<&String> = told.iter().filter(|(to, _)| to == "24/head").map(|(_, text)| text).collect();
    assert_eq!(copies.len(), 1);
    for part in ["Đồng gửi: 3 đơn vị chưa đạt", "UBND xã Số 0", "UBND xã Số 2", "đồng gửi để đồng chí nắm"]
    {
        assert!(copies[0].contains(part), "{part}\n{}", copies[0]);
    }
    let formal = told.iter().filter(|(_, text)| text.contains("báo cáo bằng văn bản nguyên nhân"));
    assert_eq!(formal.count(), UNITS);
    assert_eq!(round(&project, "2022-11-07").code, 0);
    assert_eq!(reached(&sink), expected, "a rerun adds nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_that_waits_follows_the_figures_as_the_reminders_do() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let project = with_ladder(sink.addr);
    assert_eq!(round(&project, "2022-10-31").code, 0);
    project.edit("config.toml", "approval = \"never\"", "approval = \"always\"");
    assert_eq!(round(&project, "2022-11-07").code, 8);
    let copy = |project: &Project| {
        let told = messages(project).into_iter().find(|(to, _)| to == "24/head");
        told.expect("a copy").1
    };
    assert!(copy(&project).contains("Đồng gửi: 3 đơn vị chưa đạt 12 chỉ tiêu"), "{}", copy(&project));
    let mended =
        figures(UNITS, 40).replace(&format!("{},1.000001,100,20", code(1)), &format!("{},1.000001,100,95", code(1)));
    project.write("figures.csv", &mended);
    let again = round(&project, "2022-11-08");
    assert_eq!(again.code, 8, "{}", again.err);
    assert!(copy(&project).contains("Đồng gửi: 3 đơn vị chưa đạt 11 chỉ tiêu"), "{}", copy(&project));
    assert!(!reached(&sink).contains(&"tinh@tinh.example".to_owned()), "nothing left meanwhile");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_on_target_again_is_thanked_once() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let project = with_ladder(sink.addr);
    for others in ["e_result", "portal_payment", "active_services"] {
        let usual =
            ["silence", "add", "--from", "2022-10-01", "--until", "2022-11-30", "--reason", "chưa nhắc", "--yes"];
        assert_eq!(project.run(&[usual.as_slice(), &["--indicator", others]].concat()).code, 0);
    }
    assert_eq!(round(&project, "2022-10-31").code, 0);
    project.write("figures.csv", &figures(UNITS, 110));
    for _ in 0..2 {
        let done = round(&project, "2022-11-07");
        assert_eq!(done.code, 0, "{}", done.err);
    }
    let expected: Vec<String> = (0..UNITS).flat_map(|number| heads([number, number])).collect();
    assert_eq!(reached(&sink), expected, "a reminder and a word of thanks");
    let thanked = messages(&project).into_iter().filter(|(_, text)| text.contains("Ghi nhận: UBND xã Số"));
    assert_eq!(thanked.count(), UNITS);
}

#[test]
fn who_is_reminded_of_something_else_hears_in_the_same_letter_what_is_on_target_again() {
    let project = Project::new(&plan());
    project.edit("config.toml", "quiet_hours = \"\"", "quiet_hours = \"\"\nthanks = true");
    assert_eq!(round(&project, "2022-10-31").code, 0);
    project.write("figures.csv", &figures(UNITS, 110));
    assert_eq!(round(&project, "2022-11-07").code, 0);
    let told = messages(&project);
    assert_eq!(told.len(), 2 * UNITS);
    let both = told.iter().filter(|(_, text)| text.contains("Ghi nhận: đã đạt Hồ sơ xử lý trực tuyến."));
    assert_eq!(both.count(), UNITS);
}

#[test]
fn a_step_names_the_channels_that_are_tried_first() {
    let project = Project::new(&plan());
    let ladder =
        "[[policy.step]]\nname = \"a\"\nfrom = 1\n[[policy.step]]\nname = \"b\"\nfrom = 2\nchannels = [\"second\"]\n";
    project.edit("config.toml", "quiet_hours = \"\"", &format!("quiet_hours = \"\"\n{ladder}"));
    project.edit(
        "config.toml",
        "[[channel]]",
        "[[channel]]\nname = \"folder\"\nkind = \"file\"\nfolder = \"out\"\n[[channel]]",
    );
    project.edit("config.toml", "name = \"mailbox\"", "name = \"second\"");
    for as_of in ["2022-10-31", "2022-11-07"] {
        assert_eq!(round(&project, as_of).code, 0);
    }
    let channels: std::collections::BTreeMap<String, usize> =
        entries(&project).iter().fold(std::collections::BTreeMap::new(), |mut counts, entry| {
            *counts.entry(word(&entry["channel"])).or_default() += 1;
            counts
        });
    assert_eq!(channels, [("folder".to_owned(), UNITS), ("second".to_owned(), UNITS)].into());

    project.edit("config.toml", "channels = [\"second\"]", "channels = [\"zalo\"]");
    let rule = "[[policy.rule]]\nname = \"xã đảo\"\nunder = [\"99\"]\nmisses = 2\n[[source]]";
    project.edit("config.toml", "[[source]]", rule);
    let checked = project.run(&["check"]);
    assert_eq!(checked.code, 3);
    says(
        &checked,
        &["names the channel \"zalo\", and there is none", "the rule \"xã đảo\" of the policy fits no unit"],
    );
}

#[test]
fn a_silence_needs_an_end_a_reason_and_a_bound_and_counts_what_it_hid() {
    let project = Project::new(&plan());
    let add = |more: &[&str]| {
        let usual = ["silence", "add", "--from", "2022-10-01", "--until", "2022-11-30", "--reason", "Xã bị lũ"];
        project.run(&[&usual, more].concat())
    };
    for (refused, why) in [
        (add(&[]), "this silences 12 of 12 figures"),
        (add(&["--unit", "X9"]), "no unit has the code `X9`"),
        (add(&["--indicator", "filing"]), "remedy: one of e_result, online_filing"),
        (
            project.run(&["silence", "add", "--unit", &code(1), "--until", "2022-11-30", "--reason", "lũ"]),
            "before it begins",
        ),
        (
            project.run(&[
                "silence",
                "add",
                "--unit",
                &code(1),
                "--from",
                "2022-10-01",
                "--until",
                "2023-10-01",
                "--reason",
                "lũ",
            ]),
            "no silence but another policy",
        ),
    ] {
        assert_eq!(refused.code, 2, "{}", refused.err);
        says(&refused, &[why, "remedy: "]);
    }
    let added = add(&["--unit", &code(1), "--by", "Văn phòng", "--yes"]);
    assert_eq!(added.code, 0, "{}", added.err);
    assert_eq!(round(&project, "2022-10-31").code, 0);
    let told = entries(&project);
    assert!(told.len() == UNITS - 1 && told.iter().all(|entry| entry["unit_code"] != code(1)), "{told:?}");
    let listed = project.run(&["silence", "list", "--all", "--format", "json"]).json();
    assert_eq!((&listed[0]["by"], &listed[0]["hidden"]), (&"Văn phòng".into(), &4.into()), "{listed}");
    says(&project.run(&["case", "show", &code(1)]), &["silenced"]);
    let ended = project.run(&["silence", "end", &word(&listed[0]["id"])]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert_eq!(project.run(&["silence", "end", &word(&listed[0]["id"])]).code, 2, "it is ended once");
}

#[test]
fn a_unit_is_explained_and_the_past_is_tried_under_another_policy() {
    let project = Project::new(&plan());
    for as_of in ["2022-10-31", "2022-11-07", "2022-11-14"] {
        assert_eq!(round(&project, as_of).code, 0);
    }
    let slow = "[[policy.rule]]\nname = \"chậm hơn\"\nlevels = [\"commune\"]\nmisses = 2\nrepeat_after = \"10 working days\"\n";
    let text = project.read("config.toml");
    project.write("slow.toml", &text.replace("quiet_hours = \"\"\n", &format!("quiet_hours = \"\"\n{slow}")));
    let explained = project.run(&["case", "explain", &code(0), "--config", "slow.toml", "--on", "2022-11-14"]);
    says(
        &explained,
        &["Xã Số 0 (X000000): Chủ tịch UBND xã Số 0 by mailbox; nobody above", "[policy], chậm hơn", "10 working days"],
    );
    let replayed = |policy: &[&str]| {
        let usual = ["backtest", "--from", "2022-10-01", "--to", "2022-12-31", "--format", "json"];
        let days = project.run(&[&usual, policy].concat()).json();
        let day = |day: &serde_json::Value| (day["units"].as_u64(), day["units_then"].as_u64());
        days.as_array().expect("days").iter().map(day).collect::<Vec<_>>()
    };
    assert_eq!(replayed(&[]), [(Some(3), Some(3)); 3], "the same policy gives the same");
    assert_eq!(replayed(&["--policy", "slow.toml"]), [(Some(0), Some(3)), (Some(3), Some(3)), (Some(0), Some(3))]);
    assert_eq!(entries(&project).len(), 9, "nothing was added");
}
