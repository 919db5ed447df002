//! Files with one row per dossier: the parent streams the file to a limited worker, which counts. What comes back is CSV
//! text with one line per month, unit and service, and the places of the dossiers that were refused.
//!
//! Nothing of a dossier is kept: no number, no link, no cell. A refusal names row and column and never shows the value.

mod answer;
mod cells;
mod codes;
mod count;
mod dates;
mod delimited;
mod dossier;
mod groups;
mod header;
mod json;
mod members;
mod parent;
mod personal;
mod task;
#[cfg(test)]
mod tests;

pub use answer::Broken;
pub(super) use answer::Counted;
pub use codes::{Channel, Codes, Payment};
pub use dates::DateFormat;
pub(super) use parent::read;
pub use personal::kind as personal;
pub(super) use task::TASK;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Columns, NumberFormat};

/// A `[[source]]` of kind `dossiers`.
#[derive(Debug, Clone)]
pub struct Dossiers {
    /// The file.
    pub path: PathBuf,
    /// How it is read.
    pub reading: Reading,
}

/// How a file of dossiers is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// How the file is written.
    pub format: Format,
    /// The byte between two cells of CSV.
    pub delimiter: u8,
    /// Whether columns that identify a person are left out; else such a file is refused.
    pub drop_personal: bool,
    /// How dates are written.
    pub dates: DateFormat,
    /// The mapped fields, each with its header or name.
    pub fields: Vec<(Field, String)>,
    /// What the channel's codes mean.
    pub channels: Codes<Channel>,
    /// What the payment's codes mean.
    pub payments: Codes<Payment>,
    /// Codes of services that return no document.
    pub without_result: Vec<String>,
}

/// How a file of dossiers is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// CSV with a header.
    Csv,
    /// JSON: one list of objects, or one object after the other.
    Json,
}

/// What is read of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Field {
    /// Its number; only compared with the others', never kept.
    Number,
    /// The unit's code.
    UnitCode,
    /// The unit's name.
    UnitName,
    /// The service's code.
    ServiceCode,
    /// How it was filed.
    Channel,
    /// When it was received.
    ReceivedOn,
    /// When its result is promised.
    DueOn,
    /// When it was resolved.
    ResolvedOn,
    /// The link or number of its electronic result; only whether there is one.
    Result,
    /// Its fee; only whether there is one.
    Fee,
    /// How it was paid.
    Payment,
    /// Whether parts of it were digitised.
    Digitised,
}

impl Field {
    /// Every field and the key of `[source.fields]` that maps it.
    pub const ALL: [(Self, &str); 12] = [
        (Self::Number, "number"),
        (Self::UnitCode, "unit_code"),
        (Self::UnitName, "unit_name"),
        (Self::ServiceCode, "service_code"),
        (Self::Channel, "channel"),
        (Self::ReceivedOn, "received_on"),
        (Self::DueOn, "due_on"),
        (Self::ResolvedOn, "resolved_on"),
        (Self::Result, "result"),
        (Self::Fee, "fee"),
        (Self::Payment, "payment"),
        (Self::Digitised, "digitised"),
    ];

    /// The key that maps it.
    pub(super) fn key(self) -> &'static str {
        Self::ALL.iter().find(|(field, _)| *field == self).map_or("", |(_, key)| key)
    }
}

/// A count that dossiers are added up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    Received,
    ReceivedOnline,
    ReceivedByPost,
    ReceivedDigitised,
    ServicesOnlineWithDossiers,
    Resolved,
    ResolvedEarly,
    ResolvedOnTime,
    ResolvedLate,
    ResultsDue,
    ResultsElectronic,
    FeeTransactions,
    Paid(Payment),
}

impl Sum {
    /// The measure it is.
    pub(super) const fn measure(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::ReceivedOnline => "received_online",
            Self::ReceivedByPost => "received_by_post",
            Self::ReceivedDigitised => "received_digitised",
            Self::ServicesOnlineWithDossiers => "services_online_with_dossiers",
            Self::Resolved => "resolved",
            Self::ResolvedEarly => "resolved_early",
            Self::ResolvedOnTime => "resolved_on_time",
            Self::ResolvedLate => "resolved_late",
            Self::ResultsDue => "results_due",
            Self::ResultsElectronic => "results_electronic",
            Self::FeeTransactions => "fee_transactions",
            Self::Paid(payment) => payment.measure(),
        }
    }
}

impl Reading {
    /// Header or name of the field, if it is mapped.
    pub(super) fn name(&self, field: Field) -> Option<&str> {
        self.fields.iter().find(|(known, _)| *known == field).map(|(_, name)| name.as_str())
    }

    /// Whether the field is mapped.
    pub(super) fn has(&self, field: Field) -> bool {
        self.name(field).is_some()
    }

    /// What the mapped fields can be added up to. A measure that they do not tell is not given at all: missing is not
    /// zero.
    pub(super) fn sums(&self) -> Vec<Sum> {
        let mut sums = vec![Sum::Received, Sum::ReceivedOnline, Sum::ReceivedByPost];
        if self.has(Field::ServiceCode) {
            sums.push(Sum::ServicesOnlineWithDossiers);
        }
        if self.has(Field::Digitised) {
            sums.push(Sum::ReceivedDigitised);
        }
        if self.has(Field::ResolvedOn) {
            sums.extend([Sum::Resolved, Sum::ResultsDue]);
            if self.has(Field::DueOn) {
                sums.extend([Sum::ResolvedEarly, Sum::ResolvedOnTime, Sum::ResolvedLate]);
            }
            if self.has(Field::Result) {
                sums.push(Sum::ResultsElectronic);
            }
        }
        if self.has(Field::Fee) {
            sums.push(Sum::FeeTransactions);
        }
        if self.has(Field::Payment) {
            let told = Payment::COUNTED.into_iter().filter(|payment| self.payments.knows(*payment));
            sums.extend(told.map(Sum::Paid));
        }
        sums
    }

    /// The mapping of the text that dossiers are added up to.
    pub fn columns(&self) -> Columns {
        let if_mapped = |field: Field| if self.has(field) { field.key().to_owned() } else { String::new() };
        let measures = self.sums().into_iter().map(|sum| (sum.measure().to_owned(), sum.measure().to_owned()));
        Columns {
            period: "period".to_owned(),
            unit_code: if_mapped(Field::UnitCode),
            unit_name: if_mapped(Field::UnitName),
            service_code: if_mapped(Field::ServiceCode),
            measures: measures.collect(),
            numbers: NumberFormat::Plain,
        }
    }
}
