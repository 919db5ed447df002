//! The first administrator, made with the one-time code of `dondoc setup-code`. Afterwards this page is not there.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Site;
use super::catalogue::Tongue;
use super::form::Form;
use super::page::{self, Failure, Frame, Place, again, done_or_why, on_to};
use super::session::{Cookies, Visitor};
use crate::people::{self, NewAccount, Role};

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    frame: Frame,
    t: Tongue,
    wrong: Option<&'static str>,
    login: String,
    name: String,
}

impl SetupPage {
    fn of(site: &Site, visitor: &Visitor, wrong: Option<&'static str>, form: &Form) -> Self {
        let frame = Frame::told(site, visitor, Place::Elsewhere, "first.title");
        let (login, name) = (form.text("login").to_owned(), form.text("name").to_owned());
        Self { frame, t: visitor.tongue, wrong, login, name }
    }
}

pub(super) async fn page(State(site): State<Site>, visitor: Visitor) -> Response {
    let shown = async {
        if !people::is_open(&site.db).await? {
            return Err(Failure::NotFound);
        }
        page::page(&SetupPage::of(&site, &visitor, None, &Form::default()))
    };
    site.answer(shown.await)
}

pub(super) async fn set_up(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = begin(&site, &visitor, &form).await;
    site.answer(answer)
}

async fn begin(site: &Site, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
    if !people::is_open(&site.db).await? {
        return Err(Failure::NotFound);
    }
    let t = visitor.tongue;
    let password = form.secret("password");
    if form.text("password") != form.text("again") {
        return again(&SetupPage::of(site, visitor, Some(t.say("field.not_the_same")), form));
    }
    let new = NewAccount {
        login: form.text("login"),
        name: form.text("name"),
        role: Role::Admin,
        scope: None,
        password: &password,
        must_change: false,
    };
    let (from, now) = ((&visitor.peer, &visitor.lane), site.clock.now());
    let done = people::set_up(&site.db, &site.hasher, (form.text("code"), &new), from, now).await;
    match done_or_why(done, t)? {
        Ok(session) => {
            let mut answer = on_to(if site.app().is_ok() { "/bat-dau" } else { "/nguoi-dung?xong=set_up" });
            Cookies::of(site).give(&mut answer, &session, None);
            Ok(answer)
        }
        Err(wrong) => again(&SetupPage::of(site, visitor, Some(wrong), form)),
    }
}
