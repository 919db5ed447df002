//! Rounds that reach phones through the twin of eSMS, under a clock that is held; what became of the messages.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use dondoc::app::{App, Asked, Role, close_channels};
use dondoc::channel::{Callback, CallbackError, Channel};
use dondoc::clock::{Clock, local_date};
use dondoc::config;
use dondoc::db::Durability;
use dondoc::outbox::{self, Entry, Fact, Filter, State};
use tokio_util::sync::CancellationToken;

use crate::support::esms::{API_KEY, BRANDNAME, EsmsTwin, Fault, SECRET_KEY};
use crate::support::project::{Plan, Project};

const UNITS: usize = 4;
const TOKEN: &str = "token-of-the-callback-0123456789";

/// The number of the head of the `number`-th commune.
fn phone(number: usize) -> String {
    format!("0900000{number:03}")
}

/// An installation whose only channel is the twin, with further keys of the channel.
pub(crate) fn project(twin: &EsmsTwin, keys: &str) -> Project {
    let channels = format!(
        "[[channel]]\nname = \"sms\"\nkind = \"sms\"\nprovider = \"esms\"\nurl = \"{}\"\nallow_private = true\n\
         api_key_file = \"esms-key\"\nsecret_key_file = \"esms-secret\"\nbrandname = \"{BRANDNAME}\"\n\
         callback_token_file = \"esms-callback\"\nprice_per_segment = 790\n{keys}\n\
         [delivery]\nretry_after = [\"0 seconds\", \"0 seconds\", \"0 seconds\"]\n",
        twin.url()
    );
    let project = Project::new(&Plan { units: UNITS, channels, ..Plan::default() });
    for (name, secret) in [("esms-key", API_KEY), ("esms-secret", SECRET_KEY), ("esms-callback", TOKEN)] {
        project.write(name, secret);
    }
    let mut contacts = String::new();
    for (at, line) in project.read("pack/contacts.csv").lines().enumerate() {
        let own = format!("0900 000 {:03}", at.saturating_sub(1));
        let _ = writeln!(contacts, "{}", line.replace("0900 000 001", &own));
    }
    project.write("pack/contacts.csv", &contacts);
    project
}

/// A program at work, and its channel.
struct Office {
    _project: Project,
    app: App,
    channels: Vec<Arc<Channel>>,
}

impl Office {
    async fn open(project: Project, now: &str) -> Self {
        let (config, _) = config::load(Some(&project.path("config.toml")), &[]).expect("a good configuration");
        let clock = Clock::at(now.parse().unwrap());
        let mut app = App::open(config, clock, Role::Worker, Durability::ThrowAway).await.expect("it opens");
        app.program = env!("CARGO_BIN_EXE_dondoc").into();
        let channels = app.open_channels().expect("good channels");
        Self { _project: project, app, channels }
    }

    /// A round of today and its delivery.
    async fn round(&self) {
        let as_of = local_date(self.app.clock.now());
        let asked = Asked { as_of, dry_run: false, stop: CancellationToken::new(), progress: &|_| {} };
        self.app.round(&asked).await.expect("a round");
    }

    async fn tend(&self) -> Result<(), String> {
        self.channels[0].tend().await.map_err(|error| error.reason)
    }

    async fn later(&self, by: Duration) -> Result<(), String> {
        self.app.clock.advance(by);
        self.tend().await
    }

    async fn hear(&self, rest: &str, query: &str) -> Result<(), CallbackError> {
        self.channels[0].hear(&Callback { rest, query, headers: &[], body: &[] }).await
    }

    async fn entries(&self) -> Vec<Entry> {
        outbox::list(&self.app.db, &Filter::default()).await.unwrap()
    }

    async fn states(&self) -> Vec<State> {
        self.entries().await.into_iter().map(|entry| entry.state).collect()
    }

    async fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        for entry in self.entries().await {
            facts.extend(outbox::receipts(&self.app.db, &entry.id).await.unwrap().into_iter().map(|said| said.fact));
        }
        facts
    }

    async fn close(self) {
        close_channels(&self.channels).await;
        self.app.close().await;
    }
}

