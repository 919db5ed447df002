//! Forms that people post: read within limits, and only when a page of ours sent them.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use secrecy::SecretString;

/// A form of these pages is small.
const LONGEST: usize = 16 * 1024;
/// How long it may take on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(10);

/// The fields of a form, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a POST.
    ///
    /// # Errors
    /// The status that it is refused with.
    pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, StatusCode> {
        Self::read_within(headers, body, ON_ITS_WAY).await
    }

    async fn read_within(headers: &HeaderMap, body: Body, within: Duration) -> Result<Self, StatusCode> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let bytes = tokio::time::timeout(within, to_bytes(body, LONGEST)).await;
        let bytes = bytes.map_err(|_| StatusCode::REQUEST_TIMEOUT)?.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
        pairs(&bytes).map(Self).ok_or(StatusCode::BAD_REQUEST)
    }

    /// The first value of a field; empty when it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The same, for what must not be printed.
    pub(super) fn secret(&self, name: &str) -> SecretString {
        SecretString::from(self.text(name))
    }
}

/// The gate reads the form before the page is asked; without a gate there is none.
impl<S: Send + Sync> FromRequestParts<S> for Form {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.remove().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Names and values of an encoded form.
pub(super) fn pairs(form: &Bytes) -> Option<Vec<(String, String)>> {
    let uri = format!("/?{}", std::str::from_utf8(form).ok()?).parse().ok()?;
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&uri).ok()?;
    Some(pairs)
}

/// Whether another site's page sent this, or nobody says which. Browsers tell by `Sec-Fetch-Site`, older ones by `Origin`,
/// which is compared with the address that the request itself names and the one that the pages are known by. What sends
/// neither is no browser.
pub(super) fn is_foreign(headers: &HeaderMap, public_url: &str) -> bool {
    let said = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = headers.get("sec-fetch-site").map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = site {
        return site != "same-origin";
    }
    let Some(origin) = said(header::ORIGIN) else { return false };
    let known = public_url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let scheme = if known.starts_with("https:") { "https" } else { "http" };
    let asked = said(header::HOST).map(|host| format!("{scheme}://{host}"));
    origin != known && asked.is_none_or(|asked| origin != asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.insert(*name, header::HeaderValue::from_static(value));
        }
        headers
    }

    #[tokio::test]
    async fn a_form_that_does_not_end_is_given_up_and_a_large_one_is_not_read_to_its_end() {
        let form = headers(&[("content-type", "application/x-www-form-urlencoded; charset=utf-8")]);
        let drop = futures_util::stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"login=an")) });
        let endless = futures_util::StreamExt::chain(drop, futures_util::stream::pending());
        let slow = Form::read_within(&form, Body::from_stream(endless), Duration::from_millis(1)).await;
        assert_eq!(slow.err(), Some(StatusCode::REQUEST_TIMEOUT));
        let more = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1024])));
        let large = Form::read(&form, Body::from_stream(more)).await;
        assert_eq!(large.err(), Some(StatusCode::PAYLOAD_TOO_LARGE));
        let read = Form::read(&form, Body::from("a=1&b=%C4%91&a=2")).await.unwrap();
        assert_eq!((read.text("a"), read.text("b"), read.text("c")), ("1", "đ", ""));
    }

    #[test]
    fn only_a_page_of_ours_sends_forms() {
        let own = "https://dondoc.tinh.example";
        let cases: [(&[(&str, &str)], bool); 10] = [
            (&[], false),
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], false),
            (&[("sec-fetch-site", "cross-site"), ("origin", "https://dondoc.tinh.example")], true),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "none")], true),
            (&[("origin", "https://dondoc.tinh.example")], false),
            (&[("origin", "https://evil.example"), ("host", "dondoc.tinh.example")], true),
            (&[("origin", "https://10.0.0.5:8080"), ("host", "10.0.0.5:8080")], false),
            (&[("origin", "http://dondoc.tinh.example"), ("host", "dondoc.tinh.example")], true),
            (&[("origin", "null"), ("host", "dondoc.tinh.example")], true),
        ];
        for (list, foreign) in cases {
            assert_eq!(is_foreign(&headers(list), own), foreign, "{list:?}");
        }
    }
}
