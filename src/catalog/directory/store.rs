//! Writing single offices: each is written only if it still stands as it was seen.

use std::collections::HashMap;

use super::edit::OfficeEdit;
use crate::catalog::codes::Codes;
use crate::catalog::contact::{Contact, Office};
use crate::catalog::keep_still;
use crate::catalog::read_contacts::read_contacts;
use crate::catalog::unit::{Unit, UnitId};
use crate::catalog::write;
use crate::db::{DbError, Sql, Work};
use crate::on;

const REMOVE: Sql =
    Sql::portable("DELETE FROM contact WHERE unit_id = $1 AND office = $2 AND valid_from = $3 RETURNING position");
const LAST: Sql = Sql::portable("SELECT COALESCE(MAX(position), 0) FROM contact");
const ADD: Sql = Sql::portable(
    "INSERT INTO contact \
     (unit_id, office, person, title, email, phone, zalo_user_id, valid_from, valid_to, position) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[REMOVE, LAST, ADD];

/// Why an office was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// Somebody else changed these offices meanwhile.
    #[error("{} office(s) were changed meanwhile: {}\n  remedy: look at them again", .0.len(), named(.0))]
    Changed(Vec<(UnitId, Office)>),
    /// The rows contradict each other, or the units.
    #[error("{message}\n  remedy: {remedy}")]
    Contradicts {
        /// What is wrong.
        message: String,
        /// What to do.
        remedy: String,
    },
    /// The database's.
    #[error(transparent)]
    Db(#[from] DbError),
}

fn named(offices: &[(UnitId, Office)]) -> String {
    offices.iter().map(|(unit, office)| format!("{unit} {}", office.word())).collect::<Vec<_>>().join(", ")
}

/// Makes the offices what `edits` say. The unit of work holds the lock of contacts from then on.
///
/// # Errors
/// [`DirectoryError::Changed`] when one of them is no longer as it was, [`DirectoryError::Contradicts`] when a reader of
/// packs would refuse the rows; then nothing of the unit of work may be kept.
pub async fn store_edits(work: &mut Work, edits: &[OfficeEdit]) -> Result<(), DirectoryError> {
    keep_still(work).await?;
    let (units, _, contacts) = crate::catalog::store::rows(work).await?;
    let mut now: HashMap<(&UnitId, Office), Vec<&Contact>> = HashMap::new();
    for contact in &contacts {
        now.entry((&contact.unit, contact.office)).or_default().push(contact);
    }
    let changed = edits.iter().filter(|edit| {
        let mut stored: Vec<&Contact> = now.get(&(&edit.unit, edit.office)).cloned().unwrap_or_default();
        let mut seen: Vec<&Contact> = edit.before.iter().collect();
        stored.sort_by_key(|contact| contact.valid.from);
        seen.sort_by_key(|contact| contact.valid.from);
        stored != seen
    });
    let changed: Vec<(UnitId, Office)> = changed.map(|edit| (edit.unit.clone(), edit.office)).collect();
    if !changed.is_empty() {
        return Err(DirectoryError::Changed(changed));
    }
    check(&units, edits)?;
    let mut last: i64 =
        on!(&mut *work, LAST, |sql, conn| sqlx::query_scalar(sql).fetch_one(conn).await.map_err(DbError::from)?);
    for edit in edits {
        write_one(work, edit, &mut last).await?;
    }
    Ok(())
}

/// What a reader of packs would say about the rows.
fn check(units: &[Unit], edits: &[OfficeEdit]) -> Result<(), DirectoryError> {
    let codes = Codes::of(units);
    let after: Vec<Contact> = edits.iter().flat_map(|edit| edit.after.iter().cloned()).collect();
    let (read, problems) = read_contacts("contacts.csv", &write::contacts(&after, &codes), Some(&codes));
    if let Some(problem) = problems.into_iter().next() {
        return Err(DirectoryError::Contradicts { message: problem.message, remedy: problem.hint });
    }
    if read != after {
        let message = "the rows would not be read back as they are written".to_owned();
        return Err(DirectoryError::Contradicts { message, remedy: "write plain text into every field".to_owned() });
    }
    Ok(())
}

async fn write_one(work: &mut Work, edit: &OfficeEdit, last: &mut i64) -> Result<(), DbError> {
    let mut place: Option<i64> = None;
    for contact in edit.before.iter().filter(|contact| !edit.after.contains(contact)) {
        let [from, _] = write::bounds(contact.valid);
        let removed: Option<i64> = on!(&mut *work, REMOVE, |sql, conn| {
            let query = sqlx::query_scalar(sql).bind(contact.unit.as_str()).bind(contact.office.word()).bind(&from);
            query.fetch_optional(conn).await?
        });
        place = place.or(removed);
    }
    for contact in edit.after.iter().filter(|contact| !edit.before.contains(contact)) {
        let position = place.unwrap_or_else(|| {
            *last += 1;
            *last
        });
        let [from, to] = write::bounds(contact.valid);
        let to = Some(to).filter(|to| !to.is_empty());
        on!(&mut *work, ADD, |sql, conn| {
            let query = sqlx::query(sql).bind(contact.unit.as_str()).bind(contact.office.word());
            let query = query.bind(&contact.person).bind(&contact.title).bind(&contact.email).bind(&contact.phone);
            let query = query.bind(&contact.zalo_user_id).bind(&from).bind(&to).bind(position);
            query.execute(conn).await?.rows_affected()
        });
    }
    Ok(())
}
