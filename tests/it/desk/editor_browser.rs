//! The editor of templates in a real browser: Vietnamese keyboards, the whole way of a text, and all of it without script.

use std::net::SocketAddr;
use std::sync::Arc;

use dondoc::outbox;
use dondoc::people::{self, By, Hasher, NewAccount, Peer, Role};
use dondoc::web::{self, Mode, Site};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::editor::{Press, SHIPPED};
use crate::support::axe::{self, Rules};
use crate::support::browser::Browser;
use crate::support::mailbox::start;

/// The pages on a port of this machine, and an editor's browser before them.
pub(super) struct Open {
    pub(super) press: Press,
    address: SocketAddr,
    stop: CancellationToken,
}

impl Open {
    pub(super) async fn new() -> (Self, Browser) {
        Self::with("").await
    }

    async fn with(extra: &str) -> (Self, Browser) {
        let press = Press::new(extra).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let site = Site::of(&press.app, Mode::Daemon)
            .with_schedules(&press.app.config.schedules, &format!("http://{address}"))
            .hashing(&Hasher::default());
        let stop = CancellationToken::new();
        tokio::spawn(web::serve(listener, site, stop.clone()));
        let password = SecretString::from("mật khẩu của từng người");
        let (login, name, role) = ("an", "Văn phòng an", Role::Editor);
        let new = NewAccount { login, name, role, scope: None, password: &password, must_change: false };
        let db = &Arc::clone(&press.app).db.clone();
        let id = people::add(db, &Hasher::default(), &new, &By::command("test"), start()).await.unwrap();
        let peer = Peer { address: "127.0.0.1".to_owned(), agent: "test".to_owned() };
        let session = people::reopen(db, &id, &peer, start()).await.unwrap();
        let mut browser = Browser::open();
        browser.size(1280, 900);
        browser.cookie(&format!("http://{address}/"), "dondoc-plain", &session);
        browser.cookie(&format!("http://{address}/"), "dondoc-tongue", "vi");
        (Self { press, address, stop }, browser)
    }

