//! The pause of all sending: asked about with a reason, ended from any page.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Site;
use super::form::Form;
use super::outbox_deeds::{mender, reason};
use super::page::{Failure, Frame, Place, again, on_to, page};
use super::session::Visitor;

#[derive(Template)]
#[template(path = "pause.html")]
struct PausePage {
    frame: Frame,
    wrong: Option<&'static str>,
}

fn asked(site: &Site, visitor: &Visitor, wrong: Option<&'static str>) -> PausePage {
    PausePage { frame: Frame::told(site, visitor, Place::Outbox, "halt.page"), wrong }
}

pub(super) async fn ask(State(site): State<Site>, visitor: Visitor) -> Response {
    let page = if visitor.sees_all() { page(&asked(&site, &visitor, None)) } else { Err(Failure::NotFound) };
    site.answer(page)
}

pub(super) async fn switch(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = switched(&site, &visitor, &form).await;
    site.answer(answer)
}

/// Sending is everybody's: whoever sees a part does not stop it.
async fn switched(site: &Site, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let (app, by, why) = (site.app()?, visitor.by(), reason(form, "ly-do"));
    let mender = mender(visitor, &by)?;
    match form.text("viec") {
        "tam-dung" if why.is_empty() => again(&asked(site, visitor, Some(visitor.tongue.say("halt.reason_needed")))),
        "tam-dung" => {
            app.pause(true, &why, mender).await?;
            Ok(on_to("/hop-thu-di?xong=tam-dung"))
        }
        "tiep-tuc" => {
            app.pause(false, &why, mender).await?;
            Ok(on_to("/hop-thu-di?xong=tiep-tuc"))
        }
        _ => Ok(on_to("/tam-dung")),
    }
}
