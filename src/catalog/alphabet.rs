//! How lists are sorted for people who read Vietnamese: a ă â, d đ, e ê, o ô ơ, u ư; tones break ties in the order of
//! dictionaries (ngang, huyền, hỏi, ngã, sắc, nặng); numbers inside names by their value. The rules are those of Unicode's
//! locale data (CLDR).

use std::sync::LazyLock;

use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{CollatorBorrowed, CollatorPreferences};
use icu_locale_core::locale;

/// The rules are compiled in, so they are always there; the type says otherwise.
static VIETNAMESE: LazyLock<Option<CollatorBorrowed<'static>>> = LazyLock::new(|| {
    let mut wanted = CollatorPreferences::from(&locale!("vi"));
    wanted.numeric_ordering = Some(CollationNumericOrdering::True);
    CollatorBorrowed::try_new(wanted, icu_collator::options::CollatorOptions::default()).ok()
});

/// What `text` is sorted by: its place in the alphabet, then the text itself.
pub fn alphabetical(text: &str) -> (Vec<u8>, String) {
    let mut key = Vec::new();
    if let Some(rules) = VIETNAMESE.as_ref() {
        let Ok(()) = rules.write_sort_key_to(text, &mut key);
    }
    (key, text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<const N: usize>(names: [&'static str; N]) -> [&'static str; N] {
        let mut turned = names;
        turned.reverse();
        turned.sort_by_cached_key(|name| alphabetical(name));
        turned
    }

    #[test]
    fn letters_stand_in_the_order_of_the_vietnamese_alphabet() {
        let letters = [
            "a", "ă", "â", "b", "c", "d", "đ", "e", "ê", "g", "h", "i", "k", "l", "m", "n", "o", "ô", "ơ", "p", "q",
            "r", "s", "t", "u", "ư", "v", "x", "y",
        ];
        assert_eq!(sorted(letters), letters);
        let pairs = ["an", "ăn", "ân", "da", "đa", "em", "êm", "on", "ôn", "ơn", "un", "ưn"];
        assert_eq!(sorted(pairs), pairs, "the letter decides before what follows it");
    }

    #[test]
    fn tones_break_ties_and_no_more() {
        let tones = ["Ba", "Bà", "Bả", "Bã", "Bá", "Bạ", "Băng", "Bân"];
        assert_eq!(sorted(tones), tones);
        let later = ["Hòa An", "Hoa Sơn", "Hóa Trung"];
        assert_eq!(sorted(later), later, "the second word decides before the tone of the first");
    }

    #[test]
    fn names_of_units_stand_where_a_reader_looks_for_them() {
        let names =
            ["Dĩnh Kế", "Đa Mai", "Đông Sơn", "Đồng Sơn", "Tổ 2", "Tổ 10", "Ung", "Ưng", "Xã Mỹ An", "Xã Mỹ Hà"];
        assert_eq!(sorted(names), names);
    }

    #[test]
    fn a_name_composed_otherwise_stands_at_the_same_place() {
        assert_eq!(alphabetical("Xã Hiệp Hòa").0, alphabetical("Xa\u{303} Hie\u{323}\u{302}p Ho\u{300}a").0);
    }
}
