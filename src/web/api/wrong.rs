//! Why a program does not get what it asks for, in one shape.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::api::Refusal;
use crate::app::AppError;
use crate::db::DbError;
use crate::people::{Action, Role};
use crate::web::page::Failure;

/// A refusal with its status.
#[derive(Debug, Clone)]
pub(in crate::web) struct Wrong {
    status: StatusCode,
    told: Refusal,
}

/// Why there is no answer.
#[derive(Debug)]
pub(in crate::web) enum Trouble {
    /// The program asks for something that it does not get.
    Wrong(Box<Wrong>),
    /// Something is broken here; what, is for the log alone.
    Broken(String),
}

impl Wrong {
    pub(super) fn new(status: StatusCode, error: &'static str, [message, vietnamese, hint]: [&str; 3]) -> Self {
        let (message, message_vi, hint) = (message.to_owned(), vietnamese.to_owned(), hint.to_owned());
        Self { status, told: Refusal { error, message, message_vi, hint, place: None } }
    }

    /// The same about a field or parameter.
    pub(super) fn at(mut self, place: &str) -> Self {
        self.told.place = Some(place.to_owned());
        self
    }

    /// A parameter or a body that cannot be read.
    pub(super) fn bad(message: &str, hint: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", [message, "Yêu cầu không đọc được.", hint])
    }

    /// A value that can be read and not be used.
    pub(super) fn content(message: &str, vietnamese: &str, hint: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unprocessable", [message, vietnamese, hint])
    }

    /// Something else is there by now.
    pub(super) fn conflict(message: &str, vietnamese: &str, hint: &str) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", [message, vietnamese, hint])
    }

    /// There is nothing under that name, or the token does not see it.
    pub(super) fn missing(hint: &str) -> Self {
        let words = ["there is nothing under this address, or the token does not see it", "Không tìm thấy.", hint];
        Self::new(StatusCode::NOT_FOUND, "not_found", words)
    }

    /// No round has ended yet.
    pub(super) fn no_round() -> Self {
        let words =
            ["no round has ended yet, so there are no figures", "Chưa có đợt số liệu nào.", "`dondoc run` makes one"];
        Self::new(StatusCode::NOT_FOUND, "no_round", words)
    }

    /// It concerns the whole province, and the token is confined to a unit.
    fn whole() -> Self {
        let words = [
            "the token is confined to a unit, and this concerns the whole province",
            "Việc này liên quan đến toàn tỉnh, ngoài phạm vi của mã truy cập.",
            "use a token without a scope",
        ];
        Self::new(StatusCode::FORBIDDEN, "whole_province", words)
    }

    /// No token, or a wrong one.
    pub(in crate::web) fn unauthorized() -> Self {
        let words = [
            "the token is missing or wrong",
            "Thiếu mã truy cập hoặc mã không đúng.",
            "send the header `Authorization: Bearer TOKEN`; `dondoc token add` makes one",
        ];
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", words)
    }

    /// The role of the token is not good for it.
    pub(in crate::web) fn forbidden(action: Action) -> Self {
        let hint = format!("it needs the role `{}`", Role::needed_for(action).word());
        let words = ["the token is not good for this", "Mã truy cập không có quyền làm việc này.", &hint];
        Self::new(StatusCode::FORBIDDEN, "forbidden", words)
    }

    /// No such address.
    pub(in crate::web) fn unknown() -> Self {
        Self::missing("`/api/v1/openapi.json` describes every address")
    }

    /// No such method at this address.
    pub(in crate::web) fn method() -> Self {
        let words = [
            "this address does not answer that method",
            "Địa chỉ này không nhận loại yêu cầu đó.",
            "the header `Allow` names those it does",
        ];
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", words)
    }

    /// It took too long.
    pub(in crate::web) fn busy(reference: &str) -> Self {
        let hint = format!("ask again in a minute; the log has more under {reference}");
        let words = ["this took too long and was given up", "Hệ thống đang bận, chưa trả lời kịp.", &hint];
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", words)
    }

    pub(super) fn broken(reference: &str) -> Self {
        let hint = format!("ask again in a minute; the log has more under {reference}");
        let words = ["something is broken here", "Hệ thống chưa đọc được dữ liệu.", &hint];
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", words)
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        let text = serde_json::to_string(&self.told).unwrap_or_default() + "\n";
        let mut answer = (self.status, [(header::CONTENT_TYPE, "application/json")], text).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}

impl From<Wrong> for Trouble {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(Box::new(wrong))
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotFound => Wrong::missing("this installation does not offer it").into(),
            other => Self::Broken(other.to_string()),
        }
    }
}

impl From<DbError> for Trouble {
    fn from(error: DbError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<AppError> for Trouble {
    fn from(error: AppError) -> Self {
        Self::Broken(crate::app::with_causes(&error, ": "))
    }
}

/// Only for whoever sees the whole province.
pub(super) fn whole(visitor: &crate::web::session::Visitor) -> Result<(), Wrong> {
    if visitor.token().is_some_and(|token| token.scope.is_none()) { Ok(()) } else { Err(Wrong::whole()) }
}
