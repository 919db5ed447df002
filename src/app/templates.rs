//! The message templates in force, and what a new text of one would do.

use super::{App, AppError};
use crate::catalog;
use crate::config::Config;
use crate::db::DbError;
use crate::message::revisions::{self, Attempt, Checked, Ground, check_draft};
use crate::message::{Limits as RenderLimits, Renderer, Templates};
use crate::pass;

impl App {
    /// The templates as shipped, those of the folder and of the pack over them: what revisions are made over. The folder is
    /// read once, when the program starts.
    ///
    /// # Errors
    /// The engine's.
    pub async fn originals(&self) -> Result<Templates, DbError> {
        let mut templates = self.files.clone();
        for (name, source) in catalog::templates(&self.db).await? {
            templates.overlay(&name, &source);
        }
        Ok(templates)
    }

    /// The templates in force now: the newest published revision of each over its original. Whoever writes many messages
    /// asks once, so that all of them come from the same revisions.
    ///
    /// # Errors
    /// The engine's.
    pub async fn templates(&self) -> Result<Templates, DbError> {
        let mut templates = self.originals().await?;
        revisions::overlay(&self.db, &mut templates).await?;
        Ok(templates)
    }

    /// A renderer with these templates, whose worker is on its way.
    ///
    /// # Errors
    /// When the templates cannot be handed over.
    pub fn renderer(&self, templates: &Templates) -> Result<Renderer, AppError> {
        Ok(Renderer::begin(&self.program, templates, limits(&self.config))?)
    }

    /// Checks `source` as the text of the template `name`, with every unit of the newest round's figures where there is one.
    /// `progress` hears of letters done and of all.
    ///
    /// # Errors
    /// The engine's, or when the process that writes letters does not start.
    pub async fn check_template(
        &self,
        (name, source): (&str, &str),
        progress: &(dyn Fn(usize, usize) + Send + Sync),
    ) -> Result<Checked, AppError> {
        let live = self.templates().await?;
        let mut draft = live.clone();
        draft.overlay(name, source);
        let (live, draft) = (self.renderer(&live)?, self.renderer(&draft)?);
        let stored = pass::stored_figures(&self.db, &self.config.pass_settings(), self.clock.now()).await?;
        let ground = stored.as_ref().map(|stored| Ground {
            catalog: &stored.catalog,
            evaluations: &stored.evaluations,
            figures: &stored.figures,
        });
        live.ready().await?;
        draft.ready().await?;
        Ok(check_draft(Attempt { name, live: &live, draft: &draft }, ground, progress).await)
    }

    /// Whether the next round would wait for a second person, were it written with `templates`.
    ///
    /// # Errors
    /// The engine's.
    pub async fn asks_for_a_second_person(&self, templates: &Templates) -> Result<bool, DbError> {
        pass::asks_for_a_second_person(&self.db, &self.config.pass_settings(), templates).await
    }
}

/// What rendering may cost here.
pub(super) fn limits(config: &Config) -> RenderLimits {
    let accented = config.channels.iter().any(crate::channel::Settings::is_accented);
    RenderLimits { accented, ..RenderLimits::default() }
}
