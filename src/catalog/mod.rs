//! Reference data, all of it dated: who exists, who is addressed, what is measured, what is demanded.
//!
//! Foundation of every room. Nothing here knows figures. A [`Catalog`] is a view as of one date, loaded once per
//! pass; a pack (a folder of CSV and TOML files) is how it is brought in and taken out.

mod calendar;
mod contact;
mod export;
mod import;
mod indicator;
mod matching;
mod pack;
mod store;
mod target;
mod unit;

pub use calendar::{Calendar, CalendarYear};
pub use contact::{Contact, Office, Recipient, Sender, mask_email, mask_phone};
pub use export::export;
pub use import::{Change, Changes, import};
pub use indicator::{Cause, Condition, Indicator, IndicatorId, IndicatorKind, Measure};
pub use matching::{Names, fold, without_diacritics};
pub use pack::{Pack, PackError, Problem};
pub use store::{Catalog, STATEMENTS};
pub use target::{BasisPoints, Comparator, Demand, LegalBasis, Scope, Target, TargetId};
pub use unit::{Kind, Level, Succession, SuccessionKind, Unit, UnitId, Validity};
