//! Text of old fonts (TCVN3, VNI) and UTF-8 that was misread: how it is noticed in one cell, and what it probably says.

/// Letters that no Vietnamese word has.
const FOREIGN: &str = "äåæçëîïðñöøûüþßÿÐÆÇÑÖØÞ\u{fffd}";
/// Signs that stand in no word.
const SIGNS: &str = "¡¢¤¥¦§¨©ª¬\u{ad}®¯±´«µ¶·¸º»¼½¾¿†Ÿ™";
/// TCVN 5712 (VN3) from 0xa1 on; a space where there is no letter.
const TCVN3: &str = "ĂÂÊÔƠƯĐăâêôơưđ      àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ";

/// Whether signs or foreign letters stand inside of words.
pub(super) fn looks_wrong(text: &str) -> bool {
    let foreign = |c: char| FOREIGN.contains(c) || ('\u{80}'..='\u{9f}').contains(&c);
    text.split_whitespace().any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !foreign(c));
        let wrong = word.chars().any(foreign) || word.chars().skip(1).any(|c| SIGNS.contains(c));
        wrong && word.chars().any(char::is_alphabetic)
    })
}

/// What the text says in Unicode, as far as a table can tell; `None` when what comes out is no better.
pub(super) fn in_unicode(text: &str) -> Option<String> {
    // The Icelandic letter that looks like Đ stands in many old lists.
    let eth = text.replace('Ð', "Đ").replace('ð', "đ");
    let readings = [Some(eth), misread(text), Some(vni(text)), tcvn3(text)];
    readings.into_iter().flatten().find(|reading| reading != text && !looks_wrong(reading) && is_vietnamese(reading))
}

/// Letters alone beside ASCII, and no capital in the middle of a word, as a wrong table leaves them.
fn is_vietnamese(text: &str) -> bool {
    let letters = text.chars().all(|c| c.is_ascii() || (c.is_alphabetic() && !('\u{80}'..='\u{bf}').contains(&c)));
    let mut pairs = text.chars().zip(text.chars().skip(1));
    letters && pairs.all(|(one, next)| !(one.is_lowercase() && next.is_uppercase()))
}

/// UTF-8 whose bytes were shown as Windows-1252.
fn misread(text: &str) -> Option<String> {
    const HIGH: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    let byte = |c: char| {
        let high = HIGH.chars().position(|known| known == c).and_then(|at| u8::try_from(at + 0x80).ok());
        high.or_else(|| u8::try_from(u32::from(c)).ok())
    };
    let bytes: Option<Vec<u8>> = text.chars().map(byte).collect();
    String::from_utf8(bytes?).ok()
}

fn tcvn3(text: &str) -> Option<String> {
    let letters: Vec<char> = TCVN3.chars().collect();
    let letter = |c: char| {
        let code = u32::from(c);
        if code < 0x80 {
            return Some(c);
        }
        let at = usize::try_from(code).ok()?.checked_sub(0xa1)?;
        letters.get(at).copied().filter(|letter| *letter != ' ')
    };
    text.chars().map(letter).collect()
}

/// VNI writes a mark as a letter of its own behind the vowel.
fn vni(text: &str) -> String {
    const MARKS: &str = "ù\u{301}ø\u{300}û\u{309}õ\u{303}ï\u{323}";
    const HATS: [(char, &str); 12] = [
        ('â', "\u{302}"),
        ('á', "\u{302}\u{301}"),
        ('à', "\u{302}\u{300}"),
        ('å', "\u{302}\u{309}"),
        ('ã', "\u{302}\u{303}"),
        ('ä', "\u{302}\u{323}"),
        ('ê', "\u{306}"),
        ('é', "\u{306}\u{301}"),
        ('è', "\u{306}\u{300}"),
        ('ú', "\u{306}\u{309}"),
        ('ü', "\u{306}\u{303}"),
        ('ë', "\u{306}\u{323}"),
    ];
    const ALONE: [(char, char); 10] = [
        ('ñ', 'đ'),
        ('ô', 'ơ'),
        ('ö', 'ư'),
        ('í', 'í'),
        ('ì', 'ì'),
        ('æ', 'ỉ'),
        ('ó', 'ĩ'),
        ('ò', 'ị'),
        ('î', 'ỵ'),
        ('Ñ', 'Đ'),
    ];
    let marks: Vec<char> = MARKS.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut before: Option<char> = None;
    for c in text.chars() {
        let low = c.to_lowercase().next().unwrap_or(c);
        let behind = before.and_then(|vowel| vowel.to_lowercase().next());
        let tone = marks.as_chunks::<2>().0.iter().find(|[letter, _]| *letter == low).map(|[_, mark]| mark.to_string());
        let tone = tone.filter(|_| behind.is_some_and(|vowel| "aeouyôö".contains(vowel)));
        let hat = HATS.iter().find(|(letter, _)| *letter == low).map(|(_, marks)| (*marks).to_owned());
        let hat = hat.filter(|_| behind.is_some_and(|vowel| "aeo".contains(vowel)));
        if let Some(mark) = tone.or(hat) {
            out.push_str(&mark);
            before = None;
            continue;
        }
        before = Some(c);
        match ALONE.iter().find(|(letter, _)| *letter == low) {
            Some((_, letter)) if c.is_uppercase() => out.extend(letter.to_uppercase()),
            Some((_, letter)) => out.push(*letter),
            None => out.push(c),
        }
    }
    unicode_normalization::UnicodeNormalization::nfc(out.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_fonts_and_misread_utf_8_are_noticed_and_read() {
        for (wrong, right) in [
            ("Së T\u{ad} ph¸p", "Sở Tư pháp"),
            ("UBND huyÖn HiÖp Hßa", "UBND huyện Hiệp Hòa"),
            ("Sôû Tö phaùp", "Sở Tư pháp"),
            ("Sôû Coâng Thöông", "Sở Công Thương"),
            ("Chuû tòch", "Chủ tịch"),
            ("Sá»Ÿ TÆ° phÃ¡p", "Sở Tư pháp"),
            ("huyÖn", "huyện"),
            ("Nguyeãn Vaên Ñöùc", "Nguyễn Văn Đức"),
            ("Ðồng Kỳ", "Đồng Kỳ"),
        ] {
            assert!(looks_wrong(wrong), "{wrong}");
            assert_eq!(in_unicode(wrong).as_deref(), Some(right), "{wrong}");
        }
    }

    #[test]
    fn good_vietnamese_is_left_alone() {
        for text in ["Sở Văn hóa, Thể thao & Du lịch", "Quỹ Đầu tư m²", "«Một cửa»", "Ủy ban", "Nguyễn Thị Hoà"]
        {
            assert!(!looks_wrong(text), "{text}");
        }
    }
}
