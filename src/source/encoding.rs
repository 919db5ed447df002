//! Text that is not UTF-8: UTF-16 is known by its mark, the old Vietnamese encodings only when somebody says so.

use std::io::Read as _;
use std::path::Path;

use unicode_normalization::UnicodeNormalization as _;

use super::fetch::Content;
use super::text::Text;
use super::{FetchError, Settings};

/// How a file's text is written. Nothing but the mark of UTF-16 is ever guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or UTF-16 that begins with its mark.
    Utf8,
    /// Windows' own for Vietnamese.
    Windows1258,
    /// TCVN 5712, as the ABC fonts (`.VnTime`) show it.
    Tcvn3,
}

/// Bytes of a file that is turned into UTF-8 in memory.
const LARGEST: u64 = 64 << 20;

/// The content of the file at `path`, read on a thread that may wait: the file can lie on a share that does not answer.
///
/// # Errors
/// [`FetchError::Unreachable`] when it cannot be read, [`FetchError::Unreadable`] when it is not written as was said.
pub(super) async fn content(settings: &Settings, path: &Path, encoding: Encoding) -> Result<Content, FetchError> {
    let (name, file) = (settings.name.clone(), path.to_owned());
    let read = tokio::task::spawn_blocking(move || blocking_content(&name, &file, encoding)).await;
    read.unwrap_or_else(|died| {
        let (name, place) = (settings.name.clone(), path.display().to_string());
        Err(FetchError::Unreachable { name, place, source: std::io::Error::other(died) })
    })
}

fn blocking_content(name: &str, path: &Path, encoding: Encoding) -> Result<Content, FetchError> {
    let cannot_read =
        |source| FetchError::Unreachable { name: name.to_owned(), place: path.display().to_string(), source };
    let unreadable = |line: Option<usize>, reason: &str, remedy: &str| FetchError::Unreadable {
        name: name.to_owned(),
        place: line.map_or_else(|| path.display().to_string(), |line| format!("{}:{line}", path.display())),
        reason: reason.to_owned(),
        remedy: remedy.to_owned(),
    };
    let mut file = std::fs::File::open(path).map_err(cannot_read)?;
    let mut mark = Vec::new();
    file.by_ref().take(2).read_to_end(&mut mark).map_err(cannot_read)?;
    let wide = match mark.as_slice() {
        [0xff, 0xfe] => Some(encoding_rs::UTF_16LE),
        [0xfe, 0xff] => Some(encoding_rs::UTF_16BE),
        _ => None,
    };
    if encoding == Encoding::Utf8 && wide.is_none() {
        return Ok(Content::File(path.to_owned()));
    }
    let mut bytes = mark;
    file.take(LARGEST).read_to_end(&mut bytes).map_err(cannot_read)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(unreadable(None, "more than 64 MiB that are not UTF-8", "save the file as UTF-8"));
    }
    let text = match (wide, encoding) {
        (Some(wide), _) => decoded(&bytes, wide),
        (None, Encoding::Windows1258) => old(&bytes, |bytes| decoded(bytes, encoding_rs::WINDOWS_1258)),
        (None, Encoding::Tcvn3 | Encoding::Utf8) => old(&bytes, |bytes| Ok(tcvn3(bytes))),
    };
    let text = text.map_err(|wrong| unreadable(wrong.line, wrong.what, wrong.remedy))?;
    Ok(Content::Text(Text::of_lines(&text, &bytes)))
}

struct Wrong {
    line: Option<usize>,
    what: &'static str,
    remedy: &'static str,
}

fn decoded(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> Result<String, Wrong> {
    let (text, _, damaged) = encoding.decode(bytes);
    if !damaged {
        return Ok(text.nfc().collect());
    }
    let before = text.split('\u{fffd}').next().unwrap_or_default();
    Err(Wrong {
        line: Some(before.matches('\n').count() + 1),
        what: "these bytes are no text in this encoding",
        remedy: "export the file again, as UTF-8 if possible",
    })
}

/// A text in an old encoding, unless it is UTF-8 after all: then somebody chose wrongly, and every name would be garbled.
fn old(bytes: &[u8], decode: impl FnOnce(&[u8]) -> Result<String, Wrong>) -> Result<String, Wrong> {
    if !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
        let remedy = "remove `encoding` from the source, or set it to \"utf-8\"";
        return Err(Wrong { line: None, what: "the file is UTF-8, not the encoding that was chosen", remedy });
    }
    decode(bytes)
}

/// TCVN 5712 (VN3). Capitals with a tone mark have no code of their own: fonts of capitals show the small ones.
fn tcvn3(bytes: &[u8]) -> String {
    /// From 0xa1 on; a space where there is no letter.
    const LETTERS: &str =
        "ĂÂÊÔƠƯĐăâêôơưđ      àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ";
    let letters: Vec<char> = LETTERS.chars().collect();
    let letter = |byte: u8| {
        let place = usize::from(byte).checked_sub(0xa1);
        place.and_then(|place| letters.get(place)).copied().filter(|letter| *letter != ' ')
    };
    bytes.iter().map(|byte| letter(*byte).unwrap_or(char::from(*byte))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_tcvn3_has_its_place() {
        let codes = [
            (0xa1, 'Ă'),
            (0xa7, 'Đ'),
            (0xa8, 'ă'),
            (0xae, 'đ'),
            (0xb5, 'à'),
            (0xb6, 'ả'),
            (0xb9, 'ạ'),
            (0xbb, 'ằ'),
            (0xbe, 'ắ'),
            (0xc6, 'ặ'),
            (0xc7, 'ầ'),
            (0xcb, 'ậ'),
            (0xcc, 'è'),
            (0xce, 'ẻ'),
            (0xd1, 'ẹ'),
            (0xd2, 'ề'),
            (0xd6, 'ệ'),
            (0xd7, 'ì'),
            (0xd8, 'ỉ'),
            (0xdc, 'ĩ'),
            (0xde, 'ị'),
            (0xdf, 'ò'),
            (0xe1, 'ỏ'),
            (0xe4, 'ọ'),
            (0xe5, 'ồ'),
            (0xe9, 'ộ'),
            (0xea, 'ờ'),
            (0xee, 'ợ'),
            (0xef, 'ù'),
            (0xf1, 'ủ'),
            (0xf4, 'ụ'),
            (0xf5, 'ừ'),
            (0xf9, 'ự'),
            (0xfa, 'ỳ'),
            (0xfe, 'ỵ'),
        ];
        for (code, letter) in codes {
            assert_eq!(tcvn3(&[code]), letter.to_string(), "{code:#x}");
        }
        assert_eq!(tcvn3(b"X\xb7 T\xa9n Trung"), "Xã Tân Trung");
    }

    #[test]
    fn windows_1258_comes_out_composed() {
        let text = decoded(b"Xa\xde \xd0\xf4\xccng Ky\xcc", encoding_rs::WINDOWS_1258);
        assert!(text.is_ok_and(|text| text == "Xã Đồng Kỳ"));
    }
}
