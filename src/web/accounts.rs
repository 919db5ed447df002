//! The people: who there is, adding, changing, disabling, a new password for who forgot his.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use secrecy::SecretString;

use super::Site;
use super::catalogue::{Tongue, role_key};
use super::form::Form;
use super::own_account::scope_words;
use super::page::{self, Failure, Frame, Place, again, done_or_why, done_words, on_to};
use super::session::Visitor;
use super::words;
use crate::catalog;
use crate::people::{self, Account, NewAccount, PeopleError, Refusal, Role, Terms};

#[derive(Template)]
#[template(path = "accounts.html")]
struct AccountsPage {
    frame: Frame,
    t: Tongue,
    wrong: Option<&'static str>,
    done: Option<&'static str>,
    /// Whether nobody could step in for the only administrator.
    lonely: bool,
    lines: Vec<Line>,
    roles: Vec<Choice>,
    login: String,
    name: String,
    scope: String,
}

struct Line {
    id: String,
    login: String,
    name: String,
    role: &'static str,
    scope: String,
    factor: bool,
    disabled: Option<String>,
}

/// A role to choose.
pub(super) struct Choice {
    pub(super) word: &'static str,
    pub(super) name: &'static str,
    pub(super) chosen: bool,
}

/// The roles, the one with this word chosen.
pub(super) fn roles(t: Tongue, word: &str) -> Vec<Choice> {
    let choice = |role: Role| Choice { word: role.word(), name: t.say(role_key(role)), chosen: role.word() == word };
    Role::ALL.into_iter().map(choice).collect()
}

/// Role and scope of a form. An unknown role, which no page of ours offers, is the least.
pub(super) async fn terms(site: &Site, form: &Form) -> Result<(Role, Option<String>), PeopleError> {
    let role = Role::of(form.text("role")).unwrap_or(Role::Viewer);
    let code = form.text("scope").trim();
    if code.is_empty() {
        return Ok((role, None));
    }
    let unit = catalog::unit_by_code(&site.db, code).await?;
    Ok((role, Some(unit.ok_or(people::Refusal::NoUnit)?)))
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    (wrong, done): (Option<&'static str>, Option<&'static str>),
    form: &Form,
) -> Result<AccountsPage, Failure> {
    let t = visitor.tongue;
    let mut lines = Vec::new();
    for account in people::accounts(&site.db).await? {
        lines.push(Line {
            factor: account.has_second_factor(),
            role: t.say(role_key(account.role)),
            scope: scope_words(site, t, account.scope.as_deref()).await?,
            disabled: account.disabled_at.map(words::local_time),
            id: account.id,
            login: account.login,
            name: account.name,
        });
    }
    Ok(AccountsPage {
        frame: Frame::told(site, visitor, Place::People, "folk.title"),
        t,
        wrong,
        done,
        lonely: people::admins(&site.db).await? < 2,
        lines,
        roles: roles(t, form.text("role")),
        login: form.text("login").to_owned(),
        name: form.text("name").to_owned(),
        scope: form.text("scope").to_owned(),
    })
}

pub(super) async fn list(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        let done = done_words(visitor.tongue, query.as_deref());
        page::page(&shown(&site, &visitor, (None, done), &Form::default()).await?)
    };
    site.answer(answer.await)
}

pub(super) async fn add(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        let password = form.secret("password");
        let added = async {
            let (role, scope) = terms(&site, &form).await?;
            let (login, name, scope) = (form.text("login"), form.text("name"), scope.as_deref());
            let new = NewAccount { login, name, role, scope, password: &password, must_change: true };
            people::add(&site.db, &site.hasher, &new, &visitor.by(), site.clock.now()).await
        };
        match done_or_why(added.await, visitor.tongue)? {
            Ok(_) => Ok(on_to("/nguoi-dung?xong=added")),
            Err(wrong) => again(&shown(&site, &visitor, (Some(wrong), None), &form).await?),
        }
    };
    site.answer(answer.await)
}

#[derive(Template)]
#[template(path = "account_edit.html")]
struct AccountPage {
    frame: Frame,
    t: Tongue,
    wrong: Option<&'static str>,
    done: Option<&'static str>,
    id: String,
    login: String,
    name: String,
    roles: Vec<Choice>,
    scope: String,
    created: String,
    disabled: Option<String>,
    factor: bool,
    /// The single sign-on that it is bound to.
    bound: Option<String>,
}

