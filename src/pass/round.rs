//! One round, from the sources to the outbox.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::hold::hold;
use super::judge::{Judged, decide, judge};
use super::writer::Writer;
use super::{Approval, Fence, Gate, Held, Round, Settings, approval, footing, record};
use crate::catalog::{Catalog, Pack, Recipient};
use crate::clock::local_date;
use crate::db::{Db, DbError, Work};
use crate::decision::{Decision, History, Passed};
use crate::message::{Composed, Draft, Figures, RenderError, Renderer, Templates, compose};
use crate::observation::{Doubt, Snapshot};
use crate::outbox::HoldReason;
use crate::people::{By, Deed, Event};
use crate::reply::Unreachable;
use crate::source::{self, FetchError, Tools};
use crate::{catalog, decision, people, reply};

/// Why a round that nothing holds is not the end of it.
const EARLIER: &str = "the messages of an earlier round still wait";

/// How many batches the mass-mail guard looks back at.
const BATCHES: i64 = 8;

/// What a pass works with.
#[derive(Debug)]
pub struct Pass<'a> {
    /// The database.
    pub db: &'a Db,
    /// Writes messages, in a process of its own.
    pub renderer: &'a Renderer,
    /// The templates it writes with.
    pub templates: &'a Templates,
    /// What fetching needs.
    pub tools: &'a Tools,
    /// Everything it is told.
    pub settings: &'a Settings,
    /// Who starts it: a name, or `serve`.
    pub by: &'a str,
    /// The person who starts it, for the audit log; `None`: a schedule does.
    pub hand: Option<&'a By>,
    /// Decide and write, but store and send nothing.
    pub dry_run: bool,
    /// Of a planned run: nothing is stored once its lease ended or another replica took it over.
    pub fence: Option<Fence<'a>>,
}

impl Pass<'_> {
    /// Makes `work` durable; what a person started goes to the audit log with it.
    pub(super) async fn conclude(
        &self,
        work: Work,
        (deed, subject, detail): (Deed, String, String),
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let Some(by) = self.hand else { return work.commit().await };
        people::conclude(work, &Event { by, deed, subject, detail }, now).await.map(|_| ())
    }

    /// Begins a unit of work in which a planned run cannot be taken over.
    pub(super) async fn begin(&self) -> Result<Work, DbError> {
        let mut work = self.db.begin().await?;
        if let Some(fence) = self.fence
            && !fence.is_ours(&mut work).await?
        {
            work.rollback().await?;
            return Err(DbError::TakenOver);
        }
        Ok(work)
    }
}

/// Why a round could not be carried through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PassError {
    /// The database's.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A source could not be reached; a later try may do.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The process that writes the messages does not start.
    #[error(transparent)]
    Renderer(#[from] RenderError),
    /// There is nobody to judge.
    #[error(
        "the catalog is empty\n  remedy: import a pack with `dondoc catalog import FOLDER`, or name one in [catalog] seed"
    )]
    EmptyCatalog,
    /// Units, indicators or targets are no more those that it judged by.
    #[error(
        "units, indicators or targets were changed while the round judged by them; nothing of it was stored\n  remedy: \
         run it again"
    )]
    CatalogChanged,
    /// There are no figures that a digest could be made of.
    #[error(
        "there is no finished round{} to make a digest of\n  remedy: `dondoc run` makes one; a round that is held needs \
         `dondoc release` first", .0.map_or_else(String::new, |date| format!(" for {date}"))
    )]
    NoRound(Option<NaiveDate>),
    /// A planned round that must come first is not done yet.
    #[error("the round of schedule `{0}` is not done yet")]
    RoundIsOpen(String),
}

