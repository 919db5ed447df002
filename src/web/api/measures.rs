//! What is measured and what is demanded.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Asked;
use super::description::Refused;
use super::province::day;
use super::wrong::Trouble;
use crate::api::{IndicatorLine, TargetLine};
use crate::app::today;
use crate::catalog::{self, Catalog, Pack, Scope, Target, Unit};
use crate::web::Site;
use crate::web::session::Visitor;

/// In force on which day.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct OnDay {
    /// Those in force on that day; without it: today.
    #[param(format = Date)]
    on: Option<String>,
}

/// The indicators.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Indicators {
    /// The day they are in force.
    #[schema(format = Date)]
    on: String,
    /// In the order of the catalog.
    indicators: Vec<IndicatorLine>,
}

/// The indicators in force on a day, with the causes of low figures and what to do about them.
#[utoipa::path(get, path = "/api/v1/indicators", tag = "catalog", params(OnDay), security(("token" = [])),
    responses((status = 200, body = Indicators), Refused))]
pub(in crate::web) async fn indicators(
    State(site): State<Site>,
    headers: HeaderMap,
    Asked(asked): Asked<OnDay>,
) -> Response {
    let told = async {
        let (on, pack) = in_force(&site, &asked).await?;
        let catalog = Catalog::of(&pack, on, on);
        let indicators = catalog.definitions.iter().map(|one| IndicatorLine::from(one.as_ref())).collect();
        Ok(Indicators { on: on.to_string(), indicators })
    };
    site.tell(&headers, told.await)
}

async fn in_force(site: &Site, asked: &OnDay) -> Result<(NaiveDate, Pack), Trouble> {
    let on = day("on", asked.on.as_deref())?.unwrap_or_else(|| today(site.clock.now()));
    Ok((on, catalog::measures(&site.db).await?))
}

/// The targets.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Targets {
    /// The day they are in force.
    #[schema(format = Date)]
    on: String,
    /// In the order of the catalog.
    targets: Vec<TargetLine>,
}

/// The targets in force on a day, each with the act behind it. A token that is confined to a unit sees those that bind its
/// units.
#[utoipa::path(get, path = "/api/v1/targets", tag = "catalog", params(OnDay), security(("token" = [])),
    responses((status = 200, body = Targets), Refused))]
pub(in crate::web) async fn targets(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(asked): Asked<OnDay>,
) -> Response {
    let told = async {
        let (on, pack) = in_force(&site, &asked).await?;
        let units = visitor.units(&site).await?;
        let own: Option<Vec<Unit>> = match &units {
            None => None,
            Some(codes) => {
                let all = catalog::load(&site.db).await?.units;
                Some(all.into_iter().filter(|unit| codes.contains(&unit.code)).collect())
            }
        };
        let seen = |target: &&Target| match (&own, &target.scope) {
            (None, _) | (_, Scope::All) => true,
            (Some(own), scope) => own.iter().any(|unit| scope.binds(unit)),
        };
        let targets = pack.targets.iter().filter(|target| target.valid.covers(on)).filter(seen);
        Ok(Targets { on: on.to_string(), targets: targets.map(TargetLine::from).collect() })
    };
    site.tell(&headers, told.await)
}
