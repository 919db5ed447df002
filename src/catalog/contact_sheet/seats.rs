//! Which deputy is which: rows say that somebody is a deputy, seldom which of several.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::row::Holder;
use super::sentences::{same_deputy, too_many_deputies, which_deputy};
use crate::catalog::contact::{Contact, Office, Seat};
use crate::catalog::matching::fold;
use crate::catalog::unit::UnitId;
use crate::words::Sentence;

/// A row of a deputy.
pub(super) struct Deputy {
    pub(super) row: u32,
    pub(super) column: Option<u32>,
    pub(super) holder: Holder,
}

/// A row with its seat, or what is wrong with it.
pub(super) type Seated = Result<(u32, Holder), (u32, Option<u32>, (Sentence, Sentence))>;

/// `deputies` in seats that other rows have not `taken`. Who holds a seat already keeps it. Whoever is left takes the seats of
/// those who are not named, and then free ones; but where fewer are named than hold seats, nobody says whom he follows.
pub(super) fn seated(
    deputies: Vec<Deputy>,
    held: &[Contact],
    day: NaiveDate,
    taken: &dyn Fn(&UnitId, Office) -> bool,
) -> Vec<Seated> {
    let mut of_unit: BTreeMap<UnitId, Vec<Deputy>> = BTreeMap::new();
    for deputy in deputies {
        of_unit.entry(deputy.holder.unit.clone()).or_default().push(deputy);
    }
    let mut all = Vec::new();
    for (unit, rows) in of_unit {
        let is_free = |seat: &Seat| !taken(&unit, Office::Deputy(*seat));
        let own = held.iter().filter(|one| one.unit == unit && one.valid.covers(day));
        let mut others: Vec<(Seat, &Contact)> = own
            .filter_map(|one| if let Office::Deputy(seat) = one.office { Some((seat, one)) } else { None })
            .filter(|(seat, _)| is_free(seat))
            .collect();
        others.sort_by_key(|(seat, _)| *seat);
        let unheld = |seat: &Seat| is_free(seat) && others.iter().all(|(held, _)| held != seat);
        let free: Vec<Seat> = Seat::ALL.into_iter().filter(unheld).collect();
        let (mut new, mut seen): (Vec<Deputy>, Vec<(u32, Holder)>) = (Vec::new(), Vec::new());
        for deputy in rows {
            if let Some((first, _)) = seen.iter().find(|(_, one)| is_same(one, &deputy.holder)) {
                all.push(Err((deputy.row, deputy.column, same_deputy(*first))));
                continue;
            }
            seen.push((deputy.row, deputy.holder.clone()));
            match others.iter().position(|(_, one)| holds(one, &deputy.holder)) {
                Some(at) => all.push(Ok(in_seat(deputy, others.remove(at).0))),
                None => new.push(deputy),
            }
        }
        let left = others.len();
        if new.len() < left {
            all.extend(new.into_iter().map(|deputy| Err((deputy.row, deputy.column, which_deputy(left)))));
            continue;
        }
        let mut seats = others.into_iter().map(|(seat, _)| seat).chain(free);
        for deputy in new {
            all.push(match seats.next() {
                Some(seat) => Ok(in_seat(deputy, seat)),
                None => Err((deputy.row, deputy.column, too_many_deputies())),
            });
        }
    }
    all
}

fn in_seat(deputy: Deputy, seat: Seat) -> (u32, Holder) {
    (deputy.row, Holder { office: Office::Deputy(seat), ..deputy.holder })
}

/// Whether the person in a seat is the one of the row: by name, and where there is none by address.
fn holds(contact: &Contact, holder: &Holder) -> bool {
    is_one((contact.person.as_deref(), contact.email.as_deref()), (holder.person.as_deref(), holder.email.as_deref()))
}

fn is_same(one: &Holder, other: &Holder) -> bool {
    is_one((one.person.as_deref(), one.email.as_deref()), (other.person.as_deref(), other.email.as_deref()))
}

fn is_one(one: (Option<&str>, Option<&str>), other: (Option<&str>, Option<&str>)) -> bool {
    match (one, other) {
        ((Some(one), _), (Some(other), _)) => fold(one) == fold(other),
        ((None, Some(one)), (None, Some(other))) => one.eq_ignore_ascii_case(other),
        _ => false,
    }
}
