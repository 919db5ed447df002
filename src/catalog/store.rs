//! The catalog in the database: one table per kind of row, definitions as the TOML that a pack has for them.

use std::str::FromStr as _;

use chrono::NaiveDate;

use super::calendar::Calendar;
use super::contact::{Contact, Office};
use super::pack::{Pack, Problem};
use super::read_definitions::{Known, read_indicators, read_targets};
use super::read_senders::{read_calendar, read_senders};
use super::read_units::split_aliases;
use super::unit::{Kind, Succession, SuccessionKind, Unit, UnitId, Validity};
use super::{alias, directory, glance, import, reform};
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

const UNITS: Sql =
    Sql::portable("SELECT id, code, name, kind, parent_id, aliases, valid_from, valid_to FROM unit ORDER BY position");
pub(super) const SUCCESSIONS: Sql =
    Sql::portable("SELECT predecessor_id, successor_id, happened_on, kind, basis FROM succession ORDER BY position");
const CONTACTS: Sql = Sql::portable(
    "SELECT unit_id, office, person, title, email, phone, zalo_user_id, valid_from, valid_to \
     FROM contact ORDER BY position, valid_from",
);
const DEFINITIONS: Sql = Sql::portable("SELECT kind, id, body FROM definition ORDER BY kind, position");
const OF_KIND: Sql = Sql::portable("SELECT id, body FROM definition WHERE kind = $1 ORDER BY position");
const ANY: Sql = Sql::portable(
    "SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM unit) OR EXISTS (SELECT 1 FROM contact) \
     OR EXISTS (SELECT 1 FROM definition)",
);

/// Every statement of this room.
const STATEMENTS: &[Sql] = &[
    UNITS,
    SUCCESSIONS,
    CONTACTS,
    DEFINITIONS,
    OF_KIND,
    ANY,
    import::CLEAR_UNITS,
    import::CLEAR_SUCCESSIONS,
    import::CLEAR_CONTACTS,
    import::CLEAR_DEFINITIONS,
    import::ADD_UNITS,
    import::ADD_SUCCESSIONS,
    import::ADD_CONTACTS,
    import::ADD_DEFINITIONS,
    alias::SET_ALIASES,
    alias::DECIDED,
    alias::DECISIONS,
];

/// Every statement of this room.
pub fn statements() -> impl Iterator<Item = &'static Sql> {
    STATEMENTS.iter().chain(glance::STATEMENTS).chain(directory::statements()).chain(reform::statements())
}

pub(super) const INDICATOR: &str = "indicator";
pub(super) const TARGET: &str = "target";
pub(super) const SENDER: &str = "sender";
pub(super) const CALENDAR_YEAR: &str = "calendar_year";
pub(super) const TEMPLATE: &str = "template";

#[derive(sqlx::FromRow)]
pub(super) struct UnitRow {
    id: String,
    code: String,
    name: String,
    kind: String,
    parent_id: Option<String>,
    aliases: String,
    valid_from: String,
    valid_to: Option<String>,
}

#[derive(sqlx::FromRow)]
pub(super) struct SuccessionRow {
    predecessor_id: String,
    successor_id: String,
    happened_on: String,
    kind: String,
    basis: String,
}

#[derive(sqlx::FromRow)]
pub(super) struct ContactRow {
    unit_id: String,
    office: String,
    person: Option<String>,
    title: String,
    email: Option<String>,
    phone: Option<String>,
    zalo_user_id: Option<String>,
    valid_from: String,
    valid_to: Option<String>,
}

#[derive(sqlx::FromRow)]
struct DefinitionRow {
    kind: String,
    id: String,
    body: String,
}

/// The whole catalog, as it stands at one moment. Empty when nothing was imported yet.
///
/// # Errors
/// When the engine fails, or a stored value is one that [`import`] never writes.
pub async fn load(db: &Db) -> Result<Pack, DbError> {
    let mut work = db.snapshot().await?;
    let pack = load_in(&mut work).await?;
    work.rollback().await?;
    Ok(pack)
}

/// The same inside of a unit of work that sees one moment, or in which nobody else changes the catalog
/// ([`keep_still`](super::keep_still)). A second connection beside the one that holds that lock may never be free.
///
/// # Errors
/// As those of [`load`].
pub async fn load_in(work: &mut Work) -> Result<Pack, DbError> {
    let (units, successions, contacts) = rows(work).await?;
    let rows: Vec<DefinitionRow> = on!(work, DEFINITIONS, |sql, conn| sqlx::query_as(sql).fetch_all(conn).await?);
    Ok(Pack { units, successions, contacts, ..read_all(&rows)? })
}

/// Who exists, who follows whom, who is addressed: every row, inside of a unit of work.
pub(super) async fn rows(work: &mut Work) -> Result<(Vec<Unit>, Vec<Succession>, Vec<Contact>), DbError> {
    let units: Vec<UnitRow> = on!(&mut *work, UNITS, |sql, conn| sqlx::query_as(sql).fetch_all(conn).await?);
    let successions: Vec<SuccessionRow> =
        on!(&mut *work, SUCCESSIONS, |sql, conn| sqlx::query_as(sql).fetch_all(conn).await?);
    let contacts: Vec<ContactRow> = on!(&mut *work, CONTACTS, |sql, conn| sqlx::query_as(sql).fetch_all(conn).await?);
    Ok((
        units.into_iter().map(unit).collect::<Result<_, _>>()?,
        successions.iter().map(succession).collect::<Result<_, _>>()?,
        contacts.into_iter().map(contact).collect::<Result<_, _>>()?,
    ))
}

