//! The shipped file is the reference; a broken file is answered whole.

use std::path::Path;

use secrecy::ExposeSecret as _;

use super::*;

/// Keys whose absence is an error or means "none": an installation names its own.
const WITHOUT_DEFAULT: [&str; 9] = [
    "catalog.seed",
    "source.name",
    "source.kind",
    "source.path",
    "channel.name",
    "channel.kind",
    "schedule.name",
    "schedule.cron",
    "source.columns.measures.",
];

fn read(text: &str) -> Result<(Config, Vec<Problem>), Vec<Problem>> {
    interpret(("config.toml", text), Path::new("/etc/dondoc"), &[])
}

/// All that the settings say, secrets aside, and nothing of where it stands.
fn meaning(config: &Config) -> String {
    format!(
        "{:#?} {}",
        Config { found: Found::default(), shown: Vec::new(), ..config.clone() },
        config.database.expose_secret()
    )
}

/// The shipped file with every example switched on, and the folder with the secrets that examples name.
fn with_examples() -> (String, tempfile::TempDir) {
    let uncommented = |line: &str| match line.strip_prefix('#') {
        Some(example) if example.starts_with(|c: char| c.is_ascii_lowercase() || "[\"2".contains(c)) => {
            example.to_owned()
        }
        _ => line.to_owned(),
    };
    let text: Vec<String> = SHIPPED.lines().map(uncommented).collect();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "of-no-value\n").unwrap();
    let path = format!("{:?}", secret.display().to_string());
    let text = text.join("\n").replace("\"mail-password\"", &path).replace("\"gateway-secret\"", &path);
    let text = [
        "system-token",
        "system-password",
        "system-secret",
        "push-token",
        "reply-key",
        "bounce-key",
        "dkim-key.pem",
        "relay2-password",
        "bounces-password",
        "esms-key",
        "esms-secret",
        "esms-callback",
        "provider-token",
        "zalo-secret",
        "zalo-webhook-secret",
        "zalo-bot-token",
        "zalo-bot-secret",
        "secrets-key",
        "oidc-secret",
    ]
    .iter()
    .fold(text, |text, name| text.replace(&format!("{name:?}"), &path));
    (text, folder)
}

#[test]
fn the_shipped_file_loads_without_a_word() {
    let (config, problems) = read(SHIPPED).unwrap();
    assert_eq!(problems, []);
    assert_eq!(config.seed.as_deref(), Some(Path::new("/etc/dondoc/samples/bac-giang-2022")));
    assert_eq!(config.sources.len(), 1);
    assert_eq!(config.channels.iter().map(channel::Settings::word).collect::<Vec<_>>(), ["capture"]);
    assert_eq!(config.schedules.len(), 1);
    let folder = config.folder.join("samples/bac-giang-2022/figures.csv");
    assert!(matches!(&config.sources[0].place, source::Place::Csv { path, delimiter: b',', .. } if *path == folder));
}

#[test]
fn every_value_in_the_shipped_file_equals_the_built_in_default() {
    let whole = meaning(&read(SHIPPED).unwrap().0);
    let mut section = String::new();
    let mut compared = 0;
    for (at, line) in SHIPPED.lines().enumerate() {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_owned();
        }
        let Some((key, _)) = line.split_once(" = ").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
        else {
            continue;
        };
        if WITHOUT_DEFAULT.iter().any(|known| format!("{section}.{key}").starts_with(known)) {
            continue;
        }
        let without: Vec<&str> =
            SHIPPED.lines().enumerate().filter(|(other, _)| *other != at).map(|(_, l)| l).collect();
        let (config, problems) = read(&without.join("\n")).unwrap();
        assert_eq!((meaning(&config), problems), (whole.clone(), vec![]), "{section}.{key}");
        compared += 1;
    }
    assert!(compared >= 25, "{compared}");
}

#[test]
fn without_its_table_the_measures_are_the_nine_of_the_shipped_file() {
    let start = SHIPPED.find("[source.columns.measures]").unwrap();
    let end = start + SHIPPED[start..].find("\n\n").unwrap();
    let without = format!("{}{}", &SHIPPED[..start], &SHIPPED[end..]);
    assert_eq!(meaning(&read(&without).unwrap().0), meaning(&read(SHIPPED).unwrap().0));
}

#[test]
fn a_whole_section_may_be_absent() {
    let short = "[[source]]\nname = \"province\"\nkind = \"csv\"\npath = \"samples/bac-giang-2022/figures.csv\"\n\
                 [[channel]]\nname = \"mailbox\"\nkind = \"capture\"\n\
                 [[schedule]]\nname = \"weekly\"\ncron = \"0 30 7 * * Mon\"\n[catalog]\nseed = \"samples/bac-giang-2022\"\n";
    assert_eq!(meaning(&read(short).unwrap().0), meaning(&read(SHIPPED).unwrap().0));
}

