//! The pages say what is stored, escape all of it and give nothing else away.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use dondoc::catalog::Calendar;
use dondoc::clock::{Clock, ZONE};
use dondoc::db::Db;
use dondoc::dispatch;
use dondoc::outbox::{self, HoldReason, NewEntry, Resend, Times};
use dondoc::pass::{self, OnDayOff, Schedule, What, When};
use dondoc::web::{self, Mode, Site};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::support::databases::{Fresh, conformance, sqlite};
use crate::support::mailbox::{capture, parcel, sample_catalog, start};
use crate::support::reader::brings_script;

conformance!(
    the_list_names_the_addressee_by_office_and_never_shows_an_address_whole,
    neighbours_follow_the_order_of_the_list,
    the_metrics_are_readable_text_and_name_every_state,
    the_metrics_tell_when_a_schedule_ran_last,
    it_is_ready_with_a_database_and_not_without,
    the_overview_says_in_words_how_the_outbox_stands,
);

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn site(db: &Db, mode: Mode) -> Router {
    web::router(Site::new(db.clone(), Clock::at(start()), mode))
}

async fn ask(router: &Router, method: Method, path: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    // Somebody at this machine: before there is an account the pages are shown to nobody else.
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 40_000))));
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 10_000_000).await.unwrap();
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn get(router: &Router, path: &str) -> Answer {
    ask(router, Method::GET, path).await
}

async fn the_list_names_the_addressee_by_office_and_never_shows_an_address_whole(fresh: Fresh) {
    sample_catalog(&fresh.db).await;
    let known = parcel("SCT", "giamdoc@sct.bacgiang.example", "Sở Công Thương còn 2 chỉ tiêu");
    let unknown = parcel("SNV", "vanthu@khac.example", "Sở Nội vụ còn 1 chỉ tiêu");
    let phone = parcel("SNV", "0900 000 999", "Tin nhắn");
    capture(&fresh.db, &[known.clone(), unknown, phone]).await;
    let pages = site(&fresh.db, Mode::Daemon);
    let list = get(&pages, "/hop-thu-thu").await;
    assert_eq!(list.status, StatusCode::OK);
    for expected in ["Giám đốc Sở Công Thương", "v***@khac.example", "0900***999", "31/10/2022 08:00", "3 thư"]
    {
        assert!(list.body.contains(expected), "{expected}: {}", list.body);
    }
    let mail = get(&pages, &format!("/hop-thu-thu/{}", known.id)).await;
    for body in [&list.body, &mail.body] {
        assert!(!body.contains("giamdoc@sct") && !body.contains("vanthu@"), "{body}");
    }
    assert!(mail.body.contains("g***@sct.bacgiang.example"), "{}", mail.body);
}