/// Carries one round through. `wrote` is called after each group of recipients with the messages queued so far.
///
/// # Errors
/// [`PassError`]. A round that is held because of its data is not an error but a [`Round`] with [`Held`].
pub async fn run(
    pass: &Pass<'_>,
    as_of: NaiveDate,
    now: DateTime<Utc>,
    wrote: &(dyn Fn(u64) + Send + Sync),
) -> Result<Round, PassError> {
    let pack = catalog::load(pass.db).await?;
    let fingerprint = footing::fingerprint(&pack, &pass.templates.fingerprint(), pass.settings);
    let judged_by = footing::judged_by(&pack);
    let gate = Gate::open(pass.db, pass.settings, as_of, now).await?;
    let until = gate.until();
    let catalog = view(&pack, pass.settings, until, now);
    drop(pack);
    if catalog.indicators.is_empty() || catalog.units.is_empty() {
        return Err(PassError::EmptyCatalog);
    }
    let mut round = Round::begin(record::run_id(as_of, now), as_of, gate.closing.clone());
    let judged = match fetch_and_judge(pass, &catalog, gate).await {
        Ok(judged) => judged,
        Err(error @ FetchError::Unreachable { .. }) => return Err(error.into()),
        Err(FetchError::Unreadable { name, place, reason, remedy }) => {
            let message = format!("source `{name}`: {place}: {reason}");
            round.held = Some(Held::Doubts(vec![Doubt { code: "unreadable", source: name, message, remedy }]));
            return Ok(hold(pass, &catalog, round, &fingerprint, now).await?);
        }
    };
    pass.renderer.ready().await?;
    round.take(&catalog, &judged);
    if !judged.examined.observations.doubts.is_empty() {
        round.held = Some(Held::Doubts(judged.examined.observations.doubts));
        return Ok(hold(pass, &catalog, round, &fingerprint, now).await?);
    }
    let (history, passed) = remember(pass, &catalog, as_of).await?;
    round.notes.extend(decision::passed_note(&passed));
    let decisions = decide(&catalog, &judged, &history, pass.settings, as_of);
    round.count(&catalog, &decisions);
    let lock = lock(pass, &fingerprint, &decisions, &history).await?;
    let signer = signer(pass, as_of, now).await?;
    let writer = Writer {
        pass,
        catalog: &catalog,
        history: &history,
        passed: &passed,
        as_of,
        figures: &figures(until, &round.snapshots),
        signer: signer.as_ref(),
        now,
        lock: lock.as_ref().map(|(reason, _)| *reason),
        avoid: &unreachable(pass).await?,
        judged_by: &judged_by,
    };
    let earlier = approval::asked(pass.db).await?.filter(|_| !pass.dry_run);
    let asks = lock.or_else(|| Some((earlier?.hold(), EARLIER.to_owned())));
    let waiting = if pass.dry_run {
        writer.plan(&mut round, &judged, &decisions).await;
        round.remind
    } else {
        let amendments = writer.amendments(&judged, &decisions).await?;
        writer.begin(&mut round, &fingerprint, &amendments).await?;
        writer.write(&mut round, &judged, &decisions, wrote).await?;
        writer.finish(&mut round, &judged, &decisions, asks.as_ref().map(|(reason, _)| *reason)).await?
    };
    round.held = asks.filter(|_| waiting > 0).map(|(reason, why)| Held::Person(reason, why));
    Ok(round)
}

/// Addresses that give messages back, those of the last minutes included.
async fn unreachable(pass: &Pass<'_>) -> Result<Unreachable, DbError> {
    if !pass.dry_run {
        let mut work = pass.begin().await?;
        reply::take_bounces(&mut work).await?;
        work.commit().await?;
    }
    reply::unreachable(pass.db).await
}

