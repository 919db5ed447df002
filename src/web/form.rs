//! Forms that people post: read within limits, and only when a page of ours sent them.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use secrecy::SecretString;

/// How long a form may take on its way.
const ON_ITS_WAY: Duration = Duration::from_secs(10);
/// The same of a form with files.
const FILES_ON_THEIR_WAY: Duration = Duration::from_mins(1);

/// What the forms of a route may bring.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The largest form, in bytes.
    pub(super) largest: usize,
    /// Whether it may bring files.
    pub(super) files: bool,
}

impl Limits {
    /// Of most forms.
    pub(super) const SMALL: Self = Self { largest: 16 * 1024, files: false };
}

/// A file that a form brought. Neither its name nor its bytes are to be believed.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

/// The fields of a form, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Form {
    fields: Vec<(String, String)>,
    files: Vec<(String, Upload)>,
}

impl Form {
    /// Reads the body of a POST.
    ///
    /// # Errors
    /// The status that it is refused with.
    pub(super) async fn read(headers: &HeaderMap, body: Body, limits: Limits) -> Result<Self, StatusCode> {
        let within = if limits.files { FILES_ON_THEIR_WAY } else { ON_ITS_WAY };
        Self::read_within(headers, body, limits, within).await
    }

    async fn read_within(
        headers: &HeaderMap,
        body: Body,
        limits: Limits,
        within: Duration,
    ) -> Result<Self, StatusCode> {
        let reading = async {
            if limits.files && brings_files(headers) {
                return with_files(content_type(headers), body, limits.largest).await;
            }
            let kind = content_type(headers).split(';').next().unwrap_or_default().trim();
            if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
                return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
            }
            let bytes = to_bytes(body, limits.largest).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
            let fields = pairs(&bytes).ok_or(StatusCode::BAD_REQUEST)?;
            Ok(Self { fields, files: Vec::new() })
        };
        tokio::time::timeout(within, reading).await.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT))
    }

    /// What stands behind `?` of an address; nothing where that is no form.
    pub(super) fn of_query(query: Option<String>) -> Self {
        let fields = pairs(&Bytes::from(query.unwrap_or_default())).unwrap_or_default();
        Self { fields, files: Vec::new() }
    }

    /// The first value of a field; empty when it is not there.
    pub(super) fn text(&self, name: &str) -> &str {
        self.texts(name).next().unwrap_or_default()
    }

    /// Every value of a field.
    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every field whose name begins so: what follows in its name, and its value.
    pub(super) fn beginning<'f>(&'f self, with: &'f str) -> impl Iterator<Item = (&'f str, &'f str)> {
        self.fields.iter().filter_map(move |(key, value)| Some((key.strip_prefix(with)?, value.as_str())))
    }

    /// The file of a field, if one was chosen.
    pub(super) fn file(&self, name: &str) -> Option<&Upload> {
        self.files.iter().find(|(key, upload)| key == name && !upload.name.is_empty()).map(|(_, upload)| upload)
    }

    /// The same, for what must not be printed.
    pub(super) fn secret(&self, name: &str) -> SecretString {
        SecretString::from(self.text(name))
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}

/// Whether a request says that it brings files.
pub(super) fn brings_files(headers: &HeaderMap) -> bool {
    multer::parse_boundary(content_type(headers)).is_ok()
}

