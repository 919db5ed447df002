//! `dondoc zalo`, and that no secret is ever printed.

use crate::support::project::{Done, Plan, Project};
use crate::support::zalo::{BOT, TEMPLATE, ZaloTwin};

fn project(twin: &ZaloTwin) -> Project {
    let bot = format!(
        "[[channel]]\nname = \"bot\"\nkind = \"zalo_bot\"\ntoken = \"{BOT}\"\nurl = \"{}\"\nallow_private = true\n",
        twin.url()
    );
    Project::new(&Plan { units: 3, channels: twin.channel(&bot), ..Plan::default() })
}

fn seed(project: &Project, text: &str) -> Done {
    Project::fed(project.command(&["zalo", "seed"]), text)
}

/// Nothing that was printed gives a secret away.
fn quiet(done: &Done) {
    for mark in ["ZALO-AT-", "ZALO-RT-", "ZALO-SECRET", "ZALO-BOT"] {
        assert!(!done.out.contains(mark) && !done.err.contains(mark), "{mark}\n{}\n{}", done.out, done.err);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pair_is_seeded_and_the_standing_told() {
    let twin = ZaloTwin::start().await;
    let project = project(&twin);
    let before = project.run(&["zalo", "status"]);
    quiet(&before);
    assert_eq!(before.code, 6);
    assert!(before.out.contains("there is no token yet") && before.out.contains("dondoc zalo seed"), "{}", before.out);
    let wrong = seed(&project, "ZALO-AT-1\n");
    quiet(&wrong);
    assert_eq!(wrong.code, 2, "{}", wrong.err);
    let done = seed(&project, &twin.pair());
    quiet(&done);
    assert_eq!(done.code, 0, "{}", done.err);
    let traced = {
        let mut command = project.command(&["zalo", "status"]);
        Done::of(command.env("RUST_LOG", "trace").output().expect("the binary starts"))
    };
    quiet(&traced);
    assert_eq!(traced.code, 0, "{}\n{}", traced.out, traced.err);
    for part in [
        "500 of 500 left today",
        "quality   HIGH",
        "template  300001 ENABLE",
        "unit STRING ≤ 30",
        "Sở Thông tin và Truyền thông",
    ] {
        assert!(traced.out.contains(part), "{part}\n{}", traced.out);
    }
    twin.state().quality = "LOW";
    twin.state().templates.get_mut(TEMPLATE).unwrap()["status"] = "DISABLE".into();
    let ill = project.run(&["zalo", "status", "--format", "json"]);
    quiet(&ill);
    assert_eq!(ill.code, 6);
    let ills = ill.json()[0]["ills"].as_array().unwrap().clone();
    assert_eq!(ills.len(), 2, "{ills:?}");
    for shown in ["check", "zalo check"] {
        quiet(&project.run(&shown.split(' ').collect::<Vec<_>>()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_zalo_would_refuse_is_told_by_unit_and_line() {
    let twin = ZaloTwin::start().await;
    let project = project(&twin);
    assert_eq!(seed(&project, &twin.pair()).code, 0);
    let day = ["zalo", "check", "--as-of", "2022-10-31", "--format", "json"];
    let done = project.run(&day);
    assert_eq!((done.code, done.out.trim()), (0, "[]"), "{}", done.err);
    project.edit("pack/units.csv", "Xã Số 1", "Xã Số Một Tên Rất Dài Ở Tận Cuối Tỉnh");
    project.edit("pack/contacts.csv", "UBND xã Số 1", "UBND xã Số Một Tên Rất Dài Ở Tận Cuối Tỉnh");
    assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
    let done = project.run(&day);
    quiet(&done);
    assert_eq!(done.code, 3, "{}", done.err);
    let problems = done.json();
    assert_eq!(problems.as_array().unwrap().len(), 1, "{problems}");
    assert_eq!((problems[0]["unit"].as_str(), problems[0]["parameter"].as_str()), (Some("X000001"), Some("unit")));
    assert_eq!(problems[0]["template"], "commune_first.md:6");
    assert!(twin.state().taken.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeats_and_formal_letters_are_checked_for_every_unit_before_anybody_gets_one() {
    let twin = ZaloTwin::start().await;
    let shorter = |id: &str, parameter: usize, name: &str, longest: u64| {
        let mut state = twin.state();
        let mut template = state.templates[TEMPLATE].clone();
        template["listParams"][parameter]["maxLength"] = longest.into();
        assert_eq!(template["listParams"][parameter]["name"], name);
        state.templates.insert(id.to_owned(), template);
    };
    shorter("300002", 3, "step", 5);
    shorter("300003", 1, "as_of", 9);
    let templates = "[channel.templates]\nrepeat = \"300002\"\nformal = \"300003\"\n";
    let extra = "[[policy.step]]\nfrom = 1\nname = \"a\"\n[[policy.step]]\nfrom = 2\nname = \"b\"\n".to_owned();
    let day = ["zalo", "check", "--as-of", "2022-10-31", "--format", "json"];
    let project = |extra: String| {
        let project = Project::new(&Plan { units: 3, channels: twin.channel(templates), extra, ..Plan::default() });
        assert_eq!(seed(&project, &twin.pair()).code, 0);
        project
    };
    let row = |unit: &str, parameter: &str, problem: &str, letters: &str, template: &str| serde_json::json!({ "unit": unit, "parameter": parameter, "problem": problem, "letters": letters, "template": template });
    // The tenth reminder has a digit more than the template takes.
    let done = project(extra.clone()).run(&day);
    quiet(&done);
    let problem = "6 characters; Zalo takes 5";
    let wanted =
        ["X000000", "X000001", "X000002"].map(|unit| row(unit, "step", problem, "repeat 10", "commune_repeat.md:9"));
    assert_eq!((done.code, done.json()), (3, serde_json::json!(wanted)), "{}", done.err);
    assert!(done.err.contains("12 messages checked"), "{}", done.err);
    // With a formal step the later ones are formal letters, which go by another template.
    let formal = format!("{extra}[[policy.step]]\nfrom = 4\nname = \"c\"\ntone = \"formal\"\n");
    let done = project(formal).run(&day);
    let problem = "10 characters; Zalo takes 9";
    let wanted = ["X000000", "X000001", "X000002"]
        .map(|unit| row(unit, "as_of", problem, "formal 4, formal 10", "commune_formal.md:7"));
    assert_eq!((done.code, done.json()), (3, serde_json::json!(wanted)), "{}", done.err);
    // A template that Zalo tells nothing of cannot be checked against anything, which is no yes.
    twin.state().templates.remove("300002");
    let done = project(extra).run(&day);
    quiet(&done);
    assert!(done.code == 3 && done.err.contains("template 300002"), "{}", done.err);
    assert!(twin.state().taken.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_is_bound_to_the_bot_by_a_code() {
    let twin = ZaloTwin::start().await;
    let project = project(&twin);
    let done = project.run(&["zalo", "bind", "X000001"]);
    quiet(&done);
    assert_eq!((done.code, done.out.trim().len()), (0, 10), "{}", done.err);
    assert_eq!(project.run(&["zalo", "bind", "nobody"]).code, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pinned_signature_needs_what_it_is_made_of() {
    let twin = ZaloTwin::start().await;
    for (pinned, missing) in [
        ("any", None),
        ("app_id and secret_key", None),
        ("oa_id and secret_key", None),
        ("oa_id and webhook_secret", Some("webhook_secret_file")),
        ("hmac", Some("\"app_id and webhook_secret\"")),
    ] {
        let channels = twin.channel(&format!("webhook_signed_by = \"{pinned}\"\n"));
        let done = Project::new(&Plan { units: 1, channels, ..Plan::default() }).run(&["check"]);
        assert_eq!(done.out.contains("webhook_signed_by"), missing.is_some(), "{pinned}\n{}", done.out);
        assert!(missing.is_none_or(|part| done.out.contains(part)), "{pinned}\n{}", done.out);
    }
}

#[test]
fn a_channel_without_what_it_needs_is_refused_with_its_place() {
    let channels = "[[channel]]\nname = \"zalo\"\nkind = \"zalo\"\napp_id = \"x\"\nway = \"group\"\n\
                    [[channel]]\nname = \"bot\"\nkind = \"zalo_bot\"\n";
    let project = Project::new(&Plan { units: 1, channels: channels.to_owned(), ..Plan::default() });
    let done = project.run(&["check"]);
    assert_eq!(done.code, 3);
    for part in ["secret_key_file", "[secrets]", "group_id", "is not a number", "token_file"] {
        assert!(done.out.contains(part), "{part}\n{}", done.out);
    }
}
