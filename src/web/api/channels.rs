//! Trying a channel, as the page of the settings and `dondoc channel test` do.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Named, Sent};
use super::description::{Refused, Unfit};
use super::directory_errors::parted;
use super::wrong::{Trouble, Wrong, whole};
use crate::app::{TrialError, Tried};
use crate::channel::{Rehearsal, Stage};
use crate::web::Site;
use crate::web::session::Visitor;
use crate::words::Tongue;

/// How long a peer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How a channel is tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Trial {
    /// Where a mail goes that is marked as a test: an address of `[safety] allow` or `[alerts] to`. Without it nothing is
    /// sent.
    to: Option<String>,
}

/// How a channel is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChannelTold {
    /// Whether it works.
    works: bool,
    /// What its peer said, or what is wrong.
    said: String,
    /// The dialogue with each relay of a mail channel.
    relays: Vec<RelayTold>,
}

/// The dialogue with a relay.
#[derive(Debug, Serialize, ToSchema)]
struct RelayTold {
    /// Host and port.
    relay: String,
    /// Where it ended early: `name`, `connect`, `greeting`, `hello`, `start_tls`, `tls`, `login`, `sender`, `recipient` or
    /// `data`; null: every step was passed.
    failed: Option<&'static str>,
    /// What to do then.
    hint: Option<&'static str>,
    /// The same in Vietnamese.
    hint_vi: Option<&'static str>,
    /// What was said, `C:` by us and `S:` by the relay, without passwords.
    transcript: Vec<String>,
}

impl From<Rehearsal> for RelayTold {
    fn from(rehearsal: Rehearsal) -> Self {
        Self {
            failed: rehearsal.failed.map(|(stage, _)| word(stage)),
            hint: rehearsal.remedy(Tongue::English),
            hint_vi: rehearsal.remedy(Tongue::Vietnamese),
            relay: rehearsal.relay,
            transcript: rehearsal.transcript,
        }
    }
}

const fn word(stage: Stage) -> &'static str {
    match stage {
        Stage::Name => "name",
        Stage::Connect => "connect",
        Stage::Greeting => "greeting",
        Stage::Hello => "hello",
        Stage::StartTls => "start_tls",
        Stage::Tls => "tls",
        Stage::Login => "login",
        Stage::Sender => "sender",
        Stage::Recipient => "recipient",
        Stage::Data => "data",
    }
}

/// Tries a channel: speaks with its peer up to the login, and with `to` sends a mail marked as a test. Sent again it is
/// tried again.
#[utoipa::path(post, path = "/api/v1/channels/{name}/test", tag = "messages", security(("token" = [])),
    params(("name" = String, Path, description = "Name of the channel in the configuration")), request_body = Trial,
    responses((status = 200, body = ChannelTold), Refused, Unfit))]
pub(in crate::web) async fn test(
    State(site): State<Site>,
    visitor: Visitor,
    Named(name): Named,
    Sent(sent): Sent<Trial>,
) -> Response {
    let done = async {
        whole(&visitor)?;
        let told = tried(&site, &name, sent.to.as_deref()).await?;
        site.app()?.note_trial(&name, told.works, &visitor.by()).await?;
        Ok(told)
    };
    site.done(done.await)
}

async fn tried(site: &Site, name: &str, to: Option<&str>) -> Result<ChannelTold, Trouble> {
    let app = site.app()?;
    let told = |works, said: &str| ChannelTold { works, said: said.to_owned(), relays: Vec::new() };
    let Ok(tried) = tokio::time::timeout(PATIENCE, app.try_channel(name, to.map(|to| (to, None)))).await else {
        return Ok(told(false, "the peer did not answer within 15 seconds"));
    };
    match tried {
        Ok(Tried::Works(said)) => Ok(told(true, &said)),
        Ok(Tried::Broken(why)) => Ok(told(false, &why)),
        Ok(Tried::Relays(rehearsals)) => {
            let relays: Vec<RelayTold> = rehearsals.into_iter().map(RelayTold::from).collect();
            let works = relays.iter().all(|relay| relay.failed.is_none());
            Ok(ChannelTold { works, said: String::new(), relays })
        }
        Err(error @ TrialError::Unknown { .. }) => {
            let said = error.to_string();
            Err(Wrong::missing(parted(&said).1).into())
        }
        Err(error) => {
            let said = error.to_string();
            let (message, hint) = parted(&said);
            let wrong = Wrong::content("api.not_tried", hint).told(message);
            Err(if matches!(error, TrialError::Settings(_)) { wrong } else { wrong.at("to") }.into())
        }
    }
}