/// What is defined, without units and contacts.
pub(super) async fn definitions(db: &Db) -> Result<Pack, DbError> {
    let rows: Vec<DefinitionRow> = read!(db, DEFINITIONS, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    read_all(&rows)
}

fn read_all(rows: &[DefinitionRow]) -> Result<Pack, DbError> {
    let known = Known::default();
    let templates = rows.iter().filter(|row| row.kind == TEMPLATE);
    Ok(Pack {
        indicators: defined(rows, INDICATOR, read_indicators)?,
        targets: defined(rows, TARGET, |file, text| read_targets(file, text, &known))?,
        senders: defined(rows, SENDER, read_senders)?,
        calendar: defined(rows, CALENDAR_YEAR, read_calendar)?,
        templates: templates.map(|row| (row.id.clone(), row.body.clone())).collect(),
        ..Pack::default()
    })
}

/// Whether nothing was imported yet.
///
/// # Errors
/// The engine's.
pub async fn is_empty(db: &Db) -> Result<bool, DbError> {
    Ok(read!(db, ANY, |sql, pool| sqlx::query(sql).fetch_optional(pool).await?.is_none()))
}

/// The same inside of a unit of work.
///
/// # Errors
/// The engine's.
pub async fn is_empty_in(work: &mut Work) -> Result<bool, DbError> {
    Ok(on!(work, ANY, |sql, conn| sqlx::query(sql).fetch_optional(conn).await?.is_none()))
}

/// The pack's own message templates: name and source.
///
/// # Errors
/// The engine's.
pub async fn templates(db: &Db) -> Result<Vec<(String, String)>, DbError> {
    Ok(read!(db, OF_KIND, |sql, pool| sqlx::query_as(sql).bind(TEMPLATE).fetch_all(pool).await?))
}

/// The working days as the catalog has them; those of the built-in decisions when nothing was imported yet.
///
/// # Errors
/// When the engine fails, or a stored year is one that [`import`] never writes.
pub async fn calendar(db: &Db) -> Result<Calendar, DbError> {
    let years: Vec<(String, String)> =
        read!(db, OF_KIND, |sql, pool| sqlx::query_as(sql).bind(CALENDAR_YEAR).fetch_all(pool).await?);
    let rows = years.into_iter().map(|(id, body)| DefinitionRow { kind: CALENDAR_YEAR.to_owned(), id, body });
    Ok(Calendar::of(&defined(&rows.collect::<Vec<_>>(), CALENDAR_YEAR, read_calendar)?))
}

pub(super) fn unit(row: UnitRow) -> Result<Unit, DbError> {
    Ok(Unit {
        id: UnitId::new(&row.id),
        kind: Kind::from_str(&row.kind).map_err(|()| impossible("unit", "kind", &row.kind))?,
        code: row.code,
        name: row.name,
        parent: row.parent_id.as_deref().map(UnitId::new),
        aliases: split_aliases(&row.aliases),
        valid: validity("unit", &row.valid_from, row.valid_to.as_deref())?,
    })
}

pub(super) fn succession(row: &SuccessionRow) -> Result<Succession, DbError> {
    let kind = SuccessionKind::ALL.into_iter().find(|kind| kind.word() == row.kind);
    Ok(Succession {
        predecessor: UnitId::new(&row.predecessor_id),
        successor: UnitId::new(&row.successor_id),
        date: day("succession", "happened_on", &row.happened_on)?,
        kind: kind.ok_or_else(|| impossible("succession", "kind", &row.kind))?,
        basis: row.basis.clone(),
    })
}

pub(super) fn contact(row: ContactRow) -> Result<Contact, DbError> {
    Ok(Contact {
        unit: UnitId::new(&row.unit_id),
        office: Office::from_word(&row.office).ok_or_else(|| impossible("contact", "office", &row.office))?,
        person: row.person,
        title: row.title,
        email: row.email,
        phone: row.phone,
        zalo_user_id: row.zalo_user_id,
        valid: validity("contact", &row.valid_from, row.valid_to.as_deref())?,
    })
}

/// The items of one kind: their bodies one after another are the file they came from.
fn defined<T>(
    rows: &[DefinitionRow],
    kind: &'static str,
    read: impl FnOnce(&str, &str) -> (Vec<T>, Vec<Problem>),
) -> Result<Vec<T>, DbError> {
    let bodies: Vec<&str> = rows.iter().filter(|row| row.kind == kind).map(|row| row.body.as_str()).collect();
    let (items, problems) = read(kind, &bodies.join("\n"));
    match problems.first() {
        None => Ok(items),
        Some(problem) => Err(impossible("definition", "body", &problem.to_string())),
    }
}

fn validity(table: &'static str, from: &str, to: Option<&str>) -> Result<Validity, DbError> {
    let from = if from.is_empty() { None } else { Some(day(table, "valid_from", from)?) };
    Ok(Validity { from, to: to.map(|to| day(table, "valid_to", to)).transpose()? })
}

fn day(table: &'static str, column: &'static str, text: &str) -> Result<NaiveDate, DbError> {
    text.parse().map_err(|_| impossible(table, column, text))
}

pub(super) fn impossible(table: &'static str, column: &'static str, value: &str) -> DbError {
    DbError::Impossible { table, column, value: value.to_owned() }
}
