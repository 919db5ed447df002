//! The configuration as people may look at it: every key with its value and where that came from, and no secret.

use std::any::Any;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::address::mask_url;
use super::problem::Place;
use super::reading::{CREDENTIALS, Found};
use super::tree::{self, Entry, Node, Origin, Value};

/// Ends of keys whose value nobody sees.
const SECRET: [&str; 6] = ["password", "secret", "token", "key", "pin", "credentials"];

/// A key, its value and where that came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// `channel[0].relay`.
    pub key: String,
    /// What holds.
    pub value: Said,
    /// Where it stands.
    pub from: Whence,
}

/// A value as it may be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// As it is written.
    Text(String),
    /// There is one, and nobody sees it.
    Secret,
    /// There is none.
    Nothing,
    /// What the program does of itself, which has no word in the file.
    OwnWay,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whence {
    /// A line of the configuration file.
    Line(u64),
    /// An environment variable.
    Variable(String),
    /// A file that an environment variable names.
    VariableFile(PathBuf, String),
    /// A file of systemd's credentials, by its name.
    Credential(String),
    /// A file that another key names.
    File(PathBuf),
    /// A preset, by its name.
    Preset(String),
    /// Nobody gave it.
    Default,
}

/// What holds for a key that nobody gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Usual {
    Text(String),
    Nothing,
    OwnWay,
    /// The secret in this file, which another key names.
    SecretIn(PathBuf),
}

impl Usual {
    /// Of a default of any kind, as the file would write it; what has no such form is the program's own way.
    pub(super) fn of<T: Any>(default: &T) -> Self {
        let any: &dyn Any = default;
        if let Some(text) = any.downcast_ref::<String>() {
            return if text.is_empty() { Self::Nothing } else { Self::Text(text.clone()) };
        }
        if let Some(word) = any.downcast_ref::<&'static str>() {
            return Self::Text((*word).to_owned());
        }
        match any.downcast_ref::<Duration>() {
            Some(time) => Self::Text(duration(*time)),
            None => Self::OwnWay,
        }
    }
}

