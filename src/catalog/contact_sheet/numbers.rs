//! Phone numbers of Vietnam as they stand in lists that are older than the numbers.

/// Prefixes of eleven-digit mobile numbers, which ended in 2018, and what became of them.
const LEGACY: [(&str, &str); 21] = [
    ("0120", "070"),
    ("0121", "079"),
    ("0122", "077"),
    ("0126", "076"),
    ("0128", "078"),
    ("0123", "083"),
    ("0124", "084"),
    ("0125", "085"),
    ("0127", "081"),
    ("0129", "082"),
    ("0162", "032"),
    ("0163", "033"),
    ("0164", "034"),
    ("0165", "035"),
    ("0166", "036"),
    ("0167", "037"),
    ("0168", "038"),
    ("0169", "039"),
    ("0186", "056"),
    ("0188", "058"),
    ("0199", "059"),
];

/// The digits of a number from its 0 on, whatever stands between them.
pub(super) fn national(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix("84").filter(|rest| number.trim_start().starts_with('+') && !rest.starts_with('0')) {
        Some(rest) => format!("0{rest}"),
        None => digits,
    }
}

/// What an eleven-digit mobile number is called since 2018; `None` for any other number.
pub fn modern_mobile(number: &str) -> Option<String> {
    let digits = national(number);
    let old = LEGACY.iter().find(|(old, _)| digits.starts_with(old));
    let (old, new) = old.filter(|_| digits.len() == 11)?;
    digits.strip_prefix(old).map(|rest| format!("{new}{rest}"))
}

/// Whether a number belongs to a phone on a desk, which gets no text message.
pub fn is_landline(number: &str) -> bool {
    national(number).starts_with("02")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_mobile_numbers_become_what_they_are_called_since_2018() {
        for (old, new) in [
            ("0168 000 0123", Some("0380000123")),
            ("+84 120.000.0123", Some("0700000123")),
            ("01880000123", Some("0580000123")),
            ("0900 000 123", None),
            ("0204 000 0123", None),
        ] {
            assert_eq!(modern_mobile(old).as_deref(), new, "{old}");
        }
        assert!(is_landline("0204.000.0123") && is_landline("+84 204 000 0123") && !is_landline("0900 000 123"));
    }
}
