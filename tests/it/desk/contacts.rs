//! Danh bạ: the list with its problems, a unit's offices, a file from upload to undo, and the desk where names are matched.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::Engine as _;
use dondoc::app::{App, directory};
use dondoc::catalog::contact_sheet::Memory;
use dondoc::catalog::directory::Directory;
use dondoc::clock::Clock;
use dondoc::people::{self, By, Hasher, NewAccount, Peer, Role, Wanted};
use dondoc::web::{self, Mode, Site};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use super::text;
use crate::contacts::{book, fill};
use crate::planned::program_in;
use crate::support::browser::Browser;
use crate::support::mailbox::start;
use crate::support::project::{Plan, Project, code};
use crate::support::reader::Reader;

/// An installation with a dozen communes, and its pages.
pub(super) struct Desk {
    app: Arc<App>,
    pub(super) site: Site,
    router: axum::Router,
    _project: Project,
}

impl Desk {
    pub(super) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(prepare: impl FnOnce(&Project)) -> Self {
        let project = Project::new(&Plan { units: 12, ..Plan::default() });
        assert_eq!(project.run(&["migrate"]).code, 0);
        assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
        prepare(&project);
        let app = Arc::new(program_in(&project, Clock::at(start())).await);
        let site = Site::of(&app, Mode::Daemon);
        Self { router: web::router(site.clone()), site, app, _project: project }
    }

    /// The session of somebody with this role, who sees all units or the one with this code.
    pub(super) async fn session(&self, role: Role, scope: Option<&str>) -> String {
        let scope = match scope {
            Some(code) => dondoc::catalog::unit_by_code(&self.app.db, code).await.unwrap(),
            None => None,
        };
        let login = format!("{}.{}", role.word(), scope.is_some());
        let password = SecretString::from("mật khẩu của từng người");
        let (name, must_change) = ("Chánh Văn phòng", false);
        let new = NewAccount { login: &login, name, role, scope: scope.as_deref(), password: &password, must_change };
        let id = people::add(&self.app.db, &Hasher::default(), &new, &By::command("test"), start()).await.unwrap();
        let peer = Peer { address: "203.0.113.7".to_owned(), agent: "test".to_owned() };
        people::reopen(&self.app.db, &id, &peer, start()).await.unwrap()
    }

    pub(super) async fn reader(&self, role: Role, scope: Option<&str>) -> Reader {
        let mut reader = Reader::new(&self.router);
        reader.cookies.insert("dondoc-plain".to_owned(), self.session(role, scope).await);
        reader
    }

    /// A phone's browser in which an administrator is signed in, where the pages are, and what ends them.
    pub(super) async fn on_a_phone(&self) -> (Browser, String, CancellationToken) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        tokio::spawn(web::serve(listener, self.site.clone(), stop.clone()));
        let session = self.session(Role::Admin, None).await;
        let mut browser = Browser::open();
        browser.size(360, 800);
        browser.cookie(&origin, "dondoc-plain", &session);
        browser.cookie(&origin, "dondoc-tongue", "vi");
        (browser, origin, stop)
    }

    async fn deeds(&self) -> Vec<(String, String, String)> {
        let entries = people::list(&self.app.db, &Wanted::default()).await.unwrap();
        let contacts =
            entries.into_iter().filter(|entry| entry.deed.contains("contact") || entry.deed.contains("name_"));
        contacts.map(|entry| (entry.deed, entry.subject, entry.detail)).collect()
    }
}

/// No page is wider than its window, whatever that is.
pub(super) fn narrow(browser: &mut Browser, page: &str) {
    for (width, dark) in [(320, true), (1280, false), (360, false)] {
        browser.size(width, 800);
        browser.dark(dark);
        let wide = browser.ask("document.documentElement.scrollWidth").as_u64().unwrap();
        assert!(wide <= u64::from(width), "{page} is {wide} wide at {width}");
    }
}

