//! `dondoc catalog unresolved | resolve | unresolve`: a person says which unit a source means.

use chrono::NaiveDate;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::api::StrangerLine;
use crate::app::names::{self, Says};
use crate::app::{App, today};
use crate::catalog::AliasError;

pub(super) async fn list(app: &App, format: Format) -> Result<Code, Failure> {
    let open = names::open_names(&app.db, today(app.clock.now())).await?;
    let open: Vec<StrangerLine> = open.into_iter().map(StrangerLine::from).collect();
    if open.is_empty() {
        output::note("nothing to decide: the last round matched every unit, or no round was run yet");
    }
    table(&open).print(format, Some(json!(open)))?;
    if format == Format::Table && !open.is_empty() {
        output::note(
            "decide: dondoc catalog resolve \"NAME\" CODE (divided and dissolved units: succession.csv); \
             candidates are only alike and never used",
        );
    }
    Ok(Code::Done)
}

fn table(open: &[StrangerLine]) -> Table {
    let mut table = Table::new(vec!["source", "code", "name", "why", "rows", "first", "candidates"]);
    table.rows.extend(open.iter().map(|line| {
        let candidates: Vec<String> =
            line.candidates.iter().map(|candidate| format!("{} {}", candidate.code, candidate.name)).collect();
        vec![
            line.source.clone(),
            line.code.clone(),
            line.name.clone(),
            line.why.to_owned(),
            line.rows.to_string(),
            line.first.clone(),
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
