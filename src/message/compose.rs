//! Makes the messages of a round: each draft becomes a message, whatever its template does.

use super::context::Context;
use super::gather::Draft;
use super::job::Job;
use super::render::Renderer;
use super::template::Templates;
use super::{Figures, Message, fallback, gather};
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
    let jobs: Vec<Job> = drafts.iter().map(|draft| job(catalog, draft, figures)).collect();
    let contexts: Vec<Context> = jobs.iter().map(|job| job.context.clone()).collect();
    let answers = renderer.render(jobs).await;
    contexts
        .into_iter()
        .zip(answers)
        .map(|(context, answer)| match answer {
            Ok(message) => Composed { message, alarm: None },
            Err(failure) => Composed {
                message: fallback::message(&context),
                alarm: Some(format!(
                    "{failure}; the built-in text was used instead\n  \
                     remedy: correct the template; `dondoc check` shows everything that is wrong in it"
                )),
            },
        })
        .collect()
}

fn job(catalog: &Catalog, draft: &Draft<'_>, figures: &Figures) -> Job {
    Job {
        template: Templates::chosen(gather::level(catalog, draft), draft.notice).to_owned(),
        context: gather::context(catalog, draft, figures),
    }
}
