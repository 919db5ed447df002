//! What an approver does to a message: offers it again, holds it, lets it go, takes it back, says what became of it.
//!
//! Each of them wants the message in a state, and leaves it in another one: who sends the same request again finds it done
//! (`changed` is false) or is told what is there instead (409). Nothing is done twice.

use axum::extract::State;
use axum::response::Response;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Named, Sent};
use super::deeds::{DeedTold, grace};
use super::description::{Refused, Unfit};
use super::outbox::{seen, shown};
use super::wrong::{Trouble, Wrong};
use crate::api::OutboxEntry;
use crate::app::{Bar, Mender, Wish};
use crate::outbox::{Entry, Fate, HoldReason, Resolved, State as At};
use crate::people::By;
use crate::web::Site;
use crate::web::session::Visitor;

/// What was done to a message.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Mended {
    /// Whether anything was done: false when it was so already.
    changed: bool,
    /// The message as it is now.
    entry: OutboxEntry,
    /// The deed, where it can be undone.
    deed: Option<DeedTold>,
}

impl Mended {
    /// It was so already.
    fn not(entry: &Entry) -> Self {
        Self { changed: false, entry: shown(entry), deed: None }
    }
}

/// Offers a message again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Retry {
    /// How many attempts it had when you looked. Nothing is done when it has more by now: a request that comes late offers
    /// nothing that was tried again in the meantime.
    if_attempts: Option<i64>,
    /// For how many seconds it can be undone; nothing that it lets go leaves before. 0 when it is left out.
    #[schema(minimum = 0, maximum = 600)]
    undo_within: Option<u32>,
}

/// Lets a message go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct LettingGo {
    /// For how many seconds it can be undone; nothing that it lets go leaves before. 0 when it is left out.
    #[schema(minimum = 0, maximum = 600)]
    undo_within: Option<u32>,
}

/// Takes a message back, or holds it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Cancel {
    /// Why; it stands in the ledger.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    why: String,
    /// For how many seconds it can be undone; nothing that it lets go leaves before. 0 when it is left out.
    #[schema(minimum = 0, maximum = 600)]
    undo_within: Option<u32>,
}

/// Says what became of a message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Resolve {
    /// What became of it.
    fate: FateWord,
    /// How that was found out; it stands in the ledger.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]*[^\s\x00-\x1F\x7F-\x9F][^\x00-\x1F\x7F-\x9F]*$"
    )]
    note: String,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FateWord {
    /// It arrived.
    Sent,
    /// It did not: it is offered again, or goes by the recipient's next channel.
    NotSent,
}

/// A sentence that is written down.
pub(super) fn sentence(place: &str, text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if (1..=500).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Wrong::content_of(("api.note_unfit", &[&place]), "say it in one sentence").at(place))
}

/// Who does it: in the ledger the name of the token, in the audit log its id.
pub(super) fn mender<'a>(visitor: &'a Visitor, by: &'a By, grace: TimeDelta) -> Mender<'a> {
    let name = visitor.token().map_or("", |token| token.name.as_str());
    Mender { name, by, grace }
}

/// Offers a message again that failed, expired, was quarantined, or is held by trial mode or a fault. It goes to the
/// address that the contacts have now.
#[utoipa::path(post, path = "/api/v1/outbox/{id}/retry", tag = "messages", security(("token" = [])),
    params(("id" = String, Path, description = "Id of the entry")), request_body = Retry,
    responses((status = 200, body = Mended), Refused, Unfit))]
pub(in crate::web) async fn retry(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<Retry>,
) -> Response {
    let done = async {
        let entry = seen(&site, &visitor, &id).await?;
        if matches!(entry.state, At::Ready | At::Sending) {
            return Ok(Mended::not(&entry));
        }
        if sent.if_attempts.is_some_and(|known| known != entry.attempts) {
            let (said, hint) = ("api.tried_again", "look at it again before you offer it again");
            return Err(Wrong::conflict_of((said, &[&entry.attempts]), hint).at("if_attempts").into());
        }
        mend(&site, &visitor, entry, (Wish::Retry, sent.undo_within)).await
    };
    site.done(done.await)
}

/// Takes a message back that has not left: held, ready, or of unknown fate.
#[utoipa::path(post, path = "/api/v1/outbox/{id}/cancel", tag = "messages", security(("token" = [])),
    params(("id" = String, Path, description = "Id of the entry")), request_body = Cancel,
    responses((status = 200, body = Mended), Refused, Unfit))]
