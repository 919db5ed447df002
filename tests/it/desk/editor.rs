//! The editor of templates, through the router: what is shown, saved, checked, put in force and restored.

use std::sync::Arc;

use axum::http::StatusCode;
use dondoc::app::App;
use dondoc::clock::Clock;
use dondoc::message::revisions;
use dondoc::people::{self, By, Hasher, NewAccount, Peer, Role};
use dondoc::web::{self, Mode, Site};
use secrecy::SecretString;

use super::text;
use crate::planned::program_in;
use crate::support::mailbox::start;
use crate::support::project::{Plan, Project};
use crate::support::reader::{Answer, Reader};

pub(super) const PAGE: &str = "/mau-tin/commune_first";
pub(super) const SHIPPED: &str = include_str!("../../../templates/messages/commune_first.md");

/// An installation after a round, and the pages over it.
pub(super) struct Press {
    pub(super) app: Arc<App>,
    project: Project,
    router: axum::Router,
}

impl Press {
    pub(super) async fn new(extra: &str) -> Self {
        Self::with(12, extra).await
    }

    async fn with(units: usize, extra: &str) -> Self {
        let project = Project::new(&Plan { units, extra: extra.to_owned(), ..Plan::default() });
        Self::after_a_round(project).await
    }

    /// Over an installation that now has its round of 31/10/2022.
    pub(super) async fn after_a_round(project: Project) -> Self {
        let press = Self::over(project).await;
        press.app.decide("2022-10-31".parse().unwrap(), false, &|_| {}).await.unwrap();
        press
    }

    /// Over an installation as it is.
    pub(super) async fn over(project: Project) -> Self {
        let app = Arc::new(program_in(&project, Clock::at(start())).await);
        let site = Site::of(&app, Mode::Daemon)
            .with_schedules(&app.config.schedules, "https://dondoc.tinh.example")
            .hashing(&Hasher::default());
        Self { router: web::router(site), app, project }
    }

    pub(super) async fn reader(&self, login: &str, role: Role, scope: Option<&str>) -> Reader {
        let scope = match scope {
            Some(code) => Some(dondoc::catalog::unit_by_code(&self.app.db, code).await.unwrap().unwrap()),
            None => None,
        };
        let password = SecretString::from("mật khẩu của từng người");
        let name = format!("Văn phòng {login}");
        let scope = scope.as_deref();
        let new = NewAccount { login, name: &name, role, scope, password: &password, must_change: false };
        let id = people::add(&self.app.db, &Hasher::default(), &new, &By::command("test"), start()).await.unwrap();
        let peer = Peer { address: "203.0.113.7".to_owned(), agent: "test".to_owned() };
        let session = people::reopen(&self.app.db, &id, &peer, start()).await.unwrap();
        let mut reader = Reader::new(&self.router);
        reader.cookies.insert("__Host-dondoc".to_owned(), session);
        reader
    }

    pub(super) async fn editor(&self) -> Reader {
        self.reader("an", Role::Editor, None).await
    }

    pub(super) async fn draft(&self) -> Option<revisions::TemplateDraft> {
        revisions::draft(&self.app.db, "commune_first.md").await.unwrap()
    }
}

/// What the form of a page knows, with `source` typed and a button pressed.
pub(super) async fn press(reader: &mut Reader, page: &Answer, source: &str, button: &str) -> Answer {
    let (draft, revision, name) = (page.field("goc-nhap"), page.field("goc-ban"), page.field("trang"));
    let fields = [
        ("goc-nhap", draft.as_str()),
        ("goc-ban", revision.as_str()),
        ("trang", name.as_str()),
        ("noi-dung", source),
        ("viec", button),
    ];
    reader.post(PAGE, &fields).await
}

