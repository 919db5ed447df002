//! `dondoc report --effect`: what changed after reminders, beside units that were not reminded.

use serde_json::{Value, json};

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, today};
use crate::pass::Comparing;
use crate::report::{EffectLine, NO_PROOF, Side, TOO_FEW, decimal};
use crate::{catalog, pass};

pub(super) async fn effect(app: App, format: Format) -> Result<Code, Failure> {
    let pack = catalog::load(&app.db).await?;
    let rounds = pass::done_rounds(&app.db).await?;
    let asked = Comparing {
        compare_days: app.config.digest.compare_days,
        last: usize::MAX,
        units: None,
        today: today(app.clock.now()),
    };
    let lines = pass::effects(&app.db, &pack, &rounds, &asked).await?;
    app.close().await;
    print(&lines, format)
}

fn print(lines: &[EffectLine], format: Format) -> Result<Code, Failure> {
    if lines.is_empty() {
        output::note("no round that reminded somebody is followed by one with later figures of the same year");
    }
    let whole = json!({"note": NO_PROOF, "lines": lines.iter().map(as_json).collect::<Vec<_>>()});
    table(lines).print(format, Some(whole))?;
    match format {
        Format::Table => output::line(format!("\n{NO_PROOF}"))?,
        Format::Csv => output::note(NO_PROOF),
        Format::Json => {}
    }
    Ok(Code::Done)
}

fn table(lines: &[EffectLine]) -> Table {
    let mut table = Table::new(vec![
        "indicator",
        "level",
        "group",
        "units",
        "steps",
        "start_median",
        "change_median",
        "change_lower",
        "change_upper",
        "note",
    ]);
    for line in lines {
        let note = if line.is_comparable() { "" } else { TOO_FEW };
        for (group, side) in [("reminded", &line.reminded), ("not_reminded", &line.others)] {
            let spread = side.spread.filter(|_| line.is_comparable());
            let numbers = spread.map(|spread| {
                let changes = [spread.median, spread.lower, spread.upper].map(|change| change.decimal('.'));
                [decimal(spread.start.rounded(), '.')].into_iter().chain(changes).collect()
            });
            let mut row = vec![line.indicator.to_string(), line.level.word().to_owned(), group.to_owned()];
            row.extend([side.units.to_string(), side.steps.to_string()]);
            row.extend(numbers.unwrap_or_else(|| vec![String::new(); 4]));
            row.push(note.to_owned());
            table.rows.push(row);
        }
    }
    table
}

fn as_json(line: &EffectLine) -> Value {
    let side = |side: &Side| {
        let spread = side.spread.filter(|_| line.is_comparable()).map(|spread| {
            json!({
                "start_median": decimal(spread.start.rounded(), '.'),
                "change_median": spread.median.decimal('.'),
                "change_lower": spread.lower.decimal('.'),
                "change_upper": spread.upper.decimal('.'),
            })
        });
        json!({"units": side.units, "steps": side.steps, "spread": spread})
    };
    json!({
        "indicator": line.indicator.as_str(), "level": line.level.word(), "comparable": line.is_comparable(),
        "reminded": side(&line.reminded), "not_reminded": side(&line.others),
        "note": if line.is_comparable() { "" } else { TOO_FEW },
    })
}
