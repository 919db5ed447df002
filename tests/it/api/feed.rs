//! The feed of the operations centre: asked for again and again, as JSON and as CSV.

use dondoc::people::Role;

use super::Office;
use crate::desk::figures;

#[tokio::test]
async fn whoever_asks_again_is_spared_what_he_knows() {
    let office = Office::new().await;
    let mut program = office.program(Role::Viewer, None).await;
    for path in ["/api/v1/feed", "/api/v1/feed?format=csv", "/api/v1/province", "/api/v1/units"] {
        let first = program.get(path).await;
        assert_eq!((first.status.as_u16(), first.header("cache-control")), (200, "private, no-cache"), "{path}");
        let mut again = program.reader.clone().with("if-none-match", first.header("etag"));
        let known = again.get(path).await;
        assert_eq!((known.status.as_u16(), known.body.as_str()), (304, ""), "{path}");
        assert_eq!(known.header("etag"), first.header("etag"));
    }
    let before = program.get("/api/v1/feed").await;
    office.project.write("figures.csv", &figures(4, |_| 95));
    assert_eq!(office.project.run(&["run", "--as-of", "2022-11-01"]).code, 0);
    let mut again = program.reader.clone().with("if-none-match", before.header("etag"));
    let news = again.get("/api/v1/feed").await;
    assert_eq!(news.status.as_u16(), 200);
    assert!(news.body.contains("\"as_of\":\"2022-11-01\""), "{}", news.body);
}

#[tokio::test]
async fn the_rows_are_flat_and_the_same_as_csv() {
    let office = Office::new().await;
    let mut program = office.program(Role::Viewer, None).await;
    let told = program.read("/api/v1/feed").await;
    let rows = told["rows"].as_array().unwrap();
    assert_eq!(rows.len() % 5, 0, "the total and four communes, per indicator");
    assert!(
        rows.iter().all(|row| row.as_object().unwrap().values().all(|value| !value.is_object() && !value.is_array()))
    );
    let of = |code: &str| {
        rows.iter().find(|row| row["unit_code"] == code && row["indicator"] == "online_filing").unwrap().clone()
    };
    assert_eq!((&of("total")["numerator"], &of("total")["change"]), (&216.into(), &"+7.50".into()));
    assert_eq!((&of("X000002")["kind"], &of("X000002")["standing"]), (&"xa".into(), &"below".into()));

    let csv = program.get("/api/v1/feed?format=csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert!(!csv.body.starts_with('\u{feff}'));
    let mut reader = csv::Reader::from_reader(csv.body.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header, rows[0].as_object().unwrap().keys().cloned().collect::<Vec<_>>());
    let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(records.len(), rows.len());
    for (record, row) in records.iter().zip(rows) {
        for (cell, value) in record.iter().zip(row.as_object().unwrap().values()) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(cell, if value.is_null() { "" } else { &text }, "{row}");
        }
    }
    let one = program.read("/api/v1/feed?indicator=online_filing&kind=so").await;
    assert_eq!(one["rows"].as_array().unwrap().len(), 1, "the total alone: {one}");
    assert_eq!(program.get("/api/v1/feed?indicator=nothing").await.status.as_u16(), 404);
}

#[tokio::test]
async fn before_the_first_round_there_are_no_figures_and_that_is_said() {
    let project = crate::support::project::Project::new(&crate::support::project::Plan::default());
    project.run(&["migrate"]);
    let office = Office::over(project).await;
    let mut program = office.program(Role::Viewer, None).await;
    for path in ["/api/v1/feed", "/api/v1/feed?format=csv", "/api/v1/province"] {
        let answer = program.get(path).await;
        assert_eq!(super::refusal(&answer), (404, "no_round".to_owned(), String::new()), "{path}");
    }
    let units = program.read("/api/v1/units").await;
    assert_eq!((&units["as_of"], &units["count"]), (&serde_json::Value::Null, &20.into()));
}
