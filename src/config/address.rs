//! Addresses: of the pages, of relays, of people, of the database. An error never shows a password.

use std::net::SocketAddr;

use super::value::{Wrong, wrong};
use crate::catalog::mask_email;
use crate::channel::{Relay, Security};

/// `127.0.0.1:8080`.
pub(super) fn listen(text: &str) -> Result<SocketAddr, Wrong> {
    text.parse().or_else(|_| {
        wrong(
            format!("{text:?} is not an address with a port"),
            "write numbers: \"127.0.0.1:8080\" for this machine only, \"0.0.0.0:8080\" for everybody, \"[::1]:8080\"",
        )
    })
}

/// The address of a machine.
pub(super) fn ip(text: &str) -> Result<std::net::IpAddr, Wrong> {
    text.parse().or_else(|_| wrong(format!("{text:?} is not an IP address"), "write numbers: \"127.0.0.1\", \"::1\""))
}

/// An e-mail address without a name.
pub(super) fn email(text: &str) -> Result<String, Wrong> {
    if is_email(text) {
        return Ok(text.to_owned());
    }
    let shown = if text.contains('@') { mask_email(text) } else { text.to_owned() };
    wrong(format!("{shown:?} is not an e-mail address"), "write it like \"name@province.example\"")
}

/// What trial mode lets through: an e-mail address, a phone number or the address of a webhook.
pub(super) fn reachable(text: &str) -> Result<String, Wrong> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let phone = digits.len() >= 8 && digits.chars().all(|c| c.is_ascii_digit() || c == ' ');
    if phone || http_url(text).is_ok() { Ok(text.to_owned()) } else { email(text) }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\"\\@".contains(c);
    let labels = |domain: &str| domain.split('.').all(|label| !label.is_empty());
    !local.is_empty() && local.len() <= 64 && local.chars().all(fits) && domain.chars().all(fits) && labels(domain)
}

/// `Name <address>` or an address alone.
pub(super) fn mailbox(text: &str) -> Result<String, Wrong> {
    let hint = "write \"Name <name@province.example>\"; a name with , . : ; ( ) or @ stands in '\"…\"'";
    let Some((name, address)) = text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) else {
        return email(text).or_else(|bad| wrong(bad.what, hint));
    };
    if !is_email(address) {
        return wrong(format!("<{}> is not an e-mail address", mask_email(address)), hint);
    }
    let name = name.trim();
    let quoted = name.len() >= 2 && name.starts_with('"') && name.ends_with('"');
    let inner = if quoted { name.get(1..name.len() - 1).unwrap_or_default() } else { name };
    let bad = if quoted { "\"\\\r\n" } else { "<>()[],;:\"\\@\r\n" };
    if inner.chars().any(|c| bad.contains(c) || c.is_control()) {
        return wrong(format!("the name {name:?} has a mark that mail gives another meaning"), hint);
    }
    Ok(text.to_owned())
}

/// `sqlite:PATH` or `postgres://…`.
pub(super) fn database(text: &str) -> Result<String, Wrong> {
    let file = text.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
    let server = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
    match (file, server) {
        (Some(path), _) if !path.trim().is_empty() && !path.contains('?') && path != ":memory:" => Ok(text.to_owned()),
        (_, Some(rest)) if !rest.is_empty() && !rest.contains(char::is_whitespace) => Ok(text.to_owned()),
        _ => wrong(
            format!("\"{}\" names no database", mask_url(text)),
            "write \"sqlite:var/dondoc.db\" or \"postgres://user@host/database\"",
        ),
    }
}

/// How addresses of MySQL and MariaDB begin.
pub(super) const MYSQL: &str = "mysql://";

