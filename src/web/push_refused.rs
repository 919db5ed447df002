//! What pushed figures are turned away with, and how their rows are described.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use utoipa::openapi::{RefOr, Response as Described};
use utoipa::{IntoResponses, ToSchema};

use super::api::description::refusals;
use super::catalogue::Tongue;
use super::push::as_json;
use crate::api;
use crate::app::Receiving;
use crate::pass::IntakeError;

/// A row of figures as JSON: the keys that the source maps, each in every row. null is what is not known.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "described, and read row by row by the source")]
pub(super) struct Row {
    /// `2022-10`.
    #[schema(example = "2022-10")]
    period: String,
    /// Official code of the unit, where the source maps it.
    unit_code: Option<String>,
    /// Its name, where the source maps it.
    unit_name: Option<String>,
    /// Code of the service, where the source maps it.
    service_code: Option<String>,
    /// Every other key is a count by the name of its measure.
    #[serde(flatten)]
    counts: HashMap<String, Option<u64>>,
}

/// Refusals of the door, before anything is judged.
pub(super) struct Turned;

impl IntoResponses for Turned {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        refusals(&[
            ("400", "The body is empty, or did not come whole"),
            ("401", "The token is missing or wrong"),
            ("404", "There is no such source"),
            ("408", "The body did not come in time"),
            ("413", "The file is larger than the source takes"),
            ("415", "The source takes other files"),
            ("429", "Too many files, or wrong tokens, come at once"),
            ("503", "It could not be taken in now; it is not the file's fault"),
        ])
    }
}

/// A key of the catalogue with its values.
pub(super) type Said<'s> = (&'s str, &'s [&'s dyn Display]);

/// A request that came to nothing.
pub(super) struct Refused {
    status: StatusCode,
    told: Box<api::Refusal>,
    headers: Vec<(header::HeaderName, HeaderValue)>,
}

impl Refused {
    pub(super) fn new(status: StatusCode, code: &'static str, key: &str, hint: &str) -> Self {
        Self::of(status, code, (key, &[]), hint)
    }

    /// The same with the values of its text.
    pub(super) fn of(status: StatusCode, error: &'static str, (key, values): Said<'_>, hint: &str) -> Self {
        let [message, message_vi] = [Tongue::English, Tongue::Vietnamese].map(|tongue| tongue.with_all(key, values));
        let told = Box::new(api::Refusal { error, message, message_vi, hint: hint.to_owned(), place: None });
        Self { status, told, headers: Vec::new() }
    }

    pub(super) fn too_large(max_bytes: u64) -> Self {
        let hint = "export fewer months or columns, or raise `max_megabytes` of the source";
        Self::of(StatusCode::PAYLOAD_TOO_LARGE, "too_large", ("push.too_large", &[&(max_bytes >> 20)]), hint)
    }

    /// Trouble that is not the file's: the cause stays in the log.
    pub(super) fn trouble(source: Receiving<'_>, error: &IntakeError) -> Self {
        let error = crate::app::with_causes(error, ": ");
        tracing::error!(source = source.name(), error, "a file that was pushed could not be taken in");
        let hint = "send it again in a minute";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "push.unavailable", hint).later(60)
    }

    pub(super) fn later(self, seconds: u64) -> Self {
        self.with(header::RETRY_AFTER, seconds)
    }

    pub(super) fn with(mut self, name: header::HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// What was not read of the body is not waited for.
    pub(super) fn answer(self) -> Response {
        let mut answer = as_json(self.status, &*self.told);
        let headers = answer.headers_mut();
        headers.extend(self.headers.into_iter().map(|(name, value)| (Some(name), value)));
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}
