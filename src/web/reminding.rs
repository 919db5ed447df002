//! What changed after reminders, beside units of the same level that were not reminded; and the words that this proves no
//! cause. Reckoning it takes longer than a page may, so the overview shows what was reckoned, or where it is.

use std::collections::HashSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::catalogue::Tongue;
use super::figure_words::{change_words, percent};
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::{Site, words};
use crate::app::today;
use crate::catalog::{self, Catalog, Level, UnitId};
use crate::pass::{self, Comparing, DigestSettings, DoneRound};
use crate::report::{EffectLine, FEWEST, Side};

/// Rounds that reminded somebody and are compared, so that the page comes in time for a large province.
const ROUNDS: usize = 8;

/// One comparison in words.
#[derive(Debug)]
pub(super) struct Compared {
    /// `trực tuyến, cấp xã`.
    pub(super) about: String,
    /// One sentence.
    pub(super) said: String,
    /// The table; empty where a side is too small.
    pub(super) rows: Vec<Vec<String>>,
}

/// The comparison with its names.
#[derive(Debug)]
pub(super) struct Reminding {
    pub(super) compared: Vec<Compared>,
    /// How many of them have too few units to say anything.
    pub(super) lacking: usize,
    pub(super) rounds: usize,
    pub(super) fewest: usize,
}

impl Reminding {
    fn of(t: Tongue, lines: &[EffectLine], catalog: &Catalog) -> Self {
        let compared: Vec<Compared> = lines.iter().map(|line| compared(t, line, catalog)).collect();
        let lacking = compared.iter().filter(|one| one.rows.is_empty()).count();
        Self { compared, lacking, rounds: ROUNDS, fewest: FEWEST }
    }
}

#[derive(Template)]
#[template(path = "reminding.html")]
struct RemindingPage {
    frame: Frame,
    reminding: Reminding,
}

#[derive(Template)]
#[template(path = "reminding_block.html")]
struct RemindingBlock {
    t: Tongue,
    reminding: Reminding,
}

/// What was reckoned already for `rounds`.
pub(super) fn known(site: &Site, visitor: &Visitor, rounds: &[DoneRound], catalog: &Catalog) -> Option<Reminding> {
    let newest = rounds.last()?;
    let lines = site.recent.effects(&newest.run_id, visitor.scope(), site.clock.now())?;
    Some(Reminding::of(visitor.tongue, &lines, catalog))
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, headers: HeaderMap) -> Response {
    let shown = shown(&site, &visitor, headers.contains_key("hx-request")).await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor, block: bool) -> Result<Response, Failure> {
    let rounds = pass::done_rounds(&site.db).await?;
    let day = rounds.last().map_or_else(|| today(site.clock.now()), |round| round.as_of);
    let catalog = Catalog::of(&catalog::measures(&site.db).await?, day, today(site.clock.now()));
    let lines = reckoned(site, visitor, &rounds).await?;
    let reminding = Reminding::of(visitor.tongue, &lines, &catalog);
    if block {
        return page(&RemindingBlock { t: visitor.tongue, reminding });
    }
    let frame = Frame::told(site, visitor, Place::Overview, "overview.after_reminding");
    page(&RemindingPage { frame, reminding })
}

async fn reckoned(site: &Site, visitor: &Visitor, rounds: &[DoneRound]) -> Result<Arc<Vec<EffectLine>>, Failure> {
    let (root, now) = (visitor.scope(), site.clock.now());
    let Some(newest) = rounds.last() else { return Ok(Arc::default()) };
    let _alone = site.recent.reckoning.lock().await;
    if let Some(known) = site.recent.effects(&newest.run_id, root, now) {
        return Ok(known);
    }
    let pack = catalog::load(&site.db).await?;
    let units: Option<HashSet<UnitId>> = visitor.units(site).await?.map(|codes| {
        let own = pack.units.iter().filter(|unit| codes.contains(&unit.code));
        own.map(|unit| unit.id.clone()).collect()
    });
    let compare_days = match site.app() {
        Ok(app) => app.config.digest.compare_days,
        Err(_) => DigestSettings::default().compare_days,
    };
    let asked = Comparing { compare_days, last: ROUNDS, units: units.as_ref(), today: today(now) };
    let lines = Arc::new(pass::effects(&site.db, &pack, rounds, &asked).await?);
    site.recent.keep_effects(&newest.run_id, root, now, &lines);
    Ok(lines)
}

/// The key of what a level is called.
const fn level(level: Level) -> &'static str {
    match level {
        Level::Province => "reminding.level_province",
        Level::Department => "reminding.level_department",
        Level::District => "reminding.level_district",
        Level::Commune => "reminding.level_commune",
    }
}

fn compared(t: Tongue, line: &EffectLine, catalog: &Catalog) -> Compared {
    let known = catalog.indicators.iter().find(|known| known.id == line.indicator);
    let name = known.map_or_else(|| line.indicator.to_string(), |known| known.short_name.clone());
    let count = |side: &Side| words::count(side.units);
    let both = line.reminded.spread.zip(line.others.spread);
    let said = match both {
        Some((reminded, others)) => t.with_all(
            "reminding.both",
            &[
                &count(&line.reminded),
                &change_words(t, reminded.median),
                &count(&line.others),
                &change_words(t, others.median),
            ],
        ),
        None => t.with3("reminding.too_few", count(&line.reminded), count(&line.others), FEWEST),
    };
    let sides = [("reminding.reminded", &line.reminded), ("reminding.others", &line.others)];
    let row = |(group, side): (&str, &Side)| {
        let spread = side.spread.filter(|_| line.is_comparable())?;
        let changes = [spread.median, spread.lower, spread.upper].map(|change| change_words(t, change));
        let head = [t.say(group).to_owned(), count(side), percent(spread.start.rounded())];
        Some(head.into_iter().chain(changes).collect())
    };
    Compared {
        about: t.with2("reminding.compared", name, t.say(level(line.level))),
        said,
        rows: sides.into_iter().filter_map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_of_causes_what_the_report_says() {
        assert_eq!(Tongue::Vietnamese.say("reminding.no_proof_why"), crate::report::NO_PROOF);
    }
}
