//! Why a program does not get what it asks for.

use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was not answered as it was meant. `error` is for programs, `message` and `hint` are for whoever reads its
/// log, `message_vi` is for a person in front of a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// A stable name: `not_found`, `unknown_field`, `conflict` …
    #[schema(example = "not_found")]
    pub error: &'static str,
    /// What is wrong, in English.
    pub message: String,
    /// The same in Vietnamese.
    pub message_vi: String,
    /// What to do about it.
    pub hint: String,
    /// Which field, parameter or place it is about.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}
