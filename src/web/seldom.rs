//! Warnings that anybody on the Internet can cause: the first at once, then at most one a minute of each, with the number of
//! those in between. Nobody fills the log from outside.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Between two warnings of the same.
const APART: TimeDelta = TimeDelta::minutes(1);

/// Different warnings that are told apart; whatever comes beyond shares one place.
const KINDS: usize = 64;

/// When what was last warned of.
#[derive(Debug, Default)]
pub(super) struct Seldom(Mutex<HashMap<String, Told>>);

#[derive(Debug)]
struct Told {
    at: DateTime<Utc>,
    suppressed: u64,
}

impl Seldom {
    /// Whether to warn of `what` at `now`: then with how many warnings of the same were suppressed since the last one.
    pub(super) fn lets(&self, what: &str, now: DateTime<Utc>) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let what = if told.contains_key(what) || told.len() < KINDS { what } else { "" };
        let Some(last) = told.get_mut(what) else {
            told.insert(what.to_owned(), Told { at: now, suppressed: 0 });
            return Some(0);
        };
        // A clock that was put back must not silence anything for long.
        if (last.at..last.at + APART).contains(&now) {
            last.suppressed = last.suppressed.saturating_add(1);
            return None;
        }
        last.at = now;
        Some(std::mem::take(&mut last.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        "2026-11-26T01:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
    }

    #[test]
    fn the_first_is_told_at_once_and_then_one_a_minute_with_the_number_of_the_others() {
        let seldom = Seldom::default();
        for (second, told) in [
            (0, Some(0)),
            (0, None),
            (59, None),
            (60, Some(2)),
            (61, None),
            (119, None),
            (121, Some(2)),
            (181, Some(0)),
            (4000, Some(0)),
            // The clock is put back.
            (10, Some(0)),
            (11, None),
            (70, Some(1)),
        ] {
            assert_eq!(seldom.lets("zalo", at(second)), told, "{second}");
        }
    }

    #[test]
    fn a_flood_of_one_hides_no_other() {
        let seldom = Seldom::default();
        let lines = (0..1_000_000).filter(|_| seldom.lets("zalo: forged", at(0)).is_some()).count();
        assert_eq!((lines, seldom.lets("zalo: too old", at(0)), seldom.lets("sms", at(0))), (1, Some(0), Some(0)));
        assert_eq!(seldom.lets("zalo: forged", at(60)), Some(999_999));
    }

    #[test]
    fn kinds_without_end_take_no_more_memory_and_no_more_lines() {
        let seldom = Seldom::default();
        let lines = (0..10_000).filter(|kind| seldom.lets(&format!("kind {kind}"), at(0)).is_some()).count();
        assert_eq!((lines, seldom.0.lock().unwrap().len()), (KINDS + 1, KINDS + 1));
    }
}
