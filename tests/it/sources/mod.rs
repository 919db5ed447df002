//! Sources that are asked over the network, from the text of their configuration to observations.

use std::fmt::Write as _;
use std::path::Path;

use chrono::{DateTime, NaiveDate};
use dondoc::catalog::UnitId;
use dondoc::config;
use dondoc::observation::{self, Asked, Observations};
use dondoc::source::{self, FetchError, Settings, Tools};

use crate::figures::catalog;

mod dossiers;
mod limits;
mod mysql;
mod presets;
mod requests;
mod sql;

/// The sources of a configuration whose text begins with these tables.
fn settings(tables: &str) -> Vec<Settings> {
    let folder = tempfile::tempdir().unwrap();
    settings_in(folder.path(), tables)
}

fn settings_in(folder: &Path, tables: &str) -> Vec<Settings> {
    let rest = "[[channel]]\nname = \"mailbox\"\nkind = \"capture\"\n";
    let file = folder.join("config.toml");
    std::fs::write(&file, format!("{tables}\n{rest}")).unwrap();
    match config::load(Some(&file), &[]) {
        Ok((config, _)) => config.sources,
        Err(problems) => panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// What a configuration with these tables is told.
fn problems(tables: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, format!("{tables}\n[[channel]]\nname = \"mailbox\"\nkind = \"capture\"\n")).unwrap();
    let (Ok((_, problems)) | Err(problems)) = config::load(Some(&file), &[]);
    let shown = problems
        .iter()
        .filter(|problem| problem.code != "missing_schedule")
        .map(|problem| format!("{}\n  remedy: {}", problem.message, problem.hint));
    shown.collect::<Vec<_>>().join("\n")
}

async fn observed(settings: &[Settings], as_of: &str) -> Result<Observations, FetchError> {
    observed_on(as_of, settings, as_of).await
}

/// The same on a day that may be later than the round's.
async fn observed_on(today: &str, settings: &[Settings], as_of: &str) -> Result<Observations, FetchError> {
    let (as_of, today): (NaiveDate, NaiveDate) = (as_of.parse().unwrap(), today.parse().unwrap());
    let tools = Tools { program: env!("CARGO_BIN_EXE_dondoc").into(), today };
    let fetched = source::fetch_all(settings, as_of, &tools).await?;
    let pulled_at = DateTime::from_timestamp_millis(1_667_200_000_000).unwrap();
    observation::read(
        &catalog(),
        &fetched,
        &Asked {
            as_of,
            until: as_of,
            pulled_at,
            max_refused_percent: 2,
            identities: Vec::new(),
            reconcile: Vec::new(),
        },
    )
}

/// Why nothing came, with its cause.
async fn failure(settings: &[Settings]) -> String {
    let error = observed(settings, "2022-10-31").await.expect_err("a failure");
    match &error {
        FetchError::Unreachable { source, .. } => format!("{error}: {source}"),
        _ => error.to_string(),
    }
}

/// All that was observed, refused and doubted, for people to review.
fn shown(observations: &Observations) -> String {
    let mut text = String::new();
    for unit in ["SCT", "07201", "07318", "07630"] {
        let Some(figures) = observations.of(&UnitId::new(unit)) else { continue };
        for (month, counts) in figures.months() {
            let count = |(at, measure): (usize, &dondoc::catalog::Measure)| {
                let count = counts.get(at).map_or("not reported".to_owned(), |count| count.to_string());
                format!("{} {count}", measure.as_str())
            };
            let counts: Vec<String> = observations.measures.iter().enumerate().map(count).collect();
            writeln!(text, "{unit} {month}: {}", counts.join(", ")).unwrap();
        }
    }
    for refusal in &observations.refusals {
        writeln!(text, "refused: {refusal}").unwrap();
    }
    for doubt in &observations.doubts {
        writeln!(text, "doubt {}: {doubt}", doubt.code).unwrap();
    }
    text
}
