//! One message, several channels: one after the other, never two at once, and counted as one.

use std::time::Duration;

use chrono::{DateTime, Utc};
use dondoc::db::Db;
use dondoc::outbox::{
    self, Claim, Claimed, EntryId, Fact, Fate, Filter, HoldReason, Moment, NewEntry, Outcome, Resend, Resolved, State,
    Times, Told, Trust, Turn,
};

use crate::support::databases::{Fresh, conformance};

conformance!(
    what_stands_by_is_part_of_one_message_and_goes_when_the_one_before_fails_for_the_recipient,
    a_message_that_is_refused_as_such_holds_the_rest_back,
    what_was_sent_is_followed_only_by_a_fact_that_it_did_not_arrive,
    when_nothing_more_can_be_heard_the_rest_is_taken_back_at_once,
    one_that_is_not_sent_in_time_yields_unless_it_is_on_its_way,
    one_that_expired_or_ended_its_worker_is_followed,
    an_unknown_fate_calls_nobody_until_a_person_says_so,
    an_approver_approves_every_way_and_trial_mode_holds_for_each,
    what_is_taken_back_or_never_let_go_takes_the_rest_with_it,
    a_retry_is_refused_once_another_channel_took_over,
    new_words_reach_every_way,
);

fn start() -> DateTime<Utc> {
    "2022-10-31T08:00:00+07:00".parse().unwrap()
}

fn after(hours: u64) -> DateTime<Utc> {
    start() + Duration::from_hours(hours)
}

/// `zalo`, then `sms` after four hours, then `mail`.
fn chain(name: &str, hold: Option<HoldReason>) -> Vec<NewEntry> {
    let key = |channel: &str| format!("reminder/{name}/{channel}/1");
    let address = |channel: &str| match channel {
        "mail" => format!("{name}@xa.example"),
        _ => format!("0900 000 {name}"),
    };
    let entry = |(place, channel): (u32, &str)| NewEntry {
        dedup_key: key(channel),
        unit_code: name.to_owned(),
        recipient_id: format!("{name}/head"),
        channel: channel.to_owned(),
        address: address(channel),
        domain: "tinh.example".to_owned(),
        content: format!("{{\"subject\":\"{name}\"}}"),
        resend: if channel == "zalo" { Resend::Never } else { Resend::Always },
        hold,
        turn: Some(Turn {
            first: key("zalo"),
            place,
            yields_after: (channel == "zalo").then_some(Duration::from_hours(4)),
        }),
    };
    (0..).zip(["zalo", "sms", "mail"]).map(entry).collect()
}

async fn put(db: &Db, entries: &[NewEntry]) -> u64 {
    let times = Times { now: start(), due_at: start(), valid_until: after(48) };
    let mut work = db.begin().await.unwrap();
    let new = outbox::enqueue(&mut work, "run-1", entries, times).await.unwrap();
    work.commit().await.unwrap();
    new
}

async fn claim(db: &Db, channel: &str, now: DateTime<Utc>) -> Vec<Claimed> {
    let mut work = db.begin().await.unwrap();
    let lease_until = now + Duration::from_mins(1);
    let asked = Claim { channel, worker: "w", limit: 10, now, lease_until, beside: &[] };
    let claimed = outbox::claim(&mut work, asked, Trust::Usual).await.unwrap();
    work.commit().await.unwrap();
    claimed
}

/// Sends through `channel` with this end, as a lane does.
async fn send(db: &Db, channel: &str, now: DateTime<Utc>, (outcome, next): (Outcome, State)) -> u64 {
    let claimed = claim(db, channel, now).await;
    assert_eq!(claimed.len(), 1, "{channel} is due");
    let mut settlement = claimed[0].ended(now, now, outcome);
    settlement.next = next;
    let mut work = db.begin().await.unwrap();
    assert_eq!(outbox::settle(&mut work, "w", &[settlement]).await.unwrap(), 1);
    let chains: Vec<String> = claimed[0].chain_id.iter().cloned().collect();
    let called = outbox::advance(&mut work, &chains, Moment::open(now)).await.unwrap();
    work.commit().await.unwrap();
    called
}

async fn look(db: &Db, now: DateTime<Utc>) -> outbox::Recovered {
    let mut work = db.begin().await.unwrap();
    let found = outbox::recover(&mut work, Moment::open(now), now).await.unwrap();
    work.commit().await.unwrap();
    found
}

