//! The walls between the rooms, read from the sources: who uses whom, who writes which table, which library stands
//! where, who reads the clock.
//!
//! The rules are the tables below; the checker is a pure function over paths and texts, tried on planted violations.

use std::path::Path;

use crate::support::paths::{Resolved, Token, module_of, paths, tokens};

/// What everybody may use, and what each of these may use itself.
const FOUNDATION: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("seal", &[]),
    ("worker", &[]),
    ("words", &[]),
    ("db", &["clock"]),
    ("http", &["clock"]),
    ("catalog", &["clock", "db", "words"]),
    ("people", &["clock", "seal", "db"]),
    ("oidc", &["clock", "seal", "http", "people"]),
];

/// Who says something to people from `words`, beside the edges. Everybody else hands over what happened, as a type.
const SPEAKERS: &[&str] = &["catalog", "channel", "message", "pass", "source"];

/// In the order of the data: a room uses the foundation and what stands to its left.
const ROOMS: [&str; 9] =
    ["source", "observation", "evaluation", "decision", "message", "outbox", "channel", "reply", "report"];

/// They hold rooms, and never each other.
const ORCHESTRATORS: &[(&str, &[&str])] = &[
    ("pass", &["source", "observation", "evaluation", "decision", "message", "outbox", "channel", "reply", "report"]),
    ("dispatch", &["outbox", "channel"]),
];

/// They use anything; nobody else uses them.
const EDGES: &[&str] = &["api", "app", "build", "cli", "config", "fuzzing", "lib", "main", "web"];

/// What the macros at the root of the crate belong to.
const MACROS: &[(&str, &str)] = &[("on", "db"), ("read", "db")];

