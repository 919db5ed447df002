//! Two at once: presses, replicas, a command beside `serve`. PostgreSQL shows each of them what the other commits between two
//! of its statements, so nothing that was looked at before may be taken for granted.

mod batches;
mod catalog;
mod deeds;
mod people;
mod runs;
mod targets;
