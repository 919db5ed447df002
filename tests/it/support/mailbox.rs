//! A mailbox with captured messages in it, and the pages over it.

use chrono::{DateTime, TimeDelta, Utc};
use dondoc::catalog::{self, Pack};
use dondoc::channel::{Channel, Kind, Parcel, Settings};
use dondoc::clock::Clock;
use dondoc::db::Db;
use dondoc::message::Message;

/// When the first message of every test is captured.
pub fn start() -> DateTime<Utc> {
    "2022-10-31T08:00:00+07:00".parse().expect("an instant")
}

/// The units and heads of the sample.
pub async fn sample_catalog(db: &Db) {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bac-giang-2022");
    let pack = Pack::read(&folder).expect("the sample is a good pack");
    let mut work = db.begin().await.expect("a unit of work");
    catalog::import(&mut work, &pack).await.expect("the sample is imported");
    work.commit().await.expect("the sample is kept");
}

/// A message to `address` about `unit_code`; change what matters to the test.
pub fn parcel(unit_code: &str, address: &str, subject: &str) -> Parcel {
    let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, format!("{unit_code}/{address}/{subject}").as_bytes());
    Parcel {
        id,
        message_id: format!("<{id}@tinh.example>"),
        address: address.to_owned(),
        recipient: String::new(),
        kind: String::new(),
        unit_code: unit_code.to_owned(),
        content: Message {
            subject: subject.to_owned(),
            text: format!("Kính gửi đồng chí.\n\n{subject}\n\nTrân trọng."),
            html: document(subject),
            sms: "So TTTT: Xa Song Mai con 3 chi tieu chua dat den 31/10. De nghi xem thu dien tu.".to_owned(),
            sms_accented: String::new(),
            template: "commune_first@0123456789ab".to_owned(),
            figures: String::new(),
            link: String::new(),
            zalo: std::collections::BTreeMap::new(),
        },
        date: start(),
    }
}

/// A colour that occurs in these mails and nowhere else.
pub const STRIPE: [u8; 3] = [0x7a, 0x3e, 0x9d];

/// A mail as the message room writes it: inline styles, one stripe to be recognised by, nothing foreign.
pub fn document(subject: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>Thư</title>\
         <style>@media (prefers-color-scheme:dark){{body{{background:#16181b!important;color:#e9e9e9!important}}}}</style>\
         </head><body style=\"margin:0;padding:16px;font:16px/1.5 Arial,sans-serif\">\
         <p>Kính gửi: Đồng chí Chủ tịch</p><p><b>{}</b></p>\
         <table width=\"100%\" style=\"border-collapse:collapse\"><tr><th align=\"left\">Chỉ tiêu</th><th>Kết quả</th>\
         <th>Mục tiêu</th></tr><tr><td>Hồ sơ trực tuyến</td><td align=\"center\">33,44%</td><td align=\"center\">50%</td>\
         </tr></table><p style=\"background:#7a3e9d;color:#ffffff;padding:12px\">Còn thiếu 106 hồ sơ.</p></body></html>",
        subject.replace('&', "&amp;").replace('<', "&lt;")
    )
}

/// Captures `parcels`, each a minute after the one before.
pub async fn capture(db: &Db, parcels: &[Parcel]) {
    let clock = Clock::at(start());
    let channel = Channel::open(
        &Settings { name: "mailbox".to_owned(), kind: Kind::Capture, pace: dondoc::channel::Pace::default() },
        db,
        &clock,
    );
    let channel = channel.expect("the mailbox opens");
    for parcel in parcels {
        channel.send(parcel).await.expect("the mailbox takes everything");
        clock.advance(TimeDelta::minutes(1).to_std().expect("a minute"));
    }
}
