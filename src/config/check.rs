//! What a configuration that reads well can still get wrong: names, locks, times, secrets in the open.

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::address::host_port;
use super::check_mail::{self, emails};
use super::problem::{Problem, Severity};
use super::value::spell;
use super::{Config, check_catalog, check_channels, check_sources, reading, sign_in};
use crate::catalog::{Calendar, Pack};
use crate::channel::Kind;
use crate::outbox::Retention;
use crate::pass::{What, When};
use crate::source::{Engine, Place, Sql};

/// Checks what the configuration means: by itself and, with `pack`, against the catalog as it stands on `today`.
pub fn check(config: &Config, pack: Option<&Pack>, today: NaiveDate, now: DateTime<Utc>) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(duplicate_names(config));
    problems.extend(unknown_pairs(config));
    problems.extend(check_channels::unknown_in_steps(config));
    problems.extend(check_channels::unknown_in_fallback(config));
    problems.extend(check_channels::carry_no_digest(config));
    problems.extend(trial_mode(config));
    problems.extend(check_mail::problems(config));
    problems.extend(check_channels::secrets_in_clear(config));
    problems.extend(check_channels::weak_callback_tokens(config));
    problems.extend(check_sources::logins_in_clear(config));
    problems.extend(sign_in::problems(config));
    problems.extend(check_sources::drop_folders(config));
    problems.extend(check_sources::weak_tokens(config));
    problems.extend(readable_secrets(config));
    problems.extend(short_lease(config));
    problems.extend(open_pages(config));
    problems.extend(weak_reply_key(config));
    problems.extend(weak_secrets_key(config));
    problems.extend(no_reply_links(config));
    problems.extend(links_to_nowhere(config));
    let calendar = pack.map_or_else(Calendar::default, |pack| Calendar::of(&pack.calendar));
    problems.extend(silent_schedules(config, &calendar, now));
    problems.extend(missing_paths(config));
    problems.extend(nobody_to_tell(config));
    problems.extend(stale_before_closing(config));
    problems.extend(words_outlive_ledger(config));
    if let Some(pack) = pack {
        problems.extend(check_catalog::check(config, pack, today));
    }
    reading::sort(&mut problems);
    problems
}

/// A schedule that writes to people whom nobody names.
fn nobody_to_tell(config: &Config) -> Vec<Problem> {
    let lists = [
        (What::Leaders, "[digest] leaders", config.digest.leaders.is_empty()),
        (What::AdminNote, "[alerts] to", config.admins.is_empty()),
    ];
    let mut problems = Vec::new();
    for (at, schedule) in config.schedules.iter().enumerate() {
        for (_, list, _) in lists.iter().filter(|(what, _, empty)| *empty && *what == schedule.what) {
            let message = format!("schedule {:?} writes to nobody: {list} is empty", schedule.name);
            let problem =
                Problem::warning("nobody_to_tell", message, "name their e-mail addresses, or remove the schedule");
            problems.push(config.located(&format!("schedule[{at}].what")).of(problem));
        }
    }
    problems
}

fn duplicate_names(config: &Config) -> Vec<Problem> {
    let lists: [(&str, Vec<&str>); 3] = [
        ("source", config.sources.iter().map(|source| source.name.as_str()).collect()),
        ("channel", config.channels.iter().map(|channel| channel.name.as_str()).collect()),
        ("schedule", config.schedules.iter().map(|schedule| schedule.name.as_str()).collect()),
    ];
    let mut problems = Vec::new();
    for (list, names) in lists {
        let mut seen = HashSet::new();
        for (at, name) in names.iter().enumerate().filter(|(_, name)| !seen.insert(name.to_lowercase())) {
            let message = format!("two [[{list}]] are called {name:?}");
            let problem = Problem::error("duplicate_name", message, "give each of them a name of its own");
            problems.push(config.located(&format!("{list}[{at}].name")).of(problem));
        }
    }
    problems
}

/// A comparison of sources that are not there, or of a measure that one of them does not map.
fn unknown_pairs(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, pair) in config.reconcile.iter().enumerate() {
        for name in [&pair.first, &pair.second] {
            let source = config.sources.iter().find(|source| source.name == *name);
            let mapped = source.map(|source| source.columns.measures.iter().any(|(known, _)| *known == pair.measure));
            let (key, message, hint) = match mapped {
                Some(true) => continue,
                None => ("sources", format!("no [[source]] is called {name:?}"), "name two sources of this file"),
                Some(false) => (
                    "measure",
                    format!("source {name:?} does not map `{}`", pair.measure),
                    "add it to [source.columns.measures] of both sources",
                ),
            };
            let problem = Problem::error("reconcile_unknown", message, hint);
            problems.push(config.located(&format!("reconcile[{at}].{key}")).of(problem));
        }
    }
    problems
}

