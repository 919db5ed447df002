//! Sums of counts under pairs of small numbers (unit and service, unit and month), packed: a province's year is a
//! million pairs of nine counts, and all of it must stay in tens of megabytes.

use std::collections::HashMap;

/// Stands for a count that no row reported.
const NOT_REPORTED: u32 = u32::MAX;
/// Stands for a count that lies in `wide`.
const WIDE: u32 = u32::MAX - 1;

/// How a further row changes a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    /// Dossiers add up.
    Sum,
    /// A service that had dossiers once has had dossiers this year.
    Any,
}

/// One row of counts per pair.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    width: usize,
    keys: Vec<(u32, u32)>,
    /// Open addressing: a slot's number plus one, 0 where free. Empty once settled.
    buckets: Vec<u32>,
    /// The slot asked for last; sorted tables ask for it again.
    last: usize,
    counts: Vec<u32>,
    wide: HashMap<usize, u64>,
    /// Slots in the order of their keys, once settled.
    order: Vec<u32>,
}

impl Sums {
    /// Sums of `width` counts each.
    pub(super) fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// Every key under which something was reported, in no order.
    pub(super) fn reported(&self) -> impl Iterator<Item = (u32, u32)> {
        self.keys.iter().enumerate().filter(|(slot, _)| self.is_reported(*slot)).map(|(_, key)| *key)
    }

    /// Whether anything was reported there.
    pub(super) fn is_reported(&self, slot: usize) -> bool {
        (0..self.width).any(|measure| self.get(slot, measure).is_some())
    }

    /// The slot of `key`, a new one when it is new.
    pub(super) fn slot(&mut self, key: (u32, u32)) -> usize {
        if self.keys.get(self.last) == Some(&key) {
            return self.last;
        }
        if (self.keys.len() + 1) * 4 > self.buckets.len() * 3 {
            self.grow();
        }
        let mask = self.buckets.len() - 1;
        let mut at = spread(key) & mask;
        loop {
            let taken = self.buckets.get(at).copied().unwrap_or_default();
            if taken == 0 {
                break;
            }
            let slot = wide(taken - 1);
            if self.keys.get(slot) == Some(&key) {
                self.last = slot;
                return slot;
            }
            at = (at + 1) & mask;
        }
        let slot = self.keys.len();
        self.last = slot;
        self.keys.push(key);
        self.counts.resize(self.counts.len() + self.width, NOT_REPORTED);
        if let Some(bucket) = self.buckets.get_mut(at) {
            *bucket = narrow(slot) + 1;
        }
        slot
    }

    fn grow(&mut self) {
        let size = (self.buckets.len() * 2).max(64);
        self.buckets.clear();
        self.buckets.resize(size, 0);
        for (slot, key) in self.keys.iter().enumerate() {
            let mut at = spread(*key) & (size - 1);
            while self.buckets.get(at).is_some_and(|taken| *taken != 0) {
                at = (at + 1) & (size - 1);
            }
            if let Some(bucket) = self.buckets.get_mut(at) {
                *bucket = narrow(slot) + 1;
            }
        }
    }

    /// Adds a row's count of one measure.
    pub(super) fn add(&mut self, slot: usize, measure: usize, count: u64, fold: Fold) {
        let sum = match (self.get(slot, measure), fold) {
            (None, _) => count,
            (Some(before), Fold::Sum) => before.saturating_add(count),
            (Some(before), Fold::Any) => before.max(count),
        };
        let at = slot * self.width + measure;
        let packed = u32::try_from(sum).unwrap_or(WIDE).min(WIDE);
        if packed == WIDE {
            self.wide.insert(at, sum);
        }
        if let Some(cell) = self.counts.get_mut(at) {
            *cell = packed;
        }
    }

    /// The sum of one measure; `None` when no row reported it.
    pub(super) fn get(&self, slot: usize, measure: usize) -> Option<u64> {
        let at = slot * self.width + measure;
        match self.counts.get(at).copied().filter(|_| measure < self.width) {
            None | Some(NOT_REPORTED) => None,
            Some(WIDE) => self.wide.get(&at).copied(),
            Some(count) => Some(u64::from(count)),
        }
    }

