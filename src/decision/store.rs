//! History in, decisions and case moves out.

use chrono::{Days, NaiveDate};
use serde_json::json;
use sqlx::{FromRow, Row as _};
use uuid::Uuid;

use super::{Case, CaseMove, Decision, History, Outcome, Promise, UnitDecision, passage, silences};
use crate::catalog::{IndicatorId, UnitId};
use crate::db::{Cell, Db, DbError, Sql, Work, id_beside, insert_rows};
use crate::{on, read};

const OPEN_CASES: Sql = Sql::portable(
    "SELECT id, unit_id, indicator, opened_on, closed_on, reminded_on, reminders, closed_because, came_from, misses, missed_on, \
     raised, broken_on, copy_due FROM reminder_case WHERE closed_on IS NULL",
);

const LAST_AS_OF: Sql = Sql::portable("SELECT max(as_of) FROM run WHERE state = 'done'");

const PUT_CASE: Sql = Sql::portable(
    "INSERT INTO reminder_case (id, unit_id, indicator, opened_on, closed_on, reminded_on, reminders, misses, missed_on, \
     raised, broken_on, copy_due) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
     ON CONFLICT (id) DO UPDATE SET closed_on = excluded.closed_on, reminded_on = excluded.reminded_on, \
     reminders = excluded.reminders, misses = excluded.misses, missed_on = excluded.missed_on, raised = excluded.raised, \
     broken_on = excluded.broken_on, copy_due = excluded.copy_due",
);

const PUT_DECISION: Sql = Sql::portable(
    "INSERT INTO decision (run_id, unit_id, outcome, reason, indicators) VALUES ($1, $2, $3, $4, $5) \
     ON CONFLICT (run_id, unit_id) DO NOTHING",
);

const CASES: Sql = Sql::portable(
    "SELECT id, unit_id, indicator, opened_on, closed_on, reminded_on, reminders, closed_because, came_from, misses, missed_on, \
     raised, broken_on, copy_due FROM reminder_case WHERE (CAST($1 AS TEXT) IS NULL OR unit_id = $1) AND (closed_on IS NULL OR $2) ORDER BY unit_id, indicator, opened_on",
);

const UNIT_DECISIONS: Sql = Sql::portable(
    "SELECT run.id, run.as_of, decision.outcome, decision.reason, decision.indicators FROM decision \
     JOIN run ON run.id = decision.run_id WHERE decision.unit_id = $1 ORDER BY run.started_at DESC LIMIT $2",
);

const REMINDED: Sql =
    Sql::portable("SELECT unit_id, indicators FROM decision WHERE run_id = $1 AND outcome = 'remind' ORDER BY unit_id");

const RECENT: Sql = Sql::portable(
    "SELECT DISTINCT decision.unit_id, run.as_of FROM decision JOIN run ON run.id = decision.run_id \
     WHERE decision.outcome = 'remind' AND run.as_of > $1 AND run.as_of < $2",
);

const COPIED: Sql = Sql::portable("UPDATE reminder_case SET copy_due = FALSE WHERE id = $1 AND copy_due");

/// Every statement of this room.
pub const STATEMENTS: &[Sql] = &[
    OPEN_CASES,
    LAST_AS_OF,
    PUT_CASE,
    PUT_DECISION,
    CASES,
    UNIT_DECISIONS,
    REMINDED,
    RECENT,
    COPIED,
    silences::ALL,
    silences::PUT,
    silences::END,
    silences::HIDDEN,
    passage::MOVE,
    passage::END,
];

#[derive(FromRow)]
struct CaseRow {
    id: String,
    unit_id: String,
    indicator: String,
    opened_on: String,
    closed_on: Option<String>,
    reminded_on: Option<String>,
    reminders: i64,
    closed_because: Option<String>,
    came_from: Option<String>,
    misses: i64,
    missed_on: Option<String>,
    raised: i64,
    broken_on: Option<String>,
    copy_due: bool,
}

/// A case with the unit and indicator it is about, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// The unit.
    pub unit: UnitId,
    /// The indicator.
    pub indicator: IndicatorId,
    /// As-of date of the recovery, or of its end, when it is over.
    pub closed_on: Option<NaiveDate>,
    /// Why it ended when it did not recover: `divided`, `dissolved` or `merged`.
    pub closed_because: Option<String>,
    /// The unit it was opened for, when that is no more.
    pub came_from: Option<UnitId>,
    /// The case.
    pub case: Case,
}

fn date(column: &'static str, text: &str) -> Result<NaiveDate, DbError> {
    text.parse().map_err(|_| DbError::Impossible { table: "reminder_case", column, value: text.to_owned() })
}

impl TryFrom<CaseRow> for CaseFile {
    type Error = DbError;

