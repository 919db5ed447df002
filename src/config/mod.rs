//! The configuration: `config.toml` and the variables laid over it, read whole, with every problem at its place.
//!
//! Edge: uses every room's settings, and no room knows it. What is said here is infrastructure; units, targets and
//! templates live in the database. The shipped file is the reference of all keys and equals the built-in defaults.

mod address;
mod channel_exchange;
mod channel_sms;
mod channels;
mod check;
mod check_catalog;
mod check_channels;
mod check_mail;
mod check_sources;
mod lists;
mod mail;
mod overrides;
mod policy;
mod preset;
mod problem;
mod reading;
mod section;
mod sections;
mod shown;
mod sign_in;
mod source_dossiers;
mod source_files;
mod source_http;
mod source_sql;
mod sources;
#[cfg(test)]
mod tests;
mod tree;
mod value;

pub use address::mask_url;
pub use check::check;
pub use overrides::{environment, user};
pub use problem::{Place, Problem, Severity};
pub use shown::{Said, Shown, Whence};

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use crate::{channel, decision, dispatch, observation, outbox, pass, reply, source};
use reading::{Found, Located, Reading};
use section::Section;

/// The shipped `config.toml`: works as it is, and explains every key.
pub const SHIPPED: &str = include_str!("../../config.toml");

/// Where the file is looked for when the command line names none.
const USUAL_FILES: [&str; 2] = ["config.toml", "/etc/dondoc/dondoc.toml"];

/// Everything an installation says of itself.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from, as it was named; `None` for the shipped one.
    pub file: Option<PathBuf>,
    /// Where relative paths start: the file's folder, absolute. Paths in the settings already start here.
    pub folder: PathBuf,
    /// `sqlite:PATH` or `postgres://…`; may hold a password.
    pub database: SecretString,
    /// The pack that is imported when the database is empty.
    pub seed: Option<PathBuf>,
    /// A folder of message templates instead of the built-in ones.
    pub templates: Option<PathBuf>,
    /// The pages.
    pub server: Server,
    /// The locks before any send.
    pub safety: pass::Safety,
    /// What a round's data must be like.
    pub quality: pass::Quality,
    /// When reminders repeat and when they may go out.
    pub rules: decision::Rules,
    /// How stubbornly messages are offered.
    pub delivery: dispatch::Settings,
    /// How long a planned round belongs to the replica that took it, unless that renews it.
    pub round_lease: Duration,
    /// Where the figures come from; at least one.
    pub sources: Vec<source::Settings>,
    /// Which sources are compared with each other.
    pub reconcile: Vec<observation::Reconcile>,
    /// How messages leave; at least one.
    pub channels: Vec<channel::Settings>,
    /// What secrets in the database are sealed with.
    pub keys: crate::seal::Keys,
    /// When `serve` runs a round.
    pub schedules: Vec<pass::Schedule>,
    /// E-mail addresses that are told when a round is held.
    pub admins: Vec<String>,
    /// The province's single sign-on; `None`: passwords alone.
    pub oidc: Option<crate::oidc::Settings>,
    /// How recipients can answer.
    pub reply: reply::Settings,
    /// What superiors and leaders get.
    pub digest: pass::DigestSettings,
    /// How long what is settled is kept.
    pub retention: outbox::Retention,
    /// How log lines are written.
    pub log: LogFormat,
    found: Found,
    /// Every value as people may look at it.
    pub shown: Vec<Shown>,
}

/// The `[server]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// How people reach the pages, without a trailing slash.
    pub public_url: String,
    /// Proxies that are believed when they say whom they speak for.
    pub trusted_proxies: Vec<std::net::IpAddr>,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

impl Config {
    /// The database's address, password and all; not for people's eyes.
    pub fn database_url(&self) -> &str {
        self.database.expose_secret()
    }

    /// The file of a SQLite database; `None` for a server.
    pub fn database_file(&self) -> Option<PathBuf> {
        let path = self.database_url().strip_prefix("sqlite:")?;
        Some(self.folder.join(path.strip_prefix("//").unwrap_or(path)))
    }

    /// All that a pass is told.
    pub fn pass_settings(&self) -> pass::Settings {
        pass::Settings {
            sources: self.sources.clone(),
            reconcile: self.reconcile.clone(),
            channels: self.channels.clone(),
            rules: self.rules.clone(),
            safety: self.safety.clone(),
            quality: self.quality.clone(),
            valid_for: self.delivery.valid_for,
            fallback: self.delivery.fallback.clone(),
            admins: self.admins.clone(),
            links: self.links(),
            digest: self.digest.clone(),
        }
    }

    /// Where the links in letters lead; `None` without a key.
    fn links(&self) -> Option<reply::Links> {
        let (public_url, keys) = (self.server.public_url.clone(), self.reply.keys.clone());
        (!keys.is_empty()).then_some(reply::Links { public_url, keys, valid_for: self.reply.link_valid_for })
    }
}

