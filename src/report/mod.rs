//! Standings for people and programs, from what the rooms stored. Reads everything, writes nothing.

mod cell;
mod change;
mod digest;
mod drill;
mod effect;
mod glance;
mod moves;
mod standings;

pub use cell::harmless;
pub use change::Change;
pub use digest::{Below, BrokenPromise, Digest, Improved, IndicatorDigest, digest};
pub use drill::{ServiceLine, services};
pub use effect::{EffectLine, Effects, FEWEST, NEAR, NO_PROOF, Passage, Side, Spread, TOO_FEW, Told};
pub use glance::{GlanceCell, GlanceLine, GlanceRow, Tone, rows, shared_target, totals};
pub use moves::{Move, moves};
pub use standings::{CauseLine, Line, Standings, UnitStandings, decimal, line, of_unit, standings};
