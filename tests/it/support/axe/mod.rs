//! axe-core, the field's checker of accessibility (WCAG 2.0 to 2.2, A and AA, and good practice): put into a page from
//! outside, past no rule of ours, and never shipped.

use std::io::Read as _;
use std::sync::LazyLock;

use serde_json::Value;

use super::browser::Browser;

static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let packed: &[u8] = include_bytes!("4.14.1/axe.min.js.gz");
    let mut script = String::new();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut script).expect("the file as it was taken in");
    script
});

/// How much is asked of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rules {
    /// What WCAG asks of every document, a letter too.
    Wcag,
    /// And what is good practice for a page: landmarks, one first heading.
    Page,
}

/// What a page shows in a frame of its own is looked at by itself.
const RUN: &str = "axe.run(document, { resultTypes: ['violations'], iframes: false, RULES })
    .then(found => found.violations.flatMap(one => one.nodes.map(node =>
        `${one.id}: ${one.help}: ${node.html.slice(0, 160)} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ''}`)))";

/// Puts the checker into the page that is open.
pub fn bring(browser: &mut Browser) {
    browser.ask(&format!("{}; 0", *SCRIPT));
}

/// What it finds in the page as it is now; [`bring`] comes first.
pub fn violations(browser: &mut Browser, rules: Rules) -> Vec<String> {
    let rules = match rules {
        Rules::Wcag => "runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']",
        Rules::Page => "rules: { 'target-size': { enabled: true } }",
    };
    let Value::Array(found) = browser.ask(&RUN.replace("RULES", rules)) else { panic!("axe gives a list") };
    found.iter().map(|one| one.as_str().expect("a sentence").to_owned()).collect()
}
