//! What programs are told of themselves.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::asked::{Asked, Nothing};
use super::description::Refused;
use super::wrong::Wrong;
use crate::catalog;
use crate::web::Site;
use crate::web::session::Visitor;

/// A token.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Me {
    /// Its id; not the token itself.
    token: String,
    /// What it is for.
    name: String,
    /// `view`, `edit`, `approve` or `admin`.
    role: &'static str,
    /// Official code of the unit that it is confined to; null: the whole province.
    unit_code: Option<String>,
}

/// Whose token it is: its name, role and scope.
#[utoipa::path(get, path = "/api/v1/me", tag = "program", security(("token" = [])),
    responses((status = 200, body = Me), Refused))]
pub(in crate::web) async fn show(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(Nothing {}): Asked<Nothing>,
) -> Response {
    let told = async {
        let token = visitor.token().ok_or_else(Wrong::unauthorized)?;
        let unit_code = match &token.scope {
            Some(unit) => catalog::unit_named(&site.db, unit).await?.map(|(code, _)| code),
            None => None,
        };
        Ok(Me { token: token.id.clone(), name: token.name.clone(), role: token.role.word(), unit_code })
    };
    site.tell(&headers, told.await)
}
