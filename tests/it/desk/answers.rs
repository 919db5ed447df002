//! What heads answered, on the page of those who deal with it.

use axum::http::{Method, StatusCode};
use dondoc::clock::Clock;
use dondoc::message::Message;
use dondoc::outbox::{self, Fact, Filter, Told};
use dondoc::people::Role;
use dondoc::reply;

use super::outbox::{Works, says};
use super::text;
use crate::support::project::{Plan, Project, code};
use crate::support::reader::{Answer, Reader};

const KEY: &str = "[reply]\nkey = \"a-key-of-the-province-0123456789abcdef\"\n";

/// An installation whose round is out, with links in its letters.
async fn sent() -> Works {
    let project = Project::new(&Plan { units: 5, extra: KEY.to_owned(), ..Plan::default() });
    let done = project.run(&["run", "--as-of", "2022-10-31"]);
    assert_eq!(done.code, 0, "{}", done.err);
    Works::over(project, Clock::at(Clock::System.now())).await
}

/// The id and the words of the message about the unit with this number.
async fn message(works: &Works, number: usize) -> (String, Message) {
    let all = outbox::list(&works.app.db, &Filter::default()).await.unwrap();
    let entry = all.into_iter().find(|entry| entry.unit_code == code(number)).expect("a message");
    let (entry, content, _) = outbox::show(&works.app.db, &entry.id).await.unwrap().expect("its words");
    (entry.id, serde_json::from_str(&content).unwrap())
}

