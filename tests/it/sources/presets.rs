//! The shipped presets against replies of real shape with invented numbers. The addresses of a stub stand in for theirs.

use crate::support::http_stub::{HttpAnswer, HttpStub};

use super::{observed, settings, shown};

fn reply(file: &str) -> HttpAnswer {
    let path = format!("tests/it/fixtures/http_json/{file}.json");
    HttpAnswer::json(std::fs::read_to_string(path).unwrap())
}

/// What a round as of February makes of these replies, and what was asked for.
async fn preset(name: &str, own: &str, files: &[&str]) -> String {
    let stub = HttpStub::start(files.iter().map(|file| reply(file))).await;
    let tables = format!(
        "[[source]]\nname = \"province\"\npreset = \"{name}\"\nurl = \"{}\"\nallow_private = true\n{own}",
        stub.url("/report")
    );
    let observations = observed(&settings(&tables), "2022-02-28").await.unwrap();
    let asked = stub
        .requests()
        .into_iter()
        .map(|request| format!("{} {} {}\n", request.method, request.path, String::from_utf8(request.body).unwrap()));
    let asked: String = asked.collect();
    format!("{asked}{}", shown(&observations)).replace(&stub.addr.to_string(), "portal")
}

const ROOT: &str = "[source.roots]\n24 = \"019d2be3-0000-7000-8000-000000000001\"\n";

#[tokio::test]
async fn the_portals_tree_gives_its_leaves_and_null_is_not_zero() {
    let said = preset("dvcqg-766", ROOT, &["dvcqg_filing_1", "dvcqg_filing_2"]).await;
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn the_portals_payments_are_dossiers_with_an_obligation() {
    insta::assert_snapshot!(preset("dvcqg-766-payment", ROOT, &["dvcqg_payment_1", "dvcqg_payment_2"]).await);
}

#[tokio::test]
async fn the_portals_metrics_are_found_by_their_code_on_every_page() {
    let files = ["dvcqg_result_1_1", "dvcqg_result_1_2", "dvcqg_result_2_1", "dvcqg_result_2_2"];
    insta::assert_snapshot!(preset("dvcqg-766-result", ROOT, &files).await);
}

#[tokio::test]
async fn the_older_gateway_speaks_in_texts_and_its_shares_are_no_counts() {
    let files = ["rest_jsp_1_07201", "rest_jsp_1_SCT", "rest_jsp_2_07201", "rest_jsp_2_SCT"];
    let roots = "[source.roots]\n07201 = \"372651\"\nSCT = \"372001\"\n";
    insta::assert_snapshot!("rest_jsp", preset("dvcqg-rest-jsp", roots, &files).await);
    let thousands = format!("{roots}[source.columns]\nnumber_format = \"point_thousands\"\n");
    let said = preset("dvcqg-rest-jsp", &thousands, &files).await;
    assert!(said.contains("SCT 2022-01: received 1234, "), "{said}");
    let shares = format!("{roots}[source.columns.measures]\npaid_on_portal = \"GDTTQG\"\n");
    insta::assert_snapshot!("rest_jsp_shares", preset("dvcqg-rest-jsp", &shares, &files).await);
}

#[tokio::test]
async fn an_igate_is_asked_with_the_provinces_own_ids() {
    let own = "[source.roots]\n24 = \"6852c2f0\"\n[source.query]\nagencyLevel0 = \"5f6b1798\"\n";
    insta::assert_snapshot!(preset("vnpt-igate", own, &["igate_1", "igate_2"]).await);
}
