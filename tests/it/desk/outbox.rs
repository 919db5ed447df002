//! The outbox on the pages: found, done something to, taken back; one message in full; the batch that waits; the pause.

use std::sync::Arc;

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use dondoc::app::App;
use dondoc::clock::Clock;
use dondoc::outbox::{
    self, Claim, EntryId, Filter, HoldReason, NewEntry, Outcome, Resend, Settlement, State, Times, Trust,
};
use dondoc::people::{self, By, Hasher, NewAccount, Peer, Role};
use dondoc::web::{self, Mode, Site};
use secrecy::SecretString;

use super::text;
use crate::api::Program;
use crate::planned::program_in;
use crate::support::project::{Plan, Project, code};
use crate::support::reader::{Answer, Reader};

/// An installation with its outbox, and the pages over it.
pub(super) struct Works {
    pub(super) app: Arc<App>,
    pub(super) clock: Clock,
    router: axum::Router,
    pub(super) hasher: Hasher,
    pub(super) project: Project,
}

fn morning() -> DateTime<Utc> {
    "2022-10-31T08:00:00+07:00".parse().unwrap()
}

const MAIL: &str = "[[channel]]\nname = \"mail\"\nkind = \"email\"\nrelay = \"smtp://127.0.0.1:1\"\n\
                    from = \"Sở TT&TT <dondoc@tinh.example>\"\n";

impl Works {
    pub(super) async fn new() -> Self {
        let project = Project::new(&Plan { units: 4, channels: MAIL.to_owned(), ..Plan::default() });
        Self::over(project, Clock::at(morning())).await
    }

    /// With a batch that waits for a second person; the clock stands where the round left it.
    pub(super) async fn asking(safety: &str) -> Self {
        let project = Project::new(&Plan { units: 4, ..Plan::default() });
        project.edit("config.toml", "approval = \"never\"", &format!("approval = \"always\"\n{safety}"));
        project.run(&["migrate"]);
        let done = project.run(&["run", "--as-of", "2022-10-31", "--by", "Văn thư"]);
        assert_eq!(done.code, 8, "{}", done.err);
        Self::over(project, Clock::at(Clock::System.now())).await
    }

    pub(super) async fn over(project: Project, clock: Clock) -> Self {
        let app = Arc::new(program_in(&project, clock.clone()).await);
        let hasher = Hasher::default();
        let site = Site::of(&app, Mode::Daemon)
            .with_schedules(&app.config.schedules, "https://dondoc.tinh.example")
            .hashing(&hasher);
        Self { router: web::router(site), app, clock, hasher, project }
    }

    pub(super) async fn reader(&self, role: Role, scope: Option<&str>) -> Reader {
        self.named("an.nguyen", role, scope).await
    }

    pub(super) async fn named(&self, login: &str, role: Role, scope: Option<&str>) -> Reader {
        let scope = match scope {
            Some(code) => dondoc::catalog::unit_by_code(&self.app.db, code).await.unwrap(),
            None => None,
        };
        let password = SecretString::from("mật khẩu của từng người");
        let new = NewAccount {
            login,
            name: "Chánh Văn phòng",
            role,
            scope: scope.as_deref(),
            password: &password,
            must_change: false,
        };
        let now = self.clock.now();
        let id = people::add(&self.app.db, &self.hasher, &new, &By::command("test"), now).await.unwrap();
        let peer = Peer { address: "203.0.113.7".to_owned(), agent: "test".to_owned() };
        let mut reader = Reader::new(&self.router);
        let session = people::reopen(&self.app.db, &id, &peer, now).await.unwrap();
        reader.cookies.insert("__Host-dondoc".to_owned(), session);
        reader
    }

    /// A program with a token over the same pages.
    pub(super) async fn program(&self, role: Role, scope: Option<&str>) -> Program {
        let scope = match scope {
            Some(code) => dondoc::catalog::unit_by_code(&self.app.db, code).await.unwrap(),
            None => None,
        };
        let new = ("Trung tâm điều hành", role, scope.as_deref());
        let made = people::add_token(&self.app.db, new, &By::command("test"), self.clock.now()).await;
        let (id, token) = made.unwrap();
        let reader = Reader::new(&self.router).with("authorization", &format!("Bearer {token}"));
        Program { reader, id, token }
    }

