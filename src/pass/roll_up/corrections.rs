//! Corrections: who was reminded on figures that a later round of the same day restated is told so, once. What he was told last
//! (by the reminder, or by a correction that left) is compared with what the newest round judged of that day.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};

use super::super::record::{self, DoneRound};
use super::super::{Pass, PassError};
use super::correction_words as words;
use super::{Batch, Kind, Letter, RolledUp, write};
use crate::catalog::{self, Catalog, IndicatorId, Pack, UnitId};
use crate::clock::local_date;
use crate::db::DbError;
use crate::decision;
use crate::evaluation::{self, Judged, Restated};
use crate::message::Message;
use crate::outbox::{self, Entry, Filter, State};

/// In front of the keys of corrections: `correction/<recipient>/<channel>/<round>/<later round>`.
pub(super) const CORRECTION: &str = "correction/";

/// Which corrections are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correcting {
    /// Only of reminders as of this date.
    pub as_of: Option<NaiveDate>,
    /// A unit that is still below hears of it when its missing count moved by more than this.
    pub percent: u64,
}

/// Writes a correction for everybody who was reminded on figures that were restated since.
///
/// # Errors
/// [`PassError`].
pub async fn correct(pass: &Pass<'_>, asked: Correcting, now: DateTime<Utc>) -> Result<RolledUp, PassError> {
    let pack = catalog::load(pass.db).await?;
    let today = local_date(now);
    let mut ledger = Ledger::load(pass, &pack, today).await?;
    let mut found = Found::default();
    for round in ledger.rounds.clone() {
        if round.reminded > 0 && asked.as_of.is_none_or(|day| day == round.as_of) {
            ledger.round(&round, asked.percent, &mut found).await?;
        }
    }
    let rolled = RolledUp { as_of: today, alarms: found.alarms, ..RolledUp::default() };
    let batch = Batch { kind: Kind::Correction, stale: &found.stale, now };
    write(pass, &pack, rolled, (found.letters, &batch)).await
}

/// What is to be written and what is to be taken back.
#[derive(Default)]
struct Found {
    letters: Vec<Letter>,
    /// Corrections that still wait and are overtaken.
    stale: Vec<String>,
    alarms: Vec<String>,
}

/// A letter that left, and the round whose figures its reader knows.
struct Heard {
    recipient: String,
    /// The round.
    said: DoneRound,
    /// When he was told of them.
    on: NaiveDate,
}

/// What happened so far.
struct Ledger<'a> {
    pass: &'a Pass<'a>,
    pack: &'a Pack,
    today: NaiveDate,
    rounds: Vec<DoneRound>,
    /// Corrections of any state.
    written: Vec<Entry>,
    /// Names of rounds' figures.
    codes: HashMap<String, String>,
    /// Judgements of the rounds that restate others.
    truths: HashMap<String, Vec<Judged>>,
}

impl<'a> Ledger<'a> {
    async fn load(pass: &'a Pass<'a>, pack: &'a Pack, today: NaiveDate) -> Result<Self, DbError> {
        let mut rounds = record::done_rounds(pass.db).await?;
        rounds.sort_by(|one, next| (one.started_at, &one.run_id).cmp(&(next.started_at, &next.run_id)));
        let written = outbox::of_kind(pass.db, CORRECTION).await?;
        Ok(Self { pass, pack, today, rounds, written, codes: HashMap::new(), truths: HashMap::new() })
    }

    /// The newest round that judged the day of `said` again.
    fn truth(&self, said: &DoneRound) -> Option<DoneRound> {
        let again = |round: &&DoneRound| round.until == said.until && round.started_at > said.started_at;
        self.rounds.iter().rfind(again).cloned()
    }

