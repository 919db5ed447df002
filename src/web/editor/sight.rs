//! Which unit and situation somebody wants to see a letter of.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::words::{self, Kind};
use crate::app::App;
use crate::catalog::{Catalog, Level, Search, Unit};
use crate::message::RollUp;
use crate::message::revisions::Scenario;
use crate::pass::{Audience, Sketch, StoredFigures};
use crate::web::catalogue::Tongue;
use crate::web::page::Failure;

/// Units that the field offers; a name that is typed is looked for among all of them.
const OFFERED: usize = 300;
/// Further matches that are named.
const NAMED: usize = 5;

/// What was asked for, understood.
#[derive(Debug)]
pub(in crate::web) struct Sought {
    /// Code of the unit; empty when there is none.
    pub(super) code: String,
    /// As the field shows it: `07201 Xã Song Mai`.
    pub(super) unit: String,
    /// Other units that what was typed could mean.
    pub(super) others: Vec<String>,
    /// Whether what was typed means no unit.
    pub(super) unknown: Option<String>,
    pub(super) scenario: Scenario,
    /// The figures of the newest round.
    pub(in crate::web) stored: Option<StoredFigures>,
    /// What roll-ups would say, the one that was asked for first, and the last day of its figures.
    pub(in crate::web) roll_ups: Vec<RollUp>,
    pub(super) until: Option<NaiveDate>,
    /// The readers of digests that can be chosen: `07200 Huyện Tân Yên`.
    pub(super) readers: Vec<String>,
    /// Whether every unit may be seen.
    pub(super) sees_all: bool,
}

/// What the situations are called, and which is chosen.
pub(super) fn scenarios(t: Tongue, chosen: Scenario) -> Vec<(&'static str, &'static str, bool)> {
    Scenario::ALL.into_iter().map(|one| (one.word(), words::situation(t, one), one == chosen)).collect()
}

/// Looks for the unit that was typed among those that the visitor may see.
pub(in crate::web) async fn sought(
    app: &App,
    name: &str,
    (typed, scenario): (&str, &str),
    seen: Option<&HashSet<String>>,
) -> Result<Sought, Failure> {
    let stored = app.stored_figures().await?;
    let scenario = Scenario::of(scenario).unwrap_or_else(|| usual(name));
    let mut sought = Sought {
        code: String::new(),
        unit: String::new(),
        others: Vec::new(),
        unknown: None,
        scenario,
        stored: None,
        roll_ups: Vec::new(),
        until: None,
        readers: Vec::new(),
        sees_all: seen.is_none(),
    };
    let audiences = words::audiences(name);
    if !audiences.is_empty() {
        for audience in audiences {
            sought.look_at(app, *audience, typed.trim(), seen).await?;
        }
    } else if let Some(stored) = &stored {
        sought.until = Some(stored.figures.until);
        let units: Vec<&Unit> = candidates(&stored.catalog, name, seen).collect();
        let typed = typed.trim();
        let found =
            if typed.is_empty() { first(stored, &units).into_iter().collect() } else { matching(&units, typed) };
        if found.is_empty() && !typed.is_empty() {
            sought.unknown = Some(typed.to_owned());
        }
        if let Some((unit, others)) = found.split_first() {
            sought.code.clone_from(&unit.code);
            sought.unit = label(unit);
            sought.others = others.iter().take(NAMED).map(|unit| label(unit)).collect();
        }
    }
    sought.stored = stored;
    Ok(sought)
}

