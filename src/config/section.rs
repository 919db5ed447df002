//! A table of the configuration, asked key by key. Wrong answers are reported and the default goes on, so that one
//! reading finds every problem.

use std::any::Any;
use std::cell::RefCell;
use std::ops::RangeInclusive;

use secrecy::SecretString;

use super::problem::Problem;
use super::reading::Reading;
use super::shown::Usual;
use super::tree::{Entry, Node, Origin, Value, find, parse_value};
use super::value::Wrong;

/// One table.
pub(super) struct Section<'t> {
    pub(super) reading: &'t Reading<'t>,
    entries: &'t [Entry],
    origin: Origin,
    /// `channel.mail`, for people.
    path: String,
    /// `channel[0]`, one of a kind.
    exact: String,
    /// `channel`, the same for all of them.
    pattern: String,
    asked: RefCell<Vec<&'static str>>,
}

impl<'t> Section<'t> {
    /// The whole file.
    pub(super) fn root(reading: &'t Reading<'t>, root: &'t Node) -> Self {
        let entries = if let Value::Table(entries) = &root.value { entries.as_slice() } else { &[] };
        Self::new(reading, entries, root.origin.clone(), [String::new(), String::new(), String::new()])
    }

    fn new(reading: &'t Reading<'t>, entries: &'t [Entry], origin: Origin, names: [String; 3]) -> Self {
        let [path, exact, pattern] = names;
        Self { reading, entries, origin, path, exact, pattern, asked: RefCell::default() }
    }

    /// The key's name for people: `server.listen`.
    pub(super) fn name(&self, key: &str) -> String {
        join(&self.path, key)
    }

    fn get(&self, key: &'static str) -> Option<&'t Node> {
        if !self.asked.borrow().contains(&key) {
            self.asked.borrow_mut().push(key);
        }
        self.reading.note_asked(join(&self.pattern, key));
        let node = &find(self.entries, key)?.node;
        self.reading.note_found(join(&self.exact, key), &node.origin);
        Some(node)
    }

    pub(super) fn report(&self, origin: &Origin, code: &'static str, message: String, hint: &str) {
        self.reading.report(origin, Problem::error(code, message, hint));
    }

    /// Reports something about `key`, at its value where it has one.
    pub(super) fn report_key(&self, key: &str, code: &'static str, what: &str, hint: &str) {
        let origin = find(self.entries, key).map_or(&self.origin, |entry| &entry.node.origin);
        self.report(origin, code, format!("`{}` {what}", self.name(key)), hint);
    }

    fn wrong_type(&self, node: &Node, key: &str, wanted: &str, example: &str) {
        let message = format!("`{}` must be {wanted}, not {}", self.name(key), node.value.kind());
        self.report(&node.origin, "wrong_type", message, &format!("write it like this: {example}"));
    }

    fn as_text(&self, node: &Node, key: &str, example: &str) -> Option<String> {
        match &node.value {
            Value::Text(text) | Value::Content(text, _) => Some(text.clone()),
            Value::Given(text) => match parse_value(text, &node.origin).map(|node| node.value) {
                Some(Value::Text(inner)) => Some(inner),
                _ => Some(text.clone()),
            },
            _ => {
                self.wrong_type(node, key, "a text in quotation marks", example);
                None
            }
        }
    }

    fn parsed<T>(&self, node: &Node, key: &str, parse: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<T> {
        let text = self.as_text(node, key, &format!("{key} = \"…\""))?;
        self.understood(node, key, &text, parse)
    }

    fn understood<T>(
        &self,
        node: &Node,
        key: &str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let wrong = match parse(text) {
            Ok(value) => return Some(value),
            Err(wrong) => wrong,
        };
        self.report(&node.origin, "bad_value", format!("`{}`: {}", self.name(key), wrong.what), &wrong.hint);
        None
    }

    /// A text that `parse` understands; `default` where the key is absent or wrong.
    pub(super) fn value<T: Any>(
        &self,
        key: &'static str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> T {
        self.usually(key, Usual::of(&default));
        self.get(key).and_then(|node| self.parsed(node, key, parse)).unwrap_or(default)
    }

    /// A text that `parse` understands, if the key is there.
    pub(super) fn optional<T>(&self, key: &'static str, parse: impl FnOnce(&str) -> Result<T, Wrong>) -> Option<T> {
        self.usually(key, Usual::Nothing);
        self.get(key).and_then(|node| self.parsed(node, key, parse))
    }

    /// A text that must be there; `example` shows how.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        example: &str,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        if let Some(node) = self.get(key) {
            return self.parsed(node, key, parse);
        }
        self.report(
            &self.origin,
            "missing_key",
            format!("`{}` is missing", self.name(key)),
            &format!("add: {example}"),
        );
        None
    }

