//! From when on a message may go out that is offered again: not into quiet hours or a day off.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::outbox::Moment;

/// Says from which instant on, at or after the given one, messages may go out.
#[derive(Clone)]
pub struct Hours(Arc<dyn Fn(DateTime<Utc>) -> DateTime<Utc> + Send + Sync>);

impl Hours {
    /// As `opens_at` says.
    pub fn of(opens_at: impl Fn(DateTime<Utc>) -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(opens_at))
    }

    /// Messages may go out at any time.
    pub fn always() -> Self {
        Self::of(|at| at)
    }

    /// The first instant from `at` on.
    pub fn opens_at(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        (self.0)(at)
    }

    /// When a message that was let out at `then` may go out again, not before `at`. What left in quiet hours (an alert)
    /// may leave in them again.
    pub(super) fn again(&self, then: DateTime<Utc>, at: DateTime<Utc>) -> DateTime<Utc> {
        if self.opens_at(then) > then { at } else { self.opens_at(at) }
    }

    /// A chain is looked at now.
    pub fn moment(&self, now: DateTime<Utc>) -> Moment {
        Moment { now, opens_at: self.opens_at(now) }
    }
}

impl fmt::Debug for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hours")
    }
}
