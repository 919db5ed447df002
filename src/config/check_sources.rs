//! What sources that are asked over the network can still get wrong.

use super::Config;
use super::address::host_port;
use super::check::is_local;
use super::problem::Problem;
use crate::source::{Auth, Place};

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
