//! Indicators with their formula, targets with their legal basis and how long they hold; adding a dated target.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use chrono::{Days, NaiveDate};

use super::catalogue::Tongue;
use super::form::Form;
use super::page::{Failure, Frame, Place, again, on_to, page};
use super::session::Visitor;
use super::target_form::{Typed, choices};
use super::{Site, figure_words, words};
use crate::app::{Foreseen, TargetError, today};
use crate::catalog::{
    self, Comparator, Demand, Indicator, IndicatorKind, LegalBasis, Level, Listed, Measure, Pack, Problem, Scope,
    Target,
};
use crate::people::Action;

/// So long before its end a target is warned of.
const WARNED: Days = Days::new(30);

/// A target in words.
struct Line {
    name: String,
    value: String,
    scope: String,
    basis: String,
    span: String,
    /// Whether it is in force, and how loudly that is said.
    standing: &'static str,
    tone: &'static str,
    warning: String,
}

/// An indicator with its targets.
struct Shown {
    name: String,
    formula: String,
    notes: Vec<&'static str>,
    lines: Vec<Line>,
    /// Whether no target holds today.
    without: bool,
}

#[derive(Template)]
#[template(path = "targets.html")]
struct TargetsPage {
    frame: Frame,
    done: bool,
    shown: Vec<Shown>,
    may: bool,
    form: TargetForm,
}

/// The form as it is shown.
#[derive(Debug, Default)]
pub(super) struct TargetForm {
    pub(super) typed: Typed,
    pub(super) indicators: Vec<(String, String, bool)>,
    pub(super) scopes: Vec<(String, String, bool)>,
    /// What is wrong, by the name of the field; one without a field concerns all.
    pub(super) wrong: Vec<(&'static str, String)>,
    /// What it would change, once it was asked.
    pub(super) foreseen: Option<String>,
}

impl TargetForm {
    /// What is wrong with a field.
    pub(super) fn wrong_with(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(known, _)| *known == field).map(|(_, words)| words.as_str())
    }
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        let done = query.is_some_and(|query| query.contains("xong=them"));
        let pack = catalog::load(&site.db).await?;
        page(&shown(&site, &visitor, &pack, (done, Typed::default(), Vec::new(), None)).await?)
    };
    site.answer(answer.await)
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    pack: &Pack,
    (done, typed, wrong, foreseen): (bool, Typed, Vec<(&'static str, String)>, Option<String>),
) -> Result<TargetsPage, Failure> {
    let (day, t) = (today(site.clock.now()), visitor.tongue);
    let listed = catalog::present(&site.db, day).await?;
    let one = |indicator: &Indicator| {
        let own = |target: &&Target| {
            target.indicator == indicator.id
                && (target.version == indicator.definition.version || target.version.is_empty())
        };
        let mut targets: Vec<&Target> = pack.targets.iter().filter(own).collect();
        targets.sort_by_key(|target| std::cmp::Reverse(target.valid.from));
        Shown {
            name: indicator.name.clone(),
            formula: formula(t, indicator),
            notes: notes(t, indicator),
            without: !targets.iter().any(|target| target.valid.covers(day)),
            lines: targets.into_iter().map(|target| line(t, target, &listed, day)).collect(),
        }
    };
    let (indicators, scopes) = choices(t, pack, &typed);
    Ok(TargetsPage {
        frame: Frame::told(site, visitor, Place::Targets, "target.title"),
        done,
        shown: pack.indicators.iter().map(one).collect(),
        may: visitor.may(Action::Edit) && visitor.sees_all(),
        form: TargetForm { typed, indicators, scopes, wrong, foreseen },
    })
}

/// What is counted over what.
fn formula(t: Tongue, indicator: &Indicator) -> String {
    let also = indicator.definition.also.iter().map(|measure| format!(" + {}", measure_words(t, measure)));
    format!(
        "{}{} ÷ {}",
        measure_words(t, &indicator.numerator),
        also.collect::<String>(),
        measure_words(t, &indicator.denominator)
    )
}

fn notes(t: Tongue, indicator: &Indicator) -> Vec<&'static str> {
    let window = match indicator.definition.window {
        catalog::Window::Cumulative => "target.cumulative",
        catalog::Window::Month => "target.by_month",
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

fn line(t: Tongue, target: &Target, listed: &[Listed], day: NaiveDate) -> Line {
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
        name: target.name.clone(),
        value: if target.pro_rated { t.with("target.pro_rated_too", value) } else { value },
        scope: scope_words(t, &target.scope, listed),
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

/// A problem of the catalog in the words of the pages; one that has no code as the room says it.
pub(super) fn problem_words(t: Tongue, problem: &Problem) -> String {
    let key = match problem.code {
        "overlap" => "target.problem_overlap",
        "same_id" => "target.problem_same_id",
        "no_indicator" => "target.problem_indicator",
        "no_unit" => "target.problem_unit",
        "text" => "target.problem_text",
        _ => return problem.message.clone(),
    };
    t.say(key).to_owned()
}

/// Shows first what the target would change, then adds it.
pub(super) async fn add(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = added(&site, &visitor, &form).await;
    site.answer(answer)
}

async fn added(site: &Site, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let (app, pack, typed) = (site.app()?, catalog::load(&site.db).await?, Typed::of(form));
    let target = match typed.target(visitor.tongue, &pack) {
        Ok(target) => target,
        Err(wrong) => return again(&shown(site, visitor, &pack, (false, typed, wrong, None)).await?),
    };
    if form.text("chac") == "1" {
        match app.add_target(target, &visitor.by()).await {
            Ok(()) => return Ok(on_to("/chi-tieu?xong=them")),
            Err(TargetError::Problems(problems)) => {
                let wrong = problems.iter().map(|problem| ("", problem_words(visitor.tongue, problem))).collect();
                return again(&shown(site, visitor, &pack, (false, typed, wrong, None)).await?);
            }
            Err(TargetError::App(error)) => return Err(error.into()),
        }
    }
    let foreseen = foreseen_words(visitor.tongue, app.foresee(&target).await?);
    page(&shown(site, visitor, &pack, (false, typed, Vec::new(), Some(foreseen))).await?)
}

fn foreseen_words(t: Tongue, foreseen: Option<Foreseen>) -> String {
    let Some(Foreseen { units, met_now, met_then }) = foreseen.filter(|one| one.units > 0) else {
        return t.say("target.no_figures").to_owned();
    };
    let numbers = [units, met_now, units - met_now, met_then, units - met_then].map(words::grouped);
    let [all, now, not_now, then, not_then] = &numbers;
    t.with_all("target.foreseen", &[all, now, not_now, then, not_then])
}
