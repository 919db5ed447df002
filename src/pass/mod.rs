//! The left half: from the sources to the outbox, and the schedule that starts it.

mod settings;

pub use settings::{Approval, Quality, Safety, Schedule};
