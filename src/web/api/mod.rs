//! The API: what the pages do, for programs. One file per thing that is asked for; `description` gathers what each says of
//! itself, `wrong` is the one shape of refusals.
//!
//! An answer is an object of [`crate::api`], the same that commands print as JSON, or a few of them together. Reads carry a
//! tag, so that a program that asks again learns that nothing changed. Writes go through the functions that the pages and the
//! command line use; each wants the thing in a state, so that one that is sent twice does nothing the second time.

mod answer;
pub(super) mod answers;
pub(super) mod approval;
mod asked;
pub(super) mod audit;
pub(super) mod channels;
pub(super) mod contacts;
pub(super) mod deeds;
pub(super) mod description;
mod directory_errors;
pub(super) mod feed;
mod ground;
pub(super) mod health;
pub(super) mod import_mending;
pub(super) mod imports;
pub(super) mod letters;
pub(super) mod me;
pub(super) mod measures;
pub(super) mod names;
pub(super) mod offices;
pub(super) mod outbox;
pub(super) mod outbox_deeds;
pub(super) mod plan;
pub(super) mod province;
pub(super) mod reforms;
pub(super) mod rounds;
pub(super) mod target_deeds;
pub(super) mod template_deeds;
pub(super) mod templates;
pub(super) mod unit;
pub(super) mod units;
mod words;
mod wrong;

pub(super) use wrong::Wrong;

/// What every address of the API begins with.
pub(super) const BELOW: &str = "/api/";

/// The largest body that names messages, or mends cells of a file.
pub(super) const LARGEST_LIST: usize = 256 * 1024;

/// The largest body that brings a file: 8 MB as base64, with a little around it.
pub(super) const LARGEST_FILE: usize = 12 * 1024 * 1024;

/// The largest body that saves a template: its 64 KB, each byte of them written as `\u0000` at worst.
pub(super) const LARGEST_TEMPLATE: usize = 512 * 1024;
