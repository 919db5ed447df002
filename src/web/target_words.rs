//! Targets and indicators in words: what is counted, what is demanded of whom and since when, and why something was not done.

use chrono::{Days, NaiveDate};

use super::catalogue::Tongue;
use super::page::Failure;
use super::{figure_words, words};
use crate::app::{Foreseen, TargetError};
use crate::catalog::{
    Comparator, Demand, Indicator, IndicatorKind, LegalBasis, Level, Listed, Measure, Problem, Scope, Target, Window,
};

/// So long before its end a target is warned of.
const WARNED: Days = Days::new(30);

/// A target in words.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) scope: String,
    /// Whether that is the name of a unit.
    pub(super) of_unit: bool,
    pub(super) basis: String,
    pub(super) span: String,
    /// Whether it is in force, and how loudly that is said.
    pub(super) standing: &'static str,
    pub(super) tone: &'static str,
    pub(super) warning: String,
    /// The days between which it can end early, for whoever may: first and last, and what stands in the field.
    pub(super) ends_early: Option<(String, String, String)>,
    /// Whether it was added here and nothing was judged by it.
    pub(super) undoable: bool,
}

/// What is counted over what.
pub(super) fn formula(t: Tongue, indicator: &Indicator) -> String {
    let also = indicator.definition.also.iter().map(|measure| format!(" + {}", measure_words(t, measure)));
    format!(
        "{}{} ÷ {}",
        measure_words(t, &indicator.numerator),
        also.collect::<String>(),
        measure_words(t, &indicator.denominator)
    )
}

pub(super) fn notes(t: Tongue, indicator: &Indicator) -> Vec<&'static str> {
    let window = match indicator.definition.window {
        Window::Cumulative => "target.cumulative",
        Window::Month => "target.by_month",
    };
    let kind = match indicator.kind {
        IndicatorKind::Flow => "target.flow",
        IndicatorKind::Backlog => "target.backlog",
        IndicatorKind::Coverage => "target.coverage",
    };
    vec![t.say(window), t.say(kind)]
}

/// What a count is called.
fn measure_words(t: Tongue, measure: &Measure) -> String {
    let key = match measure.as_str() {
        "received" => "target.received",
        "received_online" => "target.received_online",
        "results_due" => "target.results_due",
        "results_electronic" => "target.results_electronic",
        "results_digitised" => "target.results_digitised",
        "results_valid" => "target.results_valid",
        "fee_transactions" => "target.fee_transactions",
        "paid_on_portal" => "target.paid_on_portal",
        "paid_on_provincial_portal" => "target.paid_on_provincial_portal",
        "paid_cashless_other" => "target.paid_cashless_other",
        "paid_cash" => "target.paid_cash",
        "unpaid_or_exempt" => "target.unpaid_or_exempt",
        "not_online" => "target.not_online",
        "services_online" => "target.services_online",
        "services_online_with_dossiers" => "target.services_online_with_dossiers",
        other => return other.replace('_', " "),
    };
    t.say(key).to_owned()
}

