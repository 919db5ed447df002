//! Reading a configuration from real files under real variables, and checking what it means.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use dondoc::catalog::{
    BasisPoints, CalendarYear, Comparator, Contact, Definition, Demand, Indicator, IndicatorId, IndicatorKind, Kind,
    LegalBasis, Measure, Office, Pack, Scope, Sender, Target, TargetId, Unit, UnitId, Validity,
};
use dondoc::channel;
use dondoc::config::{self, Config, Problem, Severity};
use dondoc::pass::Approval;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;

const SMALL: &str = r#"
[catalog]
seed = "/srv/pack"
[[source]]
name = "province"
kind = "csv"
path = "figures.csv"
[[channel]]
name = "mail"
kind = "email"
relay = "smtp+starttls://mail.example"
user = "dondoc"
password_file = "mail-password"
from = "Sở TT&TT <dondoc@province.example>"
[[schedule]]
name = "weekly"
cron = "0 30 7 * * Mon"
"#;

fn installation(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "config.toml", text, 0o600);
    write(&folder, "mail-password", "correct horse\n", 0o600);
    write(&folder, "figures.csv", "period\n", 0o644);
    folder
}

fn write(folder: &TempDir, name: &str, text: &str, mode: u32) {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
}

fn load(folder: &TempDir, variables: &[(&str, &str)]) -> Result<(Config, Vec<Problem>), Vec<Problem>> {
    let variables: Vec<_> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    config::load(Some(&folder.path().join("config.toml")), &variables)
}

fn messages(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.message.as_str()).collect()
}

fn email(config: &Config) -> &channel::Email {
    let channel::Kind::Email(email) = &config.channels[0].kind else { panic!("an e-mail channel") };
    email
}

fn password(config: &Config) -> &str {
    email(config).routes[0].password.as_ref().unwrap().expose_secret()
}

#[test]
fn relative_paths_start_at_the_files_own_folder_and_absolute_ones_stay() {
    let folder = installation(SMALL);
    let (config, problems) = load(&folder, &[]).unwrap();
    assert_eq!(problems, []);
    assert_eq!(config.folder, folder.path());
    assert_eq!(config.file.as_deref(), Some(folder.path().join("config.toml").as_path()));
    let dondoc::source::Place::Csv { path, .. } = &config.sources[0].place else { panic!("a CSV source") };
    assert_eq!(*path, folder.path().join("figures.csv"));
    assert_eq!(config.seed.as_deref(), Some(Path::new("/srv/pack")));
    assert_eq!(password(&config), "correct horse", "without the file's last line break");
    assert_eq!((email(&config).routes[0].relay.port, email(&config).routes[0].max_connections), (587, 4));
}

#[test]
fn a_file_that_is_not_there_or_not_text_is_said_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let missing = config::load(Some(&folder.path().join("none.toml")), &[]).unwrap_err();
    assert_eq!((missing.len(), missing[0].code), (1, "unreadable_file"));
    fs::write(folder.path().join("config.toml"), b"a = 1\nb = \"S\xf4\"\n").unwrap();
    let binary = load(&folder, &[]).unwrap_err();
    let place = binary[0].place.as_ref().unwrap();
    assert_eq!((binary[0].code, place.line, place.column), ("syntax", 2, 7));
}

#[test]
fn variables_go_before_the_file_whatever_their_capitals() {
    let folder = installation(SMALL);
    let (config, problems) = load(
        &folder,
        &[
            ("DONDOC__DATABASE__URL", "postgres://dondoc:hunter2@db/figures"),
            ("dondoc__safety__trial", "false"),
            ("DONDOC__SAFETY__APPROVAL", "never"),
            ("DONDOC__SAFETY__MAX_NEWLY_BELOW_PERCENT", "100"),
            ("DONDOC__POLICY__QUIET_HOURS", ""),
            ("DONDOC__ALERTS__TO", r#"["admin@province.example"]"#),
            ("DONDOC__CHANNEL__MAIL__PASSWORD", "123456"),
            ("DONDOC__SOURCE__PROVINCE__COLUMNS__MEASURES__RECEIVED", "Tiếp nhận"),
            ("DONDOC_TEST_POSTGRES", "not ours"),
        ],
    )
    .unwrap();
    assert_eq!(problems, []);
    assert_eq!(config.database.expose_secret(), "postgres://dondoc:hunter2@db/figures");
    assert_eq!(config.database_shown(), "postgres://dondoc:***@db/figures");
    assert!(!config.safety.trial);
    assert_eq!((config.safety.approval, config.safety.max_newly_below_percent), (Approval::Never, 100));
    assert_eq!(config.rules.quiet_hours, None);
    assert_eq!(config.admins, ["admin@province.example"]);
    assert_eq!(password(&config), "123456", "a password may look like a number, and goes before password_file");
    assert_eq!(config.sources[0].columns.measures, [("received".to_owned(), "Tiếp nhận".to_owned())]);
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("123456"), "{shown}");
}

