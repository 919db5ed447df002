//! The province at a glance: the figures of the whole, and units × indicators as a table that reads without its colours.

use std::collections::HashMap;

use super::figure_words::{change, change_words, class, counts, demanded, glyph, meaning, percent, standing};
use super::heat_wanted::{Choice, Wanted};
use super::mailbox::Units;
use super::page::Failure;
use super::{Site, words};
use crate::app::today;
use crate::catalog::{self, Catalog, IndicatorId, Listed, UnitId, alphabetical};
use crate::pass::DoneRound;
use crate::report::{self, GlanceCell, GlanceLine, GlanceRow, Tone};

/// Units on a page.
const PAGE: usize = 200;

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
    /// All of it, for whoever hears it.
    pub(super) said: String,
}

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
    pub(super) as_of: String,
    /// The round that changes are counted from.
    pub(super) before: Option<String>,
    /// Units judged, below a target, and without any judgement; of all that the visitor may see.
    pub(super) standing: [String; 3],
    pub(super) totals: Vec<Total>,
    pub(super) heads: Vec<Head>,
    pub(super) rows: Vec<Row>,
    /// Units that the filters let through.
    pub(super) count: String,
    pub(super) kinds: Vec<Choice>,
    pub(super) periods: Vec<Choice>,
    pub(super) sorts: Vec<Choice>,
    pub(super) below: bool,
    pub(super) page: usize,
    pub(super) pages: usize,
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
}

/// The newest finished round of every as-of date, oldest first.
pub(super) fn periods(rounds: Vec<DoneRound>) -> Vec<DoneRound> {
    let mut periods: Vec<DoneRound> = Vec::new();
    for round in rounds {
        match periods.last_mut().filter(|last| last.as_of == round.as_of) {
            Some(last) => *last = round,
            None => periods.push(round),
        }
    }
    periods
}

/// What `wanted` asks for of `periods`, as far as `units` may be seen; none before the first round.
pub(super) async fn heat_map(
    site: &Site,
    units: &Units,
    periods: &[DoneRound],
    wanted: &Wanted,
) -> Result<Option<HeatMap>, Failure> {
    let asked = wanted.period.and_then(|date| periods.iter().rposition(|round| round.as_of == date));
    let at = asked.or(periods.len().checked_sub(1));
    let Some((at, round)) = at.and_then(|at| Some((at, periods.get(at)?))) else { return Ok(None) };
    let earlier = at.checked_sub(1).and_then(|before| periods.get(before));
    let now = site.recent.judged(&site.db, &round.run_id).await?;
    let before = match earlier {
        Some(earlier) => site.recent.judged(&site.db, &earlier.run_id).await?,
        None => std::sync::Arc::default(),
    };
    let catalog = Catalog::of(&catalog::measures(&site.db).await?, round.as_of, today(site.clock.now()));
    let listed = catalog::present(&site.db, round.as_of).await?;
    let known: HashMap<&UnitId, &Listed> = listed.iter().map(|unit| (&unit.id, unit)).collect();
    let inside = |unit: &UnitId| match units {
        None => true,
        Some(codes) => known.get(unit).is_some_and(|unit| codes.contains(&unit.code)),
    };
    let all = report::rows(&now, &before, inside);
    let totals = report::totals(&catalog, &all, round.as_of, units.is_some());
    let judged = all.iter().filter(|row| row.is_assessed()).count();
    let heads: Vec<(IndicatorId, Head)> = catalog
        .indicators
        .iter()
        .map(|indicator| {
            let target = report::shared_target(&all, &indicator.id).map(|(_, value, _)| demanded(value));
            (indicator.id.clone(), Head { name: indicator.short_name.clone(), target })
        })
        .collect();
    let shown = sorted(&all, &known, wanted);
    let pages = shown.len().div_ceil(PAGE).max(1);
    let page = wanted.page.clamp(1, pages);
    let rows = shown.iter().skip((page - 1) * PAGE).take(PAGE).map(|row| line(row, &known, &heads)).collect();
    Ok(Some(HeatMap {
        as_of: words::local_date(&round.as_of.to_string()),
        before: earlier.map(|earlier| words::local_date(&earlier.as_of.to_string())),
        standing: [number(judged), number(all.iter().filter(|row| row.is_below()).count()), number(all.len() - judged)],
        totals: totals.iter().map(|line| total(&catalog, line)).collect(),
        rows,
        count: number(shown.len()),
        kinds: wanted.kinds(listed.iter().filter(|unit| inside(&unit.id)).map(|unit| unit.kind)),
        periods: Wanted::periods(periods, round.as_of),
        sorts: wanted.sorts(),
        below: wanted.below,
        page,
        pages,
        newer: (page > 1).then(|| wanted.tail(page - 1)),
        older: (page < pages).then(|| wanted.tail(page + 1)),
        heads: heads.into_iter().map(|(_, head)| head).collect(),
    }))
}