pub(in crate::web) async fn cancel(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<Cancel>,
) -> Response {
    let done = async {
        let why = sentence("why", &sent.why)?;
        let entry = seen(&site, &visitor, &id).await?;
        if entry.state == At::Cancelled {
            return Ok(Mended::not(&entry));
        }
        mend(&site, &visitor, entry, (Wish::Cancel(&why), sent.undo_within)).await
    };
    site.done(done.await)
}

/// Holds a message that is about to leave, until a person lets it go or its validity ends.
#[utoipa::path(post, path = "/api/v1/outbox/{id}/hold", tag = "messages", security(("token" = [])),
    params(("id" = String, Path, description = "Id of the entry")), request_body = Cancel,
    responses((status = 200, body = Mended), Refused, Unfit))]
pub(in crate::web) async fn hold(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<Cancel>,
) -> Response {
    let done = async {
        let why = sentence("why", &sent.why)?;
        let entry = seen(&site, &visitor, &id).await?;
        if entry.state == At::Held && entry.hold_reason.as_deref() == Some(HoldReason::Person.word()) {
            return Ok(Mended::not(&entry));
        }
        mend(&site, &visitor, entry, (Wish::Hold(&why), sent.undo_within)).await
    };
    site.done(done.await)
}

/// Lets a message go that a person, trial mode or a fault holds. One that a second person decides about is not let go so.
#[utoipa::path(post, path = "/api/v1/outbox/{id}/let_go", tag = "messages", security(("token" = [])),
    params(("id" = String, Path, description = "Id of the entry")), request_body = LettingGo,
    responses((status = 200, body = Mended), Refused, Unfit))]
pub(in crate::web) async fn let_go(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<LettingGo>,
) -> Response {
    let done = async {
        let entry = seen(&site, &visitor, &id).await?;
        if matches!(entry.state, At::Ready | At::Sending) {
            return Ok(Mended::not(&entry));
        }
        mend(&site, &visitor, entry, (Wish::LetGo, sent.undo_within)).await
    };
    site.done(done.await)
}

async fn mend(
    site: &Site,
    visitor: &Visitor,
    entry: Entry,
    (wish, undo_within): (Wish<'_>, Option<u32>),
) -> Result<Mended, Trouble> {
    let (app, grace) = (site.app()?, grace(undo_within)?);
    if let Some(bar) = app.bar(&entry, wish, true) {
        return Err(barred(bar).into());
    }
    let by = visitor.by();
    let mended = app.mend(std::slice::from_ref(&entry), wish, mender(visitor, &by, grace)).await?;
    if mended.done == 0 {
        return Err(barred(Bar::State(seen(site, visitor, &entry.id).await?.state)).into());
    }
    if matches!(wish, Wish::Retry | Wish::LetGo) {
        app.wake.notify_waiters();
    }
    let deed = DeedTold::of(&mended.id, grace, site.clock.now());
    Ok(Mended { changed: true, entry: shown(&seen(site, visitor, &entry.id).await?), deed })
}

fn barred(bar: Bar) -> Wrong {
    let hint = "`/api/v1/outbox/{id}` tells where it stands";
    Wrong::conflict("api.barred", hint).told(&format!("nothing was changed: {bar}"))
}

/// Says what became of a message whose fate is uncertain.
#[utoipa::path(post, path = "/api/v1/outbox/{id}/resolve", tag = "messages", security(("token" = [])),
    params(("id" = String, Path, description = "Id of the entry")), request_body = Resolve,
    responses((status = 200, body = Mended), Refused, Unfit))]
pub(in crate::web) async fn resolve(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<Resolve>,
) -> Response {
    let done = async {
        let note = sentence("note", &sent.note)?;
        let entry = seen(&site, &visitor, &id).await?;
        if entry.state == At::Sent && sent.fate == FateWord::Sent {
            return Ok(Mended::not(&entry));
        }
        let (app, by) = (site.app()?, visitor.by());
        let fate = if sent.fate == FateWord::Sent { Fate::Sent } else { Fate::NotSent };
        if app.resolve(&id, fate, &note, mender(&visitor, &by, TimeDelta::zero())).await? == Resolved::Not {
            return Err(barred(Bar::State(entry.state)).into());
        }
        app.wake.notify_waiters();
        Ok(Mended { changed: true, entry: shown(&seen(&site, &visitor, &id).await?), deed: None })
    };
    site.done(done.await)
}