async fn neighbours_follow_the_order_of_the_list(fresh: Fresh) {
    // Captured in one instant: the code and then the id decide, as in a demonstration with a held clock.
    let parcels = ["00003", "00001", "00002", "00004"].map(|code| parcel(code, "a@xa.example", "Nhắc"));
    for one in &parcels {
        capture(&fresh.db, std::slice::from_ref(one)).await;
    }
    let pages = site(&fresh.db, Mode::Demo);
    let list = get(&pages, "/hop-thu-thu").await.body;
    let ids: Vec<&str> =
        list.split("href=\"/hop-thu-thu/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(ids, [1, 2, 0, 3].map(|at: usize| parcels[at].id.to_string()));
    for (place, id) in ids.iter().enumerate() {
        let mail = get(&pages, &format!("/hop-thu-thu/{id}")).await.body;
        let link = |rel: &str| {
            let rest = mail.split(&format!("rel=\"{rel}\" href=\"/hop-thu-thu/")).nth(1)?;
            rest.split('"').next()
        };
        assert_eq!(link("prev"), place.checked_sub(1).map(|before| ids[before]));
        assert_eq!(link("next"), ids.get(place + 1).copied());
    }
}

async fn the_metrics_are_readable_text_and_name_every_state(fresh: Fresh) {
    fill_outbox(&fresh.db).await;
    dispatch::set_paused(&fresh.db, true, "admin", start()).await.unwrap();
    let clock = Clock::at(start());
    clock.advance(Duration::from_secs(90));
    let pages = web::router(Site::new(fresh.db.clone(), clock, Mode::Daemon));
    let metrics = get(&pages, "/metrics").await;
    assert_eq!(metrics.status, StatusCode::OK);
    assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
    let (mut declared, mut samples) = (Vec::new(), Vec::new());
    for line in metrics.body.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            declared.push(rest.strip_suffix(" gauge").unwrap());
        } else if !line.starts_with("# HELP ") {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let name = series.split('{').next().unwrap();
            assert_eq!(declared.last(), Some(&name), "a sample stands under its family: {line}");
            assert!(series == name || series.ends_with("\"}"), "{line}");
            assert!(value.parse::<f64>().is_ok(), "{line}");
            samples.push(line);
        }
    }
    for expected in [
        concat!("dondoc_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        "dondoc_outbox_messages{state=\"ready\"} 2",
        "dondoc_outbox_messages{state=\"held\"} 1",
        "dondoc_outbox_messages{state=\"failed\"} 0",
        "dondoc_outbox_oldest_pending_seconds 90",
        "dondoc_paused 1",
        "dondoc_mailbox_messages 0",
    ] {
        assert!(samples.contains(&expected), "{expected}: {}", metrics.body);
    }
    assert!(!metrics.body.contains('@'), "no person in a label");
}

async fn the_metrics_tell_when_a_schedule_ran_last(fresh: Fresh) {
    let weekly = Schedule {
        name: "weekly".to_owned(),
        what: What::Round,
        when: When::Cron("0 30 7 * * Mon".to_owned()),
        on_day_off: OnDayOff::Next,
        time_zone: ZONE,
    };
    let schedules = [weekly];
    pass::plan(&fresh.db, &schedules, &Calendar::default(), start() - Duration::from_hours(24)).await.unwrap();
    pass::plan(&fresh.db, &schedules, &Calendar::default(), start()).await.unwrap();
    let due = pass::take_due(&fresh.db, start(), start() + Duration::from_mins(30)).await.unwrap();
    assert!(pass::finish_due(&fresh.db, &due.unwrap()).await.unwrap());
    let metrics = get(&site(&fresh.db, Mode::Daemon), "/metrics").await.body;
    // 31/10/2022 07:30 in Vietnam.
    let expected = "dondoc_schedule_last_run_timestamp_seconds{schedule=\"weekly\",result=\"done\"} 1667176200.000\n";
    assert!(metrics.contains(expected), "{metrics}");
}

async fn it_is_ready_with_a_database_and_not_without(fresh: Fresh) {
    let pages = site(&fresh.db, Mode::Daemon);
    let ready = get(&pages, "/readyz").await;
    assert_eq!(ready.status, StatusCode::OK, "{}", ready.body);
    let report: serde_json::Value = serde_json::from_str(&ready.body).unwrap();
    assert_eq!(report["ready"], true);
    assert_eq!(report["checks"]["database"]["ok"], true);
    assert_eq!(report["checks"]["schema"]["ok"], true);

    fresh.db.close().await;
    let ready = get(&pages, "/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    let report: serde_json::Value = serde_json::from_str(&ready.body).unwrap();
    assert_eq!(report["ready"], false);
    assert_eq!(report["checks"]["database"]["ok"], false);
    assert_eq!(get(&pages, "/healthz").await.status, StatusCode::OK);
    assert_eq!(get(&pages, "/metrics").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(get(&pages, "/").await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

async fn fill_outbox(db: &Db) {
    let entry = |name: &str, hold| NewEntry {
        dedup_key: format!("reminder/{name}/mail/1"),
        unit_code: name.to_owned(),
        recipient_id: format!("{name}/head"),
        channel: "mail".to_owned(),
        address: format!("{name}@xa.example"),
        domain: "tinh.example".to_owned(),
        content: "{}".to_owned(),
        resend: Resend::Always,
        hold,
        turn: None,
    };
    let entries = [entry("07201", None), entry("07202", None), entry("07203", Some(HoldReason::Approval))];
    let times = Times { now: start(), due_at: start(), valid_until: start() + Duration::from_hours(48) };
    let mut work = db.begin().await.unwrap();
    outbox::enqueue(&mut work, "run-1", &entries, times).await.unwrap();
    work.commit().await.unwrap();
}

async fn the_overview_says_in_words_how_the_outbox_stands(fresh: Fresh) {
    let pages = site(&fresh.db, Mode::Daemon);
    let empty = get(&pages, "/").await.body;
    assert!(empty.contains("Chưa chạy đợt nào") && empty.contains("Chưa có tin nào"), "{empty}");
    assert!(!empty.contains("Mở hộp thư thử") && !empty.contains("SỐ LIỆU MẪU"), "{empty}");

    fill_outbox(&fresh.db).await;
    dispatch::set_paused(&fresh.db, true, "admin", start()).await.unwrap();
    capture(&fresh.db, &[parcel("07201", "a@xa.example", "Nhắc")]).await;
    let page = get(&pages, "/").await.body;
    for expected in ["Tổng cộng 3 tin", "<b>2</b> <span>Chờ gửi", "<b>1</b> <span>Đang giữ lại", "Đang tạm dừng gửi"]
    {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert!(page.contains("Mở hộp thư thử") && page.contains("href=\"/hop-thu-di\""), "{page}");
    assert!(!page.contains("Không gửi được"), "a state without entries is not shown");
}

#[tokio::test]
async fn what_others_wrote_is_escaped_on_every_page() {
    let fresh = sqlite().await;
    let mut evil = parcel("<script>alert(1)</script>", "a@xa.example", "\"><script>alert(2)</script>{{ 7313 * 7919 }}");
    evil.content.text = "</pre><script>alert(3)</script>".to_owned();
    evil.content.sms = "<img src=x onerror=alert(4)>".to_owned();
    evil.content.template = "<b>mau</b>".to_owned();
    capture(&fresh.db, std::slice::from_ref(&evil)).await;
    let pages = site(&fresh.db, Mode::Demo);
    let mail = format!("/hop-thu-thu/{}", evil.id);
    let search = "/hop-thu-thu?q=%22%3E%3Cscript%3Ealert(2)";
    for path in [mail.as_str(), "/hop-thu-thu", search, &format!("{mail}?q=%22%3E%3Cscript%3E")] {
        let page = get(&pages, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!brings_script(&page.body) && !page.body.contains("<img src=x"), "{path}: {}", page.body);
        assert!(page.body.contains("&#60;script&#62;"), "{path}: {}", page.body);
        assert!(!page.body.contains("57911647"), "what is stored is never a template");
    }
    assert!(get(&pages, &mail).await.body.contains("&#60;img src=x"));
}

#[tokio::test]
async fn the_mails_own_document_runs_nothing_and_only_our_pages_frame_it() {
    let fresh = sqlite().await;
    let one = parcel("07201", "a@xa.example", "Nhắc");
    capture(&fresh.db, std::slice::from_ref(&one)).await;
    let pages = site(&fresh.db, Mode::Demo);
    let document = get(&pages, &format!("/hop-thu-thu/{}/html", one.id)).await;
    assert_eq!(document.body, one.content.html, "exactly as captured");
    let policy = document.header("content-security-policy");
    for part in ["default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'self'", "sandbox"] {
        assert!(policy.split("; ").any(|own| own == part), "{part}: {policy}");
    }
    let page = get(&pages, &format!("/hop-thu-thu/{}", one.id)).await;
    assert!(page.body.contains("<iframe sandbox title="), "{}", page.body);
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_it() {
    let fresh = sqlite().await;
    let pages = site(&fresh.db, Mode::Demo);
    let paths = [
        "/",
        "/hop-thu-thu",
        "/hop-thu-thu/x",
        "/healthz",
        "/readyz",
        "/metrics",
        "/static/dondoc.css",
        "/static/htmx.js",
        "/nowhere",
    ];
    for path in paths {
        let answer = get(&pages, path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert!(!brings_script(&answer.body) && !answer.body.contains("style="), "{path}");
        let kept = if path.starts_with("/static/") { "public, max-age=31536000, immutable" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), kept, "{path}");
    }
}

#[tokio::test]
async fn style_and_scripts_are_asked_for_by_their_content_so_that_an_upgrade_is_seen_at_once() {
    let fresh = sqlite().await;
    let pages = site(&fresh.db, Mode::Demo);
    let page = get(&pages, "/hop-thu-thu").await.body;
    let address = page.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let style = get(&pages, address).await;
    assert_eq!((style.status, style.header("content-type")), (StatusCode::OK, "text/css; charset=utf-8"));
    let mut all = style.body;
    for file in ["dondoc.js", "htmx.js"] {
        let script = get(&pages, &format!("/static/{file}")).await;
        assert_eq!((script.status, script.header("content-type")), (StatusCode::OK, "text/javascript; charset=utf-8"));
        all += &script.body;
    }
    all += &get(&pages, "/static/dondoc.svg").await.body;
    let version = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, all.as_bytes());
    assert_eq!(address, format!("/static/dondoc.css?v={}", version.simple()), "another style has another address");
    for file in ["dondoc.js", "htmx.js"] {
        assert!(page.contains(&format!("<script src=\"/static/{file}?v={}\" defer>", version.simple())), "{page}");
    }
}

#[tokio::test]
async fn no_page_leads_or_reaches_outside() {
    let fresh = sqlite().await;
    let one = parcel("07201", "a@xa.example", "Nhắc");
    capture(&fresh.db, std::slice::from_ref(&one)).await;
    for mode in [Mode::Demo, Mode::Daemon] {
        let pages = site(&fresh.db, mode);
        for path in ["/", "/hop-thu-thu", &format!("/hop-thu-thu/{}", one.id), "/static/dondoc.css", "/nowhere"] {
            let body = get(&pages, path).await.body.replace("url(\"/static/", "");
            assert!(!body.contains("://") && !body.contains("url(") && !body.contains("@import"), "{path}: {body}");
        }
    }
}

#[tokio::test]
async fn an_unknown_page_is_answered_in_plain_words() {
    let fresh = sqlite().await;
    let pages = site(&fresh.db, Mode::Daemon);
    let absent = "/hop-thu-thu/6f0c9a52-3c1d-5e8b-8d2e-d0d0c0000001";
    let paths =
        ["/nowhere", "/hop-thu-thu/x", "/hop-thu-thu/%ff", absent, &format!("{absent}/html"), &format!("{absent}/eml")];
    for path in paths {
        let answer = get(&pages, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.contains("<html lang=\"vi\">") && answer.body.contains("Không tìm thấy trang"), "{path}");
    }
}

#[tokio::test]
async fn a_failure_shows_a_reference_and_no_detail() {
    let fresh = sqlite().await;
    let pages = site(&fresh.db, Mode::Daemon);
    fresh.db.close().await;
    let mut references = Vec::new();
    for path in ["/", "/hop-thu-thu", "/hop-thu-thu/6f0c9a52-3c1d-5e8b-8d2e-d0d0c0000001"] {
        let answer = get(&pages, path).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        let told = answer.body.to_lowercase();
        for detail in ["sqlite", "sqlx", "pool", "database", "closed", "select", ".db"] {
            assert!(!told.contains(detail), "{path} tells `{detail}`: {}", answer.body);
        }
        let rest = answer.body.split("<strong class=\"code\">").nth(1).unwrap();
        references.push(rest.split('<').next().unwrap().to_owned());
    }
    assert_eq!(references, ["080000-1", "080000-2", "080000-3"]);
}

#[tokio::test]
async fn only_reading_is_possible() {
    let fresh = sqlite().await;
    let pages = site(&fresh.db, Mode::Daemon);
    for path in ["/", "/hop-thu-thu", "/healthz", "/readyz", "/metrics", "/static/dondoc.css"] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            let answer = ask(&pages, method.clone(), path).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_eq!(answer.header("allow"), "GET,HEAD", "{method} {path}");
            assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        }
        let (get, head) = (get(&pages, path).await, ask(&pages, Method::HEAD, path).await);
        assert_eq!((head.status, head.body.as_str()), (get.status, ""), "HEAD {path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "HEAD {path}");
    }
}

#[tokio::test]
async fn a_search_needs_no_diacritics_and_keeps_its_place() {
    let fresh = sqlite().await;
    sample_catalog(&fresh.db).await;
    let mail = |code: &str, subject: &str| parcel(code, "vanthu@xa.example", subject);
    let (song_mai, dong_ky) = (mail("07201", "Đôn đốc UBND xã Song Mai"), mail("07300", "Đôn đốc UBND xã Đồng Kỳ"));
    let sct = parcel("SCT", "giamdoc@sct.bacgiang.example", "Nhắc lần 2");
    capture(&fresh.db, &[song_mai.clone(), dong_ky.clone(), sct]).await;
    let pages = site(&fresh.db, Mode::Daemon);
    let cases = [
        ("dong+ky", "Đồng Kỳ", "Song Mai"),
        ("%C4%90%E1%BB%92NG%20k%E1%BB%B3", "Đồng Kỳ", "Song Mai"),
        ("mai+song", "Song Mai", "Đồng Kỳ"),
        ("07201", "Song Mai", "Đồng Kỳ"),
        ("cong+thuong", "Nhắc lần 2", "Song Mai"),
    ];
    for (query, present, absent) in cases {
        let page = get(&pages, &format!("/hop-thu-thu?q={query}")).await.body;
        assert!(page.contains("1 thư khớp với"), "{query}: {page}");
        assert!(page.contains(present) && !page.contains(absent), "{query}: {page}");
    }
    let nothing = get(&pages, "/hop-thu-thu?q=khong+co").await.body;
    assert!(nothing.contains("Không có thư nào khớp") && nothing.contains("value=\"khong co\""), "{nothing}");

    let page = get(&pages, "/hop-thu-thu?q=don+doc").await.body;
    let link = format!("/hop-thu-thu/{}?q=don%20doc", song_mai.id);
    assert!(page.contains(&link), "{page}");
    let mail = get(&pages, &link).await.body;
    assert!(mail.contains(&format!("rel=\"prev\" href=\"/hop-thu-thu/{}?q=don%20doc\"", dong_ky.id)), "{mail}");
    assert!(!mail.contains("rel=\"next\""), "what the search left out is not next: {mail}");
    assert!(mail.contains("href=\"/hop-thu-thu?q=don%20doc\">‹ Về danh sách"), "{mail}");
}

#[tokio::test]
async fn the_list_turns_pages_of_fifty_and_survives_odd_requests() {
    let fresh = sqlite().await;
    let parcels: Vec<_> =
        (0..120).map(|n| parcel(&format!("{n:05}"), "a@xa.example", &format!("Thư số {n}."))).collect();
    capture(&fresh.db, &parcels).await;
    let pages = site(&fresh.db, Mode::Daemon);
    for (address, lines, first, newer, older) in [
        ("/hop-thu-thu", 50, "Thư số 119.", None, Some("?trang=2")),
        ("/hop-thu-thu?trang=2", 50, "Thư số 69.", Some(""), Some("?trang=3")),
        ("/hop-thu-thu?trang=3", 20, "Thư số 19.", Some("?trang=2"), None),
        ("/hop-thu-thu?trang=99", 20, "Thư số 19.", Some("?trang=2"), None),
        ("/hop-thu-thu?trang=-1", 50, "Thư số 119.", None, Some("?trang=2")),
        ("/hop-thu-thu?trang=x&trang=y&q=%ff", 50, "Thư số 119.", None, Some("?trang=2")),
        ("/hop-thu-thu?q=thu+so&trang=3", 20, "Thư số 19.", Some("?q=thu%20so&amp;trang=2"), None),
    ] {
        let page = get(&pages, address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        assert_eq!(page.body.matches("class=\"subject\"").count(), lines, "{address}");
        let at = page.body.find(first).unwrap_or_else(|| panic!("{address} lacks {first}"));
        assert_eq!(page.body.find("Thư số "), Some(at), "{address} begins with {first}");
        for (rel, tail) in [("prev", newer), ("next", older)] {
            let link = tail.map(|tail| format!("rel=\"{rel}\" href=\"/hop-thu-thu{tail}\""));
            let found = page.body.contains(&format!("rel=\"{rel}\""));
            assert_eq!(found, link.is_some(), "{address} {rel}");
            let link = link.unwrap_or_default().replace("&amp;", "&");
            assert!(page.body.replace("&amp;", "&").replace("&#38;", "&").contains(&link), "{address}: {link}");
        }
    }
}

#[tokio::test]
async fn an_empty_mailbox_says_what_to_do() {
    let fresh = sqlite().await;
    let page = get(&site(&fresh.db, Mode::Daemon), "/hop-thu-thu").await.body;
    assert!(
        page.contains("Chưa có thư nào") && page.contains("dondoc run") && page.contains("dondoc approve"),
        "{page}"
    );
}

#[tokio::test]
async fn a_demonstration_opens_on_the_mailbox_and_says_that_its_figures_are_samples() {
    let fresh = sqlite().await;
    let pages = site(&fresh.db, Mode::Demo);
    let first = get(&pages, "/").await;
    assert_eq!((first.status, first.header("location")), (StatusCode::SEE_OTHER, "/hop-thu-thu"));
    for path in ["/hop-thu-thu", "/nowhere"] {
        let page = get(&pages, path).await.body;
        assert!(page.contains("SỐ LIỆU MẪU") && page.contains("Không có thư nào rời khỏi máy này."), "{path}");
    }
}

#[tokio::test]
async fn a_mail_can_be_downloaded_as_it_would_go_over_the_wire() {
    let fresh = sqlite().await;
    let one = parcel("07201", "chutich@xa.example", "Đôn đốc UBND xã Song Mai");
    let mut hook = parcel("\"; evil=\"", "https://hook.example/in", "Nhắc");
    hook.content.sms = "a".repeat(161);
    capture(&fresh.db, &[one.clone(), hook.clone()]).await;
    let pages = site(&fresh.db, Mode::Daemon);
    let file = get(&pages, &format!("/hop-thu-thu/{}/eml", one.id)).await;
    assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "message/rfc822"));
    assert_eq!(file.header("content-disposition"), format!("attachment; filename=\"07201-{}.eml\"", one.id));
    assert!(file.body.contains(&format!("Message-ID: {}\r\n", one.message_id)), "{}", file.body);
    let page = get(&pages, &format!("/hop-thu-thu/{}", one.id)).await.body;
    assert!(page.contains("80 ký tự, tính 1 tin"), "{page}");

    let page = get(&pages, &format!("/hop-thu-thu/{}", hook.id)).await.body;
    assert!(page.contains("161 ký tự, tính 2 tin") && page.contains("hook.example"), "{page}");
    assert!(!page.contains("/eml"), "what is not a mail is not offered as one");
    assert_eq!(get(&pages, &format!("/hop-thu-thu/{}/eml", hook.id)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn stopping_frees_the_port_and_lets_nobody_hold_it_up() {
    let fresh = sqlite().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let served =
        tokio::spawn(web::serve(listener, Site::new(fresh.db.clone(), Clock::System, Mode::Daemon), stop.clone()));
    let mut idle = tokio::net::TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: dondoc.example\r\n\r\n").await.unwrap();
    let mut answer = [0; 15];
    idle.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(5), served).await;
    assert!(matches!(ended, Ok(Ok(Ok(())))), "a kept connection is closed at once: {ended:?}");
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn the_coming_rounds_are_a_calendar_feed() {
    let fresh = sqlite().await;
    let when = When::Day("last working day of the quarter".parse().unwrap(), "07:30:00".parse().unwrap());
    let quarterly =
        Schedule { name: "quý".to_owned(), what: What::Round, when, on_day_off: OnDayOff::Next, time_zone: ZONE };
    let daemon = Site::new(fresh.db.clone(), Clock::at(start()), Mode::Daemon);
    let pages = web::router(daemon.with_schedules(&[quarterly], "https://dondoc.province.example"));
    let feed = get(&pages, "/schedule.ics").await;
    assert_eq!((feed.status, feed.header("content-type")), (StatusCode::OK, "text/calendar; charset=utf-8"));
    assert!(feed.body.contains("DTSTART:20221230T003000Z\r\nSUMMARY:Đợt đôn đốc quý\r\n"), "{}", feed.body);
    assert_eq!(feed.body, get(&pages, "/schedule.ics").await.body);
    let none = get(&site(&fresh.db, Mode::Daemon), "/schedule.ics").await;
    assert!(!none.body.contains("VEVENT") && none.body.ends_with("END:VCALENDAR\r\n"));
}
