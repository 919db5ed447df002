//! Reads `units.csv` and `succession.csv`.

use std::collections::HashMap;

use super::check_tree::loops;
use super::codes::Codes;
use super::finding::overlaps;
use super::matching::fold;
use super::pack::Problem;
use super::read_table::{Cells, Table};
use super::unit::{Kind, Succession, SuccessionKind, Unit, UnitId, Validity};

/// Columns of `units.csv`.
pub(super) const UNIT_COLUMNS: [&str; 7] = ["code", "name", "kind", "parent_code", "valid_from", "valid_to", "aliases"];
/// The further column of `units.csv`, for units whose id is not their code.
pub(super) const UNIT_ID_COLUMN: &str = "id";
/// Columns of `succession.csv`.
pub(super) const SUCCESSION_COLUMNS: [&str; 4] = ["predecessor", "successor", "date", "kind"];
/// Its further column: the document that a row rests on.
pub(super) const BASIS_COLUMN: &str = "basis";

/// A row and what is needed to speak about it later.
struct Read {
    /// Index in the table.
    row: usize,
    parent_code: String,
    /// When it holds, where that can be relied on.
    valid: Option<Validity>,
}

/// The units of `units.csv`. Where there are problems, the units stand in for broken rows and serve for looking up
/// codes only.
pub(super) fn read_units(file: &str, text: &str) -> (Vec<Unit>, Vec<Problem>) {
    let mut table = Table::read(file, text, &UNIT_COLUMNS, &[UNIT_ID_COLUMN]);
    let (mut units, mut read) = (Vec::with_capacity(table.len()), Vec::with_capacity(table.len()));
    for row in 0..table.len() {
        if let Some((unit, parent_code, valid)) = table.row(row).and_then(|cells| read_unit(cells)) {
            units.push(unit);
            read.push(Read { row, parent_code, valid });
        }
    }
    check_overlaps(&units, &read, &mut table);
    let parents = resolve_parents(&units, &read, &mut table);
    for (unit, parent) in units.iter_mut().zip(parents) {
        unit.parent = parent;
    }
    for found in loops(&units) {
        if let Some(read) = read.get(found.row) {
            let way: Vec<&str> = found.units.iter().chain(found.units.first()).map(UnitId::as_str).collect();
            let message = format!("the unit stands above itself: {}", way.join(" → "));
            table.wrong(read.row, "parent_code", message, "correct the parent_code of one of these units");
            table.call_last("loop");
        }
    }
    check_aliases(&units, &read, &mut table);
    (units, table.into_problems())
}

fn read_unit(mut cells: Cells<'_, '_>) -> Option<(Unit, String, Option<Validity>)> {
    if !cells.is_whole() {
        let code = cells.raw("code").trim().to_owned();
        let unit = stand_in(&code);
        return (!code.is_empty()).then_some((unit, String::new(), None));
    }
    let code = key(&mut cells, "code", true);
    let id = key(&mut cells, UNIT_ID_COLUMN, false);
    let mut unit = stand_in(&code);
    if !id.is_empty() {
        unit.id = UnitId::new(&id);
    }
    unit.name = cells.required("name");
    unit.kind = cells.word("kind", &Kind::ALL.map(|kind| (kind.word(), kind))).unwrap_or(unit.kind);
    unit.aliases = split_aliases(&cells.text("aliases"));
    let parent_code = cells.text("parent_code");
    let valid = cells.validity();
    unit.valid = valid.unwrap_or_default();
    (!code.is_empty()).then_some((unit, parent_code, valid))
}

/// What keeps a broken row's code known, so that one mistake is told once.
fn stand_in(code: &str) -> Unit {
    Unit {
        id: UnitId::new(code),
        code: code.to_owned(),
        name: String::new(),
        kind: Kind::Commune,
        parent: None,
        aliases: Vec::new(),
        valid: Validity::default(),
    }
}

/// A code or id: no blanks within.
fn key(cells: &mut Cells<'_, '_>, column: &str, required: bool) -> String {
    let text = if required { cells.required(column) } else { cells.text(column) };
    if text.contains(char::is_whitespace) {
        cells.wrong(column, format!("{column}: `{text}` has a blank in it"), "write it without blanks");
    }
    text
}

/// The aliases of a cell: `Sở CT;Sở CThương`.
pub(super) fn split_aliases(cell: &str) -> Vec<String> {
    cell.split(';').map(str::trim).filter(|alias| !alias.is_empty()).map(str::to_owned).collect()
}