pub(super) fn line(t: Tongue, target: &Target, listed: &[Listed], day: NaiveDate) -> Line {
    let date = |date: NaiveDate| words::local_date(&date.to_string());
    let (standing, tone) = match (target.valid.from, target.valid.to) {
        (_, Some(to)) if to < day => ("target.expired", "bad"),
        (Some(from), _) if from > day => ("target.not_yet", "wait"),
        _ => ("target.in_force", ""),
    };
    let ends = target.valid.to.filter(|to| tone.is_empty() && *to <= day + WARNED);
    let span = match (target.valid.from, target.valid.to) {
        (Some(from), Some(to)) => format!("{} – {}", date(from), date(to)),
        (Some(from), None) => t.with("target.since", date(from)),
        (None, Some(to)) => t.with("target.until", date(to)),
        (None, None) => t.say("target.open_ended").to_owned(),
    };
    let demanded = match (target.demand, target.comparator) {
        (Demand::Target, Comparator::AtLeast) => "target.target_at_least",
        (Demand::Target, Comparator::MoreThan) => "target.target_more_than",
        (Demand::Instruction, Comparator::AtLeast) => "target.instruction_at_least",
        (Demand::Instruction, Comparator::MoreThan) => "target.instruction_more_than",
    };
    let value = t.with(demanded, target.value.to_string().replace('.', ","));
    let LegalBasis { number, date: issued, issuer } = &target.basis;
    Line {
        id: target.id.as_str().to_owned(),
        ends_early: None,
        undoable: false,
        name: target.name.clone(),
        value: if target.pro_rated { t.with("target.pro_rated_too", value) } else { value },
        scope: scope_words(t, &target.scope, listed),
        of_unit: matches!(target.scope, Scope::Unit(_)),
        basis: match issued {
            Some(issued) => t.with3("target.basis_dated", number, date(*issued), issuer),
            None => t.with2("target.basis_undated", number, issuer),
        },
        span,
        standing: t.say(standing),
        tone: if ends.is_some() { "wait" } else { tone },
        warning: ends.map(|to| t.with("target.ends_soon", date(to))).unwrap_or_default(),
    }
}

/// Whom a target binds.
fn scope_words(t: Tongue, scope: &Scope, listed: &[Listed]) -> String {
    match scope {
        Scope::Unit(id) => {
            listed.iter().find(|unit| unit.id == *id).map_or_else(|| id.to_string(), |unit| unit.name.clone())
        }
        group => group_words(t, group).to_owned(),
    }
}

/// What the units of a scope are called together; of a single unit nothing is known here.
pub(super) fn group_words(t: Tongue, scope: &Scope) -> &'static str {
    t.say(match scope {
        Scope::All | Scope::Unit(_) => "target.all_units",
        Scope::Level(Level::Province) => "target.of_province",
        Scope::Level(Level::Department) => "target.of_departments",
        Scope::Level(Level::District) => "target.of_districts",
        Scope::Level(Level::Commune) => "target.of_communes",
        Scope::Kind(kind) => return figure_words::kinds(t, *kind),
    })
}

/// A problem of the catalog in the words of the pages; what is not about one target as any other of a pack.
pub(super) fn problem_words(t: Tongue, problem: &Problem) -> String {
    let key = match problem.code {
        "overlap" => "target.problem_overlap",
        "same_id" => "target.problem_same_id",
        "no_indicator" => "target.problem_indicator",
        "no_unit" => "target.problem_unit",
        "text" => "target.problem_text",
        _ => return t.retold(&problem.message).text,
    };
    t.say(key).to_owned()
}

/// Why something was not done, in the words of the pages.
pub(super) fn not_done(t: Tongue, error: TargetError) -> Result<String, Failure> {
    let date = |day: NaiveDate| words::local_date(&day.to_string());
    Ok(match error {
        TargetError::App(error) => return Err(error.into()),
        TargetError::Problems(problems) => {
            problems.iter().take(3).map(|problem| problem_words(t, problem)).collect::<Vec<_>>().join(" ")
        }
        TargetError::NotThere => t.say("target.not_there").to_owned(),
        TargetError::NotThen { first, before: Some(before) } => t.with2("target.not_then", date(first), date(before)),
        TargetError::NotThen { first, before: None } => t.with("target.not_before", date(first)),
        TargetError::OfPack => t.say("target.of_pack").to_owned(),
        TargetError::Judged(day) => t.with("target.judged", date(day)),
    })
}

pub(super) fn foreseen_words(t: Tongue, foreseen: Option<Foreseen>) -> String {
    let Some(Foreseen { units, met_now, met_then }) = foreseen.filter(|one| one.units > 0) else {
        return t.say("target.no_figures").to_owned();
    };
    let numbers = [units, met_now, units - met_now, met_then, units - met_then].map(words::grouped);
    let [all, now, not_now, then, not_then] = &numbers;
    t.with_all("target.foreseen", &[all, now, not_now, then, not_then])
}
