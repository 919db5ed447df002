//! Writing the catalog to the database: a pack's rows, all of them anew.

use super::contact::Contact;
use super::pack::Pack;
use super::store::{CALENDAR_YEAR, INDICATOR, SENDER, TARGET, TEMPLATE};
use super::unit::{Succession, Unit, UnitId, Validity};
use super::write;
use crate::db::{Cell, DbError, Sql, Work, insert_rows};
use crate::on;

pub(super) const CLEAR_UNITS: Sql = Sql::portable("DELETE FROM unit");
pub(super) const CLEAR_SUCCESSIONS: Sql = Sql::portable("DELETE FROM succession");
pub(super) const CLEAR_CONTACTS: Sql = Sql::portable("DELETE FROM contact");
pub(super) const CLEAR_DEFINITIONS: Sql = Sql::portable("DELETE FROM definition");

pub(super) const ADD_UNITS: Sql = Sql::portable(
    "INSERT INTO unit (id, code, name, kind, parent_id, aliases, valid_from, valid_to, position) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);
pub(super) const ADD_SUCCESSIONS: Sql = Sql::portable(
    "INSERT INTO succession (predecessor_id, successor_id, happened_on, kind, basis, position) \
     VALUES ($1, $2, $3, $4, $5, $6)",
);
pub(super) const ADD_CONTACTS: Sql = Sql::portable(
    "INSERT INTO contact \
     (unit_id, office, person, title, email, phone, zalo_user_id, valid_from, valid_to, position) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);
pub(super) const ADD_DEFINITIONS: Sql =
    Sql::portable("INSERT INTO definition (kind, id, body, position) VALUES ($1, $2, $3, $4)");

/// Nobody else changes the catalog until the end of this unit of work: whoever puts a changed pack in its place reads it
/// after this, or somebody's change would be lost.
///
/// # Errors
/// The engine's.
pub async fn keep_still(work: &mut Work) -> Result<(), DbError> {
    work.lock("catalog").await
}

/// Makes the database say what `pack` says, no more and no less. Rows that the pack no longer has leave the catalog;
/// what other tables say about their units stays. Doing it twice is doing it once. `pack` must be one that reading
/// accepts (what was edited goes through [`Pack::from_files`] first): [`load`](super::load) checks definitions as strictly.
///
/// # Errors
/// When the engine fails; the unit of work should then be dropped.
pub async fn import(work: &mut Work, pack: &Pack) -> Result<(), DbError> {
    keep_still(work).await?;
    for clear in [CLEAR_UNITS, CLEAR_SUCCESSIONS, CLEAR_CONTACTS, CLEAR_DEFINITIONS] {
        on!(work, clear, |sql, conn| sqlx::query(sql).execute(conn).await?.rows_affected());
    }
    insert_rows(work, ADD_UNITS, pack.units.iter().zip(0_i64..).map(unit_cells)).await?;
    insert_rows(work, ADD_SUCCESSIONS, pack.successions.iter().zip(0_i64..).map(succession_cells)).await?;
    insert_rows(work, ADD_CONTACTS, pack.contacts.iter().zip(0_i64..).map(contact_cells)).await?;
    insert_rows(work, ADD_DEFINITIONS, definition_cells(pack)).await?;
    Ok(())
}

fn unit_cells((unit, position): (&Unit, i64)) -> [Cell<'_>; 9] {
    let [from, to] = bounds(unit.valid);
    [
        unit.id.as_str().into(),
        unit.code.as_str().into(),
        unit.name.as_str().into(),
        unit.kind.word().into(),
        unit.parent.as_ref().map(UnitId::as_str).into(),
        unit.aliases.join(";").into(),
        from,
        to,
        position.into(),
    ]
}

fn succession_cells((succession, position): (&Succession, i64)) -> [Cell<'_>; 6] {
    [
        succession.predecessor.as_str().into(),
        succession.successor.as_str().into(),
        succession.date.to_string().into(),
        succession.kind.word().into(),
        succession.basis.as_str().into(),
        position.into(),
    ]
}

fn contact_cells((contact, position): (&Contact, i64)) -> [Cell<'_>; 10] {
    let [from, to] = bounds(contact.valid);
    [
        contact.unit.as_str().into(),
        contact.office.word().into(),
        contact.person.as_deref().into(),
        contact.title.as_str().into(),
        contact.email.as_deref().into(),
        contact.phone.as_deref().into(),
        contact.zalo_user_id.as_deref().into(),
        from,
        to,
        position.into(),
    ]
}

/// `valid_from`, empty when open so that the key is never NULL, and `valid_to`.
fn bounds(valid: Validity) -> [Cell<'static>; 2] {
    let [from, to] = write::bounds(valid);
    [from.into(), Some(to).filter(|to| !to.is_empty()).into()]
}

fn definition_cells(pack: &Pack) -> Vec<[Cell<'_>; 4]> {
    let mut rows: Vec<[Cell<'_>; 4]> = Vec::new();
    let mut add = |kind: &'static str, id: String, body: String, position: usize| {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        rows.push([kind.into(), id.into(), body.into(), position.into()]);
    };
    for (at, item) in pack.indicators.iter().enumerate() {
        add(INDICATOR, item.versioned(), write::indicator(item), at);
    }
    for (at, item) in pack.targets.iter().enumerate() {
        add(TARGET, item.id.as_str().to_owned(), write::target(item), at);
    }
    for (at, item) in pack.senders.iter().enumerate() {
        let [from, _] = write::bounds(item.valid);
        add(SENDER, from, write::sender(item), at);
    }
    for (at, item) in pack.calendar.iter().enumerate() {
        add(CALENDAR_YEAR, item.year.to_string(), write::calendar_year(item), at);
    }
    for (at, (name, text)) in pack.templates.iter().enumerate() {
        add(TEMPLATE, name.clone(), text.clone(), at);
    }
    rows
}
