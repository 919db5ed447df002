//! Finds the mapped columns in a header.

use unicode_normalization::UnicodeNormalization as _;

use super::{FetchError, Settings, Table};

/// How many headers an error lists.
const LISTED: usize = 20;

/// 0-based columns of everything that is mapped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The month or date.
    pub period: usize,
    /// The unit's code, where the source has one.
    pub unit_code: Option<usize>,
    /// The unit's name, where the source has one.
    pub unit_name: Option<usize>,
    /// The service's code, where the source has one.
    pub service_code: Option<usize>,
    /// The measures, in the order of the settings.
    pub measures: Vec<usize>,
}

/// Where the columns of `settings` stand in the header of `table`.
pub(super) fn places(table: &Table, settings: &Settings, delimiter: u8) -> Result<Places, FetchError> {
    let columns = &settings.columns;
    let header = Header { table, delimiter, names: table.header().iter().map(|name| name.nfc().collect()).collect() };
    let optional = |key: &str, name: &str| if name.is_empty() { Ok(None) } else { header.find(key, name).map(Some) };
    let places = Places {
        period: header.find("period", &columns.period)?,
        unit_code: optional("unit_code", &columns.unit_code)?,
        unit_name: optional("unit_name", &columns.unit_name)?,
        service_code: optional("service_code", &columns.service_code)?,
        measures: columns
            .measures
            .iter()
            .map(|(key, name)| header.find(&format!("measures.{key}"), name))
            .collect::<Result<_, _>>()?,
    };
    if places.unit_code.is_none() && places.unit_name.is_none() {
        return Err(table.unreadable(
            table.header_line(),
            "no column is mapped to the unit".to_owned(),
            "set `unit_code` or `unit_name` in [source.columns]".to_owned(),
        ));
    }
    Ok(places)
}

struct Header<'a> {
    table: &'a Table,
    delimiter: u8,
    names: Vec<String>,
}

impl Header<'_> {
    fn find(&self, key: &str, wanted: &str) -> Result<usize, FetchError> {
        let wanted: String = wanted.trim().nfc().collect();
        let mut found = self.names.iter().enumerate().filter(|(_, name)| **name == wanted).map(|(at, _)| at);
        match (found.next(), found.next()) {
            (Some(at), None) => Ok(at),
            (Some(one), Some(other)) => Err(self.table.unreadable(
                self.table.header_line(),
                format!("column `{wanted}` stands twice, as column {} and {}", one + 1, other + 1),
                "give each column its own header".to_owned(),
            )),
            (None, _) => Err(self.missing(key, &wanted)),
        }
    }

    fn missing(&self, key: &str, wanted: &str) -> FetchError {
        let line = self.table.header_line();
        let listed: Vec<String> = self.names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
        let more = self.names.len().saturating_sub(LISTED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let reason = format!("no column `{wanted}`; the header has {}{more}", listed.join(", "));
        if let Some(delimiter) = self.other_delimiter() {
            let remedy = format!("set `delimiter = \"{delimiter}\"` of [[source]] `{}`", self.table.source());
            return self.table.unreadable(line, reason, remedy);
        }
        let nearest = self
            .names
            .iter()
            .filter(|name| !name.is_empty())
            .max_by(|one, other| strsim::jaro_winkler(wanted, one).total_cmp(&strsim::jaro_winkler(wanted, other)));
        let (table, key) = match key.strip_prefix("measures.") {
            Some(measure) => ("[source.columns.measures]", measure),
            None => ("[source.columns]", key),
        };
        let remedy = match nearest {
            Some(nearest) => format!("set `{key} = \"{nearest}\"` in {table} if that is the column"),
            None => format!("set `{key}` in {table} to the column's header"),
        };
        self.table.unreadable(line, reason, remedy)
    }

    /// The byte that this file seems to have between its cells, when the header came out as one cell.
    fn other_delimiter(&self) -> Option<&'static str> {
        let [only] = self.names.as_slice() else { return None };
        [(b';', ";"), (b',', ","), (b'\t', "\\t"), (b'|', "|")]
            .into_iter()
            .find(|(byte, _)| *byte != self.delimiter && only.as_bytes().contains(byte))
            .map(|(_, text)| text)
    }
}
