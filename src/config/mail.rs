//! `[[channel]]` of kind `email`.

use std::time::Duration;

use secrecy::SecretString;

use super::address::{self, host_port, mask_url};
use super::channels::{path, timeout};
use super::section::Section;
use super::value::{self, Wrong, wrong};
use crate::channel::{Dkim, Email, ImapServer, Mailbox, ReturnPath, Route};

/// So short that a lease of five minutes outlives two slow conversations.
const TIMEOUT: Duration = Duration::from_secs(20);

pub(super) fn email(section: &Section<'_>) -> Option<Email> {
    // How fast the channel itself is used is its pace, which holds over all replicas.
    let first = route(section, (0, 0));
    let further: Vec<_> = section.sections("relays").into_iter().flatten().map(|relay| further(&relay)).collect();
    let from = section.required("from", "from = \"Sở TT&TT <dondoc@province.example>\"", address::mailbox);
    let reply_to = section.optional("reply_to", address::mailbox);
    let return_path = return_path(section);
    let bounces = bounces(&section.section("bounces"));
    if bounces.is_some() && !section.has("return_path") {
        let hint = "add: return_path = \"bounces@province.example\" and return_path_key_file = \"…\"";
        section.report_key(
            "bounces",
            "missing_key",
            "is given without `return_path`, which says whose bounce it is",
            hint,
        );
    }
    let dkim = dkim(section);
    let timeout = timeout(section, TIMEOUT);
    let list_unsubscribe = section.optional("list_unsubscribe", address::email);
    let routes = std::iter::once(first).chain(further).collect::<Option<Vec<_>>>()?;
    Some(Email { routes, from: from?, reply_to, timeout, return_path, bounces, dkim, list_unsubscribe })
}

fn further(section: &Section<'_>) -> Option<Route> {
    let limit = |key, most| u32::try_from(section.number(key, 0, 0..=most)).unwrap_or(0);
    let route = route(section, (limit("per_second", 10_000), limit("per_minute", 600_000)));
    section.finish();
    route
}

fn route(section: &Section<'_>, (per_second, per_minute): (u32, u32)) -> Option<Route> {
    let relay = section.required("relay", "relay = \"smtp+starttls://mail.province.example:587\"", address::relay);
    let (user, password) = login(section);
    let max_connections = section.number("max_connections", 4, 1..=64);
    Some(Route {
        user,
        password,
        max_connections: usize::try_from(max_connections).unwrap_or(1),
        per_second,
        per_minute,
        ca_file: path(section, "ca_file"),
        relay: relay?,
    })
}

/// Both or neither.
fn login(section: &Section<'_>) -> (Option<String>, Option<SecretString>) {
    let user = section.optional("user", value::filled);
    let password = section.secret("password", "password_file");
    together(section, ("user", user.is_some()), ("password", "password_file", password.is_some()));
    (user, password)
}

/// Reports a key without the secret that belongs to it, and the other way round.
fn together(
    section: &Section<'_>,
    (key, has_key): (&str, bool),
    (secret, secret_file, has_secret): (&str, &str, bool),
) {
    if has_key && !has_secret && !section.has(secret) && !section.has(secret_file) {
        let what = format!("has no `{secret}` beside it").replace("`password`", "password");
        section.report_key(key, "missing_key", &what, &format!("add: {secret_file} = \"…\""));
    }
    if has_secret && !has_key && !section.has(key) {
        let given = if section.has(secret) { secret } else { secret_file };
        section.report_key(given, "missing_key", &format!("has no `{key}` beside it"), &format!("add: {key} = \"…\""));
    }
}

fn return_path(section: &Section<'_>) -> Option<ReturnPath> {
    let address = section.optional("return_path", address::email);
    let key = section.secret("return_path_key", "return_path_key_file");
    let names = ("return_path_key", "return_path_key_file", key.is_some());
    together(section, ("return_path", address.is_some()), names);
    Some(ReturnPath { address: address?, key: key? })
}

fn dkim(section: &Section<'_>) -> Option<Dkim> {
    let domain = section.optional("dkim_domain", value::filled);
    let selector = section.optional("dkim_selector", value::filled);
    let key = section.secret("dkim_key", "dkim_key_file");
    together(section, ("dkim_domain", domain.is_some()), ("dkim_key", "dkim_key_file", key.is_some()));
    if domain.is_some() != selector.is_some() && section.has("dkim_domain") != section.has("dkim_selector") {
        let given = if domain.is_some() { "dkim_domain" } else { "dkim_selector" };
        let hint = "`dkim_domain`, `dkim_selector` and `dkim_key_file` belong together";
        section.report_key(given, "missing_key", "stands alone", hint);
    }
    Some(Dkim { domain: domain?, selector: selector?, key: key? })
}

enum Place {
    Maildir(String),
    Imap(String, u16, String),
}

fn bounces(section: &Section<'_>) -> Option<Mailbox> {
    if section.is_empty() {
        return None;
    }
    let example = "mailbox = \"imaps://mail.province.example/INBOX\"";
    let place = section.required("mailbox", example, mailbox);
    let (user, password) = login(section);
    let ca_file = path(section, "ca_file");
    let imap = matches!(place, Some(Place::Imap(..)));
    if imap && user.is_none() && !section.has("user") {
        section.report_key("mailbox", "missing_key", "needs a login", "add: user = \"…\" and password_file = \"…\"");
    }
    section.finish();
    Some(match place? {
        Place::Maildir(folder) => Mailbox::Maildir(section.reading.path(&folder)),
        Place::Imap(host, port, folder) => {
            Mailbox::Imap(ImapServer { host, port, folder, user: user?, password: password?, ca_file })
        }
    })
}

/// `maildir:FOLDER` or `imaps://host:993/FOLDER`.
fn mailbox(text: &str) -> Result<Place, Wrong> {
    let hint = "write \"imaps://mail.province.example:993/INBOX\" or \"maildir:/srv/mail/bounces\"";
    if let Some(folder) = text.strip_prefix("maildir:").filter(|folder| !folder.trim().is_empty()) {
        return Ok(Place::Maildir(folder.to_owned()));
    }
    let Some(rest) = text.strip_prefix("imaps://") else {
        return wrong(format!("\"{}\" is not a mailbox", mask_url(text)), hint);
    };
    if rest.contains('@') {
        let hint = "put the login into the keys `user` and `password_file`";
        return wrong(format!("\"{}\" holds a login", mask_url(text)), hint);
    }
    let (authority, folder) = rest.split_once('/').unwrap_or((rest, ""));
    let folder = if folder.is_empty() { "INBOX" } else { folder };
    match host_port(authority) {
        Some((host, port)) if !folder.chars().any(char::is_control) => {
            Ok(Place::Imap(host.to_owned(), port.unwrap_or(993), folder.to_owned()))
        }
        _ => wrong(format!("\"{}\" has no good host, port and folder", mask_url(text)), hint),
    }
}
