//! What tests stand on: databases of both engines, peers on loopback.

pub mod databases;
pub mod mailbox;