/// The address of a database that figures are asked of: as [`database`], or `mysql://…`.
pub(super) fn queried(text: &str) -> Result<String, Wrong> {
    let Some(rest) = text.strip_prefix(MYSQL).or_else(|| text.strip_prefix("mariadb://")) else {
        return database(text).or_else(|bad| {
            wrong(
                bad.what,
                "write \"sqlite:PATH\", \"postgres://user@host/database\" or \"mysql://user@host/database\"",
            )
        });
    };
    let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, database) = place.rsplit_once('@').map_or(place, |(_, host)| host).split_once('/').unwrap_or_default();
    if host_port(host).is_none() || database.is_empty() || text.contains(char::is_whitespace) {
        let hint = "write \"mysql://user@host/database\"; a mark in the password is written as % and two digits";
        return wrong(format!("\"{}\" names no database", mask_url(text)), hint);
    }
    for option in options.split('&').filter(|option| !option.is_empty()) {
        mysql_option(option)?;
    }
    Ok(format!("{MYSQL}{rest}"))
}

/// What may stand behind the question mark: everything else would be left out without a word.
fn mysql_option(option: &str) -> Result<(), Wrong> {
    const MODES: [&str; 5] = ["DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"];
    match option.split_once('=').unwrap_or((option, "")) {
        ("ssl-mode", mode) if MODES.contains(&mode) => Ok(()),
        ("ssl-mode", _) => wrong("`ssl-mode` of the address is none of MySQL's", format!("write {}", MODES.join(", "))),
        ("ssl-ca" | "ssl-cert" | "ssl-key" | "socket", path) if !path.is_empty() => Ok(()),
        _ => wrong(
            "the address has an option that is not known",
            "write ssl-mode, ssl-ca, ssl-cert, ssl-key or socket behind its question mark",
        ),
    }
}

/// The address of a page or of a webhook, without a trailing slash.
pub(super) fn http_url(text: &str) -> Result<String, Wrong> {
    let hint = "write \"https://host\" or \"https://host:port/path\", without a user name";
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let authority = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    match authority {
        Some(authority)
            if !authority.contains('@') && !text.contains(char::is_whitespace) && host_port(authority).is_some() =>
        {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => wrong(format!("\"{}\" is not an address on the web", mask_path(text)), hint),
    }
}

/// `smtp://host:port`, `smtp+starttls://…` or `smtps://…`.
pub(super) fn relay(text: &str) -> Result<Relay, Wrong> {
    let hint =
        "write \"smtp+starttls://host:587\", \"smtps://host:465\" or, on this machine only, \"smtp://127.0.0.1:25\"";
    let schemes = [
        ("smtp://", Security::Plain, 25),
        ("smtp+starttls://", Security::StartTls, 587),
        ("smtps://", Security::Tls, 465),
    ];
    let known =
        schemes.iter().find_map(|(scheme, security, port)| Some((text.strip_prefix(scheme)?, *security, *port)));
    let Some((rest, security, usual)) = known else {
        return wrong(format!("\"{}\" is not a mail relay", mask_url(text)), hint);
    };
    if rest.contains('@') {
        let hint = "put the login into the keys `user` and `password_file`";
        return wrong(format!("\"{}\" holds a login", mask_url(text)), hint);
    }
    match host_port(rest.trim_end_matches('/')) {
        Some((host, port)) => Ok(Relay { host: host.to_owned(), port: port.unwrap_or(usual), security }),
        None => wrong(format!("\"{}\" has no good host and port", mask_url(text)), hint),
    }
}

/// Host and port of `host`, `host:port`, `[::1]` or `[::1]:port`.
pub(super) fn host_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) }),
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let six = host.contains(':');
    let fits = |c: char| c.is_alphanumeric() || "-._".contains(c) || (six && (c == ':' || c == '%'));
    if host.is_empty() || !host.chars().all(fits) {
        return None;
    }
    let port = match port {
        Some(port) => Some(port.parse().ok().filter(|port| *port != 0)?),
        None => None,
    };
    Some((host, port))
}

/// A URL that may be shown: `***` instead of a password and of everything after `?`.
pub fn mask_url(url: &str) -> String {
    let (scheme, rest) = url.find("//").map_or(("", url), |at| url.split_at(at + 2));
    let (login, place) = rest.rsplit_once('@').map_or((None, rest), |(login, place)| (Some(login), place));
    let place = place.split_once('?').map_or(place.to_owned(), |(place, _)| format!("{place}?***"));
    match login.map(|login| login.split_once(':').map_or((login, false), |(user, _)| (user, true))) {
        Some((user, true)) => format!("{scheme}{user}:***@{place}"),
        Some((user, false)) => format!("{scheme}{user}@{place}"),
        None => format!("{scheme}{}", without_stray_password(&place)),
    }
}

