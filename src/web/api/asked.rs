//! What a program sends: names in the address, parameters behind it, a JSON body. What is not known is refused by its name.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::wrong::Wrong;
use crate::web::form::Limits;

/// How long a body may take on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(10);

/// The name in the address.
#[derive(Debug)]
pub(in crate::web) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Wrong;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Wrong> {
        let name = Path::<String>::from_request_parts(parts, state).await;
        name.map(|Path(name)| Self(name)).map_err(|_| Wrong::bad("the address is not UTF-8", "encode it as UTF-8"))
    }
}

/// The parameters behind the address.
#[derive(Debug)]
pub(in crate::web) struct Asked<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Wrong;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Wrong> {
        let read = Query::<T>::try_from_uri(&parts.uri);
        read.map(|Query(asked)| Self(asked)).map_err(|error| {
            let message = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            let wrong = Wrong::bad(&message, "`/api/v1/openapi.json` describes the parameters");
            match place(&message) {
                Some(place) => wrong.at(place),
                None => wrong,
            }
        })
    }
}

/// Parameters of an address that takes none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Nothing {}

/// A JSON body.
#[derive(Debug)]
pub(in crate::web) struct Sent<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = Wrong;

    async fn from_request(request: Request, _: &S) -> Result<Self, Wrong> {
        let (parts, body) = request.into_parts();
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            let hint = "send `Content-Type: application/json`";
            return Err(Wrong::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "api.not_json", hint));
        }
        let largest = parts.extensions.get::<Limits>().map_or(Limits::SMALL.largest, |limits| limits.largest);
        let Ok(read) = tokio::time::timeout(ON_ITS_WAY, to_bytes(body, largest)).await else {
            return Err(Wrong::new(StatusCode::REQUEST_TIMEOUT, "timeout", "api.too_slow", "send it again"));
        };
        let bytes = read.map_err(|_| {
            Wrong::of(StatusCode::PAYLOAD_TOO_LARGE, "too_large", ("api.too_large", &[&largest]), "send less")
        })?;
        // Fields in an array would be taken by their order.
        let object = bytes.trim_ascii_start().starts_with(b"{");
        if !object && serde_json::from_slice::<IgnoredAny>(&bytes).is_ok() {
            let hint = "send one JSON object";
            return Err(Wrong::content("api.no_object", hint));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|error| unreadable(&error))
    }
}

/// JSON that is none, or has not the fields that it should.
fn unreadable(error: &serde_json::Error) -> Wrong {
    let message = error.to_string();
    if !error.is_data() {
        return Wrong::bad(&message, "send one JSON object");
    }
    let hint = "`/api/v1/openapi.json` describes the body";
    let wrong = Wrong::content("api.no_object", hint).told(&message);
    match place(&message) {
        Some(place) => wrong.at(place),
        None => wrong,
    }
}

/// The field that an error of reading names: in backquotes, or before a colon.
fn place(message: &str) -> Option<&str> {
    let quoted = ["unknown field `", "missing field `", "duplicate field `"];
    let quoted = quoted.iter().find_map(|before| message.split_once(before)?.1.split('`').next());
    let plain = |name: &&str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    quoted.or_else(|| message.split_once(": ").map(|(name, _)| name).filter(plain))
}

/// Which page of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leaf {
    /// From 1.
    pub(super) page: u32,
    /// On a page.
    pub(super) size: u32,
}

/// On a page, when nothing is said.
const USUAL: u32 = 100;
/// On a page at most.
const MOST: u32 = 1_000;

impl Leaf {
    /// What the parameters `page` and `per_page` say.
    pub(super) fn of(page: Option<u32>, per_page: Option<u32>) -> Result<Self, Wrong> {
        let (page, size) = (page.unwrap_or(1), per_page.unwrap_or(USUAL));
        // Further on no list of ours goes, and beyond it the engines' own numbers end.
        if !(1..=1_000_000).contains(&page) {
            return Err(Wrong::bad("page: not from 1 to 1,000,000", "the first page is 1").at("page"));
        }
        if !(1..=MOST).contains(&size) {
            let message = format!("per_page: not from 1 to {MOST}");
            return Err(Wrong::bad(&message, "ask for several pages").at("per_page"));
        }
        Ok(Self { page, size })
    }

    /// How many come before it.
    pub(super) fn offset(self) -> u64 {
        u64::from(self.page - 1) * u64::from(self.size)
    }

    /// How many pages `count` things take, at least one.
    pub(super) fn pages(self, count: u64) -> u64 {
        count.div_ceil(u64::from(self.size)).max(1)
    }

    /// Those of `all` that stand on it.
    pub(super) fn cut<T>(self, all: Vec<T>) -> Vec<T> {
        let skipped = usize::try_from(self.offset()).unwrap_or(usize::MAX);
        all.into_iter().skip(skipped).take(usize::try_from(self.size).unwrap_or(usize::MAX)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_field() {
        for (message, named) in [
            ("unknown field `colour`, expected `note`", Some("colour")),
            ("missing field `hash` at line 1 column 2", Some("hash")),
            ("page: invalid digit found in string", Some("page")),
            ("invalid type: integer `1`, expected a string at line 1 column 9", None),
            ("EOF while parsing", None),
        ] {
            assert_eq!(place(message), named, "{message}");
        }
    }

    #[test]
    fn a_page_is_cut_out_of_a_list() {
        let leaf = |page, size| Leaf::of(page, size).unwrap();
        assert_eq!(leaf(Some(2), Some(3)).cut((1..=8).collect()), [4, 5, 6]);
        assert_eq!(leaf(Some(4), Some(3)).cut((1..=8).collect::<Vec<_>>()), Vec::<i32>::new());
        assert_eq!((leaf(None, Some(3)).pages(8), leaf(None, None).pages(0)), (3, 1));
        for (page, size) in [(Some(0), None), (None, Some(0)), (None, Some(1_001)), (Some(u32::MAX), None)] {
            assert!(Leaf::of(page, size).is_err(), "{page:?} {size:?}");
        }
    }
}
