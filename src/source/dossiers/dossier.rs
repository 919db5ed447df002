//! One dossier → what it adds to which month, or why it is refused. A reason never holds what stood in a cell.

use chrono::{Datelike as _, NaiveDate};

use super::cells::Cells;
use super::codes::{Channel, Payment};
use super::dates::Moment;
use super::{Field, Reading, Sum};

/// Longest code of a unit or service, and longest name of a unit.
const CODE: usize = 60;
const NAME: usize = 200;
/// So many digits on end are a number of identity or a telephone number, not part of a code or name.
const DIGITS: usize = 9;
/// No dossier of these systems is older.
const FIRST_YEAR: i32 = 2000;

/// Which days count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// The last day that counts; its year is the one that counts.
    pub(super) until: NaiveDate,
    /// The day the file is read: nothing can have happened later.
    pub(super) today: NaiveDate,
}

impl Window {
    fn month(self, day: NaiveDate) -> Option<u32> {
        (day.year() == self.until.year() && day <= self.until).then(|| day.month())
    }
}

/// What a dossier adds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// The month it was received in, if that counts.
    pub(super) received: Option<u32>,
    /// The month it was resolved in, if that counts.
    pub(super) resolved: Option<u32>,
    /// Bit `n`: it adds one to sum `n`. Two more say what was told of the fee.
    pub(super) adds: u32,
}

/// Bits of [`Facts::adds`]: the fee was told, the way of paying was told.
pub(super) const FEE_TOLD: usize = 30;
pub(super) const PAYMENT_TOLD: usize = 31;

/// Why a dossier is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Blemish {
    /// The field; `None` when it is the row as such.
    pub(super) field: Option<Field>,
    /// 1-based column, where the field does not say it; 0 is the row.
    pub(super) column: usize,
    /// The month it would have counted in, where that is known.
    pub(super) month: Option<u32>,
    pub(super) reason: String,
    pub(super) remedy: &'static str,
}

fn blemish<T>(field: Field, reason: impl Into<String>, remedy: &'static str) -> Result<T, Blemish> {
    Err(Blemish { field: Some(field), column: 0, month: None, reason: reason.into(), remedy })
}

/// Reads a dossier; whether its days count at all is in [`Facts::received`] and [`Facts::resolved`].
pub(super) fn read(cells: &Cells, reading: &Reading, sums: &[Sum], window: Window) -> Result<Facts, Blemish> {
    if let Some((column, reason)) = cells.torn() {
        let remedy = "export the dossier again; look for a missing cell, quotation mark or delimiter";
        return Err(Blemish { field: None, column, month: None, reason: reason.to_owned(), remedy });
    }
    let days = Days::read(cells, reading, window)?;
    let mut facts = Facts { received: window.month(days.received.day), ..Facts::default() };
    // A result of later is none yet, for figures of that day.
    facts.resolved = days.resolved.and_then(|moment| window.month(moment.day));
    if facts.received.is_none() && facts.resolved.is_none() {
        return Ok(facts);
    }
    let month = facts.received.or(facts.resolved);
    facts.adds = adds(cells, reading, sums, (&days, facts)).map_err(|blemish| Blemish { month, ..blemish })?;
    Ok(facts)
}

/// The bits of what a dossier adds in its months.
fn adds(cells: &Cells, reading: &Reading, sums: &[Sum], (days, facts): (&Days, Facts)) -> Result<u32, Blemish> {
    named(cells, reading)?;
    let paid = Paid::read(cells, reading)?;
    let channel = channel(cells, reading)?;
    let digitised = flag(cells, Field::Digitised)?;
    let returns_document = !reading.without_result.iter().any(|code| code == cells.text(Field::ServiceCode));
    let mut bits = 0;
    for (number, sum) in sums.iter().enumerate() {
        let adds = match sum {
            Sum::Received | Sum::Resolved => true,
            Sum::ReceivedOnline | Sum::ServicesOnlineWithDossiers => channel == Channel::Online,
            Sum::ReceivedByPost => channel == Channel::Post,
            Sum::ReceivedDigitised => digitised,
            Sum::ResolvedEarly => days.timely() == Some(Timely::Early),
            Sum::ResolvedOnTime => days.timely() == Some(Timely::OnTime),
            Sum::ResolvedLate => days.timely() == Some(Timely::Late),
            Sum::ResultsDue => returns_document,
            Sum::ResultsElectronic => returns_document && !cells.text(Field::Result).is_empty(),
            Sum::FeeTransactions => paid.fee == Some(true),
            Sum::Paid(payment) => paid.fee != Some(false) && paid.payment == Some(*payment),
        };
        let counts = if sum.is_of_results() { facts.resolved.is_some() } else { facts.received.is_some() };
        bits |= u32::from(adds && counts) << number;
    }
    if facts.received.is_some() {
        bits |= u32::from(paid.fee.is_some()) << FEE_TOLD | u32::from(paid.is_told(reading)) << PAYMENT_TOLD;
    }
    Ok(bits)
}

impl Sum {
    /// Whether the day of the result puts a dossier into a month, not the day it was received.
    pub(super) const fn is_of_results(self) -> bool {
        matches!(
            self,
            Self::Resolved
                | Self::ResolvedEarly
                | Self::ResolvedOnTime
                | Self::ResolvedLate
                | Self::ResultsDue
                | Self::ResultsElectronic
        )
    }
}

struct Days {
    received: Moment,
    due: Option<Moment>,
    resolved: Option<Moment>,
}

#[derive(PartialEq, Eq)]
enum Timely {
    Early,
    OnTime,
    Late,
}

