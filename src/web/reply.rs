//! The page behind the link of a letter, `/r/TOKEN`: what the letter said, and four answers.
//!
//! Looking has no effect, however often and by whomever; pressing a button has one. The link is the authority, so there is
//! no session; what is posted must come from this page. Every link that is not good gets the same bare page, after the
//! same time.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use askama::Template;
use axum::body::{Bytes, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use chrono::{DateTime, NaiveDate, Utc};
use tokio::time::Instant;
use uuid::Uuid;

use super::catalogue::Tongue;
use super::page::Failure;
use super::reply_text::{self, Unit};
use super::{Site, asset, form};
use crate::clock::local_date;
use crate::reply::{self, FormCheck, Kind, Letter, Refusal, Said, Settings};

/// How long after the request a bad link is answered, whatever is bad about it: longer than looking it up takes.
const BARE_AFTER: Duration = Duration::from_millis(150);
/// A form has at most so many bytes: the longest cause, all cases of the longest link.
const FORM: usize = 32 * 1024;

/// What every link gets that is not good: the same bytes in both languages, whatever was asked.
static BARE: LazyLock<String> = LazyLock::new(|| {
    let [vi, en] = Tongue::ALL;
    BarePage { vi, en }.render().unwrap_or_default()
});

#[derive(Template)]
#[template(path = "bare.html")]
struct BarePage {
    vi: Tongue,
    en: Tongue,
}

/// The page and its answers, whatever the method.
pub(super) async fn link(
    State(site): State<Site>,
    token: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let asked = Instant::now();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    if peer.is_some_and(|address| !site.throttle.lets(address, site.clock.now())) {
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "60")], Html(BARE.as_str())).into_response();
    }
    let token = token.map_or_else(|_| String::new(), |Path(token)| token);
    match answer_to(&site, &token, request).await {
        Ok(Some(response)) => response,
        Ok(None) => {
            tokio::time::sleep_until(asked + BARE_AFTER).await;
            (StatusCode::NOT_FOUND, Html(BARE.as_str())).into_response()
        }
        Err(failure) => site.answer(Err(failure)),
    }
}

/// `None`: there is nothing behind this link, or not for this request.
async fn answer_to(site: &Site, token: &str, request: Request) -> Result<Option<Response>, Failure> {
    let Some(settings) = site.replies.as_deref() else { return Ok(None) };
    let posts = *request.method() == Method::POST;
    if !posts && !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(None);
    }
    let now = site.clock.now();
    let Some(letter) = reply::open(&site.db, &settings.keys, token, now).await? else { return Ok(None) };
    let t = asked_for(request.uri().query());
    let desk = Desk { t, site, settings, token, letter, now };
    if !posts {
        return desk.page(Kept::default(), None).await.map(Some);
    }
    if is_foreign(request.headers(), &site.origin) {
        if let Some(suppressed) = site.seldom.lets("reply", now) {
            tracing::warn!(suppressed, "an answer was sent from another site's page and not taken");
        }
        return Ok(None);
    }
    let Ok(bytes) = to_bytes(request.into_body(), FORM).await else { return Ok(None) };
    let Some(kept) = Kept::of(&bytes) else { return Ok(None) };
    desk.take(kept).await.map(Some)
}

/// The language that the reader chose on this very page. Offices read Vietnamese whatever their browsers ask for, and a
/// letter may be opened on anybody's machine.
fn asked_for(query: Option<&str>) -> Tongue {
    let word = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("tieng=")));
    word.and_then(Tongue::named).unwrap_or(Tongue::Vietnamese)
}

/// Whether a page of another site sent this. Browsers say so; because the page sends no referrer, older ones call it
/// `null`.
fn is_foreign(headers: &HeaderMap, public_url: &str) -> bool {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let own = public_url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    match (said("sec-fetch-site"), said("origin")) {
        (Some(site), _) => site != "same-origin",
        (None, Some(origin)) => origin != "null" && origin != own,
        (None, None) => false,
    }
}

/// What a form holds, to be shown again when it is not taken.
#[derive(Debug, Default)]
struct Kept {
    page: String,
    kind: String,
    by: String,
    cause: String,
    cases: Vec<Uuid>,
}

impl Kept {
    fn of(form: &Bytes) -> Option<Self> {
        let mut kept = Self::default();
        for (key, value) in form::pairs(form)? {
            match key.as_str() {
                "page" => kept.page = value,
                "answer" => kept.kind = value,
                "by" => kept.by = value,
                "cause" => kept.cause = value,
                "case" => kept.cases.extend(value.parse::<Uuid>().ok()),
                _ => {}
            }
        }
        Some(kept)
    }

