//! Answers of eSMS: JSON objects whose codes are texts, or numbers.

use serde_json::{Map, Value};

use crate::http::{Answer, End};

/// A reply of eSMS; a page of a proxy, half an answer or anything else is none.
#[derive(Debug)]
pub(super) struct Reply(Map<String, Value>);

impl Reply {
    pub(super) fn of(answer: &Answer) -> Option<Self> {
        if answer.end != End::Whole {
            return None;
        }
        let reply = Self(serde_json::from_slice(&answer.body).ok()?);
        reply.code().is_some().then_some(reply)
    }

    /// Its code, which some methods call otherwise than the others.
    pub(super) fn code(&self) -> Option<i32> {
        ["CodeResult", "CodeResponse"].into_iter().find_map(|key| self.text(key)?.trim().parse().ok())
    }

    /// A member's text; of a number or a flag its digits or its word. Nothing when it is empty.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        text(&self.0, key)
    }

    /// A whole number; what stands behind a point is left out.
    pub(super) fn number(&self, key: &str) -> Option<i64> {
        let text = self.text(key)?;
        text.trim().split(['.', ',']).next()?.parse().ok()
    }

    /// The objects of a list.
    pub(super) fn list(&self, key: &str) -> Vec<&Map<String, Value>> {
        self.0.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object).collect()
    }
}

/// A member's text.
pub(super) fn text(object: &Map<String, Value>, key: &str) -> Option<String> {
    let text = match object.get(key)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    (!text.is_empty()).then_some(text)
}
