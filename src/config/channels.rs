//! The `[[channel]]` tables.

use std::path::PathBuf;
use std::time::Duration;

use super::problem::Problem;
use super::section::Section;
use super::tree::Origin;
use super::{address, channel_exchange, channel_sms, mail, value};
use crate::channel::{self, Kind, Pace, Rate, Webhook};

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
    Sms,
}

fn channel(section: &Section<'_>) -> Option<channel::Settings> {
    let name = section.required("name", "name = \"mail\"", value::name);
    let kinds = [
        ("email", Word::Email),
        ("capture", Word::Capture),
        ("file", Word::File),
        ("webhook", Word::Webhook),
        ("sms", Word::Sms),
    ];
    let kind = section.required("kind", "kind = \"email\"", |text| value::word(text, &kinds))?;
    let kind = match kind {
        Word::Email => mail::email(section).map(Kind::Email),
        Word::Capture => Some(Kind::Capture),
        Word::File => {
            let folder = section.required("folder", "folder = \"var/mails\"", value::filled);
            folder.map(|folder| Kind::File { folder: section.reading.path(&folder) })
        }
        Word::Webhook => webhook(section).map(Kind::Webhook),
        Word::Sms => channel_sms::sms(section).map(|sms| Kind::Sms(Box::new(sms))),
    };
    let pace = pace(section);
    section.finish();
    Some(channel::Settings { name: name?, kind: kind?, pace })
}

/// How fast all replicas together use it, and when another channel takes over.
fn pace(section: &Section<'_>) -> Pace {
    let rate = |key: &'static str, per| {
        let count = u32::try_from(section.number(key, 0, 0..=100_000)).unwrap_or(0);
        (count > 0).then_some(Rate { count, per })
    };
    let rates = [rate("per_second", Duration::from_secs(1)), rate("per_minute", Duration::from_mins(1))];
    // Of two the slower one holds: it leaves more time between two messages.
    let rate = rates.into_iter().flatten().max_by_key(|rate| rate.per / rate.count);
    let bounds = (Duration::from_mins(1), Duration::from_hours(24 * 30));
    let falls_back_after = section.optional("falls_back_after", |text| value::duration(text, bounds.0, bounds.1));
    Pace { rate, falls_back_after }
}

/// A preset that is not there; those that are were laid under the section before.
pub(super) fn known_preset(section: &Section<'_>) {
    let names: Vec<(&str, ())> = channel::PRESETS.iter().map(|(name, _)| (*name, ())).collect();
    section.optional("preset", |text| value::word(text, &names));
}

const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn timeout(section: &Section<'_>, default: Duration) -> Duration {
    let bounds = (Duration::from_secs(1), Duration::from_mins(10));
    section.value("timeout", default, |text| value::duration(text, bounds.0, bounds.1))
}

fn webhook(section: &Section<'_>) -> Option<Webhook> {
    known_preset(section);
    let written = section.required("url", "url = \"https://host.example/hook\"", value::filled);
    let own = channel_exchange::is_written(section, written.as_deref());
    let url = if own { written } else { section.optional("url", address::http_url) };
    let exchange = own.then(|| channel_exchange::exchange(section, true)).flatten();
    if own && exchange.is_none() {
        return None;
    }
    let max_connections = channel_exchange::max_connections(section);
    let secret = section.secret("secret", "secret_file");
    let timeout = timeout(section, WEBHOOK_TIMEOUT);
    let allow_private = section.flag("allow_private", false);
    let mobile = section.flag("mobile", false);
    let exchange = exchange.map(Box::new);
    Some(Webhook { url: url?, exchange, max_connections, secret, timeout, allow_private, mobile })
}

pub(super) fn path(section: &Section<'_>, key: &'static str) -> Option<PathBuf> {
    section.optional(key, value::filled).map(|text| section.reading.path(&text))
}
