//! The bytes of an answer → JSON, or a sentence about what they are instead.

use serde_json::Value;

use super::path::{At, Path, member};
use super::settings::Keep;

/// Values in one reply, at most, names counted too: each takes many times its bytes in memory.
const VALUES: usize = 1_000_000;
/// Levels of a reply, at most: the path of every row has as many steps.
const DEPTH: usize = 20;

/// What is wrong, and what to do.
pub(super) type Wrong = (String, String);

/// Reads one reply.
pub(super) fn parse(body: &[u8]) -> Result<Value, Wrong> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    if body.is_empty() {
        return Err(("the answer is empty".to_owned(), "ask the operator of the system, then pull again".to_owned()));
    }
    if body.starts_with(b"<") {
        let title = title(body).map_or(String::new(), |title| format!(", titled `{title}`"));
        let reason = format!("the answer is a web page (HTML), not JSON{title}");
        let remedy = "a login page or a firewall answered: check `url` and [source.auth]; the system may also be down";
        return Err((reason, remedy.to_owned()));
    }
    let (values, depth) = size(body);
    if values > VALUES {
        let reason = format!("the answer holds more than {VALUES} values");
        return Err((reason, "ask for smaller pages: `size` in [source.paging]".to_owned()));
    }
    if depth > DEPTH {
        let reason = format!("the answer is nested more than {DEPTH} levels deep");
        return Err((reason, "check `url`; figures are never nested so deep".to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| {
        let reason = format!("the answer is not JSON that can be read: {error}");
        (reason, "check `url`; if the address is right, ask the operator of the system".to_owned())
    })
}

/// How many values there are at most and how deep they lie, counted before any is made; what stands in strings is not.
fn size(body: &[u8]) -> (usize, usize) {
    let (mut count, mut depth, mut deepest) = (1, 0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b',' | b':' => count += 1,
            b'[' | b'{' => {
                count += 1;
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    (count, deepest)
}

fn title(body: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(body.get(..4_096).unwrap_or(body)).into_owned();
    let at = start.to_ascii_lowercase().find("<title")?;
    let (_, inside) = start.get(at..)?.split_once('>')?;
    let title: Vec<&str> = inside.split('<').next()?.split_whitespace().collect();
    Some(title.join(" ").chars().take(60).collect())
}

/// Whether the reply says of itself what it must.
pub(super) fn expect(reply: &Value, expected: &[(Path, String)]) -> Result<(), Wrong> {
    for (path, wanted) in expected {
        let found = path.all(reply);
        let said = match found.as_slice() {
            [only] => shown(only),
            [] => "missing".to_owned(),
            _ => "there more than once".to_owned(),
        };
        if said != *wanted {
            let said: String = said.chars().take(60).collect();
            let reason = format!("the system did not succeed: `{path}` is {said}, not {wanted}");
            let remedy = "look at what is asked for: `url`, `body` and the departments in [source.roots]";
            return Err((reason, remedy.to_owned()));
        }
    }
    Ok(())
}

/// The count that `path` leads to.
pub(super) fn number(reply: &Value, path: &Path) -> Result<u64, Wrong> {
    let found = path.all(reply);
    let number = match found.as_slice() {
        [Value::Number(number)] => number.as_u64(),
        [Value::String(text)] => text.trim().parse().ok(),
        _ => None,
    };
    let wrong = || (format!("`{path}` leads to no count"), "correct the path in [source.paging]".to_owned());
    number.ok_or_else(wrong)
}

/// The rows of a reply: how many `rows` leads to, and those that are kept with all below them.
pub(super) fn rows<'v>(reply: &'v Value, rows: &Path, children: Option<&str>, keep: Keep) -> (u64, Vec<At<'v>>) {
    let top = rows.located(reply);
    let count = u64::try_from(top.len()).unwrap_or(u64::MAX);
    let Some(children) = children else { return (count, top) };
    let mut found = Vec::with_capacity(top.len());
    // Depth first and in order; the depth of a reply is limited by its reader.
    let mut ahead: Vec<At<'_>> = top.into_iter().rev().collect();
    while let Some(row) = ahead.pop() {
        let below = row.value.get(children).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let name = member(children);
        let below = below.iter().enumerate();
        let below: Vec<At<'_>> =
            below.map(|(at, value)| At { path: format!("{}{name}[{at}]", row.path), value }).collect();
        if keep == Keep::All || below.is_empty() {
            found.push(row);
        }
        ahead.extend(below.into_iter().rev());
    }
    (count, found)
}

/// The cell that a row has at `path`; `None` where nothing stands there, not even null.
///
/// Null is the empty cell, which says "not reported". A JSON number with a fraction never looks like a count with
/// thousands, whatever the number format of the source's texts is.
pub(super) fn cell(row: &Value, path: &Path) -> Option<String> {
    match path.all(row).as_slice() {
        [] => None,
        [only] => Some(shown(only)),
        more => Some(format!("{} values", more.len())),
    }
}

/// The value as text; null is empty.
pub(in crate::source) fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => {
            let text = number.to_string();
            let fraction = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
            if fraction == 3 { text + "0" } else { text }
        }
        Value::Bool(flag) => flag.to_string(),
        Value::Array(_) => "[…]".to_owned(),
        Value::Object(_) => "{…}".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_says_what_stands_there_and_never_turns_nothing_into_zero() {
        let row = json!({"a": 5, "b": "1.234", "c": null, "d": 1.234, "e": 12.0, "f": [1], "g": true, "m": [1, 2]});
        let at = |path: &str| cell(&row, &Path::parse(path).unwrap());
        let said = ["a", "b", "c", "d", "e", "f", "g", "$.m[*]"].map(|path| at(path).unwrap());
        assert_eq!(said, ["5", "1.234", "", "1.2340", "12.0", "[…]", "true", "2 values"]);
        assert_eq!(at("z"), None);
    }

    #[test]
    fn a_tree_is_walked_in_order_and_leaves_can_be_had_alone() {
        let reply =
            json!({"data": [{"id": 1, "children": [{"id": 2, "children": [{"id": 3}]}, {"id": 4, "children": null}]}]});
        let paths = |keep| {
            let (count, found) = rows(&reply, &Path::parse("$.data[*]").unwrap(), Some("children"), keep);
            assert_eq!(count, 1);
            found.into_iter().map(|row| row.path).collect::<Vec<_>>()
        };
        let all = ["$.data[0]", "$.data[0].children[0]", "$.data[0].children[0].children[0]", "$.data[0].children[1]"];
        assert_eq!(paths(Keep::All), all);
        assert_eq!(paths(Keep::Leaves), [all[2], all[3]]);
    }

    #[test]
    fn what_is_no_json_is_called_by_its_name() {
        let said = |body: &[u8]| parse(body).unwrap_err().0;
        assert_eq!(said(b" \n"), "the answer is empty");
        let page = "<!DOCTYPE html><html><head><title>Đăng nhập\n hệ thống</title>";
        assert_eq!(said(page.as_bytes()), "the answer is a web page (HTML), not JSON, titled `Đăng nhập hệ thống`");
        assert!(said(b"{\"a\":").contains("EOF"));
        assert!(said("[".repeat(100_000).as_bytes()).contains("more than 20 levels deep"));
        assert!(said(format!("[{}0]", "0,".repeat(VALUES)).as_bytes()).contains("more than 1000000 values"));
        assert!(parse(b"\xef\xbb\xbf{\"a\":\",[{\\\"\"}").is_ok());
    }
}