/// The states of `name`'s entries in their order, and the state in which the message is counted.
async fn states(db: &Db, name: &str) -> (Vec<&'static str>, Option<&'static str>) {
    let filter = Filter { unit_code: Some(name.to_owned()), ..Filter::default() };
    let mut entries = outbox::list(db, &filter).await.unwrap();
    entries.sort_by_key(|entry| entry.place);
    let leads: Vec<_> = entries.iter().filter(|entry| entry.leads).collect();
    assert_eq!(leads.len(), 1, "one stands for the message");
    (entries.iter().map(|entry| entry.state.word()).collect(), leads.first().map(|entry| entry.state.word()))
}

async fn told(db: &Db, id: &str, fact: Fact, now: DateTime<Utc>) {
    let told = Told { entry_id: id.to_owned(), fact, at: now, said_by: "zalo".to_owned(), detail: String::new() };
    let mut work = db.begin().await.unwrap();
    assert!(outbox::note_receipt(&mut work, &told, now).await.unwrap());
    work.commit().await.unwrap();
}

fn id(key: &str) -> String {
    EntryId::of(key).0.to_string()
}

async fn what_stands_by_is_part_of_one_message_and_goes_when_the_one_before_fails_for_the_recipient(fresh: Fresh) {
    let db = &fresh.db;
    assert_eq!(put(db, &chain("001", None)).await, 1, "three entries are one message");
    assert_eq!(put(db, &chain("002", None)).await, 1);
    assert_eq!(outbox::tally(db, None).await.unwrap().all(), 2);
    assert!(claim(db, "sms", start()).await.is_empty() && claim(db, "mail", start()).await.is_empty());
    let zalo = claim(db, "zalo", start()).await;
    assert_eq!(zalo.len(), 2);
    let mut settlement = zalo[0].ended(start(), start(), Outcome::Recipient);
    settlement.next = State::Failed;
    let mut work = db.begin().await.unwrap();
    outbox::settle(&mut work, "w", &[settlement]).await.unwrap();
    let chains: Vec<String> = zalo.iter().filter_map(|one| one.chain_id.clone()).collect();
    assert_eq!(outbox::advance(&mut work, &chains, Moment::open(start())).await.unwrap(), 1, "the other one's waits");
    work.commit().await.unwrap();
    let (failed, other) = (zalo[0].unit_code.as_str(), zalo[1].unit_code.as_str());
    assert_eq!(states(db, failed).await, (vec!["failed", "ready", "standby"], Some("ready")));
    assert_eq!(states(db, other).await, (vec!["sending", "standby", "standby"], Some("sending")));
    assert_eq!(send(db, "sms", start(), (Outcome::Transient, State::Failed)).await, 1, "given up: mail");
    assert_eq!(send(db, "mail", start(), (Outcome::Accepted, State::Sent)).await, 0);
    assert_eq!(states(db, failed).await, (vec!["failed", "failed", "sent"], Some("sent")));
    let tally = outbox::tally(db, None).await.unwrap();
    assert_eq!((tally.all(), tally.of(State::Sent), tally.of(State::Failed)), (2, 1, 0));
}

