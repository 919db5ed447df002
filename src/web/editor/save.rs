//! What the buttons below the text do: save, look, try, send to oneself, go on to publishing; and saving by itself.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

use super::show::{Other, Said, Typed, barred, editor};
use super::subject::{Subject, Which};
use super::{changes, check, proof, sight, words};
use crate::message::revisions::{self, Base, NewDraft, Refused};
use crate::web::catalogue::Tongue;
use crate::web::form::Form;
use crate::web::page::{Failure, on_to};
use crate::web::session::Visitor;
use crate::web::{Site, words as said};

impl Typed {
    fn of(form: &Form) -> Self {
        let number = |name: &str| form.text(name).parse().ok();
        let base = number("goc-nhap").zip(number("goc-ban")).map(|(draft, revision)| Base { draft, revision });
        Self {
            // Browsers send line ends as `\r\n`, whatever was typed.
            source: form.text("noi-dung").replace("\r\n", "\n"),
            note: form.text("ghi-chu").chars().take(200).collect(),
            base,
            page: form.text("trang").chars().filter(char::is_ascii_alphanumeric).take(40).collect(),
            unit: form.text("don-vi").to_owned(),
            scenario: form.text("tinh-huong").to_owned(),
            seen_original: form.text("da-xem-goc") == "1",
        }
    }

    /// What links to the editor keep.
    fn tail(&self) -> String {
        let encoded = |text: &str| {
            let Ok(encoded) = askama::filters::urlencode_strict(text);
            encoded.to_string()
        };
        format!("&don-vi={}&tinh-huong={}", encoded(&self.unit), encoded(&self.scenario))
    }
}

/// Saves `typed` as a draft of `visitor`.
async fn saved(
    site: &Site,
    visitor: &Visitor,
    subject: &Subject,
    typed: &Typed,
    automatic: bool,
) -> Result<Result<i64, Refused>, Failure> {
    // A text as it is in force is no draft.
    if subject.draft.is_none() && typed.source == subject.in_force() {
        return Ok(Ok(0));
    }
    // A draft stays one over the original that it was begun over, until somebody has seen what changed there.
    let begun = subject.draft.as_ref().filter(|_| !typed.seen_original).map(|draft| draft.original_hash.clone());
    let original_hash = begun.unwrap_or_else(|| subject.original_hash());
    let new = NewDraft {
        name: &subject.name,
        source: &typed.source,
        by: &visitor.person()?.name,
        note: typed.note.trim(),
        original_hash: &original_hash,
        over: typed.base,
        automatic,
        page: &typed.page,
    };
    match revisions::save_draft(&site.db, new, &visitor.by(), site.clock.now()).await {
        Ok(number) => Ok(Ok(number)),
        Err(Refused::Db(error)) => Err(error.into()),
        Err(refused) => Ok(Err(refused)),
    }
}

/// The text that came in between, beside the one that was typed.
fn other(t: Tongue, subject: &Subject, typed: &Typed) -> Other {
    let who = match (&subject.draft, &subject.revision) {
        (Some(draft), _) => t.with2("editor.other_draft", &draft.by, said::local_time(draft.at)),
        (None, Some(revision)) => {
            let which = Which::Revision(revision.number).said(t);
            t.with3("editor.other_published", which, &revision.by, said::local_time(revision.at))
        }
        (None, None) => t.say("editor.other_gone").to_owned(),
    };
    let source = subject.source().to_owned();
    Other { who, pieces: changes::changes(&source, &typed.source), source }
}

