//! When a schedule is due: pure, from the schedule and the working calendar, with the instant as an argument.
//!
//! Every occurrence has a *key*, the instant that names it whatever the calendar says (that of the cron line; the
//! beginning of the month for a day of the month), and the instant at which it takes place. Keys ascend, and so do the
//! instants. What was planned is remembered by key, so that a calendar that changes neither loses nor doubles a run.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::{DayPhrase, OnDayOff, Schedule, When};
use crate::catalog::{Calendar, DayOff};
use crate::words::Tongue;

/// How far a run may lie from its key: a year, and the longest stretch of days off.
const APART: TimeDelta = TimeDelta::days(366 + 31);
/// Nobody plans further ahead.
const YEARS_AHEAD: i32 = 40;

/// One run of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// What names it, whatever the calendar says.
    pub(super) key: DateTime<Utc>,
    /// When it takes place.
    pub at: DateTime<Utc>,
    /// The day that the schedule means.
    pub day: NaiveDate,
    /// What is to be said of it.
    pub note: Option<Note>,
}

/// What is to be said of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// It was moved, because its day is off.
    Moved(DayOff),
    /// It takes place on a day off.
    OnDayOff(DayOff),
    /// Its month (quarter, year) has no such day; this one stands in.
    NoSuchDay,
}

/// A run as it will take place, with those that fall together with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The run; of several the one that takes place as usual, else the first.
    pub run: Occurrence,
    /// Days of the other runs that fall together with it.
    pub with: Vec<NaiveDate>,
}

impl Schedule {
    /// The runs whose key comes after `after`, in order.
    pub(super) fn occurrences<'s>(
        &'s self,
        calendar: &'s Calendar,
        after: DateTime<Utc>,
    ) -> Box<dyn Iterator<Item = Occurrence> + Send + 's> {
        match &self.when {
            When::Cron(line) => self.of_cron(line, calendar, after),
            When::Day(phrase, time) => Box::new(self.of_phrase(*phrase, *time, calendar, after)),
        }
    }

    fn of_cron<'s>(
        &'s self,
        line: &'s str,
        calendar: &'s Calendar,
        after: DateTime<Utc>,
    ) -> Box<dyn Iterator<Item = Occurrence> + Send + 's> {
        let Ok(cron) = Self::pattern(line) else { return Box::new(std::iter::empty()) };
        let times = cron.iter_after(after.with_timezone(&self.time_zone));
        let time_of_day = Self::time_of_day(line);
        Box::new(times.map(move |time| {
            let key = time.with_timezone(&Utc);
            let run = Occurrence { key, at: key, day: time.date_naive(), note: None };
            self.placed(run, time_of_day.unwrap_or_else(|| time.time()), calendar)
        }))
    }

    fn of_phrase<'s>(
        &'s self,
        phrase: DayPhrase,
        time: NaiveTime,
        calendar: &'s Calendar,
        after: DateTime<Utc>,
    ) -> impl Iterator<Item = Occurrence> + Send + 's {
        let first = phrase.start_of(after.with_timezone(&self.time_zone).date_naive() - Days::new(1));
        let end = first.year() + YEARS_AHEAD;
        let starts = std::iter::successors(Some(first), move |start| Some(phrase.next_start(*start)));
        let starts = starts.take_while(move |start| start.year() < end);
        let starts =
            starts.filter(move |start| phrase != DayPhrase::EveryWorkingDay || calendar.is_working_day(*start));
        starts.filter_map(move |start| {
            let key = instant(self.time_zone, start.and_time(time));
            (key > after).then(|| {
                let (day, substitute) = phrase.day_in(start, calendar);
                let at = instant(self.time_zone, day.and_time(time));
                self.placed(Occurrence { key, at, day, note: substitute.then_some(Note::NoSuchDay) }, time, calendar)
            })
        })
    }

    /// The run where the calendar puts it.
    fn placed(&self, run: Occurrence, time: NaiveTime, calendar: &Calendar) -> Occurrence {
        let Some(off) = calendar.day_off(run.day) else { return run };
        let moved = match self.on_day_off {
            OnDayOff::Stay => return Occurrence { note: Some(Note::OnDayOff(off)), ..run },
            OnDayOff::Next => calendar.working_day_from(run.day),
            OnDayOff::Previous => calendar.working_day_until(run.day),
        };
        Occurrence { at: instant(self.time_zone, moved.and_time(time)), note: Some(Note::Moved(off)), ..run }
    }

    /// The next `count` runs after `now`, those that fall together as one; fewer when it stops.
    pub fn upcoming(&self, calendar: &Calendar, now: DateTime<Utc>, count: usize) -> Vec<Planned> {
        let since = if self.is_plain_cron() { now } else { now - APART };
        let mut planned: Vec<Planned> = Vec::new();
        for run in self.occurrences(calendar, since).skip_while(|run| run.at <= now) {
            let full = planned.len() >= count;
            match planned.last_mut().filter(|last| last.run.at == run.at) {
                Some(last) => last.add(run),
                None if full => break,
                None => planned.push(Planned { run, with: Vec::new() }),
            }
        }
        planned
    }

    /// The first instant after `now` at which it is due; `None` when it never is again.
    pub fn next_after(&self, calendar: &Calendar, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.upcoming(calendar, now, 1).first().map(|planned| planned.run.at)
    }

    /// Up to which key nothing is owed by a schedule that begins at `now`: what takes place later is.
    pub(super) fn begins_at(&self, calendar: &Calendar, now: DateTime<Utc>) -> DateTime<Utc> {
        if self.is_plain_cron() {
            return now;
        }
        let first = self.occurrences(calendar, now - APART).find(|run| run.at > now);
        first.map_or(now, |run| run.key - TimeDelta::milliseconds(1))
    }
}

