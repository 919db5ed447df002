//! The sections of which an installation has its own: `[[source]]`, `[[channel]]`, `[[schedule]]`.

use std::path::PathBuf;
use std::time::Duration;

use super::problem::Problem;
use super::section::Section;
use super::tree::Origin;
use super::{address, value};
use crate::channel::{self, Email, Kind, Webhook};
use crate::clock::ZONE;
use crate::pass::Schedule;
use crate::source::{self, Columns, NumberFormat, Place};

/// The measures of the sample, each under its own name: the mapping of a source that gives none.
pub(super) const STANDARD_MEASURES: [&str; 9] = [
    "received",
    "received_online",
    "results_due",
    "results_electronic",
    "fee_transactions",
    "paid_on_portal",
    "paid_cashless_other",
    "services_online",
    "services_online_with_dossiers",
];

/// Where the figures come from.
pub(super) fn sources(root: &Section<'_>) -> Vec<source::Settings> {
    let sections = root.sections("source");
    if sections.is_none() {
        let hint = "add [[source]] with name = \"province\", kind = \"csv\" and path = \"figures.csv\"";
        let message = "no [[source]] says where the figures come from";
        root.reading.report(&Origin::File(0), Problem::error("missing_source", message, hint));
    }
    sections.into_iter().flatten().filter_map(|section| source(&section)).collect()
}

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

fn source(section: &Section<'_>) -> Option<source::Settings> {
    let name = section.required("name", "name = \"province\"", value::name);
    section.required("kind", "kind = \"csv\"", |text| value::word(text, &[("csv", ())]))?;
    let path = section.required("path", "path = \"figures.csv\"", value::filled);
    let delimiter = section.value("delimiter", b',', value::delimiter);
    let fresh_for_days = section.value("fresh_for", 45, value::days);
    let columns = columns(&section.section("columns"));
    section.finish();
    let place = Place::Csv { path: section.reading.path(&path?), delimiter };
    Some(source::Settings { name: name?, place, columns, fresh_for_days })
}

fn columns(section: &Section<'_>) -> Columns {
    let formats = [
        ("plain", NumberFormat::Plain),
        ("point_thousands", NumberFormat::PointThousands),
        ("comma_thousands", NumberFormat::CommaThousands),
    ];
    let columns = Columns {
        period: section.value("period", "period".to_owned(), value::filled),
        unit_code: section.value("unit_code", "unit_code".to_owned(), value::any),
        unit_name: section.value("unit_name", String::new(), value::any),
        service_code: section.value("service_code", "service_code".to_owned(), value::any),
        numbers: section.value("number_format", NumberFormat::Plain, |text| value::word(text, &formats)),
        measures: measures(&section.section("measures")),
    };
    if columns.unit_code.is_empty() && columns.unit_name.is_empty() {
        let hint = "name the column with the unit's code, or `unit_name`, or both";
        section.report_key("unit_code", "bad_value", "and `unit_name` are both empty", hint);
    }
    section.finish();
    columns
}

/// The mapping as given; the standard one where none is given.
fn measures(section: &Section<'_>) -> Vec<(String, String)> {
    let given = section.pairs();
    if section.is_empty() {
        return STANDARD_MEASURES.iter().map(|measure| ((*measure).to_owned(), (*measure).to_owned())).collect();
    }
    given
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
    Some(Webhook { url: url?, secret, timeout, allow_private })
}

fn path(section: &Section<'_>, key: &'static str) -> Option<PathBuf> {
    section.optional(key, value::filled).map(|text| section.reading.path(&text))
}

fn schedule(section: &Section<'_>) -> Option<Schedule> {
    let name = section.required("name", "name = \"weekly\"", value::name);
    let cron = section.required("cron", "cron = \"0 30 7 * * Mon\"", value::cron);
    let time_zone = section.value("time_zone", ZONE, value::time_zone);
    section.finish();
    Some(Schedule { name: name?, cron: cron?, time_zone })
}
