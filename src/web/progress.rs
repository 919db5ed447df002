//! Who rose and who fell most since the round before, per indicator.

use super::catalogue::Tongue;
use super::figure_words::{change, change_words, percent};
use super::heat_figures::{Figures, Known};
use super::words;
use crate::report::{self, End, GlanceRow, Mover, SMALLEST};

/// Units at either end.
const SHOWN: usize = 3;

/// One indicator.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) name: String,
    pub(super) risen: Ranking,
    pub(super) fallen: Ranking,
    /// Who is not ranked, and why.
    pub(super) small: Option<String>,
}

/// One end of it.
#[derive(Debug)]
pub(super) struct Ranking {
    pub(super) places: Vec<Place>,
    /// Who moved as far as the last one.
    pub(super) further: Option<String>,
}

/// A unit.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) rank: usize,
    /// Empty for one that the catalog no longer knows.
    pub(super) code: String,
    pub(super) name: String,
    /// `▲ 9,20`.
    pub(super) change: String,
    /// `tăng 9,20 điểm`.
    pub(super) said: String,
    /// `từ 20,00% lên 29,20%`.
    pub(super) course: String,
}

/// Of the rows of `figures`; nothing without a round before, or where nobody moved.
pub(super) fn progress(figures: &Figures, rows: &[GlanceRow<'_>], known: &Known<'_>) -> Vec<Progress> {
    if figures.earlier.is_none() {
        return Vec::new();
    }
    let indicators = figures.catalog.indicators.iter().map(|indicator| &indicator.id);
    let all = report::movers(rows, indicators, SHOWN);
    let moved = all.into_iter().filter(|one| !one.risen.movers.is_empty() || !one.fallen.movers.is_empty());
    let one = |found: report::Movers| Progress {
        name: figures.short_name(&found.indicator),
        risen: ranking(&found.risen, known),
        fallen: ranking(&found.fallen, known),
        small: (found.small > 0)
            .then(|| format!("Không xếp hạng {} đơn vị có dưới {SMALLEST} hồ sơ.", words::count(found.small))),
    };
    moved.map(one).collect()
}

fn ranking(end: &End, known: &Known<'_>) -> Ranking {
    Ranking {
        places: end.movers.iter().map(|mover| place(mover, known)).collect(),
        further: (end.further > 0).then(|| format!("và {} đơn vị cùng mức cuối", words::count(end.further))),
    }
}

fn place(mover: &Mover, known: &Known<'_>) -> Place {
    let unit = known.get(&mover.unit);
    let verb = if mover.change.is_rise() { "lên" } else { "xuống" };
    Place {
        rank: mover.rank,
        code: unit.map(|unit| unit.code.clone()).unwrap_or_default(),
        name: unit.map_or_else(|| mover.unit.to_string(), |unit| unit.name.clone()),
        change: change(mover.change),
        said: change_words(Tongue::Vietnamese, mover.change),
        course: format!("từ {} {verb} {}", percent(mover.before.rounded()), percent(mover.now.rounded())),
    }
}
