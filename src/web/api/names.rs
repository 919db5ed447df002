//! Names of units in the figures that lead to no unit, and what a person says about them.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Asked, Nothing, Sent};
use super::description::{Refused, Unfit};
use super::province::day;
use super::wrong::{Trouble, Wrong, whole};
use crate::api::StrangerLine;
use crate::app::names::{self, Says};
use crate::app::today;
use crate::catalog::AliasError;
use crate::web::Site;
use crate::web::session::Visitor;

/// Names that lead to no unit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Unresolved {
    /// Those with most rows first.
    unresolved: Vec<StrangerLine>,
}

/// What the last round met and the catalog still does not know.
#[utoipa::path(get, path = "/api/v1/unresolved", tag = "catalog", security(("token" = [])),
    responses((status = 200, body = Unresolved), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = async {
        whole(&visitor)?;
        let open = names::open_names(&site.db, today(site.clock.now())).await?;
        Ok(Unresolved { unresolved: open.into_iter().map(StrangerLine::from).collect() })
    };
    site.tell(&headers, told.await)
}

/// Says which unit a name means.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Resolution {
    /// The name as the source writes it.
    #[schema(min_length = 1)]
    name: String,
    /// Official code of the unit that it means.
    #[schema(min_length = 1)]
    code: String,
    /// The day on which the unit has that code; without it: today.
    #[schema(format = Date)]
    on: Option<String>,
}

/// Says that a name means no unit any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Withdrawal {
    /// The name as the source writes it.
    #[schema(min_length = 1)]
    name: String,
}

/// What was said about a name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Resolved {
    /// Whether anything was done: false when it was so already.
    changed: bool,
    /// The name.
    name: String,
    /// The unit's name and code.
    unit: String,
}

/// Says which unit a name means, from the next round on. Sent again it changes nothing.
#[utoipa::path(post, path = "/api/v1/unresolved/resolve", tag = "catalog", request_body = Resolution,
    security(("token" = [])), responses((status = 200, body = Resolved), Refused, Unfit))]
pub(in crate::web) async fn resolve(
    State(site): State<Site>,
    visitor: Visitor,
    Sent(sent): Sent<Resolution>,
) -> Response {
    let done = async {
        whole(&visitor)?;
        let (on, by) = (day("on", sent.on.as_deref())?, visitor.by());
        let who = Says { name: visitor.token().map_or("", |token| token.name.as_str()), by: &by };
        let now = site.clock.now();
        let on = on.unwrap_or_else(|| today(now));
        match names::decide(&site.db, (&sent.name, &sent.code, on), who, now).await {
            Ok(new) => Ok(Resolved { changed: true, name: new.alias, unit: new.unit_name }),
            Err(AliasError::Known { alias, unit }) => Ok(Resolved { changed: false, name: alias, unit }),
            Err(error) => Err(refused(&error)),
        }
    };
    site.done(done.await)
}

/// Takes back what was said about a name. Sent again there is nothing to take back (409).
#[utoipa::path(post, path = "/api/v1/unresolved/unresolve", tag = "catalog", request_body = Withdrawal,
    security(("token" = [])), responses((status = 200, body = Resolved), Refused, Unfit))]
pub(in crate::web) async fn unresolve(
    State(site): State<Site>,
    visitor: Visitor,
    Sent(sent): Sent<Withdrawal>,
) -> Response {
    let done = async {
        whole(&visitor)?;
        let by = visitor.by();
        let who = Says { name: visitor.token().map_or("", |token| token.name.as_str()), by: &by };
        let new = names::take_back(&site.db, &sent.name, who, site.clock.now()).await;
        let new = new.map_err(|error| refused(&error))?;
        Ok(Resolved { changed: true, name: new.alias, unit: new.unit_name })
    };
    site.done(done.await)
}

fn refused(error: &AliasError) -> Trouble {
    let told = error.to_string();
    let (message, hint) = told.split_once("\n  remedy: ").unwrap_or((&told, ""));
    match error {
        AliasError::Db(error) => Trouble::Broken(error.to_string()),
        AliasError::NotResolved { .. } | AliasError::Changed => {
            Wrong::conflict("api.name_changed", hint).told(message).into()
        }
        AliasError::Unit { .. } => Wrong::content("api.no_unit", hint).told(message).at("code").into(),
        _ => Wrong::content("api.name_unfit", hint).told(message).at("name").into(),
    }
}
