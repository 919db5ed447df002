//! A second person decides about what he looked at, whatever a round holds meanwhile.

use std::time::Duration;

use dondoc::db::{Db, Sql, Work};
use dondoc::outbox::{self, Filter, HoldReason, NewEntry, State, Times};
use dondoc::pass::{self, Approval, Approved, Decider, Refusing, Safety};
use dondoc::people::By;

use crate::outbox::{entry, start};
use crate::support::databases::{Fresh, conformance};
use crate::support::meeting::{holding, say, until_waited_for};

conformance!(
    what_a_round_holds_while_a_batch_is_let_go_stays_held,
    what_a_round_holds_while_a_batch_is_refused_stays_held,
    what_a_round_asks_while_a_batch_is_let_go_is_asked_still,
);

const QUESTION: Sql = Sql::portable(
    "INSERT INTO approval (run_id, reason, content_hash, messages, asked_at) VALUES ('run-2', 'approval', '', 1, 1)",
);

fn times() -> Times {
    Times { now: start(), due_at: start(), valid_until: start() + Duration::from_hours(48) }
}

async fn hold(work: &mut Work, names: &[&str]) {
    let held = |name: &&str| NewEntry { hold: Some(HoldReason::Approval), ..entry(name) };
    let entries: Vec<NewEntry> = names.iter().map(held).collect();
    outbox::enqueue(work, "run-2", &entries, times()).await.unwrap();
}

/// Two messages wait. Returns the hash of what was looked at.
async fn two_wait(db: &Db) -> String {
    let mut work = db.begin().await.unwrap();
    hold(&mut work, &["07201", "07204"]).await;
    let batch = outbox::held_batch(&mut work).await.unwrap();
    work.commit().await.unwrap();
    batch.hash
}

async fn approve(db: Db, hash: String) -> Approved {
    let by = By::command("hoa");
    let decider = Decider { name: "Hoa", also: "", by: &by };
    let safety = Safety { approval: Approval::Always, approver_differs: false, ..Safety::default() };
    pass::approve(&db, &hash, decider, &safety, times()).await.unwrap()
}

/// In which state each message is, by its unit.
async fn states(db: &Db) -> Vec<State> {
    let mut entries = outbox::list(db, &Filter::default()).await.unwrap();
    entries.sort_by(|one, other| one.unit_code.cmp(&other.unit_code));
    entries.into_iter().map(|entry| entry.state).collect()
}

async fn what_a_round_holds_while_a_batch_is_let_go_stays_held(fresh: Fresh) {
    let db = &fresh.db;
    let hash = two_wait(db).await;
    let mut round = holding(db, "LOCK TABLE outbox IN SHARE ROW EXCLUSIVE MODE").await;
    hold(&mut round, &["07207"]).await;
    let approving = tokio::spawn(approve(db.clone(), hash));
    until_waited_for(db, &mut round, 1, || approving.is_finished()).await;
    round.commit().await.unwrap();
    match approving.await.unwrap() {
        Approved::Released(released) => {
            assert_eq!(released, 2);
            assert_eq!(states(db).await, [State::Ready, State::Ready, State::Held], "nobody has looked at the third");
        }
        Approved::Changed => assert_eq!(states(db).await, [State::Held; 3]),
        Approved::Composer(name) => panic!("{name}"),
    }
}

async fn what_a_round_holds_while_a_batch_is_refused_stays_held(fresh: Fresh) {
    let db = &fresh.db;
    let hash = two_wait(db).await;
    let mut round = holding(db, "LOCK TABLE outbox_deed IN SHARE ROW EXCLUSIVE MODE").await;
    hold(&mut round, &["07207"]).await;
    let refusing = {
        let db = db.clone();
        tokio::spawn(async move {
            let by = By::command("hoa");
            let decider = Decider { name: "Hoa", also: "", by: &by };
            let (now, undo_until) = (start(), start() + Duration::from_mins(1));
            let asked = Refusing { hash: &hash, why: "sai số liệu", deed_id: "d1", now, undo_until };
            pass::refuse(&db, decider, asked).await.unwrap()
        })
    };
    until_waited_for(db, &mut round, 1, || refusing.is_finished()).await;
    round.commit().await.unwrap();
    match refusing.await.unwrap() {
        Some(refused) => {
            assert_eq!(refused, 2);
            assert_eq!(states(db).await, [State::Cancelled, State::Cancelled, State::Held]);
        }
        None => assert_eq!(states(db).await, [State::Held; 3]),
    }
}

async fn what_a_round_asks_while_a_batch_is_let_go_is_asked_still(fresh: Fresh) {
    let db = &fresh.db;
    let hash = two_wait(db).await;
    let mut round = holding(db, "LOCK TABLE approval IN SHARE ROW EXCLUSIVE MODE").await;
    outbox::keep_still(&mut round).await.unwrap();
    hold(&mut round, &["07207"]).await;
    say(&mut round, QUESTION).await;
    let approving = tokio::spawn(approve(db.clone(), hash));
    until_waited_for(db, &mut round, 1, || approving.is_finished()).await;
    round.commit().await.unwrap();
    approving.await.unwrap();
    let held = states(db).await.into_iter().any(|state| state == State::Held);
    assert!(held && pass::asked(db).await.unwrap().is_some(), "what waits is asked about");
}