fn number(count: usize) -> String {
    words::grouped(u64::try_from(count).unwrap_or(u64::MAX))
}

/// What the filters let through, in the order that is asked for.
fn sorted<'r, 'j>(
    all: &'r [GlanceRow<'j>],
    known: &HashMap<&UnitId, &Listed>,
    wanted: &Wanted,
) -> Vec<&'r GlanceRow<'j>> {
    let fits = |row: &&GlanceRow<'_>| {
        let kind = known.get(row.unit).map(|unit| unit.kind);
        wanted.kind.is_none_or(|wanted| kind == Some(wanted)) && (!wanted.below || row.is_below())
    };
    let mut shown: Vec<&GlanceRow<'_>> = all.iter().filter(fits).collect();
    if wanted.by_name {
        shown.sort_by_cached_key(|row| known.get(row.unit).map(|unit| (alphabetical(&unit.name), unit.code.clone())));
    } else {
        // Ties by code; the key is worked out once per unit.
        let code = |row: &GlanceRow<'_>| known.get(row.unit).map(|unit| unit.code.as_str());
        let mut keyed: Vec<_> = shown.iter().map(|row| (row.urgency(), *row)).collect();
        keyed.sort_by(|(one, a), (other, b)| other.cmp(one).then_with(|| code(a).cmp(&code(b))));
        shown = keyed.into_iter().map(|(_, row)| row).collect();
    }
    shown
}

fn line(row: &GlanceRow<'_>, known: &HashMap<&UnitId, &Listed>, heads: &[(IndicatorId, Head)]) -> Row {
    let (code, name) = known
        .get(row.unit)
        .map_or_else(|| (String::new(), row.unit.to_string()), |unit| (unit.code.clone(), unit.name.clone()));
    let cells = heads.iter().map(|(indicator, head)| cell(&name, &head.name, row.cell(indicator))).collect();
    Row { code, name, cells }
}

fn cell(unit: &str, indicator: &str, found: Option<GlanceCell>) -> Cell {
    let Some(found) = found else {
        let said = format!("{unit}, {indicator}, không đánh giá");
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
    let stands = standing(found.standing, found.tone);
    let figure = found.shown.map(percent);
    let spoken = found.shown.map(|shown| format!(", {} phần trăm", report::decimal(shown, ',')));
    let missing = found.missing.map(|missing| format!(", thiếu {}", words::grouped(missing)));
    let moved = found.change.map(|moved| format!(", {}", change_words(moved)));
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

fn total(catalog: &Catalog, total: &GlanceLine) -> Total {
    let line = &total.line;
    let known = catalog.indicators.iter().find(|indicator| indicator.id == line.indicator);
    let name = known.map_or_else(|| line.indicator.to_string(), |indicator| indicator.name.clone());
    let counted = known.map_or("hồ sơ", |indicator| indicator.counted.as_str());
    let stands = standing(&line.standing, total.tone);
    let figure = line.shown().map_or_else(|| stands.to_owned(), percent);
    let counts = line.rate.map(counts).unwrap_or_default();
    let target = line.demanded.map(demanded).unwrap_or_default();
    let beside = if target.is_empty() { String::new() } else { format!(", chỉ tiêu {target}") };
    let moved = total.change.map(|moved| format!(", {}", change_words(moved))).unwrap_or_default();
    Total {
        said: format!("{name}: {figure}, {counts}{beside}, {stands}{moved}"),
        name,
        class: class(total.tone),
        glyph: glyph(total.tone),
        figure,
        counts,
        target,
        missing: line.missing.map(|missing| format!("thiếu {} {counted}", words::grouped(missing))),
        change: total.change.map(change),
    }
}

/// What the legend under the table says: class, glyph, meaning.
pub(super) fn legend() -> Vec<(&'static str, &'static str, &'static str)> {
    Tone::ALL.into_iter().map(|tone| (class(tone), glyph(tone), meaning(tone))).collect()
}
