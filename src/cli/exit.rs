//! How a command ends: an exit code that scripts rely on, and one explanation for people.

use std::process::ExitCode;

use crate::app::{AppError, with_causes};
use crate::config::Problem;
use crate::db::DbError;
use crate::pass::PassError;
use crate::source::FetchError;

/// Exit codes. They are a contract with scripts outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    /// Done, also when there was nothing to send.
    Done = 0,
    /// Unexpected error.
    Unexpected = 1,
    /// Wrong usage.
    Usage = 2,
    /// The configuration, or a pack, is invalid.
    Invalid = 3,
    /// Held by the quality gate or the mass-mail guard.
    Held = 4,
    /// Some deliveries failed.
    DeliveriesFailed = 5,
    /// A source or channel is unreachable.
    Unreachable = 6,
    /// Another instance holds the database.
    HeldByAnother = 7,
    /// Approval is missing, or trial mode refused.
    NotApproved = 8,
}

impl Code {
    const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::Held => 4,
            Self::DeliveriesFailed => 5,
            Self::Unreachable => 6,
            Self::HeldByAnother => 7,
            Self::NotApproved => 8,
        }
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code.number())
    }
}

/// A command that could not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    /// What scripts see.
    pub code: Code,
    /// What people see; causes and remedies on lines of their own.
    pub message: String,
}

impl Failure {
    /// A failure with a message that is already for people.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Wrong usage: what was wrong, and what to write instead.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, message)
    }

    /// A configuration with errors: all of them, one after the other.
    pub fn invalid(problems: &[Problem]) -> Self {
        let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Self::new(Code::Invalid, format!("the configuration cannot be used:\n{}", list.join("\n")))
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        let message = with_causes(&error, "\n  cause: ");
        match &error {
            AppError::Db(DbError::HeldByAnother(_)) => Self::new(
                Code::HeldByAnother,
                format!("{message}\n  remedy: stop it first, or use the commands that only read"),
            ),
            AppError::Db(error @ DbError::Outdated { .. })
            | AppError::Pass(PassError::Db(error @ DbError::Outdated { .. })) => Self::new(
                database(error),
                format!("{message}\n  remedy: start the newer program here too; nothing was sent by this one since"),
            ),
            AppError::Db(error) | AppError::Pass(PassError::Db(error)) => {
                let remedy = match database(error) {
                    Code::Unreachable => "\n  remedy: check that the database runs and that [database] url names it",
                    _ => "",
                };
                Self::new(database(error), format!("{message}{remedy}"))
            }
            AppError::Seed { source, .. } => {
                let list: Vec<String> = source.problems.iter().map(ToString::to_string).collect();
                Self::new(Code::Invalid, format!("{error}:\n{}", list.join("\n")))
            }
            AppError::Templates(_) => Self::new(
                Code::Invalid,
                format!(
                    "{message}\n  remedy: correct [messages] folder; its files are UTF-8 text that this user may read"
                ),
            ),
            AppError::Channel(_) | AppError::Pass(PassError::EmptyCatalog) => Self::new(Code::Invalid, message),
            AppError::Pass(PassError::NoRound(_) | PassError::CatalogChanged) => Self::usage(message),
            AppError::Pass(PassError::Fetch(FetchError::Unreachable { .. })) => {
                let remedy =
                    "check the path or address in [[source]], and that this user may read it; nothing was sent";
                Self::new(Code::Unreachable, format!("{message}\n  remedy: {remedy}"))
            }
            AppError::Pass(_) | AppError::Renderer(_) | AppError::System { .. } => Self::new(Code::Unexpected, message),
        }
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        AppError::Db(error).into()
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(Code::Unexpected, format!("cannot write the output: {error}"))
    }
}

fn database(error: &DbError) -> Code {
    match error {
        DbError::UnknownEngine(_) => Code::Invalid,
        DbError::Engine(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut) => Code::Unreachable,
        DbError::HeldByAnother(_) => Code::HeldByAnother,
        _ => Code::Unexpected,
    }
}
