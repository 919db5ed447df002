//! Signing in by the province's single sign-on: to its door, and back.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::Site;
use super::catalogue::Tongue;
use super::gate::inner;
use super::page::{self, Failure, Frame, Place, done_or_why, on_to};
use super::session::{Cookies, Visitor};
use super::sign_in::{door, next_of};
use crate::oidc::{Flow, Given, LASTS, OidcError, Provider};
use crate::people::{self, Proven, Refusal, Standing, Welcome};

/// Where the provider leads back to, behind the address of the pages.
const BACK: &str = "/dang-nhap/oidc/xong";

/// Leads on by itself. The session's cookie does not come along with what another site began, redirects included; this page
/// is ours, so it does with what it leads to.
#[derive(Template)]
#[template(path = "oidc_done.html")]
struct DonePage {
    frame: Frame,
    t: Tongue,
    next: String,
}

/// What the provider says in the address.
#[derive(Debug, Default)]
struct Said {
    state: String,
    code: String,
    error: String,
    issuer: String,
}

impl Said {
    /// Each word once: what comes twice means nothing.
    fn of(query: Option<&str>) -> Self {
        let pairs = query.and_then(|query| super::form::pairs(&query.to_owned().into())).unwrap_or_default();
        let one = |wanted: &str| {
            let mut found = pairs.iter().filter(|(key, _)| key == wanted).map(|(_, value)| value.clone());
            found.next().filter(|_| found.next().is_none()).unwrap_or_default()
        };
        Self { state: one("state"), code: one("code"), error: one("error"), issuer: one("iss") }
    }
}

/// Sends a browser to the provider, with what it will be known by when it comes back.
pub(super) async fn start(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let provider = site.oidc.as_deref().ok_or(Failure::NotFound)?;
        let (cookies, now, next) = (Cookies::of(&site), site.clock.now(), next_of(query.as_deref()));
        if !is_let(&site, &visitor) {
            return door(&site, &visitor, &next, visitor.tongue.say(Refusal::TooMany.key()));
        }
        let flow = Flow::begin(&next, cookies.of_session(&headers), cookies.of_browser(&headers), now);
        let begun = flow.as_ref().and_then(|flow| Some((flow, flow.sealed(&site.keys)?)));
        let Some((flow, sealed)) = begun else {
            tracing::error!("no sign-in can begin; remedy: give [secrets] key_file");
            return down(&site, &visitor, provider, &next);
        };
        match provider.door(&redirect(&site), flow, now).await {
            Ok(address) => {
                let mut answer = on_to(&address);
                let lasts = u32::try_from(LASTS.as_secs()).unwrap_or_default();
                cookies.keep_flow(&mut answer, Some((&sealed, lasts)));
                Ok(answer)
            }
            Err(error) => {
                tracing::warn!(%error, "nobody can sign in by it; remedy: see [sign_in.oidc] and the provider");
                down(&site, &visitor, provider, &next)
            }
        }
    };
    site.answer(answer.await)
}

/// Takes a browser back from the provider. What it kept is used up, whatever comes of it.
pub(super) async fn finish(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let provider = site.oidc.as_deref().ok_or(Failure::NotFound)?;
        let mut answer = entered(&site, &visitor, provider, &headers, &Said::of(query.as_deref())).await?;
        Cookies::of(&site).keep_flow(&mut answer, None);
        Ok(answer)
    };
    site.answer(answer.await)
}

