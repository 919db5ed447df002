//! A `[[source]]` of kind `http_json`.

use std::time::Duration;

use super::section::Section;
use super::value::{self, Wrong, wrong};
use super::{address, sources};
use crate::source::{Auth, Body, Column, Columns, HttpJson, Keep, Limits, Path, Per, Rows, Series, Template};

const SECOND: Duration = Duration::from_secs(1);
/// Less than the time after which another replica takes over a planned round.
const TOTAL: Duration = Duration::from_mins(25);

/// Where and how the system is asked.
pub(super) fn http_json(section: &Section<'_>) -> Option<HttpJson> {
    let url = section.required("url", "url = \"https://system.province.example/api/statistics\"", url);
    let query = templates(&section.section("query"));
    let headers = templates(&section.section("headers"));
    let body = body(section);
    let auth = auth(&section.section("auth"));
    let ca_file = section.optional("ca_file", value::filled).map(|path| section.reading.path(&path));
    let allow_private = section.flag("allow_private", false);
    let rows = rows(section);
    let series = series(section);
    let limits = limits(section);
    let (shown, url) = url?;
    let (auth, rows) = (auth?, rows?);
    let http = HttpJson { url, shown, query, headers, body, auth, ca_file, allow_private, series, rows, limits };
    if http.is_rooted() && http.series.roots.is_empty() {
        let hint = "add [source.roots] with a line for each department: 24 = \"the system's id of it\"";
        section.report_key("roots", "missing_key", "is missing: the request asks about {root}", hint);
    }
    Some(http)
}

/// The columns of such a source: paths into a row, or holes of the request.
pub(super) fn columns(section: &Section<'_>) -> Columns {
    let columns = sources::columns_with(section, ["{period}", "", "", ""]);
    let named = [
        ("period", &columns.period),
        ("unit_code", &columns.unit_code),
        ("unit_name", &columns.unit_name),
        ("service_code", &columns.service_code),
    ];
    let measures = columns.measures.iter().map(|(key, path)| (key.as_str(), path));
    for (key, path) in named.into_iter().chain(measures).filter(|(_, path)| !path.is_empty()) {
        if let Err(what) = Column::parse(path) {
            let hint = "write a name (\"received\"), names with points (\"agency.code\"), JSONPath from the row \
                        (\"$.metrics[0].numerator\") or a hole of the request (\"{unit}\")";
            section.report_key(key, "bad_value", &format!("is mapped to `{path}`: {what}"), hint);
        }
    }
    columns
}

fn url(text: &str) -> Result<(String, Template), Wrong> {
    let plain = address::http_url(text)?;
    if text.contains(['?', '#']) {
        return wrong("holds a query", "move what stands behind `?` into [source.query]");
    }
    Ok((plain, template(text)?))
}

fn template(text: &str) -> Result<Template, Wrong> {
    Template::parse(text).or_else(|word| {
        wrong(format!("`{{{word}}}` stands for nothing"), format!("these can be filled: {}", Template::holes()))
    })
}

fn path(text: &str) -> Result<Path, Wrong> {
    Path::parse(text)
        .or_else(|what| wrong(format!("`{text}` is not a JSONPath: {what}"), "write it like \"$.data[*]\" (RFC 9535)"))
}

/// A key whose empty text switches off what a preset says.
fn unless_empty<T>(parse: impl Fn(&str) -> Result<T, Wrong>) -> impl Fn(&str) -> Result<Option<T>, Wrong> {
    move |text| if text.is_empty() { Ok(None) } else { parse(text).map(Some) }
}

fn templates(section: &Section<'_>) -> Vec<(String, Template)> {
    section.each(template)
}

fn body(section: &Section<'_>) -> Body {
    let text = section.optional("body", template);
    let form = templates(&section.section("form"));
    match text {
        Some(_) if !form.is_empty() => {
            section.report_key("body", "bad_value", "and [source.form] are both given", "keep one of the two");
            Body::None
        }
        Some(text) => Body::Text(text),
        None if form.is_empty() => Body::None,
        None => Body::Form(form),
    }
}