    fn try_from(row: CaseRow) -> Result<Self, DbError> {
        let impossible =
            |column, value: &str| DbError::Impossible { table: "reminder_case", column, value: value.to_owned() };
        let number = |column, value: i64| u32::try_from(value).map_err(|_| impossible(column, &value.to_string()));
        Ok(Self {
            unit: UnitId::new(&row.unit_id),
            indicator: IndicatorId::new(&row.indicator),
            closed_on: row.closed_on.map(|text| date("closed_on", &text)).transpose()?,
            closed_because: row.closed_because,
            came_from: row.came_from.as_deref().map(UnitId::new),
            case: Case {
                id: row.id.parse().map_err(|_| impossible("id", &row.id))?,
                opened_on: date("opened_on", &row.opened_on)?,
                reminded_on: row.reminded_on.map(|text| date("reminded_on", &text)).transpose()?,
                reminders: number("reminders", row.reminders)?,
                misses: number("misses", row.misses)?,
                missed_on: row.missed_on.map(|text| date("missed_on", &text)).transpose()?,
                raised: number("raised", row.raised)?,
                broken_on: row.broken_on.map(|text| date("broken_on", &text)).transpose()?,
                copy_due: row.copy_due,
            },
        })
    }
}

/// What earlier rounds left behind, for a round as of `as_of`. What heads answered is not among it.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn history(db: &Db, as_of: NaiveDate) -> Result<History, DbError> {
    let rows: Vec<CaseRow> = read!(db, OPEN_CASES, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?);
    let last: Option<String> = read!(db, LAST_AS_OF, |sql, pool| sqlx::query(sql).fetch_one(pool).await?.try_get(0)?);
    let mut history = History { last_as_of: last.map(|text| date("as_of", &text)).transpose()?, ..History::default() };
    for row in rows {
        let file = CaseFile::try_from(row)?;
        history.open.insert((file.unit, file.indicator), file.case);
    }
    let week_ago = as_of.checked_sub_days(Days::new(7)).unwrap_or(as_of).to_string();
    let recent: Vec<(String, String)> = read!(db, RECENT, |sql, pool| {
        sqlx::query_as(sql).bind(week_ago).bind(as_of.to_string()).fetch_all(pool).await?
    });
    for (unit, reminded) in recent {
        history.recent.entry(UnitId::new(&unit)).or_default().push(date("as_of", &reminded)?);
    }
    history.silences = silences::silences(db).await?.into_iter().filter(|silence| as_of <= silence.until).collect();
    Ok(history)
}

/// Cases, of one unit or of all; the closed ones too when asked.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn cases(db: &Db, unit: Option<&UnitId>, closed_too: bool) -> Result<Vec<CaseFile>, DbError> {
    let rows: Vec<CaseRow> = read!(db, CASES, |sql, pool| {
        sqlx::query_as(sql).bind(unit.map(UnitId::as_str)).bind(closed_too).fetch_all(pool).await?
    });
    rows.into_iter().map(CaseFile::try_from).collect()
}

/// A round's decision about a unit, newest first: run, as-of date, outcome, reason, JSON per indicator.
///
/// # Errors
/// The engine's.
pub async fn decisions_about(
    db: &Db,
    unit: &UnitId,
    limit: i64,
) -> Result<Vec<(String, String, String, String, String)>, DbError> {
    Ok(read!(db, UNIT_DECISIONS, |sql, pool| {
        sqlx::query_as(sql).bind(unit.as_str()).bind(limit).fetch_all(pool).await?
    }))
}

/// Whom and of what round `run_id` reminded.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn reminded(db: &Db, run_id: &str) -> Result<Vec<(UnitId, IndicatorId)>, DbError> {
    let rows: Vec<(String, String)> =
        read!(db, REMINDED, |sql, pool| sqlx::query_as(sql).bind(run_id).fetch_all(pool).await?);
    let mut reminded = Vec::new();
    for (unit, indicators) in rows {
        let list: Vec<serde_json::Value> = serde_json::from_str(&indicators).map_err(|_| DbError::Impossible {
            table: "decision",
            column: "indicators",
            value: indicators.chars().take(200).collect(),
        })?;
        let told = list.iter().filter(|item| item["outcome"] == "remind").filter_map(|item| item["indicator"].as_str());
        reminded.extend(told.map(|indicator| (UnitId::new(&unit), IndicatorId::new(indicator))));
    }
    Ok(reminded)
}

/// The id of the case of `unit` and `indicator` that opened on `opened_on`.
pub fn case_id(unit: &UnitId, indicator: &IndicatorId, opened_on: NaiveDate) -> Uuid {
    const CASES: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0002);
    id_beside(CASES, unit.as_str(), &format!("{unit}/{indicator}/{opened_on}"))
}

