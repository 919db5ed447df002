//! When what is written, or let go, may leave: quiet hours and days off put it off, and nothing is ever dropped for them.

use chrono::{DateTime, Utc};

use super::Settings;
use crate::catalog::Calendar;
use crate::channel::MobileHours;
use crate::outbox::Times;

/// Quiet hours and mobile hours are asked in turn until both agree; with settings that leave them no common hour the
/// limit for phones wins.
const TURNS: usize = 16;

/// The times of messages that are written or let go at `now`: due outside quiet hours, on a working day, and where they
/// are `mobile` also within [`MobileHours`]; valid for as long as configured from then on.
pub fn times(settings: &Settings, calendar: &Calendar, now: DateTime<Utc>, mobile: bool) -> Times {
    let mut due_at = settings.rules.opens_at(calendar, now);
    if !mobile {
        return Times { now, due_at, valid_until: due_at + settings.valid_for };
    }
    for _ in 0..TURNS {
        due_at = MobileHours::from(due_at);
        let opens = settings.rules.opens_at(calendar, due_at);
        if opens == due_at {
            break;
        }
        due_at = opens;
    }
    due_at = MobileHours::from(due_at);
    Times { now, due_at, valid_until: MobileHours::valid_until(due_at + settings.valid_for) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::decision::{QuietHours, Rules};
    use crate::pass::{Quality, Safety};

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}+07:00").parse().unwrap()
    }

    fn settings(quiet: Option<(&str, &str)>) -> Settings {
        let quiet_hours = quiet.map(|(from, to)| QuietHours { from: from.parse().unwrap(), to: to.parse().unwrap() });
        Settings {
            sources: Vec::new(),
            reconcile: Vec::new(),
            channels: Vec::new(),
            rules: Rules { quiet_hours, ..Rules::default() },
            safety: Safety::default(),
            quality: Quality::default(),
            valid_for: Duration::from_hours(48),
            fallback: Vec::new(),
            admins: Vec::new(),
            links: None,
            digest: crate::pass::DigestSettings::default(),
        }
    }

    #[test]
    fn quiet_hours_and_tet_put_a_message_off_and_take_nothing_of_its_validity() {
        let settings = settings(Some(("17:00:00", "07:30:00")));
        let times = times(&settings, &Calendar::default(), at("2026-02-13T17:00:00"), false);
        assert_eq!(times.due_at, at("2026-02-23T07:30:00"), "after Tết");
        assert_eq!(times.valid_until, at("2026-02-25T07:30:00"), "48 hours from then on");
    }

    #[test]
    fn a_phone_is_let_alone_at_night_even_without_quiet_hours() {
        let never = settings(None);
        let mobile = |now: &str, mobile| times(&never, &Calendar::default(), at(now), mobile);
        assert_eq!(mobile("2026-02-13T22:00:00", false).due_at, at("2026-02-13T22:00:00"));
        let night = mobile("2026-02-13T22:00:00", true);
        assert_eq!((night.due_at, night.valid_until), (at("2026-02-14T07:00:00"), at("2026-02-16T07:00:00")));
    }

    #[test]
    fn both_limits_are_kept_and_where_they_leave_no_hour_the_one_for_phones_wins() {
        let early = settings(Some(("17:00:00", "05:00:00")));
        let due = times(&early, &Calendar::default(), at("2026-11-23T18:00:00"), true).due_at;
        assert_eq!(due, at("2026-11-25T07:00:00"), "the 24th is off, and five o'clock is too early for phones");
        let owls = settings(Some(("06:00:00", "22:00:00")));
        let due = times(&owls, &Calendar::default(), at("2026-11-23T18:00:00"), true).due_at;
        assert!(MobileHours::are_open(due), "{due}");
    }
}
