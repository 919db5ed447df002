//! A rate as numerator and denominator; printing is the only place where it becomes decimal.

use std::cmp::Ordering;

use super::Threshold;
use crate::catalog::{BasisPoints, Comparator};

/// `numerator / denominator`, denominator > 0, both counts. Comparing two rates compares the exact ratios.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    numerator: u64,
    denominator: u64,
}

impl Rate {
    /// The rate, or `None` for a denominator of 0: nothing to measure is not 0 %.
    pub const fn new(numerator: u64, denominator: u64) -> Option<Self> {
        if denominator == 0 { None } else { Some(Self { numerator, denominator }) }
    }

    /// Count on top.
    pub const fn numerator(self) -> u64 {
        self.numerator
    }

    /// Count below, never 0.
    pub const fn denominator(self) -> u64 {
        self.denominator
    }

    /// How the rate lies to `value`.
    pub fn compare(self, value: impl Into<Threshold>) -> Ordering {
        let left = u128::from(self.numerator) * Threshold::whole();
        let right = value.into().parts() * u128::from(self.denominator);
        left.cmp(&right)
    }

    /// Hundredths of a percent, rounded down: what is promised as possible is possible.
    pub fn floor(self) -> u64 {
        let scaled = u128::from(self.numerator) * u128::from(BasisPoints::WHOLE);
        u64::try_from(scaled / u128::from(self.denominator)).unwrap_or(u64::MAX)
    }

    /// Hundredths of a percent, half-up: 212/640 is 3 313.
    pub fn rounded(self) -> u64 {
        let doubled = u128::from(self.numerator) * u128::from(BasisPoints::WHOLE) * 2 + u128::from(self.denominator);
        u64::try_from(doubled / (u128::from(self.denominator) * 2)).unwrap_or(u64::MAX)
    }

    /// Hundredths of a percent as shown beside `value`: half-up, except that a rate that misses the value never
    /// shows as one that reaches it.
    pub fn rounded_beside(self, value: impl Into<Threshold>, comparator: Comparator) -> u64 {
        let value = value.into();
        let (shown, limit) = (self.rounded(), value.rounded());
        match (self.compare(value), comparator) {
            (Ordering::Less, _) if shown >= limit => limit.saturating_sub(1),
            (Ordering::Greater, Comparator::MoreThan) if shown <= limit => limit + 1,
            _ => shown,
        }
    }
}

impl PartialEq for Rate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Rate {}

impl PartialOrd for Rate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rate {
    fn cmp(&self, other: &Self) -> Ordering {
        let left = u128::from(self.numerator) * u128::from(other.denominator);
        let right = u128::from(other.numerator) * u128::from(self.denominator);
        left.cmp(&right)
    }
}