/// What the page says.
pub(super) fn said(browser: &mut Browser) -> String {
    browser.ask("document.body.innerText").as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_masks_addresses_for_who_only_looks_and_finds_by_letters_without_marks() {
    let desk = Desk::new().await;
    let mut viewer = desk.reader(Role::Viewer, None).await;
    let page = viewer.get("/danh-ba").await;
    assert_eq!(page.status, StatusCode::OK);
    let shown = text(&page.body);
    assert!(shown.contains("13 đơn vị") && shown.contains("u***@xa3.example"), "{shown}");
    assert!(!page.body.contains("ubnd@xa3.example") && !page.body.contains("0900 000 003"), "{}", page.body);
    assert!(!shown.contains("Nhập từ tệp"), "{shown}");
    let hidden = text(&viewer.get("/danh-ba?q=ubnd@xa3").await.body);
    assert!(hidden.contains("Không có đơn vị nào khớp"), "what is masked is not searched: {hidden}");

    let mut editor = desk.reader(Role::Editor, None).await;
    let shown = text(&editor.get("/danh-ba").await.body);
    assert!(shown.contains("ubnd@xa3.example") && shown.contains("Nhập từ tệp"), "{shown}");
    let found = text(&editor.get("/danh-ba?q=chu+tich+ubnd+xa+so+7").await.body);
    assert!(found.contains("Xã Số 7") && !found.contains("Xã Số 8"), "{found}");
    let other = text(&editor.get("/danh-ba?loai=tinh").await.body);
    assert!(other.contains("Trung tâm CNTT&#38;TT") || other.contains("Trung tâm CNTT&TT"), "{other}");
    assert!(!other.contains("Xã Số 7"), "{other}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn problems_are_counted_and_lead_to_those_who_have_them() {
    let desk = Desk::with(|project| {
        let contacts = project.read("pack/contacts.csv");
        let contacts = contacts.replace("ubnd@xa1.example,0900 000 001", ",");
        let contacts = contacts.replace("ubnd@xa2.example", "ubnd@xa3.example").replace("0900 000 004", "01680000004");
        project.write("pack/contacts.csv", &contacts);
        assert_eq!(project.run(&["catalog", "import", "pack", "--yes"]).code, 0);
    })
    .await;
    let mut editor = desk.reader(Role::Editor, None).await;
    let page = text(&editor.get("/danh-ba").await.body);
    for chip in ["1 không ai nhận", "2 trùng địa chỉ", "1 số 11 chữ số", "12 không phải .gov.vn"] {
        assert!(page.contains(chip), "{chip}: {page}");
    }
    let none = text(&editor.get("/danh-ba?van-de=khong-nguoi-nhan").await.body);
    assert!(none.contains("Xã Số 1 ") && !none.contains("Xã Số 2 "), "{none}");
    let shared = text(&editor.get("/danh-ba?van-de=trung-dia-chi").await.body);
    assert!(shared.contains("Xã Số 2 ") && shared.contains("Xã Số 3 ") && !shared.contains("Xã Số 4 "), "{shared}");
    let mut commune = desk.reader(Role::Editor, Some(&code(1))).await;
    let own = text(&commune.get("/danh-ba").await.body);
    assert!(own.contains("1 đơn vị") && own.contains("1 không ai nhận") && !own.contains("trùng địa chỉ"), "{own}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_office_is_changed_by_a_form_and_keeps_what_it_was() {
    let desk = Desk::new().await;
    let mut editor = desk.reader(Role::Editor, None).await;
    let path = format!("/danh-ba/don-vi/{}", code(3));
    let base = [("vai-tro", "head"), ("viec", "giu"), ("title", ""), ("phone", "0900 000 003")];
    let wrong =
        editor.post(&path, &[&base[..], &[("email", "moi@gmail,com"), ("person", "Người nhận thử")]].concat()).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = text(&wrong.body);
    assert!(shown.contains("có dấu phẩy") && shown.contains("Gợi ý: moi@gmail.com"), "{shown}");
    assert!(wrong.body.contains("value=\"Người nhận thử\"") && wrong.body.contains("value=\"moi@gmail,com\""));
    assert!(wrong.body.contains("aria-invalid=\"true\""), "{}", wrong.body);

    let done = editor.post(&path, &[&base[..], &[("email", "moi@xa3.example")]].concat()).await;
    let next = done.leads_to().to_owned();
    let page = text(&editor.get(&next).await.body);
    assert!(page.contains("Đã ghi vào danh bạ.") && page.contains("moi@xa3.example"), "{page}");
    assert!(page.contains("đến 30/10/2022") && page.contains("ubnd@xa3.example"), "what was stays: {page}");
    let ended = editor.post(&path, &[("vai-tro", "head"), ("viec", "ket-thuc"), ("ngay-cuoi", "2022-10-30")]).await;
    ended.leads_to();
    let page = text(&editor.get(&path).await.body);
    assert!(page.contains("không ai nhận") && page.contains("Chưa có ai giữ vai trò này"), "{page}");
    let no_day = editor.post(&path, &[("vai-tro", "deputy"), ("viec", "ket-thuc"), ("ngay-cuoi", "mai")]).await;
    assert_eq!(no_day.status, StatusCode::UNPROCESSABLE_ENTITY);
    let deeds = desk.deeds().await;
    let subject = format!("contact/{}/head", code(3));
    assert_eq!(deeds.iter().map(|deed| deed.0.as_str()).collect::<Vec<_>>(), ["contact_ended", "contact_changed"]);
    assert!(deeds.iter().all(|deed| deed.1 == subject && !deed.2.contains('@')), "{deeds:?}");

    let mut commune = desk.reader(Role::Editor, Some(&code(1))).await;
    assert_eq!(commune.get(&path).await.status, StatusCode::NOT_FOUND);
    let foreign = commune.post(&path, &[&base[..], &[("email", "x@xa3.example")]].concat()).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND, "what he may not see he may not change");
}

fn sheet() -> Vec<u8> {
    book(|sheet| {
        fill(sheet, 0, &[&["Mã đơn vị", "Chức vụ", "Họ và tên", "Email", "Di động"]]);
        fill(sheet, 1, &[&[&code(1), "Chủ tịch", "", "moi@gmail,com", "0900 000 001"]]);
        fill(sheet, 2, &[&[&code(2), "Phó Chủ tịch", "", "pho@xa2.example", "01680000002"]]);
        fill(sheet, 3, &[&["X999999", "Chủ tịch", "", "la@xa9.example", ""]]);
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_brought_mended_tried_written_and_taken_back() {
    let desk = Desk::new().await;
    let before = Directory::load(&desk.app.db).await.unwrap().contacts;
    let mut editor = desk.reader(Role::Editor, None).await;
    let brought = editor.bring("/danh-ba/nhap", "tep", "danh-ba.xlsx", &sheet()).await;
    let path = brought.leads_to().to_owned();
    let page = editor.get(&path).await;
    let shown = text(&page.body);
    for expected in
        ["3 ô sai ở 3 dòng", "D2 · Email", "có dấu phẩy", "E3 · Di động", "11 chữ số", "không có đơn vị “X999999”"]
    {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert!(page.body.contains("name=\"o.2.3\" value=\"moi@gmail.com\""), "the suggestion is filled in: {}", page.body);
    assert!(!shown.contains("Ghi: thêm"), "nothing is written while a cell is wrong: {shown}");
    let early = editor.post(&format!("{path}/ghi"), &[("them", "1"), ("sua", "1"), ("ngung", "0")]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    let marked = editor.get(&format!("{path}/danh-dau.xlsx")).await;
    assert!(marked.bytes.starts_with(b"PK") && marked.header("content-disposition").contains("danh-dau"));

    let cells = [("o.2.3", "moi@xa1.example"), ("o.3.4", "0380000002"), ("o.4.0", "X999999"), ("bo", "4")];
    let mended = editor.post(&format!("{path}/o"), &cells).await;
    assert_eq!(mended.leads_to(), format!("{path}#xem-truoc"));
    let shown = text(&editor.get(&path).await.body);
    for expected in
        ["Không có ô nào sai", "thêm 1 · sửa 1 · ngừng 0", "ubnd@xa1.example moi@xa1.example", "Ghi: thêm 1"]
    {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    editor.post(&format!("{path}/cot"), &[("viec", "toan-bo"), ("toan-bo", "co")]).await.leads_to();
    let shown = text(&editor.get(&path).await.body);
    assert!(shown.contains("thêm 1 · sửa 1 · ngừng 12"), "{shown}");
    let stale = editor.post(&format!("{path}/ghi"), &[("them", "1"), ("sua", "1"), ("ngung", "0")]).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY, "only what was seen is written");
    editor.post(&format!("{path}/cot"), &[("viec", "toan-bo")]).await.leads_to();
    let written = editor.post(&format!("{path}/ghi"), &[("them", "1"), ("sua", "1"), ("ngung", "0")]).await;
    assert_eq!(written.leads_to(), "/danh-ba/nhap?xong=import_written");
    assert_eq!(editor.get(&path).await.status, StatusCode::NOT_FOUND, "it waits no more");

    let list = text(&editor.get("/danh-ba/nhap").await.body);
    assert!(list.contains("danh-ba.xlsx · đã ghi · thêm 1 · sửa 1 · ngừng 0") && list.contains("Hoàn tác"), "{list}");
    let mut other = desk.reader(Role::Editor, Some(&code(1))).await;
    assert_eq!(other.post(&format!("{path}/hoan-tac"), &[]).await.status, StatusCode::NOT_FOUND);
    assert!(!other.get("/danh-ba/nhap").await.body.contains("danh-ba.xlsx"));
    let undone = editor.post(&format!("{path}/hoan-tac"), &[]).await;
    assert_eq!(undone.leads_to(), "/danh-ba/nhap?xong=import_undone");
    assert_eq!(Directory::load(&desk.app.db).await.unwrap().contacts, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_was_changed_since_is_not_taken_back_and_says_by_whom_it_stands() {
    let desk = Desk::new().await;
    let mut editor = desk.reader(Role::Editor, None).await;
    let bytes = format!("Mã đơn vị,Chức vụ,Email\n{},Chủ tịch,moi@xa1.example\n", code(1));
    let path = editor.bring("/danh-ba/nhap", "tep", "a.csv", bytes.as_bytes()).await.leads_to().to_owned();
    editor.post(&format!("{path}/ghi"), &[("them", "0"), ("sua", "1"), ("ngung", "0")]).await.leads_to();
    let later = [("vai-tro", "head"), ("viec", "giu"), ("email", "sau@xa1.example")];
    editor.post(&format!("/danh-ba/don-vi/{}", code(1)), &later).await.leads_to();
    let refused = editor.post(&format!("{path}/hoan-tac"), &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = text(&refused.body);
    assert!(shown.contains("1 đầu mối đã được sửa sau khi nhập (Xã Số 1 (người đứng đầu))"), "{shown}");
    for (name, bytes, said) in [
        ("a.pdf", &b"%PDF-1.7 x"[..], "Đây là tệp PDF"),
        ("a.bin", &b"\x00\x01\x02\x03"[..], "không phải tệp Excel"),
        ("", b"", "Chọn tệp"),
    ] {
        let refused = editor.bring("/danh-ba/nhap", "tep", name, bytes).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(refused.body.contains(said), "{said}: {}", text(&refused.body));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_contacts_speak_english_to_who_chose_it_and_name_each_wrong_cell() {
    let desk = Desk::new().await;
    let mut editor = desk.reader(Role::Editor, None).await;
    editor.cookies.insert("dondoc-tongue".to_owned(), "en".to_owned());
    let list = text(&editor.get("/danh-ba").await.body);
    for expected in ["Units: 13 · contacts: 13", "13 not under .gov.vn", "Import from a file", "Held by"] {
        assert!(list.contains(expected), "{expected}: {list}");
    }
    let path = format!("/danh-ba/don-vi/{}", code(3));
    let wrong = [("vai-tro", "head"), ("viec", "giu"), ("email", "moi@gmail,com"), ("phone", "0900 000 003")];
    let refused = text(&editor.post(&path, &wrong).await.body);
    assert!(
        refused.contains("has a comma. Write a point in place of the comma. Suggested: moi@gmail.com"),
        "{refused}"
    );
    let brought = editor.bring("/danh-ba/nhap", "tep", "danh-ba.xlsx", &sheet()).await.leads_to().to_owned();
    let page = text(&editor.get(&brought).await.body);
    for expected in
        ["Wrong cells: 3, in 3 rows.", "D2 · Email", "has a comma", "E3 · Di động", "of 11 digits", "no unit “X999999”"]
    {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let marked = editor.get(&format!("{brought}/danh-dau.xlsx")).await;
    let known = Memory::default();
    let (sheet, _) = directory::read_sheet(&desk.app.program, &marked.bytes, &known).await.unwrap();
    assert_eq!(sheet.name, "Marked");
    let names = text(&editor.get("/doi-chieu").await.body);
    assert!(names.contains("Match unit names") && names.contains("No name is left to match"), "{names}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_taken_out_as_a_file_of_what_one_may_see_and_that_is_written_down() {
    let desk = Desk::new().await;
    let mut commune = desk.reader(Role::Editor, Some(&code(1))).await;
    let file = commune.post("/danh-ba/tep", &[("kieu", "csv")]).await;
    assert!(file.bytes.starts_with("\u{feff}Mã đơn vị,Tên đơn vị".as_bytes()), "{}", file.body);
    assert!(file.body.contains("ubnd@xa1.example") && !file.body.contains("ubnd@xa2.example"), "{}", file.body);
    let mut editor = desk.reader(Role::Editor, None).await;
    for path in ["/danh-ba/mau.xlsx", "/danh-ba/tep"] {
        let file = if path.ends_with("tep") { editor.post(path, &[]).await } else { editor.get(path).await };
        assert!(file.bytes.starts_with(b"PK") && file.header("content-type").contains("spreadsheetml"), "{path}");
    }
    let exported: Vec<_> = desk.deeds().await.into_iter().map(|deed| (deed.0, deed.2)).collect();
    let deed = |count: &str| ("contacts_exported".to_owned(), format!("contacts={count}"));
    assert_eq!(exported, [deed("13"), deed("1")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_nobody_knows_is_matched_and_taken_back() {
    let desk = Desk::with(|project| {
        let figures = project.read("figures.csv").replace(&code(2), "X2-CU");
        project.write("figures.csv", &figures);
        let done = project.run(&["run", "--as-of", "2022-10-31"]);
        assert!(matches!(done.code, 0 | 4), "{}", done.err);
    })
    .await;
    let mut editor = desk.reader(Role::Editor, None).await;
    let page = text(&editor.get("/doi-chieu").await.body);
    assert!(page.contains("X2-CU") && page.contains("danh bạ không có đơn vị tên này"), "{page}");
    let nothing = editor.post("/doi-chieu", &[("ten", "X2-CU"), ("ngay", "2022-10-31")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unknown = editor.post("/doi-chieu", &[("ten", "X2-CU"), ("ma-khac", "Y1")]).await;
    assert!(text(&unknown.body).contains("Không có đơn vị nào mang mã này"));
    let typed = format!("{} · Xã Số 2", code(2));
    let form = [("ten", "X2-CU"), ("ngay", "2022-10-31"), ("ma-khac", typed.as_str())];
    let next = editor.post("/doi-chieu", &form).await.leads_to().to_owned();
    let page = text(&editor.get(&next).await.body);
    assert!(page.contains("Không còn tên nào phải đối chiếu") && page.contains("X2-CU là Xã Số 2"), "{page}");
    editor.post("/doi-chieu/bo", &[("ten", "x2-cu")]).await.leads_to();
    assert!(text(&editor.get("/doi-chieu").await.body).contains("danh bạ không có đơn vị tên này"));
    let deeds: Vec<String> = desk.deeds().await.into_iter().map(|deed| deed.0).collect();
    assert_eq!(deeds, ["name_unmatched", "name_matched"]);
    let mut commune = desk.reader(Role::Editor, Some(&code(1))).await;
    assert_eq!(commune.get("/doi-chieu").await.status, StatusCode::NOT_FOUND, "names are the whole province's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_brought_mended_and_written_in_a_browser_on_a_phone() {
    let desk = Desk::new().await;
    let (mut browser, origin, stop) = desk.on_a_phone().await;
    let at = |path: &str| format!("{origin}{path}");
    for page in ["/danh-ba", "/danh-ba/don-vi/X000001", "/doi-chieu"] {
        browser.visit(&at(page));
        browser.ask("document.querySelectorAll('details').forEach(one => { one.open = true })");
        narrow(&mut browser, page);
    }
    browser.visit(&at("/danh-ba/nhap"));
    narrow(&mut browser, "/danh-ba/nhap");
    let bytes = base64::engine::general_purpose::STANDARD.encode(sheet());
    browser.ask(&format!(
        "(() => {{ const bytes = Uint8Array.from(atob('{bytes}'), one => one.charCodeAt(0)), chosen = new DataTransfer();
            chosen.items.add(new File([bytes], 'danh-ba.xlsx')); document.getElementById('tep').files = chosen.files }})()"
    ));
    browser.press("document.querySelector('main form button').click()");
    let page = said(&mut browser);
    assert!(page.contains("3 ô sai ở 3 dòng"), "{page}");
    browser.ask("document.querySelectorAll('details').forEach(one => { one.open = true })");
    narrow(&mut browser, "errors");
    browser.ask("document.querySelector('input[name=bo][value=\"4\"]').click()");
    browser.press("document.querySelector('form[action$=\"/o\"] > button').click()");
    let page = said(&mut browser);
    assert!(page.contains("Không có ô nào sai") && page.contains("thêm 1 · sửa 1 · ngừng 0"), "{page}");
    narrow(&mut browser, "preview");
    browser.press("document.querySelector('form[action$=\"/ghi\"] button').click()");
    assert!(said(&mut browser).contains("Có thể hoàn tác trong 24 giờ"));
    browser.press("document.querySelector('form[action$=\"/hoan-tac\"] button').click()");
    assert!(said(&mut browser).contains("Danh bạ trở lại như trước khi nhập"));
    assert_eq!(browser.complaints, Vec::<String>::new());
    stop.cancel();
}
