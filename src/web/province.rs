//! The whole, or the part that somebody sees: each indicator from summed counts, how it moved, and its course.

use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::figure_words::{change, change_words, class, counts, demanded, glyph, percent, standing};
use super::heat_figures::Figures;
use super::page::Failure;
use super::session::Visitor;
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
    /// What the small drawings show, in figures: per period, the newest first, one figure per indicator of `totals`. Empty
    /// where there is no course yet.
    pub(super) periods: Vec<(String, Vec<String>)>,
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

/// The sums over `rows`, which are those of `figures`, of the part that `visitor` sees.
pub(super) async fn province(
    site: &Site,
    figures: &Figures,
    rows: &[GlanceRow<'_>],
    (periods, visitor): (&[DoneRound], &Visitor),
) -> Result<Province, Failure> {
    let (t, round) = (visitor.tongue, &figures.round);
    let until = periods.iter().rposition(|period| period.run_id == round.run_id).unwrap_or(0);
    let earlier = periods.get(until.saturating_sub(ROUNDS - 1)..until).unwrap_or_default();
    let mut course = Vec::with_capacity(earlier.len());
    for period in earlier {
        course.push((period.as_of, site.recent.sums(&site.db, &period.run_id, visitor.scope()).await?));
    }
    let totals = report::totals(&figures.catalog, rows, round.as_of, figures.part);
    let judged = rows.iter().filter(|row| row.is_assessed()).count();
    let below = rows.iter().filter(|row| row.is_below()).count();
    let day = |round: &DoneRound| words::local_date(&round.as_of.to_string());
    let courses: Vec<Vec<Point>> = totals
        .iter()
        .map(|line| {
            let earlier = course.iter().map(|(day, sums)| point(*day, sums, line));
            earlier.chain([newest(round.as_of, line)]).collect()
        })
        .collect();
    Ok(Province {
        periods: table(t, &courses),
        as_of: day(round),
        before: figures.earlier.as_ref().map(day),
        standing: [judged, below, rows.len() - judged].map(words::count),
        totals: totals
            .iter()
            .zip(&courses)
            .map(|(line, points)| total(t, (figures, rows), line, spark(t, points)))
            .collect(),
    })
}

/// The courses as a table; none of fewer than two periods.
fn table(t: Tongue, courses: &[Vec<Point>]) -> Vec<(String, Vec<String>)> {
    let periods = courses.first().map_or(0, Vec::len);
    let figure = |point: &Point| point.shown.map_or_else(|| t.say("province.no_figure").to_owned(), percent);
    let line = |at: usize| {
        let points: Vec<&Point> = courses.iter().filter_map(|course| course.get(at)).collect();
        let day = points.first().map(|point| words::local_date(&point.day.to_string())).unwrap_or_default();
        (day, points.into_iter().map(figure).collect())
    };
    if periods < 2 { Vec::new() } else { (0..periods).rev().map(line).collect() }
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

fn total(t: Tongue, (figures, rows): (&Figures, &[GlanceRow<'_>]), total: &GlanceLine, spark: Option<Spark>) -> Total {
    let line = &total.line;
    let known = figures.catalog.indicators.iter().find(|indicator| indicator.id == line.indicator);
    let name = known.map_or_else(|| line.indicator.to_string(), |indicator| indicator.name.clone());
    let counted = known.map_or_else(|| t.say("province.dossiers"), |indicator| indicator.counted.as_str());
    let stands = standing(t, &line.standing, total.tone);
    let figure = line.shown().map_or_else(|| stands.to_owned(), percent);
    let counts = line.rate.map(counts).unwrap_or_default();
    let target = line.demanded.map(demanded).unwrap_or_default();
    let beside = if target.is_empty() { String::new() } else { format!(", {}", t.with("province.target", &target)) };
    let moved = total.change.map(|moved| format!(", {}", change_words(t, moved))).unwrap_or_default();
    let below = match report::below_of(rows, &line.indicator) {
        (0, _) => t.say("province.none_below").to_owned(),
        (units, missing) => t.with3("province.below", words::count(units), words::grouped(missing), counted),
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
        missing: line.missing.map(|missing| t.with2("province.missing", words::grouped(missing), counted)),
        change: total.change.map(change),
        below,
        spark,
    }
}
