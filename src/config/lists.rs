//! Sections of which an installation has its own: `[[channel]]`, `[[reconcile]]` and `[[schedule]]`.

use std::path::PathBuf;
use std::time::Duration;

use super::problem::Problem;
use super::section::Section;
use super::tree::Origin;
use super::{address, value};
use crate::channel::{self, Email, Kind, Webhook};
use crate::clock::ZONE;
use crate::observation::Reconcile;
use crate::pass::{OnDayOff, Schedule, What, When};

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

/// Which sources are compared with each other.
pub(super) fn reconcile(root: &Section<'_>) -> Vec<Reconcile> {
    root.sections("reconcile").into_iter().flatten().filter_map(|section| pair(&section)).collect()
}

fn pair(section: &Section<'_>) -> Option<Reconcile> {
    let sources = section.list("sources", Vec::new(), value::name);
    let measure = section.required("measure", "measure = \"received_online\"", value::filled);
    let max_percent = section.number("max_difference_percent", 5, 0..=100);
    section.finish();
    let mut sources = sources.into_iter();
    match (sources.next(), sources.next(), sources.next()) {
        (Some(first), Some(second), None) if first != second => {
            Some(Reconcile { first, second, measure: measure?, max_percent })
        }
        _ => {
            let hint = "write sources = [\"province\", \"portal\"]: the first one is judged by";
            section.report_key("sources", "bad_value", "must name two different sources", hint);
            None
        }
    }
}

/// When `serve` runs a round.
pub(super) fn schedules(root: &Section<'_>) -> Vec<Schedule> {
    let sections = root.sections("schedule");
    if sections.is_none() {
        let message = "no [[schedule]]: `serve` never starts a round by itself";
        let hint = "add [[schedule]] with name = \"weekly\" and cron = \"0 30 7 * * Mon\", or start rounds with `run`";
        root.reading.report(&Origin::File(0), Problem::warning("missing_schedule", message, hint));
    }
    sections.into_iter().flatten().filter_map(|section| schedule(&section)).collect()
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
    section.finish();
    Some(channel::Settings { name: name?, kind: kind? })
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

fn schedule(section: &Section<'_>) -> Option<Schedule> {
    let name = section.required("name", "name = \"weekly\"", value::name);
    let what = section.value("what", What::Round, |text| value::word(text, &What::WORDS));
    let when = when(section);
    // A line that fires several times a day has no day of its own that could be moved.
    let often = matches!(&when, Some(When::Cron(line)) if Schedule::time_of_day(line).is_none());
    let default = if often { OnDayOff::Stay } else { OnDayOff::Next };
    let on_day_off = section.value("move", default, value::on_day_off);
    if often && on_day_off != OnDayOff::Stay {
        let hint = "remove `move`, or write one second, minute and hour in the line";
        section.report_key("move", "bad_value", "cannot move a line that fires several times a day", hint);
    }
    let time_zone = section.value("time_zone", ZONE, value::time_zone);
    section.finish();
    Some(Schedule { name: name?, what, when: when?, on_day_off, time_zone })
}

/// `cron`, or `day` and `time`.
fn when(section: &Section<'_>) -> Option<When> {
    let (day, time) = (section.optional("day", value::day), section.optional("time", value::time));
    if !section.has("day") {
        if section.has("time") {
            let hint = "the line names its own time of day; remove `time`, or write `day` instead of `cron`";
            section.report_key("time", "bad_value", "stands without `day`", hint);
        }
        let example = "cron = \"0 30 7 * * Mon\", or day = \"3rd working day of the month\"";
        return section.required("cron", example, value::cron).map(When::Cron);
    }
    if section.optional("cron", value::cron).is_some() {
        section.report_key("day", "bad_value", "stands beside `cron`", "keep one of the two");
    }
    if !section.has("time") {
        section.report_key("day", "missing_key", "has no `time` beside it", "add: time = \"07:30\"");
    }
    Some(When::Day(day?, time?))
}
