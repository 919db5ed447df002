//! What the overview, its files and the wall stand on: the judgements of one round and of the one before, and who is who.

use std::collections::HashMap;
use std::sync::Arc;

use super::Site;
use super::heat_wanted::Wanted;
use super::mailbox::Units;
use super::page::Failure;
use super::recent::Recent;
use crate::app::today;
use crate::catalog::{self, Catalog, IndicatorId, Listed, UnitId, alphabetical};
use crate::evaluation::Judged;
use crate::pass::DoneRound;
use crate::report::{self, GlanceRow};

/// Units by id.
pub(super) type Known<'a> = HashMap<&'a UnitId, &'a Listed>;

/// A round as it is looked at.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) round: DoneRound,
    /// The round that changes are counted from.
    pub(super) earlier: Option<DoneRound>,
    now: Arc<Vec<Judged>>,
    before: Arc<Vec<Judged>>,
    pub(super) catalog: Catalog,
    listed: Vec<Listed>,
    /// Whether these are the figures of a part.
    pub(super) part: bool,
}

/// The newest finished round of every as-of date, oldest first.
pub(super) fn periods(rounds: Vec<DoneRound>) -> Vec<DoneRound> {
    let mut periods: Vec<DoneRound> = Vec::new();
    for round in rounds {
        match periods.last_mut().filter(|last| last.as_of == round.as_of) {
            Some(last) => *last = round,
            None => periods.push(round),
        }
    }
    periods
}

impl Figures {
    /// What `wanted` asks for of `periods`, as far as `units` may be seen; none before the first round.
    pub(super) async fn load(
        site: &Site,
        units: &Units,
        periods: &[DoneRound],
        wanted: &Wanted,
    ) -> Result<Option<Self>, Failure> {
        let asked = wanted.period.and_then(|date| periods.iter().rposition(|round| round.as_of == date));
        let at = asked.or(periods.len().checked_sub(1));
        let Some((at, round)) = at.and_then(|at| Some((at, periods.get(at)?))) else { return Ok(None) };
        let earlier = at.checked_sub(1).and_then(|before| periods.get(before));
        let before = async {
            match earlier {
                Some(earlier) => Recent::judged(&site.recent, &site.db, &earlier.run_id).await,
                None => Ok(Arc::default()),
            }
        };
        // Each is read by a connection of its own; what is told of the rounds is read on threads of its own, too.
        let (now, before, pack, mut listed) = tokio::try_join!(
            Recent::judged(&site.recent, &site.db, &round.run_id),
            before,
            catalog::measures(&site.db),
            catalog::present(&site.db, round.as_of),
        )?;
        let catalog = Catalog::of(&pack, round.as_of, today(site.clock.now()));
        if let Some(codes) = units {
            listed.retain(|unit| codes.contains(&unit.code));
        }
        let (round, earlier) = (round.clone(), earlier.cloned());
        Ok(Some(Self { round, earlier, now, before, catalog, listed, part: units.is_some() }))
    }

    /// The units that may be seen.
    pub(super) fn known(&self) -> Known<'_> {
        self.listed.iter().map(|unit| (&unit.id, unit)).collect()
    }

    /// Their judgements.
    pub(super) fn rows(&self, known: &Known<'_>) -> Vec<GlanceRow<'_>> {
        report::rows(&self.now, &self.before, |unit| !self.part || known.contains_key(unit))
    }

    /// The short name of an indicator.
    pub(super) fn short_name(&self, indicator: &IndicatorId) -> String {
        let known = self.catalog.indicators.iter().find(|known| known.id == *indicator);
        known.map_or_else(|| indicator.to_string(), |known| known.short_name.clone())
    }
}

/// What the filters let through, in the order that is asked for.
pub(super) fn sorted<'r, 'j>(all: &'r [GlanceRow<'j>], known: &Known<'_>, wanted: &Wanted) -> Vec<&'r GlanceRow<'j>> {
    let fits = |(row, unit): &(&'r GlanceRow<'j>, Option<&Listed>)| {
        let kind = unit.map(|unit| unit.kind);
        wanted.kind.is_none_or(|wanted| kind == Some(wanted)) && (!wanted.below || row.is_below())
    };
    // Each unit is looked up once, however often it is compared.
    let shown = all.iter().map(|row| (row, known.get(row.unit).copied())).filter(fits);
    if wanted.by_name {
        let mut shown: Vec<_> = shown.collect();
        shown.sort_by_cached_key(|(_, unit)| unit.map(|unit| (alphabetical(&unit.name), unit.code.clone())));
        return shown.into_iter().map(|(row, _)| row).collect();
    }
    let mut keyed: Vec<_> = shown.map(|(row, unit)| (row.urgency(), unit, row)).collect();
    keyed.sort_by(|(one, a, _), (other, b, _)| other.cmp(one).then_with(|| code(*a).cmp(&code(*b))));
    keyed.into_iter().map(|(.., row)| row).collect()
}

fn code(unit: Option<&Listed>) -> Option<&str> {
    unit.map(|unit| unit.code.as_str())
}
