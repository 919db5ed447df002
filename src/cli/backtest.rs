//! `dondoc backtest`: what would have been sent in the past under another policy.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::App;
use crate::config;
use crate::pass::{self, Replayed};

/// Options of `backtest`.
#[derive(Debug, Args)]
pub struct BacktestOptions {
    /// First day
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// Last day
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
    /// A configuration whose [policy] is tried [default: the present one]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Name the units of each day
    #[arg(long)]
    units: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

pub(super) async fn backtest(app: App, asked: BacktestOptions) -> Result<Code, Failure> {
    let rules = match &asked.policy {
        Some(file) => {
            let loaded = config::load(Some(file), &config::environment());
            loaded.map_err(|problems| Failure::invalid(&problems))?.0.rules
        }
        None => app.config.rules.clone(),
    };
    let settings = app.config.pass_settings();
    let days = pass::backtest(&app.db, &settings, &rules, (asked.from, asked.to)).await?;
    app.close().await;
    if days.is_empty() {
        output::note(format!(
            "no finished round lies between {} and {}\n  remedy: `dondoc run --as-of DATE` makes one from figures of that day",
            asked.from, asked.to
        ));
    }
    let mut columns = vec!["as_of", "messages", "units", "units_then", "steps", "held"];
    if asked.units {
        columns.push("codes");
    }
    let mut table = Table::new(columns);
    table.rows.extend(days.iter().map(|day| {
        let mut row = vec![
            day.as_of.to_string(),
            day.messages.to_string(),
            day.units.to_string(),
            day.units_then.to_string(),
            listed(day.steps.iter().map(|(name, count)| (name.as_str(), *count))),
            listed(day.held.iter().map(|(name, count)| (*name, *count))),
        ];
        if asked.units {
            row.push(day.codes.join(" "));
        }
        row
    }));
    table.print(asked.format, Some(days.iter().map(object).collect()))?;
    if asked.format == Format::Table && !days.is_empty() {
        output::note("decided from an empty memory and without what heads answered then; nothing was stored or sent");
    }
    Ok(Code::Done)
}

/// `nhắc lại 12, thông báo 3`.
fn listed<'n>(counts: impl Iterator<Item = (&'n str, u64)>) -> String {
    counts.map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

fn object(day: &Replayed) -> serde_json::Value {
    json!({
        "as_of": day.as_of.to_string(), "messages": day.messages, "units": day.units, "units_then": day.units_then,
        "steps": day.steps, "held": day.held, "codes": day.codes,
    })
}
