//! Every letter that heads could get, for checking that each keeps to a limit. Stores and sends nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::round::{fetch_and_judge, figures, signer, view};
use super::{Gate, Pass, PassError};
use crate::catalog::{self, Catalog, Recipient, UnitId};
use crate::decision::{Policy, Terms, Tone, case_id};
use crate::evaluation::{Evaluation, Standing};
use crate::message::{Draft, Notice, compose};
use crate::reply::Signer;

/// Letters that are in memory at once.
const AT_ONCE: usize = 256;

/// Reminders that are written of each case: the first ones, and one whose number has a digit more.
const REMINDERS: [u32; 4] = [1, 2, 3, 10];

/// One letter that a head could get.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Official code of its first unit.
    pub unit: String,
    /// How it speaks.
    pub tone: Tone,
    /// The how-manieth reminder it is.
    pub reminder: u32,
    /// `name@sha256-prefix` of our template, or `built-in` when the template failed.
    pub template: String,
    /// The parameters of a template of Zalo, by our names.
    pub zalo: BTreeMap<String, String>,
}

/// Every reminder that each head could get by the policy: the first, repeats and formal letters, about all of his units and
/// about each alone. A head whose figures are all on target gets letters about these, which are as long.
///
/// # Errors
/// [`PassError`].
pub async fn letters(pass: &Pass<'_>, as_of: NaiveDate, now: DateTime<Utc>) -> Result<Vec<Letter>, PassError> {
    let gate = Gate::open(pass.db, pass.settings, as_of, now).await?;
    let until = gate.until();
    let catalog = view(&catalog::load(pass.db).await?, pass.settings, until, now);
    let judged = fetch_and_judge(pass, &catalog, gate).await?;
    let signer = signer(pass, as_of, now).await?;
    let policy = &pass.settings.rules.policy;
    let about = |recipient| told_of(recipient, &judged.evaluations).into_iter().map(move |told| (recipient, told));
    let occasions = catalog.recipients.iter().flat_map(about);
    let drafts: Vec<Draft<'_>> = occasions
        .flat_map(|(recipient, told)| {
            let link = link(signer.as_ref(), recipient, &told, as_of);
            let kinds = kinds(policy, &catalog, &told);
            let draft = move |(reminder, tone)| Draft {
                notice: Notice::Reminder(tone),
                step: reminder,
                previous: (reminder > 1).then_some(until),
                link: link.clone(),
                ..Draft::first(recipient, told.clone())
            };
            kinds.into_iter().map(draft)
        })
        .collect();
    pass.renderer.ready().await?;
    let told = figures(until, &judged.examined.observations.snapshots);
    let mut letters = Vec::with_capacity(drafts.len());
    for drafts in drafts.chunks(AT_ONCE) {
        let composed = compose(pass.renderer, &catalog, drafts, &told).await;
        letters.extend(drafts.iter().zip(composed).filter_map(|(draft, composed)| {
            let Notice::Reminder(tone) = draft.notice else { return None };
            let unit = draft.evaluations.first().and_then(|one| catalog.unit(&one.unit))?;
            let (template, zalo) = (composed.message.template, composed.message.zalo);
            Some(Letter { unit: unit.code.clone(), tone, reminder: draft.step, template, zalo })
        }));
    }
    Ok(letters)
}

/// What letters to `recipient` are about: all of his figures, and those of each unit alone where he has several.
fn told_of<'e>(recipient: &Recipient, evaluations: &'e [Evaluation]) -> Vec<Vec<&'e Evaluation>> {
    let of = |units: &[UnitId]| {
        let own = evaluations.iter().filter(|one| units.contains(&one.unit));
        let judged = own.filter(|one| !matches!(one.standing, Standing::NotAssessed(_)));
        let (below, met): (Vec<_>, Vec<_>) = judged.partition(|one| matches!(one.standing, Standing::Below(_)));
        if below.is_empty() { met } else { below }
    };
    let alone = recipient.units.iter().filter(|_| recipient.units.len() > 1).map(std::slice::from_ref);
    let all = std::iter::once(recipient.units.as_slice()).chain(alone).map(of);
    all.filter(|told| !told.is_empty()).collect()
}

/// How the reminders of `told` speak, by the terms of its units and indicators.
fn kinds(policy: &Policy, catalog: &Catalog, told: &[&Evaluation]) -> BTreeSet<(u32, Tone)> {
    let terms = told.iter().filter_map(|one| Some(policy.terms(catalog, catalog.unit(&one.unit)?, &one.indicator.id)));
    terms.flat_map(|terms| reminders(&terms)).collect()
}

/// The reminders of one case: their numbers and tones.
fn reminders(terms: &Terms) -> Vec<(u32, Tone)> {
    let steps = terms.ladder.iter().map(|step| step.from);
    let numbers: BTreeSet<u32> = REMINDERS.into_iter().chain(steps).collect();
    let tone = |number| Some((number, terms.ladder.get(terms.rung(number, 0))?.tone));
    numbers.into_iter().filter_map(tone).collect()
}

/// A link as long as that of the letter itself.
fn link(signer: Option<&Signer<'_>>, recipient: &Recipient, told: &[&Evaluation], as_of: NaiveDate) -> Option<String> {
    let cases: Vec<_> = told.iter().map(|one| case_id(&one.unit, &one.indicator.id, as_of)).collect();
    signer?.link(recipient, &cases)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::decision::Step;

    #[test]
    fn every_step_of_the_policy_is_written_and_repeats_with_one_and_two_digits() {
        let usual = Terms::default();
        let wanted = [(1, Tone::First), (2, Tone::Repeat), (3, Tone::Repeat), (10, Tone::Repeat)];
        assert_eq!(reminders(&usual), wanted);
        let formal = Step { tone: Tone::Formal, from: 4, ..usual.ladder[1].clone() };
        let ladder: Arc<[Step]> = usual.ladder.iter().cloned().chain([formal]).collect();
        let firmer = reminders(&Terms { ladder, ..usual });
        assert_eq!(firmer[..3], wanted[..3]);
        assert_eq!(firmer[3..], [(4, Tone::Formal), (10, Tone::Formal)]);
    }
}