    /// Whether the case is ticked; at first all are.
    fn has(&self, case: &Uuid) -> bool {
        self.kind.is_empty() || self.cases.contains(case)
    }
}

/// An open case as the forms name it.
#[derive(Debug)]
struct Open {
    id: Uuid,
    name: String,
}

#[derive(Template)]
#[template(path = "reply.html")]
struct ReplyPage {
    t: Tongue,
    assets: &'static str,
    title: String,
    sender: String,
    until: String,
    expires: String,
    wrong: Option<String>,
    done: bool,
    answered: bool,
    units: Vec<Unit>,
    open: Vec<Open>,
    mark: String,
    earliest: NaiveDate,
    latest: NaiveDate,
    latest_shown: String,
    dispute_holds: u32,
    kept: Kept,
}

/// A good link and all that belongs to it.
struct Desk<'a> {
    t: Tongue,
    site: &'a Site,
    settings: &'a Settings,
    token: &'a str,
    letter: Letter,
    now: DateTime<Utc>,
}

impl Desk<'_> {
    /// Takes the answer and leads back to the page, or shows what is wrong with it.
    async fn take(self, kept: Kept) -> Result<Response, Failure> {
        let t = self.t;
        let today = local_date(self.now);
        if self.settings.keys.check_form(&kept.page, self.token, today) == FormCheck::Stale {
            return self.page(kept, Some(t.say("reply.stale").to_owned())).await;
        }
        let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.word() == kept.kind) else {
            return self.page(kept, Some(t.say("reply.which").to_owned())).await;
        };
        let open = self.letter.cases.iter().filter(|case| case.file.closed_on.is_none());
        let chosen: Vec<Uuid> = open.map(|case| case.file.case.id).filter(|id| kept.cases.contains(id)).collect();
        let limits = (today, self.settings.promise_at_most);
        let said = Said::of(kind, (&kept.by, &kept.cause), &self.letter.catalog.calendar, limits);
        let said = said.and_then(|said| if chosen.is_empty() { Err(Refusal::NoFigure) } else { Ok(said) });
        let kept_or_refused = match said {
            Ok(said) => {
                let holds = (self.now, self.settings.dispute_holds);
                reply::record(&self.site.db, &self.letter, &chosen, &said, holds).await?
            }
            Err(refusal) => Err(refusal),
        };
        match kept_or_refused {
            Ok(()) => Ok((StatusCode::SEE_OTHER, [(header::LOCATION, self.back())]).into_response()),
            Err(refusal) => self.page(kept, Some(reply_text::refused(t, refusal))).await,
        }
    }

    /// The page again, in the language that was chosen on it.
    fn back(&self) -> String {
        match self.t {
            Tongue::Vietnamese => self.token.to_owned(),
            Tongue::English => format!("{}?tieng={}", self.token, self.t.word()),
        }
    }

    async fn page(self, kept: Kept, wrong: Option<String>) -> Result<Response, Failure> {
        let (t, letter, today) = (self.t, &self.letter, local_date(self.now));
        let calendar = &letter.catalog.calendar;
        let latest = calendar.working_days_after(today, self.settings.promise_at_most);
        let told = reply_text::told(t, &self.site.db, letter).await?;
        let open = letter.cases.iter().filter(|case| case.file.closed_on.is_none());
        let answered = letter.cases.iter().any(|case| case.answer.is_some());
        let sender = letter.catalog.sender.as_ref();
        let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let page = ReplyPage {
            t,
            assets: asset::version(),
            title: letter.recipient.title.clone(),
            sender: sender.map_or_else(|| t.say("reply.sender"), |sender| &sender.name).to_owned(),
            until: told.until,
            expires: reply_text::day(letter.expires),
            done: answered && wrong.is_none(),
            wrong,
            answered,
            open: open.map(|case| Open { id: case.file.case.id, name: reply_text::name(letter, &case.file) }).collect(),
            units: told.units,
            mark: self.settings.keys.form_mark(self.token, today),
            earliest: calendar.working_days_after(today, 1),
            latest,
            latest_shown: reply_text::day(latest),
            dispute_holds: self.settings.dispute_holds,
            kept,
        };
        Ok((status, Html(page.render()?)).into_response())
    }
}