    /// The words of every letter in the outbox.
    async fn letters(&self) -> Vec<String> {
        let db = &self.press.app.db;
        let mut texts = Vec::new();
        for entry in outbox::list(db, &outbox::Filter::default()).await.unwrap() {
            let (_, content, _) = outbox::show(db, &entry.id).await.unwrap().unwrap();
            let content: serde_json::Value = serde_json::from_str(&content).unwrap();
            texts.push(content["text"].as_str().unwrap().to_owned());
        }
        texts
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// `đề nghị` as a keyboard composes it, letter by letter.
const COMPOSED: [&[&str]; 2] = [&["d", "đ", "đe", "đê", "đề"], &["n", "ng", "ngh", "nghi", "nghị"]];

/// The same as a keyboard types it that takes back what it has put in: how many letters it deletes, and what it puts in.
const TAKEN_BACK: [(usize, &str); 12] = [
    (0, "d"),
    (1, "đ"),
    (0, "e"),
    (1, "ê"),
    (1, "ề"),
    (0, " "),
    (0, "n"),
    (0, "g"),
    (0, "h"),
    (0, "i"),
    (4, "nghị"),
    (0, "."),
];

pub(super) const TEXT: &str = "document.getElementById('van-ban')";

pub(super) fn caret_at_the_end(browser: &mut Browser) {
    browser.ask(&format!("{TEXT}.focus(), {TEXT}.setSelectionRange({TEXT}.value.length, {TEXT}.value.length)"));
}

/// Requests that the page has made by itself and that were answered.
fn asked(browser: &mut Browser) -> u64 {
    browser
        .ask("performance.getEntriesByType('resource').filter(one => one.name.includes('/mau-tin/')).length")
        .as_u64()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn vietnamese_keyboards_of_both_kinds_write_what_the_server_then_stores() {
    let (open, mut browser) = Open::new().await;
    browser.visit(&open.at("/mau-tin/commune_first"));
    caret_at_the_end(&mut browser);
    let before = asked(&mut browser);
    for (place, word) in COMPOSED.iter().enumerate() {
        for letters in *word {
            browser.compose(letters);
        }
        if place == 1 {
            // A letter is written and taken over into the page while a word is still being composed.
            browser.until(&format!(
                "performance.getEntriesByType('resource').filter(one => one.name.includes('/mau-tin/')).length > {before}"
            ));
        }
        browser.typed(word.last().unwrap());
        browser.typed(if place == 0 { " " } else { ".\n" });
    }
    for (deleted, letters) in TAKEN_BACK {
        for _ in 0..deleted {
            browser.key("Backspace");
        }
        browser.typed(letters);
    }
    let expected = format!("{SHIPPED}đề nghị.\nđề nghị.");
    assert_eq!(browser.ask(&format!("{TEXT}.value")), expected);
    browser.until("document.getElementById('da-luu').innerText.includes('Đã tự lưu')");
    assert_eq!(open.press.draft().await.unwrap().source, expected, "saved by itself");
    assert_eq!(browser.ask(&format!("{TEXT}.value")), expected, "and the text was let be");
    browser.until("document.querySelector('iframe').srcdoc.split('đề nghị.').length === 3");
    browser.press("document.querySelector('button[value=luu]').click()");
    let draft = open.press.draft().await.unwrap();
    assert_eq!((draft.source.as_str(), draft.automatic), (expected.as_str(), false));
    assert_eq!(browser.ask(&format!("{TEXT}.value")), expected);
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// Replaces a part of the text as somebody who types does.
pub(super) fn replace(browser: &mut Browser, from: &str, to: &str) {
    browser.ask(&format!(
        "(() => {{ const at = {TEXT}.value.indexOf('{from}'); {TEXT}.focus(); {TEXT}.setSelectionRange(at, at + '{from}'.length) }})()"
    ));
    browser.typed(to);
}

/// Nothing on the page as it is now that WCAG forbids.
fn is_for_everybody(browser: &mut Browser) {
    axe::bring(browser);
    for (width, dark) in [(320, true), (1280, false)] {
        browser.size(width, 900);
        browser.dark(dark);
        assert_eq!(axe::violations(browser, Rules::Page), Vec::<String>::new());
        assert_eq!(browser.ask("document.documentElement.scrollWidth"), width);
    }
}

fn said(browser: &mut Browser) -> String {
    browser.ask("document.querySelector('main').innerText").as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_goes_from_a_mistake_to_being_in_force_and_back() {
    // The round before reminds nobody yet; the next one does.
    let (open, mut browser) = Open::with("[[policy.rule]]\nname = \"hai kỳ\"\nmisses = 2\n").await;
    browser.visit(&open.at("/mau-tin/commune_first"));
    replace(&mut browser, "recipient.title", "recipient.titel");
    browser.until("document.getElementById('loi').innerText.includes('Có phải bạn muốn viết `title`?')");
    is_for_everybody(&mut browser);
    browser.ask("document.querySelector('#loi a[data-line]').click()");
    let place = browser.ask(&format!("{TEXT}.value.slice({TEXT}.selectionStart, {TEXT}.selectionEnd)"));
    assert_eq!(place, "titel }}", "the link leads to the place in the text");
    replace(&mut browser, "recipient.titel", "recipient.title");
    browser.until("!document.querySelector('#loi li')");

    browser.ask(
        "(() => { const sought = document.getElementById('tim-truong'); sought.value = 'don vi'; \
                 sought.dispatchEvent(new Event('input')) })()",
    );
    let shown = browser.ask("[...document.querySelectorAll('#truong li')].filter(one => one.checkVisibility()).length");
    assert!((1..15).contains(&shown.as_u64().unwrap()), "{shown} fields are found by `don vi`");
    browser.ask(&format!("{TEXT}.setSelectionRange({TEXT}.value.length, {TEXT}.value.length)"));
    browser.ask("[...document.querySelectorAll('button[data-before]')].find(one => one.dataset.before === '{{ unit.name }}').click()");
    let text = browser.ask(&format!("{TEXT}.value")).as_str().unwrap().to_owned();
    assert!(text.ends_with("{{ unit.name }}"), "{text}");
    browser.until("document.querySelector('iframe').srcdoc.includes('Xã Số 0')");

    browser.press("document.querySelector('button[value=kiem-tra]').click()");
    browser.until("document.querySelector('#ket-qua .done')");
    let text = said(&mut browser);
    assert!(text.contains("Phù hợp: đã thử") && text.contains("12/12"), "{text}");
    is_for_everybody(&mut browser);
    browser.press("document.querySelector('main a.button').click()");
    is_for_everybody(&mut browser);
    assert!(said(&mut browser).contains("Đơn vị có thư thay đổi"), "{}", said(&mut browser));
    browser.press("document.querySelector('main form button').click()");
    assert!(said(&mut browser).contains("Đã áp dụng."), "{}", said(&mut browser));
    let live = open.press.app.templates().await.unwrap();
    assert_eq!(live.source("commune_first.md"), Some(format!("{SHIPPED}{{{{ unit.name }}}}").as_str()));

    open.press.app.decide("2022-11-07".parse().unwrap(), false, &|_| {}).await.unwrap();
    let letters = open.letters().await;
    assert_eq!(letters.len(), 12);
    let ends = letters.iter().filter(|text| text.trim_end().lines().last().is_some_and(|line| line.contains("Xã Số")));
    assert_eq!(ends.count(), 12, "the next round writes with it: {letters:?}");

    browser.visit(&open.at("/mau-tin/commune_first/lich-su?so=0"));
    is_for_everybody(&mut browser);
    browser.press("document.querySelector('main section form button').click()");
    browser.press("document.querySelector('main form.fields button').click()");
    assert!(said(&mut browser).contains("Đã khôi phục."), "{}", said(&mut browser));
    let live = open.press.app.templates().await.unwrap();
    assert_eq!(live.source("commune_first.md"), Some(SHIPPED));
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_script_a_text_is_written_looked_at_checked_and_put_in_force() {
    let (open, mut browser) = Open::new().await;
    browser.scripts(false);
    browser.visit(&open.at("/mau-tin/commune_first"));
    let dead = browser.ask("[...document.querySelectorAll('.scripted')].filter(one => one.checkVisibility()).length");
    assert_eq!(dead, 0, "nothing is shown that would do nothing");
    replace(&mut browser, "recipient.title", "recipient.titel");
    browser.press("document.querySelector('button[value=xem]').click()");
    assert!(said(&mut browser).contains("Có phải bạn muốn viết `title`?"), "{}", said(&mut browser));
    assert_eq!(open.press.draft().await, None);
    replace(&mut browser, "recipient.titel", "recipient.title");
    replace(&mut browser, "Trân trọng", "Trân trọng đề nghị");
    browser.ask("document.getElementById('don-vi').value = 'xa so 9'");
    browser.press("document.querySelector('button[value=xem]').click()");
    let letter = browser.ask("document.querySelector('iframe').srcdoc").as_str().unwrap().to_owned();
    assert!(letter.contains("UBND xã Số 9") && letter.contains("Trân trọng đề nghị"), "{letter}");
    browser.press("document.querySelector('button[value=ap-dung]').click()");
    while said(&mut browser).contains("Đang kiểm tra") {
        browser.press("document.querySelector('#ket-qua a').click()");
    }
    browser.press("document.querySelector('main form.fields button').click()");
    assert!(said(&mut browser).contains("Đã áp dụng."), "{}", said(&mut browser));
    let live = open.press.app.templates().await.unwrap();
    assert!(live.source("commune_first.md").unwrap().contains("Trân trọng đề nghị"));
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_can_neither_run_a_script_nor_reach_the_page() {
    let (open, mut browser) = Open::new().await;
    browser.visit(&open.at("/mau-tin/shell.html"));
    let evil = "<script>parent.document.title = top.document.title = \"X\"</script>\
                <img src=\"/hop-thu-thu\" onerror=\"parent.document.title = 1\">\
                <form action=\"/dang-xuat\" method=\"post\"><button id=\"los\">x</button></form>\
                <link rel=\"stylesheet\" href=\"/static/dondoc.css\"></body>";
    let before = browser.ask("document.title");
    replace(&mut browser, "</body>", evil);
    browser.until("document.querySelector('iframe')?.srcdoc.includes('onerror')");
    browser.until("performance.getEntriesByType('resource').length > 0");
    assert_eq!(browser.ask("document.title"), before);
    assert_eq!(browser.ask("document.querySelector('iframe').contentDocument"), serde_json::Value::Null);
    assert!(browser.complaints.iter().any(|one| one.contains("sandboxed")), "{:?}", browser.complaints);
    let refused = ["/hop-thu-thu", "/static/dondoc.css"]
        .map(|path| browser.complaints.iter().any(|one| one.contains(path) && one.contains("Content Security Policy")));
    assert_eq!(refused, [true; 2], "{:?}", browser.complaints);
}
