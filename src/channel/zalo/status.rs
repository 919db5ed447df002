//! How it stands with an app of Zalo, and what a person should mend.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::limits::limits;
use super::token::{CONSENT, trouble};
use super::{ZaloChannel, store, watch};
use crate::channel::SendError;
use crate::clock::{ZONE, from_millis, local_date};
use crate::db::DbError;

/// A refresh token that ends within so many days is told of.
const ENDS_SOON: TimeDelta = TimeDelta::days(30);

/// What is known of the app.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Standing {
    /// The channel.
    pub channel: String,
    /// The app.
    pub app_id: String,
    /// The pair of tokens; none until one is seeded.
    pub token: Option<TokenStanding>,
    /// The name of the official account.
    pub account: Option<String>,
    /// Messages that may be sent today, and that may still be.
    pub quota: Option<(i64, i64)>,
    /// `HIGH`, `MEDIUM`, `LOW` or `UNDEFINED`.
    pub quality: Option<String>,
    /// Messages of the channel that have not left.
    pub waiting: i64,
    /// The templates that the configuration names.
    pub templates: Vec<TemplateStanding>,
    /// When Zalo was last asked.
    #[serde(serialize_with = "perhaps_instant")]
    pub read_at: Option<DateTime<Utc>>,
    /// What is wrong, the worst first.
    pub ills: Vec<Ill>,
}

/// The pair of tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenStanding {
    /// How many pairs there were.
    pub version: i64,
    /// When the pair came.
    #[serde(serialize_with = "instant")]
    pub obtained_at: DateTime<Utc>,
    /// When the access token ends.
    #[serde(serialize_with = "instant")]
    pub expires_at: DateTime<Utc>,
    /// When the refresh token ends.
    #[serde(serialize_with = "instant")]
    pub refresh_expires_at: DateTime<Utc>,
}

/// A template of Zalo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateStanding {
    /// Its id.
    pub id: String,
    /// `ENABLE`, `PENDING_REVIEW`, `REJECT`, `DISABLE`, `DELETE`; `unknown` when Zalo does not tell.
    pub status: String,
    /// Its quality.
    pub quality: Option<String>,
    /// Its price by phone number and by user id, in đồng.
    pub price: [Option<String>; 2],
    /// The registered parameters, in words.
    pub parameters: Vec<String>,
}

/// Something that a person should mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ill {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// As Vietnam's clock shows it, with its offset.
fn instant<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.with_timezone(&ZONE).to_rfc3339())
}

#[expect(clippy::ref_option, reason = "serde hands it over so")]
fn perhaps_instant<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => instant(at, serializer),
        None => serializer.serialize_none(),
    }
}

impl Ill {
    fn new(what: impl Into<String>, remedy: &str) -> Self {
        Self { what: what.into(), remedy: remedy.to_owned() }
    }
}

impl ZaloChannel {
    /// Asks Zalo anew and says how it stands. What could not be asked is an ill of its own.
    ///
    /// # Errors
    /// The database's, as a broken channel.
    pub async fn status(&self) -> Result<Standing, SendError> {
        let now = self.db.lease_clock(&self.clock).await.map_err(watch::unstored)?;
        let asked = watch::read_all(self, now).await;
        let mut standing = standing(self).await.map_err(watch::unstored)?;
        if let Err(error) = asked
            && standing.ills.is_empty()
        {
            standing.ills.push(Ill::new(error.reason, "mend that first; what is shown is what Zalo last told"));
        }
        Ok(standing)
    }
}

