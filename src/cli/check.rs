//! `dondoc check`: everything that can be known before the round, all problems at once.

use std::path::Path;

use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, AppError, Role, today};
use crate::catalog::{self, Pack, PackError};
use crate::clock::Clock;
use crate::config::{self, Problem, Severity};
use crate::db::Durability;
use crate::message::Templates;
use crate::message::revisions::{self, Revision};
use crate::reply;

pub(super) async fn check(file: Option<&Path>, format: Format) -> Result<Code, Failure> {
    let problems = match config::load(file, &config::environment()) {
        Err(problems) => problems,
        Ok((config, mut problems)) => {
            super::start_logging(&config, "warn");
            let clock = Clock::System;
            let (pack, mut found, published) = pack(&config).await;
            problems.append(&mut found);
            problems.extend(config::check(&config, pack.as_ref(), today(clock.now()), clock.now()));
            problems.extend(templates(&config, pack.as_ref(), &published));
            problems
        }
    };
    print(&problems, format)?;
    let invalid = problems.iter().any(|problem| problem.severity == Severity::Error);
    Ok(if invalid { Code::Invalid } else { Code::Done })
}

/// The catalog of the database, or of the seed while the database is not there yet: checking makes no database.
/// With it the published revisions of the templates.
async fn pack(config: &config::Config) -> (Option<Pack>, Vec<Problem>, Vec<Revision>) {
    let database_is_there = config.database_file().is_none_or(|file| file.exists());
    if database_is_there {
        let opened = App::open(config.clone(), Clock::System, Role::Visitor, Durability::Full).await;
        return match opened {
            Ok(app) => {
                let published = revisions::newest(&app.db).await.unwrap_or_default();
                (catalog::load(&app.db).await.ok(), bounced(&app).await, published)
            }
            Err(AppError::Seed { source, .. }) => (None, problems_of(source), Vec::new()),
            Err(AppError::Templates(_)) => (None, Vec::new(), Vec::new()),
            Err(error) => {
                let failure = Failure::from(error);
                let hint = "make the database reachable, or change [database] url";
                (None, vec![Problem::error("database", failure.message, hint)], Vec::new())
            }
        };
    }
    let Some(seed) = &config.seed else { return (None, Vec::new(), Vec::new()) };
    match Pack::read(seed) {
        Ok(pack) => (Some(pack), Vec::new(), Vec::new()),
        Err(error) => (None, problems_of(error), Vec::new()),
    }
}

fn problems_of(error: PackError) -> Vec<Problem> {
    error.problems.into_iter().map(Problem::from).collect()
}

/// Addresses that give messages back.
async fn bounced(app: &App) -> Vec<Problem> {
    let open = reply::bounced(&app.db, true).await.unwrap_or_default();
    let problem = |one: &reply::Bounced| {
        let whom = if one.unit_code.is_empty() { &one.recipient_id } else { &one.unit_code };
        let address = catalog::mask_email(&one.address);
        let message = format!("messages to {whom} ({address}, channel {:?}) come back: {}", one.channel, one.detail);
        let hint = format!("correct the contact, then `dondoc reply close {} --note … --by …`", one.id);
        Problem::warning("address_bounced", message, hint)
    };
    open.iter().map(problem).collect()
}

fn templates(config: &config::Config, pack: Option<&Pack>, published: &[Revision]) -> Vec<Problem> {
    let built_in = Templates::built_in();
    let mut templates = match &config.templates {
        None => built_in,
        Some(folder) => match built_in.with_folder(folder) {
            Ok(templates) => templates,
            Err(error) => {
                return vec![Problem::error("templates", error.to_string(), "correct [messages] folder or the file")];
            }
        },
    };
    for (name, source) in pack.iter().flat_map(|pack| &pack.templates) {
        templates.overlay(name, source);
    }
    for revision in published {
        templates.overlay(&revision.name, &revision.source);
    }
    templates.check().into_iter().map(Problem::from).collect()
}

fn print(problems: &[Problem], format: Format) -> Result<(), Failure> {
    match format {
        Format::Table => {
            for problem in problems {
                output::line(problem.to_string())?;
            }
            let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
            let warnings = problems.iter().filter(|problem| problem.severity == Severity::Warning).count();
            output::line(format!("{errors} error(s), {warnings} warning(s)"))
        }
        Format::Json => output::json(&json!({ "problems": problems })),
        Format::Csv => {
            let mut table = Table::new(vec!["severity", "code", "message", "hint"]);
            table.rows.extend(problems.iter().map(|problem| {
                vec![
                    problem.severity.to_string(),
                    problem.code.to_owned(),
                    problem.message.clone(),
                    problem.hint.clone(),
                ]
            }));
            table.print(Format::Csv, None)
        }
    }
}
