//! What the page behind a letter's link says of its figures and of the answers so far.

use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::words;
use crate::catalog::Demand;
use crate::db::{Db, DbError, Sql};
use crate::decision::CaseFile;
use crate::evaluation::{self, Judged, Rate};
use crate::read;
use crate::reply::{Answer, Kind, LONGEST_CAUSE, Letter, Refusal};
use crate::report::decimal;

/// The newest round of a day, and up to when its figures go.
pub(super) const ROUND: Sql = Sql::portable(
    "SELECT id, coalesce(figures_until, as_of) FROM run WHERE as_of = $1 AND state = 'done' \
     ORDER BY started_at DESC, id LIMIT 1",
);

/// What the letter was about.
#[derive(Debug)]
pub(super) struct Told {
    /// The figures' last day.
    pub(super) until: String,
    pub(super) units: Vec<Unit>,
}

/// One unit's figures.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) figures: Vec<Figure>,
}

/// One figure.
#[derive(Debug)]
pub(super) struct Figure {
    pub(super) name: String,
    /// Counts, rate, target and what is missing; empty when the round's figures are not there.
    pub(super) value: String,
    /// Whether its case is over.
    pub(super) closed: bool,
    pub(super) answer: Option<String>,
}

/// Reads the figures of the round that wrote the letter.
pub(super) async fn told(t: Tongue, db: &Db, letter: &Letter) -> Result<Told, DbError> {
    let as_of = letter.as_of.to_string();
    let round: Option<(String, String)> =
        read!(db, ROUND, |sql, pool| sqlx::query_as(sql).bind(&as_of).fetch_optional(pool).await?);
    let mut units: Vec<Unit> = Vec::new();
    for cases in letter.cases.chunk_by(|one, next| one.file.unit == next.file.unit) {
        let Some(unit) = cases.first().map(|case| &case.file.unit) else { continue };
        let judged = match &round {
            Some((run_id, _)) => evaluation::judged_of(db, run_id, unit).await?,
            None => Vec::new(),
        };
        let figure = |case: &crate::reply::LetterCase| Figure {
            name: name(letter, &case.file),
            value: judged
                .iter()
                .find(|one| one.indicator == case.file.indicator)
                .map_or_else(String::new, |one| value(t, letter, one)),
            closed: case.file.closed_on.is_some(),
            answer: case.answer.as_ref().map(|said| answer(t, said)),
        };
        let known = letter.catalog.unit(unit);
        units.push(Unit {
            name: known.map_or_else(|| letter.catalog.last_name(unit), crate::catalog::Unit::authority),
            figures: cases.iter().map(figure).collect(),
        });
    }
    Ok(Told { until: words::local_date(round.as_ref().map_or(&as_of, |(_, until)| until)), units })
}

/// What a figure is called: as the act behind its target does.
pub(super) fn name(letter: &Letter, file: &CaseFile) -> String {
    let catalog = &letter.catalog;
    let target = catalog.unit(&file.unit).and_then(|unit| catalog.target_for(unit, &file.indicator));
    let indicator = || catalog.indicators.iter().find(|known| known.id == file.indicator);
    let name = target.map(|target| target.name.clone()).or_else(|| indicator().map(|known| known.name.clone()));
    name.unwrap_or_else(|| file.indicator.to_string())
}

fn value(t: Tongue, letter: &Letter, judged: &Judged) -> String {
    let rate = judged.numerator.zip(judged.denominator).and_then(|(top, below)| Rate::new(top, below));
    let (Some(rate), Some(target)) = (rate, judged.target) else { return String::new() };
    let (top, below) = (words::grouped(rate.numerator()), words::grouped(rate.denominator()));
    let shown = decimal(rate.rounded_beside(target, judged.comparator), ',');
    let wanted = target.to_string().replace('.', ",");
    let counted = letter.catalog.indicators.iter().find(|known| known.id == judged.indicator);
    let counted = counted.map_or("", |known| &known.counted);
    let missing =
        judged.missing.map_or_else(String::new, |missing| t.with2("reply.missing", words::grouped(missing), counted));
    let unit = letter.catalog.unit(&judged.unit_id);
    let binding = unit.and_then(|unit| letter.catalog.target_for(unit, &judged.indicator));
    let demand = match binding.map(|target| target.demand) {
        Some(Demand::Instruction) => "reply.figure_instruction",
        Some(Demand::Target) | None => "reply.figure",
    };
    let said = t.with2(demand, format!("{top}/{below} ({shown}%)"), format!("{wanted}%"));
    format!("{said}{missing}").trim_end().to_owned()
}

/// What a head said, and when.
pub(super) fn answer(t: Tongue, answer: &Answer) -> String {
    let said = match answer.kind {
        Kind::Received => t.say("reply.said_received").to_owned(),
        Kind::Promised => t.with("reply.said_promised", answer.by.map(day).unwrap_or_default()),
        Kind::Disputed => t.with("reply.said_disputed", answer.until.map(day).unwrap_or_default()),
        Kind::NotMine => t.say("reply.said_not_mine").to_owned(),
    };
    let cause = if answer.cause.is_empty() { String::new() } else { t.with("reply.said_cause", &answer.cause) };
    format!("{said}{cause} ({})", words::local_time(answer.at))
}

/// Why an answer was not taken.
pub(super) fn refused(t: Tongue, refusal: Refusal) -> String {
    match refusal {
        Refusal::NoFigure => t.say("reply.no_figure").to_owned(),
        Refusal::NoDate => t.say("reply.no_date").to_owned(),
        Refusal::NotAhead => t.say("reply.not_ahead").to_owned(),
        Refusal::DayOff(date, off) => t.with2("reply.day_off", day(date), off.name(t)),
        Refusal::TooLate(latest) => t.with("reply.too_late", day(latest)),
        Refusal::NoCause => t.say("reply.no_cause").to_owned(),
        Refusal::TooMany => t.say("reply.too_many").to_owned(),
        Refusal::LongCause => t.with("reply.long_cause", LONGEST_CAUSE),
    }
}

/// `25/11/2026`.
pub(super) fn day(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}
