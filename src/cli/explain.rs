//! `dondoc case explain`: whom a unit's reminders reach, how firmly, and every rule that says so.

use chrono::NaiveDate;

use super::exit::Failure;
use super::output::{self, Format, Table};
use crate::app::App;
use crate::catalog::{Catalog, Unit, UnitId};
use crate::decision::{self, History, Policy, Terms};

pub(super) async fn explain(
    app: &App,
    catalog: &Catalog,
    id: &UnitId,
    (day, format): (NaiveDate, Format),
) -> Result<(), Failure> {
    let Some(unit) = catalog.unit(id) else {
        return Err(Failure::usage(format!(
            "{} does not exist on {day}\n  remedy: `dondoc case show` tells its past",
            catalog.last_name(id)
        )));
    };
    if format == Format::Table {
        output::line(sentence(app, catalog, unit))?;
        output::line("")?;
    }
    let history = decision::history(&app.db, day).await?;
    let policy = &app.config.rules.policy;
    let mut table = Table::new(vec![
        "indicator",
        "rules",
        "misses",
        "repeat_after",
        "steps",
        "reminders",
        "not_before",
        "silent_until",
    ]);
    for indicator in &catalog.indicators {
        let terms = policy.terms(catalog, unit, &indicator.id);
        let (reminders, not_before) = case_of(catalog, &history, unit, &indicator.id, &terms);
        let silence = history
            .silences
            .iter()
            .find(|silence| silence.holds_on(day) && silence.covers(catalog, &unit.id, &indicator.id));
        table.rows.push(vec![
            indicator.id.to_string(),
            rules(policy, catalog, unit, &indicator.id),
            terms.misses.to_string(),
            format!("{} working days", terms.repeat_after),
            steps(&terms),
            reminders,
            not_before,
            silence.map(|silence| format!("{} ({})", silence.until, silence.reason)).unwrap_or_default(),
        ]);
    }
    table.print(format, None)?;
    Ok(())
}

/// `Xã Song Mai (07201): Chủ tịch UBND xã Song Mai by mail; copies to Chủ tịch UBND thành phố Bắc Giang`.
fn sentence(app: &App, catalog: &Catalog, unit: &Unit) -> String {
    let Some(recipient) = catalog.recipient_of(&unit.id) else {
        return format!("{} ({}): nobody; name its head in the contacts", unit.name, unit.code);
    };
    let channel = app.config.channels.iter().find(|channel| channel.address_for(recipient).is_some());
    let by = channel.map_or_else(|| "no channel reaches him".to_owned(), |channel| format!("by {}", channel.name));
    let above = unit.parent.as_ref().and_then(|parent| catalog.recipient_of(parent));
    let above = above.filter(|above| above.id != recipient.id);
    let copies = above.map_or_else(|| "nobody above".to_owned(), |above| format!("copies to {}", above.title));
    format!("{} ({}): {} {by}; {copies}", unit.name, unit.code, recipient.title)
}

fn rules(policy: &Policy, catalog: &Catalog, unit: &Unit, indicator: &crate::catalog::IndicatorId) -> String {
    let names: Vec<&str> = policy.fitting(catalog, unit, indicator).map(|rule| rule.name.as_str()).collect();
    if names.is_empty() { "[policy]".to_owned() } else { format!("[policy], {}", names.join(", ")) }
}

/// `thông báo from 1, nhắc lại from 2, đồng gửi cấp trên from 4 with copy`.
fn steps(terms: &Terms) -> String {
    let step = |step: &decision::Step| {
        let copy = if step.copy { " with copy" } else { "" };
        let letter = if step.letter { " with letter" } else { "" };
        format!("{} from {}{copy}{letter}", step.name, step.from)
    };
    terms.ladder.iter().map(step).collect::<Vec<_>>().join(", ")
}

/// Reminders so far, and the first day on which the next one may come.
fn case_of(
    catalog: &Catalog,
    history: &History,
    unit: &Unit,
    indicator: &crate::catalog::IndicatorId,
    terms: &Terms,
) -> (String, String) {
    let Some(case) = history.open.get(&(unit.id.clone(), indicator.clone())) else {
        return ("no open case".to_owned(), String::new());
    };
    let next = case.reminded_on.map(|last| {
        let wait = terms.wait_after(case.reminders, case.raised);
        catalog.calendar.working_days_after(last, wait).to_string()
    });
    (case.reminders.to_string(), next.unwrap_or_default())
}
