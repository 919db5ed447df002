//! The whole, or the part that somebody sees: each indicator from summed counts, how it moved, and its course.

use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::figure_words::{change, change_words, class, counts, demanded, glyph, percent, standing};
use super::heat_figures::Figures;
use super::page::Failure;
use super::spark::{Point, Spark, spark};
use super::{Site, words};
use crate::pass::DoneRound;
use crate::report::{self, GlanceLine, GlanceRow, SumLine};

/// Rounds of the small drawings.
const ROUNDS: usize = 12;

/// All of it.
#[derive(Debug)]
pub(super) struct Province {
    pub(super) as_of: String,
    /// The round that changes are counted from.
    pub(super) before: Option<String>,
    /// Units judged, below a target, and without any judgement; of all that the visitor may see.
    pub(super) standing: [String; 3],
    pub(super) totals: Vec<Total>,
}

/// An indicator of the whole.
#[derive(Debug)]
pub(super) struct Total {
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) glyph: &'static str,
    pub(super) figure: String,
    pub(super) counts: String,
    pub(super) target: String,
    pub(super) missing: Option<String>,
    pub(super) change: Option<String>,
    /// Units below, and what they are short of together.
    pub(super) below: String,
    pub(super) spark: Option<Spark>,
    /// All of it, for whoever hears it.
    pub(super) said: String,
}

/// The sums over `rows`, which are those of `figures`; `root` is the unit that the visitor sees with all below it.
pub(super) async fn province(
    site: &Site,
    figures: &Figures,
    rows: &[GlanceRow<'_>],
    (periods, root): (&[DoneRound], Option<&str>),
) -> Result<Province, Failure> {
    let round = &figures.round;
    let until = periods.iter().rposition(|period| period.run_id == round.run_id).unwrap_or(0);
    let earlier = periods.get(until.saturating_sub(ROUNDS - 1)..until).unwrap_or_default();
    let mut course = Vec::with_capacity(earlier.len());
    for period in earlier {
        course.push((period.as_of, site.recent.sums(&site.db, &period.run_id, root).await?));
    }
    let totals = report::totals(&figures.catalog, rows, round.as_of, figures.part);
    let judged = rows.iter().filter(|row| row.is_assessed()).count();
    let below = rows.iter().filter(|row| row.is_below()).count();
    let day = |round: &DoneRound| words::local_date(&round.as_of.to_string());
    Ok(Province {
        as_of: day(round),
        before: figures.earlier.as_ref().map(day),
        standing: [judged, below, rows.len() - judged].map(words::count),
        totals: totals
            .iter()
            .map(|line| {
                let mut points: Vec<Point> = course.iter().map(|(day, sums)| point(*day, sums, line)).collect();
                points.push(newest(round.as_of, line));
                total(figures, rows, line, spark(&points))
            })
            .collect(),
    })
}

fn point(day: NaiveDate, sums: &[SumLine], line: &GlanceLine) -> Point {
    let own = sums.iter().find(|sum| sum.indicator == line.line.indicator);
    Point {
        day,
        shown: own.and_then(SumLine::shown),
        demanded: own.and_then(|own| own.demanded).map(crate::evaluation::Threshold::rounded),
        version: own.map(|own| own.version.clone()).unwrap_or_default(),
    }
}

fn newest(day: NaiveDate, GlanceLine { line, .. }: &GlanceLine) -> Point {
    let demanded = line.demanded.map(crate::evaluation::Threshold::rounded);
    Point { day, shown: line.shown(), demanded, version: line.version.clone() }
}

fn total(figures: &Figures, rows: &[GlanceRow<'_>], total: &GlanceLine, spark: Option<Spark>) -> Total {
    let line = &total.line;
    let known = figures.catalog.indicators.iter().find(|indicator| indicator.id == line.indicator);
    let name = known.map_or_else(|| line.indicator.to_string(), |indicator| indicator.name.clone());
    let counted = known.map_or("hồ sơ", |indicator| indicator.counted.as_str());
    let stands = standing(Tongue::Vietnamese, &line.standing, total.tone);
    let figure = line.shown().map_or_else(|| stands.to_owned(), percent);
    let counts = line.rate.map(counts).unwrap_or_default();
    let target = line.demanded.map(demanded).unwrap_or_default();
    let beside = if target.is_empty() { String::new() } else { format!(", chỉ tiêu {target}") };
    let moved = total.change.map(|moved| format!(", {}", change_words(Tongue::Vietnamese, moved))).unwrap_or_default();
    let below = match report::below_of(rows, &line.indicator) {
        (0, _) => "không đơn vị nào dưới chỉ tiêu".to_owned(),
        (units, missing) => {
            format!("{} đơn vị chưa đạt, cộng lại thiếu {} {counted}", words::count(units), words::grouped(missing))
        }
    };
    let course = spark.as_ref().map(|spark| format!(". {}", spark.said)).unwrap_or_default();
    Total {
        said: format!("{name}: {figure}, {counts}{beside}, {stands}{moved}. {below}{course}"),
        name,
        class: class(total.tone),
        glyph: glyph(total.tone),
        figure,
        counts,
        target,
        missing: line.missing.map(|missing| format!("thiếu {} {counted}", words::grouped(missing))),
        change: total.change.map(change),
        below,
        spark,
    }
}
