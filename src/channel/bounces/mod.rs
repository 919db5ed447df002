//! What mail systems say of messages after they took them: delivery reports in a mailbox, noted as facts on their entries.
//!
//! The fact is stored before its report is marked as read, and storing it again changes nothing: a process that dies in
//! between, or a second replica, reads a report twice at worst. What is no report of ours stays as it is, unread.

mod imap;
mod maildir;
mod report;
mod return_path;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub(super) use return_path::ReturnPath;

use self::report::{Fate, NoReport, Report};
use super::mail_settings::Mailbox;
use super::{Class, SendError};
use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::outbox::{self, Fact, Told};

/// Reports that are read at once; the others wait a minute.
const AT_ONCE: usize = 200;
/// How many mails that are no reports are remembered, so that each is told of once.
const REMEMBERED: usize = 10_000;

/// A mail in the mailbox: what the mailbox calls it, and its first bytes.
struct Mail {
    id: String,
    raw: Vec<u8>,
}

/// Reads one mailbox.
pub(super) struct Bounces {
    channel: String,
    source: Source,
    path: ReturnPath,
    db: Db,
    clock: Clock,
    /// Mails that are no reports of ours.
    left: Mutex<HashSet<String>>,
}

enum Source {
    Maildir(maildir::Maildir),
    Imap(Box<imap::Imap>),
}

impl Bounces {
    /// For the channel `channel`; the error is a reason for people.
    pub(super) fn open(
        channel: &str,
        place: &Mailbox,
        path: ReturnPath,
        limit: Duration,
        (db, clock): (&Db, &Clock),
    ) -> Result<Self, String> {
        let source = match place {
            Mailbox::Maildir(folder) => Source::Maildir(maildir::Maildir::new(folder)),
            Mailbox::Imap(server) => Source::Imap(Box::new(imap::Imap::new(server, limit)?)),
        };
        let (db, clock) = (db.clone(), clock.clone());
        Ok(Self { channel: channel.to_owned(), source, path, db, clock, left: Mutex::default() })
    }

    /// Takes in what is new.
    pub(super) async fn read(&self) -> Result<(), SendError> {
        let skip = self.left.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match &self.source {
            Source::Maildir(maildir) => {
                for mail in maildir.unread(&skip, AT_ONCE).await? {
                    if self.take_in(&mail).await? {
                        maildir.mark_read(&mail.id).await?;
                    }
                }
            }
            Source::Imap(server) => {
                let mut session = server.open().await?;
                for id in session.unread(&skip, AT_ONCE).await? {
                    let Some(mail) = session.fetch(id).await? else { continue };
                    if self.take_in(&mail).await? {
                        session.mark_read(id).await?;
                    }
                }
                session.close().await;
            }
        }
        Ok(())
    }

    /// Whether the mail was a report of ours and is done with.
    async fn take_in(&self, mail: &Mail) -> Result<bool, SendError> {
        let (raw, path) = (mail.raw.clone(), self.path.clone());
        // On a thread of its own: whatever a stranger's mail does to the parser stays there.
        let read = tokio::task::spawn_blocking(move || report::read(&raw, &path)).await;
        match read.unwrap_or(Err(NoReport::Unreadable)) {
            Ok(report) => self.note(&report).await.map(|()| true).map_err(|error| {
                SendError::new(Class::Transient, None, &format!("a delivery report cannot be stored: {error}"))
            }),
            Err(why) => {
                self.leave(&mail.id, why);
                Ok(false)
            }
        }
    }

    async fn note(&self, report: &Report) -> Result<(), DbError> {
        let fact = match report.fate {
            Fate::Delivered => Fact::Delivered,
            Fate::PassedOn => return Ok(()),
            Fate::Delayed => Fact::Delayed,
            Fate::GivenUp => Fact::Undelivered,
            Fate::Bounced => Fact::Bounced,
        };
        let now = self.clock.now();
        let entry_id = report.entry.to_string();
        let told = Told { entry_id, fact, at: now, said_by: self.channel.clone(), detail: report.said.clone() };
        let mut work = self.db.begin().await?;
        let new = outbox::note_receipt(&mut work, &told, now).await?;
        work.commit().await?;
        if new {
            tracing::info!(
                channel = self.channel,
                entry.id = told.entry_id,
                fact = fact.word(),
                said = told.detail,
                "a delivery report"
            );
        }
        Ok(())
    }

    fn leave(&self, id: &str, why: NoReport) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.len() >= REMEMBERED {
            left.clear();
        }
        if left.insert(id.to_owned()) {
            tracing::warn!(channel = self.channel, mail = id, reason = %why, left = left.len(),
                "a mail in the bounce mailbox is left for a person");
        }
    }
}