#[test]
fn the_examples_of_the_shipped_file_load_and_stand_with_their_defaults() {
    let (text, _folder) = with_examples();
    let (config, problems) = read(&text).unwrap();
    assert_eq!(problems, []);
    let words: Vec<_> = config.channels.iter().map(channel::Settings::word).collect();
    assert_eq!(words, ["capture", "email", "file", "webhook", "sms", "sms", "zalo", "zalo_bot"]);
    let places: Vec<_> = config.sources.iter().map(|source| std::mem::discriminant(&source.place)).collect();
    assert!(places.len() == 6 && (1..6).all(|at| !places[..at].contains(&places[at])));
    for key in [
        "max_connections = ",
        "per_second = ",
        "per_minute = ",
        "timeout = \"20",
        "timeout = \"30",
        "timeout = \"1 minute",
        "total_timeout = ",
        "attempts = ",
        "max_megabytes = ",
        "keep_files = ",
        "max_rows = ",
        "may_be_empty = ",
        "scope = ",
        "kind = \"none",
        "allow_private = ",
        "mobile = ",
        "webhook_signed_by = ",
        "low_quota = ",
    ] {
        assert!(text.lines().any(|line| line.starts_with(key)), "{key}");
        let without: Vec<&str> = text.lines().filter(|line| !line.starts_with(key)).collect();
        assert_eq!(meaning(&read(&without.join("\n")).unwrap().0), meaning(&config), "{key}");
    }
}

#[test]
fn every_key_that_is_read_stands_in_the_shipped_file() {
    let (text, _folder) = with_examples();
    let (_, problems, asked) = attempt(("config.toml", &text), Path::new("/etc/dondoc"), &[]);
    assert_eq!(problems, [], "every key that stands there is read");
    assert!(asked.len() > 50, "{asked:?}");
    let mut sections = std::collections::HashMap::<String, String>::new();
    let mut section = String::new();
    for line in text.lines() {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_owned();
        }
        let text = sections.entry(section.clone()).or_default();
        text.push_str(line);
        text.push('\n');
    }
    for path in asked {
        let (section, key) = path.rsplit_once('.').unwrap_or(("", &path));
        let stands = sections.contains_key(&path)
            || sections.get(section).is_some_and(|text| {
                text.contains(&format!("\n{key} = ")) || text.contains(&format!("`{key}`)")) || key == "*"
            });
        assert!(stands, "{path}");
    }
}

const BROKEN: &str = r#"[database]
url = "postgres//dondoc:hunter2@db/figures"

[safety]
trail = false
approval = "alway"
max_newly_below_percent = 120
allow = ["chairman", 7]

[[source]]
name = "tỉnh"
kind = "xlsx"

[[channel]]
name = "mail"
kind = "email"
relay = "mail.example:25"
password = 123456
port = 25

[[schedule]]
name = "weekly"
cron = "30 7 * * Mon"
time_zone = "Asia/Hochiminh"

[policy]
repeat_after = "5 days"
quiet_hours = "17h-7h30"; poll = 2

[delivry]
lease = "1 hour"

[server]
listen = "localhost:8080"
listen = "127.0.0.1:8080"
"#;

