//! The editor of message templates: what is in force, what somebody is writing, how it would look, whom it would not suit,
//! and what it was before.
//!
//! The pages decide nothing: texts are tried, checked, saved and put in force by the functions of [`App`](crate::app::App)
//! and of `message::revisions`, as `dondoc template` does it.

mod changes;
mod check;
mod checks;
mod drafts;
mod list;
mod proof;
mod publish;
mod save;
mod show;
mod sight;
mod subject;
mod versions;
mod words;
mod zalo;

pub(super) use check::{page as check_page, start as start_check};
pub(super) use checks::Checks;
pub(super) use drafts::{discard, take_back};
pub(super) use list::list;
pub(super) use publish::{confirm, publish};
pub(super) use save::{keep, save};
pub(super) use show::show;
pub(super) use sight::sought;
pub(super) use versions::versions;
pub(super) use words::title;

/// The largest form: a text four times as long as templates may be is still refused in words, with what was typed.
pub(super) const LARGEST_FORM: usize = 1 << 20;

/// Names and values of an address.
fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    super::form::pairs(&axum::body::Bytes::from(query.unwrap_or_default().to_owned())).unwrap_or_default()
}
