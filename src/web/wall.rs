//! A screen on the wall: the whole and the units that lack most, large and dark. A script goes on to the next units after a
//! while, until somebody stops it or asks his system for less motion; without scripts it stays where it is unless it is
//! told to go on.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;

use super::catalogue::Tongue;
use super::heat_figures::{Figures, periods, sorted};
use super::heat_map::{self, Head, Row};
use super::heat_wanted::Wanted;
use super::page::{Failure, page};
use super::province::{Province, province};
use super::session::Visitor;
use super::{Mode, Site, asset, coming, words};
use crate::report::GlanceRow;
use crate::{dispatch, pass};

/// Units on a screen.
const UNITS: usize = 8;
/// Screens that it goes through.
const SCREENS: usize = 5;
/// Seconds that one stands.
const SECONDS: u32 = 30;

/// Which screen, whether it stays there, and whether it goes on without any script.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Asked {
    trang: Option<String>,
    dung: Option<String>,
    chay: Option<String>,
}

#[derive(Template)]
#[template(path = "wall.html")]
struct WallPage {
    t: Tongue,
    assets: &'static str,
    /// Where it goes after so many seconds.
    seconds: u32,
    next: String,
    /// Where whoever does not wait goes.
    by_hand: String,
    /// Where it stays; whether it does, and whether it goes on by itself without any script.
    here: String,
    stays: bool,
    moves: bool,
    /// What whoever looks must know first.
    notes: Vec<&'static str>,
    part: bool,
    province: Option<Province>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    /// Which screen of how many.
    place: String,
    coming: Option<String>,
    now: String,
}

pub(super) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let Query(asked) = asked.unwrap_or_default();
    let shown = shown(&site, &visitor, &asked).await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor, asked: &Asked) -> Result<Response, Failure> {
    let t = visitor.tongue;
    let screen = asked.trang.as_deref().and_then(|screen| screen.trim().parse().ok()).unwrap_or(1_usize);
    let [stays, moves] = [&asked.dung, &asked.chay].map(|said| said.as_deref() == Some("1"));
    let units = visitor.units(site).await?;
    let periods = periods(pass::done_rounds(&site.db).await?);
    let wanted = Wanted { below: true, page: 1, ..Wanted::default() };
    let figures = Figures::load(site, &units, &periods, &wanted).await?;
    let (mut heads, mut rows, mut whole, mut screens) = (Vec::new(), Vec::new(), None, 1);
    let mut at = 1;
    if let Some(figures) = &figures {
        let known = figures.known();
        let all = figures.rows(&known);
        let worst = sorted(&all, &known, &wanted);
        screens = worst.len().div_ceil(UNITS).clamp(1, SCREENS);
        at = screen.clamp(1, screens);
        let part: Vec<&GlanceRow<'_>> = worst.into_iter().skip((at - 1) * UNITS).take(UNITS).collect();
        let named = heat_map::heads(figures, &all);
        rows = heat_map::lines(t, &part, &known, &named);
        heads = named.into_iter().map(|(_, head)| head).collect();
        whole = Some(province(site, figures, &all, (&periods, visitor)).await?);
    }
    let next = if at < screens { at + 1 } else { 1 };
    let coming = coming::next_round(t, site).await?;
    let sample = (site.mode == Mode::Demo).then(|| t.say("nav.sample"));
    let paused = dispatch::paused(&site.db).await?.then(|| t.say("wall.paused"));
    let notes = sample.into_iter().chain(paused).collect();
    let next = format!("/man-hinh?trang={next}{}", if moves { "&chay=1" } else { "" });
    page(&WallPage {
        t,
        assets: asset::version(),
        seconds: SECONDS,
        by_hand: if stays { format!("{next}&dung=1") } else { next.clone() },
        next,
        here: format!("/man-hinh?trang={at}"),
        stays,
        moves,
        notes,
        part: units.is_some(),
        province: whole,
        heads,
        rows,
        place: format!("{at}/{screens}"),
        coming: coming.map(|coming| coming.when),
        now: words::local_time(site.clock.now()),
    })
}
