//! The overview: what its cells say, its filters, its order, and what somebody sees who sees a part.

use axum::http::StatusCode;

use super::{Office, figures, text, units};
use crate::support::project::code;
use crate::support::reader::brings_script;
use crate::support::rounds;

/// Three communes over two rounds: the first is on target, the second nearly, the third far below and falling.
async fn three() -> Office {
    let before = [60, 40, 30];
    let now = [61, 47, 20];
    let rounds = [("2022-10-31", figures(3, |unit| before[unit])), ("2022-11-07", figures(3, |unit| now[unit]))];
    Office::after(3, &rounds).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cell_of_the_heat_map_reads_as_words_and_the_whole_from_summed_counts() {
    let office = three().await;
    let page = office.reader(None).await.get("/").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for said in [
        "Xã Số 0, trực tuyến, 61,00 phần trăm, vượt chỉ tiêu, tăng 1,00 điểm",
        "Xã Số 1, trực tuyến, 47,00 phần trăm, gần đạt, thiếu 3, tăng 7,00 điểm",
        "Xã Số 2, trực tuyến, 20,00 phần trăm, rất thấp, thiếu 30, giảm 10,00 điểm",
        "Hồ sơ nộp trực tuyến: 42,67%, 128/300, chỉ tiêu 50%, chưa đạt, giảm 0,67 điểm",
        "Số liệu đến 07/11/2022, so với kỳ đến 31/10/2022. 3 đơn vị được đánh giá, 2 chưa đạt",
    ] {
        assert!(page.body.contains(said), "{said}: {}", text(&page.body));
    }
    for part in [
        "<th scope=\"col\" role=\"columnheader\" lang=\"vi\">trực tuyến <small>50%</small>",
        "<th scope=\"row\"",
        "tone far",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("style=") && !brings_script(&page.body), "the policy allows neither");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_heat_map_is_filtered_and_sorted_by_its_address() {
    let office = three().await;
    let mut reader = office.reader(None).await;
    let mut shown = async |address: &str| units(&reader.get(address).await.body);
    assert_eq!(shown("/").await, ["Xã Số 2", "Xã Số 1", "Xã Số 0"], "the largest shortfall first");
    assert_eq!(shown("/?xep=ten").await, ["Xã Số 0", "Xã Số 1", "Xã Số 2"]);
    assert_eq!(shown("/?chua-dat=1").await, ["Xã Số 2", "Xã Số 1"]);
    assert_eq!(shown("/?loai=xa&chua-dat=1&xep=ten").await, ["Xã Số 1", "Xã Số 2"]);
    assert!(shown("/?loai=so").await.is_empty());
    assert_eq!(shown("/?loai=planet&ky=x&xep=&trang=99").await.len(), 3, "what cannot be read asks for nothing");
    let earlier = reader.get("/?ky=2022-10-31").await.body;
    assert!(earlier.contains("Xã Số 1, trực tuyến, 40,00 phần trăm, chưa đạt, thiếu 10<"), "{}", text(&earlier));
    assert!(earlier.contains("<option value=\"2022-10-31\" selected>31/10/2022"), "{earlier}");
    let none = reader.get("/?loai=so").await.body;
    assert!(none.contains("Không có đơn vị nào khớp"), "{none}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_of_one_unit_sees_its_figures_and_counts_and_no_others() {
    let office = three().await;
    let mut reader = office.reader(Some(&code(1))).await;
    let page = reader.get("/").await.body;
    assert_eq!(units(&page), ["Xã Số 1"]);
    for said in [
        "Các đơn vị trong phạm vi của tài khoản",
        "1 đơn vị được đánh giá, 1 chưa đạt, 0 không đánh giá được",
        "Hồ sơ nộp trực tuyến: 47,00%, 47/100, chỉ tiêu 50%, gần đạt, tăng 7,00 điểm",
    ] {
        assert!(page.contains(said), "{said}: {}", text(&page));
    }
    for other in ["Số 0", "Số 2", "Toàn tỉnh", "128/300"] {
        assert!(!page.contains(other), "{other}: {}", text(&page));
    }
    assert_eq!(reader.get(&format!("/don-vi/{}", code(1))).await.status, StatusCode::OK);
    let other = reader.get(&format!("/don-vi/{}", code(2))).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "what he may not see is not there for him");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_first_round_the_overview_says_what_to_do_and_what_comes() {
    let office = Office::after(2, &[]).await;
    let mut reader = office.reader(None).await;
    let page = reader.get("/").await.body;
    for said in [
        "Không có việc nào cần xử lý.",
        "Thứ Hai, ngày 07/11/2022, 8 giờ",
        "Đợt đôn đốc (hang-tuan)",
        "Chưa chạy đợt nào",
        "dondoc run --dry-run",
    ] {
        assert!(page.contains(said), "{said}: {}", text(&page));
    }
    assert!(!page.contains("Bản đồ nhiệt"), "there is nothing to show yet");
    let unit = reader.get(&format!("/don-vi/{}", code(0))).await;
    assert_eq!(unit.status, StatusCode::OK);
    assert!(unit.body.contains("Chưa chạy đợt nào") && unit.body.contains("Chưa nhắc đơn vị này"), "{}", unit.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_somebody_is_said_with_its_number_and_its_remedy() {
    let office = Office::asking(3, &[("2022-10-31", figures(3, |_| 20))]).await;
    let contacts = office.project.read("pack/contacts.csv");
    let headless = contacts.replace("ubnd@xa2.example,0900 000 002", ",");
    office.project.write("pack/contacts.csv", &headless);
    let done = office.project.run(&["catalog", "import", "pack", "--yes"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let page = office.reader(None).await.get("/").await.body;
    for said in [
        "1 đơn vị chưa có người nhận tin Xã Số 2",
        "Bổ sung người đứng đầu ở trang Danh bạ",
        "3 tin đang giữ lại",
        "Xem từng tin và lý do, rồi cho gửi",
        "3 tin của đợt ngày 31/10/2022 chờ người thứ hai cho gửi",
    ] {
        assert!(text(&page).contains(said), "{said}: {}", text(&page));
    }
    let part = office.reader(Some(&code(0))).await.get("/").await.body;
    assert!(text(&part).contains("1 tin đang giữ lại"), "{}", text(&part));
    assert!(!text(&part).contains("chưa có người nhận") && !text(&part).contains("3 tin"), "{}", text(&part));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_province_is_shown_by_pages_of_two_hundred_units() {
    let office = Office::after(450, &[]).await;
    rounds::two_rounds(&office.db).await;
    let mut reader = office.reader(None).await;
    let mut met = std::collections::BTreeSet::new();
    for (address, shown) in [("/", 200), ("/?trang=2", 200), ("/?trang=3", 50), ("/?trang=99", 50)] {
        let page = reader.get(address).await.body;
        assert!(page.contains("450 đơn vị"), "{address}");
        let names = units(&page);
        assert_eq!(names.len(), shown, "{address}");
        met.extend(names);
    }
    assert_eq!(met.len(), 450, "each on one page");
}