/// Reads a form with files, `largest` bytes of it at most.
async fn with_files(kind: &str, body: Body, largest: usize) -> Result<Form, StatusCode> {
    let boundary = multer::parse_boundary(kind).map_err(|_| StatusCode::UNSUPPORTED_MEDIA_TYPE)?;
    let size = multer::SizeLimit::new().whole_stream(u64::try_from(largest).unwrap_or(u64::MAX));
    let constraints = multer::Constraints::new().size_limit(size);
    let mut parts = multer::Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    let refused = |error: multer::Error| match error {
        multer::Error::StreamSizeExceeded { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await.map_err(refused)? {
        let name = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            Some(file) => {
                let bytes = part.bytes().await.map_err(refused)?;
                form.files.push((name, Upload { name: file, bytes }));
            }
            None => form.fields.push((name, part.text().await.map_err(refused)?)),
        }
    }
    Ok(form)
}

/// The gate reads the form before the page is asked; without a gate there is none.
impl<S: Send + Sync> FromRequestParts<S> for Form {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.remove().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Names and values of an encoded form; none where it is no UTF-8.
pub(super) fn pairs(form: &Bytes) -> Option<Vec<(String, String)>> {
    let whole = |text: &str| !text.contains(char::REPLACEMENT_CHARACTER);
    let pairs = form_urlencoded::parse(form)
        .map(|(name, value)| (whole(&name) && whole(&value)).then(|| (name.into_owned(), value.into_owned())));
    pairs.collect()
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
        let slow = Form::read_within(&form, Body::from_stream(endless), Limits::SMALL, Duration::from_millis(1)).await;
        assert_eq!(slow.err(), Some(StatusCode::REQUEST_TIMEOUT));
        let more = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1024])));
        let large = Form::read(&form, Body::from_stream(more), Limits::SMALL).await;
        assert_eq!(large.err(), Some(StatusCode::PAYLOAD_TOO_LARGE));
        let read = Form::read(&form, Body::from("a=1&b=%C4%91&a=2"), Limits::SMALL).await.unwrap();
        assert_eq!((read.text("a"), read.text("b"), read.text("c")), ("1", "đ", ""));
        assert_eq!(read.texts("a").collect::<Vec<_>>(), ["1", "2"]);
    }

    #[tokio::test]
    async fn a_long_form_is_read_whole_and_what_is_no_text_is_refused() {
        let form = headers(&[("content-type", "application/x-www-form-urlencoded")]);
        let limits = Limits { largest: 1024 * 1024, files: false };
        let long = format!("ma={}&b=+%2B", "x".repeat(300_000));
        let read = Form::read(&form, Body::from(long), limits).await.unwrap();
        assert_eq!((read.text("ma").len(), read.text("b")), (300_000, " +"));
        let broken = Form::read(&form, Body::from("a=%FF"), limits).await;
        assert_eq!(broken.err(), Some(StatusCode::BAD_REQUEST));
    }

    #[tokio::test]
    async fn a_file_comes_only_where_the_route_takes_one_and_no_larger_than_it_takes() {
        let kind = headers(&[("content-type", "multipart/form-data; boundary=x")]);
        let part = |head: &str, text: &str| format!("--x\r\ncontent-disposition: form-data; {head}\r\n\r\n{text}\r\n");
        let file = part("name=\"tep\"; filename=\"danh bạ.xlsx\"", "PK");
        let body = format!("{}{file}{}--x--\r\n", part("name=\"mark\"", "m"), part("name=\"a\"", "đ"));
        let takes = Limits { largest: 1024, files: true };
        let read = Form::read(&kind, Body::from(body.clone()), takes).await.unwrap();
        assert_eq!((read.text("mark"), read.text("a")), ("m", "đ"));
        let upload = read.file("tep").unwrap();
        assert_eq!((upload.name.as_str(), upload.bytes.as_ref()), ("danh bạ.xlsx", &b"PK"[..]));
        let none = part("name=\"tep\"; filename=\"\"", "") + "--x--\r\n";
        assert!(Form::read(&kind, Body::from(none), takes).await.unwrap().file("tep").is_none(), "nothing was chosen");
        let refused = [
            (Form::read(&kind, Body::from(body.clone()), Limits::SMALL).await, StatusCode::UNSUPPORTED_MEDIA_TYPE),
            (
                Form::read(&kind, Body::from(body.clone()), Limits { largest: 100, files: true }).await,
                StatusCode::PAYLOAD_TOO_LARGE,
            ),
            (Form::read(&kind, Body::from(body.replace("--x--", "--y")), takes).await, StatusCode::BAD_REQUEST),
        ];
        for (read, status) in refused {
            assert_eq!(read.err(), Some(status));
        }
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
