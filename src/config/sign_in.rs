//! `[sign_in.oidc]`: the province's single sign-on, and what is wrong with how it is told.

use std::time::Duration;

use super::Config;
use super::address::{self, host_port};
use super::check::is_local;
use super::problem::Problem;
use super::section::Section;
use super::value::{self, Wrong};
use crate::http::Http;
use crate::oidc::Settings;
use crate::people::Role;

const SECOND: Duration = Duration::from_secs(1);

/// Nothing where the section is not there.
pub(super) fn oidc(sign_in: &Section<'_>) -> Option<Settings> {
    let section = sign_in.section("oidc");
    sign_in.finish();
    if section.is_empty() {
        return None;
    }
    let words = Role::ALL.map(|role| (role.word(), role));
    let roles = section.section("roles").each(|text| value::word(text, &words));
    let issuer = section.required("issuer", "issuer = \"https://sso.province.example/realms/province\"", issuer);
    let client_id = section.required("client_id", "client_id = \"dondoc\"", value::filled);
    let client_secret = section.secret("client_secret", "client_secret_file");
    if client_secret.is_none() && !section.has("client_secret") && !section.has("client_secret_file") {
        let hint = "put what the provider gave into a file and name it: client_secret_file = \"oidc-secret\"";
        section.report_key("client_secret_file", "missing_key", "is missing", hint);
    }
    let timeout = |text: &str| value::duration(text, SECOND, SECOND * 15);
    let rest = (
        section.list("scopes", vec!["profile".to_owned()], scope),
        section.value("login_claim", "preferred_username".to_owned(), value::filled),
        section.optional("role_claim", value::filled),
        section.flag("password", true),
        section.optional("button", button),
        section.flag("allow_private", false),
        section.optional("ca_file", value::filled).map(|text| section.reading.path(&text)),
        section.value("timeout", SECOND * 8, timeout),
    );
    if rest.2.is_some() == roles.is_empty() {
        let hint = "`role_claim` says which claim holds the roles, [sign_in.oidc.roles] what its values mean; give both, or none";
        section.report_key("role_claim", "bad_value", "and [sign_in.oidc.roles] belong together", hint);
    }
    section.finish();
    let (scopes, login_claim, role_claim, password, button, allow_private, ca_file, timeout) = rest;
    let (issuer, client_id, client_secret) = (issuer?, client_id?, client_secret?);
    Some(Settings {
        issuer,
        client_id,
        client_secret,
        scopes,
        login_claim,
        role_claim,
        roles,
        password,
        button,
        allow_private,
        ca_file,
        timeout,
    })
}

/// As it is written: a slash at its end belongs to it.
fn issuer(text: &str) -> Result<String, Wrong> {
    address::http_url(text)?;
    if text.contains(['?', '#']) {
        return value::wrong(format!("{text:?} is no issuer"), "write it as the provider's discovery document does");
    }
    Ok(text.to_owned())
}

fn scope(text: &str) -> Result<String, Wrong> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\')) {
        return Ok(text.to_owned());
    }
    value::wrong(format!("{text:?} is no scope"), "write each scope by itself: scopes = [\"profile\", \"email\"]")
}

fn button(text: &str) -> Result<String, Wrong> {
    let text = value::filled(text)?;
    if text.chars().count() <= 60 && !text.chars().any(char::is_control) {
        return Ok(text);
    }
    value::wrong("is too long for a button", "write at most 60 characters")
}

/// What reads well and cannot work, or is not safe.
pub(super) fn problems(config: &Config) -> Vec<Problem> {
    let Some(oidc) = &config.oidc else { return Vec::new() };
    let host = |url: &str| {
        let rest = url.split_once("://")?.1;
        host_port(rest.split('/').next().unwrap_or_default()).map(|(host, _)| host.to_owned())
    };
    let mut problems = Vec::new();
    let mut wrong = |key: &str, problem: Problem| problems.push(config.located(key).of(problem));
    if config.keys.is_empty() {
        let message = "sign-in by OpenID Connect needs a key: what the browser keeps meanwhile is sealed";
        let hint = "put `openssl rand -hex 32` into a file and name it in `key_file` of [secrets]";
        wrong("sign_in.oidc.issuer", Problem::error("sign_in_needs_key", message, hint));
    }
    if oidc.issuer.starts_with("http://") && !host(&oidc.issuer).is_some_and(|host| is_local(&host)) {
        let message = "`sign_in.oidc.issuer` is on plain http: whoever is on the way could say who anybody is";
        wrong("sign_in.oidc.issuer", Problem::error("sign_in_in_clear", message, "write https://"));
    } else if let Err(error) = Http::check(&oidc.issuer, oidc.allow_private) {
        let hint = "a provider in the province's own network needs `allow_private = true`";
        let message = format!("`sign_in.oidc.issuer`: {error}");
        wrong("sign_in.oidc.issuer", Problem::error("sign_in_unreachable", message, hint));
    }
    let public_url = &config.server.public_url;
    if public_url.starts_with("http://") && !host(public_url).is_some_and(|host| is_local(&host)) {
        let message = format!("people come back from the single sign-on to {public_url}, over plain http");
        let hint = "write the address by which people reach the pages into `public_url`, with https://";
        wrong("server.public_url", Problem::error("sign_in_returns_in_clear", message, hint));
    }
    if let Some(path) = oidc.ca_file.as_deref().filter(|path| !path.exists()) {
        let message = format!("`{}` does not exist", path.display());
        let hint = "correct the path; relative ones start at the configuration's own folder";
        wrong("sign_in.oidc.ca_file", Problem::warning("path_missing", message, hint));
    }
    problems
}
