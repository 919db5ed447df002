//! Contacts from a file, as the pages take them: a file is brought, waits with what its rows would change, is mended, and is
//! written in one go; within a day that can be taken back. Whoever brought a file sees it; others only with a token for the
//! whole province.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Asked, Named, Nothing, Sent};
use super::description::{Refused, Unfit};
use super::template_deeds::Empty;
use super::wrong::{Trouble, Wrong};
use crate::api::{ImportLine, ImportSums, ImportTold};
use crate::app::directory;
use crate::catalog::contact_sheet::Inside;
use crate::catalog::directory::{Directory, Import, ImportState, Waiting, imports, memory, waiting};
use crate::web::Site;
use crate::web::contacts_import::inside;
use crate::web::session::Visitor;

/// Imports that are listed.
const LISTED: i64 = 20;

/// The imports.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportList {
    /// The newest first.
    imports: Vec<ImportLine>,
}

/// The files that were brought last: what waits, what was written, what was taken back.
#[utoipa::path(get, path = "/api/v1/contacts/imports", tag = "catalog", security(("token" = [])),
    responses((status = 200, body = ImportList), Refused))]
pub(in crate::web) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = async {
        let whole = visitor.units(&site).await?.is_none();
        let (own, now) = (visitor.by().actor, site.clock.now());
        let seen = imports(&site.db, LISTED).await?.into_iter().filter(|import| whole || import.brought_by == own);
        Ok(ImportList { imports: seen.map(|import| ImportLine::of(&import, now)).collect() })
    };
    site.tell(&headers, told.await)
}

/// A file of contacts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Brought {
    /// How the file is called.
    #[schema(max_length = 120)]
    file_name: String,
    /// Its bytes in base64: an Excel or CSV file of 8 MB at most.
    #[schema(format = Byte)]
    content: String,
}

/// Brings a file. Nothing of it is in the directory before it is written; a file that nobody writes is forgotten after a day.
#[utoipa::path(post, path = "/api/v1/contacts/imports", tag = "catalog", request_body = Brought,
    security(("token" = [])), responses((status = 200, body = ImportTold), Refused, Unfit))]
pub(in crate::web) async fn bring(State(site): State<Site>, visitor: Visitor, Sent(sent): Sent<Brought>) -> Response {
    let done = async {
        let bytes = STANDARD.decode(sent.content.trim()).map_err(|error| {
            let hint = "encode the bytes of the file as base64 (RFC 4648, with padding)";
            Wrong::content("api.not_encoded", hint).because(&error.to_string()).at("content")
        })?;
        let app = site.app()?;
        let known = memory(&site.db).await?;
        let (sheet, layout) = directory::read_sheet(&app.program, &bytes, &known).await.map_err(|error| {
            let hint = "send a list of contacts as .xlsx, .xls, .ods or .csv";
            Wrong::content("api.no_sheet", hint).because(&error.to_string()).at("content")
        })?;
        let by = visitor.by();
        let id = directory::bring(&site.db, &sent.file_name, (&sheet, &layout), &by, site.clock.now()).await?;
        told(&site, &visitor, &own(&site, &visitor, &id).await?).await
    };
    site.done(done.await)
}

/// A file that waits: its columns, the cells that are wrong, and what its good rows would change. Addresses of the directory
/// are masked; what is said about a cell repeats what stands in the file.
#[utoipa::path(get, path = "/api/v1/contacts/imports/{id}", tag = "catalog", security(("token" = [])),
    params(("id" = String, Path, description = "Id of the import")),
    responses((status = 200, body = ImportTold), Refused))]
pub(in crate::web) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Named(id): Named,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = async { told(&site, &visitor, &own(&site, &visitor, &id).await?).await };
    site.tell(&headers, told.await)
}

/// The file that waits under this id, if the token may see it.
pub(super) async fn own(site: &Site, visitor: &Visitor, id: &str) -> Result<Waiting, Trouble> {
    let missing = || Wrong::missing("`/api/v1/contacts/imports` lists the ids; a file waits for a day");
    let found = waiting(&site.db, id).await?.ok_or_else(missing)?;
    let seen = visitor.units(site).await?.is_none() || found.brought_by == visitor.by().actor;
    if seen { Ok(found) } else { Err(missing().into()) }
}

