//! One judgement below target as finished text.

use chrono::{Datelike as _, NaiveDate};

use super::context::{BasisContext, IndicatorContext, MonthContext, ServiceContext};
use super::format;
use crate::catalog::{BasisPoints, Cause, Demand, IndicatorKind, LegalBasis, Target};
use crate::evaluation::{Evaluation, Rate, Reach, Shortfall, Standing, Threshold, Trend};

/// The parts of a judgement below target.
pub(super) struct Figure<'a> {
    evaluation: &'a Evaluation,
    pub(super) rate: Rate,
    target: &'a Target,
    demanded: Threshold,
    pub(super) shortfall: &'a Shortfall,
}

impl<'a> Figure<'a> {
    pub(super) fn of(evaluation: &'a Evaluation) -> Option<Self> {
        static NOTHING: Shortfall = Shortfall {
            missing: 0,
            reach: Reach::Now,
            pace: Vec::new(),
            cause: None,
            what_if: None,
            levers: Vec::new(),
        };
        let shortfall = match &evaluation.standing {
            Standing::Below(shortfall) => shortfall,
            Standing::Met => &NOTHING,
            Standing::NotAssessed(_) => return None,
        };
        let target = evaluation.target.as_deref()?;
        let demanded = evaluation.demanded.unwrap_or_else(|| target.value.into());
        Some(Self { evaluation, rate: evaluation.rate?, target, demanded, shortfall })
    }

    pub(super) fn context(&self, bases: &mut Vec<BasisContext>, as_of: NaiveDate) -> IndicatorContext {
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
            rate: format::rate(self.shown(self.rate)),
            target: self.demanded_by_now(),
            pro_rated: self
                .demanded
                .month()
                .map(|month| format!("đến tháng {month}, cả năm {}", format::target(self.target.value))),
            demand_word: match self.target.demand {
                Demand::Target => "chỉ tiêu".to_owned(),
                Demand::Instruction => "yêu cầu".to_owned(),
            },
            missing: format::count(self.shortfall.missing),
            missing_number: self.shortfall.missing,
            footnote: (self.target.demand == Demand::Target).then(|| footnote(bases, &self.target.basis)),
            cause: cause.map(|cause| format::one_line(&cause.text)),
            action: cause.map(|cause| format::one_line(&cause.action)),
            role: cause.map(|cause| format::one_line(&cause.role)).filter(|role| !role.is_empty()),
            what_if: cause.and_then(|cause| self.what_if(cause)),
            what_if_fits: false,
            trend: self.evaluation.trend.map(|trend| trend_word(trend).to_owned()),
            turns_on_one: self.evaluation.turns_on_one && self.shortfall.missing > 0,
            turns_on_one_fits: false,
            out_of_reach: matches!(self.shortfall.reach, Reach::OutOfReach { .. }),
            reach: self.reach(&months),
            cause_fits: false,
            reach_fits: false,
            interim: self.interim(),
            interim_fits: false,
            months,
            services: self.services(),
            rank: 0,
        }
    }

    /// Hundredths of a percent; a miss never shows as a hit.
    fn shown(&self, rate: Rate) -> u64 {
        rate.rounded_beside(self.demanded, self.target.comparator)
    }

    fn demanded_by_now(&self) -> String {
        format!("{}%", self.demanded.to_string().replace('.', ","))
    }

    /// What is still possible in a year whose target is lost; none where nothing more is expected.
    fn interim(&self) -> Option<String> {
        match self.shortfall.reach {
            Reach::OutOfReach { best } if best > self.rate => Some(still_possible(best.floor())),
            _ => None,
        }
    }

    fn what_if(&self, cause: &Cause) -> Option<String> {
        let (rate, name) = (self.shortfall.what_if?, format::one_line(&cause.what_if.as_ref()?.name));
        Some(format!("Nếu tính cả {name} thì đạt {}.", format::rate(self.shown(rate))))
    }

    /// One sentence; none where the missing ones can be made good at any time.
    fn reach(&self, months: &[MonthContext]) -> Option<String> {
        match self.shortfall.reach {
            Reach::Now => None,
            Reach::OutOfReach { .. } => {
                let latest =
                    months.last().map_or_else(String::new, |month| format!("; {} đạt {}", month.label, month.rate));
                Some(lost(self.target.value, &latest))
            }
            Reach::AtRate { .. } if self.evaluation.indicator.kind == IndicatorKind::Coverage => None,
            Reach::AtRate { needed, expected } => Some(rate_needed(needed, expected)),
        }
    }

    /// The pace ends with the month of the figures' last day.
    fn months(&self, as_of: NaiveDate) -> Vec<MonthContext> {
        let pace = &self.shortfall.pace;
        let mut months = Vec::with_capacity(pace.len());
        for (before, rate) in pace.iter().rev().enumerate() {
            let before = u32::try_from(before).unwrap_or(0);
            let Some(month) = as_of.month().checked_sub(before).filter(|month| *month > 0) else { break };
            months.push(MonthContext { label: format!("tháng {month}"), rate: format::rate(self.shown(*rate)) });
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

/// What a letter says of a year's target that is out of reach; `latest` is how the last month went, maybe empty.
pub fn lost(value: BasisPoints, latest: &str) -> String {
    format!("Lũy kế {} không còn kịp trong năm{latest}.", format::target(value))
}

/// What it says of the best rate that is left, in hundredths of a percent.
pub fn still_possible(best: u64) -> String {
    format!("Cả năm còn có thể đạt tối đa {}.", format::rate(best))
}

/// What it says of the dossiers to come: of `expected` so many are `needed`.
pub fn rate_needed(needed: u64, expected: u64) -> String {
    let percent = (needed.saturating_mul(100)).div_ceil(expected.max(1));
    format!("Từ nay đến hết năm cần đạt ít nhất {percent}%.")
}

const fn trend_word(trend: Trend) -> &'static str {
    match trend {
        Trend::Rising => "tăng",
        Trend::Falling => "giảm",
        Trend::Flat => "không đổi",
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_gets_its_word_for_number_once() {
        assert_eq!(numbered("Kế hoạch 1780/KH-BCĐCĐS"), "Kế hoạch số 1780/KH-BCĐCĐS");
        assert_eq!(numbered("Nghị quyết số 01/NQ-CP"), "Nghị quyết số 01/NQ-CP");
        assert_eq!(numbered("1780/KH-BCĐCĐS"), "1780/KH-BCĐCĐS");
    }
}
