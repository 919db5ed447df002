//! `dondoc config`: every key of the configuration with its value and where that came from, as the page of settings says it.

use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{Format, Table};
use crate::catalog::Search;
use crate::config::{Config, Said, Shown, Whence};

/// What can be asked of the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// List every key with its value; secrets are named and never shown
    #[command(
        after_help = "Examples:\n  dondoc config show --origin\n  dondoc config show approval\n  dondoc config show --origin --format json"
    )]
    Show {
        /// Only where these words occur, with or without their marks
        #[arg(value_name = "TEXT")]
        sought: Option<String>,
        /// Also say where each value came from: a line of the file, a variable, a file, a preset, or nowhere
        #[arg(long)]
        origin: bool,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

pub(super) fn configuration(config: &Config, asked: ConfigCommand) -> Result<Code, Failure> {
    let ConfigCommand::Show { sought, origin, format } = asked;
    let file = config.file.as_deref().unwrap_or(Path::new("config.toml")).display().to_string();
    let search = Search::of(&sought.unwrap_or_default());
    let (head, mut lines) = (["key", "value", "origin"], Vec::new());
    for one in &config.shown {
        let line = [one.key.clone(), value(one), from(one, &file)];
        if search.finds(&line.join(" ")) {
            lines.push(line);
        }
    }
    let columns = if origin { 3 } else { 2 };
    let mut table = Table::new(head.into_iter().take(columns).collect());
    let object = |line: &[String; 3]| {
        let pairs = head.iter().zip(line).take(columns).map(|(name, text)| ((*name).to_owned(), json!(text)));
        serde_json::Value::Object(pairs.collect())
    };
    let json = json!(lines.iter().map(object).collect::<Vec<_>>());
    table.rows.extend(lines.into_iter().map(|line| line.into_iter().take(columns).collect()));
    table.print(format, Some(json))?;
    Ok(Code::Done)
}

fn value(one: &Shown) -> String {
    match &one.value {
        Said::Text(text) if text.is_empty() => "\"\"".to_owned(),
        Said::Text(text) => text.clone(),
        Said::Secret => "(set, not shown)".to_owned(),
        Said::Nothing => "(not set)".to_owned(),
        Said::OwnWay => "(as the program has it)".to_owned(),
    }
}

fn from(one: &Shown, file: &str) -> String {
    match one.from {
        Whence::Line(line) => format!("{file}:{line}"),
        ref from => from.to_string(),
    }
}
