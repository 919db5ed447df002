//! Figures beside their targets.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::evaluation::{Rate, Trend};
use crate::report::{CauseLine, Line, ServiceLine, UnitStandings, decimal};

/// A figure and its judgement. Exact are `numerator` and `denominator`; the percent texts are for reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Figure {
    /// The count on top; null when there is no figure.
    pub numerator: Option<u64>,
    /// The count below, never 0; null when there is no figure.
    pub denominator: Option<u64>,
    /// Percent with two decimals, as shown beside the target: a miss never shows as a hit.
    #[schema(example = "49.11")]
    pub rate: Option<String>,
    /// The year's target in percent; null where none holds.
    #[schema(example = "50.00")]
    pub target: Option<String>,
    /// `met`, `below`, or the reason why it was not assessed.
    #[schema(example = "below")]
    pub standing: String,
    /// Further dossiers needed, when below.
    pub missing: Option<u64>,
    /// Version of the indicator's definition; empty where there is only one.
    pub definition: String,
    /// What the target demands on that day, in percent: the target itself, unless it is pro-rated.
    pub demanded: Option<String>,
    /// How the last months lie to the whole: `rising`, `falling` or `flat`; of units only.
    pub trend: Option<&'static str>,
    /// Whether one dossier more or less would turn the judgement.
    pub turns_on_one: bool,
    /// Why it is low, when below and known; of units only.
    pub cause: Option<FigureCause>,
    /// The best rate still possible in percent, when the year's target is out of reach.
    pub interim_target: Option<String>,
}

/// Why a figure is low. Its words stand in the indicator's `causes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FigureCause {
    /// The cause's name in its indicator.
    pub id: String,
    /// Who is responsible for the action; empty when the catalog no longer says so.
    pub role: String,
    /// The rate in percent, had what the cause leaves out counted.
    pub what_if: Option<String>,
}

impl From<&CauseLine> for FigureCause {
    fn from(cause: &CauseLine) -> Self {
        let what_if = cause.what_if.map(|rate| decimal(rate.rounded(), '.'));
        Self { id: cause.id.clone(), role: cause.role.clone(), what_if }
    }
}

impl From<&Line> for Figure {
    fn from(line: &Line) -> Self {
        Self {
            numerator: line.rate.map(Rate::numerator),
            denominator: line.rate.map(Rate::denominator),
            rate: line.shown().map(|shown| decimal(shown, '.')),
            target: line.target.map(|target| decimal(u64::from(target.0), '.')),
            standing: line.standing.clone(),
            missing: line.missing,
            definition: line.version.clone(),
            demanded: line.demanded.map(|demanded| decimal(demanded.rounded(), '.')),
            trend: line.trend.map(Trend::word),
            turns_on_one: line.turns_on_one,
            cause: line.cause.as_ref().map(FigureCause::from),
            interim_target: line.interim_target.map(|best| decimal(best, '.')),
        }
    }
}

/// Figures by the indicator's id, in the order of the catalog.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures(pub Vec<(String, Figure)>);

impl Figures {
    /// Of these lines.
    pub fn of<'l>(lines: impl IntoIterator<Item = &'l Line>) -> Self {
        Self(lines.into_iter().map(|line| (line.indicator.to_string(), Figure::from(line))).collect())
    }
}

impl Serialize for Figures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(indicator, figure)| (indicator, figure)))
    }
}

/// A unit with its figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitFigures {
    /// Official code.
    pub code: String,
    /// Name.
    pub name: String,
    /// By indicator.
    #[schema(value_type = HashMap<String, Figure>)]
    pub indicators: Figures,
}

impl From<&UnitStandings> for UnitFigures {
    fn from(unit: &UnitStandings) -> Self {
        Self { code: unit.code.clone(), name: unit.name.clone(), indicators: Figures::of(&unit.lines) }
    }
}

/// One service's part of a unit's figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Service {
    /// The indicator.
    pub indicator: String,
    /// The service's code; empty when the source does not split by service.
    pub service: String,
    /// The count on top.
    pub numerator: u64,
    /// The count below.
    pub denominator: u64,
    /// What is missing to the whole.
    pub missing: u64,
}

impl From<&ServiceLine> for Service {
    fn from(line: &ServiceLine) -> Self {
        Self {
            indicator: line.indicator.to_string(),
            service: line.service.clone(),
            numerator: line.numerator,
            denominator: line.denominator,
            missing: line.missing(),
        }
    }
}
