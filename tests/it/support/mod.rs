//! What tests stand on: databases of both engines, peers on loopback.

pub mod browser;
pub mod databases;
pub mod mailbox;
