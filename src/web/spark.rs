//! The course of a figure as a small drawing without axes; its numbers are told in words beside it.

use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate};

use super::catalogue::Tongue;
use super::figure_words::percent;
use super::words;

const LEFT: u64 = 4;
const WIDTH: u64 = 152;
const TOP: u64 = 4;
const HEIGHT: u64 = 32;
/// The whole, in hundredths of a percent.
const WHOLE: u64 = 10_000;
/// What the drawing spans at least, so that a change of a hundredth does not look like a mountain.
const SPAN: u64 = 1_000;

/// One round.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) day: NaiveDate,
    /// Hundredths of a percent.
    pub(super) shown: Option<u64>,
    /// What was demanded, likewise.
    pub(super) demanded: Option<u64>,
    /// Of the definition: figures of different ones are not joined.
    pub(super) version: String,
}

/// The drawing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spark {
    /// Commands of an SVG path.
    pub(super) course: String,
    pub(super) steps: String,
    /// Where it stands now.
    pub(super) dot: Option<(u64, u64)>,
    /// The same in words.
    pub(super) said: String,
}

/// The course over `points`, oldest first; nothing with fewer than two figures.
pub(super) fn spark(t: Tongue, points: &[Point]) -> Option<Spark> {
    if points.iter().filter(|point| point.shown.is_some()).count() < 2 {
        return None;
    }
    let values =
        || points.iter().flat_map(|point| [point.shown, point.demanded]).flatten().map(|value| value.min(WHOLE));
    let (low, high) = (values().min()?, values().max()?);
    let lacking = SPAN.saturating_sub(high - low);
    let low = low.saturating_sub(lacking.div_ceil(2));
    let span = high.max(low + SPAN) - low;
    let gaps = u64::try_from(points.len().saturating_sub(1)).unwrap_or(1).max(1);
    let x = |at: usize| LEFT + u64::try_from(at).unwrap_or(0) * WIDTH / gaps;
    let y = |value: u64| TOP + HEIGHT - value.min(WHOLE).saturating_sub(low).min(span) * HEIGHT / span;
    let (mut course, mut steps, mut dot) = (String::new(), String::new(), None);
    let mut last: Option<&Point> = None;
    for (at, point) in points.iter().enumerate() {
        if let Some(value) = point.demanded {
            let height = y(value);
            let _ = if steps.is_empty() {
                write!(steps, "M{} {height} ", x(at))
            } else {
                write!(steps, "H{} V{height} ", x(at))
            };
        }
        let Some(shown) = point.shown else {
            last = None;
            continue;
        };
        let joined = last.is_some_and(|last| last.version == point.version && last.day.year() == point.day.year());
        let _ = write!(course, "{}{} {} ", if joined { 'L' } else { 'M' }, x(at), y(shown));
        dot = Some((x(at), y(shown)));
        last = Some(point);
    }
    Some(Spark { course: course.trim_end().to_owned(), steps: steps.trim_end().to_owned(), dot, said: said(t, points) })
}

fn said(t: Tongue, points: &[Point]) -> String {
    let one = |point: &Point| {
        let figure = point.shown.map_or_else(|| t.say("province.no_figure").to_owned(), percent);
        format!("{} {figure}", words::local_date(&point.day.to_string()))
    };
    t.with2("province.course", points.len(), points.iter().map(one).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(day: &str, shown: Option<u64>, version: &str) -> Point {
        Point { day: day.parse().unwrap(), shown, demanded: Some(5_000), version: version.to_owned() }
    }

    #[test]
    fn the_line_is_broken_where_there_is_no_figure_another_definition_or_another_year() {
        let points = [
            point("2022-09-30", Some(4_000), ""),
            point("2022-10-31", Some(4_500), ""),
            point("2022-11-30", None, ""),
            point("2022-12-31", Some(5_000), ""),
            point("2023-01-31", Some(4_000), ""),
            point("2023-02-28", Some(4_500), "2"),
        ];
        let drawn = spark(Tongue::Vietnamese, &points).unwrap();
        assert_eq!(drawn.course, "M4 36 L34 20 M95 4 M125 36 M156 20");
        assert_eq!(drawn.steps.split(' ').next(), Some("M4"));
        assert_eq!(drawn.dot, Some((156, 20)));
        let said =
            "Diễn biến 6 kỳ: 30/09/2022 40,00%; 31/10/2022 45,00%; 30/11/2022 không có số liệu; 31/12/2022 50,00%";
        assert!(drawn.said.starts_with(said), "{}", drawn.said);
    }

    #[test]
    fn a_small_change_is_drawn_small_and_one_figure_is_no_course() {
        let flat = [point("2022-09-30", Some(5_000), ""), point("2022-10-31", Some(5_001), "")];
        assert_eq!(spark(Tongue::Vietnamese, &flat).unwrap().course, "M4 20 L156 20");
        assert_eq!(spark(Tongue::Vietnamese, &flat[..1]), None);
        let edge =
            [Point { demanded: None, ..point("2022-09-30", Some(0), "") }, point("2022-10-31", Some(20_000), "")];
        assert_eq!(
            spark(Tongue::Vietnamese, &edge).unwrap().course,
            "M4 36 L156 4",
            "more than the whole is drawn as the whole"
        );
    }
}
