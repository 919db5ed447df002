//! The gate before every page: who stands there, whether he may, and whether what he posts comes from our page.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::api::Wrong;
use super::form::{Form, Limits, is_foreign};
use super::page::Failure;
use super::routes::Access;
use super::session::{Cookies, Visitor, Who, carries_mark, is_here};
use super::{Mode, Site, refused};
use crate::dispatch;
use crate::people::{self, Action, form_mark};
use crate::seal;

/// What stands before the pages of one route.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    pub(super) site: Site,
    pub(super) access: Access,
    pub(super) forms: Limits,
}

/// Lets through who may, with a [`Visitor`] and, of a POST, the [`Form`] beside the request; answers everybody else.
pub(super) async fn gate(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let site = &gate.site;
    let (parts, body) = request.into_parts();
    let visitor = match admit(site, gate.access, &parts).await {
        Ok(Ok(visitor)) => visitor,
        Ok(Err(answer)) => return answer,
        Err(failure) if matches!(gate.access, Access::Token(_)) => return site.refuse(failure.into()),
        Err(failure) => return site.answer(Err(failure)),
    };
    let posts = parts.method == Method::POST && !matches!(visitor.who, Who::Program(_));
    let (mut parts, body) = if posts {
        if is_foreign(&parts.headers, &site.origin) {
            return refused::foreign(site, &visitor, parts.uri.path());
        }
        let form = match Form::read(&parts.headers, body, gate.forms).await {
            Ok(form) => form,
            Err(status) => return refused::unreadable(site, &visitor, status),
        };
        if matches!(visitor.who, Who::Person { .. }) && !carries_mark(&form, visitor.mark()) {
            return refused::foreign(site, &visitor, parts.uri.path());
        }
        let mut parts = parts;
        parts.extensions.insert(form);
        (parts, axum::body::Body::empty())
    } else {
        (parts, body)
    };
    let own_forms = matches!(visitor.who, Who::Anybody | Who::Person { .. });
    if matches!(visitor.who, Who::Program(_)) {
        // What it sends is read by the function that knows its fields.
        parts.extensions.insert(gate.forms);
    }
    parts.extensions.insert(visitor);
    let mut answer = next.run(Request::from_parts(parts, body)).await;
    if own_forms {
        // Without it older browsers would call the sender of our own forms `null`.
        let policy = HeaderValue::from_static("same-origin");
        answer.headers_mut().entry(header::REFERRER_POLICY).or_insert(policy);
    }
    answer
}

/// Who may pass, or the answer for who may not.
async fn admit(site: &Site, access: Access, request: &Parts) -> Result<Result<Visitor, Response>, Failure> {
    let visitor = Visitor::of(site, request);
    match access {
        Access::Door if site.mode == Mode::Demo => Err(Failure::NotFound),
        Access::Public | Access::Open | Access::Door => Ok(Ok(visitor)),
        Access::Person(action) => person(site, visitor, action, request).await,
        Access::Token(action) => program(site, visitor, action, request).await,
    }
}

async fn person(
    site: &Site,
    visitor: Visitor,
    action: Action,
    request: &Parts,
) -> Result<Result<Visitor, Response>, Failure> {
    if site.mode == Mode::Demo {
        let guest = Visitor { who: Who::Guest, ..visitor };
        return if guest.may(action) { Ok(Ok(guest)) } else { Err(Failure::NotFound) };
    }
    let Some((secret, person)) = signed_in(site, request).await? else {
        return before(site, visitor, action, request).await;
    };
    let must_change = person.must_change;
    let mark = seal::masked(&form_mark(&secret)).unwrap_or_default();
    let who = Who::Person { person: Box::new(person), mark };
    let visitor = Visitor { who, pause: dispatch::pause(&site.db).await?, ..visitor };
    if !visitor.may(action) {
        return Ok(Err(refused::not_given(site, &visitor, action, request.uri.path()).await?));
    }
    if must_change && action != Action::KeepOwnAccount {
        return Ok(Err(Redirect::to("/tai-khoan").into_response()));
    }
    Ok(Ok(visitor))
}

/// The person behind the cookie, with what it holds.
async fn signed_in(site: &Site, request: &Parts) -> Result<Option<(String, people::Person)>, Failure> {
    let Some(secret) = Cookies::of(site).of_session(&request.headers) else { return Ok(None) };
    let person = people::find(&site.db, secret, site.clock.now()).await?;
    Ok(person.map(|person| (secret.to_owned(), person)))
}

/// Somebody who is not signed in: sent to the door, or, before there is an account, let in at this machine alone.
async fn before(
    site: &Site,
    visitor: Visitor,
    action: Action,
    request: &Parts,
) -> Result<Result<Visitor, Response>, Failure> {
    if people::any(&site.db).await? {
        return Ok(Err(Redirect::to(&door(&request.method, &request.uri)).into_response()));
    }
    if !is_here(site, request) {
        return Ok(Err(refused::not_set_up(site, &visitor)));
    }
    let visitor = Visitor { who: Who::BeforeSetup, pause: dispatch::pause(&site.db).await?, ..visitor };
    Ok(if visitor.may(action) { Ok(visitor) } else { Err(Redirect::to("/thiet-lap").into_response()) })
}

/// The page for signing in; it leads back to what was asked for.
fn door(method: &Method, asked: &Uri) -> String {
    let path = asked.path_and_query().map_or("/", |path| path.as_str());
    if matches!(*method, Method::GET | Method::HEAD) && path != "/" && inner(path).is_some() {
        let Ok(encoded) = askama::filters::urlencode_strict(path);
        return format!("/dang-nhap?tiep={encoded}");
    }
    "/dang-nhap".to_owned()
}

/// `path`, if it leads to a page of ours and nowhere else.
pub(super) fn inner(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/')?;
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (plain && path.len() <= 200 && !rest.starts_with('/')).then_some(path)
}

async fn program(
    site: &Site,
    visitor: Visitor,
    action: Action,
    request: &Parts,
) -> Result<Result<Visitor, Response>, Failure> {
    let said = request.headers.get(header::AUTHORIZATION).and_then(|said| said.to_str().ok());
    let token = said.and_then(|said| said.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let token = match token {
        Some((_, token)) => people::bearer(&site.db, token.trim()).await?,
        None => None,
    };
    let Some(token) = token else {
        return Ok(Err(Wrong::unauthorized().into_response()));
    };
    let id = token.id.clone();
    let visitor = Visitor { who: Who::Program(Box::new(token)), ..visitor };
    if !visitor.may(action) {
        tracing::warn!(token = id, path = request.uri.path(), "a token is not good for this");
        return Ok(Err(Wrong::forbidden(action).into_response()));
    }
    Ok(Ok(visitor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_to_our_pages_only() {
        for good in ["/", "/hop-thu-thu?q=song%20mai&trang=2", "/nhat-ky"] {
            assert_eq!(inner(good), Some(good));
        }
        let bad = [
            "",
            "hop-thu-thu",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nSet-Cookie: a=b",
            "/a b",
            "/\u{202e}a",
            "javascript:alert(1)",
            "/\t/evil.example",
        ];
        for path in bad {
            assert_eq!(inner(path), None, "{path}");
        }
        assert_eq!(
            door(&Method::GET, &"/nhat-ky?loai=a&b=c".parse().unwrap()),
            "/dang-nhap?tiep=%2Fnhat-ky%3Floai%3Da%26b%3Dc"
        );
        assert_eq!(door(&Method::POST, &"/nhat-ky".parse().unwrap()), "/dang-nhap");
        assert_eq!(door(&Method::GET, &"/".parse().unwrap()), "/dang-nhap");
    }
}