/// The message that the head of the unit with code `unit` would get as a first reminder; `None` when there is nothing
/// to remind of or nobody to remind.
///
/// # Errors
/// [`PassError`].
pub async fn preview(
    pass: &Pass<'_>,
    unit: &str,
    as_of: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Option<Composed>, PassError> {
    let gate = Gate::open(pass.db, pass.settings, as_of, now).await?;
    let until = gate.until();
    let catalog = view(&catalog::load(pass.db).await?, pass.settings, until, now);
    let Some(recipient) = catalog.names.find(unit, "").ok().and_then(|unit| catalog.recipient_of(unit)) else {
        return Ok(None);
    };
    let judged = fetch_and_judge(pass, &catalog, gate).await?;
    let decisions = decide(&catalog, &judged, &History::default(), pass.settings, as_of);
    let both = judged.evaluations.iter().zip(&decisions);
    let below = both.filter(|(_, decision)| decision.is_reminder() && recipient.units.contains(&decision.unit));
    let evaluations: Vec<_> = below.map(|(evaluation, _)| evaluation).collect();
    if evaluations.is_empty() {
        return Ok(None);
    }
    let draft = Draft::first(recipient, evaluations);
    pass.renderer.ready().await?;
    let told = figures(until, &judged.examined.observations.snapshots);
    Ok(compose(pass.renderer, &catalog, &[draft], &told).await.pop())
}

/// What earlier rounds left behind: cases at the units that answer for them today, and what heads answered.
async fn remember(pass: &Pass<'_>, catalog: &Catalog, as_of: NaiveDate) -> Result<(History, Vec<Passed>), DbError> {
    let mut history = decision::history(pass.db, as_of).await?;
    let passed = decision::pass_on(catalog, &mut history);
    history.words = reply::words(pass.db, &history).await?;
    Ok((history, passed))
}

/// What makes the links of a round's letters, where recipients can answer.
pub(super) async fn signer<'p>(
    pass: &'p Pass<'_>,
    as_of: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Option<reply::Signer<'p>>, DbError> {
    match &pass.settings.links {
        Some(links) => Ok(Some(links.signer(pass.db, as_of, local_date(now)).await?)),
        None => Ok(None),
    }
}

/// What the messages of a round speak of.
pub(super) fn figures(until: NaiveDate, snapshots: &[Snapshot]) -> Figures {
    let code = snapshots.iter().map(Snapshot::short).collect::<Vec<_>>().join("+");
    Figures { until, code }
}

/// The catalog of a round: only heads whom a channel reaches can be reminded.
pub(super) fn view(pack: &Pack, settings: &Settings, as_of: NaiveDate, now: DateTime<Utc>) -> Arc<Catalog> {
    let reaches = |recipient: &Recipient| settings.channels.iter().any(|way| way.address_for(recipient).is_some());
    Arc::new(Catalog::of(pack, as_of, local_date(now)).reached(reaches))
}

pub(super) async fn fetch_and_judge(pass: &Pass<'_>, catalog: &Arc<Catalog>, gate: Gate) -> Result<Judged, FetchError> {
    let catalog = Arc::clone(catalog);
    let sources = source::fetch_all(&pass.settings.sources, gate.closing.until, pass.tools).await?;
    let judged = tokio::task::spawn_blocking(move || judge(&catalog, &sources, &gate)).await;
    judged.unwrap_or_else(|panic| {
        let reason = format!("the reader stopped unexpectedly ({panic})");
        let remedy = "this is a fault of the program; keep the file and report it".to_owned();
        Err(FetchError::Unreadable { name: "all".to_owned(), place: "source".to_owned(), reason, remedy })
    })
}

/// Whether the batch must wait for a second person, and why.
async fn lock(
    pass: &Pass<'_>,
    fingerprint: &str,
    decisions: &[Decision],
    history: &History,
) -> Result<Option<(HoldReason, String)>, DbError> {
    let safety = &pass.settings.safety;
    let known = record::footing_is_known(pass.db, fingerprint).await?;
    let asks = match safety.approval {
        Approval::Never => None,
        Approval::Always => Some("[safety] approval = \"always\""),
        Approval::FirstAndChanges if known => None,
        Approval::FirstAndChanges if history.last_as_of.is_none() => Some("it is the first round"),
        Approval::FirstAndChanges if approval::asked(pass.db).await?.is_some() => Some(EARLIER),
        Approval::FirstAndChanges => {
            Some("targets, mapping, templates or sources changed since the last approved round")
        }
    };
    let first_is_asked = history.last_as_of.is_none() && asks.is_some();
    let batches = record::batches(pass.db, BATCHES).await?;
    let limits = decision::Guard {
        newly_below_percent: safety.max_newly_below_percent,
        batch_percent: safety.max_batch_percent,
        largest_batch: batches.into_iter().max(),
    };
    if let Some(alarm) = limits.trips(decisions, history).filter(|_| !first_is_asked) {
        return Ok(Some((HoldReason::Guard, alarm.to_string())));
    }
    Ok(asks.map(|why| (HoldReason::Approval, why.to_owned())))
}