/// The head of that unit presses a button.
async fn answer(works: &Works, pages: &Reader, number: usize, rest: &str) {
    let (_, message) = message(works, number).await;
    let path = message.link.find("/r/").map(|at| message.link[at..].to_owned()).expect("a link");
    let mut head = pages.clone().with("sec-fetch-site", "same-origin");
    head.cookies.clear();
    let page = head.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let cases = page.body.split("name=\"case\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let cases: Vec<String> = cases.map(|case| format!("&case={case}")).collect();
    let by = page.body.split(" min=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let form = format!("page={}{}&by={by}&{rest}", page.field("page"), cases.concat());
    let kind = Some("application/x-www-form-urlencoded");
    let done = head.ask(Method::POST, &path, kind, form.into()).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
}

async fn close(reader: &mut Reader, task: &str, note: &str) -> Answer {
    reader.post("/tra-loi", &[("viec", task), ("ket-qua", note)]).await
}

/// The task of the card that says this.
fn task(page: &Answer, said: &str) -> String {
    let card = page.body.split("<li>").find(|card| card.contains(said)).unwrap_or_else(|| panic!("{said}"));
    let (_, rest) = card.split_once("name=\"viec\" value=\"").expect("a form");
    rest.split('"').next().unwrap().to_owned()
}

/// The same after a dispute, a promise, "not mine" and a bounce.
async fn answered() -> Works {
    let works = sent().await;
    let mut pages = works.named("van.thu", Role::Viewer, None).await;
    says(
        &pages.get("/tra-loi").await,
        &["Trả lời và phản ánh", "Không có phản ánh hay địa chỉ bị trả lại nào chờ xử lý."],
    );
    answer(&works, &pages, 0, "answer=disputed&cause=thi%E1%BA%BFu+th%C3%A1ng+9").await;
    answer(&works, &pages, 1, "answer=promised&cause=m%C3%A1y+qu%C3%A9t").await;
    answer(&works, &pages, 2, "answer=not_mine&cause=").await;
    let now = works.clock.now();
    let mut work = works.app.db.begin().await.unwrap();
    let (entry_id, _) = message(&works, 3).await;
    let told =
        Told { entry_id, fact: Fact::Bounced, at: now, said_by: "mailbox".into(), detail: "5.1.1 unknown user".into() };
    outbox::note_receipt(&mut work, &told, now).await.unwrap();
    reply::take_bounces(&mut work).await.unwrap();
    work.commit().await.unwrap();
    works
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_heads_answered_stands_on_a_page_that_the_overview_leads_to() {
    let works = answered().await;
    let mut editor = works.named("bien.tap", Role::Editor, None).await;
    let home = editor.get("/").await;
    says(&home, &["1 địa chỉ bị trả lại", "1 phản ánh số liệu chờ trả lời", "1 người nhận báo không còn phụ trách"]);
    assert_eq!(home.body.matches("class=\"note\"><a href=\"/tra-loi\"").count(), 3, "each of them leads there");
    assert!(!text(&home.body).contains("dondoc reply"), "nobody is sent to the command line: {}", text(&home.body));
    let page = editor.get("/tra-loi").await;
    says(
        &page,
        &[
            "Chờ xử lý (3)",
            "Phản ánh số liệu chưa đúng Xã Số 0",
            "Chủ tịch UBND xã Số 0 trả lời về dịch vụ có hồ sơ, số hóa kết quả, thanh toán, trực tuyến, số liệu đến 31/10/2022",
            "thiếu tháng 9",
            "Tạm dừng nhắc chỉ tiêu này đến hết ngày",
            "Báo không thuộc nhiệm vụ Xã Số 2",
            "Địa chỉ bị trả lại Xã Số 3",
            "Địa chỉ u***@xa3.example, kênh mailbox",
            "5.1.1 unknown user",
            "Đã tiếp nhận, đã hẹn ngày Hẹn hoàn thành chậm nhất ngày",
        ],
    );
    assert!(page.body.contains(&format!("href=\"/danh-ba/don-vi/{}\"", code(2))), "{}", page.body);
    editor.post("/ngon-ngu", &[("tongue", "en"), ("tiep", "/")]).await;
    let parts = [
        "Answers and disputes",
        "To be dealt with (3)",
        "Not their task",
        "Address that bounces",
        "Promised to be done by",
    ];
    says(&editor.get("/tra-loi").await, &parts);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dispute_is_marked_as_dealt_with_by_who_may_and_can_be_opened_again() {
    let works = answered().await;
    let mut editor = works.named("bien.tap", Role::Editor, None).await;
    let dispute = task(&editor.get("/tra-loi").await, "Phản ánh số liệu chưa đúng");
    let mut viewer = works.named("xem", Role::Viewer, None).await;
    let seen = viewer.get("/tra-loi").await;
    says(&seen, &["Vai trò “Biên tập” xử lý các việc này."]);
    assert!(!seen.body.contains("name=\"ket-qua\""), "he only looks");
    assert_eq!(close(&mut viewer, &dispute, "x").await.status, StatusCode::FORBIDDEN);
    let mut part = works.named("xa.hai", Role::Editor, Some(&code(2))).await;
    let seen = part.get("/tra-loi").await;
    says(&seen, &["Chờ xử lý (1)", "Xã Số 2"]);
    assert!(!seen.body.contains("Xã Số 0") && !seen.body.contains("xa3.example"), "{}", text(&seen.body));
    assert_eq!(close(&mut part, &dispute, "x").await.status, StatusCode::NOT_FOUND);

    let empty = close(&mut editor, &dispute, " ").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&empty, &["Cần ghi kết quả xử lý."]);
    let done = close(&mut editor, &dispute, "số liệu đúng").await;
    assert_eq!(done.leads_to(), "/tra-loi?xong=answer_closed");
    says(
        &editor.get(done.leads_to()).await,
        &["Đã đánh dấu đã xử lý.", "Chờ xử lý (2)", "Chánh Văn phòng xử lý lúc", "số liệu đúng", "Mở lại"],
    );
    let again = close(&mut editor, &dispute, "lần nữa").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&again, &["Việc này vừa được người khác xử lý hoặc mở lại"]);
    let done = editor.post("/tra-loi", &[("viec", &dispute), ("mo-lai", "1")]).await;
    assert_eq!(done.leads_to(), "/tra-loi?xong=answer_reopened");
    says(&editor.get(done.leads_to()).await, &["Đã mở lại; việc này lại chờ xử lý.", "Chờ xử lý (3)"]);
    assert_eq!(works.deeds().await[..2], ["reply_reopened ".to_owned(), "reply_closed số liệu đúng".to_owned()]);
    let gone = close(&mut editor, "khong-co", "x").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_was_closed_by_mistake_is_opened_again_and_not_written_to() {
    let works = sent().await;
    let (db, now) = (&works.app.db, works.clock.now());
    let bounce = async |number: usize, at| {
        let (entry_id, _) = message(&works, number).await;
        let mut work = db.begin().await.unwrap();
        let told =
            Told { entry_id: entry_id.clone(), fact: Fact::Bounced, at, said_by: "m".into(), detail: "5.1.1".into() };
        outbox::note_receipt(&mut work, &told, at).await.unwrap();
        reply::take_bounces(&mut work).await.unwrap();
        work.commit().await.unwrap();
        entry_id
    };
    let by = dondoc::people::By::command("test");
    let id = bounce(0, now).await;
    assert_eq!(reply::bounced(db, true).await.unwrap().len(), 1);
    assert!(matches!(reply::reopen(db, &id, &by, now).await, Err(reply::TaskError::NotClosed(_))), "it is open");
    reply::close(db, &id, ("Phòng CNTT", &by), "đã sửa", now).await.unwrap();
    let address = |bounced: &reply::Bounced| (bounced.channel.clone(), bounced.address.clone());
    let closed = address(&reply::bounced(db, false).await.unwrap()[0]);
    assert!(!reply::unreachable(db).await.unwrap().contains(&closed.0, &closed.1));
    reply::reopen(db, &id, &by, now).await.unwrap();
    assert!(reply::unreachable(db).await.unwrap().contains(&closed.0, &closed.1), "it is not written to again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_reads_the_answers_that_its_token_sees_and_closes_them() {
    let works = sent().await;
    let pages = works.reader(Role::Viewer, None).await;
    answer(&works, &pages, 0, "answer=disputed&cause=sai").await;
    answer(&works, &pages, 2, "answer=not_mine&cause=").await;
    let mut whole = works.program(Role::Editor, None).await;
    let mut part = works.program(Role::Editor, Some(&code(2))).await;
    let all = whole.read("/api/v1/answers?open=true").await;
    assert_eq!(all["count"], 2, "{all}");
    let own = part.read("/api/v1/answers?open=true").await;
    assert_eq!((&own["count"], &own["answers"][0]["answer"]), (&1.into(), &"not_mine".into()), "{own}");
    let printed = works.project.run(&["reply", "list", "--open", "--format", "json"]).json();
    let lines = all["answers"].as_array().unwrap();
    let same = |one: &serde_json::Value| lines.contains(one);
    assert!(printed.as_array().unwrap().iter().all(same), "a command prints the same: {printed}\n{all}");
    let dispute = lines.iter().find(|one| one["answer"] == "disputed").unwrap();
    let path = format!("/api/v1/answers/{}", dispute["id"].as_str().unwrap());
    let note = serde_json::json!({"note": "số liệu đúng"});
    assert_eq!(part.refused(&format!("{path}/close"), &note).await.0, 404, "it is not about his unit");
    let closed = whole.does(&format!("{path}/close"), &note).await;
    assert_eq!(closed["answer"]["task"]["closed"]["note"], "số liệu đúng", "{closed}");
    assert_eq!(whole.refused(&format!("{path}/close"), &note).await.0, 409);
    let open = whole.does(&format!("{path}/reopen"), &serde_json::json!({})).await;
    assert_eq!(open["answer"]["task"]["state"], "open", "{open}");
    assert_eq!(whole.refused(&format!("{path}/reopen"), &serde_json::json!({})).await.0, 409);
}
