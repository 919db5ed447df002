//! The outbox keeps its promises on both engines.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use dondoc::db::Db;
use dondoc::outbox::{
    self, Claim, Claimed, Fact, Filter, HoldReason, NewEntry, Outcome, Resend, State, Times, Told, Trust,
};

use crate::support::databases::{Fresh, conformance};

conformance!(
    the_same_reminder_is_kept_once,
    eight_workers_never_claim_an_entry_twice,
    a_lease_that_runs_out_is_claimable_again_under_the_same_message_id,
    a_settlement_under_an_old_lease_changes_nothing,
    an_entry_that_must_not_repeat_becomes_uncertain_when_its_worker_dies,
    an_entry_that_must_not_repeat_does_not_when_the_clock_was_put_back,
    an_entry_that_keeps_ending_its_worker_is_offered_alone_and_then_quarantined,
    a_message_past_its_validity_expires_unsent,
    a_held_batch_goes_only_as_a_whole_and_its_hash_covers_every_word,
    what_is_let_go_on_a_day_off_waits_and_stays_valid,
    a_broken_channel_burns_no_attempt,
    an_entry_that_its_peer_knows_for_a_day_is_offered_again_only_within_it,
    what_a_provider_says_is_a_fact_on_the_entry_and_is_noted_once,
    the_name_of_a_message_can_be_learnt_later_and_only_once,
    a_settled_entry_stays_settled,
    a_cancelled_entry_is_never_sent_and_a_failed_one_can_be_offered_again,
);

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn start() -> DateTime<Utc> {
    at("2022-10-31T08:00:00+07:00")
}

pub(crate) fn entry(name: &str) -> NewEntry {
    NewEntry {
        dedup_key: format!("reminder/{name}/mail/1"),
        unit_code: name.to_owned(),
        recipient_id: format!("{name}/head"),
        channel: "mail".to_owned(),
        address: format!("{name}@xa.example"),
        domain: "tinh.example".to_owned(),
        content: format!("{{\"subject\":\"{name}\"}}"),
        resend: Resend::Always,
        hold: None,
        turn: None,
    }
}

fn times() -> Times {
    Times { now: start(), due_at: start(), valid_until: start() + Duration::from_hours(48) }
}

async fn put(db: &Db, entries: &[NewEntry]) -> u64 {
    let mut work = db.begin().await.unwrap();
    let new = outbox::enqueue(&mut work, "run-1", entries, times()).await.unwrap();
    work.commit().await.unwrap();
    new
}

async fn claim(db: &Db, worker: &str, limit: usize, now: DateTime<Utc>, trust: Trust) -> Vec<Claimed> {
    let mut work = db.begin().await.unwrap();
    let lease_until = now + Duration::from_mins(1);
    let asked = Claim { channel: "mail", worker, limit, now, lease_until, beside: &[] };
    let claimed = outbox::claim(&mut work, asked, trust).await.unwrap();
    work.commit().await.unwrap();
    claimed
}

async fn settle(db: &Db, worker: &str, claimed: &Claimed, outcome: Outcome, next: State) -> u64 {
    let mut settlement = claimed.ended(start(), start(), outcome);
    settlement.next = next;
    settlement.due_at = (next == State::Ready).then(start);
    settlement.burnt = outcome != Outcome::ChannelBroken;
    settlement.sent_hash = (outcome == Outcome::Accepted).then(|| "9f86".to_owned());
    let mut work = db.begin().await.unwrap();
    let moved = outbox::settle(&mut work, worker, &[settlement]).await.unwrap();
    work.commit().await.unwrap();
    moved
}

async fn recover(db: &Db, now: DateTime<Utc>) -> outbox::Recovered {
    let mut work = db.begin().await.unwrap();
    let recovered = outbox::recover(&mut work, outbox::Moment::open(now), now).await.unwrap();
    work.commit().await.unwrap();
    recovered
}

