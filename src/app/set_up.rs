//! The first set-up: how far it is, and those of its steps that do more than read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::{App, AppError, today};
use crate::catalog::{self, Catalog, Changes, Listed, Pack, PackError, Scope, Sender};
use crate::channel::{self, Kind, Parcel};
use crate::db::DbError;
use crate::message::Message;
use crate::pass;
use crate::people::{self, By, Deed, Event, PeopleError, Said, Step};

const LETTERS: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0011);

/// How far the set-up is, as seen from what is stored.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// What people said of its steps.
    pub said: BTreeMap<Step, Said>,
    /// Administrators.
    pub admins: usize,
    /// Who speaks today.
    pub sender: Option<Sender>,
    /// Who spoke last, where nobody speaks today.
    pub former_sender: Option<Sender>,
    /// Units that are judged.
    pub units: usize,
    /// Those of them whose head cannot be written to.
    pub unaddressed: usize,
    /// Indicators, and how many of them have a target in force today.
    pub indicators: (usize, usize),
    /// Targets whose time is over.
    pub expired: usize,
    /// Whether a round was ever carried through.
    pub rounds: bool,
}

impl SetUp {
    /// What the catalog says of it: `pack` what is measured and demanded, `units` those that are judged, `unaddressed` how
    /// many of them have nobody to write to.
    fn of(pack: &Pack, units: &[Listed], unaddressed: usize, day: NaiveDate) -> Self {
        let catalog = Catalog::of(pack, day, day);
        let reached = |scope: &Scope| units.iter().any(|unit| scope.reaches(&unit.id, unit.kind));
        let aimed = |indicator: &&Arc<catalog::Indicator>| catalog.is_demanded(&indicator.id, reached);
        let known: BTreeSet<_> = pack.indicators.iter().map(|indicator| &indicator.id).collect();
        Self {
            said: BTreeMap::new(),
            admins: 0,
            former_sender: pack.senders.last().cloned(),
            units: units.len(),
            unaddressed,
            indicators: (known.len(), catalog.indicators.iter().filter(aimed).count()),
            expired: pack.targets.iter().filter(|target| target.valid.to.is_some_and(|to| to < day)).count(),
            rounds: false,
            sender: catalog.sender,
        }
    }

    /// Whether there is nothing left to do in `step`.
    pub fn is_done(&self, step: Step) -> bool {
        let said = self.said.get(&step).is_some_and(|said| said.done);
        match step {
            Step::Account => self.admins > 0,
            Step::Sender => self.sender.is_some() || said,
            Step::Units => self.units > 0 && (self.unaddressed == 0 || said),
            Step::Targets => self.indicators.0 > 0 && (self.indicators.0 == self.indicators.1 || said),
            Step::Source => self.rounds || said,
            Step::Channel | Step::Letter | Step::Schedule => said,
        }
    }

    /// How many of the steps have something left to do.
    pub fn left(&self) -> usize {
        Step::ALL.len() - self.done()
    }

    /// How many of the steps are done.
    pub fn done(&self) -> usize {
        Step::ALL.into_iter().filter(|step| self.is_done(*step)).count()
    }

    /// The first step with something to do that nobody left for later, else the first with something to do.
    pub fn next(&self) -> Option<Step> {
        let open = || Step::ALL.into_iter().filter(|step| !self.is_done(*step));
        open().find(|step| !self.said.contains_key(step)).or_else(|| open().next())
    }
}

impl App {
    /// How far the set-up is.
    ///
    /// # Errors
    /// The engine's.
    pub async fn set_up(&self) -> Result<SetUp, DbError> {
        let (db, day) = (&self.db, today(self.clock.now()));
        let (pack, units, unaddressed, said, accounts, round) = tokio::try_join!(
            catalog::measures(db),
            catalog::present(db, day),
            catalog::headless(db, day),
            people::said(db),
            people::accounts(db),
            pass::latest(db, None),
        )?;
        let admins = accounts.iter().filter(|one| one.role == people::Role::Admin && one.disabled_at.is_none()).count();
        let seen = SetUp::of(&pack, &units, unaddressed.len(), day);
        Ok(SetUp { said, admins, rounds: round.is_some(), ..seen })
    }

