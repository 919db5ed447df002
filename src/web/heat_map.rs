//! Units × indicators at a glance, as a table that reads without its colours.

use super::catalogue::Tongue;
use super::figure_words::{change, change_words, class, counts, demanded, glyph, meaning, percent, standing};
use super::heat_figures::{Figures, Known, sorted};
use super::heat_wanted::{Choice, Wanted};
use super::words::grouped;
use crate::catalog::IndicatorId;
use crate::pass::DoneRound;
use crate::report::{self, GlanceCell, GlanceRow, Tone};

/// Units on a page.
const PAGE: usize = 200;

/// An indicator above its column.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) name: String,
    pub(super) target: Option<String>,
}

/// A unit.
#[derive(Debug)]
pub(super) struct Row {
    /// Empty for one that the catalog no longer knows.
    pub(super) code: String,
    pub(super) name: String,
    pub(super) cells: Vec<Cell>,
}

/// A figure of a unit.
#[derive(Debug)]
pub(super) struct Cell {
    /// The indicator, for cards without columns.
    pub(super) label: String,
    pub(super) class: &'static str,
    pub(super) glyph: &'static str,
    pub(super) figure: String,
    pub(super) counts: String,
    pub(super) change: Option<String>,
    /// `Xã A, thanh toán, 5,85 phần trăm, chưa đạt, tăng 1,20 điểm`.
    pub(super) said: String,
}

/// All of it.
#[derive(Debug)]
pub(super) struct HeatMap {
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Row>,
    /// Units that the filters let through.
    pub(super) count: usize,
    pub(super) kinds: Vec<Choice>,
    pub(super) periods: Vec<Choice>,
    pub(super) sorts: Vec<Choice>,
    pub(super) below: bool,
    pub(super) page: usize,
    pub(super) pages: usize,
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
    /// Where the same list is got as a workbook, as text, and for the printer.
    pub(super) files: [String; 3],
}

/// What `wanted` asks for of `all`, the rows of `figures`.
pub(super) fn heat_map(
    t: Tongue,
    figures: &Figures,
    (all, known): (&[GlanceRow<'_>], &Known<'_>),
    (periods, wanted): (&[DoneRound], &Wanted),
) -> HeatMap {
    let shown = sorted(all, known, wanted);
    let pages = shown.len().div_ceil(PAGE).max(1);
    let page = wanted.page.clamp(1, pages);
    let heads = heads(figures, all);
    let part = shown.iter().skip((page - 1) * PAGE).take(PAGE);
    HeatMap {
        rows: lines(t, part, known, &heads),
        count: shown.len(),
        kinds: wanted.kinds(t, known.values().map(|unit| unit.kind)),
        periods: Wanted::periods(periods, figures.round.as_of),
        sorts: wanted.sorts(t),
        below: wanted.below,
        page,
        pages,
        newer: (page > 1).then(|| wanted.tail(page - 1)),
        older: (page < pages).then(|| wanted.tail(page + 1)),
        files: [wanted.file(t, "/ban-do.xlsx"), wanted.file(t, "/ban-do.csv"), wanted.at("/ban-do/in")],
        heads: heads.into_iter().map(|(_, head)| head).collect(),
    }
}

/// The indicators, each with the target that all units of `all` share.
pub(super) fn heads(figures: &Figures, all: &[GlanceRow<'_>]) -> Vec<(IndicatorId, Head)> {
    let head = |indicator: &std::sync::Arc<crate::catalog::Indicator>| {
        let target = report::shared_target(all, &indicator.id).map(|(_, value, _)| demanded(value));
        (indicator.id.clone(), Head { name: indicator.short_name.clone(), target })
    };
    figures.catalog.indicators.iter().map(head).collect()
}

/// The lines of `shown`.
pub(super) fn lines<'r, 'j: 'r>(
    t: Tongue,
    shown: impl IntoIterator<Item = &'r &'r GlanceRow<'j>>,
    known: &Known<'_>,
    heads: &[(IndicatorId, Head)],
) -> Vec<Row> {
    let said = Said::of(t);
    shown.into_iter().map(|row| line(&said, row, known, heads)).collect()
}

/// What cells say, looked up once for all of them.
struct Said {
    t: Tongue,
    percent: &'static str,
    missing: &'static str,
    nothing: &'static str,
}

impl Said {
    fn of(t: Tongue) -> Self {
        let [percent, missing, nothing] = ["heat.percent", "heat.missing", "heat.nothing"].map(|key| t.say(key));
        Self { t, percent, missing, nothing }
    }
}

fn line(said: &Said, row: &GlanceRow<'_>, known: &Known<'_>, heads: &[(IndicatorId, Head)]) -> Row {
    let (code, name) = known
        .get(row.unit)
        .map_or_else(|| (String::new(), row.unit.to_string()), |unit| (unit.code.clone(), unit.name.clone()));
    let cells = heads.iter().map(|(indicator, head)| cell(said, &name, &head.name, row.cell(indicator))).collect();
    Row { code, name, cells }
}

fn cell(words: &Said, unit: &str, indicator: &str, found: Option<GlanceCell>) -> Cell {
    let Some(found) = found else {
        let said = format!("{unit}, {indicator}, {}", words.nothing);
        let (class, glyph) = (class(Tone::Nothing), glyph(Tone::Nothing));
        return Cell {
            label: indicator.to_owned(),
            class,
            glyph,
            figure: String::new(),
            counts: String::new(),
            change: None,
            said,
        };
    };
    let stands = standing(words.t, found.standing, found.tone);
    let figure = found.shown.map(percent);
    let spoken = found.shown.map(|shown| format!(", {}", words.percent.replace("{}", &report::decimal(shown, ','))));
    let missing = found.missing.map(|missing| format!(", {}", words.missing.replace("{}", &grouped(missing))));
    let moved = found.change.map(|moved| format!(", {}", change_words(words.t, moved)));
    let said = [spoken, Some(format!(", {stands}")), missing, moved].into_iter().flatten().collect::<String>();
    Cell {
        label: indicator.to_owned(),
        class: class(found.tone),
        glyph: glyph(found.tone),
        figure: figure.unwrap_or_else(|| stands.to_owned()),
        counts: found.rate.map(counts).unwrap_or_default(),
        change: found.change.map(change),
        said: format!("{unit}, {indicator}{said}"),
    }
}

/// What the legend under the table says: class, glyph, meaning.
pub(super) fn legend(t: Tongue) -> Vec<(&'static str, &'static str, &'static str)> {
    Tone::ALL.into_iter().map(|tone| (class(tone), glyph(tone), meaning(t, tone))).collect()
}
