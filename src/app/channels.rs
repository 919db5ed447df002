//! Trying a channel: for mail every step of the dialogue with each relay, for others what their probe says.

use uuid::Uuid;

use super::App;
use crate::catalog::mask_email;
use crate::channel::{self, Channel, Kind, Parcel, Rehearsal};
use crate::message::Message;

/// What a try found.
#[derive(Debug)]
pub enum Tried {
    /// The dialogue with each relay of a mail channel.
    Relays(Vec<Rehearsal>),
    /// It works, and what its peer said.
    Works(String),
    /// It does not, and why.
    Broken(String),
}

/// Why a channel is not tried.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrialError {
    /// There is no such channel.
    #[error("no channel is called `{name}`\n  remedy: one of {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// Only mail is sent to somebody.
    #[error("--to is for channels of kind `email`\n  remedy: leave it out")]
    NotMail,
    /// Nobody who expects it.
    #[error("{0} is no address for tests\n  remedy: put it into [safety] allow or [alerts] to first")]
    Address(String),
    /// Its settings cannot work.
    #[error("{0}\n  remedy: `dondoc check` shows what is wrong with the channel")]
    Settings(String),
}

impl App {
    /// Tries the channel called `name`; with `to` a mail marked as a test goes there, which must be an address of `[safety]
    /// allow` or `[alerts] to`.
    ///
    /// # Errors
    /// When nothing can be tried.
    pub async fn try_channel(&self, name: &str, to: Option<&str>) -> Result<Tried, TrialError> {
        let Some(settings) = self.config.channels.iter().find(|channel| channel.name == name) else {
            let known = self.config.channels.iter().map(|channel| channel.name.clone()).collect();
            return Err(TrialError::Unknown { name: name.to_owned(), known });
        };
        match (&settings.kind, to) {
            (Kind::Email(email), to) => {
                let parcel = to.map(|to| self.test_mail(settings, to)).transpose()?;
                let rehearsed = channel::rehearse(email, parcel.as_ref()).await;
                rehearsed.map(Tried::Relays).map_err(|error| TrialError::Settings(error.to_string()))
            }
            (_, Some(_)) => Err(TrialError::NotMail),
            (_, None) => {
                let channel = Channel::open(settings, &self.db, &self.clock);
                let channel = channel.map_err(|error| TrialError::Settings(error.to_string()))?;
                Ok(match channel.probe().await {
                    Ok(said) => Tried::Works(said),
                    Err(error) => Tried::Broken(error.to_string()),
                })
            }
        }
    }

    /// Whether tests may be sent to an address.
    fn expects_tests(&self, to: &str) -> bool {
        let listed = |known: &String| known.eq_ignore_ascii_case(to);
        self.config.safety.allow.iter().chain(&self.config.admins).any(listed)
    }

    /// A mail to somebody who expects it.
    fn test_mail(&self, settings: &channel::Settings, to: &str) -> Result<Parcel, TrialError> {
        const TESTS: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0010);
        if !self.expects_tests(to) {
            return Err(TrialError::Address(mask_email(to)));
        }
        let now = self.clock.now();
        let id = Uuid::new_v5(&TESTS, format!("{to} {}", now.timestamp_millis()).as_bytes());
        let text = "Đây là thư thử của hệ thống đôn đốc dịch vụ công trực tuyến.\n\nNhận được thư này nghĩa là kênh thư điện tử \
                    hoạt động. Không cần trả lời.\n";
        let content = Message {
            subject: "[THỬ] Kiểm tra kênh thư điện tử của hệ thống đôn đốc".to_owned(),
            text: text.to_owned(),
            html: format!(
                "<!doctype html><html lang=\"vi\"><body><p>{}</p></body></html>",
                text.trim().replace("\n\n", "</p><p>")
            ),
            sms: String::new(),
            sms_accented: String::new(),
            template: "built-in".to_owned(),
            figures: String::new(),
            link: String::new(),
            zalo: std::collections::BTreeMap::new(),
        };
        Ok(Parcel {
            id,
            message_id: format!("<{id}@{}>", settings.message_id_domain()),
            address: to.to_owned(),
            unit_code: String::new(),
            recipient: String::new(),
            kind: "test".to_owned(),
            content,
            date: now,
        })
    }
}
