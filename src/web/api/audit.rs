//! The audit log, for a program that keeps a copy of it elsewhere.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::Asked;
use super::description::Refused;
use super::wrong::{Wrong, whole};
use crate::api::time;
use crate::people::{self, Deed, Entry, Wanted};
use crate::web::Site;
use crate::web::session::Visitor;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::web) struct WhichEntries {
    /// Only older ones than this number; without it: the newest.
    #[param(minimum = 1)]
    before: Option<i64>,
    /// Only this deed.
    deed: Option<String>,
    /// Only those by or about this one: `account/ID`, `token/ID`.
    who: Option<String>,
    /// 100 when it is left out.
    #[param(minimum = 1, maximum = 1_000)]
    per_page: Option<u32>,
}

/// Entries of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entries {
    /// The newest first.
    entries: Vec<EntryLine>,
    /// The number to send as `before` for those that are older; null: there are none.
    before: Option<i64>,
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
struct EntryLine {
    /// 1, 2, 3 …
    number: i64,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Who did it, by what never changes: `account/ID`, `token/ID`, or how a command names its user.
    actor: String,
    /// What was done.
    deed: String,
    /// What it was done to.
    subject: String,
    /// What else there is to say; no name, no secret.
    detail: String,
    /// From which address.
    address: String,
    /// Over the hash of the entry before and all of this.
    hash: String,
}

impl From<&Entry> for EntryLine {
    fn from(entry: &Entry) -> Self {
        Self {
            number: entry.number,
            at: time(entry.at()),
            actor: entry.actor.clone(),
            deed: entry.deed.clone(),
            subject: entry.subject.clone(),
            detail: entry.detail.clone(),
            address: entry.address.clone(),
            hash: entry.hash.clone(),
        }
    }
}

/// Who did what, the newest first. An entry names accounts and tokens by their ids, never a person.
#[utoipa::path(get, path = "/api/v1/audit", tag = "program", params(WhichEntries), security(("token" = [])),
    responses((status = 200, body = Entries), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(asked): Asked<WhichEntries>,
) -> Response {
    let told = async {
        whole(&visitor)?;
        let deed = asked.deed.unwrap_or_default();
        if !deed.is_empty() && Deed::ALL.iter().all(|known| known.word() != deed) {
            let known: Vec<&str> = Deed::ALL.iter().map(|deed| deed.word()).collect();
            let message = format!("deed: no deed is called `{deed}`");
            return Err(Wrong::bad(&message, &format!("one of {}", known.join(", "))).at("deed").into());
        }
        let limit = i64::from(asked.per_page.unwrap_or(100));
        if !(1..=1_000).contains(&limit) {
            return Err(Wrong::bad("per_page: not from 1 to 1000", "ask for several pages").at("per_page").into());
        }
        let who = asked.who.unwrap_or_default();
        let before = asked.before.unwrap_or(i64::MAX);
        let wanted = Wanted { before, deed, who, limit, ..Wanted::default() };
        let found = people::list(&site.db, &wanted).await?;
        let full = i64::try_from(found.len()).unwrap_or(i64::MAX) == limit;
        let before = found.last().map(|entry| entry.number).filter(|number| full && *number > 1);
        Ok(Entries { entries: found.iter().map(EntryLine::from).collect(), before })
    };
    site.tell(&headers, told.await)
}
