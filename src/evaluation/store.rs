//! Evaluations as rows: one per unit and round, read back for the reports.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sqlx::Row as _;

use super::{Evaluation, Rate, Reach, Shortfall, Standing, Threshold, Trend, Why};
use crate::catalog::{BasisPoints, Catalog, Comparator, Indicator, IndicatorId, Target, UnitId};
use crate::db::{Db, DbError, Sql, Work, insert_rows};

/// How many units are read at once.
const UNITS_AT_ONCE: i64 = 1_000;

const INSERT: Sql = Sql::portable(
    "INSERT INTO evaluation (run_id, unit_id, standings) VALUES ($1, $2, $3)
     ON CONFLICT (run_id, unit_id) DO UPDATE SET standings = excluded.standings",
);

const READ: Sql = Sql::portable(
    "SELECT unit_id, standings FROM evaluation WHERE run_id = $1 AND unit_id > $2 ORDER BY unit_id LIMIT $3",
);

const READ_ONE: Sql = Sql::portable("SELECT standings FROM evaluation WHERE run_id = $1 AND unit_id = $2");

const READ_WITHIN: Sql = Sql::portable(
    "SELECT unit_id, standings FROM evaluation WHERE run_id = $1 AND unit_id IN (WITH RECURSIVE below (id) AS \
     (SELECT CAST($2 AS TEXT) UNION SELECT unit.id FROM unit JOIN below ON unit.parent_id = below.id) \
     SELECT id FROM below) ORDER BY unit_id",
);

/// The statements of this room.
pub const STATEMENTS: &[Sql] = &[INSERT, READ, READ_ONE, READ_WITHIN];

/// Under this id the whole stands. No unit has it, and it sorts before all of them, so that whoever reads the units
/// leaves it out.
const WHOLE: &str = "";

/// One stored judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whose figure.
    pub unit_id: UnitId,
    /// Which indicator.
    pub indicator: IndicatorId,
    /// Which version of its definition.
    pub version: String,
    /// The count on top; absent with the denominator when there was no rate.
    pub numerator: Option<u64>,
    /// The count below.
    pub denominator: Option<u64>,
    /// The value it was judged by.
    pub target: Option<BasisPoints>,
    /// How it was compared with the value.
    pub comparator: Comparator,
    /// [`Standing::word`] of the judgement.
    pub standing: &'static str,
    /// Further dossiers needed, when below.
    pub missing: Option<u64>,
    /// What the target demanded on that day; the value itself, unless it is pro-rated.
    pub demanded: Option<Threshold>,
    /// How the last months lay to the whole.
    pub trend: Option<Trend>,
    /// Whether one dossier more or less would have turned the judgement.
    pub turns_on_one: bool,
    /// Name of the cause that applied; absent when it is not known.
    pub cause: Option<String>,
    /// The count on top, had what the cause leaves out counted.
    pub what_if: Option<u64>,
    /// Hundredths of a percent, rounded down: the best rate still possible, when the year's target is out of reach.
    pub interim_target: Option<u64>,
    /// Compliant dossiers needed from then on, and dossiers expected by the end of the year, when that is what is asked.
    pub at_rate: Option<(u64, u64)>,
}

impl Judged {
    /// The judgement as it was made, as far as it was stored, with the catalog's indicator; `None` when the catalog does
    /// not know the unit or the indicator any more.
    pub fn evaluation(&self, catalog: &Catalog) -> Option<Evaluation> {
        let unit = catalog.unit(&self.unit_id)?;
        let same = |known: &&Arc<Indicator>| known.id == self.indicator && known.definition.version == self.version;
        let known = catalog.definitions.iter().find(same);
        let known = known.or_else(|| catalog.indicators.iter().find(|known| known.id == self.indicator))?;
        let target = catalog
            .target_for(unit, &self.indicator)
            .zip(self.target)
            .map(|(target, value)| Arc::new(Target { value, comparator: self.comparator, ..Target::clone(target) }));
        let standing = match (self.standing, Why::ALL.into_iter().find(|why| why.word() == self.standing)) {
            (_, Some(why)) => Standing::NotAssessed(why),
            ("met", None) => Standing::Met,
            (_, None) => Standing::Below(Shortfall {
                missing: self.missing.unwrap_or_default(),
                reach: Reach::Now,
                pace: Vec::new(),
                cause: None,
                what_if: None,
                levers: Vec::new(),
            }),
        };
        Some(Evaluation {
            unit: self.unit_id.clone(),
            indicator: Arc::clone(known),
            rate: self.numerator.zip(self.denominator).and_then(|(done, all)| Rate::new(done, all)),
            target,
            demanded: self.demanded,
            trend: self.trend,
            turns_on_one: self.turns_on_one,
            standing,
        })
    }
}

