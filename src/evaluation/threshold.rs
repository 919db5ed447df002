//! What a target demands of a figure on one day.

use std::fmt;

use chrono::{Datelike as _, NaiveDate};

use super::Rate;
use crate::catalog::{BasisPoints, Target};

/// Twelfths of a year that has passed.
const YEAR: u32 = 12;

/// A value, or so many twelfths of it: 85 % in June is 42.5 %, in October 70.833… %. Exact; only printing rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    value: BasisPoints,
    twelfths: u32,
}

impl Threshold {
    /// What `target` demands on `day`: its value, or a twelfth of it for every month up to that of `day`.
    pub fn of(target: &Target, day: NaiveDate) -> Self {
        Self::twelfths(target.value, if target.pro_rated { day.month() } else { YEAR })
    }

    /// So many twelfths (1 to 12) of `value`.
    pub fn twelfths(value: BasisPoints, twelfths: u32) -> Self {
        Self { value, twelfths: twelfths.clamp(1, YEAR) }
    }

    /// The month up to which the value is pro-rated; none where the whole value is demanded.
    pub const fn month(self) -> Option<u32> {
        if self.twelfths == YEAR { None } else { Some(self.twelfths) }
    }

    /// Hundredths of a percent, half-up, for printing.
    pub fn rounded(self) -> u64 {
        (u64::from(self.value.0) * u64::from(self.twelfths) * 2 + u64::from(YEAR)) / (u64::from(YEAR) * 2)
    }

    /// Whether `rate` lies at least `margin` above it; never more than 100 % is asked for.
    pub fn exceeded_by(self, rate: Rate, margin: BasisPoints) -> bool {
        let wanted = (self.parts() + u128::from(margin.0) * u128::from(YEAR)).min(Self::whole());
        u128::from(rate.numerator()) * Self::whole() >= wanted * u128::from(rate.denominator())
    }

    /// Whether `rate` reaches so many `percent` of it: 90 % of 50 % is 45 %.
    pub fn reached_to(self, rate: Rate, percent: u32) -> bool {
        let wanted = self.parts() * u128::from(percent) * u128::from(rate.denominator());
        u128::from(rate.numerator()) * Self::whole() * 100 >= wanted
    }

    /// The share as parts of a whole: `parts / WHOLE`.
    pub(super) fn parts(self) -> u128 {
        u128::from(self.value.0) * u128::from(self.twelfths)
    }

    /// What [`parts`](Self::parts) are parts of.
    pub(super) fn whole() -> u128 {
        u128::from(BasisPoints::WHOLE) * u128::from(YEAR)
    }
}

impl fmt::Display for Threshold {
    /// Rounded to hundredths, with a point and no trailing zeros: `50`, `70.83`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        BasisPoints(u32::try_from(self.rounded()).unwrap_or(BasisPoints::WHOLE)).fmt(f)
    }
}

impl From<BasisPoints> for Threshold {
    /// The whole value.
    fn from(value: BasisPoints) -> Self {
        Self { value, twelfths: YEAR }
    }
}
