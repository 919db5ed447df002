//! The configuration as a tree in which every value knows where it came from.

use std::path::PathBuf;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::problem::Problem;

/// A value and its origin.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// What stands there. No `Debug`: it may be a secret.
#[derive(Clone)]
pub(super) enum Value {
    Text(String),
    Integer(Option<i64>),
    Boolean(bool),
    List(Vec<Node>),
    Table(Vec<Entry>),
    /// The text of an environment variable; what it means depends on the key.
    Given(String),
    /// The content of a file that a variable names; taken word for word where a text is wanted.
    Content(String, PathBuf),
    /// A type that no key wants, in words.
    Foreign(&'static str),
}

/// A key with its value.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) origin: Origin,
    pub(super) node: Node,
}

/// Where a key or value came from.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// Byte offset in the file.
    File(usize),
    /// Name of an environment variable.
    Variable(Arc<str>),
}

/// Reads TOML as far as it can be read, with every syntax error and its byte offset.
pub(super) fn parse(text: &str) -> (Node, Vec<(usize, Problem)>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let root = Node { value: Value::Table(entries(table.get_ref(), &Origin::File)), origin: Origin::File(0) };
    let errors = errors.iter().map(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let message = format!("this is not TOML: {}", error.message());
        let hint = if error.message().starts_with("duplicate key") {
            "a key or [section] may stand only once; remove one of the two"
        } else {
            "write `key = value`, texts in quotation marks: name = \"province\""
        };
        (offset, Problem::error("syntax", message, hint))
    });
    (root, errors.collect())
}

/// Reads one TOML value out of an environment variable.
pub(super) fn parse_value(text: &str, origin: &Origin) -> Option<Node> {
    let value = DeValue::parse(text.trim()).ok()?;
    Some(node(&value, &|_| origin.clone()))
}

/// The keys of a TOML text of our own, all of which stand at `origin`.
pub(super) fn entries_of(text: &str, origin: &Origin) -> Vec<Entry> {
    let (table, _) = DeTable::parse_recoverable(text);
    entries(table.get_ref(), &|_| origin.clone())
}

fn entries(table: &DeTable<'_>, origin: &dyn Fn(usize) -> Origin) -> Vec<Entry> {
    let entry = |(key, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| Entry {
        key: key.get_ref().to_string(),
        origin: origin(key.span().start),
        node: node(value, origin),
    };
    table.iter().map(entry).collect()
}

fn node(value: &Spanned<DeValue<'_>>, origin: &dyn Fn(usize) -> Origin) -> Node {
    Node { value: value_of(value.get_ref(), origin), origin: origin(value.span().start) }
}

fn value_of(value: &DeValue<'_>, origin: &dyn Fn(usize) -> Origin) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()),
        DeValue::Boolean(flag) => Value::Boolean(*flag),
        DeValue::Float(_) => Value::Foreign("a number with a fraction"),
        DeValue::Datetime(_) => Value::Foreign("a date or time"),
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item, origin)).collect()),
        DeValue::Table(table) => Value::Table(entries(table, origin)),
    }
}

impl Value {
    /// Its type in words.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Given(_) | Self::Content(..) => "a text",
            Self::Integer(_) => "a number",
            Self::Boolean(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Foreign(kind) => kind,
        }
    }
}

/// The entry called `key`.
pub(super) fn find<'t>(entries: &'t [Entry], key: &str) -> Option<&'t Entry> {
    entries.iter().find(|entry| entry.key == key)
}
