//! Gathers what one message says: evaluations and the catalog become finished text.

use std::cmp::Reverse;

use chrono::{Datelike as _, NaiveDate};

use super::context::{
    AssignmentContext, ContactContext, Context, IndicatorContext, RecipientContext, SenderContext, UnitContext,
};
use super::figure::Figure;
use super::{Figures, budget, format};
use crate::catalog::{Catalog, Level, Recipient, Unit, UnitId};
use crate::decision::Tone;
use crate::evaluation::{Evaluation, Rate};

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// To the head who answers for the units.
    Reminder(Tone),
    /// To the superior of heads who were reminded.
    Copy,
    /// To the head whose figures are on target again.
    Thanks,
}

/// What one recipient is reminded of in one round.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Who is addressed.
    pub recipient: &'a Recipient,
    /// Figures below target only (of thanks: on target only), in unit order, then indicator order; never empty.
    pub evaluations: Vec<&'a Evaluation>,
    /// Figures that are on target again, told of beside those that are not.
    pub recovered: Vec<&'a Evaluation>,
    /// What it is.
    pub notice: Notice,
    /// The how-manieth reminder, from 1.
    pub step: u32,
    /// The day on which the reminder before this one went out, as the letter names it.
    pub previous: Option<NaiveDate>,
    /// Where the recipient can answer, when that is set up.
    pub link: Option<String>,
}

impl<'a> Draft<'a> {
    /// A first reminder to `recipient` of `evaluations`.
    pub const fn first(recipient: &'a Recipient, evaluations: Vec<&'a Evaluation>) -> Self {
        Self {
            recipient,
            evaluations,
            recovered: Vec::new(),
            notice: Notice::Reminder(Tone::First),
            step: 1,
            previous: None,
            link: None,
        }
    }
}

/// The rung whose words a draft is written in: that of the recipient's first unit.
pub(super) fn level(catalog: &Catalog, draft: &Draft<'_>) -> Level {
    let first = draft.recipient.units.first().and_then(|unit| catalog.unit(unit));
    first.map_or(Level::Department, |unit| unit.kind.level())
}

/// The context of one draft.
pub(super) fn context(catalog: &Catalog, draft: &Draft<'_>, figures: &Figures) -> Context {
    let as_of = figures.until;
    let mut bases = Vec::new();
    let mut units: Vec<UnitContext> = Vec::new();
    let mut gaps = Vec::new();
    for evaluation in &draft.evaluations {
        let Some((unit, figure)) = catalog.unit(&evaluation.unit).zip(Figure::of(evaluation)) else { continue };
        gaps.push(Rate::new(figure.shortfall.missing, figure.rate.denominator()));
        let indicator = figure.context(&mut bases, as_of);
        match units.last_mut().filter(|last| last.code == unit.code) {
            Some(last) => last.indicators.push(indicator),
            None => units.push(unit_context(catalog, unit, indicator)),
        }
    }
    rank(&mut units, &gaps);
    let mut context = Context {
        sender: sender(catalog),
        recipient: RecipientContext {
            title: format::one_line(&draft.recipient.title),
            person: draft.recipient.person.as_deref().map(format::one_line),
        },
        as_of: format::date(as_of),
        as_of_short: format::day_and_month(as_of),
        figures: figures.code.clone(),
        year_from: format!("01/01/{}", as_of.year()),
        step: draft.step,
        previous: draft.previous.map(format::date),
        actions: distinct(&units, |indicator| indicator.action.as_ref()),
        assignments: assignments(&units),
        causes: distinct(&units, |indicator| indicator.cause.as_ref()),
        recovered: draft
            .recovered
            .iter()
            .filter_map(|recovered| Some(format::one_line(&recovered.target.as_ref()?.name)))
            .collect(),
        bases,
        contact: draft.recipient.units.first().and_then(|unit| contact_for(catalog, unit)),
        link: draft.link.clone(),
        units,
    };
    budget::fit(&mut context, level(catalog, draft), draft.notice);
    context
}