#[test]
fn a_variable_may_name_the_file_that_holds_the_value() {
    let folder = installation(SMALL);
    write(&folder, "url", "postgres://dondoc:hunter2@db/figures\n", 0o600);
    write(&folder, "trial", "false\n", 0o600);
    write(&folder, "other", "\"quoted\"\r\n", 0o600);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (config, _) = load(
        &folder,
        &[
            ("DONDOC__DATABASE__URL_FILE", &path("url")),
            ("DONDOC__SAFETY__TRIAL_FILE", &path("trial")),
            ("CREDENTIALS_DIRECTORY", &folder.path().display().to_string()),
            ("DONDOC__CHANNEL__MAIL__PASSWORD_FILE", "$CREDENTIALS_DIRECTORY/other"),
            ("DONDOC__CHANNEL__MAIL__CA_FILE", "/etc/ssl/province.pem"),
        ],
    )
    .unwrap();
    assert_eq!(config.database.expose_secret(), "postgres://dondoc:hunter2@db/figures");
    assert!(!config.safety.trial);
    assert_eq!(password(&config), "\"quoted\"", "a file's content is taken word for word");
    assert_eq!(email(&config).routes[0].ca_file.as_deref(), Some(Path::new("/etc/ssl/province.pem")));
}

#[test]
fn systemds_credentials_are_found_from_the_file() {
    let folder = installation(&SMALL.replace("\"mail-password\"", "\"$CREDENTIALS_DIRECTORY/mail-password\""));
    let (config, _) = load(&folder, &[("CREDENTIALS_DIRECTORY", &folder.path().display().to_string())]).unwrap();
    assert_eq!(password(&config), "correct horse");
    let problems = load(&folder, &[]).unwrap_err();
    let expected = "`channel.mail.password_file`: `$CREDENTIALS_DIRECTORY/mail-password` needs the variable \
                    CREDENTIALS_DIRECTORY, which is not set";
    assert_eq!(messages(&problems), [expected]);
}

#[test]
fn a_bad_variable_is_called_by_its_name_and_its_secret_is_not_shown() {
    let folder = installation(SMALL);
    let problems = load(
        &folder,
        &[
            ("DONDOC__CHANNEL__MALE__PASSWORD", "hunter2"),
            ("DONDOC__CHANNEL__MAIL__PASSWD", "hunter2"),
            ("DONDOC__DATABASE__URL", "mysql://dondoc:hunter2@db"),
            ("DONDOC__SAFETY__TRIAL", "no"),
            ("DONDOC__SEFETY__TRIAL", "true"),
            ("DONDOC__LOG__FORMAT", "json"),
            ("DONDOC__LOG__FORMAT_FILE", "/nowhere"),
            ("DONDOC__ALERTS__TO_FILE", "/nowhere"),
            ("DONDOC__", "1"),
            ("DONDOC__SAFETY__TRIAL__DEEPER", "1"),
        ],
    )
    .unwrap_err();
    let mut shown = messages(&problems);
    shown.sort_unstable();
    assert_eq!(
        shown,
        [
            "DONDOC__: names no key",
            "DONDOC__ALERTS__TO_FILE: cannot read `/nowhere`: No such file or directory (os error 2)",
            "DONDOC__CHANNEL__MAIL__PASSWD: unknown key `channel.mail.passwd`",
            "DONDOC__CHANNEL__MALE__PASSWORD: nothing in that list is called `male`",
            "DONDOC__DATABASE__URL: `database.url`: \"mysql://dondoc:***@db\" names no database",
            "DONDOC__LOG__FORMAT_FILE: DONDOC__LOG__FORMAT speaks of the same key",
            "DONDOC__SAFETY__TRIAL: `safety.trial` must be true or false without quotation marks, not a text",
            "DONDOC__SAFETY__TRIAL__DEEPER: there is nothing called `deeper` there",
            "DONDOC__SEFETY__TRIAL: unknown section `sefety`",
        ]
    );
    assert!(problems.iter().all(|problem| problem.place.is_none()));
    assert!(!format!("{problems:?}").contains("hunter2"));
}

