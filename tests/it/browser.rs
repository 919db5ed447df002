//! The pages in a real browser: rendered, narrow, dark, by keyboard, without a complaint of the browser.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

use std::net::SocketAddr;

use base64::Engine as _;
use dondoc::channel::Parcel;
use dondoc::clock::Clock;
use dondoc::people::{self, By, Hasher, NewAccount, Role};
use dondoc::seal::Keys;
use dondoc::web::{self, Mode, Site};
use secrecy::SecretString;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::support::answers;
use crate::support::browser::Browser;
use crate::support::databases::{Fresh, sqlite};
use crate::support::mailbox::{STRIPE, capture, parcel, sample_catalog, start};
use crate::support::rounds;

/// The pages on a port of this machine, with some mail in the box.
struct Open {
    address: SocketAddr,
    parcels: Vec<Parcel>,
    /// The link in a letter.
    letter: String,
    stop: CancellationToken,
    fresh: Fresh,
}

impl Open {
    async fn new(mode: Mode) -> Self {
        let fresh = sqlite().await;
        sample_catalog(&fresh.db).await;
        rounds::two_rounds(&fresh.db).await;
        let long = "Đôn đốc: Sở Nông nghiệp và Phát triển nông thôn còn 3 chỉ tiêu chưa đạt đến 31/10/2022";
        let parcels = vec![
            parcel("SCT", "giamdoc@sct.bacgiang.example", "Đôn đốc: Sở Công Thương còn 2 chỉ tiêu chưa đạt"),
            parcel("SNNPTNT", "giamdoc@snnptnt.bacgiang.example", long),
            parcel("07201", &format!("{}@xa.example", "mot-dia-chi-rat-dai".repeat(4)), &"x".repeat(120)),
        ];
        capture(&fresh.db, &parcels).await;
        let recipient = answers::write_letter(&fresh.db).await;
        let letter = answers::link(&fresh.db, answers::KEY, &recipient, &answers::INDICATORS, answers::as_of()).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let site = Site::new(fresh.db.clone(), Clock::at(start()), mode).answering(&answers::settings(answers::KEY));
        let keys = Keys::of(&SecretString::from("SEAL-KEY-0123456789abcdef0123456789abcdef"));
        let site = site.with_people(&keys, &[]);
        let stop = CancellationToken::new();
        tokio::spawn(web::serve(listener, site, stop.clone()));
        Self { address, parcels, letter, stop, fresh }
    }

    fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn mail(&self, place: usize) -> String {
        self.at(&format!("/hop-thu-thu/{}", self.parcels[place].id))
    }