fn trial_mode(config: &Config) -> Option<Problem> {
    let real: Vec<&str> = config.channels.iter().filter(|c| c.is_real()).map(|c| c.name.as_str()).collect();
    if !config.safety.trial || real.is_empty() {
        return None;
    }
    let reached = match config.safety.allow.len() {
        0 => "nobody".to_owned(),
        1 => "only the one address in `safety.allow`".to_owned(),
        count => format!("only the {count} addresses in `safety.allow`"),
    };
    let message = format!("trial mode is on: {} reaches {reached}", real.join(", "));
    let hint = "put your own address into `safety.allow` to try; set `safety.trial` = false when all is well";
    Some(config.located("safety.trial").of(Problem::warning("trial_mode", message, hint)))
}

/// On its next closing day the newest closed month ended so many days ago; a source must not be called stale for that.
fn stale_before_closing(config: &Config) -> Vec<Problem> {
    let closes_on = config.quality.closes_on.filter(|_| !config.quality.judge_provisional);
    let Some(needed) = closes_on.map(|day| day + 31) else { return Vec::new() };
    let short = config.sources.iter().enumerate().filter(|(_, source)| source.fresh_for_days < needed);
    let problem = |(at, source): (usize, &crate::source::Settings)| {
        let message = format!(
            "source {:?} is stale after {} days, but a closed month gets up to {needed} days old before the next one closes",
            source.name, source.fresh_for_days
        );
        let hint = "raise `fresh_for` of the source, or let months close earlier: `quality.closes_on`";
        config.located(&format!("source[{at}].fresh_for")).of(Problem::warning("stale_before_closing", message, hint))
    };
    short.map(problem).collect()
}

fn readable_secrets(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let (Some(file), Some(key)) = (&config.file, config.found.literal_secrets.first())
        && is_readable_by_all(file)
    {
        let message = format!("`{}` holds a secret and every user of this machine may read it", file.display());
        let hint = format!("chmod 640 {}, or keep the secret in a file of its own (password_file)", file.display());
        problems.push(config.located(key).of(Problem::error("secret_readable", message, hint)));
    }
    for (key, path) in config.found.secret_files.iter().filter(|(_, path)| is_readable_by_all(path)) {
        let message = format!("every user of this machine may read the secret in `{}`", path.display());
        let problem = Problem::warning("secret_readable", message, format!("chmod 600 {}", path.display()));
        problems.push(config.located(key).of(problem));
    }
    problems
}

fn is_readable_by_all(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o004 != 0)
}

/// A claim must outlive a slow conversation twice over, or a second worker takes the message while it is under way.
fn short_lease(config: &Config) -> Option<Problem> {
    let slowest = |kind: &Kind| match kind {
        Kind::Email(email) => email.longest_send(),
        Kind::Webhook(webhook) => webhook.timeout,
        Kind::Sms(sms) => sms.timeout * 2,
        // Templates, a new token, the message, and once more with the new token.
        Kind::Zalo(zalo) => zalo.timeout * 5,
        Kind::ZaloBot(bot) => bot.timeout,
        Kind::Capture | Kind::File { .. } => Duration::ZERO,
    };
    let (needed, channel) = config
        .channels
        .iter()
        .map(|channel| (slowest(&channel.kind) * 2, &channel.name))
        .max_by_key(|(time, _)| *time)?;
    if config.delivery.lease > needed {
        return None;
    }
    let message = format!(
        "`delivery.lease` is {}, but channel {channel:?} may need {} with its `timeout`",
        spell(config.delivery.lease),
        spell(needed)
    );
    let hint = format!("set `lease` above {}, or shorten the channel's `timeout`", spell(needed));
    Some(config.located("delivery.lease").of(Problem::error("lease_too_short", message, hint)))
}

/// Words without the entry that they belong to are nobody's.
fn words_outlive_ledger(config: &Config) -> Option<Problem> {
    let Retention { bodies, ledger } = config.retention;
    if ledger == 0 || (bodies != 0 && bodies <= ledger) {
        return None;
    }
    let message =
        "`retention.ledger` ends before `retention.bodies`: words would outlive the entry that they belong to";
    let hint = "set `ledger` to `bodies` or longer, or to \"0\" for ever";
    Some(config.located("retention.ledger").of(Problem::error("ledger_too_short", message, hint)))
}

