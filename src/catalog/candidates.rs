//! Units that a source may have meant by what it wrote: shown to the person who decides, never used.

use chrono::NaiveDate;

use super::matching::{fold, without_diacritics};
use super::unit::{Unit, UnitId};
use super::view::Catalog;

/// How many are shown.
const SHOWN: usize = 3;
/// Less alike than this is no help.
const ALIKE: f64 = 0.6;

/// A unit that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The unit.
    pub unit: UnitId,
    /// Its code at the time.
    pub code: String,
    /// Its name with kind word; where others are called so too, with or without diacritics, with the unit above it.
    pub name: String,
}

impl Catalog {
    /// The units of `day` whose names (or codes, when there is no name) are most like what was written, best first.
    pub fn candidates(&self, code: &str, name: &str, day: NaiveDate) -> Vec<Candidate> {
        let wanted = if name.is_empty() { fold(code) } else { fold(name) };
        let plain = without_diacritics(&wanted);
        let alike = |spelling: &str| {
            let spelling = fold(spelling);
            let exact = strsim::normalized_damerau_levenshtein(&wanted, &spelling);
            exact.max(strsim::normalized_damerau_levenshtein(&plain, &without_diacritics(&spelling)) - 0.05)
        };
        let likeness = |unit: &Unit| {
            let names = [&unit.name, &unit.authority(), &unit.code].map(|spelling| alike(spelling));
            names.into_iter().chain(unit.aliases.iter().map(|alias| alike(alias))).fold(0.0, f64::max)
        };
        let rated = self.units_on(day).map(|unit| (likeness(unit), unit)).filter(|(likeness, _)| *likeness >= ALIKE);
        let mut rated: Vec<(f64, &Unit)> = rated.collect();
        rated.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.code.cmp(&other.1.code)));
        rated.iter().take(SHOWN).map(|(_, unit)| self.candidate(unit, day)).collect()
    }

    /// `unit` as a person tells it from others.
    pub fn candidate(&self, unit: &Unit, day: NaiveDate) -> Candidate {
        let plain = |unit: &Unit| without_diacritics(&fold(&unit.name));
        let own = plain(unit);
        let shared = self.units_on(day).any(|other| other.id != unit.id && plain(other) == own);
        let above = unit.parent.as_ref().filter(|_| shared).and_then(|parent| self.unit_on(parent, day));
        let name = above.map_or_else(|| unit.name.clone(), |above| format!("{}, {}", unit.name, above.name));
        Candidate { unit: unit.id.clone(), code: unit.code.clone(), name }
    }
}
