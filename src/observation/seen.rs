//! What a table, or an earlier one, has already said.

use std::collections::{HashMap, HashSet};

use super::period::Written;

/// Which periods of a unit and service a table has already given.
#[derive(Debug, Default)]
pub(super) struct Seen {
    months: Vec<u16>,
    days: HashSet<(usize, Written)>,
}

impl Seen {
    /// The months that a slot was seen in, one bit each.
    pub(super) fn months_of(&self, slot: usize) -> u16 {
        self.months.get(slot).copied().unwrap_or_default()
    }

    /// Adds months to a slot; `true` when one of them was there before.
    pub(super) fn absorb(&mut self, slot: usize, months: u16) -> bool {
        if slot >= self.months.len() {
            self.months.resize(slot + 1, 0);
        }
        self.months.get_mut(slot).is_some_and(|known| {
            let repeated = *known & months != 0;
            *known |= months;
            repeated
        })
    }

    /// Whether the period was there before; from now on it was.
    pub(super) fn again(&mut self, slot: usize, written: Written) -> bool {
        let Written::Month(month) = written else { return !self.days.insert((slot, written)) };
        if slot >= self.months.len() {
            self.months.resize(slot + 1, 0);
        }
        let bit = 1_u16 << month.number();
        self.months.get_mut(slot).is_some_and(|months| {
            let before = *months & bit != 0;
            *months |= bit;
            before
        })
    }
}

/// Which table gave a unit's measure for a month, so that two sources never add up the same dossiers.
#[derive(Debug, Default)]
pub(super) struct Owners {
    tables: HashMap<(usize, usize), usize>,
    pub(super) overlaps: u64,
    pub(super) first: Option<(usize, usize, usize)>,
}

impl Owners {
    /// Which table gave this measure of a unit and month.
    pub(super) fn of(&self, month_slot: usize, measure: usize) -> usize {
        self.tables.get(&(month_slot, measure)).copied().unwrap_or_default()
    }

    /// Whether another table gave this measure of a unit and month; from now on `table` did, if none.
    pub(super) fn taken_by_another(&mut self, month_slot: usize, measure: usize, table: usize) -> bool {
        let owner = *self.tables.entry((month_slot, measure)).or_insert(table);
        if owner == table {
            return false;
        }
        self.overlaps += 1;
        self.first.get_or_insert((measure, owner, table));
        true
    }
}
