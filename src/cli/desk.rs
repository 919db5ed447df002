//! `dondoc catalog unresolved | resolve | unresolve`: a person says which unit a source means.

use chrono::NaiveDate;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, today};
use crate::catalog::{self, AliasError, Candidate, Catalog, Heir, NewAlias};
use crate::observation::{self, Stranger, Stray};

/// A spelling with the units that may be meant.
struct Open {
    stranger: Stranger,
    candidates: Vec<Candidate>,
}

pub(super) async fn list(app: &App, format: Format) -> Result<Code, Failure> {
    let day = today(app.clock.now());
    let catalog = Catalog::of(&catalog::load(&app.db).await?, day, day);
    let met = observation::unresolved(&app.db).await?;
    let open: Vec<Open> = met.into_iter().filter_map(|stranger| open(&catalog, stranger)).collect();
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

/// What the catalog still does not know on the day it was asked.
fn open(catalog: &Catalog, stranger: Stranger) -> Option<Open> {
    let (code, name, day) = (stranger.code.as_str(), stranger.name.as_str(), stranger.asked_on);
    let found = catalog.find_on(code, name, day);
    let heirs = match (found.map(|id| catalog.heir(id)), stranger.why) {
        (Ok(Heir::Itself | Heir::One(_)), _) => return None,
        (Ok(Heir::Several(heirs)), _) => heirs,
        (Ok(Heir::Nobody), _) => Vec::new(),
        (Err(_), _) => {
            let candidates = catalog.candidates(code, name, day);
            return Some(Open { stranger, candidates });
        }
    };
    let why = if heirs.is_empty() { Stray::Dissolved } else { Stray::Divided };
    let present = catalog.as_of();
    let units = heirs.iter().filter_map(|id| catalog.unit(id));
    let candidates = units.map(|unit| catalog.candidate(unit, present)).collect();
    Some(Open { stranger: Stranger { why, ..stranger }, candidates })
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
    let pack = catalog::load(&app.db).await?;
    let day = on.unwrap_or_else(|| today(app.clock.now()));
    let new = catalog::resolve_alias(&pack, name, code, day).map_err(failure)?;
    store(app, &new, by).await?;
    output::line(format!("`{}` means {} from the next round on", new.alias, new.unit_name))?;
    Ok(Code::Done)
}

pub(super) async fn unresolve(app: &App, name: &str, by: &str) -> Result<Code, Failure> {
    let pack = catalog::load(&app.db).await?;
    let decisions = catalog::alias_decisions(&app.db, Some(name)).await?;
    let new = catalog::unresolve_alias(&pack, name, &decisions).map_err(failure)?;
    store(app, &new, by).await?;
    output::line(format!("`{}` no longer means {}", new.alias, new.unit_name))?;
    Ok(Code::Done)
}

async fn store(app: &App, new: &NewAlias, by: &str) -> Result<(), Failure> {
    let mut work = app.db.begin().await?;
    match catalog::store_alias(&mut work, new, by, app.clock.now()).await {
        Ok(()) => Ok(work.commit().await?),
        Err(error) => {
            work.rollback().await?;
            Err(failure(error))
        }
    }
}

fn failure(error: AliasError) -> Failure {
    match error {
        AliasError::Db(error) => error.into(),
        other => Failure::usage(other.to_string()),
    }
}
