//! Text of old fonts: TCVN3 and VNI show Vietnamese with their own fonts only; anywhere else it is signs and strange
//! letters. The same comes of UTF-8 that was read as something else. None of it may reach a name.

use super::grid::{Cell, Value};

/// Cells that must look wrong before the sheet is refused.
const ENOUGH: usize = 3;

/// The first cell with text of an old encoding, when there are so many of them that it is no accident.
pub(super) fn first<'g, 'a: 'g>(texts: impl Iterator<Item = &'g Cell<'a>>) -> Option<(u32, u32, String)> {
    let (mut first, mut wrong, mut accented) = (None, 0, 0);
    for cell in texts {
        let Value::Text(text) = &cell.value else { continue };
        if text.is_ascii() {
            continue;
        }
        accented += 1;
        if looks_wrong(text) {
            wrong += 1;
            first.get_or_insert_with(|| (cell.row, cell.column, cell.value.shown()));
        }
    }
    first.filter(|_| wrong >= ENOUGH && wrong * 4 > accented)
}

/// Letters that no Vietnamese word has.
const FOREIGN: &str = "äåæçëîïðñöøûüþßÿÆÇÑÖØÞ\u{fffd}";
/// Signs that stand in no word.
const SIGNS: &str = "¡¢¤¥¦§¨©ª¬\u{ad}®¯±´«µ¶·¸º»¼½¾¿†Ÿ™";

/// Whether signs or foreign letters stand inside of words. VNI writes a tone as a letter of its own behind the vowel.
fn looks_wrong(text: &str) -> bool {
    let foreign = |c: char| FOREIGN.contains(c) || ('\u{80}'..='\u{9f}').contains(&c);
    text.split_whitespace().any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let wrong = word.chars().any(foreign) || word.chars().skip(1).any(|c| SIGNS.contains(c));
        wrong && word.chars().any(char::is_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(texts: &[&'static str]) -> Vec<Cell<'static>> {
        (0..).zip(texts).map(|(row, text)| Cell { row, column: 1, value: Value::Text((*text).into()) }).collect()
    }

    #[test]
    fn old_fonts_and_misread_utf_8_are_noticed() {
        for texts in [
            ["Së T\u{ad} ph¸p", "Së C«ng Th\u{ad}¬ng", "UBND huyÖn HiÖp Hßa"],
            ["Sôû Tö phaùp", "Sôû Coâng Thöông", "Soá hoà sô tieáp nhaän ñuùng haïn"],
            ["Sá»Ÿ TÆ° phÃ¡p", "Sá»Ÿ CÃ´ng ThÆ°Æ¡ng", "Ä\u{90}Æ¡n vá»‹"],
        ] {
            assert_eq!(first(cells(&texts).iter()).map(|(row, ..)| row), Some(0), "{texts:?}");
        }
    }

    #[test]
    fn good_vietnamese_never_is() {
        let texts =
            ["Sở Văn hóa, Thể thao & Du lịch", "Tỷ lệ (%)", "Quỹ Đầu tư m²", "«Một cửa»", "Đúng hạn ±0,01", "Ủy ban"];
        for text in texts {
            assert!(!looks_wrong(text), "{text}");
        }
        assert_eq!(first(cells(&texts).iter()), None);
        assert_eq!(first(cells(&["Công ty Nestlë", "Xã Hiệp Hòa"]).iter()), None, "one of many is an accident");
    }
}