async fn entered(
    site: &Site,
    visitor: &Visitor,
    provider: &Provider,
    headers: &HeaderMap,
    said: &Said,
) -> Result<Response, Failure> {
    let (cookies, t, now) = (Cookies::of(site), visitor.tongue, site.clock.now());
    if !is_let(site, visitor) {
        return door(site, visitor, "", t.say(Refusal::TooMany.key()));
    }
    let flow = cookies.of_flow(headers).and_then(|sealed| Flow::opened(sealed, &site.keys, &said.state, now));
    let Some(flow) = flow else {
        tracing::warn!(
            address = visitor.peer.address,
            "somebody came back from the single sign-on whom we did not send"
        );
        return door(site, visitor, "", t.say("door.oidc_lost"));
    };
    let next = inner(&flow.next).unwrap_or_default();
    let foreign = !said.issuer.is_empty() && said.issuer != provider.settings().issuer;
    if foreign || said.code.is_empty() {
        let error: String = said.error.chars().filter(char::is_ascii_graphic).take(40).collect();
        tracing::warn!(address = visitor.peer.address, error, "the single sign-on vouched for nobody");
        return door(site, visitor, next, t.say("door.oidc_refused"));
    }
    let vouched = match provider.vouched(&redirect(site), &flow, &said.code, now).await {
        Ok(vouched) => vouched,
        Err(error @ OidcError::NotProved(_)) => {
            tracing::warn!(address = visitor.peer.address, %error, "somebody does not get in");
            return door(site, visitor, next, t.say("door.oidc_refused"));
        }
        Err(error) => {
            tracing::warn!(%error, "nobody can sign in by it; remedy: see [sign_in.oidc] and the provider");
            return down(site, visitor, provider, next);
        }
    };
    let proven = Proven {
        known_as: (&provider.settings().issuer, &vouched.subject),
        login: &vouched.login,
        name: &vouched.name,
        standing: match vouched.given {
            Given::Nothing => Standing::Own,
            Given::Role(role) => Standing::Role(role),
            Given::NoRole => Standing::None,
        },
        browser: flow.browser.as_deref(),
        session: flow.session.as_deref(),
        peer: &visitor.peer,
        lane: visitor.lane.clone(),
    };
    match done_or_why(people::enter(&site.db, &site.hasher, &proven, now).await, t)? {
        Ok(welcome) => welcomed(site, visitor, &welcome, next),
        Err(wrong) => door(site, visitor, next, wrong),
    }
}

fn welcomed(site: &Site, visitor: &Visitor, welcome: &Welcome, next: &str) -> Result<Response, Failure> {
    let frame = Frame::told(site, visitor, Place::Elsewhere, "door.oidc_done");
    let next = if next.is_empty() { "/" } else { next };
    let mut answer = page::page(&DonePage { frame, t: visitor.tongue, next: next.to_owned() })?;
    Cookies::of(site).give(&mut answer, &welcome.session, welcome.browser.as_deref());
    Ok(answer)
}

/// Leads to where the single sign-on ends its own session. By a page of ours: a browser does not let a form of ours be
/// answered by leading to another site.
#[derive(Template)]
#[template(path = "oidc_out.html")]
struct OutPage {
    frame: Frame,
    t: Tongue,
    way: String,
}

/// Where somebody who is signed out here is signed out at the provider, if it knows how.
pub(super) async fn way_out(site: &Site, visitor: &Visitor) -> Result<Option<Response>, Failure> {
    let Some(provider) = site.oidc.as_deref() else { return Ok(None) };
    match provider.way_out(&format!("{}/dang-nhap", site.origin), site.clock.now()).await {
        Ok(Some(way)) => {
            let frame = Frame::new(site, visitor.tongue, Place::Elsewhere, visitor.tongue.say("door.oidc_out"));
            Ok(Some(page::page(&OutPage { frame, t: visitor.tongue, way })?))
        }
        Ok(None) => Ok(None),
        Err(error) => {
            tracing::warn!(%error, "somebody signed out here alone; remedy: see [sign_in.oidc] and the provider");
            Ok(None)
        }
    }
}

/// The door, which says that the provider is of no use now.
fn down(site: &Site, visitor: &Visitor, provider: &Provider, next: &str) -> Result<Response, Failure> {
    let words = if provider.settings().password { "door.oidc_down" } else { "door.oidc_down_only" };
    let mut answer = door(site, visitor, next, visitor.tongue.say(words))?;
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    Ok(answer)
}

/// The address that is registered at the provider: of the configuration, never of a request.
fn redirect(site: &Site) -> String {
    format!("{}{BACK}", site.origin)
}

/// Whether this address did not ask without end.
fn is_let(site: &Site, visitor: &Visitor) -> bool {
    let address = visitor.peer.address.parse();
    address.is_ok_and(|address| site.throttle.lets(address, site.clock.now())) || visitor.peer.address == "unknown"
}
