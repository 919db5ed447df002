//! What is planned.

use chrono::{DateTime, Datelike as _, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::Calendar;
use crate::pass::{PlannedRun, Schedule};

/// A run of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunLine {
    /// Name of the schedule.
    pub schedule: String,
    /// Its day.
    #[schema(format = Date)]
    pub date: String,
    /// `Mon` … `Sun`.
    pub weekday: String,
    /// Local time.
    #[schema(example = "08:00:00")]
    pub time: String,
    /// Of the schedule.
    #[schema(example = "Asia/Ho_Chi_Minh")]
    pub time_zone: String,
    /// The day that it is planned for, before days off moved it.
    #[schema(format = Date)]
    pub meant_for: String,
    /// Why it is not on its usual day; empty when it is.
    pub why: String,
}

/// The next `count` runs of each schedule after an instant, by time.
pub fn runs(schedules: &[Schedule], calendar: &Calendar, after: DateTime<Utc>, count: usize) -> Vec<RunLine> {
    let upcoming = schedules.iter().flat_map(|schedule| {
        schedule.upcoming(calendar, after, count).into_iter().map(move |planned| (schedule, planned))
    });
    let mut runs: Vec<(&Schedule, PlannedRun)> = upcoming.collect();
    runs.sort_by_key(|(_, planned)| planned.run.at);
    runs.into_iter().map(|(schedule, planned)| RunLine::of(schedule, &planned, calendar)).collect()
}

impl RunLine {
    fn of(schedule: &Schedule, planned: &PlannedRun, calendar: &Calendar) -> Self {
        let local = planned.run.at.with_timezone(&schedule.time_zone);
        let mut why = planned.english();
        if !calendar.announced(local.year()) {
            let reckoned = format!("the calendar of {} is not announced", local.year());
            why = if why.is_empty() { reckoned } else { format!("{why}; {reckoned}") };
        }
        Self {
            schedule: schedule.name.clone(),
            date: local.format("%Y-%m-%d").to_string(),
            weekday: local.format("%a").to_string(),
            time: local.format("%H:%M:%S").to_string(),
            time_zone: schedule.time_zone.name().to_owned(),
            meant_for: planned.run.day.to_string(),
            why,
        }
    }

    /// Its cells in the order of the fields.
    pub fn cells(self) -> Vec<String> {
        vec![self.schedule, self.date, self.weekday, self.time, self.time_zone, self.meant_for, self.why]
    }
}
