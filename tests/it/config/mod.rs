//! Reading a configuration from real files under real variables, and checking what it means.

mod catalog;
mod meaning;
mod read;

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

fn noon(date: &str) -> (NaiveDate, DateTime<Utc>) {
    (date.parse().unwrap(), format!("{date}T05:00:00Z").parse().unwrap())
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
