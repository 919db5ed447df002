//! `dondoc catalog unresolved | resolve | unresolve`: a person says which unit a source means.

use chrono::NaiveDate;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::names::{self, Open, Says};
use crate::app::{App, today};
use crate::catalog::{AliasError, Candidate};
use crate::observation::Stranger;

pub(super) async fn list(app: &App, format: Format) -> Result<Code, Failure> {
    let day = today(app.clock.now());
    let open = names::open_names(&app.db, day).await?;
    if open.is_empty() {
        output::note("nothing to decide: the last round matched every unit, or no round was run yet");
    }
    let json = open.iter().map(|open| {
        let Stranger { source, code, name, why, rows, first, asked_on } = &open.stranger;
        let candidate = |candidate: &Candidate| json!({"code": candidate.code, "name": candidate.name});
        json!({
            "source": source, "code": code, "name": name, "why": why.word(), "rows": rows, "first": first,
            "period_end": asked_on.to_string(),
            "candidates": open.candidates.iter().map(candidate).collect::<Vec<_>>(),
        })
    });
    let json = json.collect();
    table(&open).print(format, Some(json))?;
    if format == Format::Table && !open.is_empty() {
        output::note(
            "decide: dondoc catalog resolve \"NAME\" CODE (divided and dissolved units: succession.csv); \
             candidates are only alike and never used",
        );
    }
    Ok(Code::Done)
}

fn table(open: &[Open]) -> Table {
    let mut table = Table::new(vec!["source", "code", "name", "why", "rows", "first", "candidates"]);
    table.rows.extend(open.iter().map(|Open { stranger, candidates }| {
        let candidates: Vec<String> =
            candidates.iter().map(|candidate| format!("{} {}", candidate.code, candidate.name)).collect();
        vec![
            stranger.source.clone(),
            stranger.code.clone(),
            stranger.name.clone(),
            stranger.why.word().to_owned(),
            stranger.rows.to_string(),
            stranger.first.clone(),
            candidates.join("; "),
        ]
    }));
    table
}

pub(super) async fn resolve(
    app: &App,
    name: &str,
    code: &str,
    on: Option<NaiveDate>,
    by: &str,
) -> Result<Code, Failure> {
    let now = app.clock.now();
    let day = on.unwrap_or_else(|| today(now));
    let who = Says { name: by, by: &super::people::by() };
    let new = names::decide(&app.db, (name, code, day), who, now).await.map_err(failure)?;
    output::line(format!("`{}` means {} from the next round on", new.alias, new.unit_name))?;
    Ok(Code::Done)
}

pub(super) async fn unresolve(app: &App, name: &str, by: &str) -> Result<Code, Failure> {
    let who = Says { name: by, by: &super::people::by() };
    let new = names::take_back(&app.db, name, who, app.clock.now()).await.map_err(failure)?;
    output::line(format!("`{}` no longer means {}", new.alias, new.unit_name))?;
    Ok(Code::Done)
}

fn failure(error: AliasError) -> Failure {
    match error {
        AliasError::Db(error) => error.into(),
        other => Failure::usage(other.to_string()),
    }
}