/// How it stands by what was last read.
pub(super) async fn standing(channel: &ZaloChannel) -> Result<Standing, DbError> {
    let (settings, now) = (&channel.settings, channel.db.lease_clock(&channel.clock).await?);
    let mut standing =
        Standing { channel: channel.name.clone(), app_id: settings.app_id.clone(), ..Standing::default() };
    let row = store::token(&channel.db, &settings.app_id).await?;
    match &row {
        None => standing.ills.push(Ill::new("there is no token yet", CONSENT)),
        Some(row) => {
            standing.ills.extend(trouble(row, now).map(|what| Ill::new(what, "see `dondoc zalo seed --help`")));
            if from_millis(row.refresh_expires_at) < now + ENDS_SOON {
                standing.ills.push(Ill::new("the refresh token ends within 30 days", CONSENT));
            }
        }
    }
    standing.token = row.map(|row| TokenStanding {
        version: row.version,
        obtained_at: from_millis(row.obtained_at),
        expires_at: from_millis(row.expires_at),
        refresh_expires_at: from_millis(row.refresh_expires_at),
    });
    standing.waiting = store::waiting(&channel.db, &channel.name).await?;
    let mut told = Vec::new();
    for about in ["quota", "quality", "account"] {
        told.push(read(channel, about).await?);
    }
    standing.read_at = told.iter().flatten().map(|(at, _)| *at).max();
    let [quota, quality, account] = told.try_into().unwrap_or_default();
    standing.account = account.and_then(|(_, value)| text(&value, "name"));
    // The quota begins anew at midnight, so yesterday's says nothing.
    let quota = quota.filter(|(at, _)| local_date(*at) == local_date(now));
    standing.note_quota(quota.as_ref().map(|(_, value)| value), settings.low_quota.into());
    standing.note_quality(quality.as_ref().map(|(_, value)| value));
    for id in settings.template_ids() {
        let info = read(channel, &format!("template/{id}")).await?;
        standing.note_template(id, info.map(|(_, value)| value));
    }
    Ok(standing)
}

async fn read(channel: &ZaloChannel, about: &str) -> Result<Option<(DateTime<Utc>, Value)>, DbError> {
    let row = store::reading(&channel.db, &channel.settings.app_id, about).await?;
    Ok(row.and_then(|(at, content)| Some((from_millis(at), serde_json::from_str(&content).ok()?))))
}

fn text(value: &Value, key: &str) -> Option<String> {
    let value = value.get(key).filter(|value| !value.is_null())?;
    Some(value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
}

impl Standing {
    fn note_quota(&mut self, quota: Option<&Value>, low: i64) {
        let number = |key: &str| text(quota?, key)?.parse::<i64>().ok();
        self.quota = number("dailyQuota").zip(number("remainingQuota"));
        let Some((_, left)) = self.quota else { return };
        if left < self.waiting {
            let what = format!("{left} messages may be sent today, and {} wait", self.waiting);
            self.ills
                .push(Ill::new(what, "the rest goes tomorrow; ask Zalo for a higher quota, or name a further channel"));
        } else if left < low {
            let what = format!("{left} messages may be sent today, less than `low_quota`");
            self.ills.push(Ill::new(what, "ask Zalo for a higher quota, or name a further channel"));
        }
    }

    fn note_quality(&mut self, quality: Option<&Value>) {
        self.quality = quality.and_then(|value| text(value, "oaCurrentQuality"));
        if self.quality.as_deref() == Some("LOW") {
            let remedy = "recipients report the messages: write to fewer, or ask them to allow the account";
            self.ills.push(Ill::new("the quality of the account is LOW; Zalo lowers the quota next", remedy));
        }
    }

    fn note_template(&mut self, id: &str, info: Option<Value>) {
        let Some(info) = info else { return };
        if let Some(code) = text(&info, "refused") {
            let what =
                format!("Zalo tells nothing of template {id}: {code} {}", text(&info, "words").unwrap_or_default());
            self.ills.push(Ill::new(what, "check `template_id` and [channel.templates]"));
        }
        let status = text(&info, "status").unwrap_or_else(|| "unknown".to_owned());
        if !["ENABLE", "unknown"].contains(&status.as_str()) {
            let remedy = "have it approved in Zalo's console, or name another template";
            self.ills.push(Ill::new(format!("template {id} is {status}"), remedy));
        }
        self.templates.push(TemplateStanding {
            id: id.to_owned(),
            status,
            quality: text(&info, "templateQuality"),
            price: ["price_sdt", "price_uid"].map(|key| text(&info, key)),
            parameters: limits(&info).iter().map(ToString::to_string).collect(),
        });
    }
}
