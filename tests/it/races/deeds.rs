//! A deed on messages while workers send them: what it came too late for is not undone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use dondoc::app::{App, Mender, Wish};
use dondoc::clock::Clock;
use dondoc::db::{Db, Work};
use dondoc::outbox::{self, Claim, Claimed, Entry, Filter, Outcome, State, Times, Trust, Undone};
use dondoc::people::By;

use crate::outbox::{entry, start};
use crate::planned::program_in;
use crate::support::databases::postgres_url;
use crate::support::meeting::{holding, until_waited_for};
use crate::support::project::{Plan, Project};

async fn claim_first(work: &mut Work) -> Vec<Claimed> {
    let lease_until = start() + Duration::from_mins(1);
    let asked = Claim { channel: "mail", worker: "w", limit: 1, now: start(), lease_until, beside: &[] };
    outbox::claim(work, asked, Trust::Usual).await.unwrap()
}

async fn settle(work: &mut Work, claimed: &[Claimed]) {
    let settled: Vec<_> = claimed.iter().map(|one| one.ended(start(), start(), Outcome::Accepted)).collect();
    outbox::settle(work, "w", &settled).await.unwrap();
}

async fn ledger(db: &Db) -> Vec<Entry> {
    let mut entries = outbox::list(db, &Filter::default()).await.unwrap();
    entries.sort_by(|one, other| one.unit_code.cmp(&other.unit_code));
    entries
}

async fn app(url: &str) -> (Project, App) {
    let project = Project::new(&Plan { database: url.to_owned(), ..Plan::default() });
    let app = program_in(&project, Clock::at(start())).await;
    (project, app)
}

/// The first of two messages is sent between the look at it and the deed; `begun`: it was on its way before.
async fn the_first_is_sent_meanwhile(app: &App, begun: bool) {
    let db = &app.db;
    let times = Times { now: start(), due_at: start(), valid_until: start() + Duration::from_hours(48) };
    let mut work = db.begin().await.unwrap();
    outbox::enqueue(&mut work, "run-1", &[entry("a"), entry("b")], times).await.unwrap();
    work.commit().await.unwrap();
    let seen = ledger(db).await;
    let mut claimed = Vec::new();
    if begun {
        let mut work = db.begin().await.unwrap();
        claimed = claim_first(&mut work).await;
        work.commit().await.unwrap();
    }
    let mut worker = holding(db, "LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE").await;
    if !begun {
        claimed = claim_first(&mut worker).await;
    }
    settle(&mut worker, &claimed).await;
    let by = By::command("an");
    let mender = Mender { name: "an", by: &by, grace: TimeDelta::minutes(1) };
    let ended = AtomicBool::new(false);
    let deed = async {
        let deed = app.mend(&seen, Wish::Cancel("sai người"), mender).await;
        ended.store(true, Ordering::SeqCst);
        deed
    };
    let looking = async {
        until_waited_for(db, &mut worker, 1, || ended.load(Ordering::SeqCst)).await;
        worker.commit().await.unwrap();
    };
    let (deed, ()) = tokio::join!(deed, looking);
    let deed = deed.unwrap();
    assert_eq!(deed.done, 1);
    let sent = claimed[0].unit_code.clone();
    let states = async || -> Vec<(bool, State)> {
        ledger(db).await.into_iter().map(|entry| (entry.unit_code == sent, entry.state)).collect()
    };
    assert!(states().await.contains(&(true, State::Sent)) && states().await.contains(&(false, State::Cancelled)));
    assert_eq!(app.undo(&deed.id, mender).await.unwrap(), Undone::Back { entries: 1, too_late: 0 });
    let after = states().await;
    assert!(after.contains(&(true, State::Sent)), "what was sent is not offered again: {after:?}");
    assert!(after.contains(&(false, State::Ready)), "{after:?}");
    let attempts = outbox::show(db, &claimed[0].id).await.unwrap().unwrap().2;
    assert_eq!(attempts.len(), 1, "nobody did anything to it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_while_it_is_taken_back_is_not_offered_again_by_the_undo() {
    for begun in [false, true] {
        for url in ["sqlite:dondoc.db", &postgres_url().await] {
            let (_project, app) = app(url).await;
            the_first_is_sent_meanwhile(&app, begun).await;
            app.close().await;
        }
    }
}
