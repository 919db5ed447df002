//! The editor: text, fields, and beside them the letter that it makes.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};

use super::proof::{self, Shown};
use super::sight::{self, Sought};
use super::subject::{Subject, Which};
use super::words::{self, Kind};
use super::{changes, pairs};
use crate::message::revisions::{Base, Mark};
use crate::people::Action;
use crate::seal;
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
    /// Why somebody who may edit may not edit this.
    barred: Option<&'static str>,
    live: String,
    draft: Option<String>,
    draft_number: i64,
    /// Whether the text in hand differs from the one in force.
    differs: bool,
    original_changed: Option<&'static str>,
    file_changed: bool,
    wrong: Option<String>,
    done: Option<String>,
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
    /// Whether what is written here is sent to units at all.
    of_units: bool,
    lines: usize,
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
        let said = Said { done: done(of("xong")), sent: of("thu").parse().ok(), ..Said::default() };
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
    pub(super) other: Option<Other>,
}

fn done(word: &str) -> Option<&'static str> {
    Some(match word {
        "luu" => "Đã lưu bản nháp. Bản đang áp dụng chưa thay đổi.",
        "ap-dung" => "Đã áp dụng. Lượt đôn đốc tiếp theo dùng bản này.",
        "khoi-phuc" => "Đã khôi phục. Lượt đôn đốc tiếp theo dùng bản này.",
        "bo" => "Đã bỏ bản nháp. Nội dung đã lưu vẫn còn trong cơ sở dữ liệu.",
        "khac" => "Chưa làm gì: bản nháp vừa được người khác lưu, áp dụng hoặc bỏ. Đây là bản hiện tại.",
        "gui-thu" => "Đã gửi thử vào hộp thư thử của hệ thống. Không thư nào được gửi ra ngoài.",
        _ => return None,
    })
}

/// Why somebody who may edit may not edit templates: they are everybody's.
pub(super) fn barred(visitor: &Visitor) -> Option<&'static str> {
    let scoped = visitor.person().is_ok_and(|person| person.scope.is_some());
    scoped.then_some("Mẫu tin dùng chung cho cả tỉnh; tài khoản được giao một phạm vi đơn vị chỉ xem, không sửa được.")
}

/// The page with what somebody has typed.
pub(super) async fn editor(
    site: &Site,
    visitor: &Visitor,
    subject: &Subject,
    mut typed: Typed,
    said: Said,
) -> Result<Response, Failure> {
    let app = site.app()?;
    app.expect_writing();
    let seen = visitor.units(site).await?;
    let sought = sight::sought(app, &subject.name, (&typed.unit, &typed.scenario), seen.as_ref()).await?;
    let (_, shown) = proof::shown(app, subject, &typed.source, &sought).await?;
    if typed.page.is_empty() {
        typed.page = seal::code(PAGE_NAME).unwrap_or_default();
    }
    let barred = barred(visitor);
    let about = words::about(&subject.name);
    let page = EditorPage {
        frame: Frame::seen(site, visitor, Place::Templates, words::title(&subject.name)),
        slug: words::slug(&subject.name).to_owned(),
        whom: about.map_or("Khối do đơn vị tự thêm", |about| about.whom),
        may_edit: visitor.may(Action::Edit) && barred.is_none(),
        barred: barred.filter(|_| visitor.may(Action::Edit)),
        live: in_force(subject),
        draft: subject.draft.as_ref().map(|draft| format!("{}, lưu lúc {}", draft.by, said::local_time(draft.at))),
        draft_number: subject.draft.as_ref().map_or(0, |draft| draft.number),
        differs: subject.draft.as_ref().is_some_and(|draft| draft.source != subject.in_force()),
        original_changed: subject.original_changed(),
        file_changed: app.file_changed(&subject.name),
        wrong: said.wrong,
        done: said.done.map(ToOwned::to_owned),
        sent: said.sent.map(|id| id.to_string()),
        other: said.other,
        base: typed.base.unwrap_or_else(|| subject.base()),
        scenarios: sight::scenarios(sought.scenario),
        units: sight::offered(sought.stored.as_ref(), &subject.name, seen.as_ref()),
        of_units: words::kind(&subject.name) != Kind::RollUp && subject.name != "correction.md",
        lines: typed.source.lines().count(),
        typed,
        sought,
        shown,
        frame_policy: FRAME_POLICY,
    };
    let policy = [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))];
    Ok((said.status, policy, Html(page.render()?)).into_response())
}

fn in_force(subject: &Subject) -> String {
    match &subject.revision {
        Some(revision) => {
            format!(
                "{}, {} áp dụng lúc {}",
                Which::Revision(revision.number).vietnamese(),
                revision.by,
                said::local_time(revision.at)
            )
        }
        None => Which::Revision(0).vietnamese(),
    }
}
