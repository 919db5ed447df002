//! Opening: the database, the seed pack, the templates.

use std::sync::Arc;

use tokio::sync::Notify;

use super::{App, AppError, hours};
use crate::catalog::{self, Pack};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError, Durability, Sql};
use crate::message::{Templates, Tryout};
use crate::{channel, decision, dispatch, evaluation, message, observation, outbox, pass, people, reply};

/// What a process may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Run rounds and send: one process at a time on SQLite. It prepares every statement first.
    Worker,
    /// Look, or write shortly.
    Visitor,
}

impl App {
    /// Opens everything: takes the file for this process if it is to work, brings the schema up to date, imports the
    /// seed pack into an empty catalog.
    ///
    /// # Errors
    /// [`AppError`], among them [`DbError::HeldByAnother`].
    pub async fn open(config: Config, clock: Clock, role: Role, durability: Durability) -> Result<Self, AppError> {
        let held = match role {
            Role::Worker => Some(Db::hold(config.database_url(), &config.folder)?),
            Role::Visitor => None,
        };
        let db = Db::open(config.database_url(), &config.folder, durability).await?;
        if role == Role::Worker {
            prepare(&db).await?;
        }
        let worker = format!("{}-{}", std::process::id(), clock.now().timestamp_millis());
        if role == Role::Worker {
            dispatch::enter(&db, &worker, clock.now()).await?;
        }
        seed(&config, &db).await?;
        for channel in &config.channels {
            channel::bound(&db, channel).await?;
        }
        let files = files(&config)?;
        let program = std::env::current_exe().map_err(|source| AppError::System {
            what: "this program's own file cannot be found".to_owned(),
            source,
        })?;
        let tryout = Tryout::new(super::templates::limits(&config));
        Ok(Self {
            config,
            clock,
            db,
            files,
            held,
            worker,
            by: "serve".to_owned(),
            hand: None,
            program,
            wake: Arc::new(Notify::new()),
            tryout,
            days: hours::Days::default(),
        })
    }

    /// Has the engine understand every statement of every room, as a [`Role::Worker`] does at its start.
    ///
    /// # Errors
    /// The engine's complaint about the first one that it does not.
    pub async fn prepare(&self) -> Result<(), DbError> {
        prepare(&self.db).await
    }
}

/// Every statement of every room that this program works with.
pub fn statements() -> impl Iterator<Item = &'static Sql> {
    let rooms = [
        observation::STATEMENTS,
        evaluation::STATEMENTS,
        decision::STATEMENTS,
        outbox::STATEMENTS,
        dispatch::STATEMENTS,
    ];
    let rooms = catalog::statements().chain(rooms.into_iter().flatten()).chain(channel::statements());
    let rooms = rooms.chain(reply::statements()).chain(message::revisions::statements());
    rooms.chain(people::statements()).chain(pass::statements())
}

/// Each of them is understood by the engine, or the start stops here.
async fn prepare(db: &Db) -> Result<(), DbError> {
    db.prepare(&statements().copied().collect::<Vec<_>>()).await
}

async fn seed(config: &Config, db: &Db) -> Result<(), AppError> {
    let Some(folder) = &config.seed else { return Ok(()) };
    if !catalog::is_empty(db).await? {
        return Ok(());
    }
    let pack = Pack::read(folder).map_err(|source| AppError::Seed { folder: folder.display().to_string(), source })?;
    let mut work = db.begin().await?;
    catalog::keep_still(&mut work).await?;
    // Another replica that starts beside this one may have done it, and somebody changed it since.
    if !catalog::is_empty_in(&mut work).await? {
        return Ok(work.rollback().await?);
    }
    catalog::import(&mut work, &pack).await?;
    work.commit().await?;
    tracing::info!(pack = %folder.display(), units = pack.units.len(), "imported the seed pack into the empty catalog");
    Ok(())
}

/// Built-in templates, overlaid by the folder of the configuration.
fn files(config: &Config) -> Result<Templates, AppError> {
    Ok(match &config.templates {
        Some(folder) => Templates::built_in().with_folder(folder)?,
        None => Templates::built_in(),
    })
}
