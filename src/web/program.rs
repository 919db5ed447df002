//! What programs are told of themselves.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::Site;
use super::gate::as_json;
use super::page::Failure;
use super::session::{Visitor, Who};
use crate::catalog;

/// Whose token it is: its name, role and scope.
pub(super) async fn me(State(site): State<Site>, visitor: Visitor) -> Response {
    let answer = async {
        let Who::Program(token) = &visitor.who else { return Err(Failure::NotFound) };
        let unit = match &token.scope {
            Some(unit) => catalog::unit_named(&site.db, unit).await?.map(|(code, _)| code),
            None => None,
        };
        let body = json!({"token": token.id, "name": token.name, "role": token.role.word(), "unit_code": unit});
        Ok(as_json(StatusCode::OK, &body))
    };
    site.answer(answer.await)
}
