//! The plug is pulled: every head still gets the message, under one id, in the same bytes; only what was in flight may
//! come twice, and on a channel that must not repeat nothing ever does.

mod random;
mod replicas;
mod sweep;