/// Every action once, with who is responsible where it is named first.
fn assignments(units: &[UnitContext]) -> Vec<AssignmentContext> {
    let mut assignments: Vec<AssignmentContext> = Vec::new();
    for indicator in units.iter().flat_map(|unit| &unit.indicators) {
        let Some(action) = &indicator.action else { continue };
        if assignments.iter().all(|known| known.action != *action) {
            let (action, role) = (action.clone(), indicator.role.clone().unwrap_or_default());
            assignments.push(AssignmentContext { action, role, role_fits: false });
        }
    }
    assignments
}

fn unit_context(catalog: &Catalog, unit: &Unit, first: IndicatorContext) -> UnitContext {
    let parent = unit.parent.as_ref().and_then(|parent| catalog.unit(parent));
    UnitContext {
        code: unit.code.clone(),
        name: format::one_line(&unit.name),
        authority: format::one_line(&unit.authority()),
        short: format::one_line(&unit.short_authority()),
        district: parent.filter(|parent| parent.kind.level() == Level::District).map(|parent| district(&parent.name)),
        indicators: vec![first],
    }
}

/// A district's name as it stands behind a commune's: `Yên Thế`, but `TP Bắc Giang`, for the province is called so too.
pub fn district(name: &str) -> String {
    let name = format::one_line(name);
    for (word, short) in [("Huyện ", ""), ("Thành phố ", "TP "), ("Thị xã ", "TX ")] {
        if let Some(rest) = name.strip_prefix(word) {
            return format!("{short}{rest}");
        }
    }
    name
}

/// Who speaks in every message.
pub fn sender(catalog: &Catalog) -> SenderContext {
    let sender = catalog.sender.as_ref();
    SenderContext {
        name: sender.map_or_else(|| "Cơ quan theo dõi".to_owned(), |sender| format::one_line(&sender.name)),
        sms_name: sender.map_or_else(|| "Don doc".to_owned(), |sender| format::one_line(&sender.sms_name)),
        occasion: sender.map(|sender| format::one_line(&sender.occasion)).unwrap_or_default(),
        occasion_fits: false,
    }
}

/// The person whom the head of `unit` may call.
pub fn contact_for(catalog: &Catalog, unit: &UnitId) -> Option<ContactContext> {
    let contact = catalog.focal_point_for(unit)?;
    Some(ContactContext {
        person: contact.person.as_deref().map(format::one_line),
        title: format::one_line(&contact.title),
        title_fits: false,
        phone: contact.phone.as_deref().map(format::one_line),
        phone_dial: contact.phone.as_deref().map(format::dial).filter(|digits| digits.len() > 2),
    })
}

fn distinct<'a>(units: &'a [UnitContext], part: impl Fn(&'a IndicatorContext) -> Option<&'a String>) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    for sentence in units.iter().flat_map(|unit| &unit.indicators).filter_map(part) {
        if !sentence.is_empty() && !sentences.contains(sentence) {
            sentences.push(sentence.clone());
        }
    }
    sentences
}

/// Ranks by the share of the whole that is missing: counts of dossiers and of services cannot be compared.
fn rank(units: &mut [UnitContext], gaps: &[Option<Rate>]) {
    let mut order: Vec<usize> = (0..gaps.len()).collect();
    order.sort_by_key(|at| Reverse(gaps.get(*at).copied().flatten()));
    for (at, indicator) in units.iter_mut().flat_map(|unit| &mut unit.indicators).enumerate() {
        indicator.rank = order.iter().position(|place| *place == at).unwrap_or(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_district_loses_its_kind_word_and_a_city_keeps_a_short_one() {
        assert_eq!(district("Huyện Tân Yên"), "Tân Yên");
        assert_eq!(district("Thành phố Bắc Giang"), "TP Bắc Giang");
    }
}
