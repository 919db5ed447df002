//! Whole rounds through Zalo: everybody gets one message, and what nobody knows is never sent twice.

use std::path::PathBuf;

use dondoc::app::{App, Asked, Role};
use dondoc::channel::Given;
use dondoc::clock::Clock;
use dondoc::config;
use dondoc::db::Durability;
use dondoc::outbox::{self, Filter, State};
use tokio_util::sync::CancellationToken;

use super::noon;
use crate::support::project::{Plan, Project};
use crate::support::zalo::{Fault, ZaloTwin};

const UNITS: usize = 6;

pub(super) async fn app(project: &Project, twin: &ZaloTwin) -> App {
    let (config, _) = config::load(Some(&project.path("config.toml")), &[]).expect("a configuration that works");
    let mut app = App::open(config, Clock::at(noon()), Role::Worker, Durability::ThrowAway).await.expect("an app");
    app.program = PathBuf::from(env!("CARGO_BIN_EXE_dondoc"));
    let channels = app.open_channels().expect("channels");
    let zalo = channels.iter().find_map(|channel| channel.zalo()).expect("an account");
    zalo.seed(&Given::typed(&twin.pair()).expect("a pair")).await.expect("a stored pair");
    app
}

pub(super) async fn round(app: &App) {
    let asked = Asked {
        as_of: "2022-10-31".parse().expect("a date"),
        dry_run: false,
        stop: CancellationToken::new(),
        progress: &|_| {},
    };
    app.round(&asked).await.expect("a round");
}

async fn states(app: &App) -> Vec<State> {
    let entries = outbox::list(&app.db, &Filter { limit: 100, ..Filter::default() }).await.expect("the ledger");
    entries.into_iter().map(|entry| entry.state).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_one_message_and_a_second_round_sends_nothing() {
    let twin = ZaloTwin::start().await;
    let project = Project::new(&Plan { units: UNITS, channels: twin.channel(""), ..Plan::default() });
    let app = app(&project, &twin).await;
    for _ in 0..2 {
        round(&app).await;
        assert_eq!(states(&app).await, [State::Sent; UNITS]);
    }
    let mut units: Vec<String> = twin.state().taken.iter().map(|taken| taken.data["unit"].to_string()).collect();
    units.sort();
    units.dedup();
    assert_eq!((units.len(), twin.state().taken.len()), (UNITS, UNITS), "{units:?}");
    insta::assert_snapshot!(
        "reminder",
        format!("{:#}", twin.state().taken.iter().find(|taken| taken.data["unit"] == "UBND xã Số 1").unwrap().data)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_uncertain_and_never_sent_again_by_itself() {
    let twin = ZaloTwin::start().await;
    let project = Project::new(&Plan { units: UNITS, channels: twin.channel(""), ..Plan::default() });
    let app = app(&project, &twin).await;
    twin.state().fail("84900000001", Fault::LostAfterTaking);
    for _ in 0..3 {
        round(&app).await;
        let states = states(&app).await;
        assert_eq!(states.iter().filter(|state| **state == State::Uncertain).count(), 1, "{states:?}");
        assert_eq!(states.iter().filter(|state| **state == State::Sent).count(), UNITS - 1, "{states:?}");
    }
    assert_eq!(twin.state().taken.len(), UNITS);
    assert!(twin.state().sent_twice().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_money_the_messages_wait_and_go_out_later() {
    let twin = ZaloTwin::start().await;
    let project = Project::new(&Plan { units: UNITS, channels: twin.channel(""), ..Plan::default() });
    let app = app(&project, &twin).await;
    for _ in 0..4 {
        twin.state().fail("84900000001", Fault::Code(-115));
    }
    round(&app).await;
    let entries = outbox::list(&app.db, &Filter { limit: 100, ..Filter::default() }).await.unwrap();
    assert!(entries.iter().all(|entry| entry.attempts == 0 || entry.state == State::Sent), "no attempt is burnt");
    twin.state().faults.clear();
    round(&app).await;
    assert_eq!(states(&app).await, [State::Sent; UNITS]);
    assert!(twin.state().sent_twice().is_empty());
}
