//! Every page there is, in light and dark, wide and narrow, with scripts and without: nothing that WCAG 2.2 AA forbids,
//! nothing beyond the window's edge, no complaint of the browser.

use std::collections::BTreeSet;

use dondoc::people::Step;
use dondoc::web::{Access, Mode, ROUTES, Verb};
use serde_json::{Value, json};

use super::Open;
use crate::support::axe::{self, Rules};
use crate::support::browser::Browser;
use crate::support::reader::Reader;

/// Addresses behind which there is no page: files, feeds, what programs ask for.
const NO_PAGE: &[&str] = &[
    "/ban-do.xlsx",
    "/ban-do.csv",
    "/hop-thu-thu/{id}/eml",
    "/danh-ba/mau.xlsx",
    "/danh-ba/nhap/{id}/danh-dau.xlsx",
    "/dang-nhap/oidc",
    "/dang-nhap/oidc/xong",
    "/api/v1/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
    "/schedule.ics",
    "/static/dondoc.css",
    "/static/dondoc.js",
    "/static/dondoc.svg",
    "/static/htmx.js",
    "/static/be-vietnam-pro/5.3.0/{file}",
    "/callback/{channel}",
    "/callback/{channel}/{*rest}",
];

/// Asked for before anybody has an account, and by nobody who is signed in.
const AT_THE_DOOR: [&str; 2] = ["/dang-nhap", "/thiet-lap"];

/// Where there is nothing, which browsers complain of.
const NOTHING: [&str; 3] = ["/khong-co", "/r", "/r/"];

/// On a wall nobody reads by the room's light: it is always dark. It is stopped here, for it would go on by itself.
const WALL: &str = "/man-hinh?dung=1";

/// Further looks of pages: nothing found, several found, a form that was not taken.
const MORE: [&str; 9] = [
    "/hop-thu-thu?q=khong+co",
    "/?loai=so&chua-dat=1",
    "/tim?q=xa",
    "/tim?q=khong+co",
    "/khong-co",
    "/nguoi-dung?xong=added",
    "/danh-ba/sap-nhap?viec=merge&cu=07201",
    "/danh-ba/sap-nhap?viec=split",
    "/danh-ba/sap-nhap?viec=add",
];

/// Where to look for the page of a route; `None`: nobody has said with which data it is looked at.
fn pages(open: &Open, route: &'static str) -> Option<Vec<String>> {
    let own = match route {
        "/man-hinh" => vec![WALL.to_owned()],
        "/don-vi/{code}" => vec!["/don-vi/07201".to_owned()],
        "/danh-ba/don-vi/{code}" => vec!["/danh-ba/don-vi/07201".to_owned(), "/danh-ba/don-vi/SCT".to_owned()],
        "/danh-ba/nhap/{id}" => vec![format!("/danh-ba/nhap/{}", open.import)],
        "/hop-thu-di/{id}" | "/hop-thu-di/{id}/html" => vec![route.replace("{id}", &open.entry)],
        "/mau-tin/{name}" => ["commune_first?don-vi=ba+vi", "_contact", "shell.html", "leaders_sheet"]
            .map(|name| format!("/mau-tin/{name}"))
            .to_vec(),
        "/mau-tin/{name}/kiem-tra" => vec!["/mau-tin/thanks/kiem-tra".to_owned()],
        "/mau-tin/{name}/ap-dung" => vec!["/mau-tin/thanks/ap-dung?so=0".to_owned()],
        "/mau-tin/{name}/lich-su" => vec!["/mau-tin/thanks/lich-su?so=0".to_owned()],
        "/hop-thu-thu/{id}" => vec![open.mail(1), open.mail(2), format!("/hop-thu-thu/{}", open.written)],
        "/hop-thu-thu/{id}/html" => vec![format!("/hop-thu-thu/{}/html", open.written)],
        "/nguoi-dung/{id}" => vec![format!("/nguoi-dung/{}", open.other)],
        "/bat-dau/{step}" => Step::ALL.into_iter().map(|step| format!("/bat-dau/{}", step.word())).collect(),
        "/r/{*token}" => vec![open.letter.clone()],
        _ if route.contains('{') => return None,
        _ => vec![route.to_owned()],
    };
    Some(own)
}

