//! What tests stand on: databases of both engines, peers on loopback, whole installations, a mailbox and a browser.

pub mod browser;
pub mod databases;
pub mod http_stub;
pub mod letters;
pub mod mail;
pub mod mailbox;
pub mod parcels;
pub mod project;
pub mod smtp_sink;
