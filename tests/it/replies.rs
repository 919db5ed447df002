//! The link in a letter: looking does nothing, a button does, and every bad link looks like every other.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use chrono::NaiveDate;
use dondoc::catalog::Recipient;
use dondoc::clock::{Clock, local_date};
use dondoc::db::Db;
use dondoc::decision::{self, CaseMove, History, Hold, Outcome, UnitDecision, Word};
use dondoc::people::By;
use dondoc::reply::{self, Answered, Kind};
use dondoc::web::{self, Mode, Site};
use tower::ServiceExt as _;

use crate::support::answers::{INDICATORS, KEY, as_of, decision, link, settings, write_letter};
use crate::support::databases::{Fresh, conformance};
use crate::support::mailbox::{sample_catalog, start};

conformance!(
    looking_a_hundred_times_acknowledges_nothing,
    a_pressed_button_is_kept_once_and_the_newest_answer_holds,
    the_same_words_after_others_are_a_new_answer,
    two_presses_at_one_moment_are_one_answer,
    every_bad_link_gets_the_same_bare_page,
    english_is_chosen_on_the_page_and_nowhere_else,
    what_another_page_sends_is_not_taken,
    a_promise_that_cannot_be_taken_is_explained_and_nothing_is_kept,
    that_it_was_received_takes_no_promise_back,
    a_closed_dispute_holds_nothing_and_the_admins_are_told_once,
    a_figure_that_recovered_needs_no_answer,
    a_leaked_link_cannot_fill_the_database,
);

/// A letter about two figures of one commune, and the pages.
struct Office {
    db: Db,
    clock: Clock,
    pages: Router,
    recipient: Recipient,
    history: History,
    /// `/r/TOKEN`.
    path: String,
}

