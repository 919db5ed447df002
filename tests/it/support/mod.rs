//! What tests stand on: databases of both engines, peers on loopback, a reader of sources.

pub mod databases;
pub mod paths;
