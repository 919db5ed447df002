//! Telling the admins, through the same outbox: one message per admin and occasion, never more.

use chrono::{DateTime, NaiveDate, Utc};

use super::Settings;
use crate::catalog::Recipient;
use crate::clock::local_date;
use crate::db::{Db, DbError, Work};
use crate::message::Message;
use crate::outbox::{self, NewEntry, Times};

/// Something the admins must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Stable name of the occasion: `round_held`, `round_alarm`, `round_failed`, `round_missed`,
    /// `calendar_not_announced`, `answers`, `bounces`, `channel_attention`, `channel_broken`, `quarantined`,
    /// `refused_as_such`.
    pub occasion: &'static str,
    /// What it is about, where the same words about something new must be told again; otherwise the words themselves.
    pub episode: Option<String>,
    /// As-of date of the round it is about.
    pub as_of: NaiveDate,
    /// One line.
    pub subject: String,
    /// What happened, and what to do; plain lines.
    pub lines: Vec<String>,
}

/// Tells the admins of what belongs to no round; what they were told of before is not told again.
///
/// # Errors
/// The engine's.
pub async fn tell(db: &Db, settings: &Settings, alerts: &[Alert], now: DateTime<Utc>) -> Result<(), DbError> {
    let mut work = db.begin().await?;
    for alert in alerts {
        alert.tell(&mut work, settings, &format!("delivery/{}", local_date(now)), now).await?;
    }
    work.commit().await
}

impl Alert {
    /// How many different things one message tells; the run itself prints all of them.
    pub(super) const LINES: usize = 20;

    /// Puts it into the outbox, as part of round `run_id`.
    pub(super) async fn tell(
        &self,
        work: &mut Work,
        settings: &Settings,
        run_id: &str,
        now: DateTime<Utc>,
    ) -> Result<(), DbError> {
        let times = Times { now, due_at: now, valid_until: now + settings.valid_for };
        outbox::enqueue(work, run_id, &self.entries(settings), times).await?;
        Ok(())
    }

    /// One entry per admin, on the first channel that reaches an e-mail address.
    fn entries(&self, settings: &Settings) -> Vec<NewEntry> {
        let entry = |admin: &String| {
            let recipient = Recipient {
                id: format!("admin/{admin}"),
                units: Vec::new(),
                title: "Quản trị hệ thống".to_owned(),
                person: None,
                email: Some(admin.clone()),
                phone: None,
                zalo_user_id: None,
            };
            let reaches = |channel: &&crate::channel::Settings| channel.word() != "webhook";
            let (channel, address) = settings
                .channels
                .iter()
                .filter(reaches)
                .find_map(|channel| Some((channel, channel.address_for(&recipient)?)))?;
            Some(NewEntry {
                dedup_key: format!("alert/{}/{}/{admin}/{}", self.occasion, self.as_of, self.digest()),
                unit_code: String::new(),
                recipient_id: recipient.id,
                channel: channel.name.clone(),
                address,
                domain: channel.message_id_domain().to_owned(),
                content: serde_json::to_string(&self.message()).unwrap_or_default(),
                resend: channel.resend(),
                hold: None,
                turn: None,
            })
        };
        settings.admins.iter().filter_map(entry).collect()
    }

    /// The same episode, or the same occasion with the same words, is one alert, however often the round is tried.
    fn digest(&self) -> uuid::Uuid {
        const ALERTS: uuid::Uuid = uuid::Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0005);
        let words = || self.lines.join("\n");
        uuid::Uuid::new_v5(&ALERTS, self.episode.clone().unwrap_or_else(words).as_bytes())
    }

    fn message(&self) -> Message {
        let text = format!("{}\n\nThư tự động của hệ thống đôn đốc.\n", self.lines.join("\n"));
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        Message {
            subject: self.subject.clone(),
            html: format!(
                "<!doctype html><html lang=\"vi\"><body><pre style=\"white-space:pre-wrap\">{escaped}</pre></body></html>"
            ),
            text,
            sms: String::new(),
            sms_accented: String::new(),
            template: "built-in".to_owned(),
            figures: String::new(),
            link: String::new(),
            zalo: std::collections::BTreeMap::new(),
        }
    }
}
