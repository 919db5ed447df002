//! A `[[source]]` of kind `sql`.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::address;
use super::section::Section;
use super::value::{self, Wrong, wrong};
use crate::source::statement::{self, Dialect};
use crate::source::{Engine, Sql};

/// Which database is asked, and what.
pub(super) fn sql(section: &Section<'_>) -> Option<Sql> {
    let engine = url(section).map(|url| (address::mask_url(url.expose_secret()), engine(section, url)));
    let dialect = engine.as_ref().map_or(Dialect::Standard, |(_, engine)| engine.dialect());
    let query = |text: &str| query(text, dialect);
    let query = section.required("query", "query = \"SELECT period, unit_code, received FROM figures\"", query);
    let bounds = (Duration::from_secs(1), Duration::from_mins(10));
    let timeout = section.value("timeout", Duration::from_mins(1), |text| value::duration(text, bounds.0, bounds.1));
    let max_rows = section.number("max_rows", 200_000, 1..=2_000_000);
    let (shown, engine) = engine?;
    Some(Sql { engine, shown, query: query?, timeout, max_rows: usize::try_from(max_rows).unwrap_or(1) })
}

fn engine(section: &Section<'_>, url: SecretString) -> Engine {
    match url.expose_secret().strip_prefix("sqlite:") {
        Some(path) => Engine::Sqlite(section.reading.path(path.strip_prefix("//").unwrap_or(path))),
        None if url.expose_secret().starts_with(address::MYSQL) => Engine::MySql(url),
        None => Engine::Postgres(url),
    }
}

/// The address stands in the file, in a variable, or, for its password's sake, in a file of its own.
fn url(section: &Section<'_>) -> Option<SecretString> {
    if section.has("url_file") {
        let url = section.secret("url", "url_file")?;
        return match address::queried(url.expose_secret()) {
            Ok(url) => Some(SecretString::from(url)),
            Err(wrong) => {
                section.report_key("url_file", "bad_value", &wrong.what, &wrong.hint);
                None
            }
        };
    }
    let url = section.required("url", "url = \"postgres://reader@host/database\"", address::queried)?;
    section.note_password_in_url("url", &url);
    Some(SecretString::from(url))
}

fn query(text: &str, dialect: Dialect) -> Result<String, Wrong> {
    match statement::checked(text, dialect) {
        Ok(query) => Ok(query.to_owned()),
        Err(why) => wrong(why, "write one SELECT; use a role of the database that may only read"),
    }
}
