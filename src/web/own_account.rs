//! One's own account: password, second factor, open sessions.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::Site;
use super::catalogue::{Tongue, role_key};
use super::form::Form;
use super::page::{self, Failure, Frame, Place, again, done_or_why, done_words, on_to};
use super::session::{Cookies, Visitor};
use super::words;
use crate::catalog;
use crate::people::{self, Account, Refusal};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    t: Tongue,
    wrong: Option<&'static str>,
    done: Option<&'static str>,
    login: String,
    role: &'static str,
    scope: String,
    must_change: bool,
    factor: bool,
    recovery_left: String,
    sessions: Vec<Line>,
}

/// An open session.
struct Line {
    id: String,
    browser: String,
    address: String,
    started: String,
    seen: String,
    is_this: bool,
}

/// The account of who is signed in.
pub(super) async fn own(site: &Site, visitor: &Visitor) -> Result<Account, Failure> {
    people::by_id(&site.db, &visitor.person()?.id).await?.ok_or(Failure::NotFound)
}

/// What a scope is called: the unit with its code, or the whole province.
pub(super) async fn scope_words(site: &Site, t: Tongue, scope: Option<&str>) -> Result<String, Failure> {
    let Some(unit) = scope else { return Ok(t.say("field.whole_province").to_owned()) };
    let named = catalog::unit_named(&site.db, unit).await?;
    Ok(named.map_or_else(|| unit.to_owned(), |(code, name)| format!("{name} ({code})")))
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    (wrong, done): (Option<&'static str>, Option<&'static str>),
) -> Result<AccountPage, Failure> {
    let (account, person, t) = (own(site, visitor).await?, visitor.person()?, visitor.tongue);
    let sessions = people::sessions(&site.db, &account.id, site.clock.now()).await?;
    let line = |session: people::Session| Line {
        is_this: session.id_hash == person.session,
        started: words::local_time(session.started_at()),
        seen: words::local_time(session.seen_at()),
        browser: if session.agent.is_empty() { "–".to_owned() } else { session.agent },
        address: session.address,
        id: session.id_hash,
    };
    Ok(AccountPage {
        frame: Frame::told(site, visitor, Place::Account, "own.title"),
        t,
        wrong,
        done,
        role: t.say(role_key(account.role)),
        scope: scope_words(site, t, account.scope.as_deref()).await?,
        must_change: account.must_change,
        factor: account.has_second_factor(),
        recovery_left: account.recovery_left().to_string(),
        login: account.login,
        sessions: sessions.into_iter().map(line).collect(),
    })
}

pub(super) async fn page(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let shown = async {
        let done = done_words(visitor.tongue, query.as_deref());
        page::page(&shown(&site, &visitor, (None, done)).await?)
    };
    site.answer(shown.await)
}

pub(super) async fn password(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        let t = visitor.tongue;
        let wrong = match change_password(&site, &visitor, &form).await? {
            Ok(answer) => return Ok(answer),
            Err(wrong) => t.say(wrong),
        };
        again(&shown(&site, &visitor, (Some(wrong), None)).await?)
    };
    site.answer(answer.await)
}

/// All sessions end, this one too; the browser gets a new one.
async fn change_password(
    site: &Site,
    visitor: &Visitor,
    form: &Form,
) -> Result<Result<Response, &'static str>, Failure> {
    let (account, now) = (own(site, visitor).await?, site.clock.now());
    if form.text("password") != form.text("again") {
        return Ok(Err("field.not_the_same"));
    }
    if let Err(wrong) = proved(site, visitor, &account, form).await? {
        return Ok(Err(wrong));
    }
    let password = form.secret("password");
    let (change, by) = ((&account, &password), visitor.by());
    let session = match people::choose_password(&site.db, &site.hasher, change, (&by, &visitor.peer), now).await {
        Ok(session) => session,
        Err(people::PeopleError::Refused(Refusal::NotRight)) => return Ok(Err("own.wrong_password")),
        Err(people::PeopleError::Refused(refusal)) => return Ok(Err(refusal.key())),
        Err(error) => return Err(error.into()),
    };
    let mut answer = on_to("/tai-khoan?xong=password_changed");
    Cookies::of(site).give(&mut answer, &session, None);
    Ok(Ok(answer))
}

/// Whether the form holds the present password; else the key of what to say.
pub(super) async fn proved(
    site: &Site,
    visitor: &Visitor,
    account: &Account,
    form: &Form,
) -> Result<Result<(), &'static str>, Failure> {
    let password = form.secret("now");
    let (who, now) = ((account, &password), site.clock.now());
    match people::is_own(&site.db, &site.hasher, who, &visitor.lane, now).await {
        Ok(true) => Ok(Ok(())),
        Ok(false) => Ok(Err("own.wrong_password")),
        Err(people::PeopleError::Refused(Refusal::TooMany)) => Ok(Err(Refusal::TooMany.key())),
        Err(error) => Err(error.into()),
    }
}

/// Ends one other session, or all others.
pub(super) async fn end_sessions(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        let only = Some(form.text("session")).filter(|id| !id.is_empty());
        let (person, now) = (visitor.person()?, site.clock.now());
        let ended = people::end_others(&site.db, person, only, &visitor.by(), now).await;
        done_or_why(ended.map_err(Into::into), visitor.tongue)?.map_err(|_| Failure::NotFound)?;
        Ok(on_to("/tai-khoan?xong=sessions_ended"))
    };
    site.answer(answer.await)
}
