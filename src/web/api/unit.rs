//! One unit: its figures, why they are low, its cases, what was decided, which messages went out. Nobody's name and no address.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::asked::{Asked, Named, Nothing};
use super::description::Refused;
use super::wrong::{Trouble, Wrong};
use crate::api::{CaseLine, CauseText, Decided, Figure, Figures, Service, time};
use crate::app::today;
use crate::catalog::{self, Catalog, Pack, Unit, UnitId};
use crate::outbox::Entry;
use crate::pass;
use crate::report;
use crate::web::Site;
use crate::web::heat_figures::periods;
use crate::web::session::Visitor;
use crate::{decision, outbox};

/// Rounds and messages that are looked back at.
const LOOKED_AT: i64 = 20;

/// A unit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnitTold {
    /// As of when its figures are; null before the first round.
    #[schema(format = Date)]
    as_of: Option<String>,
    /// Official code.
    code: String,
    /// Name.
    name: String,
    /// `so`, `ban`, `xa`, `phuong` …
    kind: &'static str,
    /// The unit above it, where the token sees that.
    parent: Option<Above>,
    /// First day; null: since always.
    #[schema(format = Date)]
    valid_from: Option<String>,
    /// Last day; null: until further notice.
    #[schema(format = Date)]
    valid_to: Option<String>,
    /// By indicator; empty when the newest round did not judge it.
    #[schema(value_type = HashMap<String, Figure>)]
    indicators: Figures,
    /// The words of the causes that its figures name, by indicator.
    causes: BTreeMap<String, CauseText>,
    /// What each service contributes, those that miss most first.
    services: Vec<Service>,
    /// Its cases, closed ones too.
    cases: Vec<CaseLine>,
    /// What the last rounds decided, newest first.
    decisions: Vec<Decided>,
    /// The last messages that were settled, newest first.
    messages: Vec<SettledMessage>,
}

/// The unit above.
#[derive(Debug, Serialize, ToSchema)]
struct Above {
    /// Its code.
    code: String,
    /// Its name.
    name: String,
}

/// A message about the unit, without whom it went to.
#[derive(Debug, Serialize, ToSchema)]
struct SettledMessage {
    /// Its id in the outbox.
    id: String,
    /// The channel.
    channel: String,
    /// How it ended.
    state: &'static str,
    /// When it was written.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was settled.
    #[schema(format = DateTime)]
    settled_at: Option<String>,
}

impl From<&Entry> for SettledMessage {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id.clone(),
            channel: entry.channel.clone(),
            state: entry.state.word(),
            created_at: time(entry.created_at),
            settled_at: entry.settled_at.map(time),
        }
    }
}

/// One unit with its figures, the causes of low ones, its cases, and what was decided about it.
#[utoipa::path(get, path = "/api/v1/units/{code}", tag = "figures", security(("token" = [])),
    params(("code" = String, Path, description = "Official code of the unit")),
    responses((status = 200, body = UnitTold), Refused))]
pub(in crate::web) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Named(code): Named,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = told(&site, &visitor, &code).await;
    site.tell(&headers, told)
}

async fn told(site: &Site, visitor: &Visitor, code: &str) -> Result<UnitTold, Trouble> {
    let missing = || Wrong::missing("`/api/v1/units` lists the codes");
    let units = visitor.units(site).await?;
    let seen = |code: &str| units.as_ref().is_none_or(|codes| codes.contains(code));
    if !seen(code) {
        return Err(missing().into());
    }
    let now = today(site.clock.now());
    let round = periods(pass::done_rounds(&site.db).await?).pop();
    let as_of = round.as_ref().map_or(now, |round| round.as_of);
    let (id, pack) = catalog::around(&site.db, code, as_of).await?.ok_or_else(missing)?;
    let unit = row_on(&pack, &id, as_of).ok_or_else(missing)?;
    let catalog = Catalog::of(&pack, as_of, now);
    let (lines, services) = match &round {
        Some(round) => (
            report::of_unit(&site.db, &catalog, &round.run_id, &id).await?.lines,
            report::services(&site.db, &catalog, &round.run_id, &id).await?,
        ),
        None => (Vec::new(), Vec::new()),
    };
    let name = |id: &UnitId| {
        let known = row_on(&pack, id, as_of);
        known.map_or_else(|| (id.to_string(), String::new()), |unit| (unit.code.clone(), unit.name.clone()))
    };
    let day = |date: Option<NaiveDate>| date.map(|date| date.to_string());
    let above = unit.parent.as_ref().and_then(|parent| row_on(&pack, parent, as_of));
    let cases = decision::cases(&site.db, Some(&id), true).await?;
    let decided = decision::decisions_about(&site.db, &id, LOOKED_AT).await?;
    let messages = outbox::about_unit(&site.db, &unit.code, LOOKED_AT).await?;
    Ok(UnitTold {
        as_of: round.map(|round| round.as_of.to_string()),
        code: unit.code.clone(),
        name: unit.name.clone(),
        kind: unit.kind.word(),
        parent: above
            .filter(|above| seen(&above.code))
            .map(|above| Above { code: above.code.clone(), name: above.name.clone() }),
        valid_from: day(unit.valid.from),
        valid_to: day(unit.valid.to),
        indicators: Figures::of(&lines),
        causes: causes(&catalog, &lines),
        services: services.iter().map(Service::from).collect(),
        cases: cases.iter().map(|file| CaseLine::of(file, name)).collect(),
        decisions: decided.into_iter().map(Decided::of).collect(),
        messages: messages.iter().map(SettledMessage::from).collect(),
    })
}

/// The unit as it stands on `day`; one that does not, as it stood last.
fn row_on<'p>(pack: &'p Pack, id: &UnitId, day: NaiveDate) -> Option<&'p Unit> {
    let mut own = pack.units.iter().filter(|unit| unit.id == *id);
    own.clone().find(|unit| unit.valid.covers(day)).or_else(|| own.next_back())
}

fn causes(catalog: &Catalog, lines: &[report::Line]) -> BTreeMap<String, CauseText> {
    let of = |line: &report::Line| {
        let cause = line.cause.as_ref()?;
        let own = |known: &&std::sync::Arc<catalog::Indicator>| {
            known.id == line.indicator && known.definition.version == line.version
        };
        let known = catalog.definitions.iter().find(own)?;
        let text = known.causes.iter().find(|known| known.id == cause.id)?;
        Some((line.indicator.to_string(), CauseText::from(text)))
    };
    lines.iter().filter_map(of).collect()
}