    /// A whole number within `range`.
    pub(super) fn number(&self, key: &'static str, default: u64, range: RangeInclusive<u64>) -> u64 {
        self.usually(key, Usual::Text(default.to_string()));
        let Some(node) = self.get(key) else { return default };
        let Value::Integer(number) = scalar(node) else {
            self.wrong_type(node, key, "a whole number without quotation marks", &format!("{key} = {default}"));
            return default;
        };
        let inside = number.and_then(|number| u64::try_from(number).ok()).filter(|number| range.contains(number));
        if inside.is_none() {
            let what = format!("`{}` must lie between {} and {}", self.name(key), range.start(), range.end());
            self.report(&node.origin, "bad_value", what, &format!("write it like this: {key} = {default}"));
        }
        inside.unwrap_or(default)
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &'static str, default: bool) -> bool {
        self.usually(key, Usual::Text(default.to_string()));
        let Some(node) = self.get(key) else { return default };
        if let Value::Boolean(flag) = scalar(node) {
            return flag;
        }
        self.wrong_type(node, key, "true or false without quotation marks", &format!("{key} = {default}"));
        default
    }

    /// A list of texts that `parse` understands.
    pub(super) fn list<T>(
        &self,
        key: &'static str,
        default: Vec<T>,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Vec<T> {
        self.usually(key, if default.is_empty() { Usual::Nothing } else { Usual::OwnWay });
        let Some(node) = self.get(key) else { return default };
        let example = format!("{key} = [\"…\", \"…\"]");
        let Value::List(items) = &node.value else {
            self.wrong_type(node, key, "a list of texts", &example);
            return default;
        };
        let item = |item: &Node| self.understood(item, key, &self.as_text(item, key, &example)?, &parse);
        items.iter().filter_map(item).collect()
    }

    /// A secret that stands in the file, in a variable, or in a file that `file_key` names. Its value never shows.
    pub(super) fn secret(&self, key: &'static str, file_key: &'static str) -> Option<SecretString> {
        let (literal, file) = (self.get(key), self.get(file_key));
        self.usually(file_key, Usual::Nothing);
        let from = file.filter(|_| literal.is_none()).and_then(|node| self.as_text(node, file_key, ""));
        let from = from.map(|name| self.reading.path_of_secret(&name));
        self.usually(key, from.map_or(Usual::Nothing, Usual::SecretIn));
        if literal.is_some() && file.is_some() {
            let what = format!("and `{}` are both given", self.name(file_key));
            self.report_key(key, "bad_value", &what, "keep one of the two, better the file");
        }
        if let Some(node) = literal {
            if let Value::Content(_, path) = &node.value {
                self.reading.note_secret_file(join(&self.exact, key), path.clone());
            } else if matches!(node.origin, Origin::File(_)) {
                self.reading.note_literal_secret(join(&self.exact, key));
            }
            return self.parsed(node, key, super::value::filled).map(SecretString::from);
        }
        let name = self.parsed(file?, file_key, super::value::filled)?;
        match self.reading.secret_file(&name) {
            Ok((path, secret)) => {
                self.reading.note_secret_file(join(&self.exact, file_key), path);
                Some(SecretString::from(secret))
            }
            Err((what, hint)) => {
                let message = format!("`{}`: {what}", self.name(file_key));
                self.report(&file?.origin, "unreadable_file", message, &hint);
                None
            }
        }
    }

    /// The secret in `file`, which the user's own `key` names. Its value never shows.
    pub(super) fn secret_of(&self, key: &str, file: &str) -> Option<SecretString> {
        match self.reading.secret_file(file) {
            Ok((path, secret)) => {
                self.reading.note_secret_file(join(&self.exact, key), path);
                Some(SecretString::from(secret))
            }
            Err((what, hint)) => {
                self.report_key(key, "unreadable_file", &format!(": {what}"), &hint);
                None
            }
        }
    }

    /// Notes what holds for `key` where nobody gives it.
    fn usually(&self, key: &str, usual: Usual) {
        self.reading.note_usual(join(&self.exact, key), usual);
    }

    /// The table `key`; an absent one has no keys, so every default holds.
    pub(super) fn section(&self, key: &'static str) -> Section<'t> {
        let names = [self.name(key), join(&self.exact, key), join(&self.pattern, key)];
        let Some(node) = self.get(key) else { return Self::new(self.reading, &[], self.origin.clone(), names) };
        let entries = if let Value::Table(entries) = &node.value {
            entries.as_slice()
        } else {
            self.wrong_type(node, key, "a section", &format!("[{}]", self.name(key)));
            &[]
        };
        Self::new(self.reading, entries, node.origin.clone(), names)
    }

    /// The tables `[[key]]`, in order; `None` when there is none, nothing when there is something else.
    pub(super) fn sections(&self, key: &'static str) -> Option<Vec<Section<'t>>> {
        let node = self.get(key)?;
        let Value::List(items) = &node.value else {
            let key = self.name(key);
            let message = format!("`{key}` must be a list of sections, not {}", node.value.kind());
            self.report(
                &node.origin,
                "wrong_type",
                message,
                &format!("write [[{key}]] with two brackets on each side"),
            );
            return Some(Vec::new());
        };
        if items.is_empty() {
            return None;
        }
        let section = |(at, item): (usize, &'t Node)| {
            let Value::Table(entries) = &item.value else {
                self.wrong_type(item, key, "a list of sections", &format!("[[{key}]]"));
                return None;
            };
            let name = match find(entries, "name").map(|entry| &entry.node.value) {
                Some(Value::Text(name) | Value::Given(name)) if !name.is_empty() => format!("{key}.{name}"),
                _ => format!("{key}[{}]", at + 1),
            };
            let exact = join(&self.exact, &format!("{key}[{at}]"));
            self.reading.note_found(exact.clone(), &item.origin);
            let names = [join(&self.path, &name), exact, join(&self.pattern, key)];
            Some(Self::new(self.reading, entries, item.origin.clone(), names))
        };
        Some(items.iter().enumerate().filter_map(section).collect())
    }

    /// Every key with its text, for a table whose keys are the user's own.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        self.reading.note_asked(join(&self.pattern, "*"));
        let pair = |entry: &Entry| {
            let header = self.parsed(&entry.node, &entry.key, super::value::filled)?;
            Some((entry.key.clone(), header))
        };
        self.entries.iter().filter_map(pair).collect()
    }

    /// The same, each understood by `parse`; a wrong one is reported and left out.
    pub(super) fn each<T>(&self, parse: impl Fn(&str) -> Result<T, Wrong>) -> Vec<(String, T)> {
        let mut read = Vec::new();
        for (key, text) in self.pairs() {
            match parse(&text) {
                Ok(value) => read.push((key, value)),
                Err(wrong) => self.report_key(&key, "bad_value", &format!("is wrong: {}", wrong.what), &wrong.hint),
            }
        }
        read
    }

    /// Whether the table has any key.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether `key` was given, well or badly.
    pub(super) fn has(&self, key: &str) -> bool {
        find(self.entries, key).is_some()
    }

    /// Remembers that the file itself holds a password, when the URL at `key` has one.
    pub(super) fn note_password_in_url(&self, key: &str, url: &str) {
        let in_file = find(self.entries, key).is_some_and(|entry| {
            matches!(entry.node.origin, Origin::File(_)) && !matches!(entry.node.value, Value::Content(..))
        });
        if in_file && super::address::holds_password(url) {
            self.reading.note_literal_secret(join(&self.exact, key));
        }
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        for entry in self.entries.iter().filter(|entry| !asked.contains(&entry.key.as_str())) {
            self.reading.note_unknown(&entry.origin, &self.path, &entry.key, asked.clone());
        }
    }
}

/// The value, where a variable's text is read as the TOML it is.
fn scalar(node: &Node) -> Value {
    match &node.value {
        Value::Given(text) | Value::Content(text, _) => {
            parse_value(text, &node.origin).map_or_else(|| node.value.clone(), |node| node.value)
        }
        value => value.clone(),
    }
}

fn join(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}
