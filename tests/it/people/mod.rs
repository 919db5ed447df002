//! Who may use the pages: accounts, sign-in, sessions, rights, the audit log, and what strangers try.

mod audit;
mod forms;
mod guessing;
mod oidc;
mod oidc_accounts;
mod oidc_bound;
mod pages;
mod rights;
mod sessions;
mod setup;
mod sign_in;
mod walk;

use axum::Router;
use chrono::{DateTime, Utc};
use dondoc::clock::Clock;
use dondoc::db::Db;
use dondoc::people::{self, By, Hasher, NewAccount, Peer, Role};
use dondoc::seal::Keys;
use dondoc::web::{self, Mode, Site};
use secrecy::SecretString;

use crate::support::databases::Fresh;
use crate::support::mailbox::start;
use crate::support::reader::Reader;

/// What every account of these tests has.
pub(crate) const PASSWORD: &str = "mật khẩu của từng người";

/// The pages of an installation, with a clock that is moved by hand.
pub(crate) struct Desk {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) hasher: Hasher,
    pub(crate) router: Router,
    /// Another replica on the same database.
    pub(crate) replica: Router,
    _fresh: Fresh,
}

impl Desk {
    /// Known as `https://dondoc.tinh.example`.
    pub(crate) fn new(fresh: Fresh) -> Self {
        Self::known_as(fresh, "https://dondoc.tinh.example")
    }

    pub(crate) fn known_as(fresh: Fresh, public_url: &str) -> Self {
        Self::made(fresh, public_url, None)
    }

    /// With a single sign-on.
    pub(crate) fn vouched_by(fresh: Fresh, settings: dondoc::oidc::Settings) -> Self {
        Self::made(fresh, "https://dondoc.tinh.example", Some(settings))
    }

    /// Known under this address, with a single sign-on or without.
    pub(crate) fn made(fresh: Fresh, public_url: &str, settings: Option<dondoc::oidc::Settings>) -> Self {
        let keys = Keys::of(&SecretString::from("SEAL-KEY-0123456789abcdef0123456789abcdef"));
        let (clock, hasher) = (Clock::at(start()), Hasher::default());
        let site = Site::new(fresh.db.clone(), clock.clone(), Mode::Daemon)
            .with_schedules(&[], public_url)
            .with_people(&keys, &["10.0.0.1".parse().unwrap()])
            .vouched_by(settings.map(dondoc::oidc::Provider::new))
            .hashing(&hasher);
        Self {
            db: fresh.db.clone(),
            clock,
            hasher,
            router: web::router(site.clone()),
            replica: web::router(site),
            _fresh: fresh,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Adds an account. Returns its id.
    pub(crate) async fn account(&self, login: &str, role: Role) -> String {
        self.account_within(login, role, None).await
    }

    pub(crate) async fn account_within(&self, login: &str, role: Role, scope: Option<&str>) -> String {
        let password = SecretString::from(PASSWORD);
        let name = format!("Người dùng {login}");
        let new = NewAccount { login, name: &name, role, scope, password: &password, must_change: false };
        people::add(&self.db, &self.hasher, &new, &By::command("test"), self.now()).await.unwrap()
    }

    /// A browser that is signed in as this account, without the cost of its password.
    pub(crate) async fn signed_in(&self, id: &str) -> Reader {
        let peer = Peer { address: "203.0.113.7".to_owned(), agent: "test".to_owned() };
        let session = people::reopen(&self.db, id, &peer, self.now()).await.unwrap();
        let mut reader = Reader::new(&self.router);
        reader.cookies.insert("__Host-dondoc".to_owned(), session);
        reader
    }

    /// A browser that is not.
    pub(crate) fn stranger(&self) -> Reader {
        Reader::new(&self.router)
    }
}

/// What is typed at the door.
pub(crate) fn typed<'a>(login: &'a str, password: &'a str) -> [(&'a str, &'a str); 2] {
    [("login", login), ("password", password)]
}
