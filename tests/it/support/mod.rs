//! What tests stand on: databases of both engines, peers on loopback, whole installations.

pub mod answers;
pub mod away;
pub mod axe;
pub mod browser;
pub mod cluster;
pub mod daemon;
pub mod databases;
pub mod esms;
pub mod http_stub;
pub mod letters;
pub mod mail;
pub mod mailbox;
pub mod meeting;
pub mod parcels;
pub mod paths;
pub mod preload;
pub mod project;
pub mod provider;
pub mod reader;
pub mod relay;
pub mod rounds;
pub mod secrets;
pub mod smtp_sink;
pub mod zalo;
