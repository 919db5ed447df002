//! The ledger of messages.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Leaf, Named, Nothing};
use super::description::Refused;
use super::words::StandingWord;
use super::wrong::{Trouble, Wrong};
use crate::api::{AttemptLine, FactLine, OutboxEntry};
use crate::message::Message;
use crate::outbox::{self, Browsed, Entry, Standing};
use crate::web::Site;
use crate::web::session::Visitor;
use crate::web::veil::{veiled, without_link};

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct WhichMessages {
    /// Only in this state; or `problems` (what waits for a person), `returned` (taken and come back), `all`.
    #[param(value_type = Option<StandingWord>, inline)]
    state: Option<String>,
    /// Only about this unit.
    unit_code: Option<String>,
    /// Only through this channel.
    channel: Option<String>,
    /// Only of this round.
    run_id: Option<String>,
    /// From 1.
    #[param(minimum = 1, maximum = 1_000_000)]
    page: Option<u32>,
    /// 100 when it is left out.
    #[param(minimum = 1, maximum = 1_000)]
    per_page: Option<u32>,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MessagePage {
    /// How many messages stand where, whatever `state` asks for. `returned` are not among `sent`, `standby` among nothing else.
    #[schema(value_type = HashMap<String, u64>)]
    states: BTreeMap<String, u64>,
    /// This page.
    page: u32,
    /// Whether there is another one after it.
    more: bool,
    /// What waits for a person first, then the newest.
    messages: Vec<OutboxEntry>,
}

fn standing(word: Option<&str>) -> Result<Standing, Wrong> {
    let Some(word) = word else { return Ok(Standing::All) };
    Standing::named(word).ok_or_else(|| {
        let message = format!("state: no state is called `{word}`");
        Wrong::bad(&message, "`/api/v1/openapi.json` lists the states").at("state")
    })
}

/// The messages that the token sees, addresses masked. Of those that several channels could carry, the entry that leads.
#[utoipa::path(get, path = "/api/v1/outbox", tag = "messages", params(WhichMessages), security(("token" = [])),
    responses((status = 200, body = MessagePage), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(asked): Asked<WhichMessages>,
) -> Response {
    let told = told(&site, &visitor, &asked).await;
    site.tell(&headers, told)
}

async fn told(site: &Site, visitor: &Visitor, asked: &WhichMessages) -> Result<MessagePage, Trouble> {
    let (leaf, standing) = (Leaf::of(asked.page, asked.per_page)?, standing(asked.state.as_deref())?);
    let units = visitor.units(site).await?;
    let wanted = Browsed {
        run_id: asked.run_id.as_deref(),
        channel: asked.channel.as_deref(),
        unit_code: asked.unit_code.as_deref(),
        units: units.as_ref(),
    };
    let offset = u32::try_from(leaf.offset()).unwrap_or(u32::MAX);
    let mut entries = outbox::browse(&site.db, &wanted, standing, (leaf.size + 1, offset)).await?;
    let most = usize::try_from(leaf.size).unwrap_or(usize::MAX);
    let more = entries.len() > most;
    entries.truncate(most);
    Ok(MessagePage {
        states: outbox::standings(&site.db, &wanted).await?,
        page: leaf.page,
        more,
        messages: entries.iter().map(shown).collect(),
    })
}

/// A message.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MessageTold {
    /// Its entry.
    entry: OutboxEntry,
    /// Its subject; null once its words were deleted.
    subject: Option<String>,
    /// Its text; null once its words were deleted.
    text: Option<String>,
    /// Its attempts, in order.
    attempts: Vec<AttemptLine>,
    /// The same message by other channels.
    others: Vec<OtherChannel>,
    /// What was said of it after it was taken.
    facts: Vec<FactLine>,
}

/// The same message by another channel.
#[derive(Debug, Serialize, ToSchema)]
struct OtherChannel {
    /// Its entry.
    id: String,
    /// The channel.
    channel: String,
    /// Where it stands.
    state: &'static str,
}

/// One message with its words, its attempts and what was said of it later. The address is masked.
#[utoipa::path(get, path = "/api/v1/outbox/{id}", tag = "messages", security(("token" = [])),
    params(("id" = String, Path, description = "Id of the entry")),
    responses((status = 200, body = MessageTold), Refused))]
pub(in crate::web) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Named(id): Named,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = one(&site, &visitor, &id).await;
    site.tell(&headers, told)
}

/// An entry without any address that could be used.
pub(super) fn shown(entry: &Entry) -> OutboxEntry {
    OutboxEntry { last_error: entry.last_error.as_deref().map(veiled), ..OutboxEntry::from(entry) }
}

/// The entry with this id, where the token sees it.
pub(super) async fn seen(site: &Site, visitor: &Visitor, id: &str) -> Result<Entry, Trouble> {
    let filter = outbox::Filter { id: Some(id.to_owned()), limit: 1, ..outbox::Filter::default() };
    let found = outbox::list(&site.db, &filter).await?.into_iter().next();
    let units = visitor.units(site).await?;
    let found = found.filter(|entry| units.as_ref().is_none_or(|codes| codes.contains(&entry.unit_code)));
    Ok(found.ok_or_else(|| Wrong::missing("`/api/v1/outbox` lists the ids"))?)
}

async fn one(site: &Site, visitor: &Visitor, id: &str) -> Result<MessageTold, Trouble> {
    let entry = seen(site, visitor, id).await?;
    let (content, attempts) =
        outbox::show(&site.db, id).await?.map_or_else(Default::default, |(_, content, attempts)| (content, attempts));
    // The link is its recipient's alone.
    let words = serde_json::from_str::<Message>(&content).ok().map(|message| without_link(&message));
    let words = words.map(|message| (message.subject, message.text));
    let (subject, text) = words.unzip();
    let others = outbox::others(&site.db, id).await?.into_iter();
    let facts = outbox::receipts(&site.db, id).await?;
    Ok(MessageTold {
        entry: shown(&entry),
        subject,
        text,
        attempts: attempts
            .iter()
            .map(|attempt| AttemptLine { answer: veiled(&attempt.answer), ..AttemptLine::from(attempt) })
            .collect(),
        others: others.map(|(id, channel, state)| OtherChannel { id, channel, state: state.word() }).collect(),
        facts: facts.iter().map(|said| FactLine { detail: veiled(&said.detail), ..FactLine::from(said) }).collect(),
    })
}
