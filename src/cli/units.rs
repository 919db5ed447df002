//! `dondoc catalog unit …`: mergers, splits, new names, ends and beginnings of units.

use chrono::NaiveDate;
use serde_json::json;

use super::approve::confirmed;
use super::arguments_catalog::{How, Successors, Units};
use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use super::people::by;
use crate::api::ReformLine;
use crate::app::App;
use crate::app::reform::{self, Looked, WriteError};
use crate::catalog::reform::{NewUnit, Reform, ReformError, ReformKind, Successor, UndoError, recorded};
use crate::catalog::{self, Kind, Pack, Unit, UnitId};

/// Records that are listed.
const LISTED: i64 = 50;

pub(super) async fn units(app: &App, asked: Units) -> Result<Code, Failure> {
    let pack = catalog::load(&app.db).await?;
    let (kind, codes, into, how) = match asked {
        Units::Merge { codes, into, how } => (ReformKind::Merge, codes, into, how),
        Units::Split { code, goes_on, mut into, how } => {
            if goes_on {
                into.into.push(code.clone());
            }
            (ReformKind::Split, vec![code], into, how)
        }
        Units::End { codes, how } => (ReformKind::End, codes, nothing(None), how),
        Units::Add { unit, parent, how } => {
            (ReformKind::Add, Vec::new(), Successors { new: vec![unit], ..nothing(parent) }, how)
        }
        Units::Rename { code, name, new_code, kind, parent, how } => {
            let new = renamed(&pack, &code, how.from, (name, new_code, kind, parent))?;
            let units = vec![unit(&pack, &code, how.from)?.id.clone()];
            return record(app, reform_of(ReformKind::Rename, units, vec![new], &how), &how).await;
        }
        Units::Undo { id } => return undo(app, id).await,
        Units::List { format } => return list(app, format).await,
    };
    let old = codes.iter().map(|code| unit(&pack, code, how.from)).collect::<Result<Vec<_>, _>>()?;
    let mut successors = Vec::new();
    for code in &into.into {
        successors.push(Successor::Existing(unit(&pack, code, how.from)?.id.clone()));
    }
    for new in &into.new {
        successors.push(begins(&pack, new, into.parent.as_deref(), old.first().copied(), how.from)?);
    }
    let units = old.iter().map(|unit| unit.id.clone()).collect();
    record(app, reform_of(kind, units, successors, &how), &how).await
}

const fn nothing(parent: Option<String>) -> Successors {
    Successors { into: Vec::new(), new: Vec::new(), parent }
}

fn reform_of(kind: ReformKind, units: Vec<UnitId>, into: Vec<Successor>, how: &How) -> Reform {
    Reform { kind, day: how.from, units, into, basis: how.basis.clone() }
}

/// The unit that has this code on the day before, or on the day.
fn unit<'p>(pack: &'p Pack, code: &str, day: NaiveDate) -> Result<&'p Unit, Failure> {
    let eve = day.pred_opt().unwrap_or(day);
    let named = || pack.units.iter().filter(|unit| unit.code == code);
    let found = named().find(|unit| unit.valid.covers(eve)).or_else(|| named().find(|unit| unit.valid.covers(day)));
    found.ok_or_else(|| {
        Failure::usage(format!(
            "no unit has the code `{code}` on {eve} or {day}\n  remedy: look at `dondoc catalog export`"
        ))
    })
}

fn kind_of(word: &str) -> Result<Kind, Failure> {
    word.parse().map_err(|()| {
        let known = Kind::ALL.map(Kind::word).join(", ");
        Failure::usage(format!("`{word}` is no kind of unit\n  remedy: write one of: {known}"))
    })
}

/// A new unit, as `CODE:KIND:NAME`.
fn begins(
    pack: &Pack,
    text: &str,
    parent: Option<&str>,
    old: Option<&Unit>,
    day: NaiveDate,
) -> Result<Successor, Failure> {
    let parts: Vec<&str> = text.splitn(3, ':').collect();
    let [code, kind, name] = parts.as_slice() else {
        return Err(Failure::usage(format!(
            "`{text}` is no new unit\n  remedy: write CODE:KIND:NAME, such as 07300:xa:\"Xã Song Mai\""
        )));
    };
    let province = || pack.units.iter().find(|unit| unit.kind == Kind::Province && unit.valid.covers(day));
    let parent = match parent {
        Some(code) => Some(unit(pack, code, day)?.id.clone()),
        None => old.map_or_else(|| province().map(|unit| unit.id.clone()), |unit| unit.parent.clone()),
    };
    let (code, name) = (code.trim().to_owned(), name.trim().to_owned());
    Ok(Successor::New(NewUnit { code, name, kind: kind_of(kind)?, parent }))
}

