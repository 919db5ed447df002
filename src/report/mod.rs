//! Standings for people and programs, from what the rooms stored. Reads everything, writes nothing.

mod drill;
mod standings;

pub use drill::{ServiceLine, services};
pub use standings::{CauseLine, Line, Standings, UnitStandings, decimal, standings};
