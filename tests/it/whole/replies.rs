//! From the letter to the answer and back to the admins, with the real binary.

use super::{DAY, UNITS, entries, plan, says, word};
use crate::support::daemon::Daemon;
use crate::support::project::{Plan, Project, code};

const KEY: &str =
    "[reply]\nkey = \"a-key-of-the-province-0123456789abcdef\"\n[alerts]\nto = [\"quantri@tinh.example\"]\n";

fn project() -> Project {
    Project::new(&Plan { extra: KEY.to_owned(), ..plan() })
}

/// The mail that the head of the unit with this number got, as JSON of its words.
fn mail(project: &Project, number: usize) -> serde_json::Value {
    let entries = entries(project);
    let entry = entries.iter().find(|entry| entry["unit_code"] == code(number)).expect("a message");
    let id = word(&entry["id"]);
    let words = stored(project, &id);
    serde_json::from_str(&words).expect("JSON")
}

/// The stored words of an entry, read past the program.
fn stored(project: &Project, id: &str) -> String {
    let url = format!("sqlite:{}", project.path("dondoc.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        use sqlx::{Connection as _, Row as _};
        let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("the database opens");
        let row = sqlx::query("SELECT content FROM outbox_content WHERE entry_id = ?").bind(id);
        row.fetch_one(&mut connection).await.expect("the entry").get(0)
    })
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before} is not in {text}"));
    rest.split_once(after).map_or(rest, |(found, _)| found)
}

/// Presses a button on the page behind `path`.
fn press(daemon: &Daemon, path: &str, answer: &str, rest: &str) -> String {
    let (status, page) = daemon.get(path);
    assert!(status.contains("200"), "{status}: {page}");
    let mark = between(&page, "name=\"page\" value=\"", "\"");
    let by = if page.contains(" min=\"") { between(&page, " min=\"", "\"") } else { "" };
    let cases = page.split("name=\"case\" value=\"").skip(1).map(|part| part.split('"').next().unwrap());
    let cases: Vec<String> = cases.map(|case| format!("&case={case}")).collect();
    let form = format!("page={mark}&answer={answer}&by={by}{}{rest}", cases.concat());
    let head = format!(
        "POST {path} HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}",
        form.len()
    );
    let (status, body) = daemon.send(&head, form.as_bytes());
    assert!(status.contains("303"), "{status}: {body}");
    by.to_owned()
}

#[test]
fn a_letter_carries_a_link_and_an_answer_is_listed_and_told() {
    let project = project();
    let done = project.run(&["run", "--as-of", DAY]);
    assert_eq!(done.code, 0, "{}", done.err);
    let mut paths = Vec::new();
    for number in 0..UNITS {
        let mail = mail(&project, number);
        let text = word(&mail["text"]);
        let url = between(&text, "Trả lời (không cần tài khoản): ", "\n");
        assert!(url.starts_with("http://127.0.0.1:8080/r/") && url.len() < 140, "{url}");
        let html = word(&mail["html"]);
        assert!(html.contains(&format!("href=\"{url}\"")), "{html}");
        assert_eq!(html.matches("http").count(), 1, "nothing else leads anywhere: {html}");
        let sms = word(&mail["sms"]);
        assert!(!sms.contains("http") && !sms.contains("/r/"), "{sms}");
        paths.push(url.strip_prefix("http://127.0.0.1:8080").unwrap().to_owned());
    }
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), UNITS, "everybody has a link of his own");

    let daemon = Daemon::serve(&project);
    let (_, page) = daemon.get(&paths[0]);
    for part in ["Số liệu đến 31/10/2022, do", "(20,00%); chỉ tiêu 50%; thiếu 60 hồ sơ", "thiếu"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let by = press(&daemon, &paths[0], "promised", "&cause=thi%E1%BA%BFu+m%C3%A1y+qu%C3%A9t");
    press(&daemon, &paths[1], "disputed", "&cause=%3DHYPERLINK%281%29");
    let (_, page) = daemon.get(&paths[0]);
    assert!(page.contains("thiếu máy quét") && page.contains("Câu trả lời đã được ghi nhận"), "{page}");
    assert!(daemon.stop().0.success());

    let list = project.run(&["reply", "list", "--format", "json"]).json();
    let list = list.as_array().expect("a list");
    let said: Vec<_> = list.iter().map(|one| (word(&one["answer"]), one["by"].as_str().unwrap_or(""))).collect();
    assert_eq!(said, [("promised".to_owned(), by.as_str()), ("disputed".to_owned(), "")]);
    assert_eq!(list[0]["cause"], "thiếu máy quét");
    let csv = project.run(&["reply", "list", "--open", "--format", "csv"]).out;
    assert!(csv.contains("'=HYPERLINK(1)") && !csv.contains("promised"), "{csv}");

    for _ in 0..2 {
        let next = project.run(&["run", "--as-of", "2022-11-01"]);
        assert_eq!(next.code, 0, "{}", next.err);
    }
    let told: Vec<_> = entries(&project).into_iter().filter(|entry| entry["unit_code"] == "").collect();
    assert_eq!(told.len(), 1, "once: {told:?}");
    let alert = project.run(&["outbox", "show", &word(&told[0]["id"])]);
    let id = word(&list[1]["id"]);
    says(&alert, &["phản ánh số liệu", "=HYPERLINK(1)", &format!("dondoc reply close {id}")]);
    let missing = project.run(&["reply", "close", "x", "--note", "đúng", "--by", "Phòng CNTT"]);
    assert_eq!(missing.code, 2, "{}", missing.err);
    assert_eq!(project.run(&["reply", "close", &id, "--note", "đúng", "--by", "Phòng CNTT"]).code, 0);
    says(&project.run(&["reply", "list", "--open"]), &["nothing is open"]);
}

