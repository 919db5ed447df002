//! What the API says of itself: an `OpenAPI` document, made of what stands at each function.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, Object, OpenApi, Ref, RefOr, Response as Described, ResponseBuilder, Type};
use utoipa::{IntoResponses, Modify, OpenApi as _};

use super::{
    answers, approval, audit, channels, contacts, deeds, feed, health, import_mending, imports, letters, me, measures,
    names, offices, outbox, outbox_deeds, plan, province, reforms, rounds, target_deeds, template_deeds, templates,
    unit, units,
};
use crate::api;
use crate::web::{Site, push};

/// Refusals that every address may answer with.
pub(super) struct Refused;

/// Refusals of those that change something.
pub(super) struct Unfit;

fn refusal(words: &str) -> RefOr<Described> {
    let content = Content::new(Some(Ref::from_schema_name("Refusal")));
    RefOr::T(ResponseBuilder::new().description(words).content("application/json", content).build())
}

pub(in crate::web) fn refusals(list: &[(&str, &str)]) -> BTreeMap<String, RefOr<Described>> {
    list.iter().map(|(status, words)| ((*status).to_owned(), refusal(words))).collect()
}

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        refusals(&[
            ("400", "A parameter or the body cannot be read; `where` names it"),
            ("401", "The token is missing or wrong"),
            ("403", "The token's role is not good for it, or it concerns more than the token's unit"),
            ("404", "There is nothing under this name, or the token does not see it"),
            ("500", "Something is broken here; the hint names the place in the log"),
            ("503", "It took too long"),
        ])
    }
}

impl IntoResponses for Unfit {
    fn responses() -> BTreeMap<String, RefOr<Described>> {
        refusals(&[
            ("408", "The body did not come in time"),
            ("409", "Something else is there by now; nothing was changed"),
            ("413", "The body is too large"),
            ("415", "The body is not JSON"),
            ("422", "The body has a field that is not known, lacks one, or has a value that cannot be used"),
        ])
    }
}

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut OpenApi) {
        let words = "A token of `dondoc token add` or of the page `/ma-truy-cap`";
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(words)).build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        let words = "The token of a source: `token_file` of its `[source.push]`";
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(words)).build();
        components.add_security_scheme("source", SecurityScheme::Http(scheme));
    }
}

/// What is the same everywhere, and said once.
struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, openapi: &mut OpenApi) {
        for (path, item) in &mut openapi.paths.paths {
            if let Some(read) = &mut item.get {
                name(read, "get", path);
                kept(read);
            }
            if let Some(change) = &mut item.post {
                name(change, "post", path);
            }
        }
    }
}

/// `get_units_code`.
fn name(operation: &mut Operation, verb: &str, path: &str) {
    let parts = path.trim_start_matches("/api/v1/").split(['/', '.']).map(|part| part.trim_matches(['{', '}']));
    operation.operation_id = Some(std::iter::once(verb).chain(parts).collect::<Vec<_>>().join("_"));
    if let Some(RefOr::T(answer)) = operation.responses.responses.get_mut("200")
        && answer.description.is_empty()
    {
        "The answer".clone_into(&mut answer.description);
    }
}

/// Reads are under a tag.
fn kept(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    if let Some(RefOr::T(answer)) = responses.get_mut("200") {
        let words = "Send it back as `If-None-Match`";
        let tag = HeaderBuilder::new().schema(Some(Object::with_type(Type::String))).description(Some(words));
        answer.headers.insert("ETag".to_owned(), RefOr::T(tag.build()));
    }
    let same = ResponseBuilder::new().description("Nothing changed since the answer with the `ETag` that was sent");
    responses.insert("304".to_owned(), RefOr::T(same.build()));
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "dondoc",
        version = "1",
        description = "Figures of public services beside their targets, the messages about them, and what people do to both.",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(
        me::show,
        health::show,
        province::show,
        units::list,
        unit::show,
        rounds::list,
        rounds::show,
        rounds::release,
        feed::feed,
        push::figures,
        outbox::list,
        outbox::show,
        outbox_deeds::retry,
        outbox_deeds::hold,
        outbox_deeds::let_go,
        outbox_deeds::cancel,
        outbox_deeds::resolve,
        deeds::list,
        deeds::bulk,
        deeds::undo,
        approval::show,
        approval::approve,
        approval::refuse,
        approval::pause,
        approval::resume,
        channels::test,
        answers::list,
        answers::close,
        answers::reopen,
        templates::list,
        templates::show,
        template_deeds::draft,
        template_deeds::check,
        template_deeds::publish,
        template_deeds::restore,
        template_deeds::discard,
        letters::preview,
        letters::test,
        contacts::list,
        offices::appoint,
        offices::end,
        imports::list,
        imports::bring,
        imports::show,
        import_mending::columns,
        import_mending::cells,
        imports::write,
        imports::undo,
        imports::discard,
        measures::indicators,
        measures::targets,
        target_deeds::add,
        target_deeds::end,
        target_deeds::take_back,
        reforms::list,
        reforms::record,
        reforms::undo,
        plan::list,
        names::list,
        names::resolve,
        names::unresolve,
        audit::list,
        described,
    ),
    components(schemas(api::Refusal)),
    modifiers(&Bearer, &Everywhere),
    tags(
        (name = "figures", description = "Where the province and its units stand"),
        (name = "messages", description = "The outbox, the second person's word, the pause"),
        (name = "templates", description = "The words of the messages"),
        (name = "catalog", description = "Who exists, what is measured, what is demanded, what comes next"),
        (name = "program", description = "The program and the token")
    )
)]
struct Document;

static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(Document::openapi);

/// This description. Needs no token.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "program",
    responses((status = 200, description = "An OpenAPI document", body = Object)))]
pub(in crate::web) async fn described(State(site): State<Site>, headers: HeaderMap) -> Response {
    site.tell(&headers, Ok(&*DOCUMENT))
}
