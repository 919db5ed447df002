//! One office over time, and what an appointment or an end makes of it. Rows follow each other without overlap, and what
//! held on an earlier day holds on it for ever.

use chrono::NaiveDate;

use crate::catalog::contact::{Contact, Office};
use crate::catalog::contact_sheet::Holder;
use crate::catalog::matching::fold;
use crate::catalog::unit::{UnitId, Validity};

/// The rows of one office before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeEdit {
    /// The unit.
    pub unit: UnitId,
    /// The office.
    pub office: Office,
    /// Its rows as they are.
    pub before: Vec<Contact>,
    /// Its rows as they shall be, oldest first.
    pub after: Vec<Contact>,
}

impl OfficeEdit {
    /// Whether it changes nothing.
    pub fn changes_nothing(&self) -> bool {
        let mut before = self.before.clone();
        before.sort_by_key(|contact| contact.valid.from);
        before == self.after
    }

    /// The opposite.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self { before: self.after.clone(), after: self.before.clone(), ..self.clone() }
    }

    /// Columns that differ between who holds the office before and after, for the audit log: names, never values.
    pub fn differing(before: Option<&Contact>, after: Option<&Contact>) -> Vec<&'static str> {
        let cells = |contact: Option<&Contact>| {
            let of = |text: Option<&String>| text.cloned().unwrap_or_default();
            contact.map_or_else(Default::default, |contact| {
                [
                    of(contact.person.as_ref()),
                    contact.title.clone(),
                    of(contact.email.as_ref()),
                    of(contact.phone.as_ref()),
                    of(contact.zalo_user_id.as_ref()),
                    contact.valid.to.map(|day| day.to_string()).unwrap_or_default(),
                ]
            })
        };
        let names = ["person", "title", "email", "phone", "zalo_user_id", "valid_to"];
        let (before, after): ([String; 6], [String; 6]) = (cells(before), cells(after));
        names
            .into_iter()
            .zip(before.into_iter().zip(after))
            .filter(|(_, (b, a))| b != a)
            .map(|(name, _)| name)
            .collect()
    }

    /// `holder` holds the office from the day that he says, at the earliest from `day`: what was before stays as it was.
    /// A holder of an office that was never held begins on the day that he says, else on `day`.
    pub fn appoint(history: Vec<Contact>, holder: &Holder, day: NaiveDate) -> Self {
        let mut after = history.clone();
        after.sort_by_key(|contact| contact.valid.from);
        let at = match holder.from {
            Some(from) if from > day || after.iter().all(|row| row.valid.to.is_some_and(|to| to < from)) => from,
            _ => day,
        };
        let next = after.iter().filter_map(|row| row.valid.from).find(|from| *from > at);
        let bound = next.and_then(|next| next.pred_opt());
        let to = match (holder.to, bound) {
            (Some(to), Some(bound)) => Some(to.min(bound)),
            (to, bound) => to.or(bound),
        };
        let held = after.iter().position(|row| row.valid.covers(at));
        let from = match held.and_then(|held| after.get(held)) {
            Some(row) if says_the_same(row, holder) => {
                // Only the end may be new.
                let to = if holder.to.is_some() { to } else { row.valid.to };
                let row = Contact { valid: Validity { to, ..row.valid }, ..row.clone() };
                return Self::with(history, replaced(after, held, vec![row]), holder);
            }
            Some(row) if row.valid.from == Some(at) => row.valid.from,
            _ => Some(at),
        };
        if let Some(to) = to.filter(|to| *to < at) {
            // It ended before: nobody is appointed. Whoever is named so ends; of another person it says nothing.
            let named = held.and_then(|held| after.get(held)).is_some_and(|row| is_named(row, holder));
            let after = if named { ended(after, at, to) } else { after };
            return Self::with(history, after, holder);
        }
        let new = Contact {
            unit: holder.unit.clone(),
            office: holder.office,
            person: holder.person.clone(),
            title: holder.title.clone(),
            email: holder.email.clone(),
            phone: holder.phone.clone(),
            zalo_user_id: holder.zalo_user_id.clone(),
            valid: Validity { from, to },
        };
        let before = held.and_then(|held| after.get(held)).filter(|row| row.valid.from < Some(at)).cloned();
        let before = before.map(|row| Contact { valid: Validity { to: at.pred_opt(), ..row.valid }, ..row });
        let rows = before.into_iter().chain([new]).collect();
        Self::with(history, replaced(after, held, rows), holder)
    }

    /// Whoever holds the office on `day` holds it up to `last`, both included; a row that began later is taken out.
    pub fn end(history: Vec<Contact>, day: NaiveDate, last: NaiveDate) -> Self {
        let (unit, office) = history
            .first()
            .map_or_else(|| (UnitId::new(""), Office::Head), |contact| (contact.unit.clone(), contact.office));
        let mut after = history.clone();
        after.sort_by_key(|contact| contact.valid.from);
        Self { unit, office, before: history, after: ended(after, day, last) }
    }

    fn with(before: Vec<Contact>, mut after: Vec<Contact>, holder: &Holder) -> Self {
        after.sort_by_key(|contact| contact.valid.from);
        Self { unit: holder.unit.clone(), office: holder.office, before, after }
    }
}

fn replaced(mut rows: Vec<Contact>, at: Option<usize>, new: Vec<Contact>) -> Vec<Contact> {
    if let Some(at) = at {
        rows.remove(at);
    }
    rows.extend(new);
    rows
}

