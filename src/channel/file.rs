//! Messages as files in a folder.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::mime::{Letterhead, render};
use super::{Class, Parcel, Receipt, SendError};
use crate::clock::ZONE;

/// Who the files say they are from; nothing is ever delivered under this name.
const FROM: &str = "dondoc <dondoc@dondoc.invalid>";

/// The channel.
#[derive(Debug)]
pub(super) struct FileChannel {
    folder: PathBuf,
    letterhead: Letterhead,
}

impl FileChannel {
    pub(super) fn open(folder: &Path) -> Result<Self, String> {
        std::fs::create_dir_all(folder).map_err(|error| format!("folder {}: {error}", folder.display()))?;
        Ok(Self { folder: folder.to_owned(), letterhead: Letterhead::new(FROM, None)? })
    }

    pub(super) async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendError> {
        let (extension, bytes) = if parcel.address.contains('@') {
            ("eml", render(parcel, &self.letterhead)?.into_bytes())
        } else {
            ("json", as_json(parcel).into_bytes())
        };
        let name = file_name(parcel, extension);
        let (folder, written) = (self.folder.clone(), name.clone());
        let write = tokio::task::spawn_blocking(move || write_whole(&folder, &written, &bytes)).await;
        match write {
            Ok(Ok(())) => Ok(Receipt { answer: name, ..Receipt::default() }),
            Ok(Err(error)) => Err(SendError::broken(&format!("{name}: {error}"))),
            Err(_) => Err(SendError::new(Class::Transient, None, "the write was broken off")),
        }
    }

    pub(super) async fn probe(&self) -> Result<String, SendError> {
        let folder = self.folder.clone();
        let tried = tokio::task::spawn_blocking(move || {
            let probe = folder.join(".probe");
            std::fs::write(&probe, b"")?;
            std::fs::remove_file(&probe)
        })
        .await;
        match tried {
            Ok(Ok(())) => Ok(format!("{} can be written", self.folder.display())),
            Ok(Err(error)) => Err(SendError::broken(&format!("{}: {error}", self.folder.display()))),
            Err(_) => Err(SendError::broken("the trial was broken off")),
        }
    }
}

/// `<unit code>-<first 8 of the id>.<extension>`, made only of characters that every file system takes.
fn file_name(parcel: &Parcel, extension: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
    let unit: String = parcel.unit_code.chars().take(80).map(plain).collect();
    let id = parcel.id.simple().to_string();
    format!("{unit}-{}.{extension}", id.get(..8).unwrap_or(&id))
}

fn as_json(parcel: &Parcel) -> String {
    let content = &parcel.content;
    let mut text = format!(
        "{:#}",
        json!({
            "id": parcel.id.to_string(),
            "address": parcel.address,
            "unit_code": parcel.unit_code,
            "subject": content.subject,
            "text": content.text,
            "sms": content.sms,
            "date": parcel.date.with_timezone(&ZONE).to_rfc3339(),
        })
    );
    text.push('\n');
    text
}

/// A reader sees the whole file or none, also after a power cut.
fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let part = folder.join(format!(".{name}.part"));
    let mut file = std::fs::File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&part, folder.join(name))?;
    std::fs::File::open(folder)?.sync_all()
}
