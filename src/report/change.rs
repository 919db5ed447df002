//! The change between two rates, exactly: a signed ratio of integers. Printing is the only place where it becomes decimal.

use std::cmp::Ordering;

use crate::evaluation::Rate;

/// Counts beyond this are no counts of dossiers; up to it no product here overflows.
const LARGEST: u64 = 1 << 52;

/// `now − before` of two rates as one fraction.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    /// Positive when the rate rose.
    difference: i128,
    /// Product of both denominators, never 0.
    of: u128,
}

impl Change {
    /// From `before` to `now`; `None` for counts that cannot be right.
    pub fn between(before: Rate, now: Rate) -> Option<Self> {
        let counts = [before.numerator(), before.denominator(), now.numerator(), now.denominator()];
        if counts.iter().any(|count| *count > LARGEST) {
            return None;
        }
        let up = i128::from(now.numerator()) * i128::from(before.denominator());
        let down = i128::from(before.numerator()) * i128::from(now.denominator());
        let of = u128::from(before.denominator()) * u128::from(now.denominator());
        Some(Self { difference: up - down, of })
    }

    /// Whether the rate rose.
    pub const fn is_rise(self) -> bool {
        self.difference > 0
    }

    /// The same change without its direction.
    #[must_use]
    pub fn size(self) -> Self {
        Self { difference: self.difference.abs(), ..self }
    }

    /// Whether it is more than `percent` of `before`, the rate that it starts from; from nothing every change is.
    pub(super) fn exceeds(self, before: Rate, percent: u64) -> bool {
        // change > percent/100 · n/d, as a product of whole numbers: counts up to `LARGEST` leave room for both factors.
        let change = self.difference.unsigned_abs() * 100;
        let share = u128::from(before.numerator()) * (self.of / u128::from(before.denominator())) * u128::from(percent);
        change > share
    }

    /// Hundredths of a percentage point, rounded half away from zero; a change never shows as none.
    pub fn rounded(self) -> i64 {
        let doubled = self.difference.unsigned_abs() * 20_000 + self.of;
        let size = i64::try_from(doubled / (self.of * 2)).unwrap_or(i64::MAX);
        match self.difference.signum() {
            0 => 0,
            1 => size.max(1),
            _ => -size.max(1),
        }
    }

    /// Percentage points with a sign and two decimals: `+3.21`, `-0.40`, `0.00`.
    pub fn decimal(self, separator: char) -> String {
        let rounded = self.rounded();
        let sign = match rounded.signum() {
            0 => "",
            1 => "+",
            _ => "-",
        };
        format!("{sign}{}", super::decimal(rounded.unsigned_abs(), separator))
    }
}

impl PartialEq for Change {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Change {}

impl PartialOrd for Change {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Change {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |change: &Self| (change.difference.unsigned_abs(), change.of);
        let signs = self.difference.signum().cmp(&other.difference.signum());
        signs.then_with(|| match self.difference.signum() {
            -1 => fractions(size(other), size(self)),
            _ => fractions(size(self), size(other)),
        })
    }
}

/// Compares two fractions by their continued fractions: cross products of four counts would not fit.
fn fractions((mut a, mut b): (u128, u128), (mut c, mut d): (u128, u128)) -> Ordering {
    let mut turned = false;
    loop {
        let order = match (a / b).cmp(&(c / d)) {
            Ordering::Equal => match (a % b, c % d) {
                (0, 0) => Ordering::Equal,
                (0, _) => Ordering::Less,
                (_, 0) => Ordering::Greater,
                // a/b and c/d have one whole part: the reciprocals of the rests decide, the other way round.
                (left, right) => {
                    (a, b, c, d) = (b, left, d, right);
                    turned = !turned;
                    continue;
                }
            },
            other => other,
        };
        return if turned { order.reverse() } else { order };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(before: (u64, u64), now: (u64, u64)) -> Change {
        Change::between(Rate::new(before.0, before.1).unwrap(), Rate::new(now.0, now.1).unwrap()).unwrap()
    }

    #[test]
    fn a_change_is_shown_in_points_with_its_sign() {
        assert_eq!(change((1, 2), (3, 5)).decimal(','), "+10,00");
        assert_eq!(change((3, 5), (1, 2)).decimal('.'), "-10.00");
        assert_eq!(change((1, 3), (2, 6)).decimal(','), "0,00");
        assert_eq!(change((1, 3), (1_000_001, 3_000_000)).decimal(','), "+0,01", "a change never shows as none");
    }

    #[test]
    fn counts_that_cannot_be_right_have_no_change() {
        assert_eq!(Change::between(Rate::new(1, u64::MAX).unwrap(), Rate::new(1, 2).unwrap()), None);
    }

    proptest! {
        #[test]
        fn changes_are_ordered_as_their_cross_products_are(
            a in 0..500_u64, b in 1..500_u64, c in 0..500_u64, d in 1..500_u64,
            e in 0..500_u64, f in 1..500_u64, g in 0..500_u64, h in 1..500_u64,
        ) {
            let (one, other) = (change((a, b), (c, d)), change((e, f), (g, h)));
            let product = |change: Change, of: u128| change.difference * i128::try_from(of).unwrap();
            prop_assert_eq!(one.cmp(&other), product(one, other.of).cmp(&product(other, one.of)));
        }

        #[test]
        fn the_largest_counts_are_compared_without_overflow(a in 0..=LARGEST, b in 1..=LARGEST, c in 0..=LARGEST, d in 1..=LARGEST) {
            let one = change((a, b), (c, d));
            prop_assert_eq!(one.cmp(&one), Ordering::Equal);
            prop_assert!(one.rounded().signum() == i64::try_from(one.difference.signum()).unwrap());
        }
    }
}
