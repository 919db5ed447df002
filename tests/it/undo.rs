//! What a person did to messages can be undone for a while, as long as nothing else happened to them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use dondoc::db::Db;
use dondoc::outbox::{
    self, Claim, Claimed, Deed, EntryId, Filter, HoldReason, Moment, NewEntry, Outcome, Resend, State, Times, Trust,
    Turn, Undone,
};

use crate::outbox::{entry, start};
use crate::support::databases::{Fresh, conformance};

conformance!(
    what_is_offered_again_leaves_after_the_minute_and_undone_it_stands_as_before,
    what_a_worker_took_in_the_meantime_is_not_put_back,
    a_message_of_several_channels_is_put_back_as_a_whole,
    a_deed_is_undone_once_and_only_in_time,
    what_a_person_holds_goes_nowhere_and_by_no_other_channel,
    the_pages_count_messages_by_where_they_stand_and_name_what_went_wrong_last,
);

fn after(seconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(seconds)
}

fn id(entry: &NewEntry) -> String {
    EntryId::of(&entry.dedup_key).0.to_string()
}

async fn put(db: &Db, entries: &[NewEntry]) {
    let mut work = db.begin().await.unwrap();
    let times = Times { now: start(), due_at: start(), valid_until: after(48 * 3_600) };
    outbox::enqueue(&mut work, "run-1", entries, times).await.unwrap();
    work.commit().await.unwrap();
}

async fn claim(db: &Db, channel: &str, now: DateTime<Utc>) -> Vec<Claimed> {
    let mut work = db.begin().await.unwrap();
    let asked = Claim { channel, worker: "w", limit: 10, now, lease_until: now + Duration::from_mins(1), beside: &[] };
    let claimed = outbox::claim(&mut work, asked, Trust::Usual).await.unwrap();
    work.commit().await.unwrap();
    claimed
}

/// Takes what is due and ends it so.
async fn send(db: &Db, channel: &str, now: DateTime<Utc>, (outcome, next): (Outcome, State)) -> usize {
    let claimed = claim(db, channel, now).await;
    let settled: Vec<_> =
        claimed.iter().map(|one| outbox::Settlement { next, ..one.ended(now, now, outcome) }).collect();
    let mut work = db.begin().await.unwrap();
    outbox::settle(&mut work, "w", &settled).await.unwrap();
    let chains: Vec<String> = claimed.iter().filter_map(|one| one.chain_id.clone()).collect();
    outbox::advance(&mut work, &chains, Moment::open(now)).await.unwrap();
    work.commit().await.unwrap();
    claimed.len()
}

/// Everything of every entry that can be seen.
async fn ledger(db: &Db) -> Vec<String> {
    let entries = outbox::list(db, &Filter::default()).await.unwrap();
    entries.iter().map(|entry| format!("{entry:?}")).collect()
}

async fn states(db: &Db) -> Vec<State> {
    let mut entries = outbox::list(db, &Filter::default()).await.unwrap();
    entries.sort_by_key(|entry| (entry.unit_code.clone(), entry.place));
    entries.iter().map(|entry| entry.state).collect()
}

/// Does `what` to the entries at `now`, to be undone within a minute.
async fn deed(db: &Db, name: &str, ids: &[String], now: DateTime<Utc>, what: &str) {
    let mut work = db.begin().await.unwrap();
    let (until, valid) = (now + TimeDelta::seconds(60), now + TimeDelta::days(2));
    outbox::begin_deed(&mut work, Deed { id: name, what, by: "an", now, undo_until: until }).await.unwrap();
    for id in ids {
        outbox::remember(&mut work, name, id).await.unwrap();
        let done = match what {
            "retry" => outbox::retry(&mut work, id, until, valid).await,
            "hold" => outbox::hold(&mut work, id, "chờ đối chiếu").await,
            "let_go" => outbox::let_go(&mut work, id, until).await,
            _ => outbox::cancel(&mut work, id, "sai người", now).await,
        };
        assert!(done.unwrap(), "{what} {id}");
        outbox::record_deed(&mut work, id, what, now).await.unwrap();
    }
    outbox::end_deed(&mut work, name).await.unwrap();
    work.commit().await.unwrap();
}

async fn undo(db: &Db, name: &str, now: DateTime<Utc>) -> Undone {
    let mut work = db.begin().await.unwrap();
    let undone = outbox::undo(&mut work, name, "undone by an", now).await.unwrap();
    work.commit().await.unwrap();
    undone
}

const fn back(entries: u64, too_late: u64) -> Undone {
    Undone::Back { entries, too_late }
}

