//! The units and their figures.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Leaf};
use super::description::Refused;
use super::ground::Ground;
use super::province::day;
use super::words::KindWord;
use super::wrong::{Trouble, Wrong};
use crate::api::UnitLine;
use crate::catalog::{Kind, Listed};
use crate::report::GlanceRow;
use crate::web::Site;
use crate::web::session::Visitor;

/// Which units.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct WhichUnits {
    /// As of which day: the newest round of that date. Without it: the newest of all.
    #[param(format = Date)]
    as_of: Option<String>,
    /// Only of this kind.
    #[param(value_type = Option<KindWord>, inline)]
    kind: Option<String>,
    /// Only those that are below a target, or only those that are not.
    below: Option<bool>,
    /// From 1.
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<u32>,
    /// 100 when it is left out.
    #[param(minimum = 1, maximum = 1_000)]
    per_page: Option<u32>,
}

/// A page of units.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnitPage {
    /// As of when; null before the first round.
    #[schema(format = Date)]
    as_of: Option<String>,
    /// The round.
    run_id: Option<String>,
    /// Units that fit, on all pages.
    count: usize,
    /// This page.
    page: u32,
    /// Of so many.
    pages: u64,
    /// By code.
    units: Vec<UnitLine>,
}

/// The kind that a parameter names.
pub(super) fn kind(word: Option<&str>) -> Result<Option<Kind>, Wrong> {
    let read = |word: &str| {
        word.parse::<Kind>().map_err(|()| {
            let words: Vec<&str> = Kind::ALL.into_iter().map(Kind::word).collect();
            Wrong::bad(&format!("kind: no kind is called `{word}`"), &format!("one of {}", words.join(", "))).at("kind")
        })
    };
    word.map(read).transpose()
}

/// The units that the token sees, with their figures; by code.
#[utoipa::path(get, path = "/api/v1/units", tag = "figures", params(WhichUnits), security(("token" = [])),
    responses((status = 200, body = UnitPage), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(asked): Asked<WhichUnits>,
) -> Response {
    let told = told(&site, &visitor, &asked).await;
    site.tell(&headers, told)
}

async fn told(site: &Site, visitor: &Visitor, asked: &WhichUnits) -> Result<UnitPage, Trouble> {
    let (leaf, kind) = (Leaf::of(asked.page, asked.per_page)?, kind(asked.kind.as_deref())?);
    let ground = Ground::load(site, visitor, day("as_of", asked.as_of.as_deref())?).await?;
    let rows: HashMap<_, _> = ground.rows().into_iter().map(|row| (row.unit.clone(), row)).collect();
    let fits = |unit: &&Listed| {
        let below = rows.get(&unit.id).is_some_and(GlanceRow::is_below);
        kind.is_none_or(|kind| unit.kind == kind) && asked.below.is_none_or(|wanted| below == wanted)
    };
    let fitting: Vec<_> = ground.listed.iter().filter(fits).collect();
    let count = fitting.len();
    let line = |unit: &Listed| {
        let figures = rows.get(&unit.id).map(|row| ground.figures(row));
        UnitLine::of(unit, figures.unwrap_or_default())
    };
    Ok(UnitPage {
        as_of: ground.round.as_ref().map(|round| round.as_of.to_string()),
        run_id: ground.round.as_ref().map(|round| round.run_id.clone()),
        count,
        page: leaf.page,
        pages: leaf.pages(u64::try_from(count).unwrap_or(u64::MAX)),
        units: leaf.cut(fitting).into_iter().map(line).collect(),
    })
}
