//! Sections of which an installation has its own: `[[reconcile]]` and `[[schedule]]`.

use super::problem::Problem;
use super::section::Section;
use super::tree::Origin;
use super::value;
use crate::clock::ZONE;
use crate::observation::Reconcile;
use crate::pass::{OnDayOff, Schedule, What, When};

/// Which sources are compared with each other.
pub(super) fn reconcile(root: &Section<'_>) -> Vec<Reconcile> {
    root.sections("reconcile").into_iter().flatten().filter_map(|section| pair(&section)).collect()
}

fn pair(section: &Section<'_>) -> Option<Reconcile> {
    let sources = section.list("sources", Vec::new(), value::name);
    let measure = section.required("measure", "measure = \"received_online\"", value::filled);
    let max_percent = section.number("max_difference_percent", 5, 0..=100);
    section.finish();
    let mut sources = sources.into_iter();
    match (sources.next(), sources.next(), sources.next()) {
        (Some(first), Some(second), None) if first != second => {
            Some(Reconcile { first, second, measure: measure?, max_percent })
        }
        _ => {
            let hint = "write sources = [\"province\", \"portal\"]: the first one is judged by";
            section.report_key("sources", "bad_value", "must name two different sources", hint);
            None
        }
    }
}

/// When `serve` runs a round.
pub(super) fn schedules(root: &Section<'_>) -> Vec<Schedule> {
    let sections = root.sections("schedule");
    if sections.is_none() {
        let message = "no [[schedule]]: `serve` never starts a round by itself";
        let hint = "add [[schedule]] with name = \"weekly\" and cron = \"0 30 7 * * Mon\", or start rounds with `run`";
        root.reading.report(&Origin::File(0), Problem::warning("missing_schedule", message, hint));
    }
    sections.into_iter().flatten().filter_map(|section| schedule(&section)).collect()
}

fn schedule(section: &Section<'_>) -> Option<Schedule> {
    let name = section.required("name", "name = \"weekly\"", value::name);
    let what = section.value("what", What::Round, |text| value::word(text, &What::WORDS));
    let when = when(section);
    // A line that fires several times a day has no day of its own that could be moved.
    let often = matches!(&when, Some(When::Cron(line)) if Schedule::time_of_day(line).is_none());
    let default = if often { OnDayOff::Stay } else { OnDayOff::Next };
    let on_day_off = section.value("move", default, value::on_day_off);
    if often && on_day_off != OnDayOff::Stay {
        let hint = "remove `move`, or write one second, minute and hour in the line";
        section.report_key("move", "bad_value", "cannot move a line that fires several times a day", hint);
    }
    let time_zone = section.value("time_zone", ZONE, value::time_zone);
    section.finish();
    Some(Schedule { name: name?, what, when: when?, on_day_off, time_zone })
}

/// `cron`, or `day` and `time`.
fn when(section: &Section<'_>) -> Option<When> {
    let (day, time) = (section.optional("day", value::day), section.optional("time", value::time));
    if !section.has("day") {
        if section.has("time") {
            let hint = "the line names its own time of day; remove `time`, or write `day` instead of `cron`";
            section.report_key("time", "bad_value", "stands without `day`", hint);
        }
        let example = "cron = \"0 30 7 * * Mon\", or day = \"3rd working day of the month\"";
        return section.required("cron", example, value::cron).map(When::Cron);
    }
    if section.optional("cron", value::cron).is_some() {
        section.report_key("day", "bad_value", "stands beside `cron`", "keep one of the two");
    }
    if !section.has("time") {
        section.report_key("day", "missing_key", "has no `time` beside it", "add: time = \"07:30\"");
    }
    Some(When::Day(day?, time?))
}
