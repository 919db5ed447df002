//! Where something stands in an answer: `$.data.tranId` in JSON, `//result` in XML.

use std::cell::OnceCell;
use std::fmt;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use crate::source::Path;

/// A place in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Json(Path),
    Xml(Steps),
}

/// A subset of `XPath`: names of elements, whatever their prefix, from the root (`/a/b`) or anywhere (`//b/c`).
#[derive(Debug, Clone, PartialEq, Eq)]
struct Steps {
    anywhere: bool,
    names: Vec<String>,
}

/// An answer, read as far as places ask for it.
#[derive(Debug)]
pub(super) struct Said<'a> {
    text: Option<&'a str>,
    json: OnceCell<Option<Value>>,
}

impl<'a> Said<'a> {
    pub(super) fn read(body: &'a [u8]) -> Self {
        let text = std::str::from_utf8(body).ok().map(|text| text.trim_start_matches('\u{feff}'));
        Self { text, json: OnceCell::new() }
    }

    /// The whole answer as JSON, read when it is first asked for.
    fn json(&self) -> Option<&Value> {
        self.json.get_or_init(|| serde_json::from_str(self.text?).ok()).as_ref()
    }
}

impl Place {
    /// Reads a path: `$…` in JSON (RFC 9535), `/…` in XML.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.starts_with('$') {
            return Path::parse(text).map(|path| Self(Kind::Json(path)));
        }
        let (anywhere, rest) = match (text.strip_prefix("//"), text.strip_prefix('/')) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err("it starts neither with $ (JSON) nor with / (XML)".to_owned()),
        };
        let names: Vec<String> = rest.split('/').map(ToOwned::to_owned).collect();
        let is_name = |name: &String| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        };
        if names.iter().all(is_name) {
            return Ok(Self(Kind::Xml(Steps { anywhere, names })));
        }
        Err("write names of elements between slashes, without prefixes: //return/result".to_owned())
    }

    /// The text that stands there; of a number or a flag its digits or its word.
    pub(super) fn find(&self, said: &Said<'_>) -> Option<String> {
        match &self.0 {
            Kind::Json(path) => match path.all(said.json()?).first()? {
                Value::String(text) => Some(text.clone()),
                Value::Null => None,
                other => Some(other.to_string()),
            },
            Kind::Xml(steps) => steps.find(said.text?),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Json(path) => path.fmt(f),
            Kind::Xml(Steps { anywhere, names }) => {
                write!(f, "{}{}", if *anywhere { "//" } else { "/" }, names.join("/"))
            }
        }
    }
}

impl Steps {
    /// The text of the first element there. Entities of a document's own are never resolved.
    fn find(&self, xml: &str) -> Option<String> {
        let mut reader = Reader::from_str(xml);
        let mut open: Vec<String> = Vec::new();
        let mut found: Option<(usize, String)> = None;
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    open.push(start.local_name().as_ref().to_owned());
                    if found.is_none() && self.lead_to(&open) {
                        found = Some((open.len(), String::new()));
                    }
                }
                Event::Empty(start) => {
                    open.push(start.local_name().as_ref().to_owned());
                    let here = found.is_none() && self.lead_to(&open);
                    open.pop();
                    if here {
                        return Some(String::new());
                    }
                }
                Event::End(_) => {
                    if let Some((depth, text)) = found.take_if(|(depth, _)| *depth == open.len()) {
                        debug_assert_eq!(depth, open.len());
                        return Some(text.trim().to_owned());
                    }
                    open.pop();
                }
                Event::Text(text) => add(&mut found, &text.xml10_content()),
                Event::CData(text) => add(&mut found, &text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let named = quick_xml::escape::resolve_predefined_entity(&reference.xml10_content());
                    match reference.resolve_char_ref().ok()? {
                        Some(c) => add(&mut found, c.encode_utf8(&mut [0; 4])),
                        None => add(&mut found, named?),
                    }
                }
                Event::Eof => return None,
                _ => {}
            }
        }
    }

    fn lead_to(&self, open: &[String]) -> bool {
        if self.anywhere { open.ends_with(&self.names) } else { open == self.names }
    }
}

fn add(found: &mut Option<(usize, String)>, text: &str) {
    if let Some((_, so_far)) = found {
        so_far.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(place: &str, body: &str) -> Option<String> {
        Place::parse(place).unwrap().find(&Said::read(body.as_bytes()))
    }

    const SOAP: &str = "<?xml version=\"1.0\"?><S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body>\
                        <ns2:wsCpMtResponse xmlns:ns2=\"http://impl.bulkSms.ws/\"><return><message>Ins &amp; &#272;ã \
                        <![CDATA[<ok>]]></message><result>1</result><empty/></return></ns2:wsCpMtResponse></S:Body></S:Envelope>";

    #[test]
    fn elements_are_found_whatever_their_prefix() {
        assert_eq!(find("//return/result", SOAP), Some("1".to_owned()));
        assert_eq!(find("/Envelope/Body/wsCpMtResponse/return/result", SOAP), Some("1".to_owned()));
        assert_eq!(find("//message", SOAP), Some("Ins & Đã <ok>".to_owned()));
        assert_eq!(find("//return/empty", SOAP), Some(String::new()));
        assert_eq!(find("/Body/result", SOAP), None);
        assert_eq!(find("//result", "<html><body>502</body>"), None);
        assert_eq!(find("//result", "<a><result>1"), None);
        let laughs = "<!DOCTYPE a [<!ENTITY x \"1\">]><a><result>&x;</result></a>";
        assert_eq!(find("//result", laughs), None, "no entity of a document's own");
    }

    #[test]
    fn values_of_json_are_texts() {
        let body = r#"{"status":"success","data":{"tranId":12,"ok":true,"none":null},"result":[{"r":0}]}"#;
        assert_eq!(find("$.data.tranId", body), Some("12".to_owned()));
        assert_eq!(find("$.data.ok", body), Some("true".to_owned()));
        assert_eq!(find("$.result[0].r", body), Some("0".to_owned()));
        assert_eq!(find("$.data.none", body), None);
        assert_eq!(find("$.status", "<html>"), None);
        for bad in ["status", "$.a[", "//ns:a", "/", "//a[1]"] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Place::parse("//return/result").unwrap().to_string(), "//return/result");
    }
}
