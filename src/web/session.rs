//! Who stands before a page: a signed-in person, a program with a token, or somebody of whom nothing is asked.
//!
//! The gate finds that out by the table of routes and puts it beside the request; a page that is not behind the gate gets
//! no [`Visitor`] and answers nothing.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::Site;
use super::catalogue::Tongue;
use super::page::Failure;
use crate::catalog;
use crate::dispatch::Pause;
use crate::people::{Action, By, Lane, Peer, Person, Role, Token, may};
use crate::seal;

/// The cookie that says which language somebody chose.
const TONGUE: &str = "dondoc-tongue";
const YEAR: u32 = 31_536_000;

/// Who it is.
#[derive(Debug, Clone)]
pub(super) enum Who {
    /// Anybody: the page is open.
    Anybody,
    /// Whoever looks at a demonstration.
    Guest,
    /// Somebody at this machine, before there is any account.
    BeforeSetup,
    /// A signed-in person, with what forms carry.
    Person { person: Box<Person>, mark: String },
    /// A program.
    Program(Box<Token>),
}

/// Somebody before a page.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    pub(super) who: Who,
    pub(super) tongue: Tongue,
    /// What he looks at, without its query; empty when he posts.
    pub(super) path: String,
    pub(super) peer: Peer,
    /// What his address counts as when he guesses.
    pub(super) lane: Lane,
    /// The pause of all sending, while there is one; behind the gate of people.
    pub(super) pause: Option<Pause>,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Visitor {
    /// Somebody of whom nothing is known yet.
    pub(super) fn of(site: &Site, request: &Parts) -> Self {
        let headers = &request.headers;
        let (address, shared) = address(site, request);
        let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        Self {
            who: Who::Anybody,
            path: if request.method == Method::GET { request.uri.path().to_owned() } else { String::new() },
            tongue: tongue(headers),
            lane: Lane::address(&address, shared),
            peer: Peer { address, agent: agent.to_owned() },
            pause: None,
        }
    }

    /// The signed-in person; on every page whose route asks for one there is one.
    pub(super) fn person(&self) -> Result<&Person, Failure> {
        match &self.who {
            Who::Person { person, .. } => Ok(person),
            _ => Err(Failure::NotFound),
        }
    }

    /// What the forms on his pages carry.
    pub(super) fn mark(&self) -> &str {
        if let Who::Person { mark, .. } = &self.who { mark } else { "" }
    }

    /// The token of a program; behind every address of programs there is one.
    pub(super) fn token(&self) -> Option<&Token> {
        if let Who::Program(token) = &self.who { Some(token) } else { None }
    }

    /// How the audit log names him.
    pub(super) fn by(&self) -> By {
        match &self.who {
            Who::Person { person, .. } => By::account(&person.id, &self.peer.address),
            Who::Program(token) => By::token(&token.id, &self.peer.address),
            _ => By::nobody(&self.peer.address),
        }
    }

    /// The role, of those who have one.
    pub(super) fn role(&self) -> Option<Role> {
        match &self.who {
            Who::Person { person, .. } => Some(person.role),
            Who::Program(token) => Some(token.role),
            Who::Anybody | Who::Guest | Who::BeforeSetup => None,
        }
    }

    /// Whether he may do `action`.
    pub(super) fn may(&self, action: Action) -> bool {
        match self.role() {
            Some(role) => may(role, action),
            None => action == Action::Look && matches!(self.who, Who::Guest | Who::BeforeSetup),
        }
    }

    /// Whether no scope confines him.
    pub(super) fn sees_all(&self) -> bool {
        self.scope().is_none()
    }

    /// The id of the unit that he may see with all below it; `None`: he sees everything.
    pub(super) fn scope(&self) -> Option<&str> {
        match &self.who {
            Who::Person { person, .. } => person.scope.as_deref(),
            Who::Program(token) => token.scope.as_deref(),
            Who::Anybody | Who::Guest | Who::BeforeSetup => None,
        }
    }

    /// The codes of the units that he may see; `None`: all of them.
    pub(super) async fn units(&self, site: &Site) -> Result<Option<HashSet<String>>, Failure> {
        Ok(match self.scope() {
            Some(unit) => Some(catalog::codes_within(&site.db, unit).await?),
            None => None,
        })
    }
}

/// The address that somebody speaks from, and whether it may be everybody's. A proxy that the configuration trusts says
/// whom it speaks for; nobody else is believed.
fn address(site: &Site, request: &Parts) -> (String, bool) {
    let Some(peer) = peer(request) else { return ("unknown".to_owned(), true) };
    let said = request.headers.get_all("x-forwarded-for").iter().next_back();
    let said = said.and_then(|list| list.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    match said.filter(|_| site.proxies.contains(&peer)) {
        Some(said) => (said.to_canonical().to_string(), false),
        None => (peer.to_string(), peer.is_loopback()),
    }
}

fn peer(request: &Parts) -> Option<IpAddr> {
    request.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical())
}

