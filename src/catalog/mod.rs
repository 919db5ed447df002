//! Reference data, all of it dated: who exists, who is addressed, what is measured, what is demanded.
//!
//! Foundation of every room. Nothing here knows figures. A [`Catalog`] is a view as of one date, loaded once per
//! pass; a pack (a folder of CSV and TOML files) is how it is brought in and taken out.

mod alias;
mod alphabet;
mod calendar;
mod candidates;
mod changes;
mod check_tree;
mod codes;
mod condition;
mod contact;
pub mod contact_sheet;
pub mod directory;
mod export;
mod finding;
mod glance;
mod heirs;
mod import;
mod indicator;
mod matching;
mod pack;
mod read;
mod read_causes;
mod read_contacts;
mod read_definitions;
mod read_senders;
mod read_table;
mod read_text;
mod read_toml;
mod read_units;
pub mod reform;
mod search;
mod store;
mod target;
mod unit;
mod view;
mod write;

pub use alias::{
    AliasDecision, AliasError, NewAlias, alias_decisions, decisions_in, resolve_alias, store_alias, unresolve_alias,
};
pub use alphabet::alphabetical;
pub use calendar::{Calendar, CalendarYear, Day, DayOff, Origin, lunar_new_year};
pub use candidates::Candidate;
pub use changes::{Changed, Changes, FileChanges, changes};
pub use condition::{Condition, ConditionError};
pub use contact::{Contact, Office, Recipient, Seat, Sender, mask_email, mask_phone};
pub use export::{ExportError, export};
pub use glance::{Listed, around, codes_within, headless, measures, present, unit_by_code, unit_named};
pub use heirs::Heir;
pub use import::{import, keep_still};
pub use indicator::{
    Basis, Cause, Definition, Indicator, IndicatorId, IndicatorKind, KNOWN_MEASURES, Measure, WhatIf, Window,
};
pub use matching::{Names, Unmatched, fold, without_diacritics};
pub use pack::{Pack, PackError, Problem};
pub use search::Search;
pub use store::{calendar, is_empty, is_empty_in, load, load_in, statements, templates};
pub use target::{BasisPoints, Comparator, Demand, LegalBasis, Scope, Target, TargetId};
pub use unit::{Kind, Level, Succession, SuccessionKind, Unit, UnitId, Validity};
pub use view::Catalog;
