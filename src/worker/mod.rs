//! A process of this program that may die: its memory and processor time are limited, it has no environment, opens no
//! file and no connection, and speaks only through its pipes.
//!
//! Whatever can be made to spin, to swallow memory or to abort by what people write or upload (templates,
//! spreadsheets) is done in one. A room that uses it hands over a [`Task`], which the program's first line looks up,
//! and asks a [`Worker`].

mod child;
mod frame;
mod parent;

pub use child::{COMMAND, Task, Work, serve};
pub use parent::{Limits, Worker};
