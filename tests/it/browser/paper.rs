//! What pages are like on paper: A4, the head of the table on every sheet, standings told by signs that need no colour.

use std::collections::BTreeSet;

use dondoc::web::Mode;
use serde_json::json;

use super::Open;
use crate::support::browser::Browser;

/// Sheets of a document.
fn sheets(document: &[u8]) -> usize {
    let text = String::from_utf8_lossy(document);
    text.matches("/Type /Page").count() - text.matches("/Type /Pages").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_overview_and_a_unit_go_on_paper() {
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    browser.size(1280, 800);
    for (path, least, most) in [("/", 2, 9), ("/don-vi/07201", 1, 4)] {
        browser.visit(&open.at(path));
        let document = browser.paper();
        assert!(document.starts_with(b"%PDF"), "{path}");
        let sheets = sheets(&document);
        assert!((least..=most).contains(&sheets), "{path}: {sheets} sheets");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_printed_heat_map_repeats_its_head_and_needs_no_colour() {
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    // The width of A4 within its margins.
    browser.size(718, 1000);
    browser.visit(&open.at("/"));
    browser.printing(true);
    let head = browser.ask(
        "(() => { const head = document.querySelector('.heat thead');
        return [getComputedStyle(head).display, getComputedStyle(head.querySelector('th')).position,
                getComputedStyle(document.querySelector('.heat tbody tr')).breakInside] })()",
    );
    assert_eq!(head, json!(["table-header-group", "static", "avoid"]));
    let gone = browser.ask(
        "['.top nav', '.find', '.filter', '.skip', 'footer', '.steps'].filter(one =>
        [...document.querySelectorAll(one)].some(one => one.checkVisibility()))",
    );
    assert_eq!(gone, json!([]), "what paper cannot do is not on it");
    let wide = browser.ask("document.documentElement.scrollWidth <= innerWidth");
    assert_eq!(wide, true);
    // A sign for each standing beside the figure: on target, nearly, below, nothing to judge, in doubt.
    let signs = browser.ask("[...document.querySelectorAll('.legend span.tone')].map(one => one.textContent)");
    let signs: BTreeSet<String> = serde_json::from_value(signs).unwrap();
    assert_eq!(signs, ["●", "◐", "○", "–", "?"].map(ToOwned::to_owned).into());
    let bare =
        browser.ask("[...document.querySelectorAll('.heat td b')].filter(one => !/^\\S/.test(one.textContent)).length");
    assert_eq!(bare, 0);
    // In greys nothing but the lightness of colours is left.
    let faint = browser.ask(
        "(() => {
        const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
            .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
        return [...document.querySelectorAll('.heat td')].map(one => getComputedStyle(one)).filter(style => {
            const [dim, bright] = [light(style.color), light(style.backgroundColor)].sort((a, b) => a - b);
            return (bright + 0.05) / (dim + 0.05) < 4.5 }).length })()",
    );
    assert_eq!(faint, 0);
}
