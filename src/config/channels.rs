//! The `[[channel]]` tables.

use std::path::PathBuf;
use std::time::Duration;

use super::problem::Problem;
use super::section::Section;
use super::tree::Origin;
use super::{address, mail, value};
use crate::channel::{self, Kind, Webhook};

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
        Word::Email => mail::email(section).map(Kind::Email),
        Word::Capture => Some(Kind::Capture),
        Word::File => {
            let folder = section.required("folder", "folder = \"var/mails\"", value::filled);
            folder.map(|folder| Kind::File { folder: section.reading.path(&folder) })
        }
        Word::Webhook => webhook(section).map(Kind::Webhook),
    };
    section.finish();
    Some(channel::Settings { name: name?, kind: kind? })
}

const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn timeout(section: &Section<'_>, default: Duration) -> Duration {
    let bounds = (Duration::from_secs(1), Duration::from_mins(10));
    section.value("timeout", default, |text| value::duration(text, bounds.0, bounds.1))
}

fn webhook(section: &Section<'_>) -> Option<Webhook> {
    let url = section.required("url", "url = \"https://host.example/hook\"", address::http_url);
    let secret = section.secret("secret", "secret_file");
    let timeout = timeout(section, WEBHOOK_TIMEOUT);
    let allow_private = section.flag("allow_private", false);
    let mobile = section.flag("mobile", false);
    Some(Webhook { url: url?, secret, timeout, allow_private, mobile })
}

pub(super) fn path(section: &Section<'_>, key: &'static str) -> Option<PathBuf> {
    section.optional(key, value::filled).map(|text| section.reading.path(&text))
}
