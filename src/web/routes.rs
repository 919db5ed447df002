//! Every route, in one table: path, method, and who may. The router is built of it, and a test walks it with every role
//! and method.
//!
//! One more address stands beside it, because a file on its way takes longer than any page: figures that programs push,
//! with a token of their source (`push`).

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, any, get, post};

use super::form::Limits;
use super::gate::{Gate, gate};
use super::{
    HTMX, ICON, SCRIPT, STYLE, Site, accounts, audit, callback, contacts, contacts_files, contacts_import,
    contacts_unit, factor, health, mail, mailbox, metrics, names, overview, own_account, program, reply, schedule,
    setup, sign_in, tokens, unit,
};
use crate::people::Action;

/// Which requests a route answers. GET answers HEAD too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Looks, and changes nothing.
    Get,
    /// Changes something.
    Post,
    /// The route sorts that out itself.
    Any,
}

/// Who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody; what has to be proved is proved there: a link's seal, a provider's signature.
    Public,
    /// Anybody, before signing in; forms must come from the page itself.
    Open,
    /// A signed-in person whose role may do this; forms carry the mark of the session.
    Person(Action),
    /// A program with a token whose role may do this.
    Token(Action),
}

/// One route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// As the router writes it.
    pub path: &'static str,
    /// Which requests.
    pub verb: Verb,
    /// Of whom.
    pub access: Access,
    /// What its forms may bring.
    forms: Limits,
    page: fn() -> MethodRouter<Site>,
}

const fn route(path: &'static str, verb: Verb, access: Access, page: fn() -> MethodRouter<Site>) -> Route {
    Route { path, verb, access, forms: Limits::SMALL, page }
}

impl Route {
    /// The same, with forms of up to so many bytes.
    const fn up_to(self, bytes: usize) -> Self {
        Self { forms: Limits { largest: bytes, files: self.forms.files }, ..self }
    }

    /// The same, with forms that may bring files, of up to so many bytes together.
    const fn with_files(self, bytes: usize) -> Self {
        Self { forms: Limits { largest: bytes, files: true }, ..self }
    }
}

const LOOK: Access = Access::Person(Action::Look);
const EDIT: Access = Access::Person(Action::Edit);
const OWN: Access = Access::Person(Action::KeepOwnAccount);
const PEOPLE: Access = Access::Person(Action::ManagePeople);
const AUDIT: Access = Access::Person(Action::ReadAudit);
const TOKENS: Access = Access::Person(Action::ManageTokens);

/// Bytes of a file of contacts, with a little around it.
const CONTACTS: usize = (8 << 20) + 4_096;
/// Bytes of the cells that are mended at once.
const CELLS: usize = 256 * 1024;

