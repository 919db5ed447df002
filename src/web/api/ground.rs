//! The figures that a token sees: a finished round, the one before it, and the units of its scope.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::wrong::{Trouble, Wrong};
use crate::api::Figures;
use crate::app::today;
use crate::catalog::{self, Catalog, Listed, UnitId};
use crate::evaluation::Judged;
use crate::pass::{self, DoneRound};
use crate::report::{self, GlanceRow};
use crate::web::Site;
use crate::web::heat_figures::periods;
use crate::web::mailbox::Units;
use crate::web::recent::Recent;
use crate::web::session::Visitor;

/// What figures are told of.
#[derive(Debug)]
pub(super) struct Ground {
    /// The round; none before the first.
    pub(super) round: Option<DoneRound>,
    /// The one before it, of another date.
    pub(super) before: Option<DoneRound>,
    /// What is measured and demanded as of the round.
    pub(super) catalog: Catalog,
    /// The units that are judged, by code; those of the scope alone.
    pub(super) listed: Vec<Listed>,
    now: Arc<Vec<Judged>>,
    earlier: Arc<Vec<Judged>>,
    units: Units,
}

impl Ground {
    /// Of the newest round as of `as_of`, or of all.
    pub(super) async fn load(site: &Site, visitor: &Visitor, as_of: Option<NaiveDate>) -> Result<Self, Trouble> {
        let (units, now) = (visitor.units(site).await?, today(site.clock.now()));
        let mut periods = periods(pass::done_rounds(&site.db).await?);
        if let Some(date) = as_of {
            let wanted = periods.iter().rposition(|round| round.as_of == date);
            let Some(at) = wanted else {
                return Err(Wrong::missing("`/api/v1/rounds` lists the rounds and their dates").at("as_of").into());
            };
            periods.truncate(at + 1);
        }
        let (round, before) = (periods.pop(), periods.pop());
        let day = round.as_ref().map_or(now, |round| round.as_of);
        let mut listed = catalog::present(&site.db, day).await?;
        listed.retain(|unit| units.as_ref().is_none_or(|codes| codes.contains(&unit.code)));
        listed.sort_by(|one, next| one.code.cmp(&next.code));
        Ok(Self {
            now: judged(site, round.as_ref()).await?,
            earlier: judged(site, before.as_ref()).await?,
            catalog: Catalog::of(&catalog::measures(&site.db).await?, day, now),
            round,
            before,
            listed,
            units,
        })
    }

    /// The round, or that there is none.
    pub(super) fn round(&self) -> Result<&DoneRound, Wrong> {
        self.round.as_ref().ok_or_else(Wrong::no_round)
    }

    /// Whether it is a part of the province.
    pub(super) const fn part(&self) -> bool {
        self.units.is_some()
    }

    /// The judged units of the scope. The whole province has those too that the catalog no longer knows.
    pub(super) fn rows(&self) -> Vec<GlanceRow<'_>> {
        let known: HashMap<&UnitId, &Listed> = self.listed.iter().map(|unit| (&unit.id, unit)).collect();
        report::rows(&self.now, &self.earlier, |unit| self.units.is_none() || known.contains_key(unit))
    }

    /// The figures of a unit.
    pub(super) fn figures(&self, row: &GlanceRow<'_>) -> Figures {
        let lines: Vec<_> = row.now.iter().map(|judged| report::line(&self.catalog, judged)).collect();
        Figures::of(&lines)
    }
}

async fn judged(site: &Site, round: Option<&DoneRound>) -> Result<Arc<Vec<Judged>>, Trouble> {
    match round {
        Some(round) => Ok(Recent::judged(&site.recent, &site.db, &round.run_id).await?),
        None => Ok(Arc::default()),
    }
}