#[test]
fn a_file_full_of_mistakes_is_answered_with_all_of_them_at_their_places() {
    let problems = read(BROKEN).unwrap_err();
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    config.toml:2:7: error: `database.url`: "postgres//dondoc:***@db/figures" names no database
      remedy: write "sqlite:var/dondoc.db" or "postgres://user@host/database"
    config.toml:5:1: error: unknown key `safety.trail`
      remedy: did you mean `trial`?
    config.toml:6:12: error: `safety.approval`: "alway" is not allowed
      remedy: did you mean "always"? allowed: "never", "first_and_changes", "always"
    config.toml:7:27: error: `safety.max_newly_below_percent` must lie between 0 and 100
      remedy: write it like this: max_newly_below_percent = 20
    config.toml:8:10: error: `safety.allow`: "chairman" is not an e-mail address
      remedy: write it like "name@province.example"
    config.toml:8:22: error: `safety.allow` must be a text in quotation marks, not a number
      remedy: write it like this: allow = ["…", "…"]
    config.toml:11:8: error: `source.tỉnh.name`: "tỉnh" cannot be a name
      remedy: use 1 to 40 letters a–z, digits, `-` and single `_`, for example "province"
    config.toml:12:8: error: `source.tỉnh.kind`: "xlsx" is not allowed
      remedy: allowed: "csv", "dossiers", "sheet", "http_json", "sql"
    config.toml:17:9: error: `channel.mail.relay`: "mail.example:25" is not a mail relay
      remedy: write "smtp+starttls://host:587", "smtps://host:465" or, on this machine only, "smtp://127.0.0.1:25"
    config.toml:18:12: error: `channel.mail.password` must be a text in quotation marks, not a number
      remedy: write it like this: password = "…"
    config.toml:19:1: error: unknown key `channel.mail.port`
      remedy: remove it; there are: name, kind, relay, user, password, password_file, max_connections, ca_file, relays, from, reply_to, return_path, return_path_key, return_path_key_file, bounces, dkim_domain, dkim_selector, dkim_key, dkim_key_file, timeout, list_unsubscribe, per_second, per_minute, falls_back_after
    config.toml:23:8: error: `schedule.weekly.cron`: "30 7 * * Mon" is not a cron line: Invalid pattern: Pattern must have 6 fields when seconds are required and years are disallowed.
      remedy: write six fields: second minute hour day month weekday, for example "0 30 7 * * Mon"
    config.toml:24:13: error: `schedule.weekly.time_zone`: "Asia/Hochiminh" is not a time zone
      remedy: did you mean "Asia/Ho_Chi_Minh"?
    config.toml:27:16: error: `policy.repeat_after`: "5 days" is not a number of working days
      remedy: write "5 working days"
    config.toml:28:25: error: this is not TOML: unexpected key or value, expected newline, `#`
      remedy: write `key = value`, texts in quotation marks: name = "province"
    config.toml:30:2: error: unknown section `delivry`
      remedy: did you mean `delivery`?
    config.toml:34:10: error: `server.listen`: "localhost:8080" is not an address with a port
      remedy: write numbers: "127.0.0.1:8080" for this machine only, "0.0.0.0:8080" for everybody, "[::1]:8080"
    config.toml:35:1: error: this is not TOML: duplicate key
      remedy: a key or [section] may stand only once; remove one of the two
    "#);
    let all = format!("{shown:?} {problems:?} {}", serde_json::to_string(&problems).unwrap());
    assert!(!all.contains("hunter2") && !all.contains("123456"), "{all}");
}

#[test]
fn what_an_installation_must_name_is_missed_by_name() {
    let shown = |text: &str| {
        let problems = read(text).unwrap_err();
        problems.iter().map(|p| format!("{} {p}", p.code).lines().next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        shown("[safety]\ntrial = false\n"),
        [
            "missing_source config.toml:1:1: error: no [[source]] says where the figures come from",
            "missing_channel config.toml:1:1: error: no [[channel]] says how messages leave",
            "missing_schedule config.toml:1:1: warning: no [[schedule]]: `serve` never starts a round by itself",
        ]
    );
    assert_eq!(
        shown(
            "[[source]]\nkind = \"csv\"\n\n[[channel]]\nname = \"mail\"\nkind = \"email\"\nuser = \"a\"\n[schedule]\n"
        ),
        [
            "missing_key config.toml:1:1: error: `source[1].name` is missing",
            "missing_key config.toml:1:1: error: `source[1].path` is missing",
            "missing_key config.toml:4:1: error: `channel.mail.relay` is missing",
            "missing_key config.toml:4:1: error: `channel.mail.from` is missing",
            "missing_key config.toml:7:8: error: `channel.mail.user` has no password beside it",
            "wrong_type config.toml:8:1: error: `schedule` must be a list of sections, not a table",
        ]
    );
}

#[test]
fn a_key_in_the_wrong_section_is_sent_to_the_right_one() {
    let text = SHIPPED.replace("[quality]\n", "[quality]\nlisten = \"127.0.0.1:1\"\nDelivery-Lease = 1\n");
    let problems = read(&text).unwrap_err();
    assert_eq!(problems[0].message, "unknown key `quality.listen`");
    assert_eq!(problems[0].hint, "`listen` belongs to [server]");
    let known = "remove it; there are: max_refused_percent, max_rows_fall_percent, ";
    assert!(problems[1].hint.starts_with(known), "{}", problems[1].hint);
}

#[test]
fn a_broken_line_does_not_make_the_rest_of_the_file_missing() {
    let text = SHIPPED.replace("trial = true", "trial true");
    let problems = read(&text).unwrap_err();
    let line = text.lines().position(|line| line == "trial true").unwrap() + 1;
    assert!(problems.iter().all(|problem| problem.code == "syntax"), "{problems:?}");
    assert_eq!(problems[0].place.as_ref().unwrap().line, u64::try_from(line).unwrap());
}
