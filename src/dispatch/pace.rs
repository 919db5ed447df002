//! How fast a channel may be used: the generic cell rate algorithm, in whole microseconds. On PostgreSQL its one number is
//! a row that all replicas move; with SQLite there is one process, and the lane keeps it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::channel::Rate;
use crate::db::{DbError, Sql, Work};
use crate::on;

/// Takes the row for this unit of work, so that replicas reckon one after the other.
pub(super) const TAKE: Sql = Sql::portable(
    "INSERT INTO channel_pace (channel, next_at) VALUES ($1, $2) ON CONFLICT (channel) DO UPDATE \
     SET next_at = CASE WHEN channel_pace.next_at > excluded.next_at THEN channel_pace.next_at ELSE excluded.next_at END \
     RETURNING next_at",
);

pub(super) const MOVE: Sql = Sql::portable("UPDATE channel_pace SET next_at = $2 WHERE channel = $1");

/// Where a channel's rate stands: when the next message is due by it, in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pace(i64);

/// Messages that may go at once, and the microseconds between two.
fn burst(rate: Rate) -> (i64, i64) {
    let count = i64::from(rate.count.max(1));
    let burst = if count >= 20 { count / 10 } else { 1 };
    let per = i64::try_from(rate.per.as_micros()).unwrap_or(i64::MAX);
    // So much apart that no second (or minute) sees more than the rate, with a burst at its beginning.
    (burst, per / (count - burst + 1) + 1)
}

impl Pace {
    /// How many may go at `now`.
    pub(super) fn allows(self, rate: Rate, now: DateTime<Utc>) -> usize {
        let (burst, apart) = burst(rate);
        let ahead = (self.0 - now.timestamp_micros()).max(0);
        usize::try_from((burst * apart - ahead) / apart).unwrap_or(0)
    }

    /// After `count` went at `now`.
    pub(super) fn after(self, rate: Rate, now: DateTime<Utc>, count: usize) -> Self {
        let (_, apart) = burst(rate);
        Self(self.0.max(now.timestamp_micros()) + apart * i64::try_from(count).unwrap_or(0))
    }

    /// How long it takes until one may go.
    pub(super) fn wait(self, rate: Rate, now: DateTime<Utc>) -> Duration {
        let (burst, apart) = burst(rate);
        let wait = self.0 - now.timestamp_micros() - (burst - 1) * apart;
        Duration::from_micros(u64::try_from(wait).unwrap_or(0))
    }
}

/// The pace of `channel` over all replicas; until the unit of work ends nobody else may move it.
pub(super) async fn take(work: &mut Work, channel: &str, now: DateTime<Utc>) -> Result<Pace, DbError> {
    let (next_at,): (i64,) = on!(work, TAKE, |sql, conn| {
        sqlx::query_as(sql).bind(channel).bind(now.timestamp_micros()).fetch_one(conn).await?
    });
    Ok(Pace(next_at))
}

/// Moves it on.
pub(super) async fn store(work: &mut Work, channel: &str, pace: Pace) -> Result<(), DbError> {
    on!(work, MOVE, |sql, conn| sqlx::query(sql).bind(channel).bind(pace.0).execute(conn).await?.rows_affected());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(micros: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(micros).unwrap()
    }

    /// Whoever asks at every millisecond and takes all that is allowed never has more than the rate in any second.
    #[test]
    fn no_second_sees_more_than_the_rate_and_nearly_all_of_it_is_used() {
        for count in [1, 2, 5, 10, 19, 20, 50, 300] {
            let rate = Rate { count, per: SECOND };
            let (mut pace, mut went) = (Pace::default(), Vec::new());
            for millis in 0..5_000 {
                let now = at(1_000_000_000 + millis * 1_000);
                let allowed = pace.allows(rate, now);
                pace = pace.after(rate, now, allowed);
                went.extend(std::iter::repeat_n(millis, allowed));
            }
            let most = usize::try_from(count).unwrap();
            for from in 0..4_000 {
                let seen = went.iter().filter(|at| (from..from + 1_000).contains(*at)).count();
                assert!(seen <= most, "{count}: {seen} from {from}");
            }
            assert!(went.len() * 10 >= most * 5 * 7, "{count}: {} in five seconds", went.len());
        }
    }

    #[test]
    fn a_long_rest_earns_no_more_than_one_burst() {
        let rate = Rate { count: 10, per: Duration::from_mins(1) };
        let pace = Pace::default().after(rate, at(0), 1);
        assert_eq!(pace.allows(rate, at(0)), 0);
        assert!(pace.wait(rate, at(0)) > Duration::from_secs(5));
        assert_eq!(pace.allows(rate, at(3_600_000_000)), 1);
        assert_eq!(pace.wait(rate, at(3_600_000_000)), Duration::ZERO);
    }
}
