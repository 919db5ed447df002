//! What comes next: the planned rounds with date and time in words, and the batch that waits for a second person.

use chrono::{DateTime, Datelike as _, Timelike as _, Weekday};
use chrono_tz::Tz;

use super::page::Failure;
use super::{Site, words};
use crate::catalog;
use crate::pass::{self, What};

/// Runs that are shown.
const SHOWN: usize = 4;

/// A planned run.
#[derive(Debug)]
pub(super) struct Coming {
    pub(super) when: String,
    pub(super) machine_time: String,
    /// What it is, and the schedule's name.
    pub(super) what: String,
    /// Why it is not on its usual day; empty when it is.
    pub(super) note: String,
}

/// The next runs of all schedules.
pub(super) async fn coming(site: &Site) -> Result<Vec<Coming>, Failure> {
    first(site, SHOWN).await
}

/// The next `count` of them.
pub(super) async fn first(site: &Site, count: usize) -> Result<Vec<Coming>, Failure> {
    runs(site, |_| true, count).await
}

/// The next round that may remind anybody.
pub(super) async fn next_round(site: &Site) -> Result<Option<Coming>, Failure> {
    Ok(runs(site, |what| what == What::Round, 1).await?.into_iter().next())
}

/// The next run of each schedule that starts `kind`.
pub(super) async fn of_kind(site: &Site, kind: What) -> Result<Vec<Coming>, Failure> {
    let all = runs(site, |what| what == kind, SHOWN).await?;
    let mut next: Vec<Coming> = Vec::new();
    for run in all {
        if next.iter().all(|known| known.what != run.what) {
            next.push(run);
        }
    }
    Ok(next)
}

async fn runs(site: &Site, wanted: impl Fn(What) -> bool, count: usize) -> Result<Vec<Coming>, Failure> {
    let (calendar, now) = (catalog::calendar(&site.db).await?, site.clock.now());
    let wanted = site.schedules.iter().filter(|schedule| wanted(schedule.what));
    let upcoming = wanted.flat_map(|schedule| {
        schedule.upcoming(&calendar, now, count).into_iter().map(move |planned| (schedule, planned))
    });
    let mut runs: Vec<_> = upcoming.collect();
    runs.sort_by_key(|(_, planned)| planned.run.at);
    let said = runs.into_iter().take(count).map(|(schedule, planned)| Coming {
        when: in_words(planned.run.at.with_timezone(&schedule.time_zone)),
        machine_time: words::machine_time(planned.run.at),
        what: format!("{} ({})", schedule.what.vietnamese(), schedule.name),
        note: planned.vietnamese(),
    });
    Ok(said.collect())
}

/// The batch that waits: its messages and its date.
pub(super) async fn waiting(site: &Site) -> Result<Option<(String, String)>, Failure> {
    let asked = pass::asked(&site.db).await?;
    Ok(asked.map(|asked| {
        let messages = u64::try_from(asked.messages).unwrap_or(0);
        (words::grouped(messages), words::local_date(&asked.as_of))
    }))
}

/// How a weekday is called.
pub(super) const fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Thứ Hai",
        Weekday::Tue => "Thứ Ba",
        Weekday::Wed => "Thứ Tư",
        Weekday::Thu => "Thứ Năm",
        Weekday::Fri => "Thứ Sáu",
        Weekday::Sat => "Thứ Bảy",
        Weekday::Sun => "Chủ nhật",
    }
}

/// `Thứ Hai, ngày 03/11/2025, 8 giờ`.
fn in_words(at: DateTime<Tz>) -> String {
    let day = day_name(at.weekday());
    let minutes = if at.minute() == 0 { String::new() } else { format!(" {:02} phút", at.minute()) };
    format!("{day}, ngày {}, {} giờ{minutes}", at.format("%d/%m/%Y"), at.hour())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ZONE;

    #[test]
    fn a_moment_is_said_with_its_weekday() {
        for (instant, said) in [
            ("2025-11-03T01:00:00Z", "Thứ Hai, ngày 03/11/2025, 8 giờ"),
            ("2025-11-09T01:05:00Z", "Chủ nhật, ngày 09/11/2025, 8 giờ 05 phút"),
        ] {
            let at: DateTime<chrono::Utc> = instant.parse().unwrap();
            assert_eq!(in_words(at.with_timezone(&ZONE)), said);
        }
    }
}
