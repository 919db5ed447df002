//! Lays a preset under the `[[source]]` that names it: what the source does not say itself, the preset says.

use super::tree::{Entry, Node, Origin, Value, entries_of, find};
use crate::source::preset;

/// Of two such keys a request has one; the source's own goes before the preset's other.
const EITHER: [(&str, &str); 2] = [("body", "form"), ("form", "body")];
/// A table that is taken whole or not at all, like everywhere: exactly the measures in it are read.
const WHOLE: &str = "measures";

/// Completes all sources; a name that no preset has is left for the reading to report.
pub(super) fn apply(root: &mut Node) {
    let Value::Table(sections) = &mut root.value else { return };
    let Some(sources) = sections.iter_mut().find(|entry| entry.key == "source") else { return };
    let Value::List(sources) = &mut sources.node.value else { return };
    for source in sources {
        let Value::Table(own) = &mut source.value else { continue };
        let Some((name, origin)) = named(own) else { continue };
        if let Some(text) = preset::text(&name) {
            complete(own, entries_of(text, &origin));
        }
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
                    && entry.key != WHOLE
                {
                    complete(known, from);
                }
            }
        }
    }
}
