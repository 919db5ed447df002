//! A new target: what it would change, and adding it; ending one early, taking one back. As the page of targets does it.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Named, Sent};
use super::description::{Refused, Unfit};
use super::outbox_deeds::sentence;
use super::province::day;
use super::wrong::{Trouble, Wrong, whole};
use crate::app::{Foreseen, TargetError, targets};
use crate::catalog::{self, BasisPoints, Comparator, Demand, Indicator, LegalBasis, Pack, Scope, Target, Validity};
use crate::web::Site;
use crate::web::session::Visitor;

/// A target that is added.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct NewTarget {
    /// The indicator's id.
    #[schema(example = "online_filing")]
    indicator: String,
    /// Which definition of it; only needed where it has several.
    definition: Option<String>,
    /// What the target is called, as its document says.
    #[schema(min_length = 1, max_length = 500)]
    name: String,
    /// Percent from 0 to 100 with a point and at most two decimals, as text.
    #[schema(example = "37.5")]
    value: String,
    /// Whether the value itself is enough; `>=` when it is left out.
    comparator: Option<ComparatorWord>,
    /// Whether it is a goal or an order that holds anyway; `target` when it is left out.
    demand: Option<DemandWord>,
    /// Whom it binds: `all`, `level:commune`, `kind:xa` and their like, or `unit:` with a unit's id. `all` when it is left out.
    #[schema(example = "level:commune")]
    scope: Option<String>,
    /// Whether the year's value is demanded month by month.
    #[serde(default)]
    pro_rated: bool,
    /// First day.
    #[schema(format = Date)]
    valid_from: String,
    /// Last day.
    #[schema(format = Date)]
    valid_to: String,
    /// What it is based on.
    basis: Basis,
    /// Only says what it would change, and adds nothing.
    #[serde(default)]
    dry_run: bool,
}

/// How the rate is compared with the value.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
enum ComparatorWord {
    /// Equality passes.
    #[serde(rename = ">=")]
    AtLeast,
    /// Equality does not pass.
    #[serde(rename = ">")]
    MoreThan,
}

impl From<ComparatorWord> for Comparator {
    fn from(word: ComparatorWord) -> Self {
        match word {
            ComparatorWord::AtLeast => Self::AtLeast,
            ComparatorWord::MoreThan => Self::MoreThan,
        }
    }
}

/// What kind of demand it is.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum DemandWord {
    /// A goal to reach.
    Target,
    /// An order that holds anyway.
    Instruction,
}

impl From<DemandWord> for Demand {
    fn from(word: DemandWord) -> Self {
        match word {
            DemandWord::Target => Self::Target,
            DemandWord::Instruction => Self::Instruction,
        }
    }
}

/// A document.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Basis {
    /// Its kind and number.
    #[schema(min_length = 1, max_length = 500)]
    number: String,
    /// When it was issued.
    #[schema(format = Date)]
    date: Option<String>,
    /// By whom.
    #[schema(min_length = 1, max_length = 500)]
    issuer: String,
}

/// What was added, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Added {
    /// Whether anything was done: false for a dry run, and when this very target was there already.
    changed: bool,
    /// Its id.
    id: String,
    /// What it makes of the newest figures; null before the first round.
    foreseen: Option<ForeseenTold>,
}

/// What a target makes of the newest figures.
#[derive(Debug, Serialize, ToSchema)]
struct ForeseenTold {
    /// Units that it binds and whose figures are known.
    units: u64,
    /// Of these, met today, by whatever target holds for them.
    met_now: u64,
    /// Met by this one.
    met_then: u64,
}

impl From<Foreseen> for ForeseenTold {
    fn from(Foreseen { units, met_now, met_then }: Foreseen) -> Self {
        Self { units, met_now, met_then }
    }
}

/// Adds a dated target. It is checked as an imported pack is; one that holds on the same day for the same units is refused
/// (409). Sent again it is there already (`changed` is false).
#[utoipa::path(post, path = "/api/v1/targets", tag = "catalog", request_body = NewTarget, security(("token" = [])),
    responses((status = 200, body = Added), Refused, Unfit))]
pub(in crate::web) async fn add(State(site): State<Site>, visitor: Visitor, Sent(sent): Sent<NewTarget>) -> Response {
    let done = async {
        whole(&visitor)?;
        let (app, pack) = (site.app()?, catalog::load(&site.db).await?);
        let target = target(&pack, &sent)?;
        let foreseen = app.foresee(&target).await?.map(ForeseenTold::from);
        if let Some(other) = targets::overlapping(&pack, &target.indicator, &target.scope, target.valid) {
            let same = Target { id: other.id.clone(), ..target };
            if same == *other {
                return Ok(Added { changed: false, id: other.id.as_str().to_owned(), foreseen });
            }
            let hint = "end the other one first, or begin after it";
            return Err(Wrong::conflict_of(("api.target_overlaps", &[&other.name]), hint).at("valid_from").into());
        }
        let id = target.id.as_str().to_owned();
        if !sent.dry_run {
            app.add_target(target, &visitor.by()).await?;
        }
        Ok(Added { changed: !sent.dry_run, id, foreseen })
    };
    site.done(done.await)
}

