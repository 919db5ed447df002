//! The one integration binary. Every store case runs on SQLite and PostgreSQL; channels speak to real servers on
//! loopback; the whole is tested by running the binary.

#![expect(unreachable_pub, reason = "one binary; its modules share freely")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails says so by panicking")]

mod api;
mod architecture;
mod breaker;
mod browser;
mod calendar;
mod catalog;
mod catalog_store;
mod channels;
mod config;
mod contacts;
mod crash;
mod daemon;
mod desk;
mod dispatch;
mod fallback;
mod figures;
mod gate;
mod hours;
mod intake;
mod leases;
mod messages;
mod outbox;
mod people;
mod planned;
mod races;
mod replicas;
mod replies;
mod retention;
mod revisions;
mod roll_up;
mod schedule;
mod sms;
mod sources;
mod statements;
mod support;
mod undo;
mod web;
mod whole;
mod zalo;
