//! The channels of Zalo against their twin.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use dondoc::channel::{Channel, Given, Kind, Parcel, Receipt, SendError, Settings, Zalo, ZaloWay};
use dondoc::clock::Clock;
use dondoc::db::Db;
use dondoc::seal::Keys;
use secrecy::SecretString;

use crate::support::databases::{self, Fresh};
use crate::support::parcels;
use crate::support::zalo::{ACCOUNT, APP, SECRET, TEMPLATE, ZaloTwin};

mod bot;
mod commands;
mod quota;
mod receipts;
mod roll_ups;
mod rounds;
mod sending;
mod tokens;

pub(crate) use receipts::event;

/// A phone number as it is written, and as Zalo wants it.
const PHONE: &str = "0900 000 123";
const PHONE_84: &str = "84900000123";
const USER: &str = "2468458835296197922";

fn noon() -> DateTime<Utc> {
    "2026-11-26T10:00:00+07:00".parse().expect("an instant")
}

/// A twin, a database and a clock that stands.
struct Scene {
    twin: ZaloTwin,
    fresh: Fresh,
    clock: Clock,
}

impl Scene {
    /// With the twin's pair seeded.
    async fn new() -> Self {
        Self::on(databases::sqlite().await).await
    }

    async fn on(fresh: Fresh) -> Self {
        let scene = Self { twin: ZaloTwin::start().await, fresh, clock: Clock::at(noon()) };
        scene.seed().await;
        scene
    }

    fn settings(&self) -> Zalo {
        Zalo {
            app_id: APP.to_owned(),
            secret_key: SecretString::from(SECRET),
            oa_id: Some(ACCOUNT.to_owned()),
            webhook_secrets: vec![SecretString::from("of the account")],
            webhook_signed_by: None,
            way: ZaloWay::UserIdOrPhone,
            template_id: Some(TEMPLATE.to_owned()),
            templates: BTreeMap::new(),
            parameters: BTreeMap::new(),
            development: false,
            low_quota: 50,
            timeout: Duration::from_secs(2),
            oauth_url: self.twin.url(),
            oa_url: self.twin.url(),
            template_url: self.twin.url(),
            allow_private: true,
            keys: Keys::of(&SecretString::from("a-key-for-tests-of-more-than-32-characters")),
        }
    }

    fn open(&self, zalo: Zalo) -> Channel {
        let settings = Settings {
            name: "zalo".to_owned(),
            kind: Kind::Zalo(Box::new(zalo)),
            pace: dondoc::channel::Pace::default(),
        };
        Channel::open(&settings, &self.fresh.db, &self.clock).expect("settings that work")
    }

    fn channel(&self) -> Channel {
        self.open(self.settings())
    }

    async fn seed(&self) {
        let given = Given::typed(&self.twin.pair()).expect("a pair");
        self.channel().zalo().expect("an account").seed(&given).await.expect("a stored pair");
    }

    fn db(&self) -> &Db {
        &self.fresh.db
    }

    async fn send(&self, number: u128, address: &str) -> Result<Receipt, SendError> {
        self.channel().send(&letter(number, address)).await
    }
}

/// A first reminder with all its parameters.
fn letter(number: u128, address: &str) -> Parcel {
    let mut parcel = parcels::parcel(number, address);
    "commune_first@0123abcd".clone_into(&mut parcel.content.template);
    let text = |name: &str| match name {
        "unit" => "UBND xã Song Mai".to_owned(),
        "as_of" => "31/10/2022".to_owned(),
        "row_1" => format!("Nộp trực tuyến: 41,20% / 50%, thiếu {number}"),
        _ => "(không có)".to_owned(),
    };
    let names = ["unit", "as_of", "count", "step", "row_1", "row_2", "row_3", "row_4", "contact"];
    parcel.content.zalo = names.into_iter().map(|name| (name.to_owned(), text(name))).collect();
    parcel
}
