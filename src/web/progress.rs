//! Who rose and who fell most since the round before, per indicator; for those who see all, with the change of rank.

use super::catalogue::Tongue;
use super::figure_words::{change, change_words, kind, percent};
use super::heat_figures::{Figures, Known};
use super::words;
use crate::catalog::Kind;
use crate::report::{self, Among, End, GlanceRow, Mover, SMALLEST};

/// Units at either end.
const SHOWN: usize = 3;

/// One indicator.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) name: String,
    /// Who rose, who fell.
    pub(super) ends: Vec<Ranking>,
    /// Who is not ranked, and why.
    pub(super) small: Option<String>,
    /// Those of them who moved most.
    pub(super) unranked: Vec<Place>,
}

/// One end of it.
#[derive(Debug)]
pub(super) struct Ranking {
    pub(super) title: &'static str,
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
    /// The same in words.
    pub(super) said: String,
    /// From where to where its rate went.
    pub(super) course: String,
    /// From where to where its rank among its kind went.
    pub(super) among: Option<String>,
}

/// Of the rows of `figures`; nothing without a round before, or where nobody moved.
pub(super) fn progress(t: Tongue, figures: &Figures, rows: &[GlanceRow<'_>], known: &Known<'_>) -> Vec<Progress> {
    if figures.earlier.is_none() {
        return Vec::new();
    }
    let indicators = figures.catalog.indicators.iter().map(|indicator| &indicator.id);
    // A rank within a part would be read as one within the whole, and a rank within the whole tells of others.
    let of = |unit: &_| known.get(unit).filter(|_| !figures.part).map(|unit| unit.kind);
    let all = report::movers(rows, indicators, SHOWN, of);
    let moved = all.into_iter().filter(|one| !one.risen.movers.is_empty() || !one.fallen.movers.is_empty());
    let one = |found: report::Movers| Progress {
        name: figures.short_name(&found.indicator),
        ends: [("movers.risen", &found.risen), ("movers.fallen", &found.fallen)]
            .into_iter()
            .filter(|(_, end)| !end.movers.is_empty())
            .map(|(title, end)| ranking(t, t.say(title), end, known))
            .collect(),
        small: (found.small > 0).then(|| t.with2("movers.small", words::count(found.small), SMALLEST)),
        unranked: found.small_movers.iter().map(|mover| place(t, mover, known)).collect(),
    };
    moved.map(one).collect()
}

fn ranking(t: Tongue, title: &'static str, end: &End, known: &Known<'_>) -> Ranking {
    Ranking {
        title,
        places: end.movers.iter().map(|mover| place(t, mover, known)).collect(),
        further: (end.further > 0).then(|| t.count("movers.further", end.further)),
    }
}

fn place(t: Tongue, mover: &Mover, known: &Known<'_>) -> Place {
    let unit = known.get(&mover.unit);
    let course = if mover.change.is_rise() { "movers.up" } else { "movers.down" };
    Place {
        rank: mover.rank,
        code: unit.map(|unit| unit.code.clone()).unwrap_or_default(),
        name: unit.map_or_else(|| mover.unit.to_string(), |unit| unit.name.clone()),
        change: change(mover.change),
        said: change_words(t, mover.change),
        course: t.with2(course, percent(mover.before.rounded()), percent(mover.now.rounded())),
        among: mover.among.zip(unit).map(|(among, unit)| among_kind(t, among, unit.kind)),
    }
}

/// `từ hạng 120 lên hạng 40 trong số 192 xã`.
fn among_kind(t: Tongue, among: Among, of: Kind) -> String {
    let [before, now, all] = [among.before, among.now, among.of].map(words::count);
    let of = kind(t, of).to_lowercase();
    match among.now.cmp(&among.before) {
        std::cmp::Ordering::Less => t.with_all("movers.rank_up", &[&before, &now, &all, &of]),
        std::cmp::Ordering::Greater => t.with_all("movers.rank_down", &[&before, &now, &all, &of]),
        std::cmp::Ordering::Equal => t.with3("movers.rank_same", now, all, of),
    }
}
