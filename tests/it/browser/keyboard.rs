//! By keyboard alone: everything is reached, one sees where one is, and the work can be done.

use std::collections::BTreeSet;

use dondoc::people::{self, By, Hasher, Role};
use dondoc::web::Mode;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::walk::every_page;
use super::{Open, PASSWORD, account};
use crate::support::browser::Browser;
use crate::support::mailbox::start;

/// Numbers all that can be operated, in the order of the page; of buttons of one choice the tabulator reaches one.
const NUMBER: &str = "(() => {
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex]')]
        .filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0);
    const choices = new Set();
    const stops = all.filter(one => {
        if (one.type !== 'radio') return true;
        const group = `${one.form?.id}/${one.name}`;
        if (choices.has(group) || (!one.checked && all.some(other => other.name === one.name && other.checked))) return false;
        return choices.add(group);
    });
    stops.forEach((one, at) => one.dataset.stop = at);
    return stops.map(one => one.outerHTML.slice(0, 160));
})()";

/// Where the focus is, and what is wrong with how it shows.
const HERE: &str = "(() => {
    const here = document.activeElement;
    if (here === document.body || here === null) return null;
    const box = here.getBoundingClientRect(), name = here.outerHTML.slice(0, 120), wrong = [];
    const drawn = one => {
        const { outlineStyle, outlineWidth } = one ? getComputedStyle(one) : { outlineStyle: 'none' };
        return outlineStyle === 'auto' || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2);
    };
    if (here.tagName !== 'IFRAME' && !drawn(here) && !drawn(here.closest('li'))) wrong.push('is not seen to be reached');
    if (box.bottom < 1 || box.top > innerHeight - 1 || box.right < 1 || box.left > innerWidth - 1) wrong.push('is outside the window');
    const [x, y] = [(Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2];
    const above = document.elementsFromPoint(x, y).find(one => one.checkVisibility({ opacityProperty: true }));
    const same = above && (here.contains(above) || above.contains(here) || here.labels?.[0]?.contains(above));
    if (!same && !here.matches('.unseen, .unseen *')) wrong.push(`is hidden under ${above?.outerHTML.slice(0, 60)}`);
    return { stop: here.dataset.stop ?? null, name, wrong };
})()";

/// Goes through the page by the tabulator. Says what is wrong.
fn go_through(browser: &mut Browser, page: &str) -> Vec<String> {
    let Value::Array(stops) = browser.ask(NUMBER) else { panic!("{page}") };
    let (mut reached, mut wrong) = (BTreeSet::new(), Vec::new());
    for _ in 0..stops.len() + 20 {
        browser.tab();
        let here = browser.ask(HERE);
        if here == Value::Null {
            break;
        }
        if let Some(stop) = here["stop"].as_str() {
            reached.insert(stop.parse::<usize>().unwrap());
        }
        for fault in here["wrong"].as_array().unwrap() {
            wrong.push(format!("{page}: {} {fault}", here["name"]));
        }
    }
    for (stop, missed) in stops.iter().enumerate().filter(|(stop, _)| !reached.contains(stop)) {
        // What was replaced while the page was gone through is there no more.
        if browser.ask(&format!("document.querySelector('[data-stop=\"{stop}\"]') === null")) == Value::Bool(true) {
            continue;
        }
        wrong.push(format!("{page}: {missed} is never reached"));
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyboard_reaches_everything_and_shows_where_it_is() {
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    let mut wrong = Vec::new();
    for (width, height) in [(1280, 800), (320, 640)] {
        browser.size(width, height);
        for page in every_page(&open) {
            browser.visit(&open.at(&page));
            wrong.extend(go_through(&mut browser, &format!("{page} at {width}")));
        }
    }
    assert!(wrong.is_empty(), "{} faults\n{}", wrong.len(), wrong.join("\n"));
    browser.visit(&open.at("/"));
    browser.tab();
    let first =
        browser.ask("[document.activeElement.className, document.activeElement.getBoundingClientRect().top >= 0]");
    assert_eq!(first, json!(["skip", true]), "the first stop leads to the content and is seen");
    browser.key("Enter");
    assert_eq!(browser.ask("location.hash"), "#noi-dung");
}

/// Presses the tabulator until the field with this name, or the element with this text, has the focus.
fn reach(browser: &mut Browser, wanted: &str) {
    for _ in 0..80 {
        browser.tab();
        let here = browser.ask("[document.activeElement.name ?? '', document.activeElement.textContent.trim()]");
        if here[0] == wanted || here[1].as_str().is_some_and(|text| text.starts_with(wanted)) {
            return;
        }
    }
    panic!("{wanted} is never reached");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_signs_in_finds_a_unit_and_signs_out_by_keyboard_alone() {
    let open = Open::new(Mode::Daemon).await;
    let new = account("quan.tri", "Chánh Văn phòng", Role::Admin);
    people::add(&open.app.db, &Hasher::default(), &new, &By::command("test"), start()).await.unwrap();
    let mut browser = Browser::open();
    browser.size(1280, 800);
    browser.cookie(&open.at("/"), "dondoc-tongue", "vi");
    browser.visit(&open.at("/"));
    reach(&mut browser, "login");
    browser.typed("quan.tri");
    reach(&mut browser, "password");
    browser.typed(PASSWORD.expose_secret());
    browser.key_leads_on("Enter");
    assert_eq!(browser.ask("document.querySelector('h1').innerText"), "Tổng quan");

    browser.key("/");
    assert_eq!(browser.ask("document.activeElement.type"), "search", "the key leads into the box");
    browser.typed("song mai");
    browser.key("?");
    assert_eq!(browser.ask("document.activeElement.value"), "song mai?", "in a field keys are what is typed");
    browser.ask("document.activeElement.value = 'song mai'");
    browser.key_leads_on("Enter");
    let at = browser.ask("decodeURI(location.pathname)");
    assert_eq!(at, "/don-vi/07222", "one unit is found, and its page is there");

    browser.key_leads_on("?");
    assert_eq!(browser.ask("location.pathname"), "/tro-giup");
    reach(&mut browser, "phim-tat");
    assert_eq!(browser.ask("document.activeElement.checked"), true);
    browser.key(" ");
    browser.ask("document.activeElement.blur()");
    browser.key("/");
    assert_eq!(browser.ask("document.activeElement.tagName"), "BODY", "the keys are switched off");

    reach(&mut browser, "Đăng xuất");
    browser.key_leads_on(" ");
    assert_eq!(browser.ask("location.pathname"), "/dang-nhap");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_is_answered_by_keyboard_alone() {
    let open = Open::new(Mode::Daemon).await;
    let mut browser = Browser::open();
    browser.size(1280, 800);
    browser.visit(&open.at(&open.letter));
    reach(&mut browser, "Hẹn ngày hoàn thành");
    browser.key("Enter");
    reach(&mut browser, "by");
    for digit in "11152022".chars() {
        browser.key(&digit.to_string());
    }
    reach(&mut browser, "cause");
    browser.typed("thiếu máy quét");
    browser.tab();
    browser.key_leads_on(" ");
    let text = browser.ask("document.body.innerText").as_str().unwrap().to_owned();
    for expected in ["Câu trả lời đã được ghi nhận", "hẹn hoàn thành chậm nhất ngày 15/11/2022", "thiếu máy quét"]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(browser.complaints, Vec::<String>::new());
}
