//! Drafts that were saved: what becomes of them, and that none is lost. How long a text may be.

use axum::http::StatusCode;
use dondoc::people::{self, Role};

use super::editor::{PAGE, Press, SHIPPED, press, says};
use super::text;

const VERSIONS: &str = "/mau-tin/commune_first/lich-su";

fn with(word: &str) -> String {
    SHIPPED.replace("Trân trọng", word)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_discarded_draft_is_taken_back_at_once_or_from_the_list_of_what_was_saved() {
    let press_ = Press::new("").await;
    let mut reader = press_.editor().await;
    says(&reader.get(VERSIONS).await, &["Chưa có bản nháp nào được lưu."]);
    let page = reader.get(PAGE).await;
    press(&mut reader, &page, &with("Kính thư"), "luu").await;
    let discarded = reader.post(&format!("{PAGE}/bo"), &[("nhap", "1")]).await;
    assert_eq!(discarded.leads_to(), "/mau-tin/commune_first?xong=bo&nhap=1");
    assert_eq!(press_.draft().await, None);
    let page = reader.get(discarded.leads_to()).await;
    says(&page, &["Đã bỏ bản nháp.", "Lấy lại bản nháp vừa bỏ"]);
    let back = reader.post(&format!("{PAGE}/lay-lai"), &[("nhap", "1")]).await;
    assert_eq!(back.leads_to(), "/mau-tin/commune_first?xong=lay-lai");
    let draft = press_.draft().await.unwrap();
    assert_eq!((draft.number, draft.source), (2, with("Kính thư")));
    says(&reader.get(back.leads_to()).await, &["Đã lấy lại bản nháp."]);
    assert!(!reader.get(discarded.leads_to()).await.body.contains("vừa bỏ"), "there is a draft again");

    let page = reader.get(PAGE).await;
    press(&mut reader, &page, &with("Thân ái"), "luu").await;
    let listed = reader.get(VERSIONS).await;
    let expected = [
        "Bản nháp số 3 · đang soạn",
        "Bản nháp số 2 · đã có bản lưu sau",
        "Lấy lại bản nháp số 1",
        "Bản nháp số 1 · đã bỏ",
    ];
    says(&listed, &expected);
    let older = reader.get(&format!("{VERSIONS}?so=nhap-1")).await;
    says(&older, &["Từ bản gốc đang áp dụng sang bản nháp số 1", "[thêm: Kính", "Lấy lại bản nháp số 1"]);
    reader.post(&format!("{PAGE}/lay-lai"), &[("nhap", "1")]).await;
    assert_eq!(press_.draft().await.unwrap().source, with("Kính thư"));
    says(&reader.get(VERSIONS).await, &["Bản nháp số 4 · đang soạn", "Bản nháp số 3 · đã có bản lưu sau"]);
    let log = people::list(&press_.app.db, &people::Wanted::default()).await.unwrap();
    assert_eq!(log.iter().filter(|entry| entry.deed == "template_drafted").count(), 4, "{log:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_saved_once_is_neither_published_unseen_nor_taken_back_by_those_who_may_not_edit() {
    let press_ = Press::new("").await;
    let mut reader = press_.editor().await;
    let page = reader.get(PAGE).await;
    press(&mut reader, &page, &with("Kính thư"), "luu").await;
    let page = reader.get(PAGE).await;
    press(&mut reader, &page, &with("Thân ái"), "luu").await;
    assert_eq!(reader.get(&format!("{PAGE}/ap-dung?so=nhap-1")).await.status, StatusCode::NOT_FOUND);
    let published = reader.post(&format!("{PAGE}/ap-dung"), &[("so", "nhap-1"), ("nhap", "1")]).await;
    assert_eq!(published.status, StatusCode::NOT_FOUND);
    for nothing in ["7", "-1", "x", ""] {
        let back = reader.post(&format!("{PAGE}/lay-lai"), &[("nhap", nothing)]).await;
        assert_eq!(back.status, StatusCode::NOT_FOUND, "{nothing}");
    }
    let mut scoped = press_.reader("xa", Role::Editor, Some("X000004")).await;
    let back = scoped.post(&format!("{PAGE}/lay-lai"), &[("nhap", "1")]).await;
    assert_eq!(back.status, StatusCode::NOT_FOUND);
    let mut viewer = press_.reader("xem", Role::Viewer, None).await;
    let seen = viewer.get(&format!("{VERSIONS}?so=nhap-1")).await;
    says(&seen, &["Bản nháp số 1", "Kính thư"]);
    assert!(!seen.body.contains("lay-lai"), "{}", text(&seen.body));
    assert_eq!(press_.draft().await.unwrap().number, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_long_a_text_is_and_may_be_stands_beside_it() {
    let press_ = Press::new("").await;
    let mut reader = press_.editor().await;
    let page = reader.get(PAGE).await;
    let size = SHIPPED.len() * 10_usize;
    let tenths = size.div_ceil(1024);
    says(&page, &[&format!("Độ dài {},{} KB; một mẫu nhiều nhất 64 KB.", tenths / 10, tenths % 10)]);
    // Diacritics take more bytes than letters, and bytes are what counts.
    let long = format!("{SHIPPED}{}", "đề nghị ".repeat(6_000));
    for (button, status) in [("xem", StatusCode::OK), ("luu", StatusCode::UNPROCESSABLE_ENTITY)] {
        let refused = press(&mut reader, &page, &long, button).await;
        assert_eq!(refused.status, status, "{button}");
        says(&refused, &["Mẫu quá dài: 7", "KB, nhiều nhất 64 KB", "tách thành khối dùng chung"]);
        assert!(refused.body.contains("aria-invalid=\"true\"") && refused.body.contains("đề nghị đề nghị"));
    }
    assert_eq!(press_.draft().await, None);
    let kept = reader.post("/mau-tin/commune_first/tu-luu", &[("noi-dung", &long)]).await;
    says(&kept, &["Mẫu quá dài"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passage_is_wrapped_in_a_condition_that_the_letter_knows() {
    let press_ = Press::new("").await;
    let mut reader = press_.editor().await;
    let page = reader.get(PAGE).await;
    says(&page, &["Chỉ hiện khi…", "Bọc phần đang chọn", "Chỉ hiện từ lần nhắc thứ 2"]);
    assert!(page.body.contains("data-before=\"{% if step &#62;= 2 %}\""), "{}", page.body);
    let sheet = reader.get("/mau-tin/leaders_sheet").await;
    says(&sheet, &["Chỉ hiện khi mọi đơn vị đều đạt"]);
    assert!(!sheet.body.contains("lần nhắc thứ 2"), "a sheet has no steps");
    let viewer = press_.reader("xem", Role::Viewer, None).await.get(PAGE).await;
    assert!(!viewer.body.contains("Bọc phần"), "who may not write wraps nothing");
}