fn ended(rows: Vec<Contact>, day: NaiveDate, last: NaiveDate) -> Vec<Contact> {
    let end = |row: Contact| {
        if !row.valid.covers(day) {
            return Some(row);
        }
        let began_later = row.valid.from.is_some_and(|from| from > last);
        (!began_later).then_some(Contact { valid: Validity { to: Some(last), ..row.valid }, ..row })
    };
    rows.into_iter().filter_map(end).collect()
}

/// Whether both name the same person.
fn is_named(row: &Contact, holder: &Holder) -> bool {
    let name = |person: Option<&String>| person.map(|person| fold(person));
    row.person.is_some() && name(row.person.as_ref()) == name(holder.person.as_ref())
}

/// Whether a row says of the office what the holder does, days aside.
fn says_the_same(row: &Contact, holder: &Holder) -> bool {
    (is_named(row, holder) || (row.person.is_none() && holder.person.is_none()))
        && row.title == holder.title
        && row.email == holder.email
        && row.phone == holder.phone
        && row.zalo_user_id == holder.zalo_user_id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn contact(email: &str, from: &str, to: &str) -> Contact {
        let holder = holder(email);
        Contact {
            unit: holder.unit,
            office: holder.office,
            person: None,
            title: holder.title,
            email: holder.email,
            phone: None,
            zalo_user_id: None,
            valid: Validity { from: from.parse().ok(), to: to.parse().ok() },
        }
    }

    fn holder(email: &str) -> Holder {
        Holder {
            unit: UnitId::new("07201"),
            office: Office::Head,
            person: None,
            title: "Chủ tịch UBND xã Song Mai".to_owned(),
            email: Some(email.to_owned()),
            phone: None,
            zalo_user_id: None,
            from: None,
            to: None,
        }
    }

    fn told(rows: &[Contact]) -> Vec<String> {
        let bound = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let row = |row: &Contact| {
            format!("{} {}..{}", row.email.as_deref().unwrap_or("-"), bound(row.valid.from), bound(row.valid.to))
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn what_was_before_stays_and_what_is_new_begins_on_its_day() {
        let held = || vec![contact("a", "2022-01-01", "")];
        let today = day("2025-07-10");
        let appointed = |history, holder: &Holder| told(&OfficeEdit::appoint(history, holder, today).after);
        assert_eq!(appointed(held(), &holder("b")), ["a 2022-01-01..2025-07-09", "b 2025-07-10.."]);
        let later = Holder { from: Some(day("2025-08-01")), ..holder("b") };
        assert_eq!(appointed(held(), &later), ["a 2022-01-01..2025-07-31", "b 2025-08-01.."]);
        let long_ago = Holder { from: Some(day("2022-01-01")), ..holder("b") };
        assert_eq!(appointed(held(), &long_ago), ["a 2022-01-01..2025-07-09", "b 2025-07-10.."]);
        assert_eq!(appointed(Vec::new(), &long_ago), ["b 2022-01-01.."]);
        assert_eq!(appointed(vec![contact("a", "2025-07-10", "")], &holder("b")), ["b 2025-07-10.."]);
        assert_eq!(appointed(vec![contact("a", "", "")], &holder("b")), ["a ..2025-07-09", "b 2025-07-10.."]);
        let vacant = vec![contact("a", "2022-01-01", "2024-12-31")];
        let since = Holder { from: Some(day("2025-02-01")), ..holder("b") };
        assert_eq!(appointed(vacant, &since), ["a 2022-01-01..2024-12-31", "b 2025-02-01.."]);
    }

    #[test]
    fn the_same_holder_changes_nothing_but_his_end() {
        let held = || vec![contact("a", "2022-01-01", "")];
        let today = day("2025-07-10");
        assert!(OfficeEdit::appoint(held(), &holder("a"), today).changes_nothing());
        let until = Holder { to: Some(day("2025-12-31")), ..holder("a") };
        assert_eq!(told(&OfficeEdit::appoint(held(), &until, today).after), ["a 2022-01-01..2025-12-31"]);
        let gone = Holder { to: Some(day("2025-06-30")), ..holder("a") };
        assert_eq!(told(&OfficeEdit::appoint(held(), &gone, today).after), ["a 2022-01-01..2025-06-30"]);
        let other_and_gone = Holder { to: Some(day("2025-06-30")), ..holder("b") };
        assert!(OfficeEdit::appoint(held(), &other_and_gone, today).changes_nothing());
    }

    #[test]
    fn an_end_keeps_what_was_and_takes_out_what_began_after_it() {
        let (today, yesterday) = (day("2025-07-10"), day("2025-07-09"));
        let ended = |rows| told(&OfficeEdit::end(rows, today, yesterday).after);
        assert_eq!(ended(vec![contact("a", "2022-01-01", "")]), ["a 2022-01-01..2025-07-09"]);
        assert_eq!(ended(vec![contact("a", "2025-07-10", "")]), Vec::<String>::new());
        let next = vec![contact("a", "2022-01-01", "2025-12-31"), contact("b", "2026-01-01", "")];
        assert_eq!(ended(next), ["a 2022-01-01..2025-07-09", "b 2026-01-01.."]);
        let edit = OfficeEdit::end(vec![contact("a", "2022-01-01", "")], today, yesterday);
        assert_eq!(told(&edit.reversed().after), ["a 2022-01-01.."]);
    }
}
