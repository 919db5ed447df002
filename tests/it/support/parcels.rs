//! Parcels and channels to send them through.

use std::time::Duration;

use chrono::{TimeZone, Utc};
use dondoc::channel::{Channel, Email, Kind, Parcel, Relay, Route, Security, Settings};
use dondoc::clock::Clock;
use dondoc::message::Message;
use uuid::Uuid;

use super::databases;
use super::smtp_sink::SmtpSink;

pub(crate) const SUBJECT: &str =
    "Nhắc việc: 3 chỉ tiêu dịch vụ công trực tuyến của UBND xã Song Mai chưa đạt, kỳ đến ngày 31/10/2022";

/// The parcel number `number`, to `address`.
pub(crate) fn parcel(number: u128, address: &str) -> Parcel {
    let id = Uuid::from_u128(0x1000_0000_0000_0000_0000_0000_0000_0000 + number);
    Parcel {
        id,
        message_id: format!("<{id}@tinh.example>"),
        address: address.to_owned(),
        unit_code: "H02.21".to_owned(),
        recipient: "H02.21/head".to_owned(),
        kind: "reminder".to_owned(),
        content: Message {
            subject: SUBJECT.to_owned(),
            text: "Kính gửi: Chủ tịch UBND xã Song Mai\n\nCòn thiếu 12 hồ sơ.\n.\n..\n.a\n\nTrân trọng.\n".to_owned(),
            html: "<!doctype html><html lang=\"vi\"><body style=\"margin:0;font-family:Arial,sans-serif\">\n\
                   <p style=\"margin:0 0 12px\">Kính gửi: Chủ tịch UBND xã Song Mai</p>\n\
                   <p style=\"margin:0 0 12px\">Còn thiếu <b>12 hồ sơ</b>.</p></body></html>\n"
                .to_owned(),
            sms: "UBND xa Song Mai con thieu 12 ho so".to_owned(),
            sms_accented: "UBND xã Song Mai còn thiếu 12 hồ sơ".to_owned(),
            template: "reminder@0123456789ab".to_owned(),
            figures: String::new(),
            link: String::new(),
            zalo: std::collections::BTreeMap::new(),
        },
        date: Utc.with_ymd_and_hms(2022, 10, 31, 1, 30, 0).single().expect("an instant"),
    }
}

/// Settings of a mail channel to the sink.
pub(crate) fn email(sink: &SmtpSink) -> Email {
    Email {
        routes: vec![route(sink)],
        from: "Sở TT&TT <dondoc@tinh.example>".to_owned(),
        reply_to: None,
        timeout: Duration::from_secs(10),
        return_path: None,
        bounces: None,
        dkim: None,
        list_unsubscribe: None,
    }
}

/// The sink as a relay.
pub(crate) fn route(sink: &SmtpSink) -> Route {
    Route {
        relay: Relay { host: "127.0.0.1".to_owned(), port: sink.addr.port(), security: Security::Plain },
        user: None,
        password: None,
        max_connections: 4,
        per_second: 0,
        per_minute: 0,
        ca_file: None,
    }
}

/// A channel of `kind`, with a database of its own that nothing but the capture channel needs.
pub(crate) async fn open(kind: Kind) -> Channel {
    let fresh = databases::sqlite().await;
    let clock = Clock::at(Utc.with_ymd_and_hms(2022, 10, 31, 1, 30, 0).single().expect("an instant"));
    Channel::open(
        &Settings { name: "test".to_owned(), kind, pace: dondoc::channel::Pace::default() },
        &fresh.db,
        &clock,
    )
    .expect("settings that work")
}
