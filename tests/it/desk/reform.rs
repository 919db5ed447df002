//! Two communes become one on the page: tried, written, seen on the page of the unit, taken back.

use axum::http::StatusCode;
use dondoc::people::Role;

use super::contacts::{Desk, narrow, said};
use super::text;
use crate::support::project::code;

const MERGER: &[(&str, &str)] = &[
    ("viec", "merge"),
    ("ngay", "2022-12-01"),
    ("cu", "X000001 · Xã Số 1"),
    ("cu", "X000002"),
    ("co.0", ""),
    ("ma.0", "X000099"),
    ("ten.0", "Xã Hợp Nhất"),
    ("loai.0", ""),
    ("tren.0", ""),
    ("can-cu", "Nghị quyết số 12/NQ-HĐND ngày 01/11/2022"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merger_is_shown_before_it_is_written_and_only_as_it_was_shown() {
    let desk = Desk::new().await;
    let mut editor = desk.reader(Role::Editor, None).await;
    let list = editor.get("/danh-ba").await.body;
    let above = list.split("<table").next().unwrap();
    assert!(above.contains("href=\"/danh-ba/sap-nhap\""), "it is found without scrolling past every unit: {above}");
    let start = text(&editor.get("/danh-ba/sap-nhap?viec=merge&cu=X000001").await.body);
    assert!(start.contains("Nhiều đơn vị nhập thành một") && start.contains("Đơn vị thứ 2"), "{start}");
    let further = editor.post("/danh-ba/sap-nhap", &[MERGER, &[("chac", "them")]].concat()).await;
    assert!(text(&further.body).contains("Đơn vị thứ 3") && further.body.contains("value=\"Xã Hợp Nhất\""));

    let wrong: Vec<_> =
        MERGER.iter().map(|(name, value)| (*name, if *value == "X000002" { "Y2" } else { value })).collect();
    let refused = editor.post("/danh-ba/sap-nhap", &[&wrong[..], &[("chac", "xem")]].concat()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = text(&refused.body);
    assert!(said.contains("Còn 1 chỗ cần sửa.") && said.contains("Không có đơn vị mang mã “Y2”"), "{said}");
    let alone: Vec<_> = MERGER.iter().filter(|(_, value)| *value != "X000002").copied().collect();
    let refused = editor.post("/danh-ba/sap-nhap", &[&alone[..], &[("chac", "xem")]].concat()).await;
    assert!(text(&refused.body).contains("Một đơn vị mang tên mới thì ghi là đổi tên."), "{}", refused.body);

    let tried = editor.post("/danh-ba/sap-nhap", &[MERGER, &[("chac", "xem")]].concat()).await;
    assert_eq!(tried.status, StatusCode::OK);
    let shown = text(&tried.body);
    for expected in [
        "Từ ngày 01/12/2022",
        "Thôi tồn tại Xã Số 1 (X000001) Xã Số 2 (X000002)",
        "Bắt đầu Xã Hợp Nhất (X000099), thuộc",
        "Đầu mối thôi nhận Chủ tịch UBND xã Số 1",
        "chưa có ai; bổ sung người đứng đầu",
        "biểu đồ để hở",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let digest = tried.field("thay");
    let stale = editor.post("/danh-ba/sap-nhap", &[MERGER, &[("chac", "ghi"), ("thay", "0123")]].concat()).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&stale.body).contains("vừa thay đổi so với bản xem trước"), "{}", stale.body);
    let written = editor.post("/danh-ba/sap-nhap", &[MERGER, &[("chac", "ghi"), ("thay", &digest)]].concat()).await;
    assert_eq!(written.leads_to(), "/danh-ba/sap-nhap?xong=reform_written");
    let list = editor.get("/danh-ba/sap-nhap").await;
    let shown = text(&list.body);
    for expected in
        ["Xã Số 1 (X000001) + Xã Số 2 (X000002) → Xã Hợp Nhất (X000099)", "Nghị quyết số 12/NQ-HĐND", "Hoàn tác"]
    {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let unit = text(&editor.get("/danh-ba/don-vi/X000099").await.body);
    assert!(unit.contains("Xã Số 1 (X000001) sáp nhập vào Xã Hợp Nhất (X000099) từ 01/12/2022"), "{unit}");

    let mut commune = desk.reader(Role::Editor, Some(&code(3))).await;
    assert_eq!(commune.get("/danh-ba/sap-nhap").await.status, StatusCode::NOT_FOUND, "units are the whole province's");
    assert_eq!(commune.post("/danh-ba/sap-nhap", MERGER).await.status, StatusCode::NOT_FOUND);
    let undo = list.body.split("/danh-ba/sap-nhap/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let undo = format!("/danh-ba/sap-nhap/{undo}/hoan-tac");
    assert_eq!(commune.post(&undo, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(editor.post(&undo, &[]).await.leads_to(), "/danh-ba/sap-nhap?xong=reform_undone");
    assert_eq!(editor.post(&undo, &[]).await.status, StatusCode::NOT_FOUND);

    let mut english = desk.reader(Role::Admin, None).await;
    english.cookies.insert("dondoc-tongue".to_owned(), "en".to_owned());
    let tried = text(&english.post("/danh-ba/sap-nhap", &[MERGER, &[("chac", "xem")]].concat()).await.body);
    for expected in ["From 01/12/2022", "End Xã Số 1 (X000001)", "nobody yet; add a head", "charts have a gap"] {
        assert!(tried.contains(expected), "{expected}: {tried}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_communes_are_merged_in_a_browser_and_that_is_undone() {
    let desk = Desk::new().await;
    let (mut browser, origin, stop) = desk.on_a_phone().await;
    let at = |path: &str| format!("{origin}{path}");
    browser.visit(&at("/danh-ba"));
    browser.press("document.querySelector('a[href=\"/danh-ba/sap-nhap\"]').click()");
    browser.press("document.querySelector('a[href=\"/danh-ba/sap-nhap?viec=merge\"]').click()");
    for (id, value) in [
        ("ngay", "2022-12-01"),
        ("cu-1", "X000001"),
        ("cu-2", "X000002"),
        ("ma-1", "X000099"),
        ("ten-1", "Xã Hợp Nhất"),
    ] {
        browser.ask(&format!("(() => {{ document.getElementById('{id}').value = '{value}' }})()"));
    }
    narrow(&mut browser, "form");
    browser.press("document.querySelector('button[value=xem]').click()");
    let page = said(&mut browser);
    assert!(page.contains("Thôi tồn tại") && page.contains("Xã Hợp Nhất (X000099)"), "{page}");
    narrow(&mut browser, "preview");
    browser.press("document.querySelector('button[value=ghi]').click()");
    assert!(said(&mut browser).contains("Đã ghi vào danh bạ."));
    narrow(&mut browser, "records");
    browser.visit(&at("/danh-ba/don-vi/X000099"));
    let page = said(&mut browser);
    assert!(page.contains("Xã Số 1 (X000001) sáp nhập vào Xã Hợp Nhất (X000099)"), "{page}");
    browser.visit(&at("/danh-ba/sap-nhap"));
    browser.press("document.querySelector('form[action$=\"/hoan-tac\"] button').click()");
    assert!(said(&mut browser).contains("Đơn vị và đầu mối trở lại như trước"));
    assert_eq!(browser.complaints, Vec::<String>::new());
    stop.cancel();
}