/// In the largest unit that has no rest: `30 seconds`, `1 minute`.
fn duration(time: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let seconds = time.as_secs();
    let (number, unit) = UNITS
        .into_iter()
        .find(|(size, _)| seconds > 0 && seconds.is_multiple_of(*size))
        .map_or((seconds, "second"), |(size, unit)| (seconds / size, unit));
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// As the command line says it; a page has words of its own.
impl fmt::Display for Whence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::VariableFile(path, name) => write!(f, "{} (variable {name})", path.display()),
            Self::Credential(name) => write!(f, "credential {name}"),
            Self::File(path) => path.display().fmt(f),
            Self::Preset(name) => write!(f, "preset {name}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Every value of `root`, which was read from `text`.
pub(super) fn given(root: &Node, text: &str) -> Vec<Shown> {
    let mut given = Vec::new();
    walk(root, "", &|node| whence(node, text), &mut given);
    given
}

/// What presets laid under them, once they lie there.
pub(super) fn laid_under(root: &Node, given: &[Shown]) -> Vec<Shown> {
    let mut all = Vec::new();
    walk(root, "", &|_| Whence::Default, &mut all);
    all.retain(|one| given.iter().all(|known| known.key != one.key));
    for one in &mut all {
        let preset = one.key.split_once('.').map(|(item, _)| format!("{item}.preset"));
        let named = given.iter().find(|known| Some(&known.key) == preset.as_ref()).map(|known| &known.value);
        if let Some(Said::Text(name)) = named {
            one.from = Whence::Preset(name.clone());
        }
    }
    all
}

/// All that was told, the shipped values of what was not, and every other key that is known there; in the order of sections.
pub(super) fn whole(mut told: Vec<Shown>, found: &Found, environment: &[(String, String)]) -> Vec<Shown> {
    let hidden = |one: &&mut Shown| found.literal_secrets.contains(&one.key);
    told.iter_mut().filter(hidden).for_each(|one| one.value = Said::Secret);
    let (shipped, _) = tree::parse(super::SHIPPED);
    let mut usual = Vec::new();
    walk(&shipped, "", &|_| Whence::Default, &mut usual);
    // Sources, channels and schedules have no defaults.
    usual.retain(|one| !one.key.contains('['));
    usual.extend(found.usual.iter().map(|(key, usual)| of_usual(key, usual)));
    for one in usual {
        // A table of which something is given is not itself a value.
        let part = |known: &Shown| known.key.strip_prefix(&one.key).is_some_and(|rest| rest.starts_with(['.', '[']));
        if told.iter().all(|known| known.key != one.key && !part(known)) {
            told.push(one);
        }
    }
    let credentials = environment.iter().find(|(name, _)| name == CREDENTIALS).map(|(_, folder)| Path::new(folder));
    for one in &mut told {
        if let Whence::VariableFile(path, _) | Whence::File(path) = &one.from
            && let Some(name) = credentials.and_then(|folder| path.strip_prefix(folder).ok())
        {
            one.from = Whence::Credential(name.display().to_string());
        }
    }
    told.sort_by(|one, other| section(&one.key).cmp(section(&other.key)));
    told
}

fn of_usual(key: &str, usual: &Usual) -> Shown {
    let (value, from) = match usual {
        Usual::Text(text) => (Said::Text(text.clone()), Whence::Default),
        Usual::Nothing => (Said::Nothing, Whence::Default),
        Usual::OwnWay => (Said::OwnWay, Whence::Default),
        Usual::SecretIn(path) => (Said::Secret, Whence::File(path.clone())),
    };
    Shown { key: key.to_owned(), value, from }
}

fn section(key: &str) -> &str {
    key.split('.').next().unwrap_or_default()
}

fn whence(node: &Node, text: &str) -> Whence {
    match (&node.origin, &node.value) {
        (Origin::File(offset), _) => Whence::Line(Place::of("", text, *offset).line),
        (Origin::Variable(name), Value::Content(_, path)) => Whence::VariableFile(path.clone(), name.to_string()),
        (Origin::Variable(name), _) => Whence::Variable(name.to_string()),
    }
}

fn walk(node: &Node, key: &str, whence: &dyn Fn(&Node) -> Whence, found: &mut Vec<Shown>) {
    match &node.value {
        Value::Table(entries) => {
            for Entry { key: name, node, .. } in entries {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                walk(node, &key, whence, found);
            }
        }
        Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Table(_))) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{key}[{at}]"), whence, found);
            }
        }
        value => {
            let value = if is_secret(key) { None } else { written(value).map(|text| bare(key, text)) };
            let value = value.map_or(Said::Secret, Said::Text);
            found.push(Shown { key: key.to_owned(), value, from: whence(node) });
        }
    }
}

/// By its name: whatever holds a secret is called so, or stands in a table of headers. A file that holds one may be named.
fn is_secret(key: &str) -> bool {
    let last = key.rsplit('.').next().unwrap_or_default().to_lowercase();
    let names_file = last.ends_with("_file");
    let inner = key.split('.').any(|part| {
        matches!(part.split('[').next(), Some("headers" | "secrets" | "login" | "form" | "query" | "body" | "request"))
    });
    !names_file && (inner || SECRET.iter().any(|end| last.ends_with(end) || last.ends_with(&format!("{end}s"))))
}

/// Of the address that a channel posts to only the machine: its path may be what lets one in.
fn bare(key: &str, text: String) -> String {
    let posts = key.starts_with("channel[") && key.ends_with("url");
    match text.split_once("://") {
        Some((scheme, rest)) if posts && rest.contains('/') => {
            format!("{scheme}://{}/…", rest.split('/').next().unwrap_or_default())
        }
        _ => text,
    }
}

/// `None`: the content of a file that a variable names, which is a secret more often than not.
fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::Text(text) | Value::Given(text) => without_password(text),
        Value::Integer(Some(number)) => number.to_string(),
        Value::Integer(None) => "?".to_owned(),
        Value::Boolean(flag) => flag.to_string(),
        Value::List(items) => items.iter().map(|item| written(&item.value)).collect::<Option<Vec<_>>>()?.join(", "),
        Value::Content(..) => return None,
        Value::Table(_) | Value::Foreign(_) => String::new(),
    })
}

