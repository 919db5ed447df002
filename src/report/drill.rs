//! One unit's figures taken apart: which services weigh most.

use crate::catalog::{Catalog, IndicatorId, UnitId};
use crate::db::{Db, DbError};
use crate::observation;

/// One service's part of an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLine {
    /// Which indicator.
    pub indicator: IndicatorId,
    /// The service's code; empty when the source does not split by service.
    pub service: String,
    /// The count on top.
    pub numerator: u64,
    /// The count below.
    pub denominator: u64,
}

impl ServiceLine {
    /// What is missing to the whole: how much of the gap the service makes.
    pub const fn missing(&self) -> u64 {
        self.denominator.saturating_sub(self.numerator)
    }
}

/// The services of `unit` in round `run_id`, per indicator in the catalog's order, those that miss most first.
///
/// # Errors
/// The engine's, or an impossible row.
pub async fn services(db: &Db, catalog: &Catalog, run_id: &str, unit: &UnitId) -> Result<Vec<ServiceLine>, DbError> {
    let Some(figures) = observation::by_service(db, run_id, unit).await? else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    for indicator in &catalog.indicators {
        let target = catalog.unit(unit).and_then(|unit| catalog.target_for(unit, &indicator.id));
        let definition = catalog.definition(indicator, target.map(std::sync::Arc::as_ref));
        let top: Vec<_> = [&definition.numerator].into_iter().chain(&definition.definition.also).collect();
        let both = figures.sums(&top).zip(figures.sums(&[&definition.denominator]));
        let mut of_indicator: Vec<ServiceLine> = both
            .filter_map(|((service, numerator), (_, denominator))| {
                let (indicator, service) = (indicator.id.clone(), service.to_owned());
                Some(ServiceLine { indicator, service, numerator: numerator?, denominator: denominator? })
            })
            .filter(|line| line.denominator > 0)
            .collect();
        of_indicator
            .sort_by(|one, next| next.missing().cmp(&one.missing()).then_with(|| one.service.cmp(&next.service)));
        lines.append(&mut of_indicator);
    }
    Ok(lines)
}
