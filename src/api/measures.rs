//! What is measured and what is demanded.

use serde::Serialize;
use utoipa::ToSchema;

use crate::catalog::{Basis, Cause, Indicator, Measure, Target};

/// An indicator in one of its definitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IndicatorLine {
    /// Its name in figures and files.
    #[schema(example = "online_filing")]
    pub id: String,
    /// Which definition of it; empty where there is only one.
    pub definition: String,
    /// Vietnamese name as the targets say it.
    pub name: String,
    /// Short Vietnamese name.
    pub short_name: String,
    /// `flow`, `backlog` or `coverage`.
    pub kind: &'static str,
    /// The count on top.
    pub numerator: String,
    /// Counts that are added on top.
    pub also: Vec<String>,
    /// The count below.
    pub denominator: String,
    /// Which months it counts: `cumulative` or `month`.
    pub window: &'static str,
    /// Which day counts: `received` or `resolved`.
    pub basis: Option<&'static str>,
    /// Below this denominator a unit is not assessed.
    pub minimum_volume: u64,
    /// What is counted, in Vietnamese.
    pub counted: String,
    /// Why a figure can be low, and what to do.
    pub causes: Vec<CauseText>,
}

/// Why a figure is low and what has to be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CauseText {
    /// Its name.
    pub id: String,
    /// One sentence: the cause.
    pub text: String,
    /// One sentence: the required action.
    pub action: String,
    /// Who is responsible for it.
    pub role: String,
}

impl From<&Cause> for CauseText {
    fn from(cause: &Cause) -> Self {
        let Cause { id, text, action, role, .. } = cause.clone();
        Self { id, text, action, role }
    }
}

impl From<&Indicator> for IndicatorLine {
    fn from(indicator: &Indicator) -> Self {
        let measure = |measure: &Measure| measure.as_str().to_owned();
        let definition = &indicator.definition;
        Self {
            id: indicator.id.to_string(),
            definition: definition.version.clone(),
            name: indicator.name.clone(),
            short_name: indicator.short_name.clone(),
            kind: indicator.kind.word(),
            numerator: measure(&indicator.numerator),
            also: definition.also.iter().map(measure).collect(),
            denominator: measure(&indicator.denominator),
            window: definition.window.word(),
            basis: definition.basis.map(Basis::word),
            minimum_volume: indicator.minimum_volume,
            counted: indicator.counted.clone(),
            causes: indicator.causes.iter().map(CauseText::from).collect(),
        }
    }
}

/// What is demanded of whom, from when to when, by which act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TargetLine {
    /// Its name.
    pub id: String,
    /// The indicator it is about.
    pub indicator: String,
    /// The definition that it applies to; empty where there is only one.
    pub definition: String,
    /// How the act names the figure.
    pub name: String,
    /// `target` or `instruction`.
    pub demand: &'static str,
    /// Whom it binds: `all`, `level:commune`, `kind:xa`, `unit:07201`.
    pub scope: String,
    /// `>=` or `>`.
    pub comparator: &'static str,
    /// Percent.
    #[schema(example = "50")]
    pub value: String,
    /// First month of the year in which it is judged.
    pub from_month: u32,
    /// Whether each month demands its twelfth of the year's value.
    pub pro_rated: bool,
    /// First day; null: since always.
    #[schema(format = Date)]
    pub valid_from: Option<String>,
    /// Last day; null: until further notice.
    #[schema(format = Date)]
    pub valid_to: Option<String>,
    /// Kind and number of the act.
    pub act: String,
    /// Its date, where it is known.
    #[schema(format = Date)]
    pub act_date: Option<String>,
    /// Who issued it.
    pub issuer: String,
}

impl From<&Target> for TargetLine {
    fn from(target: &Target) -> Self {
        let day = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string());
        Self {
            id: target.id.as_str().to_owned(),
            indicator: target.indicator.to_string(),
            definition: target.version.clone(),
            name: target.name.clone(),
            demand: target.demand.word(),
            scope: target.scope.to_string(),
            comparator: target.comparator.word(),
            value: target.value.to_string(),
            from_month: target.from_month,
            pro_rated: target.pro_rated,
            valid_from: day(target.valid.from),
            valid_to: day(target.valid.to),
            act: target.basis.number.clone(),
            act_date: day(target.basis.date),
            issuer: target.basis.issuer.clone(),
        }
    }
}