    /// Corrects the letters of one round.
    async fn round(&mut self, round: &DoneRound, percent: u64, found: &mut Found) -> Result<(), DbError> {
        let filter = Filter { run_id: Some(round.run_id.clone()), ..Filter::default() };
        let mut entries = outbox::list(self.pass.db, &filter).await?;
        entries.retain(|entry| entry.leads && entry.dedup_key.starts_with("reminder/"));
        let written_to: BTreeSet<String> = entries.iter().map(|entry| entry.recipient.clone()).collect();
        let mut groups: BTreeMap<(String, String), (DoneRound, DoneRound, Vec<Heard>)> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| matches!(entry.state, State::Sent | State::Uncertain)) {
            let heard = self.heard(round, entry).await?;
            let Some(truth) = self.truth(&heard.said) else { continue };
            let key = (heard.said.run_id.clone(), truth.run_id.clone());
            groups.entry(key).or_insert_with(|| (heard.said.clone(), truth, Vec::new())).2.push(heard);
        }
        if groups.is_empty() {
            return Ok(());
        }
        let reminded: BTreeSet<_> = decision::reminded(self.pass.db, &round.run_id).await?.into_iter().collect();
        for (said, truth, heard) in groups.into_values() {
            let changed = self.changed(&said, &truth, &reminded, percent).await?;
            let catalog = Catalog::of(self.pack, said.until, self.today);
            let code = self.code(&truth.run_id).await?;
            let mut of: BTreeMap<&str, Vec<&Restated>> = BTreeMap::new();
            for restated in &changed {
                match catalog.recipient_of(&restated.said.unit_id).filter(|head| written_to.contains(&head.id)) {
                    Some(recipient) => of.entry(&recipient.id).or_default().push(restated),
                    None => found.alarms.push(unreached(&catalog, round, restated)),
                }
            }
            for heard in heard {
                let (key, held) = self.waiting(round, &truth, &heard.recipient);
                let page = words::Page { catalog: &catalog, until: said.until, code: &code, letter_on: heard.on };
                let letter = of.get(heard.recipient.as_str()).and_then(|changed| page.letter(&key, changed));
                let kept = letter.as_ref().map(|_| key.as_str());
                found.stale.extend(held.filter(|entry| !words::is_under(entry, kept)).map(|entry| entry.id.clone()));
                found.letters.extend(letter);
            }
        }
        Ok(())
    }

    async fn changed(
        &mut self,
        said: &DoneRound,
        truth: &DoneRound,
        reminded: &BTreeSet<(UnitId, IndicatorId)>,
        percent: u64,
    ) -> Result<Vec<Restated>, DbError> {
        if !self.truths.contains_key(&truth.run_id) {
            self.truths.insert(truth.run_id.clone(), evaluation::judged(self.pass.db, &truth.run_id).await?);
        }
        let now = self.truths.get(&truth.run_id).map(Vec::as_slice).unwrap_or_default();
        Ok(evaluation::restated(&evaluation::judged(self.pass.db, &said.run_id).await?, now, reminded, percent))
    }

    /// What the reader of `entry`, a reminder of `round`, was told last.
    async fn heard(&mut self, round: &DoneRound, entry: &Entry) -> Result<Heard, DbError> {
        let recipient = entry.recipient.clone();
        let told = |state| matches!(state, State::Ready | State::Sending | State::Sent | State::Uncertain);
        let mine = self.written.iter().filter(|one| told(one.state) && words::is_about(one, &recipient, &round.run_id));
        let corrected = mine.max_by_key(|entry| entry.created_at).and_then(|entry| {
            let later = entry.dedup_key.rsplit('/').next()?;
            let said = self.rounds.iter().find(|round| round.run_id == later)?.clone();
            Some(Heard { recipient: recipient.clone(), said, on: left_on(entry) })
        });
        match corrected {
            Some(heard) => Ok(heard),
            None => Ok(Heard { recipient, said: self.figures_in(round, entry).await?, on: left_on(entry) }),
        }
    }

    /// The round whose figures a reminder of `round` speaks of: another one, when it waited for a second person and was
    /// written anew meanwhile.
    async fn figures_in(&mut self, round: &DoneRound, entry: &Entry) -> Result<DoneRound, DbError> {
        let left = entry.settled_at.unwrap_or(entry.created_at);
        let meanwhile = |other: &&DoneRound| other.started_at > round.started_at && other.started_at < left;
        let others: Vec<DoneRound> = self.rounds.iter().filter(meanwhile).cloned().collect();
        if others.is_empty() {
            return Ok(round.clone());
        }
        let Some((_, content, _)) = outbox::show(self.pass.db, &entry.id).await? else { return Ok(round.clone()) };
        let spoken = serde_json::from_str::<Message>(&content).map(|message| message.figures).unwrap_or_default();
        if self.code(&round.run_id).await? == spoken {
            return Ok(round.clone());
        }
        for other in others.into_iter().rev() {
            if self.code(&other.run_id).await? == spoken {
                return Ok(other);
            }
        }
        Ok(round.clone())
    }

    async fn code(&mut self, run_id: &str) -> Result<String, DbError> {
        if let Some(code) = self.codes.get(run_id) {
            return Ok(code.clone());
        }
        let code = record::figures_code(self.pass.db, run_id).await?;
        self.codes.insert(run_id.to_owned(), code.clone());
        Ok(code)
    }

    /// The end of the key of a correction by `truth`, and the corrections to the same reader that still wait.
    fn waiting(&self, round: &DoneRound, truth: &DoneRound, recipient: &str) -> (String, impl Iterator<Item = &Entry>) {
        let (recipient, run_id) = (recipient.to_owned(), round.run_id.clone());
        let key = format!("{run_id}/{}", truth.run_id);
        let held = self.written.iter().filter(|entry| entry.state == State::Held);
        (key, held.filter(move |entry| words::is_about(entry, &recipient, &run_id)))
    }
}

/// The day on which it left.
fn left_on(entry: &Entry) -> NaiveDate {
    local_date(entry.settled_at.unwrap_or(entry.created_at))
}

fn unreached(catalog: &Catalog, round: &DoneRound, restated: &Restated) -> String {
    let unit = &restated.said.unit_id;
    let code = catalog.unit(unit).map_or(unit.as_str(), |unit| unit.code.as_str());
    format!(
        "unit {code} was reminded as of {} on figures that were corrected, and whoever got that letter does not answer for it any \
         more: nothing is written\n  remedy: `dondoc restated` shows the figures; tell its head yourself",
        round.as_of
    )
}
