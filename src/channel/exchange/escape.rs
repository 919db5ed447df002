//! How a value is written where it stands, so that it stays a value.

use std::fmt::Write as _;

/// The place that a value stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::channel) enum Escape {
    /// As it is.
    None,
    /// Within the quotation marks of a JSON string.
    Json,
    /// Text or attribute of XML.
    Xml,
    /// A step of a path, a part of a query, a field of a form.
    Url,
    /// Several steps of a path.
    Path,
    /// A header's value.
    Header,
}

impl Escape {
    /// What a body of this media type needs.
    pub(super) fn of(content_type: &str) -> Self {
        let kind = content_type.to_ascii_lowercase();
        if kind.contains("json") {
            Self::Json
        } else if kind.contains("xml") {
            Self::Xml
        } else if kind.contains("x-www-form-urlencoded") {
            Self::Url
        } else {
            Self::None
        }
    }

    /// Writes `value` behind `text`.
    pub(super) fn put(self, text: &mut String, value: &str) -> Result<(), &'static str> {
        match self {
            Self::None => text.push_str(value),
            Self::Json => {
                let quoted = serde_json::Value::from(value).to_string();
                text.push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
            }
            Self::Xml => value.chars().for_each(|c| put_xml(text, c)),
            Self::Url | Self::Path => {
                // An address is read without such steps, so they would lead elsewhere.
                let leads_away = |step: &str| !step.is_empty() && step.chars().all(|c| c == '.');
                if value.split('/').any(leads_away) {
                    return Err("cannot be a step of an address");
                }
                value.bytes().for_each(|byte| put_url(text, byte, self == Self::Path));
            }
            Self::Header => {
                if value.chars().any(|c| c.is_control() || !c.is_ascii()) {
                    return Err("cannot stand in a header");
                }
                text.push_str(value);
            }
        }
        Ok(())
    }
}

fn put_url(text: &mut String, byte: u8, path: bool) {
    if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) || (path && byte == b'/') {
        text.push(char::from(byte));
    } else {
        let _ = write!(text, "%{byte:02X}");
    }
}

fn put_xml(text: &mut String, c: char) {
    match c {
        '&' => text.push_str("&amp;"),
        '<' => text.push_str("&lt;"),
        '>' => text.push_str("&gt;"),
        '"' => text.push_str("&quot;"),
        '\'' => text.push_str("&apos;"),
        // No other control character may stand in XML at all.
        c if c.is_control() && !matches!(c, '\n' | '\t' | '\r') => {}
        c => text.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(escape: Escape, value: &str) -> Result<String, &'static str> {
        let mut text = String::new();
        escape.put(&mut text, value).map(|()| text)
    }

    #[test]
    fn no_value_leaves_its_place() {
        let value = "Đ\"}]</a>&x=1\r\n\u{0}/../%00";
        let json = format!("\"{}\"", put(Escape::Json, value).unwrap());
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), value);
        assert_eq!(put(Escape::Xml, "<a b='\"'>&\u{0}\u{1b}").unwrap(), "&lt;a b=&apos;&quot;&apos;&gt;&amp;");
        assert_eq!(put(Escape::Url, "a/b?c=d&e#Đ +:").unwrap(), "a%2Fb%3Fc%3Dd%26e%23%C4%90%20%2B:");
        assert_eq!(put(Escape::Path, "T00/B00/x?y").unwrap(), "T00/B00/x%3Fy");
        for value in ["..", ".", "a/../b", "..."] {
            assert!(put(Escape::Url, value).is_err(), "{value}");
        }
        assert!(put(Escape::Header, "a\r\nb: c").is_err() && put(Escape::Header, "Đ").is_err());
    }

    #[test]
    fn the_media_type_says_how_a_body_is_escaped() {
        for (kind, escape) in [
            ("application/json; charset=utf-8", Escape::Json),
            ("text/xml", Escape::Xml),
            ("application/soap+xml", Escape::Xml),
            ("application/x-www-form-urlencoded", Escape::Url),
            ("text/plain", Escape::None),
        ] {
            assert_eq!(Escape::of(kind), escape, "{kind}");
        }
    }
}
