//! The pages in a real browser: every one of them rendered, narrow, dark, by keyboard alone, on paper.

mod keyboard;
mod languages;
mod light;
mod moving;
mod paper;
mod pictures;
mod sign_in;
mod vendor;
mod walk;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::Engine as _;
use chrono::TimeDelta;
use dondoc::app::{self, App, Asked, directory};
use dondoc::channel::{self, Parcel};
use dondoc::clock::Clock;
use dondoc::config;
use dondoc::db::{Db, Durability};
use dondoc::outbox;
use dondoc::people::{self, By, Hasher, NewAccount, Peer, Role};
use dondoc::reply;
use dondoc::seal::Keys;
use dondoc::web::{self, Mode, Site};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::answers;
use crate::support::browser::Browser;
use crate::support::mailbox::{STRIPE, capture, parcel, start};
use crate::support::reader::Reader;
use crate::support::rounds;

/// The pages on a port of this machine, with some mail in the box.
struct Open {
    address: SocketAddr,
    parcels: Vec<Parcel>,
    /// A letter of the round, as the program writes it.
    written: Uuid,
    /// The link in a letter.
    letter: String,
    /// An account beside that of whoever looks.
    other: String,
    /// An entry of the outbox.
    entry: String,
    /// A sheet of contacts that waits, with a cell that must be mended.
    import: String,
    /// What the administrator's cookie holds.
    session: String,
    router: axum::Router,
    stop: CancellationToken,
    app: Arc<App>,
    _folder: tempfile::TempDir,
}

/// What differs from the shipped configuration: the batch approves itself, and no hour is quiet.
const LAID_OVER: [(&str, &str); 3] = [
    ("DONDOC__SAFETY__APPROVAL", "never"),
    ("DONDOC__SAFETY__MAX_NEWLY_BELOW_PERCENT", "100"),
    ("DONDOC__POLICY__QUIET_HOURS", ""),
];

/// An installation on the sample after its first round, as a demonstration has it.
async fn installation() -> (Arc<App>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let sample = folder.path().join("samples/bac-giang-2022");
    std::fs::create_dir_all(&sample).unwrap();
    for file in Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bac-giang-2022").read_dir().unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), sample.join(file.file_name())).unwrap();
    }
    let laid_over = LAID_OVER.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (config, _) = config::shipped(folder.path(), &laid_over).unwrap();
    std::fs::create_dir_all(folder.path().join("var")).unwrap();
    let clock = Clock::at(start() - TimeDelta::hours(1));
    let mut app = App::open(config, clock.clone(), app::Role::Worker, Durability::ThrowAway).await.unwrap();
    app.program = env!("CARGO_BIN_EXE_dondoc").into();
    let asked = Asked { as_of: answers::as_of(), dry_run: false, stop: CancellationToken::new(), progress: &|_| {} };
    app.round(&asked).await.unwrap();
    clock.advance(Duration::from_hours(1));
    (Arc::new(app), folder)
}

impl Open {
    /// With two further rounds, in which every standing occurs, and letters that are hard to show.
    async fn new(mode: Mode) -> Self {
        let (app, folder) = installation().await;
        rounds::two_rounds(&app.db).await;
        let written = channel::captured(&app.db, 1, 0).await.unwrap()[0].id;
        let long = "Đôn đốc: Sở Nông nghiệp và Phát triển nông thôn còn 3 chỉ tiêu chưa đạt đến 31/10/2022";
        let parcels = vec![
            parcel("SCT", "giamdoc@sct.bacgiang.example", "Đôn đốc: Sở Công Thương còn 2 chỉ tiêu chưa đạt"),
            parcel("SNNPTNT", "giamdoc@snnptnt.bacgiang.example", long),
            parcel("07201", &format!("{}@xa.example", "mot-dia-chi-rat-dai".repeat(4)), &"x".repeat(120)),
        ];
        capture(&app.db, &parcels).await;
        Self::over(app, folder, written, parcels, mode).await
    }

    /// As the demonstration is, and no more.
    async fn demonstrated() -> Self {
        let (app, folder) = installation().await;
        let written = channel::captured(&app.db, 1, 0).await.unwrap()[0].id;
        Self::over(app, folder, written, Vec::new(), Mode::Daemon).await
    }

