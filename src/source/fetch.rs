//! Gets hold of a source's bytes.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::parts::{self, Part};
use super::table::{self, Table};
use super::text::Text;
use super::{Discrepancy, FetchError, Place, Settings, dossiers, encoding, http_json, sheet, sql};

/// What fetching needs of the program around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// This program's own file, to start limited workers from.
    pub program: PathBuf,
    /// The day on which sources are read, by the clock; a round may be as of an earlier one.
    pub today: NaiveDate,
}

/// A source whose bytes are at hand. It can be opened as often as needed and says the same each time.
#[derive(Debug, Clone)]
pub struct Fetched {
    settings: Settings,
    origin: String,
    pub(super) content: Content,
}

/// Where the bytes are.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// In a file, read row by row.
    File(PathBuf),
    /// In memory, as CSV text.
    Text(Text),
}

/// Fetches what a round as of `as_of` needs of all sources, one after the other: they may be the same server.
///
/// # Errors
/// [`FetchError::Unreachable`] when the source gives nothing now, [`FetchError::Unreadable`] when what it gives is no
/// table.
pub async fn fetch_all(sources: &[Settings], as_of: NaiveDate, tools: &Tools) -> Result<Vec<Fetched>, FetchError> {
    let mut fetched = Vec::with_capacity(sources.len());
    for settings in sources {
        fetched.push(fetch(settings, as_of, tools).await?);
    }
    Ok(fetched)
}

async fn fetch(settings: &Settings, as_of: NaiveDate, tools: &Tools) -> Result<Fetched, FetchError> {
    let (origin, content) = match &settings.place {
        Place::Csv { path, encoding, .. } => {
            (path.display().to_string(), encoding::content(settings, path, *encoding).await?)
        }
        Place::Sheet { path, sheet, layout } => {
            let sheet = sheet::read(settings, path, sheet.as_deref(), layout, tools).await?;
            (sheet.origin.clone(), Content::Text(Text::of_sheet(sheet)))
        }
        Place::HttpJson(http) => (http.shown.clone(), Content::Text(http_json::pull(settings, http, as_of).await?)),
        Place::Dossiers(place) => {
            let read = dossiers::read(settings, place, as_of, tools).await?;
            (place.path.display().to_string(), Content::Text(Text::of_dossiers(&read.text, &read.sha256, read.counted)))
        }
        Place::Sql(sql) => (sql.shown.clone(), Content::Text(sql::pull(settings, sql).await?)),
        Place::Dropped(dropped) => return Box::pin(fetch(&dropped.in_force(settings)?, as_of, tools)).await,
    };
    Ok(Fetched { settings: settings.clone(), origin, content })
}

impl Fetched {
    /// The source's settings.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether so many rows are no more than there may be.
    pub const fn may_have(&self, rows: u64) -> bool {
        match self.settings.place {
            Place::Csv { max_rows: Some(most), .. } => rows <= most,
            _ => true,
        }
    }

    /// File or address.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The lines behind the first one, in `count` parts that can be read at once, and the byte between two cells;
    /// `None` for what is not a CSV file of at least `least` bytes, or when one part is as good. `table` is the same
    /// source, just opened.
    ///
    /// # Errors
    /// [`FetchError::Unreachable`] when the file cannot be read.
    pub fn parts(&self, table: &Table, count: u64, least: u64) -> Result<Option<(Vec<Part>, u8)>, FetchError> {
        if count < 2 || !table.header_is_first_line() {
            return Ok(None);
        }
        let (Content::File(path), Place::Csv { delimiter, .. }) = (&self.content, &self.settings.place) else {
            return Ok(None);
        };
        let cut = parts::cut(path, count, least).map_err(|source| FetchError::Unreachable {
            name: self.settings.name.clone(),
            place: self.origin.clone(),
            source,
        })?;
        Ok(cut.map(|parts| (parts, *delimiter)))
    }

    /// Where a 1-based line stands, for people: `figures.csv:3`, or an address and the item of its reply.
    pub fn place_of(&self, line: u64) -> String {
        let row = match &self.content {
            Content::File(_) => None,
            Content::Text(text) => text.row(line),
        };
        row.map_or_else(|| format!("{}:{line}", self.origin), |row| format!("{}, {row}", self.origin))
    }

    /// Figures that the source prints beside its rows and that do not agree with them.
    pub fn discrepancies(&self) -> Vec<Discrepancy> {
        match &self.content {
            Content::File(_) => Vec::new(),
            Content::Text(text) => text.discrepancies(),
        }
    }

    /// Reads the header and finds the mapped columns. Blocks on the file.
    ///
    /// # Errors
    /// [`FetchError::Unreachable`] when the file cannot be opened, [`FetchError::Unreadable`] when it is no UTF-8 table
    /// or a mapped column is missing.
    pub fn open(&self) -> Result<Table, FetchError> {
        table::open(self)
    }
}
