//! Opening: where the file lies, how durable it is, who holds it, which schema it has.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use super::{Db, DbError};

/// How much a commit promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// A commit survives a power cut.
    Full,
    /// A throw-away database (`demo`): a commit survives the process, not the machine.
    ThrowAway,
}

/// Proof that no other `serve` or `run` of this program works on the same SQLite file. Released on drop.
#[derive(Debug)]
pub struct Held {
    lock: Option<File>,
}

impl Held {
    /// Whether a SQLite file is held, so that every lease in it belongs to a dead process.
    pub const fn alone(&self) -> bool {
        self.lock.is_some()
    }
}

const BUSY: Duration = Duration::from_secs(10);
/// A connection to a server that lay idle for so long is asked whether it is still there before it is used.
const UNPROVEN: Duration = Duration::from_secs(1);
/// A process that is frozen inside a unit of work holds rows; after so long PostgreSQL takes its work back. No unit of work
/// waits for anything but the database.
const FORSAKEN: &str = "SET idle_in_transaction_session_timeout = '1min'";
/// Pages of 4 KiB in the log before it is folded into the file: few folds during a round, a bounded log.
const CHECKPOINT_PAGES: &str = "8000";
/// KiB (as a negative number) of pages that the writing connection keeps: the inner pages of every index of a large outbox.
const WRITER_CACHE: &str = "-3000";

/// The same for each reading connection: they read long lists from beginning to end, which no cache makes faster.
const READER_CACHE: &str = "-500";
/// Rows that a reading connection may be ahead of who reads them: each time it has to wait, two threads change places.
const READ_AHEAD: usize = 1_000;

impl Db {
    /// Opens (and on SQLite creates) the database at `url` and brings its schema up to date.
    ///
    /// `url` is `sqlite:PATH` or `postgres://…`; a relative path is taken from `folder`.
    ///
    /// # Errors
    /// When the engine is unknown or unreachable, or the schema is newer than this program.
    pub async fn open(url: &str, folder: &Path, durability: Durability) -> Result<Self, DbError> {
        let db = Self::connect(url, folder, durability).await?;
        let migrator = sqlx::migrate!();
        match &db {
            Self::Sqlite { writer, .. } => migrator.run(writer).await?,
            Self::Postgres(pool) => migrator.run(pool).await?,
        }
        Ok(db)
    }

    async fn connect(url: &str, folder: &Path, durability: Durability) -> Result<Self, DbError> {
        if let Some(path) = sqlite_path(url, folder) {
            return connect_sqlite(&path, durability).await;
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(DbError::UnknownEngine(url.to_owned()));
        }
        let options = PgConnectOptions::from_str(url)?.application_name("dondoc");
        // The pool would try for half a minute and then only say that it took long; one connection says what is wrong.
        let first = tokio::time::timeout(BUSY, options.connect()).await;
        first.map_err(|_| sqlx::Error::PoolTimedOut)??.close().await?;
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(30))
            // Asking each connection whether it is still there would double the round trips of short statements.
            .test_before_acquire(false)
            .before_acquire(|connection, used| {
                Box::pin(async move {
                    if used.idle_for >= UNPROVEN {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(|connection, _| Box::pin(async move { connection.execute(FORSAKEN).await.map(|_| ()) }))
            .connect_with(options)
            .await?;
        Ok(Self::Postgres(pool))
    }

    /// Takes the file for this process alone. PostgreSQL needs no holder: leases and unique keys serve any number.
    ///
    /// # Errors
    /// [`DbError::HeldByAnother`] when a second `serve` or `run` is already at work.
    pub fn hold(url: &str, folder: &Path) -> Result<Held, DbError> {
        let Some(path) = sqlite_path(url, folder) else {
            return Ok(Held { lock: None });
        };
        make_folder(&path)?;
        let lock_path = PathBuf::from(format!("{}.lock", path.display()));
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path);
        let file = file.map_err(|source| DbError::File { path: lock_path.display().to_string(), source })?;
        match file.try_lock() {
            Ok(()) => Ok(Held { lock: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(DbError::HeldByAnother(path.display().to_string())),
            Err(TryLockError::Error(source)) => Err(DbError::File { path: lock_path.display().to_string(), source }),
        }
    }
}

fn sqlite_path(url: &str, folder: &Path) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    Some(folder.join(path))
}

fn make_folder(path: &Path) -> Result<(), DbError> {
    let Some(parent) = path.parent() else { return Ok(()) };
    std::fs::create_dir_all(parent).map_err(|source| DbError::File { path: parent.display().to_string(), source })
}

async fn connect_sqlite(path: &Path, durability: Durability) -> Result<Db, DbError> {
    make_folder(path)?;
    let synchronous = match durability {
        Durability::Full => SqliteSynchronous::Full,
        Durability::ThrowAway => SqliteSynchronous::Off,
    };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        // What only undoes one statement need not go through a file.
        .pragma("temp_store", "memory");
    let writer = options.clone().pragma("cache_size", WRITER_CACHE);
    let writer = pool(1).acquire_timeout(BUSY * 6).connect_with(writer).await?;
    let readers = options.pragma("cache_size", READER_CACHE).row_buffer_size(READ_AHEAD);
    let readers = readers.read_only(true).create_if_missing(false);
    let readers = pool(4).acquire_timeout(BUSY).connect_with(readers).await?;
    Ok(Db::Sqlite { readers, writer })
}

/// A pool that does not ask each connection whether it is still there: a file does not hang up.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new().max_connections(connections).test_before_acquire(false)
}