/// What the form asks for, by the button that was pressed.
pub(in crate::web) async fn save(
    State(site): State<Site>,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: Form,
) -> Response {
    let answer = async {
        let subject = Subject::of(site.app()?, &slug).await?;
        let mut typed = Typed::of(&form);
        let t = visitor.tongue;
        let refuse = |wrong: &str| Said {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            wrong: Some(t.say(wrong).to_owned()),
            ..Said::default()
        };
        if barred(&visitor) {
            let said = Said { status: StatusCode::FORBIDDEN, ..refuse("editor.barred") };
            return editor(&site, &visitor, &subject, typed, said).await;
        }
        let wanted = form.text("viec");
        if wanted == "xem" {
            return editor(&site, &visitor, &subject, typed, Said::default()).await;
        }
        match saved(&site, &visitor, &subject, &typed, false).await? {
            Ok(_) => {}
            Err(Refused::TooLong(_)) => {
                return editor(&site, &visitor, &subject, typed, refuse("editor.too_long")).await;
            }
            Err(_) => {
                // Who presses the button once more has seen the other text.
                let subject = Subject::of(site.app()?, &slug).await?;
                let other = other(t, &subject, &typed);
                typed.base = Some(subject.base());
                let said = Said { status: StatusCode::CONFLICT, other: Some(other), ..refuse("editor.overtaken") };
                return editor(&site, &visitor, &subject, typed, said).await;
            }
        }
        let subject = Subject::of(site.app()?, &slug).await?;
        go_on(&site, &visitor, &subject, typed, wanted).await
    };
    site.answer(answer.await)
}

/// Where a saved text leads.
async fn go_on(
    site: &Site,
    visitor: &Visitor,
    subject: &Subject,
    typed: Typed,
    wanted: &str,
) -> Result<Response, Failure> {
    let slug = words::slug(&subject.name);
    match wanted {
        "kiem-tra" | "ap-dung" => {
            check::begin(site, subject, &Which::Draft, true).await?;
            Ok(on_to(&format!("/mau-tin/{slug}/{wanted}")))
        }
        "gui-thu" => send(site, visitor, subject, typed).await,
        _ => Ok(on_to(&format!("/mau-tin/{slug}?xong=luu{}", typed.tail()))),
    }
}

/// Puts the letter into the built-in mailbox for whoever asked.
async fn send(site: &Site, visitor: &Visitor, subject: &Subject, typed: Typed) -> Result<Response, Failure> {
    let app = site.app()?;
    let seen = visitor.units(site).await?;
    let sought = sight::sought(app, &subject.name, (&typed.unit, &typed.scenario), seen.as_ref()).await?;
    let (proof, _) = proof::shown(app, subject, &typed.source, &sought, visitor.tongue).await?;
    let Some(message) = proof.message else {
        let wrong = Some(visitor.tongue.say("editor.not_sent").to_owned());
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let typed = Typed { base: Some(subject.base()), ..typed };
        return editor(site, visitor, subject, typed, Said { status, wrong, ..Said::default() }).await;
    };
    // Accounts have no address, and the head's is never used: the letter stays in this program.
    let to = format!("{}@hop-thu-thu.invalid", visitor.person()?.login);
    let about = (subject.name.as_str(), to.as_str(), sought.code.as_str());
    let id = app.send_to_mailbox(message, about, &visitor.by()).await?;
    let slug = words::slug(&subject.name);
    Ok(on_to(&format!("/mau-tin/{slug}?xong=gui-thu&thu={id}{}", typed.tail())))
}

#[derive(Template)]
#[template(path = "editor_kept.html")]
struct KeptPage {
    t: Tongue,
    base: Base,
    /// When it was saved; nothing when it was not.
    at: Option<String>,
    wrong: Option<&'static str>,
}

/// Saves by itself what somebody is writing; the answer takes the place of what the form knew it was written over.
pub(in crate::web) async fn keep(
    State(site): State<Site>,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: Form,
) -> Response {
    let answer = async {
        let subject = Subject::of(site.app()?, &slug).await?;
        let typed = Typed::of(&form);
        let base = typed.base.unwrap_or_else(|| subject.base());
        let t = visitor.tongue;
        let not = |key: &str| KeptPage { t, base, at: None, wrong: Some(t.say(key)) };
        let page = if barred(&visitor) {
            not("editor.barred_account")
        } else {
            match saved(&site, &visitor, &subject, &typed, true).await? {
                Ok(draft) => {
                    let at = site.clock.now().with_timezone(&crate::clock::ZONE).format("%H:%M").to_string();
                    KeptPage { t, base: Base { draft, ..base }, at: Some(at), wrong: None }
                }
                Err(Refused::TooLong(_)) => not("editor.too_long"),
                Err(_) => not("editor.not_kept"),
            }
        };
        Ok(Html(page.render()?).into_response())
    };
    site.answer(answer.await)
}
