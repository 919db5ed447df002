//! The API: what it answers to whom, that it is as it says of itself, and what programs change by it.

mod deeds;
mod description;
mod examples;
mod feed;
mod reads;
mod reforms;
mod schema;
mod scope;
mod writes;

use std::sync::Arc;

use axum::body::Body;
use axum::http::Method;
use base64::Engine as _;
use dondoc::app::{self, App};
use dondoc::clock::Clock;
use dondoc::config;
use dondoc::db::Durability;
use dondoc::people::{self, By, Role};
use dondoc::web::{self, Mode, Site};
use serde_json::Value;

use crate::desk::figures;
use crate::support::project::{Plan, Project};
use crate::support::reader::{Answer, Reader};

/// Communes of the installation.
const UNITS: usize = 4;

/// An installation after two rounds, and the API over it.
pub struct Office {
    pub project: Project,
    pub app: Arc<App>,
    router: axum::Router,
}

impl Office {
    /// Nobody is asked before messages go.
    pub async fn new() -> Self {
        Self::with("never", "").await
    }

    /// The last batch waits for a second person.
    pub async fn asking(safety: &str) -> Self {
        Self::with("always", safety).await
    }

    async fn with(approval: &str, safety: &str) -> Self {
        let project = Project::new(&Plan { units: UNITS, ..Plan::default() });
        let line = format!("approval = \"{approval}\"\n{safety}");
        project.edit("config.toml", "approval = \"never\"", &line);
        project.run(&["migrate"]);
        for (as_of, online) in [("2022-10-24", 30), ("2022-10-31", 40)] {
            // The first commune is on target.
            project.write("figures.csv", &figures(UNITS, |number| if number == 0 { 90 } else { online + number }));
            let done = project.run(&["run", "--as-of", as_of, "--by", "Văn thư"]);
            assert!(matches!(done.code, 0 | 8), "{}: {}", done.code, done.err);
        }
        Self::over(project).await
    }

    async fn over(project: Project) -> Self {
        let (config, _) = config::load(Some(&project.path("config.toml")), &[]).expect("a good configuration");
        let clock = Clock::at(Clock::System.now());
        // Beside commands that work on the same file.
        let app = App::open(config, clock, app::Role::Visitor, Durability::ThrowAway).await;
        let mut app = app.expect("it opens");
        app.program = env!("CARGO_BIN_EXE_dondoc").into();
        let app = Arc::new(app);
        let router = web::router(Site::of(&app, Mode::Daemon));
        Self { project, app, router }
    }

    /// A program with a token of this role, for the whole province or the unit with this code and all below it.
    pub async fn program(&self, role: Role, scope: Option<&str>) -> Program {
        let scope = match scope {
            Some(code) => Some(dondoc::catalog::unit_by_code(&self.app.db, code).await.unwrap().unwrap()),
            None => None,
        };
        let new = ("Trung tâm điều hành", role, scope.as_deref());
        let made = people::add_token(&self.app.db, new, &By::command("test"), self.app.clock.now()).await;
        let (id, token) = made.unwrap();
        let reader = Reader::new(&self.router).with("authorization", &format!("Bearer {token}"));
        Program { reader, id, token }
    }
}

/// A program with a token.
pub struct Program {
    pub reader: Reader,
    pub id: String,
    pub token: String,
}

impl Program {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.reader.get(path).await
    }

    /// The object at an address, which must answer with one.
    pub async fn read(&mut self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.body);
        parsed(&answer)
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send(path, body.to_string().into()).await
    }

    pub async fn send(&mut self, path: &str, body: Body) -> Answer {
        self.reader.ask(Method::POST, path, Some("application/json"), body).await
    }

    /// What a change answers, which must be made.
    pub async fn does(&mut self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.body);
        parsed(&answer)
    }

    /// Status and name of a refusal, with what it is about.
    pub async fn refused(&mut self, path: &str, body: &Value) -> (u16, String, String) {
        refusal(&self.post(path, body).await)
    }
}

/// A file of contacts with one row, as it is brought.
pub fn sheet(unit: &str, address: &str) -> Value {
    let text = format!("Đơn vị,Chức vụ,Họ và tên,Email\n{unit},Chủ tịch,Người Thử,{address}\n");
    let content = base64::engine::general_purpose::STANDARD.encode(text);
    serde_json::json!({"file_name": "danh-ba.csv", "content": content})
}

/// A commune that begins with a year.
pub fn beginning(code: &str) -> Value {
    serde_json::json!({
        "kind": "add", "from": "2030-01-01", "basis": "Nghị quyết số 12/NQ-HĐND",
        "into": [{"code": code, "name": "Xã Hợp Nhất", "kind": "xa"}],
    })
}

/// A target of a year from this day on.
pub fn target(from: &str) -> Value {
    serde_json::json!({
        "indicator": "online_filing", "name": "Tỷ lệ hồ sơ trực tuyến", "value": "85", "scope": "level:commune",
        "valid_from": from, "valid_to": format!("{}-12-31", &from[..4]),
        "basis": {"number": "Kế hoạch số 12/KH-UBND", "date": "2025-01-02", "issuer": "UBND tỉnh"},
    })
}

pub fn parsed(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), "application/json", "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.body))
}

/// Status and name of a refusal, with what it is about. Its shape is always the same.
pub fn refusal(answer: &Answer) -> (u16, String, String) {
    let told = parsed(answer);
    for field in ["error", "message", "message_vi", "hint"] {
        assert!(told[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {told}");
    }
    let word = |field: &str| told[field].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), word("error"), word("where"))
}