/// Reads `file`, or else `./config.toml`, or else `/etc/dondoc/dondoc.toml`, and lays `environment` over it.
/// Warnings come with the configuration.
///
/// # Errors
/// Every problem at once, warnings among them, in the order of the file.
pub fn load(file: Option<&Path>, environment: &[(String, String)]) -> Result<(Config, Vec<Problem>), Vec<Problem>> {
    let file = find(file).map_err(|problem| vec![problem])?;
    let shown = file.display().to_string();
    let text = read(file, &shown).map_err(|problem| vec![problem])?;
    let file = file.to_path_buf();
    let whole = std::path::absolute(&file).unwrap_or_else(|_| file.clone());
    let folder = whole.parent().unwrap_or(Path::new("/"));
    interpret((&shown, &text), folder, environment)
        .map(|(config, problems)| (Config { file: Some(file), ..config }, problems))
}

/// The shipped configuration with `environment` laid over it; relative paths start at `folder`.
///
/// # Errors
/// Every problem of the variables.
pub fn shipped(folder: &Path, environment: &[(String, String)]) -> Result<(Config, Vec<Problem>), Vec<Problem>> {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf());
    interpret(("config.toml", SHIPPED), &folder, environment)
}

fn find(named: Option<&Path>) -> Result<&Path, Problem> {
    if let Some(file) = named {
        return Ok(file);
    }
    USUAL_FILES.iter().map(Path::new).find(|file| file.is_file()).ok_or_else(|| {
        let message = format!("there is no configuration: neither ./{} nor {}", USUAL_FILES[0], USUAL_FILES[1]);
        Problem::error("no_config_file", message, "copy the shipped config.toml there, or name a file: --config FILE")
    })
}

fn read(file: &Path, shown: &str) -> Result<String, Problem> {
    let bytes = std::fs::read(file).map_err(|error| {
        let hint = "name a file that exists and that the program's user may read: --config FILE";
        Problem::error("unreadable_file", format!("cannot read `{shown}`: {error}"), hint)
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(error.as_bytes().get(..good).unwrap_or_default()).into_owned();
        let problem = Problem::error("syntax", "this is not UTF-8 text", "save the file in the encoding UTF-8");
        problem.at(Some(Place::of(shown, &before, good)))
    })
}

/// Reads `text`, which is called `shown`, to the end whatever is wrong with it.
fn interpret(
    (shown, text): (&str, &str),
    folder: &Path,
    environment: &[(String, String)],
) -> Result<(Config, Vec<Problem>), Vec<Problem>> {
    let (config, problems, _) = attempt((shown, text), folder, environment);
    match config {
        Some(config) if !problems.iter().any(Problem::is_error) => Ok((config, problems)),
        _ => Err(problems),
    }
}

/// The configuration as far as it can be read, all problems, and every `section.key` that was asked for.
fn attempt(
    (shown, text): (&str, &str),
    folder: &Path,
    environment: &[(String, String)],
) -> (Option<Config>, Vec<Problem>, Vec<String>) {
    let (mut root, syntax) = tree::parse(text);
    let mut problems = overrides::apply(&mut root, environment, folder);
    let mut told = shown::given(&root, text);
    preset::apply(&mut root);
    told.extend(shown::laid_under(&root, &told));
    let reading = Reading::of(shown, text, folder, environment);
    let config = sections::config(&Section::root(&reading, &root), folder);
    let (mut found_wrong, found, asked) = reading.end();
    let syntax: Vec<Problem> =
        syntax.into_iter().map(|(at, problem)| problem.at(Some(Place::of(shown, text, at)))).collect();
    if !syntax.is_empty() {
        // What stands behind a syntax error may be lost, so nothing can be called missing; its own line is blamed once.
        let broken = |problem: &Problem| {
            let line = |place: &Option<Place>| place.as_ref().map(|place| place.line);
            syntax.iter().any(|error| line(&error.place) == line(&problem.place))
        };
        found_wrong.retain(|problem| !problem.code.starts_with("missing_") && !broken(problem));
        found_wrong.extend(syntax);
        reading::sort(&mut found_wrong);
    }
    found_wrong.append(&mut problems);
    let shown = shown::whole(told, &found, environment);
    (config.map(|config| Config { found, shown, ..config }), found_wrong, asked)
}

impl Config {
    /// The database's address without its password.
    pub fn database_shown(&self) -> String {
        mask_url(self.database.expose_secret())
    }

    /// Where the key (`channel[0].relay`) was given, or else the section it belongs to.
    fn located(&self, key: &str) -> Located {
        let given = |key: &str| self.found.keys.iter().find(|(known, _)| known == key).map(|(_, at)| at.clone());
        let section = || key.rsplit_once('.').and_then(|(section, _)| given(section));
        given(key).or_else(section).unwrap_or_default()
    }
}
