//! The second half of the quality gate: what the tables of a round say together, and beside those accepted last.

use std::collections::BTreeMap;

use super::compare::{Comparison, NAMED, names};
use super::{Accepted, Asked, Doubt, Identity, Limits, Observations, Sign};
use crate::catalog::{Catalog, Measure, UnitId};

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Further reasons to hold the round.
    pub doubts: Vec<Doubt>,
    /// Units whose own figures cannot be true: nobody is reminded by them, see [`Observations::set_aside`].
    pub implausible: Vec<UnitId>,
    /// What the admins should know although it holds nothing up.
    pub warnings: Vec<String>,
}

/// Examines what was read, beside what was accepted `before`.
pub fn examine(
    catalog: &Catalog,
    observations: &Observations,
    asked: &Asked,
    limits: &Limits,
    before: &[Accepted],
) -> Findings {
    let mut findings = Findings::default();
    let mut odd: BTreeMap<UnitId, String> = across_sources(catalog, observations, asked);
    for (snapshot, now) in observations.snapshots.iter().zip(&observations.shares) {
        let Some(before) = before.iter().find(|before| before.source == snapshot.source) else { continue };
        if snapshot.newest.is_none() {
            continue;
        }
        let compared = Comparison {
            catalog,
            snapshot,
            measures: &observations.measures,
            now,
            before,
            until: asked.until,
            limits,
            incomplete: &|unit| observations.is_incomplete(unit),
        }
        .compare();
        findings.doubts.extend(compared.doubts);
        let vanished: Vec<&UnitId> = compared.vanished.iter().collect();
        if !vanished.is_empty() {
            findings.warnings.push(format!(
                "source `{}`: {} unit(s) had figures up to {} and have none now; they are not reminded: {}\n  \
                 remedy: export their figures too; a unit that no longer exists ends in units.csv (valid_to)",
                snapshot.source,
                vanished.len(),
                before.as_of,
                names(catalog, &vanished),
            ));
        }
        odd.extend(compared.implausible);
    }
    findings.set_apart(catalog, observations, asked, odd);
    findings
}

impl Findings {
    /// A few impossible units are left unjudged; many are a reason to hold the round.
    fn set_apart(
        &mut self,
        catalog: &Catalog,
        observations: &Observations,
        asked: &Asked,
        odd: BTreeMap<UnitId, String>,
    ) {
        const CORRECT: &str = "correct their rows in the source; if the figures are right";
        if odd.is_empty() {
            return;
        }
        let called = |(id, figure): (&UnitId, &String)| match catalog.unit(id) {
            Some(unit) => format!("{} ({}): {figure}", unit.name, unit.code),
            None => format!("{id}: {figure}"),
        };
        let named: Vec<String> = odd.iter().take(NAMED).map(called).collect();
        let more = odd.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        let message = format!(
            "{} of {} units have figures that cannot be true: {}{more}",
            odd.len(),
            observations.units(),
            named.join("; "),
        );
        let share = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        if share(odd.len()) * 100 > share(observations.units()) * asked.max_refused_percent {
            let (source, remedy) = (String::new(), format!("{CORRECT}, release them with a note"));
            self.doubts.push(Doubt { code: "units_implausible", source, message, remedy });
        } else {
            self.warnings.push(format!(
                "{message}; they are not judged\n  remedy: {CORRECT}, raise `max_unit_fall_percent` or \
                 `max_unit_jump_percent` in [quality] for one round",
            ));
        }
        self.implausible = odd.into_keys().collect();
    }
}

/// The same rules as within a row, for sums whose measures come from different sources: no row shows both.
fn across_sources(catalog: &Catalog, observations: &Observations, asked: &Asked) -> BTreeMap<UnitId, String> {
    let mut odd = BTreeMap::new();
    if observations.snapshots.len() < 2 {
        return odd;
    }
    let rates = catalog.definitions.iter().flat_map(|rate| {
        let parts = [&rate.numerator].into_iter().chain(&rate.definition.also);
        parts.map(|part| Identity { whole: rate.denominator.clone(), sign: Sign::AtLeast, parts: vec![part.clone()] })
    });
    let apart = |rule: &Identity| !observations.one_source_gives(rule.measures());
    for rule in rates.chain(asked.identities.iter().cloned()).filter(apart) {
        for unit in catalog.judged_units().filter(|unit| !observations.is_incomplete(&unit.id)) {
            let Some(figures) = observations.of(&unit.id) else { continue };
            let sum = |measure: &Measure| figures.total(observations.measure(measure)?);
            let parts: Option<Vec<u64>> = rule.parts.iter().map(sum).collect();
            let Some((whole, parts)) = sum(&rule.whole).zip(parts) else { continue };
            let total = parts.iter().fold(0_u64, |total, part| total.saturating_add(*part));
            if !rule.sign.holds(whole, total) {
                odd.entry(unit.id.clone()).or_insert_with(|| format!("`{rule}` does not hold: {whole} and {total}"));
            }
        }
    }
    odd
}
