//! The outbox: every message with its state in words and what mends it, filtered, a page at a time.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::addressee::Addressees;
use super::catalogue::Tongue;
use super::outbox_deeds::{Told, Undo, told, undoable};
use super::outbox_wanted::Wanted;
use super::outbox_words::{self, Trouble, Way};
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::{Site, words};
use crate::app::today;
use crate::catalog;
use crate::outbox::{self, Entry, Known, Standing, State as At};
use crate::pass;
use crate::people::Action;

/// Messages on a page.
const PAGE: u32 = 50;

/// A message of the list.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) who: String,
    pub(super) kind: &'static str,
    pub(super) unit: Option<(String, String)>,
    pub(super) channel: String,
    pub(super) state: &'static str,
    /// How loudly the state is said: `bad`, `wait` or nothing.
    pub(super) tone: &'static str,
    pub(super) trouble: Option<Trouble>,
    /// What is known beside the state.
    pub(super) note: String,
    pub(super) time: String,
    pub(super) machine_time: String,
}

/// What lines are written with.
pub(super) struct Writer {
    t: Tongue,
    addressees: Addressees,
    units: HashMap<String, String>,
    kinds: HashMap<String, &'static str>,
}

impl Writer {
    pub(super) async fn load(site: &Site, t: Tongue) -> Result<Self, Failure> {
        let listed = catalog::present(&site.db, today(site.clock.now())).await?;
        let channels = site.app().map(|app| app.config.channels.as_slice()).unwrap_or_default();
        Ok(Self {
            t,
            addressees: Addressees::load(&site.db).await?,
            units: listed.into_iter().map(|unit| (unit.code, unit.name)).collect(),
            kinds: channels.iter().map(|channel| (channel.name.clone(), channel.word())).collect(),
        })
    }

    pub(super) fn way(&self, entry: &Entry) -> Way {
        Way::of(self.kinds.get(&entry.channel).copied(), &entry.address)
    }

    /// How the addressee's office is written, or else the masked address.
    pub(super) fn who(&self, entry: &Entry) -> String {
        let title = self.addressees.of(&entry.unit_code, &entry.address, entry.created_at);
        title.map_or_else(|| words::masked(&entry.address), ToOwned::to_owned)
    }

    /// Code and name of the unit that it is about, where there is one.
    pub(super) fn unit(&self, entry: &Entry) -> Option<(String, String)> {
        let name = self.units.get(&entry.unit_code).cloned().unwrap_or_else(|| entry.unit_code.clone());
        (!entry.unit_code.is_empty()).then(|| (entry.unit_code.clone(), name))
    }

    pub(super) fn line(&self, entry: &Entry, known: &Known) -> Line {
        let (t, facts) = (self.t, known.facts(&entry.id));
        let trouble = outbox_words::of(entry, self.way(entry), known.ending(&entry.id), facts);
        let at = entry.settled_at.unwrap_or(entry.created_at);
        Line {
            who: self.who(entry),
            kind: outbox_words::kind(t, entry.dedup_key.split('/').next().unwrap_or_default()),
            unit: self.unit(entry),
            channel: entry.channel.clone(),
            state: words::state(t, entry.state).0,
            tone: tone(entry.state, trouble.is_some()),
            note: note(t, entry, facts),
            trouble,
            time: words::local_time(at),
            machine_time: words::machine_time(at),
            id: entry.id.clone(),
        }
    }
}

const fn tone(state: At, trouble: bool) -> &'static str {
    match state {
        At::Failed | At::Quarantined | At::Uncertain => "bad",
        At::Sent if trouble => "bad",
        At::Held => "wait",
        At::Ready | At::Sending if trouble => "wait",
        _ => "",
    }
}

/// When it goes, how often it was tried, what was said of it later.
fn note(t: Tongue, entry: &Entry, facts: &[outbox::Fact]) -> String {
    let mut said = Vec::new();
    if entry.state == At::Ready {
        said.push(t.with("outbox.from", words::local_time(entry.due_at)));
    }
    if entry.attempts > 1 {
        said.push(t.count("outbox.tried", u64::try_from(entry.attempts).unwrap_or(0)));
    }
    for fact in facts.iter().filter(|fact| matches!(fact, outbox::Fact::Delivered | outbox::Fact::Seen)) {
        said.push(outbox_words::fact(t, *fact).to_lowercase());
    }
    said.join(" · ")
}

/// A choice of a filter: value, words, whether it is chosen.
type Choice = (String, String, bool);

/// A count that leads to its messages.
#[derive(Debug)]
struct Count {
    address: String,
    name: &'static str,
    messages: String,
    current: bool,
    urgent: bool,
}

