//! In a real browser: a held round is looked at and let through with a note; its messages then wait for approval.

use dondoc::clock::Clock;

use super::approval_browser::{fits, reads, seen};
use super::held::held_project;
use super::outbox::Works;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_round_is_let_through_with_a_note_and_its_messages_wait_for_approval() {
    let works = Works::over(held_project("always"), Clock::at(Clock::System.now())).await;
    let (mut browser, origin, stop) = seen(&works).await;
    browser.press("document.querySelector('main a[href=\"/dot-giu\"]').click()");
    reads(&mut browser, &["Đợt tạm giữ vì số liệu", "Tổng lũy kế từ đầu năm giảm", "Vì sao số liệu đúng"]);
    for (width, height) in [(320, 640), (1280, 900)] {
        browser.size(width, height);
        fits(&mut browser, &format!("/dot-giu at {width}"));
    }
    browser.ask("document.querySelector('[name=ghi-chu]').value = 'đã đối chiếu báo cáo giấy'");
    browser.press("document.querySelector('form[action=\"/dot-giu\"] button').click()");
    reads(&mut browser, &["Đã cho qua.", "Không có đợt nào bị giữ", "đã đối chiếu báo cáo giấy"]);

    let round = works.app.decide("2022-11-07".parse().unwrap(), false, &|_| {}).await.unwrap();
    assert!(round.remind > 0);
    browser.visit(&format!("{origin}/duyet"));
    reads(&mut browser, &["Duyệt gửi", "4 tin theo số liệu đến ngày 07/11/2022 đang chờ.", "Cho gửi 4 tin"]);
    assert_eq!(browser.complaints, Vec::<String>::new());
    stop.cancel();
}