    /// Every kind of page there is.
    fn every_page(&self) -> Vec<String> {
        let paths = ["/", "/don-vi/07201", "/hop-thu-thu", "/hop-thu-thu?q=khong+co", "/nowhere"];
        paths.iter().map(|path| self.at(path)).chain([self.mail(1), self.mail(2), self.at(&self.letter)]).collect()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// How many points of a picture have the colour, and how many colours there are. The browser reads its own picture.
fn colours(browser: &mut Browser, picture: &str, colour: [u8; 3]) -> (u64, u64) {
    browser.visit("about:blank");
    let [red, green, blue] = colour;
    let counted = browser.ask(&format!(
        "(async () => {{
            const picture = new Image(); picture.src = 'data:image/png;base64,{picture}'; await picture.decode();
            const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext('2d');
            pen.drawImage(picture, 0, 0);
            const points = pen.getImageData(0, 0, picture.width, picture.height).data, all = new Set();
            let same = 0;
            for (let at = 0; at < points.length; at += 4) {{
                all.add(points[at] << 16 | points[at + 1] << 8 | points[at + 2]);
                if (points[at] === {red} && points[at + 1] === {green} && points[at + 2] === {blue}) same += 1;
            }}
            return [same, all.size];
        }})()"
    ));
    (counted[0].as_u64().unwrap(), counted[1].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mailbox_and_a_mail_are_rendered_on_a_phone() {
    let open = Open::new(Mode::Demo).await;
    let mut browser = Browser::open();
    browser.size(390, 844);
    browser.visit(&open.at("/"));
    let text = browser.ask("document.body.innerText");
    let text = text.as_str().unwrap();
    for expected in ["Hộp thư thử", "SỐ LIỆU MẪU", "Giám đốc Sở Công Thương", "31/10/2022 08:00", "3 thư"]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let picture = browser.picture();
    let png = base64::engine::general_purpose::STANDARD.decode(&picture).unwrap();
    assert!(png.starts_with(b"\x89PNG") && png.len() > 10_000, "{} bytes", png.len());
    let (_, many) = colours(&mut browser, &picture, STRIPE);
    assert!(many > 50, "{many} colours");

    browser.visit(&open.mail(0));
    assert_eq!(browser.ask("document.querySelector('h1').innerText"), open.parcels[0].content.subject);
    browser.ask("document.querySelector('iframe').scrollIntoView()");
    let picture = browser.picture();
    let (stripe, _) = colours(&mut browser, &picture, STRIPE);
    assert!(stripe > 5_000, "the mail's own colour is seen inside its frame: {stripe} points");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_wider_than_the_narrowest_phone_or_too_small_for_a_finger() {
    let open = Open::new(Mode::Daemon).await;
    let mut browser = Browser::open();
    for (width, height) in [(320, 568), (1280, 800)] {
        browser.size(width, height);
        for page in open.every_page() {
            browser.visit(&page);
            let wide = browser.ask(
                "[document.documentElement.scrollWidth, [...document.querySelectorAll('body *')]
                    .filter(one => one.checkVisibility() && !one.matches('.skip, .unseen'))
                    .filter(one => { const box = one.getBoundingClientRect();
                                     return box.right > innerWidth + 0.5 || box.left < -0.5 })
                    .map(one => one.outerHTML.slice(0, 80))]",
            );
            assert_eq!(wide, serde_json::json!([width, []]), "{page} at {width}");
            let small = browser.ask(
                "[...document.querySelectorAll('a, button, input')].filter(one => !one.matches('.skip, p:not(.back) > a'))
                    .filter(one => one.checkVisibility() && !one.closest('label'))
                    .map(one => [one.getBoundingClientRect().height, one.outerHTML.slice(0, 80)])
                    .filter(([height]) => height < 24)",
            );
            assert_eq!(small, serde_json::json!([]), "{page} at {width}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_word_is_legible_by_day_and_by_night() {
    let open = Open::new(Mode::Daemon).await;
    let mut browser = Browser::open();
    browser.size(390, 844);
    for dark in [false, true] {
        browser.dark(dark);
        for page in open.every_page() {
            browser.visit(&page);
            let faint = browser.ask(FAINT);
            let checked = faint["checked"].as_u64().unwrap();
            assert!(checked > 5, "{page}: only {checked} texts were measured");
            assert_eq!(faint["faint"], serde_json::json!([]), "{page}, dark: {dark}");
            let ground = faint["ground"].as_f64().unwrap();
            assert_eq!(ground < 0.2, dark, "{page}: the ground has the luminance {ground}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_is_answered_on_a_phone_by_pressing_a_button() {
    let open = Open::new(Mode::Daemon).await;
    let mut browser = Browser::open();
    browser.size(390, 844);
    browser.visit(&open.at(&open.letter));
    let last = browser.ask("[...document.querySelectorAll('summary')].pop().getBoundingClientRect().bottom");
    assert!(last.as_f64().unwrap() < 844.0, "all four answers are seen at once: {last}");
    browser.ask("document.querySelectorAll('summary').forEach(one => one.click())");
    browser.ask("document.querySelector('input[type=date]').value = '2022-11-15'");
    browser.ask("document.querySelector('textarea').value = 'thiếu máy quét'");
    browser.press("document.querySelector('button[value=promised]').click()");
    let text = browser.ask("document.body.innerText");
    let text = text.as_str().unwrap();
    for expected in ["Câu trả lời đã được ghi nhận", "hẹn hoàn thành chậm nhất ngày 15/11/2022", "thiếu máy quét"]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// Every page for people, beside that of one of them.
const FOR_PEOPLE: [&str; 12] = [
    "/",
    "/don-vi/07201",
    "/danh-ba",
    "/danh-ba/don-vi/SCT",
    "/danh-ba/nhap",
    "/doi-chieu",
    "/hop-thu-thu",
    "/tai-khoan",
    "/tai-khoan/buoc-hai",
    "/nguoi-dung",
    "/nhat-ky",
    "/ma-truy-cap",
];

/// They are opened as their administrator does after signing in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_for_people_work_without_script_on_a_phone_and_by_night() {
    let open = Open::new(Mode::Daemon).await;
    let (db, clock, hasher) = (&open.fresh.db, Clock::at(start()), Hasher::default());
    let by = By::command("test");
    let (code, _) = people::setup_code(db, &by, clock.now()).await.unwrap();
    let mut browser = Browser::open();
    browser.size(390, 844);
    browser.visit(&open.at("/dang-nhap"));
    assert_eq!(browser.ask("document.documentElement.lang"), "en", "this browser asks for English alone");
    browser.press("document.querySelector('button[value=vi]').click()");
    browser.visit(&open.at("/thiet-lap"));
    for (field, value) in [("code", code.as_str()), ("name", "Chánh Văn phòng"), ("login", "quan.tri")] {
        browser.ask(&format!("document.getElementById('{field}').value = '{value}'"));
    }
    for field in ["password", "again"] {
        browser.ask(&format!("document.getElementById('{field}').value = 'một câu dễ nhớ của tôi'"));
    }
    browser.press("document.querySelector('main form button').click()");
    let text = browser.ask("document.body.innerText").as_str().unwrap().to_owned();
    assert!(text.contains("Đã tạo quản trị viên") && text.contains("Chánh Văn phòng"), "{text}");

    let password = SecretString::from("mật khẩu của từng người");
    let name = "Văn thư Ủy ban nhân dân xã có tên rất dài để xem trang có bị tràn không";
    let role = Role::Viewer;
    let new = NewAccount { login: "xa.an", name, role, scope: None, password: &password, must_change: false };
    let id = people::add(db, &hasher, &new, &by, clock.now()).await.unwrap();
    people::add_token(db, ("Trung tâm điều hành", role, None), &by, clock.now()).await.unwrap();
    let person = format!("/nguoi-dung/{id}");
    let pages: Vec<&str> = FOR_PEOPLE.into_iter().chain([person.as_str()]).collect();
    for (width, dark) in [(320, false), (320, true), (1280, false)] {
        browser.size(width, 800);
        browser.dark(dark);
        for page in &pages {
            browser.visit(&open.at(page));
            assert_eq!(browser.ask("location.pathname"), *page, "still signed in");
            let wide = browser.ask("document.documentElement.scrollWidth").as_u64().unwrap();
            assert!(wide <= u64::from(width), "{page} is {wide} wide at {width}");
            assert_eq!(browser.ask(FAINT)["faint"], serde_json::json!([]), "{page}, dark: {dark}");
            let unnamed = browser.ask(
                "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
                    .filter(one => !one.labels.length).map(one => one.outerHTML)",
            );
            assert_eq!(unnamed, serde_json::json!([]), "{page}");
            let twice = browser.ask(
                "[...document.querySelectorAll('[id]')].map(one => one.id).filter((id, at, all) => all.indexOf(id) !== at)",
            );
            assert_eq!(twice, serde_json::json!([]), "{page}");
        }
    }
    browser.visit(&open.at("/nguoi-dung"));
    browser.press("document.querySelector('.who form button').click()");
    let text = browser.ask("document.body.innerText").as_str().unwrap().to_owned();
    assert!(text.contains("Đã đăng xuất."), "{text}");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// WCAG's contrast of every text with what lies behind it; those below 4.5.
pub const FAINT: &str = "(() => {
    const parts = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const light = colour => parts(colour).slice(0, 3).map(part => part / 255)
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = one => { for (; one; one = one.parentElement) {
        const colour = getComputedStyle(one).backgroundColor;
        if ((parts(colour)[3] ?? 1) === 1) return colour;
    } return 'rgb(255, 255, 255)' };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), faint = [];
    let checked = 0;
    while (walker.nextNode()) {
        const one = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !one.checkVisibility()) continue;
        const [dim, bright] = [light(getComputedStyle(one).color), light(behind(one))].sort((a, b) => a - b);
        checked += 1;
        if ((bright + 0.05) / (dim + 0.05) < 4.5) faint.push(walker.currentNode.data.trim().slice(0, 60));
    }
    return { checked, faint, ground: light(behind(document.body)) };
})()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyboard_reaches_everything_and_shows_where_it_is() {
    let open = Open::new(Mode::Daemon).await;
    let mut browser = Browser::open();
    browser.size(1280, 900);
    browser.visit(&open.mail(0));
    browser.tab();
    let first =
        browser.ask("[document.activeElement.className, document.activeElement.getBoundingClientRect().top >= 0]");
    assert_eq!(first, serde_json::json!(["skip", true]), "the first stop leads to the content and is seen");
    let mut reached = Vec::new();
    for _ in 0..40 {
        browser.tab();
        let here = browser.ask(
            "(() => { const here = document.activeElement; if (here === document.body) return null;
                const style = getComputedStyle(here);
                return [here.textContent.trim() || here.id || here.tagName, style.outlineStyle] })()",
        );
        if here == Value::Null {
            break;
        }
        let name = here[0].as_str().unwrap().to_owned();
        assert!(here[1] != "none" || name == "IFRAME", "{name} does not show that it is reached");
        reached.push(name);
    }
    for expected in
        ["Hộp thư thử", "‹ Về danh sách thư", "‹ Thư trước", "dien-thoai", "Tải tệp .eml", "Thông tin kỹ thuật"]
    {
        assert!(reached.iter().any(|name| name.contains(expected)), "{expected}: {reached:?}");
    }
    let narrow = browser.ask("document.querySelector('iframe').offsetWidth");
    assert_eq!(narrow, 390, "the phone comes first");
    browser.ask("document.getElementById('may-tinh').click()");
    let wide = browser.ask("document.querySelector('iframe').offsetWidth").as_u64().unwrap();
    assert!(wide > 800, "{wide}");
}