    /// Reminders to the heads of these communes; returns their ids.
    pub(super) async fn put(&self, units: std::ops::Range<usize>, hold: Option<HoldReason>) -> Vec<String> {
        let now = self.clock.now();
        let entries: Vec<NewEntry> = units.map(|unit| NewEntry { hold, ..reminder(unit) }).collect();
        let mut work = self.app.db.begin().await.unwrap();
        let times = Times { now, due_at: now, valid_until: now + TimeDelta::days(2) };
        outbox::enqueue(&mut work, "round-1", &entries, times).await.unwrap();
        work.commit().await.unwrap();
        entries.iter().map(|entry| EntryId::of(&entry.dedup_key).0.to_string()).collect()
    }

    /// A relay that ends everything so that is due.
    async fn end(&self, outcome: Outcome, next: State, said: (i32, &str)) -> usize {
        self.end_with(outcome, next, said, None).await
    }

    /// The same; a relay that took mails of this hash.
    async fn end_with(
        &self,
        outcome: Outcome,
        next: State,
        (code, answer): (i32, &str),
        hash: Option<String>,
    ) -> usize {
        let now = self.clock.now();
        let mut work = self.app.db.begin().await.unwrap();
        let lease_until = now + TimeDelta::minutes(1);
        let asked = Claim { channel: "mail", worker: "w", limit: 100, now, lease_until, beside: &[] };
        let claimed = outbox::claim(&mut work, asked, Trust::Usual).await.unwrap();
        let ended = claimed.iter().map(|one| Settlement {
            code: Some(code),
            answer: answer.to_owned(),
            sent_hash: hash.clone(),
            next,
            ..one.ended(now, now, outcome)
        });
        let ended: Vec<Settlement> = ended.collect();
        outbox::settle(&mut work, "w", &ended).await.unwrap();
        work.commit().await.unwrap();
        ended.len()
    }

    pub(super) async fn states(&self) -> Vec<&'static str> {
        let mut entries = outbox::list(&self.app.db, &Filter::default()).await.unwrap();
        entries.sort_by(|one, other| one.unit_code.cmp(&other.unit_code));
        entries.iter().map(|entry| entry.state.word()).collect()
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.clock.advance(std::time::Duration::from_secs(seconds));
    }

    /// The deeds of the audit log from the newest on, without those about accounts and sessions.
    pub(super) async fn deeds(&self) -> Vec<String> {
        let entries = people::list(&self.app.db, &people::Wanted::default()).await.unwrap();
        let about = |entry: &people::Entry| !entry.deed.starts_with("account") && !entry.deed.starts_with("signed");
        entries.into_iter().filter(about).map(|entry| format!("{} {}", entry.deed, entry.detail)).collect()
    }
}

const LINK: &str = "https://dondoc.tinh.example/r/chỉ-người-nhận";

fn reminder(unit: usize) -> NewEntry {
    let message = dondoc::message::Message {
        subject: format!("Đôn đốc: Xã Số {unit} còn 2 chỉ tiêu chưa đạt"),
        text: format!("Kính gửi đồng chí.\n\nTrả lời: {LINK}\n"),
        html: format!(
            "<!doctype html><html lang=\"vi\"><body><p>Kính gửi</p><a href=\"{LINK}\">Trả lời</a></body></html>"
        ),
        sms: "So TTTT: Xa con 2 chi tieu chua dat.".to_owned(),
        template: "commune_first@00000000".to_owned(),
        link: LINK.to_owned(),
        zalo: [("unit".to_owned(), format!("UBND xã Số {unit}"))].into(),
        ..dondoc::message::Message::default()
    };
    NewEntry {
        dedup_key: format!("reminder/{}/mail/1", code(unit)),
        unit_code: code(unit),
        recipient_id: format!("{}/head", code(unit)),
        channel: "mail".to_owned(),
        address: format!("ubnd@xa{unit}.example"),
        domain: "tinh.example".to_owned(),
        content: serde_json::to_string(&message).unwrap(),
        resend: Resend::Always,
        hold: None,
        turn: None,
    }
}

