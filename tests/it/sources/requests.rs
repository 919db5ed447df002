//! How a system is asked: login, pages, waits; and what of its answers is not taken.

use dondoc::source::FetchError;

use crate::support::http_stub::{HttpAnswer, HttpStub};

use super::{failure, observed, problems, settings, settings_in, shown};

/// A source that asks once for the year, with further keys and tables.
fn source(url: &str, keys: &str, tables: &str) -> String {
    format!(
        "[[source]]\nname = \"system\"\nkind = \"http_json\"\nurl = \"{url}\"\nallow_private = true\nper = \"year\"\n\
         rows = \"$.data[*]\"\nattempts = 1\n{keys}\n{tables}\n\
         [source.columns]\nunit_code = \"unit\"\n[source.columns.measures]\nreceived = \"received\"\n"
    )
}

fn rows(rows: &str) -> HttpAnswer {
    HttpAnswer::json(format!("{{\"data\":[{rows}]}}"))
}

const ROW: &str = r#"{"unit":"07201","received":10}"#;

async fn refused(answers: impl IntoIterator<Item = HttpAnswer>, keys: &str, tables: &str) -> String {
    let stub = HttpStub::start(answers).await;
    let said = failure(&settings(&source(&stub.url("/figures"), keys, tables))).await;
    said.replace(&stub.addr.to_string(), "system")
}