pub(super) fn more() -> impl Iterator<Item = String> {
    MORE.into_iter().map(ToOwned::to_owned)
}

/// The pages of the table for somebody who is signed in, each of them once.
pub(super) fn every_page(open: &Open) -> Vec<String> {
    let routes = ROUTES.iter().filter(|route| route.verb != Verb::Post && !matches!(route.access, Access::Token(_)));
    let left_out = NO_PAGE.iter().chain(&AT_THE_DOOR);
    let routes = routes.filter(|route| !left_out.clone().any(|path| *path == route.path));
    routes
        .flat_map(|route| {
            pages(open, route.path).unwrap_or_else(|| panic!("{}: say with which data to look", route.path))
        })
        .collect()
}

/// What is wrong with the page as the window shows it now.
const WRONG: &str = "(() => {
    const shown = one => one.checkVisibility() && !one.matches('.skip, .unseen, .unseen *');
    const short = one => one.outerHTML.slice(0, 120);
    const all = [...document.querySelectorAll('body *')].filter(shown);
    const fields = all.filter(one => one.matches('input:not([type=hidden]), select, textarea'));
    const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
    const box = one => one.getBoundingClientRect();
    const inside = one => one.closest('[tabindex=\"0\"][role=region]');
    return {
        wide: document.documentElement.scrollWidth > innerWidth ? [document.documentElement.scrollWidth] : [],
        beyond: all.filter(one => !inside(one) && (box(one).right > innerWidth + 0.5 || box(one).left < -0.5)).map(short),
        unnamed: fields.filter(one => !one.labels?.length && !one.ariaLabel).map(short),
        twice: ids.filter((id, at) => ids.indexOf(id) !== at),
        small: all.filter(one => one.matches('a, button, select, input:not([type=hidden]), summary'))
            .filter(one => !one.matches('p:not(.back) > a, li > a, td a, th a, dd a') && !one.closest('label'))
            .filter(one => box(one).height < 24).map(short),
    };
})()";

/// How light the ground is; the bare page has none of its own.
const GROUND: &str =
    "(() => { const parts = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
    return parts[3] === 0 ? null : parts.slice(0, 3).reduce((sum, part) => sum + part, 0) / 765 })()";

