//! The page of a unit: the figures of `dondoc report`, its course, its story, its recipient.

use axum::http::StatusCode;
use serde_json::Value;

use super::{Office, figures, text};
use crate::support::project::code;
use crate::support::reader::brings_script;

async fn two_rounds() -> Office {
    let rounds = [("2022-10-31", figures(2, |unit| 30 + unit)), ("2022-11-07", figures(2, |unit| 40 + unit))];
    Office::after(2, &rounds).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_of_a_unit_are_those_of_the_report() {
    let office = two_rounds().await;
    let report = office.project.run(&["report", "--unit", &code(1), "--format", "json"]).json();
    let page = office.reader(None).await.get(&format!("/don-vi/{}", code(1))).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let page = text(&page.body);
    let lines = report["units"][0]["indicators"].as_object().unwrap();
    assert!(lines.len() > 2, "{report}");
    let mut compared = 0;
    for (indicator, line) in lines {
        let (Some(top), Some(below)) = (line["numerator"].as_u64(), line["denominator"].as_u64()) else { continue };
        let rate = line["rate"].as_str().unwrap().replace('.', ",");
        assert!(page.contains(&format!("{rate}% {top}/{below}")), "{indicator}: {page}");
        if let Some(missing) = line["missing"].as_u64() {
            assert!(page.contains(&format!("thiếu {missing} ")), "{indicator}: {page}");
        }
        compared += 1;
    }
    assert!(compared > 2, "{report}");
    let services: Vec<&Value> = report["services"].as_array().unwrap().iter().collect();
    assert!(services.iter().any(|one| one["missing"] == 59) && page.contains("1.000001 41/100 59"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_is_shown_with_its_target_course_story_and_recipient() {
    let office = two_rounds().await;
    let page = office.reader(None).await.get(&format!("/don-vi/{}", code(1))).await.body;
    for said in [
        "chỉ tiêu 50% (Kế hoạch số 1780/KH-BCĐCĐS ngày 25/04/2022); thiếu 9 hồ sơ",
        "Chủ tịch UBND xã Số 1",
        "u***@xa1.example",
        "0900***001",
        "Thứ Hai, ngày 07/11/2022, 8 giờ",
        "trực tuyến: nhắc lại vì đến hạn mà vẫn chưa đạt",
        "Nhắc theo số liệu đến 31/10/2022: trực tuyến (lần 1)",
        "Tin qua kênh mailbox tới u***@xa1.example:",
        "31/10/2022 31,00% 31/100 50% có",
    ] {
        assert!(text(&page).contains(said), "{said}: {}", text(&page));
    }
    assert!(
        page.contains("<svg viewBox=") && page.contains("class=\"mark\"") && page.contains("class=\"step\""),
        "{page}"
    );
    assert!(!page.contains("ubnd@xa1.example"), "no address is shown whole");
    assert!(
        page.contains("aria-label=\"Hồ sơ xử lý trực tuyến: từ 31,00% (31/10/2022) đến 41,00% (07/11/2022)\""),
        "{page}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_does_not_exist_is_not_found_and_the_province_has_no_figures_of_its_own() {
    let office = two_rounds().await;
    let mut reader = office.reader(None).await;
    for address in ["/don-vi/khong-co", "/don-vi/%3Cscript%3E", "/don-vi/..%2F..%2Fetc"] {
        let page = reader.get(address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}: {}", page.body);
        assert!(!brings_script(&page.body), "{}", page.body);
    }
    let province = reader.get("/don-vi/24").await;
    assert_eq!(province.status, StatusCode::OK);
    assert!(province.body.contains("Đợt gần nhất không đánh giá đơn vị này."), "{}", province.body);
}
