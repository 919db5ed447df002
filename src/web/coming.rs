//! What comes next: the planned rounds with date and time in words, and the batch that waits for a second person.

use chrono::{DateTime, Datelike as _, Timelike as _, Weekday};
use chrono_tz::Tz;

use super::catalogue::Tongue;
use super::page::Failure;
use super::{Site, policy_words, words};
use crate::catalog;
use crate::pass::{self, Note, PlannedRun, What};

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
pub(super) async fn coming(t: Tongue, site: &Site) -> Result<Vec<Coming>, Failure> {
    first(t, site, SHOWN).await
}

/// The next `count` of them.
pub(super) async fn first(t: Tongue, site: &Site, count: usize) -> Result<Vec<Coming>, Failure> {
    runs(t, site, |_| true, count).await
}

/// The next round that may remind anybody.
pub(super) async fn next_round(t: Tongue, site: &Site) -> Result<Option<Coming>, Failure> {
    Ok(runs(t, site, |what| what == What::Round, 1).await?.into_iter().next())
}

/// The next run of each schedule that starts `kind`.
pub(super) async fn of_kind(t: Tongue, site: &Site, kind: What) -> Result<Vec<Coming>, Failure> {
    let all = runs(t, site, |what| what == kind, SHOWN).await?;
    let mut next: Vec<Coming> = Vec::new();
    for run in all {
        if next.iter().all(|known| known.what != run.what) {
            next.push(run);
        }
    }
    Ok(next)
}

async fn runs(t: Tongue, site: &Site, wanted: impl Fn(What) -> bool, count: usize) -> Result<Vec<Coming>, Failure> {
    let (calendar, now) = (catalog::calendar(&site.db).await?, site.clock.now());
    let wanted = site.schedules.iter().filter(|schedule| wanted(schedule.what));
    let upcoming = wanted.flat_map(|schedule| {
        schedule.upcoming(&calendar, now, count).into_iter().map(move |planned| (schedule, planned))
    });
    let mut runs: Vec<_> = upcoming.collect();
    runs.sort_by_key(|(_, planned)| planned.run.at);
    let said = runs.into_iter().take(count).map(|(schedule, planned)| Coming {
        when: in_words(t, planned.run.at.with_timezone(&schedule.time_zone)),
        machine_time: words::machine_time(planned.run.at),
        what: format!("{} ({})", what_name(t, schedule.what), schedule.name),
        note: note(t, &planned),
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

/// How people call what a schedule starts.
pub(super) fn what_name(t: Tongue, what: What) -> &'static str {
    t.say(match what {
        What::Round => "coming.round",
        What::Digest => "coming.digest",
        What::Leaders => "coming.leaders",
        What::AdminNote => "coming.admin_note",
    })
}

/// What is to be said of a run; empty when it is as usual.
fn note(t: Tongue, planned: &PlannedRun) -> String {
    let date = |day: &chrono::NaiveDate| day.format("%d/%m/%Y").to_string();
    let said = planned.run.note.map(|note| match note {
        Note::Moved(off) => t.with2("coming.moved", date(&planned.run.day), off.name(t)),
        Note::OnDayOff(off) => t.with("coming.on_day_off", off.name(t)),
        Note::NoSuchDay => t.say("coming.no_such_day").to_owned(),
    });
    let others: Vec<String> = planned.with.iter().map(date).collect();
    let others = (!others.is_empty()).then(|| t.with("coming.together", others.join(", ")));
    said.into_iter().chain(others).collect::<Vec<_>>().join("; ")
}

/// How a weekday is called.
pub(super) fn day_name(t: Tongue, day: Weekday) -> &'static str {
    t.say(match day {
        Weekday::Mon => "day.mon",
        Weekday::Tue => "day.tue",
        Weekday::Wed => "day.wed",
        Weekday::Thu => "day.thu",
        Weekday::Fri => "day.fri",
        Weekday::Sat => "day.sat",
        Weekday::Sun => "day.sun",
    })
}

/// `Thứ Hai, ngày 03/11/2025, 8 giờ`.
fn in_words(t: Tongue, at: DateTime<Tz>) -> String {
    let clock = policy_words::clock(t, at.hour(), at.minute());
    t.with3("coming.at", day_name(t, at.weekday()), at.format("%d/%m/%Y"), clock)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ZONE;

    #[test]
    fn a_moment_is_said_with_its_weekday() {
        for (t, instant, said) in [
            (Tongue::Vietnamese, "2025-11-03T01:00:00Z", "Thứ Hai, ngày 03/11/2025, 8 giờ"),
            (Tongue::Vietnamese, "2025-11-09T01:05:00Z", "Chủ nhật, ngày 09/11/2025, 8 giờ 05 phút"),
            (Tongue::English, "2025-11-09T01:05:00Z", "Sunday, 09/11/2025, 8:05"),
        ] {
            let at: DateTime<chrono::Utc> = instant.parse().unwrap();
            assert_eq!(in_words(t, at.with_timezone(&ZONE)), said);
        }
    }
}
