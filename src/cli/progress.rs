//! Progress on long work: a line that moves, only where people watch.

use indicatif::{ProgressBar, ProgressStyle};

use super::output;

/// A running count, drawn on standard error of a terminal and nowhere else.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A count that says what it counts.
    pub(super) fn start(what: &'static str) -> Self {
        if !output::watched() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner().with_message(what);
        bar.set_style(
            ProgressStyle::with_template("{spinner} {msg}: {pos} ({elapsed})")
                .unwrap_or(ProgressStyle::default_spinner()),
        );
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        Self(bar)
    }

    /// So many by now.
    pub(super) fn at(&self, count: u64) {
        self.0.set_position(count);
    }

    /// Takes the line away.
    pub(super) fn done(&self) {
        self.0.finish_and_clear();
    }
}