/// A judgement as the column holds it.
#[derive(Debug, Serialize, Deserialize)]
struct Stored<'a> {
    #[serde(borrow)]
    indicator: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    version: Cow<'a, str>,
    numerator: Option<u64>,
    denominator: Option<u64>,
    /// Hundredths of a percent.
    target: Option<u32>,
    #[serde(default, skip_serializing_if = "is_false")]
    more_than: bool,
    #[serde(borrow)]
    standing: Cow<'a, str>,
    missing: Option<u64>,
    /// The month up to which the target is pro-rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pro_rated: Option<u32>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    trend: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "is_false")]
    turns_on_one: bool,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    cause: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    what_if: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interim_target: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_rate: Option<(u64, u64)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Stores `evaluations`, in which those of one unit stand together. Storing them again replaces them.
///
/// # Errors
/// When the database refuses.
pub async fn record(work: &mut Work, run_id: &str, evaluations: &[Evaluation]) -> Result<(), DbError> {
    let units = evaluations.chunk_by(|one, other| one.unit == other.unit);
    let rows = units.filter_map(|of_unit| {
        let unit = &of_unit.first()?.unit;
        let standings: Vec<Stored<'_>> = of_unit.iter().map(stored).collect();
        // Numbers and words only: there is nothing in it that JSON could not say.
        let standings = serde_json::to_string(&standings).unwrap_or_default();
        Some([run_id.into(), unit.as_str().into(), standings.into()])
    });
    insert_rows(work, INSERT, rows).await?;
    Ok(())
}

/// Stores the judgements of the whole province. Storing them again replaces them.
///
/// # Errors
/// When the database refuses.
pub async fn record_whole(work: &mut Work, run_id: &str, evaluations: &[Evaluation]) -> Result<(), DbError> {
    let standings: Vec<Stored<'_>> = evaluations.iter().map(stored).collect();
    let standings = serde_json::to_string(&standings).unwrap_or_default();
    insert_rows(work, INSERT, [[run_id.into(), WHOLE.into(), standings.into()]]).await?;
    Ok(())
}

fn stored(evaluation: &Evaluation) -> Stored<'_> {
    let shortfall = evaluation.shortfall();
    let cause = shortfall.and_then(|shortfall| evaluation.indicator.causes.get(shortfall.cause?));
    Stored {
        indicator: evaluation.indicator.id.as_str().into(),
        version: evaluation.indicator.definition.version.as_str().into(),
        numerator: evaluation.rate.map(super::Rate::numerator),
        denominator: evaluation.rate.map(super::Rate::denominator),
        target: evaluation.target.as_ref().map(|target| target.value.0),
        more_than: evaluation.target.as_ref().is_some_and(|target| target.comparator == Comparator::MoreThan),
        standing: evaluation.standing.word().into(),
        missing: shortfall.map(|shortfall| shortfall.missing),
        pro_rated: evaluation.demanded.and_then(Threshold::month),
        trend: evaluation.trend.map_or("", Trend::word).into(),
        turns_on_one: evaluation.turns_on_one,
        cause: cause.map_or("", |cause| &cause.id).into(),
        what_if: shortfall.and_then(|shortfall| shortfall.what_if).map(super::Rate::numerator),
        interim_target: shortfall.and_then(Shortfall::interim_target),
        at_rate: shortfall.and_then(|shortfall| match shortfall.reach {
            Reach::AtRate { needed, expected } => Some((needed, expected)),
            Reach::Now | Reach::OutOfReach { .. } => None,
        }),
    }
}

