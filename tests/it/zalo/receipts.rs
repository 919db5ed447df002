//! What became of messages: asked for and told, and what is not genuine counts for nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dondoc::channel::{Callback, CallbackError, Channel, ZaloSignedBy};
use dondoc::dispatch::{Lane, Limits, Settings as Delivery};
use dondoc::outbox::{self, Fact, NewEntry, Resend, State, Times};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::{PHONE, PHONE_84, Scene, letter, noon};
use crate::support::databases::{Fresh, conformance};
use crate::support::zalo::{ACCOUNT, APP, Fault, SECRET};

conformance!(what_was_delivered_is_asked_for, an_uncertain_message_is_settled_when_zalo_confirms_it,);

/// Enqueues a letter and works the lane until nothing is due. Returns the entry's id.
async fn deliver(scene: &Scene, channel: &std::sync::Arc<Channel>) -> String {
    let entry = NewEntry {
        dedup_key: "reminder/07201/head/zalo/x".to_owned(),
        unit_code: "07201".to_owned(),
        recipient_id: "07201/head".to_owned(),
        channel: "zalo".to_owned(),
        address: PHONE.to_owned(),
        domain: "dondoc.invalid".to_owned(),
        content: serde_json::to_string(&letter(1, PHONE).content).unwrap(),
        resend: Resend::Never,
        hold: None,
        turn: None,
    };
    let now = noon();
    let times = Times { now, due_at: now, valid_until: now + chrono::TimeDelta::days(2) };
    let mut work = scene.db().begin().await.unwrap();
    outbox::enqueue(&mut work, "run", &[entry], times).await.unwrap();
    work.commit().await.unwrap();
    let done = CancellationToken::new();
    done.cancel();
    let limits = Limits {
        drain_within: Some(Duration::ZERO),
        stop: CancellationToken::new(),
        upstream_done: done,
        wake: std::sync::Arc::default(),
    };
    let delivery = Delivery::default();
    let lane = Lane::new(scene.db(), &scene.clock, std::sync::Arc::clone(channel), &delivery, "worker");
    lane.run(&limits).await.unwrap();
    outbox::EntryId::of("reminder/07201/head/zalo/x").0.to_string()
}

async fn state(scene: &Scene, id: &str) -> (State, Vec<Fact>) {
    let (entry, ..) = outbox::show(scene.db(), id).await.unwrap().unwrap();
    let said = outbox::receipts(scene.db(), id).await.unwrap();
    (entry.state, said.into_iter().map(|said| said.fact).collect())
}

async fn what_was_delivered_is_asked_for(fresh: Fresh) {
    let scene = Scene::on(fresh).await;
    let channel = std::sync::Arc::new(scene.channel());
    let id = deliver(&scene, &channel).await;
    for (minutes, status, facts) in [(10, -1, vec![]), (20, 0, vec![]), (60, 1, vec![Fact::Delivered])] {
        scene.twin.state().statuses.insert("msg1".to_owned(), status);
        scene.clock.advance(Duration::from_mins(minutes));
        channel.tend().await.unwrap();
        assert_eq!(state(&scene, &id).await, (State::Sent, facts), "{status}");
    }
}

/// An event as Zalo signs it.
pub(crate) fn event(name: &str, tracking_id: &str, at: DateTime<Utc>) -> (Vec<u8>, String) {
    signed(name, tracking_id, at, (APP, SECRET))
}

/// An event that is signed with an id and a secret.
fn signed(name: &str, tracking_id: &str, at: DateTime<Utc>, (id, secret): (&str, &str)) -> (Vec<u8>, String) {
    let stamp = at.timestamp_millis().to_string();
    let body = serde_json::json!({ "event_name": name, "app_id": APP, "timestamp": stamp,
        "recipient": { "id": PHONE_84 }, "message": { "msg_id": "elsewhere", "tracking_id": tracking_id, "delivery_time": stamp } });
    let body = body.to_string().into_bytes();
    let mut hash = Sha256::new();
    for piece in [id.as_bytes(), &body, stamp.as_bytes(), secret.as_bytes()] {
        hash.update(piece);
    }
    let mac = hash.finalize().iter().fold(String::new(), |mac, byte| format!("{mac}{byte:02x}"));
    (body, format!("mac={mac}"))
}