#[test]
fn a_whole_list_may_come_from_a_variable() {
    let folder = installation(SMALL);
    let (config, _) = load(&folder, &[("DONDOC__CHANNEL", r#"[{ name = "box", kind = "capture" }]"#)]).unwrap();
    assert_eq!(config.channels[0].name, "box");
}

fn noon(date: &str) -> (NaiveDate, DateTime<Utc>) {
    (date.parse().unwrap(), format!("{date}T05:00:00Z").parse().unwrap())
}

#[test]
fn keys_of_channels_do_not_travel_in_clear_and_the_word_of_calls_cannot_be_guessed() {
    let said = |channel: &str| {
        let folder = installation("");
        write(&folder, "key", "ESMS-KEY", 0o600);
        let source = "[[source]]\nname = \"a\"\nkind = \"csv\"\npath = \"figures.csv\"\n";
        write(&folder, "config.toml", &format!("{source}[[channel]]\nname = \"c\"\n{channel}\n"), 0o600);
        let (config, _) = load(&folder, &[]).unwrap_or_else(|problems| panic!("{problems:?}"));
        let (today, now) = noon("2022-10-31");
        let problems = config::check(&config, None, today, now);
        let ours = problems.into_iter().filter(|problem| ["password_in_clear", "token_weak"].contains(&problem.code));
        ours.map(|problem| (problem.code, problem.severity)).collect::<Vec<_>>()
    };
    let esms = |more: &str| {
        let keys = "api_key_file = \"key\"\nsecret_key_file = \"key\"\nbrandname = \"A\"";
        said(&format!("kind = \"sms\"\nprovider = \"esms\"\n{keys}\n{more}"))
    };
    assert_eq!(esms(""), []);
    assert_eq!(esms("url = \"http://127.0.0.1:1/json\"\nallow_private = true"), []);
    assert_eq!(esms("url = \"http://rest.esms.vn/json\""), [("password_in_clear", Severity::Error)]);
    assert_eq!(esms("callback_token = \"short\""), [("token_weak", Severity::Error)]);
    let hook = "kind = \"webhook\"\nurl = \"http://host.example/{{ unit_code }}\"\nbody = \"{{ secret.k }}\"\n\
                [channel.secrets]\nk = \"key\"";
    assert_eq!(said(hook), [("password_in_clear", Severity::Warning)]);
}

#[test]
fn a_request_that_lacks_something_is_told_what() {
    let text = "[[source]]\nname = \"a\"\nkind = \"csv\"\npath = \"figures.csv\"\n[[channel]]\nname = \"c\"\nkind = \"sms\"\n\
                provider = \"http\"\nurl = \"https://h.example/{{ fone }}\"\nbody = \"{{ secret.k }}{{ value.v }}{{ token }}\"\n\
                code = \"status\"\n[channel.errors]\n1 = \"broke\"\n[[channel]]\nname = \"d\"\npreset = \"speedsm\"\nkind = \"sms\"\n\
                provider = \"http\"\nurl = \"https://h.example/\"\nbody = \"{{ secret.k }}{{ value.v }}{{ token }}\"\n";
    let problems = load(&installation(text), &[]).unwrap_err();
    let said = messages(&problems).join("\n");
    for part in [
        "`channel.c.url`: `{{ fone }}` stands for nothing",
        "`channel.c.code`: `status` leads nowhere",
        "`channel.c.errors.1` is wrong: \"broke\" is not allowed",
        "`channel.d.preset`: \"speedsm\" is not allowed",
        "`channel.d.success` is missing",
        "`channel.d.secrets` lacks what `{{ secret.k }}` stands for",
        "`channel.d.values` lacks what `{{ value.v }}` stands for",
        "`channel.d.login` lacks what `{{ token }}` stands for",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

fn codes(problems: &[Problem]) -> Vec<(&'static str, Severity)> {
    problems.iter().map(|problem| (problem.code, problem.severity)).collect()
}

fn checked(text: &str, pack: Option<&Pack>) -> Vec<Problem> {
    let folder = installation(text);
    let (config, _) = load(&folder, &[]).unwrap();
    let (today, now) = noon("2022-10-31");
    config::check(&config, pack, today, now).into_iter().filter(|p| p.code != "path_missing").collect()
}

#[test]
fn a_folder_that_files_are_brought_to_is_checked() {
    let brought = |name: &str, folder: &str, token: &str| {
        format!(
            "[[source]]\nname = \"{name}\"\nkind = \"csv\"\ndrop = \"{folder}\"\n[source.push]\ntoken = \"{token}\"\n"
        )
    };
    let good = "SRC-TOKEN-of-the-province-1";
    let text = SMALL.to_owned() + &brought("one", ".", good) + &brought("two", ".", &format!("{good} short"));
    let found: Vec<_> =
        checked(&text, None).into_iter().filter(|p| p.code.contains("drop") || p.code.contains("token")).collect();
    assert_eq!(
        messages(&found),
        [
            "sources \"one\" and \"two\" take files from the same folder",
            "a token of source \"two\" has less than 20 characters",
        ]
    );
    let unwritable = checked(&(SMALL.to_owned() + &brought("one", "config.toml", good)), None);
    assert!(unwritable.iter().any(|problem| problem.code == "drop_not_writable"), "{unwritable:?}");
    let both = brought("one", "inbox", good).replace("drop =", "path = \"figures.csv\"\ndrop =");
    let without = brought("two", "inbox", good).replace("drop =", "path =");
    let problems = load(&installation(&(SMALL.to_owned() + &both + &without)), &[]).unwrap_err();
    assert_eq!(
        messages(&problems),
        ["`source.one.drop` and `path` are both given", "`source.two.push` needs the folder `drop` to put files into"]
    );
}

#[test]
fn a_configuration_is_checked_for_what_it_means() {
    let text = SMALL.replace("smtp+starttls://", "smtp://").replace("from =", "timeout = \"40 seconds\"\nfrom =")
        + r#"
[[channel]]
name = "Mail"
kind = "capture"
[[schedule]]
name = "never"
cron = "0 0 8 30 2 *"
[[schedule]]
name = "leap"
cron = "0 0 8 29 2 Thu"
[server]
public_url = "http://dondoc.province.example"
"#;
    let problems = checked(&text, None);
    assert_eq!(
        codes(&problems),
        [
            ("password_in_clear", Severity::Error),
            ("duplicate_name", Severity::Error),
            ("schedule_never_fires", Severity::Error),
            ("schedule_never_fires", Severity::Warning),
            ("public_url_not_https", Severity::Warning),
            ("trial_mode", Severity::Warning),
            ("lease_too_short", Severity::Error),
            ("no_reply_links", Severity::Hint),
        ]
    );
    let lines: Vec<_> = problems.iter().map(|p| p.place.as_ref().map(|place| place.line)).collect();
    assert_eq!(lines[..5], [Some(11), Some(21), Some(25), Some(28), Some(30)]);
    assert_eq!(problems[3].message, "schedule \"leap\" does not fire before 29/02/2024: \"0 0 8 29 2 Thu\"");
    assert_eq!(
        problems[6].message,
        "`delivery.lease` is 5 minutes, but channel \"mail\" may need 400 seconds with its `timeout`"
    );
}

#[test]
fn a_schedule_that_writes_to_nobody_is_told_of_and_what_it_starts_is_one_of_four_words() {
    let schedule =
        |what: &str| format!("{SMALL}[[schedule]]\nname = \"b\"\ncron = \"0 0 8 * * Mon\"\nwhat = \"{what}\"\n");
    let told = |text: &str| {
        let problems = checked(text, None);
        problems.into_iter().filter(|problem| problem.code == "nobody_to_tell").collect::<Vec<_>>()
    };
    let problems = told(&schedule("leaders"));
    assert_eq!(problems.iter().map(|problem| problem.severity).collect::<Vec<_>>(), [Severity::Warning]);
    assert_eq!(problems[0].message, "schedule \"b\" writes to nobody: [digest] leaders is empty");
    assert_eq!(problems[0].place.as_ref().map(|place| place.line), Some(21));
    assert_eq!(told(&schedule("admin_note")).len(), 1);
    assert_eq!(told(&schedule("digest")), []);
    assert_eq!(told(&(schedule("leaders") + "[digest]\nleaders = [\"lanhdao@province.example\"]\n")), []);
    let unknown = load(&installation(&schedule("digests")), &[]).unwrap_err();
    assert!(unknown[0].message.contains("`schedule.what`") || unknown[0].message.contains("digests"), "{unknown:?}");
}

#[test]
fn a_source_that_is_stale_before_its_month_closes_is_told_of() {
    let text = SMALL.replace("kind = \"csv\"", "kind = \"csv\"\nfresh_for = \"45 days\"");
    let told = |quality: &str| {
        let problems = checked(&format!("{text}[quality]\n{quality}\n"), None);
        problems.into_iter().filter(|problem| problem.code == "stale_before_closing").collect::<Vec<_>>()
    };
    let problems = told("closes_on = \"20\"");
    assert_eq!((problems.len(), problems[0].severity), (1, Severity::Warning));
    assert_eq!(problems[0].place.as_ref().map(|place| place.line), Some(7));
    for quality in ["closes_on = \"14\"", "closes_on = \"20\"\nprovisional = \"judge\"", ""] {
        assert_eq!(told(quality), [], "{quality}");
    }
}

#[test]
fn a_single_sign_on_that_cannot_work_or_is_not_safe_is_told_of() {
    let key = "[secrets]\nkey = \"a-key-of-the-province-00000000000000000\"\n[server]\npublic_url = \"https://dondoc.example\"\n";
    let oidc = |more: &str| {
        format!("{SMALL}{key}[sign_in.oidc]\nclient_id = \"dondoc\"\nclient_secret_file = \"mail-password\"\n{more}\n")
    };
    let told = |text: &str| {
        let problems = checked(text, None);
        problems.into_iter().map(|problem| problem.code).filter(|code| code.starts_with("sign_in")).collect::<Vec<_>>()
    };
    let good = "issuer = \"https://sso.example/realms/tinh/\"";
    let (config, _) = load(&installation(&oidc(good)), &[]).unwrap();
    let settings = config.oidc.as_ref().unwrap();
    assert_eq!(settings.issuer, "https://sso.example/realms/tinh/", "to the last slash as it is written");
    assert_eq!((settings.login_claim.as_str(), settings.password), ("preferred_username", true));
    assert!(!format!("{config:?}").contains("correct horse"));
    assert!(load(&installation(SMALL), &[]).unwrap().0.oidc.is_none());
    assert_eq!(told(&oidc(good)), [""; 0]);
    for (text, code) in [
        (oidc(good).replace("[secrets]\nkey = \"a-key-of-the-province-00000000000000000\"\n", ""), "sign_in_needs_key"),
        (oidc("issuer = \"http://sso.example\""), "sign_in_in_clear"),
        (oidc("issuer = \"https://10.1.2.3/sso\""), "sign_in_unreachable"),
        (oidc(good).replace("https://dondoc.example", "http://dondoc.example"), "sign_in_returns_in_clear"),
    ] {
        assert_eq!(told(&text), [code], "{text}");
    }
    assert_eq!(told(&oidc("issuer = \"https://10.1.2.3/sso\"\nallow_private = true")), [""; 0]);
    assert_eq!(told(&oidc("issuer = \"http://127.0.0.1:9/sso\"\nallow_private = true")), [""; 0]);
    for (more, words) in [
        ("", "`sign_in.oidc.issuer` is missing"),
        ("issuer = \"sso.example\"", "is not an address on the web"),
        ("issuer = \"https://sso.example?a=b\"", "is no issuer"),
        (
            "issuer = \"https://sso.example\"\nrole_claim = \"roles\"",
            "`sign_in.oidc.role_claim` and [sign_in.oidc.roles] belong",
        ),
        ("issuer = \"https://sso.example\"\n[sign_in.oidc.roles]\na = \"view\"", "belong together"),
        (
            "issuer = \"https://sso.example\"\nrole_claim = \"r\"\n[sign_in.oidc.roles]\na = \"root\"",
            "`sign_in.oidc.roles.a` is wrong",
        ),
        ("issuer = \"https://sso.example\"\nscopes = [\"a b\"]", "is no scope"),
        ("issuer = \"https://sso.example\"\nbuton = \"x\"", "unknown key `sign_in.oidc.buton`"),
    ] {
        let problems = load(&installation(&oidc(more)), &[]).unwrap_err();
        assert!(messages(&problems).join("\n").contains(words), "{words}: {problems:?}");
    }
    let without = oidc(good).replace("client_secret_file = \"mail-password\"\n", "");
    assert_eq!(
        messages(&load(&installation(&without), &[]).unwrap_err()),
        ["`sign_in.oidc.client_secret_file` is missing"]
    );
}

#[test]
fn a_secret_that_everybody_may_read_is_refused() {
    let folder = installation(&SMALL.replace("password_file = \"mail-password\"", "password = \"hunter2\""));
    let (config, _) = load(&folder, &[]).unwrap();
    let (today, now) = noon("2022-10-31");
    let readable = |config: &Config| {
        let problems = config::check(config, None, today, now);
        problems.into_iter().filter(|problem| problem.code == "secret_readable").collect::<Vec<_>>()
    };
    assert_eq!(readable(&config), []);
    write(&folder, "config.toml", &fs::read_to_string(folder.path().join("config.toml")).unwrap(), 0o644);
    let problems = readable(&config);
    assert_eq!((problems.len(), problems[0].severity), (1, Severity::Error));
    assert_eq!(problems[0].place.as_ref().map(|place| place.line), Some(13));
    write(&folder, "config.toml", SMALL, 0o644);
    let (config, _) = load(&folder, &[]).unwrap();
    assert_eq!(readable(&config), [], "a file without a password may be read");
    write(&folder, "mail-password", "correct horse", 0o644);
    assert_eq!(readable(&config)[0].severity, Severity::Warning);
    write(&folder, "config.toml", &format!("[database]\nurl = \"postgres://a:b@c/d\"\n{SMALL}"), 0o644);
    let (config, _) = load(&folder, &[]).unwrap();
    assert_eq!(readable(&config)[0].place.as_ref().map(|place| place.line), Some(2));
}

fn unit(code: &str, name: &str, kind: Kind) -> Unit {
    let parent = (kind != Kind::Province).then(|| UnitId::new("24"));
    let (id, valid) = (UnitId::new(code), Validity::default());
    Unit { id, code: code.into(), name: name.into(), kind, parent, aliases: vec![], valid }
}

fn contact(unit: &str, office: Office, email: Option<&str>, phone: Option<&str>) -> Contact {
    Contact {
        unit: UnitId::new(unit),
        office,
        person: None,
        title: "Chủ tịch".into(),
        email: email.map(str::to_owned),
        phone: phone.map(str::to_owned),
        zalo_user_id: None,
        valid: Validity::default(),
    }
}

fn target(indicator: &str, to: &str) -> Target {
    Target {
        id: TargetId::new(indicator),
        indicator: IndicatorId::new(indicator),
        version: String::new(),
        name: indicator.into(),
        demand: Demand::Target,
        scope: Scope::All,
        comparator: Comparator::AtLeast,
        value: BasisPoints(5_000),
        from_month: 1,
        pro_rated: false,
        valid: Validity { from: None, to: Some(to.parse().unwrap()) },
        basis: LegalBasis { number: "1780/KH".into(), date: "2022-01-01".parse().ok(), issuer: "UBND tỉnh".into() },
    }
}

fn indicator(id: &str, numerator: &str) -> Indicator {
    Indicator {
        id: IndicatorId::new(id),
        definition: Definition::default(),
        name: id.into(),
        short_name: id.into(),
        kind: IndicatorKind::Flow,
        numerator: Measure::new(numerator),
        denominator: Measure::new("received"),
        minimum_volume: 10,
        counted: "hồ sơ".into(),
        remind_instruction: false,
        causes: vec![],
    }
}

/// A province with everything in order.
fn sound() -> Pack {
    Pack {
        units: vec![unit("24", "Tỉnh Bắc Giang", Kind::Province), unit("1", "Xã Một", Kind::Commune)],
        contacts: vec![
            contact("24", Office::FocalPoint, Some("focal@province.example"), None),
            contact("1", Office::Head, Some("head@commune.example"), None),
        ],
        indicators: vec![indicator("online_filing", "received_online")],
        targets: vec![target("online_filing", "2022-12-31")],
        senders: vec![Sender {
            name: "Sở TT&TT".into(),
            sms_name: "So TTTT".into(),
            occasion: "Thông báo".into(),
            valid: Validity::default(),
        }],
        calendar: vec![CalendarYear { year: 2022, ..CalendarYear::default() }],
        ..Pack::default()
    }
}

fn checked_pack(pack: &Pack, date: &str) -> Vec<Problem> {
    let (today, now) = noon(date);
    let (config, _) = config::shipped(Path::new("/srv"), &[]).unwrap();
    config::check(&config, Some(pack), today, now).into_iter().filter(|p| p.code != "path_missing").collect()
}

#[test]
fn a_sound_pack_and_the_shipped_file_have_nothing_to_say_to_each_other() {
    assert_eq!(checked_pack(&sound(), "2022-10-31"), []);
}

#[test]
fn targets_and_calendars_that_run_out_are_told_of_in_time() {
    let at = |date: &str| checked_pack(&sound(), date).into_iter().map(|p| p.message).collect::<Vec<_>>();
    assert_eq!(at("2022-12-20"), ["the target of indicator `online_filing` ends on 31/12/2022"]);
    let ended =
        "indicator `online_filing` has no target now: the last one ended on 31/12/2022; nobody is reminded of it";
    assert_eq!(at("2023-01-01"), [ended]);
    let reckoned = "the days off of 2027 are reckoned, not announced: exchanged working days are unknown";
    assert_eq!(at("2026-11-30"), [ended]);
    assert_eq!(at("2026-12-01"), [ended, reckoned]);
    let mut next = sound();
    next.targets.push(Target {
        valid: Validity { from: "2023-01-01".parse().ok(), to: None },
        ..target("online_filing", "2023-12-31")
    });
    assert_eq!(checked_pack(&next, "2022-12-20"), []);
    next.calendar.push(CalendarYear { year: 2027, ..CalendarYear::default() });
    assert!(checked_pack(&next, "2026-12-20").iter().all(|problem| problem.code != "calendar_missing"));
}

#[test]
fn everything_a_catalog_lacks_is_named_once_with_its_number() {
    let mut pack = sound();
    pack.units.extend((2..=9).map(|number| unit(&number.to_string(), &format!("Xã {number}"), Kind::Commune)));
    pack.contacts =
        vec![contact("1", Office::Head, None, None), contact("2", Office::Head, None, Some("0900 000 001"))];
    pack.indicators.push(indicator("portal_payment", "paid_in_gold"));
    pack.senders.clear();
    let problems = checked_pack(&pack, "2022-10-31");
    assert_eq!(
        codes(&problems),
        [
            ("measure_unmapped", Severity::Error),
            ("unit_without_recipient", Severity::Warning),
            ("contact_without_address", Severity::Warning),
            ("no_focal_point", Severity::Warning),
            ("no_sender", Severity::Error),
            ("indicator_without_target", Severity::Warning),
        ]
    );
    let expected =
        "8 units without anybody who receives for them: Xã Một (1), Xã 3 (3), Xã 4 (4), Xã 5 (5), Xã 6 (6) and 3 more";
    assert_eq!(problems[1].message, expected);
    assert_eq!(problems[2].message, "1 contact without any address: head of Xã Một (1)");
}

#[test]
fn a_head_whom_no_channel_reaches_is_told_of() {
    let mut pack = sound();
    pack.contacts[1] = contact("1", Office::Head, None, Some("0900 000 001"));
    let problems = checked(SMALL, Some(&pack));
    assert_eq!(
        messages(&problems),
        [
            "channel \"mail\" reaches nobody: no contact has an address for it",
            "trial mode is on: mail reaches nobody",
            "letters carry no link by which heads can answer: `reply.key_file` is not set",
            "1 unit whose head no channel reaches: Xã Một (1)",
        ]
    );
}

#[test]
fn links_that_nobody_can_follow_and_keys_that_can_be_guessed_are_told_of() {
    let long = "k".repeat(32);
    let cases = [
        (&long, "http://127.0.0.1:8080", vec![("reply_links_local", Severity::Warning)]),
        (&long, "https://dondoc.province.example", vec![]),
        (&"k".repeat(31), "https://dondoc.province.example", vec![("reply_key_weak", Severity::Error)]),
    ];
    for (key, url, expected) in cases {
        let text = format!("{SMALL}\n[server]\npublic_url = \"{url}\"\n[reply]\nkey = \"{key}\"\n");
        let problems = checked(&text, None);
        let codes: Vec<_> = codes(&problems).into_iter().filter(|(code, _)| code.starts_with("reply")).collect();
        assert_eq!(codes, expected, "{url}");
    }
}
