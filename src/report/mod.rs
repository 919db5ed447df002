//! Standings for people and programs, from what the rooms stored. Reads everything, writes nothing.

mod standings;

pub use standings::{Line, Standings, UnitStandings, decimal, standings};
