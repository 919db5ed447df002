//! How much a first look costs, and that a second one costs the page alone.

use std::collections::BTreeMap;
use std::io::Read as _;

use axum::body::Body;
use axum::http::Method;
use dondoc::web::Mode;

use super::Open;
use crate::support::browser::Browser;
use crate::support::reader::{Answer, Reader};

/// All that is fetched when `/` is opened for the first time, as it comes over the wire.
const FIRST_LOOK: usize = 140_000;

/// Every address of ours that the text names: in attributes, and in `url(…)`.
fn fetched(text: &str) -> Vec<String> {
    let quoted = text.split(['"', '\'', '(', ')']).filter(|part| part.starts_with("/static/"));
    let mut found: Vec<String> = quoted.map(ToOwned::to_owned).collect();
    found.sort();
    found.dedup();
    found
}

fn plain(answer: &Answer) -> String {
    match answer.header("content-encoding") {
        "br" => {
            let mut text = Vec::new();
            brotli::BrotliDecompress(&mut answer.bytes.as_slice(), &mut text).unwrap();
            String::from_utf8(text).unwrap()
        }
        "gzip" => {
            let mut text = String::new();
            flate2::read::GzDecoder::new(answer.bytes.as_slice()).read_to_string(&mut text).unwrap();
            text
        }
        _ => answer.body.clone(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_look_is_light_and_what_it_fetched_is_kept() {
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    let session = open.session.clone();
    let mut reader = Reader::at(&open.router, "127.0.0.1").with("accept-encoding", "br");
    reader.cookies.insert("dondoc-plain".to_owned(), session);
    let page = reader.get("/").await;
    assert_eq!(page.header("content-encoding"), "br");
    assert!(page.header("vary").to_ascii_lowercase().contains("accept-encoding"));
    assert_eq!(page.header("cache-control"), "no-store", "a page is kept by nobody");
    let mut sizes = BTreeMap::from([("/".to_owned(), page.bytes.len())]);
    let mut left = fetched(&plain(&page));
    while let Some(path) = left.pop() {
        if sizes.contains_key(&path) {
            continue;
        }
        let answer = reader.get(&path).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.status);
        assert!(answer.header("cache-control").contains("immutable"), "{path}");
        if path.contains(".css") {
            left.extend(fetched(&plain(&answer)));
        }
        sizes.insert(path, answer.bytes.len());
    }
    for kind in [".css", ".js", ".woff2", ".svg"] {
        assert!(sizes.keys().any(|path| path.contains(kind)), "{kind}: {sizes:?}");
    }
    let all: usize = sizes.values().sum();
    assert!(all <= FIRST_LOOK, "{all} bytes: {sizes:#?}");

    browser.size(1280, 800);
    browser.visit(&open.at("/"));
    let faces = browser.ask("document.fonts.ready.then(all => [...all].filter(one => one.status === 'loaded').length)");
    assert_eq!(faces, 4, "both weights, Latin and Vietnamese, are taken into use");
    let face = browser.ask("getComputedStyle(document.querySelector('h1')).fontFamily");
    assert!(face.as_str().unwrap().starts_with("\"Be Vietnam Pro\""), "{face}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compressed_page_gives_its_mark_away_to_nobody() {
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    let mut reader = Reader::at(&open.router, "127.0.0.1");
    reader.cookies.insert("dondoc-plain".to_owned(), open.session.clone());
    let (one, other) = (reader.mark().await, reader.mark().await);
    assert_ne!(one, other, "no two pages hold the same bytes");
    for mark in [one, other] {
        let body = Body::from(format!("mark={mark}"));
        let answer =
            reader.ask(Method::POST, "/tai-khoan/phien", Some("application/x-www-form-urlencoded"), body).await;
        assert!(answer.status.is_redirection(), "{}: and each of them is good", answer.status);
    }
}
