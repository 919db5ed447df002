//! A unit's course on one indicator: a drawing of lines and marks that the page brings with it, and the same as a table.

use std::collections::HashSet;
use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate};

use super::catalogue::Tongue;
use super::figure_words::{counts, demanded, percent, standing};
use super::words;
use crate::catalog::IndicatorId;
use crate::report::{Line, Tone};

const LEFT: u64 = 40;
const WIDTH: u64 = 270;
const TOP: u64 = 20;
const HEIGHT: u64 = 110;
/// The whole, in hundredths of a percent.
const WHOLE: u64 = 10_000;

/// A round: its date and what the unit's figures were.
#[derive(Debug)]
pub(super) struct Period {
    pub(super) as_of: NaiveDate,
    /// Another number where its unit took another one in, or gave a part away, in between.
    pub(super) body: usize,
    pub(super) lines: Vec<Line>,
}

/// A drawing with its table.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) name: String,
    /// What it shows, in one sentence.
    pub(super) said: String,
    /// The figures, as commands of an SVG path; broken where there was none or another definition.
    pub(super) course: String,
    /// What was demanded, as steps.
    pub(super) steps: String,
    pub(super) points: Vec<(u64, u64)>,
    /// Where its head was reminded.
    pub(super) marks: Vec<u64>,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) rows: Vec<Row>,
}

/// A line of the table, the newest first.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) date: String,
    pub(super) figure: String,
    pub(super) counts: String,
    pub(super) target: String,
    pub(super) reminded: bool,
}

/// The course on `indicator`, called `name`, over `periods`, oldest first. `reminded` are the dates of its reminders.
/// Nothing of one that had a figure fewer than two times.
pub(super) fn chart(
    t: Tongue,
    (indicator, name): (&IndicatorId, &str),
    periods: &[Period],
    reminded: &HashSet<NaiveDate>,
) -> Option<Chart> {
    let of = |period: &Period| period.lines.iter().find(|line| line.indicator == *indicator).cloned();
    let lines: Vec<(NaiveDate, Option<Line>)> = periods.iter().map(|period| (period.as_of, of(period))).collect();
    let known: Vec<(NaiveDate, u64)> =
        lines.iter().filter_map(|(date, line)| Some((*date, line.as_ref()?.shown()?))).collect();
    let ((first, from), (last, to)) = (*known.first()?, *known.last()?);
    if known.len() < 2 {
        return None;
    }
    let gaps = u64::try_from(lines.len().saturating_sub(1)).unwrap_or(1).max(1);
    let x = |at: usize| LEFT + u64::try_from(at).unwrap_or(0) * WIDTH / gaps;
    let (mut course, mut steps, mut points) = (String::new(), String::new(), Vec::new());
    // Counts begin anew with each year, and another body has other counts: a line over that would tell of a fall or rise
    // that is none.
    let mut version: Option<(&str, i32, usize)> = None;
    for (at, ((date, line), period)) in lines.iter().zip(periods).enumerate() {
        let Some((line, shown)) = line.as_ref().and_then(|line| Some((line, line.shown()?))) else {
            version = None;
            continue;
        };
        let command = if version == Some((line.version.as_str(), date.year(), period.body)) { 'L' } else { 'M' };
        let _ = write!(course, "{command}{} {} ", x(at), y(shown));
        points.push((x(at), y(shown)));
        version = Some((&line.version, date.year(), period.body));
    }
    for (at, (_, line)) in lines.iter().enumerate() {
        let Some(value) = line.as_ref().and_then(|line| line.demanded) else { continue };
        let height = y(value.rounded());
        let _ = if steps.is_empty() {
            write!(steps, "M{} {height} ", x(at))
        } else {
            write!(steps, "H{} V{height} ", x(at))
        };
    }
    let marks = lines.iter().enumerate().filter(|(_, (date, _))| reminded.contains(date)).map(|(at, _)| x(at));
    let day = |date: NaiveDate| words::local_date(&date.to_string());
    Some(Chart {
        said: t.with_all("unit.course_said", &[&name, &percent(from), &day(first), &percent(to), &day(last)]),
        name: name.to_owned(),
        course: course.trim_end().to_owned(),
        steps: steps.trim_end().to_owned(),
        points,
        marks: marks.collect(),
        first: lines.first().map(|(date, _)| day(*date)).unwrap_or_default(),
        last: lines.last().map(|(date, _)| day(*date)).unwrap_or_default(),
        rows: lines.iter().rev().map(|(date, line)| row(t, *date, line.as_ref(), reminded)).collect(),
    })
}

