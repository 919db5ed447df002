//! What an official code means over a time, and which code to write for a unit: codes are given anew.

use std::collections::HashMap;

use super::unit::{Unit, UnitId, Validity};

/// Index of unit rows by code and by id.
#[derive(Debug)]
pub(super) struct Codes<'u> {
    by_code: HashMap<&'u str, Vec<&'u Unit>>,
    by_id: HashMap<&'u str, Vec<&'u Unit>>,
}

/// Why a code means no unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// Nobody has or had it.
    Unknown,
    /// Units had it, but none on any day of the row.
    NotThen,
    /// Several units have it on days of the row.
    Several(Vec<UnitId>),
}

impl Unresolved {
    /// Message and remedy for a row whose `column` holds `code`.
    pub(super) fn explain(&self, column: &str, code: &str) -> (String, String) {
        match self {
            Self::Unknown => (
                format!("{column}: no unit has the code `{code}`"),
                "correct the code, or add the unit to units.csv".to_owned(),
            ),
            Self::NotThen => (
                format!("{column}: no unit has the code `{code}` while this row is valid"),
                "compare valid_from and valid_to of this row with those in units.csv".to_owned(),
            ),
            Self::Several(units) => {
                let units: Vec<&str> = units.iter().map(UnitId::as_str).collect();
                (
                    format!("{column}: the code `{code}` means {} while this row is valid", units.join(" and then ")),
                    "split the row at the day on which the code was given anew".to_owned(),
                )
            }
        }
    }
}

impl<'u> Codes<'u> {
    /// The index of `units`.
    pub(super) fn of(units: &'u [Unit]) -> Self {
        let mut index = Self { by_code: HashMap::new(), by_id: HashMap::new() };
        for unit in units {
            index.by_code.entry(&unit.code).or_default().push(unit);
            index.by_id.entry(unit.id.as_str()).or_default().push(unit);
        }
        index
    }

    /// Whether a unit has this id.
    pub(super) fn has_id(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// The unit that `code` means over `valid`; where no unit has the code, it may be a unit's id.
    ///
    /// # Errors
    /// [`Unresolved`] when no unit or more than one is meant.
    pub(super) fn resolve(&self, code: &str, valid: Validity) -> Result<&'u UnitId, Unresolved> {
        let rows = self.by_code.get(code).or_else(|| self.by_id.get(code)).ok_or(Unresolved::Unknown)?;
        let mut meant = rows.iter().filter(|unit| unit.valid.overlaps(valid)).map(|unit| &unit.id);
        let unit = meant.next().ok_or(Unresolved::NotThen)?;
        match meant.find(|other| *other != unit) {
            None => Ok(unit),
            Some(other) => Err(Unresolved::Several(vec![unit.clone(), other.clone()])),
        }
    }

    /// The text that [`resolve`](Self::resolve) reads as `id` over `valid`: a code where one says it, else the id.
    pub(super) fn code_of<'i>(&self, id: &'i UnitId, valid: Validity) -> &'i str
    where
        'u: 'i,
    {
        let rows = self.by_id.get(id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let codes = rows.iter().filter(|unit| unit.valid.overlaps(valid)).map(|unit| unit.code.as_str());
        codes.into_iter().find(|code| self.resolve(code, valid) == Ok(id)).unwrap_or(id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Kind;

    fn unit(id: &str, code: &str, from: &str, to: &str) -> Unit {
        Unit {
            id: UnitId::new(id),
            code: code.into(),
            name: format!("Xã {id}"),
            kind: Kind::Commune,
            parent: None,
            aliases: Vec::new(),
            valid: valid(from, to),
        }
    }

    fn valid(from: &str, to: &str) -> Validity {
        Validity { from: from.parse().ok(), to: to.parse().ok() }
    }

    #[test]
    fn a_code_given_anew_means_the_unit_of_that_time() {
        let units = [unit("07210", "07210", "", "2025-06-30"), unit("bn-07210", "07210", "2025-07-01", "")];
        let codes = Codes::of(&units);
        assert_eq!(codes.resolve("07210", valid("", "2025-06-30")), Ok(&units[0].id));
        assert_eq!(codes.resolve("07210", valid("2025-07-01", "")), Ok(&units[1].id));
        assert!(matches!(codes.resolve("07210", valid("", "")), Err(Unresolved::Several(units)) if units.len() == 2));
        assert_eq!(codes.resolve("bn-07210", valid("", "2025-01-01")), Err(Unresolved::NotThen));
        assert_eq!(codes.resolve("99999", valid("", "")), Err(Unresolved::Unknown));
    }

    #[test]
    fn the_code_written_is_the_one_that_is_read_back() {
        let units =
            [unit("A", "1", "", "2025-06-30"), unit("A", "2", "2025-07-01", ""), unit("B", "1", "2025-07-01", "")];
        let codes = Codes::of(&units);
        assert_eq!(codes.code_of(&units[0].id, valid("", "")), "2", "1 means two units over all time");
        assert_eq!(codes.code_of(&units[0].id, valid("", "2025-01-01")), "1");
        assert_eq!(codes.code_of(&units[2].id, valid("", "")), "B", "no code says it: the id does");
    }
}
