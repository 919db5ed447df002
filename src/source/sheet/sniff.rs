//! What a file is, by what stands in it. Its name says nothing: an `.xls` may be a web page.

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// A zip: Office Open XML or `OpenDocument`.
    Zip,
    /// BIFF in an OLE container.
    Xls,
    /// A web page saved as a workbook.
    Html,
}

/// The format of `bytes`, or what they are instead and what to do.
pub(super) fn format(bytes: &[u8]) -> Result<Format, (&'static str, &'static str)> {
    const EXPORT: &str = "export the table as .xlsx";
    match bytes {
        [] => return Err(("the file is empty", "export it again")),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => return Ok(Format::Zip),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => return Ok(Format::Xls),
        [b'%', b'P', b'D', b'F', ..] => return Err(("the file is a PDF", EXPORT)),
        [0x1f, 0x8b, ..] => return Err(("the file is compressed", "unpack it")),
        [9, 0 | 2 | 4, ..] if bytes.len() > 4 => return Err(("the file is a workbook of Excel 4 or older", EXPORT)),
        _ => {}
    }
    let start: String = String::from_utf8_lossy(bytes.get(..bytes.len().min(4_096)).unwrap_or_default()).to_lowercase();
    let start = start.replace('\0', "");
    let start = start.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{fffd}'));
    if start.contains("urn:schemas-microsoft-com:office:spreadsheet") && start.starts_with("<?xml") {
        return Err(("the file is an XML spreadsheet of Excel 2003", EXPORT));
    }
    if start.starts_with('<') {
        return Ok(Format::Html);
    }
    Err(("the file is no workbook", "set `kind = \"csv\"` if it is a text with a delimiter, else export it as .xlsx"))
}

/// The text of a web page: UTF-8 with or without a mark, or UTF-16 with one. `None` when it is neither.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, rest) = bytes.as_chunks::<2>();
        String::from_utf16(&units.iter().map(|pair| unit(*pair)).collect::<Vec<_>>()).ok().filter(|_| rest.is_empty())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => std::str::from_utf8(bytes).ok().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say() {
        assert_eq!(format(b"PK\x03\x04rest"), Ok(Format::Zip));
        assert_eq!(format(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"), Ok(Format::Xls));
        for page in
            ["<table>", "\u{feff}\r\n <html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">", "<!--[if gte mso 9]>"]
        {
            assert_eq!(format(page.as_bytes()), Ok(Format::Html), "{page}");
        }
        for (bytes, what) in [
            (&b""[..], "empty"),
            (b"%PDF-1.7", "PDF"),
            (b"\x1f\x8b\x08", "compressed"),
            (b"period,unit_code\n", "no workbook"),
            (b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">", "2003"),
        ] {
            assert!(format(bytes).is_err_and(|(reason, _)| reason.contains(what)), "{what}");
        }
    }

    #[test]
    fn pages_are_utf_8_or_marked() {
        let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain("Sở".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(text(&utf16).as_deref(), Some("Sở"));
        assert_eq!(text("Sở".as_bytes()).as_deref(), Some("Sở"));
        assert_eq!(text(b"S\xf4"), None);
    }
}
