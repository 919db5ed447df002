//! By which way messages go out: a channel for mail is tried step by step, and a code that arrives there proves it.

use askama::Template;

use super::super::catalogue::Tongue;
use super::super::form::Form;
use super::super::page::{Failure, Frame};
use super::super::words;
use super::{Outcome, Seen, Shell, wrong};
use crate::app::{App, TrialError, Tried, leaves};
use crate::channel::{self, Kind, Rehearsal};
use crate::people::{self, By, Step};
use crate::seal;

/// Figures of a code.
const CODE: usize = 4;

/// One channel of the configuration.
#[derive(Debug)]
struct Line {
    name: String,
    is_mail: bool,
    leaves: bool,
}

#[derive(Template)]
#[template(path = "wizard_channel.html")]
pub(super) struct ChannelStep {
    frame: Frame,
    shell: Shell,
    channels: Vec<Line>,
    /// Where a test may go, and the same masked.
    addresses: Vec<(String, String)>,
    /// What was found out just now, and what to do.
    rehearsals: Vec<(Rehearsal, Option<&'static str>)>,
    /// A code is on its way.
    waiting: bool,
}

pub(super) async fn page(seen: &Seen<'_>) -> Result<ChannelStep, Failure> {
    let mut shell = seen.shell(Step::Channel);
    let mut rehearsals = Vec::new();
    if !seen.form.text("thu").is_empty() {
        match seen.app.try_channel(seen.form.text("thu"), None).await {
            Ok(Tried::Relays(found)) => {
                rehearsals = found
                    .into_iter()
                    .map(|one| {
                        let to_do = one.remedy(seen.t());
                        (one, to_do)
                    })
                    .collect();
            }
            Ok(Tried::Works(_)) => {}
            Ok(Tried::Broken(error)) => shell.wrong = Some(seen.t().retold(&error)),
            Err(error) => shell.wrong = Some(seen.t().retold(&error.to_string())),
        }
    }
    let line = |channel: &channel::Settings| Line {
        name: channel.name.clone(),
        is_mail: matches!(channel.kind, Kind::Email(_)),
        leaves: leaves(channel),
    };
    let addresses = seen.app.test_addresses().into_iter().map(|address| (address.to_owned(), words::masked(address)));
    let said = seen.found.said.get(&Step::Channel);
    Ok(ChannelStep {
        frame: seen.frame(Step::Channel),
        shell,
        channels: seen.app.config.channels.iter().map(line).collect(),
        addresses: addresses.collect(),
        rehearsals,
        waiting: said.is_some_and(|said| said.detail.starts_with("code ")),
    })
}

/// Sends a code to an address for tests, or takes the one that arrived.
pub(super) async fn take(app: &App, form: &Form, by: &By, t: Tongue) -> Result<Outcome, Failure> {
    if form.text("viec") == "nhap-ma" {
        return typed(app, form.text("ma").trim(), by, t).await;
    }
    let code: String = seal::code(32).unwrap_or_default().chars().filter(char::is_ascii_digit).take(CODE).collect();
    if code.len() < CODE {
        return Ok(wrong(t.say("wizard.no_code")));
    }
    let name = form.text("kenh");
    let failed = match app.try_channel(name, Some((form.text("toi"), Some(&code)))).await {
        Ok(Tried::Relays(all)) => {
            all.iter().find_map(|one| one.remedy(t).map(|remedy| format!("{}: {remedy}", one.relay)))
        }
        Ok(Tried::Works(_)) => None,
        Ok(Tried::Broken(error)) => Some(error),
        Err(TrialError::Address(_)) => return Ok(wrong(t.say("wizard.only_known"))),
        Err(error) => Some(error.to_string()),
    };
    if let Some(why) = failed {
        return Ok(wrong(t.with("wizard.not_sent", why)));
    }
    app.say_of_step((Step::Channel, false, &format!("code {name} {code}")), by).await?;
    Ok(Outcome::To("/bat-dau/channel".to_owned()))
}

async fn typed(app: &App, code: &str, by: &By, t: Tongue) -> Result<Outcome, Failure> {
    let said = people::said(&app.db).await?;
    let sent = said.get(&Step::Channel).and_then(|said| said.detail.strip_prefix("code "));
    match sent.and_then(|sent| sent.rsplit_once(' ')) {
        Some((channel, sent)) if sent == code => {
            app.say_of_step((Step::Channel, true, channel), by).await?;
            Ok(Outcome::On)
        }
        _ => Ok(wrong(t.say("wizard.wrong_code"))),
    }
}
