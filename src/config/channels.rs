//! The `[[channel]]` tables.

use std::path::PathBuf;
use std::time::Duration;

use super::problem::Problem;
use super::section::Section;
use super::tree::Origin;
use super::{address, value};
use crate::channel::{self, Email, Kind, Pace, Rate, Webhook};

/// How messages leave.
pub(super) fn channels(root: &Section<'_>) -> Vec<channel::Settings> {
    let sections = root.sections("channel");
    if sections.is_none() {
        let hint = "add [[channel]] with name = \"mailbox\" and kind = \"capture\", or a real one";
        let message = "no [[channel]] says how messages leave";
        root.reading.report(&Origin::File(0), Problem::error("missing_channel", message, hint));
    }
    sections.into_iter().flatten().filter_map(|section| channel(&section)).collect()
}

#[derive(Clone, Copy)]
enum Word {
    Email,
    Capture,
    File,
    Webhook,
}

fn channel(section: &Section<'_>) -> Option<channel::Settings> {
    let name = section.required("name", "name = \"mail\"", value::name);
    let kinds = [("email", Word::Email), ("capture", Word::Capture), ("file", Word::File), ("webhook", Word::Webhook)];
    let kind = section.required("kind", "kind = \"email\"", |text| value::word(text, &kinds))?;
    let kind = match kind {
        Word::Email => email(section).map(Kind::Email),
        Word::Capture => Some(Kind::Capture),
        Word::File => {
            let folder = section.required("folder", "folder = \"var/mails\"", value::filled);
            folder.map(|folder| Kind::File { folder: section.reading.path(&folder) })
        }
        Word::Webhook => webhook(section).map(Kind::Webhook),
    };
    let pace = pace(section);
    section.finish();
    Some(channel::Settings { name: name?, kind: kind?, pace })
}

/// How fast all replicas together use it, and when another channel takes over.
fn pace(section: &Section<'_>) -> Pace {
    let rate = |key: &'static str, per| {
        let count = section.number(key, if section.has(key) { 10 } else { 0 }, 1..=100_000);
        u32::try_from(count).ok().filter(|count| *count > 0).map(|count| Rate { count, per })
    };
    let by_second = rate("per_second", Duration::from_secs(1));
    let by_minute = rate("per_minute", Duration::from_mins(1));
    if by_second.is_some() && by_minute.is_some() {
        section.report_key(
            "per_minute",
            "two_rates",
            "stands beside `per_second`",
            "keep the one that the provider names",
        );
    }
    let bounds = (Duration::from_mins(1), Duration::from_hours(24 * 30));
    let falls_back_after = section.optional("falls_back_after", |text| value::duration(text, bounds.0, bounds.1));
    Pace { rate: by_second.or(by_minute), falls_back_after }
}

/// So short that a lease of five minutes outlives two slow conversations.
const MAIL_TIMEOUT: Duration = Duration::from_secs(20);
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(30);

fn timeout(section: &Section<'_>, default: Duration) -> Duration {
    let bounds = (Duration::from_secs(1), Duration::from_mins(10));
    section.value("timeout", default, |text| value::duration(text, bounds.0, bounds.1))
}

fn email(section: &Section<'_>) -> Option<Email> {
    let relay = section.required("relay", "relay = \"smtp+starttls://mail.province.example:587\"", address::relay);
    let user = section.optional("user", value::filled);
    let password = section.secret("password", "password_file");
    match (&user, &password) {
        (Some(_), None) if !section.has("password") && !section.has("password_file") => {
            section.report_key("user", "missing_key", "has no password beside it", "add: password_file = \"…\"");
        }
        (None, Some(_)) if !section.has("user") => {
            let key = if section.has("password") { "password" } else { "password_file" };
            section.report_key(key, "missing_key", "has no `user` beside it", "add: user = \"…\"");
        }
        _ => {}
    }
    let from = section.required("from", "from = \"Sở TT&TT <dondoc@province.example>\"", address::mailbox);
    let reply_to = section.optional("reply_to", address::mailbox);
    let max_connections = section.number("max_connections", 4, 1..=64);
    let timeout = timeout(section, MAIL_TIMEOUT);
    let ca_file = path(section, "ca_file");
    let max_connections = usize::try_from(max_connections).unwrap_or(1);
    Some(Email { relay: relay?, user, password, from: from?, reply_to, max_connections, timeout, ca_file })
}

fn webhook(section: &Section<'_>) -> Option<Webhook> {
    let url = section.required("url", "url = \"https://host.example/hook\"", address::http_url);
    let secret = section.secret("secret", "secret_file");
    let timeout = timeout(section, WEBHOOK_TIMEOUT);
    let allow_private = section.flag("allow_private", false);
    let mobile = section.flag("mobile", false);
    Some(Webhook { url: url?, secret, timeout, allow_private, mobile })
}

fn path(section: &Section<'_>, key: &'static str) -> Option<PathBuf> {
    section.optional(key, value::filled).map(|text| section.reading.path(&text))
}
