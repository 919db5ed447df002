//! Two finished rounds over the sample's units, with every kind of standing in them.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use dondoc::catalog::{self, Catalog, Indicator, Unit};
use dondoc::db::{Db, Sql};
use dondoc::evaluation::{self, Evaluation, Rate, Reach, Shortfall, Standing, Threshold, Trend, Why};
use dondoc::on;

use super::mailbox::start;

const RUN: Sql = Sql::portable(
    "INSERT INTO run (id, as_of, started_at, finished_at, state, figures_until, fingerprint, assessed, below) \
     VALUES ($1, $2, $3, $3, 'done', $2, '', 240, 200)",
);

/// Writes them: as of 24 and 31 October 2022.
pub async fn two_rounds(db: &Db) {
    let pack = catalog::load(db).await.expect("the sample");
    for (number, run_id) in [(0, "round-0"), (1, "round-1")] {
        let as_of = NaiveDate::from_ymd_opt(2022, 10, 24 + 7 * number).expect("a day");
        let catalog = Catalog::of(&pack, as_of, as_of);
        let mut judged = Vec::new();
        for (place, unit) in (0_u64..).zip(catalog.judged_units()) {
            judged.extend(
                catalog.indicators.iter().map(|one| evaluation(&catalog, unit, one, place + u64::from(number), as_of)),
            );
        }
        let mut work = db.begin().await.expect("a unit of work");
        let at = (start() + TimeDelta::days(7 * i64::from(number) - 7)).timestamp_millis();
        on!(&mut work, RUN, |sql, conn| {
            let query = sqlx::query(sql).bind(run_id).bind(as_of.to_string()).bind(at);
            query.execute(conn).await.expect("a round").rows_affected()
        });
        evaluation::record(&mut work, run_id, &judged).await.expect("judgements");
        work.commit().await.expect("they are kept");
    }
}

fn evaluation(catalog: &Catalog, unit: &Unit, indicator: &Arc<Indicator>, place: u64, as_of: NaiveDate) -> Evaluation {
    let target = catalog.target_for(unit, &indicator.id).cloned();
    let demanded = target.as_ref().map(|target| Threshold::of(target, as_of));
    let rate = Rate::new((place * 37) % 640, 640);
    let why = Why::ALL.into_iter().nth(usize::try_from(place % 16).expect("small"));
    let (standing, rate) = match (why, rate.zip(demanded).zip(target.as_ref())) {
        (Some(why), _) => (Standing::NotAssessed(why), None),
        (None, Some(((rate, demanded), target))) if evaluation::passes(rate, demanded, target.comparator) => {
            (Standing::Met, Some(rate))
        }
        (None, Some(((rate, demanded), target))) => (Standing::Below(short(rate, demanded, target)), Some(rate)),
        (None, None) => (Standing::NotAssessed(Why::NoTarget), rate),
    };
    let trend = rate.map(|_| Trend::Rising);
    Evaluation {
        unit: unit.id.clone(),
        indicator: Arc::clone(indicator),
        rate,
        target,
        demanded,
        trend,
        turns_on_one: false,
        standing,
    }
}

fn short(rate: Rate, demanded: Threshold, target: &catalog::Target) -> Shortfall {
    Shortfall {
        missing: evaluation::missing(rate.numerator(), rate.denominator(), demanded, target.comparator),
        reach: Reach::AtRate { needed: 20, expected: 90 },
        pace: Vec::new(),
        cause: Some(0),
        what_if: None,
        levers: Vec::new(),
    }
}
