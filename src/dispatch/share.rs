//! How many messages at once each replica may have on its way through a channel, so that all of them together keep to its
//! limit. On PostgreSQL alone: with SQLite there is one process, and this costs it nothing.
//!
//! A replica holds what it uses, under a short lease that it renews; one that is frozen stops by its own monotonic clock
//! before the lease ends, and what a dead one held is free when its lease is over.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::pace;
use crate::db::{Db, DbError, Sql, Work};
use crate::on;

pub(super) const SHARES: Sql =
    Sql::portable("SELECT worker, holds, wants FROM channel_share WHERE channel = $1 AND lease_until > $2");

pub(super) const HOLD: Sql = Sql::portable(
    "INSERT INTO channel_share (channel, worker, holds, wants, lease_until) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (channel, worker) DO UPDATE SET holds = excluded.holds, wants = excluded.wants, \
     lease_until = excluded.lease_until",
);

pub(super) const FORGET: Sql = Sql::portable("DELETE FROM channel_share WHERE channel = $1 AND lease_until <= $2");

/// A lease on some of a channel's sends at once.
const LEASE: Duration = Duration::from_secs(5);

/// What this replica may use of a channel.
#[derive(Debug)]
pub(super) struct Share {
    /// Of all replicas together.
    most: usize,
    holds: usize,
    lease: Duration,
    /// By the monotonic clock; well before the lease ends.
    good_until: Option<Instant>,
    renewed: Option<Instant>,
}

impl Share {
    /// Of `most` sends at once, none of them ours yet.
    pub(super) fn of(most: usize, delivery_lease: Duration) -> Self {
        Self { most, holds: 0, lease: LEASE.min(delivery_lease / 2), good_until: None, renewed: None }
    }

    /// What may be begun now.
    pub(super) fn holds(&self) -> usize {
        if self.good_until.is_some_and(|until| Instant::now() < until) { self.holds } else { 0 }
    }

    /// Whether to ask again: the lease wants renewal, or more is wanted than is held, or nothing is wanted any more.
    pub(super) fn is_due(&self, wants: usize) -> bool {
        let age = self.renewed.map(|at| at.elapsed());
        let parts = if wants == self.holds || (wants > 0 && self.holds >= self.most) { 3 } else { 10 };
        age.is_none_or(|age| age * parts >= self.lease) && (wants > 0 || self.holds > 0)
    }

    /// Renews the lease and takes or gives back, as others want. `in_use` are on their way and cannot be given back.
    pub(super) async fn renew(
        &mut self,
        db: &Db,
        (channel, worker): (&str, &str),
        (wants, in_use): (usize, usize),
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let began = Instant::now();
        let mut work = db.begin().await?;
        // The row of the channel's pace is what replicas wait for each other at.
        pace::take(&mut work, channel, now).await?;
        let others: Vec<(String, i64, i64)> = on!(&mut work, SHARES, |sql, conn| {
            sqlx::query_as(sql).bind(channel).bind(now.timestamp_millis()).fetch_all(conn).await?
        });
        let count = |number: i64| usize::try_from(number).unwrap_or(0);
        let others = others.iter().filter(|(name, ..)| name != worker);
        let others: Vec<(usize, usize)> = others.map(|(_, holds, wants)| (count(*holds), count(*wants))).collect();
        let holds = fair(self.most, wants, &others).max(in_use.min(self.holds));
        on!(&mut work, FORGET, |sql, conn| {
            sqlx::query(sql).bind(channel).bind(now.timestamp_millis()).execute(conn).await?.rows_affected()
        });
        self.store(&mut work, (channel, worker), (holds, wants), now).await?;
        work.commit().await?;
        self.holds = holds;
        self.renewed = Some(began);
        self.good_until = Some(began + self.lease * 2 / 3);
        Ok(())
    }

    async fn store(
        &self,
        work: &mut Work,
        (channel, worker): (&str, &str),
        (holds, wants): (usize, usize),
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let number = |count: usize| i64::try_from(count).unwrap_or(0);
        let until = (now + self.lease).timestamp_millis();
        on!(work, HOLD, |sql, conn| {
            let query = sqlx::query(sql).bind(channel).bind(worker).bind(number(holds)).bind(number(wants));
            query.bind(until).execute(conn).await?.rows_affected()
        });
        Ok(())
    }
}

/// What one replica may hold of `most` beside `others` (what each holds and wants): all that is free, and no more than its
/// part as soon as somebody gets less than he wants.
fn fair(most: usize, wants: usize, others: &[(usize, usize)]) -> usize {
    let taken: usize = others.iter().map(|(holds, _)| holds).sum();
    let free = most.saturating_sub(taken);
    let hungry = others.iter().any(|(holds, wants)| holds < wants);
    let at_work = others.iter().filter(|(holds, wants)| *holds > 0 || *wants > 0).count();
    let part = if hungry { (most / (at_work + 1)).max(1) } else { most };
    wants.min(free).min(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_is_used_and_whoever_wants_gets_his_part() {
        for (most, wants, others, holds) in [
            (4, 4, &[][..], 4),
            (4, 4, &[(4, 4)], 0),
            (4, 4, &[(0, 4)], 2),
            (4, 4, &[(2, 4)], 2),
            (4, 4, &[(1, 1)], 3),
            (9, 9, &[(0, 9), (0, 9)], 3),
            (2, 2, &[(0, 2), (0, 2)], 1),
            (1, 1, &[(0, 1)], 1),
            (4, 0, &[(0, 4)], 0),
        ] {
            assert_eq!(fair(most, wants, others), holds, "{most} {wants} {others:?}");
        }
    }

    /// Whoever asks in whatever order, never more than the limit is held, and at the end everybody has his part.
    #[test]
    fn asking_in_turns_never_holds_more_than_the_limit_and_ends_even() {
        let (most, mut held) = (8, [0_usize; 3]);
        for turn in 0..30 {
            let who = (turn * 7 + turn / 3) % 3;
            let others: Vec<_> = (0..3).filter(|other| *other != who).map(|other| (held[other], 8)).collect();
            held[who] = fair(most, 8, &others);
            assert!(held.iter().sum::<usize>() <= most, "{held:?}");
        }
        assert!(held.iter().all(|holds| *holds >= 2), "{held:?}");
    }
}
