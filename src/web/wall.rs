//! A screen on the wall: the whole and the units that lack most, large and dark. It loads itself anew without any script and
//! goes on to the next units each time.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;

use super::heat_figures::{Figures, periods, sorted};
use super::heat_map::{self, Head, Row};
use super::heat_wanted::Wanted;
use super::page::{Failure, page};
use super::province::{Province, province};
use super::session::Visitor;
use super::{Mode, Site, asset, coming, words};
use crate::{dispatch, pass};

/// Units on a screen.
const UNITS: usize = 8;
/// Screens that it goes through.
const SCREENS: usize = 5;
/// Seconds that one stands.
const SECONDS: u32 = 30;

/// Which screen, and whether it stays there.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Asked {
    trang: Option<String>,
    dung: Option<String>,
}

#[derive(Template)]
#[template(path = "wall.html")]
struct WallPage {
    assets: &'static str,
    /// Where it goes after so many seconds.
    seconds: u32,
    next: String,
    /// Where it stays, and whether it does.
    here: String,
    stays: bool,
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
    let screen = asked.trang.and_then(|screen| screen.trim().parse().ok()).unwrap_or(1);
    let shown = shown(&site, &visitor, screen, asked.dung.as_deref() == Some("1")).await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor, screen: usize, stays: bool) -> Result<Response, Failure> {
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
        let part: Vec<_> = worst.into_iter().skip((at - 1) * UNITS).take(UNITS).collect();
        let named = heat_map::heads(figures, &all);
        rows = heat_map::lines(&part, &known, &named);
        heads = named.into_iter().map(|(_, head)| head).collect();
        whole = Some(province(site, figures, &all, (&periods, visitor.scope())).await?);
    }
    let next = if at < screens { at + 1 } else { 1 };
    let coming = coming::next_round(visitor.tongue, site).await?;
    let sample = (site.mode == Mode::Demo).then_some("SỐ LIỆU MẪU");
    let paused = dispatch::paused(&site.db).await?.then_some("Đang tạm dừng gửi");
    let notes = sample.into_iter().chain(paused).collect();
    page(&WallPage {
        assets: asset::version(),
        seconds: SECONDS,
        next: if next == 1 { "/man-hinh".to_owned() } else { format!("/man-hinh?trang={next}") },
        here: format!("/man-hinh?trang={at}"),
        stays,
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
