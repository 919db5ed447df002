//! Finding a unit from the head of every page: one that is meant leads to its page, several are listed.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;

use super::heat_figures::periods;
use super::page::{Failure, Frame, Place, on_to, page};
use super::session::Visitor;
use super::{Site, figure_words, words};
use crate::app::today;
use crate::catalog::{self, Listed, Search, alphabetical};
use crate::pass;

/// More is no answer but another question.
const SHOWN: usize = 50;
/// More characters than any name that somebody would type.
const QUERY_CHARS: usize = 100;

/// What the address asks for, as it was typed.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Asked {
    q: Option<String>,
}

struct Hit {
    code: String,
    name: String,
    kind: &'static str,
}

#[derive(Template)]
#[template(path = "found.html")]
struct FoundPage {
    frame: Frame,
    count: String,
    /// How many are listed, when that is not all.
    shown: Option<usize>,
    hits: Vec<Hit>,
}

pub(super) async fn find(
    State(site): State<Site>,
    visitor: Visitor,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Query(asked) = asked.unwrap_or_default();
    let typed: String = asked.q.unwrap_or_default().trim().chars().take(QUERY_CHARS).collect();
    let found = found(&site, &visitor, typed).await;
    site.answer(found)
}

async fn found(site: &Site, visitor: &Visitor, typed: String) -> Result<Response, Failure> {
    let search = Search::of(&typed);
    let mut units = if search.is_empty() { Vec::new() } else { hits(site, visitor, &search).await? };
    let meant: Vec<&Listed> = units.iter().filter(|unit| search.is(&unit.code) || search.is(&unit.name)).collect();
    if let ([unit], _) | (_, [unit]) = (meant.as_slice(), units.iter().collect::<Vec<_>>().as_slice()) {
        let Ok(code) = askama::filters::urlencode_strict(&unit.code);
        return Ok(on_to(&format!("/don-vi/{code}")));
    }
    units.sort_by_cached_key(|unit| (!search.is(&unit.name), alphabetical(&unit.name), unit.code.clone()));
    let (count, shown) = (units.len(), (units.len() > SHOWN).then_some(SHOWN));
    units.truncate(SHOWN);
    let hit =
        |unit: Listed| Hit { kind: figure_words::kind(visitor.tongue, unit.kind), code: unit.code, name: unit.name };
    page(&FoundPage {
        frame: Frame { query: typed, ..Frame::told(site, visitor, Place::Elsewhere, "find.title") },
        count: words::count(count),
        shown,
        hits: units.into_iter().map(hit).collect(),
    })
}

/// The units that somebody may see and looks for, as of the day of their pages.
async fn hits(site: &Site, visitor: &Visitor, search: &Search) -> Result<Vec<Listed>, Failure> {
    let own = visitor.units(site).await?;
    let recent = periods(pass::done_rounds(&site.db).await?);
    let day = recent.last().map_or_else(|| today(site.clock.now()), |round| round.as_of);
    let mut units = catalog::present(&site.db, day).await?;
    units.retain(|unit| own.as_ref().is_none_or(|codes| codes.contains(&unit.code)));
    units.retain(|unit| search.finds(&format!("{} {}", unit.code, unit.name)));
    Ok(units)
}
