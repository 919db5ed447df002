//! What moves by itself: numbers that are asked for again, and the screen on the wall; and that it stops.

use dondoc::web::Mode;
use serde_json::json;

use super::Open;
use crate::support::browser::Browser;

/// Numbers are under way; whoever asks again gets them at once, and how long he waited is written down.
const WATCHED: &str = "(() => {
    window.waits = [];
    const later = window.later ??= window.setTimeout;
    window.setTimeout = (what, wait) => {
        if (what.name !== 'ask') return later(what, wait);
        window.next = what;
        window.waits.push(wait);
    };
    document.querySelector('#so-tin').dataset.live = '/tien-do-gui';
    document.dispatchEvent(new Event('visibilitychange'));
    return window.waits;
})()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_under_way_are_asked_for_ever_more_seldom_and_not_while_nobody_looks() {
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    browser.visit(&open.at("/"));
    browser.ask("(() => { htmx.ajax = () => Promise.resolve(); })()");
    assert_eq!(browser.ask(WATCHED), json!([3000]));
    browser.ask("(async () => { await window.next(); await window.next(); })()");
    assert_eq!(browser.ask("window.waits"), json!([3000, 4500, 6750]));
    let hidden = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
        document.dispatchEvent(new Event('visibilitychange')); window.waits.length";
    assert_eq!(browser.ask(hidden), json!(3), "nobody looks");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_numbers_come_into_the_page_and_leave_the_focus_where_it_is() {
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    browser.visit(&open.at("/"));
    browser.ask(
        "(() => { const link = document.querySelector('#so-tin a'); link.focus(); link.own = 1;
        document.querySelector('#so-tin b').textContent = 'old'; })()",
    );
    browser.ask(WATCHED);
    browser.ask("window.next()");
    let kept = "[document.activeElement.own, document.querySelector('#so-tin b').textContent !== 'old',
        document.querySelector('[data-live]') === null, document.querySelectorAll('#so-tin').length]";
    assert_eq!(browser.ask(kept), json!([1, true, true, 1]), "nothing is under way, so it ends");
    browser.cookie(&open.at("/"), "dondoc-plain", "nobody");
    browser.ask(WATCHED);
    browser.ask("window.next()");
    let kept = "[document.querySelector('#so-tin a').own, document.querySelector('[data-live]') === null,
        document.querySelectorAll('h1').length]";
    assert_eq!(browser.ask(kept), json!([1, true, 1]), "whoever is not signed in any more keeps the page");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wall_goes_on_until_it_is_stopped_and_rests_for_whoever_wants_less_motion() {
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    browser.visit(&open.at("/man-hinh"));
    let said = "document.querySelector('.wall-moves button').textContent";
    assert_eq!(browser.ask(said), json!("Dừng lại ở đây"));
    let address = "document.querySelector('[data-by-hand]').getAttribute('href').split('/man-hinh')[1]";
    assert_eq!(browser.ask(address), json!("?trang=2"));
    browser.ask("document.querySelector('.wall-moves button').click()");
    assert_eq!((browser.ask(said), browser.ask(address)), (json!("Tự chuyển màn hình"), json!("?trang=2&dung=1")));
    browser.press("document.querySelector('[data-by-hand]').click()");
    assert_eq!(
        (browser.ask(said), browser.ask("location.search")),
        (json!("Tự chuyển màn hình"), json!("?trang=2&dung=1"))
    );
    browser.press(
        "(() => { const line = document.querySelector('.wall-moves'); line.dataset.seconds = '0';
        line.querySelector('button').click(); })()",
    );
    assert_eq!(browser.ask("location.search"), json!("?trang=3"), "it goes on from where it was stopped");
    browser.calm(true);
    browser.visit(&open.at("/man-hinh"));
    assert_eq!(browser.ask(said), json!("Tự chuyển màn hình"), "less motion");
    browser.ask("document.querySelector('.wall-moves button').click()");
    assert_eq!(browser.ask(address), json!("?trang=2&chay=1"), "what was chosen holds for the next one");
}
