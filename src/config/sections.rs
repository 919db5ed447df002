//! The sections that stand once: `[database]`, `[safety]`, `[policy]` and their like.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use super::reading::Found;
use super::section::Section;
use super::value::{self, Wrong};
use super::{Config, LogFormat, Server, address, channels, lists, policy, sign_in, sources};
use crate::dispatch;
use crate::observation::Limits;
use crate::outbox::Retention;
use crate::pass::{Approval, DigestSettings, Quality, Safety};
use crate::reply;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// The whole configuration; `None` when something without a default is missing or wrong.
pub(super) fn config(root: &Section<'_>, folder: &Path) -> Option<Config> {
    let database = database(&root.section("database"));
    let catalog = root.section("catalog");
    let messages = root.section("messages");
    let log = root.section("log");
    let alerts = root.section("alerts");
    let secrets = root.section("secrets");
    let (delivery, round_lease) = delivery(&root.section("delivery"));
    let keys = secrets.secret("key", "key_file").map(|text| crate::seal::Keys::of(&text)).unwrap_or_default();
    let mut config = Config {
        file: None,
        folder: folder.to_path_buf(),
        database,
        seed: folder_of(&catalog, "seed"),
        templates: folder_of(&messages, "folder"),
        server: server(&root.section("server")),
        safety: safety(&root.section("safety")),
        quality: quality(&root.section("quality")),
        rules: policy::rules(&root.section("policy")),
        delivery,
        round_lease,
        reply: reply(&root.section("reply")),
        sources: sources::sources(root),
        reconcile: lists::reconcile(root),
        channels: channels::channels(root, &keys),
        keys,
        oidc: sign_in::oidc(&root.section("sign_in")),
        schedules: lists::schedules(root),
        admins: alerts.list("to", Vec::new(), address::email),
        digest: digest(&root.section("digest")),
        retention: retention(&root.section("retention")),
        log: log.value("format", LogFormat::Text, |text| {
            value::word(text, &[("text", LogFormat::Text), ("json", LogFormat::Json)])
        }),
        found: Found::default(),
        shown: Vec::new(),
    };
    for channel in &mut config.channels {
        channel.reached_at(&config.server.public_url);
    }
    for section in [&catalog, &messages, &log, &alerts, &secrets, root] {
        section.finish();
    }
    (!config.sources.is_empty() && !config.channels.is_empty()).then_some(config)
}

fn digest(section: &Section<'_>) -> DigestSettings {
    let default = DigestSettings::default();
    let digest = DigestSettings {
        leaders: section.list("leaders", default.leaders, address::email),
        when_all_met: section.flag("when_all_met", default.when_all_met),
        compare_days: section.number("compare_days", default.compare_days, 1..=366),
    };
    section.finish();
    digest
}

fn retention(section: &Section<'_>) -> Retention {
    let default = Retention::default();
    let retention = Retention {
        bodies: section.value("bodies", default.bodies, value::months),
        ledger: section.value("ledger", default.ledger, value::months),
    };
    section.finish();
    retention
}

fn database(section: &Section<'_>) -> SecretString {
    let url = section.value("url", "sqlite:var/dondoc.db".to_owned(), address::database);
    section.note_password_in_url("url", &url);
    section.finish();
    SecretString::from(url)
}

fn folder_of(section: &Section<'_>, key: &'static str) -> Option<PathBuf> {
    section.optional(key, value::filled).map(|text| section.reading.path(&text))
}

fn server(section: &Section<'_>) -> Server {
    let server = Server {
        listen: section.value("listen", SocketAddr::from(([127, 0, 0, 1], 8080)), address::listen),
        public_url: section.value("public_url", "http://127.0.0.1:8080".to_owned(), address::http_url),
        trusted_proxies: section.list("trusted_proxies", Vec::new(), address::ip),
    };
    section.finish();
    server
}

fn safety(section: &Section<'_>) -> Safety {
    let default = Safety::default();
    let approvals =
        [("never", Approval::Never), ("first_and_changes", Approval::FirstAndChanges), ("always", Approval::Always)];
    let safety = Safety {
        trial: section.flag("trial", default.trial),
        allow: section.list("allow", default.allow, address::reachable),
        approval: section.value("approval", default.approval, |text| value::word(text, &approvals)),
        approver_differs: section.flag("approver_differs", default.approver_differs),
        approval_shows_moves_over_percent: section.number(
            "approval_shows_moves_over_percent",
            default.approval_shows_moves_over_percent,
            0..=10_000,
        ),
        max_newly_below_percent: section.number("max_newly_below_percent", default.max_newly_below_percent, 0..=100),
        max_batch_percent: section.number("max_batch_percent", default.max_batch_percent, 100..=10_000),
    };
    section.finish();
    safety
}

fn quality(section: &Section<'_>) -> Quality {
    let default = Quality::default();
    let (fall, limits) = (|key, default| section.number(key, default, 0..=100), default.limits);
    let quality = Quality {
        max_refused_percent: fall("max_refused_percent", default.max_refused_percent),
        limits: Limits {
            rows_fall: fall("max_rows_fall_percent", limits.rows_fall),
            units_fall: fall("max_units_fall_percent", limits.units_fall),
            total_fall: fall("max_total_fall_percent", limits.total_fall),
            total_jump: section.number("max_total_jump_percent", limits.total_jump, 0..=1_000_000),
            unit_fall: fall("max_unit_fall_percent", limits.unit_fall),
            unit_jump: section.number("max_unit_jump_percent", limits.unit_jump, 0..=1_000_000),
        },
        identities: section.list("identities", default.identities, value::identity),
        closes_on: section.value("closes_on", default.closes_on, value::closing_day),
        judge_provisional: section.value("provisional", default.judge_provisional, |text| {
            value::word(text, &[("wait", false), ("judge", true)])
        }),
    };
    section.finish();
    quality
}

fn reply(section: &Section<'_>) -> reply::Settings {
    let default = reply::Settings::default();
    let settings = reply::Settings {
        keys: section.secret("key", "key_file").map(|text| reply::Keys::of(&text)).unwrap_or_default(),
        link_valid_for: section.value("link_valid_for", default.link_valid_for, value::days),
        promise_at_most: section.value("promise_at_most", default.promise_at_most, value::working_days),
        dispute_holds: section.value("dispute_holds", default.dispute_holds, value::working_days),
    };
    section.finish();
    settings
}

/// How messages are offered, and how long a replica owns a planned round.
fn delivery(section: &Section<'_>) -> (dispatch::Settings, Duration) {
    let default = dispatch::Settings::default();
    let from = |shortest: Duration, longest: Duration| {
        move |text: &str| -> Result<Duration, Wrong> { value::duration(text, shortest, longest) }
    };
    let settings = dispatch::Settings {
        lease: section.value("lease", default.lease, from(SECOND, DAY)),
        retry_after: section.list("retry_after", default.retry_after, from(Duration::ZERO, DAY * 7)),
        valid_for: section.value("valid_for", default.valid_for, from(SECOND * 60, DAY * 60)),
        run_waits: section.value("run_waits", default.run_waits, from(Duration::ZERO, DAY)),
        channel_rest: section.value("channel_rest", default.channel_rest, from(SECOND, DAY)),
        poll: section.value("poll", default.poll, from(SECOND, HOUR)),
        fallback: section.list("fallback", default.fallback, value::name),
    };
    let round_lease = section.value("round_lease", SECOND * 60, from(SECOND * 5, HOUR));
    section.finish();
    (settings, round_lease)
}