async fn only(db: &Db) -> outbox::Entry {
    let mut all = outbox::list(db, &Filter::default()).await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn the_same_reminder_is_kept_once(fresh: Fresh) {
    let entries: Vec<_> = (0..200).map(|number| entry(&format!("u{number}"))).collect();
    assert_eq!(put(&fresh.db, &entries).await, 200);
    let mut changed = entries.clone();
    "{\"subject\":\"another text\"}".clone_into(&mut changed[0].content);
    assert_eq!(put(&fresh.db, &changed).await, 0, "the key decides, not the text");
    assert_eq!(outbox::tally(&fresh.db, Some("run-1")).await.unwrap().of(State::Ready), 200);
    let (_, content, _) =
        outbox::show(&fresh.db, &outbox::EntryId::of(&entries[0].dedup_key).0.to_string()).await.unwrap().unwrap();
    assert_eq!(content, entries[0].content, "what was frozen first stays");
}

async fn eight_workers_never_claim_an_entry_twice(fresh: Fresh) {
    let entries: Vec<_> = (0..2_000).map(|number| entry(&format!("u{number}"))).collect();
    put(&fresh.db, &entries).await;
    let workers = (0..8).map(|number| {
        let db = fresh.db.clone();
        tokio::spawn(async move {
            let worker = format!("w{number}");
            let mut mine = Vec::new();
            loop {
                let claimed = claim(&db, &worker, 20, start(), Trust::Usual).await;
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed.into_iter().map(|claimed| claimed.id));
            }
        })
    });
    let mut times_claimed: HashMap<String, u32> = HashMap::new();
    for worker in workers.collect::<Vec<_>>() {
        for id in worker.await.unwrap() {
            *times_claimed.entry(id).or_default() += 1;
        }
    }
    assert_eq!(times_claimed.len(), 2_000);
    assert!(times_claimed.values().all(|times| *times == 1));
}

async fn a_lease_that_runs_out_is_claimable_again_under_the_same_message_id(fresh: Fresh) {
    put(&fresh.db, &[entry("07201")]).await;
    let first = claim(&fresh.db, "a", 10, start(), Trust::Usual).await;
    let later = start() + Duration::from_secs(61);
    assert!(claim(&fresh.db, "b", 10, later, Trust::Suspect).await.is_empty(), "not before it is taken back");
    assert_eq!(recover(&fresh.db, start() + Duration::from_secs(59)).await.lost, 0);
    assert_eq!(recover(&fresh.db, later).await.lost, 1);
    let second = claim(&fresh.db, "b", 10, later, Trust::Suspect).await;
    assert_eq!(second[0].message_id, first[0].message_id);
    assert_eq!(second[0].content, first[0].content);
    assert_eq!((second[0].epoch, second[0].attempts), (2, 1), "a lost attempt does not count, its lease does");
    let (_, _, attempts) = outbox::show(&fresh.db, &first[0].id).await.unwrap().unwrap();
    assert_eq!(attempts[0].outcome, "lost");
}

async fn a_settlement_under_an_old_lease_changes_nothing(fresh: Fresh) {
    put(&fresh.db, &[entry("07201")]).await;
    let first = claim(&fresh.db, "a", 10, start(), Trust::Usual).await;
    let later = start() + Duration::from_secs(61);
    recover(&fresh.db, later).await;
    let second = claim(&fresh.db, "b", 10, later, Trust::Suspect).await;
    assert_eq!(settle(&fresh.db, "a", &first[0], Outcome::Permanent, State::Failed).await, 0);
    assert_eq!(only(&fresh.db).await.state, State::Sending);
    assert_eq!(settle(&fresh.db, "b", &second[0], Outcome::Accepted, State::Sent).await, 1);
    assert_eq!(only(&fresh.db).await.state, State::Sent);
}

async fn an_entry_that_must_not_repeat_becomes_uncertain_when_its_worker_dies(fresh: Fresh) {
    put(&fresh.db, &[NewEntry { resend: Resend::Never, ..entry("07201") }]).await;
    claim(&fresh.db, "a", 10, start(), Trust::Usual).await;
    recover(&fresh.db, start() + Duration::from_secs(61)).await;
    assert_eq!(only(&fresh.db).await.state, State::Uncertain);
}