/// How many messages each unit has.
fn letters(project: &Project) -> Vec<usize> {
    let entries = entries(project);
    let of = |number: usize| entries.iter().filter(|entry| entry["unit_code"] == code(number)).count();
    (0..UNITS).map(of).collect()
}

#[test]
fn who_promised_or_disputed_is_left_alone_until_the_dispute_is_closed() {
    let project = project();
    assert_eq!(project.run(&["run", "--as-of", DAY]).code, 0);
    let path = |number: usize| word(&mail(&project, number)["link"]).replace("http://127.0.0.1:8080", "");
    let daemon = Daemon::serve(&project);
    press(&daemon, &path(0), "promised", "&cause=a");
    press(&daemon, &path(1), "disputed", "&cause=b");
    press(&daemon, &path(2), "received", "");
    assert!(daemon.stop().0.success());
    let repeat = |day: &str| {
        let done = project.run(&["run", "--as-of", day]);
        assert_eq!(done.code, 0, "{}", done.err);
        letters(&project)
    };
    assert_eq!(repeat("2022-11-07"), [1, 1, 2], "five working days later");
    let open = project.run(&["reply", "list", "--open", "--format", "json"]).json();
    let id = word(&open[0]["id"]);
    assert_eq!(project.run(&["reply", "close", &id, "--note", "đúng", "--by", "Phòng CNTT"]).code, 0);
    assert_eq!(repeat("2022-11-08"), [1, 2, 2], "a closed dispute holds nothing");
}

#[test]
fn without_a_key_letters_carry_no_link() {
    let project = Project::new(&plan());
    assert_eq!(project.run(&["run", "--as-of", DAY]).code, 0);
    let mail = mail(&project, 0);
    assert!(!word(&mail["text"]).contains("Trả lời") && !word(&mail["html"]).contains("http"), "{mail}");
    assert!(mail.get("link").is_none());
}

#[test]
fn a_rerun_of_waiting_letters_writes_none_anew_for_its_link() {
    let project = project();
    project.edit("config.toml", "approval = \"never\"", "approval = \"always\"");
    assert_eq!(project.run(&["run", "--as-of", DAY]).code, 8);
    let before = mail(&project, 0);
    project.edit("config.toml", "a-key-of-the-province", "another-key-of-the-province");
    let done = project.run(&["run", "--as-of", DAY]);
    assert!(!done.err.contains("written anew"), "{}", done.err);
    assert_eq!(mail(&project, 0), before);
}

#[test]
fn a_revoked_link_is_refused_and_a_weak_key_is_named() {
    let project = project();
    assert_eq!(project.run(&["run", "--as-of", DAY]).code, 0);
    let path = word(&mail(&project, 0)["link"]).replace("http://127.0.0.1:8080", "");
    let revoked = project.run(&["reply", "revoke", &code(0), "--note", "chuyển tiếp", "--by", "Phòng CNTT"]);
    assert_eq!(revoked.code, 0, "{}", revoked.err);
    assert_eq!(project.run(&["reply", "revoke", "0"]).code, 2);
    let daemon = Daemon::serve(&project);
    let (status, body) = daemon.get(&path);
    assert!(status.contains("404") && body.contains("không còn hiệu lực"), "{status}: {body}");
    assert_eq!(daemon.get("/r/x"), (status, body));
    drop(daemon);
    project.edit("config.toml", "a-key-of-the-province-0123456789abcdef", "short");
    says(&project.run(&["check"]), &["a key of `reply.key` has less than 32 characters", "openssl rand -hex 32"]);
}
