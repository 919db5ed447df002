//! A text against every unit: how far the check is, and then whom it does not suit.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::checks::{Check, Outcome};
use super::subject::{Subject, Which};
use super::{pairs, words};
use crate::message::TemplateProblem;
use crate::message::revisions::{self, Checked};
use crate::pass;
use crate::people::Action;
use crate::web::catalogue::Tongue;
use crate::web::form::Form;
use crate::web::page::{self, Failure, Frame, Place, on_to};
use crate::web::session::Visitor;
use crate::web::{Site, words as said};

/// How long an answer waits for a check to end, so that most people never see how far it is.
const WAIT: Duration = Duration::from_millis(1_500);

/// Units that are listed; a mistake in a text is mostly in all of them.
const LISTED: usize = 500;

/// What a check is of: the text, the texts in force around it, and the figures that it is tried with.
pub(super) async fn key(site: &Site, subject: &Subject, source: &str) -> Result<String, Failure> {
    let round = pass::done_rounds(&site.db).await?.pop().map(|round| round.run_id).unwrap_or_default();
    let of = format!("{}\n{}\n{round}\n{source}", subject.name, subject.live.fingerprint());
    Ok(revisions::hash(&of))
}

/// Begins to check one of the texts, and waits a little for its end.
pub(super) async fn begin(
    site: &Site,
    subject: &Subject,
    which: &Which,
    wait: bool,
) -> Result<(Arc<Check>, String), Failure> {
    let source = match which {
        Which::Draft => subject.source().to_owned(),
        Which::Saved(_) | Which::Revision(_) => subject.text(site, which).await?,
    };
    let key = key(site, subject, &source).await?;
    let check = site.checks.begin(site.app()?, &key, &subject.name, &source);
    if wait {
        check.wait(WAIT).await;
    }
    Ok((check, source))
}

/// A check, as pages show it.
#[derive(Debug)]
pub(super) enum Standing {
    /// Nobody asked for it since the text, the figures or another text changed.
    None,
    /// Letters tried, all of them, and percent.
    Running(String, String, usize),
    /// It could not be made.
    Failed,
    Done(Box<Found>),
}

/// A problem in the language of the page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
    pub(super) hint: String,
}

impl Complaint {
    fn of(problem: &TemplateProblem, t: Tongue) -> Self {
        let TemplateProblem { name, line, column, message, hint } = problem;
        Self { name: name.clone(), line: *line, column: *column, message: message.say(t), hint: hint.say(t) }
    }
}

/// A problem and the units that have it.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) problem: Complaint,
    pub(super) situation: &'static str,
    pub(super) known: bool,
    pub(super) units: Vec<(String, String)>,
    pub(super) more: usize,
}

/// What a check found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) passes: bool,
    pub(super) letters: String,
    pub(super) heads: String,
    pub(super) fitting: String,
    pub(super) longest_subject: usize,
    pub(super) largest: usize,
    pub(super) two_segments: String,
    pub(super) problems: Vec<Complaint>,
    pub(super) groups: Vec<Group>,
    pub(super) added: Vec<String>,
    pub(super) removed: Vec<String>,
    pub(super) changed: Vec<(String, String)>,
    pub(super) changed_count: String,
}

impl Found {
    fn of(checked: &Checked, t: Tongue) -> Self {
        let count = said::count;
        let mut misfit: Vec<&str> = checked.misfits.iter().map(|misfit| misfit.unit_code.as_str()).collect();
        misfit.sort_unstable();
        misfit.dedup();
        let mut groups: Vec<Group> = Vec::new();
        for one in &checked.misfits {
            let unit = (one.unit_code.clone(), one.unit_name.clone());
            let (problem, situation) = (Complaint::of(&one.problem, t), words::situation(t, one.scenario));
            let same =
                |group: &&mut Group| (group.known, group.situation, &group.problem) == (one.known, situation, &problem);
            match groups.iter_mut().find(same) {
                Some(group) if group.units.len() < LISTED => group.units.push(unit),
                Some(group) => group.more += 1,
                None => groups.push(Group { problem, situation, known: one.known, units: vec![unit], more: 0 }),
            }
        }
        Self {
            passes: checked.passes(),
            letters: count(checked.letters),
            heads: count(checked.heads),
            fitting: count(checked.heads.saturating_sub(misfit.len())),
            longest_subject: checked.longest_subject,
            largest: checked.largest_html.div_ceil(1024),
            two_segments: count(checked.two_segments),
            problems: checked.problems.iter().map(|problem| Complaint::of(problem, t)).collect(),
            groups,
            added: checked.added.clone(),
            removed: checked.removed.clone(),
            changed: checked.changed.iter().take(LISTED).cloned().collect(),
            changed_count: count(checked.changed.len()),
        }
    }
}