fn open_pages(config: &Config) -> Option<Problem> {
    let authority = config.server.public_url.strip_prefix("http://")?.split('/').next().unwrap_or_default();
    let (host, _) = host_port(authority)?;
    let local = is_local(host);
    let message = format!("the pages are reached through http:// at {host}: passwords travel in clear");
    let hint = "put a proxy with a certificate in front and write https:// in `public_url`";
    let problem = Problem::warning("public_url_not_https", message, hint);
    (!local).then(|| config.located("server.public_url").of(problem))
}

/// Characters of a key that nobody guesses.
const REPLY_KEY: usize = 32;

fn weak_reply_key(config: &Config) -> Option<Problem> {
    config.reply.keys.shortest().filter(|length| *length < REPLY_KEY)?;
    let message = format!("a key of `reply.key` has less than {REPLY_KEY} characters");
    let problem = Problem::error("reply_key_weak", message, "make one of random bytes: `openssl rand -hex 32`");
    Some(config.located("reply.key").of(problem))
}

fn weak_secrets_key(config: &Config) -> Option<Problem> {
    config.keys.shortest().filter(|length| *length < REPLY_KEY)?;
    let message = format!("a key of `secrets.key` has less than {REPLY_KEY} characters");
    let problem = Problem::error("secrets_key_weak", message, "make one of random bytes: `openssl rand -hex 32`");
    Some(config.located("secrets.key").of(problem))
}

/// Letters by mail could carry a link to answer by.
fn no_reply_links(config: &Config) -> Option<Problem> {
    if !config.reply.keys.is_empty() || emails(config).next().is_none() {
        return None;
    }
    let message = "letters carry no link by which heads can answer: `reply.key_file` is not set";
    let hint = "put `openssl rand -hex 32` into a file and name it in `key_file` of [reply]";
    Some(config.located("reply.key_file").of(Problem::suggestion("no_reply_links", message, hint)))
}

/// Links in letters that only this machine can follow.
fn links_to_nowhere(config: &Config) -> Option<Problem> {
    let (_, rest) = config.server.public_url.split_once("://")?;
    let (host, _) = host_port(rest.split('/').next().unwrap_or_default())?;
    if config.reply.keys.is_empty() || emails(config).next().is_none() || !is_local(host) {
        return None;
    }
    let message = format!("the links in letters lead to {}, which only this machine reaches", config.server.public_url);
    let hint = "write the address by which heads reach the pages into `public_url`, with https://";
    Some(config.located("server.public_url").of(Problem::warning("reply_links_local", message, hint)))
}

/// Whether the host is this machine.
pub(super) fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

fn silent_schedules(config: &Config, calendar: &Calendar, now: DateTime<Utc>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, schedule) in config.schedules.iter().enumerate() {
        let next = schedule.next_after(calendar, now);
        let (severity, when) = match next {
            None => (Severity::Error, "never fires again".to_owned()),
            Some(next) if next - now > TimeDelta::days(366) => {
                let date = next.with_timezone(&schedule.time_zone).format("%d/%m/%Y");
                (Severity::Warning, format!("does not fire before {date}"))
            }
            Some(_) => continue,
        };
        let When::Cron(line) = &schedule.when else { continue };
        let message = format!("schedule {:?} {when}: {line:?}", schedule.name);
        let hint = "correct the day and month; a day must fit both the day and the weekday field";
        let problem = Problem { severity, ..Problem::error("schedule_never_fires", message, hint) };
        problems.push(config.located(&format!("schedule[{at}].cron")).of(problem));
    }
    problems
}

fn missing_paths(config: &Config) -> Vec<Problem> {
    let mut named: Vec<(String, &Path)> = Vec::new();
    named.extend(config.seed.as_deref().map(|path| ("catalog.seed".to_owned(), path)));
    named.extend(config.templates.as_deref().map(|path| ("messages.folder".to_owned(), path)));
    for (at, source) in config.sources.iter().enumerate() {
        match &source.place {
            Place::Csv { path, .. } | Place::Sheet { path, .. } => named.push((format!("source[{at}].path"), path)),
            Place::HttpJson(http) => {
                named.extend(http.ca_file.as_deref().map(|path| (format!("source[{at}].ca_file"), path)));
            }
            Place::Sql(Sql { engine: Engine::Sqlite(path), .. }) => named.push((format!("source[{at}].url"), path)),
            Place::Sql(_) | Place::Dropped(_) => {}
            Place::Dossiers(dossiers) => named.push((format!("source[{at}].path"), &dossiers.path)),
        }
    }
    named.extend(check_mail::paths(config));
    let problem = |(key, path): (String, &Path)| {
        let message = format!("`{}` does not exist", path.display());
        let hint = "correct the path; relative ones start at the configuration's own folder";
        config.located(&key).of(Problem::warning("path_missing", message, hint))
    };
    named.into_iter().filter(|(_, path)| !path.exists()).map(problem).collect()
}