#[tokio::test]
async fn pages_are_asked_for_until_one_is_empty_and_a_refusal_names_page_and_item() {
    let answers = [
        rows(&[ROW, r#"{"unit":"SCT","received":null}"#].join(",")),
        rows(r#"{"unit":"07318","received":1},{"unit":"07630","received":12.5},{"unit":"X","received":3}"#),
        rows(""),
    ];
    let stub = HttpStub::start(answers).await;
    let text = source(&stub.url("/figures"), "", "[source.query]\np = \"{page}\"\ny = \"{year}\"\nto = \"{to_dmy}\"\n");
    let observations = observed(&settings(&text), "2022-10-31").await.unwrap();
    let paths: Vec<String> = stub.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, [1, 2, 3].map(|page| format!("/figures?p={page}&y=2022&to=31%2F10%2F2022")));
    let said = shown(&observations).replace(&stub.addr.to_string(), "system");
    insta::assert_snapshot!(said);
    let again = observed(&settings(&text), "2022-10-31").await;
    assert!(again.is_err(), "the stub now answers with no JSON");
}

#[tokio::test]
async fn replies_are_known_by_the_hash_of_their_bytes_in_order() {
    let hash = async |first: &str, second: &str| {
        let stub = HttpStub::start([rows(first), rows(second), rows("")]).await;
        let text = source(&stub.url("/figures"), "", "[source.query]\np = \"{page}\"\n");
        observed(&settings(&text), "2022-10-31").await.unwrap().snapshots.remove(0).sha256
    };
    let other = r#"{"unit":"SCT","received":7}"#;
    assert_eq!(hash(ROW, other).await, hash(ROW, other).await);
    assert_ne!(hash(ROW, other).await, hash(other, ROW).await);
}

#[tokio::test]
async fn what_is_incomplete_or_no_figures_is_refused_by_its_name() {
    let paged = "[source.query]\np = \"{page}\"\n";
    let page = "<html><title>Đăng nhập</title></html>";
    let said = [
        refused([HttpAnswer::json(page)], "", "").await,
        refused([HttpAnswer::json("{\"data\":[")], "", "").await,
        refused([HttpAnswer::json(format!("{}1", "[".repeat(200_000)))], "", "").await,
        refused([HttpAnswer::json(r#"{"code":"ERROR","data":[]}"#)], "", "[source.expect]\n\"$.code\" = \"OK\"\n")
            .await,
        refused([rows("")], "", "").await,
        refused([rows(ROW), rows(ROW)], "", paged).await,
        refused([HttpAnswer::json(format!("{{\"n\":3,\"data\":[{ROW}]}}"))], "", "[source.paging]\ntotal = \"$.n\"\n")
            .await,
        refused(
            [HttpAnswer::json(format!("{{\"n\":3,\"data\":[{ROW}]}}")), HttpAnswer::json("{\"n\":3,\"data\":[]}")],
            "",
            "[source.query]\np = \"{page}\"\n[source.paging]\npages = \"$.n\"\n",
        )
        .await,
        refused([rows(r#"{"unit":"07201","recieved":1}"#)], "", "").await,
        refused([HttpAnswer::status(404)], "", "").await,
        refused([HttpAnswer::status(403)], "", "").await,
        refused([HttpAnswer::status(401)], "", "").await,
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[tokio::test]
async fn a_system_that_wants_a_pause_gets_it_within_the_total_time() {
    let slow = HttpAnswer::with_header(429, "Retry-After", "1");
    let stub = HttpStub::start([slow.clone(), HttpAnswer::status(503), rows(ROW)]).await;
    let started = std::time::Instant::now();
    let text = source(&stub.url("/figures"), "", "").replace("attempts = 1", "attempts = 3");
    observed(&settings(&text), "2022-10-31").await.unwrap();
    assert_eq!(stub.requests().len(), 3);
    assert!(started.elapsed().as_millis() >= 2_900, "1 s as asked, then 2 s of our own");
    let stub = HttpStub::start([HttpAnswer::with_header(429, "Retry-After", "0"), rows(ROW), rows("")]).await;
    let started = std::time::Instant::now();
    let text = source(&stub.url("/figures"), "", "[source.query]\np = \"{page}\"\n");
    observed(&settings(&text.replace("attempts = 1", "attempts = 3")), "2022-10-31").await.unwrap();
    assert!(started.elapsed().as_millis() >= 900, "the next page is asked for more slowly");
    let long = HttpAnswer::with_header(429, "Retry-After", "3600");
    let stub = HttpStub::start([long]).await;
    let text =
        source(&stub.url("/figures"), "total_timeout = \"5 seconds\"", "").replace("attempts = 1", "attempts = 3");
    let started = std::time::Instant::now();
    let said = failure(&settings(&text)).await;
    assert!(said.contains("answers 429; a wait of 3600 s would exceed `total_timeout`"), "{said}");
    assert!(started.elapsed().as_secs() < 3 && stub.requests().len() == 1);
}

#[tokio::test]
async fn logins_are_sent_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "giu-kin\n").unwrap();
    for (auth, header) in [
        ("kind = \"bearer\"\ntoken_file = \"secret\"", "Bearer giu-kin"),
        ("kind = \"basic\"\nuser = \"a\"\npassword_file = \"secret\"", "Basic YTpnaXUta2lu"),
    ] {
        let stub = HttpStub::start([rows(ROW), HttpAnswer::status(401)]).await;
        let text = source(&stub.url("/figures"), "", &format!("[source.auth]\n{auth}\n"));
        let settings = settings_in(folder.path(), &text);
        assert!(!format!("{settings:?}").contains("giu-kin"));
        observed(&settings, "2022-10-31").await.unwrap();
        assert_eq!(stub.requests()[0].header("authorization"), header);
        let said = failure(&settings).await;
        assert!(said.contains("401") && !said.contains("giu-kin"), "{said}");
    }
}

#[tokio::test]
async fn a_token_is_fetched_once_kept_and_fetched_again_when_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "giu-kin\n").unwrap();
    let token =
        |token: &str, lasts: u64| HttpAnswer::json(format!("{{\"access_token\":\"{token}\",\"expires_in\":{lasts}}}"));
    let tokens = HttpStub::start([token("one", 300), token("two", 0), token("three", 300)]).await;
    let stub =
        HttpStub::start([rows(ROW), HttpAnswer::status(401), rows(r#"{"unit":"SCT","received":1}"#), rows("")]).await;
    let auth = format!(
        "[source.query]\np = \"{{page}}\"\n[source.auth]\nkind = \"oauth2\"\ntoken_url = \"{}\"\nclient_id = \"dondoc\"\n\
         client_secret_file = \"secret\"\nscope = \"a b\"\n",
        tokens.url("/token")
    );
    let settings = settings_in(folder.path(), &source(&stub.url("/figures"), "", &auth));
    observed(&settings, "2022-10-31").await.unwrap();
    let seen: Vec<String> = stub.requests().iter().map(|request| request.header("authorization").to_owned()).collect();
    assert_eq!(seen, ["Bearer one", "Bearer one", "Bearer two", "Bearer three"]);
    let asked = tokens.requests();
    assert_eq!(String::from_utf8_lossy(&asked[0].body), "grant_type=client_credentials&scope=a%20b");
    assert_eq!((asked[0].header("authorization"), asked.len()), ("Basic ZG9uZG9jOmdpdS1raW4=", 3));
    let none = HttpStub::start([HttpAnswer::json("{\"error\":\"giu-kin\"}")]).await;
    let text = source(&stub.url("/"), "", &auth.replace(&tokens.addr.to_string(), &none.addr.to_string()));
    let said = failure(&settings_in(folder.path(), &text)).await;
    assert!(said.contains("holds no `access_token`") && !said.contains("giu-kin"), "{said}");
}

#[tokio::test]
async fn a_certificate_counts_only_with_its_authority() {
    let (stub, certificate) = HttpStub::start_tls([rows(ROW)]).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), certificate).unwrap();
    let url = format!("https://localhost:{}/figures", stub.addr.port());
    let said = failure(&settings_in(folder.path(), &source(&url, "", ""))).await;
    assert!(said.contains("certificate"), "{said}");
    assert!(stub.requests().is_empty());
    let trusted = settings_in(folder.path(), &source(&url, "ca_file = \"ca.pem\"", ""));
    observed(&trusted, "2022-10-31").await.unwrap();
    assert_eq!(stub.requests().len(), 1);
    let missing = failure(&settings_in(folder.path(), &source(&url, "ca_file = \"none.pem\"", ""))).await;
    assert!(missing.contains("`ca_file`") && missing.contains("none.pem"), "{missing}");
}

#[tokio::test]
async fn neither_redirects_nor_private_addresses_are_followed() {
    let trap = HttpStub::start([]).await;
    for code in [301, 302, 307, 308] {
        let said = refused([HttpAnswer::with_header(code, "Location", &trap.url("/"))], "", "").await;
        assert!(said.contains("a redirect, which is never followed"), "{said}");
    }
    for url in [trap.url("/"), format!("http://localhost:{}/", trap.addr.port()), "http://[::1]:9/".to_owned()] {
        let text = source(&url, "", "").replace("allow_private = true", "allow_private = false");
        let error = observed(&settings(&text), "2022-10-31").await.unwrap_err();
        assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
        assert!(failure(&settings(&text)).await.contains("private or local address"), "{url}");
    }
    assert!(trap.requests().is_empty());
}

#[test]
fn a_source_that_cannot_work_is_answered_with_all_its_mistakes() {
    let text = "[[source]]\nname = \"a\"\nkind = \"http_json\"\nurl = \"https://a.example/x?y=1\"\nrows = \"$.data[\"\n\
                body = '{\"y\":{yaer}}'\nper = \"week\"\n[source.auth]\nkind = \"oauth2\"\nclient_id = \"x\"\n\
                [source.roots]\n24 = 'a\"b'\n[source.columns]\nunit_code = \"$.a[\"\n\
                [[source]]\nname = \"b\"\npreset = \"dvcqg-76\"\n\
                [[source]]\nname = \"c\"\nkind = \"sql\"\nurl = \"oracle://u:hunter2@h/d\"\nquery = \"SELECT 1; DROP TABLE a\"\n";
    let said = problems(text);
    assert!(!said.contains("hunter2"), "{said}");
    insta::assert_snapshot!(said);
}

#[tokio::test]
async fn rows_that_contradict_each_other_are_named_by_page_and_item() {
    let stub = HttpStub::start([rows(&[ROW, r#"{"unit":"07201","received":11}"#].join(","))]).await;
    let observations = observed(&settings(&source(&stub.url("/figures"), "", "")), "2022-10-31").await.unwrap();
    let said = shown(&observations);
    assert!(said.contains("/figures, page 1, item 1, $.data[0] and http"), "{said}");
    assert!(said.contains("/figures, page 1, item 2, $.data[1]"), "{said}");
}

#[tokio::test]
async fn quarters_and_years_are_booked_on_their_last_month() {
    for (per, requests, newest) in [("month", 5, "2022-05"), ("quarter", 2, "2022-05"), ("year", 1, "2022-05")] {
        let stub = HttpStub::start((0..requests).map(|_| rows(ROW))).await;
        let text = source(&stub.url("/figures"), "", "").replace("per = \"year\"", &format!("per = \"{per}\""));
        let observations = observed(&settings(&text), "2022-05-31").await.unwrap();
        assert_eq!(stub.requests().len(), requests, "{per}");
        assert_eq!(observations.snapshots[0].newest.unwrap().to_string(), newest);
        assert_eq!(observations.snapshots[0].rows, u64::try_from(requests).unwrap());
    }
}

#[test]
fn a_sources_own_keys_go_before_its_presets_and_an_unasked_department_is_missed() {
    let own = "[[source]]\nname = \"a\"\npreset = \"dvcqg-766\"\nkeep = \"all\"\nchildren = \"\"\nfresh_for = \"90 days\"\n\
               [source.roots]\n24 = \"a-1\"\n[source.columns]\nunit_code = \"departmentCode\"\n\
               [source.columns.measures]\nreceived = \"channelDirectSum\"\n";
    let settings = settings(own).remove(0);
    let dondoc::source::Place::HttpJson(http) = &settings.place else { panic!("a system") };
    assert_eq!((http.rows.children.as_deref(), http.rows.keep), (None, dondoc::source::Keep::All));
    assert_eq!((settings.fresh_for_days, settings.columns.unit_code.as_str()), (90, "departmentCode"));
    assert_eq!(settings.columns.measures, [("received".to_owned(), "channelDirectSum".to_owned())]);
    assert_eq!(settings.columns.unit_name, "departmentName", "what is not said stays the preset's");
    let said = problems("[[source]]\nname = \"a\"\npreset = \"dvcqg-766\"\n");
    assert!(said.contains("`source.a.roots` is missing: the request asks about {root}"), "{said}");
}

#[test]
fn every_preset_is_a_source_that_lacks_only_what_is_the_installations_own() {
    for (name, text) in dondoc::source::preset::ALL {
        let of_file = !text.contains("kind = \"http_json\"");
        let own = if of_file { "path = \"config.toml\"" } else { "[source.roots]\n24 = \"a-1\"" };
        let tables = format!("[[source]]\nname = \"a\"\npreset = \"{name}\"\n{own}\n");
        assert_eq!(problems(&tables), "", "{name}");
        assert!(text.starts_with("# "), "{name} says what it is of");
    }
}

#[test]
fn a_login_does_not_travel_in_clear_to_another_machine() {
    let checked = |url: &str, auth: &str| {
        let folder = tempfile::tempdir().unwrap();
        let text = source(url, "", &format!("[source.auth]\n{auth}\n"));
        let file = folder.path().join("config.toml");
        std::fs::write(&file, format!("{text}[[channel]]\nname = \"m\"\nkind = \"capture\"\n")).unwrap();
        let (config, _) = dondoc::config::load(Some(&file), &[]).unwrap();
        let now = chrono::DateTime::from_timestamp_millis(1_667_200_000_000).unwrap();
        let problems = dondoc::config::check(&config, None, now.date_naive(), now);
        problems.iter().filter(|problem| problem.code == "password_in_clear").count()
    };
    let bearer = "kind = \"bearer\"\ntoken = \"a\"";
    assert_eq!(checked("http://system.example/", bearer), 1);
    assert_eq!(checked("https://system.example/", bearer), 0);
    assert_eq!(checked("http://127.0.0.1:8080/", bearer), 0);
    assert_eq!(checked("http://system.example/", "kind = \"none\""), 0);
    let oauth = "kind = \"oauth2\"\nclient_id = \"a\"\nclient_secret = \"b\"\ntoken_url = \"http://login.example\"";
    assert_eq!(checked("https://system.example/", oauth), 1);
}
