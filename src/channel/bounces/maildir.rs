//! Reports in a folder in the Maildir layout: those in `new` are unread, those that were taken in go to `cur`.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::Mail;
use super::report::LONGEST;
use crate::channel::SendError;

#[derive(Clone)]
pub(super) struct Maildir {
    folder: PathBuf,
}

impl Maildir {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Unread mails, the oldest names first, without those in `skip`.
    pub(super) async fn unread(&self, skip: &HashSet<String>, at_most: usize) -> Result<Vec<Mail>, SendError> {
        let (folder, skip) = (self.folder.join("new"), skip.clone());
        self.blocking(move || read_new(&folder, &skip, at_most)).await
    }

    /// Moves the mail to `cur`. One that another replica moved is done with.
    pub(super) async fn mark_read(&self, id: &str) -> Result<(), SendError> {
        let (from, to) = (self.folder.join("new").join(id), self.folder.join("cur").join(format!("{id}:2,S")));
        self.blocking(move || match std::fs::rename(from, to) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            result => result,
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        task: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> Result<T, SendError> {
        let done = tokio::task::spawn_blocking(task).await;
        let done = done.unwrap_or_else(|_| Err(io::Error::other("it was broken off")));
        let folder = self.folder.display();
        done.map_err(|error| SendError::broken(&format!("the bounce mailbox {folder}: {error}")))
    }
}

fn read_new(folder: &Path, skip: &HashSet<String>, at_most: usize) -> io::Result<Vec<Mail>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        // A link would lead out of the folder.
        if !name.starts_with('.') && !skip.contains(&name) && entry.file_type()?.is_file() {
            names.push(name);
        }
    }
    names.sort();
    let mut mails = Vec::new();
    for id in names.into_iter().take(at_most) {
        let mut raw = Vec::new();
        match File::open(folder.join(&id)) {
            Ok(file) => {
                file.take(u64::try_from(LONGEST).unwrap_or(u64::MAX)).read_to_end(&mut raw)?;
                mails.push(Mail { id, raw });
            }
            // Another replica was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(mails)
}
