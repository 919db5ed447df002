//! What the editor of templates asks for: a letter to look at, a text put in force, a letter sent to oneself.

use uuid::Uuid;

use super::{App, AppError};
use crate::channel::{self, Parcel};
use crate::message::revisions::{self, Checked, Ground, Proof, Publication, Refused, Sight};
use crate::message::{Message, Templates};
use crate::pass::{self, Audience, Sketch, StoredFigures};
use crate::people::{self, By, Deed, Event};

/// A text that is in force.
#[derive(Debug)]
pub struct InForce {
    /// Number of the revision.
    pub number: i64,
    /// What the check of it found.
    pub checked: Checked,
    /// Whether the next round waits for a second person.
    pub waits: bool,
}

/// Why a text was not put in force.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotInForce {
    /// Nobody is named who publishes it.
    #[error("nobody is named who publishes this")]
    Unsigned,
    /// It says what is in force already.
    #[error("it says what is in force already")]
    Same,
    /// It does not pass the check.
    #[error("it does not pass the check")]
    Unfit(Box<Checked>),
    /// Its draft is gone, it is too long, or the database failed.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The check could not be made.
    #[error(transparent)]
    App(#[from] AppError),
}

impl App {
    /// Has a worker wait for what somebody is about to write.
    pub fn expect_writing(&self) {
        self.tryout.warm(&self.program);
    }

    /// The figures of the newest round, to try words with; `None` before the first.
    ///
    /// # Errors
    /// The engine's.
    pub async fn stored_figures(&self) -> Result<Option<StoredFigures>, AppError> {
        Ok(pass::stored_figures(&self.db, &self.config.pass_settings(), self.clock.now()).await?)
    }

    /// The roll-ups that readers of `audience` would get now.
    ///
    /// # Errors
    /// The engine's.
    pub async fn sketches(&self, audience: Audience) -> Result<Vec<Sketch>, AppError> {
        Ok(pass::sketches(&self.db, &self.config.pass_settings(), audience, self.clock.now()).await?)
    }

    /// The letter that `sight` asks for of the figures of `stored`, made of `templates`.
    pub async fn proof(&self, templates: &Templates, stored: Option<&StoredFigures>, sight: Sight<'_>) -> Proof {
        let ground = stored.map(|stored| Ground {
            catalog: &stored.catalog,
            evaluations: &stored.evaluations,
            figures: &stored.figures,
        });
        self.tryout.proof(&self.program, templates, ground, sight).await
    }

    /// Checks the very text that is then put in force, unless `known` is what a check of it over the text in force has just
    /// found. `progress` hears of letters done and of all.
    ///
    /// # Errors
    /// [`NotInForce`]; then nothing has changed.
    pub async fn put_in_force(
        &self,
        new: Publication<'_>,
        by: &By,
        known: Option<Checked>,
        progress: &(dyn Fn(usize, usize) + Send + Sync),
    ) -> Result<InForce, NotInForce> {
        if new.by.is_empty() {
            return Err(NotInForce::Unsigned);
        }
        let over = match new.over {
            Some(over) => over,
            None => revisions::published(&self.db).await.map_err(AppError::from)?,
        };
        let new = Publication { over: Some(over), ..new };
        let mut templates = self.templates().await.map_err(AppError::from)?;
        if templates.source(new.name) == Some(new.source) {
            return Err(NotInForce::Same);
        }
        let checked = match known {
            Some(checked) => checked,
            None => self.check_template((new.name, new.source), progress).await?,
        };
        if !checked.passes() {
            return Err(NotInForce::Unfit(Box::new(checked)));
        }
        templates.overlay(new.name, new.source);
        let waits = self.asks_for_a_second_person(&templates).await.map_err(AppError::from)?;
        let number = revisions::publish(&self.db, new, by, self.clock.now()).await?;
        Ok(InForce { number, checked, waits })
    }

    /// The template's file in the folder of the configuration as it is now, where there is one; the program itself reads the
    /// folder once, when it starts.
    pub fn file_now(&self, name: &str) -> Option<String> {
        let folder = self.config.templates.as_ref()?;
        let text = std::fs::read_to_string(folder.join(name)).ok()?;
        let mut one = Templates::built_in();
        one.overlay(name, &text);
        one.source(name).map(ToOwned::to_owned)
    }

    /// Whether the template's file was changed since the program read it.
    pub fn file_changed(&self, name: &str) -> bool {
        self.file_now(name).is_some_and(|now| self.files.source(name) != Some(now.as_str()))
    }

    /// Puts `message` into the built-in mailbox for `to`, who asked for it; nothing leaves this program. Returns the id
    /// under which the mailbox shows it.
    ///
    /// # Errors
    /// The engine's.
    pub async fn send_to_mailbox(
        &self,
        message: Message,
        (name, to, unit_code): (&str, &str, &str),
        by: &By,
    ) -> Result<Uuid, AppError> {
        let now = self.clock.now();
        let subject = format!("[THỬ] {}", message.subject);
        let words = format!("{name}\n{to}\n{unit_code}\n{}\n{}", now.timestamp_millis(), message.html);
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, words.as_bytes());
        let parcel = Parcel {
            id,
            message_id: format!("<{id}@test.dondoc.invalid>"),
            address: to.to_owned(),
            unit_code: unit_code.to_owned(),
            recipient: String::new(),
            kind: "test".to_owned(),
            content: Message { subject, ..message },
            date: now,
        };
        let mut work = self.db.begin().await?;
        channel::put_into_mailbox(&mut work, &parcel, now).await?;
        let (deed, detail) = (Deed::TestLetterSent, format!("mailbox/{id}"));
        let event = Event { by, deed, subject: format!("template/{name}"), detail };
        people::conclude(work, &event, now).await?;
        Ok(id)
    }
}
