//! A `[[source]]` of kind `sql`.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::address;
use super::section::Section;
use super::value::{self, Wrong, wrong};
use crate::source::{Engine, Sql, statement};

/// Which database is asked, and what.
pub(super) fn sql(section: &Section<'_>) -> Option<Sql> {
    let url = url(section);
    let query = section.required("query", "query = \"SELECT period, unit_code, received FROM figures\"", query);
    let bounds = (Duration::from_secs(1), Duration::from_mins(10));
    let timeout = section.value("timeout", Duration::from_mins(1), |text| value::duration(text, bounds.0, bounds.1));
    let max_rows = section.number("max_rows", 200_000, 1..=2_000_000);
    let url = url?;
    let shown = address::mask_url(url.expose_secret());
    let engine = match url.expose_secret().strip_prefix("sqlite:") {
        Some(path) => Engine::Sqlite(section.reading.path(path.strip_prefix("//").unwrap_or(path))),
        None => Engine::Postgres(url),
    };
    Some(Sql { engine, shown, query: query?, timeout, max_rows: usize::try_from(max_rows).unwrap_or(1) })
}

/// The address stands in the file, in a variable, or, for its password's sake, in a file of its own.
fn url(section: &Section<'_>) -> Option<SecretString> {
    if section.has("url_file") {
        let url = section.secret("url", "url_file")?;
        if let Err(wrong) = address::database(url.expose_secret()) {
            section.report_key("url_file", "bad_value", &wrong.what, &wrong.hint);
            return None;
        }
        return Some(url);
    }
    let url = section.required("url", "url = \"postgres://reader@host/database\"", address::database)?;
    section.note_password_in_url("url", &url);
    Some(SecretString::from(url))
}

fn query(text: &str) -> Result<String, Wrong> {
    match statement::checked(text) {
        Ok(query) => Ok(query.to_owned()),
        Err(why) => wrong(why, "write one SELECT; use a role of the database that may only read"),
    }
}
