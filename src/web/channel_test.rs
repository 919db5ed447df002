//! Trying a channel, step by step, as `dondoc channel test` does.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Site;
use super::catalogue::Tongue;
use super::form::Form;
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use crate::app::{TrialError, Tried};
use crate::channel;

/// Shorter than the pages' own patience, so that there is something to say.
const PATIENCE: Duration = Duration::from_secs(15);

/// The dialogue with one relay.
#[derive(Debug)]
struct Talk {
    relay: String,
    transcript: Vec<String>,
    failed: Option<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "channel_test.html")]
struct TestPage {
    frame: Frame,
    name: String,
    talks: Vec<Talk>,
    works: Option<String>,
    broken: Option<String>,
}

/// Tries a channel, as `dondoc channel test` does.
pub(super) async fn test(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = tested(&site, &visitor, &form).await;
    site.answer(answer)
}

async fn tested(site: &Site, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let app = site.app()?;
    let (name, to) = (form.text("kenh"), Some(form.text("toi").trim()).filter(|to| !to.is_empty()));
    let tried = tokio::time::timeout(PATIENCE, app.try_channel(name, to.map(|to| (to, None)))).await;
    let t = visitor.tongue;
    let mut shown = TestPage {
        frame: Frame::seen(site, visitor, Place::Settings, t.with("channel_test.title", name)),
        name: name.to_owned(),
        talks: Vec::new(),
        works: None,
        broken: None,
    };
    match tried {
        Err(_) => shown.broken = Some(t.say("channel_test.late").to_owned()),
        Ok(Err(TrialError::Unknown { .. })) => return Err(Failure::NotFound),
        Ok(Err(TrialError::Address(unlisted))) => {
            shown.broken = Some(t.with("channel_test.stranger", unlisted.masked()));
        }
        Ok(Err(error)) => shown.broken = Some(error.to_string()),
        Ok(Ok(Tried::Works(said))) => shown.works = Some(said),
        Ok(Ok(Tried::Broken(why))) => shown.broken = Some(why),
        Ok(Ok(Tried::Relays(rehearsals))) => {
            shown.talks = rehearsals
                .into_iter()
                .map(|one| Talk {
                    failed: one
                        .failed
                        .zip(one.remedy(t))
                        .map(|((stage, _), remedy)| (stage_words(t, stage).to_owned(), remedy)),
                    relay: one.relay,
                    transcript: one.transcript,
                })
                .collect();
        }
    }
    let good = shown.broken.is_none() && shown.talks.iter().all(|talk| talk.failed.is_none());
    app.note_trial(name, good, &visitor.by()).await?;
    page(&shown)
}

/// A step of the dialogue.
fn stage_words(t: Tongue, stage: channel::Stage) -> &'static str {
    use channel::Stage;
    t.say(match stage {
        Stage::Name => "stage.name",
        Stage::Connect => "stage.connect",
        Stage::Greeting => "stage.greeting",
        Stage::Hello => "stage.hello",
        Stage::StartTls => "stage.start_tls",
        Stage::Tls => "stage.tls",
        Stage::Login => "stage.login",
        Stage::Sender => "stage.sender",
        Stage::Recipient => "stage.recipient",
        Stage::Data => "stage.data",
    })
}
