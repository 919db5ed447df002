//! Tokens of programs: which there are, making one, revoking one.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use super::Site;
use super::accounts::{Choice, roles, terms};
use super::catalogue::{Tongue, role_key};
use super::form::Form;
use super::own_account::scope_words;
use super::page::{self, Failure, Frame, Place, again, done_or_why, done_words, on_to};
use super::session::Visitor;
use super::words;
use crate::people;

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    frame: Frame,
    t: Tongue,
    wrong: Option<&'static str>,
    done: Option<&'static str>,
    /// The one that was just made: shown on this answer, and never again.
    made: Option<String>,
    lines: Vec<Line>,
    roles: Vec<Choice>,
    name: String,
    scope: String,
}

struct Line {
    id: String,
    name: String,
    role: &'static str,
    scope: String,
    created: String,
    revoked: Option<String>,
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    (wrong, done): (Option<&'static str>, Option<&'static str>),
    form: &Form,
) -> Result<TokensPage, Failure> {
    let t = visitor.tongue;
    let mut lines = Vec::new();
    for token in people::tokens(&site.db).await? {
        lines.push(Line {
            role: t.say(role_key(token.role)),
            scope: scope_words(site, t, token.scope.as_deref()).await?,
            created: words::local_time(token.created_at),
            revoked: token.revoked_at.map(words::local_time),
            id: token.id,
            name: token.name,
        });
    }
    Ok(TokensPage {
        frame: Frame::told(site, visitor, Place::Tokens, "key.title"),
        t,
        wrong,
        done,
        made: None,
        lines,
        roles: roles(t, form.text("role")),
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

/// Makes one and shows it on the answer itself: it is stored nowhere, so no later page could.
pub(super) async fn add(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = async {
        let made = async {
            let (role, scope) = terms(&site, &form).await?;
            let token = (form.text("name"), role, scope.as_deref());
            people::add_token(&site.db, token, &visitor.by(), site.clock.now()).await
        };
        match done_or_why(made.await, visitor.tongue)? {
            Ok((_, token)) => {
                let shown = shown(&site, &visitor, (None, None), &Form::default()).await?;
                page::page(&TokensPage { made: Some(token), ..shown })
            }
            Err(wrong) => again(&shown(&site, &visitor, (Some(wrong), None), &form).await?),
        }
    };
    site.answer(answer.await)
}

pub(super) async fn revoke(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let answer = async {
        let done = people::revoke_token(&site.db, &id, &visitor.by(), site.clock.now()).await;
        match done_or_why(done, visitor.tongue)? {
            Ok(()) => Ok(on_to("/ma-truy-cap?xong=revoked")),
            Err(wrong) => again(&shown(&site, &visitor, (Some(wrong), None), &Form::default()).await?),
        }
    };
    site.answer(answer.await)
}
