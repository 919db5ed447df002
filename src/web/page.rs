//! What all answers share: pages for failures, headers, the time that they may take.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Redirect, Response};

use super::catalogue::Tongue;
pub(super) use super::frame::{Frame, Place};
use super::{Site, api, form, session};
use crate::app::{App, AppError};
use crate::clock::ZONE;
use crate::db::DbError;
use crate::people::PeopleError;

/// How long an answer may take before the reader is told to come back later.
const PATIENCE: Duration = Duration::from_secs(20);
/// The same where a file is on its way, or a program waits: it may ask for a template to be tried with every unit.
const LONG_PATIENCE: Duration = Duration::from_mins(2);

const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; font-src 'self'; \
                      img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Set on every answer that does not bring its own.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What a page says when somebody comes back to it after a change; a word behind `?xong=`.
pub(super) const DONE: &[&str] = &[
    "added",
    "changed",
    "disabled",
    "enabled",
    "password_given",
    "password_changed",
    "factor_on",
    "factor_off",
    "unbound",
    "sessions_ended",
    "revoked",
    "signed_out",
    "set_up",
    "contact_saved",
    "import_written",
    "import_undone",
    "import_discarded",
    "name_matched",
    "name_unmatched",
    "target_added",
    "target_ended",
    "target_taken_back",
    "reform_written",
    "reform_undone",
    "answer_closed",
    "answer_reopened",
];

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("no such page")]
    NotFound,
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    People(#[from] PeopleError),
    #[error("a file could not be written")]
    File,
    #[error("a page cannot be rendered: {0}")]
    Page(#[from] askama::Error),
}

/// Whether an answer is worth compressing on its way. What a page repeats of its address cannot be used to guess what
/// else stands on it: other sites' requests come without the session's cookie (SameSite=Strict), and the mark of its
/// forms has other bytes on each page.
pub(super) fn is_page(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    // What programs are told, too; their tokens are in no browser.
    let kinds: [&[u8]; 3] = [b"text/html", b"application/json", b"text/csv"];
    kind.is_some_and(|kind| kinds.iter().any(|known| kind.starts_with(known)))
}

/// A page with status 200.
pub(super) fn page(template: &impl Template) -> Result<Response, Failure> {
    Ok(Html(template.render()?).into_response())
}

/// A page with a form that was not taken.
pub(super) fn again(template: &impl Template) -> Result<Response, Failure> {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(template.render()?)).into_response())
}

/// What a form comes to: done, or words for why not. What is nobody's fault at the form is an error.
pub(super) fn done_or_why<T>(done: Result<T, PeopleError>, t: Tongue) -> Result<Result<T, &'static str>, Failure> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(PeopleError::Refused(refusal)) => Ok(Err(t.say(refusal.key()))),
        Err(error) => Err(error.into()),
    }
}

/// Leads on to a page, so that reloading it repeats nothing.
pub(super) fn on_to(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// What the word behind `?xong=` says; nothing for a word that is none of ours.
pub(super) fn done_words(t: Tongue, query: Option<&str>) -> Option<&'static str> {
    let word = query?.split('&').find_map(|pair| pair.strip_prefix("xong="))?;
    DONE.contains(&word).then(|| t.say(&format!("done.{word}")))
}

/// Why a page is not shown, by keys of the catalogue. It travels beside the answer to [`guard`], which makes the page of
/// it in the language of who asked.
#[derive(Debug, Clone)]
struct Unshown {
    status: StatusCode,
    title: &'static str,
    sentence: &'static str,
    reference: Option<String>,
}

impl Unshown {
    fn of(status: StatusCode, title: &'static str, sentence: &'static str, reference: Option<String>) -> Response {
        (status, Extension(Self { status, title, sentence, reference })).into_response()
    }

    fn missing() -> Response {
        Self::of(StatusCode::NOT_FOUND, "failure.missing", "failure.missing_why", None)
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    frame: Frame,
    sentence: &'static str,
    remedy: &'static str,
    reference: Option<String>,
}

impl Site {
    /// The installation behind the pages.
    ///
    /// # Errors
    /// There is none: the pages stand on a database alone.
    pub(super) fn app(&self) -> Result<&Arc<App>, Failure> {
        self.app.as_ref().ok_or(Failure::NotFound)
    }

    /// The page, or the page that says in plain words why there is none.
    pub(super) fn answer(&self, page: Result<Response, Failure>) -> Response {
        match page {
            Ok(response) => response,
            Err(Failure::NotFound) => Unshown::missing(),
            Err(error) => self.broken(&error),
        }
    }

    /// The cause goes to the log under a reference; the page shows the reference alone.
    fn broken(&self, error: &Failure) -> Response {
        let reference = self.reference();
        tracing::error!(%error, reference, "a page could not be shown");
        Unshown::of(StatusCode::INTERNAL_SERVER_ERROR, "failure.broken", "failure.broken_why", Some(reference))
    }

    /// Time of day and a running number: short enough to be read out on the phone.
    pub(super) fn reference(&self) -> String {
        let number = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        format!("{}-{number}", self.clock.now().with_timezone(&ZONE).format("%H%M%S"))
    }

    /// The page that says why another one is not shown.
    fn unshown(&self, t: Tongue, why: Unshown) -> Response {
        let remedy = if why.reference.is_some() { "failure.later" } else { "failure.elsewhere" };
        let frame = Frame::new(self, t, Place::Elsewhere, t.say(why.title));
        let sentence = t.say(why.sentence);
        let page = FailurePage { frame, sentence, remedy: t.say(remedy), reference: why.reference };
        match page.render() {
            Ok(text) => (why.status, Html(text)).into_response(),
            Err(_) => (why.status, sentence).into_response(),
        }
    }
}

pub(super) async fn not_found(asked: Uri) -> Response {
    if asked.path().starts_with(api::BELOW) {
        return api::Wrong::unknown().into_response();
    }
    Unshown::missing()
}

pub(super) async fn method_not_allowed(asked: Uri) -> Response {
    if asked.path().starts_with(api::BELOW) {
        return api::Wrong::method().into_response();
    }
    Unshown::of(StatusCode::METHOD_NOT_ALLOWED, "failure.method", "failure.method_why", None)
}

/// Limits the time of every answer and sets the headers that it lacks.
pub(super) async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    let program = request.uri().path().starts_with(api::BELOW);
    let t = session::tongue(request.headers());
    let patience = if program || form::brings_files(request.headers()) { LONG_PATIENCE } else { PATIENCE };
    let answer = tokio::time::timeout(patience, next.run(request)).await;
    let mut answer = answer.unwrap_or_else(|_| {
        let reference = site.reference();
        tracing::error!(reference, "a page took too long and was given up");
        if program {
            return api::Wrong::busy(&reference).into_response();
        }
        Unshown::of(StatusCode::SERVICE_UNAVAILABLE, "failure.busy", "failure.busy_why", Some(reference))
    });
    if let Some(why) = answer.extensions_mut().remove::<Unshown>() {
        answer = site.unshown(t, why);
    }
    set_headers(&mut answer);
    answer
}

/// Sets the headers alone.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    set_headers(&mut answer);
    answer
}

fn set_headers(answer: &mut Response) {
    for (name, value) in HEADERS {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
}
