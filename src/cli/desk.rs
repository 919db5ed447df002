//! `dondoc catalog unresolved | resolve | unresolve`: a person says which unit a source means.

use chrono::NaiveDate;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::api::{StrangerLine, strangers};
use crate::app::{App, today};
use crate::catalog::{self, AliasError, Catalog};
use crate::observation;

pub(super) async fn list(app: &App, format: Format) -> Result<Code, Failure> {
    let day = today(app.clock.now());
    let catalog = Catalog::of(&catalog::load(&app.db).await?, day, day);
    let open = strangers(&catalog, observation::unresolved(&app.db).await?);
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
    let new = app.resolve_name((name, code), on, (by, &super::people::by())).await.map_err(failure)?;
    output::line(format!("`{}` means {} from the next round on", new.alias, new.unit_name))?;
    Ok(Code::Done)
}

pub(super) async fn unresolve(app: &App, name: &str, by: &str) -> Result<Code, Failure> {
    let new = app.unresolve_name(name, (by, &super::people::by())).await.map_err(failure)?;
    output::line(format!("`{}` no longer means {}", new.alias, new.unit_name))?;
    Ok(Code::Done)
}

fn failure(error: AliasError) -> Failure {
    match error {
        AliasError::Db(error) => error.into(),
        other => Failure::usage(other.to_string()),
    }
}