const MORNING: &str = "2022-10-31T08:00:00+07:00";
const MINUTES: fn(u64) -> Duration = Duration::from_mins;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_one_message_and_a_lost_answer_makes_no_second() {
    let twin = EsmsTwin::start().await;
    twin.fault(&phone(1), [Fault::AnswerLost]);
    twin.fault(&phone(2), [Fault::Page, Fault::Code(105)]);
    let office = Office::open(project(&twin, ""), MORNING).await;
    office.round().await;
    office.round().await;
    assert_eq!(office.states().await, [State::Sent; UNITS]);
    let mut phones: Vec<String> = twin.taken().into_iter().map(|taken| taken.phone).collect();
    phones.sort();
    assert_eq!(phones, (0..UNITS).map(phone).collect::<Vec<_>>());
    assert_eq!((twin.taken_twice(), twin.repeated().len()), (Vec::new(), 2));
    assert!(twin.taken().iter().all(|taken| taken.content.len() <= 306 && !taken.unicode));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_phone_rings_at_night() {
    let twin = EsmsTwin::start().await;
    let office = Office::open(project(&twin, ""), "2022-10-31T21:30:00+07:00").await;
    office.round().await;
    assert_eq!((office.states().await, twin.taken()), (vec![State::Ready; UNITS], Vec::new()));
    office.app.clock.advance(Duration::from_hours(10));
    office.round().await;
    assert_eq!((office.states().await, twin.taken().len()), (vec![State::Sent; UNITS], UNITS));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_became_of_messages_is_asked_ever_more_seldom_and_noted_once() {
    let twin = EsmsTwin::start().await;
    let office = Office::open(project(&twin, ""), MORNING).await;
    office.round().await;
    let questions = || twin.asked().iter().filter(|asked| asked.starts_with("GetSendStatus")).count();
    office.tend().await.unwrap();
    assert_eq!(questions(), 0, "too early");
    for (wait, asked) in [(1, 1), (0, 1), (1, 2), (1, 2), (1, 3), (4, 4), (7, 4), (1, 5)] {
        office.later(MINUTES(wait)).await.unwrap();
        assert_eq!(questions(), asked * UNITS, "{wait} minutes later");
    }
    assert_eq!(office.facts().await, []);
    twin.set_status(5, 1);
    office.later(Duration::from_hours(1)).await.unwrap();
    assert_eq!(office.facts().await, [Fact::Delivered; UNITS]);
    let before = questions();
    office.later(Duration::from_hours(30)).await.unwrap();
    assert_eq!(questions(), before, "nothing is asked any more");
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn done_without_success_and_turned_down_are_undelivered() {
    for (status, success, fact) in
        [(5, 0, Some(Fact::Undelivered)), (4, 0, Some(Fact::Undelivered)), (1, 0, None), (7, 0, None)]
    {
        let twin = EsmsTwin::start().await;
        let office = Office::open(project(&twin, ""), MORNING).await;
        office.round().await;
        twin.set_status(status, success);
        office.later(MINUTES(2)).await.unwrap();
        assert_eq!(office.facts().await, fact.map_or(Vec::new(), |fact| vec![fact; UNITS]), "{status}");
        assert_eq!(office.states().await, [State::Sent; UNITS], "a fact changes no state");
        office.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_only_has_the_provider_asked_sooner() {
    let twin = EsmsTwin::start().await;
    let office = Office::open(project(&twin, ""), MORNING).await;
    office.round().await;
    let first = twin.taken().remove(0);
    let forged = EsmsTwin::callback(&crate::support::esms::Taken { status: (5, 1), ..first.clone() });
    assert!(matches!(office.hear("wrong", &forged).await, Err(CallbackError::NotGenuine(_))));
    office.tend().await.unwrap();
    assert_eq!(twin.asked(), [""; 0]);
    office.hear(TOKEN, &forged).await.unwrap();
    office.hear(TOKEN, "SMSID=%00&x").await.unwrap();
    office.hear(TOKEN, "").await.unwrap();
    office.tend().await.unwrap();
    assert_eq!(twin.asked(), [format!("GetSendStatus {}", first.sms_id)]);
    assert_eq!(office.facts().await, [], "what a call says is not believed");
    twin.set_status(5, 1);
    office.hear(TOKEN, &EsmsTwin::callback(&first)).await.unwrap();
    office.tend().await.unwrap();
    assert_eq!(office.facts().await, [Fact::Delivered]);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_name_of_a_message_whose_answer_was_lost_is_learnt_from_what_was_sent_or_from_a_call() {
    for by_call in [false, true] {
        let twin = EsmsTwin::start().await;
        twin.fault(&phone(1), [Fault::AnswerLost]);
        let office = Office::open(project(&twin, ""), MORNING).await;
        office.round().await;
        twin.set_status(5, 1);
        let (lost, other): (Vec<_>, Vec<_>) = twin.taken().into_iter().partition(|taken| taken.phone == phone(1));
        if by_call {
            // A call that names another's message is not believed.
            let stranger = crate::support::esms::Taken { sms_id: "e5ffff".to_owned(), ..lost[0].clone() };
            office.hear(TOKEN, &EsmsTwin::callback(&stranger)).await.unwrap();
            let mixed = crate::support::esms::Taken { sms_id: other[0].sms_id.clone(), ..lost[0].clone() };
            office.hear(TOKEN, &EsmsTwin::callback(&mixed)).await.unwrap();
            office.hear(TOKEN, &EsmsTwin::callback(&lost[0])).await.unwrap();
        }
        office.later(MINUTES(2)).await.unwrap();
        assert_eq!(office.facts().await, [Fact::Delivered; UNITS]);
        let id = outbox::by_reference(&office.app.db, "sms", &lost[0].sms_id).await.unwrap();
        assert_eq!(id, Some(lost[0].request_id.clone()));
        assert_eq!(twin.asked().contains(&"GetSmsSentData_V2".to_owned()), !by_call);
        office.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_balance_that_does_not_pay_for_what_waits_is_told_of() {
    let twin = EsmsTwin::start().await;
    let office = Office::open(project(&twin, "low_balance = 5000"), "2022-10-31T21:30:00+07:00").await;
    office.round().await;
    twin.set_balance(2 * 790 * 4 - 1);
    let said = office.tend().await.unwrap_err();
    assert_eq!(said, "the balance is 6.319 đồng; 4 messages wait, which may cost 6.320 đồng: top it up");
    assert_eq!(office.later(MINUTES(1)).await, Ok(()), "asked for every ten minutes");
    twin.set_balance(2 * 790 * 4);
    assert_eq!(office.later(MINUTES(10)).await, Ok(()));
    twin.set_balance(10_000_000);
    office.app.clock.advance(Duration::from_hours(10));
    office.round().await;
    twin.set_balance(4_999);
    let said = office.later(MINUTES(10)).await.unwrap_err();
    assert_eq!(said, "the balance is 4.999 đồng, less than `low_balance`: top it up");
    office.close().await;
}

/// All units of the sample are below target: what their lines call them tells them apart without diacritics.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_units_of_the_sample_are_called_alike_without_diacritics() {
    let project = Project::new(&Plan { units: 1, ..Plan::default() });
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bac-giang-2022");
    let mut rows = project.read("figures.csv").lines().next().unwrap().to_owned();
    for file in ["units.csv", "contacts.csv", "indicators.toml", "targets.toml", "sender.toml", "calendar.toml"] {
        let text = std::fs::read_to_string(sample.join(file)).unwrap();
        project.write(&format!("pack/{file}"), &text);
        for line in text.lines().skip(2).filter(|_| file == "units.csv") {
            let code = line.split(',').next().unwrap();
            let _ = write!(rows, "\n2022-10,{code},1.000001,100,10,90,3,80,3,20,1,1");
        }
    }
    project.write("figures.csv", &rows);
    let office = Office::open(project, MORNING).await;
    office.round().await;
    let captured = dondoc::channel::captured(&office.app.db, 1_000, 0).await.unwrap();
    let mut called: Vec<(String, String)> = Vec::new();
    for message in &captured {
        let (_, line) = message.content.sms.split_once(": ").expect("a sender");
        let Some((name, _)) = line.split_once(" den 31/10") else { continue };
        called.push((name.to_owned(), message.unit_code.clone()));
    }
    assert!(called.len() > 200, "{} of {}: {:?}", called.len(), captured.len(), captured.first());
    called.sort();
    for pair in called.windows(2) {
        assert!(pair[0].0 != pair[1].0, "{pair:?}");
    }
    for name in [
        "UBND xa Dong Son, Yen The",
        "UBND xa Dong Son, TP Bac Giang",
        "UBND xa Phuc Son, Tan Yen",
        "UBND xa Phuc Son, Son Dong",
    ] {
        assert!(called.iter().any(|(known, _)| known == name), "{name}");
    }
    office.close().await;
}
