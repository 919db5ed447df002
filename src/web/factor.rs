//! The second factor of one's own account.
//!
//! What the page shows, secret and codes on paper, goes back with the form, sealed for this account: nothing is stored
//! until a code proves that the phone has the secret.

use std::fmt::Write as _;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use qrcodegen::{QrCode, QrCodeEcc};
use secrecy::{ExposeSecret as _, SecretString};

use super::Site;
use super::catalogue::Tongue;
use super::form::Form;
use super::own_account::{own, proved};
use super::page::{self, Failure, Frame, Place, again, done_or_why, on_to};
use super::session::Visitor;
use crate::people::{self, Account, Factor, PeopleError, Refusal};

#[derive(Template)]
#[template(path = "second.html")]
struct FactorPage {
    frame: Frame,
    t: Tongue,
    wrong: Option<&'static str>,
    /// Whether there is a key to seal with.
    can: bool,
    on: bool,
    /// In groups of four, to be typed.
    secret: String,
    address: String,
    /// The same address as a square that a phone reads: its side, and the outline of its dark fields.
    square: Option<(i32, String)>,
    codes: Vec<String>,
    sealed: String,
}

/// The square with a rim of four light fields, as phones want it.
fn square(address: &str) -> Option<(i32, String)> {
    const RIM: i32 = 4;
    let code = QrCode::encode_text(address, QrCodeEcc::Medium).ok()?;
    let fields = (0..code.size()).flat_map(|row| (0..code.size()).map(move |column| (column, row)));
    let mut outline = String::new();
    for (column, row) in fields.filter(|(column, row)| code.get_module(*column, *row)) {
        let _ = write!(outline, "M{},{}h1v1h-1z", column + RIM, row + RIM);
    }
    Some((code.size() + RIM * 2, outline))
}

fn about(account: &Account) -> String {
    format!("account/{}/totp-offered", account.id)
}

/// Secret and codes, as they go through the form.
struct Offer {
    secret: SecretString,
    codes: Vec<String>,
}

impl Offer {
    fn new() -> Option<Self> {
        Some(Self { secret: people::factor_secret()?, codes: people::recovery_codes()? })
    }

    fn sealed(&self, site: &Site, account: &Account) -> Option<String> {
        let text = format!("{} {}", self.secret.expose_secret(), self.codes.join(" "));
        site.keys.seal(&about(account), &text.into())
    }

    fn opened(site: &Site, account: &Account, sealed: &str) -> Option<Self> {
        let text = site.keys.open(&about(account), sealed)?;
        let mut words = text.expose_secret().split(' ').map(ToOwned::to_owned);
        Some(Self { secret: words.next()?.into(), codes: words.collect() })
    }
}

fn shown(
    site: &Site,
    visitor: &Visitor,
    account: &Account,
    (offer, wrong): (Option<Offer>, Option<&'static str>),
) -> FactorPage {
    let offer = offer.or_else(Offer::new).filter(|_| !site.keys.is_empty());
    let sealed = offer.as_ref().and_then(|offer| offer.sealed(site, account));
    let letters: Vec<char> =
        offer.as_ref().map(|offer| offer.secret.expose_secret().chars().collect()).unwrap_or_default();
    let address = offer.as_ref().map(|offer| people::factor_address(&account.login, &offer.secret)).unwrap_or_default();
    FactorPage {
        frame: Frame::told(site, visitor, Place::Account, "factor.title"),
        t: visitor.tongue,
        wrong: wrong.map(|key| visitor.tongue.say(key)),
        can: sealed.is_some(),
        on: account.has_second_factor(),
        secret: letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" "),
        square: square(&address).filter(|_| !address.is_empty()),
        address,
        sealed: sealed.unwrap_or_default(),
        codes: offer.map(|offer| offer.codes).unwrap_or_default(),
    }
}

pub(super) async fn page(State(site): State<Site>, visitor: Visitor) -> Response {
    let answer = async { page::page(&shown(&site, &visitor, &own(&site, &visitor).await?, (None, None))) };
    site.answer(answer.await)
}

pub(super) async fn switch_on(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        let (account, now) = (own(&site, &visitor).await?, site.clock.now());
        let offer = Offer::opened(&site, &account, form.text("offer"));
        let Some(offer) = offer else {
            return again(&shown(&site, &visitor, &account, (None, Some("factor.too_old"))));
        };
        if let Err(wrong) = proved(&site, &visitor, &account, &form).await? {
            return again(&shown(&site, &visitor, &account, (Some(offer), Some(wrong))));
        }
        let Some(step) = people::factor_step(&offer.secret, form.text("code"), now.timestamp(), 0) else {
            return again(&shown(&site, &visitor, &account, (Some(offer), Some("factor.wrong_code"))));
        };
        let factor = Factor { secret: &offer.secret, recovery: &offer.codes, step };
        let change = (&account, Some(&factor));
        let done = people::set_factor(&site.db, &site.keys, change, &visitor.by(), now).await;
        match done {
            Ok(()) => Ok(on_to("/tai-khoan?xong=factor_on")),
            Err(PeopleError::Refused(Refusal::NoKey)) => {
                again(&shown(&site, &visitor, &account, (None, Some(Refusal::NoKey.key()))))
            }
            Err(PeopleError::Refused(Refusal::NotRight)) => {
                again(&shown(&site, &visitor, &account, (Some(offer), Some("own.wrong_password"))))
            }
            Err(error) => Err(error.into()),
        }
    };
    site.answer(answer.await)
}

pub(super) async fn switch_off(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        let account = own(&site, &visitor).await?;
        if let Err(wrong) = proved(&site, &visitor, &account, &form).await? {
            return again(&shown(&site, &visitor, &account, (None, Some(wrong))));
        }
        let change = (&account, None);
        let done = people::set_factor(&site.db, &site.keys, change, &visitor.by(), site.clock.now()).await;
        done_or_why(done, visitor.tongue)?.map_err(|_| Failure::NotFound)?;
        Ok(on_to("/tai-khoan?xong=factor_off"))
    };
    site.answer(answer.await)
}