/// The judgements of a round, by unit id, those of one unit together and in the catalog's order of indicators.
///
/// # Errors
/// When the database refuses or holds what this program never writes.
pub async fn judged(db: &Db, run_id: &str) -> Result<Vec<Judged>, DbError> {
    let mut judged: Vec<Judged> = Vec::new();
    let mut indicators: Vec<IndicatorId> = Vec::new();
    let mut after = String::new();
    loop {
        let page: Vec<(String, String)> = crate::read!(db, READ, |sql, pool| {
            let rows = sqlx::query(sql).bind(run_id).bind(&after).bind(UNITS_AT_ONCE).fetch_all(pool).await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, sqlx::Error>>()?
        });
        let Some((last, _)) = page.last() else { return Ok(judged) };
        after.clone_from(last);
        for (unit, standings) in &page {
            judged.extend(of_row(&UnitId::new(unit), standings, &mut indicators)?);
        }
    }
}

/// The judgements of the whole province in a round, in the catalog's order of indicators; none of a round that an older
/// program judged.
///
/// # Errors
/// When the database refuses or holds what this program never writes.
pub async fn judged_whole(db: &Db, run_id: &str) -> Result<Vec<Judged>, DbError> {
    judged_of(db, run_id, &UnitId::new(WHOLE)).await
}

/// The judgements of the unit `root` and of all that ever stood below it, by unit id.
///
/// # Errors
/// When the database refuses or holds what this program never writes.
pub async fn judged_within(db: &Db, run_id: &str, root: &UnitId) -> Result<Vec<Judged>, DbError> {
    let rows: Vec<(String, String)> = crate::read!(db, READ_WITHIN, |sql, pool| {
        let rows = sqlx::query(sql).bind(run_id).bind(root.as_str()).fetch_all(pool).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, sqlx::Error>>()?
    });
    let (mut judged, mut indicators) = (Vec::new(), Vec::new());
    for (unit, standings) in &rows {
        judged.extend(of_row(&UnitId::new(unit), standings, &mut indicators)?);
    }
    Ok(judged)
}

/// The judgements of one unit in a round, in the catalog's order of indicators.
///
/// # Errors
/// When the database refuses or holds what this program never writes.
pub async fn judged_of(db: &Db, run_id: &str, unit: &UnitId) -> Result<Vec<Judged>, DbError> {
    let row: Option<(String,)> = crate::read!(db, READ_ONE, |sql, pool| {
        sqlx::query_as(sql).bind(run_id).bind(unit.as_str()).fetch_optional(pool).await?
    });
    row.map_or(Ok(Vec::new()), |(standings,)| of_row(unit, &standings, &mut Vec::new()))
}

fn of_row(unit: &UnitId, standings: &str, indicators: &mut Vec<IndicatorId>) -> Result<Vec<Judged>, DbError> {
    let stored: Vec<Stored<'_>> = serde_json::from_str(standings).map_err(|_| impossible("standings", standings))?;
    stored.iter().map(|stored| restored(unit, stored, indicators)).collect()
}

fn restored(unit: &UnitId, stored: &Stored<'_>, indicators: &mut Vec<IndicatorId>) -> Result<Judged, DbError> {
    let known = indicators.iter().find(|id| id.as_str() == stored.indicator).cloned();
    let indicator = known.unwrap_or_else(|| {
        let id = IndicatorId::new(&stored.indicator);
        indicators.push(id.clone());
        id
    });
    let words = ["met", "below"].into_iter().chain(Why::ALL.map(Why::word));
    let standing = words.into_iter().find(|word| *word == stored.standing);
    Ok(Judged {
        unit_id: unit.clone(),
        indicator,
        version: stored.version.clone().into_owned(),
        numerator: stored.numerator,
        denominator: stored.denominator,
        target: stored.target.map(BasisPoints),
        comparator: if stored.more_than { Comparator::MoreThan } else { Comparator::AtLeast },
        standing: standing.ok_or_else(|| impossible("standings", &stored.standing))?,
        missing: stored.missing,
        demanded: stored.target.map(|value| match stored.pro_rated {
            Some(month) => Threshold::twelfths(BasisPoints(value), month),
            None => BasisPoints(value).into(),
        }),
        trend: Trend::ALL.into_iter().find(|trend| trend.word() == stored.trend),
        turns_on_one: stored.turns_on_one,
        cause: Some(stored.cause.clone().into_owned()).filter(|cause| !cause.is_empty()),
        what_if: stored.what_if,
        interim_target: stored.interim_target,
        at_rate: stored.at_rate,
    })
}

fn impossible(column: &'static str, value: &str) -> DbError {
    DbError::Impossible { table: "evaluation", column, value: value.chars().take(200).collect() }
}
