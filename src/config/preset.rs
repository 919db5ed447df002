//! Lays a preset under the `[[source]]` or `[[channel]]` that names it: what the section does not say itself, the preset
//! says.

use super::tree::{Entry, Node, Origin, Value, entries_of, find};
use crate::channel::PRESETS;
use crate::source::preset;

/// Of two such keys a request has one; the source's own goes before the preset's other.
const EITHER: [(&str, &str); 2] = [("body", "form"), ("form", "body")];
/// Tables that are taken whole or not at all, like everywhere: exactly the measures in one are read.
const WHOLE: [&str; 2] = ["measures", "ratios"];

/// Completes all sources and channels; a name that no preset has is left for the reading to report.
pub(super) fn apply(root: &mut Node) {
    let channel = |name: &str| PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    lay_under(root, "source", preset::text);
    lay_under(root, "channel", channel);
}

fn lay_under(root: &mut Node, list: &str, preset: impl Fn(&str) -> Option<&'static str>) {
    let Value::Table(sections) = &mut root.value else { return };
    let Some(sources) = sections.iter_mut().find(|entry| entry.key == list) else { return };
    let Value::List(sources) = &mut sources.node.value else { return };
    for source in sources {
        let Value::Table(own) = &mut source.value else { continue };
        let Some((name, origin)) = named(own) else { continue };
        if let Some(text) = preset(&name) {
            let mut from = entries_of(text, &origin);
            if table(own, "columns").is_some_and(|columns| find(columns, "measures").is_some()) {
                // Its printed ratios are those of its own measures.
                drop_key(&mut from, "layout", "ratios");
            }
            complete(own, from);
        }
    }
}

fn table<'e>(entries: &'e [Entry], key: &str) -> Option<&'e [Entry]> {
    match &find(entries, key)?.node.value {
        Value::Table(entries) => Some(entries),
        _ => None,
    }
}

fn drop_key(entries: &mut [Entry], within: &str, key: &str) {
    let entry = entries.iter_mut().find(|entry| entry.key == within);
    if let Some(Value::Table(entries)) = entry.map(|entry| &mut entry.node.value) {
        entries.retain(|entry| entry.key != key);
    }
}

fn named(own: &[Entry]) -> Option<(String, Origin)> {
    let node = &find(own, "preset")?.node;
    match &node.value {
        Value::Text(name) | Value::Given(name) => Some((name.clone(), node.origin.clone())),
        _ => None,
    }
}

fn complete(own: &mut Vec<Entry>, from: Vec<Entry>) {
    for entry in from {
        let other = EITHER.iter().find(|(key, _)| *key == entry.key).map(|(_, other)| *other);
        if other.is_some_and(|other| find(own, other).is_some()) {
            continue;
        }
        match own.iter_mut().find(|known| known.key == entry.key) {
            None => own.push(entry),
            Some(known) => {
                if let (Value::Table(known), Value::Table(from)) = (&mut known.node.value, entry.node.value)
                    && !WHOLE.contains(&entry.key.as_str())
                {
                    complete(known, from);
                }
            }
        }
    }
}
