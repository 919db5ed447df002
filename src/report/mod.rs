//! Standings for people and programs, from what the rooms stored. Reads everything, writes nothing.

mod cell;
mod change;
mod course;
mod digest;
mod drill;
mod effect;
mod glance;
mod movers;
mod moves;
mod sheet;
mod standings;

pub use cell::harmless;
pub use change::Change;
pub use course::{SumLine, sums, sums_of};
pub use digest::{Below, BrokenPromise, Digest, Improved, IndicatorDigest, digest};
pub use drill::{ServiceLine, services};
pub use effect::{EffectLine, Effects, FEWEST, NEAR, NO_PROOF, Passage, Side, Spread, TOO_FEW, Told};
pub use glance::{GlanceCell, GlanceLine, GlanceRow, Tone, below_of, rows, shared_target, totals};
pub use movers::{Among, End, Mover, Movers, SMALLEST, movers};
pub use moves::{Move, moves};
pub use sheet::{Sheet, SheetCell, SheetError};
pub use standings::{CauseLine, Line, Standings, UnitStandings, decimal, line, of_unit, standings};
