//! An official account of Zalo: templates by phone number or user id, free text to users who wrote, and into a group.
//!
//! Zalo does not know a repeated message by its id. So nothing is sent twice on an unknown outcome, and what Zalo tells
//! of a message later settles it.

mod account;
mod body;
mod call;
mod codes;
mod limits;
mod oauth;
mod receipts;
mod registered;
mod settings;
mod signature;
mod status;
mod store;
mod token;
mod watch;
mod window;

pub(super) use body::{LONGEST_TEXT, shortened};
pub use limits::{Misfit, Refusal, Slot};
pub use oauth::Given;
pub use registered::{Registered, registered};
pub use settings::{Way, Zalo};
pub use signature::SignedBy;
pub use status::{Ill, Standing, TemplateStanding, TokenStanding};
pub(super) use store::STATEMENTS;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Callback, CallbackError, Class, Parcel, Receipt, SendError};
use crate::clock::Clock;
use crate::db::Db;
use account::Account;
use body::Sending;
use call::{Caller, Said};
use codes::{Host, Meaning};
use limits::Limit;

/// The channel.
#[derive(Debug)]
pub struct ZaloChannel {
    /// The channel's name in the outbox.
    name: String,
    settings: Zalo,
    db: Db,
    clock: Clock,
    caller: Arc<Caller>,
    account: Account,
    /// What was registered for each template; nothing for one that Zalo does not tell of.
    limits: Mutex<HashMap<String, Option<Arc<Vec<Limit>>>>>,
    /// Messages that Zalo refused once in a way that is not clear.
    refused_once: Mutex<HashSet<Uuid>>,
    /// The last outcome was unknown: who answers is asked before another message is risked.
    in_doubt: AtomicBool,
    /// The day's quota and what is left of it, by the answers since it was last stored.
    told_quota: Mutex<Option<(i64, i64)>>,
    /// With what Zalo's last call was signed.
    signed_by: Mutex<Option<SignedBy>>,
    /// When which message was last asked about.
    asked: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl ZaloChannel {
    pub(super) fn open(name: &str, settings: &Zalo, db: &Db, clock: &Clock) -> Result<Self, String> {
        let caller = Arc::new(Caller::open(settings)?);
        if settings.keys.is_empty() {
            return Err("[secrets] has no key to seal its tokens with".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            settings: settings.clone(),
            db: db.clone(),
            clock: clock.clone(),
            account: Account::of(settings, db, clock, Arc::clone(&caller)),
            caller,
            limits: Mutex::default(),
            refused_once: Mutex::default(),
            in_doubt: AtomicBool::new(false),
            told_quota: Mutex::default(),
            signed_by: Mutex::default(),
            asked: Mutex::default(),
        })
    }

    pub(super) async fn send(&self, parcel: &Parcel) -> Result<Receipt, SendError> {
        let sending = self.prepared(parcel).await?;
        self.trust().await?;
        if self.settings.way == Way::CustomerService {
            window::open(self, &parcel.address).await?;
        }
        let said = self.call(sending.host, &sending.url, Some(&sending.body)).await;
        if said.as_ref().is_err_and(|error| error.class == Class::Unknown) {
            self.in_doubt.store(true, Ordering::SeqCst);
        }
        match said? {
            Said::Done(data) => {
                self.note_quota(&data);
                Ok(receipt(&data))
            }
            Said::Refused(refusal) => {
                let error = refusal.error(self.clock.now());
                let again = refusal.meaning() == Some(Meaning::OnceMore);
                let mut once = self.refused_once.lock().unwrap_or_else(PoisonError::into_inner);
                if again && !once.insert(parcel.id) {
                    once.remove(&parcel.id);
                    return Err(SendError { class: Class::Recipient, ..error });
                }
                Err(error)
            }
        }
    }

    /// Remembers the least quota of the day that an answer told: answers do not come in the order of their calls.
    fn note_quota(&self, data: &Value) {
        let number = |key: &str| receipts::number(data.get("quota")?.get(key)?);
        let Some((daily, left)) = number("dailyQuota").zip(number("remainingQuota")) else { return };
        let mut told = self.told_quota.lock().unwrap_or_else(PoisonError::into_inner);
        let least = told.map_or(left, |(_, before)| left.min(before));
        *told = Some((daily, least));
    }

    /// The call that carries the parcel, or why there is none.
    async fn prepared(&self, parcel: &Parcel) -> Result<Sending, SendError> {
        if self.settings.is_free_text() {
            return Ok(body::text(&self.settings, parcel));
        }
        let content = &parcel.content;
        if content.zalo.is_empty() {
            let reason = format!("the message of `{}` has no parameters for Zalo", content.template);
            return Err(SendError::new(Class::Recipient, None, &reason));
        }
        let Some(template_id) = self.settings.template_for(&content.template) else {
            let reason = format!("no template of Zalo is named for messages of `{}`", content.template);
            return Err(SendError::new(Class::Recipient, None, &reason));
        };
        let limits = self.limits(template_id).await;
        let data = limits::filled(&self.settings, limits.as_deref().map(Vec::as_slice), &content.zalo);
        let data = data.map_err(|misfits| {
            let each = misfits.iter().map(|misfit| format!("`{}`: {}", misfit.parameter, misfit.what));
            SendError::unfit(&format!("Zalo would refuse it: {}", each.collect::<Vec<_>>().join("; ")))
        })?;
        body::template(&self.settings, parcel, template_id, data)
    }

    /// Everything in `parameters` that Zalo's template for messages of `ours` would refuse.
    ///
    /// # Errors
    /// [`SendError`] when no template is named for such messages, or Zalo tells nothing of it.
    pub async fn misfits(&self, ours: &str, parameters: &BTreeMap<String, String>) -> Result<Vec<Misfit>, SendError> {
        if self.settings.is_free_text() {
            return Ok(Vec::new());
        }
        let Some(template_id) = self.settings.template_for(ours) else {
            return Err(SendError::unfit(&format!("no template of Zalo is named for messages of `{ours}`")));
        };
        let Some(limits) = self.limits(template_id).await else {
            let reason = format!("Zalo tells no parameters of template {template_id}: see `dondoc zalo status`");
            return Err(SendError::broken(&reason));
        };
        Ok(limits::filled(&self.settings, Some(limits.as_slice()), parameters).err().unwrap_or_default())
    }

    /// Makes sure after an unknown outcome that it is Zalo who answers, so that one bad night of a proxy leaves a few
    /// messages to a person and not all of them.
    async fn trust(&self) -> Result<(), SendError> {
        if !self.in_doubt.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.read(Host::Template, "/message/quota").await.map_err(|error| {
            SendError::broken(&format!("after an unknown outcome Zalo does not answer: {}", error.reason))
        })?;
        self.in_doubt.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// One call; when the token is refused, one more with another token: an answer that refuses took nothing.
    async fn call(&self, host: Host, url: &str, body: Option<&Vec<u8>>) -> Result<Said, SendError> {
        let pair = self.account.access().await?;
        let said = self.caller.call(host, url, &pair.access, body.cloned()).await?;
        let Said::Refused(refusal) = &said else { return Ok(said) };
        if refusal.meaning() != Some(Meaning::Token) {
            return Ok(said);
        }
        let another = self.account.another(&pair).await?;
        self.caller.call(host, url, &another.access, body.cloned()).await
    }

    /// What Zalo tells at `path`.
    async fn read(&self, host: Host, path: &str) -> Result<Said, SendError> {
        let base = match host {
            Host::Account => &self.settings.oa_url,
            Host::Template => &self.settings.template_url,
        };
        self.call(host, &format!("{base}{path}"), None).await
    }

    pub(super) async fn probe(&self) -> Result<String, SendError> {
        match self.read(Host::Account, "/v2.0/oa/getoa").await? {
            Said::Done(data) => {
                let name = data.get("name").and_then(Value::as_str).unwrap_or("the account");
                Ok(super::answer::one_line(&format!("{name} answers")))
            }
            Said::Refused(refusal) => Err(refusal.error(self.clock.now())),
        }
    }

    pub(super) async fn hear(&self, callback: &Callback<'_>) -> Result<(), CallbackError> {
        receipts::hear(self, callback).await
    }

    /// Says once with what Zalo signs its calls, so that a person can pin it.
    fn note_signature(&self, by: SignedBy) {
        let before = self.signed_by.lock().unwrap_or_else(PoisonError::into_inner).replace(by);
        if before != Some(by) {
            tracing::info!(channel = %self.name, signed_by = by.word(), "Zalo's calls are signed so");
        }
    }

    /// Keeps the token fresh, asks what became of messages, and reads quota and templates now and then. The first trouble
    /// is told; none keeps the others from being done.
    pub(super) async fn tend(&self) -> Result<(), SendError> {
        self.account.keep_fresh().await?;
        let (polled, watched) = (receipts::poll(self).await, watch::watch(self).await);
        polled.and(watched)
    }

    pub(super) async fn close(&self) {
        let longest = self.settings.timeout * 2;
        if tokio::time::timeout(longest, self.account.settle()).await.is_err() {
            tracing::error!(channel = %self.name, "a token is still asked for at the end; its answer may be lost");
        }
    }

    /// Stores the pair of tokens that a person brought.
    ///
    /// # Errors
    /// [`SendError`] when it cannot be sealed or stored.
    pub async fn seed(&self, given: &Given) -> Result<(), SendError> {
        let now = self.db.lease_clock(&self.clock).await.map_err(token::unstored)?;
        token::seed(&self.settings, &self.db, given, now).await
    }
}

fn receipt(data: &Value) -> Receipt {
    let text = |key: &str| {
        let value = data.get(key)?;
        Some(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
    };
    let reference = text("msg_id").or_else(|| text("message_id")).filter(|id| (1..=200).contains(&id.len()));
    let quota = data.get("quota").and_then(|quota| quota.get("remainingQuota").or_else(|| quota.get("remain")));
    let left =
        quota.map(|left| format!(", {} left today", left.as_str().map_or_else(|| left.to_string(), ToOwned::to_owned)));
    let said = format!("taken as {}{}", reference.as_deref().unwrap_or("(no id)"), left.unwrap_or_default());
    Receipt { answer: super::answer::one_line(&said), reference, sent_hash: None }
}