/// Every value of a hidden field.
fn hidden(page: &Answer, name: &str) -> Vec<String> {
    let field = format!("name=\"{name}\" value=\"");
    page.body.split(&field).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

pub(super) fn says(page: &Answer, parts: &[&str]) {
    let said = text(&page.body);
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_stand_there_with_their_state_and_remedy_and_are_found_by_filters() {
    let works = Works::new().await;
    let mut reader = works.reader(Role::Viewer, None).await;
    says(&reader.get("/hop-thu-di").await, &["Chưa có tin nào", "lịch gửi"]);
    works.put(0..1, None).await;
    works.end(Outcome::Accepted, State::Sent, (250, "2.0.0 queued")).await;
    works.put(1..2, None).await;
    works.end(Outcome::Recipient, State::Failed, (550, "550 5.1.1 <ubnd@xa1.example>: no such user")).await;
    works.put(2..3, Some(HoldReason::Trial)).await;
    works.put(3..4, None).await;
    let page = reader.get("/hop-thu-di").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    says(
        &page,
        &[
            "Tất cả 4",
            "Có vấn đề 2",
            "1 tin chờ gửi hoặc đang gửi. Theo dõi tiến độ, số tự cập nhật",
            "Chủ tịch UBND xã Số 1",
            "Không gửi được Địa chỉ không tồn tại. Sửa địa chỉ trong danh bạ rồi gửi lại.",
            "Đang giữ lại Đang ở chế độ thử.",
            "Chờ gửi gửi từ 31/10/2022 08:00",
            "Tin đôn đốc về Xã Số 0",
        ],
    );
    assert!(!page.body.contains("type=\"checkbox\"") && !page.body.contains("ubnd@"), "he only looks: {}", page.body);
    let count = async |reader: &mut Reader, query: &str| {
        let page = reader.get(&format!("/hop-thu-di?{query}")).await;
        page.body.matches("<li>\n<p class=\"who\"").count()
    };
    for (query, found) in [
        ("trang-thai=problems", 2),
        ("trang-thai=sent", 1),
        ("kenh=mail", 4),
        ("kenh=sms", 0),
        ("dot=round-1&trang-thai=failed", 1),
        ("dot=round-2", 0),
        ("don-vi=X000003", 1),
        ("trang-thai=planet&trang=99", 4),
    ] {
        assert_eq!(count(&mut reader, query).await, found, "{query}");
    }
    let mut part = works.named("xa.an", Role::Approver, Some(&code(1))).await;
    let page = part.get("/hop-thu-di").await;
    says(&page, &["Tất cả 1", "xã Số 1"]);
    assert!(!page.body.contains("Số 0") && !page.body.contains("Số 2"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_to_many_is_asked_about_with_how_many_done_and_taken_back() {
    let works = Works::new().await;
    works.put(0..3, None).await;
    works.end(Outcome::Recipient, State::Failed, (550, "5.1.1 no")).await;
    works.put(3..4, None).await;
    let mut reader = works.reader(Role::Approver, None).await;
    let page = reader.get("/hop-thu-di").await;
    let all = hidden(&page, "ma");
    assert_eq!(all.len(), 4, "{}", page.body);
    let mut ticked: Vec<(&str, &str)> = all.iter().map(|id| ("ma", id.as_str())).collect();
    ticked.push(("viec", "gui-lai"));
    let asked = reader.post("/hop-thu-di/viec", &ticked).await;
    says(&asked, &["Gửi lại 3 tin?", "1 tin: đang ở trạng thái “Chờ gửi”", "sau 60 giây"]);
    assert_eq!(works.states().await, ["failed", "failed", "failed", "ready"], "nothing is done yet");

    let mut sure: Vec<(&str, String)> = hidden(&asked, "ma").into_iter().map(|id| ("ma", id)).collect();
    sure.extend([("viec", "gui-lai".to_owned()), ("chac", "1".to_owned())]);
    let sure: Vec<(&str, &str)> = sure.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let done = reader.post("/hop-thu-di/viec", &sure).await;
    assert_eq!(done.leads_to(), "/hop-thu-di?xong=gui-lai&duoc=3&muon=0");
    let page = reader.get(done.leads_to()).await;
    says(&page, &["Đã đặt gửi lại 3 tin.", "Gửi lại 3 tin, an.nguyen làm lúc 08:00:00. Hoàn tác được đến 08:01:00."]);
    assert_eq!(reader.post("/hop-thu-di/viec", &sure).await.status, StatusCode::UNPROCESSABLE_ENTITY, "twice is once");
    works.wait(59);
    assert_eq!(works.end(Outcome::Accepted, State::Sent, (250, "ok")).await, 1, "only the one that was ready");
    let back = reader.post("/hop-thu-di/hoan-tac", &[("viec", &page.field("viec"))]).await;
    assert_eq!(back.leads_to(), "/hop-thu-di?xong=hoan-tac&duoc=3&muon=0");
    assert_eq!(works.states().await, ["failed", "failed", "failed", "sent"]);
    let late = reader.post("/hop-thu-di/hoan-tac", &[("viec", &page.field("viec"))]).await;
    assert_eq!(late.leads_to(), "/hop-thu-di?xong=qua-han");

    let cancel = [("tat-ca", "1"), ("trang-thai", "failed"), ("viec", "huy")];
    says(
        &reader.post("/hop-thu-di/viec", &cancel).await,
        &["Hủy: không có tin nào phù hợp", "3 tin: đang ở trạng thái"],
    );
    assert_eq!(works.deeds().await, ["mending_undone retry: messages=3 too_late=0", "messages_retried messages=3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_hold_and_to_take_back_needs_a_reason_and_only_what_somebody_may_see_is_touched() {
    let works = Works::new().await;
    let ids = works.put(0..2, None).await;
    let mut part = works.named("xa.an", Role::Approver, Some(&code(1))).await;
    let both = |verb: &'static str| [("ma", ids[0].as_str()), ("ma", ids[1].as_str()), ("viec", verb), ("chac", "1")];
    let no_reason = part.post("/hop-thu-di/viec", &both("giu-lai")).await;
    assert_eq!(no_reason.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&no_reason, &["Giữ lại 1 tin?", "Cần ghi lý do."]);
    let mut with_reason = both("giu-lai").to_vec();
    with_reason.push(("ly-do", "chờ đối chiếu\nsố liệu"));
    let held = part.post("/hop-thu-di/viec", &with_reason).await;
    assert_eq!(held.leads_to(), "/hop-thu-di?xong=giu-lai&duoc=1&muon=0");
    assert_eq!(works.states().await, ["ready", "held"], "the other unit's is not there for him");
    says(&part.get("/hop-thu-di").await, &["Có người giữ lại", "Giữ lại 1 tin, xa.an"]);
    let mut other = works.named("xa.binh", Role::Approver, Some(&code(0))).await;
    let page = other.get("/hop-thu-di").await;
    assert!(!page.body.contains("xa.an"), "nor what was done to it: {}", page.body);
    let mut all = works.reader(Role::Approver, None).await;
    let let_go = [("ma", ids[1].as_str()), ("viec", "cho-gui"), ("chac", "1")];
    assert_eq!(all.post("/hop-thu-di/viec", &let_go).await.leads_to(), "/hop-thu-di?xong=cho-gui&duoc=1&muon=0");
    assert_eq!(works.deeds().await, ["messages_let_go messages=1", "messages_held messages=1: chờ đối chiếu số liệu"]);
    let mut viewer = works.named("xem", Role::Viewer, None).await;
    assert_eq!(viewer.post("/hop-thu-di/viec", &let_go).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_shown_as_it_was_sent_in_full_to_who_decides_and_veiled_to_who_looks() {
    let works = Works::new().await;
    let ids = works.put(0..1, None).await;
    works.end(Outcome::Recipient, State::Failed, (550, "550 5.2.2 <ubnd@xa0.example>: mailbox full")).await;
    let path = format!("/hop-thu-di/{}", ids[0]);
    let mut approver = works.reader(Role::Approver, None).await;
    let page = approver.get(&path).await;
    let all = [
        "Tin đôn đốc – Chủ tịch UBND xã Số 0",
        "ubnd@xa0.example",
        "Hộp thư đầy.",
        "Không đến được người nhận qua kênh này · mã 550",
        "550 5.2.2 &#60;ubnd@xa0.example&#62;: mailbox full",
        "Đôn đốc cấp xã, lần 1, bản trước đây (00000000)",
        LINK,
        "Gửi lại…",
        "UBND xã Số 0",
    ];
    says(&page, &all);
    assert!(approver.get(&format!("{path}/html")).await.body.contains(LINK));
    let eml = approver.post(&format!("{path}/eml"), &[]).await;
    assert_eq!((eml.status, eml.header("content-type")), (StatusCode::OK, "message/rfc822"));
    assert!(
        eml.body.contains("To: ubnd@xa0.example\r\n") && eml.body.contains("Date: Mon, 31 Oct 2022 08:00:00 +0700")
    );
    let json = approver.post(&format!("{path}/json"), &[]).await;
    let json: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!((&json["attempts"][0]["code"], &json["words"]["link"]), (&550.into(), &LINK.into()));
    assert_eq!(works.deeds().await, ["message_taken json", "message_taken eml"]);

    let mut viewer = works.named("xem", Role::Viewer, None).await;
    let page = viewer.get(&path).await;
    says(&page, &["u***@xa0.example", "Hộp thư đầy."]);
    let html = viewer.get(&format!("{path}/html")).await.body;
    for secret in ["ubnd@xa0.example", LINK, "Gửi lại…", "/eml"] {
        assert!(!page.body.contains(secret) && !html.contains(secret), "{secret}");
    }
    assert_eq!(viewer.post(&format!("{path}/eml"), &[]).await.status, StatusCode::FORBIDDEN);
    let mut other = works.named("xa.an", Role::Approver, Some(&code(1))).await;
    for tail in ["", "/html"] {
        assert_eq!(other.get(&format!("{path}{tail}")).await.status, StatusCode::NOT_FOUND, "{tail}");
    }
    assert_eq!(other.post(&format!("{path}/json"), &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_that_is_downloaded_says_whether_it_is_the_very_one_that_was_taken() {
    let works = Works::new().await;
    let ids = works.put(0..1, None).await;
    let path = format!("/hop-thu-di/{}", ids[0]);
    let mut reader = works.reader(Role::Approver, None).await;
    says(&reader.get(&path).await, &["Chưa có máy chủ nào xác nhận đã nhận thư này"]);
    let mail = reader.post(&format!("{path}/eml"), &[]).await;
    let hash = dondoc::channel::mail_hash(mail.body.as_bytes());
    works.end_with(Outcome::Accepted, State::Sent, (250, "2.0.0 queued"), Some(hash.clone())).await;
    says(&reader.get(&path).await, &["Tệp .eml đúng từng byte như thư mà máy chủ đã nhận.", &hash]);
    assert_eq!(reader.post(&format!("{path}/eml"), &[]).await.body, mail.body);
    let json: serde_json::Value = serde_json::from_str(&reader.post(&format!("{path}/json"), &[]).await.body).unwrap();
    assert_eq!(json["attempts"][0]["sent_sha256"], hash.as_str());

    // The channel writes in another name by now.
    works.project.edit("config.toml", "Sở TT&TT <dondoc@tinh.example>", "Văn phòng <vanphong@tinh.example>");
    let Works { app, clock, project, router, .. } = works;
    drop((reader, router, app));
    let later = Works::over(project, clock).await;
    let mut reader = later.named("binh", Role::Approver, None).await;
    says(&reader.get(&path).await, &["Tệp .eml được dựng lại theo cấu hình, địa chỉ và nội dung hiện nay", &hash]);
    let rebuilt = reader.post(&format!("{path}/eml"), &[]).await;
    assert!(
        rebuilt.header("content-disposition").contains(".rebuilt.eml"),
        "{}",
        rebuilt.header("content-disposition")
    );
    assert!(rebuilt.body.contains("vanphong@tinh.example"));
    assert_eq!(later.deeds().await[0], "message_taken eml rebuilt");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_messages_that_match_are_held_and_let_go_by_their_filter() {
    let works = Works::new().await;
    works.put(0..4, None).await;
    let mut reader = works.reader(Role::Approver, None).await;
    says(&reader.get("/hop-thu-di?trang-thai=ready").await, &["Chọn cả 4 tin khớp bộ lọc"]);
    let hold = [("tat-ca", "1"), ("trang-thai", "ready"), ("don-vi", ""), ("viec", "giu-lai")];
    says(&reader.post("/hop-thu-di/viec", &hold).await, &["Giữ lại 4 tin?", "cho đến khi có người cho gửi"]);
    let sure = [&hold[..], &[("chac", "1"), ("ly-do", "chờ đối chiếu")]].concat();
    let done = reader.post("/hop-thu-di/viec", &sure).await;
    assert_eq!(done.leads_to(), "/hop-thu-di?trang-thai=ready&xong=giu-lai&duoc=4&muon=0");
    assert_eq!(works.states().await, ["held"; 4]);
    let one = outbox::list(&works.app.db, &Filter::default()).await.unwrap()[0].id.clone();
    says(&reader.get(&format!("/hop-thu-di/{one}")).await, &["Có người giữ lại", "Cho gửi…", "Hủy…"]);
    let go = [("tat-ca", "1"), ("trang-thai", "held"), ("don-vi", &code(1)[..]), ("viec", "cho-gui"), ("chac", "1")];
    let done = reader.post("/hop-thu-di/viec", &go).await;
    assert!(done.leads_to().ends_with("xong=cho-gui&duoc=1&muon=0"), "{}", done.leads_to());
    assert_eq!(works.states().await, ["held", "ready", "held", "held"]);
    assert_eq!(works.deeds().await, ["messages_let_go messages=1", "messages_held messages=4: chờ đối chiếu"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fate_of_an_uncertain_message_is_written_down_by_who_found_it_out() {
    let works = Works::new().await;
    let ids = works.put(0..1, None).await;
    works.end(Outcome::Unknown, State::Uncertain, (0, "the connection was lost")).await;
    let path = format!("/hop-thu-di/{}", ids[0]);
    let mut reader = works.reader(Role::Approver, None).await;
    says(&reader.get(&path).await, &["Chưa rõ kết quả", "Ghi kết quả", "Mất kết nối khi đang gửi."]);
    let asked = [("ma", ids[0].as_str()), ("viec", "gui-lai"), ("chac", "1")];
    says(&reader.post("/hop-thu-di/viec", &asked).await, &["chưa rõ kết quả, cần mở từng tin"]);
    let empty = reader.post(&format!("{path}/ket-qua"), &[("ket-qua", "da-den")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&empty, &["Cần ghi cách đã xác minh."]);
    let told = [("ket-qua", "da-den"), ("ghi-chu", "đã gọi điện")];
    let done = reader.post(&format!("{path}/ket-qua"), &told).await;
    assert_eq!(done.leads_to(), format!("{path}?xong=ket-qua"));
    assert_eq!(works.states().await, ["sent"]);
    says(&reader.get(&path).await, &["resolved as sent by an.nguyen: đã gọi điện"]);
    assert_eq!(works.deeds().await, ["message_resolved sent: đã gọi điện"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_looked_at_and_only_what_was_seen_is_let_go() {
    let works = Works::asking("").await;
    let mut reader = works.reader(Role::Approver, None).await;
    says(&reader.get("/").await, &["4 tin của đợt ngày 31/10/2022 chờ người thứ hai cho gửi. Xem và cho gửi"]);
    let page = reader.get("/duyet").await;
    says(
        &page,
        &[
            "4 tin theo số liệu đến ngày 31/10/2022 đang chờ.",
            "Người soạn Văn thư",
            "Người nhận mới 4",
            "Chưa có đợt nào được cho gửi trước đợt này",
            "Chủ tịch UBND xã Số 0",
            "Cho gửi 4 tin",
        ],
    );
    let hash = page.field("dot");
    let changed = reader.post("/duyet", &[("dot", "0123"), ("viec", "cho-gui")]).await;
    assert_eq!(changed.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&changed, &["Đợt này đã thay đổi sau khi trang được mở; chưa có tin nào được gửi hay hủy."]);
    assert_eq!(works.states().await, ["held"; 4]);

    let no_reason = reader.post("/duyet", &[("dot", &hash), ("viec", "khong-gui")]).await;
    says(&no_reason, &["Cần ghi lý do không gửi."]);
    let refused =
        reader.post("/duyet", &[("dot", &hash), ("viec", "khong-gui"), ("ly-do", "số liệu tháng 9 thiếu")]).await;
    assert_eq!(refused.leads_to(), "/duyet?xong=khong-gui&duoc=4");
    assert_eq!(works.states().await, ["cancelled"; 4]);
    let page = reader.get("/duyet").await;
    says(&page, &["Không có đợt nào chờ duyệt", "Không gửi đợt: 4 tin"]);
    reader.post("/hop-thu-di/hoan-tac", &[("viec", &page.field("viec"))]).await.leads_to();
    assert_eq!(works.states().await, ["held"; 4]);
    let again = reader.get("/duyet").await;
    assert_eq!(again.field("dot"), hash, "the same batch is asked about again");

    let done = reader.post("/duyet", &[("dot", &hash), ("viec", "cho-gui")]).await;
    assert_eq!(done.leads_to(), "/hop-thu-di?xong=duyet&duoc=4");
    assert_eq!(works.states().await, ["ready"; 4]);
    let entries = outbox::list(&works.app.db, &Filter::default()).await.unwrap();
    let earliest = works.clock.now() + TimeDelta::seconds(60);
    let in_millis = |at: DateTime<Utc>| at.timestamp_millis();
    assert!(
        entries.iter().all(|entry| in_millis(entry.due_at) >= in_millis(earliest)),
        "nothing leaves within the minute"
    );
    let deeds = works.deeds().await;
    let begins = |at: usize, words: &str| assert!(deeds[at].starts_with(words), "{deeds:?}");
    begins(0, "batch_approved messages=4 batch=");
    begins(1, "mending_undone refuse: messages=4");
    begins(2, "batch_refused messages=4 batch=");
    let mut part = works.named("xa.an", Role::Approver, Some(&code(1))).await;
    assert_eq!(part.get("/duyet").await.status, StatusCode::NOT_FOUND, "a batch is everybody's");
    drop(works.project);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_composed_a_batch_does_not_let_it_go_where_the_rules_say_so() {
    let works = Works::asking("approver_differs = true").await;
    let mut composer = works.named("van.thu", Role::Admin, None).await;
    let id = people::by_login(&works.app.db, "van.thu").await.unwrap().unwrap().id;
    let terms = people::Terms { name: "VĂN  THƯ", role: Role::Admin, scope: None };
    people::change(&works.app.db, &id, terms, &By::command("test"), works.clock.now()).await.unwrap();
    composer.cookies.insert(
        "__Host-dondoc".to_owned(),
        people::reopen(
            &works.app.db,
            &id,
            &Peer { address: "203.0.113.7".to_owned(), agent: "t".to_owned() },
            works.clock.now(),
        )
        .await
        .unwrap(),
    );
    let page = composer.get("/duyet").await;
    says(&page, &["Người soạn đợt không được tự duyệt."]);
    let refused = composer.post("/duyet", &[("dot", &page.field("dot")), ("viec", "cho-gui")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&refused, &["“Văn thư” là người soạn đợt này nên không được tự duyệt"]);
    assert_eq!(works.states().await, ["held"; 4]);
    let mut other = works.named("pho.phong", Role::Approver, None).await;
    let done = other.post("/duyet", &[("dot", &page.field("dot")), ("viec", "cho-gui")]).await;
    assert_eq!(done.leads_to(), "/hop-thu-di?xong=duyet&duoc=4");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sending_is_paused_with_a_reason_that_every_page_says() {
    let works = Works::new().await;
    let mut reader = works.reader(Role::Approver, None).await;
    let empty = reader.post("/tam-dung", &[("viec", "tam-dung")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    says(&empty, &["Cần ghi lý do tạm dừng."]);
    let done = reader.post("/tam-dung", &[("viec", "tam-dung"), ("ly-do", "số liệu đang đối chiếu")]).await;
    assert_eq!(done.leads_to(), "/hop-thu-di?xong=tam-dung");
    assert!(dondoc::dispatch::paused(&works.app.db).await.unwrap());
    let mut viewer = works.named("xem", Role::Viewer, None).await;
    for path in ["/", "/hop-thu-di", "/hop-thu-thu", "/tai-khoan"] {
        let page = viewer.get(path).await;
        says(&page, &["Đang tạm dừng gửi. Từ 31/10/2022 08:00, an.nguyen: số liệu đang đối chiếu."]);
        assert!(!page.body.contains("Tiếp tục gửi</button>"), "{path}: he only looks");
    }
    assert_eq!(viewer.get("/tam-dung").await.status, StatusCode::FORBIDDEN);
    let mut part = works.named("xa.an", Role::Approver, Some(&code(1))).await;
    assert_eq!(
        part.post("/tam-dung", &[("viec", "tiep-tuc")]).await.status,
        StatusCode::NOT_FOUND,
        "it is everybody's"
    );
    assert!(reader.get("/").await.body.contains("Tiếp tục gửi</button>"));
    assert_eq!(reader.post("/tam-dung", &[("viec", "tiep-tuc")]).await.leads_to(), "/hop-thu-di?xong=tiep-tuc");
    assert!(!dondoc::dispatch::paused(&works.app.db).await.unwrap());
    assert_eq!(works.deeds().await, ["sending_resumed ", "sending_paused số liệu đang đối chiếu"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_of_two_rounds_says_so_and_nobody_is_called_unknown() {
    let project = Project::new(&Plan { units: 4, ..Plan::default() });
    project.edit("config.toml", "approval = \"never\"", "approval = \"always\"");
    for (day, by) in [("2022-10-31", "unknown"), ("2022-11-07", "serve")] {
        let done = project.run(&["run", "--as-of", day, "--by", by]);
        assert_eq!(done.code, 8, "{}", done.err);
    }
    let works = Works::over(project, Clock::at(Clock::System.now())).await;
    let mut reader = works.reader(Role::Approver, None).await;
    let page = reader.get("/duyet").await;
    says(
        &page,
        &[
            "8 tin theo số liệu đến ngày 07/11/2022 đang chờ.",
            "Đợt này gồm tin của nhiều đợt số liệu",
            "4 tin theo số liệu đến 31/10/2022",
            "4 tin theo số liệu đến 07/11/2022",
            "Người soạn hệ thống, theo lịch, chưa rõ",
        ],
    );
    let old = page.body.split("href=\"/hop-thu-di?dot=").nth(1).unwrap().split('"').next().unwrap();
    let old = format!("/hop-thu-di?dot={}", old.replace("&amp;", "&"));
    let list = reader.get(&old).await;
    says(&list, &["4 tin", "· tin đôn đốc · số liệu đến 31/10/2022 · 4 tin", "· số liệu đến 07/11/2022 · 4 tin"]);
    let unit = reader.get(&format!("/don-vi/{}", code(0))).await;
    says(&unit, &["Nhắc theo số liệu đến 07/11/2022", "Tin qua kênh mailbox tới u***@xa0.example: đang giữ lại."]);
}
