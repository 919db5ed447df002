//! Gathers what one message says: evaluations and the catalog become finished text.

use std::cmp::Reverse;

use chrono::{Datelike as _, NaiveDate};

use super::context::{
    BasisContext, ContactContext, Context, IndicatorContext, MonthContext, RecipientContext, SenderContext,
    ServiceContext, UnitContext,
};
use super::{Figures, budget, format};
use crate::catalog::{Catalog, Demand, IndicatorKind, LegalBasis, Level, Recipient, Target, Unit, UnitId};
use crate::decision::Tone;
use crate::evaluation::{Evaluation, Rate, Reach, Shortfall, Standing};

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

/// The parts of a judgement below target.
struct Figure<'a> {
    evaluation: &'a Evaluation,
    rate: Rate,
    target: &'a Target,
    shortfall: &'a Shortfall,
}

impl<'a> Figure<'a> {
    fn of(evaluation: &'a Evaluation) -> Option<Self> {
        static NOTHING: Shortfall =
            Shortfall { missing: 0, reach: Reach::Now, pace: Vec::new(), cause: None, levers: Vec::new() };
        let shortfall = match &evaluation.standing {
            Standing::Below(shortfall) => shortfall,
            Standing::Met => &NOTHING,
            Standing::NotAssessed(_) => return None,
        };
        Some(Self { evaluation, rate: evaluation.rate?, target: evaluation.target.as_deref()?, shortfall })
    }

    fn context(&self, bases: &mut Vec<BasisContext>, as_of: NaiveDate) -> IndicatorContext {
        let indicator = &self.evaluation.indicator;
        let cause = self.shortfall.cause.and_then(|at| indicator.causes.get(at));
        let months = self.months(as_of);
        IndicatorContext {
            id: indicator.id.to_string(),
            name: format::one_line(&self.target.name),
            short_name: format::one_line(&indicator.short_name),
            counted: format::one_line(&indicator.counted),
            numerator: format::count(self.rate.numerator()),
            denominator: format::count(self.rate.denominator()),
            rate: format::rate(self.rate.rounded_beside(self.target.value, self.target.comparator)),
            target: format::target(self.target.value),
            demand_word: match self.target.demand {
                Demand::Target => "chỉ tiêu".to_owned(),
                Demand::Instruction => "yêu cầu".to_owned(),
            },
            missing: format::count(self.shortfall.missing),
            missing_number: self.shortfall.missing,
            footnote: (self.target.demand == Demand::Target).then(|| footnote(bases, &self.target.basis)),
            cause: cause.map(|cause| format::one_line(&cause.text)),
            action: cause.map(|cause| format::one_line(&cause.action)),
            out_of_reach: matches!(self.shortfall.reach, Reach::OutOfReach { .. }),
            reach: self.reach(&months),
            cause_fits: false,
            reach_fits: false,
            months,
            services: self.services(),
            rank: 0,
        }
    }

    /// One sentence; none where the missing ones can be made good at any time.
    fn reach(&self, months: &[MonthContext]) -> Option<String> {
        match self.shortfall.reach {
            Reach::Now => None,
            Reach::OutOfReach { .. } => {
                let latest =
                    months.last().map_or_else(String::new, |month| format!("; {} đạt {}", month.label, month.rate));
                Some(format!("Lũy kế {} không còn kịp trong năm{latest}.", format::target(self.target.value)))
            }
            Reach::AtRate { .. } if self.evaluation.indicator.kind == IndicatorKind::Coverage => None,
            Reach::AtRate { needed, expected } => {
                let percent = (needed.saturating_mul(100)).div_ceil(expected.max(1));
                Some(format!("Từ nay đến hết năm cần đạt ít nhất {percent}%."))
            }
        }
    }

    /// The pace ends with the month of the figures' last day.
    fn months(&self, as_of: NaiveDate) -> Vec<MonthContext> {
        let pace = &self.shortfall.pace;
        let mut months = Vec::with_capacity(pace.len());
        for (before, rate) in pace.iter().rev().enumerate() {
            let before = u32::try_from(before).unwrap_or(0);
            let Some(month) = as_of.month().checked_sub(before).filter(|month| *month > 0) else { break };
            let shown = rate.rounded_beside(self.target.value, self.target.comparator);
            months.push(MonthContext { label: format!("tháng {month}"), rate: format::rate(shown) });
        }
        months.reverse();
        months
    }

    fn services(&self) -> Vec<ServiceContext> {
        let named = self.shortfall.levers.iter().filter(|lever| !lever.service.is_empty());
        named
            .map(|lever| ServiceContext {
                code: format::one_line(&lever.service),
                missing: format::count(lever.missing),
            })
            .collect()
    }
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

/// The number of `basis` among the footnotes; a new one goes to the end.
fn footnote(bases: &mut Vec<BasisContext>, act: &LegalBasis) -> usize {
    let date = act.date.map(|date| format!(" ngày {}", format::date(date))).unwrap_or_default();
    let text = format::one_line(&format!("{}{date}", numbered(&act.number)));
    if let Some(known) = bases.iter().find(|known| known.text == text) {
        return known.number;
    }
    let number = bases.len() + 1;
    bases.push(BasisContext { number, text });
    number
}

/// `Kế hoạch 1780/KH-UBND` as a sentence says it: `Kế hoạch số 1780/KH-UBND`.
fn numbered(act: &str) -> String {
    if act.split_whitespace().any(|word| word == "số") {
        return act.to_owned();
    }
    let mut written = String::with_capacity(act.len() + 4);
    let mut done = false;
    for word in act.split_whitespace() {
        if !done && !written.is_empty() && word.starts_with(|c: char| c.is_ascii_digit()) {
            written.push_str("số ");
            done = true;
        }
        written.push_str(word);
        written.push(' ');
    }
    written.truncate(written.trim_end().len());
    written
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
    fn an_act_gets_its_word_for_number_once() {
        assert_eq!(numbered("Kế hoạch 1780/KH-BCĐCĐS"), "Kế hoạch số 1780/KH-BCĐCĐS");
        assert_eq!(numbered("Nghị quyết số 01/NQ-CP"), "Nghị quyết số 01/NQ-CP");
        assert_eq!(numbered("1780/KH-BCĐCĐS"), "1780/KH-BCĐCĐS");
    }

    #[test]
    fn a_district_loses_its_kind_word_and_a_city_keeps_a_short_one() {
        assert_eq!(district("Huyện Tân Yên"), "Tân Yên");
        assert_eq!(district("Thành phố Bắc Giang"), "TP Bắc Giang");
    }
}