    /// The pack of the database with these files in place of its own: the new one, and what would change.
    ///
    /// # Errors
    /// The engine's; inside, every problem of the files.
    pub async fn with_files(&self, files: &[(String, String)]) -> Result<Result<(Pack, Changes), PackError>, DbError> {
        let old = catalog::load(&self.db).await?;
        Ok(overlaid(&old, files))
    }

    /// Puts `pack` in place of the catalog; `changes` is what was said that this changes. False: the catalog was changed
    /// meanwhile, so that it would change something else, and nothing was done.
    ///
    /// # Errors
    /// The engine's; nothing of it is done then.
    pub async fn put_pack(&self, pack: &Pack, changes: &Changes, by: &By) -> Result<bool, DbError> {
        let mut work = self.db.begin().await?;
        catalog::keep_still(&mut work).await?;
        if catalog::changes(&catalog::load_in(&mut work).await?, pack) != *changes {
            work.rollback().await?;
            return Ok(false);
        }
        catalog::import(&mut work, pack).await?;
        let touched =
            changes.files.iter().filter(|file| !file.is_empty()).map(|file| {
                format!("{} +{} ~{} -{}", file.file, file.added.len(), file.changed.len(), file.retired.len())
            });
        let detail = touched.collect::<Vec<_>>().join("; ");
        let event = Event { by, deed: Deed::CatalogImported, subject: "catalog".to_owned(), detail };
        people::conclude(work, &event, self.clock.now()).await?;
        Ok(true)
    }

    /// Says that `step` is done, or left for later.
    ///
    /// # Errors
    /// The engine's.
    pub async fn say_of_step(&self, step: (Step, bool, &str), by: &By) -> Result<(), PeopleError> {
        people::mark(self.db.begin().await?, step, by, self.clock.now()).await
    }

    /// The message that the head of the unit with this code would get on figures up to `as_of`, put into the built-in
    /// mailbox and nowhere else. Returns its name there; `None`: nobody would get one.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn sample_letter<'a>(
        &'a self,
        unit: &'a str,
        as_of: NaiveDate,
    ) -> BoxFuture<'a, Result<Option<Uuid>, AppError>> {
        Box::pin(async move {
            let parts = self.parts().await?;
            let composed = pass::preview(&self.pass(&parts, true), unit, as_of, self.clock.now()).await?;
            let Some(composed) = composed else { return Ok(None) };
            Ok(Some(self.put_into_mailbox(composed.message, unit).await?))
        })
    }

    /// Puts one message into the built-in mailbox, whatever the configuration says of channels. The same words for the same
    /// unit are there once.
    async fn put_into_mailbox(&self, content: Message, unit: &str) -> Result<Uuid, DbError> {
        let now = self.clock.now();
        let key = format!("{unit}\0{}\0{}\0{}", content.subject, content.html, content.text);
        let id = Uuid::new_v5(&LETTERS, key.as_bytes());
        let parcel = Parcel {
            id,
            message_id: format!("<{id}@test.dondoc.invalid>"),
            address: "thu@dondoc.invalid".to_owned(),
            unit_code: unit.to_owned(),
            recipient: String::new(),
            kind: "test".to_owned(),
            content,
            date: now,
        };
        let mut work = self.db.begin().await?;
        channel::put_into_mailbox(&mut work, &parcel, now).await?;
        work.commit().await?;
        Ok(id)
    }
}

/// Whether a channel lets messages leave this machine.
pub const fn leaves(channel: &channel::Settings) -> bool {
    !matches!(channel.kind, Kind::Capture)
}

/// `old` with these files in place of its own, and what that changes.
fn overlaid(old: &Pack, files: &[(String, String)]) -> Result<(Pack, Changes), PackError> {
    let mut all = old.files();
    for (name, text) in files {
        match all.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => text.clone_into(known),
            None => all.push((name.clone(), text.clone())),
        }
    }
    let all: Vec<(&str, &str)> = all.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let new = Pack::from_files(&all)?;
    let changes = catalog::changes(old, &new);
    Ok((new, changes))
}