/// How a check stands.
pub(super) fn standing(check: Option<&Check>, t: Tongue) -> Standing {
    let Some(check) = check else { return Standing::None };
    match check.outcome() {
        Some(Outcome::Found(checked)) => Standing::Done(Box::new(Found::of(checked, t))),
        Some(Outcome::Failed) => Standing::Failed,
        None => {
            let (done, all) = check.progress();
            Standing::Running(said::count(done), said::count(all), (done * 100).checked_div(all).unwrap_or(0))
        }
    }
}

#[derive(Template)]
#[template(path = "editor_check.html")]
struct CheckPage {
    frame: Frame,
    slug: String,
    title: String,
    /// Whether the text is a draft; else it is in force.
    is_draft: bool,
    may_edit: bool,
    /// Where this page is.
    here: String,
    state: Standing,
}

pub(in crate::web) async fn page(State(site): State<Site>, visitor: Visitor, Path(slug): Path<String>) -> Response {
    let answer = async {
        let subject = Subject::of(site.app()?, &slug).await?;
        let key = key(&site, &subject, subject.source()).await?;
        let t = visitor.tongue;
        let title = words::title(t, &subject.name);
        let seen = visitor.units(&site).await?;
        let mut state = standing(site.checks.find(&key).as_deref(), t);
        if let (Standing::Done(found), Some(seen)) = (&mut state, &seen) {
            found.only(|code| seen.contains(code));
        }
        page::page(&CheckPage {
            frame: Frame::seen(&site, &visitor, Place::Templates, t.with("trial.title", &title)),
            here: format!("/mau-tin/{}/kiem-tra", words::slug(&subject.name)),
            slug: words::slug(&subject.name).to_owned(),
            title,
            is_draft: subject.draft.is_some(),
            may_edit: visitor.may(Action::Edit) && !super::show::barred(&visitor),
            state,
        })
    };
    site.answer(answer.await)
}

impl Found {
    /// Leaves out units that may not be seen.
    fn only(&mut self, seen: impl Fn(&str) -> bool) {
        for group in &mut self.groups {
            group.units.retain(|(code, _)| seen(code));
            group.more = 0;
        }
        self.groups.retain(|group| !group.units.is_empty());
        self.changed.retain(|(code, _)| seen(code));
    }
}

/// Begins a check: of the draft, or of what is to be restored.
pub(in crate::web) async fn start(
    State(site): State<Site>,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: Form,
) -> Response {
    let answer = async {
        if super::show::barred(&visitor) {
            return Err(Failure::NotFound);
        }
        let subject = Subject::of(site.app()?, &slug).await?;
        let which = Which::of(form.text("so")).unwrap_or(Which::Draft);
        begin(&site, &subject, &which, true).await?;
        let slug = words::slug(&subject.name);
        Ok(on_to(&match (form.text("tiep"), &which) {
            ("ap-dung", Which::Draft) => format!("/mau-tin/{slug}/ap-dung"),
            ("ap-dung", which) => format!("/mau-tin/{slug}/ap-dung?so={}", which.word()),
            _ => format!("/mau-tin/{slug}/kiem-tra"),
        }))
    };
    site.answer(answer.await)
}

/// The text that an address asks for by `so`; the draft where it does not say.
pub(super) fn asked(query: &RawQuery) -> Which {
    let RawQuery(query) = query;
    let query = pairs(query.as_deref());
    query.iter().find(|(key, _)| key == "so").and_then(|(_, word)| Which::of(word)).unwrap_or(Which::Draft)
}
