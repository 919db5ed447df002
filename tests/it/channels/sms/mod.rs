//! Text messages against the twin of eSMS and against stubs of other providers.

mod esms;
mod providers;
