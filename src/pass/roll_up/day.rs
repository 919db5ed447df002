//! The figures of one day and of the day they are compared with.

use chrono::{Datelike as _, Days, NaiveDate};

use super::super::record::{self, DoneRound};
use super::super::{PassError, Settings};
use super::RollUpDay;
use crate::catalog::{Catalog, Pack};
use crate::db::{Db, DbError};
use crate::decision;
use crate::evaluation::{self, Judged};
use crate::report::BrokenPromise;

/// A planned digest speaks of a round at most so many days old.
const FRESH: Days = Days::new(7);

/// What a digest is made of.
pub(super) struct Day {
    /// As of when the round decided.
    pub(super) as_of: NaiveDate,
    /// Last day of its figures.
    pub(super) until: NaiveDate,
    pub(super) catalog: Catalog,
    pub(super) now: Vec<Judged>,
    /// Last day of the earlier figures, and what was judged of them.
    pub(super) before: Option<(NaiveDate, Vec<Judged>)>,
    /// The code of the figures.
    pub(super) figures: String,
    /// Promised days that passed while the figures are still below target.
    pub(super) promises: Vec<BrokenPromise>,
}

impl Day {
    pub(super) async fn load(
        (db, settings): (&Db, &Settings),
        pack: &Pack,
        day: RollUpDay,
        today: NaiveDate,
    ) -> Result<Self, PassError> {
        let rounds = record::done_rounds(db).await?;
        let round = chosen(&rounds, day).ok_or(PassError::NoRound(match day {
            RollUpDay::Of(day) | RollUpDay::Planned(day) => Some(day),
            RollUpDay::Newest => None,
        }))?;
        let earlier = compared(&rounds, round, settings.digest.compare_days);
        let before = match earlier {
            Some(earlier) => Some((earlier.until, evaluation::judged(db, &earlier.run_id).await?)),
            None => None,
        };
        let now = evaluation::judged(db, &round.run_id).await?;
        Ok(Self {
            promises: broken_promises(db, &now, round.as_of).await?,
            as_of: round.as_of,
            until: round.until,
            catalog: Catalog::of(pack, round.until, today),
            now,
            before,
            figures: record::figures_code(db, &round.run_id).await?,
        })
    }

    pub(super) fn compared_with(&self) -> Option<NaiveDate> {
        self.before.as_ref().map(|(until, _)| *until)
    }

    pub(super) fn judged_before(&self) -> &[Judged] {
        self.before.as_ref().map(|(_, judged)| judged.as_slice()).unwrap_or_default()
    }
}

/// The promises that rounds up to `as_of` found broken, of cases that are still open and still below in `now`.
async fn broken_promises(db: &Db, now: &[Judged], as_of: NaiveDate) -> Result<Vec<BrokenPromise>, DbError> {
    let cases = decision::cases(db, None, false).await?;
    let broken = cases.into_iter().filter_map(|file| {
        let promised_for = file.case.broken_on.filter(|day| *day <= as_of)?;
        Some(BrokenPromise { unit: file.unit, indicator: file.indicator, promised_for })
    });
    let is_below = |promise: &BrokenPromise| {
        now.iter().any(|judged| {
            judged.standing == "below" && judged.unit_id == promise.unit && judged.indicator == promise.indicator
        })
    };
    Ok(broken.filter(is_below).collect())
}

/// `rounds` stand in order of their dates, then of their starts: the last one of a date knew most.
fn chosen(rounds: &[DoneRound], day: RollUpDay) -> Option<&DoneRound> {
    match day {
        RollUpDay::Of(day) => rounds.iter().rfind(|round| round.as_of == day),
        RollUpDay::Newest => rounds.last(),
        RollUpDay::Planned(day) => rounds.iter().rfind(|round| round.as_of <= day && round.as_of + FRESH >= day),
    }
}

/// The newest round at least `days` earlier with earlier figures of the same year: sums since 1 January begin anew with it.
fn compared<'r>(rounds: &'r [DoneRound], round: &DoneRound, days: u64) -> Option<&'r DoneRound> {
    rounds.iter().rfind(|earlier| {
        let same_year = earlier.until.year() == round.until.year();
        same_year && earlier.until < round.until && earlier.as_of + Days::new(days) <= round.as_of
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rounds(days: &[(&str, &str)]) -> Vec<DoneRound> {
        let round = |(at, (as_of, until)): (usize, &(&str, &str))| DoneRound {
            run_id: at.to_string(),
            as_of: day(as_of),
            until: day(until),
            started_at: day(as_of).and_time(chrono::NaiveTime::MIN).and_utc(),
            reminded: 0,
        };
        days.iter().enumerate().map(round).collect()
    }

    #[test]
    fn a_digest_is_compared_with_the_newest_figures_that_are_old_enough_and_of_the_same_year() {
        let all = rounds(&[
            ("2021-12-27", "2021-12-27"),
            ("2022-10-17", "2022-10-17"),
            ("2022-10-25", "2022-10-25"),
            ("2022-10-30", "2022-10-30"),
            ("2022-10-31", "2022-10-31"),
        ]);
        let with = |at: usize| compared(&all, &all[at], 6).map(|round| round.as_of);
        assert_eq!(with(4), Some(day("2022-10-25")), "six days later, not the day before");
        assert_eq!(with(2), Some(day("2022-10-17")));
        assert_eq!(with(1), None, "last year's sums are no start");
    }

    #[test]
    fn rounds_that_judged_the_same_figures_are_not_compared() {
        let all = rounds(&[("2022-10-17", "2022-09-30"), ("2022-10-24", "2022-09-30"), ("2022-11-07", "2022-10-31")]);
        assert_eq!(compared(&all, &all[1], 6), None);
        assert_eq!(compared(&all, &all[2], 6).map(|round| round.run_id.as_str()), Some("1"));
    }

    #[test]
    fn a_planned_digest_takes_the_newest_round_of_the_week_before_it() {
        let all = rounds(&[("2022-10-24", "2022-10-24"), ("2022-10-31", "2022-10-31")]);
        let taken = |text: &str| chosen(&all, RollUpDay::Planned(day(text))).map(|round| round.as_of);
        assert_eq!(taken("2022-10-28"), Some(day("2022-10-24")));
        assert_eq!(taken("2022-11-07"), Some(day("2022-10-31")));
        assert_eq!(taken("2022-11-08"), None);
        assert_eq!(chosen(&all, RollUpDay::Of(day("2022-10-28"))), None);
    }
}
