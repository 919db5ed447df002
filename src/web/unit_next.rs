//! When a unit may be reminded next, and what it did lately by itself: the month's own rate beside the cumulative one.

use std::collections::HashMap;

use chrono::{Datelike as _, NaiveDate};

use super::catalogue::Tongue;
use super::figure_words::percent;
use super::page::Failure;
use super::{Site, words};
use crate::catalog::{Catalog, IndicatorId, IndicatorKind, Unit, UnitId};
use crate::decision::{self, CaseFile, Policy};
use crate::evaluation::{self, Judged, Rate};
use crate::pass::DoneRound;
use crate::report::Line;

/// One sentence per open case of `unit`: what was said, and the first day on which it may be said again. Nothing where the
/// pages know no policy.
pub(super) async fn repeats(
    (t, site): (Tongue, &Site),
    catalog: &Catalog,
    (unit, id): (&Unit, &UnitId),
) -> Result<Vec<String>, Failure> {
    let Ok(app) = site.app() else { return Ok(Vec::new()) };
    let cases = decision::cases(&site.db, Some(id), false).await?;
    Ok(cases.iter().map(|file| repeat(t, catalog, &app.config.rules.policy, (unit, file))).collect())
}

fn repeat(t: Tongue, catalog: &Catalog, policy: &Policy, (unit, file): (&Unit, &CaseFile)) -> String {
    let known = catalog.indicators.iter().find(|known| known.id == file.indicator);
    let name = known.map_or_else(|| file.indicator.to_string(), |known| known.short_name.clone());
    let (terms, case) = (policy.terms(catalog, unit, &file.indicator), &file.case);
    let Some(last) = case.reminded_on.filter(|_| case.reminders > 0) else {
        return t.with3("unit.not_reminded", name, case.misses, terms.misses);
    };
    let first = catalog.calendar.working_days_after(last, terms.wait_after(case.reminders, case.raised));
    let step = terms.ladder.get(terms.rung(case.reminders.saturating_add(1), case.raised));
    let step = step.map(|step| t.with(if step.copy { "unit.step_copy" } else { "unit.step" }, &step.name));
    let (step, next) = (step.unwrap_or_default(), case.reminders.saturating_add(1));
    t.with_all("unit.repeat", &[&name, &case.reminders, &day(last), &next, &step, &day(first)])
}

fn day(date: NaiveDate) -> String {
    words::local_date(&date.to_string())
}

/// What the unit did in the newest month alone, per indicator, in words: the difference of the newest figures and of the last
/// ones that end before that month. Only where past dossiers stay as they are, so that the difference is the month's.
pub(super) async fn month(
    (t, site): (Tongue, &Site),
    catalog: &Catalog,
    id: &UnitId,
    (rounds, lines): (&[DoneRound], &[Line]),
) -> Result<HashMap<IndicatorId, String>, Failure> {
    let Some((from, newest)) = base(rounds) else { return Ok(HashMap::new()) };
    let before = evaluation::judged_of(&site.db, &from.run_id, id).await?;
    let label = label(t, from.until, newest.until);
    let own = lines.iter().filter_map(|line| {
        let known = catalog.indicators.iter().find(|known| known.id == line.indicator)?;
        let rate = difference(line, &before).filter(|_| known.kind == IndicatorKind::Flow)?;
        let beside = |demanded| rate.rounded_beside(demanded, line.comparator);
        let shown = percent(line.demanded.map_or_else(|| rate.rounded(), beside));
        let (top, below) = (words::grouped(rate.numerator()), words::grouped(rate.denominator()));
        Some((line.indicator.clone(), format!("{label}: {top}/{below}, {shown}")))
    });
    Ok(own.collect())
}

/// The newest round, and the last one whose figures end before its month began.
fn base(rounds: &[DoneRound]) -> Option<(&DoneRound, &DoneRound)> {
    let newest = rounds.last()?;
    let first = newest.until.with_day(1)?;
    let earlier = rounds.iter().filter(|round| round.until < first && round.until.year() == newest.until.year());
    Some((earlier.max_by_key(|round| (round.until, round.started_at))?, newest))
}

fn label(t: Tongue, from: NaiveDate, until: NaiveDate) -> String {
    let first = until.with_day(1);
    if from.succ_opt() != first {
        let next = from.succ_opt().map(day).unwrap_or_default();
        return t.with2("unit.month_stretch", next, day(until));
    }
    let last = until.succ_opt().is_none_or(|next| next.day() == 1);
    if last {
        t.with("unit.month_whole", until.month())
    } else {
        t.with2("unit.month_so_far", until.month(), day(until))
    }
}

/// What was added since `before`; nothing when the figures were corrected downwards or another definition counts.
fn difference(line: &Line, before: &[Judged]) -> Option<Rate> {
    let earlier = before.iter().find(|judged| judged.indicator == line.indicator && judged.version == line.version)?;
    let now = line.rate?;
    let top = now.numerator().checked_sub(earlier.numerator?)?;
    let below = now.denominator().checked_sub(earlier.denominator?)?;
    Rate::new(top, below).filter(|_| top <= below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stretch_is_called_a_month_only_where_it_is_one() {
        let day = |text: &str| text.parse().unwrap();
        for (from, until, said) in [
            ("2022-09-30", "2022-10-31", "Riêng tháng 10"),
            ("2022-09-30", "2022-10-20", "Riêng tháng 10 (đến 20/10/2022)"),
            ("2022-09-26", "2022-10-31", "Riêng từ ngày 27/09/2022 đến 31/10/2022"),
            ("2022-08-31", "2022-10-31", "Riêng từ ngày 01/09/2022 đến 31/10/2022"),
        ] {
            assert_eq!(label(Tongue::Vietnamese, day(from), day(until)), said);
        }
    }
}