async fn a_message_that_is_refused_as_such_holds_the_rest_back(fresh: Fresh) {
    put(&fresh.db, &chain("001", None)).await;
    assert_eq!(send(&fresh.db, "zalo", start(), (Outcome::Permanent, State::Failed)).await, 0);
    assert_eq!(states(&fresh.db, "001").await, (vec!["failed", "held", "held"], Some("failed")));
    let held = Filter { reason: Some(HoldReason::Fault), ..Filter::default() };
    assert_eq!(outbox::list(&fresh.db, &held).await.unwrap().len(), 2);
    let mut work = fresh.db.begin().await.unwrap();
    assert_eq!(outbox::held_batch(&mut work).await.unwrap().messages, 0, "nobody is asked to approve them");
    assert!(outbox::retry(&mut work, &id("reminder/001/zalo/1"), after(1), after(49)).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(states(&fresh.db, "001").await, (vec!["ready", "standby", "standby"], Some("ready")));
}

async fn what_was_sent_is_followed_only_by_a_fact_that_it_did_not_arrive(fresh: Fresh) {
    let db = &fresh.db;
    for name in ["001", "002", "003"] {
        put(db, &chain(name, None)).await;
        send(db, "zalo", start(), (Outcome::Accepted, State::Sent)).await;
    }
    told(db, &id("reminder/001/zalo/1"), Fact::Undelivered, after(1)).await;
    told(db, &id("reminder/002/zalo/1"), Fact::Delivered, after(1)).await;
    let mut work = db.begin().await.unwrap();
    let moment = Moment { now: after(1), opens_at: after(2) };
    assert_eq!(outbox::recover(&mut work, moment, after(1)).await.unwrap().called, 1);
    work.commit().await.unwrap();
    assert_eq!(states(db, "001").await, (vec!["sent", "ready", "standby"], Some("ready")));
    assert!(claim(db, "sms", after(1)).await.is_empty(), "not into quiet hours");
    send(db, "sms", after(2), (Outcome::Accepted, State::Sent)).await;
    look(db, after(48)).await;
    for name in ["001", "002", "003"] {
        let (states, counted) = states(db, name).await;
        assert_eq!(counted, Some("sent"), "{name}");
        assert!(!states.contains(&"standby"), "{name} {states:?}");
    }
    told(db, &id("reminder/003/zalo/1"), Fact::Undelivered, after(49)).await;
    assert_eq!(look(db, after(49)).await.called, 0, "too late to matter");
    let filter = Filter { unit_code: Some("002".to_owned()), ..Filter::default() };
    let said: Vec<_> =
        outbox::list(db, &filter).await.unwrap().into_iter().filter_map(|entry| entry.last_error).collect();
    assert_eq!(said, ["reached through zalo", "reached through zalo"]);
}

async fn when_nothing_more_can_be_heard_the_rest_is_taken_back_at_once(fresh: Fresh) {
    put(&fresh.db, &chain("001", None)).await;
    send(&fresh.db, "zalo", start(), (Outcome::Accepted, State::Sent)).await;
    let mut work = fresh.db.begin().await.unwrap();
    assert_eq!(outbox::reached(&mut work, &[id("reminder/001/zalo/1")], start()).await.unwrap(), 2);
    work.commit().await.unwrap();
    assert_eq!(states(&fresh.db, "001").await, (vec!["sent", "cancelled", "cancelled"], Some("sent")));
}

async fn one_that_is_not_sent_in_time_yields_unless_it_is_on_its_way(fresh: Fresh) {
    let db = &fresh.db;
    put(db, &chain("001", None)).await;
    assert_eq!(look(db, after(3)).await.called, 0);
    let claimed = claim(db, "zalo", after(4)).await;
    let mut work = db.begin().await.unwrap();
    let found = outbox::recover(&mut work, Moment::open(after(4)), start()).await.unwrap();
    assert_eq!(found.called, 0, "it is on its way");
    let mut back = claimed[0].ended(after(4), after(4), Outcome::ChannelBroken);
    back.next = State::Ready;
    outbox::settle(&mut work, "w", &[back]).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(look(db, after(5)).await.called, 1);
    assert_eq!(states(db, "001").await, (vec!["expired", "ready", "standby"], Some("ready")));
}

async fn one_that_expired_or_ended_its_worker_is_followed(fresh: Fresh) {
    let db = &fresh.db;
    let mut mail = chain("001", None).remove(2);
    let first = mail.dedup_key.clone();
    mail.turn = Some(Turn { first: first.clone(), place: 0, yields_after: None });
    let mut sms = chain("001", None).remove(1);
    sms.turn = Some(Turn { first, place: 1, yields_after: None });
    put(db, &[mail, sms]).await;
    for hours in [0, 1, 2] {
        let mut work = db.begin().await.unwrap();
        let (now, lease_until) = (after(hours), after(hours) + Duration::from_mins(1));
        let trust = if hours == 0 { Trust::Usual } else { Trust::Suspect };
        let asked = Claim { channel: "mail", worker: "w", limit: 1, now, lease_until, beside: &[] };
        assert_eq!(outbox::claim(&mut work, asked, trust).await.unwrap().len(), 1);
        work.commit().await.unwrap();
        look(db, after(hours) + Duration::from_mins(2)).await;
    }
    assert_eq!(states(db, "001").await, (vec!["quarantined", "ready"], Some("ready")));
}

async fn an_unknown_fate_calls_nobody_until_a_person_says_so(fresh: Fresh) {
    let db = &fresh.db;
    for name in ["001", "002"] {
        put(db, &chain(name, None)).await;
        assert_eq!(send(db, "zalo", start(), (Outcome::Unknown, State::Uncertain)).await, 0);
    }
    assert_eq!(look(db, after(5)).await.called, 0, "neither does time");
    let resolve = async |name: &str, fate| {
        let mut work = db.begin().await.unwrap();
        let terms = ("asked the provider", Moment::open(after(6)), after(54));
        let resolved = outbox::resolve(&mut work, &id(&format!("reminder/{name}/zalo/1")), fate, terms).await.unwrap();
        if resolved != Resolved::Not {
            outbox::record_deed(&mut work, &id(&format!("reminder/{name}/zalo/1")), "asked", after(6)).await.unwrap();
        }
        work.commit().await.unwrap();
        resolved
    };
    assert_eq!(resolve("001", Fate::NotSent).await, Resolved::NextChannel);
    assert_eq!(resolve("002", Fate::Sent).await, Resolved::Sent);
    assert_eq!(resolve("002", Fate::NotSent).await, Resolved::Not, "it is known already");
    assert_eq!(states(db, "001").await, (vec!["failed", "ready", "standby"], Some("ready")));
    assert_eq!(states(db, "002").await, (vec!["sent", "standby", "standby"], Some("sent")));
    let (_, _, attempts) = outbox::show(db, &id("reminder/001/zalo/1")).await.unwrap().unwrap();
    assert_eq!(attempts.last().unwrap().outcome, "by_hand");
}

async fn an_approver_approves_every_way_and_trial_mode_holds_for_each(fresh: Fresh) {
    let db = &fresh.db;
    let mut entries = chain("001", Some(HoldReason::Approval));
    entries[2].hold = Some(HoldReason::Trial);
    put(db, &entries).await;
    assert_eq!(states(db, "001").await, (vec!["held", "standby", "standby"], Some("held")));
    let mut work = db.begin().await.unwrap();
    let before = outbox::held_batch(&mut work).await.unwrap();
    work.commit().await.unwrap();
    let (mut further, dedup_key) = (entries[1].clone(), "reminder/001/other/1".to_owned());
    further.turn = further.turn.map(|turn| Turn { place: 3, ..turn });
    put(db, &[NewEntry { dedup_key, channel: "other".to_owned(), ..further }]).await;
    let mut work = db.begin().await.unwrap();
    let grown = outbox::held_batch(&mut work).await.unwrap();
    assert_eq!((before.messages, grown.messages), (1, 1));
    assert_ne!(before.hash, grown.hash, "another way is another question");
    let times = Times { now: after(10), due_at: after(10), valid_until: after(58) };
    assert_eq!(outbox::release(&mut work, &grown, times).await.unwrap(), 1);
    work.commit().await.unwrap();
    assert_eq!(look(db, after(13)).await.called, 0, "four hours from when it may go");
    assert_eq!(look(db, after(14)).await.called, 1);
    send(db, "sms", after(50), (Outcome::Recipient, State::Failed)).await;
    let held = Filter { reason: Some(HoldReason::Trial), ..Filter::default() };
    let held = outbox::list(db, &held).await.unwrap();
    assert_eq!(
        held.iter().map(|entry| (entry.channel.as_str(), entry.state)).collect::<Vec<_>>(),
        [("mail", State::Held)]
    );
}

async fn what_is_taken_back_or_never_let_go_takes_the_rest_with_it(fresh: Fresh) {
    let db = &fresh.db;
    put(db, &chain("001", None)).await;
    put(db, &chain("002", Some(HoldReason::Approval))).await;
    let mut work = db.begin().await.unwrap();
    assert!(outbox::cancel(&mut work, &id("reminder/001/zalo/1"), "sai người nhận", start()).await.unwrap());
    work.commit().await.unwrap();
    assert_eq!(states(db, "001").await, (vec!["cancelled"; 3], Some("cancelled")));
    look(db, after(48)).await;
    assert_eq!(states(db, "002").await, (vec!["expired", "cancelled", "cancelled"], Some("expired")));
}

async fn a_retry_is_refused_once_another_channel_took_over(fresh: Fresh) {
    put(&fresh.db, &chain("001", None)).await;
    send(&fresh.db, "zalo", start(), (Outcome::Recipient, State::Failed)).await;
    let mut work = fresh.db.begin().await.unwrap();
    assert!(!outbox::retry(&mut work, &id("reminder/001/zalo/1"), after(1), after(49)).await.unwrap());
    work.commit().await.unwrap();
}

async fn new_words_reach_every_way(fresh: Fresh) {
    put(&fresh.db, &chain("001", Some(HoldReason::Approval))).await;
    let waiting = outbox::waiting(&fresh.db, "reminder/").await.unwrap();
    assert_eq!(waiting.len(), 1);
    let mut work = fresh.db.begin().await.unwrap();
    let before = outbox::held_batch(&mut work).await.unwrap();
    assert!(outbox::rewrite(&mut work, &waiting[0], "{\"subject\":\"anew\"}").await.unwrap());
    assert_ne!(outbox::held_batch(&mut work).await.unwrap().hash, before.hash);
    work.commit().await.unwrap();
    for channel in ["zalo", "sms", "mail"] {
        let (_, content, _) =
            outbox::show(&fresh.db, &id(&format!("reminder/001/{channel}/1"))).await.unwrap().unwrap();
        assert_eq!(content, "{\"subject\":\"anew\"}", "{channel}");
    }
}