/// Whether a URL gives a password, before its host or behind its question mark.
pub(super) fn holds_password(url: &str) -> bool {
    let rest = url.split_once("//").map_or("", |(_, rest)| rest);
    rest.contains("password=") || rest.rsplit_once('@').is_some_and(|(login, _)| login.contains(':'))
}

/// Where `@host` was forgotten, what follows the colon may be a password rather than a port.
fn without_stray_password(place: &str) -> String {
    let is_port = |text: &str| text.split('/').next().is_some_and(|port| port.chars().all(|c| c.is_ascii_digit()));
    match place.split_once(':') {
        Some((host, port)) if host != "sqlite" && !place.starts_with('[') && !is_port(port) => format!("{host}:***"),
        _ => place.to_owned(),
    }
}

/// A web address that may be shown: its path can be a secret too.
fn mask_path(url: &str) -> String {
    let masked = mask_url(url);
    let authority = masked.find("//").map_or(0, |at| at + 2);
    match masked.get(authority..).and_then(|rest| rest.find('/')) {
        Some(slash) => format!("{}/***", masked.get(..authority + slash).unwrap_or_default()),
        None => masked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_shows_however_broken_its_url_is() {
        for (url, shown) in [
            ("postgres://dondoc:hunter2@db/figures", "postgres://dondoc:***@db/figures"),
            ("postgres://dondoc@db/figures", "postgres://dondoc@db/figures"),
            ("postgres//dondoc:hunter2@db", "postgres//dondoc:***@db"),
            ("postgres:dondoc:hunter2@db", "postgres:***@db"),
            ("postgres://dondoc:hun@ter?2@db/figures", "postgres://dondoc:***@db/figures"),
            ("postgres://db/figures?password=hunter2", "postgres://db/figures?***"),
            ("postgres://dondoc:hunter2", "postgres://dondoc:***"),
            ("smtp://relay.example:25", "smtp://relay.example:25"),
            ("sqlite:var/dondoc.db", "sqlite:var/dondoc.db"),
        ] {
            assert_eq!(mask_url(url), shown, "{url}");
        }
        let hook = http_url("htps://hooks.example/T0KEN").unwrap_err();
        assert!(!hook.what.contains("T0KEN"), "{}", hook.what);
        assert!(!database("postgrs://u:hunter2@h").unwrap_err().what.contains("hunter2"));
        assert!(!relay("smtp://u:hunter2@h").unwrap_err().what.contains("hunter2"));
    }

    #[test]
    fn a_relay_has_a_scheme_and_the_usual_port_of_it() {
        let read = |text: &str| relay(text).map(|relay| (relay.host, relay.port, relay.security));
        assert_eq!(read("smtp://127.0.0.1:2525"), Ok(("127.0.0.1".into(), 2525, Security::Plain)));
        assert_eq!(read("smtp+starttls://mail.example"), Ok(("mail.example".into(), 587, Security::StartTls)));
        assert_eq!(read("smtps://[::1]/"), Ok(("::1".into(), 465, Security::Tls)));
        for bad in ["mail.example:25", "smtp://", "smtp://host:0", "smtp://host:99999", "smtp://ho st", "imap://host"] {
            assert!(relay(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_sender_is_a_name_with_an_address() {
        for good in
            ["Sở TT&TT <dondoc@tinh.example>", "dondoc@tinh.example", "\"Sở A, B\" <a@b.example>", "<a@localhost>"]
        {
            assert_eq!(mailbox(good).as_deref(), Ok(good));
        }
        for bad in [
            "Sở TT&TT",
            "A <a>",
            "A, B <a@b.example>",
            "A\r\nBcc: x <a@b.example>",
            "A <a@b..example>",
            "a@b@c.example",
        ] {
            assert!(mailbox(bad).is_err(), "{bad}");
        }
    }
}
