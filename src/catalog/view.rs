//! The catalog as it stands on one day: what a pass works with.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::calendar::Calendar;
use super::contact::{Contact, Office, Recipient, Sender};
use super::indicator::{Indicator, IndicatorId};
use super::matching::Names;
use super::pack::Pack;
use super::target::Target;
use super::unit::{Kind, Unit, UnitId};

/// Units and targets as of the figures' date, people as of the day of writing.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// Units that exist on the as-of date, in pack order, the province among them.
    pub units: Vec<Unit>,
    /// Who is addressed, one per person or office.
    pub recipients: Vec<Recipient>,
    /// What is measured, in pack order.
    pub indicators: Vec<Arc<Indicator>>,
    /// Who speaks on the as-of date.
    pub sender: Option<Sender>,
    /// Working days.
    pub calendar: Calendar,
    /// Finds a unit by what a source calls it.
    pub names: Names,
    targets: Vec<Arc<Target>>,
    unit_at: HashMap<UnitId, usize>,
    recipient_at: HashMap<UnitId, usize>,
    focal_points: HashMap<UnitId, Contact>,
}

impl Catalog {
    /// The view of `pack` for figures as of `as_of`, written to the people in office on `today`.
    pub fn of(pack: &Pack, as_of: NaiveDate, today: NaiveDate) -> Self {
        let units: Vec<Unit> = pack.units.iter().filter(|unit| unit.valid.covers(as_of)).cloned().collect();
        let unit_at: HashMap<_, _> = units.iter().enumerate().map(|(at, unit)| (unit.id.clone(), at)).collect();
        let in_office = || pack.contacts.iter().filter(|contact| contact.valid.covers(today));
        let recipients = recipients(in_office().filter(|c| c.office == Office::Head && unit_at.contains_key(&c.unit)));
        let recipient_at = places(&recipients);
        let focal_points =
            in_office().filter(|c| c.office == Office::FocalPoint).map(|c| (c.unit.clone(), c.clone())).collect();
        Self {
            names: Names::of(&units),
            units,
            recipients,
            indicators: pack.indicators.iter().cloned().map(Arc::new).collect(),
            sender: pack.senders.iter().find(|sender| sender.valid.covers(as_of)).cloned(),
            calendar: Calendar::of(&pack.calendar),
            targets: pack.targets.iter().filter(|target| target.valid.covers(as_of)).cloned().map(Arc::new).collect(),
            unit_at,
            recipient_at,
            focal_points,
        }
    }

    /// The same view for the recipients that `reaches` says yes to; the units of the others have nobody to remind, so
    /// that no case counts a reminder that could not be written.
    #[must_use]
    pub fn reached(mut self, reaches: impl Fn(&Recipient) -> bool) -> Self {
        self.recipients.retain(reaches);
        self.recipient_at = places(&self.recipients);
        self
    }

    /// The unit with this id.
    pub fn unit(&self, id: &UnitId) -> Option<&Unit> {
        self.units.get(*self.unit_at.get(id)?)
    }

    /// The units that are judged: all but the province, which is their sum.
    pub fn judged_units(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(|unit| unit.kind != Kind::Province)
    }

    /// The target that binds `unit` on the as-of date: the narrowest scope wins, then the later row.
    pub fn target_for(&self, unit: &Unit, indicator: &IndicatorId) -> Option<&Arc<Target>> {
        let bound = self.targets.iter().filter(|target| target.indicator == *indicator && target.scope.binds(unit));
        bound.max_by_key(|target| target.scope.narrowness())
    }

    /// The target for the whole province's figure.
    pub fn target_for_all(&self, indicator: &IndicatorId) -> Option<&Arc<Target>> {
        self.targets.iter().filter(|target| target.indicator == *indicator).min_by_key(|t| t.scope.narrowness())
    }

    /// Whom a reminder about `unit` goes to.
    pub fn recipient_of(&self, unit: &UnitId) -> Option<&Recipient> {
        self.recipients.get(*self.recipient_at.get(unit)?)
    }

    /// The person to call: the focal point of the nearest unit above `unit` that has one.
    pub fn focal_point_for(&self, unit: &UnitId) -> Option<&Contact> {
        let mut next = self.unit(unit).and_then(|unit| unit.parent.clone());
        let mut steps = 0;
        while let Some(id) = next {
            if let Some(contact) = self.focal_points.get(&id) {
                return Some(contact);
            }
            steps += 1;
            next = if steps > self.units.len() { None } else { self.unit(&id).and_then(|unit| unit.parent.clone()) };
        }
        None
    }
}

fn places(recipients: &[Recipient]) -> HashMap<UnitId, usize> {
    let numbered = recipients.iter().enumerate();
    numbered.flat_map(|(at, recipient)| recipient.units.iter().map(move |unit| (unit.clone(), at))).collect()
}

/// Heads that share an address are one recipient; heads without any address are left out.
fn recipients<'a>(heads: impl Iterator<Item = &'a Contact>) -> Vec<Recipient> {
    let mut recipients: Vec<Recipient> = Vec::new();
    let mut by_address: HashMap<String, usize> = HashMap::new();
    for head in heads {
        let Some(address) = head.email.as_ref().or(head.phone.as_ref()).or(head.zalo_user_id.as_ref()) else {
            continue;
        };
        let office = format!("{}/{}", head.unit, head.office.word());
        if let Some(recipient) = by_address.get(&address.to_lowercase()).and_then(|at| recipients.get_mut(*at)) {
            recipient.units.push(head.unit.clone());
            recipient.id = format!("{}+{office}", recipient.id);
            continue;
        }
        by_address.insert(address.to_lowercase(), recipients.len());
        recipients.push(Recipient {
            id: office,
            units: vec![head.unit.clone()],
            title: head.title.clone(),
            person: head.person.clone(),
            email: head.email.clone(),
            phone: head.phone.clone(),
            zalo_user_id: head.zalo_user_id.clone(),
        });
    }
    recipients
}