async fn what_is_offered_again_leaves_after_the_minute_and_undone_it_stands_as_before(fresh: Fresh) {
    let db = &fresh.db;
    put(db, &[entry("a"), entry("b")]).await;
    send(db, "mail", start(), (Outcome::Permanent, State::Failed)).await;
    let before = ledger(db).await;
    let ids = [id(&entry("a")), id(&entry("b"))];
    deed(db, "d1", &ids, after(10), "retry").await;
    assert_eq!(claim(db, "mail", after(69)).await.len(), 0, "nothing leaves while it can be undone");
    let open = outbox::undoable(db, after(60)).await.unwrap();
    assert_eq!((open.len(), open[0].what.as_str(), open[0].units.len()), (1, "retry", 2));
    assert_eq!(undo(db, "d1", after(69)).await, back(2, 0));
    assert_eq!(ledger(db).await, before, "every instant and count as before");
    assert_eq!(claim(db, "mail", after(3_600)).await.len(), 0, "it failed, as before");
    let (_, _, attempts) = outbox::show(db, &ids[0]).await.unwrap().unwrap();
    let told: Vec<&str> = attempts.iter().map(|attempt| attempt.answer.as_str()).collect();
    assert_eq!(told, ["", "retry", "undone by an"], "nothing is struck from the record");
    deed(db, "d2", &ids, after(100), "retry").await;
    assert_eq!(claim(db, "mail", after(160)).await.len(), 2, "and it can be done once more");
}

async fn what_a_worker_took_in_the_meantime_is_not_put_back(fresh: Fresh) {
    let db = &fresh.db;
    put(db, &[entry("a"), entry("b")]).await;
    deed(db, "d1", &[id(&entry("a"))], start(), "hold").await;
    deed(db, "d2", &[id(&entry("a"))], after(1), "let_go").await;
    // A worker whose clock is ahead takes it before the minute is over.
    let claimed = claim(db, "mail", after(61)).await;
    assert_eq!(claimed.len(), 2);
    assert_eq!(undo(db, "d2", after(30)).await, back(0, 1));
    assert_eq!(undo(db, "d1", after(30)).await, back(0, 1), "what came later stands in the way");
    assert_eq!(states(db).await, [State::Sending, State::Sending]);
    let mut work = db.begin().await.unwrap();
    let settled: Vec<_> = claimed.iter().map(|one| one.ended(after(62), after(62), Outcome::Accepted)).collect();
    assert_eq!(outbox::settle(&mut work, "w", &settled).await.unwrap(), 2, "the lease is the worker's still");
    work.commit().await.unwrap();
    assert_eq!(states(db).await, [State::Sent, State::Sent]);
}

fn chain() -> Vec<NewEntry> {
    let key = |channel: &str| format!("reminder/a/{channel}/1");
    let turn = |place| Turn { first: key("zalo"), place, yields_after: None };
    let member = |place, channel: &str| NewEntry {
        dedup_key: key(channel),
        channel: channel.to_owned(),
        resend: Resend::Never,
        turn: Some(turn(place)),
        ..entry("a")
    };
    vec![member(0, "zalo"), member(1, "mail")]
}

async fn a_message_of_several_channels_is_put_back_as_a_whole(fresh: Fresh) {
    let db = &fresh.db;
    put(db, &chain()).await;
    let first = id(&chain()[0]);
    let before = ledger(db).await;
    deed(db, "d1", std::slice::from_ref(&first), start(), "cancel").await;
    assert_eq!(states(db).await, [State::Cancelled, State::Cancelled], "with what stands by behind it");
    assert_eq!(undo(db, "d1", after(59)).await, back(1, 0));
    assert_eq!(ledger(db).await, before);
    send(db, "zalo", after(60), (Outcome::Recipient, State::Failed)).await;
    assert_eq!(states(db).await, [State::Failed, State::Ready], "and the chain goes on as it would have");
    assert_eq!(claim(db, "mail", after(61)).await.len(), 1);
    // Of a message that is refused as such the rest is held; offered again it stands by, undone it is held again.
    let other = NewEntry { turn: None, ..entry("b") };
    put(db, std::slice::from_ref(&other)).await;
    deed(db, "d2", &[id(&other)], after(70), "cancel").await;
    assert_eq!(undo(db, "d2", after(71)).await, back(1, 0), "one without others, too");
}

async fn a_deed_is_undone_once_and_only_in_time(fresh: Fresh) {
    let db = &fresh.db;
    put(db, &[entry("a")]).await;
    let ids = [id(&entry("a"))];
    deed(db, "d1", &ids, start(), "cancel").await;
    assert_eq!(undo(db, "d1", after(60)).await, Undone::Over, "the minute is over");
    assert_eq!(undo(db, "no-such", start()).await, Undone::Over);
    assert_eq!(states(db).await, [State::Cancelled]);
    assert!(outbox::undoable(db, after(60)).await.unwrap().is_empty());
    put(db, &[entry("b")]).await;
    deed(db, "d2", &[id(&entry("b"))], after(100), "cancel").await;
    assert_eq!(undo(db, "d2", after(101)).await, back(1, 0));
    assert_eq!(undo(db, "d2", after(102)).await, Undone::Over, "once");
    // What was written down for undoing does not stay.
    deed(db, "d3", &[id(&entry("b"))], after(3 * 86_400), "cancel").await;
    let rows: i64 = dondoc::read!(db, dondoc::db::Sql::portable("SELECT count(*) FROM outbox_before"), |sql, pool| {
        sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
    });
    assert_eq!(rows, 1, "addresses of yesterday are gone");
}