/// What came back: status, headers, body.
type Answer = (u16, Vec<(String, String)>, String);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl Office {
    async fn open(fresh: &Fresh) -> Self {
        let db = fresh.db.clone();
        sample_catalog(&db).await;
        let clock = Clock::at(start());
        let recipient = write_letter(&db).await;
        let history = decision::history(&db, as_of()).await.unwrap();
        let site = Site::new(db.clone(), clock.clone(), Mode::Daemon)
            .answering(&settings(KEY))
            .with_schedules(&[], "https://dondoc.tinh.example");
        let pages = web::router(site);
        let mut office = Self { db, clock, pages, recipient, history, path: String::new() };
        office.path = office.link(KEY, &INDICATORS).await;
        office
    }

    /// The link of a letter about these figures that is written now.
    async fn link(&self, key: &str, indicators: &[&str]) -> String {
        link(&self.db, key, &self.recipient, indicators, local_date(self.clock.now())).await
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let (parts, body) = self.pages.clone().oneshot(request).await.unwrap().into_parts();
        let text = |value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned();
        let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let body = to_bytes(body, 1_000_000).await.unwrap();
        (parts.status.as_u16(), headers, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn get(&self) -> String {
        let (status, _, body) = self.ask(Method::GET, &self.path, &[], "").await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// The mark of the page and the ids of its figures.
    async fn form(&self) -> (String, Vec<String>) {
        let page = self.get().await;
        let values = |name: &str| -> Vec<String> {
            let mark = format!("name=\"{name}\" value=\"");
            let parts = page.split(&mark).skip(1);
            parts.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
        };
        let mut cases = values("case");
        cases.sort();
        cases.dedup();
        (values("page").remove(0), cases)
    }

    /// Presses a button, with all figures ticked.
    async fn press(&self, answer: &str, by: &str, cause: &str) -> Answer {
        let (mark, cases) = self.form().await;
        let cases: Vec<String> = cases.iter().map(|case| format!("&case={case}")).collect();
        let cause = cause.replace(' ', "+");
        let form = format!("page={mark}{}&answer={answer}&by={by}&cause={cause}", cases.concat());
        self.ask(Method::POST, &self.path, &[("sec-fetch-site", "same-origin")], &form).await
    }

    async fn answers(&self) -> Vec<Answered> {
        reply::answered(&self.db, false).await.unwrap()
    }

    async fn words(&self) -> Vec<Word> {
        let words = reply::words(&self.db, &self.history).await.unwrap();
        let mut words: Vec<Word> = words.into_values().flatten().collect();
        words.dedup();
        words
    }
}

async fn looking_a_hundred_times_acknowledges_nothing(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    let first = office.get().await;
    for part in ["Chủ tịch UBND", "Hẹn ngày hoàn thành", "Phản ánh số liệu chưa đúng", "2022-11-01", "2022-11-28"]
    {
        assert!(first.contains(part), "{part}: {first}");
    }
    assert!(!first.contains("<script") && !first.contains('@') && !first.contains("0900"), "{first}");
    let agents = ["Mimecast", "Barracuda Sentinel", "SafeLinks", "curl/8.5", "Mozilla/5.0 (preview)"];
    for number in 0..100 {
        let method = [Method::GET, Method::HEAD][number % 2].clone();
        let headers = [("user-agent", agents[number % agents.len()]), ("purpose", "prefetch")];
        let (status, headers, body) = office.ask(method, &office.path, &headers, "").await;
        assert_eq!((status, body.is_empty() || body == first), (200, true));
        for expected in [("cache-control", "no-store"), ("referrer-policy", "no-referrer")] {
            assert!(headers.iter().any(|(name, value)| (name.as_str(), value.as_str()) == expected), "{headers:?}");
        }
    }
    assert_eq!(office.answers().await, []);
    assert!(office.words().await.is_empty());
}

async fn a_pressed_button_is_kept_once_and_the_newest_answer_holds(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    for _ in 0..2 {
        let (status, headers, _) = office.press("promised", "2022-11-15", "thiếu máy quét").await;
        let location = headers.iter().find(|(name, _)| name == "location").map(|(_, value)| value.as_str());
        assert_eq!((status, location), (303, office.path.strip_prefix("/r/")));
    }
    let answers = office.answers().await;
    assert_eq!(answers.len(), 1, "a double press is one answer: {answers:?}");
    assert_eq!((answers[0].answer.kind, answers[0].about.len()), (Kind::Promised, 2));
    assert_eq!((answers[0].answer.cause.as_str(), answers[0].current), ("thiếu máy quét", true));
    let (on, by) = (day("2022-10-31"), day("2022-11-15"));
    assert_eq!(office.words().await, [Word::Promised { on, by }]);
    let page = office.get().await;
    for part in ["Câu trả lời đã được ghi nhận", "hẹn hoàn thành chậm nhất ngày 15/11/2022", "thiếu máy quét"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert_eq!(office.press("disputed", "", "đã số hóa đủ").await.0, 303);
    assert_eq!(office.words().await, [Word::Disputed { on, until: day("2022-11-07") }], "five working days");
    let answers = office.answers().await;
    assert_eq!(answers.iter().map(|one| one.current).collect::<Vec<_>>(), [false, true], "all are kept");
    assert!(office.get().await.contains("số liệu chưa đúng; tạm dừng nhắc đến hết ngày 07/11/2022"));
    assert_eq!(office.press("not_mine", "", "").await.0, 303);
    assert!(office.words().await.is_empty(), "who is not in charge promises nothing");
}

async fn the_same_words_after_others_are_a_new_answer(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    for cause in ["một", "hai", "một"] {
        assert_eq!(office.press("promised", "2022-11-15", cause).await.0, 303);
    }
    let answers = office.answers().await;
    let causes: Vec<&str> = answers.iter().map(|one| one.answer.cause.as_str()).collect();
    assert_eq!(causes, ["một", "hai", "một"], "in their order, within one moment of a held clock");
    assert!(answers[2].current && answers[0].answer.id != answers[2].answer.id);
}

async fn two_presses_at_one_moment_are_one_answer(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    for (before, cause) in ["sai", "thiếu", "trùng", "chậm"].into_iter().enumerate() {
        let presses = (0..8).map(|_| office.press("disputed", "", cause));
        for (status, _, page) in futures_util::future::join_all(presses).await {
            assert_eq!(status, 303, "{page}");
        }
        assert_eq!(office.answers().await.len(), before + 1, "{cause}");
    }
}

async fn english_is_chosen_on_the_page_and_nowhere_else(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    let english = [("cookie", "dondoc-tongue=en"), ("accept-language", "en")];
    let (_, _, page) = office.ask(Method::GET, &office.path, &english, "").await;
    assert_eq!(page, office.get().await, "neither a cookie nor the browser decides");
    assert!(page.contains("<html lang=\"vi\">") && page.contains("href=\"?tieng=en\""), "{page}");
    let chosen = format!("{}?tieng=en", office.path);
    let (status, _, page) = office.ask(Method::GET, &chosen, &[], "").await;
    for said in ["<html lang=\"en\">", "Answer to a reminder", "Promise a day", "href=\"?tieng=vi\""] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert_eq!(status, 200);
    let (mark, cases) = office.form().await;
    let form = |cause: &str| format!("page={mark}&case={}&answer=disputed&cause={cause}", cases[0]);
    let own = [("sec-fetch-site", "same-origin")];
    let (status, _, page) = office.ask(Method::POST, &chosen, &own, &form("")).await;
    assert!(status == 422 && page.contains("Say the cause or reason, however short."), "{status}: {page}");
    let (status, headers, _) = office.ask(Method::POST, &chosen, &own, &form("twice")).await;
    let to = headers.iter().find(|(name, _)| name == "location").map(|(_, to)| to.as_str());
    assert_eq!((status, to.map(|to| to.ends_with("?tieng=en"))), (303, Some(true)));
    let (_, _, page) = office.ask(Method::GET, &chosen, &[], "").await;
    assert!(page.contains("Your answer was recorded.") && page.contains("no reminder until"), "{page}");
}

async fn every_bad_link_gets_the_same_bare_page(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    let bare = office.ask(Method::GET, "/r/", &[], "").await;
    assert_eq!(bare.0, 404);
    let token = office.path.strip_prefix("/r/").unwrap().to_owned();
    let flipped = format!("{}{}", if token.starts_with('A') { 'B' } else { 'A' }, &token[1..]);
    let short = token[..token.len() - 1].to_owned();
    let other_key = office.link("another-key-of-the-province-0123456789", &INDICATORS).await;
    let elsewhere = Recipient { email: Some("cu@xa.example".to_owned()), ..office.recipient.clone() };
    let today = day("2022-10-31");
    let foreign = link(&office.db, KEY, &elsewhere, &INDICATORS, today).await;
    let no_case = office.link(KEY, &["e_result"]).await;
    let bad = [
        "/r".to_owned(),
        "/r/x".to_owned(),
        "/r/x?tieng=en".to_owned(),
        "/r/%FF".to_owned(),
        format!("/r/{flipped}"),
        format!("/r/{short}"),
        format!("/r/{token}/"),
        format!("/r/{token}/x"),
        other_key,
        foreign,
        no_case,
    ];
    for path in &bad {
        for method in [Method::GET, Method::POST] {
            let answer = office.ask(method, path, &[], "answer=received").await;
            assert_eq!(answer, bare, "{path}");
        }
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        assert_eq!(office.ask(method, &office.path, &[], "").await, bare);
    }
    reply::revoke(
        &office.db,
        &office.recipient.id,
        ("Phòng CNTT", &By::command("test")),
        "chuyển tiếp",
        office.clock.now(),
    )
    .await
    .unwrap();
    assert_eq!(office.ask(Method::GET, &office.path, &[], "").await, bare, "revoked");
    let next = office.link(KEY, &INDICATORS).await;
    assert_eq!(office.ask(Method::GET, &next, &[], "").await.0, 200, "the next letter's link is good");
    office.clock.advance(std::time::Duration::from_hours(24 * 30));
    assert_eq!(office.ask(Method::GET, &next, &[], "").await.0, 200, "on its last day");
    office.clock.advance(std::time::Duration::from_hours(24));
    assert_eq!(office.ask(Method::GET, &next, &[], "").await, bare, "ended");
    assert_eq!(office.answers().await, []);
    let keyless = web::router(Site::new(office.db.clone(), office.clock.clone(), Mode::Daemon));
    let keyless = Office { pages: keyless, ..office };
    assert_eq!(keyless.ask(Method::GET, &keyless.path, &[], "").await, bare, "without a key");
}

async fn what_another_page_sends_is_not_taken(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    let bare = office.ask(Method::GET, "/r/", &[], "").await;
    let (mark, cases) = office.form().await;
    let form = format!("page={mark}&case={}&answer=received", cases[0]);
    let foreign: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site"), ("origin", "https://dondoc.tinh.example")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://khac.example")],
        &[("origin", "http://dondoc.tinh.example")],
    ];
    for headers in foreign {
        assert_eq!(office.ask(Method::POST, &office.path, headers, &form).await, bare, "{headers:?}");
    }
    for page in ["", "AAAAAAAAAAAAAAAA"] {
        let form = format!("page={page}&case={}&answer=received", cases[0]);
        let (status, _, body) = office.ask(Method::POST, &office.path, &[], &form).await;
        assert_eq!((status, body.contains("Trang đã mở quá lâu")), (422, true));
    }
    let huge = format!("{form}&cause={}", "a".repeat(100_000));
    assert_eq!(office.ask(Method::POST, &office.path, &[], &huge).await, bare);
    assert_eq!(office.answers().await, []);
    // No referrer is sent, so a browser without Sec-Fetch-Site calls its origin `null`.
    for (headers, kept) in [(&[("origin", "null")][..], 1), (&[("origin", "https://dondoc.tinh.example")][..], 1)] {
        assert_eq!(office.ask(Method::POST, &office.path, headers, &form).await.0, 303);
        assert_eq!(office.answers().await.len(), kept);
    }
    assert_eq!(office.answers().await[0].about.len(), 1, "one figure was ticked");
}

async fn a_promise_that_cannot_be_taken_is_explained_and_nothing_is_kept(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    let cases = [
        ("2022-11-05", "vướng máy quét", "Ngày 05/11/2022 không phải ngày làm việc"),
        ("2022-10-31", "vướng máy quét", "Ngày hoàn thành phải sau ngày hôm nay"),
        ("2022-11-29", "vướng máy quét", "chậm nhất là 28/11/2022"),
        ("", "vướng máy quét", "Chưa có ngày hoàn thành"),
        ("2022-11-15", "", "Đề nghị ghi nguyên nhân"),
    ];
    for (by, cause, said) in cases {
        let (status, _, body) = office.press("promised", by, cause).await;
        assert_eq!((status, body.contains(said), body.contains(cause)), (422, true, true), "{by}: {body}");
    }
    let (mark, _) = office.form().await;
    for form in [format!("page={mark}&answer=received"), format!("page={mark}&answer=maybe")] {
        assert_eq!(office.ask(Method::POST, &office.path, &[], &form).await.0, 422);
    }
    let (_, _, body) = office.press("promised", "", "<b>&amp;\"").await;
    assert!(!body.contains("<b>&amp;\"<"), "{body}");
    assert_eq!(office.answers().await, []);
}

async fn that_it_was_received_takes_no_promise_back(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    assert_eq!(office.press("promised", "2022-11-15", "thiếu người").await.0, 303);
    assert_eq!(office.press("received", "", "").await.0, 303);
    assert!(office.answers().await.iter().all(|one| one.current), "both hold");
    assert!(office.get().await.contains("hẹn hoàn thành chậm nhất ngày 15/11/2022"));
    assert_eq!(office.words().await, [Word::Promised { on: day("2022-10-31"), by: day("2022-11-15") }]);
}

async fn a_closed_dispute_holds_nothing_and_the_admins_are_told_once(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    assert_eq!(office.press("disputed", "", "đã số hóa đủ").await.0, 303);
    assert_eq!(office.press("received", "", "").await.0, 303);
    for told in [1, 0] {
        let mut work = office.db.begin().await.unwrap();
        let untold = reply::untold(&mut work).await.unwrap();
        assert_eq!(untold.len(), told);
        let ids: Vec<_> = untold.iter().map(|one| one.answer.id).collect();
        reply::told(&mut work, &ids, office.clock.now()).await.unwrap();
        work.commit().await.unwrap();
    }
    let open = reply::answered(&office.db, true).await.unwrap();
    assert_eq!(open.len(), 1);
    let id = open[0].answer.id.to_string();
    reply::close(&office.db, &id, ("Phòng CNTT", &By::command("test")), "số liệu đúng", office.clock.now())
        .await
        .unwrap();
    assert!(office.words().await.is_empty());
    assert_eq!(reply::answered(&office.db, true).await.unwrap(), []);
    let again =
        reply::close(&office.db, &id, ("Phòng CNTT", &By::command("test")), "lần nữa", office.clock.now()).await;
    assert!(matches!(again, Err(reply::TaskError::NotOpen(_))), "{again:?}");
    let all = office.answers().await;
    let closing = all[0].task.as_ref().and_then(|task| task.closing.clone()).unwrap();
    assert_eq!((closing.by.as_str(), closing.note.as_str()), ("Phòng CNTT", "số liệu đúng"));
}

async fn a_figure_that_recovered_needs_no_answer(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    let recovered = Outcome::Hold(Hold::Recovered);
    let decisions = INDICATORS.map(|indicator| decision(indicator, recovered, CaseMove::Close));
    for (number, closed) in decisions.chunks(1).enumerate() {
        let mut work = office.db.begin().await.unwrap();
        let units: Vec<_> = UnitDecision::group(closed).collect();
        decision::record(&mut work, &format!("next{number}"), &units, &office.history, day("2022-11-07"))
            .await
            .unwrap();
        work.commit().await.unwrap();
        let page = office.get().await;
        assert_eq!(page.matches("Đã xong, không cần trả lời.").count(), number + 1);
        assert_eq!(page.contains("<form"), number == 0, "{page}");
    }
}

async fn a_leaked_link_cannot_fill_the_database(fresh: Fresh) {
    let office = Office::open(&fresh).await;
    let (mark, cases) = office.form().await;
    let post = async |number: usize| {
        let form = format!("page={mark}&case={}&answer=disputed&cause={number}", cases[0]);
        office.ask(Method::POST, &office.path, &[], &form).await
    };
    for number in 0..100 {
        assert_eq!(post(number).await.0, 303, "{number}");
    }
    let (status, _, body) = post(100).await;
    assert_eq!((status, body.contains("Đã có quá nhiều lần trả lời")), (422, true));
    assert_eq!(post(99).await.0, 303, "the answer that is there may be sent again");
    assert_eq!(office.answers().await.len(), 100);
}
