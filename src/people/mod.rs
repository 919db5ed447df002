//! Who may use the pages, as what, and what he did there.
//!
//! Accounts with a role and a scope, sign-in with a second factor, sessions, tokens of programs, and the audit log. A
//! secret is stored as a hash, or sealed where it must be read again; how a password is hashed, how a guess is slowed and
//! how an entry is chained stands in the file of that name.

mod account;
mod audit;
mod change;
mod credential;
mod deed;
mod error;
mod login;
mod password;
mod role;
mod session;
mod setup;
mod steps;
mod throttle;
mod token;
mod totp;
mod vouched;

pub use account::{Account, accounts, admins, any, by_id, by_login, subject};
pub use audit::{By, Entry, Event, Head, Verdict, Wanted, conclude, head, list, verify};
pub use change::{NewAccount, Terms, add, change, disable, enable, forget, unbind};
pub use credential::{Factor, choose_password, give_password, is_own, set_factor, take_factor};
pub use deed::Deed;
pub use error::{PeopleError, Refusal};
pub use login::{Try, Welcome, sign_in};
pub use password::{Hasher, acceptable, generated};
pub use role::{Action, Role, may};
pub use session::{IDLE, LONGEST, Peer, Person, Session, end_others, find, form_mark, reopen, sessions, sign_out};
pub use setup::{CODE_LASTS, is_open, set_up, setup_code};
pub use steps::{Said, Step, mark, said};
pub use throttle::Lane;
pub use token::{Token, add as add_token, bearer, revoke as revoke_token, tokens};
pub use totp::{address as factor_address, recovery_codes, secret as factor_secret, step_of as factor_step};
pub use vouched::{Proven, Standing, enter};

use sha2::{Digest as _, Sha256};

use crate::db::Sql;

/// Every statement of this room.
pub fn statements() -> impl Iterator<Item = &'static Sql> {
    let files = [
        account::STATEMENTS,
        audit::STATEMENTS,
        change::STATEMENTS,
        credential::STATEMENTS,
        login::STATEMENTS,
        session::STATEMENTS,
        setup::STATEMENTS,
        steps::STATEMENTS,
        throttle::STATEMENTS,
        token::STATEMENTS,
        vouched::STATEMENTS,
    ];
    files.into_iter().flatten()
}

/// SHA-256 of a secret for one purpose, in hexadecimal: what is hashed so is random enough to need no salt.
fn digest(purpose: &str, text: &str) -> String {
    hex::encode(Sha256::digest(format!("dondoc {purpose}\0{text}")))
}
