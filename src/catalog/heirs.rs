//! Who answers for a unit that is no more. Figures and cases follow the successions to whoever exists on a day; where
//! they lead to several or to nobody, a person decides.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::unit::{Succession, UnitId};

/// Who answers for a unit on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heir {
    /// The unit exists: it does.
    Itself,
    /// It went into this one.
    One(UnitId),
    /// It was divided among these.
    Several(Vec<UnitId>),
    /// succession.csv names nobody.
    Nobody,
}

/// The successions by predecessor.
#[derive(Debug, Clone, Default)]
pub(super) struct Heirs {
    next: HashMap<UnitId, Vec<(NaiveDate, UnitId)>>,
}

impl Heirs {
    /// The index of `successions`.
    pub(super) fn of(successions: &[Succession]) -> Self {
        let mut next: HashMap<UnitId, Vec<(NaiveDate, UnitId)>> = HashMap::new();
        for succession in successions.iter().filter(|succession| succession.predecessor != succession.successor) {
            next.entry(succession.predecessor.clone())
                .or_default()
                .push((succession.date, succession.successor.clone()));
        }
        Self { next }
    }

    /// On how many days up to `day` the unit took another one in or gave a part away.
    pub(super) fn bodies(&self, unit: &UnitId, day: NaiveDate) -> usize {
        let own = self.next.iter().flat_map(|(predecessor, next)| {
            next.iter().filter(move |(_, successor)| predecessor == unit || successor == unit)
        });
        own.map(|(date, _)| date).filter(|date| **date <= day).collect::<HashSet<_>>().len()
    }

    /// Who answers for `unit` on `day`; `exists` says who exists then.
    pub(super) fn heir(&self, unit: &UnitId, day: NaiveDate, exists: impl Fn(&UnitId) -> bool) -> Heir {
        if exists(unit) {
            return Heir::Itself;
        }
        let (mut ways, mut seen) = (vec![unit], HashSet::new());
        let (mut heirs, mut lost) = (Vec::new(), false);
        while let Some(unit) = ways.pop() {
            if !seen.insert(unit) {
                continue;
            }
            if exists(unit) {
                heirs.push(unit.clone());
                continue;
            }
            let before = ways.len();
            let next = self.next.get(unit).into_iter().flatten();
            ways.extend(next.filter(|(date, _)| *date <= day).map(|(_, successor)| successor));
            lost |= ways.len() == before;
        }
        heirs.sort();
        match heirs.as_slice() {
            [] => Heir::Nobody,
            [heir] if !lost => Heir::One(heir.clone()),
            _ => Heir::Several(heirs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SuccessionKind;

    fn heirs(rows: &[(&str, &str)]) -> Heirs {
        let date = NaiveDate::from_ymd_opt(2025, 7, 1).unwrap();
        let succession = |(predecessor, successor): &(&str, &str)| Succession {
            predecessor: UnitId::new(predecessor),
            successor: UnitId::new(successor),
            date,
            kind: SuccessionKind::Merge,
            basis: String::new(),
        };
        Heirs::of(&rows.iter().map(succession).collect::<Vec<_>>())
    }

    fn heir(rows: &[(&str, &str)], of: &str, day: &str) -> Heir {
        heirs(rows).heir(&UnitId::new(of), day.parse().unwrap(), |unit| unit.as_str().starts_with("new"))
    }

    #[test]
    fn a_chain_is_followed_to_the_one_who_exists() {
        let rows = [("a", "b"), ("b", "new-1"), ("a", "a")];
        assert_eq!(heir(&rows, "a", "2025-07-01"), Heir::One(UnitId::new("new-1")));
        assert_eq!(heir(&rows, "a", "2025-06-30"), Heir::Nobody, "not before its day");
        assert_eq!(heir(&rows, "new-1", "2025-07-01"), Heir::Itself);
        assert_eq!(heir(&rows, "c", "2025-07-01"), Heir::Nobody);
    }

    #[test]
    fn a_unit_is_another_body_from_the_day_on_which_it_takes_one_in() {
        let heirs = heirs(&[("a", "new-1"), ("b", "new-1")]);
        let bodies = |unit: &str, day: &str| heirs.bodies(&UnitId::new(unit), day.parse().unwrap());
        assert_eq!(
            (bodies("new-1", "2025-06-30"), bodies("new-1", "2025-07-01")),
            (0, 1),
            "two at once are one change"
        );
        assert_eq!((bodies("a", "2025-07-01"), bodies("c", "2025-07-01")), (1, 0));
    }

    #[test]
    fn a_division_is_nobodys_to_decide_and_a_loop_ends() {
        let both = vec![UnitId::new("new-1"), UnitId::new("new-2")];
        assert_eq!(heir(&[("a", "new-2"), ("a", "new-1")], "a", "2025-07-01"), Heir::Several(both));
        let half_lost = [("a", "b"), ("a", "new-1")];
        assert_eq!(heir(&half_lost, "a", "2025-07-01"), Heir::Several(vec![UnitId::new("new-1")]));
        let rejoined = [("a", "b"), ("a", "c"), ("b", "new-1"), ("c", "new-1")];
        assert_eq!(heir(&rejoined, "a", "2025-07-01"), Heir::One(UnitId::new("new-1")));
        assert_eq!(heir(&[("a", "b"), ("b", "a")], "a", "2025-07-01"), Heir::Nobody);
    }
}