#[derive(Clone, Copy)]
enum Word {
    None,
    Bearer,
    Basic,
    OAuth2,
}

fn auth(section: &Section<'_>) -> Option<Auth> {
    let kinds = [("none", Word::None), ("bearer", Word::Bearer), ("basic", Word::Basic), ("oauth2", Word::OAuth2)];
    let kind = section.value("kind", Word::None, |text| value::word(text, &kinds));
    let token = section.secret("token", "token_file");
    let user = section.optional("user", value::filled);
    let password = section.secret("password", "password_file");
    let token_url = section.optional("token_url", address::http_url);
    let client_id = section.optional("client_id", value::filled);
    let client_secret = section.secret("client_secret", "client_secret_file");
    let scope = section.value("scope", String::new(), value::any);
    section.finish();
    let auth = match kind {
        Word::None => Some(Auth::None),
        Word::Bearer => token.map(Auth::Bearer),
        Word::Basic => user.zip(password).map(|(user, password)| Auth::Basic { user, password }),
        Word::OAuth2 => (|| {
            let (token_url, client_id, client_secret) = (token_url?, client_id?, client_secret?);
            Some(Auth::OAuth2 { token_url, client_id, client_secret, scope })
        })(),
    };
    if auth.is_none() {
        let hint = "\"bearer\" needs `token_file`; \"basic\" needs `user` and `password_file`; \"oauth2\" needs `token_url`, \
                    `client_id` and `client_secret_file`";
        section.report_key("kind", "missing_key", "lacks what belongs to it", hint);
    }
    auth
}

fn rows(section: &Section<'_>) -> Option<Rows> {
    let rows = section.required("rows", "rows = \"$.data[*]\"", path);
    let children = section.value("children", None, unless_empty(value::filled));
    let keeps = [("all", Keep::All), ("leaves", Keep::Leaves)];
    let keep = section.value("keep", Keep::All, |text| value::word(text, &keeps));
    let mut expect = Vec::new();
    let expected = section.section("expect");
    for (key, wanted) in expected.pairs() {
        match path(&key) {
            Ok(path) => expect.push((path, wanted)),
            Err(wrong) => expected.report_key(&key, "bad_value", &wrong.what, &wrong.hint),
        }
    }
    Some(Rows { rows: rows?, children, keep, expect })
}

fn series(section: &Section<'_>) -> Series {
    let pers = [("month", Per::Month), ("quarter", Per::Quarter), ("year", Per::Year)];
    let paging = section.section("paging");
    let series = Series {
        per: section.value("per", Per::Month, |text| value::word(text, &pers)),
        ended_months: section.flag("ended_months", false),
        roots: section.section("roots").each(id),
        first_page: paging.number("first", 1, 0..=1),
        page_size: paging.number("size", 100, 1..=10_000),
        pages: paging.value("pages", None, unless_empty(path)),
        total: paging.value("total", None, unless_empty(path)),
        may_be_empty: paging.flag("may_be_empty", false),
    };
    paging.finish();
    series
}

/// An id that can stand in an address and in JSON as it is.
fn id(text: &str) -> Result<String, Wrong> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return Ok(text.to_owned());
    }
    wrong(format!("{text:?} is not an id"), "use letters, digits, `-`, `_` and `.`")
}

fn limits(section: &Section<'_>) -> Limits {
    let minutes = Duration::from_mins;
    let megabytes = section.number("max_megabytes", 64, 1..=64);
    Limits {
        timeout: section.value("timeout", minutes(3), |text| value::duration(text, SECOND, minutes(10))),
        total: section.value("total_timeout", minutes(15), |text| value::duration(text, SECOND, TOTAL)),
        attempts: u32::try_from(section.number("attempts", 5, 1..=20)).unwrap_or(1),
        max_bytes: usize::try_from(megabytes << 20).unwrap_or(usize::MAX),
    }
}
