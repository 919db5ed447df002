//! In a real browser: a batch that waits is looked at, let go and sent; one message is taken back, and that undone.

use std::time::Duration;

use dondoc::dispatch::Limits;
use dondoc::people::{self, By, NewAccount, Role};
use dondoc::web::{self, Mode, Site};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::outbox::Works;
use crate::support::browser::Browser;

const PAGES: [&str; 9] = [
    "/duyet",
    "/dot-giu",
    "/hop-thu-di",
    "/lich-gui",
    "/chi-tieu",
    "/cai-dat",
    "/tam-dung",
    "/hop-thu-thu?dang=sms",
    "/hop-thu-thu?dang=zalo",
];

pub(super) fn reads(browser: &mut Browser, parts: &[&str]) {
    let said = browser.ask("document.body.innerText").as_str().unwrap().to_owned();
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// Nothing is wider than the window or too small for a finger.
pub(super) fn fits(browser: &mut Browser, page: &str) {
    let wide = browser.ask(
        "[...document.querySelectorAll('body *')].filter(one => one.checkVisibility() && !one.matches('.skip, .unseen'))
            .filter(one => { const box = one.getBoundingClientRect(); return box.right > innerWidth + 0.5 || box.left < -0.5 })
            .map(one => one.outerHTML.slice(0, 80))",
    );
    assert_eq!(wide, serde_json::json!([]), "{page}");
    let small = browser.ask(
        "[...document.querySelectorAll('a, button, input, select')].filter(one => !one.matches('.skip, p:not(.back) > a'))
            .filter(one => one.checkVisibility() && !one.closest('label') && !one.closest('p, dd'))
            .map(one => [one.getBoundingClientRect().height, one.outerHTML.slice(0, 80)]).filter(([height]) => height < 24)",
    );
    assert_eq!(small, serde_json::json!([]), "{page}");
}

/// As an administrator who is made for it.
async fn sign_in(works: &Works, browser: &mut Browser, origin: &str) {
    let password = SecretString::from("mật khẩu của từng người");
    let new = NewAccount {
        login: "pho.phong",
        name: "Phó Chánh Văn phòng",
        role: Role::Admin,
        scope: None,
        password: &password,
        must_change: false,
    };
    people::add(&works.app.db, &works.hasher, &new, &By::command("test"), works.clock.now()).await.unwrap();
    browser.cookie(origin, "dondoc-tongue", "vi");
    browser.visit(&format!("{origin}/dang-nhap"));
    browser.ask("document.querySelector('[name=login]').value = 'pho.phong'");
    browser.ask("document.querySelector('[name=password]').value = 'mật khẩu của từng người'");
    browser.press("document.querySelector('main form button').click()");
}

/// The pages in a browser in which an approver is signed in, where they are, and what ends them.
pub(super) async fn seen(works: &Works) -> (Browser, String, CancellationToken) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let site =
        Site::of(&works.app, Mode::Daemon).with_schedules(&works.app.config.schedules, &origin).hashing(&works.hasher);
    let stop = CancellationToken::new();
    tokio::spawn(web::serve(listener, site, stop.clone()));

    let mut browser = Browser::open();
    browser.size(1280, 900);
    sign_in(works, &mut browser, &origin).await;
    (browser, origin, stop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_batch_is_looked_at_let_go_and_sent_and_a_message_is_taken_back() {
    let works = Works::asking("").await;
    let (mut browser, origin, stop) = seen(&works).await;
    reads(&mut browser, &["4 tin của đợt ngày 31/10/2022 chờ người thứ hai cho gửi"]);
    browser.press("document.querySelector('a[href=\"/duyet\"]').click()");
    reads(&mut browser, &["Duyệt gửi", "Người nhận mới", "Chủ tịch UBND xã Số 0", "Kính gửi"]);
    browser.press("document.querySelector('form[action=\"/duyet\"] button').click()");
    reads(&mut browser, &["Đã cho gửi đợt này: 4 tin.", "Chờ gửi"]);
    assert_eq!(works.states().await, ["ready"; 4]);

    works.wait(61);
    let limits = Limits {
        drain_within: Some(Duration::ZERO),
        stop: CancellationToken::new(),
        upstream_done: CancellationToken::new(),
        wake: std::sync::Arc::default(),
    };
    limits.upstream_done.cancel();
    let channels = works.app.open_channels().unwrap();
    works.app.deliver(&channels, &limits).await.unwrap();
    assert_eq!(works.states().await, ["sent"; 4]);
    browser.visit(&format!("{origin}/hop-thu-thu"));
    reads(&mut browser, &["4 thư", "Chủ tịch UBND xã Số 3"]);

    works.put(0..1, None).await;
    browser.visit(&format!("{origin}/hop-thu-di?trang-thai=ready"));
    browser.ask("document.querySelector('input[name=ma]').click()");
    browser.press("document.querySelector('button[value=huy]').click()");
    reads(&mut browser, &["Hủy 1 tin?", "kể cả qua kênh dự phòng"]);
    browser.ask("document.getElementById('ly-do').value = 'sai người nhận'");
    browser.press("document.querySelector('main form button').click()");
    reads(&mut browser, &["Đã hủy 1 tin.", "Hoàn tác được đến"]);
    browser.press("document.querySelector('.undo button').click()");
    reads(&mut browser, &["Đã hoàn tác: 1 tin trở lại như trước."]);
    assert_eq!(works.states().await.iter().filter(|state| **state == "ready").count(), 1);
    browser.press("document.querySelector('.subject a').click()");
    reads(&mut browser, &["Tin đôn đốc", "Diễn biến", "Thao tác của người phụ trách"]);
    let one = browser.ask("location.pathname").as_str().unwrap().to_owned();

    for (width, height) in [(320, 640), (1280, 900)] {
        browser.size(width, height);
        for page in PAGES.into_iter().chain([one.as_str()]) {
            browser.visit(&format!("{origin}{page}"));
            fits(&mut browser, &format!("{page} at {width}"));
        }
    }
    assert_eq!(browser.complaints, Vec::<String>::new());
    stop.cancel();
}
