//! Mail channels: logins in clear, files that are not there, keys that sign nothing.

use std::path::Path;

use super::Config;
use super::problem::Problem;
use crate::channel::{Email, Kind, Mailbox, Security};

/// Which of the channels they are, and their names.
pub(super) fn emails(config: &Config) -> impl Iterator<Item = (usize, &str, &Email)> {
    config.channels.iter().enumerate().filter_map(|(at, channel)| match &channel.kind {
        Kind::Email(email) => Some((at, channel.name.as_str(), email)),
        _ => None,
    })
}

/// Where the key of the `nth` relay stands.
fn key_of(at: usize, nth: usize, key: &str) -> String {
    match nth.checked_sub(1) {
        None => format!("channel[{at}].{key}"),
        Some(further) => format!("channel[{at}].relays[{further}].{key}"),
    }
}

pub(super) fn problems(config: &Config) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, name, email) in emails(config) {
        let clear = in_clear(config, at, name, email);
        if clear.is_empty()
            && paths(config).all(|(_, path)| path.exists())
            && let Some(reason) = email.fault()
        {
            let hint = "correct what is named; `dondoc channel test` tries the rest";
            let problem = Problem::error("bad_channel", format!("channel {name:?}: {reason}"), hint);
            problems.push(config.located(&format!("channel[{at}]")).of(problem));
        }
        problems.extend(clear);
    }
    problems
}

fn in_clear(config: &Config, at: usize, name: &str, email: &Email) -> Vec<Problem> {
    let routes = email.routes.iter().enumerate();
    let in_clear = routes.filter(|(_, route)| {
        route.relay.security == Security::Plain && (route.password.is_some() || route.user.is_some())
    });
    let problem = |nth: usize| {
        let message = format!("channel {name:?} would send its password in clear over smtp://");
        let hint = "use smtp+starttls:// or smtps:// in `relay`, or remove `user` and the password";
        config.located(&key_of(at, nth, "relay")).of(Problem::error("password_in_clear", message, hint))
    };
    in_clear.map(|(nth, _)| problem(nth)).collect()
}

/// Files and folders that mail channels name, each with its key.
pub(super) fn paths(config: &Config) -> impl Iterator<Item = (String, &Path)> {
    emails(config).flat_map(|(at, _, email)| {
        let routes = email.routes.iter().enumerate();
        let authorities =
            routes.filter_map(move |(nth, route)| Some((key_of(at, nth, "ca_file"), route.ca_file.as_deref()?)));
        let mailbox = match &email.bounces {
            Some(Mailbox::Maildir(folder)) => Some((format!("channel[{at}].bounces.mailbox"), folder.as_path())),
            Some(Mailbox::Imap(server)) => {
                server.ca_file.as_deref().map(|file| (format!("channel[{at}].bounces.ca_file"), file))
            }
            None => None,
        };
        authorities.chain(mailbox)
    })
}
