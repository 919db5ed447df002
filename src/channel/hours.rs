//! The hours in which a phone may ring: a limit of the program, which no setting widens.

use chrono::{DateTime, Days, NaiveTime, TimeZone as _, Timelike as _, Utc};

use crate::clock::ZONE;

/// 07:00 to 21:00 in Vietnam, for every channel that [is mobile](super::Settings::is_mobile); retries, catch-up and
/// what a person lets go included. It defers and never drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MobileHours;

/// First hour in which a phone may ring.
const OPENS: u32 = 7;
/// First hour in which it may not any more.
const CLOSES: u32 = 21;

impl MobileHours {
    /// Whether a phone may ring at `instant`.
    pub fn are_open(instant: DateTime<Utc>) -> bool {
        (OPENS..CLOSES).contains(&instant.with_timezone(&ZONE).hour())
    }

    /// `instant`, or the next opening after it.
    pub fn from(instant: DateTime<Utc>) -> DateTime<Utc> {
        if Self::are_open(instant) { instant } else { Self::opening(instant) }
    }

    /// The end of a validity: one that falls into closed hours goes on after them as long as it would have lasted in
    /// them. So a message that waits for the morning does not go stale by it.
    pub fn valid_until(until: DateTime<Utc>) -> DateTime<Utc> {
        if Self::are_open(until) {
            return until;
        }
        let opening = Self::opening(until);
        let closed_for = chrono::TimeDelta::hours((24 + OPENS - CLOSES).into());
        opening + (until - (opening - closed_for))
    }

    /// The first opening after an `instant` in closed hours.
    fn opening(instant: DateTime<Utc>) -> DateTime<Utc> {
        let local = instant.with_timezone(&ZONE);
        let day = local.date_naive() + Days::new(u64::from(local.hour() >= CLOSES));
        let opening = day.and_time(NaiveTime::from_hms_opt(OPENS, 0, 0).unwrap_or_default());
        ZONE.from_local_datetime(&opening).earliest().map_or(instant, |opening| opening.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2022-10-{text}+07:00").parse().unwrap()
    }

    #[test]
    fn a_phone_rings_from_seven_to_nine_in_the_evening() {
        for (instant, from) in [
            ("31T06:59:59", "31T07:00:00"),
            ("31T07:00:00", "31T07:00:00"),
            ("31T20:59:59", "31T20:59:59"),
            ("30T21:00:00", "31T07:00:00"),
            ("31T00:00:00", "31T07:00:00"),
        ] {
            assert_eq!(MobileHours::from(at(instant)), at(from), "{instant}");
        }
    }

    #[test]
    fn a_validity_that_ends_at_night_goes_on_in_the_morning() {
        for (until, extended) in [
            ("30T20:59:59", "30T20:59:59"),
            ("30T21:00:00", "31T07:00:00"),
            ("30T21:30:00", "31T07:30:00"),
            ("31T06:59:00", "31T16:59:00"),
        ] {
            assert_eq!(MobileHours::valid_until(at(until)), at(extended), "{until}");
        }
    }

    proptest! {
        #[test]
        fn what_is_due_and_valid_stays_valid_when_it_is_deferred(due in 0_i64..10_000_000, valid in 1_i64..500_000) {
            let due = at("01T00:00:00") + chrono::TimeDelta::seconds(due);
            let from = MobileHours::from(due);
            prop_assert!(from >= due && MobileHours::are_open(from));
            let until = MobileHours::valid_until(due + chrono::TimeDelta::seconds(valid));
            prop_assert!(until >= due + chrono::TimeDelta::seconds(valid));
            prop_assert!(until > from, "{from} {until}");
            prop_assert!(MobileHours::are_open(until));
        }
    }
}
