//! Indicators with their formula, targets with their legal basis and how long they hold; adding a dated target.

use std::collections::HashSet;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use chrono::NaiveDate;

use super::Site;
use super::form::Form;
use super::page::{Failure, Frame, Place, again, done_words, on_to, page};
use super::session::Visitor;
use super::target_form::{Typed, choices};
use super::target_words::{Line, foreseen_words, formula, line, not_done, notes};
use crate::app::{TargetError, end_target, take_target_back, today, unjudged_targets};
use crate::catalog::{self, Indicator, Pack, Target};
use crate::people::Action;

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
    done: Option<&'static str>,
    /// Why something was not done.
    wrong: Option<String>,
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
        let done = done_words(visitor.tongue, query.as_deref());
        let pack = catalog::load(&site.db).await?;
        let asked = Form::of_query(query);
        let copied = pack.targets.iter().find(|target| target.id.as_str() == asked.text("nhan-ban"));
        let typed = copied.map(Typed::copy).unwrap_or_default();
        page(&TargetsPage { done, ..shown(&site, &visitor, &pack, Asked { typed, ..Asked::default() }).await? })
    };
    site.answer(answer.await)
}

/// What was typed, what is wrong with it, and what it would change.
#[derive(Default)]
struct Asked {
    typed: Typed,
    wrong: Vec<(&'static str, String)>,
    foreseen: Option<String>,
}

async fn shown(site: &Site, visitor: &Visitor, pack: &Pack, asked: Asked) -> Result<TargetsPage, Failure> {
    let (day, t) = (today(site.clock.now()), visitor.tongue);
    let listed = catalog::present(&site.db, day).await?;
    let may = visitor.may(Action::Edit) && visitor.sees_all();
    let undoable = if may { unjudged_targets(&site.db, pack).await? } else { HashSet::new() };
    let one = |indicator: &Indicator| {
        let own = |target: &&Target| {
            target.indicator == indicator.id
                && (target.version == indicator.definition.version || target.version.is_empty())
        };
        let mut targets: Vec<&Target> = pack.targets.iter().filter(own).collect();
        targets.sort_by_key(|target| std::cmp::Reverse(target.valid.from));
        let line = |target: &Target| Line {
            ends_early: early(target, day).filter(|_| may),
            undoable: undoable.contains(&target.id),
            ..line(t, target, &listed, day)
        };
        Shown {
            name: indicator.name.clone(),
            formula: formula(t, indicator),
            notes: notes(t, indicator),
            without: !targets.iter().any(|target| target.valid.covers(day)),
            lines: targets.into_iter().map(line).collect(),
        }
    };
    let Asked { typed, wrong, foreseen } = asked;
    let (indicators, scopes) = choices(t, pack, &typed);
    Ok(TargetsPage {
        frame: Frame::told(site, visitor, Place::Targets, "target.title"),
        done: None,
        wrong: None,
        shown: pack.indicators.iter().map(one).collect(),
        may,
        form: TargetForm { typed, indicators, scopes, wrong, foreseen },
    })
}

/// The first and last day on which a target can end early, as a field takes them; `None` where there is none.
fn early(target: &Target, day: NaiveDate) -> Option<(String, String, String)> {
    let yesterday = day.pred_opt()?;
    let first = target.valid.from.map_or(yesterday, |from| from.max(yesterday));
    let last = match target.valid.to {
        Some(to) => Some(to.pred_opt().filter(|last| *last >= first)?),
        None => None,
    };
    let text = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    Some((first.to_string(), text(last), day.max(first).to_string()))
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
        Err(wrong) => return again(&shown(site, visitor, &pack, Asked { typed, wrong, foreseen: None }).await?),
    };
    if form.text("chac") == "1" {
        match app.add_target(target, &visitor.by()).await {
            Ok(()) => return Ok(on_to("/chi-tieu?xong=target_added")),
            Err(error) => {
                let wrong = vec![("", not_done(visitor.tongue, error)?)];
                return again(&shown(site, visitor, &pack, Asked { typed, wrong, foreseen: None }).await?);
            }
        }
    }
    let foreseen = Some(foreseen_words(visitor.tongue, app.foresee(&target).await?));
    page(&shown(site, visitor, &pack, Asked { typed, wrong: Vec::new(), foreseen }).await?)
}

/// Ends a target early.
pub(super) async fn end(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Response {
    let answer = async {
        let Ok(last) = form.text("ngay-cuoi").parse() else {
            let wrong = visitor.tongue.say("target.bad_date").to_owned();
            return refused(&site, &visitor, wrong).await;
        };
        let by = visitor.by();
        let ended = end_target(&site.db, &id, last, &by, site.clock.now());
        concluded(&site, &visitor, ended, "target_ended").await
    };
    site.answer(answer.await)
}

/// Takes back a target that nothing was judged by.
pub(super) async fn take_back(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let answer = async {
        let by = visitor.by();
        let taken = take_target_back(&site.db, &id, &by, site.clock.now());
        concluded(&site, &visitor, taken, "target_taken_back").await
    };
    site.answer(answer.await)
}

async fn concluded(
    site: &Site,
    visitor: &Visitor,
    done: impl Future<Output = Result<(), TargetError>>,
    word: &str,
) -> Result<Response, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    match done.await {
        Ok(()) => Ok(on_to(&format!("/chi-tieu?xong={word}"))),
        Err(error) => {
            let wrong = not_done(visitor.tongue, error)?;
            refused(site, visitor, wrong).await
        }
    }
}

async fn refused(site: &Site, visitor: &Visitor, wrong: String) -> Result<Response, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let pack = catalog::load(&site.db).await?;
    again(&TargetsPage { wrong: Some(wrong), ..shown(site, visitor, &pack, Asked::default()).await? })
}