/// The day after which it binds nobody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct TargetEnding {
    /// Its last day: yesterday or later, and before the one that it has.
    #[schema(format = Date)]
    last: String,
}

/// Takes it back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct TargetUndoing {}

/// What became of a target.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TargetMended {
    /// Whether anything was done: false when it ended on that day already.
    changed: bool,
    /// Its id.
    id: String,
}

/// Ends a target early; what was judged by it stays.
#[utoipa::path(post, path = "/api/v1/targets/{id}/end", tag = "catalog", params(("id" = String, Path)),
    request_body = TargetEnding, security(("token" = [])), responses((status = 200, body = TargetMended), Refused, Unfit))]
pub(in crate::web) async fn end(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<TargetEnding>,
) -> Response {
    let done = async {
        whole(&visitor)?;
        let last = day("last", Some(&sent.last))?;
        let known = catalog::measures(&site.db).await?.targets;
        let target = known.iter().find(|target| target.id.as_str() == id).ok_or(TargetError::NotThere)?;
        let changed = target.valid.to != last;
        if let Some(last) = last.filter(|_| changed) {
            targets::end_target(&site.db, &id, last, &visitor.by(), site.clock.now()).await?;
        }
        Ok(TargetMended { changed, id })
    };
    site.done(done.await)
}

/// Takes back a target that was added here and that no round judged by.
#[utoipa::path(post, path = "/api/v1/targets/{id}/take_back", tag = "catalog", params(("id" = String, Path)),
    request_body = TargetUndoing, security(("token" = [])), responses((status = 200, body = TargetMended), Refused, Unfit))]
pub(in crate::web) async fn take_back(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(TargetUndoing {}): Sent<TargetUndoing>,
) -> Response {
    let done = async {
        whole(&visitor)?;
        targets::take_target_back(&site.db, &id, &visitor.by(), site.clock.now()).await?;
        Ok(TargetMended { changed: true, id })
    };
    site.done(done.await)
}

fn target(pack: &Pack, sent: &NewTarget) -> Result<Target, Trouble> {
    let wanted = sent.definition.as_deref();
    let fits = |one: &&Indicator| {
        one.id.as_str() == sent.indicator && wanted.is_none_or(|wanted| wanted == one.definition.version)
    };
    let known: Vec<&Indicator> = pack.indicators.iter().filter(fits).collect();
    let known = match known.as_slice() {
        [one] => *one,
        [] => {
            return Err(Wrong::content("api.no_indicator", "`/api/v1/indicators` lists them").at("indicator").into());
        }
        several => {
            let words: Vec<&str> = several.iter().map(|one| one.definition.version.as_str()).collect();
            let hint = format!("one of {}", words.join(", "));
            return Err(Wrong::content("api.several_definitions", &hint).at("definition").into());
        }
    };
    let indicator = known.id.clone();
    let value: BasisPoints = sent.value.parse().map_err(|()| {
        let hint = "write a percentage from 0 to 100 with a point and at most two decimals, without the sign: \"37.5\"";
        Wrong::content("api.no_percent", hint).at("value")
    })?;
    let scope: Scope = sent.scope.as_deref().unwrap_or("all").parse().map_err(|()| {
        let hint = "write all, level:commune, kind:xa and their like, or unit: with a unit's id";
        Wrong::content("api.no_scope", hint).at("scope")
    })?;
    let (from, to) = (day("valid_from", Some(&sent.valid_from))?, day("valid_to", Some(&sent.valid_to))?);
    if to < from {
        return Err(Wrong::content("api.ends_first", "let it end on or after its first day").at("valid_to").into());
    }
    let valid = Validity { from, to };
    let (number, issuer) =
        (sentence("basis.number", &sent.basis.number)?, sentence("basis.issuer", &sent.basis.issuer)?);
    Ok(Target {
        id: targets::free_id(pack, &indicator, valid),
        version: known.definition.version.clone(),
        name: sentence("name", &sent.name)?,
        demand: sent.demand.map_or(Demand::Target, Demand::from),
        scope,
        comparator: sent.comparator.map_or(Comparator::AtLeast, Comparator::from),
        value,
        from_month: 1,
        pro_rated: sent.pro_rated,
        valid,
        basis: LegalBasis { number, date: day("basis.date", sent.basis.date.as_deref())?, issuer },
        indicator,
    })
}

impl From<TargetError> for Trouble {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Problems(problems) => {
                let first = problems.first().map(|problem| (problem.message.as_str(), problem.hint.as_str()));
                let (message, hint) = first.unwrap_or_default();
                Wrong::content("api.target_unfit", hint).because(message).into()
            }
            TargetError::App(error) => error.into(),
            TargetError::NotThere => Wrong::missing("`/api/v1/targets` lists them").into(),
            TargetError::NotThen { first, before } => {
                let before = before.map_or_else(|| "ever".to_owned(), |day| day.to_string());
                let hint = format!("choose a day from {first} on and before {before}");
                Wrong::content("api.target_not_then", &hint).at("last").into()
            }
            TargetError::OfPack => {
                Wrong::conflict("api.target_of_pack", "end it early, or import a pack without it").into()
            }
            TargetError::Judged(day) => {
                Wrong::conflict_of(("api.target_judged", &[&day]), "end it early instead").into()
            }
        }
    }
}