impl Sought {
    /// Finds what readers of `audience` would be told, of superiors the one whose unit was typed first. Who sees some units
    /// only sees no roll-up of all.
    async fn look_at(
        &mut self,
        app: &App,
        audience: Audience,
        typed: &str,
        seen: Option<&HashSet<String>>,
    ) -> Result<(), Failure> {
        if audience != Audience::Superiors && seen.is_some() {
            return Ok(());
        }
        let mut sketches = app.sketches(audience).await?;
        sketches
            .retain(|sketch| sketch.unit_code.is_empty() || seen.is_none_or(|seen| seen.contains(&sketch.unit_code)));
        if audience == Audience::Superiors {
            let name = |sketch: &Sketch| format!("{} {}", sketch.unit_code, sketch.unit_name);
            self.readers = sketches.iter().map(name).collect();
            let search = Search::of(typed);
            let is_meant = |sketch: &Sketch| sketch.unit_code == typed || name(sketch) == typed;
            let at = sketches.iter().position(is_meant);
            let is_near = |sketch: &Sketch| typed.is_empty() || search.finds(&name(sketch));
            let at = at.or_else(|| sketches.iter().position(is_near));
            self.unknown = at.is_none().then(|| typed.to_owned()).filter(|typed| !typed.is_empty());
            if let Some(at) = at {
                sketches.swap(0, at);
            }
            if let Some(first) = sketches.first() {
                (self.code, self.unit) = (first.unit_code.clone(), name(first));
            }
        }
        self.until = self.until.or(sketches.first().map(|sketch| sketch.until));
        self.roll_ups.extend(sketches.into_iter().take(1).map(|sketch| sketch.roll_up));
        Ok(())
    }
}

/// The units that the field offers.
pub(super) fn offered(stored: Option<&StoredFigures>, name: &str, seen: Option<&HashSet<String>>) -> Vec<String> {
    let units = stored.into_iter().flat_map(|stored| candidates(&stored.catalog, name, seen));
    units.take(OFFERED).map(label).collect()
}

fn label(unit: &Unit) -> String {
    format!("{} {}", unit.code, unit.name)
}

/// Units with a recipient that may be seen, those that the template is for first.
fn candidates<'a>(
    catalog: &'a Catalog,
    name: &str,
    seen: Option<&'a HashSet<String>>,
) -> impl Iterator<Item = &'a Unit> {
    let level = level(name);
    let with_head = move |unit: &&Unit| {
        catalog.recipient_of(&unit.id).is_some() && seen.is_none_or(|seen| seen.contains(&unit.code))
    };
    let own = move |unit: &&Unit| level.is_none_or(|level| unit.kind.level() == level);
    let first = catalog.units.iter().filter(with_head).filter(own);
    first.chain(catalog.units.iter().filter(with_head).filter(move |unit| !own(unit)))
}

fn level(name: &str) -> Option<Level> {
    match name.split('_').next() {
        Some("commune") => Some(Level::Commune),
        Some("district") => Some(Level::District),
        Some("department") => Some(Level::Department),
        _ => None,
    }
}

/// The situation that a template is written for.
fn usual(name: &str) -> Scenario {
    match name {
        "thanks.md" => Scenario::AllMet,
        "superior_copy.md" => Scenario::Copy,
        _ if words::kind(name) == Kind::Reminder && name.ends_with("_repeat.md") => Scenario::Second,
        _ if words::kind(name) == Kind::Reminder && name.ends_with("_formal.md") => Scenario::Third,
        _ => Scenario::First,
    }
}

/// The first unit that somebody would be reminded of.
fn first<'a>(stored: &StoredFigures, units: &[&'a Unit]) -> Option<&'a Unit> {
    let below: HashSet<_> =
        stored.evaluations.iter().filter(|one| one.shortfall().is_some()).map(|one| &one.unit).collect();
    units.iter().find(|unit| below.contains(&unit.id)).or(units.first()).copied()
}

/// Units that `typed` means: the code, else the exact name, else every word somewhere in code or name.
fn matching<'a>(units: &[&'a Unit], typed: &str) -> Vec<&'a Unit> {
    let sought = Search::of(typed);
    let all = |is: &dyn Fn(&Unit) -> bool| units.iter().copied().filter(|unit| is(unit)).collect::<Vec<_>>();
    let exact = all(&|unit| unit.code == typed || label(unit) == typed);
    if !exact.is_empty() {
        return exact;
    }
    let mut found = all(&|unit| sought.is(&unit.name));
    for unit in all(&|unit| sought.finds(&label(unit))) {
        if found.iter().all(|known| known.code != unit.code) {
            found.push(unit);
        }
    }
    found
}