/// Looks at one page in every window and by every light. Says what is wrong.
async fn look(browser: &mut Browser, open: &Open, page: &str, scripts: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    browser.complaints.clear();
    browser.scripts(scripts);
    // A letter runs nothing, not even what looks at it; so a copy of it is looked at.
    let letter = page.ends_with("/html");
    let address = if letter { open.copy(page).await } else { open.at(page) };
    browser.visit(&address);
    browser.scripts(true);
    // What is not found is a complaint of every browser.
    let complaints = std::mem::take(&mut browser.complaints);
    wrong.extend(complaints.into_iter().filter(|one| !(NOTHING.contains(&page) && one.contains("404"))));
    axe::bring(browser);
    let rules = if letter { Rules::Wcag } else { Rules::Page };
    // Without scripts a page is made of the same parts: each width and each light once.
    let windows = [(320, true), (1280, false), (1280, true), (320, false)];
    for (width, dark) in windows.into_iter().take(if scripts { 4 } else { 2 }) {
        browser.size(width, 800);
        browser.dark(dark);
        let here = format!("{page} at {width}, dark: {dark}, scripts: {scripts}");
        wrong.extend(axe::violations(browser, rules).into_iter().map(|found| format!("{here}: {found}")));
        let Value::Object(found) = browser.ask(WRONG) else { panic!("{here}") };
        wrong.extend(
            found
                .into_iter()
                .filter(|(_, found)| *found != json!([]))
                .map(|(what, found)| format!("{here}: {what}: {found}")),
        );
        if !letter && page != WALL && browser.ask(GROUND).as_f64().is_some_and(|ground| (ground < 0.5) != dark) {
            wrong.push(format!("{here}: the ground is not of that light"));
        }
    }
    wrong.extend(std::mem::take(&mut browser.complaints));
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_can_be_read_by_everybody_wide_and_narrow_by_day_and_by_night_with_scripts_and_without() {
    let open = Open::new(Mode::Daemon).await;
    let mut browser = Browser::open();
    let mut wrong = Vec::new();
    for scripts in [true, false] {
        for page in AT_THE_DOOR {
            wrong.extend(look(&mut browser, &open, page, scripts).await);
        }
    }
    let open = open.with_people(&mut browser).await;
    for scripts in [true, false] {
        for page in every_page(&open).iter().map(String::as_str).chain(MORE) {
            wrong.extend(look(&mut browser, &open, page, scripts).await);
        }
    }
    assert!(wrong.is_empty(), "{} faults\n{}", wrong.len(), told(&wrong));
}

/// Each fault once, with the first place where it was seen.
fn told(wrong: &[String]) -> String {
    let mut seen = BTreeSet::new();
    let fault = |one: &&String| {
        let (place, fault) = one.split_once(": ").unwrap_or(("", one));
        seen.insert((
            place.split(" at ").next().unwrap().to_owned(),
            fault.rsplit("scripts: ").next().unwrap().to_owned(),
        ))
    };
    wrong.iter().filter(fault).cloned().collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_is_left_out_of_the_walk_is_no_page() {
    let open = Open::new(Mode::Daemon).await;
    let mut reader = Reader::at(&open.router, "127.0.0.1");
    for route in NO_PAGE {
        assert!(ROUTES.iter().any(|known| known.path == *route), "{route} is no address any more");
        let path = route.replace("/hop-thu-thu/{id}", &open.mail(0)).replace("{file}", "latin-400.woff2");
        let answer = reader.get(&path).await;
        let kind = answer.header("content-type");
        assert!(!kind.starts_with("text/html") || answer.status.is_client_error(), "{route}: {kind}");
    }
}

/// As many places as an installation can have, with the words that they are called by.
const PLACES: &str = "(() => {
    const all = { 'Theo dõi': ['Tổng quan'], 'Chuẩn bị': ['Danh bạ', 'Chỉ tiêu', 'Mẫu tin', 'Lịch gửi'],
        'Gửi': ['Hộp thư đi', 'Hộp thư thử'], 'Quản trị': ['Cài đặt', 'Người dùng', 'Nhật ký', 'Mã truy cập'] };
    const link = words => `<li><a href=\"/\" ${words === 'Tổng quan' ? 'aria-current=\"page\"' : ''}>${words}</a></li>`;
    const group = ([name, places]) => `<li><span>${name}</span><ul>${places.map(link).join('')}</ul></li>`;
    document.querySelectorAll('.groups').forEach(one => one.innerHTML = Object.entries(all).map(group).join(''));
    document.querySelector('.menu').open = true;
})()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_places_are_one_row_in_a_wide_window_and_fold_away_in_a_narrow_one() {
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    let seen = "[...document.querySelectorAll('.groups a')].filter(one => one.checkVisibility()).map(one => {
        const box = one.getBoundingClientRect(); return [box.top, box.right <= innerWidth, box.height >= 24] })";
    for (width, one_row) in [(1280, true), (840, false), (320, false)] {
        browser.size(width, 900);
        browser.visit(&open.at("/"));
        let folded = browser.ask("document.querySelector('.menu').checkVisibility()") == json!(true);
        assert_eq!(folded, width < 832, "{width}");
        if folded {
            assert_eq!(browser.ask(seen), json!([]), "{width}: closed until somebody asks for it");
            let here = browser.ask("document.querySelector('.menu summary').innerText");
            assert_eq!(here, "Danh mục · Tổng quan", "and says where one is");
        }
        browser.ask(PLACES);
        let Value::Array(links) = browser.ask(seen) else { panic!("a list") };
        assert_eq!(links.len(), 11, "{width}: each is there once");
        assert!(links.iter().all(|link| link[1] == true && link[2] == true), "{width}: {links:?}");
        let rows: BTreeSet<String> = links.iter().map(|link| link[0].to_string()).collect();
        assert!(!one_row || rows.len() == 1, "{width}: {rows:?}");
        let wide = browser.ask("document.documentElement.scrollWidth <= innerWidth");
        assert_eq!(wide, true, "{width}");
    }
}
