//! The real binary, asked over the network.

use std::io::{Cursor, Write as _};

use serde_json::Value;
use zip::write::SimpleFileOptions;

use super::{TOKEN, good};
use crate::support::daemon::{Daemon, until};

fn head(name: &str, headers: &str) -> String {
    format!("POST /api/v1/sources/{name}/figures HTTP/1.1\r\n{headers}")
}

/// Status and JSON of the answer to `body` with a good token.
fn push(daemon: &Daemon, name: &str, kind: &str, body: &[u8]) -> (u16, Value) {
    let length = body.len();
    let headers = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: {kind}\r\nContent-Length: {length}");
    understood(daemon.send(&head(name, &headers), body))
}

fn understood((status, body): (String, String)) -> (u16, Value) {
    let code = status.split(' ').nth(1).unwrap().parse().unwrap();
    (code, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {status} {body}")))
}

#[test]
fn figures_that_are_pushed_are_judged_answered_and_used_by_the_next_round() {
    let project = super::project();
    let daemon = Daemon::serve(&project);
    let (status, taken) = push(&daemon, "province", "text/csv", good(40).as_bytes());
    assert_eq!(
        (status, &taken["result"], &taken["rows"], &taken["units"]),
        (201, &"taken".into(), &6.into(), &3.into())
    );
    assert_eq!(taken["months"], serde_json::json!(["2022-10"]));
    let (status, again) = push(&daemon, "province", "application/octet-stream", good(40).as_bytes());
    assert_eq!((status, &again["result"], &again["sha256"]), (200, &"unchanged".into(), &taken["sha256"]));
    let (status, refused) = push(&daemon, "province", "text/csv", good(40).replace(",90,", ",9O,").as_bytes());
    assert_eq!((status, &refused["result"]), (422, &"refused".into()), "{refused}");
    let reasons = refused["reasons"].as_array().unwrap();
    assert_eq!(
        (&reasons[0]["code"], &reasons[1]["where"]),
        (&"refused_rows".into(), &"pushed.csv:2:6".into()),
        "{refused}"
    );
    let (_, metrics) = daemon.get("/metrics");
    assert!(metrics.contains("dondoc_source_file_taken_timestamp_seconds{source=\"province\"} 1"), "{metrics}");
    daemon.until_it_says("a file was refused");
    let said = daemon.said();
    assert!(!said.contains(TOKEN) && !said.contains("9O") && !said.contains("X000000"), "{said}");
    assert!(!project.path("outbox").exists() && daemon.stop().0.success());
    let round = project.run(&["run", "--as-of", "2022-10-31", "--format", "json"]).json();
    assert_eq!(
        (&round["snapshots"][0]["sha256"], &round["messages"]["queued"]),
        (&taken["sha256"], &3.into()),
        "{round}"
    );
}

#[test]
fn what_is_wrong_with_a_request_is_told_and_the_figures_stay_as_they_were() {
    let project = super::project();
    let daemon = Daemon::serve(&project);
    let good = good(40);
    let bearer = format!("Authorization: Bearer {TOKEN}");
    let long = format!("{bearer}\r\nContent-Length: 99999999999");
    let chunked = format!("{bearer}\r\nTransfer-Encoding: chunked");
    let chunk = format!("100000\r\n{}\r\n", "x".repeat(1 << 20));
    let endless = format!("{chunk}{chunk}0\r\n\r\n");
    let length = |body: &str| format!("Content-Length: {}", body.len());
    let cases: [(&str, String, &[u8], u16, &str); 11] = [
        ("province", length(&good), good.as_bytes(), 401, "unauthorized"),
        ("elsewhere", length(&good), good.as_bytes(), 401, "unauthorized"),
        (
            "province",
            format!("Authorization: Basic {TOKEN}\r\n{}", length(&good)),
            good.as_bytes(),
            401,
            "unauthorized",
        ),
        (
            "province",
            format!("Authorization: Bearer {TOKEN}x\r\n{}", length(&good)),
            good.as_bytes(),
            401,
            "unauthorized",
        ),
        ("elsewhere", format!("{bearer}\r\n{}", length(&good)), good.as_bytes(), 404, "no_such_source"),
        ("province", long, b"", 413, "too_large"),
        ("province", chunked.clone(), endless.as_bytes(), 413, "too_large"),
        (
            "province",
            format!("{chunked}\r\nContent-Type: multipart/form-data; boundary=a"),
            b"0\r\n\r\n",
            415,
            "content_type",
        ),
        ("province", format!("{chunked}\r\nContent-Encoding: gzip"), b"0\r\n\r\n", 415, "content_encoding"),
        ("province", format!("{bearer}\r\nContent-Length: 0"), b"", 400, "empty_body"),
        ("province", chunked, b"5\r\nperio\r\nnonsense\r\n", 400, "broken_off"),
    ];
    for (name, headers, body, status, error) in cases {
        let (code, answer) = understood(daemon.send(&head(name, &headers), body));
        assert_eq!((code, &answer["error"]), (status, &error.into()), "{headers}: {answer}");
        assert!(answer["hint"].is_string(), "{answer}");
    }
    let (code, answer) =
        understood(daemon.send("PUT /api/v1/sources/province/figures HTTP/1.1\r\nContent-Length: 0", b""));
    assert_eq!((code, &answer["error"]), (405, &"method".into()));
    for below in ["current", "failed"] {
        let left = std::fs::read_dir(project.path("inbox").join(below)).unwrap().count();
        assert_eq!(left, 0, "{below}");
    }
    until(|| left_behind(&project) == 0, || "parts of uploads are left behind".to_owned());
    assert!(!daemon.said().contains(TOKEN));
}

fn left_behind(project: &crate::support::project::Project) -> usize {
    let entries = std::fs::read_dir(project.path("inbox/.taking")).unwrap();
    entries.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "part")).count()
}

