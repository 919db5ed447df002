//! What a person decides about the name of a source: whom it means. The decision becomes an alias of the unit, and who
//! took it when is kept.

use chrono::{DateTime, NaiveDate, Utc};

use super::codes::Codes;
use super::import::keep_still;
use super::matching::{Names, fold};
use super::pack::Pack;
use super::read_text::{clean, refused_character};
use super::unit::{Level, Unit, UnitId, Validity};
use super::write;
use crate::db::{Db, DbError, Sql, Work};
use crate::{on, read};

pub(super) const SET_ALIASES: Sql =
    Sql::portable("UPDATE unit SET aliases = $1 WHERE id = $2 AND valid_from = $3 AND aliases = $4");
pub(super) const DECIDED: Sql = Sql::portable(
    "INSERT INTO alias_decision (folded, number, alias, unit_id, verb, decided_at, decided_by) \
     VALUES ($1, (SELECT count(*) FROM alias_decision WHERE folded = $1), $2, $3, $4, $5, $6)",
);
pub(super) const DECISIONS: Sql = Sql::portable(
    "SELECT alias, unit_id, verb, decided_at, decided_by FROM alias_decision \
     WHERE CAST($1 AS TEXT) IS NULL OR folded = $1 ORDER BY folded, number",
);

/// A decision as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AliasDecision {
    /// The name.
    pub alias: String,
    /// Whom it was said to mean.
    pub unit_id: String,
    /// `resolved` or `undone`.
    pub verb: String,
    /// When, in milliseconds since 1970.
    pub decided_at: i64,
    /// Who said so.
    pub decided_by: String,
}

/// A decision about one name, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAlias {
    /// The name as it will stand in units.csv.
    pub alias: String,
    /// Whom it means.
    pub unit: UnitId,
    /// The unit's name, for people.
    pub unit_name: String,
    /// Rows of the unit: begin, aliases before, aliases after.
    rows: Vec<(String, String, String)>,
    verb: &'static str,
}

/// Why a name does not become an alias, or stays one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AliasError {
    /// It cannot stand in units.csv.
    #[error("`{text}` cannot be an alias: {why}\n  remedy: {remedy}")]
    Text {
        /// The name.
        text: String,
        /// What is wrong with it.
        why: String,
        /// What to do.
        remedy: String,
    },
    /// The code is no unit's.
    #[error("{message}\n  remedy: {remedy}")]
    Unit {
        /// What is wrong with the code.
        message: String,
        /// What to do.
        remedy: String,
    },
    /// The name already means the unit.
    #[error("`{alias}` already means {unit}\n  remedy: nothing; the next round finds it")]
    Known {
        /// The name.
        alias: String,
        /// The unit's name.
        unit: String,
    },
    /// Two units would be called so.
    #[error(
        "`{alias}` would make two units alike: {why}\n  remedy: map the column with the unit's code, or let the source \
         write a longer name"
    )]
    Alike {
        /// The name.
        alias: String,
        /// Which other unit.
        why: String,
    },
    /// Nobody resolved it here.
    #[error(
        "`{alias}` was not resolved here\n  remedy: see `dondoc catalog unresolved`; aliases of a pack are edited in its \
         units.csv"
    )]
    NotResolved {
        /// The name.
        alias: String,
    },
    /// Somebody else changed the unit meanwhile.
    #[error("the catalog was changed meanwhile\n  remedy: try again")]
    Changed,
    /// The database's.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Makes `text` an alias of the unit that has `code` on `day`, over all the unit's time.
///
/// # Errors
/// [`AliasError`] when it is no name, means the unit already, or would make two units alike.
pub fn resolve_alias(pack: &Pack, text: &str, code: &str, day: NaiveDate) -> Result<NewAlias, AliasError> {
    let alias = alias_text(text)?;
    let valid = Validity { from: Some(day), to: Some(day) };
    let unit = Codes::of(&pack.units).resolve(code, valid).cloned().map_err(|unresolved| {
        let (message, remedy) = unresolved.explain("CODE", code);
        AliasError::Unit { message, remedy }
    })?;
    let names = Names::of(&pack.units, day);
    if names.find("", &alias) == Ok(&unit) {
        return Err(AliasError::Known { alias, unit: name_of(pack, &unit) });
    }
    let own = |unit: &Unit| fold(&unit.code) == fold(&alias);
    if let Some(other) = pack.units.iter().find(|other| own(other) && other.id != unit) {
        return Err(AliasError::Alike { alias, why: format!("it is the code of {} ({})", other.name, other.id) });
    }
    let changed = changed(pack, &unit, |row| {
        // The first alias of a department is its short name in subject lines; what a source happens to write is not.
        if row.aliases.is_empty() && row.kind.level() == Level::Department {
            row.aliases.push(row.name.clone());
        }
        row.aliases.push(alias.clone());
    });
    let files = changed.files();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    if let Err(error) = Pack::from_files(&files) {
        let why = error.problems.into_iter().next().map(|problem| problem.message).unwrap_or_default();
        return Err(AliasError::Alike { alias, why });
    }
    Ok(new_alias(pack, &changed, alias, unit, "resolved"))
}

