//! Rounds that the quality gate held: the page says what it found and lets them through with a note.

use axum::http::StatusCode;
use dondoc::clock::Clock;
use dondoc::people::Role;

use super::outbox::{Works, says};
use super::text;
use crate::support::project::{Plan, Project, code, figures};

/// A project whose second round is held, because its figures fell; approval as `approval` says.
pub(super) fn held_project(approval: &str) -> Project {
    let project = Project::new(&Plan { units: 4, ..Plan::default() });
    let first = project.run(&["run", "--as-of", "2022-10-31"]);
    assert_eq!(first.code, 0, "{}", first.err);
    project.edit("config.toml", "approval = \"never\"", &format!("approval = \"{approval}\""));
    project.write("figures.csv", &figures(4, 0));
    let held = project.run(&["run", "--as-of", "2022-11-07"]);
    assert_eq!(held.code, 4, "{}", held.err);
    project
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_round_says_what_was_found_and_is_let_through_with_a_note_by_who_may() {
    let works = Works::over(held_project("never"), Clock::at(Clock::System.now())).await;
    let mut viewer = works.named("xem", Role::Viewer, None).await;
    let page = viewer.get("/dot-giu").await;
    says(
        &page,
        &[
            "Đợt tạm giữ vì số liệu",
            "Đợt theo số liệu đến ngày 07/11/2022",
            "Tổng lũy kế từ đầu năm giảm so với lần trước",
            "total_fell",
            "Vai trò “Duyệt gửi” quyết định",
        ],
    );
    assert!(!page.body.contains("name=\"ghi-chu\""), "he only looks");
    let home = viewer.get("/").await;
    assert!(home.body.contains("href=\"/dot-giu\""), "the overview leads there: {}", text(&home.body));
    let mut approver = works.reader(Role::Approver, None).await;
    says(&approver.get("/duyet").await, &["Có 1 đợt bị giữ vì số liệu nghi vấn. Xem và cho qua"]);
    let round = approver.get("/dot-giu").await.field("dot");
    let form = |note: &'static str| [("dot", round.clone()), ("ghi-chu", note.to_owned())];
    let post = async |reader: &mut crate::support::reader::Reader, note: &'static str| {
        let fields = form(note);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        reader.post("/dot-giu", &fields).await
    };
    assert_eq!(post(&mut viewer, "đúng").await.status, StatusCode::FORBIDDEN);
    let empty = post(&mut approver, " ").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&empty, &["Cần ghi vì sao số liệu đúng."]);
    assert_eq!(works.deeds().await.len(), 2, "nothing was done but the two runs");
    let done = post(&mut approver, "đã đối chiếu báo cáo giấy").await;
    assert_eq!(done.leads_to(), "/dot-giu?xong=cho-qua");
    says(
        &approver.get(done.leads_to()).await,
        &["Đã cho qua.", "Không có đợt nào bị giữ", "an.nguyen cho qua lúc", "đã đối chiếu báo cáo giấy"],
    );
    assert_eq!(
        works.deeds().await,
        [
            "round_released as_of=2022-11-07 doubts=total_fell,units_implausible: đã đối chiếu báo cáo giấy",
            "round_started as_of=2022-11-07 held: total_fell,units_implausible",
            "round_started as_of=2022-10-31",
        ]
    );
    let again = post(&mut approver, "lần nữa").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&again, &["lời ghi đầu tiên được giữ"]);
    let unknown = approver.post("/dot-giu", &[("dot", "khong-co"), ("ghi-chu", "x")]).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let mut part = works.named("xa.an", Role::Approver, Some(&code(1))).await;
    assert_eq!(part.get("/dot-giu").await.status, StatusCode::NOT_FOUND, "a round is everybody's");
    let next = works.app.decide("2022-11-07".parse().unwrap(), false, &|_| {}).await.unwrap();
    assert!(next.held.is_none(), "{:?}", next.held);
    assert!(next.remind > 0, "the next round took the figures");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_sending_are_told_in_english_to_who_chose_it() {
    let works = Works::over(held_project("always"), Clock::at(Clock::System.now())).await;
    works.put(0..1, None).await;
    let mut reader = works.reader(Role::Approver, None).await;
    reader.post("/ngon-ngu", &[("tongue", "en"), ("tiep", "/")]).await;
    for (path, said) in [
        ("/hop-thu-di", &["Outbox", "5 messages", "Waiting", "Reminder about", "Choose all 5 messages"][..]),
        ("/duyet", &["Approval", "1 round is held for doubtful figures.", "No batch waits for approval"]),
        ("/dot-giu", &["Rounds held for their figures", "The total since January fell", "Why the figures are right"]),
        (
            "/lich-gui?thang=2022-12",
            &[
                "Monday every week, 7:30; on a day off",
                "runs: weekly at 07:30",
                "Round of reminders (weekly)",
                "weekend",
            ],
        ),
        (
            "/cai-dat?tim=approval",
            &["Settings", "safety.approval always line", "approver_differs", "default", "values match"],
        ),
    ] {
        let page = reader.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.body);
        says(&page, said);
    }
}
