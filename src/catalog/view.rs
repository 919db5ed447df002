//! The catalog as it stands on one day: what a pass works with.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};

use super::calendar::Calendar;
use super::contact::{Contact, Office, Recipient, Sender};
use super::heirs::{Heir, Heirs};
use super::indicator::{Indicator, IndicatorId};
use super::matching::{Names, Unmatched};
use super::pack::Pack;
use super::target::{Scope, Target};
use super::unit::{Kind, Level, Unit, UnitId};

/// Units and targets as of the figures' date, people as of the day of writing.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// Units that exist on the as-of date, in pack order, the province among them.
    pub units: Vec<Unit>,
    /// Who is addressed, one per person or office.
    pub recipients: Vec<Recipient>,
    /// What is measured, in pack order: of each indicator the definition that the whole is judged by.
    pub indicators: Vec<Arc<Indicator>>,
    /// Every definition in force on the as-of date: those above, and others that a target names.
    pub definitions: Vec<Arc<Indicator>>,
    /// Who speaks on the as-of date.
    pub sender: Option<Sender>,
    /// Working days.
    pub calendar: Calendar,
    /// Finds a unit by what a source calls it.
    pub names: Names,
    as_of: NaiveDate,
    /// Units of every time.
    rows: Arc<[Unit]>,
    rows_of: HashMap<UnitId, Vec<usize>>,
    heirs: Heirs,
    /// Days of the year up to the as-of date on which a unit began, ended or changed.
    changes: Vec<NaiveDate>,
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
        let heirs = Heirs::of(&pack.successions);
        let in_office = || pack.contacts.iter().filter(|contact| contact.valid.covers(today));
        let answers = answers_for(pack, &units, &heirs, today);
        let recipients = recipients(in_office().filter(|c| c.office == Office::Head), &answers);
        let recipient_at = places(&recipients);
        let focal_points =
            in_office().filter(|c| c.office == Office::FocalPoint).map(|c| (c.unit.clone(), c.clone())).collect();
        let targets: Vec<Arc<Target>> =
            pack.targets.iter().filter(|target| target.valid.covers(as_of)).cloned().map(Arc::new).collect();
        let definitions = in_force(&pack.indicators, &targets);
        let mut indicators: Vec<Arc<Indicator>> = Vec::new();
        for definition in &definitions {
            if indicators.iter().all(|known| known.id != definition.id) {
                indicators.push(Arc::clone(definition));
            }
        }
        Self {
            names: Names::of(&pack.units, as_of),
            as_of,
            rows: pack.units.as_slice().into(),
            rows_of: rows_of(&pack.units),
            changes: changes(&pack.units, as_of),
            heirs,
            units,
            recipients,
            indicators,
            definitions,
            sender: pack.senders.iter().find(|sender| sender.valid.covers(as_of)).cloned(),
            calendar: Calendar::of(&pack.calendar),
            targets,
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

    /// The as-of date.
    pub const fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// The unit with this id.
    pub fn unit(&self, id: &UnitId) -> Option<&Unit> {
        self.units.get(*self.unit_at.get(id)?)
    }

    /// Who answers on the as-of date for a unit that existed earlier.
    pub fn heir(&self, id: &UnitId) -> Heir {
        self.heirs.heir(id, self.as_of, |id| self.unit_at.contains_key(id))
    }

    /// On how many days up to `day` the unit took another one in or gave a part away: figures of two days with one number are
    /// those of one body.
    pub fn body_on(&self, id: &UnitId, day: NaiveDate) -> usize {
        self.heirs.bodies(id, day)
    }

    /// Whether the unit existed once and ended before the as-of date.
    pub fn is_dissolved(&self, id: &UnitId) -> bool {
        let mut rows = self.rows_of(id).peekable();
        rows.peek().is_some() && rows.all(|row| row.valid.to.is_some_and(|end| end < self.as_of))
    }

    /// The unit as it stood on `day`.
    pub fn unit_on(&self, id: &UnitId, day: NaiveDate) -> Option<&Unit> {
        self.rows_of(id).find(|row| row.valid.covers(day))
    }

    /// Name and code that the unit had last.
    pub fn last_name(&self, id: &UnitId) -> String {
        let last = self.rows_of(id).max_by_key(|row| row.valid.from);
        last.map_or_else(|| id.to_string(), |row| format!("{} ({})", row.name, row.code))
    }

    fn rows_of(&self, id: &UnitId) -> impl Iterator<Item = &Unit> {
        self.rows_of.get(id).into_iter().flatten().filter_map(|at| self.rows.get(*at))
    }

    /// The units as they stood on `day`.
    pub fn units_on(&self, day: NaiveDate) -> impl Iterator<Item = &Unit> {
        self.rows.iter().filter(move |row| row.valid.covers(day))
    }

    /// Counts the changes of the directory up to `day`: on two days with one number a code means the same unit.
    pub fn era(&self, day: NaiveDate) -> usize {
        self.changes.partition_point(|change| *change <= day)
    }

    /// The unit that a source means by `code` and `name` in a period that ends on `day`. Where earlier months stand under
    /// today's names, a code given anew would lead to the wrong unit: that is a contradiction too.
    ///
    /// # Errors
    /// [`Unmatched`] when nobody, more than one or two different units are meant.
    pub fn find_on(&self, code: &str, name: &str, day: NaiveDate) -> Result<&UnitId, Unmatched> {
        let found = self.names.find_on(code, name, day)?;
        let named = || self.names.find("", name).ok().filter(|_| self.names.find_on("", name, day).is_err());
        match if name.is_empty() { None } else { named() } {
            Some(named) if named != found && self.heir(found) != Heir::One(named.clone()) => {
                Err(Unmatched::Contradiction { by_code: found.clone(), by_name: named.clone() })
            }
            _ => Ok(found),
        }
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

    /// Whether a target on the as-of date demands something on `indicator` of a scope that `bound` says is somebody's.
    pub fn is_demanded(&self, indicator: &IndicatorId, bound: impl Fn(&Scope) -> bool) -> bool {
        self.targets.iter().any(|target| target.indicator == *indicator && bound(&target.scope))
    }

    /// The target for the whole province's figure: one that binds everybody, or the level of the province.
    pub fn target_for_all(&self, indicator: &IndicatorId) -> Option<&Arc<Target>> {
        of_the_whole(&self.targets, indicator)
    }

    /// The definition that `target` applies to; without a target, the one that the whole is judged by.
    pub fn definition(&self, indicator: &Arc<Indicator>, target: Option<&Target>) -> Arc<Indicator> {
        let named = target.and_then(|target| {
            self.definitions.iter().find(|known| known.id == indicator.id && known.definition.version == target.version)
        });
        Arc::clone(named.unwrap_or(indicator))
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

fn of_the_whole<'t>(targets: &'t [Arc<Target>], indicator: &IndicatorId) -> Option<&'t Arc<Target>> {
    let whole = |target: &&Arc<Target>| matches!(target.scope, Scope::All | Scope::Level(Level::Province));
    let own = targets.iter().filter(|target| target.indicator == *indicator);
    own.filter(whole).min_by_key(|target| target.scope.narrowness())
}

/// The definitions that are judged by, in pack order, the one for the whole first among those of one indicator: those
/// that a target names, and where none does, the first.
fn in_force(all: &[Indicator], targets: &[Arc<Target>]) -> Vec<Arc<Indicator>> {
    let mut definitions: Vec<Arc<Indicator>> = Vec::new();
    for first in all {
        if definitions.iter().any(|known| known.id == first.id) {
            continue;
        }
        let own = || targets.iter().filter(|target| target.indicator == first.id);
        let whole = of_the_whole(targets, &first.id).or_else(|| own().next()).map_or("", |target| &target.version);
        let versions = || all.iter().filter(|other| other.id == first.id);
        let main = versions().find(|other| other.definition.version == whole).unwrap_or(first);
        definitions.push(Arc::new(main.clone()));
        let others = versions().filter(|other| other.definition.version != main.definition.version);
        let named = others.filter(|other| own().any(|target| target.version == other.definition.version));
        definitions.extend(named.cloned().map(Arc::new));
    }
    definitions
}

fn rows_of(units: &[Unit]) -> HashMap<UnitId, Vec<usize>> {
    let mut rows: HashMap<UnitId, Vec<usize>> = HashMap::new();
    for (at, unit) in units.iter().enumerate() {
        rows.entry(unit.id.clone()).or_default().push(at);
    }
    rows
}

/// Days on which the directory changed from 1 January to `as_of`, in order.
fn changes(units: &[Unit], as_of: NaiveDate) -> Vec<NaiveDate> {
    let bounds = units.iter().flat_map(|unit| [unit.valid.from, unit.valid.to.and_then(|end| end.succ_opt())]);
    let this_year = bounds.flatten().filter(|day| day.year() == as_of.year() && *day <= as_of);
    let mut changes: Vec<NaiveDate> = this_year.collect();
    changes.sort_unstable();
    changes.dedup();
    changes
}

/// Which judged units each unit of `today` answers for: itself, and those that ended since and went into it. Nobody is
/// written to at a unit that is no more.
fn answers_for(pack: &Pack, judged: &[Unit], heirs: &Heirs, today: NaiveDate) -> HashMap<UnitId, Vec<UnitId>> {
    let present: HashSet<&UnitId> =
        pack.units.iter().filter(|unit| unit.valid.covers(today)).map(|unit| &unit.id).collect();
    let mut answers: HashMap<UnitId, Vec<UnitId>> = HashMap::new();
    for unit in judged {
        let heir = match heirs.heir(&unit.id, today, |id| present.contains(id)) {
            Heir::Itself => unit.id.clone(),
            Heir::One(heir) => heir,
            Heir::Several(_) | Heir::Nobody => continue,
        };
        answers.entry(heir).or_default().push(unit.id.clone());
    }
    answers
}

/// Heads that share an address are one recipient; heads without any address are left out.
fn recipients<'a>(heads: impl Iterator<Item = &'a Contact>, answers: &HashMap<UnitId, Vec<UnitId>>) -> Vec<Recipient> {
    let mut recipients: Vec<Recipient> = Vec::new();
    let mut by_address: HashMap<String, usize> = HashMap::new();
    for head in heads {
        let Some(address) = head.email.as_ref().or(head.phone.as_ref()).or(head.zalo_user_id.as_ref()) else {
            continue;
        };
        let Some(units) = answers.get(&head.unit) else { continue };
        let office = format!("{}/{}", head.unit, head.office.word());
        if let Some(recipient) = by_address.get(&address.to_lowercase()).and_then(|at| recipients.get_mut(*at)) {
            recipient.units.extend_from_slice(units);
            recipient.id = format!("{}+{office}", recipient.id);
            continue;
        }
        by_address.insert(address.to_lowercase(), recipients.len());
        recipients.push(Recipient {
            id: office,
            units: units.clone(),
            title: head.title.clone(),
            person: head.person.clone(),
            email: head.email.clone(),
            phone: head.phone.clone(),
            zalo_user_id: head.zalo_user_id.clone(),
        });
    }
    recipients
}
