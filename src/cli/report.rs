//! `dondoc report`: where every unit stands, for people, for programs and for a spreadsheet.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::api::{Figures, Service, UnitFigures};
use crate::app::{App, today};
use crate::catalog::{self, Catalog};
use crate::evaluation::{Evaluation, Standing};
use crate::pass;
use crate::report::{ServiceLine, Standings, UnitStandings, decimal, services, standings};

pub(super) async fn report(
    app: App,
    unit: Option<&str>,
    as_of: Option<NaiveDate>,
    format: Format,
) -> Result<Code, Failure> {
    let Some((run_id, as_of)) = pass::latest(&app.db, as_of).await? else {
        let which = as_of.map_or_else(String::new, |date| format!(" as of {date}"));
        return Err(Failure::usage(format!("there is no finished round{which}\n  remedy: `dondoc run` makes one")));
    };
    let pack = catalog::load(&app.db).await?;
    let view = Catalog::of(&pack, as_of, today(app.clock.now()));
    let mut standings = standings(&app.db, &view, &run_id, as_of).await?;
    if let Some(code) = unit {
        let Some(unit) = view.names.find(code, "").ok().and_then(|id| view.unit(id)) else {
            return Err(Failure::usage(format!(
                "no unit has the code `{code}` on {as_of}\n  remedy: see the codes with `dondoc report --as-of {as_of}`"
            )));
        };
        let services = services(&app.db, &view, &run_id, &unit.id).await?;
        standings.units.retain(|standing| standing.code == unit.code);
        app.close().await;
        return one_unit(&standings, &services, format);
    }
    app.close().await;
    match format {
        Format::Json => output::json(&as_json(&standings))?,
        Format::Csv => units(&standings).print(Format::Csv, None)?,
        Format::Table => {
            output::line(units(&standings).text())?;
            output::line("")?;
            let total = UnitStandings { code: "total".to_owned(), name: String::new(), lines: standings.total.clone() };
            output::line(units(&Standings { units: vec![total], ..standings }).text())?;
        }
    }
    Ok(Code::Done)
}

/// So many services of an indicator are shown to people; programs get all.
const SERVICES_SHOWN: usize = 10;

fn one_unit(standings: &Standings, services: &[ServiceLine], format: Format) -> Result<Code, Failure> {
    match format {
        Format::Json => {
            let mut value = as_json(standings);
            if let Some(object) = value.as_object_mut() {
                object.remove("total");
                object.insert("services".to_owned(), json!(services.iter().map(Service::from).collect::<Vec<_>>()));
            }
            output::json(&value)?;
        }
        Format::Csv => service_table(services, usize::MAX).print(Format::Csv, None)?,
        Format::Table => {
            output::line(units(standings).text())?;
            output::line("")?;
            output::line(service_table(services, SERVICES_SHOWN).text())?;
        }
    }
    Ok(Code::Done)
}

/// The services of every indicator, at most `shown` of each.
fn service_table(services: &[ServiceLine], shown: usize) -> Table {
    let mut table = Table::new(vec!["indicator", "service", "numerator", "denominator", "missing"]);
    let of_indicator = services.chunk_by(|one, next| one.indicator == next.indicator);
    table.rows.extend(of_indicator.flat_map(|lines| lines.iter().take(shown)).map(|line| {
        let counts = [line.numerator, line.denominator, line.missing()].map(|count| count.to_string());
        [line.indicator.to_string(), line.service.clone()].into_iter().chain(counts).collect()
    }));
    table
}

fn as_json(standings: &Standings) -> Value {
    json!({
        "as_of": standings.as_of.to_string(),
        "total": Figures::of(&standings.total),
        "units": standings.units.iter().map(UnitFigures::from).collect::<Vec<_>>(),
    })
}

fn units(standings: &Standings) -> Table {
    let mut table = Table::new(vec![
        "unit_code",
        "unit",
        "indicator",
        "numerator",
        "denominator",
        "rate",
        "target",
        "standing",
        "missing",
    ]);
    for unit in &standings.units {
        table.rows.extend(unit.lines.iter().map(|line| {
            vec![
                unit.code.clone(),
                unit.name.clone(),
                line.indicator.to_string(),
                line.rate.map(|rate| rate.numerator().to_string()).unwrap_or_default(),
                line.rate.map(|rate| rate.denominator().to_string()).unwrap_or_default(),
                line.shown().map(|shown| decimal(shown, '.')).unwrap_or_default(),
                line.demanded.map(|demanded| decimal(demanded.rounded(), '.')).unwrap_or_default(),
                line.standing.clone(),
                line.missing.map(|missing| missing.to_string()).unwrap_or_default(),
            ]
        }));
    }
    table
}

/// The whole province as a round found it, in the words and numbers of the letter.
pub(super) fn province(evaluations: &[Evaluation]) -> Table {
    let mut table = Table::new(vec!["indicator", "figure", "rate", "target", "standing", "missing"]);
    table.rows.extend(evaluations.iter().filter_map(|evaluation| {
        let rate = evaluation.rate?;
        let target = evaluation.target.as_ref();
        let beside = target.zip(evaluation.demanded);
        let shown = beside
            .map_or_else(|| rate.rounded(), |(target, demanded)| rate.rounded_beside(demanded, target.comparator));
        let missing = match &evaluation.standing {
            Standing::Below(shortfall) => shortfall.missing.to_string(),
            Standing::Met | Standing::NotAssessed(_) => String::new(),
        };
        Some(vec![
            evaluation.indicator.name.clone(),
            format!("{}/{}", rate.numerator(), rate.denominator()),
            format!("{} %", decimal(shown, ',')),
            evaluation.demanded.map(|demanded| format!("{demanded} %")).unwrap_or_default(),
            evaluation.standing.word().to_owned(),
            missing,
        ])
    }));
    table
}
