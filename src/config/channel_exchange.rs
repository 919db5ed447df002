//! Channels whose request the configuration writes itself: address, headers, body, login, and what answers mean.

use std::time::Duration;

use secrecy::SecretString;

use super::channels;
use super::section::Section;
use super::value::{self, Wrong, wrong};
use crate::channel::{Blank, Exchange, Login, Meaning, Pattern, Place, Rule};

const SECOND: Duration = Duration::from_secs(1);
const JSON: &str = "application/json";
const OWN: [&str; 12] = [
    "body",
    "method",
    "content_type",
    "headers",
    "secrets",
    "values",
    "basic",
    "login",
    "jwt",
    "success",
    "errors",
    "idempotent",
];

/// Whether a webhook is written by the configuration, and does not post the program's own JSON.
pub(super) fn is_written(section: &Section<'_>, url: Option<&str>) -> bool {
    url.is_some_and(|url| url.contains("{{")) || OWN.iter().any(|key| section.has(key))
}

/// Requests at once.
pub(super) fn max_connections(section: &Section<'_>) -> usize {
    usize::try_from(section.number("max_connections", 16, 1..=256)).unwrap_or(1)
}

/// The request, and what its answers mean. What the status alone says suffices where `by_status`.
pub(super) fn exchange(section: &Section<'_>, by_status: bool) -> Option<Exchange> {
    let url = section.required("url", "url = \"https://provider.example/send?to={{ phone_84 }}\"", pattern);
    let method = section
        .value("method", Method::Post, |text| value::word(text, &[("POST", Method::Post), ("GET", Method::Get)]));
    let body = section.optional("body", pattern);
    let content_type = section.value("content_type", JSON.to_owned(), media_type);
    let headers = section.section("headers").each(pattern);
    let secrets = secrets(&section.section("secrets"));
    let values = section.section("values").each(value::any);
    let basic = basic(&section.section("basic"));
    let login = login(section);
    let rule = rule(section);
    let idempotent = section.flag("idempotent", by_status);
    let body = match (method, body) {
        (Method::Get, Some(_)) => {
            let hint = "remove `body`, or write method = \"POST\"";
            section.report_key("body", "bad_value", "is given for a GET, which has none", hint);
            None
        }
        (Method::Get, None) => None,
        (Method::Post, None) => {
            section.report_key(
                "body",
                "missing_key",
                "is missing",
                "add: body = '{\"to\": \"{{ phone }}\", \"text\": \"{{ text }}\"}'",
            );
            return None;
        }
        (Method::Post, body) => body,
    };
    if rule.success.is_empty() && !by_status {
        let hint =
            "add [channel.success] with what stands in the answer when a message was taken: \"$.status\" = \"success\"";
        section.report_key(
            "success",
            "missing_key",
            "is missing: a status alone does not say that a message was taken",
            hint,
        );
    }
    let exchange = Exchange { url: url?, body, content_type, headers, basic, login, secrets, values, rule, idempotent };
    for blank in exchange.unfilled() {
        let (key, hint) = match blank {
            Blank::Secret(name) => {
                ("secrets", format!("add to [channel.secrets]: {name} = \"FILE\", the file that holds it"))
            }
            Blank::Value(name) => ("values", format!("add to [channel.values]: {name} = \"…\"")),
            _ => ("login", "add [channel.login] or [channel.jwt], which say where the token comes from".to_owned()),
        };
        section.report_key(key, "missing_key", &format!("lacks what `{{{{ {blank} }}}}` stands for"), &hint);
    }
    Some(exchange)
}

#[derive(Clone, Copy)]
enum Method {
    Post,
    Get,
}

fn pattern(text: &str) -> Result<Pattern, Wrong> {
    value::filled(text)?;
    Pattern::parse(text).or_else(|what| {
        wrong(what, format!("these can be filled: {}; behind | may stand base64 and cut NUMBER", Blank::names()))
    })
}

fn place(text: &str) -> Result<Place, Wrong> {
    Place::parse(text).or_else(|what| {
        wrong(format!("`{text}` leads nowhere: {what}"), "write \"$.data.id\" for JSON, \"//return/result\" for XML")
    })
}

fn media_type(text: &str) -> Result<String, Wrong> {
    if text.contains('/') && text.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
        return Ok(text.to_owned());
    }
    wrong(
        format!("{text:?} is no media type"),
        "write \"application/json\", \"text/xml\" or \"application/x-www-form-urlencoded\"",
    )
}

fn secrets(section: &Section<'_>) -> Vec<(String, SecretString)> {
    section
        .pairs()
        .into_iter()
        .filter_map(|(name, file)| Some((name.clone(), section.secret_of(&name, &file)?)))
        .collect()
}

fn basic(section: &Section<'_>) -> Option<(Pattern, Pattern)> {
    if section.is_empty() {
        return None;
    }
    let user = section.required("user", "user = \"{{ secret.token }}\"", pattern);
    let password = section.required("password", "password = \"{{ secret.password }}\"", pattern);
    section.finish();
    user.zip(password)
}

fn login(section: &Section<'_>) -> Option<Login> {
    let (asked, signed) = (section.section("login"), section.section("jwt"));
    if !asked.is_empty() {
        let url = asked.required("url", "url = \"https://provider.example/oauth2/token\"", pattern);
        let body = asked.required("body", "body = '{\"client_id\": \"{{ secret.client_id }}\"}'", pattern);
        let content_type = asked.value("content_type", JSON.to_owned(), media_type);
        let token = asked.value("token", None, |text| place(text).map(Some));
        let token = token.or_else(|| Place::parse("$.access_token").ok());
        let lasts = asked.optional("lasts", place);
        asked.finish();
        return Some(Login::Asked { url: url?, body: body?, content_type, token: token?, lasts });
    }
    if signed.is_empty() {
        return None;
    }
    let header = signed.value("header", Pattern::fixed(r#"{"typ":"JWT","alg":"HS256"}"#), pattern);
    let claims =
        signed.required("claims", "claims = '{\"iss\": \"{{ value.key_id }}\", \"exp\": {{ expires }}}'", pattern);
    let secret = signed.required("secret", "secret = \"key\", a name in [channel.secrets]", value::filled);
    let lasts = signed
        .value("lasts", Duration::from_hours(1), |text| value::duration(text, SECOND * 60, Duration::from_hours(24)));
    signed.finish();
    Some(Login::Signed { header, claims: claims?, secret: secret?, lasts })
}

fn rule(section: &Section<'_>) -> Rule {
    let wanted = section.section("success");
    let success = wanted.pairs().into_iter().filter_map(|(key, text)| match place(&key) {
        Ok(place) => Some((place, text)),
        Err(wrong) => {
            wanted.report_key(&key, "bad_value", &wrong.what, &wrong.hint);
            None
        }
    });
    Rule {
        success: success.collect(),
        code: section.optional("code", place),
        said: section.optional("said", place),
        reference: section.optional("reference", place),
        errors: section.section("errors").each(|text| value::word(text, &Meaning::WORDS)),
    }
}

/// What every channel has that sends requests.
pub(super) fn timing(section: &Section<'_>) -> (usize, Duration, bool) {
    let timeout = channels::timeout(section, SECOND * 30);
    (max_connections(section), timeout, section.flag("allow_private", false))
}