#[derive(Template)]
#[template(path = "outbox.html")]
struct OutboxPage {
    frame: Frame,
    told: Option<Told>,
    undo: Vec<Undo>,
    wanted: Wanted,
    counts: Vec<Count>,
    rounds: Vec<Choice>,
    channels: Vec<Choice>,
    standings: Vec<Choice>,
    /// Whether there is any message at all for him.
    empty: bool,
    lines: Vec<Line>,
    /// Messages of these filters that wait for their hour or are being sent.
    under_way: u64,
    /// Messages that match.
    all: u64,
    pages: u32,
    newer: Option<String>,
    older: Option<String>,
    /// Whether he may do something to them.
    may: bool,
}

pub(super) async fn list(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let shown = show(&site, &visitor, query).await;
    site.answer(shown)
}

async fn show(site: &Site, visitor: &Visitor, query: Option<String>) -> Result<Response, Failure> {
    let t = visitor.tongue;
    let told = told(t, query.as_deref());
    let wanted = Wanted::of(query);
    let units = visitor.units(site).await?;
    let browsed = wanted.browsed(units.as_ref());
    let standings = outbox::standings(&site.db, &browsed).await?;
    let counted = |standing: Standing| outbox::counted(&standings, standing);
    let all = counted(wanted.standing);
    let pages = u32::try_from(all.div_ceil(u64::from(PAGE))).unwrap_or(u32::MAX).max(1);
    let wanted = wanted.at(wanted.page.min(pages));
    let browsed = wanted.browsed(units.as_ref());
    let entries = outbox::browse(&site.db, &browsed, wanted.standing, (PAGE, (wanted.page - 1) * PAGE)).await?;
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    let known = outbox::known_of(&site.db, &ids).await?;
    let writer = Writer::load(site, t).await?;
    let rounds = outbox::rounds(&site.db, units.as_ref()).await?;
    let figures = pass::done_rounds(&site.db).await?.into_iter();
    let figures = figures.map(|done| (done.run_id, words::local_date(&done.as_of.to_string()))).collect();
    page(&OutboxPage {
        frame: Frame::told(site, visitor, Place::Outbox, "outbox.title"),
        told,
        undo: undoable(site, visitor, units.as_ref()).await?,
        counts: counts(t, &wanted, counted),
        under_way: counted(Standing::In(At::Ready)) + counted(Standing::In(At::Sending)),
        empty: rounds.is_empty(),
        rounds: rounds.iter().map(|round| choice(t, round, &figures, &wanted.round)).collect(),
        channels: chosen(outbox::channels(&site.db).await?, &wanted.channel),
        standings: standing_choices(t, wanted.standing),
        lines: entries.iter().map(|entry| writer.line(entry, &known)).collect(),
        all,
        pages,
        newer: (wanted.page > 1).then(|| wanted.at(wanted.page - 1).address("")),
        older: (wanted.page < pages).then(|| wanted.at(wanted.page + 1).address("")),
        may: visitor.may(Action::Approve),
        wanted,
    })
}

fn counts(t: Tongue, wanted: &Wanted, counted: impl Fn(Standing) -> u64) -> Vec<Count> {
    let mut all = vec![Standing::All, Standing::Problems, Standing::Returned];
    all.extend(At::ALL.into_iter().map(Standing::In));
    let shown = all.into_iter().map(|standing| (standing, counted(standing)));
    let shown = shown.filter(|(standing, count)| *count > 0 || matches!(standing, Standing::All | Standing::Problems));
    shown
        .map(|(standing, count)| Count {
            address: wanted.standing(standing).address(""),
            name: standing_name(t, standing),
            messages: words::grouped(count),
            current: standing == wanted.standing,
            urgent: count > 0 && matches!(standing, Standing::Problems | Standing::Returned),
        })
        .collect()
}

fn standing_name(t: Tongue, standing: Standing) -> &'static str {
    match standing {
        Standing::All => t.say("outbox.every"),
        Standing::Problems => t.say("outbox.problems"),
        Standing::Returned => t.say("outbox.returned"),
        Standing::In(state) => words::state(t, state).0,
    }
}

fn standing_choices(t: Tongue, chosen: Standing) -> Vec<Choice> {
    let states = At::ALL.into_iter().map(Standing::In);
    let all = [Standing::All, Standing::Problems, Standing::Returned].into_iter().chain(states);
    all.map(|one| (one.word().to_owned(), standing_name(t, one).to_owned(), one == chosen)).collect()
}

fn chosen(names: Vec<String>, chosen: &str) -> Vec<Choice> {
    names.into_iter().map(|name| (name.clone(), name.clone(), name == chosen)).collect()
}

/// Two rounds of one minute are told apart by their figures.
fn choice(t: Tongue, round: &outbox::WrittenTogether, figures: &HashMap<String, String>, chosen: &str) -> Choice {
    let kind = outbox_words::kind(t, &round.kind).to_lowercase();
    let (at, count) = (words::local_time(round.at), t.count("outbox.count", round.messages));
    let until = figures.get(&round.run_id).map(|until| format!(" · {}", t.with("outbox.figures_of", until)));
    let said = format!("{at} · {kind}{} · {count}", until.unwrap_or_default());
    (round.run_id.clone(), said, round.run_id == chosen)
}