/// Stores what was decided about `units` in round `run_id` and moves their cases.
///
/// # Errors
/// The engine's; then nothing of the unit of work may be kept.
pub async fn record(
    work: &mut Work,
    run_id: &str,
    units: &[UnitDecision<'_>],
    history: &History,
    as_of: NaiveDate,
) -> Result<(), DbError> {
    let rows = units.iter().map(|unit| {
        [
            run_id.into(),
            unit.unit.as_str().into(),
            Cell::from(if unit.reminded() { "remind" } else { "hold" }),
            unit.reason().into(),
            indicators_json(unit.decisions).into(),
        ]
    });
    insert_rows(work, PUT_DECISION, rows).await?;
    let moved =
        units.iter().flat_map(|unit| unit.decisions).filter_map(|decision| moved_case(decision, history, as_of));
    let moved: Vec<CaseFile> = moved.collect();
    let rows = moved.iter().map(|file| {
        [
            file.case.id.to_string().into(),
            file.unit.as_str().into(),
            file.indicator.as_str().into(),
            file.case.opened_on.to_string().into(),
            Cell::from(file.closed_on.map(|date| date.to_string())),
            file.case.reminded_on.map(|date| date.to_string()).into(),
            i64::from(file.case.reminders).into(),
            i64::from(file.case.misses).into(),
            file.case.missed_on.map(|date| date.to_string()).into(),
            i64::from(file.case.raised).into(),
            file.case.broken_on.map(|date| date.to_string()).into(),
            file.case.copy_due.into(),
        ]
    });
    insert_rows(work, PUT_CASE, rows).await?;
    Ok(())
}

fn indicators_json(decisions: &[Decision]) -> String {
    let list = decisions.iter().map(|decision| {
        let mut told = serde_json::Map::new();
        let mut tell = |key: &str, value| told.insert(key.to_owned(), value);
        tell("indicator", json!(decision.indicator.as_str()));
        match decision.outcome {
            Outcome::Remind { reason, step } => {
                tell("outcome", json!("remind"));
                tell("reason", json!(reason.word()));
                tell("step", json!(step));
            }
            Outcome::Hold(hold) => {
                tell("outcome", json!("hold"));
                tell("reason", json!(hold.word()));
            }
        }
        if let Some(silence) = decision.silence {
            tell("silence", json!(silence.to_string()));
        }
        if let Some(promise) = decision.promise {
            let (word, by) = match promise {
                Promise::Kept(by) => ("kept", by),
                Promise::Broken(by) => ("broken", by),
            };
            tell("promise", json!({"by": by.to_string(), "was": word}));
        }
        serde_json::Value::Object(told)
    });
    serde_json::Value::Array(list.collect()).to_string()
}

/// The case as it stands after `decision`, when it moves.
pub(super) fn moved_case(decision: &Decision, history: &History, as_of: NaiveDate) -> Option<CaseFile> {
    let open = history.open.get(&(decision.unit.clone(), decision.indicator.clone()));
    let file = |case, closed_on| {
        let (unit, indicator) = (decision.unit.clone(), decision.indicator.clone());
        Some(CaseFile { unit, indicator, closed_on, closed_because: None, came_from: None, case })
    };
    let copy_due = decision.step().is_some_and(|step| step.copy);
    let broken_on = |case: &Case| match decision.promise {
        Some(Promise::Broken(by)) => Some(by),
        Some(Promise::Kept(_)) | None => case.broken_on,
    };
    let opened = || Case {
        id: case_id(&decision.unit, &decision.indicator, as_of),
        opened_on: as_of,
        reminded_on: None,
        reminders: 0,
        misses: 1,
        missed_on: Some(as_of),
        raised: 0,
        broken_on: None,
        copy_due: false,
    };
    match (decision.case, open) {
        (CaseMove::Open, _) => file(Case { reminded_on: Some(as_of), reminders: 1, copy_due, ..opened() }, None),
        (CaseMove::Watch, None) => file(opened(), None),
        (CaseMove::Watch, Some(case)) => {
            let counted = case.missed_on.is_some_and(|missed| missed >= as_of);
            let misses = case.misses + u32::from(!counted);
            file(Case { misses, missed_on: case.missed_on.max(Some(as_of)), ..case.clone() }, None)
        }
        (CaseMove::Remind, Some(case)) => file(
            Case {
                reminded_on: Some(as_of),
                reminders: case.reminders + 1,
                raised: decision.raised,
                broken_on: broken_on(case),
                copy_due: case.copy_due || copy_due,
                ..case.clone()
            },
            None,
        ),
        (CaseMove::Join, Some(case)) => file(Case { reminded_on: Some(as_of), ..case.clone() }, None),
        (CaseMove::Close, Some(case)) => file(case.clone(), Some(as_of)),
        (CaseMove::None | CaseMove::Remind | CaseMove::Join | CaseMove::Close, _) => None,
    }
}

/// The superiors of these cases have heard of their last reminders.
///
/// # Errors
/// The engine's.
pub async fn copied(work: &mut Work, cases: &[Uuid]) -> Result<(), DbError> {
    for case in cases {
        on!(work, COPIED, |sql, conn| sqlx::query(sql).bind(case.to_string()).execute(conn).await?.rows_affected());
    }
    Ok(())
}
