//! What stands between an installation and its first real message: trial mode, and what is left of the set-up.

use super::page::Failure;
use super::session::Visitor;
use super::{Mode, Site, links};

/// What the overview says of it.
#[derive(Debug)]
pub(super) struct GoLive {
    /// Addresses that trial mode lets through; `None`: messages go to everybody.
    pub(super) trial: Option<usize>,
    /// Steps with something left to do, for whoever may take them.
    pub(super) left: Option<usize>,
    /// Where they are taken.
    pub(super) steps: &'static str,
}

impl GoLive {
    /// Nothing to say of an installation that writes to everybody and is set up, of a demonstration, or where the pages know
    /// no configuration.
    pub(super) async fn of(site: &Site, visitor: &Visitor) -> Result<Option<Self>, Failure> {
        let Ok(app) = site.app() else { return Ok(None) };
        let left = match links::open_to(visitor, links::SET_UP) {
            Some(_) if site.mode == Mode::Daemon => Some(app.set_up().await?.left()),
            _ => None,
        };
        let safety = &app.config.safety;
        let trial = safety.trial.then_some(safety.allow.len());
        let silent = trial.is_none() && left.unwrap_or(0) == 0;
        Ok((!silent).then_some(Self { trial, left, steps: links::SET_UP }))
    }
}
