//! Numbers of things, as they are counted and as they are written.

/// A number of things, as callers hold it.
pub trait Number {
    /// The number.
    fn value(&self) -> u64;
}

impl Number for u64 {
    fn value(&self) -> u64 {
        *self
    }
}

impl Number for usize {
    fn value(&self) -> u64 {
        u64::try_from(*self).unwrap_or(u64::MAX)
    }
}

impl Number for u32 {
    fn value(&self) -> u64 {
        u64::from(*self)
    }
}

/// Pages hand over what they borrow.
impl<T: Number + ?Sized> Number for &T {
    fn value(&self) -> u64 {
        (**self).value()
    }
}

/// `2.480`: points between thousands, in both languages.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands_with_points() {
        let cases = [(0, "0"), (999, "999"), (2_480, "2.480"), (1_234_567, "1.234.567")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }
}