/// All of them.
pub const ROUTES: &[Route] = &[
    route("/", Verb::Get, LOOK, || get(overview::overview)),
    route("/don-vi/{code}", Verb::Get, LOOK, || get(unit::show)),
    route("/danh-ba", Verb::Get, LOOK, || get(contacts::list)),
    route("/danh-ba/mau.xlsx", Verb::Get, LOOK, || get(contacts_files::template)),
    route("/danh-ba/tep", Verb::Post, EDIT, || post(contacts_files::export)),
    route("/danh-ba/don-vi/{code}", Verb::Get, LOOK, || get(contacts_unit::show)),
    route("/danh-ba/don-vi/{code}", Verb::Post, EDIT, || post(contacts_unit::change)),
    route("/danh-ba/nhap", Verb::Get, EDIT, || get(contacts_import::upload_page)),
    route("/danh-ba/nhap", Verb::Post, EDIT, || post(contacts_import::upload)).with_files(CONTACTS),
    route("/danh-ba/nhap/{id}", Verb::Get, EDIT, || get(contacts_import::show)),
    route("/danh-ba/nhap/{id}/cot", Verb::Post, EDIT, || post(contacts_import::columns)),
    route("/danh-ba/nhap/{id}/o", Verb::Post, EDIT, || post(contacts_import::mend)).up_to(CELLS),
    route("/danh-ba/nhap/{id}/ghi", Verb::Post, EDIT, || post(contacts_import::write)),
    route("/danh-ba/nhap/{id}/hoan-tac", Verb::Post, EDIT, || post(contacts_import::undo)),
    route("/danh-ba/nhap/{id}/bo", Verb::Post, EDIT, || post(contacts_import::discard)),
    route("/danh-ba/nhap/{id}/danh-dau.xlsx", Verb::Get, EDIT, || get(contacts_files::marked)),
    route("/doi-chieu", Verb::Get, LOOK, || get(names::list)),
    route("/doi-chieu", Verb::Post, EDIT, || post(names::decide)),
    route("/doi-chieu/bo", Verb::Post, EDIT, || post(names::take_back)),
    route("/hop-thu-thu", Verb::Get, LOOK, || get(mailbox::list)),
    route("/hop-thu-thu/{id}", Verb::Get, LOOK, || get(mail::show)),
    route("/hop-thu-thu/{id}/html", Verb::Get, LOOK, || get(mail::html)),
    route("/hop-thu-thu/{id}/eml", Verb::Get, LOOK, || get(mail::eml)),
    route("/dang-nhap", Verb::Get, Access::Open, || get(sign_in::page)),
    route("/dang-nhap", Verb::Post, Access::Open, || post(sign_in::sign_in)),
    route("/dang-xuat", Verb::Post, OWN, || post(sign_in::sign_out)),
    route("/ngon-ngu", Verb::Post, Access::Open, || post(sign_in::tongue)),
    route("/thiet-lap", Verb::Get, Access::Open, || get(setup::page)),
    route("/thiet-lap", Verb::Post, Access::Open, || post(setup::set_up)),
    route("/tai-khoan", Verb::Get, OWN, || get(own_account::page)),
    route("/tai-khoan/mat-khau", Verb::Post, OWN, || post(own_account::password)),
    route("/tai-khoan/phien", Verb::Post, OWN, || post(own_account::end_sessions)),
    route("/tai-khoan/buoc-hai", Verb::Get, OWN, || get(factor::page)),
    route("/tai-khoan/buoc-hai", Verb::Post, OWN, || post(factor::switch_on)),
    route("/tai-khoan/buoc-hai/tat", Verb::Post, OWN, || post(factor::switch_off)),
    route("/nguoi-dung", Verb::Get, PEOPLE, || get(accounts::list)),
    route("/nguoi-dung", Verb::Post, PEOPLE, || post(accounts::add)),
    route("/nguoi-dung/{id}", Verb::Get, PEOPLE, || get(accounts::show)),
    route("/nguoi-dung/{id}", Verb::Post, PEOPLE, || post(accounts::change)),
    route("/nguoi-dung/{id}/khoa", Verb::Post, PEOPLE, || post(accounts::disable)),
    route("/nguoi-dung/{id}/mo-khoa", Verb::Post, PEOPLE, || post(accounts::enable)),
    route("/nguoi-dung/{id}/mat-khau", Verb::Post, PEOPLE, || post(accounts::give_password)),
    route("/nguoi-dung/{id}/buoc-hai/tat", Verb::Post, PEOPLE, || post(accounts::factor_off)),
    route("/nhat-ky", Verb::Get, AUDIT, || get(audit::list)),
    route("/nhat-ky/tep", Verb::Post, AUDIT, || post(audit::export)),
    route("/ma-truy-cap", Verb::Get, TOKENS, || get(tokens::list)),
    route("/ma-truy-cap", Verb::Post, TOKENS, || post(tokens::add)),
    route("/ma-truy-cap/{id}/thu-hoi", Verb::Post, TOKENS, || post(tokens::revoke)),
    route("/api/v1/me", Verb::Get, Access::Token(Action::Look), || get(program::me)),
    route("/healthz", Verb::Get, Access::Public, || get(health::alive)),
    route("/readyz", Verb::Get, Access::Public, || get(health::ready)),
    route("/metrics", Verb::Get, Access::Public, || get(metrics::metrics)),
    route("/schedule.ics", Verb::Get, Access::Public, || get(schedule::feed)),
    route("/static/dondoc.css", Verb::Get, Access::Public, || get(style)),
    route("/static/dondoc.svg", Verb::Get, Access::Public, || get(icon)),
    route("/static/dondoc.js", Verb::Get, Access::Public, || get(script)),
    route("/static/htmx.js", Verb::Get, Access::Public, || get(htmx)),
    route("/callback/{channel}", Verb::Any, Access::Public, || any(callback::bare).layer(SMALL)),
    route("/callback/{channel}/{*rest}", Verb::Any, Access::Public, || any(callback::further).layer(SMALL)),
    route("/r", Verb::Any, Access::Public, || any(reply::link)),
    route("/r/", Verb::Any, Access::Public, || any(reply::link)),
    route("/r/{*token}", Verb::Any, Access::Public, || any(reply::link)),
];

const SMALL: DefaultBodyLimit = DefaultBodyLimit::max(callback::LARGEST);

/// The router of the table; each route behind the gate that its row asks for.
pub(super) fn router(site: &Site) -> Router<Site> {
    ROUTES.iter().fold(Router::new(), |router, route| {
        let page = (route.page)();
        let page = match route.access {
            Access::Public => page,
            access => {
                let before = Gate { site: site.clone(), access, forms: route.forms };
                page.route_layer(from_fn_with_state(before, gate))
            }
        };
        router.route(route.path, page)
    })
}

/// The pages ask for style and scripts by their version, so a browser may keep them: after an upgrade it asks for others.
const KEPT: &str = "public, max-age=31536000, immutable";

async fn style() -> impl IntoResponse {
    asset("text/css; charset=utf-8", KEPT, STYLE)
}

async fn script() -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", KEPT, SCRIPT)
}

async fn htmx() -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", KEPT, HTMX)
}

async fn icon() -> impl IntoResponse {
    asset("image/svg+xml", "public, max-age=300", ICON)
}

fn asset(kind: &'static str, kept: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], text)
}
