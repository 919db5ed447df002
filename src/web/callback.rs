//! Calls of providers: `/callback/<channel>/…`, verified by the channel. The caller learns a status and nothing else.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::Site;
use crate::channel::{Callback, CallbackError};

/// Providers say little; more is not theirs.
pub(super) const LARGEST: usize = 64 * 1024;

/// A call without anything behind the channel's name.
pub(super) async fn bare(State(site): State<Site>, Path(name): Path<String>, parts: Parts, body: Bytes) -> StatusCode {
    hear(&site, (&name, ""), &parts, &body).await
}

/// And one with something.
pub(super) async fn further(
    State(site): State<Site>,
    Path((name, rest)): Path<(String, String)>,
    parts: Parts,
    body: Bytes,
) -> StatusCode {
    hear(&site, (&name, &rest), &parts, &body).await
}

async fn hear(site: &Site, (name, rest): (&str, &str), parts: &Parts, body: &Bytes) -> StatusCode {
    let Some(channel) = site.channels.iter().find(|channel| channel.name() == name) else {
        return StatusCode::NOT_FOUND;
    };
    let text = |value: &axum::http::HeaderValue| value.to_str().ok().map(ToOwned::to_owned);
    let headers: Vec<(String, String)> =
        parts.headers.iter().filter_map(|(key, value)| Some((key.as_str().to_owned(), text(value)?))).collect();
    let callback = Callback { rest, query: parts.uri.query().unwrap_or_default(), headers: &headers, body };
    match channel.hear(&callback).await {
        Ok(()) => StatusCode::OK,
        Err(CallbackError::NotHere) => StatusCode::NOT_FOUND,
        Err(CallbackError::NotGenuine(reason)) => {
            if let Some(suppressed) = site.seldom.lets(&format!("{name}: {reason}"), site.clock.now()) {
                let what = "a call counts for nothing: it is not proved to be the provider's";
                tracing::warn!(channel = name, %reason, suppressed, "{what}");
            }
            StatusCode::UNAUTHORIZED
        }
        Err(CallbackError::NotStored(reason)) => {
            tracing::error!(channel = name, %reason, "a provider's call could not be stored");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
