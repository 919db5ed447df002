//! Checks a text before it is put in force: with the samples, and with every unit of the stored figures.

use super::scenario::{Scenario, Trial, is_made_of, trials};
use super::unknown_fields::unknown_fields;
use super::used_fields::used_fields;
use crate::catalog::Catalog;
use crate::evaluation::Evaluation;
use crate::message::job::{Job, Rendered};
use crate::message::render::Renderer;
use crate::message::template::{TemplateProblem, Templates};
use crate::message::{Figures, Message, segments};

/// Letters that are in memory at once, and after which progress is told.
const AT_ONCE: usize = 512;

/// What a text is tried with: the figures of one round.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// Units and their heads.
    pub catalog: &'a Catalog,
    /// The judgements of the round.
    pub evaluations: &'a [Evaluation],
    /// What the letters speak of.
    pub figures: &'a Figures,
}

/// A text beside the one in force.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// File name of the template.
    pub name: &'a str,
    /// Writes with the templates in force.
    pub live: &'a Renderer,
    /// Writes with the same and the new text.
    pub draft: &'a Renderer,
}

/// A unit that the text does not suit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The situation.
    pub scenario: Scenario,
    /// Official code of the unit.
    pub unit_code: String,
    /// Its name.
    pub unit_name: String,
    /// What is wrong, where, and what to do.
    pub problem: TemplateProblem,
    /// Whether the text in force has it too: then it stands in nobody's way.
    pub known: bool,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// What shows with the samples already; then no unit was tried.
    pub problems: Vec<TemplateProblem>,
    /// Units that the text does not suit, by kind of problem.
    pub misfits: Vec<Misfit>,
    /// Letters that were written.
    pub letters: usize,
    /// Heads that they were written to.
    pub heads: usize,
    /// Characters of the longest subject.
    pub longest_subject: usize,
    /// Bytes of the largest HTML document.
    pub largest_html: usize,
    /// Letters whose SMS line takes more than one segment.
    pub two_segments: usize,
    /// Code and name of each unit whose letter the text changes, in any situation.
    pub changed: Vec<(String, String)>,
    /// Fields that the text in force does not name.
    pub added: Vec<String>,
    /// Fields that only the text in force names.
    pub removed: Vec<String>,
}

impl Checked {
    /// Whether the text may be put in force.
    pub fn passes(&self) -> bool {
        self.problems.is_empty() && self.misfits.iter().all(|misfit| misfit.known)
    }
}

/// Checks the text of `attempt`; without a `ground` with the samples alone. `progress` hears of letters done and of all.
pub async fn check_draft(
    attempt: Attempt<'_>,
    ground: Option<Ground<'_>>,
    progress: &(dyn Fn(usize, usize) + Send + Sync),
) -> Checked {
    let mut checked = Checked::default();
    checked.compare_fields(attempt);
    checked.problems = problems(attempt).await;
    if let Some(ground) = ground.filter(|_| checked.problems.is_empty()) {
        checked.try_units(attempt, &trials(attempt.draft.templates(), attempt.name, &ground), progress).await;
    }
    checked
}

/// What shows with the samples of every template that is made of the text. What stands in another file and is no worse
/// than before is not this text's fault.
async fn problems(attempt: Attempt<'_>) -> Vec<TemplateProblem> {
    let found = with_samples(attempt.draft, attempt.name).await;
    if found.is_empty() {
        return unknown_fields(attempt.draft.templates(), attempt.name);
    }
    if found.iter().all(|problem| problem.name == attempt.name) {
        return found;
    }
    let before = with_samples(attempt.live, attempt.name).await;
    found.into_iter().filter(|problem| problem.name == attempt.name || !before.contains(problem)).collect()
}

async fn with_samples(renderer: &Renderer, name: &str) -> Vec<TemplateProblem> {
    let templates = renderer.templates();
    let mut jobs: Vec<Job> = templates.trials();
    jobs.retain(|job| is_made_of(templates, &job.template, name));
    let mut problems = templates.problems(&renderer.render(jobs).await);
    // A file that is called like no template is a matter of whoever put it there.
    problems.retain(|problem| problem.name == name || Templates::is_known(&problem.name));
    problems
}

impl Checked {
    fn compare_fields(&mut self, Attempt { name, live, draft }: Attempt<'_>) {
        let used = |renderer: &Renderer| used_fields(renderer.templates().source(name).unwrap_or_default());
        let (before, now) = (used(live), used(draft));
        self.added = now.keys().filter(|field| !before.contains_key(*field)).cloned().collect();
        self.removed = before.keys().filter(|field| !now.contains_key(*field)).cloned().collect();
    }

    async fn try_units(
        &mut self,
        attempt: Attempt<'_>,
        trials: &[Trial],
        progress: &(dyn Fn(usize, usize) + Send + Sync),
    ) {
        for chunk in trials.chunks(AT_ONCE) {
            let jobs = || chunk.iter().map(|trial| trial.job.clone()).collect();
            let (new, old) = tokio::join!(attempt.draft.render(jobs()), attempt.live.render(jobs()));
            for (trial, (new, old)) in chunk.iter().zip(new.iter().zip(&old)) {
                self.compare(attempt, trial, (new, old));
            }
            self.letters += chunk.len();
            progress(self.letters, trials.len());
        }
        let mut heads: Vec<&str> = trials.iter().map(|trial| trial.unit_code.as_str()).collect();
        heads.sort_unstable();
        heads.dedup();
        self.heads = heads.len();
        self.changed.sort_unstable();
        self.changed.dedup();
        self.misfits.sort_by(|one, other| {
            let order = |misfit: &Misfit| (misfit.known, misfit.scenario);
            (order(one), &one.problem, &one.unit_code).cmp(&(order(other), &other.problem, &other.unit_code))
        });
    }

    /// One letter made of the new text beside the one made of the text in force.
    fn compare(&mut self, attempt: Attempt<'_>, trial: &Trial, (new, old): (&Rendered, &Rendered)) {
        if let Ok(message) = new {
            self.measure(message);
        }
        if differ(new, old) {
            self.changed.push((trial.unit_code.clone(), trial.unit_name.clone()));
        }
        let found = of_answer(attempt.draft.templates(), new);
        if found.is_empty() {
            return;
        }
        let before = of_answer(attempt.live.templates(), old);
        self.misfits.extend(found.into_iter().map(|problem| Misfit {
            scenario: trial.scenario,
            unit_code: trial.unit_code.clone(),
            unit_name: trial.unit_name.clone(),
            known: before.iter().any(|known| known.message == problem.message),
            problem,
        }));
    }

    fn measure(&mut self, message: &Message) {
        self.longest_subject = self.longest_subject.max(message.subject.chars().count());
        self.largest_html = self.largest_html.max(message.html.len());
        self.two_segments += usize::from(segments(&message.sms) > 1);
    }
}

/// Whether a recipient would read something else; the name of the revision is no words.
fn differ(new: &Rendered, old: &Rendered) -> bool {
    match (new, old) {
        (Ok(new), Ok(old)) => {
            let words = |message: &Message| Message { template: String::new(), ..message.clone() };
            words(new) != words(old)
        }
        (Err(_), Err(_)) => false,
        _ => true,
    }
}

fn of_answer(templates: &Templates, answer: &Rendered) -> Vec<TemplateProblem> {
    match answer {
        Err(failure) => vec![templates.explained(failure)],
        Ok(message) => templates.too_long(message, "misfit.subject"),
    }
}
