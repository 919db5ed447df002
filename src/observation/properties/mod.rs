//! What must hold for whatever numbers and tables come in; see `crate::fuzzing`.

mod csv;
mod number;
pub(super) mod sample;

pub(crate) use csv::csv;
pub(crate) use number::{number, number_of_a_reply};
