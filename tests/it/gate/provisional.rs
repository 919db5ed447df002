//! Months that are not closed yet: they are not judged, and what is judged says up to which day.

use chrono::{DateTime, Utc};
use dondoc::app::{App, Role};
use dondoc::clock::{Clock, local_date};
use dondoc::config;
use dondoc::db::Durability;
use dondoc::outbox::{self, Filter};
use dondoc::pass::Round;

use super::{project, quality, says};
use crate::support::project::{Project, figures};

/// Below target in September, on target with October.
fn september_and_october(project: &Project) {
    let september = figures(3, 40).replace("2022-10", "2022-09");
    let october: Vec<String> =
        (0..3).map(|number| format!("2022-10,X{number:06},1.000001,300,300,300,300,300,300,0,1,1\n")).collect();
    project.write("figures.csv", &format!("{september}{}", october.concat()));
}

/// One round on that day at noon, and the subjects of what it wrote.
async fn round(project: &Project, day: &str) -> (Round, Vec<String>) {
    let noon: DateTime<Utc> = format!("{day}T12:00:00+07:00").parse().expect("an instant");
    let (config, _) = config::load(Some(&project.path("config.toml")), &[]).expect("a good configuration");
    let mut app = App::open(config, Clock::at(noon), Role::Visitor, Durability::ThrowAway).await.expect("it opens");
    app.program = env!("CARGO_BIN_EXE_dondoc").into();
    let round = app.decide(local_date(noon), false, &|_| {}).await.expect("a round");
    let mut subjects = Vec::new();
    for entry in outbox::list(&app.db, &Filter::default()).await.expect("entries") {
        let (_, content, _) = outbox::show(&app.db, &entry.id).await.expect("an entry").expect("there");
        let content: serde_json::Value = serde_json::from_str(&content).expect("JSON");
        subjects.push(content["subject"].as_str().expect("a subject").to_owned());
    }
    app.close().await;
    (round, subjects)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_month_is_not_judged_and_the_message_says_up_to_which_day() {
    let project = project(3);
    quality(&project, "closes_on = \"5\"");
    september_and_october(&project);
    let (before, subjects) = round(&project, "2022-11-03").await;
    assert!(before.held.is_none(), "{:?}", before.held);
    assert_eq!((before.closing.until.to_string().as_str(), before.counts.below), ("2022-09-30", 3));
    assert_eq!(subjects.len(), 3);
    assert!(subjects.iter().all(|subject| subject.contains("(đến 30/9/2022)")), "{subjects:?}");

    let (after, _) = round(&project, "2022-11-06").await;
    assert!(after.held.is_none(), "{:?}", after.held);
    assert_eq!(after.closing.until.to_string(), "2022-10-31", "closed on the fifth");
    let filing = after.province.iter().find(|rate| rate.indicator.id.as_str() == "online_filing").expect("the rate");
    assert_eq!(filing.rate.map(|rate| (rate.numerator(), rate.denominator())), Some((1_020, 1_500)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_may_judge_open_months_all_the_same() {
    let project = project(3);
    quality(&project, "closes_on = \"5\"\nprovisional = \"judge\"");
    september_and_october(&project);
    let (round, _) = round(&project, "2022-11-03").await;
    assert_eq!(round.closing.until.to_string(), "2022-11-03");
    let filing = round.province.iter().find(|rate| rate.indicator.id.as_str() == "online_filing").expect("the rate");
    assert_eq!(filing.rate.map(dondoc::evaluation::Rate::denominator), Some(1_500));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn freshness_is_asked_of_the_day_of_the_round() {
    let project = project(3);
    quality(&project, "closes_on = \"5\"");
    let (round, subjects) = round(&project, "2022-12-20").await;
    assert!(round.held.is_some(), "October ended 50 days before");
    assert!(subjects.iter().all(|subject| subject.contains("bị tạm giữ")), "{subjects:?}");
}

#[test]
fn a_pull_says_which_months_are_provisional() {
    let project = project(3);
    quality(&project, "closes_on = \"31\"");
    let today = local_date(Clock::System.now());
    let month = today.format("%Y-%m").to_string();
    project.write("figures.csv", &figures(3, 40).replace("2022-10", &month));
    let done = project.run(&["pull", "--format", "json"]);
    let pulled = done.json();
    says(&done, &["figures count up to ", &format!("{month} (until ")]);
    assert!(pulled["figures_until"].as_str().is_some_and(|until| until < today.to_string().as_str()), "{pulled}");
    let provisional = pulled["provisional"].as_array().expect("a list");
    assert_eq!(provisional.last().map(|open| &open["month"]), Some(&month.into()), "{pulled}");
    let done = project.run(&["pull", "--as-of", "2022-10-31", "--format", "json"]);
    assert_eq!(done.json()["provisional"], serde_json::json!([]), "long closed");
}

#[test]
fn a_closing_day_that_is_none_is_told() {
    let project = project(3);
    quality(&project, "closes_on = \"32\"\nprovisional = \"guess\"");
    let done = project.run(&["check"]);
    assert_eq!(done.code, 3);
    says(
        &done,
        &["`quality.closes_on`: \"32\" is no day of a month", "`quality.provisional`: \"guess\" is not allowed"],
    );
}
