//! Signing in and out, and the language of the pages.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use secrecy::ExposeSecret as _;

use super::Site;
use super::catalogue::Tongue;
use super::form::Form;
use super::gate::inner;
use super::page::{self, Failure, Frame, Place, again, done_or_why, done_words, on_to};
use super::session::{Cookies, Visitor};
use crate::people::{self, Try};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    frame: Frame,
    t: Tongue,
    wrong: Option<&'static str>,
    done: Option<&'static str>,
    login: String,
    /// Where to go afterwards.
    next: String,
    /// Whether the first administrator is still to be made.
    setup: bool,
}

/// Where somebody wanted to go; only to our own pages.
fn next_of(query: Option<&str>) -> String {
    let pairs = query.and_then(|query| super::form::pairs(&query.to_owned().into())).unwrap_or_default();
    let next = pairs.into_iter().find(|(key, _)| key == "tiep").map(|(_, next)| next).unwrap_or_default();
    inner(&next).map(ToOwned::to_owned).unwrap_or_default()
}

/// Who is signed in already is led on: browsers leave the cookie out when another site's link leads here.
pub(super) async fn page(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let shown = async {
        if let Some(session) = Cookies::of(&site).of_session(&headers)
            && people::find(&site.db, session, site.clock.now()).await?.is_some()
        {
            return Ok(on_to(inner(&next_of(query.as_deref())).unwrap_or("/")));
        }
        let frame = Frame::told(&site, &visitor, Place::Elsewhere, "door.title");
        let setup = people::is_open(&site.db).await?;
        let (t, query) = (visitor.tongue, query.as_deref());
        let (done, next) = (done_words(t, query), next_of(query));
        page::page(&SignInPage { frame, t, wrong: None, done, login: String::new(), next, setup })
    };
    site.answer(shown.await)
}

pub(super) async fn sign_in(State(site): State<Site>, visitor: Visitor, headers: HeaderMap, form: Form) -> Response {
    let answer = enter(&site, &visitor, &headers, &form).await;
    site.answer(answer)
}

async fn enter(site: &Site, visitor: &Visitor, headers: &HeaderMap, form: &Form) -> Result<Response, Failure> {
    let (cookies, t, now) = (Cookies::of(site), visitor.tongue, site.clock.now());
    let (login, password, code) = (form.text("login"), form.secret("password"), form.secret("code"));
    let asked = Try {
        login,
        password: &password,
        code: code.expose_secret(),
        browser: cookies.of_browser(headers),
        session: cookies.of_session(headers),
        peer: &visitor.peer,
        lane: visitor.lane.clone(),
    };
    let next = inner(form.text("tiep")).unwrap_or("/");
    match done_or_why(people::sign_in(&site.db, &site.hasher, &site.keys, &asked, now).await, t)? {
        Ok(welcome) => {
            let mut answer = on_to(next);
            cookies.give(&mut answer, &welcome.session, welcome.browser.as_deref());
            Ok(answer)
        }
        Err(wrong) => again(&SignInPage {
            frame: Frame::told(site, visitor, Place::Elsewhere, "door.title"),
            t,
            wrong: Some(wrong),
            done: None,
            login: login.to_owned(),
            next: inner(form.text("tiep")).unwrap_or_default().to_owned(),
            setup: false,
        }),
    }
}

pub(super) async fn sign_out(State(site): State<Site>, visitor: Visitor) -> Response {
    let answer = async {
        people::sign_out(&site.db, visitor.person()?, &visitor.by(), site.clock.now()).await?;
        let mut answer = on_to("/dang-nhap?xong=signed_out");
        Cookies::of(&site).take(&mut answer);
        Ok(answer)
    };
    site.answer(answer.await)
}

/// Remembers a language, and leads back.
pub(super) async fn tongue(State(site): State<Site>, form: Form) -> Response {
    let mut answer = on_to(inner(form.text("tiep")).unwrap_or("/"));
    if let Some(tongue) = Tongue::named(form.text("tongue")) {
        Cookies::of(&site).remember(&mut answer, tongue);
    }
    answer
}
