//! History under another policy: the judgements that were stored, decided anew from an empty memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::Settings;
use crate::catalog::{Catalog, Recipient, UnitId};
use crate::db::{Db, DbError, Sql};
use crate::decision::{self, Decision, History, Outcome, Rules, UnitDecision};
use crate::evaluation::{self, Evaluation};
use crate::{catalog, read};

/// The last finished round of each day, oldest first.
const ROUNDS: Sql = Sql::portable(
    "SELECT id, as_of, figures_until, reminded FROM run WHERE state = 'done' AND as_of >= $1 AND as_of <= $2 \
     AND started_at = (SELECT max(later.started_at) FROM run AS later WHERE later.state = 'done' AND later.as_of = run.as_of) \
     ORDER BY as_of",
);

/// Units that were reminded by any round of a day.
const THEN: Sql = Sql::portable(
    "SELECT count(DISTINCT decision.unit_id) FROM decision JOIN run ON run.id = decision.run_id \
     WHERE run.as_of = $1 AND run.state = 'done' AND decision.outcome = 'remind'",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[ROUNDS, THEN];

/// A day of the past under another policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// As of when it was decided.
    pub as_of: NaiveDate,
    /// Messages to heads.
    pub messages: u64,
    /// Units that would have been reminded.
    pub units: u64,
    /// Units that were.
    pub units_then: u64,
    /// Reminders of single figures by the name of their step.
    pub steps: BTreeMap<String, u64>,
    /// Units not reminded, by reason.
    pub held: BTreeMap<&'static str, u64>,
    /// Codes of the units that would have been reminded.
    pub codes: Vec<String>,
}

/// Decides every stored day from `from` to `to` under `rules`. What heads answered then is not replayed: under another
/// policy they would have answered other letters.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn backtest(
    db: &Db,
    settings: &Settings,
    rules: &Rules,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<Replayed>, DbError> {
    let pack = catalog::load(db).await?;
    let rounds: Vec<(String, String, Option<String>, i64)> = read!(db, ROUNDS, |sql, pool| {
        sqlx::query_as(sql).bind(from.to_string()).bind(to.to_string()).fetch_all(pool).await?
    });
    let mut history = History { silences: decision::silences(db).await?, ..History::default() };
    let mut replayed = Vec::with_capacity(rounds.len());
    for (run_id, day, until, _) in rounds {
        let as_of = date(&day)?;
        let until = until.as_deref().map_or(Ok(as_of), date)?;
        let reaches = |recipient: &Recipient| settings.channels.iter().any(|way| way.address_for(recipient).is_some());
        let catalog = Catalog::of(&pack, until, as_of).reached(reaches);
        let evaluations = evaluations(db, &catalog, &run_id).await?;
        let decisions = decision::decide(&catalog, &evaluations, &history, rules, as_of);
        let then: i64 = read!(db, THEN, |sql, pool| sqlx::query_scalar(sql).bind(&day).fetch_one(pool).await?);
        replayed.push(told(&catalog, &decisions, as_of, u64::try_from(then).unwrap_or(0)));
        history.remember(&decisions, as_of);
    }
    Ok(replayed)
}

fn date(text: &str) -> Result<NaiveDate, DbError> {
    text.parse().map_err(|_| DbError::Impossible { table: "run", column: "as_of", value: text.to_owned() })
}

/// The stored judgements of the units that the catalog still knows, those of one unit together.
async fn evaluations(db: &Db, catalog: &Catalog, run_id: &str) -> Result<Vec<Evaluation>, DbError> {
    let judged = evaluation::judged(db, run_id).await?;
    let mut evaluations: Vec<Evaluation> = judged.iter().filter_map(|judged| judged.evaluation(catalog)).collect();
    let place: HashMap<&UnitId, usize> = catalog
        .recipients
        .iter()
        .flat_map(|recipient| &recipient.units)
        .enumerate()
        .map(|(place, unit)| (unit, place))
        .collect();
    evaluations.sort_by_key(|evaluation| place.get(&evaluation.unit).copied().unwrap_or(usize::MAX));
    Ok(evaluations)
}

fn told(catalog: &Catalog, decisions: &[Decision], as_of: NaiveDate, units_then: u64) -> Replayed {
    let mut told = Replayed {
        as_of,
        messages: 0,
        units: 0,
        units_then,
        steps: BTreeMap::new(),
        held: BTreeMap::new(),
        codes: Vec::new(),
    };
    let mut recipients = BTreeSet::new();
    for unit in UnitDecision::group(decisions) {
        if !unit.reminded() {
            *told.held.entry(unit.reason()).or_default() += 1;
            continue;
        }
        told.units += 1;
        told.codes.extend(catalog.unit(unit.unit).map(|unit| unit.code.clone()));
        recipients.extend(catalog.recipient_of(unit.unit).map(|recipient| &recipient.id));
        let steps = unit.decisions.iter().filter(|decision| matches!(decision.outcome, Outcome::Remind { .. }));
        for step in steps.filter_map(Decision::step) {
            *told.steps.entry(step.name.clone()).or_default() += 1;
        }
    }
    told.messages = u64::try_from(recipients.len()).unwrap_or(u64::MAX);
    told
}
