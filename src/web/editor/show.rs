//! The editor: text, fields, and beside them the letter that it makes.

use askama::Template;
use askama::filters::HtmlSafeOutput;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

use super::proof::{self, Shown};
use super::sight::{self, Sought};
use super::subject::{Subject, Which};
use super::words::{self, Kind};
use super::{changes, pairs};
use crate::message::revisions::{self, Base, Mark};
use crate::people::Action;
use crate::seal;
use crate::web::catalogue::Tongue;
use crate::web::page::{Failure, Frame, Place};
use crate::web::session::Visitor;
use crate::web::{Site, words as said};

/// The letter stands in a sandboxed frame of this page and brings its inline styles; nothing else is loosened, and the
/// frame's document forbids itself everything but those.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; \
                      img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the frame's document forbids itself, before anything of the letter is read.
const FRAME_POLICY: &str = "<!DOCTYPE html><meta http-equiv=\"Content-Security-Policy\" \
                            content=\"default-src 'none'; style-src 'unsafe-inline'\">";

/// Characters of the name of an opened page.
const PAGE_NAME: usize = 20;

/// What somebody has typed, or would find.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) source: String,
    pub(super) note: String,
    /// What he had before him, and on which opened page.
    pub(super) base: Option<Base>,
    pub(super) page: String,
    pub(super) unit: String,
    pub(super) scenario: String,
    /// Whether he has seen that the original changed.
    pub(super) seen_original: bool,
}

/// Somebody else's text, that came in between.
#[derive(Debug)]
pub(super) struct Other {
    /// Whose it is, and what became of it.
    pub(super) who: String,
    pub(super) pieces: Vec<changes::Piece>,
    pub(super) source: String,
}

#[expect(clippy::struct_excessive_bools, reason = "the page asks for each by its name")]
#[derive(Template)]
#[template(path = "editor.html")]
struct EditorPage {
    frame: Frame,
    slug: String,
    whom: &'static str,
    may_edit: bool,
    /// Whether somebody who may edit may not edit this.
    barred: bool,
    live: String,
    draft: Option<String>,
    draft_number: i64,
    /// A draft that was just discarded and can be taken back.
    discarded: Option<i64>,
    /// Whether the text in hand differs from the one in force.
    differs: bool,
    original_changed: Option<&'static str>,
    /// The way to the original beside the text in force.
    compare_original: HtmlSafeOutput<String>,
    file_changed: bool,
    wrong: Option<String>,
    done: Option<&'static str>,
    /// Where a letter was sent.
    sent: Option<String>,
    other: Option<Other>,
    typed: Typed,
    base: Base,
    sought: Sought,
    scenarios: Vec<(&'static str, &'static str, bool)>,
    units: Vec<String>,
    shown: Shown,
    frame_policy: &'static str,
    /// Key of what is chosen to look at: a unit, or the reader of a digest; empty: there is nothing to choose.
    choice: &'static str,
    /// Whether there are situations to choose from.
    of_situations: bool,
    lines: usize,
    /// The fields that the template may name, for the layer behind the text; empty: that is not known.
    known: String,
    /// Its size in KB, and whether it is too large.
    size: String,
    is_too_large: bool,
}

pub(in crate::web) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = async {
        let subject = Subject::of(site.app()?, &slug).await?;
        let query = pairs(query.as_deref());
        let of = |key: &str| query.iter().find(|(known, _)| known == key).map_or("", |(_, value)| value.as_str());
        let typed = Typed {
            source: subject.source().to_owned(),
            unit: of("don-vi").to_owned(),
            scenario: of("tinh-huong").to_owned(),
            ..Typed::default()
        };
        let said = Said {
            done: done(of("xong")),
            sent: of("thu").parse().ok(),
            discarded: of("nhap").parse().ok().filter(|_| of("xong") == "bo"),
            ..Said::default()
        };
        editor(&site, &visitor, &subject, typed, said).await
    };
    site.answer(answer.await)
}

/// What the page says above the text.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) status: StatusCode,
    pub(super) wrong: Option<String>,
    pub(super) done: Option<&'static str>,
    pub(super) sent: Option<uuid::Uuid>,
    pub(super) discarded: Option<i64>,
    pub(super) other: Option<Other>,
}

