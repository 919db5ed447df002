//! Items of a pack's TOML files with their places: all syntax errors and all wrong values at once.

use std::fmt::Display;
use std::ops::{Range, RangeInclusive};

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::finding::{Findings, nearest};
use super::read_text::{clean, date, date_hint, refused_character};
use super::target::BasisPoints;
use super::unit::Validity;

type Value<'d> = Spanned<DeValue<'d>>;

/// Reads every `[[name]]` of a TOML file with `read`, which gives `None` for an item that means nothing.
pub(super) fn read_items<'a, T>(
    file: &'a str,
    text: &'a str,
    name: &str,
    mut read: impl FnMut(&mut Fields<'_, '_>) -> Option<T>,
) -> (Vec<T>, Findings<'a>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut findings = Findings::new(file, text);
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut root = Fields::of(document.get_ref(), 0, &mut findings, !errors.is_empty());
    let items = root.items(name, &mut read);
    root.refuse_unknown_keys();
    let at = |span: Option<Range<usize>>| span.map_or(0, |span| span.start);
    let broken: Vec<u64> = errors.iter().map(|error| findings.line(at(error.span()))).collect();
    findings.forget_lines(&broken);
    for error in &errors {
        let message = format!("not TOML: {}", error.message());
        findings.add(
            at(error.span()),
            message,
            "compare the line with its neighbours: `key = \"text\"`, one key a line",
        );
    }
    (items, findings)
}

/// The keys of one item: every value that is not as it should be becomes a problem.
#[derive(Debug)]
pub(super) struct Fields<'r, 'a> {
    table: &'r DeTable<'r>,
    at: usize,
    findings: &'r mut Findings<'a>,
    /// Syntax errors were found: a missing key may just not have been understood.
    broken: bool,
    asked: Vec<&'r str>,
}

impl<'r, 'a> Fields<'r, 'a> {
    fn of(table: &'r DeTable<'r>, at: usize, findings: &'r mut Findings<'a>, broken: bool) -> Self {
        Self { table, at, findings, broken, asked: Vec::new() }
    }

    /// Adds a problem at a key's value, or at the item when it has no such key.
    pub(super) fn wrong(&mut self, key: &str, message: impl Into<String>, hint: impl Into<String>) {
        let at = self.offset(key);
        self.findings.add(at, message, hint);
    }

    /// Gives the problem that was added last its code.
    pub(super) fn call_last(&mut self, code: &'static str) {
        self.findings.call_last(code);
    }

    /// Adds a problem at a place kept from [`offset`](Self::offset).
    pub(super) fn wrong_at(&mut self, at: usize, message: impl Into<String>, hint: impl Into<String>) {
        self.findings.add(at, message, hint);
    }

    /// Where a key's value begins, or the item when it has no such key.
    pub(super) fn offset(&self, key: &str) -> usize {
        self.table.get(key).map_or(self.at, |value| value.span().start)
    }

    /// 1-based line of the item.
    pub(super) fn line(&self) -> u64 {
        self.findings.line(self.at)
    }

    /// Where the byte `within` a key's text stands; where the value begins, when the file writes the text otherwise.
    pub(super) fn offset_within(&self, key: &str, text: &str, within: usize) -> usize {
        let start = self.offset(key);
        let as_written = self.findings.text().get(start + 1..).is_some_and(|rest| rest.starts_with(text));
        if as_written { start + 1 + within } else { start }
    }

    /// Whether the item has a table under this key.
    pub(super) fn has_table(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(|value| value.get_ref().is_table())
    }