pub(super) fn says(answer: &Answer, expected: &[&str]) {
    let said = text(&answer.body);
    for one in expected {
        let near = said.find("Sửa").map_or(0, |at| at);
        assert!(said.contains(one) || answer.body.contains(one), "{one}: {}", said.get(near..).unwrap_or(&said));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_says_what_each_template_is_for_and_whose_draft_there_is() {
    let press_ = Press::new("").await;
    let mut reader = press_.editor().await;
    let list = reader.get("/mau-tin").await;
    says(&list, &["Đôn đốc cấp xã, lần 1", "Chủ tịch UBND xã", "Bản gốc kèm phần mềm", "Khung của mọi thư điện tử"]);
    let page = reader.get(PAGE).await;
    let saved = press(&mut reader, &page, &SHIPPED.replace("Trân trọng", "Trân trọng cảm ơn"), "luu").await;
    assert!(saved.leads_to().starts_with("/mau-tin/commune_first?xong=luu"), "{}", saved.leads_to());
    says(&reader.get("/mau-tin").await, &["Bản nháp: Văn phòng an lưu lúc 31/10/2022 08:00"]);
    let viewer = press_.reader("xem", Role::Viewer, None).await.get(PAGE).await;
    assert!(viewer.body.contains("readonly") && !viewer.body.contains("Lưu nháp"), "{}", viewer.body);
    let log = people::list(&press_.app.db, &people::Wanted::default()).await.unwrap();
    assert!(log.iter().any(|entry| entry.deed == "template_drafted" && entry.detail == "draft 1"), "{log:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_letter_of_any_unit_in_any_situation_stands_beside_the_text() {
    let press_ = Press::new("").await;
    let mut reader = press_.editor().await;
    let first = reader.get(PAGE).await;
    says(&first, &["X000000 Xã Số 0", "UBND xã Số 0: 4 chỉ tiêu chưa đạt", "GSM-7", "tính 2 tin", "&lt;row_1&gt;"]);
    assert!(first.body.contains("<iframe sandbox title"), "{}", first.body);
    assert!(first.header("content-security-policy").contains("script-src 'self';"), "no inline script ever");
    for (unit, situation, expected) in [
        ("so 7", "third", "nhắc lần 3"),
        ("X000003", "all_met", "Chủ tịch UBND xã Số 3"),
        ("xa so 5", "no_contact", "Chủ tịch UBND xã Số 5"),
        ("xa so 5", "longest_name", "UBND xã Số 10"),
    ] {
        let query = format!("{PAGE}?don-vi={}&tinh-huong={situation}", unit.replace(' ', "+"));
        says(&reader.get(&query).await, &[expected]);
    }
    let lost = reader.get(&format!("{PAGE}?don-vi=khong+co")).await;
    says(&lost, &["Không có đơn vị nào khớp “khong co”.", "số liệu mẫu"]);
    let none = reader.get(&format!("{PAGE}?don-vi=X000001")).await;
    says(&none, &["Tên đơn vị: Xã Số 1", "{{ unit.name }}", "Bảng chỉ tiêu chưa đạt", "{% include", "_figures.md"]);
    for name in ["shell.html", "_figures", "leaders_sheet", "correction", "thanks", "superior_copy", "admin_note"] {
        let page = reader.get(&format!("/mau-tin/{name}")).await;
        assert_eq!(page.status, StatusCode::OK, "{name}");
        assert!(page.body.contains("<iframe sandbox"), "{name}: {}", text(&page.body));
    }
    assert_eq!(reader.get("/mau-tin/khong_co").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mistake_is_shown_with_its_place_and_what_was_probably_meant() {
    let press_ = Press::new("").await;
    let mut reader = press_.editor().await;
    let page = reader.get(PAGE).await;
    for (from, to, place, said) in [
        ("{{ recipient.title }}", "{{ recipient.titel }}", "Dòng 16, cột 33", "Có phải bạn muốn viết `title`?"),
        ("{% endif %}{{ sender.name }}", "{{ sender.name }}", "Dòng 37", "Mẫu viết chưa đúng"),
        (
            "Trân trọng",
            "{% if step > 5 %}{{ unit.nam }}{% endif %}",
            "Dòng 30, cột 26",
            "Có phải bạn muốn viết `name`?",
        ),
        ("_actions.md", "_action.md", "Dòng", "Không có phần `_action.md` để chèn."),
    ] {
        let broken = SHIPPED.replacen(from, to, 1);
        let seen = press(&mut reader, &page, &broken, "xem").await;
        assert_eq!(seen.status, StatusCode::OK, "{to}");
        says(&seen, &[place, said]);
        assert_eq!(press_.draft().await, None, "to look saves nothing");
    }
    let broken = SHIPPED.replace("recipient.title", "recipient.titel");
    let saved = press(&mut reader, &page, &broken, "luu").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "a broken text may be a draft");
    let page = reader.get(PAGE).await;
    let sent = press(&mut reader, &page, &broken, "gui-thu").await;
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&sent, &["Chưa gửi thử được", "Dòng 16, cột 33"]);
    let checked = press(&mut reader, &sent, &broken, "ap-dung").await;
    let confirm = reader.get(checked.leads_to()).await;
    says(&confirm, &["Chưa phù hợp", "Dòng 16, cột 33"]);
    assert!(!confirm.body.contains("Lý do, ghi vào lịch sử"), "what does not pass cannot be put in force");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_is_put_in_force_after_a_page_that_says_what_follows_and_is_restored() {
    let press_ = Press::new("").await;
    let mut reader = press_.editor().await;
    let page = reader.get(PAGE).await;
    let changed = SHIPPED.replace("Trân trọng./.", "Trân trọng, {{ sender.sms_name }}./.");
    let checked = press(&mut reader, &page, &changed, "ap-dung").await;
    assert_eq!(checked.leads_to(), "/mau-tin/commune_first/ap-dung");
    let confirm = reader.get("/mau-tin/commune_first/ap-dung").await;
    let expected = [
        "Trường thêm vào sender.sms_name",
        "Trường bỏ đi không",
        "Đơn vị có thư thay đổi 12",
        "(weekly): Thứ Hai",
        "Người thứ hai duyệt Không",
        "Áp dụng mẫu “Đôn đốc cấp xã, lần 1”",
    ];
    says(&confirm, &expected);
    let stale = reader.post("/mau-tin/commune_first/ap-dung", &[("so", "nhap"), ("nhap", "7")]).await;
    assert_eq!(stale.leads_to(), "/mau-tin/commune_first?xong=khac", "only what was confirmed is put in force");
    let confirmed = [("so", "nhap"), ("nhap", "1"), ("ghi-chu", "theo góp ý")];
    let done = reader.post("/mau-tin/commune_first/ap-dung", &confirmed).await;
    assert_eq!(done.leads_to(), "/mau-tin/commune_first?xong=ap-dung");
    let live = press_.app.templates().await.unwrap();
    assert_eq!(live.source("commune_first.md"), Some(changed.as_str()));
    says(&reader.get("/mau-tin/commune_first?xong=ap-dung").await, &["Đã áp dụng.", "bản v1, Văn phòng an"]);
    let again = reader.post("/mau-tin/commune_first/ap-dung", &confirmed).await;
    assert_eq!(again.leads_to(), "/mau-tin/commune_first?xong=khac", "pressed twice");

    let versions = reader.get("/mau-tin/commune_first/lich-su?so=0").await;
    says(&versions, &["theo góp ý", "[bỏ: trọng./.", "[thêm: trọng, {{ sender.sms_name }}./.", "Khôi phục bản gốc…"]);
    let checked = reader.post("/mau-tin/commune_first/kiem-tra", &[("so", "0"), ("tiep", "ap-dung")]).await;
    assert_eq!(checked.leads_to(), "/mau-tin/commune_first/ap-dung?so=0");
    says(&reader.get("/mau-tin/commune_first/ap-dung?so=0").await, &["Trường bỏ đi sender.sms_name"]);
    let done = reader.post("/mau-tin/commune_first/ap-dung", &[("so", "0"), ("nhap", "0")]).await;
    assert_eq!(done.leads_to(), "/mau-tin/commune_first?xong=khoi-phuc");
    says(&reader.get("/mau-tin/commune_first/lich-su").await, &["Bản v2 · đang áp dụng", "khôi phục từ bản gốc"]);
    let live = press_.app.templates().await.unwrap();
    assert_eq!(live.source("commune_first.md"), Some(SHIPPED));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_overwrites_what_somebody_else_saved_unawares() {
    let press_ = Press::new("").await;
    let (mut an, mut lan) = (press_.editor().await, press_.reader("lan", Role::Editor, None).await);
    let (page, other) = (an.get(PAGE).await, lan.get(PAGE).await);
    let (one, two) = (SHIPPED.replace("Trân trọng", "Kính thư"), SHIPPED.replace("Trân trọng", "Thân ái"));
    assert_eq!(press(&mut lan, &other, &two, "luu").await.status, StatusCode::SEE_OTHER);
    let refused = press(&mut an, &page, &one, "luu").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    says(&refused, &["Chưa lưu: trong lúc bạn soạn", "Bản nháp của Văn phòng lan", "[bỏ: Thân", "[thêm: Kính"]);
    assert!(refused.body.contains("Kính thư./."), "what was typed is kept");
    assert_eq!(press_.draft().await.unwrap().source, two);
    assert_eq!(press(&mut an, &refused, &one, "luu").await.status, StatusCode::SEE_OTHER, "seen, and pressed again");
    assert_eq!(press_.draft().await.unwrap().source, one);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_is_saved_by_itself_and_takes_the_place_of_the_save_before() {
    let press_ = Press::new("").await;
    let (mut an, mut lan) = (press_.editor().await, press_.reader("lan", Role::Editor, None).await);
    let (page, other) = (an.get(PAGE).await, lan.get(PAGE).await);
    let keep = async |reader: &mut Reader, known: &Answer, name: &str, source: &str| {
        let (draft, revision) = (known.field("goc-nhap"), known.field("goc-ban"));
        let fields =
            [("goc-nhap", draft.as_str()), ("goc-ban", revision.as_str()), ("trang", name), ("noi-dung", source)];
        reader.post("/mau-tin/commune_first/tu-luu", &fields).await
    };
    let (mine, hers) = (page.field("trang"), other.field("trang"));
    assert_ne!(mine, hers);
    let untouched = keep(&mut an, &page, &mine, SHIPPED).await;
    says(&untouched, &["chưa có gì để lưu"]);
    assert_eq!(press_.draft().await, None);
    let mut known = page;
    for word in ["một", "hai", "ba"] {
        known = keep(&mut an, &known, &mine, &SHIPPED.replace("Trân trọng", word)).await;
        says(&known, &["Đã tự lưu bản nháp lúc 08:00."]);
    }
    assert_eq!(known.field("goc-nhap"), "3");
    let log = people::list(&press_.app.db, &people::Wanted::default()).await.unwrap();
    assert_eq!(log.iter().filter(|entry| entry.deed == "template_drafted").count(), 1, "told of when it began");
    let refused = keep(&mut lan, &other, &hers, &SHIPPED.replace("Trân trọng", "bốn")).await;
    says(&refused, &["Chưa tự lưu: người khác vừa lưu"]);
    assert!(press_.draft().await.unwrap().source.contains("ba./."), "nothing of the first writer is lost");
    // The answer to a save by itself may be late: the page that made it is believed.
    let stale = keep(&mut an, &page_with(&known, "2"), &mine, &SHIPPED.replace("Trân trọng", "năm")).await;
    says(&stale, &["Đã tự lưu"]);
    assert!(press_.draft().await.unwrap().source.contains("năm./."));
}

/// The same answer with an older number of its draft.
fn page_with(answer: &Answer, draft: &str) -> Answer {
    let now = format!("name=\"goc-nhap\" value=\"{}\"", answer.field("goc-nhap"));
    let body = answer.body.replace(&now, &format!("name=\"goc-nhap\" value=\"{draft}\""));
    Answer { status: answer.status, headers: answer.headers.clone(), bytes: body.clone().into_bytes(), body }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_letter_stays_in_the_built_in_mailbox() {
    let press_ = Press::new("").await;
    let mut reader = press_.editor().await;
    let before = dondoc::outbox::tally(&press_.app.db, None).await.unwrap();
    let page = reader.get(PAGE).await;
    let sent = press(&mut reader, &page, SHIPPED, "gui-thu").await;
    let next = sent.leads_to().to_owned();
    says(&reader.get(&next).await, &["Không thư nào được gửi ra ngoài.", "Xem thư thử"]);
    let id = next.split("thu=").nth(1).unwrap().split('&').next().unwrap();
    let letter = reader.get(&format!("/hop-thu-thu/{id}")).await;
    says(&letter, &["[THỬ] UBND xã Số 0", "a***@hop-thu-thu.invalid"]);
    assert!(!letter.body.contains("ubnd@xa0.example"), "the head is not written to");
    assert_eq!(dondoc::outbox::tally(&press_.app.db, None).await.unwrap(), before, "nothing is on its way");
    let log = people::list(&press_.app.db, &people::Wanted::default()).await.unwrap();
    assert!(log.iter().any(|entry| entry.deed == "test_letter_sent"), "{log:?}");
    assert_eq!(press_.draft().await, None, "the text in force is no draft");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_changed_is_told_of() {
    let project_folder = "[messages]\nfolder = \"mau\"\n";
    let project = Project::new(&Plan { units: 3, extra: project_folder.to_owned(), ..Plan::default() });
    project.write("mau/commune_first.md", SHIPPED);
    let press_ = Press::over(project).await;
    let mut reader = press_.editor().await;
    let page = reader.get(PAGE).await;
    assert!(!page.body.contains("Tệp của mẫu này trên máy chủ đã đổi"), "{}", text(&page.body));
    says(&page, &["Chưa có đợt số liệu nào, nên đang xem bằng số liệu mẫu."]);
    press(&mut reader, &page, &SHIPPED.replace("Trân trọng", "Kính thư"), "luu").await;
    press_.project.write("mau/commune_first.md", &SHIPPED.replace("Trân trọng", "Trân trọng cảm ơn"));
    says(&reader.get(PAGE).await, &["Tệp của mẫu này trên máy chủ đã đổi sau khi chương trình khởi động."]);
    // The next start reads it.
    let again = Project::run(&press_.project, &["template", "list", "--format", "json"]);
    assert!(again.out.contains("\"file\""), "{}", again.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_of_a_unit_sees_its_letters_and_changes_nothing() {
    let press_ = Press::new("").await;
    let mut reader = press_.reader("xa", Role::Editor, Some("X000004")).await;
    let page = reader.get(&format!("{PAGE}?don-vi=X000003")).await;
    says(&page, &["Không có đơn vị nào khớp “X000003”.", "Mẫu tin dùng chung cho cả tỉnh"]);
    assert!(!page.body.contains("Xã Số 3") && page.body.contains("X000004 Xã Số 4"), "{}", text(&page.body));
    let fields = [("goc-nhap", "0"), ("goc-ban", "0"), ("noi-dung", "x"), ("viec", "luu")];
    assert_eq!(reader.post(PAGE, &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(press_.draft().await, None);
    for path in ["/ap-dung", "/bo", "/kiem-tra"] {
        let answer = reader.post(&format!("{PAGE}{path}"), &[("so", "0")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_text_ends_its_worker_and_nothing_else() {
    let press_ = Press::new("").await;
    let mut reader = press_.editor().await;
    let page = reader.get(PAGE).await;
    let deep = "{% for a in range(end=1000) %}".repeat(3) + "x" + &"{% endfor %}".repeat(3);
    let seen = press(&mut reader, &page, &SHIPPED.replace("Trân trọng", &deep), "xem").await;
    assert_eq!(seen.status, StatusCode::OK);
    says(&seen, &["quá"]);
    let well = press(&mut reader, &page, SHIPPED, "xem").await;
    says(&well, &["UBND xã Số 0: 4 chỉ tiêu chưa đạt"]);
    let long = press(&mut reader, &page, &"a".repeat(70_000), "luu").await;
    assert!(matches!(long.status, StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST), "{}", long.status);
    let script = SHIPPED.replace("Trân trọng", "<script>alert(1)</script>\"><img src=x onerror=alert(1)>");
    let shown = press(&mut reader, &page, &script, "xem").await;
    assert!(!shown.body.contains("<script>alert") && !shown.body.contains("<img src=x"), "{}", shown.body);
}