/// Key of what the page says when somebody comes back to it.
fn done(word: &str) -> Option<&'static str> {
    Some(match word {
        "luu" => "editor.done_saved",
        "ap-dung" => "editor.done_published",
        "khoi-phuc" => "editor.done_restored",
        "bo" => "editor.done_discarded",
        "lay-lai" => "editor.done_taken_back",
        "khac" => "editor.done_other",
        "gui-thu" => "editor.done_sent",
        _ => return None,
    })
}

/// Whether somebody who may edit may not edit templates: they are everybody's.
pub(super) fn barred(visitor: &Visitor) -> bool {
    visitor.person().is_ok_and(|person| person.scope.is_some())
}

/// Kilobytes with one decimal, rounded up, so that what is too large never looks as if it were not.
fn kilobytes(bytes: usize) -> String {
    let tenths = bytes.saturating_mul(10).div_ceil(1024);
    format!("{},{}", tenths / 10, tenths % 10)
}

/// The page with what somebody has typed.
pub(super) async fn editor(
    site: &Site,
    visitor: &Visitor,
    subject: &Subject,
    mut typed: Typed,
    said: Said,
) -> Result<Response, Failure> {
    let (app, t) = (site.app()?, visitor.tongue);
    app.expect_writing();
    let seen = visitor.units(site).await?;
    let sought = sight::sought(app, &subject.name, (&typed.unit, &typed.scenario), seen.as_ref()).await?;
    let (_, shown) = proof::shown(app, subject, &typed.source, &sought, t).await?;
    if typed.page.is_empty() {
        typed.page = seal::code(PAGE_NAME).unwrap_or_default();
    }
    let barred = barred(visitor);
    let kind = words::kind(&subject.name);
    let is_digest = subject.name == "superior_digest.md";
    let is_of_units = kind != Kind::RollUp && subject.name != "correction.md" && sought.readers.is_empty();
    let page = EditorPage {
        frame: Frame::seen(site, visitor, Place::Templates, words::title(t, &subject.name)),
        slug: words::slug(&subject.name).to_owned(),
        whom: words::whom(t, &subject.name),
        may_edit: visitor.may(Action::Edit) && !barred,
        barred: barred && visitor.may(Action::Edit),
        live: in_force(t, subject),
        draft: subject.draft.as_ref().map(|draft| t.with2("editor.draft_is", &draft.by, said::local_time(draft.at))),
        draft_number: subject.draft.as_ref().map_or(0, |draft| draft.number),
        discarded: said.discarded.filter(|_| subject.draft.is_none()),
        differs: subject.draft.as_ref().is_some_and(|draft| draft.source != subject.in_force()),
        original_changed: subject.original_changed(),
        compare_original: compare_original(t, &subject.name),
        file_changed: app.file_changed(&subject.name),
        wrong: said.wrong,
        done: said.done.map(|key| t.say(key)),
        sent: said.sent.map(|id| id.to_string()),
        other: said.other,
        base: typed.base.unwrap_or_else(|| subject.base()),
        scenarios: sight::scenarios(t, sought.scenario),
        units: if is_of_units {
            sight::offered(sought.stored.as_ref(), &subject.name, seen.as_ref())
        } else {
            sought.readers.clone()
        },
        choice: if is_of_units {
            "editor.unit"
        } else if is_digest || !sought.readers.is_empty() {
            "editor.reader"
        } else {
            ""
        },
        of_situations: is_of_units,
        lines: typed.source.lines().count(),
        known: revisions::known_fields(&subject.live, &subject.name).join(" "),
        size: kilobytes(typed.source.len()),
        is_too_large: typed.source.len() > revisions::SOURCE_LIMIT,
        typed,
        sought,
        shown,
        frame_policy: FRAME_POLICY,
    };
    let policy = [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))];
    Ok((said.status, policy, Html(page.render()?)).into_response())
}

/// The words that lead to what is different from the shipped text.
fn compare_original(t: Tongue, name: &str) -> HtmlSafeOutput<String> {
    t.rich_with("editor.compare_original", format!("/mau-tin/{}/lich-su?so=0", words::slug(name)))
}

fn in_force(t: Tongue, subject: &Subject) -> String {
    match &subject.revision {
        Some(revision) => {
            let which = Which::Revision(revision.number).said(t);
            t.with3("editor.live", which, &revision.by, said::local_time(revision.at))
        }
        None => Which::Revision(0).said(t),
    }
}