impl Days {
    fn read(cells: &Cells, reading: &Reading, window: Window) -> Result<Self, Blemish> {
        const CORRECT: &str = "correct the date in the source";
        let day = |field: Field, may_come: bool| {
            let text = cells.text(field);
            if text.is_empty() {
                return Ok(None);
            }
            let Some(moment) = reading.dates.read(text) else {
                let reason = format!("not a date as in `{}`", reading.dates.example());
                return blemish(field, reason, "correct it, or `date_format` of the source");
            };
            if moment.day.year() < FIRST_YEAR {
                return blemish(field, format!("a date before {FIRST_YEAR}"), CORRECT);
            }
            if moment.day > window.today && !may_come {
                return blemish(field, format!("a date after {}, the day the file is read", window.today), CORRECT);
            }
            Ok(Some(moment))
        };
        let received = day(Field::ReceivedOn, false)?;
        let (due, resolved) = (day(Field::DueOn, true)?, day(Field::ResolvedOn, false)?);
        let Some(received) = received else {
            return blemish(Field::ReceivedOn, "blank, but every dossier was received on some day", CORRECT);
        };
        if resolved.is_some_and(|resolved| resolved.day < received.day) {
            return blemish(Field::ResolvedOn, "a day before the dossier was received", CORRECT);
        }
        Ok(Self { received, due, resolved })
    }

    /// `None` where nothing was promised.
    fn timely(&self) -> Option<Timely> {
        let (due, resolved) = (self.due?, self.resolved?);
        let later_that_day = resolved.second.zip(due.second).is_some_and(|(resolved, due)| resolved > due);
        Some(match resolved.day.cmp(&due.day) {
            std::cmp::Ordering::Less => Timely::Early,
            std::cmp::Ordering::Equal if !later_that_day => Timely::OnTime,
            _ => Timely::Late,
        })
    }
}

/// Unit, service and number can be what they are called.
fn named(cells: &Cells, reading: &Reading) -> Result<(), Blemish> {
    let code = |text: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
        text.len() <= CODE && text.chars().all(plain) && !holds_a_number(text)
    };
    if reading.has(Field::Number) && cells.text(Field::Number).is_empty() {
        return blemish(Field::Number, "blank: nobody can see whether the dossier stands twice", "export its number");
    }
    for field in [Field::UnitCode, Field::ServiceCode] {
        if !code(cells.text(field)) {
            let remedy = "correct the cell, or the column in [source.fields]";
            return blemish(field, "not a code: at most 60 letters, digits, `.`, `-`, `_`, `/`", remedy);
        }
    }
    let name = cells.text(Field::UnitName);
    if name.chars().nth(NAME).is_some() || holds_a_number(name) {
        return blemish(Field::UnitName, "not a unit's name", "correct the cell, or the column in [source.fields]");
    }
    if name.is_empty() && cells.text(Field::UnitCode).is_empty() {
        let field = if reading.has(Field::UnitCode) { Field::UnitCode } else { Field::UnitName };
        return blemish(field, "blank: nobody can see whose dossier it is", "export the unit");
    }
    if reading.has(Field::ServiceCode) && cells.text(Field::ServiceCode).is_empty() {
        return blemish(Field::ServiceCode, "blank: nobody can see what was asked for", "export the service's code");
    }
    Ok(())
}

/// Whether there are as many digits on end as in a number of identity.
fn holds_a_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= DIGITS)
}

fn channel(cells: &Cells, reading: &Reading) -> Result<Channel, Blemish> {
    reading.channels.meaning(cells.text(Field::Channel)).map_or_else(
        || {
            let reason = format!("not a code of a channel; known are {}", reading.channels.listed());
            blemish(Field::Channel, reason, "correct the cell, or add the code to [source.channels]")
        },
        Ok,
    )
}

fn flag(cells: &Cells, field: Field) -> Result<bool, Blemish> {
    match cells.text(field).to_ascii_lowercase().as_str() {
        "1" | "true" => Ok(true),
        "" | "0" | "false" => Ok(false),
        _ => blemish(field, "neither 1 nor 0, true nor false", "correct the cell, or the column in [source.fields]"),
    }
}

struct Paid {
    /// Whether there was a fee; `None` where that is not told.
    fee: Option<bool>,
    /// `None` where the record says of no way that it was used.
    payment: Option<Payment>,
}

impl Paid {
    fn read(cells: &Cells, reading: &Reading) -> Result<Self, Blemish> {
        let fee = match cells.text(Field::Fee) {
            "" => None,
            // Whether it is zero is all that counts, so how thousands are written does not matter.
            text if text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) && text.contains(digit) => {
                Some(text.contains(|c| ('1'..='9').contains(&c)))
            }
            _ => return blemish(Field::Fee, "not an amount in digits", "correct the cell"),
        };
        let payment = match cells.text(Field::Payment) {
            "" => None,
            code => {
                let Some(payment) = reading.payments.meaning(code) else {
                    let reason = format!("not a code of a payment; known are {}", reading.payments.listed());
                    return blemish(Field::Payment, reason, "correct the cell, or add the code to [source.payments]");
                };
                Some(payment)
            }
        };
        if reading.has(Field::Fee) && fee != Some(true) && payment.is_some_and(Payment::is_paid) {
            return blemish(
                Field::Fee,
                "no fee, although the dossier says how it was paid",
                "correct the fee or the payment; without a column of fees set `fee = \"\"` in [source.fields]",
            );
        }
        Ok(Self { fee, payment })
    }

    /// Whether the way of paying is told: a blank cell beside a fee says that none of the codes' ways was used.
    fn is_told(&self, reading: &Reading) -> bool {
        if reading.has(Field::Fee) { self.fee.is_some() } else { self.payment.is_some() }
    }
}

fn digit(c: char) -> bool {
    c.is_ascii_digit()
}
