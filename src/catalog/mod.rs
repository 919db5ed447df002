//! Reference data, all of it dated: who exists, who is addressed, what is measured, what is demanded.
//!
//! Foundation of every room. Nothing here knows figures. A [`Catalog`] is a view as of one date, loaded once per
//! pass; a pack (a folder of CSV and TOML files) is how it is brought in and taken out.

mod calendar;
mod contact;
mod indicator;
mod matching;
mod pack;
mod target;
mod unit;
mod view;

pub use calendar::{Calendar, CalendarYear};
pub use contact::{Contact, Office, Recipient, Sender, mask_email, mask_phone};
pub use indicator::{Cause, Condition, Indicator, IndicatorId, IndicatorKind, Measure};
pub use matching::{Names, Unmatched, fold, without_diacritics};
pub use pack::{Pack, PackError, Problem};
pub use target::{BasisPoints, Comparator, Demand, LegalBasis, Scope, Target, TargetId};
pub use unit::{Kind, Level, Succession, SuccessionKind, Unit, UnitId, Validity};
pub use view::Catalog;