async fn account(site: &Site, id: &str) -> Result<Account, Failure> {
    people::by_id(&site.db, id).await?.ok_or(Failure::NotFound)
}

async fn edited(
    site: &Site,
    visitor: &Visitor,
    id: &str,
    (wrong, done): (Option<&'static str>, Option<&'static str>),
) -> Result<AccountPage, Failure> {
    let (account, t) = (account(site, id).await?, visitor.tongue);
    let scope = match &account.scope {
        Some(unit) => catalog::unit_named(&site.db, unit).await?.map_or_else(|| unit.clone(), |(code, _)| code),
        None => String::new(),
    };
    Ok(AccountPage {
        frame: Frame { title: account.name.clone(), ..Frame::told(site, visitor, Place::People, "folk.title") },
        t,
        wrong,
        done,
        roles: roles(t, account.role.word()),
        scope,
        created: words::local_time(account.created_at),
        disabled: account.disabled_at.map(words::local_time),
        factor: account.has_second_factor(),
        bound: account.bound_to,
        id: account.id,
        login: account.login,
        name: account.name,
    })
}

pub(super) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let done = done_words(visitor.tongue, query.as_deref());
        page::page(&edited(&site, &visitor, &id, (None, done)).await?)
    };
    site.answer(answer.await)
}

/// Leads back to the account with `word`, or shows why not.
async fn after(
    site: &Site,
    visitor: &Visitor,
    id: &str,
    (done, word): (Result<(), PeopleError>, &str),
) -> Result<Response, Failure> {
    match done_or_why(done, visitor.tongue)? {
        Ok(()) => Ok(on_to(&format!("/nguoi-dung/{id}?xong={word}"))),
        Err(wrong) => again(&edited(site, visitor, id, (Some(wrong), None)).await?),
    }
}

pub(super) async fn change(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>, form: Form) -> Response {
    let answer = async {
        let id = account(&site, &id).await?.id;
        let done = async {
            let (role, scope) = terms(&site, &form).await?;
            let to = Terms { name: form.text("name"), role, scope: scope.as_deref() };
            people::change(&site.db, &id, to, &visitor.by(), site.clock.now()).await
        };
        after(&site, &visitor, &id, (done.await, "changed")).await
    };
    site.answer(answer.await)
}

pub(super) async fn disable(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let answer = async {
        let id = account(&site, &id).await?.id;
        let done = people::disable(&site.db, &id, &visitor.by(), site.clock.now()).await;
        after(&site, &visitor, &id, (done, "disabled")).await
    };
    site.answer(answer.await)
}

pub(super) async fn enable(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let answer = async {
        let id = account(&site, &id).await?.id;
        let done = people::enable(&site.db, &id, &visitor.by(), site.clock.now()).await;
        after(&site, &visitor, &id, (done, "enabled")).await
    };
    site.answer(answer.await)
}

pub(super) async fn give_password(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Form,
) -> Response {
    let answer = async {
        let id = account(&site, &id).await?.id;
        let password: SecretString = form.secret("password");
        let change = (id.as_str(), &password);
        let done = people::give_password(&site.db, &site.hasher, change, &visitor.by(), site.clock.now()).await;
        after(&site, &visitor, &id, (done, "password_given")).await
    };
    site.answer(answer.await)
}

/// For an account that changes hands at the single sign-on.
pub(super) async fn unbind(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let answer = async {
        let id = account(&site, &id).await?.id;
        let done = people::unbind(&site.db, &id, &visitor.by(), site.clock.now()).await.map(|_| ());
        after(&site, &visitor, &id, (done, "unbound")).await
    };
    site.answer(answer.await)
}

/// For who lost phone and paper.
pub(super) async fn factor_off(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let answer = async {
        let account = account(&site, &id).await?;
        let done = if account.has_second_factor() {
            people::take_factor(&site.db, &account.id, &visitor.by(), site.clock.now()).await
        } else {
            Err(Refusal::NoAccount.into())
        };
        after(&site, &visitor, &account.id, (done, "factor_off")).await
    };
    site.answer(answer.await)
}
