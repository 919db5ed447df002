//! What all pages share: the frame around them, the pages for failures, the headers of every answer.

use std::sync::LazyLock;
use std::sync::atomic::Ordering;
use std::time::Duration;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use uuid::Uuid;

use super::{Mode, STYLE, Site};
use crate::clock::ZONE;
use crate::db::DbError;

/// How long an answer may take before the reader is told to come back later.
const PATIENCE: Duration = Duration::from_secs(20);

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

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
    Mailbox,
    Elsewhere,
}

/// Named after the style's content: a changed style has another address.
static STYLE_VERSION: LazyLock<String> =
    LazyLock::new(|| Uuid::new_v5(&Uuid::NAMESPACE_OID, STYLE.as_bytes()).simple().to_string());

/// Which version of the style a page asks for.
pub(super) fn style_version() -> &'static str {
    &STYLE_VERSION
}

/// The frame around a page.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) demo: bool,
    pub(super) place: Place,
    pub(super) style: &'static str,
}

impl Frame {
    pub(super) fn new(site: &Site, place: Place, title: impl Into<String>) -> Self {
        Self { title: title.into(), demo: site.mode == Mode::Demo, place, style: &STYLE_VERSION }
    }

    fn current(&self, place: Place) -> &'static str {
        if self.place == place { " aria-current=\"page\"" } else { "" }
    }

    /// The attribute that marks the overview in the navigation.
    pub(super) fn at_overview(&self) -> &'static str {
        self.current(Place::Overview)
    }

    /// The attribute that marks the mailbox in the navigation.
    pub(super) fn at_mailbox(&self) -> &'static str {
        self.current(Place::Mailbox)
    }
}

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("no such page")]
    NotFound,
    #[error(transparent)]
    Db(#[from] DbError),
    #[error("a page cannot be rendered: {0}")]
    Page(#[from] askama::Error),
}

/// A page with status 200.
pub(super) fn page(template: &impl Template) -> Result<Response, Failure> {
    Ok(Html(template.render()?).into_response())
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
    fn reference(&self) -> String {
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

pub(super) async fn not_found(State(site): State<Site>) -> Response {
    site.missing()
}

pub(super) async fn method_not_allowed(State(site): State<Site>) -> Response {
    let sentence = "Các trang này chỉ để xem; không nhận dữ liệu gửi lên.";
    site.failure(StatusCode::METHOD_NOT_ALLOWED, "Thao tác không được hỗ trợ", sentence, None)
}

/// Limits the time of every answer and sets the headers that it lacks.
pub(super) async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(PATIENCE, next.run(request)).await;
    let mut answer = answer.unwrap_or_else(|_| {
        let reference = site.reference();
        tracing::error!(reference, "a page took too long and was given up");
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
