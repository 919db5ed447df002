//! Gets hold of a source's bytes.

use std::path::PathBuf;
use std::sync::Arc;

use super::sheet::{self, Sheet};
use super::table::{self, Table};
use super::{Discrepancy, FetchError, Place, Settings};

/// What fetching needs of the program around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// This program's own file, to start limited workers from.
    pub program: PathBuf,
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
    /// A sheet's rows, as CSV.
    Text(Arc<Sheet>),
}

/// Fetches all sources of a round, one after the other: they may be the same server.
///
/// # Errors
/// [`FetchError::Unreachable`] when the source gives nothing now, [`FetchError::Unreadable`] when what it gives is no
/// table.
pub async fn fetch_all(sources: &[Settings], tools: &Tools) -> Result<Vec<Fetched>, FetchError> {
    let mut fetched = Vec::with_capacity(sources.len());
    for settings in sources {
        fetched.push(fetch(settings, tools).await?);
    }
    Ok(fetched)
}

async fn fetch(settings: &Settings, tools: &Tools) -> Result<Fetched, FetchError> {
    let (origin, content) = match &settings.place {
        Place::Csv { path, .. } => (path.display().to_string(), Content::File(path.clone())),
        Place::Sheet { path, sheet, layout } => {
            let sheet = sheet::read(settings, path, sheet.as_deref(), layout, tools).await?;
            (sheet.origin.clone(), Content::Text(Arc::new(sheet)))
        }
    };
    Ok(Fetched { settings: settings.clone(), origin, content })
}

impl Fetched {
    /// The source's settings.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// File or address.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Figures that the source prints beside its rows and that do not agree with them.
    pub fn discrepancies(&self) -> Vec<Discrepancy> {
        match &self.content {
            Content::File(_) => Vec::new(),
            Content::Text(sheet) => sheet.discrepancies().collect(),
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
