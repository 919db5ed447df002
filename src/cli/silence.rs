//! `dondoc silence`: for a while nobody is reminded of something; who said so, why, and what it hid.

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, today};
use crate::catalog::{self, Catalog, IndicatorId, UnitId};
use crate::decision::{self, LONGEST_SILENCE, Silence};

/// A silence of more than this share of all units and indicators, in percent, must be meant.
const WIDE: usize = 20;

/// What can be asked of silences.
#[derive(Debug, Subcommand)]
pub enum SilenceCommand {
    /// Remind nobody of something until a date
    #[command(
        after_help = "Examples:\n  dondoc silence add --unit 07201 --until 2022-11-30 --reason \"Xã bị lũ\" --by \"Văn phòng\"\n  \
                            dondoc silence add --unit 24 --below --indicator portal_payment --until 2022-11-15 --reason \"Cổng lỗi\" --by \"Phòng CNTT\""
    )]
    Add(AddOptions),
    /// List silences that hold or are to come, and how many reminders each hid
    #[command(after_help = "Example: dondoc silence list --all --format csv")]
    List {
        /// Those that are over too
        #[arg(long)]
        all: bool,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// End a silence today
    #[command(after_help = "Example: dondoc silence end 0b8e4a3e-9d3f-5c1e-8a77-3f1c2d4e5f60 --by \"Văn phòng\"")]
    End {
        /// Its id
        id: uuid::Uuid,
        /// Who ends it
        #[arg(long, default_value = "admin")]
        by: String,
    },
}

/// Options of `silence add`.
#[derive(Debug, Args)]
pub struct AddOptions {
    /// Code of the unit [default: every unit]
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    /// The units below it too
    #[arg(long, requires = "unit")]
    below: bool,
    /// The indicator [default: every one]
    #[arg(long, value_name = "ID")]
    indicator: Option<String>,
    /// First day [default: today]
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Last day
    #[arg(long, value_name = "DATE")]
    until: NaiveDate,
    /// Why
    #[arg(long)]
    reason: String,
    /// Who says so
    #[arg(long, default_value = "admin")]
    by: String,
    /// It is meant to silence very much
    #[arg(long)]
    yes: bool,
}

pub(super) async fn silence(app: App, asked: SilenceCommand) -> Result<Code, Failure> {
    let now = app.clock.now();
    let day = today(now);
    let catalog = Catalog::of(&catalog::load(&app.db).await?, day, day);
    match asked {
        SilenceCommand::Add(options) => {
            let mut silence = understood(&catalog, &options, day)?;
            silence.id = decision::silence_id(silence.unit.as_ref(), silence.indicator.as_ref(), silence.until, now);
            let covered = covered(&catalog, &silence);
            let all = catalog.judged_units().count() * catalog.indicators.len();
            if covered * 100 > all * WIDE && !options.yes {
                return Err(Failure::usage(format!(
                    "this silences {covered} of {all} figures\n  remedy: name a unit or an indicator, or say --yes if all \
                     of it is meant"
                )));
            }
            decision::say_silence(app.db.begin().await?, &silence, &super::people::by(), now).await?;
            output::line(format!("silent until {}: {covered} figure(s); id {}", silence.until, silence.id))?;
        }
        SilenceCommand::List { all, format } => list(&app, &catalog, day, (all, format)).await?,
        SilenceCommand::End { id, by } => {
            let who = (by.as_str(), &super::people::by());
            let ended = decision::end_silence(app.db.begin().await?, id, who, now).await?;
            if !ended {
                return Err(Failure::usage(format!(
                    "no silence {id} holds\n  remedy: see them with `dondoc silence list`"
                )));
            }
            output::line("ended: the next round reminds again")?;
        }
    }
    app.close().await;
    Ok(Code::Done)
}

fn understood(catalog: &Catalog, options: &AddOptions, day: NaiveDate) -> Result<Silence, Failure> {
    let usage = |what: String| Err(Failure::usage(what));
    let unit = match &options.unit {
        None => None,
        Some(code) => match catalog.names.find(code, "") {
            Ok(unit) => Some(unit.clone()),
            Err(_) => {
                return usage(format!("no unit has the code `{code}`\n  remedy: see the codes with `dondoc report`"));
            }
        },
    };
    let known: Vec<&str> = catalog.indicators.iter().map(|indicator| indicator.id.as_str()).collect();
    if let Some(id) = options.indicator.as_deref().filter(|id| !known.contains(id)) {
        return usage(format!("no indicator is called `{id}`\n  remedy: one of {}", known.join(", ")));
    }
    let from = options.from.unwrap_or(day);
    let (until, days) = (options.until, (options.until - from).num_days());
    if until < from {
        return usage(format!("it would end on {until}, before it begins on {from}\n  remedy: give a later --until"));
    }
    if days > LONGEST_SILENCE {
        return usage(format!(
            "{days} days are no silence but another policy\n  remedy: at most {LONGEST_SILENCE} days; for longer add a \
             [[policy.rule]] or change the targets"
        ));
    }
    if options.reason.trim().is_empty() {
        return usage("a silence needs a reason\n  remedy: say why with --reason".to_owned());
    }
    Ok(Silence {
        id: uuid::Uuid::nil(),
        unit,
        subtree: options.below,
        indicator: options.indicator.as_deref().map(IndicatorId::new),
        from,
        until,
        author: options.by.clone(),
        reason: options.reason.clone(),
        ended_on: None,
    })
}

/// How many units × indicators it is about.
fn covered(catalog: &Catalog, silence: &Silence) -> usize {
    let indicators = || catalog.indicators.iter().map(|indicator| &indicator.id);
    let units = catalog.judged_units();
    units.map(|unit| indicators().filter(|indicator| silence.covers(catalog, &unit.id, indicator)).count()).sum()
}

async fn list(app: &App, catalog: &Catalog, day: NaiveDate, (all, format): (bool, Format)) -> Result<(), Failure> {
    let mut silences = decision::silences(&app.db).await?;
    silences.retain(|silence| all || (day <= silence.until && silence.ended_on.is_none_or(|ended| day < ended)));
    if silences.is_empty() {
        output::note("no silence holds: everybody is reminded as the policy says");
    }
    let name = |unit: &UnitId| catalog.last_name(unit);
    let mut table = Table::new(vec!["id", "unit", "indicator", "from", "until", "by", "reason", "hidden", "ended"]);
    let mut objects = Vec::new();
    for silence in &silences {
        let hidden = decision::hidden_by(&app.db, silence).await?;
        let unit = silence.unit.as_ref().map_or_else(|| "every unit".to_owned(), name);
        let unit = if silence.subtree { format!("{unit} and below") } else { unit };
        let indicator = silence.indicator.as_ref().map_or_else(|| "every one".to_owned(), ToString::to_string);
        let ended = silence.ended_on.map(|day| day.to_string()).unwrap_or_default();
        objects.push(json!({
            "id": silence.id.to_string(), "unit": silence.unit.as_ref().map(UnitId::as_str), "below": silence.subtree,
            "indicator": silence.indicator.as_ref().map(IndicatorId::as_str), "from": silence.from.to_string(),
            "until": silence.until.to_string(), "by": silence.author, "reason": silence.reason, "hidden": hidden,
            "ended": silence.ended_on.map(|day| day.to_string()),
        }));
        table.rows.push(vec![
            silence.id.to_string(),
            unit,
            indicator,
            silence.from.to_string(),
            silence.until.to_string(),
            silence.author.clone(),
            silence.reason.clone(),
            hidden.to_string(),
            ended,
        ]);
    }
    table.print(format, Some(objects.into()))?;
    Ok(())
}
