//! How the API answers: one object, with a tag by which a program that asks again learns that nothing changed.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::wrong::{Trouble, Wrong};
use crate::web::Site;

/// Whoever keeps an answer asks whether it still holds; nobody keeps it for others.
const KEPT: HeaderValue = HeaderValue::from_static("private, no-cache");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Site {
    /// What was asked for, or why not. `asked` are the request's headers.
    pub(super) fn tell<T: Serialize>(&self, asked: &HeaderMap, told: Result<T, Trouble>) -> Response {
        match told {
            Ok(told) => match serde_json::to_string(&told) {
                Ok(text) => tagged(asked, JSON, text + "\n"),
                Err(error) => self.refuse(Trouble::Broken(error.to_string())),
            },
            Err(trouble) => self.refuse(trouble),
        }
    }

    /// What was done, or why not.
    pub(super) fn done<T: Serialize>(&self, done: Result<T, Trouble>) -> Response {
        let text =
            done.and_then(|done| serde_json::to_string(&done).map_err(|error| Trouble::Broken(error.to_string())));
        match text {
            Ok(text) => ([(header::CONTENT_TYPE, JSON)], text + "\n").into_response(),
            Err(trouble) => self.refuse(trouble),
        }
    }

    /// Why not. What is broken here goes to the log under a reference, which the answer names.
    pub(in crate::web) fn refuse(&self, trouble: Trouble) -> Response {
        match trouble {
            Trouble::Wrong(wrong) => wrong.into_response(),
            Trouble::Broken(error) => {
                let reference = self.reference();
                tracing::error!(error, reference, "a program could not be answered");
                Wrong::broken(&reference).into_response()
            }
        }
    }
}

/// An answer under its tag; without its text for whoever has it already.
pub(super) fn tagged(asked: &HeaderMap, kind: HeaderValue, text: String) -> Response {
    // Weak, because the same answer leaves compressed or not.
    let tag = format!("W/\"{}\"", hex::encode(Sha256::digest(text.as_bytes())).get(..32).unwrap_or_default());
    let fresh = !knows(asked, &tag);
    let mut answer = if fresh { text.into_response() } else { StatusCode::NOT_MODIFIED.into_response() };
    let headers = answer.headers_mut();
    if fresh {
        headers.insert(header::CONTENT_TYPE, kind);
    } else {
        headers.remove(header::CONTENT_TYPE);
    }
    headers.insert(header::CACHE_CONTROL, KEPT);
    headers.insert(header::VARY, HeaderValue::from_static("authorization"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    answer
}

fn knows(asked: &HeaderMap, tag: &str) -> bool {
    let bare = tag.trim_start_matches("W/");
    let lists = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(tag: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_str(tag).unwrap());
        headers
    }

    #[test]
    fn whoever_knows_the_answer_is_spared_it() {
        let first = tagged(&HeaderMap::new(), JSON, "{}\n".to_owned());
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first.headers().get(header::ETAG).unwrap().to_str().unwrap().to_owned();
        for known in [tag.clone(), tag.replace("W/", ""), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = tagged(&asked(&known), JSON, "{}\n".to_owned());
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(again.headers().get(header::ETAG).unwrap().to_str().unwrap(), tag);
        }
        for unknown in ["\"other\"", &tag.replace('"', "")] {
            assert_eq!(tagged(&asked(unknown), JSON, "{}\n".to_owned()).status(), StatusCode::OK, "{unknown}");
        }
        assert_eq!(tagged(&asked(&tag), JSON, "[]\n".to_owned()).status(), StatusCode::OK, "another text");
    }
}
