//! The heat map as it is filtered, taken away: as a workbook, as text, and as a page for the printer. All units, not a page.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::catalogue::Tongue;
use super::figure_words::{self, kind};
use super::heat_figures::{Figures, Known, periods, sorted};
use super::heat_map::{self, Head, Row};
use super::heat_wanted::{Asked, Wanted};
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::{Site, words};
use crate::pass;
use crate::report::{GlanceCell, GlanceRow, Sheet, SheetCell, Tone};

/// Units in the print view; a browser takes its time over more, and nobody reads so much paper.
const PRINTED: usize = 1_000;

/// Which file.
#[derive(Debug, Clone, Copy)]
enum Form {
    Workbook,
    Text,
}

/// What is told of an indicator.
const COLUMNS: [&str; 7] = [
    "heat.col_figure",
    "heat.col_reached",
    "heat.col_all",
    "heat.col_target",
    "heat.col_missing",
    "heat.col_change",
    "heat.col_standing",
];

type Typed = Result<Query<Asked>, QueryRejection>;

pub(super) async fn workbook(State(site): State<Site>, visitor: Visitor, asked: Typed) -> Response {
    let file = file(&site, &visitor, &Wanted::of(asked), Form::Workbook).await;
    site.answer(file)
}

pub(super) async fn text(State(site): State<Site>, visitor: Visitor, asked: Typed) -> Response {
    let file = file(&site, &visitor, &Wanted::of(asked), Form::Text).await;
    site.answer(file)
}

pub(super) async fn print(State(site): State<Site>, visitor: Visitor, asked: Typed) -> Response {
    let shown = printed(&site, &visitor, &Wanted::of(asked)).await;
    site.answer(shown)
}

async fn load(site: &Site, visitor: &Visitor, wanted: &Wanted) -> Result<Figures, Failure> {
    let units = visitor.units(site).await?;
    let periods = periods(pass::done_rounds(&site.db).await?);
    Figures::load(site, &units, &periods, wanted).await?.ok_or(Failure::NotFound)
}

async fn file(site: &Site, visitor: &Visitor, wanted: &Wanted, form: Form) -> Result<Response, Failure> {
    let figures = load(site, visitor, wanted).await?;
    // Who reads a file is seldom who took it, so it speaks the office's language unless another one is asked for.
    let t = wanted.tongue.unwrap_or(Tongue::Vietnamese);
    let sheet = {
        let known = figures.known();
        let rows = figures.rows(&known);
        sheet(t, &figures, (&rows, &known), wanted)
    };
    let name = t.with("heat.file", figures.round.as_of);
    let (kind, name) = match form {
        Form::Workbook => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", format!("{name}.xlsx")),
        Form::Text => ("text/csv; charset=utf-8", format!("{name}.csv")),
    };
    // A large province takes longer than anybody else should wait for.
    let written = tokio::task::spawn_blocking(move || match form {
        Form::Workbook => sheet.xlsx(),
        Form::Text => sheet.csv(),
    });
    let bytes = written.await.map_err(|_| Failure::File)?.map_err(|_| Failure::File)?;
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response())
}

fn sheet(t: Tongue, figures: &Figures, (rows, known): (&[GlanceRow<'_>], &Known<'_>), wanted: &Wanted) -> Sheet {
    let mut header: Vec<String> =
        ["heat.col_code", "heat.unit", "heat.col_kind"].map(|key| t.say(key).to_owned()).into();
    for indicator in &figures.catalog.indicators {
        let name = &indicator.short_name;
        header.extend(COLUMNS.map(|key| t.with(key, name)));
    }
    let line = |row: &&GlanceRow<'_>| {
        let unit = known.get(row.unit);
        let words = [
            unit.map(|unit| unit.code.clone()).unwrap_or_default(),
            unit.map_or_else(|| row.unit.to_string(), |unit| unit.name.clone()),
            unit.map(|unit| kind(t, unit.kind).to_owned()).unwrap_or_default(),
        ];
        let figures = figures.catalog.indicators.iter().flat_map(|indicator| cells(t, row.cell(&indicator.id)));
        words.map(SheetCell::Text).into_iter().chain(figures).collect()
    };
    Sheet {
        name: t.say("heat.short").to_owned(),
        title: vec![t.say("heat.caption").to_owned(), until(t, figures)],
        header,
        rows: sorted(rows, known, wanted).iter().map(line).collect(),
        frozen: 2,
    }
}

fn cells(t: Tongue, found: Option<GlanceCell>) -> [SheetCell; 7] {
    let Some(cell) = found else {
        let nothing = || SheetCell::Count(None);
        let none = SheetCell::Percent(None, Tone::Nothing);
        let words = SheetCell::Text(t.say("heat.nothing").to_owned());
        return [none, nothing(), nothing(), nothing(), nothing(), nothing(), words];
    };
    let stands = figure_words::standing(t, cell.standing, cell.tone);
    [
        SheetCell::Percent(cell.shown, cell.tone),
        SheetCell::Count(cell.rate.map(crate::evaluation::Rate::numerator)),
        SheetCell::Count(cell.rate.map(crate::evaluation::Rate::denominator)),
        SheetCell::Plain(cell.demanded.map(crate::evaluation::Threshold::rounded)),
        SheetCell::Count(cell.missing),
        SheetCell::Points(cell.change.map(crate::report::Change::rounded)),
        SheetCell::Text(stands.to_owned()),
    ]
}

fn until(t: Tongue, figures: &Figures) -> String {
    let day = |round: &pass::DoneRound| words::local_date(&round.as_of.to_string());
    match &figures.earlier {
        Some(earlier) => t.with2("heat.figures_since", day(&figures.round), day(earlier)),
        None => t.with("heat.figures_until", day(&figures.round)),
    }
}

#[derive(Template)]
#[template(path = "heat_print.html")]
struct PrintPage {
    frame: Frame,
    until: String,
    /// What the filters let through, in words.
    which: String,
    count: String,
    /// How many are shown, when that is not all of them.
    only: Option<String>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    legend: Vec<(&'static str, &'static str, &'static str)>,
    back: String,
}

async fn printed(site: &Site, visitor: &Visitor, wanted: &Wanted) -> Result<Response, Failure> {
    let (t, figures) = (visitor.tongue, load(site, visitor, wanted).await?);
    let known = figures.known();
    let rows = figures.rows(&known);
    let mut shown = sorted(&rows, &known, wanted);
    let count = shown.len();
    shown.truncate(PRINTED);
    let heads = heat_map::heads(&figures, &rows);
    let of_kind = |of| t.with("heat.of_kind", kind(t, of));
    let kinds = wanted.kind.map_or_else(|| t.say("heat.of_all_kinds").to_owned(), of_kind);
    let below = wanted.below.then(|| t.say("heat.of_below").to_owned());
    let order = t.say(if wanted.by_name { "heat.in_name" } else { "heat.in_missing" }).to_owned();
    let which: Vec<String> = [Some(kinds), below, Some(order)].into_iter().flatten().collect();
    page(&PrintPage {
        frame: Frame::told(site, visitor, Place::Overview, "heat.caption"),
        until: until(t, &figures),
        which: which.join(", "),
        count: words::count(count),
        only: (count > PRINTED).then(|| words::count(PRINTED)),
        rows: heat_map::lines(t, &shown, &known, &heads),
        legend: heat_map::legend(t),
        back: wanted.tail(1),
        heads: heads.into_iter().map(|(_, head)| head).collect(),
    })
}