fn without_password(text: &str) -> String {
    if text.contains("://") && text.contains(['@', '?']) { mask_url(text) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, environment: &[(&str, &str)]) -> Vec<Shown> {
        let environment: Vec<(String, String)> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let (config, problems, _) = super::super::attempt(("config.toml", text), Path::new("/"), &environment);
        config.unwrap_or_else(|| panic!("{problems:?}")).shown
    }

    fn of(all: &[Shown], key: &str) -> (Said, Whence) {
        let found = all.iter().find(|one| one.key == key);
        found.map_or_else(|| panic!("{key}: {all:#?}"), |one| (one.value.clone(), one.from.clone()))
    }

    fn text(text: &str) -> Said {
        Said::Text(text.to_owned())
    }

    #[test]
    fn every_value_has_its_place_and_no_secret_is_among_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, "GEHEIM").unwrap();
            path
        };
        let (pass, own) = (file("mail-pass"), file("url"));
        let more = format!(
            "[[channel]]\nname = \"mail\"\nkind = \"email\"\nrelay = \"smtps://mail.example\"\nfrom = \"a@b.example\"\n\
             user = \"an\"\npassword_file = \"{}\"\n[[channel]]\nname = \"chat\"\nkind = \"webhook\"\n\
             url = \"https://chat.example/GEHEIM\"\n[channel.headers]\nX-Api = \"GEHEIM\"\n[secrets]\n\
             key = \"GEHEIMGEHEIMGEHEIMGEHEIMGEHEIMGEHEIM\"\n",
            pass.display()
        );
        let source = format!("{}\n{more}", super::super::SHIPPED.replace("trial = true", "trial = false"));
        let folder = folder.path().display().to_string();
        let environment = [
            ("DONDOC__SERVER__LISTEN", "127.0.0.1:9"),
            ("DONDOC__DATABASE__URL_FILE", own.to_str().unwrap()),
            ("CREDENTIALS_DIRECTORY", folder.as_str()),
        ];
        let all = shown(&source, &environment);
        assert!(!format!("{all:?}").contains("GEHEIM"), "{all:?}");
        let line = super::super::SHIPPED.lines().position(|line| line == "trial = true").unwrap() + 1;
        let line = Whence::Line(u64::try_from(line).unwrap());
        assert_eq!(of(&all, "safety.trial"), (text("false"), line));
        let variable = Whence::Variable("DONDOC__SERVER__LISTEN".to_owned());
        assert_eq!(of(&all, "server.listen"), (text("127.0.0.1:9"), variable));
        assert_eq!(of(&all, "database.url"), (Said::Secret, Whence::Credential("url".to_owned())));
        assert_eq!(of(&all, "channel[1].password"), (Said::Secret, Whence::Credential("mail-pass".to_owned())));
        assert_eq!(of(&all, "channel[1].password_file").0, Said::Text(pass.display().to_string()));
        assert_eq!(of(&all, "secrets.key").0, Said::Secret);
    }

    #[test]
    fn a_key_that_nobody_gave_is_there_with_its_default() {
        let more = "[[channel]]\nname = \"mail\"\nkind = \"email\"\nrelay = \"smtps://mail.example\"\nfrom = \"a@b.example\"\n";
        let all = shown(&format!("{}\n{more}", super::super::SHIPPED.replace("trial = true\n", "")), &[]);
        let usual = |value: Said| (value, Whence::Default);
        assert_eq!(of(&all, "safety.trial"), usual(text("true")), "as the shipped file has it");
        assert_eq!(of(&all, "policy.grace"), usual(Said::Nothing), "a key that the shipped file does not have");
        assert_eq!(of(&all, "channel[1].timeout").1, Whence::Default);
        assert!(matches!(of(&all, "channel[1].timeout").0, Said::Text(time) if time.ends_with("seconds")));
        assert_eq!(of(&all, "channel[1].reply_to"), usual(Said::Nothing));
    }

    #[test]
    fn a_time_is_written_in_its_largest_unit() {
        for (seconds, said) in
            [(0, "0 seconds"), (1, "1 second"), (90, "90 seconds"), (3_600, "1 hour"), (172_800, "2 days")]
        {
            assert_eq!(duration(Duration::from_secs(seconds)), said);
        }
    }
}
