//! `dondoc case`: cases, and why a unit was or was not reminded.

use serde_json::json;

use super::arguments::Case;
use super::exit::{Code, Failure};
use super::explain;
use super::output::{self, Format, Table};
use crate::api::CaseLine;
use crate::app::{App, today};
use crate::catalog::{self, Catalog, Pack, UnitId};
use crate::decision::{self, CaseFile};

const ROUNDS_SHOWN: i64 = 20;

pub(super) async fn cases(app: App, asked: Case) -> Result<Code, Failure> {
    let now = today(app.clock.now());
    let pack = catalog::load(&app.db).await?;
    let name = |id: &UnitId| {
        let latest = pack.units.iter().rev().find(|unit| unit.id == *id);
        latest.map_or_else(|| (id.to_string(), String::new()), |unit| (unit.code.clone(), unit.name.clone()))
    };
    match asked {
        Case::List { all, format } => {
            let files = decision::cases(&app.db, None, all).await?;
            if files.is_empty() {
                output::note("no open case: every assessed unit is on target, or no round was run yet");
            }
            print(&files, name, format)?;
        }
        Case::Explain { unit, on, format } => {
            let day = on.unwrap_or(now);
            let catalog = Catalog::of(&pack, day, now);
            let id = found(&pack, &catalog, &unit)?;
            explain::explain(&app, &catalog, &id, (day, format)).await?;
        }
        Case::Show { unit, format } => {
            let id = found(&pack, &Catalog::of(&pack, now, now), &unit)?;
            print(&decision::cases(&app.db, Some(&id), true).await?, name, format)?;
            if format == Format::Table {
                output::line("")?;
            }
            let mut rounds = Table::new(vec!["as_of", "decision", "reason", "indicators"]);
            for (_, as_of, outcome, reason, indicators) in decision::decisions_about(&app.db, &id, ROUNDS_SHOWN).await?
            {
                rounds.rows.push(vec![as_of, outcome, reason, brief(&indicators)]);
            }
            rounds.print(format, None)?;
        }
    }
    app.close().await;
    Ok(Code::Done)
}

fn found(pack: &Pack, catalog: &Catalog, code: &str) -> Result<UnitId, Failure> {
    let known = catalog.names.find(code, "").cloned().ok();
    let known = known.or_else(|| pack.units.iter().find(|row| row.code == code).map(|row| row.id.clone()));
    known.ok_or_else(|| {
        Failure::usage(format!("no unit has the code `{code}`\n  remedy: see the codes with `dondoc report`"))
    })
}

fn print(files: &[CaseFile], name: impl Fn(&UnitId) -> (String, String), format: Format) -> Result<(), Failure> {
    let lines: Vec<CaseLine> = files.iter().map(|file| CaseLine::of(file, &name)).collect();
    let json = json!(lines);
    let mut table = Table::new(vec![
        "unit_code",
        "unit",
        "indicator",
        "opened",
        "reminded",
        "reminders",
        "closed",
        "because",
        "came_from",
    ]);
    table.rows.extend(lines.into_iter().map(|line| {
        vec![
            line.unit_code,
            line.unit,
            line.indicator,
            line.opened,
            line.reminded.unwrap_or_default(),
            line.reminders.to_string(),
            line.closed.unwrap_or_default(),
            line.because.unwrap_or_default(),
            line.came_from.unwrap_or_default(),
        ]
    }));
    table.print(format, Some(json))
}

/// `e_result remind 1, online_filing met`.
fn brief(indicators: &str) -> String {
    let list: Vec<serde_json::Value> = serde_json::from_str(indicators).unwrap_or_default();
    let text = |value: &serde_json::Value, key: &str| value.get(key).and_then(|v| v.as_str()).unwrap_or("").to_owned();
    let brief = list.iter().map(|item| format!("{} {}", text(item, "indicator"), text(item, "reason")));
    brief.collect::<Vec<_>>().join(", ")
}
