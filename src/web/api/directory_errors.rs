//! Why the directory was not changed, as programs are told.

use super::wrong::{Trouble, Wrong};
use crate::app::directory::WriteError;
use crate::catalog::directory::{DirectoryError, ImportError};

/// What an error of the directory says, and its remedy.
pub(super) fn parted(told: &str) -> (&str, &str) {
    told.split_once("\n  remedy: ").unwrap_or((told, "look at it again"))
}

impl From<ImportError> for Trouble {
    fn from(error: ImportError) -> Self {
        let told = error.to_string();
        let (message, hint) = parted(&told);
        match error {
            ImportError::Directory(error) => error.into(),
            ImportError::NotThere => Wrong::conflict("api.import_gone", hint).told(message).into(),
            ImportError::TooLate => Wrong::conflict("api.import_late", hint).told(message).into(),
        }
    }
}

impl From<DirectoryError> for Trouble {
    fn from(error: DirectoryError) -> Self {
        let told = error.to_string();
        let (message, hint) = parted(&told);
        match error {
            DirectoryError::Db(error) => error.into(),
            DirectoryError::Changed(_) => Wrong::conflict("api.contacts_changed", hint).told(message).into(),
            _ => Wrong::content("api.contacts_unfit", hint).told(message).into(),
        }
    }
}

impl From<WriteError> for Trouble {
    fn from(error: WriteError) -> Self {
        let told = error.to_string();
        let (message, hint) = parted(&told);
        match error {
            WriteError::Import(error) => error.into(),
            WriteError::Wrong(cells) => Wrong::content_of(("api.cells_wrong", &[&cells]), hint).told(message).into(),
            WriteError::Otherwise(sums) => {
                let now = format!(
                    "{message}; now it would add {}, change {} and end {}",
                    sums.added, sums.changed, sums.ended
                );
                Wrong::conflict("api.import_otherwise", hint).told(&now).into()
            }
            WriteError::Nothing => Wrong::conflict("api.import_nothing", "there is nothing to do").told(message).into(),
        }
    }
}