/// Whether somebody at this machine asks, and not through a proxy or a name that leads here: before there is an account
/// the pages are shown to nobody else.
pub(super) fn is_here(site: &Site, request: &Parts) -> bool {
    let host = request.headers.get(header::HOST).map(|host| host.to_str().unwrap_or("?"));
    let known = site.origin.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    let forwarded = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];
    peer(request).is_some_and(|peer| peer.is_loopback())
        && host.is_none_or(leads_here)
        && known.is_none_or(leads_here)
        && !forwarded.iter().any(|name| request.headers.contains_key(*name))
}

fn leads_here(authority: &str) -> bool {
    let host = authority.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let host = host.map_or(authority, |(host, _)| host).trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The language of who asks.
pub(super) fn tongue(headers: &HeaderMap) -> Tongue {
    Tongue::of(cookie(headers, TONGUE), headers.get(header::ACCEPT_LANGUAGE))
}

/// The value of a cookie.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
}

/// The cookies of one installation. Over TLS they are bound to this very host (`__Host-`); on plain HTTP, which is for
/// this machine alone, browsers would refuse that, and they have other names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cookies {
    secure: bool,
}

impl Cookies {
    pub(super) fn of(site: &Site) -> Self {
        Self { secure: site.origin.starts_with("https://") }
    }

    const fn session(self) -> &'static str {
        if self.secure { "__Host-dondoc" } else { "dondoc-plain" }
    }

    const fn browser(self) -> &'static str {
        if self.secure { "__Host-dondoc-browser" } else { "dondoc-plain-browser" }
    }

    const fn flow(self) -> &'static str {
        if self.secure { "__Host-dondoc-oidc" } else { "dondoc-plain-oidc" }
    }

    /// What the session's cookie holds.
    pub(super) fn of_session(self, headers: &HeaderMap) -> Option<&str> {
        cookie(headers, self.session())
    }

    /// The mark of the browser.
    pub(super) fn of_browser(self, headers: &HeaderMap) -> Option<&str> {
        cookie(headers, self.browser())
    }

    /// A sign-in on its way to the single sign-on and back.
    pub(super) fn of_flow(self, headers: &HeaderMap) -> Option<&str> {
        cookie(headers, self.flow())
    }

    fn set(self, name: &str, value: &str, lasts: Option<u32>) -> Option<HeaderValue> {
        self.set_for("Strict", name, value, lasts)
    }

    fn set_for(self, site: &str, name: &str, value: &str, lasts: Option<u32>) -> Option<HeaderValue> {
        let lasts = lasts.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        let secure = if self.secure { "; Secure" } else { "" };
        HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite={site}{secure}{lasts}")).ok()
    }

    /// Hands the session to the browser, until it is closed.
    pub(super) fn give(self, answer: &mut Response, session: &str, browser: Option<&str>) {
        let session = self.set(self.session(), session, None);
        let browser = browser.and_then(|mark| self.set(self.browser(), mark, Some(YEAR)));
        for cookie in session.into_iter().chain(browser) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }

    /// Takes the session away.
    pub(super) fn take(self, answer: &mut Response) {
        if let Some(cookie) = self.set(self.session(), "", Some(0)) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }

    /// Keeps a sign-in on its way, for so many seconds; nothing ends it. The one cookie that comes along when another site's
    /// page leads here (Lax): the provider is another site, and without it nobody could tell whose browser comes back. It
    /// lets nobody in by itself, is sealed, and is used once.
    pub(super) fn keep_flow(self, answer: &mut Response, flow: Option<(&str, u32)>) {
        let (flow, lasts) = flow.unwrap_or(("", 0));
        if let Some(cookie) = self.set_for("Lax", self.flow(), flow, Some(lasts)) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }

    /// Remembers a language.
    pub(super) fn remember(self, answer: &mut Response, tongue: Tongue) {
        if let Some(cookie) = self.set(TONGUE, tongue.word(), Some(YEAR)) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
}

/// Whether a form carries the mark of this session, whichever of its pages it is from.
pub(super) fn carries_mark(form: &super::form::Form, mark: &str) -> bool {
    let plain = |masked: &str| seal::unmasked(masked).unwrap_or_default();
    let own = plain(mark);
    !own.is_empty() && seal::same(&plain(form.text("mark")), &own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_here() {
        for here in ["localhost", "localhost:8080", "127.0.0.1:8080", "127.0.0.2", "[::1]:8080", "[::1]", "LOCALHOST"] {
            assert!(leads_here(here), "{here}");
        }
        for away in ["", "10.0.0.1:8080", "localhost.evil.example", "127.0.0.1.evil.example:80", "evil.example:127"] {
            assert!(!leads_here(away), "{away}");
        }
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("xdondoc-plain=1; dondoc-plain=2; dondoc-plain=3"));
        assert_eq!(cookie(&headers, "dondoc-plain"), Some("2"));
        assert_eq!(cookie(&headers, "dondoc"), None);
    }
}
