//! A correction as finished text: what the letter said beside what is true.

use chrono::NaiveDate;

use super::{Letter, Reader};
use crate::catalog::{Catalog, Demand, UnitId};
use crate::evaluation::{Judged, Rate, Restated};
use crate::message::{
    CorrectedFigureContext, CorrectedUnitContext, CorrectionContext, RecipientContext, RollUp, contact_for, format,
    sender,
};
use crate::outbox::Entry;

/// What the corrections of one round share.
pub(super) struct Page<'a> {
    /// As of the figures' last day.
    pub(super) catalog: &'a Catalog,
    /// That day.
    pub(super) until: NaiveDate,
    /// The code of the right figures.
    pub(super) code: &'a str,
    /// When the wrong ones were sent.
    pub(super) letter_on: NaiveDate,
}

impl Page<'_> {
    /// The letter about `changed`, figures of one head's units; none when the catalog knows none of them any more.
    pub(super) fn letter(&self, key: &str, changed: &[&Restated]) -> Option<Letter> {
        let catalog = self.catalog;
        let recipient = catalog.recipient_of(&changed.first()?.said.unit_id)?;
        let units = self.units(changed);
        let first = units.first()?;
        let who = match units.as_slice() {
            [unit] => unit.short.clone(),
            units => format!("{} đơn vị", units.len()),
        };
        Some(Letter {
            key: key.to_owned(),
            unit_code: first.code.clone(),
            unit_name: first.name.clone(),
            recipient: recipient.clone(),
            reader: Reader::Head,
            roll_up: RollUp::Correction(Box::new(CorrectionContext {
                sender: sender(catalog),
                recipient: RecipientContext {
                    title: format::one_line(&recipient.title),
                    person: recipient.person.as_deref().map(format::one_line),
                },
                letter_on: format::date(self.letter_on),
                as_of: format::date(self.until),
                as_of_short: format::day_and_month(self.until),
                figures: self.code.to_owned(),
                who,
                contact: contact_for(catalog, &changed.first()?.said.unit_id),
                units,
            })),
        })
    }

    fn units(&self, changed: &[&Restated]) -> Vec<CorrectedUnitContext> {
        let mut units: Vec<(&UnitId, CorrectedUnitContext)> = Vec::new();
        for restated in changed {
            let id = &restated.said.unit_id;
            let Some(figure) = figure(self.catalog, &restated.said, restated.now.as_ref()) else { continue };
            if let Some((_, unit)) = units.iter_mut().find(|(known, _)| *known == id) {
                unit.figures.push(figure);
                continue;
            }
            let Some(unit) = self.catalog.unit(id) else { continue };
            let context = CorrectedUnitContext {
                code: unit.code.clone(),
                name: format::one_line(&unit.name),
                authority: format::one_line(&unit.authority()),
                short: format::one_line(&unit.short_authority()),
                figures: vec![figure],
            };
            units.push((id, context));
        }
        units.into_iter().map(|(_, unit)| unit).collect()
    }
}

/// One figure as it was told and as it is.
fn figure(catalog: &Catalog, said: &Judged, now: Option<&Judged>) -> Option<CorrectedFigureContext> {
    let then = said.evaluation(catalog)?;
    let today = now.and_then(|now| now.evaluation(catalog));
    let target = today.as_ref().and_then(|today| today.target.clone()).or_else(|| then.target.clone())?;
    let judged_by = today.as_ref().and_then(|today| today.demanded).or(then.demanded);
    let demanded = judged_by.unwrap_or_else(|| target.value.into());
    let shown = |rate: Rate| format::rate(rate.rounded_beside(demanded, target.comparator));
    let counts = |rate: Rate| format!("{}/{}", format::count(rate.numerator()), format::count(rate.denominator()));
    let (wrong, right) = (then.rate?, today.as_ref().and_then(|today| today.rate));
    let is = |word: &str| now.is_some_and(|now| now.standing == word);
    Some(CorrectedFigureContext {
        id: said.indicator.to_string(),
        name: format::one_line(&target.name),
        short_name: format::one_line(&then.indicator.short_name),
        counted: format::one_line(&then.indicator.counted),
        demand_word: match target.demand {
            Demand::Target => "chỉ tiêu".to_owned(),
            Demand::Instruction => "yêu cầu".to_owned(),
        },
        target: format!("{}%", demanded.to_string().replace('.', ",")),
        said: counts(wrong),
        said_rate: {
            let before = then.demanded.unwrap_or_else(|| target.value.into());
            format::rate(wrong.rounded_beside(before, then.target.as_ref()?.comparator))
        },
        said_missing: format::count(said.missing.unwrap_or_default()),
        now: right.map(counts),
        rate: right.map(shown),
        missing: now.filter(|_| is("below")).map(|now| format::count(now.missing.unwrap_or_default())),
        met: is("met"),
    })
}

/// Whether `entry` is a correction to `recipient` of a letter of the round `run_id`.
pub(super) fn is_about(entry: &Entry, recipient: &str, run_id: &str) -> bool {
    let mut parts = entry.dedup_key.rsplit('/').skip(1);
    entry.recipient == recipient && parts.next() == Some(run_id)
}

/// Whether the key of `entry` ends with `end`.
pub(super) fn is_under(entry: &Entry, end: Option<&str>) -> bool {
    end.is_some_and(|end| entry.dedup_key.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::State;

    #[test]
    fn a_correction_is_known_by_recipient_round_and_later_round_in_its_key() {
        let head = "07201/head+07204/head";
        let time = chrono::DateTime::UNIX_EPOCH;
        let entry = Entry {
            words_deleted_at: None,
            id: String::new(),
            dedup_key: format!("correction/{head}/mail/first/later"),
            unit_code: "07201".to_owned(),
            recipient: head.to_owned(),
            channel: "mail".to_owned(),
            address: "ubnd@xa1.example".to_owned(),
            chain: None,
            place: 0,
            leads: true,
            state: State::Held,
            hold_reason: None,
            attempts: 0,
            message_id: String::new(),
            created_at: time,
            due_at: time,
            settled_at: None,
            last_error: None,
        };
        assert!(is_about(&entry, head, "first"));
        assert!(!is_about(&entry, head, "later") && !is_about(&entry, "07201/head", "first"));
        assert!(is_under(&entry, Some("first/later")) && !is_under(&entry, Some("first/other")));
        assert!(!is_under(&entry, None), "what nothing is written for is overtaken");
    }
}
