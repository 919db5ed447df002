//! How the network counts a text message (3GPP 23.038 and 23.040): its alphabet, and the pieces it is cut into.

/// Septets of one message, and of each piece of a longer one, whose header takes seven.
const SEPTETS: (usize, usize) = (160, 153);
/// The same in UTF-16 units, when one letter is outside the alphabet of seven bits.
const UNITS: (usize, usize) = (70, 67);

/// The characters of seven bits besides ASCII letters and digits.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Those that take two septets, which one piece holds both of.
const EXTENSION: &str = "^{}\\[~]|€\u{c}";

/// The length of a text message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// Whether it needs the alphabet of two bytes per character.
    pub unicode: bool,
    /// Septets, or UTF-16 units when it is [`unicode`](Self::unicode).
    pub units: usize,
    /// Pieces that are charged; at least one.
    pub segments: usize,
}

impl Length {
    /// How the network counts `text`.
    pub fn of(text: &str) -> Self {
        let septets: Option<Vec<usize>> = text.chars().map(septets).collect();
        let unicode = septets.is_none();
        let widths = septets.unwrap_or_else(|| text.chars().map(char::len_utf16).collect());
        let (single, piece) = if unicode { UNITS } else { SEPTETS };
        let units = widths.iter().sum();
        Self { unicode, units, segments: if units <= single { 1 } else { pieces(&widths, piece) } }
    }
}

/// Pieces that are charged for `text`; at least one.
pub fn segments(text: &str) -> usize {
    Length::of(text).segments
}

/// How many septets a character takes; none when it has no place in seven bits.
fn septets(c: char) -> Option<usize> {
    if c.is_ascii_alphanumeric() || BASIC.contains(c) { Some(1) } else { EXTENSION.contains(c).then_some(2) }
}

/// Pieces of `room` that characters of these widths fill; none is cut in two.
fn pieces(widths: &[usize], room: usize) -> usize {
    let (mut pieces, mut left) = (1, room);
    for width in widths {
        if *width > left {
            pieces += 1;
            left = room;
        }
        left -= width;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(text: &str) -> (bool, usize, usize) {
        let Length { unicode, units, segments } = Length::of(text);
        (unicode, units, segments)
    }

    #[test]
    fn seven_bits_hold_160_and_then_153_each() {
        for (characters, segments) in [(0, 1), (1, 1), (160, 1), (161, 2), (306, 2), (307, 3), (459, 3), (460, 4)] {
            assert_eq!(length(&"a".repeat(characters)), (false, characters, segments));
        }
    }

    #[test]
    fn one_vietnamese_letter_makes_70_and_then_67_each() {
        for (characters, segments) in [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)] {
            assert_eq!(length(&"ữ".repeat(characters)), (true, characters, segments));
        }
        assert_eq!(length(&format!("{}đ", "a".repeat(70))), (true, 71, 2));
        // Decomposed, each mark is a unit of its own.
        assert_eq!(length("u\u{31b}\u{303}"), (true, 3, 1));
    }

    #[test]
    fn some_letters_with_marks_are_in_seven_bits_and_most_vietnamese_ones_are_not() {
        for letter in "àéèìòù".chars() {
            assert!(!Length::of(&letter.to_string()).unicode, "{letter}");
        }
        for letter in "áíóúýâêôăđơưạ".chars() {
            assert!(Length::of(&letter.to_string()).unicode, "{letter}");
        }
    }

    #[test]
    fn marks_of_the_extension_count_twice_and_are_never_cut() {
        for mark in EXTENSION.chars() {
            assert_eq!(length(&mark.to_string()), (false, 2, 1), "{mark}");
        }
        assert_eq!(length(&"€".repeat(80)), (false, 160, 1));
        // 153 is odd: the pair that would be cut moves on, so that two pieces hold 2 × 76.
        assert_eq!(length(&"€".repeat(152)), (false, 304, 2));
        assert_eq!(length(&"€".repeat(153)), (false, 306, 3));
        assert_eq!(length(&"\u{1F600}".repeat(35)), (true, 70, 1));
        assert_eq!(length(&"\u{1F600}".repeat(66)), (true, 132, 2));
        assert_eq!(length(&"\u{1F600}".repeat(67)), (true, 134, 3));
    }
}