async fn tell(channel: &Channel, (body, mac): &(Vec<u8>, String)) -> Result<(), CallbackError> {
    let headers = [("x-zevent-signature".to_owned(), mac.clone())];
    channel.hear(&Callback { rest: "", query: "", headers: &headers, body }).await
}

async fn an_uncertain_message_is_settled_when_zalo_confirms_it(fresh: Fresh) {
    let scene = Scene::on(fresh).await;
    let channel = std::sync::Arc::new(scene.channel());
    scene.twin.state().fail(PHONE_84, Fault::LostAfterTaking);
    let id = deliver(&scene, &channel).await;
    assert_eq!(state(&scene, &id).await, (State::Uncertain, vec![]));
    let tracking = scene.twin.state().taken[0].tracking_id.clone();
    let delivered = event("user_received_message", &tracking, noon());
    for _ in 0..2 {
        tell(&channel, &delivered).await.unwrap();
        assert_eq!(state(&scene, &id).await, (State::Sent, vec![Fact::Delivered]));
    }
    tell(&channel, &event("user_seen_message", &tracking, noon())).await.unwrap();
    assert_eq!(state(&scene, &id).await.1.len(), 2);
    assert_eq!(scene.twin.state().taken.len(), 1);
}

#[tokio::test]
async fn a_call_that_is_signed_by_another_variant_than_the_pinned_one_changes_nothing() {
    let scene = Scene::new().await;
    let made = [
        (ZaloSignedBy::AppAndSecretKey, APP, SECRET),
        (ZaloSignedBy::AppAndWebhookSecret, APP, "of the account"),
        (ZaloSignedBy::AccountAndSecretKey, ACCOUNT, SECRET),
        (ZaloSignedBy::AccountAndWebhookSecret, ACCOUNT, "of the account"),
    ];
    scene.twin.state().fail(PHONE_84, Fault::LostAfterTaking);
    let id = deliver(&scene, &std::sync::Arc::new(scene.channel())).await;
    for pinned in ZaloSignedBy::ALL {
        let mut settings = scene.settings();
        settings.webhook_signed_by = Some(pinned);
        let channel = scene.open(settings);
        for (by, signer, secret) in made {
            // A seen message that is told once more adds nothing, so one entry serves every variant.
            let call = signed("user_seen_message", &id, noon(), (signer, secret));
            match tell(&channel, &call).await {
                Ok(()) => assert_eq!(by, pinned),
                Err(CallbackError::NotGenuine(why)) => {
                    assert!(by != pinned && why.contains(by.word()) && why.contains(pinned.word()), "{why}");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    for (_, signer, secret) in made {
        let call = signed("user_seen_message", &id, noon(), (signer, secret));
        tell(&scene.channel(), &call).await.unwrap();
    }
    assert_eq!(state(&scene, &id).await.1, [Fact::Seen]);
}

#[tokio::test]
async fn a_call_that_is_forged_old_or_about_nothing_changes_nothing() {
    let scene = Scene::new().await;
    let channel = std::sync::Arc::new(scene.channel());
    scene.twin.state().fail(PHONE_84, Fault::LostAfterTaking);
    let id = deliver(&scene, &channel).await;
    let (body, mac) = event("user_received_message", &id, noon());
    let forged = [
        (body.clone(), "mac=00".to_owned()),
        (body.clone(), String::new()),
        ([body.as_slice(), b" "].concat(), mac.clone()),
        (b"null".to_vec(), mac.clone()),
        (vec![b'x'; 60_000], mac),
        event("user_received_message", &id, noon() - chrono::TimeDelta::hours(4)),
        event("user_received_message", &id, noon() + chrono::TimeDelta::hours(1)),
    ];
    for call in &forged {
        assert!(matches!(tell(&channel, call).await, Err(CallbackError::NotGenuine(_))));
    }
    for other in ["", "not an id", "0b8e4a3e-9d3f-5c1e-8a77-3f1c2d4e5f60"] {
        tell(&channel, &event("user_received_message", other, noon())).await.unwrap();
    }
    tell(&channel, &event("follow", &id, noon())).await.unwrap();
    assert_eq!(state(&scene, &id).await, (State::Uncertain, vec![]));
}
