//! A unit as a line of a list.

use serde::Serialize;
use utoipa::ToSchema;

use super::figures::{Figure, Figures};
use crate::catalog::Listed;

/// A unit with its figures in the newest round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitLine {
    /// Official code.
    pub code: String,
    /// Name.
    pub name: String,
    /// `so`, `ban`, `xa`, `phuong` …
    pub kind: &'static str,
    /// Whether it is below at least one target.
    pub below: bool,
    /// By indicator; empty when the round did not judge it.
    #[schema(value_type = HashMap<String, Figure>)]
    pub indicators: Figures,
}

impl UnitLine {
    /// Of a unit with these figures.
    pub fn of(unit: &Listed, indicators: Figures) -> Self {
        Self {
            code: unit.code.clone(),
            name: unit.name.clone(),
            kind: unit.kind.word(),
            below: indicators.0.iter().any(|(_, figure)| figure.standing == "below"),
            indicators,
        }
    }
}
