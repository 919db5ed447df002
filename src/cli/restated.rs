//! `dondoc restated`: which units were reminded on figures that were corrected since, what was said and what is true; and the
//! corrections that tell their heads.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use clap::Args;
use serde_json::{Value, json};

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use super::{approve, digest};
use crate::app::{App, Role};
use crate::catalog::{self, Catalog, UnitId};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::Durability;
use crate::evaluation::{self, Judged, Rate, Restated};
use crate::pass::{self, Correcting, Reminded};
use crate::report::decimal;
use crate::{dispatch, outbox};

/// Options of `restated`.
#[derive(Debug, Args)]
pub struct RestatedOptions {
    /// Only reminders as of this date
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<NaiveDate>,
    /// List a unit that is still below only when its missing count moved by more than this
    #[arg(long, value_name = "PERCENT", default_value_t = 10)]
    pub percent: u64,
    /// Tell the heads: one correction for each letter that left
    #[arg(long)]
    pub send: bool,
    /// Do not ask first
    #[arg(long, requires = "send")]
    pub yes: bool,
    /// List only, store and send nothing; so it is without `--send`
    #[arg(long, conflicts_with = "send")]
    pub dry_run: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// A correction with the round it is about.
struct Found {
    round: Reminded,
    restated: Restated,
}

pub(super) async fn restated(app: App, asked: RestatedOptions) -> Result<Code, Failure> {
    let pack = catalog::load(&app.db).await?;
    let mut judgements: BTreeMap<String, Vec<Judged>> = BTreeMap::new();
    let mut found = Vec::new();
    for round in pass::reminded_rounds(&app.db, asked.as_of).await? {
        let day = round.figures_until.parse().unwrap_or_default();
        let catalog = Catalog::of(&pack, day, day);
        let reminded = pass::told(&app.db, &catalog, &round.run_id).await?;
        for run in [&round.run_id, &round.later] {
            if !judgements.contains_key(run) {
                judgements.insert(run.clone(), evaluation::judged(&app.db, run).await?);
            }
        }
        let of = |run: &String| judgements.get(run).map(Vec::as_slice).unwrap_or_default();
        let changed = evaluation::restated(of(&round.run_id), of(&round.later), &reminded, asked.percent);
        found.extend(changed.into_iter().map(|restated| Found { round: round.clone(), restated }));
        judgements.remove(&round.run_id);
    }
    app.close().await;
    let name = |id: &UnitId| {
        let latest = pack.units.iter().rev().find(|unit| unit.id == *id);
        latest.map_or_else(|| (id.to_string(), String::new()), |unit| (unit.code.clone(), unit.name.clone()))
    };
    if found.is_empty() {
        output::note(
            "nobody was reminded on figures that were corrected since; a day is judged again by \
             `dondoc run --as-of DATE`, which reminds nobody of days past",
        );
    }
    table(&found, name).print(asked.format, Some(found.iter().map(|found| as_json(found, name)).collect()))?;
    Ok(Code::Done)
}

/// Writes and delivers the corrections, when a person says so.
pub(super) async fn send(config: Config, asked: RestatedOptions) -> Result<Code, Failure> {
    let name = crate::config::user().unwrap_or_else(|| "unknown".to_owned());
    let app = App::open(config, Clock::System, Role::Worker, Durability::Full).await?;
    let app = app.started_by(name, super::people::by());
    let correcting = Correcting { as_of: asked.as_of, percent: asked.percent };
    let due = app.correct(correcting, true).await?;
    if due.messages.is_empty() && due.taken_back == 0 {
        app.close().await;
        output::note("no letter that left has to be corrected");
        digest::explain(&due, &[], false);
        if matches!(asked.format, Format::Json) {
            output::json(&digest::as_json(&due, &outbox::Tally::default(), &digest::table(&due)))?;
        }
        return Ok(Code::Done);
    }
    let messages = digest::table(&due);
    if matches!(asked.format, Format::Table) && !messages.rows.is_empty() {
        output::line(messages.text())?;
        output::line("")?;
    }
    if !asked.yes && !approve::confirmed(&format!("Send {} correction(s)?", due.messages.len())) {
        app.close().await;
        return Err(Failure::new(Code::NotApproved, "nothing was written; the letters stay uncorrected"));
    }
    let rolled = app.correct(correcting, false).await?;
    let reports = digest::deliver(&app).await?;
    let tally = outbox::tally(&app.db, Some(&rolled.run_id)).await?;
    let paused = dispatch::paused(&app.db).await?;
    app.close().await;
    match asked.format {
        Format::Table => digest::counts(&rolled, &tally)?,
        Format::Json => output::json(&digest::as_json(&rolled, &tally, &digest::table(&rolled)))?,
        Format::Csv => digest::table(&rolled).print(Format::Csv, None)?,
    }
    digest::explain(&rolled, &reports, paused);
    Ok(digest::code(&rolled, &reports, &tally))
}

fn table(found: &[Found], name: impl Fn(&UnitId) -> (String, String)) -> Table {
    let mut table = Table::new(vec![
        "as_of",
        "unit_code",
        "unit",
        "indicator",
        "said",
        "said_missing",
        "now",
        "now_missing",
        "now_standing",
        "change",
    ]);
    table.rows.extend(found.iter().map(|Found { round, restated }| {
        let (code, unit) = name(&restated.said.unit_id);
        let now = restated.now.as_ref();
        let missing = |judged: &Judged| judged.missing.map(|missing| missing.to_string()).unwrap_or_default();
        vec![
            round.as_of.clone(),
            code,
            unit,
            restated.said.indicator.to_string(),
            figure(&restated.said),
            missing(&restated.said),
            now.map(figure).unwrap_or_default(),
            now.map(missing).unwrap_or_default(),
            now.map_or("not_judged", |now| now.standing).to_owned(),
            restated.why.word().to_owned(),
        ]
    }));
    table
}

/// `40/200 (20,00 %)`.
fn figure(judged: &Judged) -> String {
    let (Some(numerator), Some(denominator)) = (judged.numerator, judged.denominator) else { return String::new() };
    let rate = Rate::new(numerator, denominator);
    let shown = rate.map(|rate| format!(" ({} %)", decimal(rate.rounded(), ','))).unwrap_or_default();
    format!("{numerator}/{denominator}{shown}")
}

fn as_json(Found { round, restated }: &Found, name: impl Fn(&UnitId) -> (String, String)) -> Value {
    let (code, unit) = name(&restated.said.unit_id);
    let figures = |judged: &Judged| {
        json!({
            "numerator": judged.numerator, "denominator": judged.denominator,
            "standing": judged.standing, "missing": judged.missing,
        })
    };
    json!({
        "run_id": round.run_id, "as_of": round.as_of, "figures_until": round.figures_until,
        "corrected_by": round.later, "unit_code": code, "unit": unit,
        "indicator": restated.said.indicator.as_str(), "change": restated.why.word(),
        "said": figures(&restated.said), "now": restated.now.as_ref().map(figures),
    })
}
