//! The first set-up on the pages: eight steps, each of which can be left for later and taken again. It never writes the
//! configuration file: what stands there is shown, with the lines that would change it.

mod channel;
mod files;
mod letter;
mod sender;
mod source;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use futures_util::future::BoxFuture;

use super::catalogue::{Told, Tongue};
use super::form::Form;
use super::page::{self, Failure, Frame, Place, on_to};
use super::session::Visitor;
use super::{Site, coming, words};
use crate::app::{App, SetUp};
use crate::people::Step;

/// Files that make up units and contacts, and those that say what is demanded.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;

/// One step in the list beside the page.
#[derive(Debug)]
struct Entry {
    number: usize,
    word: &'static str,
    name: &'static str,
    /// Done, left for later or still to do, in words.
    standing: &'static str,
    done: bool,
    current: bool,
}

/// The list of all steps.
#[derive(Debug)]
struct Course {
    entries: Vec<Entry>,
    done: usize,
}

impl Course {
    fn of(found: &SetUp, current: Option<Step>, t: Tongue) -> Self {
        let entry = |(at, step): (usize, Step)| {
            let done = found.is_done(step);
            let later = found.said.get(&step).is_some_and(|said| !said.done);
            let standing = if done {
                "wizard.done"
            } else if later {
                "wizard.left"
            } else {
                "wizard.open"
            };
            Entry {
                number: at + 1,
                word: step.word(),
                name: t.say(name(step)),
                standing: t.say(standing),
                done,
                current: current == Some(step),
            }
        };
        Self { entries: Step::ALL.into_iter().enumerate().map(entry).collect(), done: found.done() }
    }
}

const fn name(step: Step) -> &'static str {
    match step {
        Step::Account => "wizard.step_account",
        Step::Sender => "wizard.step_sender",
        Step::Units => "wizard.step_units",
        Step::Targets => "wizard.step_targets",
        Step::Source => "wizard.step_source",
        Step::Channel => "wizard.step_channel",
        Step::Letter => "wizard.step_letter",
        Step::Schedule => "wizard.step_schedule",
    }
}

#[derive(Template)]
#[template(path = "wizard.html")]
struct Overview {
    frame: Frame,
    course: Course,
    /// The step to go on with; none: everything is done.
    next: Option<&'static str>,
    trial: bool,
}

/// The list of steps, and where to go on.
pub(super) async fn overview(State(site): State<Site>, visitor: Visitor) -> Response {
    let answer = async {
        let app = site.app()?;
        let found = app.set_up().await?;
        let frame = Frame::told(&site, &visitor, Place::Settings, "wizard.title");
        let (course, next) = (Course::of(&found, None, visitor.tongue), found.next().map(Step::word));
        page::page(&Overview { frame, course, next, trial: app.config.safety.trial })
    };
    site.answer(answer.await)
}

/// One step as it stands, and what was typed.
struct Seen<'a> {
    site: &'a Site,
    app: &'a App,
    visitor: &'a Visitor,
    found: SetUp,
    /// Why what was posted was not taken.
    wrong: Option<Told>,
    form: &'a Form,
}

impl Seen<'_> {
    fn frame(&self, step: Step) -> Frame {
        Frame::told(self.site, self.visitor, Place::Settings, name(step))
    }

    const fn t(&self) -> Tongue {
        self.visitor.tongue
    }

    fn shell(&self, step: Step) -> Shell {
        let number = Step::ALL.iter().position(|one| *one == step).map_or(0, |at| at + 1);
        Shell {
            course: Course::of(&self.found, Some(step), self.t()),
            number,
            word: step.word(),
            title: self.t().say(name(step)),
            mark: self.visitor.mark().to_owned(),
            wrong: self.wrong.clone(),
        }
    }
}

/// What every step's page has.
#[derive(Debug)]
struct Shell {
    course: Course,
    number: usize,
    word: &'static str,
    title: &'static str,
    mark: String,
    wrong: Option<Told>,
}

#[derive(Template)]
#[template(path = "wizard_account.html")]
struct AccountStep {
    frame: Frame,
    shell: Shell,
    admins: usize,
}

#[derive(Template)]
#[template(path = "wizard_schedule.html")]
struct ScheduleStep {
    frame: Frame,
    shell: Shell,
    runs: Vec<coming::Coming>,
    trial: bool,
    allow: Vec<String>,
    approval: &'static str,
    quiet: Option<String>,
}

