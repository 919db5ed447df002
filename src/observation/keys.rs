//! Pairs of small numbers (unit and service, unit and month), each with a slot: its place among those that came.

/// So many searches among sorted keys, then a table of them pays.
const SEARCHES: usize = 4_096;
/// Second numbers from here on are always searched for.
const MOST_TOGETHER: usize = 1 << 20;

/// Keys and their slots.
///
/// Tables are mostly sorted by unit, so keys of one first number come together, in whatever order: a list of those is
/// index enough. Only when earlier first numbers are asked for again and again, a hash table is built.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    all: Vec<(u32, u32)>,
    /// Whether some did not come in order.
    unsorted: bool,
    searches: usize,
    /// Open addressing: a slot's number plus one, 0 where free. Empty while the keys are index enough.
    buckets: Vec<u32>,
    /// The slot asked for last; sorted tables ask for it again.
    last: usize,
    /// The keys of the first number that was asked for last.
    together: Together,
    /// The highest first number so far.
    highest: Option<u32>,
    /// Slots in the order of their keys, once settled; empty when the keys are in order.
    order: Vec<u32>,
}

/// The slots of one first number.
#[derive(Debug, Clone, Default)]
struct Together {
    first: Option<u32>,
    /// Whether no key of it was there before, so that those here are all.
    new: bool,
    /// By second number: the slot, if the stamp is the present one.
    slots: Vec<(u32, u32)>,
    stamp: u32,
}

impl Together {
    fn begin(&mut self, first: u32, new: bool) {
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.slots.clear();
            self.stamp = 1;
        }
        (self.first, self.new) = (Some(first), new);
    }

    fn get(&self, second: u32) -> Option<usize> {
        let (stamp, slot) = self.slots.get(wide(second))?;
        (*stamp == self.stamp).then(|| wide(*slot))
    }

    /// Second numbers count services or months; one that cannot be such a number is not remembered.
    fn insert(&mut self, second: u32, slot: usize) {
        let place = wide(second);
        if place >= self.slots.len() && place < MOST_TOGETHER {
            self.slots.resize((place + 1).next_power_of_two(), (0, 0));
        }
        if let Some(entry) = self.slots.get_mut(place) {
            *entry = (self.stamp, narrow(slot));
        }
    }
}

impl Keys {
    /// How many there are: the slot of the next one.
    pub(super) const fn len(&self) -> usize {
        self.all.len()
    }

    /// From the slot `from` on, in their order.
    pub(super) fn since(&self, from: usize) -> &[(u32, u32)] {
        self.all.get(from..).unwrap_or_default()
    }

    /// The slot of `key`, a new one when it is new.
    pub(super) fn slot(&mut self, key: (u32, u32)) -> usize {
        if self.all.get(self.last) == Some(&key) {
            return self.last;
        }
        let (first, second) = key;
        if self.together.first != Some(first) {
            let new = self.highest.is_none_or(|highest| highest < first);
            self.highest = self.highest.max(Some(first));
            self.together.begin(first, new);
        }
        self.last = match self.together.get(second) {
            Some(slot) => slot,
            None if self.together.new && wide(second) < MOST_TOGETHER => self.add_key(key),
            None => self.find(key).unwrap_or_else(|| self.add_key(key)),
        };
        self.together.insert(second, self.last);
        self.last
    }

    fn find(&mut self, key: (u32, u32)) -> Option<usize> {
        if self.buckets.is_empty() {
            self.searches += 1;
            if !self.unsorted && self.searches < SEARCHES {
                return self.all.binary_search(&key).ok();
            }
            self.grow();
        }
        let mask = self.buckets.len() - 1;
        let mut at = spread(key) & mask;
        loop {
            let taken = self.buckets.get(at).copied().unwrap_or_default();
            if taken == 0 {
                return None;
            }
            let slot = wide(taken - 1);
            if self.all.get(slot) == Some(&key) {
                return Some(slot);
            }
            at = (at + 1) & mask;
        }
    }

    fn add_key(&mut self, key: (u32, u32)) -> usize {
        let slot = self.all.len();
        self.unsorted |= self.all.last().is_some_and(|last| *last >= key);
        self.all.push(key);
        if self.buckets.is_empty() {
            return slot;
        }
        if (slot + 1) * 4 > self.buckets.len() * 3 {
            self.grow();
        } else {
            self.enter(slot, key);
        }
        slot
    }

    /// Makes the table anew, twice as large as the keys need.
    fn grow(&mut self) {
        let size = (self.all.len() * 2).next_power_of_two().max(64);
        self.buckets.clear();
        self.buckets.resize(size, 0);
        for slot in 0..self.all.len() {
            if let Some(key) = self.all.get(slot).copied() {
                self.enter(slot, key);
            }
        }
    }

    fn enter(&mut self, slot: usize, key: (u32, u32)) {
        let mask = self.buckets.len() - 1;
        let mut at = spread(key) & mask;
        while self.buckets.get(at).is_some_and(|taken| *taken != 0) {
            at = (at + 1) & mask;
        }
        if let Some(bucket) = self.buckets.get_mut(at) {
            *bucket = narrow(slot) + 1;
        }
    }

    /// Puts the slots in the order of their keys and lets go of what only collecting needs.
    pub(super) fn settle(&mut self) {
        self.buckets = Vec::new();
        self.together = Together::default();
        if self.unsorted {
            self.order = (0..narrow(self.all.len())).collect();
            self.order.sort_by_key(|slot| self.all.get(wide(*slot)).copied());
        }
    }

    /// The slots whose key begins with `first`, with the key's second part, in its order. Only once settled.
    pub(super) fn of(&self, first: u32) -> impl Iterator<Item = (u32, usize)> {
        let slot = |place: usize| self.order.get(place).map_or(place, |slot| wide(*slot));
        let key = move |place: usize| self.all.get(slot(place)).copied();
        let from = if self.order.is_empty() {
            self.all.partition_point(|key| key.0 < first)
        } else {
            self.order.partition_point(|slot| self.all.get(wide(*slot)).is_some_and(|key| key.0 < first))
        };
        (from..)
            .map_while(move |place| Some((key(place)?, slot(place))))
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
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_keeps_its_slot_whatever_comes_between(
            blocks in prop::collection::vec((0..6_u32, prop::collection::vec(0..9_u32, 0..12)), 0..40),
        ) {
            let (mut keys, mut known) = (Keys::default(), HashMap::new());
            for (first, seconds) in &blocks {
                for second in seconds {
                    let next = known.len();
                    let expected = *known.entry((*first, *second)).or_insert(next);
                    prop_assert_eq!(keys.slot((*first, *second)), expected);
                }
            }
            prop_assert_eq!(keys.len(), known.len());
            keys.settle();
            for first in 0..7 {
                let mut expected: Vec<_> =
                    known.iter().filter(|(key, _)| key.0 == first).map(|(key, slot)| (key.1, *slot)).collect();
                expected.sort_unstable();
                prop_assert_eq!(keys.of(first).collect::<Vec<_>>(), expected);
            }
        }
    }

    #[test]
    fn many_searches_and_large_second_numbers_find_their_slots() {
        let mut keys = Keys::default();
        let key = |number: u32| (number % 300, if number.is_multiple_of(2) { number } else { u32::MAX - number });
        let slots: Vec<usize> = (0..20_000).map(|number| keys.slot(key(number))).collect();
        assert_eq!(slots, (0..20_000).collect::<Vec<_>>());
        assert!((0..20_000).rev().all(|number| keys.slot(key(number)) == wide(number)));
    }
}
