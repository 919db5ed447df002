//! The `[policy]` of the configuration: how often, and at which hours.

use chrono::{DateTime, NaiveTime, TimeZone as _, Utc};

use super::Policy;
use crate::catalog::Calendar;
use crate::clock::ZONE;

/// When reminders repeat and when they may go out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// How firmly whom.
    pub policy: Policy,
    /// Messages that a head may get in seven days; what is more waits and is told in the next. `None`: no limit.
    pub messages_per_week: Option<u32>,
    /// Hours in which nothing is sent; `None` sends at any hour of any day.
    pub quiet_hours: Option<QuietHours>,
}

/// From `from` to `to`, over midnight where `from` is later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    /// First quiet minute.
    pub from: NaiveTime,
    /// First minute in which messages go out again.
    pub to: NaiveTime,
}

impl QuietHours {
    fn contain(self, time: NaiveTime) -> bool {
        if self.from <= self.to { self.from <= time && time < self.to } else { time >= self.from || time < self.to }
    }
}

impl Rules {
    /// The first instant from `now` on at which a message may go out: outside quiet hours, on a working day.
    pub fn opens_at(&self, calendar: &Calendar, now: DateTime<Utc>) -> DateTime<Utc> {
        let Some(quiet) = self.quiet_hours else { return now };
        let local = now.with_timezone(&ZONE);
        if calendar.is_working_day(local.date_naive()) && !quiet.contain(local.time()) {
            return now;
        }
        let later_today = local.time() < quiet.to;
        let first = if later_today { local.date_naive() } else { local.date_naive() + chrono::Days::new(1) };
        let opening = calendar.working_day_from(first).and_time(quiet.to);
        ZONE.from_local_datetime(&opening).single().map_or(now, |opening| opening.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_waits_for_the_end_of_quiet_hours_and_for_a_working_day() {
        let time = |text: &str| text.parse::<NaiveTime>().unwrap();
        let quiet = QuietHours { from: time("17:00:00"), to: time("07:30:00") };
        let rules = Rules { quiet_hours: Some(quiet), ..Rules::default() };
        let calendar = Calendar::default();
        for (now, opens) in [
            ("2022-10-31T09:00:00+07:00", "2022-10-31T09:00:00+07:00"),
            ("2022-10-31T17:00:00+07:00", "2022-11-01T07:30:00+07:00"),
            ("2022-10-31T05:00:00+07:00", "2022-10-31T07:30:00+07:00"),
            ("2022-10-28T18:00:00+07:00", "2022-10-31T07:30:00+07:00"),
            ("2022-10-29T10:00:00+07:00", "2022-10-31T07:30:00+07:00"),
        ] {
            let (now, opens): (DateTime<Utc>, DateTime<Utc>) = (now.parse().unwrap(), opens.parse().unwrap());
            assert_eq!(rules.opens_at(&calendar, now), opens, "{now}");
        }
        let always = Rules { quiet_hours: None, ..rules };
        let night: DateTime<Utc> = "2022-10-29T23:00:00+07:00".parse().unwrap();
        assert_eq!(always.opens_at(&calendar, night), night);
    }
}
