//! Reads a mail back: decoded subject and bodies.

#![expect(clippy::indexing_slicing, reason = "a mail that is not well-formed is a failed test")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::smtp_sink::header;

/// The subject as a reader shows it.
pub(crate) fn subject(raw: &[u8]) -> String {
    let mut text = String::new();
    let mut after_encoded = false;
    for word in header(raw, "Subject").split(' ') {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        // Space between two encoded words is not part of the text.
        let joined = text.is_empty() || (after_encoded && encoded.is_some());
        if !joined {
            text.push(' ');
        }
        after_encoded = encoded.is_some();
        if let Some(encoded) = encoded {
            text.push_str(&String::from_utf8(STANDARD.decode(encoded).expect("base64")).expect("whole characters"));
        } else {
            text.push_str(word);
        }
    }
    text
}

/// The decoded body of the part `text/<subtype>`.
pub(crate) fn body(raw: &[u8], subtype: &str) -> String {
    let text = std::str::from_utf8(raw).expect("ASCII");
    let boundary = header(raw, "Content-Type").split_once("boundary=\"").expect("a boundary").1.replace('"', "");
    let part = text
        .split(&format!("--{boundary}"))
        .find(|part| part.contains(&format!("Content-Type: text/{subtype}")))
        .expect("the part");
    let (head, body) = part.trim_start().split_once("\r\n\r\n").expect("a body");
    let body = body.strip_suffix("\r\n").expect("a line end before the boundary");
    let bytes = if head.contains("base64") {
        STANDARD.decode(body.replace("\r\n", "")).expect("base64")
    } else {
        assert!(head.contains("quoted-printable"), "{head}");
        unquoted(body)
    };
    String::from_utf8(bytes).expect("UTF-8")
}

fn unquoted(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut pieces = text.split('=');
    bytes.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
    for piece in pieces {
        if let Some(rest) = piece.strip_prefix("\r\n") {
            bytes.extend_from_slice(rest.as_bytes());
        } else {
            bytes.push(u8::from_str_radix(&piece[..2], 16).expect("two hexadecimal digits"));
            bytes.extend_from_slice(&piece.as_bytes()[2..]);
        }
    }
    bytes
}
