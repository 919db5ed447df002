//! What signs and keys of the pages mean, and whom to ask.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Site;
use super::heat_map::legend;
use super::page::{Frame, Place, page};
use super::session::Visitor;

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    frame: Frame,
    legend: Vec<(&'static str, &'static str, &'static str)>,
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor) -> Response {
    let frame = Frame::told(&site, &visitor, Place::Help, "help.title");
    site.answer(page(&HelpPage { frame, legend: legend(visitor.tongue) }))
}
