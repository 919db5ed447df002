//! A mail to somebody who expects it: whether a channel for mail works.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::App;
use crate::catalog::mask_email;
use crate::channel::{Parcel, Settings};
use crate::message::Message;

const TESTS: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0010);

/// Tests go to addresses that an admin wrote into the configuration, and to no other.
#[derive(Debug, thiserror::Error)]
#[error("{} is no address for tests", mask_email(.0))]
pub struct Unlisted(String);

impl Unlisted {
    /// The address, masked.
    pub fn masked(&self) -> String {
        mask_email(&self.0)
    }
}

impl App {
    /// The addresses that tests may go to: those of `[safety] allow` and `[alerts] to` that are for mail.
    pub fn test_addresses(&self) -> Vec<&str> {
        let listed = self.config.safety.allow.iter().chain(&self.config.admins);
        let mut addresses: Vec<&str> = Vec::new();
        for address in listed.map(String::as_str).filter(|address| address.contains('@') && !address.contains("://")) {
            if !addresses.iter().any(|known| known.eq_ignore_ascii_case(address)) {
                addresses.push(address);
            }
        }
        addresses
    }

    /// A mail marked `[THỬ]` from `channel` to `to`; with a `code` it asks to type that on the page that sent it.
    ///
    /// # Errors
    /// [`Unlisted`].
    pub fn test_mail(&self, channel: &Settings, to: &str, code: Option<&str>) -> Result<Parcel, Unlisted> {
        if !self.test_addresses().iter().any(|known| known.eq_ignore_ascii_case(to)) {
            return Err(Unlisted(to.to_owned()));
        }
        let now = self.clock.now();
        let id = Uuid::new_v5(&TESTS, format!("{to} {}", now.timestamp_millis()).as_bytes());
        Ok(Parcel {
            id,
            message_id: format!("<{id}@{}>", channel.message_id_domain()),
            address: to.to_owned(),
            unit_code: String::new(),
            recipient: String::new(),
            kind: "test".to_owned(),
            content: words(code),
            date: now,
        })
    }
}

fn words(code: Option<&str>) -> Message {
    let asked = code.map_or_else(
        || "Không cần trả lời.".to_owned(),
        |code| format!("Mã xác nhận: {code}\n\nNhập mã này vào trang thiết lập để xác nhận đã nhận được thư."),
    );
    let text = format!(
        "Đây là thư thử của hệ thống đôn đốc dịch vụ công trực tuyến.\n\nNhận được thư này nghĩa là kênh thư điện tử hoạt \
         động. {asked}\n"
    );
    let html = text.trim().replace("\n\n", "</p><p>");
    Message {
        subject: "[THỬ] Kiểm tra kênh thư điện tử của hệ thống đôn đốc".to_owned(),
        html: format!("<!doctype html><html lang=\"vi\"><body><p>{html}</p></body></html>"),
        text,
        sms: String::new(),
        sms_accented: String::new(),
        template: "built-in".to_owned(),
        figures: String::new(),
        link: String::new(),
        zalo: BTreeMap::new(),
    }
}
