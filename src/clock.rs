//! The one reader of the wall clock. Everything else takes `now` as an argument.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// The civil time of every date, hour and working day in the program. Vietnam has no daylight saving time.
pub const ZONE: Tz = chrono_tz::Asia::Ho_Chi_Minh;

/// Tells the time: from the operating system, or from a value that a test or a demonstration holds.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The operating system's clock.
    System,
    /// A clock that moves only when told, in milliseconds since 1970.
    Held(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `instant` until it is moved.
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self::Held(Arc::new(AtomicI64::new(instant.timestamp_millis())))
    }

    /// The current instant.
    #[expect(clippy::disallowed_methods, reason = "this is the one reader of the wall clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Held(at) => from_millis(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a held clock forward; the system's clock is not ours to move.
    pub fn advance(&self, by: Duration) {
        if let Self::Held(at) = self {
            at.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}

/// The instant that a stored number of milliseconds since 1970 stands for.
pub fn from_millis(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or(DateTime::UNIX_EPOCH)
}

/// The date on the wall calendar in [`ZONE`].
pub fn local_date(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&ZONE).date_naive()
}
