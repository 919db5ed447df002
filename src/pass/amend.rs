//! Messages that wait for a second person, under the figures of a later round: one about a shortfall that is none any
//! more is taken back, one whose numbers changed is written anew. Either voids the word that was asked for.

use std::collections::HashMap;

use super::Round;
use super::batch::case_of;
use super::judge::Judged;
use super::writer::Writer;
use crate::catalog::UnitId;
use crate::db::{DbError, Work};
use crate::decision::{CaseMove, Decision, Hold, Outcome};
use crate::evaluation::Evaluation;
use crate::message::{Draft, Message, compose};
use crate::outbox::{self, Waiting};

/// What the new figures do to the messages that wait.
#[derive(Debug, Default)]
pub(super) struct Amendments {
    /// Entries to take back.
    untrue: Vec<String>,
    /// Entries to the head of a unit that is no more.
    gone: Vec<String>,
    /// Thanks to a head one of whose figures fell below anew.
    fallen: Vec<String>,
    /// Entries with their new content.
    anew: Vec<(Waiting, String)>,
}

type Judgement<'j> = (&'j Evaluation, &'j Decision);

impl Writer<'_> {
    /// Compares what waits with what was judged now.
    pub(super) async fn amendments(&self, judged: &Judged, decisions: &[Decision]) -> Result<Amendments, DbError> {
        let reminders = outbox::waiting(self.pass.db, "reminder/").await?;
        let copies = outbox::waiting(self.pass.db, "copy/").await?;
        let thanks = outbox::waiting(self.pass.db, "thanks/").await?;
        let mut amendments = Amendments::default();
        if reminders.is_empty() && copies.is_empty() && thanks.is_empty() {
            return Ok(amendments);
        }
        let mut told: HashMap<&str, Vec<Judgement<'_>>> = HashMap::new();
        for judgement in judged.evaluations.iter().zip(decisions) {
            if let Some(recipient) = self.catalog.recipient_of(&judgement.0.unit) {
                told.entry(&recipient.id).or_default().push(judgement);
            }
        }
        let (mut entries, mut drafts) = (Vec::new(), Vec::new());
        for entry in reminders {
            let judgements = told.get(entry.recipient_id.as_str()).map(Vec::as_slice).unwrap_or_default();
            let on_target = |(_, decision): &Judgement<'_>| {
                matches!(decision.outcome, Outcome::Hold(Hold::Met | Hold::Recovered | Hold::InstructionOnly))
            };
            if judgements.is_empty() && self.is_gone(&entry.recipient_id) {
                amendments.gone.push(entry.id);
            } else if !judgements.is_empty() && judgements.iter().all(on_target) {
                amendments.untrue.push(entry.id);
            } else if let Some(draft) = self.first_reminder(judgements) {
                entries.push(entry);
                drafts.push(draft);
            }
        }
        for entry in copies {
            match self.copy_by_now(&entry.recipient_id, judged, decisions) {
                Some(draft) => {
                    entries.push(entry);
                    drafts.push(draft);
                }
                None => amendments.untrue.push(entry.id),
            }
        }
        let falls = |(_, decision): &Judgement<'_>| matches!(decision.case, CaseMove::Open | CaseMove::Watch);
        let fallen = |entry: &Waiting| told.get(entry.recipient_id.as_str()).is_some_and(|told| told.iter().any(falls));
        amendments.fallen.extend(thanks.into_iter().filter(fallen).map(|entry| entry.id));
        let composed = compose(self.pass.renderer, self.catalog, &drafts, self.figures).await;
        for (entry, composed) in entries.into_iter().zip(composed) {
            let frozen = serde_json::from_str::<Message>(&entry.content);
            if !frozen.is_ok_and(|frozen| composed.message.says_the_same_as(&frozen)) {
                let content = serde_json::to_string(&composed.message).unwrap_or_default();
                amendments.anew.push((entry, content));
            }
        }
        Ok(amendments)
    }

    /// Whether every office of the recipient (`07201/head+07204/head`) belongs to a unit that is no more.
    fn is_gone(&self, recipient_id: &str) -> bool {
        let unit = |office: &str| UnitId::new(office.rsplit_once('/').map_or(office, |(unit, _)| unit));
        recipient_id.split('+').all(|office| self.catalog.is_dissolved(&unit(office)))
    }

    /// The first reminder about these judgements as it reads now. A repeat is left as it is: it names an earlier letter.
    fn first_reminder<'j>(&'j self, judgements: &[Judgement<'j>]) -> Option<Draft<'j>> {
        let below = |judgement: &&Judgement<'_>| judgement.1.outcome == Outcome::Hold(Hold::TooSoon);
        let evaluations: Vec<&Evaluation> =
            judgements.iter().filter(below).map(|(evaluation, _)| *evaluation).collect();
        let once = judgements.iter().all(|(_, decision)| !decision.is_reminder() && decision.reminders_before <= 1);
        let recipient = self.catalog.recipient_of(&evaluations.first()?.unit)?;
        if !once {
            return None;
        }
        let cases = judgements.iter().filter(below).map(|(_, decision)| case_of(decision, self.history, self.as_of));
        let link = self.link(recipient, &cases.collect::<Vec<_>>());
        Some(Draft { link, ..Draft::first(recipient, evaluations) })
    }

    /// Stores the amendments and says so.
    pub(super) async fn amend(
        &self,
        work: &mut Work,
        round: &mut Round,
        amendments: &Amendments,
    ) -> Result<(), DbError> {
        const WHY: &str = "the figures changed before it was approved: nothing is below target any more";
        const FALLEN: &str = "the figures changed before it was approved: a figure is below target again";
        const GONE: &str = "the unit is no more; who took over is reminded instead";
        let (mut taken_back, mut written) = (0, 0);
        for id in &amendments.untrue {
            taken_back += u32::from(outbox::cancel(work, id, WHY, self.now).await?);
        }
        for id in &amendments.fallen {
            taken_back += u32::from(outbox::cancel(work, id, FALLEN, self.now).await?);
        }
        for id in &amendments.gone {
            taken_back += u32::from(outbox::cancel(work, id, GONE, self.now).await?);
        }
        for (entry, content) in &amendments.anew {
            written += u32::from(outbox::rewrite(work, entry, content).await?);
        }
        if taken_back + written > 0 {
            round.alarm(format!(
                "{written} waiting message(s) were written anew and {taken_back} taken back because the figures or \
                 the units changed\n  remedy: look with `dondoc outbox list --state held`, then `dondoc approve`"
            ));
        }
        Ok(())
    }
}
