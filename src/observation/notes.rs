//! What is said about figures that are good but not where a reader expects them.

use super::{Observations, Stranger, Stray};
use crate::catalog::{Catalog, IndicatorKind};

/// How many units one sentence names.
const NAMED: usize = 10;

/// Whose figures were added to whose, and what was not added.
pub fn notes(catalog: &Catalog, observations: &Observations) -> Vec<String> {
    if observations.inherited.is_empty() {
        return Vec::new();
    }
    let heir = |(from, to): &(crate::catalog::UnitId, crate::catalog::UnitId)| {
        let to = catalog.unit(to).map_or_else(|| to.to_string(), |unit| format!("{} ({})", unit.name, unit.code));
        format!("{} → {to}", catalog.last_name(from))
    };
    let named: Vec<String> = observations.inherited.iter().take(NAMED).map(heir).collect();
    let more = observations.inherited.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let mut notes = vec![format!(
        "counts of {} unit(s) that are no more were added to those who took over: {}{more}",
        observations.inherited.len(),
        named.join("; "),
    )];
    let coverage: Vec<&str> = catalog
        .indicators
        .iter()
        .filter(|indicator| indicator.kind == IndicatorKind::Coverage)
        .map(|indicator| indicator.id.as_str())
        .collect();
    if !coverage.is_empty() {
        notes.push(format!(
            "of {} only what the units report themselves is counted: services of several units cannot be added",
            coverage.join(", "),
        ));
    }
    notes
}

/// Figures that wait for a person, because their unit was divided or nobody has taken it over.
pub fn unattributed(strangers: &[Stranger]) -> Option<String> {
    let waiting = || strangers.iter().filter(|stranger| matches!(stranger.why, Stray::Divided | Stray::Dissolved));
    let named: Vec<String> = waiting()
        .take(NAMED)
        .map(|stranger| {
            let called = if stranger.code.is_empty() { &stranger.name } else { &stranger.code };
            format!("{called} ({}, {} rows, first {})", stranger.why.word(), stranger.rows, stranger.first)
        })
        .collect();
    let more = waiting().count().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!named.is_empty()).then(|| {
        format!(
            "figures of units that are no more count for nobody: {}{more}\n  \
             remedy: name the one unit that answers for each in succession.csv, then `dondoc catalog import`",
            named.join(", "),
        )
    })
}