/// Libraries, and the only folders and files below `src/` that may know them.
const CONFINED: &[(&str, &[&str])] = &[
    (
        "sqlx",
        &[
            "db",
            "catalog",
            "source/sql",
            "observation",
            "evaluation",
            "decision",
            "message/revisions",
            "outbox",
            "channel/capture.rs",
            "channel/zalo",
            "channel/zalo_bot",
            "pass",
            "dispatch",
            "reply",
            "people",
            "report",
            "web",
            "cli/exit.rs",
        ],
    ),
    ("axum", &["web"]),
    ("multer", &["web"]),
    ("form_urlencoded", &["web"]),
    ("utoipa", &["api", "web"]),
    ("argon2", &["people"]),
    ("cel", &["catalog"]),
    ("askama", &["web"]),
    ("sha1", &["people"]),
    ("openidconnect", &["oidc"]),
    ("qrcodegen", &["web"]),
    ("tower_http", &["web"]),
    ("icu_collator", &["catalog"]),
    ("icu_locale_core", &["catalog"]),
    ("brotli", &["build.rs", "web/asset.rs"]),
    ("lettre", &["channel"]),
    ("async_imap", &["channel"]),
    ("mail_parser", &["channel"]),
    ("ring", &["channel", "seal"]),
    ("tera", &["message"]),
    ("similar", &["message"]),
    ("pulldown_cmark", &["message"]),
    ("rlimit", &["worker"]),
    ("reqwest", &["http"]),
    ("serde_json_path", &["source"]),
    ("calamine", &["source"]),
    ("rust_xlsxwriter", &["catalog/contact_sheet", "report"]),
    ("html5ever", &["source"]),
    ("quick_xml", &["channel"]),
    ("zip", &["source"]),
    ("typst", &["report"]),
    ("tokio_cron_scheduler", &["cli", "app"]),
    ("sd_notify", &["cli", "app"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("indicatif", &["cli"]),
    ("calendrical_calculations", &["catalog"]),
    ("croner", &["pass", "config"]),
];

/// Who writes which table; others only read it.
const TABLES: &[(&str, &[&str])] = &[
    (
        "catalog",
        &[
            "unit",
            "succession",
            "contact",
            "definition",
            "alias_decision",
            "contact_import",
            "contact_heading",
            "unit_reform",
        ],
    ),
    ("observation", &["snapshot", "accepted", "unresolved", "unit_figures"]),
    ("evaluation", &["evaluation"]),
    ("decision", &["decision", "reminder_case", "silence"]),
    ("message", &["template_draft", "template_revision"]),
    ("outbox", &["outbox", "outbox_content", "outbox_deed", "outbox_before", "attempt", "receipt"]),
    ("channel", &["mailbox", "zalo_token", "zalo_reading", "zalo_bot_code", "zalo_bot_chat"]),
    ("pass", &["run", "approval", "gate_release", "schedule", "schedule_run"]),
    ("dispatch", &["switch", "channel_rest", "channel_pace", "channel_share"]),
    ("reply", &["reply", "reply_task", "reply_revocation", "bounced_address"]),
    ("people", &["account", "session", "setup_code", "setup_step", "login_failure", "audit", "api_token"]),
];

/// The readers of the wall clock, and the one file that calls them.
const CLOCKS: &[&str] = &["Utc", "Local", "SystemTime"];
const CLOCK_FILE: &str = "clock.rs";

/// What reads the clock or throws dice inside a statement, and the one file that may.
const SQL_CLOCKS: &[&str] = &[
    "now()",
    "'now'",
    "current_timestamp",
    "current_date",
    "current_time",
    "clock_timestamp(",
    "unixepoch(",
    "random()",
];
const SQL_CLOCK_FILE: &str = "db/rows.rs";

/// The budget is 300 lines; beyond this a file is two files.
const LONGEST_FILE: usize = 400;

#[derive(Debug, PartialEq, Eq)]
struct Violation {
    path: String,
    line: usize,
    what: String,
}

/// Every violation in `files`: pairs of a path from the root of the project and its text.
fn violations(files: &[(String, String)]) -> Vec<Violation> {
    files
        .iter()
        .flat_map(|(path, text)| if path.starts_with("migrations/") { in_sql(path, text) } else { in_rust(path, text) })
        .collect()
}

fn in_sql(path: &str, text: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let sql = text.split("--").next().unwrap_or_default();
        let made = sql.split_once("CREATE TABLE ").and_then(|(_, rest)| rest.split_whitespace().next());
        let unowned = made.filter(|table| !TABLES.iter().any(|(_, tables)| tables.contains(table)));
        let unowned = unowned.map(|table| format!("table `{table}` has no owner in tests/it/architecture.rs"));
        for what in sql_clock(sql).into_iter().chain(unowned) {
            found.push(Violation { path: path.to_owned(), line, what });
        }
    }
    found
}

fn in_rust(path: &str, text: &str) -> Vec<Violation> {
    let file = path.strip_prefix("src/").unwrap_or(path);
    let room = room_of(file);
    let tokens = tokens(text);
    let mut found = Vec::new();
    let mut add = |line: usize, what: String| found.push(Violation { path: path.to_owned(), line, what });
    if !is_known(room) {
        add(1, format!("`{room}` stands in no table of tests/it/architecture.rs"));
    }
    if text.lines().count() > LONGEST_FILE {
        add(LONGEST_FILE + 1, format!("longer than {LONGEST_FILE} lines"));
    }
    for (line, path) in paths(&tokens, &module_of(file)) {
        let wrong = match &path {
            Resolved::Ours(segments) => wrong_room(room, segments.first().map(String::as_str)),
            Resolved::Foreign(segments) => wrong_library(file, segments),
        };
        if let Some(what) = wrong {
            add(line, what);
        }
    }
    for placed in &tokens {
        let Token::Text(literal) = placed.token else { continue };
        let clock = sql_clock(literal).filter(|_| file != SQL_CLOCK_FILE);
        for what in clock.into_iter().chain(foreign_table(room, literal)) {
            add(placed.line, what);
        }
    }
    found
}

fn wrong_room(user: &str, other: Option<&str>) -> Option<String> {
    let Some(other) = other.filter(|other| *other != "*") else {
        return (!EDGES.contains(&user)).then(|| format!("`{user}` takes in the whole crate"));
    };
    let other = MACROS.iter().find(|(name, _)| *name == other).map_or(other, |(_, owner)| owner);
    if !is_known(other) {
        return Some(format!("`{other}` stands in no table of tests/it/architecture.rs"));
    }
    (!may_use(user, other)).then(|| format!("`{user}` must not use `{other}`"))
}

fn may_use(user: &str, other: &str) -> bool {
    let founded = |name: &str| FOUNDATION.iter().any(|(room, _)| *room == name);
    let place = |name: &str| ROOMS.iter().position(|room| *room == name);
    if user == other || EDGES.contains(&user) {
        return true;
    }
    if other == "words" {
        return SPEAKERS.contains(&user);
    }
    if let Some((_, allowed)) = FOUNDATION.iter().find(|(room, _)| *room == user) {
        return allowed.contains(&other);
    }
    if let Some((_, allowed)) = ORCHESTRATORS.iter().find(|(room, _)| *room == user) {
        return founded(other) || allowed.contains(&other);
    }
    founded(other) || matches!((place(other), place(user)), (Some(left), Some(right)) if left < right)
}

fn is_known(room: &str) -> bool {
    let founded = FOUNDATION.iter().chain(ORCHESTRATORS).any(|(name, _)| *name == room);
    founded || ROOMS.contains(&room) || EDGES.contains(&room)
}

fn wrong_library(file: &str, segments: &[String]) -> Option<String> {
    let reads_clock = segments.array_windows().any(|[clock, read]| CLOCKS.contains(&clock.as_str()) && read == "now");
    if reads_clock && file != CLOCK_FILE {
        return Some("reads the clock; take `now` as an argument".to_owned());
    }
    let library = segments.first()?;
    let (_, allowed) = CONFINED.iter().find(|(name, _)| name == library)?;
    let is_below = |folder: &str| file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    let stands_in = |place: &&str| file == *place || room_of(file) == *place || is_below(place);
    (!allowed.iter().any(stands_in)).then(|| format!("`{library}` belongs only in {}", allowed.join(", ")))
}

fn sql_clock(text: &str) -> Option<String> {
    let squeezed: String = text.to_lowercase().split_whitespace().collect();
    let found = SQL_CLOCKS.iter().find(|clock| squeezed.contains(**clock))?;
    Some(format!("`{found}` in a statement; bind `now` instead"))
}

/// A table that `literal` writes and `room` does not own.
fn foreign_table(room: &str, literal: &str) -> Option<String> {
    ["INSERT INTO ", "UPDATE ", "DELETE FROM "].into_iter().find_map(|verb| {
        let (_, rest) = literal.split_once(verb)?;
        let table = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
        let (owner, _) = TABLES.iter().find(|(_, tables)| tables.contains(&table))?;
        (*owner != room).then(|| format!("`{room}` must not write `{table}` of `{owner}`"))
    })
}

fn room_of(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// Every `.rs` and `.sql` file of the project below `folder`, with its path from the root.
fn read(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> =
        folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            read(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "sql") {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
            files.push((name, std::fs::read_to_string(&path).expect("a text")));
        }
    }
}

#[test]
fn the_rooms_use_only_what_stands_to_their_left() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    read(root, &root.join("src"), &mut files);
    read(root, &root.join("migrations"), &mut files);
    assert!(files.len() > 50, "the sources were not found");
    let found: Vec<String> =
        violations(&files).iter().map(|found| format!("{}:{}: {}", found.path, found.line, found.what)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The line and the complaint of the only violation in `text`, if it stood at `path`.
fn only(path: &str, text: &str) -> Option<(usize, String)> {
    let mut found = violations(&[(path.to_owned(), text.to_owned())]);
    assert!(found.len() <= 1, "{found:?}");
    found.pop().inspect(|found| assert_eq!(found.path, path)).map(|found| (found.line, found.what))
}

fn planted(path: &str, text: &str, line: usize, words: &str) {
    let (at, what) = only(path, text).unwrap_or_else(|| panic!("not found in {path}: {text}"));
    assert_eq!(at, line, "{what}");
    assert!(what.contains(words), "{what}");
}

#[test]
fn a_room_that_uses_one_to_its_right_is_found() {
    planted("src/message/mod.rs", "//! Doc.\n\nuse crate::outbox::Entry;\n", 3, "`message` must not use `outbox`");
    planted(
        "src/source/csv.rs",
        "fn f() {\n    crate::observation::read();\n}",
        2,
        "`source` must not use `observation`",
    );
    planted("src/catalog/unit.rs", "use crate::evaluation;", 1, "`catalog` must not use `evaluation`");
    planted("src/clock.rs", "use crate::db::Db;", 1, "`clock` must not use `db`");
    planted("src/outbox/claim.rs", "fn f() -> super::super::channel::Receipt {}", 1, "must not use `channel`");
    planted("src/http.rs", "use super::catalog::Unit;", 1, "`http` must not use `catalog`");
    planted("src/outbox/claim.rs", "use super::super::*;", 1, "takes in the whole crate");
    planted("src/postman/mod.rs", "fn f() {}", 1, "stands in no table");
}

#[test]
fn a_grouped_or_renamed_import_is_found_on_its_own_line() {
    let grouped = "use crate::{\n    catalog::{self, Unit},\n    db::Db,\n    pass::{Round, run},\n};\n";
    let found = violations(&[("src/outbox/mod.rs".to_owned(), grouped.to_owned())]);
    assert_eq!(found.iter().map(|found| found.line).collect::<Vec<_>>(), [4, 4], "{found:?}");
    planted("src/dispatch/mod.rs", "use crate::{pass, dispatch};", 1, "`dispatch` must not use `pass`");
    planted("src/pass/mod.rs", "use crate::{clock, dispatch as right};", 1, "`pass` must not use `dispatch`");
    planted("src/decision/mod.rs", "pub(crate) use crate::app::{self as root};", 1, "`decision` must not use `app`");
}

#[test]
fn a_library_outside_its_room_is_found() {
    planted("src/message/store.rs", "use crate::db::Db;\nuse sqlx::Row as _;", 2, "`sqlx` belongs only in");
    planted("src/message/store.rs", "#[derive(Debug, sqlx::FromRow)]\nstruct Row;", 1, "`sqlx`");
    planted("src/dispatch/lane.rs", "fn f(m: &lettre::Message) {}", 1, "`lettre`");
    planted("src/pass/mod.rs", "use {std::fmt, ::tera::Tera};", 1, "`tera`");
    planted("src/channel/open.rs", "extern crate reqwest;", 1, "`reqwest`");
    planted("src/cli/check.rs", "fn f(e: sqlx::Error) {}", 1, "`sqlx`");
    assert_eq!(only("src/cli/exit.rs", "fn f(e: sqlx::Error) {}"), None, "one file of the command line may");
}

#[test]
fn whoever_reads_the_clock_is_found() {
    planted("src/decision/decide.rs", "fn f() {\n\n    let now = chrono::Utc::now();\n}", 3, "reads the clock");
    planted("src/web/mod.rs", "use std::time::SystemTime;\nfn f() { g(SystemTime::now) }", 2, "reads the clock");
    planted("src/outbox/claim.rs", "const A: &str = \"UPDATE t\\n\\\n SET a = NOW ( )\";", 1, "`now()` in a statement");
    planted("src/outbox/claim.rs", "const A: &str = r#\"SELECT \"a\", datetime('now')\"#;", 1, "in a statement");
    planted(
        "migrations/0009.sql",
        "-- now() is said here\nALTER TABLE run ADD a BIGINT DEFAULT now();",
        2,
        "in a statement",
    );
    assert_eq!(only("src/clock.rs", "fn f() { Utc::now() }"), None);
    assert_eq!(only("src/dispatch/lane.rs", "fn f() { Instant::now(); clock.now(); }"), None, "monotonic, or told");
}

#[test]
fn whoever_writes_the_table_of_another_is_found() {
    planted(
        "src/web/mailbox.rs",
        "\nconst A: &str = \"UPDATE outbox SET state = 'sent'\";",
        2,
        "must not write `outbox`",
    );
    planted("src/decision/store.rs", "const A: &str = \"INSERT INTO run (id) VALUES ($1)\";", 1, "of `pass`");
    planted("migrations/0009.sql", "CREATE TABLE promise (\n    id TEXT\n);", 1, "has no owner");
    assert_eq!(only("src/web/mailbox.rs", "const A: &str = \"SELECT state FROM outbox\";"), None);
    assert_eq!(only("src/outbox/settle.rs", "const A: &str = \"DELETE FROM attempt\";"), None);
}

#[test]
fn a_file_far_over_its_budget_is_found() {
    planted("src/outbox/claim.rs", &"\n".repeat(LONGEST_FILE + 1), LONGEST_FILE + 1, "longer than");
    assert_eq!(only("src/outbox/claim.rs", &"\n".repeat(LONGEST_FILE)), None);
}

#[test]
fn what_comments_and_strings_say_is_not_what_the_code_does() {
    let said = "//! See [`crate::pass::run`] and `sqlx`.\n/* use crate::pass; /* Utc::now() */ use sqlx::Row; */\n\
                const A: &str = \"use crate::pass; sqlx::query\";\nconst B: &[u8] = br#\"crate::\"pass\"::run\"#;\n\
                const C: char = '\"'; const D: char = '\\''; fn f<'a>(x: &'a str) -> Vec<&'a str> { crate::on!(x) }\n";
    assert_eq!(only("src/decision/decide.rs", said), None);
}

#[test]
fn what_stands_to_the_left_may_be_used_and_inline_modules_are_followed() {
    let text = "use super::{Case, claim::Claim};\nuse self::inner::Row;\nuse crate::{on, read, message::Message as M};\n\
                mod tests {\n    use super::super::Entry;\n    mod deeper { use super::super::super::State; }\n}\n\
                fn f() -> impl Iterator + use<> { super::settle() }";
    assert_eq!(only("src/outbox/claim.rs", text), None);
    planted("src/outbox/claim.rs", "mod tests {}\nuse super::super::pass::Round;", 2, "must not use `pass`");
}
