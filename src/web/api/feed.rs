//! The feed for a screen of the province's operations centre: one flat row per unit and indicator, made to be asked for again
//! and again.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::tagged;
use super::asked::Asked;
use super::description::Refused;
use super::ground::Ground;
use super::province::day;
use super::units::kind;
use super::words::{FormatWord, KindWord};
use super::wrong::{Trouble, Wrong};
use crate::api::Figure;
use crate::report::{self, Change, harmless};
use crate::web::Site;
use crate::web::session::Visitor;

/// Which rows, and how they are written.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct WhichRows {
    /// `json`, or `csv`: plain UTF-8 with a header row.
    #[param(value_type = Option<FormatWord>, inline)]
    format: Option<String>,
    /// As of which day: the newest round of that date. Without it: the newest of all.
    #[param(format = Date)]
    as_of: Option<String>,
    /// Only this indicator.
    indicator: Option<String>,
    /// Only units of this kind; the total is always there.
    #[param(value_type = Option<KindWord>, inline)]
    kind: Option<String>,
}

/// The feed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Feed {
    /// As of when.
    #[schema(format = Date)]
    as_of: String,
    /// The round.
    run_id: String,
    /// The total first, then the units by code; per indicator.
    rows: Vec<FeedRow>,
}

/// One figure. The same names stand in the header of the CSV.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FeedRow {
    /// As of when.
    #[schema(format = Date)]
    as_of: String,
    /// Official code of the unit; `total` for the sum over all that the token sees.
    unit_code: String,
    /// Its name; empty for the total.
    unit: String,
    /// `so`, `ban`, `xa`, `phuong` …; `total` for the total.
    kind: &'static str,
    /// The indicator.
    indicator: String,
    /// Its name in Vietnamese.
    indicator_name: String,
    /// The count on top; null when there is no figure.
    numerator: Option<u64>,
    /// The count below, never 0; null when there is no figure.
    denominator: Option<u64>,
    /// Percent with two decimals; a miss never shows as a hit.
    rate: Option<String>,
    /// The year's target in percent.
    target: Option<String>,
    /// What the target demands on that day, in percent.
    demanded: Option<String>,
    /// `met`, `below`, or the reason why it was not assessed.
    standing: String,
    /// Further dossiers needed, when below.
    missing: Option<u64>,
    /// Percentage points since the round before, with a sign.
    change: Option<String>,
}

/// One row per unit and indicator of the newest round, flat, under names that stay. Send the `ETag` back as
/// `If-None-Match`: as long as nothing changed the answer is 304 and empty.
#[utoipa::path(get, path = "/api/v1/feed", tag = "figures", params(WhichRows), security(("token" = [])),
    responses((status = 200, content((Feed = "application/json"), (String = "text/csv"))), Refused))]
pub(in crate::web) async fn feed(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(asked): Asked<WhichRows>,
) -> Response {
    let csv = match asked.format.as_deref() {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => {
            let wrong = Wrong::bad("format: neither json nor csv", "ask for one of them").at("format");
            return site.refuse(wrong.into());
        }
    };
    let told = told(&site, &visitor, &asked).await;
    if !csv {
        return site.tell(&headers, told);
    }
    match told.and_then(|feed| sheet(feed.rows)) {
        Ok(text) => tagged(&headers, HeaderValue::from_static("text/csv; charset=utf-8; header=present"), text),
        Err(trouble) => site.refuse(trouble),
    }
}

async fn told(site: &Site, visitor: &Visitor, asked: &WhichRows) -> Result<Feed, Trouble> {
    let kind = kind(asked.kind.as_deref())?;
    let ground = Ground::load(site, visitor, day("as_of", asked.as_of.as_deref())?).await?;
    let round = ground.round()?;
    let as_of = round.as_of.to_string();
    let known = |id: &str| ground.catalog.indicators.iter().find(|indicator| indicator.id.as_str() == id);
    if let Some(wanted) = &asked.indicator
        && known(wanted).is_none()
    {
        return Err(Wrong::missing("`/api/v1/indicators` lists the ids").at("indicator").into());
    }
    let wanted = |line: &report::Line| asked.indicator.as_deref().is_none_or(|id| line.indicator.as_str() == id);
    let row = |(code, name, kind): (&str, &str, &'static str), line: &report::Line, change: Option<Change>| {
        let figure = Figure::from(line);
        let id = line.indicator.to_string();
        FeedRow {
            as_of: as_of.clone(),
            unit_code: code.to_owned(),
            unit: name.to_owned(),
            kind,
            indicator_name: known(&id).map(|indicator| indicator.short_name.clone()).unwrap_or_default(),
            indicator: id,
            numerator: figure.numerator,
            denominator: figure.denominator,
            rate: figure.rate,
            target: figure.target,
            demanded: figure.demanded,
            standing: figure.standing,
            missing: figure.missing,
            change: change.map(|change| change.decimal('.')),
        }
    };
    let own = ground.rows();
    let totals = report::totals(&ground.catalog, &own, round.as_of, ground.part());
    let totals = totals.iter().filter(|total| wanted(&total.line));
    let mut rows: Vec<FeedRow> = totals.map(|total| row(("total", "", "total"), &total.line, total.change)).collect();
    let by_unit: std::collections::HashMap<_, _> = own.iter().map(|row| (row.unit, row)).collect();
    for unit in ground.listed.iter().filter(|unit| kind.is_none_or(|kind| unit.kind == kind)) {
        let Some(found) = by_unit.get(&unit.id) else { continue };
        let lines = found.now.iter().map(|judged| report::line(&ground.catalog, judged));
        rows.extend(lines.filter(&wanted).map(|line| {
            let change = found.cell(&line.indicator).and_then(|cell| cell.change);
            row((&unit.code, &unit.name, unit.kind.word()), &line, change)
        }));
    }
    Ok(Feed { as_of, run_id: round.run_id.clone(), rows })
}

/// RFC 4180, UTF-8 without a mark; a name that a spreadsheet would take for a formula is quoted with `'`.
fn sheet(rows: Vec<FeedRow>) -> Result<String, Trouble> {
    let broken = |error: &dyn std::fmt::Display| Trouble::Broken(error.to_string());
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for mut row in rows {
        row.unit = harmless(&row.unit);
        writer.serialize(row).map_err(|error| broken(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| broken(&error))?;
    String::from_utf8(bytes).map_err(|error| broken(&error))
}
