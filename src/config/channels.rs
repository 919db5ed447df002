//! The `[[channel]]` tables.

use std::path::PathBuf;
use std::time::Duration;

use super::problem::Problem;
use super::section::Section;
use super::tree::Origin;
use super::{address, channel_exchange, channel_sms, mail, value};
use crate::channel::{self, Chats, Kind, Pace, Rate, Webhook, Zalo, ZaloBot, ZaloSignedBy, ZaloWay};
use crate::seal::Keys;

/// How messages leave.
pub(super) fn channels(root: &Section<'_>, keys: &Keys) -> Vec<channel::Settings> {
    let sections = root.sections("channel");
    if sections.is_none() {
        let hint = "add [[channel]] with name = \"mailbox\" and kind = \"capture\", or a real one";
        let message = "no [[channel]] says how messages leave";
        root.reading.report(&Origin::File(0), Problem::error("missing_channel", message, hint));
    }
    sections.into_iter().flatten().filter_map(|section| channel(&section, keys)).collect()
}

#[derive(Clone, Copy)]
enum Word {
    Email,
    Capture,
    File,
    Webhook,
    Sms,
    Zalo,
    ZaloBot,
}

fn channel(section: &Section<'_>, keys: &Keys) -> Option<channel::Settings> {
    let name = section.required("name", "name = \"mail\"", value::name);
    let kinds = [
        ("email", Word::Email),
        ("capture", Word::Capture),
        ("file", Word::File),
        ("webhook", Word::Webhook),
        ("sms", Word::Sms),
        ("zalo", Word::Zalo),
        ("zalo_bot", Word::ZaloBot),
    ];
    let kind = section.required("kind", "kind = \"email\"", |text| value::word(text, &kinds))?;
    let kind = match kind {
        Word::Email => mail::email(section).map(|email| Kind::Email(Box::new(email))),
        Word::Capture => Some(Kind::Capture),
        Word::File => {
            let folder = section.required("folder", "folder = \"var/mails\"", value::filled);
            folder.map(|folder| Kind::File { folder: section.reading.path(&folder) })
        }
        Word::Webhook => webhook(section).map(Kind::Webhook),
        Word::Sms => channel_sms::sms(section).map(|sms| Kind::Sms(Box::new(sms))),
        Word::Zalo => zalo(section, keys).map(|zalo| Kind::Zalo(Box::new(zalo))),
        Word::ZaloBot => zalo_bot(section).map(Kind::ZaloBot),
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

/// Short, because a message may need five exchanges.
const ZALO_TIMEOUT: Duration = Duration::from_secs(20);
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

/// How recipients are addressed, before a group is named.
const WAYS: [(&str, &str); 6] = [
    ("user_id or phone", "user_id or phone"),
    ("phone", "phone"),
    ("hashed_phone", "hashed_phone"),
    ("user_id", "user_id"),
    ("cs", "cs"),
    ("group", "group"),
];

fn zalo(section: &Section<'_>, keys: &Keys) -> Option<Zalo> {
    let app_id = section.required("app_id", "app_id = \"1234567890123456789\"", digits);
    let secret_key = section.secret("secret_key", "secret_key_file");
    if secret_key.is_none() && !section.has("secret_key") && !section.has("secret_key_file") {
        section.report_key("secret_key_file", "missing_key", "is missing", "add: secret_key_file = \"zalo-secret\"");
    }
    if keys.is_empty() {
        let hint = "put `openssl rand -hex 32` into a file and name it in [secrets]: key_file = \"secrets-key\"";
        section.report_key("kind", "missing_key", "needs a key in [secrets], which its tokens are sealed with", hint);
    }
    let group = section.optional("group_id", value::filled);
    let way = match section.value("way", "user_id or phone", |text| value::word(text, &WAYS)) {
        "phone" => ZaloWay::Phone,
        "hashed_phone" => ZaloWay::HashedPhone,
        "user_id" => ZaloWay::UserId,
        "cs" => ZaloWay::CustomerService,
        "group" => {
            let Some(group) = group else {
                section.report_key("group_id", "missing_key", "is missing", "name the group, or choose another `way`");
                return None;
            };
            ZaloWay::Group(group)
        }
        _ => ZaloWay::UserIdOrPhone,
    };
    let by_template = !matches!(way, ZaloWay::CustomerService | ZaloWay::Group(_));
    let template_id = section.optional("template_id", value::filled);
    let templates = section.section("templates").pairs();
    if by_template && template_id.is_none() && templates.is_empty() {
        section.report_key("template_id", "missing_key", "is missing", "add: template_id = \"123456\"");
    }
    let of_webhook = section.secret("webhook_secret", "webhook_secret_file");
    let oa_id = section.optional("oa_id", digits);
    let settings = Zalo {
        app_id: app_id?,
        secret_key: secret_key?,
        webhook_signed_by: signed_by(section, oa_id.is_some(), of_webhook.is_some()),
        oa_id,
        webhook_secrets: of_webhook.into_iter().collect(),
        way,
        template_id,
        templates: templates.into_iter().collect(),
        parameters: section.section("parameters").pairs().into_iter().collect(),
        development: section.flag("development", false),
        low_quota: u32::try_from(section.number("low_quota", 50, 0..=1_000_000)).unwrap_or(0),
        timeout: timeout(section, ZALO_TIMEOUT),
        oauth_url: base(section, "oauth_url", "https://oauth.zaloapp.com"),
        oa_url: base(section, "oa_url", "https://openapi.zalo.me"),
        template_url: base(section, "template_url", "https://business.openapi.zalo.me"),
        allow_private: section.flag("allow_private", false),
        keys: keys.clone(),
    };
    Some(settings)
}

/// With what Zalo's calls must be signed, and whether what it is made of was given.
fn signed_by(section: &Section<'_>, has_account: bool, has_secret: bool) -> Option<ZaloSignedBy> {
    let [first, second, third, fourth] = ZaloSignedBy::ALL.map(|by| (by.word(), Some(by)));
    let words = [("any", None), first, second, third, fourth];
    let pinned = section.value("webhook_signed_by", None, |text| value::word(text, &words))?;
    let report = |key, what, hint| section.report_key(key, "missing_key", what, hint);
    if pinned.needs_account() && !has_account {
        report("oa_id", "is missing, and `webhook_signed_by` names it", "add: oa_id = \"9876543210987654321\"");
    }
    if pinned.needs_webhook_secret() && !has_secret {
        let hint = "add: webhook_secret_file = \"zalo-webhook-secret\"";
        report("webhook_secret_file", "is missing, and `webhook_signed_by` names it", hint);
    }
    Some(pinned)
}

fn zalo_bot(section: &Section<'_>) -> Option<ZaloBot> {
    let token = section.secret("token", "token_file");
    if token.is_none() && !section.has("token") && !section.has("token_file") {
        section.report_key("token_file", "missing_key", "is missing", "add: token_file = \"zalo-bot-token\"");
    }
    let webhook_secret = section.secret("webhook_secret", "webhook_secret_file");
    let timeout = timeout(section, WEBHOOK_TIMEOUT);
    let url = base(section, "url", "https://bot-api.zaloplatforms.com");
    let allow_private = section.flag("allow_private", false);
    Some(ZaloBot { token: token?, url, webhook_secret, timeout, allow_private, chats: Chats::default() })
}

/// The beginning of addresses, without a slash at its end.
fn base(section: &Section<'_>, key: &'static str, default: &str) -> String {
    let url = section.value(key, default.to_owned(), address::http_url);
    url.trim_end_matches('/').to_owned()
}

fn digits(text: &str) -> Result<String, value::Wrong> {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(value::Wrong { what: "is not a number".to_owned(), hint: "write the digits in quotation marks".to_owned() })
}
