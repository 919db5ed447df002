//! Paths into a reply: `JSONPath` (RFC 9535), or names with points between them.

use std::fmt;

use serde_json::Value;

/// Characters of a place that are told: a system may give its members names of any length, and every row has a place.
const TOLD: usize = 500;

/// A path, as it can be written and as it is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    written: String,
    query: serde_json_path::JsonPath,
}

/// A value in a reply and the path to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct At<'v> {
    pub(super) path: String,
    pub(super) value: &'v Value,
}

impl Path {
    /// Reads `$.data[*]`, or `agency.code`, which is `$.agency.code`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let written = if text.starts_with('$') { text.to_owned() } else { from_names(text) };
        // The library panics where a text ends so: its parser of escapes waits for more.
        if ["\\u", "\\uD", "\\ud"].iter().any(|cut| written.ends_with(cut)) {
            return Err("the escape at its end is cut off".to_owned());
        }
        let query = serde_json_path::JsonPath::parse(&written).map_err(|error| error.to_string())?;
        Ok(Self { written, query })
    }

    /// All that it leads to from `value`.
    pub fn all<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        self.query.query(value).all()
    }

    /// All that it leads to from `value`, each with its own path.
    pub(super) fn located<'v>(&self, value: &'v Value) -> Vec<At<'v>> {
        let found = self.query.query_located(value);
        found.iter().map(|node| At { path: dotted(node.location()), value: node.node() }).collect()
    }

    /// The path behind its `$`, to stand behind another path.
    pub(super) fn behind(&self) -> &str {
        self.written.strip_prefix('$').unwrap_or(&self.written)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// `a b.code` → `$["a b"].code`: names may hold what the short form of a path cannot.
fn from_names(text: &str) -> String {
    text.split('.').fold("$".to_owned(), |path, name| path + &member(name))
}

fn dotted(path: &serde_json_path::NormalizedPath<'_>) -> String {
    let path = path.iter().fold("$".to_owned(), |before, element| match (element.as_name(), element.as_index()) {
        (Some(name), _) => before + &member(name),
        (None, Some(index)) => format!("{before}[{index}]"),
        (None, None) => before,
    });
    match path.char_indices().rev().nth(TOLD) {
        None => path,
        Some((end, last)) => format!("…{}", path.get(end + last.len_utf8()..).unwrap_or_default()),
    }
}

/// `.name`, or `["any name"]` where it must be quoted (RFC 9535, 2.5.1).
pub(super) fn member(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if plain { format!(".{name}") } else { format!("[{}]", Value::from(name)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_ends_inside_an_escape_is_refused() {
        for end in ["", "\\", "\\u", "\\uD", "\\ud", "\\uD8", "\\uD83D", "\\uD83D\\u", "\\uD83D\\uD", "\\u0", "\\u00e"]
        {
            for mark in ['"', '\''] {
                assert!(Path::parse(&format!("$[{mark}a{end}")).is_err(), "{end}");
            }
        }
    }

    #[test]
    fn names_and_json_paths_lead_to_values_that_know_where_they_stand() {
        let value = serde_json::json!({"data": [{"a b": {"code": "H02"}}, {"metrics": [{"code": "X", "n": 5}]}]});
        let rows = Path::parse("$.data[*]").unwrap().located(&value);
        assert_eq!(rows.iter().map(|row| row.path.as_str()).collect::<Vec<_>>(), ["$.data[0]", "$.data[1]"]);
        assert_eq!(Path::parse("a b.code").unwrap().all(rows[0].value), [&Value::from("H02")]);
        assert_eq!(Path::parse("a b.code").unwrap().to_string(), r#"$["a b"].code"#);
        let metric = Path::parse(r#"$.metrics[?@.code=="X"].n"#).unwrap();
        assert_eq!(metric.all(rows[1].value), [&Value::from(5)]);
        assert_eq!(metric.behind(), r#".metrics[?@.code=="X"].n"#);
        for name in ["a", "_1", "số", "a-b", "1a", "", "a b", "\"]", "\u{1}\u{2028}"] {
            let path = format!("${}", member(name));
            let value = serde_json::json!({name: 1});
            assert_eq!(Path::parse(&path).unwrap().all(&value), [&Value::from(1)], "{path}");
        }
        let long = serde_json::json!({"n".repeat(600): [1]});
        let place = &Path::parse("$.*[*]").unwrap().located(&long)[0].path;
        assert!(place.starts_with("…nn") && place.ends_with("n[0]") && place.chars().count() == TOLD + 1, "{place}");
        assert!(Path::parse("$.data[").unwrap_err().contains("position"));
    }
}
