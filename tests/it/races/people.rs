//! What somebody has proved, or was looked up, may be true no more when it is acted on.

use dondoc::db::{Db, Sql};
use dondoc::people::{
    self, By, Factor, Hasher, Lane, NewAccount, Peer, PeopleError, Proven, Refusal, Role, Standing, Welcome,
};
use dondoc::seal::Keys;
use futures_util::future::join_all;
use secrecy::SecretString;

use crate::people::PASSWORD;
use crate::support::databases::{Fresh, conformance};
use crate::support::mailbox::start;
use crate::support::meeting::{holding, say, until_waited_for};

conformance!(
    a_password_proves_for_one_change,
    who_is_unbound_as_he_comes_in_stays_outside,
    a_role_that_is_given_takes_no_scope_back,
);

const ISSUER: &str = "https://sso.tinh.example";

fn peer() -> Peer {
    Peer { address: "203.0.113.7".to_owned(), agent: "test".to_owned() }
}

async fn account(db: &Db, login: &str, role: Role) -> String {
    let password = SecretString::from(PASSWORD);
    let new = NewAccount { login, name: "Người dùng", role, scope: None, password: &password, must_change: false };
    people::add(db, &Hasher::default(), &new, &By::command("test"), start()).await.unwrap()
}

const fn is_late<T>(answer: &Result<T, PeopleError>) -> bool {
    matches!(answer, Err(PeopleError::Refused(Refusal::NotRight)))
}

/// Somebody who knows the old password, beside its owner who changes it.
async fn a_password_proves_for_one_change(fresh: Fresh) {
    let (db, hasher) = (&fresh.db, Hasher::default());
    let id = account(db, "an.nguyen", Role::Viewer).await;
    let proved = people::by_id(db, &id).await.unwrap().unwrap();
    let (by, peer) = (By::account(&id, "203.0.113.7"), peer());
    let words = ["mật khẩu mới của chủ", "mật khẩu mới của kẻ khác"].map(SecretString::from);
    let changes = words.iter().map(|new| people::choose_password(db, &hasher, (&proved, new), (&by, &peer), start()));
    let answers = join_all(changes).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(answers.iter().filter(|answer| is_late(answer)).count(), 1);
    assert_eq!(people::sessions(db, &id, start()).await.unwrap().len(), 1, "of the one who changed it");

    // Nor does it switch a second factor on, which would lock the owner out.
    let keys = Keys::of(&SecretString::from("SEAL-KEY-0123456789abcdef0123456789abcdef"));
    let secret = people::factor_secret().unwrap();
    let factor = Factor { secret: &secret, recovery: &[], step: 1 };
    let late = people::set_factor(db, &keys, (&proved, Some(&factor)), &by, start()).await;
    assert!(is_late(&late), "{late:?}");
    assert!(!people::by_id(db, &id).await.unwrap().unwrap().has_second_factor());
    let given = SecretString::from("mật khẩu được cấp lại");
    people::give_password(db, &hasher, (&id, &given), &By::command("test"), start()).await.unwrap();
    let new = people::by_id(db, &id).await.unwrap().unwrap();
    people::set_factor(db, &keys, (&new, Some(&factor)), &by, start()).await.unwrap();
}

/// Comes in by the single sign-on, as the person that it knows as `subject`.
async fn enter(db: Db, standing: Standing) -> Result<Welcome, PeopleError> {
    let peer = peer();
    let asked = Proven {
        known_as: (ISSUER, "first"),
        login: "an.nguyen",
        name: "Nguyễn An",
        standing,
        browser: None,
        session: None,
        peer: &peer,
        lane: Lane::address("203.0.113.7", false),
    };
    people::enter(&db, &Hasher::default(), &asked, start()).await
}

async fn who_is_unbound_as_he_comes_in_stays_outside(fresh: Fresh) {
    const UNBIND: Sql = Sql::portable("UPDATE account SET oidc_issuer = NULL, oidc_subject = NULL");
    let db = &fresh.db;
    let id = account(db, "an.nguyen", Role::Viewer).await;
    enter(db.clone(), Standing::Own).await.unwrap();
    let mut unbinding = holding(db, "LOCK TABLE account IN SHARE ROW EXCLUSIVE MODE").await;
    assert_eq!(say(&mut unbinding, UNBIND).await, 1);
    let entering = tokio::spawn(enter(db.clone(), Standing::Own));
    until_waited_for(db, &mut unbinding, 1, || entering.is_finished()).await;
    unbinding.commit().await.unwrap();
    let entered = entering.await.unwrap();
    let bound = people::by_id(db, &id).await.unwrap().unwrap().bound_to.is_some();
    // With SQLite he may come after it, as anybody with that login name; then the account is his anew.
    assert_eq!(bound, entered.is_ok());
    assert!(!bound || matches!(db, Db::Sqlite { .. }), "the account was free for another");
}

async fn a_role_that_is_given_takes_no_scope_back(fresh: Fresh) {
    const CONFINE: Sql = Sql::portable("UPDATE account SET scope = '07201'");
    let db = &fresh.db;
    let id = account(db, "an.nguyen", Role::Viewer).await;
    let mut confining = db.begin().await.unwrap();
    confining.lock("account").await.unwrap();
    say(&mut confining, CONFINE).await;
    let entering = tokio::spawn(enter(db.clone(), Standing::Role(Role::Editor)));
    until_waited_for(db, &mut confining, 1, || entering.is_finished()).await;
    confining.commit().await.unwrap();
    entering.await.unwrap().unwrap();
    let account = people::by_id(db, &id).await.unwrap().unwrap();
    assert_eq!((account.role, account.scope.as_deref()), (Role::Editor, Some("07201")));
}