fn check_overlaps(units: &[Unit], read: &[Read], table: &mut Table<'_>) {
    let valid = || units.iter().zip(read).map(|(unit, read)| (unit, read.valid));
    for found in overlaps(valid().map(|(unit, valid)| (unit.id.as_str(), valid))) {
        let (Some(unit), Some(later), Some(earlier)) =
            (units.get(found.later), read.get(found.later), read.get(found.earlier))
        else {
            continue;
        };
        let message = format!(
            "two rows of unit `{}` hold on the same day (the other is line {})",
            unit.id,
            table.line(earlier.row)
        );
        table.wrong(later.row, "valid_from", message, "let the earlier row end the day before the later one begins");
    }
    for found in overlaps(valid().map(|(unit, valid)| (unit.code.as_str(), valid))) {
        let (Some(later), Some(earlier)) = (units.get(found.later), units.get(found.earlier)) else { continue };
        if later.id == earlier.id {
            continue;
        }
        let (Some(read), Some(other)) = (read.get(found.later), read.get(found.earlier)) else { continue };
        let message = format!(
            "the code `{}` is also that of unit `{}` (line {}) on the same day",
            later.code,
            earlier.id,
            table.line(other.row)
        );
        table.wrong(read.row, "code", message, "a code means one unit at a time: correct the code or the dates");
        table.call_last("code");
    }
}

fn resolve_parents(units: &[Unit], read: &[Read], table: &mut Table<'_>) -> Vec<Option<UnitId>> {
    let codes = Codes::of(units);
    let mut parents = Vec::with_capacity(units.len());
    for read in read {
        let (Some(valid), false) = (read.valid, read.parent_code.is_empty()) else {
            parents.push(None);
            continue;
        };
        parents.push(match codes.resolve(&read.parent_code, valid) {
            Ok(parent) => Some(parent.clone()),
            Err(unresolved) => {
                let (message, hint) = unresolved.explain("parent_code", &read.parent_code);
                table.wrong(read.row, "parent_code", message, hint);
                table.call_last("reference");
                None
            }
        });
    }
    parents
}

/// Refuses an alias that also means another unit on the same day. Two units may share a real name, not an alias.
fn check_aliases(units: &[Unit], read: &[Read], table: &mut Table<'_>) {
    let mut meant: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, unit) in units.iter().enumerate() {
        for alias in &unit.aliases {
            meant.entry(fold(alias)).or_default().push(at);
        }
    }
    if meant.is_empty() {
        return;
    }
    let mut named: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, unit) in units.iter().enumerate() {
        for name in [fold(&unit.name), fold(&unit.authority())] {
            if meant.contains_key(&name) {
                named.entry(name).or_default().push(at);
            }
        }
    }
    let valid = |at: usize| read.get(at).and_then(|read| read.valid);
    let clashes = |at: usize, other: usize| {
        let then = valid(at).zip(valid(other)).is_some_and(|(one, other)| one.overlaps(other));
        then && units.get(at).map(|unit| &unit.id) != units.get(other).map(|unit| &unit.id)
    };
    for (at, unit) in units.iter().enumerate() {
        for alias in &unit.aliases {
            let folded = fold(alias);
            let by_name = named.get(&folded).into_iter().flatten().find(|other| clashes(at, **other));
            let mut earlier = meant.get(&folded).into_iter().flatten().take_while(|other| **other < at);
            let Some(other) = by_name.or_else(|| earlier.find(|other| clashes(at, **other))) else { continue };
            let (Some(read), Some(other_read), Some(other)) = (read.get(at), read.get(*other), units.get(*other))
            else {
                continue;
            };
            let message =
                format!("the alias `{alias}` also means unit `{}` (line {})", other.id, table.line(other_read.row));
            table.wrong(read.row, "aliases", message, "an alias means one unit: remove it or make it longer");
            table.call_last("alias");
        }
    }
}

/// The rows of `succession.csv`; `codes` is absent when units.csv could not be read.
pub(super) fn read_successions(file: &str, text: &str, codes: Option<&Codes<'_>>) -> (Vec<Succession>, Vec<Problem>) {
    let mut table = Table::read(file, text, &SUCCESSION_COLUMNS, &[BASIS_COLUMN]);
    let mut successions = Vec::with_capacity(table.len());
    let mut lines: HashMap<(String, String, String), u64> = HashMap::new();
    for row in 0..table.len() {
        let line = table.line(row);
        let Some(mut cells) = table.row(row) else { continue };
        if !cells.is_whole() {
            continue;
        }
        let predecessor = unit_id(&mut cells, "predecessor", codes);
        let successor = unit_id(&mut cells, "successor", codes);
        cells.required("date");
        let date = cells.date("date");
        let kind = cells.word("kind", &SuccessionKind::ALL.map(|kind| (kind.word(), kind)));
        let basis = cells.text(BASIS_COLUMN);
        let key = (predecessor.to_string(), successor.to_string(), cells.text("date"));
        if let Some(other) = lines.insert(key, line) {
            cells.wrong("predecessor", format!("line {other} says the same"), "keep one of the two rows");
        }
        if let (Some(date), Some(kind)) = (date, kind) {
            successions.push(Succession { predecessor, successor, date, kind, basis });
        }
    }
    (successions, table.into_problems())
}

fn unit_id(cells: &mut Cells<'_, '_>, column: &str, codes: Option<&Codes<'_>>) -> UnitId {
    let id = cells.required(column);
    if !id.is_empty() && codes.is_some_and(|codes| !codes.has_id(&id)) {
        cells.wrong(
            column,
            format!("{column}: no unit has the id `{id}`"),
            "write an id of units.csv (its code, if it has no id column)",
        );
        cells.call_last("reference");
    }
    UnitId::new(&id)
}
