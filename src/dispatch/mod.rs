//! The right half: claims entries from the outbox, hands them to their channels and settles what became of them.
//!
//! ```text
//! outbox ──claim──► channel ──answer──► policy ──settle──► outbox
//! ```
//!
//! Knows the outbox and the channels, and nothing of figures. Claims and settlements share their units of work:
//! the disk's sync is the bottleneck, so it is paid once for many messages. Nothing leaves before its claim is
//! durable; no unit of work is open while a channel works.

mod claiming;
mod flight;
mod hours;
mod lane;
mod pace;
mod policy;
mod settings;
mod share;
mod switches;
mod turns;

pub use hours::Hours;
pub use lane::{Lane, Limits, Report};
pub use settings::Settings;
pub use switches::{
    Pause, Resting, Switches, WRITER, enter, pause, paused, resting, set_paused, switch_pause, switches,
};

use std::time::Duration;

use crate::db::Sql;

/// Every statement of this room.
pub const STATEMENTS: &[Sql] = &[
    switches::SWITCHES,
    switches::SET_SWITCH,
    switches::PAUSE,
    switches::RAISE_WRITER,
    switches::REST,
    switches::PROBE,
    switches::MENDED,
    switches::RESTING,
    pace::TAKE,
    pace::MOVE,
    share::SHARES,
    share::HOLD,
    share::FORGET,
];

/// A part of `most` (a fifth at least), drawn from `worker` and `turn`: replicas that wait for the same thing come back one
/// after the other.
pub fn jitter(most: Duration, worker: &str, turn: u32) -> Duration {
    let seed = worker.bytes().chain(turn.to_le_bytes());
    let hash =
        seed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    // The low bits of such a hash are the poorest.
    let thousandths = u32::try_from((hash >> 32) % 800).unwrap_or(0) + 200;
    most * thousandths / 1_000
}
