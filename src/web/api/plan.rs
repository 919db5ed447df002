//! What comes next.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Asked;
use super::description::Refused;
use super::wrong::Wrong;
use crate::api::{RunLine, runs};
use crate::catalog;
use crate::web::Site;

/// How many runs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct HowMany {
    /// Of each schedule; 5 when it is left out.
    #[param(minimum = 1, maximum = 100)]
    count: Option<usize>,
}

/// The planned runs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Plan {
    /// By time.
    runs: Vec<RunLine>,
}

/// The next runs of every schedule.
#[utoipa::path(get, path = "/api/v1/schedule", tag = "catalog", params(HowMany), security(("token" = [])),
    responses((status = 200, body = Plan), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    headers: HeaderMap,
    Asked(asked): Asked<HowMany>,
) -> Response {
    let told = async {
        let count = asked.count.unwrap_or(5);
        if !(1..=100).contains(&count) {
            return Err(Wrong::bad("count: not from 1 to 100", "ask for fewer").at("count").into());
        }
        let calendar = catalog::calendar(&site.db).await?;
        Ok(Plan { runs: runs(&site.schedules, &calendar, site.clock.now(), count) })
    };
    site.tell(&headers, told.await)
}
