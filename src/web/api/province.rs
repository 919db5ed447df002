//! Where the province stands.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Asked;
use super::description::Refused;
use super::ground::Ground;
use super::wrong::{Trouble, Wrong};
use crate::api::{Figure, Figures};
use crate::web::Site;
use crate::web::session::Visitor;

/// Which figures.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct OfDay {
    /// As of which day: the newest round of that date. Without it: the newest of all.
    #[param(format = Date, example = "2022-10-31")]
    as_of: Option<String>,
}

/// A date of a parameter.
pub(super) fn day(place: &str, text: Option<&str>) -> Result<Option<NaiveDate>, Wrong> {
    let read = |text: &str| {
        let date = text.parse::<NaiveDate>().ok().filter(|date| date.to_string() == text);
        date.ok_or_else(|| Wrong::bad(&format!("{place}: not a date"), "write it as 2022-10-31").at(place))
    };
    text.map(read).transpose()
}

/// Where the province stands, or the part of it that the token sees.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Province {
    /// As of when.
    #[schema(format = Date)]
    as_of: String,
    /// The round.
    run_id: String,
    /// Whether it is a part of the province: then a sum stands beside a target only where all its units have the same.
    part: bool,
    /// The sums by indicator, from counts, never from averaged rates.
    #[schema(value_type = HashMap<String, Figure>)]
    total: Figures,
    /// As-of date of the round before.
    #[schema(format = Date)]
    compared_with: Option<String>,
    /// Percentage points since then by indicator; null where other units were judged, or by another definition.
    change: BTreeMap<String, Option<String>>,
    /// How many units are below by indicator.
    units_below: BTreeMap<String, usize>,
    /// Units by judgement; a unit counts once.
    units: Judgements,
}

/// How many units were judged how.
#[derive(Debug, Serialize, ToSchema)]
struct Judgements {
    /// Judged on at least one indicator.
    assessed: usize,
    /// Below at least one target.
    below: usize,
    /// Judged on none.
    not_assessed: usize,
}

/// Where the province stands: sums beside targets, what moved since the round before, how many units are below.
#[utoipa::path(get, path = "/api/v1/province", tag = "figures", params(OfDay), security(("token" = [])),
    responses((status = 200, body = Province), Refused))]
pub(in crate::web) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(asked): Asked<OfDay>,
) -> Response {
    let told = told(&site, &visitor, &asked).await;
    site.tell(&headers, told)
}

async fn told(site: &Site, visitor: &Visitor, asked: &OfDay) -> Result<Province, Trouble> {
    let ground = Ground::load(site, visitor, day("as_of", asked.as_of.as_deref())?).await?;
    let round = ground.round()?;
    let rows = ground.rows();
    let totals = crate::report::totals(&ground.catalog, &rows, round.as_of, ground.part());
    let assessed = rows.iter().filter(|row| row.is_assessed()).count();
    let below = |indicator: &crate::catalog::IndicatorId| {
        let own = rows.iter().filter(|row| row.cell(indicator).is_some_and(|cell| cell.standing == "below"));
        own.count()
    };
    Ok(Province {
        as_of: round.as_of.to_string(),
        run_id: round.run_id.clone(),
        part: ground.part(),
        total: Figures::of(totals.iter().map(|total| &total.line)),
        compared_with: ground.before.as_ref().map(|before| before.as_of.to_string()),
        change: totals
            .iter()
            .map(|total| (total.line.indicator.to_string(), total.change.map(|change| change.decimal('.'))))
            .collect(),
        units_below: totals
            .iter()
            .map(|total| (total.line.indicator.to_string(), below(&total.line.indicator)))
            .collect(),
        units: Judgements {
            assessed,
            below: rows.iter().filter(|row| row.is_below()).count(),
            not_assessed: rows.len() - assessed,
        },
    })
}