async fn what_a_person_holds_goes_nowhere_and_by_no_other_channel(fresh: Fresh) {
    let db = &fresh.db;
    put(db, &chain()).await;
    let first = id(&chain()[0]);
    deed(db, "d1", std::slice::from_ref(&first), start(), "hold").await;
    let held = Filter { reason: Some(HoldReason::Person), ..Filter::default() };
    assert_eq!(outbox::list(db, &held).await.unwrap().len(), 1);
    assert_eq!(claim(db, "zalo", after(3_600)).await.len() + claim(db, "mail", after(3_600)).await.len(), 0);
    let mut work = db.begin().await.unwrap();
    let late = after(48 * 3_600);
    outbox::recover(&mut work, Moment::open(late), late).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(states(db).await, [State::Expired, State::Cancelled], "nobody let it go: nobody takes over");

    let other = entry("b");
    put(db, std::slice::from_ref(&other)).await;
    deed(db, "d2", &[id(&other)], after(10), "hold").await;
    deed(db, "d3", &[id(&other)], after(20), "let_go").await;
    assert_eq!(claim(db, "mail", after(79)).await.len(), 0);
    let claimed = claim(db, "mail", after(80)).await;
    assert_eq!((claimed.len(), claimed[0].attempts), (1, 1));
    assert_eq!(claimed[0].valid_until, after(48 * 3_600).timestamp_millis(), "holding it makes no figures younger");
}

async fn the_pages_count_messages_by_where_they_stand_and_name_what_went_wrong_last(fresh: Fresh) {
    use outbox::{Browsed, Fact, Standing, Told};
    let db = &fresh.db;
    put(db, &[entry("a"), entry("b")]).await;
    send(db, "mail", start(), (Outcome::Accepted, State::Sent)).await;
    put(db, &[entry("c"), entry("d")]).await;
    send(db, "mail", after(1), (Outcome::Recipient, State::Failed)).await;
    let elsewhere = |text: &str| text.replace("/a/", "/e/");
    let rest = chain().into_iter().map(|one| NewEntry {
        unit_code: "e".to_owned(),
        dedup_key: elsewhere(&one.dedup_key),
        turn: one.turn.map(|turn| Turn { first: elsewhere(&turn.first), ..turn }),
        ..one
    });
    put(db, &rest.collect::<Vec<_>>()).await;
    let mut work = db.begin().await.unwrap();
    let bounced = Told {
        entry_id: id(&entry("a")),
        fact: Fact::Bounced,
        at: after(5),
        said_by: "mail".to_owned(),
        detail: "5.1.1".to_owned(),
    };
    outbox::note_receipt(&mut work, &bounced, after(6)).await.unwrap();
    work.commit().await.unwrap();

    let all = Browsed::default();
    let counted = outbox::standings(db, &all).await.unwrap();
    let counted: Vec<(&str, u64)> = counted.iter().map(|(word, count)| (word.as_str(), *count)).collect();
    assert_eq!(counted, [("failed", 2), ("ready", 1), ("returned", 1), ("sent", 1), ("standby", 1)]);
    let units = async |wanted: &Browsed<'_>, standing, window| {
        let found = outbox::browse(db, wanted, standing, window).await.unwrap();
        found.into_iter().map(|entry| entry.unit_code).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(units(&all, Standing::All, (10, 0)).await, "c d a b e", "what waits for a person first");
    assert_eq!(units(&all, Standing::All, (2, 2)).await, "a b");
    assert_eq!(units(&all, Standing::Problems, (10, 0)).await, "c d a");
    assert_eq!(units(&all, Standing::Returned, (10, 0)).await, "a");
    assert_eq!(units(&all, Standing::In(State::Sent), (10, 0)).await, "a b");
    assert_eq!(units(&all, Standing::In(State::Standby), (10, 0)).await, "e");
    let scope = ["b", "c"].map(ToOwned::to_owned).into();
    let mine = Browsed { units: Some(&scope), channel: Some("mail"), run_id: Some("run-1"), ..Browsed::default() };
    assert_eq!(units(&mine, Standing::All, (10, 0)).await, "c b");
    let none = std::collections::HashSet::new();
    assert_eq!(units(&Browsed { units: Some(&none), ..all.clone() }, Standing::All, (10, 0)).await, "");
    let rounds = outbox::rounds(db, Some(&scope)).await.unwrap();
    assert_eq!((rounds.len(), rounds[0].messages, rounds[0].kind.as_str()), (1, 2, "reminder"));
    assert_eq!(outbox::channels(db).await.unwrap(), ["mail", "zalo"]);

    let (a, c) = (id(&entry("a")), id(&entry("c")));
    let known = outbox::known_of(db, &[&a, &c]).await.unwrap();
    assert_eq!((known.facts(&a), known.ending(&c).unwrap().outcome.as_str()), (&[Fact::Bounced][..], "recipient"));
    assert!(known.facts(&c).is_empty());
}
