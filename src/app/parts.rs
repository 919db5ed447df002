//! What a pass borrows of the program.

use super::{App, AppError};
use crate::message::Renderer;
use crate::pass::{Pass, Settings};
use crate::source::Tools;

/// What is made for one pass and lives as long as it.
#[derive(Debug)]
pub struct Parts {
    renderer: Renderer,
    settings: Settings,
    tools: Tools,
}

impl App {
    /// What a pass needs beside this; its renderer is on its way.
    ///
    /// # Errors
    /// When the templates cannot be handed over.
    pub fn parts(&self) -> Result<Parts, AppError> {
        Ok(Parts { renderer: self.renderer()?, settings: self.config.pass_settings(), tools: self.tools() })
    }

    /// A pass of these `parts`.
    pub fn pass<'a>(&'a self, parts: &'a Parts, dry_run: bool) -> Pass<'a> {
        Pass {
            db: &self.db,
            renderer: &parts.renderer,
            templates: &self.templates,
            tools: &parts.tools,
            settings: &parts.settings,
            by: &self.by,
            dry_run,
            fence: None,
        }
    }
}
