//! Calendar, targets and settings on the pages.

use axum::http::StatusCode;
use dondoc::people::Role;

use super::outbox::{Works, says};
use super::text;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_calendar_says_when_what_is_sent_and_which_days_are_off() {
    let works = Works::new().await;
    let mut reader = works.reader(Role::Viewer, None).await;
    let page = reader.get("/lich-gui?thang=2022-12").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    says(
        &page,
        &[
            "Đợt đôn đốc (weekly)",
            "Thứ Hai hằng tuần, 7 giờ 30 phút; nếu trùng ngày nghỉ",
            "Thứ Hai, ngày 07/11/2022, 7 giờ 30 phút · Đợt đôn đốc (weekly)",
            "Lịch tháng 12/2022",
            "Thứ Hai 05/12 gửi: weekly lúc 07:30",
            "nghỉ cuối tuần",
            "Không đặt giờ yên",
            "Một chỉ tiêu được coi là đã đạt trở lại ngay khi đạt mục tiêu.",
            "Từ lần",
        ],
    );
    assert_eq!(text(&page.body).matches("Đợt đôn đốc (weekly)").count(), 13, "the schedule, and the next twelve runs");
    says(&reader.get("/lich-gui?thang=2023-01").await, &["nghỉ: Tết", "dời từ"]);
    assert_eq!(reader.get("/lich-gui?thang=99-x").await.status, StatusCode::OK, "nonsense is this month");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_is_added_with_its_basis_after_its_effect_was_shown() {
    let works = Works::new().await;
    let mut editor = works.reader(Role::Editor, None).await;
    let page = editor.get("/chi-tieu").await;
    says(
        &page,
        &[
            "Công thức: giao dịch trên Cổng Dịch vụ công quốc gia ÷ giao dịch có phí, lệ phí.",
            "Đang hiệu lực Mục tiêu từ 30% · mọi đơn vị",
            "Kế hoạch số 1780/KH-BCĐCĐS ngày 25/04/2022 của Ban Chỉ đạo chuyển đổi số tỉnh Bắc Giang · hiệu lực 01/01/2022 – 31/12/2022",
        ],
    );
    let fields = [
        ("chi-tieu", "portal_payment@letter2022"),
        ("ten", "Thanh toán trực tuyến"),
        ("gia-tri", "37,5"),
        ("so-sanh", ">="),
        ("loai", "target"),
        ("pham-vi", "level:commune"),
        ("tu", "2023-01-01"),
        ("den", "2023-12-31"),
        ("so-van-ban", "Kế hoạch số 12/KH-UBND"),
        ("ngay-van-ban", "2022-12-20"),
        ("co-quan", "UBND tỉnh"),
    ];
    let wrong: Vec<_> =
        fields.iter().map(|(name, value)| (*name, if *name == "gia-tri" { "120" } else { value })).collect();
    let refused = editor.post("/chi-tieu", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, &["Còn 1 chỗ cần sửa.", "Ghi một số từ 0 đến 100"]);
    assert!(refused.body.contains("value=\"120\""), "as it was typed");
    let mut overlap = fields;
    for (name, value) in &mut overlap {
        *value = if *name == "pham-vi" {
            "all"
        } else if *name == "tu" {
            "2022-06-01"
        } else {
            value
        };
    }
    says(&editor.post("/chi-tieu", &overlap).await, &["Trùng thời gian hiệu lực"]);
    let foreseen = editor.post("/chi-tieu", &fields).await;
    assert_eq!(foreseen.status, StatusCode::OK, "{}", text(&foreseen.body));
    says(&foreseen, &["Chưa có số liệu của đơn vị nào để ước tính.", "Thêm mục tiêu này"]);
    let sure = [&fields[..], &[("chac", "1")]].concat();
    let done = editor.post("/chi-tieu", &sure).await;
    assert_eq!(done.leads_to(), "/chi-tieu?xong=target_added");
    says(
        &editor.get(done.leads_to()).await,
        &["Đã thêm mục tiêu.", "Chưa đến ngày hiệu lực Mục tiêu từ 37,5% · các đơn vị cấp xã"],
    );
    let deeds = works.deeds().await;
    assert_eq!(deeds, ["target_added portal_payment level:commune >= 37.5: Kế hoạch số 12/KH-UBND"]);
    let mut approver = works.named("duyet", Role::Approver, None).await;
    assert_eq!(approver.post("/chi-tieu", &sure).await.status, StatusCode::FORBIDDEN, "who approves does not edit");
    works.wait(70 * 86_400);
    let mut later = works.named("sau", Role::Viewer, None).await;
    says(&later.get("/chi-tieu").await, &["ĐÃ HẾT HIỆU LỰC"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_is_copied_taken_back_and_ended_early() {
    let works = Works::new().await;
    let mut editor = works.reader(Role::Editor, None).await;
    let page = editor.get("/chi-tieu").await;
    says(&page, &["Nhân bản, sửa căn cứ", "Kết thúc sớm"]);
    assert!(!page.body.contains("/hoan-tac"), "what came with a pack is not taken back: {}", page.body);
    let id = page.body.split("nhan-ban=").nth(1).unwrap().split('#').next().unwrap().to_owned();
    let refused = editor.post(&format!("/chi-tieu/{id}/hoan-tac"), &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, &["Mục tiêu này đến từ gói danh mục"]);

    let copy = editor.get(&format!("/chi-tieu?nhan-ban={id}")).await;
    assert!(copy.body.contains("name=\"tu\" type=\"date\" value=\"2023-01-01\""), "{}", copy.body);
    assert_eq!(copy.field("so-van-ban"), "", "the new legal basis is still to be written");
    let (name, value) = (copy.field("ten"), copy.field("gia-tri"));
    let indicator = copy.body.split("id=\"chi-tieu\"").nth(1).unwrap();
    let indicator = indicator.split("\" selected").next().unwrap().rsplit("value=\"").next().unwrap().to_owned();
    let fields = [
        ("chi-tieu", indicator.as_str()),
        ("ten", &name),
        ("gia-tri", &value),
        ("pham-vi", "all"),
        ("tu", "2023-01-01"),
        ("den", "2023-12-31"),
        ("so-van-ban", "Kế hoạch số 34/KH-UBND"),
        ("co-quan", "UBND tỉnh"),
        ("chac", "1"),
    ];
    assert_eq!(editor.post("/chi-tieu", &fields).await.leads_to(), "/chi-tieu?xong=target_added");
    let page = editor.get("/chi-tieu").await;
    let undo =
        page.body.split("action=\"/chi-tieu/").find(|rest| rest.split('"').next().unwrap().ends_with("/hoan-tac"));
    let undo = format!("/chi-tieu/{}", undo.unwrap().split('"').next().unwrap());
    assert_eq!(editor.post(&undo, &[]).await.leads_to(), "/chi-tieu?xong=target_taken_back");
    let again = editor.post(&undo, &[]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&again, &["Mục tiêu này không còn trong danh mục"]);

    let end = format!("/chi-tieu/{id}/ket-thuc");
    let long_ago = editor.post(&end, &[("ngay-cuoi", "2022-03-01")]).await;
    assert_eq!(long_ago.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&long_ago, &["Ngày cuối cùng phải từ 30/10/2022 và trước 31/12/2022."]);
    says(&editor.post(&end, &[("ngay-cuoi", "mai")]).await, &["Ghi ngày, tháng, năm."]);
    assert_eq!(editor.post(&end, &[("ngay-cuoi", "2022-11-15")]).await.leads_to(), "/chi-tieu?xong=target_ended");
    says(&editor.get("/chi-tieu").await, &["01/01/2022 – 15/11/2022", "Hết hiệu lực sau ngày 15/11/2022"]);
    let deeds = works.deeds().await;
    assert_eq!(deeds.len(), 3, "{deeds:?}");
    let mut scoped = works.named("xa", Role::Editor, Some(&crate::support::project::code(1))).await;
    assert_eq!(scoped.post(&end, &[("ngay-cuoi", "2022-11-10")]).await.status, StatusCode::NOT_FOUND);
    editor.cookies.insert("dondoc-tongue".to_owned(), "en".to_owned());
    let page = editor.get("/chi-tieu").await;
    says(&page, &["In force Target: at least", "Not in force after 15/11/2022", "Copy with a new legal basis"]);
    says(&editor.post(&end, &[("ngay-cuoi", "2022-03-01")]).await, &["The last day must be 30/10/2022 or later"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pack_that_was_looked_at_before_somebody_else_changed_a_contact_is_not_put_in_its_place() {
    let works = Works::new().await;
    let by = dondoc::people::By::command("test");
    let mut own = dondoc::catalog::load(&works.app.db).await.unwrap();
    own.senders[0].occasion = "Thông báo khác".to_owned();
    let (pack, changes) = works.app.with_files(&own.files()).await.unwrap().unwrap();
    let mut other = dondoc::catalog::load(&works.app.db).await.unwrap();
    other.contacts[0].email = Some("moi@xa0.example".to_owned());
    let (theirs, their_changes) = works.app.with_files(&other.files()).await.unwrap().unwrap();
    assert!(works.app.put_pack(&theirs, &their_changes, &by).await.unwrap());
    assert!(!works.app.put_pack(&pack, &changes, &by).await.unwrap(), "it would take the new address away");
    let now = dondoc::catalog::load(&works.app.db).await.unwrap();
    assert_eq!(now.contacts[0].email.as_deref(), Some("moi@xa0.example"));
    assert_ne!(now.senders[0].occasion, "Thông báo khác");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_show_every_value_with_its_place_and_try_a_channel_step_by_step() {
    let works = Works::new().await;
    let mut viewer = works.named("xem", Role::Viewer, None).await;
    let page = viewer.get("/cai-dat").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    says(
        &page,
        &[
            "safety.trial false dòng 8",
            "mặc định",
            "Chế độ thử đã tắt",
            "mail · thư điện tử",
            "Chưa xong Đã chạy ít nhất một đợt",
        ],
    );
    assert!(!page.body.contains("Kiểm tra</button>"), "he only looks");
    says(&page, &["policy.grace (không đặt) mặc định", "[[channel]] mail kênh gửi"]);
    let found = viewer.get("/cai-dat?tim=CHE+do+thu").await;
    says(&found, &["giá trị khớp", "safety.trial"]);
    assert!(!text(&found.body).contains("server.listen"), "only what is looked for");
    says(&viewer.get("/cai-dat?tim=hành+tinh").await, &["0 giá trị khớp"]);
    let told = works.project.run(&["config", "show", "safety.trial", "--origin"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(
        told.out.contains("config.toml:8") && told.out.contains("false"),
        "the command says the same: {}",
        told.out
    );
    let all = works.project.run(&["config", "show", "--format", "json"]).json();
    let on_page = text(&page.body);
    for one in all.as_array().unwrap() {
        assert!(on_page.contains(one["key"].as_str().unwrap()), "{one}");
    }
    let mut approver = works.named("duyet", Role::Approver, None).await;
    let tried = approver.post("/cai-dat/kenh", &[("kenh", "mail")]).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.body);
    says(&tried, &["Kiểm tra kênh mail", "Không qua bước: kết nối (TCP).", "-- 127.0.0.1"]);
    let stranger = approver.post("/cai-dat/kenh", &[("kenh", "mail"), ("toi", "la@xa.example")]).await;
    says(&stranger, &["l***@xa.example không nằm trong [safety] allow"]);
    assert_eq!(approver.post("/cai-dat/kenh", &[("kenh", "khong-co")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(works.deeds().await, ["channel_tested broken", "channel_tested broken"]);
    says(&approver.get("/cai-dat").await, &["Đã xong Đã kiểm tra kênh gửi"]);
}