async fn an_entry_that_must_not_repeat_does_not_when_the_clock_was_put_back(fresh: Fresh) {
    put(&fresh.db, &[NewEntry { resend: Resend::Never, ..entry("07201") }]).await;
    let claimed = claim(&fresh.db, "a", 10, start(), Trust::Usual).await;
    assert_eq!(claimed[0].resend_until, 0, "an unknown outcome is tried again at no time");
    let earlier = start() - Duration::from_secs(5);
    let mut work = fresh.db.begin().await.unwrap();
    // As one who alone holds the database: every lease has ended.
    outbox::recover(&mut work, outbox::Moment::open(earlier), start() + Duration::from_hours(1)).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(only(&fresh.db).await.state, State::Uncertain);
}

async fn an_entry_that_its_peer_knows_for_a_day_is_offered_again_only_within_it(fresh: Fresh) {
    put(&fresh.db, &[NewEntry { resend: Resend::Within(Duration::from_hours(20)), ..entry("07201") }]).await;
    let first = claim(&fresh.db, "a", 10, start(), Trust::Usual).await;
    let until = start() + Duration::from_hours(20);
    assert_eq!(first[0].resend_until, until.timestamp_millis());
    recover(&fresh.db, start() + Duration::from_secs(61)).await;
    assert_eq!(only(&fresh.db).await.state, State::Ready);
    let second = claim(&fresh.db, "a", 10, start() + Duration::from_mins(2), Trust::Suspect).await;
    assert_eq!(second[0].resend_until, first[0].resend_until, "it counts from the first attempt");
    recover(&fresh.db, until).await;
    assert_eq!(only(&fresh.db).await.state, State::Uncertain);
}

async fn what_a_provider_says_is_a_fact_on_the_entry_and_is_noted_once(fresh: Fresh) {
    put(&fresh.db, &[entry("07201")]).await;
    let claimed = claim(&fresh.db, "a", 10, start(), Trust::Usual).await;
    let mut settlement = claimed[0].ended(start(), start(), Outcome::Accepted);
    settlement.reference = Some("provider-7".to_owned());
    let mut work = fresh.db.begin().await.unwrap();
    outbox::settle(&mut work, "a", &[settlement]).await.unwrap();
    work.commit().await.unwrap();
    let awaiting = outbox::awaiting_receipt(&fresh.db, "mail", start(), 10).await.unwrap();
    assert_eq!(awaiting.iter().map(|one| one.reference.as_str()).collect::<Vec<_>>(), ["provider-7"]);
    let id = outbox::by_reference(&fresh.db, "mail", "provider-7").await.unwrap().unwrap();
    assert_eq!(id, claimed[0].id);
    let mut noted = Vec::new();
    for (entry_id, fact, detail) in [
        (id.as_str(), Fact::Delivered, "first"),
        (&id, Fact::Delivered, "again"),
        (&id, Fact::Seen, "opened"),
        ("a-stranger", Fact::Delivered, "not ours"),
    ] {
        let (entry_id, said_by, detail) = (entry_id.to_owned(), "mail".to_owned(), detail.to_owned());
        let told = Told { entry_id, fact, at: start(), said_by, detail };
        let mut work = fresh.db.begin().await.unwrap();
        noted.push(outbox::note_receipt(&mut work, &told, start()).await.unwrap());
        work.commit().await.unwrap();
    }
    assert_eq!(noted, [true, false, true, false]);
    let said = outbox::receipts(&fresh.db, &id).await.unwrap();
    assert_eq!(said.iter().map(|said| said.detail.as_str()).collect::<Vec<_>>(), ["first", "opened"]);
    assert!(outbox::awaiting_receipt(&fresh.db, "mail", start(), 10).await.unwrap().is_empty());
    assert_eq!(only(&fresh.db).await.state, State::Sent, "a fact is no state");
}

