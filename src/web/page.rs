//! What all pages share: the frame around them, the pages for failures, the headers of every answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Redirect, Response};

use super::catalogue::Tongue;
use super::session::{Visitor, Who};
use super::{Mode, Site, api, asset, form, words};
use crate::app::{App, AppError};
use crate::clock::{ZONE, from_millis};
use crate::db::DbError;
use crate::people::{Action, PeopleError};

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

/// Which entry of the navigation is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Overview,
    Templates,
    Contacts,
    Targets,
    Calendar,
    Outbox,
    Mailbox,
    Settings,
    People,
    Audit,
    Tokens,
    Account,
    Help,
    Elsewhere,
}

impl Place {
    /// Under which name its entry stands.
    const fn group(self) -> &'static str {
        match self {
            Self::Overview | Self::Help | Self::Account | Self::Elsewhere => "nav.watch",
            Self::Contacts | Self::Targets | Self::Templates | Self::Calendar => "nav.prepare",
            Self::Outbox | Self::Mailbox => "nav.send",
            Self::Settings | Self::People | Self::Audit | Self::Tokens => "nav.manage",
        }
    }
}

/// An entry of the navigation: address, words, and the attribute that marks the one this page belongs to.
type Entry = (&'static str, &'static str, &'static str);

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
];

/// The frame around a page.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) mode: Mode,
    pub(super) place: Place,
    /// Which version of style and scripts it asks for.
    pub(super) assets: &'static str,
    pub(super) t: Tongue,
    /// The language of the head, which every page has in both.
    pub(super) head: Tongue,
    /// Where a change of the language leads back to.
    pub(super) path: String,
    /// Whether units can be looked for, and what was.
    pub(super) seeks: bool,
    pub(super) query: String,
    /// The name of who is signed in.
    pub(super) name: Option<String>,
    /// What his forms carry.
    pub(super) mark: String,
    /// Whether there is an installation behind the page, with templates and settings.
    pub(super) installed: bool,
    /// Whether there is no account yet, and he sees this because he is at the machine.
    pub(super) before_setup: bool,
    /// The pause of all sending, while there is one.
    pub(super) pause: Option<Paused>,
}

/// A pause as every page says it.
#[derive(Debug, Clone)]
pub(super) struct Paused {
    pub(super) since: String,
    pub(super) by: String,
    pub(super) why: String,
    /// Whether who looks may end it.
    pub(super) may: bool,
}

