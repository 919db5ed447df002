//! `dondoc` pulls the figures of public administrative services, finds the offices below target and reminds
//! their heads: which figure, how many dossiers short, what to do, whom to call.
//!
//! ```text
//! source → observation → evaluation → decision → message → outbox → channel
//!   └────────────── pass: the left half, reads like this line ─────┘
//!                                              dispatch: outbox ⇄ channel
//! ```
//!
//! Each room (module) owns its type, its functions, its settings, its SQL and its tests, and uses only the
//! foundation (`catalog`, `clock`, `db`, `http`, `oidc`, `people`, `seal`, `words`, `worker`) and rooms to its left.
//! `tests/it/architecture.rs` enforces it.
//!
//! What is promised: a decided reminder is stored durably before its first byte leaves and is offered until it is
//! settled (at least once). A repeat is possible only when the process dies between the peer's "accepted" and our
//! settlement; the repeat carries the same `Message-ID` or idempotency key. An entry past its validity expires.
//!
//! Start reading at [`pass::run`] and [`dispatch`]; `docs/architecture.md` has the table of rooms.

pub mod api;
pub mod app;
pub mod catalog;
pub mod channel;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod decision;
pub mod dispatch;
pub mod evaluation;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod http;
pub mod message;
pub mod observation;
pub mod oidc;
pub mod outbox;
pub mod pass;
pub mod people;
pub mod reply;
pub mod report;
pub mod seal;
pub mod source;
pub mod web;
pub mod words;
pub mod worker;
