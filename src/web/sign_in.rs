//! Signing in and out, and the language of the pages.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use secrecy::ExposeSecret as _;

use super::catalogue::Tongue;
use super::form::Form;
use super::gate::inner;
use super::page::{self, Failure, Frame, Place, again, done_or_why, done_words, on_to};
use super::session::{Cookies, Visitor};
use super::{Site, oidc};
use crate::oidc::Provider;
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
    /// What the button of the single sign-on says, where there is one.
    oidc: Option<String>,
    /// Whether a password is taken.
    password: bool,
}

impl SignInPage {
    fn of(site: &Site, visitor: &Visitor, next: &str) -> Self {
        let t = visitor.tongue;
        let settings = site.oidc.as_deref().map(Provider::settings);
        Self {
            frame: Frame::told(site, visitor, Place::Elsewhere, "door.title"),
            t,
            wrong: None,
            done: None,
            login: String::new(),
            next: next.to_owned(),
            setup: false,
            oidc: settings.map(|oidc| oidc.button.clone().unwrap_or_else(|| t.say("door.oidc").to_owned())),
            password: settings.is_none_or(|oidc| oidc.password),
        }
    }
}

/// The door, for whoever did not get through it by the single sign-on; `wrong` says why.
pub(super) fn door(site: &Site, visitor: &Visitor, next: &str, wrong: &'static str) -> Result<Response, Failure> {
    again(&SignInPage { wrong: Some(wrong), ..SignInPage::of(site, visitor, next) })
}

/// Where somebody wanted to go; only to our own pages.
pub(super) fn next_of(query: Option<&str>) -> String {
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
        let setup = people::is_open(&site.db).await?;
        let query = query.as_deref();
        let done = done_words(visitor.tongue, query);
        page::page(&SignInPage { done, setup, ..SignInPage::of(&site, &visitor, &next_of(query)) })
    };
    site.answer(shown.await)
}

pub(super) async fn sign_in(State(site): State<Site>, visitor: Visitor, headers: HeaderMap, form: Form) -> Response {
    let answer = enter(&site, &visitor, &headers, &form).await;
    site.answer(answer)
}

async fn enter(site: &Site, visitor: &Visitor, headers: &HeaderMap, form: &Form) -> Result<Response, Failure> {
    let (cookies, t, now) = (Cookies::of(site), visitor.tongue, site.clock.now());
    let asked_for = inner(form.text("tiep")).unwrap_or_default();
    if site.oidc.as_deref().is_some_and(|provider| !provider.settings().password) {
        return door(site, visitor, asked_for, t.say("door.oidc_only"));
    }
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
        Err(wrong) => {
            let page = SignInPage::of(site, visitor, asked_for);
            again(&SignInPage { wrong: Some(wrong), login: login.to_owned(), ..page })
        }
    }
}

pub(super) async fn sign_out(State(site): State<Site>, visitor: Visitor) -> Response {
    let answer = async {
        let person = visitor.person()?;
        people::sign_out(&site.db, person, &visitor.by(), site.clock.now()).await?;
        let way = if person.vouched { oidc::way_out(&site, &visitor).await? } else { None };
        let mut answer = way.unwrap_or_else(|| on_to("/dang-nhap?xong=signed_out"));
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
