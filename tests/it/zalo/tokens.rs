//! The pair of tokens: replaced in time, by one, never lost by us, and never readable in the database.

use std::time::Duration;

use dondoc::channel::{Class, Given};
use dondoc::seal::Keys;
use secrecy::SecretString;

use super::{PHONE, Scene, letter};
use crate::support::databases::{Fresh, conformance};
use crate::support::zalo::{OnReuse, RefreshFault};

const HOUR: Duration = Duration::from_hours(1);

conformance!(many_ask_and_one_refreshes, a_pair_is_replaced_in_time);

async fn a_pair_is_replaced_in_time(fresh: Fresh) {
    let scene = Scene::on(fresh).await;
    scene.clock.advance(HOUR * 19);
    scene.send(1, PHONE).await.unwrap();
    assert_eq!(scene.twin.state().refreshes, 0);
    scene.clock.advance(HOUR);
    scene.channel().tend().await.unwrap();
    assert_eq!(scene.twin.spent(), (1, 0));
    scene.twin.state().good_access.remove("ZALO-AT-1");
    scene.send(2, PHONE).await.unwrap();
    assert_eq!(scene.twin.state().refreshes, 1, "another process finds the new pair");
}

async fn many_ask_and_one_refreshes(fresh: Fresh) {
    let scene = Scene::on(fresh).await;
    scene.clock.advance(HOUR * 21);
    let channels: Vec<_> = (0..6).map(|_| scene.channel()).collect();
    let sends =
        channels.iter().zip(1..).map(|(channel, number)| async move { channel.send(&letter(number, PHONE)).await });
    for sent in futures_util::future::join_all(sends).await {
        sent.unwrap();
    }
    let state = scene.twin.state();
    assert_eq!((state.refreshes, state.refresh_reused, state.taken.len()), (1, 0, 6));
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_the_message_sent_once() {
    let scene = Scene::new().await;
    scene.twin.state().end_access();
    scene.send(1, PHONE).await.unwrap();
    let state = scene.twin.state();
    assert_eq!((state.refreshes, state.taken.len()), (1, 1));
}

#[tokio::test]
async fn a_lost_answer_leaves_the_old_token_in_use_and_is_told() {
    let scene = Scene::new().await;
    scene.twin.state().refresh_faults.push_back(RefreshFault::Lost);
    scene.clock.advance(HOUR * 20);
    let channel = scene.channel();
    let told = channel.tend().await.unwrap_err();
    assert!(told.reason.contains("was lost") && told.reason.contains("11:00, 27/11/2026"), "{told}");
    assert!(told.reason.contains("dondoc zalo seed"), "{told}");
    for number in 1..4 {
        scene.send(number, PHONE).await.unwrap();
    }
    assert_eq!(scene.twin.spent(), (1, 0));
    // The old one ends: one further try, and then never again.
    scene.clock.advance(HOUR * 6);
    scene.twin.state().end_access();
    for number in 4..8 {
        assert_eq!(scene.send(number, PHONE).await.unwrap_err().class, Class::ChannelBroken);
    }
    assert_eq!(scene.twin.spent(), (2, 1));
    assert!(scene.channel().tend().await.unwrap_err().reason.contains("consent again"));
    // A person consents again.
    {
        let mut state = scene.twin.state();
        state.access = "ZALO-AT-50".to_owned();
        state.refresh = "ZALO-RT-50".to_owned();
        state.good_access.insert("ZALO-AT-50".to_owned());
    }
    scene.seed().await;
    scene.send(4, PHONE).await.unwrap();
    scene.channel().tend().await.unwrap();
    assert_eq!(scene.twin.state().taken.len(), 4);
}

#[tokio::test]
async fn a_process_that_dies_between_answer_and_commit_leaves_an_intent_that_the_next_one_heeds() {
    let scene = Scene::new().await;
    scene.twin.state().refresh_faults.push_back(RefreshFault::Silent);
    scene.clock.advance(HOUR * 20);
    let dying = scene.channel();
    // The one who asked is dropped, as at the end of a process; the intent is there.
    let asked = async {
        while scene.twin.state().refreshes == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        told = dying.tend() => panic!("Zalo is silent: {told:?}"),
        () = asked => {}
    }
    assert_eq!(scene.twin.state().refreshes, 1);
    scene.clock.advance(HOUR);
    scene.twin.state().on_reuse = OnReuse::Reject;
    let told = scene.channel().tend().await.unwrap_err();
    assert!(told.reason.contains("lost"), "{told}");
    scene.send(1, PHONE).await.unwrap();
    assert_eq!(scene.twin.spent(), (1, 0));
}

#[tokio::test]
async fn a_refusal_is_told_and_tried_again_after_a_pause() {
    let scene = Scene::new().await;
    scene.twin.state().refresh_faults.push_back(RefreshFault::Refused(-14_002));
    scene.clock.advance(HOUR * 20);
    for _ in 0..3 {
        let told = scene.channel().tend().await.unwrap_err();
        assert!(told.reason.contains("-14002"), "{told}");
        scene.send(1, PHONE).await.unwrap();
    }
    assert_eq!(scene.twin.state().refreshes, 1);
    scene.clock.advance(HOUR);
    scene.channel().tend().await.unwrap();
    assert_eq!(scene.twin.spent(), (2, 0));
}

#[tokio::test]
async fn an_oauth_host_that_is_away_spends_nothing() {
    let scene = Scene::new().await;
    scene.clock.advance(HOUR * 20);
    let mut settings = scene.settings();
    settings.oauth_url = "http://127.0.0.1:9".to_owned();
    let channel = scene.open(settings);
    channel.send(&letter(1, PHONE)).await.unwrap();
    scene.clock.advance(Duration::from_mins(2));
    scene.channel().tend().await.unwrap();
    assert_eq!(scene.twin.spent(), (1, 0));
}

#[tokio::test]
async fn without_the_key_or_a_pair_the_channel_says_what_to_do() {
    let scene = Scene::new().await;
    let mut settings = scene.settings();
    settings.keys = Keys::of(&SecretString::from("another-key-of-more-than-32-characters"));
    let error = scene.open(settings).send(&letter(1, PHONE)).await.unwrap_err();
    assert!(error.class == Class::ChannelBroken && error.reason.contains("no key in [secrets] opens"), "{error}");
    let mut settings = scene.settings();
    settings.app_id = "55".to_owned();
    let error = scene.open(settings).send(&letter(1, PHONE)).await.unwrap_err();
    assert!(error.class == Class::ChannelBroken && error.reason.contains("there is no token yet"), "{error}");
}

#[tokio::test]
async fn the_key_can_be_replaced_and_the_database_gives_no_token_away() {
    let scene = Scene::new().await;
    let mut settings = scene.settings();
    settings.keys =
        Keys::of(&SecretString::from("a-new-key-a-new-key-a-new-key-a-new a-key-for-tests-of-more-than-32-characters"));
    scene.clock.advance(HOUR * 20);
    scene.open(settings.clone()).tend().await.unwrap();
    settings.keys = Keys::of(&SecretString::from("a-new-key-a-new-key-a-new-key-a-new"));
    scene.open(settings).send(&letter(1, PHONE)).await.unwrap();
    let dondoc::db::Db::Sqlite { readers, .. } = scene.db() else { return };
    let rows: Vec<(String,)> = sqlx::query_as("SELECT sealed FROM zalo_token").fetch_all(readers).await.unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|(sealed,)| !sealed.contains("ZALO")));
    assert!(Given::typed("x").is_err());
}