async fn the_name_of_a_message_can_be_learnt_later_and_only_once(fresh: Fresh) {
    put(&fresh.db, &[entry("07201"), entry("07204")]).await;
    assert_eq!(outbox::queued(&fresh.db, "mail").await.unwrap(), 2);
    let claimed = claim(&fresh.db, "a", 1, start(), Trust::Usual).await;
    let learn = async |channel: &'static str, reference: &'static str| {
        let mut work = fresh.db.begin().await.unwrap();
        let learnt = outbox::learn_reference(&mut work, channel, &claimed[0].id, reference).await.unwrap();
        work.commit().await.unwrap();
        learnt
    };
    assert!(!learn("mail", "too-early").await);
    settle(&fresh.db, "a", &claimed[0], Outcome::Accepted, State::Sent).await;
    assert_eq!(outbox::queued(&fresh.db, "mail").await.unwrap(), 1);
    let unknown = outbox::unreferenced(&fresh.db, "mail", start(), 10).await.unwrap();
    assert_eq!(unknown.iter().map(|one| &one.id).collect::<Vec<_>>(), [&claimed[0].id]);
    assert_eq!((&unknown[0].content, unknown[0].begun_at), (&claimed[0].content, start().timestamp_millis()));
    assert!(!learn("sms", "of-another-channel").await);
    assert!(learn("mail", "m-1").await && !learn("mail", "m-2").await);
    assert_eq!(outbox::by_reference(&fresh.db, "mail", "m-1").await.unwrap(), Some(claimed[0].id.clone()));
    assert!(outbox::unreferenced(&fresh.db, "mail", start(), 10).await.unwrap().is_empty());
}

async fn an_entry_that_keeps_ending_its_worker_is_offered_alone_and_then_quarantined(fresh: Fresh) {
    put(&fresh.db, &[entry("07201"), entry("07204")]).await;
    let mut now = start();
    for (usual, alone) in [(2, 0), (0, 1), (0, 1), (0, 1), (0, 1), (0, 0)] {
        assert_eq!(claim(&fresh.db, "a", 10, now, Trust::Usual).await.len(), usual);
        assert_eq!(claim(&fresh.db, "a", 10, now, Trust::Suspect).await.len(), alone, "one, alone");
        now += Duration::from_secs(61);
        recover(&fresh.db, now).await;
    }
    assert_eq!(outbox::tally(&fresh.db, None).await.unwrap().of(State::Quarantined), 2);
    let all = outbox::list(&fresh.db, &Filter::default()).await.unwrap();
    for entry in all {
        let (_, _, attempts) = outbox::show(&fresh.db, &entry.id).await.unwrap().unwrap();
        assert_eq!(attempts.iter().filter(|attempt| attempt.outcome == "lost").count(), 3);
    }
}

async fn a_message_past_its_validity_expires_unsent(fresh: Fresh) {
    put(&fresh.db, &[entry("07201")]).await;
    let too_late = start() + Duration::from_hours(48);
    assert!(claim(&fresh.db, "a", 10, too_late, Trust::Usual).await.is_empty());
    assert_eq!(recover(&fresh.db, too_late).await.expired, 1);
    assert_eq!(only(&fresh.db).await.state, State::Expired);
}

async fn a_held_batch_goes_only_as_a_whole_and_its_hash_covers_every_word(fresh: Fresh) {
    let held = |name: &str| NewEntry { hold: Some(HoldReason::Approval), ..entry(name) };
    put(&fresh.db, &[held("07201"), held("07204")]).await;
    assert!(claim(&fresh.db, "a", 10, start(), Trust::Usual).await.is_empty());
    let mut work = fresh.db.begin().await.unwrap();
    let batch = outbox::held_batch(&mut work).await.unwrap();
    work.commit().await.unwrap();
    put(&fresh.db, &[held("07207")]).await;
    let mut work = fresh.db.begin().await.unwrap();
    let grown = outbox::held_batch(&mut work).await.unwrap();
    assert_eq!((batch.messages, grown.messages), (2, 3));
    assert_ne!(batch.hash, grown.hash);
    let times = Times { now: start(), due_at: start(), valid_until: start() + Duration::from_hours(1) };
    assert_eq!(outbox::release(&mut work, &batch, times).await.unwrap(), 2, "what was looked at");
    assert_eq!(outbox::release(&mut work, &grown, times).await.unwrap(), 1, "and the rest");
    work.commit().await.unwrap();
    assert_eq!(claim(&fresh.db, "a", 10, start(), Trust::Usual).await.len(), 3);
}

