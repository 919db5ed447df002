//! Environment variables laid over the file: `DONDOC__SECTION__KEY`, and `…_FILE` for the content of a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::problem::Problem;
use super::reading::read_secret;
use super::tree::{Entry, Node, Origin, Value, find, parse_value};

/// What every variable that overrides a key begins with.
const PREFIX: &str = "DONDOC__";
/// The sections that are lists; their items are called by name.
const LISTS: [&str; 3] = ["source", "channel", "schedule"];
/// A key of the file that ends like the mark of a variable whose value is in a file.
const OWN_FILE_KEYS: [&str; 1] = ["ca_file"];

/// The variables that the configuration may read: `DONDOC…` and systemd's folder of credentials.
///
/// The one place that reads the environment.
pub fn environment() -> Vec<(String, String)> {
    let ours = |name: &str| name.to_ascii_uppercase().starts_with("DONDOC") || name == "CREDENTIALS_DIRECTORY";
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
    };
    std::env::vars_os().map(text).filter(|(name, _)| ours(name)).collect()
}

/// Who the operating system says works here, if it says so.
pub fn user() -> Option<String> {
    let named = |variable: &str| {
        let name = std::env::var_os(variable)?.to_string_lossy().trim().to_owned();
        (!name.is_empty()).then_some(name)
    };
    ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(named)
}

/// Lays the variables over `root`; a problem names the variable.
pub(super) fn apply(root: &mut Node, environment: &[(String, String)], folder: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut variables: BTreeMap<Vec<String>, &str> = BTreeMap::new();
    let mut sorted: Vec<_> = environment.iter().filter(|(name, _)| is_ours(name)).collect();
    sorted.sort();
    for (name, text) in sorted {
        let (path, from_file) = target(name);
        if let Some(other) = variables.insert(path.clone(), name) {
            let message = format!("{name}: {other} speaks of the same key");
            problems.push(Problem::error("duplicate_variable", message, "unset one of the two variables"));
            continue;
        }
        let origin = Origin::Variable(Arc::from(name.as_str()));
        let laid = value(text, from_file, &origin, (folder, environment))
            .and_then(|value| set(root, &path, Node { value, origin: origin.clone() }));
        if let Err((code, what, hint)) = laid {
            problems.push(Problem::error(code, format!("{name}: {what}"), hint));
        }
    }
    problems
}

type Refused = (&'static str, String, String);

fn is_ours(name: &str) -> bool {
    name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// The key that a variable speaks of, and whether its value is in a file.
fn target(name: &str) -> (Vec<String>, bool) {
    let path = name.get(PREFIX.len()..).unwrap_or_default().to_lowercase();
    let mut path: Vec<String> = path.split("__").map(str::to_owned).collect();
    let last = path.last().cloned().unwrap_or_default();
    let own = OWN_FILE_KEYS.contains(&last.as_str());
    let Some(key) = last.strip_suffix("_file").filter(|key| !own && !key.is_empty()) else { return (path, false) };
    path.pop();
    path.push(key.to_owned());
    (path, true)
}

fn value(
    text: &str,
    from_file: bool,
    origin: &Origin,
    surroundings: (&Path, &[(String, String)]),
) -> Result<Value, Refused> {
    if from_file {
        let (folder, environment) = surroundings;
        let read: Result<(PathBuf, String), _> = read_secret(text, folder, environment);
        let (path, content) = read.map_err(|(what, hint)| ("unreadable_file", what, hint))?;
        return Ok(Value::Content(content, path));
    }
    match parse_value(text, origin).map(|node| node.value) {
        Some(value @ (Value::List(_) | Value::Table(_))) => Ok(value),
        _ => Ok(Value::Given(text.to_owned())),
    }
}

fn set(node: &mut Node, path: &[String], new: Node) -> Result<(), Refused> {
    let Some((key, rest)) = path.split_first() else {
        *node = new;
        return Ok(());
    };
    if key.is_empty() {
        let hint = "write DONDOC__SECTION__KEY, for example DONDOC__DATABASE__URL";
        return Err(("unknown_key", "names no key".to_owned(), hint.to_owned()));
    }
    match &mut node.value {
        Value::Table(entries) => set(entry(entries, key, &new.origin, rest.is_empty()), rest, new),
        Value::List(items) => set(named(items, key)?, rest, new),
        _ => {
            let hint = "write DONDOC__SECTION__KEY, with the keys that the shipped config.toml explains";
            Err(("unknown_key", format!("there is nothing called `{key}` there"), hint.to_owned()))
        }
    }
}

/// The entry `key`, made where it is missing; a value that is replaced takes the file that held it along.
fn entry<'t>(entries: &'t mut Vec<Entry>, key: &str, origin: &Origin, last: bool) -> &'t mut Node {
    if last {
        let in_file = format!("{key}_file");
        entries.retain(|entry| entry.key != in_file);
    }
    let at = entries.iter().position(|entry| entry.key == key).unwrap_or_else(|| {
        let value = if LISTS.contains(&key) && !last { Value::List(Vec::new()) } else { Value::Table(Vec::new()) };
        let node = Node { value, origin: origin.clone() };
        entries.push(Entry { key: key.to_owned(), origin: origin.clone(), node });
        entries.len() - 1
    });
    let entry = entries.get_mut(at).expect("the entry was just found or added");
    if last {
        entry.origin = origin.clone();
    }
    &mut entry.node
}

/// The item whose `name` is spelt like `key`, capitals and marks aside.
fn named<'t>(items: &'t mut [Node], key: &str) -> Result<&'t mut Node, Refused> {
    let names: Vec<String> = items.iter().map(|item| name_of(item).unwrap_or_default()).collect();
    let at = names.iter().position(|name| spelt(name) == spelt(key));
    if let Some(item) = at.and_then(|at| items.get_mut(at)) {
        return Ok(item);
    }
    let hint = if names.is_empty() { "there is none yet".to_owned() } else { names.join(", ") };
    let what = format!("nothing in that list is called `{key}`");
    Err(("unknown_key", what, format!("use a `name` that the file gives: {hint}")))
}

fn name_of(item: &Node) -> Option<String> {
    let Value::Table(entries) = &item.value else { return None };
    match &find(entries, "name")?.node.value {
        Value::Text(name) => Some(name.clone()),
        _ => None,
    }
}

fn spelt(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}
