//! Makes the messages of a round: each draft becomes a message, whatever its template does.

use super::context::Context;
use super::gather::Draft;
use super::job::{Job, Rendered};
use super::render::Renderer;
use super::roll_up::RollUp;
use super::template::Templates;
use super::{Figures, Message, fallback, gather, roll_up_fallback};
use crate::catalog::Catalog;

/// A message and, where its template failed, what the admins must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// What goes out.
    pub message: Message,
    /// Set when the built-in text was used: which template, which line, why.
    pub alarm: Option<String>,
}

/// One message per draft, in their order. Never fails: where a template does, the built-in text stands in for it.
pub async fn compose(renderer: &Renderer, catalog: &Catalog, drafts: &[Draft<'_>], figures: &Figures) -> Vec<Composed> {
    let contexts: Vec<Context> = drafts.iter().map(|draft| gather::context(catalog, draft, figures)).collect();
    let template = |draft: &Draft<'_>| Templates::chosen(gather::level(catalog, draft), draft.notice);
    let jobs = drafts.iter().zip(&contexts).map(|(draft, context)| Job::reminder(template(draft), context.clone()));
    let answers = renderer.render(jobs.collect()).await;
    let composed = contexts.iter().zip(answers);
    composed.map(|(context, answer)| Composed::of(answer, || fallback::message(context))).collect()
}

/// One message per roll-up, in their order. Never fails, as [`compose`].
pub async fn compose_roll_ups(renderer: &Renderer, roll_ups: &[RollUp]) -> Vec<Composed> {
    let answers = renderer.render(roll_ups.iter().map(Job::roll_up).collect()).await;
    let composed = roll_ups.iter().zip(answers);
    composed.map(|(roll_up, answer)| Composed::of(answer, || roll_up_fallback::message(roll_up))).collect()
}

impl Composed {
    fn of(answer: Rendered, built_in: impl FnOnce() -> Message) -> Self {
        match answer {
            Ok(message) => Self { message, alarm: None },
            Err(failure) => Self {
                message: built_in(),
                alarm: Some(format!(
                    "{failure}; the built-in text was used instead\n  \
                     remedy: correct the template; `dondoc check` shows everything that is wrong in it"
                )),
            },
        }
    }
}
