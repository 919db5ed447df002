//! The coming rounds as an iCalendar feed, for calendars that people look at anyway.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::Site;
use crate::{catalog, pass};

pub(super) async fn feed(State(site): State<Site>) -> Response {
    let calendar = catalog::calendar(&site.db).await;
    let feed = calendar.map(|calendar| {
        let text = pass::icalendar(&site.schedules, &calendar, &site.origin, site.clock.now());
        ([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], text).into_response()
    });
    site.answer(feed.map_err(Into::into))
}