    /// Whether the item has this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn value(&mut self, key: &'r str) -> Option<&'r Value<'r>> {
        self.asked.push(key);
        self.table.get(key)
    }

    fn required_value(&mut self, key: &'r str, example: &str) -> Option<&'r Value<'r>> {
        let value = self.value(key);
        if value.is_none() && !self.broken {
            self.wrong(key, format!("`{key}` is missing"), format!("add the line `{key} = {example}`"));
        }
        value
    }

    fn wrong_type(&mut self, key: &str, found: &DeValue<'_>, wanted: &str, example: impl Display) {
        let message = format!("`{key}` must be {wanted}, not {}", found.type_str());
        self.wrong(key, message, format!("write `{key} = {example}`"));
    }

    fn text_of(&mut self, key: &str, value: &Value<'_>) -> Option<String> {
        let Some(raw) = value.get_ref().as_str() else {
            self.wrong_type(key, value.get_ref(), "a text in quotation marks", "\"…\"");
            return None;
        };
        match clean(raw) {
            Ok(text) => Some(text),
            Err(refused) => {
                let (message, hint) = refused_character(refused);
                self.wrong(key, format!("{key}: {message}"), hint);
                self.call_last("text");
                None
            }
        }
    }

    /// A text that must be there and say something.
    pub(super) fn text(&mut self, key: &'r str) -> Option<String> {
        let value = self.required_value(key, "\"…\"")?;
        let text = self.text_of(key, value)?;
        if text.trim().is_empty() {
            self.wrong(key, format!("`{key}` is empty"), format!("write the {key}"));
            return None;
        }
        Some(text)
    }

    /// A text without blanks that serves as a name in files and keys.
    pub(super) fn name(&mut self, key: &'r str) -> Option<String> {
        let text = self.text(key)?;
        if text.contains(char::is_whitespace) {
            self.wrong(key, format!("{key}: `{text}` has a blank in it"), "write it without blanks");
        }
        Some(text)
    }

    /// A name that may be absent.
    pub(super) fn optional_name(&mut self, key: &'r str) -> Option<String> {
        self.asked.push(key);
        if self.has(key) { self.name(key) } else { None }
    }

    /// A list of names, which may be absent.
    pub(super) fn names(&mut self, key: &'r str) -> Vec<String> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(values) = value.get_ref().as_array() else {
            self.wrong_type(key, value.get_ref(), "a list of names", "[\"…\"]");
            return Vec::new();
        };
        values.iter().filter_map(|value| self.text_of(key, value)).collect()
    }

    /// A word, one of `words`, which may be absent.
    pub(super) fn optional_word<T: Copy>(&mut self, key: &'r str, words: &[(&'static str, T)]) -> Option<T> {
        self.asked.push(key);
        if self.has(key) { self.word(key, words) } else { None }
    }

    /// A date that may be absent.
    pub(super) fn optional_date(&mut self, key: &'r str) -> Option<NaiveDate> {
        let value = self.value(key)?;
        self.date_of(key, value)
    }

    /// A word, one of `words`.
    pub(super) fn word<T: Copy>(&mut self, key: &'r str, words: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.wrong(key, format!("unknown {key} `{text}`"), super::finding::one_of(&text, &known));
        }
        found
    }

    /// A whole number within `range`.
    pub(super) fn number(&mut self, key: &'r str, range: &RangeInclusive<u64>) -> Option<u64> {
        let value = self.required_value(key, &range.start().to_string())?;
        let Some(integer) = value.get_ref().as_integer() else {
            self.wrong_type(key, value.get_ref(), "a whole number", range.start());
            return None;
        };
        let number =
            u64::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|number| range.contains(number));
        if number.is_none() {
            let limits = match *range.end() {
                u64::MAX => format!("{} or more", range.start()),
                end => format!("from {} to {end}", range.start()),
            };
            self.wrong(key, format!("{key}: {integer} is out of range"), format!("write a whole number {limits}"));
        }
        number
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'r str) -> Option<bool> {
        let value = self.required_value(key, "false")?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(key, value.get_ref(), "true or false", "false");
        }
        flag
    }

    /// `true` or `false`, which may be absent.
    pub(super) fn optional_flag(&mut self, key: &'r str) -> Option<bool> {
        self.asked.push(key);
        if self.has(key) { self.flag(key) } else { None }
    }

    /// A percentage from 0 to 100 with at most two decimals, in quotation marks or bare.
    pub(super) fn percent(&mut self, key: &'r str) -> Option<BasisPoints> {
        let value = self.required_value(key, "\"50\"")?;
        let written = match value.get_ref() {
            DeValue::Integer(integer) => integer.to_string(),
            DeValue::Float(float) => float.to_string(),
            _ => self.text_of(key, value)?,
        };
        let points = written.parse().ok();
        if points.is_none() {
            let hint =
                "write a percentage from 0 to 100 with a point and at most two decimals, without the sign: \"37.5\"";
            self.wrong(key, format!("{key}: `{written}` is not a percentage from 0 to 100"), hint);
        }
        points
    }

    fn date_of(&mut self, key: &str, value: &Value<'_>) -> Option<NaiveDate> {
        let written = match value.get_ref() {
            DeValue::Datetime(datetime) => datetime.to_string(),
            _ => self.text_of(key, value)?,
        };
        let date = date(&written);
        if date.is_none() {
            self.findings.add(value.span().start, format!("{key}: `{written}` is not a date"), date_hint(&written));
        }
        date
    }

    /// A text that may be absent.
    pub(super) fn optional_text(&mut self, key: &'r str) -> Option<String> {
        self.asked.push(key);
        if self.has(key) { self.text(key) } else { None }
    }

    /// A list of dates that may be absent.
    pub(super) fn optional_dates(&mut self, key: &'r str) -> Vec<(usize, NaiveDate)> {
        self.asked.push(key);
        if self.has(key) { self.dates(key).unwrap_or_default() } else { Vec::new() }
    }

    /// A list of dates that must be there, empty or not.
    pub(super) fn dates(&mut self, key: &'r str) -> Option<Vec<(usize, NaiveDate)>> {
        let value = self.required_value(key, "[]")?;
        let Some(values) = value.get_ref().as_array() else {
            self.wrong_type(key, value.get_ref(), "a list of dates", "[\"2022-10-31\"]");
            return None;
        };
        Some(values.iter().filter_map(|value| Some((value.span().start, self.date_of(key, value)?))).collect())
    }

    /// `valid_from` and `valid_to`, both optional; `None` when they cannot be relied on.
    pub(super) fn validity(&mut self) -> Option<Validity> {
        let mut bound = |key: &'r str| match self.value(key) {
            None => Some(None),
            Some(value) => self.date_of(key, value).map(Some),
        };
        let (from, to) = (bound("valid_from"), bound("valid_to"));
        let valid = Validity { from: from?, to: to? };
        if let (Some(from), Some(to)) = (valid.from, valid.to)
            && from > to
        {
            let hint = "let it end on or after the day on which it begins";
            self.wrong("valid_to", format!("it ends ({to}) before it begins ({from})"), hint);
            return None;
        }
        Some(valid)
    }

    /// Reads every item of the list of tables `key`, which may be absent.
    pub(super) fn items<T>(&mut self, key: &'r str, read: &mut impl FnMut(&mut Fields<'_, '_>) -> Option<T>) -> Vec<T> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Some(values) = value.get_ref().as_array() else {
            self.wrong(
                key,
                format!("`{key}` must be a list of tables"),
                format!("begin each item by the line [[{key}]]"),
            );
            return Vec::new();
        };
        values.iter().filter_map(|value| self.inner(key, value, read)).collect()
    }

    /// Reads the table `key`, which may be absent.
    pub(super) fn table<T>(
        &mut self,
        key: &'r str,
        read: &mut impl FnMut(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        self.inner(key, value, read)
    }

    fn inner<T>(
        &mut self,
        key: &str,
        value: &Value<'_>,
        read: &mut impl FnMut(&mut Fields<'_, '_>) -> Option<T>,
    ) -> Option<T> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(key, value.get_ref(), "a table", "{ … }");
            return None;
        };
        let mut fields = Fields::of(table, value.span().start, self.findings, self.broken);
        let item = read(&mut fields);
        fields.refuse_unknown_keys();
        item
    }

    /// Whatever was never asked for is a mistake of spelling or of place.
    fn refuse_unknown_keys(&mut self) {
        for (key, value) in self.table {
            let name = key.get_ref().as_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let hint = match nearest(name, self.asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("remove it; known here: {}", self.asked.join(", ")),
            };
            let at = key.span().start.min(value.span().start);
            self.findings.add(at, format!("unknown key `{name}`"), hint);
        }
    }
}
