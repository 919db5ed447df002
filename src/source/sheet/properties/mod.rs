//! What must hold for whatever sheets come in; see `crate::fuzzing`.

mod header;
mod html;
mod written;

pub(in crate::source) use header::header;
pub(in crate::source) use html::html_table;
pub(in crate::source) use written::counted_in_a_sheet;
