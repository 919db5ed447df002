//! What the pages fetch beside themselves: style, scripts, fonts, icon. All of it is compiled in, compressed when the
//! program was built, and asked for by an address that changes with its content, so a browser keeps it.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use uuid::Uuid;

/// For good: whoever changes the content changes the address.
const KEPT: &str = "public, max-age=31536000, immutable";

/// One file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asset {
    kind: &'static str,
    plain: &'static [u8],
    /// The same as brotli and as gzip; nothing for what is compressed by its nature.
    packed: Option<[&'static [u8]; 2]>,
}

/// A text below `templates/pages/`, with what the build made of it.
macro_rules! text {
    ($folder:literal, $name:literal, $kind:literal) => {
        Asset {
            kind: $kind,
            plain: include_bytes!(concat!("../../templates/pages/", $folder, $name)),
            packed: Some([
                include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".br")),
                include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")),
            ]),
        }
    };
}

macro_rules! font {
    ($name:literal) => {
        (
            $name,
            Asset {
                kind: "font/woff2",
                plain: include_bytes!(concat!("../../templates/pages/vendor/be-vietnam-pro/5.3.0/", $name)),
                packed: None,
            },
        )
    };
}

pub(super) const STYLE: Asset = text!("", "dondoc.css", "text/css; charset=utf-8");
pub(super) const SCRIPT: Asset = text!("", "dondoc.js", "text/javascript; charset=utf-8");
pub(super) const HTMX: Asset = text!("vendor/htmx/4.0.1/", "htmx.min.js", "text/javascript; charset=utf-8");
pub(super) const ICON: Asset = text!("", "dondoc.svg", "image/svg+xml");

/// Be Vietnam Pro; the style names its version in their addresses.
const FONTS: [(&str, Asset); 4] =
    [font!("latin-400.woff2"), font!("latin-600.woff2"), font!("vietnamese-400.woff2"), font!("vietnamese-600.woff2")];

/// Named after the content of what every page asks for: what has changed has another address.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let all = [STYLE.plain, SCRIPT.plain, HTMX.plain, ICON.plain].concat();
    Uuid::new_v5(&Uuid::NAMESPACE_OID, &all).simple().to_string()
});

/// What stands behind `?v=` in the addresses.
pub(super) fn version() -> &'static str {
    &VERSION
}

impl Asset {
    /// The file, in the best coding that the browser takes.
    pub(super) fn answer(self, asked: &HeaderMap) -> Response {
        let [brotli, gzip] = self.packed.unwrap_or_default();
        let mut packed = [("br", brotli), ("gzip", gzip)].into_iter();
        let packed = packed.find(|(coding, bytes)| !bytes.is_empty() && takes(asked, coding));
        let (coding, bytes) = packed.map_or((None, self.plain), |(coding, bytes)| (Some(coding), bytes));
        let mut answer = Body::from(bytes).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(KEPT));
        if self.packed.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if let Some(coding) = coding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
        answer
    }
}

/// Whether the browser takes the coding.
fn takes(asked: &HeaderMap, coding: &str) -> bool {
    let lists = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let refused =
            weight.split_once('=').is_some_and(|(_, weight)| weight.trim().trim_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case(coding) && !refused
    })
}

/// One of the fonts.
pub(super) async fn font(Path(name): Path<String>, asked: HeaderMap) -> Response {
    match FONTS.iter().find(|(known, _)| *known == name) {
        Some((_, font)) => font.answer(&asked),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn style(asked: HeaderMap) -> Response {
    STYLE.answer(&asked)
}

pub(super) async fn script(asked: HeaderMap) -> Response {
    SCRIPT.answer(&asked)
}

pub(super) async fn htmx(asked: HeaderMap) -> Response {
    HTMX.answer(&asked)
}

pub(super) async fn icon(asked: HeaderMap) -> Response {
    ICON.answer(&asked)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_the_build_compressed_is_the_file() {
        for asset in [STYLE, SCRIPT, HTMX, ICON] {
            let [brotli, gzip] = asset.packed.unwrap();
            let (mut plain, mut text) = (Vec::new(), Vec::new());
            brotli::BrotliDecompress(&mut &*brotli, &mut plain).unwrap();
            flate2::read::GzDecoder::new(gzip).read_to_end(&mut text).unwrap();
            assert!(plain == asset.plain && text == asset.plain, "{}", asset.kind);
            assert!(brotli.len() <= gzip.len() && gzip.len() < asset.plain.len(), "{}", asset.kind);
        }
    }

    #[test]
    fn a_browser_gets_the_best_of_what_it_takes() {
        let coding = |accepted: &'static str| {
            let mut asked = HeaderMap::new();
            asked.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            STYLE
                .answer(&asked)
                .headers()
                .get(header::CONTENT_ENCODING)
                .map(|coding| coding.to_str().unwrap().to_owned())
        };
        let cases = [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip;q=1.0, br;q=0", Some("gzip")),
            ("GZIP", Some("gzip")),
            ("br; q=0.000, gzip ;q=0.0", None),
            ("br;q=0.001", Some("br")),
            ("deflate", None),
            ("", None),
        ];
        for (accepted, expected) in cases {
            assert_eq!(coding(accepted).as_deref(), expected, "{accepted}");
        }
    }
}
