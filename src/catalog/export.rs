//! Writes a pack into a folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::pack::Pack;
use super::read::{OPTIONAL, TEMPLATES};

/// Why a pack was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A file or folder could not be made or written.
    #[error("cannot write `{path}`: {source}\n  remedy: free space, or name a folder that may be written", path = path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The folder holds a file of another pack, which would be read together with the new ones.
    #[error("`{path}` is not part of this pack but would be read with it\n  remedy: remove it, or name an empty folder", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
}

/// Writes the canonical files of `pack` into `folder`, which is made when missing. Every file appears whole or not at
/// all: it is written beside its place and then renamed.
///
/// # Errors
/// [`ExportError`] with the path; files written before it stay.
pub fn export(pack: &Pack, folder: &Path) -> Result<(), ExportError> {
    let files = pack.files();
    if let Some(path) = foreign(folder, &files) {
        return Err(ExportError::Foreign { path });
    }
    for (name, text) in &files {
        let path = folder.join(name);
        write(&path, text).map_err(|source| ExportError::Write { path, source })?;
    }
    Ok(())
}

/// A file in the folder that belongs to a pack, but not to this one.
fn foreign(folder: &Path, files: &[(String, String)]) -> Option<PathBuf> {
    let written = |name: &str| files.iter().any(|(file, _)| file == name);
    let templates = fs::read_dir(folder.join(TEMPLATES)).into_iter().flatten().flatten();
    let templates = templates
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .map(|name| format!("{TEMPLATES}/{name}"));
    let optional = OPTIONAL.iter().map(|name| (*name).to_owned()).filter(|name| folder.join(name).exists());
    optional.chain(templates).find(|name| !written(name)).map(|name| folder.join(name))
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".dondoc-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