fn schedule(seen: &Seen<'_>, runs: Vec<coming::Coming>) -> ScheduleStep {
    let config = &seen.app.config;
    ScheduleStep {
        frame: seen.frame(Step::Schedule),
        shell: seen.shell(Step::Schedule),
        runs,
        trial: config.safety.trial,
        allow: config.safety.allow.iter().map(|address| words::masked(address)).collect(),
        approval: match config.safety.approval {
            crate::pass::Approval::Never => "wizard.approval_never",
            crate::pass::Approval::FirstAndChanges => "wizard.approval_changes",
            crate::pass::Approval::Always => "wizard.approval_always",
        },
        quiet: config
            .rules
            .quiet_hours
            .map(|quiet| format!("{}–{}", quiet.from.format("%H:%M"), quiet.to.format("%H:%M"))),
    }
}

/// One step.
pub(super) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(step): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let step = Step::of(&step).ok_or(Failure::NotFound)?;
        let (app, form) = (site.app()?, Form::of_query(query));
        let found = app.set_up().await?;
        let seen = Seen { site: &site, app, visitor: &visitor, found, wrong: None, form: &form };
        render(step, &seen).await
    };
    site.answer(answer.await)
}

fn render<'a>(step: Step, seen: &'a Seen<'a>) -> BoxFuture<'a, Result<Response, Failure>> {
    Box::pin(rendered(step, seen))
}

async fn rendered(step: Step, seen: &Seen<'_>) -> Result<Response, Failure> {
    let text = match step {
        Step::Account => {
            AccountStep { frame: seen.frame(step), shell: seen.shell(step), admins: seen.found.admins }.render()?
        }
        Step::Sender => sender::page(seen).render()?,
        Step::Units | Step::Targets => files::page(seen, step).await?.render()?,
        Step::Source => source::page(seen).await?.render()?,
        Step::Channel => channel::page(seen).await?.render()?,
        Step::Letter => letter::page(seen).await?.render()?,
        Step::Schedule => schedule(seen, coming::coming(seen.visitor.tongue, seen.site).await?).render()?,
    };
    let status = if seen.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Html(text)).into_response())
}

/// What a form of a step came to.
enum Outcome {
    /// The step is done, or left for later: on to the next.
    On,
    /// The same step again, with what was asked for.
    Shown,
    /// To that page.
    To(String),
    /// Not taken, and why.
    Wrong(Told),
}

/// Not taken, because of what `text` says.
fn wrong(text: impl Into<Told>) -> Outcome {
    Outcome::Wrong(text.into())
}

/// Takes the form of a step.
pub(super) async fn take(State(site): State<Site>, visitor: Visitor, Path(step): Path<String>, form: Form) -> Response {
    let answer = async {
        let step = Step::of(&step).ok_or(Failure::NotFound)?;
        let app = site.app()?;
        let outcome = match form.text("viec") {
            "de-sau" => {
                app.say_of_step((step, false, ""), &visitor.by()).await?;
                Outcome::On
            }
            _ => done(app, step, &form, &visitor).await?,
        };
        let found = app.set_up().await?;
        let wrong = match outcome {
            Outcome::On => {
                let next = found.next().map(|next| format!("/bat-dau/{}", next.word()));
                return Ok(on_to(next.as_deref().unwrap_or("/bat-dau")));
            }
            Outcome::To(path) => return Ok(on_to(&path)),
            Outcome::Shown => None,
            Outcome::Wrong(wrong) => Some(wrong),
        };
        render(step, &Seen { site: &site, app, visitor: &visitor, found, wrong, form: &form }).await
    };
    site.answer(answer.await)
}

fn done<'a>(app: &'a App, step: Step, form: &'a Form, visitor: &'a Visitor) -> BoxFuture<'a, Result<Outcome, Failure>> {
    Box::pin(did(app, step, form, visitor))
}

async fn did(app: &App, step: Step, form: &Form, visitor: &Visitor) -> Result<Outcome, Failure> {
    let (by, t) = (visitor.by(), visitor.tongue);
    match (step, form.text("viec")) {
        (Step::Sender, _) => sender::take(app, form, &by, t).await,
        (Step::Units | Step::Targets, "ghi" | "mau") => files::take(app, (step, form), &by, t).await,
        (Step::Channel, "gui-ma" | "nhap-ma") => channel::take(app, form, &by, t).await,
        (Step::Letter, "viet") => letter::take(app, form, &by, t).await,
        (Step::Units | Step::Targets, "kiem-tra") => Ok(Outcome::Shown),
        (Step::Account, _) => Ok(Outcome::On),
        _ => {
            app.say_of_step((step, true, ""), &by).await?;
            Ok(Outcome::On)
        }
    }
}