    async fn over(app: Arc<App>, folder: tempfile::TempDir, written: Uuid, parcels: Vec<Parcel>, mode: Mode) -> Self {
        let recipient = answers::recipient(&app.db).await;
        let letter = answers::link(&app.db, answers::KEY, &recipient, &answers::INDICATORS, answers::as_of()).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let keys = Keys::of(&SecretString::from("SEAL-KEY-0123456789abcdef0123456789abcdef"));
        let site = Site::of(&app, mode).answering(&answers::settings(answers::KEY)).with_people(&keys, &[]);
        let stop = CancellationToken::new();
        let router = web::router(site.clone());
        tokio::spawn(web::serve(listener, site, stop.clone()));
        let (other, session, entry, import) = (String::new(), String::new(), String::new(), String::new());
        Self { address, parcels, written, letter, other, session, entry, import, router, stop, app, _folder: folder }
    }

    /// The same with two people and a token; the browser is signed in as the administrator.
    async fn with_people(mut self, browser: &mut Browser) -> Self {
        let (db, now, by) = (&self.app.db, start(), By::command("test"));
        let other = "Văn thư Ủy ban nhân dân xã có tên rất dài để xem trang có bị tràn không";
        let (admin, other) =
            (account("quan.tri", "Chánh Văn phòng", Role::Admin), account("xa.an", other, Role::Viewer));
        let hasher = Hasher::default();
        let admin = people::add(db, &hasher, &admin, &by, now).await.unwrap();
        let other = people::add(db, &hasher, &other, &by, now).await.unwrap();
        people::add_token(db, ("Trung tâm điều hành", Role::Viewer, None), &by, now).await.unwrap();
        let peer = Peer { address: "127.0.0.1".to_owned(), agent: "test".to_owned() };
        let session = people::reopen(db, &admin, &peer, now).await.unwrap();
        browser.cookie(&self.at("/"), "dondoc-plain", &session);
        browser.cookie(&self.at("/"), "dondoc-tongue", "vi");
        let sheet = "Mã đơn vị,Chức vụ,Email\n07222,Chủ tịch,\"a@gmail,com\"\nSCT,Giám đốc,giamdoc@sct.example\n";
        let (sheet, layout) =
            directory::read_sheet(&self.app.program, sheet.as_bytes(), &BTreeMap::new()).await.unwrap();
        let by = By::account(&admin, "127.0.0.1");
        self.import = directory::bring(db, "danh bạ.csv", (&sheet, &layout), &by, now).await.unwrap();
        let entries = outbox::list(db, &outbox::Filter::default()).await.unwrap();
        self.entry.clone_from(&entries[0].id);
        bounced(db, entries[entries.len() - 1].id.clone()).await;
        self.other = other;
        self.session = session;
        self
    }

    fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What is behind the path for the administrator, by an address that holds all of it.
    async fn copy(&self, path: &str) -> String {
        let mut reader = Reader::at(&self.router, "127.0.0.1");
        reader.cookies.insert("dondoc-plain".to_owned(), self.session.clone());
        let bytes = reader.get(path).await.bytes;
        format!("data:text/html;base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes))
    }

    /// The path of a mail.
    fn mail(&self, place: usize) -> String {
        format!("/hop-thu-thu/{}", self.parcels[place].id)
    }
}

/// A message comes back: a task for staff.
async fn bounced(db: &Db, entry_id: String) {
    let (now, detail) = (start(), "5.1.1 unknown user".to_owned());
    let said = outbox::Told { entry_id, fact: outbox::Fact::Bounced, at: now, said_by: "mailbox".to_owned(), detail };
    let mut work = db.begin().await.unwrap();
    outbox::note_receipt(&mut work, &said, now).await.unwrap();
    reply::take_bounces(&mut work).await.unwrap();
    work.commit().await.unwrap();
}

/// The password of every account.
static PASSWORD: LazyLock<SecretString> = LazyLock::new(|| SecretString::from("mật khẩu của từng người"));

fn account<'a>(login: &'a str, name: &'a str, role: Role) -> NewAccount<'a> {
    NewAccount { login, name, role, scope: None, password: &PASSWORD, must_change: false }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// How many points of a picture have the colour, and how many colours there are. The browser reads its own picture.
fn colours(browser: &mut Browser, picture: &str, colour: [u8; 3]) -> (u64, u64) {
    browser.visit("about:blank");
    let [red, green, blue] = colour;
    let counted = browser.ask(&format!(
        "(async () => {{
            const picture = new Image(); picture.src = 'data:image/png;base64,{picture}'; await picture.decode();
            const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext('2d');
            pen.drawImage(picture, 0, 0);
            const points = pen.getImageData(0, 0, picture.width, picture.height).data, all = new Set();
            let same = 0;
            for (let at = 0; at < points.length; at += 4) {{
                all.add(points[at] << 16 | points[at + 1] << 8 | points[at + 2]);
                if (points[at] === {red} && points[at + 1] === {green} && points[at + 2] === {blue}) same += 1;
            }}
            return [same, all.size];
        }})()"
    ));
    (counted[0].as_u64().unwrap(), counted[1].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mailbox_and_a_mail_are_rendered_on_a_phone() {
    let open = Open::new(Mode::Demo).await;
    let mut browser = Browser::open();
    browser.size(390, 844);
    browser.cookie(&open.at("/"), "dondoc-tongue", "vi");
    browser.visit(&open.at("/"));
    let text = browser.ask("document.body.innerText");
    let text = text.as_str().unwrap();
    for expected in ["Hộp thư thử", "SỐ LIỆU MẪU", "Giám đốc Sở Công Thương", "31/10/2022 08:00", "231 thư"]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let picture = browser.picture();
    let png = base64::engine::general_purpose::STANDARD.decode(&picture).unwrap();
    assert!(png.starts_with(b"\x89PNG") && png.len() > 10_000, "{} bytes", png.len());
    let (_, many) = colours(&mut browser, &picture, STRIPE);
    assert!(many > 50, "{many} colours");

    browser.visit(&open.at(&open.mail(0)));
    assert_eq!(browser.ask("document.querySelector('h1').innerText"), open.parcels[0].content.subject);
    browser.ask("document.querySelector('iframe').scrollIntoView()");
    let picture = browser.picture();
    let (stripe, _) = colours(&mut browser, &picture, STRIPE);
    assert!(stripe > 5_000, "the mail's own colour is seen inside its frame: {stripe} points");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_is_answered_on_a_phone_by_pressing_a_button() {
    let open = Open::new(Mode::Daemon).await;
    let mut browser = Browser::open();
    browser.size(390, 844);
    browser.visit(&open.at(&open.letter));
    let last = browser.ask("[...document.querySelectorAll('summary')].pop().getBoundingClientRect().bottom");
    assert!(last.as_f64().unwrap() < 844.0, "all four answers are seen at once: {last}");
    browser.ask("document.querySelectorAll('summary').forEach(one => one.click())");
    browser.ask("document.querySelector('input[type=date]').value = '2022-11-15'");
    browser.ask("document.querySelector('textarea').value = 'thiếu máy quét'");
    browser.press("document.querySelector('button[value=promised]').click()");
    let text = browser.ask("document.body.innerText");
    let text = text.as_str().unwrap();
    for expected in ["Câu trả lời đã được ghi nhận", "hẹn hoàn thành chậm nhất ngày 15/11/2022", "thiếu máy quét"]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_administrator_sets_himself_up_and_signs_out_on_a_phone_without_scripts() {
    let open = Open::new(Mode::Daemon).await;
    let by = By::command("test");
    let (code, _) = people::setup_code(&open.app.db, &by, start()).await.unwrap();
    let mut browser = Browser::open();
    browser.size(390, 844);
    browser.scripts(false);
    browser.visit(&open.at("/dang-nhap"));
    assert_eq!(browser.ask("document.documentElement.lang"), "en", "this browser asks for English alone");
    browser.press("document.querySelector('button[value=vi]').click()");
    browser.visit(&open.at("/thiet-lap"));
    for (field, value) in [("code", code.as_str()), ("name", "Chánh Văn phòng"), ("login", "quan.tri")] {
        browser.ask(&format!("document.getElementById('{field}').value = '{value}'"));
    }
    for field in ["password", "again"] {
        browser.ask(&format!("document.getElementById('{field}').value = 'một câu dễ nhớ của tôi'"));
    }
    browser.press("document.querySelector('main form button').click()");
    let text = browser.ask("document.body.innerText").as_str().unwrap().to_owned();
    assert!(
        text.contains("Đã xong") && text.contains("Thiết lập ban đầu") && text.contains("Chánh Văn phòng"),
        "{text}"
    );

    browser.visit(&open.at("/nguoi-dung"));
    browser.press("document.querySelector('.who form button').click()");
    let text = browser.ask("document.body.innerText").as_str().unwrap().to_owned();
    assert!(text.contains("Đã đăng xuất."), "{text}");
    assert_eq!(browser.complaints, Vec::<String>::new());
}
