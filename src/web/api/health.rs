//! Whether it works, for programs that watch it.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::approval::{PauseTold, pause_now};
use super::asked::{Asked, Nothing};
use super::description::Refused;
use super::rounds::by_state;
use super::wrong::Trouble;
use crate::api::{RoundLine, time};
use crate::clock::from_millis;
use crate::web::Site;
use crate::web::session::Visitor;
use crate::{dispatch, outbox, pass};

/// How it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Version of the program.
    version: &'static str,
    /// Whether sending is paused on every replica.
    paused: bool,
    /// The pause.
    pause: Option<PauseTold>,
    /// Channels that are out of order and rest.
    resting: Vec<RestingChannel>,
    /// Messages by state, of the units that the token sees.
    #[schema(value_type = HashMap<String, u64>)]
    messages: BTreeMap<&'static str, u64>,
    /// The newest round.
    last_round: Option<RoundLine>,
}

/// A channel that is out of order.
#[derive(Debug, Serialize, ToSchema)]
struct RestingChannel {
    /// Its name.
    channel: String,
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
}

/// How it stands: the pause, channels that are out of order, messages by state, the newest round.
#[utoipa::path(get, path = "/api/v1/health", tag = "program", security(("token" = [])),
    responses((status = 200, body = Health), Refused))]
pub(in crate::web) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = told(&site, &visitor).await;
    site.tell(&headers, told)
}

async fn told(site: &Site, visitor: &Visitor) -> Result<Health, Trouble> {
    let units = visitor.units(site).await?;
    let tally = match &units {
        Some(codes) => outbox::tally_of(&site.db, codes).await?,
        None => outbox::tally(&site.db, None).await?,
    };
    let pause = pause_now(site).await?;
    let resting = dispatch::resting(&site.db).await?.into_iter();
    let (last, _) = pass::ran(&site.db, (1, 0)).await?;
    Ok(Health {
        version: env!("CARGO_PKG_VERSION"),
        paused: pause.is_some(),
        pause,
        resting: resting
            .map(|one| RestingChannel { channel: one.channel, since: time(from_millis(one.since)) })
            .collect(),
        messages: by_state(&tally),
        last_round: last.first().map(|ran| RoundLine::of(ran, units.is_none())),
    })
}
