//! Sums of counts under pairs of small numbers (unit and service, unit and month), packed: a province's year is a
//! million pairs of nine counts, and all of it must stay in tens of megabytes.

use std::collections::HashMap;

use super::keys::Keys;

/// Stands for a count that no row reported.
const NOT_REPORTED: u16 = u16::MAX;
/// Stands for a count that lies in `wide`.
const WIDE: u16 = u16::MAX - 1;
/// Slots whose counts lie together; a piece is large enough that the system takes its memory back at once.
const PIECE: usize = 16_384;
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
    keys: Keys,
    /// In pieces of [`PIECE`] slots, so that growing moves nothing and a piece can be let go when it was taken over.
    counts: Vec<Vec<u16>>,
    wide: HashMap<usize, u64>,
}

impl Sums {
    /// Sums of `width` counts each.
    pub(super) fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// How many slots there are.
    pub(super) const fn len(&self) -> usize {
        self.keys.len()
    }

    /// The slot of `key`, a new one when it is new.
    pub(super) fn slot(&mut self, key: (u32, u32)) -> usize {
        let known = self.keys.len();
        let slot = self.keys.slot(key);
        if slot == known {
            if slot.is_multiple_of(PIECE) {
                self.counts.push(Vec::with_capacity(PIECE * self.width));
            }
            if let Some(piece) = self.counts.last_mut() {
                piece.extend(std::iter::repeat_n(NOT_REPORTED, self.width));
            }
        }
        slot
    }

    /// Every key under which something was reported, in no order.
    pub(super) fn reported(&self) -> impl Iterator<Item = (u32, u32)> {
        self.keys.since(0).iter().enumerate().filter(|(slot, _)| self.is_reported(*slot)).map(|(_, key)| *key)
    }

    /// Whether anything was reported there.
    pub(super) fn is_reported(&self, slot: usize) -> bool {
        (0..self.width).any(|measure| self.get(slot, measure).is_some())
    }

    /// The counts of a slot.
    fn cells(&self, slot: usize) -> &[u16] {
        let from = slot % PIECE * self.width;
        self.counts.get(slot / PIECE).and_then(|piece| piece.get(from..from + self.width)).unwrap_or_default()
    }

    fn cells_mut(&mut self, slot: usize) -> &mut [u16] {
        let from = slot % PIECE * self.width;
        self.counts.get_mut(slot / PIECE).and_then(|piece| piece.get_mut(from..from + self.width)).unwrap_or_default()
    }

    /// Adds a row's count of one measure.
    pub(super) fn add(&mut self, slot: usize, measure: usize, count: u64, fold: Fold) {
        let sum = match (self.get(slot, measure), fold) {
            (None, _) => count,
            (Some(before), Fold::Sum) => before.saturating_add(count),
            (Some(before), Fold::Any) => before.max(count),
        };
        let packed = u16::try_from(sum).unwrap_or(WIDE).min(WIDE);
        if packed == WIDE {
            self.wide.insert(slot * self.width + measure, sum);
        }
        if let Some(cell) = self.cells_mut(slot).get_mut(measure) {
            *cell = packed;
        }
    }

    /// Adds counts of several measures; bit `n` of `reported` says whether measure `n` was.
    pub(super) fn add_all(&mut self, slot: usize, counts: &[u32], reported: u32, folds: &[Fold]) {
        for (measure, (count, fold)) in counts.iter().zip(folds).enumerate() {
            if reported >> measure & 1 == 1 {
                self.add(slot, measure, u64::from(*count), *fold);
            }
        }
    }

    /// Takes over all slots of `other` under the keys that `renamed` gives them. `moved` hears where each one is now.
    pub(super) fn take_over(
        &mut self,
        mut other: Self,
        renamed: impl Fn((u32, u32)) -> (u32, u32),
        folds: &[Fold],
        mut moved: impl FnMut(usize),
    ) {
        for number in 0..other.counts.len() {
            let piece = other.counts.get_mut(number).map(std::mem::take).unwrap_or_default();
            let keys = other.keys.since(number * PIECE);
            for ((at, key), cells) in keys.iter().enumerate().zip(piece.chunks_exact(other.width.max(1))) {
                let known = self.keys.len();
                let slot = self.slot(renamed(*key));
                if slot == known && !cells.contains(&WIDE) {
                    self.cells_mut(slot).copy_from_slice(cells);
                } else {
                    let from = (number * PIECE + at) * other.width;
                    for (measure, (cell, fold)) in cells.iter().zip(folds).enumerate() {
                        let count = match *cell {
                            NOT_REPORTED => continue,
                            WIDE => other.wide.get(&(from + measure)).copied().unwrap_or_default(),
                            count => u64::from(count),
                        };
                        self.add(slot, measure, count, *fold);
                    }
                }
                moved(slot);
            }
        }
    }

    /// The sum of one measure; `None` when no row reported it.
    pub(super) fn get(&self, slot: usize, measure: usize) -> Option<u64> {
        match self.cells(slot).get(measure).copied() {
            None | Some(NOT_REPORTED) => None,
            Some(WIDE) => self.wide.get(&(slot * self.width + measure)).copied(),
            Some(count) => Some(u64::from(count)),
        }
    }

    /// Adds the sums under `from` to those under `to`, whatever only adds up. Only once settled; settle again afterwards.
    pub(super) fn hand_on(&mut self, from: u32, to: u32, folds: &[Fold]) {
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

    /// Puts the slots in the order of their keys and lets go of what only collecting needs.
    pub(super) fn settle(&mut self) {
        self.keys.settle();
    }

    /// The slots whose key begins with `first`, with the key's second part, in its order. Only once settled.
    pub(super) fn of(&self, first: u32) -> impl Iterator<Item = (u32, usize)> {
        self.keys.of(first)
    }
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

    #[test]
    fn sums_beyond_the_small_ones_and_beyond_a_piece_are_kept_exactly() {
        let folds = [Fold::Sum, Fold::Any, Fold::Sum];
        let mut sums = Sums::new(3);
        let mut expected: HashMap<(u32, u32), [Option<u64>; 3]> = HashMap::new();
        for number in 0..200_000_u32 {
            let key = (number % 180, number % 101);
            let row = [number % 997 * 700, number % 2, number % 70_000];
            let reported = if number.is_multiple_of(5) { 0b011 } else { 0b111 };
            let slot = sums.slot(key);
            sums.add_all(slot, &row, reported, &folds);
            let known = expected.entry(key).or_default();
            for measure in (0..3).filter(|measure| reported >> measure & 1 == 1) {
                let (before, count) = (known[measure].unwrap_or(0), u64::from(row[measure]));
                known[measure] = Some(if measure == 1 { before.max(count) } else { before + count });
            }
        }
        assert!(!sums.wide.is_empty());
        let twice = |known: [Option<u64>; 3]| [known[0].map(|sum| sum * 2), known[1], known[2].map(|sum| sum * 2)];
        let (mut all, copy) = (Sums::new(3), sums.clone());
        all.take_over(copy, |(first, second)| (first + 1, second), &folds, |_| {});
        all.take_over(sums, |(first, second)| (first + 1, second), &folds, |_| {});
        for ((first, second), known) in expected {
            let slot = all.slot((first + 1, second));
            assert_eq!([0, 1, 2].map(|measure| all.get(slot, measure)), twice(known));
        }
        assert_eq!(all.keys.len(), 18_180);
        assert!(all.keys.len() > PIECE);
    }
}