/// Takes back what was resolved: `text` means nobody again. `decisions` are those about it, oldest first.
///
/// # Errors
/// [`AliasError::NotResolved`] when it was not resolved here.
pub fn unresolve_alias(pack: &Pack, text: &str, decisions: &[AliasDecision]) -> Result<NewAlias, AliasError> {
    let alias = alias_text(text)?;
    let unit = match decisions.last() {
        Some(last) if last.verb == "resolved" => UnitId::new(&last.unit_id),
        _ => return Err(AliasError::NotResolved { alias }),
    };
    let folded = fold(&alias);
    let changed = changed(pack, &unit, |row| {
        row.aliases.retain(|known| fold(known) != folded);
        if matches!(row.aliases.as_slice(), [only] if *only == row.name) {
            row.aliases.clear();
        }
    });
    if changed.units == pack.units {
        return Err(AliasError::NotResolved { alias });
    }
    Ok(new_alias(pack, &changed, alias, unit, "undone"))
}

/// Stores a decision: the unit's aliases, and who said so. It was taken over the catalog as it is after
/// [`keep_still`](super::keep_still), or two units may come to be called alike.
///
/// # Errors
/// [`AliasError::Changed`] when the unit is no longer as it was; then nothing of the unit of work may be kept.
pub async fn store_alias(work: &mut Work, new: &NewAlias, by: &str, now: DateTime<Utc>) -> Result<(), AliasError> {
    keep_still(work).await?;
    for (from, before, after) in &new.rows {
        let changed = on!(&mut *work, SET_ALIASES, |sql, conn| {
            let query = sqlx::query(sql).bind(after).bind(new.unit.as_str()).bind(from).bind(before);
            query.execute(conn).await.map_err(DbError::from)?.rows_affected()
        });
        if changed != 1 {
            return Err(AliasError::Changed);
        }
    }
    on!(work, DECIDED, |sql, conn| {
        let query = sqlx::query(sql).bind(fold(&new.alias)).bind(&new.alias).bind(new.unit.as_str()).bind(new.verb);
        query.bind(now.timestamp_millis()).bind(by).execute(conn).await.map_err(DbError::from)?.rows_affected()
    });
    Ok(())
}

/// Decisions about one name, or about all, oldest first.
///
/// # Errors
/// The engine's.
pub async fn alias_decisions(db: &Db, about: Option<&str>) -> Result<Vec<AliasDecision>, DbError> {
    Ok(read!(db, DECISIONS, |sql, pool| sqlx::query_as(sql).bind(about.map(fold)).fetch_all(pool).await?))
}

/// Decisions about one name inside of a unit of work, oldest first.
///
/// # Errors
/// The engine's.
pub async fn decisions_in(work: &mut Work, about: &str) -> Result<Vec<AliasDecision>, DbError> {
    Ok(on!(work, DECISIONS, |sql, conn| sqlx::query_as(sql).bind(Some(fold(about))).fetch_all(conn).await?))
}

fn alias_text(text: &str) -> Result<String, AliasError> {
    let wrong = |why: String, remedy: &str| AliasError::Text { text: text.to_owned(), why, remedy: remedy.to_owned() };
    let alias = clean(text).map_err(|refused| {
        let (why, remedy) = refused_character(refused);
        wrong(why, remedy)
    })?;
    if alias.is_empty() {
        return Err(wrong("it is empty".to_owned(), "write the name as the source does"));
    }
    if alias.contains(';') {
        return Err(wrong("`;` parts two aliases in units.csv".to_owned(), "let the source write it without `;`"));
    }
    Ok(alias)
}

fn changed(pack: &Pack, unit: &UnitId, mut change: impl FnMut(&mut Unit)) -> Pack {
    let mut changed = pack.clone();
    changed.units.iter_mut().filter(|row| row.id == *unit).for_each(&mut change);
    changed
}

fn name_of(pack: &Pack, unit: &UnitId) -> String {
    let row = pack.units.iter().rev().find(|row| row.id == *unit);
    row.map_or_else(|| unit.to_string(), |row| format!("{} ({})", row.name, row.code))
}

fn new_alias(before: &Pack, after: &Pack, alias: String, unit: UnitId, verb: &'static str) -> NewAlias {
    let both = before.units.iter().zip(&after.units).filter(|(before, after)| before != after);
    let rows = both.map(|(before, after)| {
        let [from, _] = write::bounds(before.valid);
        (from, before.aliases.join(";"), after.aliases.join(";"))
    });
    NewAlias { rows: rows.collect(), unit_name: name_of(before, &unit), alias, unit, verb }
}
