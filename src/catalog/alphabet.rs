//! The Vietnamese alphabet as lists are sorted by it: a ă â, d đ, e ê, o ô ơ, u ư; tones break ties in the order of
//! dictionaries (ngang, huyền, hỏi, ngã, sắc, nặng); numbers inside names by their value.

use unicode_normalization::UnicodeNormalization as _;

/// What `text` is sorted by: letters first, then tones, then the text itself.
pub fn alphabetical(text: &str) -> (Vec<u32>, Vec<u8>, String) {
    let (mut letters, mut tones) = (Vec::with_capacity(text.len()), Vec::new());
    let mut number: Option<u32> = None;
    for c in text.nfd().flat_map(char::to_lowercase) {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0).saturating_mul(10).saturating_add(digit));
            continue;
        }
        if let Some(number) = number.take() {
            letters.extend([letter('0'), number]);
            tones.extend([0, 0]);
        }
        let tone = match c {
            '\u{300}' => 1,
            '\u{309}' => 2,
            '\u{303}' => 3,
            '\u{301}' => 4,
            '\u{323}' => 5,
            _ => 0,
        };
        match (c, letters.last_mut(), tones.last_mut()) {
            (_, _, Some(last)) if tone > 0 => *last = tone,
            ('\u{306}', Some(last), _) => *last += 1,
            ('\u{302}', Some(last), _) => *last += 2,
            ('\u{31b}', Some(last), _) => *last += 3,
            _ => {
                letters.push(letter(c));
                tones.push(0);
            }
        }
    }
    if let Some(number) = number {
        letters.extend([letter('0'), number]);
        tones.extend([0, 0]);
    }
    (letters, tones, text.to_owned())
}

/// Room for three more letters behind each: ă, â and ơ behind a and o; đ behind d.
fn letter(c: char) -> u32 {
    if c == 'đ' { u32::from('d') * 4 + 1 } else { u32::from(c) * 4 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_the_order_of_the_vietnamese_alphabet() {
        let sorted = [
            "Ba",
            "Bà",
            "Bả",
            "Bã",
            "Bá",
            "Bạ",
            "Băng",
            "Bân",
            "Dĩnh",
            "Đa Mai",
            "Em",
            "Êm",
            "Ô",
            "Ơn",
            "Tổ 2",
            "Tổ 10",
            "Ung",
            "Ưng",
            "Xã Mỹ An",
            "Xã Mỹ Hà",
        ];
        let mut names: Vec<&str> = sorted.iter().rev().copied().collect();
        names.sort_by_cached_key(|name| alphabetical(name));
        assert_eq!(names, sorted);
    }

    #[test]
    fn a_name_composed_otherwise_stands_at_the_same_place() {
        let (letters, tones, _) = alphabetical("Xã");
        assert_eq!(alphabetical("Xa\u{303}").0, letters);
        assert_eq!(alphabetical("XA\u{303}").1, tones);
    }
}