/// What a unit is from a day on; what nobody says stays.
fn renamed(
    pack: &Pack,
    code: &str,
    day: NaiveDate,
    (name, new_code, kind, parent): (Option<String>, Option<String>, Option<String>, Option<String>),
) -> Result<Successor, Failure> {
    let old = unit(pack, code, day)?;
    let parent = match parent {
        Some(code) => Some(unit(pack, &code, day)?.id.clone()),
        None => old.parent.clone(),
    };
    Ok(Successor::New(NewUnit {
        code: new_code.unwrap_or_else(|| old.code.clone()),
        name: name.unwrap_or_else(|| old.name.clone()),
        kind: kind.map_or(Ok(old.kind), |word| kind_of(&word))?,
        parent,
    }))
}

async fn record(app: &App, reform: Reform, how: &How) -> Result<Code, Failure> {
    let looked = reform::look(&app.db, &reform).await.map_err(failure)?;
    told(&reform, &looked)?;
    if how.dry_run {
        return Ok(Code::Done);
    }
    if !how.yes && !confirmed("Write these changes?") {
        return Err(Failure::new(Code::NotApproved, "not written; the catalog is as it was"));
    }
    let written = reform::write(&app.db, &reform, Some(&looked.digest), &by(), app.clock.now()).await;
    let id = written.map_err(failure)?;
    output::line(format!("written; within 24 hours: dondoc catalog unit undo {id}"))?;
    Ok(Code::Done)
}

/// What would change; of people only their offices are named.
fn told(reform: &Reform, looked: &Looked) -> Result<(), Failure> {
    let (plan, day) = (&looked.plan, reform.day);
    let called = |unit: &Unit| format!("{} ({})", unit.name, unit.code);
    for unit in plan.ends(day) {
        output::line(format!("- {} ends on {}", called(unit), day.pred_opt().unwrap_or(day)))?;
    }
    for unit in plan.begins() {
        output::line(format!("+ {} begins on {day}", called(unit)))?;
    }
    for (was, is) in plan.changes(day) {
        let above = if was.parent == is.parent { "" } else { ", below another unit" };
        output::line(format!("~ {} is {}{above} from {day} on", called(was), called(is)))?;
    }
    for (contact, office) in plan.people() {
        output::line(format!("- {} of {} ends", office.word(), contact.unit))?;
    }
    for (unit, head) in &looked.heads {
        let who = head.as_ref().map_or("nobody receives yet: add a head", |head| head.title.as_str());
        output::line(format!("  from {day} on, for {}: {who}", called(unit)))?;
    }
    for target in &looked.targets {
        output::line(format!("  the target {} binds nobody any more", target.id.as_str()))?;
    }
    for name in &looked.names {
        output::line(format!("  the open name `{name}` will be known"))?;
    }
    Ok(())
}

async fn undo(app: &App, id: Option<String>) -> Result<Code, Failure> {
    let now = app.clock.now();
    let newest = recorded(&app.db, LISTED).await?.into_iter().find(|one| one.undoable_until(now).is_some());
    let Some(id) = id.or(newest.map(|one| one.id)) else {
        return Err(Failure::usage(
            "nothing can be taken back: nothing was recorded within 24 hours\n  remedy: record the opposite from a day on",
        ));
    };
    reform::take_back(&app.db, &id, &by(), now).await.map_err(|error| match error {
        UndoError::Db(error) => error.into(),
        error => Failure::new(Code::NotApproved, error.to_string()),
    })?;
    output::line(format!("taken back: units and contacts are as they were before {id}"))?;
    Ok(Code::Done)
}

async fn list(app: &App, format: Format) -> Result<Code, Failure> {
    let now = app.clock.now();
    let records = recorded(&app.db, LISTED).await?;
    let lines: Vec<ReformLine> = records.into_iter().map(|one| ReformLine::of(one, now)).collect();
    let mut table = Table::new(vec!["id", "kind", "from", "units", "basis", "recorded", "by", "state", "undo_until"]);
    let row = |one: &ReformLine| {
        let one = one.clone();
        let until = one.undo_until.unwrap_or_default();
        vec![one.id, one.kind.into(), one.from, one.units, one.basis, one.recorded, one.by, one.state.into(), until]
    };
    table.rows.extend(lines.iter().map(row));
    table.print(format, Some(json!(lines)))?;
    Ok(Code::Done)
}

fn failure(error: WriteError) -> Failure {
    match error {
        WriteError::Db(error) => error.into(),
        WriteError::Reform(error @ ReformError::Changed(_)) => Failure::new(Code::NotApproved, error.to_string()),
        WriteError::Reform(error) => Failure::new(Code::Invalid, error.to_string()),
    }
}
