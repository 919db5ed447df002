//! The pages for who may not: what it would take, and whom to ask.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

use super::Site;
use super::page::{Failure, Frame, Place};
use super::session::Visitor;
use crate::people::{self, Action, Role};

/// Administrators who are named; more would be no answer to whom to ask.
const NAMED: usize = 3;

#[derive(Template)]
#[template(path = "not_allowed.html")]
struct RefusedPage {
    frame: Frame,
    sentence: String,
    ask: Vec<String>,
    remedy: &'static str,
}

fn page(status: StatusCode, page: &RefusedPage) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(_) => status.into_response(),
    }
}

/// Somebody signed in whose role is not good for this: says which one is, and who gives it.
pub(super) async fn not_given(site: &Site, visitor: &Visitor, action: Action, path: &str) -> Result<Response, Failure> {
    let (person, t) = (visitor.person()?, visitor.tongue);
    tracing::warn!(account = %person.id, path, "somebody asked for a page that is not for his role");
    let needed = t.say(super::catalogue::role_key(Role::needed_for(action)));
    let admins = people::accounts(&site.db).await?.into_iter();
    let admins = admins.filter(|account| account.role == Role::Admin && account.disabled_at.is_none());
    let shown = RefusedPage {
        frame: Frame::told(site, visitor, Place::Elsewhere, "refused.title"),
        sentence: t.with("refused.needs", needed),
        ask: admins.take(NAMED).map(|account| account.name).collect(),
        remedy: t.say("refused.ask"),
    };
    Ok(page(StatusCode::FORBIDDEN, &shown))
}

/// A form that no page of ours sent, or an old one.
pub(super) fn foreign(site: &Site, visitor: &Visitor, path: &str) -> Response {
    tracing::warn!(path, address = %visitor.peer.address, "a form was not sent by a page of ours and changed nothing");
    plain(site, visitor, StatusCode::FORBIDDEN, ["refused.foreign_title", "refused.foreign", "refused.foreign_remedy"])
}

/// A form that is too large, too slow, or none.
pub(super) fn unreadable(site: &Site, visitor: &Visitor, status: StatusCode) -> Response {
    plain(site, visitor, status, ["refused.form_title", "refused.form", "refused.form_remedy"])
}

/// Nobody is there to sign in as, and this is not the machine itself.
pub(super) fn not_set_up(site: &Site, visitor: &Visitor) -> Response {
    let keys = ["refused.setup_title", "refused.setup", "refused.setup_remedy"];
    plain(site, visitor, StatusCode::FORBIDDEN, keys)
}

fn plain(site: &Site, visitor: &Visitor, status: StatusCode, [title, sentence, remedy]: [&'static str; 3]) -> Response {
    let t = visitor.tongue;
    let shown = RefusedPage {
        frame: Frame::told(site, visitor, Place::Elsewhere, title),
        sentence: t.say(sentence).to_owned(),
        ask: Vec::new(),
        remedy: t.say(remedy),
    };
    page(status, &shown)
}
