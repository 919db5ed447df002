//! What a pass borrows of the program.

use super::{App, AppError};
use crate::message::{Renderer, Templates};
use crate::pass::{Pass, Settings};
use crate::source::Tools;

/// What is made for one pass and lives as long as it.
#[derive(Debug)]
pub struct Parts {
    renderer: Renderer,
    templates: Templates,
    settings: Settings,
    tools: Tools,
}

impl App {
    /// What a pass needs beside this: its renderer is on its way, with the templates that are in force now.
    ///
    /// # Errors
    /// The engine's, or when the templates cannot be handed over.
    pub async fn parts(&self) -> Result<Parts, AppError> {
        let templates = self.templates().await?;
        let renderer = self.renderer(&templates)?;
        Ok(Parts { renderer, templates, settings: self.config.pass_settings(), tools: self.tools() })
    }

    /// A pass of these `parts`.
    pub fn pass<'a>(&'a self, parts: &'a Parts, dry_run: bool) -> Pass<'a> {
        Pass {
            db: &self.db,
            renderer: &parts.renderer,
            templates: &parts.templates,
            tools: &parts.tools,
            settings: &parts.settings,
            by: &self.by,
            hand: self.hand.as_ref(),
            dry_run,
            fence: None,
        }
    }
}

impl Parts {
    /// The templates that the pass writes with.
    pub const fn templates(&self) -> &Templates {
        &self.templates
    }
}
