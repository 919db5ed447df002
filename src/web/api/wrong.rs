//! Why a program does not get what it asks for, in one shape.

use std::fmt::Display;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::api::Refusal;
use crate::app::AppError;
use crate::db::DbError;
use crate::people::{Action, Role};
use crate::web::catalogue::Tongue;
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
    /// What `key` of the catalogue says, in the languages of a refusal.
    pub(super) fn new(status: StatusCode, error: &'static str, key: &str, hint: &str) -> Self {
        Self::of(status, error, (key, &[]), hint)
    }

    /// The same with the values of the text.
    pub(super) fn of(
        status: StatusCode,
        error: &'static str,
        (key, values): (&str, &[&dyn Display]),
        hint: &str,
    ) -> Self {
        let [message, message_vi] = [Tongue::English, Tongue::Vietnamese].map(|tongue| tongue.with_all(key, values));
        Self { status, told: Refusal { error, message, message_vi, hint: hint.to_owned(), place: None } }
    }

    /// The same about a field or parameter.
    pub(super) fn at(mut self, place: &str) -> Self {
        self.told.place = Some(place.to_owned());
        self
    }

    /// The same; whoever reads its log is told it more exactly, by what refused it.
    pub(super) fn told(mut self, message: &str) -> Self {
        message.clone_into(&mut self.told.message);
        self
    }

    /// The same with what lies behind it, where that is known.
    pub(super) fn because(mut self, cause: &str) -> Self {
        if !cause.is_empty() {
            self.told.message = format!("{}: {cause}", self.told.message);
        }
        self
    }

    /// A parameter or a body that cannot be read; `message` says it exactly.
    pub(super) fn bad(message: &str, hint: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", "api.unreadable", hint).told(message)
    }

    /// A value that can be read and not be used.
    pub(super) fn content(key: &str, hint: &str) -> Self {
        Self::content_of((key, &[]), hint)
    }

    /// The same with the values of the text.
    pub(super) fn content_of(said: (&str, &[&dyn Display]), hint: &str) -> Self {
        Self::of(StatusCode::UNPROCESSABLE_ENTITY, "unprocessable", said, hint)
    }

    /// A value that can be read and not be used, told in English and in Vietnamese.
    pub(super) fn both(message: String, message_vi: String, hint: &str) -> Self {
        let told = Refusal { error: "unprocessable", message, message_vi, hint: hint.to_owned(), place: None };
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, told }
    }

    /// Something stands in the way by now, told in English and in Vietnamese.
    pub(super) fn changed(message: String, message_vi: String, hint: &str) -> Self {
        let told = Refusal { error: "conflict", message, message_vi, hint: hint.to_owned(), place: None };
        Self { status: StatusCode::CONFLICT, told }
    }

    /// Something else is there by now.
    pub(super) fn conflict(key: &str, hint: &str) -> Self {
        Self::conflict_of((key, &[]), hint)
    }

    /// The same with the values of the text.
    pub(super) fn conflict_of(said: (&str, &[&dyn Display]), hint: &str) -> Self {
        Self::of(StatusCode::CONFLICT, "conflict", said, hint)
    }

    /// There is nothing under that name, or the token does not see it.
    pub(super) fn missing(hint: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "api.missing", hint)
    }

    /// No round has ended yet.
    pub(super) fn no_round() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no_round", "api.no_round", "`dondoc run` makes one")
    }

    /// It concerns the whole province, and the token is confined to a unit.
    fn whole() -> Self {
        Self::new(StatusCode::FORBIDDEN, "whole_province", "api.whole_province", "use a token without a scope")
    }

    /// No token, or a wrong one.
    pub(in crate::web) fn unauthorized() -> Self {
        let hint = "send the header `Authorization: Bearer TOKEN`; `dondoc token add` makes one";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "api.unauthorized", hint)
    }

    /// The role of the token is not good for it.
    pub(in crate::web) fn forbidden(action: Action) -> Self {
        let hint = format!("it needs the role `{}`", Role::needed_for(action).word());
        Self::new(StatusCode::FORBIDDEN, "forbidden", "api.forbidden", &hint)
    }

    /// No such address.
    pub(in crate::web) fn unknown() -> Self {
        Self::missing("`/api/v1/openapi.json` describes every address")
    }

    /// No such method at this address.
    pub(in crate::web) fn method() -> Self {
        let hint = "the header `Allow` names those it does";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "api.method", hint)
    }

    /// It took too long.
    pub(in crate::web) fn busy(reference: &str) -> Self {
        let hint = format!("ask again in a minute; the log has more under {reference}");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "api.busy", &hint)
    }

    pub(super) fn broken(reference: &str) -> Self {
        let hint = format!("ask again in a minute; the log has more under {reference}");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "api.broken", &hint)
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