/// Downwards from the top; more than the whole is drawn as the whole.
fn y(hundredths: u64) -> u64 {
    TOP + HEIGHT - hundredths.min(WHOLE) * HEIGHT / WHOLE
}

fn row(t: Tongue, date: NaiveDate, line: Option<&Line>, reminded: &HashSet<NaiveDate>) -> Row {
    let stands =
        |line: &Line| standing(t, &line.standing, Tone::of(&line.standing, line.rate, line.demanded)).to_owned();
    Row {
        date: words::local_date(&date.to_string()),
        figure: line.map_or_else(
            || t.say("province.no_figure").to_owned(),
            |line| line.shown().map_or_else(|| stands(line), percent),
        ),
        counts: line.and_then(|line| line.rate).map(counts).unwrap_or_default(),
        target: line.and_then(|line| line.demanded).map(demanded).unwrap_or_default(),
        reminded: reminded.contains(&date),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{BasisPoints, Comparator};
    use crate::evaluation::Rate;

    fn line(numerator: Option<u64>, version: &str) -> Vec<Line> {
        vec![Line {
            indicator: IndicatorId::new("a"),
            version: version.to_owned(),
            rate: numerator.and_then(|numerator| Rate::new(numerator, 100)),
            target: Some(BasisPoints(5_000)),
            comparator: Comparator::AtLeast,
            standing: "below".to_owned(),
            missing: None,
            demanded: Some(BasisPoints(5_000).into()),
            trend: None,
            turns_on_one: false,
            cause: None,
            interim_target: None,
            at_rate: None,
        }]
    }

    #[test]
    fn a_course_is_broken_where_there_was_no_figure_or_another_definition() {
        let day = |month| NaiveDate::from_ymd_opt(2022, month, 28).unwrap();
        let lines = [(Some(0), "1"), (Some(10), "1"), (None, "1"), (Some(20), "1"), (Some(100), "2")];
        let periods: Vec<Period> = (1..)
            .zip(lines)
            .map(|(month, (numerator, version))| Period { as_of: day(month), body: 0, lines: line(numerator, version) })
            .collect();
        let drawn =
            chart(Tongue::Vietnamese, (&IndicatorId::new("a"), "A"), &periods, &HashSet::from([day(2)])).unwrap();
        assert_eq!(drawn.course, "M40 130 L107 119 M242 108 M310 20");
        assert_eq!((drawn.marks, drawn.points.len()), (vec![107], 4));
        assert_eq!(drawn.steps.split(' ').next(), Some("M40"));
        assert!(drawn.rows.iter().filter(|row| row.reminded).count() == 1);
        assert!(
            chart(Tongue::Vietnamese, (&IndicatorId::new("a"), "A"), &periods[..1], &HashSet::new()).is_none(),
            "a point is no course"
        );
    }

    #[test]
    fn a_course_has_a_gap_where_its_unit_took_another_one_in() {
        let day = |month| NaiveDate::from_ymd_opt(2025, month, 28).unwrap();
        let period = |month, body| Period { as_of: day(month), body, lines: line(Some(10), "1") };
        let periods = [period(5, 0), period(6, 0), period(7, 1), period(8, 1)];
        let drawn = chart(Tongue::Vietnamese, (&IndicatorId::new("a"), "A"), &periods, &HashSet::new()).unwrap();
        assert_eq!(drawn.course, "M40 119 L130 119 M220 119 L310 119");
    }
}
