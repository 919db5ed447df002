//! A letter about two figures of one commune of the sample, and the link in it.

use chrono::NaiveDate;
use dondoc::catalog::{self, Catalog, IndicatorId, Recipient, UnitId};
use dondoc::db::Db;
use dondoc::decision::{self, CaseMove, Decision, History, Outcome, Reason, Terms, UnitDecision, case_id};
use dondoc::reply::{Keys, Links, Settings};
use secrecy::SecretString;

/// A key that nobody guesses.
pub const KEY: &str = "a-key-of-the-province-0123456789abcdef";
/// Whom the letter is for.
pub const UNIT: &str = "07201";
/// What it is about.
pub const INDICATORS: [&str; 2] = ["online_filing", "portal_payment"];

/// The settings with this key.
pub fn settings(key: &str) -> Settings {
    Settings { keys: Keys::of(&SecretString::from(key.to_owned())), ..Settings::default() }
}

/// The round that wrote the letter.
pub fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 10, 31).expect("a day")
}

/// One of the letter's cases, as `outcome` and `case` leave it.
pub fn decision(indicator: &str, outcome: Outcome, case: CaseMove) -> Decision {
    let (unit, indicator) = (UnitId::new(UNIT), IndicatorId::new(indicator));
    Decision {
        unit,
        indicator,
        outcome,
        case,
        reminders_before: 0,
        terms: Terms::default().into(),
        raised: 0,
        silence: None,
        promise: None,
    }
}

/// Opens the letter's cases over the sample's catalog; returns its recipient.
pub async fn write_letter(db: &Db) -> Recipient {
    let remind = Outcome::Remind { reason: Reason::FirstMiss, step: 1 };
    let decisions = INDICATORS.map(|indicator| decision(indicator, remind, CaseMove::Open));
    let units: Vec<_> = UnitDecision::group(&decisions).collect();
    let mut work = db.begin().await.expect("a unit of work");
    decision::record(&mut work, "round", &units, &History::default(), as_of()).await.expect("the cases open");
    work.commit().await.expect("they are kept");
    recipient(db).await
}

/// Who answers for the unit.
pub async fn recipient(db: &Db) -> Recipient {
    let catalog = Catalog::of(&catalog::load(db).await.expect("the sample"), as_of(), as_of());
    catalog.recipient_of(&UnitId::new(UNIT)).expect("a recipient").clone()
}

/// The path of the link in a letter to `recipient` about `indicators`, written on `today`.
pub async fn link(db: &Db, key: &str, recipient: &Recipient, indicators: &[&str], today: NaiveDate) -> String {
    let links = Links { public_url: String::new(), keys: settings(key).keys, valid_for: 30 };
    let case = |indicator: &&str| case_id(&UnitId::new(UNIT), &IndicatorId::new(indicator), as_of());
    let cases: Vec<_> = indicators.iter().map(case).collect();
    let signer = links.signer(db, as_of(), today).await.expect("a signer");
    signer.link(recipient, &cases).expect("a link")
}
