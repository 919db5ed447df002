//! The quota of the day: the admins hear in time that it does not last.

use std::time::Duration;

use dondoc::app::App;
use dondoc::outbox::{self, Filter};

use super::rounds::{app, round};
use super::{PHONE, Scene, letter};
use crate::support::project::{Plan, Project};
use crate::support::zalo::ZaloTwin;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_quota_below_the_threshold_is_told_of_until_it_begins_anew() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    for (left, low) in [(50, false), (49, true), (0, true)] {
        scene.twin.state().quota_left = left;
        scene.clock.advance(HOUR);
        let said = channel.tend().await;
        assert_eq!(said.is_err(), low, "{left}");
        let words = said.err().map(|error| error.reason).unwrap_or_default();
        assert!(
            !low || words.starts_with(&format!("{left} messages may be sent today, less than `low_quota`")),
            "{words}"
        );
    }
    // What was read before midnight says nothing of the day after, also before it is read again.
    let late = Duration::from_mins(10 * 60 + 50);
    scene.clock.advance(late);
    assert!(channel.tend().await.is_err());
    scene.twin.state().quota_left = 500;
    scene.clock.advance(Duration::from_mins(20));
    channel.tend().await.unwrap();
}

#[tokio::test]
async fn what_an_answer_says_of_the_quota_is_heeded_before_it_is_read_again() {
    let scene = Scene::new().await;
    let channel = scene.channel();
    scene.twin.state().quota_left = 51;
    channel.tend().await.unwrap();
    channel.send(&letter(1, PHONE)).await.unwrap();
    scene.clock.advance(Duration::from_mins(1));
    channel.tend().await.unwrap();
    channel.send(&letter(2, PHONE)).await.unwrap();
    scene.clock.advance(Duration::from_mins(1));
    assert!(channel.tend().await.unwrap_err().reason.starts_with("49 messages may be sent"));
}

#[tokio::test]
async fn an_ill_that_lasts_hides_no_other() {
    let scene = Scene::new().await;
    scene.clock.advance(Duration::from_hours(24));
    scene.twin.state().quota_left = 3;
    scene.twin.state().quality = "LOW";
    let said = scene.channel().tend().await.unwrap_err().reason;
    for part in ["3 messages may be sent today", "the quality of the account is LOW", "dondoc zalo status"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// How often the admins were told that a channel needs attention.
async fn alerts(app: &App) -> usize {
    let entries = outbox::list(&app.db, &Filter { limit: 100, ..Filter::default() }).await.expect("the ledger");
    entries.iter().filter(|entry| entry.dedup_key.starts_with("alert/channel_attention/")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_admins_are_told_once_a_day_however_the_numbers_move() {
    let twin = ZaloTwin::start().await;
    let channels = twin.channel("[[channel]]\nname = \"mailbox\"\nkind = \"capture\"\n");
    let extra = "[alerts]\nto = [\"admin@province.example\"]\n".to_owned();
    let project = Project::new(&Plan { units: 1, channels, extra, ..Plan::default() });
    let app = app(&project, &twin).await;
    for (left, told) in [(50, 0), (49, 1), (48, 1), (7, 1), (0, 1)] {
        twin.state().quota_left = left;
        app.clock.advance(HOUR);
        // What a round begins with.
        round(&app).await;
        assert_eq!(alerts(&app).await, told, "{left}");
    }
    app.clock.advance(HOUR * 24);
    round(&app).await;
    assert_eq!(alerts(&app).await, 2, "another day");
}