pub(super) async fn told(site: &Site, visitor: &Visitor, waiting: &Waiting) -> Result<ImportTold, Trouble> {
    let codes = visitor.units(site).await?;
    let directory = Directory::load(&site.db).await?;
    let sheet = (&waiting.sheet, &waiting.layout);
    let looked = directory::look(&directory, sheet, &inside(codes.as_ref()), waiting.whole, site.clock.now());
    Ok(ImportTold::of(&directory, waiting, &looked))
}

/// Writes a file that waits, if it would change just that: the `sums` of the file as it was looked at. Sent again it is
/// written already (`changed` is false).
#[utoipa::path(post, path = "/api/v1/contacts/imports/{id}/write", tag = "catalog", request_body = ImportSums,
    params(("id" = String, Path, description = "Id of the import")),
    security(("token" = [])), responses((status = 200, body = Written), Refused, Unfit))]
pub(in crate::web) async fn write(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(sent): Sent<ImportSums>,
) -> Response {
    let done = async {
        if let Ok(known) = listed(&site, &visitor, &id).await
            && known.state == ImportState::Written
        {
            return Ok(Written {
                changed: false,
                sums: known.sums.into(),
                import: ImportLine::of(&known, site.clock.now()),
            });
        }
        let waiting = own(&site, &visitor, &id).await?;
        let (codes, by) = (visitor.units(&site).await?, visitor.by());
        let may = inside(codes.as_ref());
        let asked: (Inside<'_>, _) = (&may, Some(sent.into()));
        let sums = directory::write_import(&site.db, &waiting, asked, &by, site.clock.now()).await?;
        let known = listed(&site, &visitor, &id).await?;
        Ok(Written { changed: true, sums: sums.into(), import: ImportLine::of(&known, site.clock.now()) })
    };
    site.done(done.await)
}

/// What was written, or taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Written {
    /// Whether anything was done: false when it was so already.
    changed: bool,
    /// Offices that were added, changed and ended.
    sums: ImportSums,
    /// The import as it is now.
    import: ImportLine,
}

/// Takes a written file back, within a day and unless its offices were changed since. Sent again it was taken back already
/// (`changed` is false).
#[utoipa::path(post, path = "/api/v1/contacts/imports/{id}/undo", tag = "catalog", request_body = Empty,
    params(("id" = String, Path, description = "Id of the import")),
    security(("token" = [])), responses((status = 200, body = Written), Refused, Unfit))]
pub(in crate::web) async fn undo(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(Empty {}): Sent<Empty>,
) -> Response {
    let done = async {
        let known = listed(&site, &visitor, &id).await?;
        let changed = known.state != ImportState::Undone;
        if changed {
            directory::take_back(&site.db, &id, &visitor.by(), site.clock.now()).await?;
        }
        let known = listed(&site, &visitor, &id).await?;
        Ok(Written { changed, sums: known.sums.into(), import: ImportLine::of(&known, site.clock.now()) })
    };
    site.done(done.await)
}

/// The import with this id, if the token may see it.
async fn listed(site: &Site, visitor: &Visitor, id: &str) -> Result<Import, Trouble> {
    let found = imports(&site.db, i64::MAX).await?.into_iter().find(|import| import.id == id);
    let whole = visitor.units(site).await?.is_none();
    let found = found.filter(|import| whole || import.brought_by == visitor.by().actor);
    Ok(found.ok_or_else(|| Wrong::missing("`/api/v1/contacts/imports` lists the ids"))?)
}

/// What was given up.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GivenUp {
    /// Id of the import.
    id: String,
}

/// Gives a file up that waits. Sent again there is none (404).
#[utoipa::path(post, path = "/api/v1/contacts/imports/{id}/discard", tag = "catalog", request_body = Empty,
    params(("id" = String, Path, description = "Id of the import")),
    security(("token" = [])), responses((status = 200, body = GivenUp), Refused, Unfit))]
pub(in crate::web) async fn discard(
    State(site): State<Site>,
    visitor: Visitor,
    Named(id): Named,
    Sent(Empty {}): Sent<Empty>,
) -> Response {
    let done = async {
        let waiting = own(&site, &visitor, &id).await?;
        directory::discard(&site.db, &waiting.id).await?;
        Ok(GivenUp { id: waiting.id })
    };
    site.done(done.await)
}
