//! The right half: claims entries from the outbox, hands them to their channels and settles what became of them.
//!
//! Knows the outbox and the channels, and nothing of figures.

mod settings;

pub use settings::Settings;
