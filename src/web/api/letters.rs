//! A letter to look at: what a text would make of a unit's figures, and the same put into the built-in mailbox. As the editor
//! of templates does it.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Named, Sent};
use super::description::{Refused, Unfit};
use super::template_deeds::subject;
use super::wrong::{Trouble, Wrong};
use crate::api::CheckLine;
use crate::message::Message;
use crate::message::revisions::{self, Absence, Proof, Scenario, Sight};
use crate::web::Site;
use crate::web::editor::sought;
use crate::web::session::Visitor;
use crate::web::veil::without_link;
use crate::words::{Sentence, Tongue};

/// Which letter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct WhichLetter {
    /// The text to try; without it: the draft in hand, or the text in force where there is none. Nothing is saved.
    #[schema(max_length = 65_536)]
    source: Option<String>,
    /// Official code of the unit that it is about; without it, or before the first round, a sample.
    unit_code: Option<String>,
    /// The situation: `first`, `second`, `third`, `all_met`, `copy`, `no_contact` or `longest_name`; `first` when it is left
    /// out.
    scenario: Option<String>,
}

/// A letter as it would be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LetterTold {
    /// The template that it was made of: the one that was asked for, or one that it is a part of.
    template: String,
    /// Why it was made of a sample: `roll_up`, `no_figures`, `no_recipient`, `nothing_below` or `nothing_met`; null: it was
    /// made of the unit's own figures.
    sample: Option<&'static str>,
    /// Its subject; null where the text is wrong.
    subject: Option<String>,
    /// Its text, without the link by which its recipient answers.
    text: Option<String>,
    /// The same as HTML.
    html: Option<String>,
    /// The same for phones; empty where there is none.
    sms: Option<String>,
    /// What is wrong, or would be cut off.
    problems: Vec<CheckLine>,
}

/// A letter in the built-in mailbox.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Posted {
    /// Its id there: `/hop-thu-thu/ID` shows it.
    id: String,
}

/// Writes the letter that a text makes of a unit's figures. Changes nothing.
#[utoipa::path(post, path = "/api/v1/templates/{name}/preview", tag = "templates", security(("token" = [])),
    params(("name" = String, Path, description = "File name, with or without `.md`")), request_body = WhichLetter,
    responses((status = 200, body = LetterTold), Refused, Unfit))]
pub(in crate::web) async fn preview(
    State(site): State<Site>,
    visitor: Visitor,
    Named(name): Named,
    Sent(sent): Sent<WhichLetter>,
) -> Response {
    let done = async { Ok(LetterTold::of(written(&site, &visitor, &name, &sent).await?.1)) };
    site.done(done.await)
}

/// Puts the letter that a text makes of a unit's figures into the built-in mailbox, marked as a test. Nothing leaves the
/// program. Sent again it is there twice.
#[utoipa::path(post, path = "/api/v1/templates/{name}/test", tag = "templates", security(("token" = [])),
    params(("name" = String, Path, description = "File name, with or without `.md`")), request_body = WhichLetter,
    responses((status = 200, body = Posted), Refused, Unfit))]
pub(in crate::web) async fn test(
    State(site): State<Site>,
    visitor: Visitor,
    Named(name): Named,
    Sent(sent): Sent<WhichLetter>,
) -> Response {
    let done = async {
        let (name, proof) = written(&site, &visitor, &name, &sent).await?;
        let Some(message) = proof.message else {
            let found = proof.problems.first();
            let told = |sentence: &Sentence| sentence.say(Tongue::English);
            let (message, hint) = found.map(|found| (told(&found.message), told(&found.hint))).unwrap_or_default();
            return Err(Wrong::content("api.not_written", &hint).because(&message).at("source").into());
        };
        let id = visitor.token().map_or("", |token| token.id.as_str());
        let (to, unit) = (format!("{id}@hop-thu-thu.invalid"), sent.unit_code.as_deref().unwrap_or_default());
        let id = site.app()?.send_to_mailbox(message, (&name, &to, unit), &visitor.by()).await?;
        Ok(Posted { id: id.to_string() })
    };
    site.done(done.await)
}

/// The template's file name, and the letter.
async fn written(site: &Site, visitor: &Visitor, name: &str, sent: &WhichLetter) -> Result<(String, Proof), Trouble> {
    let (app, name) = (site.app()?, subject(site, visitor, name).await?);
    let mut templates = app.templates().await?;
    let source = match &sent.source {
        Some(source) => Some(source.clone()),
        None => revisions::draft(&app.db, &name).await?.map(|draft| draft.source),
    };
    let source = source.or_else(|| templates.source(&name).map(ToOwned::to_owned));
    templates.overlay(&name, &source.ok_or_else(|| Wrong::conflict("api.no_text", "save a draft first"))?);
    let scenario = scenario(sent.scenario.as_deref())?;
    let unit = sent.unit_code.as_deref().unwrap_or_default();
    let sought = sought(app, &name, (unit, scenario.word()), None).await?;
    let sight = Sight { name: &name, unit, scenario, roll_ups: &sought.roll_ups };
    let proof = app.proof(&templates, sought.stored.as_ref(), sight).await;
    Ok((name, proof))
}

fn scenario(word: Option<&str>) -> Result<Scenario, Wrong> {
    let Some(word) = word else { return Ok(Scenario::First) };
    Scenario::of(word).ok_or_else(|| {
        let hint = format!("one of {}", Scenario::ALL.map(Scenario::word).join(", "));
        Wrong::content("api.no_scenario", &hint).at("scenario")
    })
}

impl LetterTold {
    fn of(proof: Proof) -> Self {
        let message = proof.message.as_ref().map(without_link);
        let part = |of: fn(&Message) -> &String| message.as_ref().map(|message| of(message).clone());
        Self {
            sample: proof.sample.map(sample),
            subject: part(|message| &message.subject),
            text: part(|message| &message.text),
            html: part(|message| &message.html),
            sms: part(|message| &message.sms),
            problems: proof.problems.iter().map(CheckLine::from).collect(),
            template: proof.template,
        }
    }
}

const fn sample(why: Absence) -> &'static str {
    match why {
        Absence::RollUp => "roll_up",
        Absence::NoFigures => "no_figures",
        Absence::NoRecipient => "no_recipient",
        Absence::NothingBelow => "nothing_below",
        Absence::NothingMet => "nothing_met",
    }
}