impl Planned {
    /// What is to be said of it, in English; empty when it is as usual.
    pub fn english(&self) -> String {
        let said = self.run.note.map(|note| match note {
            Note::Moved(off) => {
                format!("moved from {}: {}", self.run.day.format("%a %Y-%m-%d"), off.name(Tongue::English))
            }
            Note::OnDayOff(off) => format!("on a day off: {}", off.name(Tongue::English)),
            Note::NoSuchDay => "stands in for a day that is not there".to_owned(),
        });
        self.together(said, "together with the run of", |day| day.format("%Y-%m-%d").to_string())
    }

    /// What is to be said of it, in Vietnamese; empty when it is as usual.
    pub fn vietnamese(&self) -> String {
        let said = self.run.note.map(|note| match note {
            Note::Moved(off) => {
                format!("Dời từ ngày {}: {}", self.run.day.format("%d/%m/%Y"), off.name(Tongue::Vietnamese))
            }
            Note::OnDayOff(off) => format!("Trùng ngày nghỉ: {}", off.name(Tongue::Vietnamese)),
            Note::NoSuchDay => "Thay cho ngày không có trong kỳ".to_owned(),
        });
        self.together(said, "gộp với đợt ngày", |day| day.format("%d/%m/%Y").to_string())
    }

    fn together(&self, said: Option<String>, with: &str, date: impl Fn(&NaiveDate) -> String) -> String {
        let others: Vec<String> = self.with.iter().map(date).collect();
        let others = (!others.is_empty()).then(|| format!("{with} {}", others.join(", ")));
        said.into_iter().chain(others).collect::<Vec<_>>().join("; ")
    }

    fn add(&mut self, run: Occurrence) {
        let other =
            if self.run.note.is_some() && run.note.is_none() { std::mem::replace(&mut self.run, run) } else { run };
        if other.day != self.run.day {
            self.with.push(other.day);
        }
    }
}

/// The instant at which the clocks of `zone` show `local`. Where they show it twice, the first time; where they leap
/// over it, the first instant after the leap.
fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    /// Minutes; the longest leap so far was a whole day (Samoa, 2011).
    const LONGEST_LEAP: i64 = 48 * 60;
    let whole_minute = local - TimeDelta::seconds(local.and_utc().timestamp().rem_euclid(60));
    let later = (1..=LONGEST_LEAP).map(|minutes| whole_minute + TimeDelta::minutes(minutes));
    let found = std::iter::once(local).chain(later).find_map(|local| zone.from_local_datetime(&local).earliest());
    found.map_or_else(|| local.and_utc(), |found| found.with_timezone(&Utc))
}

#[cfg(test)]
mod tests;
