//! Writes a pack in its canonical form: the same rows give the same bytes, and reading them gives the same rows.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::calendar::CalendarYear;
use super::codes::Codes;
use super::contact::{Contact, Sender};
use super::indicator::{Cause, Definition, Indicator, Measure, WhatIf, Window, versioned};
use super::pack::Pack;
use super::read::TEMPLATES;
use super::read_contacts::CONTACT_COLUMNS;
use super::read_units::{BASIS_COLUMN, SUCCESSION_COLUMNS, UNIT_COLUMNS, UNIT_ID_COLUMN};
use super::target::Target;
use super::unit::{Succession, Unit, Validity};

impl Pack {
    /// Name and text of every file, in canonical form. Optional files appear when they say something.
    pub fn files(&self) -> Vec<(String, String)> {
        let codes = Codes::of(&self.units);
        let mut files = vec![
            ("units.csv".to_owned(), units(&self.units, &codes)),
            ("contacts.csv".to_owned(), contacts(&self.contacts, &codes)),
            ("indicators.toml".to_owned(), joined(&self.indicators, indicator)),
            ("targets.toml".to_owned(), joined(&self.targets, target)),
            ("sender.toml".to_owned(), joined(&self.senders, sender)),
        ];
        if !self.successions.is_empty() {
            files.push(("succession.csv".to_owned(), successions(&self.successions)));
        }
        if !self.calendar.is_empty() {
            files.push(("calendar.toml".to_owned(), joined(&self.calendar, calendar_year)));
        }
        files.extend(self.templates.iter().map(|(name, text)| (format!("{TEMPLATES}/{name}"), text.clone())));
        files
    }
}

fn units(units: &[Unit], codes: &Codes<'_>) -> String {
    let with_id = units.iter().any(|unit| unit.id.as_str() != unit.code);
    let mut text = String::new();
    row(&mut text, UNIT_COLUMNS.iter().copied().chain(with_id.then_some(UNIT_ID_COLUMN)).map(Cow::Borrowed));
    for unit in units {
        let parent = unit.parent.as_ref().map_or("", |parent| codes.code_of(parent, unit.valid));
        let [from, to] = bounds(unit.valid);
        let cells = [
            unit.code.as_str().into(),
            unit.name.as_str().into(),
            unit.kind.word().into(),
            parent.into(),
            from.into(),
            to.into(),
            unit.aliases.join(";").into(),
        ];
        row(&mut text, cells.into_iter().chain(with_id.then_some(unit.id.as_str().into())));
    }
    text
}

/// `contacts.csv`.
pub(super) fn contacts(contacts: &[Contact], codes: &Codes<'_>) -> String {
    let mut text = String::new();
    row(&mut text, CONTACT_COLUMNS.map(Cow::Borrowed));
    for contact in contacts {
        let [from, to] = bounds(contact.valid);
        let cell = |text: &'_ Option<String>| Cow::from(text.clone().unwrap_or_default());
        let cells = [
            codes.code_of(&contact.unit, contact.valid).into(),
            contact.office.word().into(),
            cell(&contact.person),
            contact.title.as_str().into(),
            cell(&contact.email),
            cell(&contact.phone),
            cell(&contact.zalo_user_id),
            from.into(),
            to.into(),
        ];
        row(&mut text, cells);
    }
    text
}

fn successions(successions: &[Succession]) -> String {
    let mut text = String::new();
    let with_basis = successions.iter().any(|succession| !succession.basis.is_empty());
    row(&mut text, SUCCESSION_COLUMNS.iter().copied().chain(with_basis.then_some(BASIS_COLUMN)).map(Cow::Borrowed));
    for succession in successions {
        let cells = [
            succession.predecessor.as_str().into(),
            succession.successor.as_str().into(),
            succession.date.to_string().into(),
            succession.kind.word().into(),
        ];
        row(&mut text, cells.into_iter().chain(with_basis.then_some(succession.basis.as_str().into())));
    }
    text
}

/// `valid_from` and `valid_to` as a cell has them: empty when open.
pub(super) fn bounds(valid: Validity) -> [String; 2] {
    [valid.from, valid.to].map(|day| day.map(|day| day.to_string()).unwrap_or_default())
}

/// One line of CSV; quotation marks only where a cell needs them.
fn row<'c>(text: &mut String, cells: impl IntoIterator<Item = Cow<'c, str>>) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            let _ = write!(text, "\"{}\"", cell.replace('"', "\"\""));
        } else {
            text.push_str(&cell);
        }
    }
    text.push('\n');
}

/// Items one after another, a blank line between.
pub(super) fn joined<T>(items: &[T], write: fn(&T) -> String) -> String {
    items.iter().map(write).collect::<Vec<_>>().join("\n")
}

