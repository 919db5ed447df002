//! Units of a source that cannot be matched, or whose figures nobody has taken over: kept until a person decides.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::number::NUMERIC_CODE;
use crate::catalog::{Catalog, UnitId, Unmatched};
use crate::db::{Db, DbError, Sql, Work, insert_rows};
use crate::{on, read};

const CLEAR: Sql = Sql::portable("DELETE FROM unresolved");

const INSERT: Sql = Sql::portable(
    "INSERT INTO unresolved (source, code, name, why, rows_met, first_place, period_end, met_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

const READ: Sql = Sql::portable(
    "SELECT source, code, name, why, rows_met, first_place, period_end FROM unresolved \
     ORDER BY rows_met DESC, source, code, name",
);

/// The statements of this file.
pub(super) const STATEMENTS: [Sql; 3] = [CLEAR, INSERT, READ];

/// What a source calls a unit, when that leads to no unit that can be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// Name of the source.
    pub source: String,
    /// The code as written, maybe empty.
    pub code: String,
    /// The name as written, maybe empty.
    pub name: String,
    /// Why it leads nowhere.
    pub why: Stray,
    /// Rows about it.
    pub rows: u64,
    /// File and line of the first one; or the address and the place in its reply.
    pub first: String,
    /// The newest day on which the directory was asked for it: the end of a row's period.
    pub asked_on: NaiveDate,
}

/// Why a source's unit leads to none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stray {
    /// No unit has the code or name.
    Unknown,
    /// Several have the name.
    Ambiguous,
    /// Code and name mean two units.
    Contradiction,
    /// The unit is no more; several took over.
    Divided,
    /// The unit is no more; succession.csv names nobody who took over.
    Dissolved,
}

impl Stray {
    const ALL: [Self; 5] = [Self::Unknown, Self::Ambiguous, Self::Contradiction, Self::Divided, Self::Dissolved];

    /// Its name in stored rows and outputs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Ambiguous => "ambiguous",
            Self::Contradiction => "contradiction",
            Self::Divided => "divided",
            Self::Dissolved => "dissolved",
        }
    }
}

impl From<&Unmatched> for Stray {
    fn from(unmatched: &Unmatched) -> Self {
        match unmatched {
            Unmatched::Unknown => Self::Unknown,
            Unmatched::Ambiguous(_) => Self::Ambiguous,
            Unmatched::Contradiction { .. } => Self::Contradiction,
        }
    }
}

/// One row's unit that leads nowhere.
#[derive(Debug)]
pub(super) struct Strayed {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) why: Stray,
    pub(super) line: u64,
    /// The place as an original without lines calls it.
    pub(super) at: Option<String>,
    pub(super) asked_on: NaiveDate,
    /// Rows of the original that say so.
    pub(super) rows: u64,
}

/// All of a round, each spelling once.
#[derive(Debug, Clone, Default)]
pub(super) struct Strangers {
    pub(super) met: Vec<Stranger>,
    at: HashMap<(String, String, String), usize>,
}

impl Strangers {
    /// So many spellings are kept; a source with more is not the right file.
    const KEPT: usize = 1_000;
    /// A longer text is no name.
    const LONGEST: usize = 200;

    /// Counts a row of `source`, whose table is `origin`.
    pub(super) fn meet(&mut self, source: &str, origin: &str, strayed: Strayed) {
        let Strayed { code, name, why, line, at, asked_on, rows } = strayed;
        if (code.is_empty() && name.is_empty()) || code.len() + name.len() > Self::LONGEST * 3 {
            return;
        }
        let key = (source.to_owned(), code, name);
        if let Some(stranger) = self.at.get(&key).and_then(|at| self.met.get_mut(*at)) {
            stranger.rows += rows;
            stranger.asked_on = stranger.asked_on.max(asked_on);
            return;
        }
        if self.met.len() >= Self::KEPT {
            return;
        }
        self.at.insert(key.clone(), self.met.len());
        let (source, code, name) = key;
        let first = at.map_or_else(|| format!("{origin}:{line}"), |at| format!("{origin}, {at}"));
        self.met.push(Stranger { source, code, name, why, rows, first, asked_on });
    }
}

/// Why what stands in a row means no unit, in a sentence.
pub(super) fn why_unmatched(
    catalog: &Catalog,
    unmatched: &Unmatched,
    code: &str,
    name: &str,
    day: NaiveDate,
) -> String {
    let called = |id: &UnitId| match catalog.unit_on(id, day).or_else(|| catalog.unit(id)) {
        Some(unit) => format!("{} ({})", unit.name, unit.code),
        None => id.to_string(),
    };
    match unmatched {
        Unmatched::Unknown if code.is_empty() && name.is_empty() => "the row names no unit".to_owned(),
        Unmatched::Unknown if code.is_empty() => format!("no unit is called `{name}`"),
        Unmatched::Unknown => format!("no unit has the code `{code}`"),
        Unmatched::Ambiguous(units) => {
            let units: Vec<String> = units.iter().map(called).collect();
            format!("`{name}` may be any of {}", units.join(", "))
        }
        Unmatched::Contradiction { by_code, by_name } => {
            format!("the code is that of {}, the name that of {}", called(by_code), called(by_name))
        }
    }
}

/// What to do about it; `numeric_code`: the code was a number in its sheet.
pub(super) const fn remedy_for(unmatched: &Unmatched, numeric_code: bool) -> &'static str {
    match unmatched {
        Unmatched::Unknown if numeric_code => NUMERIC_CODE,
        Unmatched::Unknown => "say whom it means with `dondoc catalog resolve`, or correct the code",
        Unmatched::Ambiguous(_) => {
            "map the column with the unit's code, or add an alias in units.csv that only one has"
        }
        Unmatched::Contradiction { .. } => "correct the code or the name in the source",
    }
}

/// Keeps what a round met in place of what the one before it met.
///
/// # Errors
/// The engine's.
pub async fn record_unresolved(work: &mut Work, strangers: &[Stranger], now: DateTime<Utc>) -> Result<(), DbError> {
    on!(&mut *work, CLEAR, |sql, conn| sqlx::query(sql).execute(conn).await?.rows_affected());
    let rows = strangers.iter().map(|stranger| {
        [
            stranger.source.as_str().into(),
            stranger.code.as_str().into(),
            stranger.name.as_str().into(),
            stranger.why.word().into(),
            i64::try_from(stranger.rows).unwrap_or(i64::MAX).into(),
            stranger.first.as_str().into(),
            stranger.asked_on.to_string().into(),
            now.into(),
        ]
    });
    insert_rows(work, INSERT, rows).await?;
    Ok(())
}

/// What the last round met, most rows first.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn unresolved(db: &Db) -> Result<Vec<Stranger>, DbError> {
    type Row = (String, String, String, String, i64, String, String);
    let rows: Vec<Row> = read!(db, READ, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    let stranger = |(source, code, name, why, rows, first, asked_on): Row| {
        let impossible =
            |column, value: &str| DbError::Impossible { table: "unresolved", column, value: value.to_owned() };
        Ok(Stranger {
            why: Stray::ALL.into_iter().find(|known| known.word() == why).ok_or_else(|| impossible("why", &why))?,
            rows: u64::try_from(rows).map_err(|_| impossible("rows_met", &rows.to_string()))?,
            asked_on: asked_on.parse().map_err(|_| impossible("period_end", &asked_on))?,
            source,
            code,
            name,
            first,
        })
    };
    rows.into_iter().map(stranger).collect()
}