#[test]
fn what_a_person_may_let_through_is_taken_and_told() {
    let project = super::project();
    project.edit("config.toml", "kind = \"csv\"", "kind = \"sheet\"");
    let row = |line: &str| format!("<tr><td>{}</td></tr>", line.replace(',', "</td><td>"));
    let rows: String = good(40).lines().map(row).collect();
    let page = format!("<table>{rows}{}</table>", row("Tổng cộng,,,9999"));
    let daemon = Daemon::serve(&project);
    let (status, taken) = push(&daemon, "province", "application/vnd.ms-excel", page.as_bytes());
    assert_eq!((status, &taken["doubts"][0]["code"]), (201, &"total_differs".into()), "{taken}");
    let told = taken["doubts"][0]["message"].as_str().unwrap();
    assert!(told.contains("pushed-sheet") && !told.contains(".taking"), "{told}");
    assert!(daemon.stop().0.success());
    let round = project.run(&["run", "--as-of", "2022-10-31"]);
    assert!(round.code == 4 && round.err.contains("pushed-sheet"), "{}", round.err);
}

type Change = fn(&mut serde_json::Map<String, Value>);

#[test]
fn rows_are_pushed_as_json_too() {
    let project = super::project();
    let daemon = Daemon::serve(&project);
    let text = good(40);
    let mut lines = text.lines().map(|line| line.split(','));
    let header: Vec<&str> = lines.next().unwrap().collect();
    let row = |line: std::str::Split<'_, char>| -> Value {
        let cell = |(key, cell): (&&str, &str)| {
            let count = cell.parse::<u64>().ok().filter(|_| cell != "2022-10" && !cell.contains('.'));
            ((*key).to_owned(), count.map_or(Value::from(cell), Value::from))
        };
        header.iter().zip(line).map(cell).collect::<serde_json::Map<_, _>>().into()
    };
    let rows: Vec<Value> = lines.map(row).collect();
    let send = |rows: &Value| push(&daemon, "province", "application/json", rows.to_string().as_bytes());
    let (status, taken) = send(&rows.clone().into());
    assert_eq!((status, &taken["rows"], &taken["units"]), (201, &6.into(), &3.into()), "{taken}");
    assert_eq!(push(&daemon, "province", "text/csv", text.as_bytes()).1["result"], "unchanged");
    let changed = |change: Change| {
        let mut rows = rows.clone();
        change(rows[1].as_object_mut().unwrap());
        send(&rows.into())
    };
    let cases: [(Change, &str); 3] = [
        (|row| drop(row.remove("received")), "`received` is missing"),
        (|row| drop(row.insert("name".into(), "x".into())), "`name` is not mapped"),
        (|row| drop(row.insert("received".into(), Value::Array(vec![]))), "a text, a number or null"),
    ];
    for (change, message) in cases {
        let (status, refused) = changed(change);
        let reason = &refused["reasons"][0];
        assert_eq!((status, &reason["where"]), (422, &"row 2".into()), "{refused}");
        assert!(reason["message"].as_str().unwrap().contains(message), "{refused}");
    }
    let (status, refused) = changed(|row| drop(row.insert("received".into(), 100.5.into())));
    assert_eq!((status, &refused["reasons"][1]["where"]), (422, &"pushed.csv:3:4".into()), "{refused}");
    assert_eq!(send(&serde_json::json!({"period": "2022-10"})).0, 422);
    assert!(daemon.stop().0.success());
}

#[test]
fn the_daemon_takes_in_what_is_put_into_the_folder() {
    let project = super::project();
    let daemon = Daemon::serve(&project);
    project.write("inbox/.figures.csv", &good(40));
    std::fs::rename(project.path("inbox/.figures.csv"), project.path("inbox/figures.csv")).unwrap();
    daemon.until_it_says("figures were taken in");
    assert!(!project.path("inbox/figures.csv").exists());
}

#[test]
fn a_workbook_that_inflates_without_end_is_refused_within_the_limits() {
    let project = super::project();
    project.edit("config.toml", "kind = \"csv\"", "kind = \"sheet\"");
    let daemon = Daemon::serve(&project);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&vec![b' '; 32 << 20]).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 200_000);
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let (status, refused) = push(&daemon, "province", kind, &bomb);
    assert_eq!(status, 422, "{refused}");
    assert!(refused["reasons"][0]["message"].as_str().unwrap().contains("inflates"), "{refused}");
    assert!(daemon.get("/healthz").0.contains("200"), "the daemon lives");
}

#[test]
fn where_nobody_may_push_there_is_no_such_address() {
    let project = super::project();
    project.edit("config.toml", &format!("[source.push]\ntoken = \"{TOKEN}\""), "");
    let daemon = Daemon::serve(&project);
    let (status, _) = daemon.send(&head("province", "Content-Length: 0"), b"");
    assert!(status.contains("404"), "{status}");
}
