//! What a configuration means, and what is told of it.

use super::*;

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
