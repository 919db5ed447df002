//! Roll-ups are no text for a phone: a channel that cannot carry them is never given one, and `check` says so.

use chrono::NaiveDate;
use dondoc::app::App;
use dondoc::channel::{Chats, Kind, Pace, Settings, Webhook, ZaloBot, ZaloWay};
use dondoc::outbox::{self, Filter};
use dondoc::pass::{Audience, RollUpDay};
use secrecy::SecretString;

use super::rounds::app;
use super::{PHONE, Scene, letter};
use crate::support::project::{Plan, Project};
use crate::support::zalo::{BOT, ZaloTwin};

const SCHEDULE: &str = "[[schedule]]\nname = \"digest\"\nwhat = \"digest\"\ncron = \"0 0 8 * * Mon\"\n";
const MAILBOX: &str = "[[channel]]\nname = \"mailbox\"\nkind = \"capture\"\n";

#[tokio::test]
async fn each_kind_carries_what_was_written_for_it() {
    let scene = Scene::new().await;
    let zalo = |way: ZaloWay, template: Option<&str>| {
        let mut zalo = scene.settings();
        zalo.way = way;
        zalo.templates.extend(template.map(|ours| (ours.to_owned(), "300009".to_owned())));
        Kind::Zalo(Box::new(zalo))
    };
    let bot = ZaloBot {
        token: SecretString::from(BOT),
        url: scene.twin.url(),
        webhook_secret: None,
        timeout: std::time::Duration::from_secs(2),
        allow_private: true,
        chats: Chats::default(),
    };
    let digest = Some("superior_digest");
    let correction = Some("correction");
    let phone = ZaloWay::Phone;
    // Kind; whether it carries a digest with parameters, one without, a correction with them, and one without.
    for (kind, carries) in [
        (Kind::Capture, [true, true, true, true]),
        (Kind::File { folder: "out".into() }, [true, true, true, true]),
        (Kind::Webhook(Webhook::to("https://hook.example/".to_owned())), [true, true, true, true]),
        (zalo(phone.clone(), None), [false, false, false, false]),
        (zalo(phone.clone(), digest), [true, false, false, false]),
        (zalo(phone, correction), [false, false, true, false]),
        (zalo(ZaloWay::CustomerService, digest), [false, false, true, true]),
        (zalo(ZaloWay::Group("g1".to_owned()), digest), [false, false, true, true]),
        (Kind::ZaloBot(bot), [false, false, true, true]),
    ] {
        let settings = Settings { name: "way".to_owned(), kind, pace: Pace::default() };
        let mut found = Vec::new();
        for (template, is_correction) in [("superior_digest", false), ("correction", true)] {
            let mut message = letter(1, PHONE).content;
            message.template = format!("{template}@0123abcd");
            found.push(settings.carries_roll_up(&message, is_correction));
            message.zalo.clear();
            found.push(settings.carries_roll_up(&message, is_correction));
        }
        assert_eq!(found, carries, "{:?}", settings.kind);
        let never = settings.refuses_roll_up("superior_digest").is_some();
        assert_eq!(never, !carries[0], "what `check` says and what is done: {:?}", settings.kind);
    }
}

/// The channels of the digests that a round leaves in the outbox.
async fn digests(project: &Project, twin: &ZaloTwin) -> (App, Vec<String>) {
    let head =
        "24,head,,Chủ tịch UBND tỉnh Mẫu,chutich@tinh.example,0900 000 555,2468458835296197922,,\n24,focal_point";
    project.edit("pack/contacts.csv", "24,focal_point", head);
    let app = app(project, twin).await;
    let day = NaiveDate::from_ymd_opt(2022, 10, 31).expect("a date");
    app.decide(day, false, &|_| {}).await.expect("a round");
    app.roll_up(Audience::Superiors, RollUpDay::Of(day), false).await.expect("a roll-up");
    let entries = outbox::list(&app.db, &Filter { limit: 100, ..Filter::default() }).await.expect("the ledger");
    let of_digests = entries.into_iter().filter(|entry| entry.dedup_key.starts_with("digest/"));
    (app, of_digests.map(|entry| entry.channel).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_goes_to_the_next_channel_where_zalo_cannot_carry_it() {
    let twin = ZaloTwin::start().await;
    let steps_in = "[delivery]\nfallback = [\"mailbox\", \"zalo\"]\n";
    for (further, extra, wanted, said) in [
        ("", "", "mailbox", "names no template of Zalo for `superior_digest`; superiors whom no other channel"),
        ("", steps_in, "mailbox", "names no template of Zalo for `superior_digest`"),
        ("way = \"cs\"\n", "", "mailbox", "free text of Zalo is too short"),
        ("way = \"group\"\ngroup_id = \"g1\"\n", "", "mailbox", "free text of Zalo is too short"),
        ("[channel.templates]\nsuperior_digest = \"300009\"\n", "", "zalo", ""),
    ] {
        let channels = twin.channel(&format!("{further}{MAILBOX}"));
        let extra = format!("{SCHEDULE}{extra}");
        let project = Project::new(&Plan { units: 2, channels, extra, ..Plan::default() });
        assert_eq!(digests(&project, &twin).await.1, [wanted], "{further}");
        let checked = project.run(&["check"]).out;
        assert_eq!(checked.contains("carries no digests"), !said.is_empty(), "{further}\n{checked}");
        assert!(checked.contains(said), "{further}\n{checked}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_channel_carries_digests_nobody_gets_one_and_check_says_so() {
    let twin = ZaloTwin::start().await;
    let plan = Plan { units: 2, channels: twin.channel(""), extra: SCHEDULE.to_owned(), ..Plan::default() };
    let project = Project::new(&plan);
    assert_eq!(digests(&project, &twin).await.1, Vec::<String>::new());
    let checked = project.run(&["check"]).out;
    assert!(
        checked.contains("channel \"zalo\" carries no digests") && checked.contains("no superior gets one"),
        "{checked}"
    );
    let unplanned = Project::new(&Plan { extra: String::new(), ..plan });
    assert!(!unplanned.run(&["check"]).out.contains("carries no digests"), "nothing is planned");
}
