//! What leaders look at: courses, movers, the quality of the figures, what reminding did, the files, the wall.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use dondoc::people::Role;
use tower::ServiceExt as _;

use super::{Office, figures, text, units};
use crate::support::project::code;
use crate::support::reader::brings_script;

/// Three communes over three rounds: the first rises a little, the second much, the third falls.
async fn three() -> Office {
    let online = [[58, 40, 30], [60, 41, 28], [61, 47, 20]];
    let days = ["2022-10-24", "2022-10-31", "2022-11-07"];
    let rounds: Vec<_> =
        days.into_iter().zip(online).map(|(day, online)| (day, figures(3, |unit| online[unit]))).collect();
    Office::after(3, &rounds).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_is_shown_with_its_course_and_with_what_its_units_lack() {
    let office = three().await;
    let page = office.reader(None).await.get("/").await.body;
    for said in [
        "Hồ sơ nộp trực tuyến: 42,67%, 128/300, chỉ tiêu 50%, chưa đạt, giảm 0,33 điểm. 2 đơn vị chưa đạt, cộng lại thiếu 33 hồ sơ. \
         Diễn biến 3 kỳ: 24/10/2022 42,67%; 31/10/2022 43,00%; 07/11/2022 42,67%",
        "<svg class=\"spark\" viewBox=\"0 0 160 40\">",
    ] {
        assert!(page.contains(said), "{said}: {}", text(&page));
    }
    assert!(!page.contains("style=") && !brings_script(&page), "the policy allows neither");
    let earlier = office.reader_again(None).await.get("/?ky=2022-10-31").await.body;
    assert!(earlier.contains("Diễn biến 2 kỳ: 24/10/2022 42,67%; 31/10/2022 43,00%"), "{}", text(&earlier));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_sees_a_part_sees_the_course_and_the_movers_of_that_part() {
    let office = three().await;
    let page = office.reader(Some(&code(1))).await.get("/").await.body;
    assert!(
        page.contains("Diễn biến 3 kỳ: 24/10/2022 40,00%; 31/10/2022 41,00%; 07/11/2022 47,00%"),
        "{}",
        text(&page)
    );
    assert!(page.contains("tăng 6,00 điểm"), "{}", text(&page));
    for other in ["Số 0", "Số 2", "Toàn tỉnh", "Nguồn province", "giảm 8,00"] {
        assert!(!page.contains(other), "{other}: {}", text(&page));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_moved_most_are_named_with_their_rank_and_where_they_came_from() {
    let office = three().await;
    let page = text(&office.reader(None).await.get("/").await.body);
    for said in [
        "1 Xã Số 1 từ 41,00% lên 47,00% vẫn hạng 2 trong số 3 xã ▲ 6,00 tăng 6,00 điểm",
        "2 Xã Số 0 từ 60,00% lên 61,00% vẫn hạng 1 trong số 3 xã ▲ 1,00 tăng 1,00 điểm",
        "Giảm nhiều nhất 1 Xã Số 2 từ 28,00% xuống 20,00% vẫn hạng 3 trong số 3 xã ▼ 8,00 giảm 8,00 điểm",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let part = text(&office.reader(Some(&code(1))).await.get("/").await.body);
    assert!(part.contains("từ 41,00% lên 47,00%") && !part.contains("hạng 1"), "a part has no ranks: {part}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_rank_is_told_and_whoever_has_few_dossiers_has_none() {
    let few = |online: [usize; 3]| {
        figures(3, |unit| online[unit])
            .replace(&format!("{},1.000001,100,", code(2)), &format!("{},1.000001,19,", code(2)))
    };
    let rounds = [("2022-10-31", few([40, 45, 9])), ("2022-11-07", few([50, 46, 19]))];
    let office = Office::after(3, &rounds).await;
    let page = text(&office.reader(None).await.get("/").await.body);
    for said in [
        "1 Xã Số 0 từ 40,00% lên 50,00% từ hạng 2 lên hạng 1 trong số 2 xã ▲ 10,00",
        "2 Xã Số 1 từ 45,00% lên 46,00% từ hạng 1 xuống hạng 2 trong số 2 xã ▲ 1,00",
        "Không xếp hạng 1 đơn vị có dưới 20 hồ sơ. – Xã Số 2 từ 47,37% lên 100,00% ▲ 52,63",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_overview_its_files_and_a_unit_are_told_in_english_too() {
    let office = three().await;
    let mut reader = office.reader(None).await;
    reader.post("/ngon-ngu", &[("tongue", "en"), ("tiep", "/")]).await;
    let page = reader.get("/").await.body;
    for said in [
        "Needs attention",
        "Whole province",
        "Figures until 07/11/2022, compared with 31/10/2022. 3 units assessed, 2 below target, 0 not assessed.",
        "Xã Số 1, trực tuyến, 47,00 percent",
        "1 Xã Số 1 from 41,00% up to 47,00% still rank 2 of 3 (commune)",
        "Figures: correct, complete, clean, live",
        "Course over 3 periods: 24/10/2022 42,67%",
    ] {
        assert!(text(&page).contains(said), "{said}: {}", text(&page));
    }
    assert!(page.contains("href=\"/ban-do.csv?tieng=en\"") && page.contains("href=\"/ban-do/in\""), "{page}");
    let csv = reader.get("/ban-do.csv?tieng=en").await;
    assert!(csv.header("content-disposition").contains("heat-map-2022-11-07.csv"));
    assert!(csv.body.contains("Unit code;Unit;Kind") && csv.body.contains("trực tuyến: figure (%)"), "{}", csv.body);
    let vietnamese = reader.get("/ban-do.csv").await.body;
    assert!(
        vietnamese.contains("Mã đơn vị;Đơn vị;Loại"),
        "a file is in Vietnamese unless it is asked for: {vietnamese}"
    );
    let unit = text(&reader.get(&format!("/don-vi/{}", code(2))).await.body);
    for said in ["Who gets the next message", "Figures by indicator", "target 50%", "30 short (hồ sơ)", "As a table"]
    {
        assert!(unit.contains(said), "{said}: {unit}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_course_of_the_whole_is_a_table_too() {
    let office = three().await;
    let page = text(&office.reader(None).await.get("/").await.body);
    assert!(
        page.contains("Xem diễn biến dạng bảng Số liệu đến Hồ sơ cấp kết quả điện tử Hồ sơ nộp trực tuyến"),
        "{page}"
    );
    assert!(page.contains("07/11/2022 100,00% 42,67%") && page.contains("31/10/2022 100,00% 43,00%"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_panel_says_whether_figures_are_correct_complete_clean_and_live() {
    let office = Office::after(3, &[("2022-10-31", figures(3, |_| 40))]).await;
    let good = text(&office.reader(None).await.get("/").await.body);
    for said in [
        "Nguồn province Đúng ✓ , tốt: các tổng và đẳng thức đều khớp",
        "Đủ ✓ , tốt: 3/3 đơn vị",
        "Sạch ✓ , tốt: 3 dòng, không dòng nào bị loại",
        "Sống ✓ , tốt: đến 31/10/2022 (trong ngày)",
    ] {
        assert!(good.contains(said), "{said}: {good}");
    }
    // One unit is gone, another row names nobody: the round goes through, and the panel tells.
    let rows = figures(2, |_| 41) + "2022-10,X999999,1.000001,100,40,90,90,80,40,0,1,1\n";
    office.project.edit(
        "config.toml",
        "[policy]",
        "[quality]\nmax_refused_percent = 100\nmax_units_fall_percent = 100\nmax_rows_fall_percent = 100\n\
         max_total_fall_percent = 100\n[policy]",
    );
    office.project.write("figures.csv", &rows);
    let done = office.project.run(&["run", "--as-of", "2022-11-07"]);
    assert!(matches!(done.code, 0 | 8), "{}: {}", done.code, done.err);
    let worse = text(&office.reader_again(None).await.get("/").await.body);
    for said in ["Đủ ⚠ , cần xem: 2/3 đơn vị; thiếu 1", "1 tên đơn vị chưa đối chiếu được", "Chưa có số liệu: Xã Số 2"]
    {
        assert!(worse.contains(said), "{said}: {worse}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_held_round_doubts_stands_at_its_question() {
    let office = Office::after(3, &[("2022-10-31", figures(3, |_| 40))]).await;
    office.project.write("figures.csv", &figures(1, |_| 40));
    let held = office.project.run(&["run", "--as-of", "2022-11-07"]);
    assert_eq!(held.code, 4, "{}", held.err);
    let page = text(&office.reader(None).await.get("/").await.body);
    assert!(page.contains("Đủ ⚠ , cần xem: lần lấy sau bị giữ lại vì"), "{page}");
    assert!(page.contains("Đúng ✓"), "the other questions stay as they were: {page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_after_reminders_is_told_with_the_words_that_it_proves_nothing() {
    // Twelve that were reminded of, twelve that are just on target and were not.
    let before = |unit: usize| if unit < 12 { 40 } else { 55 };
    let now = |unit: usize| if unit < 12 { 44 } else { 56 };
    let office = Office::after(24, &[("2022-10-24", figures(24, before)), ("2022-10-31", figures(24, now))]).await;
    let mut reader = office.reader(None).await;
    let first = reader.get("/").await.body;
    assert!(first.contains("hx-get=\"/sau-khi-nhac\"") && first.contains("href=\"/sau-khi-nhac\""), "{first}");
    let page = reader.get("/sau-khi-nhac").await;
    assert_eq!(page.status, StatusCode::OK);
    for said in [
        "12 đơn vị được nhắc: trung vị tăng 4,00 điểm. 12 đơn vị cùng cấp, cùng mức xuất phát mà không được nhắc: trung vị tăng 1,00 \
         điểm.",
        "Không chứng minh nguyên nhân.",
        "hồi quy về trung bình",
        "Cách tính",
    ] {
        assert!(text(&page.body).contains(said), "{said}: {}", text(&page.body));
    }
    let after = reader.get("/").await.body;
    assert!(text(&after).contains("12 đơn vị được nhắc: trung vị tăng 4,00 điểm"), "{}", text(&after));
    assert!(after.contains("href=\"/sau-khi-nhac#cach-tinh\""), "{after}");
    let mut block = office.reader_again(None).await;
    block.headers.push(("hx-request", "true".to_owned()));
    let block = block.get("/sau-khi-nhac").await.body;
    assert!(!block.contains("<html") && block.contains("Không chứng minh nguyên nhân"), "{block}");
    let part = office.reader(Some(&code(1))).await.get("/sau-khi-nhac").await.body;
    assert!(text(&part).contains("Chưa so sánh được: 1 đơn vị được nhắc"), "{}", text(&part));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_as_it_is_filtered_is_taken_away_as_text_as_a_workbook_and_for_the_printer() {
    let office = three().await;
    let mut reader = office.reader(None).await;
    let page = reader.get("/?chua-dat=1&xep=ten").await.body;
    for file in ["/ban-do.xlsx", "/ban-do.csv", "/ban-do/in"] {
        assert!(page.contains(&format!("href=\"{file}?chua-dat=1&#38;xep=ten\"")), "{file}: {page}");
    }
    let csv = reader.get("/ban-do.csv?chua-dat=1&xep=ten").await;
    assert_eq!((csv.status, csv.header("content-type")), (StatusCode::OK, "text/csv; charset=utf-8"));
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"ban-do-nhiet-2022-11-07.csv\"");
    let lines: Vec<&str> = csv.body.lines().collect();
    for (line, begins, holds) in [
        ("\u{feff}Mã đơn vị;Đơn vị;Loại", ";", ";trực tuyến: kết quả (%);trực tuyến: số đạt;trực tuyến: tổng số;"),
        (code(1).as_str(), ";Xã Số 1;Xã;", ";47,00;47;100;50,00;3;6,00;gần đạt;"),
        (code(2).as_str(), ";Xã Số 2;Xã;", ";20,00;20;100;50,00;30;-8,00;rất thấp;"),
    ] {
        let begins = format!("{line}{begins}");
        assert!(
            lines.iter().any(|line| line.starts_with(&begins) && line.contains(holds)),
            "{begins} {holds}: {lines:?}"
        );
    }
    assert_eq!(lines.len(), 3);
    let print = reader.get("/ban-do/in?chua-dat=1").await.body;
    assert_eq!(units(&print), ["Xã Số 2", "Xã Số 1"]);
    assert!(text(&print).contains("Số liệu đến 07/11/2022, so với kỳ đến 31/10/2022. 2 đơn vị"), "{}", text(&print));
    let part = office.reader(Some(&code(1))).await.get("/ban-do.csv").await.body;
    assert!(part.lines().count() == 2 && part.contains("Xã Số 1"), "{part}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_workbook_reckons_with_numbers_and_nothing_in_it_is_a_formula() {
    use calamine::{Data, Reader as _, Xlsx};

    let office = three().await;
    let reader = office.reader(None).await;
    let cookie: Vec<String> = reader.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut request =
        Request::builder().uri("/ban-do.xlsx").header("cookie", cookie.join("; ")).body(Body::empty()).unwrap();
    request.extensions_mut().insert(axum::extract::ConnectInfo(reader.address));
    let answer = office.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let bytes = to_bytes(answer.into_body(), 10_000_000).await.unwrap().to_vec();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range("Bản đồ nhiệt").unwrap();
    let at = |row, column| range.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    assert_eq!(at(1, 0), Data::String("Số liệu đến 07/11/2022, so với kỳ đến 31/10/2022".to_owned()));
    assert_eq!(at(2, 0), Data::String("Mã đơn vị".to_owned()));
    assert_eq!(at(3, 1), Data::String("Xã Số 2".to_owned()));
    let online = (0..40).find(|column| at(2, *column) == Data::String("trực tuyến: kết quả (%)".to_owned())).unwrap();
    let numbers = [20.0, 20.0, 100.0, 50.0, 30.0, -8.0].map(Data::Float);
    assert_eq!([0, 1, 2, 3, 4, 5].map(|after| at(3, online + after)), numbers);
    let formulas = book.worksheet_formula("Bản đồ nhiệt").unwrap();
    assert!(formulas.cells().all(|(_, _, formula)| formula.is_empty()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wall_shows_the_worst_and_goes_on_until_it_is_stopped() {
    let office = Office::after(20, &[("2022-10-31", figures(20, |unit| 2 * unit))]).await;
    let mut reader = office.reader(None).await;
    let first = reader.get("/man-hinh").await;
    assert_eq!(first.status, StatusCode::OK);
    let moves = "data-next=\"/man-hinh?trang=2\" data-seconds=\"30\">";
    assert!(first.body.contains(moves) && !first.body.contains("http-equiv"), "{}", first.body);
    assert!(!brings_script(&first.body) && !first.body.contains("style="), "{}", first.body);
    assert_eq!(units(&first.body).first().map(String::as_str), Some("Xã Số 0"));
    let last = reader.get("/man-hinh?trang=3").await.body;
    assert_eq!(units(&last).len(), 4);
    let stays = reader.get("/man-hinh?trang=3&dung=1").await.body;
    assert!(stays.contains(" data-stays>") && stays.contains("href=\"/man-hinh?trang=1&#38;dung=1\""), "{stays}");
    assert!(last.contains("data-next=\"/man-hinh?trang=1\""), "from the last screen it begins anew: {last}");
    let alone = reader.get("/man-hinh?chay=1").await.body;
    let refresh = "<noscript><meta http-equiv=\"refresh\" content=\"30;url=/man-hinh?trang=2&#38;chay=1\"></noscript>";
    assert!(alone.contains(refresh) && alone.contains("href=\"/man-hinh?trang=1\""), "without scripts, too: {alone}");
    assert_eq!(units(&reader.get("/man-hinh?trang=99").await.body).len(), 4);
    let part = office.reader(Some(&code(3))).await.get("/man-hinh").await.body;
    assert_eq!(units(&part), ["Xã Số 3"]);
    assert!(part.contains("Các đơn vị trong phạm vi của tài khoản"), "{part}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_first_round_the_wall_says_so_and_there_is_no_file() {
    let office = Office::after(1, &[]).await;
    let mut reader = office.reader(None).await;
    assert!(reader.get("/man-hinh").await.body.contains("Chưa chạy đợt nào"));
    assert_eq!(reader.get("/ban-do.csv").await.status, StatusCode::NOT_FOUND);
    assert!(reader.get("/sau-khi-nhac").await.body.contains("Chưa có gì để so sánh"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_link_on_these_pages_leads_nowhere() {
    let office = Office::asking(3, &[("2022-10-31", figures(3, |_| 20)), ("2022-11-07", figures(3, |_| 22))]).await;
    let office = office.installed().await;
    let mut reader = office.reader_as(Role::Admin).await;
    let mut followed = std::collections::BTreeSet::new();
    let unit = format!("/don-vi/{}", code(1));
    for from in ["/", &unit, "/man-hinh", "/sau-khi-nhac", "/ban-do/in"] {
        let body = reader.get(from).await.body;
        for link in body.split("href=\"").skip(1) {
            let link = link.split('"').next().unwrap().replace("&#38;", "&");
            let path = link.split('#').next().unwrap().to_owned();
            let elsewhere = path.is_empty() || path.starts_with("/static/") || path == "/ban-do.xlsx";
            if elsewhere || !followed.insert(path.clone()) {
                continue;
            }
            let status = reader.get(&path).await.status;
            assert!(status.is_success(), "{from} leads to {path}: {status}");
        }
    }
    assert!(followed.len() > 5, "{followed:?}");
}
