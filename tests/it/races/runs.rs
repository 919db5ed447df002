//! A planned run is one owner's, and what is done is not taken once more.

use std::time::Duration;

use dondoc::db::{Db, Sql};
use dondoc::pass;

use crate::outbox::start;
use crate::support::databases::{Fresh, conformance};
use crate::support::meeting::{say, until_waited_for};

conformance!(a_run_whose_owner_ends_it_at_the_last_moment_is_not_taken_once_more);

/// Planned two hours ago, and its lease ended a second ago.
async fn one_is_overdue(db: &Db) {
    const RUN: Sql = Sql::portable(
        "INSERT INTO schedule_run (schedule, planned_at, state, epoch, due_at, lease_until) \
         VALUES ('hang-tuan', 1667170800000, 'running', 1, 1667170800000, 1667177999000)",
    );
    let mut work = db.begin().await.unwrap();
    say(&mut work, RUN).await;
    work.commit().await.unwrap();
}

async fn a_run_whose_owner_ends_it_at_the_last_moment_is_not_taken_once_more(fresh: Fresh) {
    const END: Sql = Sql::portable("UPDATE schedule_run SET state = 'done', lease_until = NULL");
    let db = &fresh.db;
    one_is_overdue(db).await;
    let mut owner = db.begin().await.unwrap();
    assert_eq!(say(&mut owner, END).await, 1);
    let taking = {
        let db = db.clone();
        tokio::spawn(async move { pass::take_due(&db, start(), start() + Duration::from_mins(1)).await.unwrap() })
    };
    until_waited_for(db, &mut owner, 1, || taking.is_finished()).await;
    owner.commit().await.unwrap();
    assert_eq!(taking.await.unwrap(), None);
}