    /// Adds the sums under `from` to those under `to`, whatever only adds up. Only once settled; settle again afterwards.
    pub(super) fn add_all(&mut self, from: u32, to: u32, folds: &[Fold]) {
        let slots: Vec<(u32, usize)> = self.of(from).collect();
        for (second, slot) in slots {
            let own = self.slot((to, second));
            for (measure, fold) in folds.iter().enumerate().filter(|(_, fold)| **fold == Fold::Sum) {
                if let Some(count) = self.get(slot, measure) {
                    self.add(own, measure, count, *fold);
                }
            }
        }
    }

    /// Sorts by key and lets go of what only collecting needs.
    pub(super) fn settle(&mut self) {
        self.buckets = Vec::new();
        self.order = (0..narrow(self.keys.len())).collect();
        self.order.sort_by_key(|slot| self.keys.get(wide(*slot)).copied());
    }

    /// The slots whose key begins with `first`, with the key's second part, in its order. Only once settled.
    pub(super) fn of(&self, first: u32) -> impl Iterator<Item = (u32, usize)> {
        let key = |slot: &u32| self.keys.get(wide(*slot)).copied().unwrap_or_default();
        let from = self.order.partition_point(|slot| key(slot).0 < first);
        let rest = self.order.get(from..).unwrap_or_default();
        rest.iter()
            .map(move |slot| (key(slot), wide(*slot)))
            .take_while(move |(key, _)| key.0 == first)
            .map(|(key, slot)| (key.1, slot))
    }
}

/// Fibonacci hashing of both numbers together.
fn spread((first, second): (u32, u32)) -> usize {
    let mixed = (u64::from(first) << 32 | u64::from(second)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    usize::try_from(mixed >> 32).unwrap_or_default()
}

fn wide(slot: u32) -> usize {
    usize::try_from(slot).unwrap_or(usize::MAX)
}

/// Slots are numbered in 32 bits; four thousand million pairs would not fit into memory first.
fn narrow(slot: usize) -> u32 {
    u32::try_from(slot).unwrap_or(u32::MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_flags_hold_and_missing_stays_missing() {
        let mut sums = Sums::new(3);
        for (count, flag) in [(2, 0), (3, 1), (0, 0)] {
            let slot = sums.slot((7, 1));
            sums.add(slot, 0, count, Fold::Sum);
            sums.add(slot, 1, flag, Fold::Any);
        }
        let slot = sums.slot((7, 1));
        assert_eq!([sums.get(slot, 0), sums.get(slot, 1), sums.get(slot, 2)], [Some(5), Some(1), None]);
        assert_eq!(sums.get(slot, 3), None);
    }

    #[test]
    fn counts_beyond_four_thousand_million_are_kept_exactly() {
        let mut sums = Sums::new(1);
        let slot = sums.slot((0, 0));
        sums.add(slot, 0, u64::from(u32::MAX) - 1, Fold::Sum);
        assert_eq!(sums.get(slot, 0), Some(4_294_967_294));
        sums.add(slot, 0, 1, Fold::Sum);
        assert_eq!(sums.get(slot, 0), Some(4_294_967_295));
        sums.add(slot, 0, 999_999_999_999_999, Fold::Sum);
        assert_eq!(sums.get(slot, 0), Some(1_000_004_294_967_294));
    }

    #[test]
    fn every_pair_has_its_own_slot_and_comes_back_in_order() {
        let mut sums = Sums::new(1);
        for second in (0..50).rev() {
            for first in 0..200 {
                let slot = sums.slot((first, second));
                sums.add(slot, 0, u64::from(first * 1_000 + second), Fold::Sum);
            }
        }
        assert_eq!(sums.keys.len(), 10_000);
        sums.settle();
        let of: Vec<_> = sums.of(123).map(|(second, slot)| (second, sums.get(slot, 0))).collect();
        let expected: Vec<_> = (0..50).map(|second| (second, Some(u64::from(123_000 + second)))).collect();
        assert_eq!(of, expected);
        assert_eq!(sums.of(200).count(), 0);
    }
}
