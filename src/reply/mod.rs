//! Answers of heads by a signed link in their letter: no account, one recipient, an end, and no effect until a button is
//! pressed.
//!
//! message → … → **reply** → the history that the next decision reads
//!
//! A link names its recipient, the cases of the letter and its last day, under a MAC. It is checked before anything is
//! read, and then against the catalog of today: who is no longer written to cannot answer. Every answer is kept; of a case
//! the newest one holds.

mod answer;
mod bounce;
mod keys;
mod letter;
mod links;
mod list;
mod record;
mod revoke;
mod task;
mod token;
mod words;

pub use answer::{Answer, Kind, LONGEST_CAUSE, Refusal, Said};
pub use bounce::{Bounced, Unreachable, bounced, take_bounces, told_bounces, unreachable, untold_bounces};
pub use keys::{FormCheck, Keys};
pub use letter::{Letter, LetterCase, open};
pub use links::{Links, Signer};
pub use list::{Answered, answered, answered_about};
pub use record::record;
pub use revoke::revoke;
pub use task::{Closing, Task, TaskError, close, reopen, told, untold};
pub use words::words;

use crate::db::Sql;

/// The `[reply]` of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What links are signed with; none: letters carry no link.
    pub keys: Keys,
    /// How many days a link can be used after the letter was written.
    pub link_valid_for: u32,
    /// How far ahead a promise may lie, in working days.
    pub promise_at_most: u32,
    /// For how many working days a disputed figure is not reminded of.
    pub dispute_holds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { keys: Keys::default(), link_valid_for: 30, promise_at_most: 20, dispute_holds: 5 }
    }
}

/// Every statement of this room.
pub fn statements() -> impl Iterator<Item = &'static Sql> {
    let files = [
        bounce::STATEMENTS,
        letter::STATEMENTS,
        list::STATEMENTS,
        record::STATEMENTS,
        revoke::STATEMENTS,
        task::STATEMENTS,
        words::STATEMENTS,
    ];
    files.into_iter().flatten()
}