/// `[[indicator]]` with its causes.
pub(super) fn indicator(indicator: &Indicator) -> String {
    let mut text = String::from("[[indicator]]\n");
    pair(&mut text, "id", indicator.id.as_str());
    let Definition { version, window, basis, also, measures } = &indicator.definition;
    if !version.is_empty() {
        pair(&mut text, "version", version);
    }
    pair(&mut text, "name", &indicator.name);
    pair(&mut text, "short_name", &indicator.short_name);
    pair(&mut text, "kind", indicator.kind.word());
    pair(&mut text, "numerator", indicator.numerator.as_str());
    if !also.is_empty() {
        let _ = writeln!(text, "numerator_also = [{}]", list(also));
    }
    pair(&mut text, "denominator", indicator.denominator.as_str());
    if *window != Window::default() {
        pair(&mut text, "window", window.word());
    }
    if let Some(basis) = basis {
        pair(&mut text, "basis", basis.word());
    }
    if !measures.is_empty() {
        let _ = writeln!(text, "measures = [{}]", list(measures));
    }
    let _ = writeln!(text, "minimum_volume = {}", indicator.minimum_volume);
    pair(&mut text, "counted", &indicator.counted);
    let _ = writeln!(text, "remind_instruction = {}", indicator.remind_instruction);
    for cause in &indicator.causes {
        text.push('\n');
        text.push_str(&self::cause(cause));
    }
    text
}

fn cause(cause: &Cause) -> String {
    let mut text = String::from("[[indicator.cause]]\n");
    pair(&mut text, "id", &cause.id);
    if let Some(when) = &cause.when {
        pair(&mut text, "when", when.text());
    }
    pair(&mut text, "text", &cause.text);
    pair(&mut text, "action", &cause.action);
    pair(&mut text, "role", &cause.role);
    if let Some(WhatIf { count, name }) = &cause.what_if {
        let _ = writeln!(text, "what_if = {{ count = [{}], name = {} }}", list(count), quoted(name));
    }
    text
}

fn list(measures: &[Measure]) -> String {
    measures.iter().map(|measure| quoted(measure.as_str())).collect::<Vec<_>>().join(", ")
}

/// `[[target]]`.
pub(super) fn target(target: &Target) -> String {
    let mut text = String::from("[[target]]\n");
    pair(&mut text, "id", target.id.as_str());
    pair(&mut text, "indicator", &versioned(&target.indicator, &target.version));
    pair(&mut text, "name", &target.name);
    pair(&mut text, "demand", target.demand.word());
    pair(&mut text, "scope", &target.scope.to_string());
    pair(&mut text, "comparator", target.comparator.word());
    pair(&mut text, "value", &target.value.to_string());
    let _ = writeln!(text, "from_month = {}", target.from_month);
    if target.pro_rated {
        text.push_str("pro_rated = true\n");
    }
    validity(&mut text, target.valid);
    pair(&mut text, "basis_number", &target.basis.number);
    if let Some(date) = target.basis.date {
        pair(&mut text, "basis_date", &date.to_string());
    }
    pair(&mut text, "basis_issuer", &target.basis.issuer);
    text
}

/// `[[sender]]`.
pub(super) fn sender(sender: &Sender) -> String {
    let mut text = String::from("[[sender]]\n");
    pair(&mut text, "name", &sender.name);
    pair(&mut text, "sms_name", &sender.sms_name);
    pair(&mut text, "occasion", &sender.occasion);
    validity(&mut text, sender.valid);
    text
}

/// `[[year]]`.
pub(super) fn calendar_year(year: &CalendarYear) -> String {
    let list =
        |days: &[chrono::NaiveDate]| days.iter().map(|day| quoted(&day.to_string())).collect::<Vec<_>>().join(", ");
    let mut text = format!("[[year]]\nyear = {}\n", year.year);
    if !year.source.is_empty() {
        pair(&mut text, "source", &year.source);
    }
    for (key, days) in [("tet", &year.tet), ("national_day", &year.national_day)] {
        if !days.is_empty() {
            let _ = writeln!(text, "{key} = [{}]", list(days));
        }
    }
    let _ = writeln!(text, "days_off = [{}]\nmake_up_days = [{}]", list(&year.days_off), list(&year.make_up_days));
    text
}

fn validity(text: &mut String, valid: Validity) {
    for (key, day) in [("valid_from", valid.from), ("valid_to", valid.to)] {
        if let Some(day) = day {
            pair(text, key, &day.to_string());
        }
    }
}

fn pair(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {}", quoted(value));
}

/// A basic string of TOML.
fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            c if c.is_ascii_control() => {
                let _ = write!(text, "\\u{:04X}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_only_where_needed() {
        let mut text = String::new();
        row(&mut text, ["a", "Sở \"A\"", "b, c", "", "= d "].map(Cow::Borrowed));
        assert_eq!(text, "a,\"Sở \"\"A\"\"\",\"b, c\",,= d \n");
    }

    #[test]
    fn strings_are_what_a_toml_reader_reads_back() {
        for value in ["Kế hoạch 1780/KH-BCĐCĐS", "a \"b\" \\ 'c'", "\u{7f}\n\t", ""] {
            let document: toml::Table = format!("key = {}", quoted(value)).parse().unwrap();
            assert_eq!(document["key"].as_str(), Some(value));
        }
    }
}
