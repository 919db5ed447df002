//! Where values come from: the file, variables, files that variables name, credentials.

use super::*;

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
