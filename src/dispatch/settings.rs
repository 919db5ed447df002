//! The `[delivery]` of the configuration.

use std::time::Duration;

/// How stubbornly and how fast messages are offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long a claimed entry belongs to its worker; longer than twice the slowest channel's time limit.
    pub lease: Duration,
    /// Waits before the 2nd, 3rd, … attempt, full jitter; after the last one the entry fails.
    pub retry_after: Vec<Duration>,
    /// How long a message may be sent after it was written; later it expires.
    pub valid_for: Duration,
    /// How long `run` waits for attempts that are not due yet before it leaves them to the next start.
    pub run_waits: Duration,
    /// How long a channel rests after it was found out of order.
    pub channel_rest: Duration,
    /// How often `serve` looks for due entries.
    pub poll: Duration,
    /// Names of the channels that step in for each other, in the order in which they are tried; none: each message goes by
    /// one channel alone.
    pub fallback: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(count * 60);
        Self {
            lease: minutes(5),
            retry_after: vec![
                Duration::from_secs(5),
                Duration::from_secs(30),
                minutes(5),
                minutes(15),
                minutes(60),
                minutes(180),
                minutes(360),
            ],
            valid_for: minutes(48 * 60),
            run_waits: Duration::from_secs(30),
            channel_rest: minutes(3),
            poll: Duration::from_secs(2),
            fallback: Vec::new(),
        }
    }
}