async fn what_is_let_go_on_a_day_off_waits_and_stays_valid(fresh: Fresh) {
    let (hour, valid_for) = (Duration::from_hours(1), Duration::from_hours(2));
    let held = |name: &str| NewEntry { hold: Some(HoldReason::Approval), ..entry(name) };
    let mut work = fresh.db.begin().await.unwrap();
    for (name, due_at) in [("early", start()), ("late", start() + hour * 9)] {
        let times = Times { now: start(), due_at, valid_until: due_at + valid_for };
        outbox::enqueue(&mut work, "run-1", &[held(name)], times).await.unwrap();
    }
    let opens = start() + hour * 5;
    let times = Times { now: start() + hour, due_at: opens, valid_until: opens + valid_for };
    let batch = outbox::held_batch(&mut work).await.unwrap();
    assert_eq!(outbox::release(&mut work, &batch, times).await.unwrap(), 2);
    work.commit().await.unwrap();
    for (after, waiting) in [(4, 0), (6, 1), (8, 0), (10, 1), (11, 0)] {
        let claimed = claim(&fresh.db, "a", 10, start() + hour * after, Trust::Usual).await;
        assert_eq!(claimed.len(), waiting, "after {after} hours");
    }
}

async fn a_broken_channel_burns_no_attempt(fresh: Fresh) {
    put(&fresh.db, &[entry("07201")]).await;
    for _ in 0..4 {
        let claimed = claim(&fresh.db, "a", 1, start(), Trust::Usual).await;
        assert_eq!(claimed[0].attempts, 1);
        settle(&fresh.db, "a", &claimed[0], Outcome::ChannelBroken, State::Ready).await;
    }
    let entry = only(&fresh.db).await;
    assert_eq!((entry.state, entry.attempts), (State::Ready, 0));
}

async fn a_settled_entry_stays_settled(fresh: Fresh) {
    put(&fresh.db, &[entry("07201")]).await;
    let claimed = claim(&fresh.db, "a", 1, start(), Trust::Usual).await;
    assert_eq!(settle(&fresh.db, "a", &claimed[0], Outcome::Accepted, State::Sent).await, 1);
    assert_eq!(settle(&fresh.db, "a", &claimed[0], Outcome::Permanent, State::Failed).await, 0);
    let mut work = fresh.db.begin().await.unwrap();
    assert!(!outbox::cancel(&mut work, &claimed[0].id, "too late", start()).await.unwrap());
    assert!(!outbox::retry(&mut work, &claimed[0].id, start(), start()).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(only(&fresh.db).await.state, State::Sent);
    let (_, _, attempts) = outbox::show(&fresh.db, &claimed[0].id).await.unwrap().unwrap();
    assert_eq!((attempts.len(), attempts[0].sent_hash.as_deref()), (1, Some("9f86")));
}

async fn a_cancelled_entry_is_never_sent_and_a_failed_one_can_be_offered_again(fresh: Fresh) {
    put(&fresh.db, &[entry("07201"), entry("07204")]).await;
    let cancelled = outbox::EntryId::of(&entry("07201").dedup_key).0.to_string();
    let mut work = fresh.db.begin().await.unwrap();
    assert!(outbox::cancel(&mut work, &cancelled, "wrong head", start()).await.unwrap());
    work.commit().await.unwrap();
    let claimed = claim(&fresh.db, "a", 10, start(), Trust::Usual).await;
    assert_eq!(claimed.len(), 1);
    settle(&fresh.db, "a", &claimed[0], Outcome::Permanent, State::Failed).await;
    let mut work = fresh.db.begin().await.unwrap();
    assert!(outbox::retry(&mut work, &claimed[0].id, start(), times().valid_until).await.unwrap());
    work.commit().await.unwrap();
    let again = claim(&fresh.db, "a", 10, start(), Trust::Usual).await;
    assert_eq!(again[0].message_id, claimed[0].message_id);
}
