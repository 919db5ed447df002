//! What sources that are asked over the network, or whose files are brought, can still get wrong.

use std::path::Path;

use super::Config;
use super::address::host_port;
use super::check::is_local;
use super::problem::Problem;
use crate::source::{Auth, Dropped, Place};

/// Characters of a token that nobody guesses.
const TOKEN: usize = 20;

/// Logins that would travel in clear to another machine.
pub(super) fn logins_in_clear(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, source) in config.sources.iter().enumerate() {
        let Place::HttpJson(http) = &source.place else { continue };
        let mut addresses = vec![("url", http.shown.as_str())];
        match &http.auth {
            Auth::None => continue,
            Auth::Bearer(_) | Auth::Basic { .. } => {}
            Auth::OAuth2 { token_url, .. } => addresses.push(("auth.token_url", token_url)),
        }
        for (key, _) in addresses.iter().filter(|(_, address)| is_in_clear(address)) {
            let message = format!("source {:?} would send its login in clear over http://", source.name);
            let hint = format!("write https:// in `{key}`; for a certificate of your own set `ca_file`");
            let problem = Problem::error("password_in_clear", message, hint);
            problems.push(config.located(&format!("source[{at}].{key}")).of(problem));
        }
    }
    problems
}

fn is_in_clear(address: &str) -> bool {
    let authority = address.strip_prefix("http://").and_then(|rest| rest.split('/').next());
    authority.and_then(host_port).is_some_and(|(host, _)| !is_local(host))
}

fn dropped(config: &Config) -> impl Iterator<Item = (usize, &str, &Dropped)> {
    config.sources.iter().enumerate().filter_map(|(at, source)| match &source.place {
        Place::Dropped(dropped) => Some((at, source.name.as_str(), &**dropped)),
        _ => None,
    })
}

/// Folders that are not there yet, that cannot be written, or that two sources would take files from.
pub(super) fn drop_folders(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, name, Dropped { folder, .. }) in dropped(config) {
        let shown = folder.display();
        let other = dropped(config).find(|(other, _, dropped)| *other < at && dropped.folder == *folder);
        let problem = if let Some((_, other, _)) = other {
            let message = format!("sources {other:?} and {name:?} take files from the same folder");
            Problem::error("drop_shared", message, "give each of them a folder of its own")
        } else if !folder.exists() {
            let hint = "it is made by `serve`, `run` or `pull`; make it first when others shall put files there";
            Problem::warning("path_missing", format!("`{shown}` does not exist"), hint)
        } else if let Err(error) = probe(folder) {
            let hint = "let the program's user write there: files are moved within this folder";
            Problem::error("drop_not_writable", format!("`{shown}` cannot be written: {error}"), hint)
        } else {
            continue;
        };
        problems.push(config.located(&format!("source[{at}].drop")).of(problem));
    }
    problems
}

/// Makes a hidden file there and removes it: permissions alone do not tell of quotas and read-only mounts.
fn probe(folder: &Path) -> std::io::Result<()> {
    tempfile::Builder::new().prefix(".check-").tempfile_in(folder)?.close()
}

/// Tokens that can be guessed.
pub(super) fn weak_tokens(config: &Config) -> Vec<Problem> {
    let weak = dropped(config).filter(|(_, _, dropped)| dropped.tokens.shortest().is_some_and(|length| length < TOKEN));
    let problem = |(at, name, _): (usize, &str, &Dropped)| {
        let message = format!("a token of source {name:?} has less than {TOKEN} characters");
        let problem = Problem::error("token_weak", message, "make one of random bytes: `openssl rand -hex 24`");
        config.located(&format!("source[{at}].push")).of(problem)
    };
    weak.map(problem).collect()
}
