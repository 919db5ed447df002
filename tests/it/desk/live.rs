//! What the overview says before everything goes out: trial mode, what is left of the set-up, and how far a round is.

use axum::http::StatusCode;
use dondoc::people::Role;
use dondoc::{dispatch, outbox};

use super::{Office, figures, text};
use crate::support::mailbox::start;
use crate::support::project::code;

/// One round whose three messages wait to be sent.
async fn waiting() -> Office {
    let office = Office::asking(3, &[("2022-10-31", figures(3, |_| 20))]).await;
    let done = office.project.run(&["approve", "--yes"]);
    assert_eq!(done.code, 0, "{}", done.err);
    office
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trial_mode_says_how_many_it_reaches_and_what_is_left_to_do() {
    let office = Office::after(2, &[("2022-10-31", figures(2, |_| 20))]).await;
    office.project.edit("config.toml", "trial = false", "trial = true\nallow = [\"an@so.example\", \"0900 000 001\"]");
    let office = office.installed().await;
    let mut admin = office.reader_as(Role::Admin).await;
    let page = admin.get("/").await.body;
    for said in ["CHẾ ĐỘ THỬ Chỉ gửi tới 2 địa chỉ trong danh sách thử", "việc để hoàn tất thiết lập"]
    {
        assert!(text(&page).contains(said), "{said}: {}", text(&page));
    }
    assert!(page.contains("<a href=\"/bat-dau\">"), "{page}");
    for step in ["sender", "targets", "channel", "letter", "schedule"] {
        admin.post(&format!("/bat-dau/{step}"), &[]).await;
    }
    let page = text(&admin.get("/").await.body);
    assert!(page.contains("Thiết lập đã xong. Để gửi thật, đặt trial = false"), "{page}");
    let viewer = text(&office.reader(None).await.get("/").await.body);
    assert!(viewer.contains("CHẾ ĐỘ THỬ") && !viewer.contains("hoàn tất thiết lập"), "{viewer}");
    assert!(!viewer.contains("Thiết lập đã xong"), "{viewer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_that_writes_to_everybody_and_is_set_up_says_nothing_of_it() {
    let office = Office::after(2, &[("2022-10-31", figures(2, |_| 20))]).await.installed().await;
    let viewer = text(&office.reader(None).await.get("/").await.body);
    assert!(!viewer.contains("CHẾ ĐỘ THỬ") && !viewer.contains("thiết lập"), "{viewer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_messages_are_under_way_their_numbers_can_be_asked_for_again() {
    let office = waiting().await;
    let tally = outbox::tally(&office.db, None).await.unwrap();
    assert_eq!(tally.of(outbox::State::Ready), 3, "{tally:?}");
    let mut reader = office.reader(None).await;
    let page = reader.get("/").await.body;
    assert!(page.contains("<div id=\"so-tin\" data-live=\"/tien-do-gui\">"), "{page}");
    assert!(text(&page).contains("Đợt mới nhất: đã gửi 0 trong số 3 tin"), "{}", text(&page));
    let whole = reader.get("/tien-do-gui").await;
    assert_eq!(whole.status, StatusCode::OK);
    assert!(whole.body.contains("<h1>Tiến độ gửi</h1>"), "{}", whole.body);
    reader.headers.push(("hx-request", "true".to_owned()));
    let block = reader.get("/tien-do-gui").await.body;
    assert!(block.starts_with("<div id=\"so-tin\" data-live=") && !block.contains("<html"), "{block}");
    assert!(!block.contains("role=\"status\"") && !block.contains("aria-live"), "nothing is announced: {block}");
    let part = office.reader(Some(&code(1))).await.get("/tien-do-gui").await.body;
    assert!(text(&part).contains("Tổng cộng 1 tin") && !part.contains("<progress"), "{}", text(&part));
    dispatch::set_paused(&office.db, true, "an", start()).await.unwrap();
    let paused = office.reader_again(None).await.get("/tien-do-gui").await.body;
    assert!(!paused.contains("data-live"), "while nothing is sent nothing changes: {paused}");
}