impl Frame {
    /// A page for anybody, in Vietnamese.
    pub(super) fn new(site: &Site, place: Place, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            mode: site.mode,
            place,
            assets: asset::version(),
            t: Tongue::Vietnamese,
            head: Tongue::Vietnamese,
            path: String::new(),
            seeks: false,
            query: String::new(),
            name: None,
            mark: String::new(),
            installed: site.app.is_some(),
            before_setup: false,
            pause: None,
        }
    }

    /// A page in Vietnamese for `visitor`.
    pub(super) fn seen(site: &Site, visitor: &Visitor, place: Place, title: impl Into<String>) -> Self {
        let name = if let Who::Person { person, .. } = &visitor.who { Some(person.name.clone()) } else { None };
        let before_setup = matches!(visitor.who, Who::BeforeSetup);
        let pause = visitor.pause.as_ref().map(|pause| Paused {
            since: words::local_time(from_millis(pause.since)),
            by: pause.by.clone(),
            why: pause.why.clone(),
            may: visitor.may(Action::Approve) && visitor.sees_all(),
        });
        Self {
            name,
            mark: visitor.mark().to_owned(),
            before_setup,
            pause,
            head: visitor.tongue,
            path: visitor.path.clone(),
            seeks: visitor.may(Action::Look),
            ..Self::new(site, place, title)
        }
    }

    /// A page for `visitor` in his language; its title is the text of `key`.
    pub(super) fn told(site: &Site, visitor: &Visitor, place: Place, key: &str) -> Self {
        Self { t: visitor.tongue, ..Self::seen(site, visitor, place, visitor.tongue.say(key)) }
    }

    /// Whether it is a demonstration.
    pub(super) fn is_demo(&self) -> bool {
        self.mode == Mode::Demo
    }

    fn current(&self, place: Place) -> &'static str {
        if self.place == place { " aria-current=\"page\"" } else { "" }
    }

    /// The entries of the navigation.
    fn entries(&self) -> Vec<(Place, Entry)> {
        let all = [
            (Place::Overview, "/", "nav.overview", !self.is_demo()),
            (Place::Contacts, "/danh-ba", "nav.contacts", self.name.is_some()),
            (Place::Templates, "/mau-tin", "nav.templates", self.installed),
            (Place::Targets, "/chi-tieu", "nav.targets", self.installed && !self.is_demo()),
            (Place::Calendar, "/lich-gui", "nav.calendar", !self.is_demo()),
            (Place::Outbox, "/hop-thu-di", "nav.outbox", !self.is_demo()),
            (Place::Mailbox, "/hop-thu-thu", "nav.mailbox", true),
            (Place::Settings, "/cai-dat", "nav.settings", self.installed && self.name.is_some()),
            (Place::People, "/nguoi-dung", "nav.people", self.name.is_some()),
            (Place::Audit, "/nhat-ky", "nav.audit", self.name.is_some()),
            (Place::Tokens, "/ma-truy-cap", "nav.tokens", self.name.is_some()),
        ];
        let shown = all.into_iter().filter(|(.., shown)| *shown);
        shown.map(|(place, path, key, _)| (place, (path, self.head.say(key), self.current(place)))).collect()
    }

    /// The same by what they are for, under the group's name.
    pub(super) fn groups(&self) -> Vec<(&'static str, Vec<Entry>)> {
        let entries = self.entries();
        let of =
            |group: &str| entries.iter().filter(|(place, _)| place.group() == group).map(|(_, entry)| *entry).collect();
        let groups =
            ["nav.watch", "nav.prepare", "nav.send", "nav.manage"].map(|group| (self.head.say(group), of(group)));
        groups.into_iter().filter(|(_, entries): &(_, Vec<Entry>)| !entries.is_empty()).collect()
    }

    /// What the entry of this page is called.
    pub(super) fn here(&self) -> Option<&'static str> {
        self.entries().into_iter().find(|(place, _)| *place == self.place).map(|(_, (_, words, _))| words)
    }

    /// The attribute that marks the page of help.
    pub(super) fn at_help(&self) -> &'static str {
        self.current(Place::Help)
    }

    /// The attribute that marks the page of one's own account.
    pub(super) fn at_account(&self) -> &'static str {
        self.current(Place::Account)
    }
}

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
            Err(Failure::NotFound) => self.missing(),
            Err(error) => self.broken(&error),
        }
    }

    fn missing(&self) -> Response {
        self.failure(StatusCode::NOT_FOUND, "Không tìm thấy trang", "Trang này không có hoặc đã được chuyển đi.", None)
    }

    /// The cause goes to the log under a reference; the page shows the reference alone.
    fn broken(&self, error: &Failure) -> Response {
        let reference = self.reference();
        tracing::error!(%error, reference, "a page could not be shown");
        let sentence = "Hệ thống chưa đọc được dữ liệu để hiển thị trang này.";
        self.failure(StatusCode::INTERNAL_SERVER_ERROR, "Trang tạm thời chưa xem được", sentence, Some(reference))
    }

    /// Time of day and a running number: short enough to be read out on the phone.
    pub(super) fn reference(&self) -> String {
        let number = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        format!("{}-{number}", self.clock.now().with_timezone(&ZONE).format("%H%M%S"))
    }

    fn failure(&self, status: StatusCode, title: &str, sentence: &'static str, reference: Option<String>) -> Response {
        let remedy = if reference.is_some() {
            "Vui lòng thử lại sau ít phút. Nếu vẫn chưa được, hãy báo mã lỗi dưới đây cho quản trị viên."
        } else {
            "Vui lòng kiểm tra lại địa chỉ hoặc trở về trang đầu."
        };
        let page = FailurePage { frame: Frame::new(self, Place::Elsewhere, title), sentence, remedy, reference };
        match page.render() {
            Ok(text) => (status, Html(text)).into_response(),
            Err(_) => (status, sentence).into_response(),
        }
    }
}

pub(super) async fn not_found(State(site): State<Site>, asked: Uri) -> Response {
    if asked.path().starts_with(api::BELOW) {
        return api::Wrong::unknown().into_response();
    }
    site.missing()
}

pub(super) async fn method_not_allowed(State(site): State<Site>, asked: Uri) -> Response {
    if asked.path().starts_with(api::BELOW) {
        return api::Wrong::method().into_response();
    }
    let sentence = "Trang này không nhận loại yêu cầu đó.";
    site.failure(StatusCode::METHOD_NOT_ALLOWED, "Thao tác không được hỗ trợ", sentence, None)
}

/// Limits the time of every answer and sets the headers that it lacks.
pub(super) async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    let program = request.uri().path().starts_with(api::BELOW);
    let patience = if program || form::brings_files(request.headers()) { LONG_PATIENCE } else { PATIENCE };
    let answer = tokio::time::timeout(patience, next.run(request)).await;
    let mut answer = answer.unwrap_or_else(|_| {
        let reference = site.reference();
        tracing::error!(reference, "a page took too long and was given up");
        if program {
            return api::Wrong::busy(&reference).into_response();
        }
        let sentence = "Hệ thống đang bận, chưa trả lời kịp.";
        site.failure(StatusCode::SERVICE_UNAVAILABLE, "Hệ thống đang bận", sentence, Some(reference))
    });
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
