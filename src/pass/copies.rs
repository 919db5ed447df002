//! What superiors hear: one message per superior and round about all units of theirs whose step says so.
//!
//! A case remembers that its superior has still to hear of its last reminder, so that a round that dies between the
//! reminders and the copies loses none: the next round writes them.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::batch::{self, Way};
use super::judge::Judged;
use super::writer::Writer;
use crate::catalog::{Catalog, Recipient, UnitId};
use crate::decision::{CaseMove, Decision};
use crate::evaluation::{Evaluation, Standing};
use crate::message::{Draft, Notice, compose};
use crate::outbox::NewEntry;

/// The copies of a round.
#[derive(Debug, Default)]
pub(super) struct Copies {
    pub(super) entries: Vec<NewEntry>,
    /// Cases that owe nothing any more once the entries are stored.
    pub(super) cases: Vec<Uuid>,
    pub(super) alarms: Vec<String>,
}

/// A case whose superior has still to hear of it.
struct Owed<'a> {
    evaluation: &'a Evaluation,
    case: Uuid,
    reminders: u32,
}

impl Writer<'_> {
    /// Writes what superiors have to hear after this round's reminders.
    pub(super) async fn copies(&self, judged: &Judged, decisions: &[Decision]) -> Copies {
        let mut copies = Copies::default();
        let mut by_superior: BTreeMap<&str, (&Recipient, Vec<Owed<'_>>)> = BTreeMap::new();
        for (evaluation, decision) in judged.evaluations.iter().zip(decisions) {
            let Some(owed) = self.owed(evaluation, decision) else { continue };
            copies.cases.push(owed.case);
            if !matches!(evaluation.standing, Standing::Below(_)) {
                continue;
            }
            match superior(self.catalog, &evaluation.unit) {
                Some(superior) => by_superior.entry(&superior.id).or_insert((superior, Vec::new())).1.push(owed),
                None => copies.alarms.push(format!(
                    "nobody above {} hears that it was reminded again\n  remedy: name the head of the unit above it in the \
                     contacts, or take `copy_to_superior` out of the step",
                    self.catalog.last_name(&evaluation.unit)
                )),
            }
        }
        let by_superior: Vec<_> = by_superior.into_values().collect();
        let drafts: Vec<Draft<'_>> = by_superior.iter().map(|(superior, owed)| draft(superior, owed)).collect();
        let composed = compose(self.pass.renderer, self.catalog, &drafts, self.figures).await;
        for ((superior, owed), composed) in by_superior.iter().zip(composed) {
            let key = |channel: &str| dedup_key(superior, channel, owed);
            let way = Way { dedup_key: &key, channels: &[], hold: self.lock, avoid: self.avoid };
            let entries = batch::entries(self.catalog, self.pass.settings, superior, &composed, &way);
            if entries.is_empty() {
                copies.alarms.push(format!("no channel reaches {}", superior.title));
            }
            copies.entries.extend(entries);
            copies.alarms.extend(composed.alarm);
        }
        copies
    }

    /// The case of a decision when its superior has still to hear of it: of this round or of one that died.
    fn owed<'a>(&self, evaluation: &'a Evaluation, decision: &Decision) -> Option<Owed<'a>> {
        let open = self.history.open.get(&(decision.unit.clone(), decision.indicator.clone()));
        let now = matches!(decision.case, CaseMove::Open | CaseMove::Remind);
        let due = (now && decision.step().is_some_and(|step| step.copy)) || open.is_some_and(|case| case.copy_due);
        let case = batch::case_of(decision, self.history, self.as_of);
        due.then_some(Owed { evaluation, case, reminders: decision.reminders_before + u32::from(now) })
    }

    /// What a copy that waits for a second person would say by the figures of this round: of the superior's units those
    /// that are still below after a reminder of which he hears. `None`: of none.
    pub(super) fn copy_by_now<'d>(
        &'d self,
        superior_id: &str,
        judged: &'d Judged,
        decisions: &[Decision],
    ) -> Option<Draft<'d>> {
        let recipient = self.catalog.recipients.iter().find(|recipient| recipient.id == superior_id)?;
        let is_told = |unit: &UnitId| superior(self.catalog, unit).is_some_and(|above| above.id == superior_id);
        let owed: Vec<Owed<'d>> = judged
            .evaluations
            .iter()
            .zip(decisions)
            .filter(|(evaluation, _)| matches!(evaluation.standing, Standing::Below(_)) && is_told(&evaluation.unit))
            .filter_map(|(evaluation, decision)| {
                let case = self.history.open.get(&(decision.unit.clone(), decision.indicator.clone()))?;
                let last = decision.terms.ladder.get(decision.terms.rung(case.reminders, case.raised))?;
                let told = case.reminders > 0 && last.copy;
                told.then_some(Owed { evaluation, case: case.id, reminders: case.reminders })
            })
            .collect();
        (!owed.is_empty()).then(|| draft(recipient, &owed))
    }

    /// The names of the steps reached in this round at which it is time for an official letter, as a line for the admins.
    pub(super) fn letters_due(&self, decisions: &[Decision]) -> Option<String> {
        let due = decisions.iter().filter(|decision| decision.step().is_some_and(|step| step.letter));
        let mut units: Vec<String> = due.map(|decision| self.catalog.last_name(&decision.unit)).collect();
        units.dedup();
        let (first, more) = (units.first()?, units.len() - 1);
        let others = if more == 0 { String::new() } else { format!(" và {more} đơn vị khác") };
        Some(format!("Đến bước gửi công văn đôn đốc: {first}{others}. Danh sách: dondoc case list"))
    }
}

/// Who is above the head of `unit`; nobody when one person holds both offices.
pub(super) fn superior<'c>(catalog: &'c Catalog, unit: &UnitId) -> Option<&'c Recipient> {
    let own = catalog.recipient_of(unit).map(|recipient| &recipient.id);
    let above = catalog.recipient_of(catalog.unit(unit)?.parent.as_ref()?)?;
    (own != Some(&above.id)).then_some(above)
}

fn draft<'a>(superior: &'a Recipient, owed: &[Owed<'a>]) -> Draft<'a> {
    let step = owed.iter().map(|owed| owed.reminders).max().unwrap_or(1);
    let evaluations = owed.iter().map(|owed| owed.evaluation).collect();
    Draft { notice: Notice::Copy, step, ..Draft::first(superior, evaluations) }
}

/// `copy/<offices>/<channel>/<cases and reminders>`: stable ids only, so that a rerun meets its own row.
fn dedup_key(superior: &Recipient, channel: &str, owed: &[Owed<'_>]) -> String {
    const COPIES: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0007);
    let mut cases: Vec<String> = owed.iter().map(|owed| format!("{}:{}", owed.case, owed.reminders)).collect();
    cases.sort();
    format!("copy/{}/{channel}/{}", superior.id, Uuid::new_v5(&COPIES, cases.join(" ").as_bytes()))
}
