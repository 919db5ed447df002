//! The channels against peers on loopback.

mod files;
mod mail;
mod mailbox;
mod mime;
mod refusals;
mod security;
mod sms;
mod webhook;
