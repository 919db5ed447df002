//! Drafts that are not wanted, and drafts that are wanted after all: nothing that was saved is lost.

use axum::extract::{Path, State};
use axum::response::Response;

use super::show::barred;
use super::subject::{Subject, Which};
use super::words;
use crate::message::revisions::{self, NewDraft, Refused};
use crate::web::Site;
use crate::web::form::Form;
use crate::web::page::{Failure, on_to};
use crate::web::session::Visitor;

/// Takes the draft out of hand; its text stays among those that were saved.
pub(in crate::web) async fn discard(
    State(site): State<Site>,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: Form,
) -> Response {
    let answer = async {
        if barred(&visitor) {
            return Err(Failure::NotFound);
        }
        let subject = Subject::of(site.app()?, &slug).await?;
        let slug = words::slug(&subject.name);
        let number = form.text("nhap").parse().unwrap_or(0);
        let discarded = revisions::discard(&site.db, (&subject.name, number), &visitor.by(), site.clock.now()).await;
        match discarded {
            Ok(()) => Ok(on_to(&format!("/mau-tin/{slug}?xong=bo&nhap={number}"))),
            Err(Refused::Db(error)) => Err(error.into()),
            Err(_) => Ok(on_to(&format!("/mau-tin/{slug}?xong=khac"))),
        }
    };
    site.answer(answer.await)
}

/// Makes a saved draft the draft in hand once more, as a save of its own over whatever is there.
pub(in crate::web) async fn take_back(
    State(site): State<Site>,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: Form,
) -> Response {
    let answer = async {
        if barred(&visitor) {
            return Err(Failure::NotFound);
        }
        let subject = Subject::of(site.app()?, &slug).await?;
        let number = form.text("nhap").parse().map_err(|_| Failure::NotFound)?;
        let saved = revisions::saved(&site.db, &subject.name, number).await?.ok_or(Failure::NotFound)?.draft;
        let new = NewDraft {
            name: &subject.name,
            source: &saved.source,
            by: &visitor.person()?.name,
            note: &visitor.tongue.with("versions.taken_back", Which::Saved(number).said(visitor.tongue)),
            original_hash: &saved.original_hash,
            over: None,
            automatic: false,
            page: "",
        };
        match revisions::save_draft(&site.db, new, &visitor.by(), site.clock.now()).await {
            Ok(_) => Ok(on_to(&format!("/mau-tin/{}?xong=lay-lai", words::slug(&subject.name)))),
            Err(Refused::Db(error)) => Err(error.into()),
            Err(_) => Err(Failure::NotFound),
        }
    };
    site.answer(answer.await)
}
