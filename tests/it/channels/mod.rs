//! The channels against peers on loopback.

mod bounces;
mod files;
mod mail;
mod mailbox;
mod mime;
mod real_relay;
mod refusals;
mod rehearsal;
mod relays;
mod security;
mod sms;
mod webhook;
