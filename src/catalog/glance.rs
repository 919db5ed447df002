//! Parts of the catalog for pages that are opened often: what is measured, who exists, and one unit with those around it.
//! The whole of it would take a large province too long.

use std::collections::HashSet;
use std::str::FromStr as _;

use chrono::NaiveDate;

use super::pack::Pack;
use super::store::{
    ContactRow, SUCCESSIONS, SuccessionRow, UnitRow, contact, definitions, impossible, succession, unit,
};
use super::unit::{Kind, Unit, UnitId};
use crate::db::{Db, DbError, Sql};
use crate::read;

const PRESENT: Sql = Sql::portable(
    "SELECT id, code, name, kind FROM unit WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1) \
     AND kind <> $2 ORDER BY position",
);

/// Nobody is addressed at an office without any address.
const HEADLESS: Sql = Sql::portable(
    "SELECT id, code, name, kind FROM unit WHERE valid_from <= $1 AND (valid_to IS NULL OR valid_to >= $1) \
     AND kind <> $2 AND NOT EXISTS (SELECT 1 FROM contact WHERE contact.unit_id = unit.id AND contact.office = 'head' \
     AND contact.valid_from <= $1 AND (contact.valid_to IS NULL OR contact.valid_to >= $1) \
     AND (contact.email IS NOT NULL OR contact.phone IS NOT NULL OR contact.zalo_user_id IS NOT NULL)) ORDER BY position",
);

const BY_CODE: Sql = Sql::portable(
    "SELECT id, code, name, kind, parent_id, aliases, valid_from, valid_to FROM unit WHERE code = $1 \
     ORDER BY valid_from DESC",
);

// A unit, those above it, and those that took over from any of them.
const UNITS_AROUND: Sql = Sql::portable(
    "WITH RECURSIVE link (low, high) AS (SELECT id, parent_id FROM unit WHERE parent_id IS NOT NULL \
     UNION SELECT predecessor_id, successor_id FROM succession), around (id) AS (SELECT CAST($1 AS TEXT) \
     UNION SELECT link.high FROM link JOIN around ON link.low = around.id) \
     SELECT unit.id, code, name, kind, parent_id, aliases, valid_from, valid_to FROM unit \
     JOIN around ON around.id = unit.id ORDER BY position",
);

const OF_UNIT: Sql = Sql::portable(
    "SELECT unit_id, office, person, title, email, phone, zalo_user_id, valid_from, valid_to \
     FROM contact WHERE unit_id = $1 ORDER BY position, valid_from",
);

const WITHIN: Sql = Sql::portable(
    "WITH RECURSIVE below (id) AS (SELECT id FROM unit WHERE id = $1 \
     UNION SELECT unit.id FROM unit JOIN below ON unit.parent_id = below.id) \
     SELECT DISTINCT unit.code FROM unit JOIN below ON below.id = unit.id",
);

const ID_OF: Sql = Sql::portable("SELECT id FROM unit WHERE code = $1 ORDER BY valid_from DESC LIMIT 1");

const NAMED: Sql = Sql::portable("SELECT code, name FROM unit WHERE id = $1 ORDER BY valid_from DESC LIMIT 1");

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[PRESENT, HEADLESS, BY_CODE, UNITS_AROUND, OF_UNIT, WITHIN, ID_OF, NAMED];

/// A unit as a line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its identity.
    pub id: UnitId,
    /// Official code on that day.
    pub code: String,
    /// Name on that day.
    pub name: String,
    /// What kind of body it is.
    pub kind: Kind,
}

type ListedRow = (String, String, String, String);

fn listed(rows: Vec<ListedRow>) -> Result<Vec<Listed>, DbError> {
    let one = |(id, code, name, kind): ListedRow| {
        let kind = Kind::from_str(&kind).map_err(|()| impossible("unit", "kind", &kind))?;
        Ok(Listed { id: UnitId::new(&id), code, name, kind })
    };
    rows.into_iter().map(one).collect()
}

/// The units that are judged on `day`, in the pack's order: all but the province.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn present(db: &Db, day: NaiveDate) -> Result<Vec<Listed>, DbError> {
    listed(read!(db, PRESENT, |sql, pool| {
        sqlx::query_as(sql).bind(day.to_string()).bind(Kind::Province.word()).fetch_all(pool).await?
    }))
}

/// Those among them whose head has no address on `day`: nobody receives for them.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn headless(db: &Db, day: NaiveDate) -> Result<Vec<Listed>, DbError> {
    listed(read!(db, HEADLESS, |sql, pool| {
        sqlx::query_as(sql).bind(day.to_string()).bind(Kind::Province.word()).fetch_all(pool).await?
    }))
}

/// What is measured and demanded, who speaks, and the calendar: a pack without units and contacts.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn measures(db: &Db) -> Result<Pack, DbError> {
    definitions(db).await
}

/// The unit that has `code` on `day`, or had or gets it, and a pack of what concerns it: itself, those above it and those
/// that took over, with their contacts. Heads of other units are not in it, although one may be the same person.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn around(db: &Db, code: &str, day: NaiveDate) -> Result<Option<(UnitId, Pack)>, DbError> {
    let named: Vec<UnitRow> = read!(db, BY_CODE, |sql, pool| sqlx::query_as(sql).bind(code).fetch_all(pool).await?);
    let named: Vec<Unit> = named.into_iter().map(unit).collect::<Result<_, _>>()?;
    let Some(found) = named.iter().find(|unit| unit.valid.covers(day)).or(named.first()) else { return Ok(None) };
    let rows: Vec<UnitRow> =
        read!(db, UNITS_AROUND, |sql, pool| sqlx::query_as(sql).bind(found.id.as_str()).fetch_all(pool).await?);
    let units: Vec<Unit> = rows.into_iter().map(unit).collect::<Result<_, _>>()?;
    let mut contacts = Vec::new();
    let mut asked: Vec<&UnitId> = units.iter().map(|unit| &unit.id).collect();
    asked.sort_unstable();
    asked.dedup();
    for id in asked {
        let rows: Vec<ContactRow> =
            read!(db, OF_UNIT, |sql, pool| sqlx::query_as(sql).bind(id.as_str()).fetch_all(pool).await?);
        for row in rows {
            contacts.push(contact(row)?);
        }
    }
    let rows: Vec<SuccessionRow> = read!(db, SUCCESSIONS, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    let successions = rows.iter().map(succession).collect::<Result<_, _>>()?;
    Ok(Some((found.id.clone(), Pack { units, successions, contacts, ..definitions(db).await? })))
}

/// The codes of the unit with this id and of all below it, of any day.
///
/// # Errors
/// The engine's.
pub async fn codes_within(db: &Db, id: &str) -> Result<HashSet<String>, DbError> {
    let codes: Vec<String> = read!(db, WITHIN, |sql, pool| sqlx::query_scalar(sql).bind(id).fetch_all(pool).await?);
    Ok(codes.into_iter().collect())
}

/// The id of the unit that has, or had last, this code.
///
/// # Errors
/// The engine's.
pub async fn unit_by_code(db: &Db, code: &str) -> Result<Option<String>, DbError> {
    Ok(read!(db, ID_OF, |sql, pool| sqlx::query_scalar(sql).bind(code.trim()).fetch_optional(pool).await?))
}

/// Code and name that a unit has, or had last.
///
/// # Errors
/// The engine's.
pub async fn unit_named(db: &Db, id: &str) -> Result<Option<(String, String)>, DbError> {
    Ok(read!(db, NAMED, |sql, pool| sqlx::query_as(sql).bind(id).fetch_optional(pool).await?))
}
