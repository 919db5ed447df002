//! Every route, in one table: path, method, and who may. The router is built of it, and a test walks it with every role
//! and method.
//!
//! One more address stands beside it, because a file on its way takes longer than any page: figures that programs push,
//! with a token of their source (`push`).

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, any, get, post};

use super::form::Limits;
use super::gate::{Gate, gate};
use super::{
    Site, accounts, answers, api, approval, asset, audit, calendar, callback, channel_test, contacts, contacts_files,
    contacts_import, contacts_unit, editor, factor, find, health, heat_file, held, help, live, mail, mailbox, metrics,
    names, oidc, outbox, outbox_deeds, outbox_files, outbox_one, overview, own_account, pause, reform, reminding,
    reply, schedule, settings, setup, sign_in, targets, tokens, unit, wall, wizard,
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
    /// Anybody, signed in or not; forms must come from the page itself.
    Open,
    /// Anybody who wants to sign in; forms as above. A demonstration has no accounts, and no door.
    Door,
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
const OWN: Access = Access::Person(Action::KeepOwnAccount);
const EDIT: Access = Access::Person(Action::Edit);
const APPROVE: Access = Access::Person(Action::Approve);
const PEOPLE: Access = Access::Person(Action::ManagePeople);
const AUDIT: Access = Access::Person(Action::ReadAudit);
const CONFIGURE: Access = Access::Person(Action::Configure);
const TOKENS: Access = Access::Person(Action::ManageTokens);
const SEES: Access = Access::Token(Action::Look);
const EDITS: Access = Access::Token(Action::Edit);
const APPROVES: Access = Access::Token(Action::Approve);
const READS_AUDIT: Access = Access::Token(Action::ReadAudit);

/// Bytes of a file of contacts, with a little around it.
const CONTACTS: usize = (8 << 20) + 4_096;
/// Bytes of the cells that are mended at once.
const CELLS: usize = 256 * 1024;

/// All of them.
pub const ROUTES: &[Route] = &[
    route("/", Verb::Get, LOOK, || get(overview::overview)),
    route("/ban-do.xlsx", Verb::Get, LOOK, || get(heat_file::workbook)),
    route("/ban-do.csv", Verb::Get, LOOK, || get(heat_file::text)),
    route("/ban-do/in", Verb::Get, LOOK, || get(heat_file::print)),
    route("/tien-do-gui", Verb::Get, LOOK, || get(live::show)),
    route("/sau-khi-nhac", Verb::Get, LOOK, || get(reminding::show)),
    route("/man-hinh", Verb::Get, LOOK, || get(wall::show)),
    route("/don-vi/{code}", Verb::Get, LOOK, || get(unit::show)),
    route("/tra-loi", Verb::Get, LOOK, || get(answers::show)),
    route("/tra-loi", Verb::Post, EDIT, || post(answers::change)),
    route("/tim", Verb::Get, LOOK, || get(find::find)),
    route("/tro-giup", Verb::Get, LOOK, || get(help::show)),
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
    route("/danh-ba/sap-nhap", Verb::Get, EDIT, || get(reform::show)),
    route("/danh-ba/sap-nhap", Verb::Post, EDIT, || post(reform::record)),
    route("/danh-ba/sap-nhap/{id}/hoan-tac", Verb::Post, EDIT, || post(reform::undo)),
    route("/doi-chieu", Verb::Get, LOOK, || get(names::list)),
    route("/doi-chieu", Verb::Post, EDIT, || post(names::decide)),
    route("/doi-chieu/bo", Verb::Post, EDIT, || post(names::take_back)),
    route("/hop-thu-thu", Verb::Get, LOOK, || get(mailbox::list)),
    route("/hop-thu-thu/{id}", Verb::Get, LOOK, || get(mail::show)),
    route("/hop-thu-thu/{id}/html", Verb::Get, LOOK, || get(mail::html)),
    route("/hop-thu-thu/{id}/eml", Verb::Get, LOOK, || get(mail::eml)),
    route("/hop-thu-di", Verb::Get, LOOK, || get(outbox::list)),
    route("/hop-thu-di/viec", Verb::Post, APPROVE, || post(outbox_deeds::deed)).up_to(256 * 1024),
    route("/hop-thu-di/hoan-tac", Verb::Post, APPROVE, || post(outbox_deeds::undo)),
    route("/hop-thu-di/{id}", Verb::Get, LOOK, || get(outbox_one::show)),
    route("/hop-thu-di/{id}/html", Verb::Get, LOOK, || get(outbox_one::html)),
    route("/hop-thu-di/{id}/eml", Verb::Post, APPROVE, || post(outbox_files::eml)),
    route("/hop-thu-di/{id}/json", Verb::Post, APPROVE, || post(outbox_files::json)),
    route("/hop-thu-di/{id}/ket-qua", Verb::Post, APPROVE, || post(outbox_one::resolve)),
    route("/duyet", Verb::Get, LOOK, || get(approval::show)),
    route("/duyet", Verb::Post, APPROVE, || post(approval::decide)),
    route("/dot-giu", Verb::Get, LOOK, || get(held::show)),
    route("/dot-giu", Verb::Post, APPROVE, || post(held::release)),
    route("/tam-dung", Verb::Get, APPROVE, || get(pause::ask)),
    route("/tam-dung", Verb::Post, APPROVE, || post(pause::switch)),
    route("/lich-gui", Verb::Get, LOOK, || get(calendar::show)),
    route("/chi-tieu", Verb::Get, LOOK, || get(targets::show)),
    route("/chi-tieu", Verb::Post, EDIT, || post(targets::add)),
    route("/chi-tieu/{id}/ket-thuc", Verb::Post, EDIT, || post(targets::end)),
    route("/chi-tieu/{id}/hoan-tac", Verb::Post, EDIT, || post(targets::take_back)),
    route("/cai-dat", Verb::Get, LOOK, || get(settings::show)),
    route("/cai-dat/kenh", Verb::Post, APPROVE, || post(channel_test::test)),
    route("/mau-tin", Verb::Get, LOOK, || get(editor::list)),
    route("/mau-tin/{name}", Verb::Get, LOOK, || get(editor::show)),
    route("/mau-tin/{name}", Verb::Post, EDIT, || post(editor::save)).with_files(editor::LARGEST_FORM),
    route("/mau-tin/{name}/tu-luu", Verb::Post, EDIT, || post(editor::keep)).with_files(editor::LARGEST_FORM),
    route("/mau-tin/{name}/kiem-tra", Verb::Get, LOOK, || get(editor::check_page)),
    route("/mau-tin/{name}/kiem-tra", Verb::Post, EDIT, || post(editor::start_check)),
    route("/mau-tin/{name}/ap-dung", Verb::Get, EDIT, || get(editor::confirm)),
    route("/mau-tin/{name}/ap-dung", Verb::Post, EDIT, || post(editor::publish)),
    route("/mau-tin/{name}/bo", Verb::Post, EDIT, || post(editor::discard)),
    route("/mau-tin/{name}/lay-lai", Verb::Post, EDIT, || post(editor::take_back)),
    route("/mau-tin/{name}/lich-su", Verb::Get, LOOK, || get(editor::versions)),
    route("/dang-nhap", Verb::Get, Access::Door, || get(sign_in::page)),
    route("/dang-nhap", Verb::Post, Access::Door, || post(sign_in::sign_in)),
    route("/dang-nhap/oidc", Verb::Get, Access::Door, || get(oidc::start)),
    route("/dang-nhap/oidc/xong", Verb::Get, Access::Door, || get(oidc::finish)),
    route("/dang-xuat", Verb::Post, OWN, || post(sign_in::sign_out)),
    route("/ngon-ngu", Verb::Post, Access::Open, || post(sign_in::tongue)),
    route("/thiet-lap", Verb::Get, Access::Door, || get(setup::page)),
    route("/thiet-lap", Verb::Post, Access::Door, || post(setup::set_up)),
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
    route("/nguoi-dung/{id}/dang-nhap-mot-lan/bo", Verb::Post, PEOPLE, || post(accounts::unbind)),
    route("/bat-dau", Verb::Get, CONFIGURE, || get(wizard::overview)),
    route("/bat-dau/{step}", Verb::Get, CONFIGURE, || get(wizard::show)),
    route("/bat-dau/{step}", Verb::Post, CONFIGURE, || post(wizard::take)).with_files(wizard::LARGEST),
    route("/nhat-ky", Verb::Get, AUDIT, || get(audit::list)),
    route("/nhat-ky/tep", Verb::Post, AUDIT, || post(audit::export)),
    route("/ma-truy-cap", Verb::Get, TOKENS, || get(tokens::list)),
    route("/ma-truy-cap", Verb::Post, TOKENS, || post(tokens::add)),
    route("/ma-truy-cap/{id}/thu-hoi", Verb::Post, TOKENS, || post(tokens::revoke)),
    route("/api/v1/openapi.json", Verb::Get, Access::Public, || get(api::description::described)),
    route("/api/v1/me", Verb::Get, SEES, || get(api::me::show)),
    route("/api/v1/health", Verb::Get, SEES, || get(api::health::show)),
    route("/api/v1/province", Verb::Get, SEES, || get(api::province::show)),
    route("/api/v1/units", Verb::Get, SEES, || get(api::units::list)),
    route("/api/v1/units/{code}", Verb::Get, SEES, || get(api::unit::show)),
    route("/api/v1/rounds", Verb::Get, SEES, || get(api::rounds::list)),
    route("/api/v1/rounds/{id}", Verb::Get, SEES, || get(api::rounds::show)),
    route("/api/v1/rounds/{id}/release", Verb::Post, APPROVES, || post(api::rounds::release)),
    route("/api/v1/feed", Verb::Get, SEES, || get(api::feed::feed)),
    route("/api/v1/outbox", Verb::Get, SEES, || get(api::outbox::list)),
    route("/api/v1/outbox/{id}", Verb::Get, SEES, || get(api::outbox::show)),
    route("/api/v1/outbox/{id}/retry", Verb::Post, APPROVES, || post(api::outbox_deeds::retry)),
    route("/api/v1/outbox/{id}/hold", Verb::Post, APPROVES, || post(api::outbox_deeds::hold)),
    route("/api/v1/outbox/{id}/let_go", Verb::Post, APPROVES, || post(api::outbox_deeds::let_go)),
    route("/api/v1/outbox/{id}/cancel", Verb::Post, APPROVES, || post(api::outbox_deeds::cancel)),
    route("/api/v1/outbox/{id}/resolve", Verb::Post, APPROVES, || post(api::outbox_deeds::resolve)),
    route("/api/v1/deeds", Verb::Get, APPROVES, || get(api::deeds::list)),
    route("/api/v1/deeds", Verb::Post, APPROVES, || post(api::deeds::bulk)).up_to(api::LARGEST_LIST),
    route("/api/v1/deeds/{id}/undo", Verb::Post, APPROVES, || post(api::deeds::undo)),
    route("/api/v1/approval", Verb::Get, SEES, || get(api::approval::show)),
    route("/api/v1/approval", Verb::Post, APPROVES, || post(api::approval::approve)),
    route("/api/v1/approval/refuse", Verb::Post, APPROVES, || post(api::approval::refuse)),
    route("/api/v1/pause", Verb::Post, APPROVES, || post(api::approval::pause)),
    route("/api/v1/resume", Verb::Post, APPROVES, || post(api::approval::resume)),
    route("/api/v1/channels/{name}/test", Verb::Post, APPROVES, || post(api::channels::test)),
    route("/api/v1/templates", Verb::Get, SEES, || get(api::templates::list)),
    route("/api/v1/templates/{name}", Verb::Get, SEES, || get(api::templates::show)),
    route("/api/v1/templates/{name}/draft", Verb::Post, EDITS, || post(api::template_deeds::draft))
        .up_to(api::LARGEST_TEMPLATE),
    route("/api/v1/templates/{name}/check", Verb::Post, EDITS, || post(api::template_deeds::check)),
    route("/api/v1/templates/{name}/publish", Verb::Post, EDITS, || post(api::template_deeds::publish)),
    route("/api/v1/templates/{name}/restore", Verb::Post, EDITS, || post(api::template_deeds::restore)),
    route("/api/v1/templates/{name}/discard", Verb::Post, EDITS, || post(api::template_deeds::discard)),
    route("/api/v1/templates/{name}/preview", Verb::Post, EDITS, || post(api::letters::preview))
        .up_to(api::LARGEST_TEMPLATE),
    route("/api/v1/templates/{name}/test", Verb::Post, EDITS, || post(api::letters::test)).up_to(api::LARGEST_TEMPLATE),
    route("/api/v1/contacts", Verb::Get, EDITS, || get(api::contacts::list)),
    route("/api/v1/contacts/appoint", Verb::Post, EDITS, || post(api::offices::appoint)),
    route("/api/v1/contacts/end", Verb::Post, EDITS, || post(api::offices::end)),
    route("/api/v1/contacts/imports", Verb::Get, EDITS, || get(api::imports::list)),
    route("/api/v1/contacts/imports", Verb::Post, EDITS, || post(api::imports::bring)).up_to(api::LARGEST_FILE),
    route("/api/v1/contacts/imports/{id}", Verb::Get, EDITS, || get(api::imports::show)),
    route("/api/v1/contacts/imports/{id}/columns", Verb::Post, EDITS, || post(api::import_mending::columns)),
    route("/api/v1/contacts/imports/{id}/cells", Verb::Post, EDITS, || post(api::import_mending::cells))
        .up_to(api::LARGEST_LIST),
    route("/api/v1/contacts/imports/{id}/write", Verb::Post, EDITS, || post(api::imports::write)),
    route("/api/v1/contacts/imports/{id}/undo", Verb::Post, EDITS, || post(api::imports::undo)),
    route("/api/v1/contacts/imports/{id}/discard", Verb::Post, EDITS, || post(api::imports::discard)),
    route("/api/v1/indicators", Verb::Get, SEES, || get(api::measures::indicators)),
    route("/api/v1/targets", Verb::Get, SEES, || get(api::measures::targets)),
    route("/api/v1/targets", Verb::Post, EDITS, || post(api::target_deeds::add)),
    route("/api/v1/targets/{id}/end", Verb::Post, EDITS, || post(api::target_deeds::end)),
    route("/api/v1/targets/{id}/take_back", Verb::Post, EDITS, || post(api::target_deeds::take_back)),
    route("/api/v1/reforms", Verb::Get, SEES, || get(api::reforms::list)),
    route("/api/v1/reforms", Verb::Post, EDITS, || post(api::reforms::record)),
    route("/api/v1/reforms/{id}/undo", Verb::Post, EDITS, || post(api::reforms::undo)),
    route("/api/v1/schedule", Verb::Get, SEES, || get(api::plan::list)),
    route("/api/v1/answers", Verb::Get, SEES, || get(api::answers::list)),
    route("/api/v1/answers/{id}/close", Verb::Post, EDITS, || post(api::answers::close)),
    route("/api/v1/answers/{id}/reopen", Verb::Post, EDITS, || post(api::answers::reopen)),
    route("/api/v1/unresolved", Verb::Get, SEES, || get(api::names::list)),
    route("/api/v1/unresolved/resolve", Verb::Post, EDITS, || post(api::names::resolve)),
    route("/api/v1/unresolved/unresolve", Verb::Post, EDITS, || post(api::names::unresolve)),
    route("/api/v1/audit", Verb::Get, READS_AUDIT, || get(api::audit::list)),
    route("/healthz", Verb::Get, Access::Public, || get(health::alive)),
    route("/readyz", Verb::Get, Access::Public, || get(health::ready)),
    route("/metrics", Verb::Get, Access::Public, || get(metrics::metrics)),
    route("/schedule.ics", Verb::Get, Access::Public, || get(schedule::feed)),
    route("/static/dondoc.css", Verb::Get, Access::Public, || get(asset::style)),
    route("/static/dondoc.js", Verb::Get, Access::Public, || get(asset::script)),
    route("/static/htmx.js", Verb::Get, Access::Public, || get(asset::htmx)),
    route("/static/dondoc.svg", Verb::Get, Access::Public, || get(asset::icon)),
    route("/static/be-vietnam-pro/5.3.0/{file}", Verb::Get, Access::Public, || get(asset::font)),
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
