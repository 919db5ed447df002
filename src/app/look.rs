//! Looking at the figures of all sources without storing anything.

use std::sync::Arc;

use chrono::NaiveDate;
use futures_util::future::BoxFuture;

use super::{App, today};
use crate::catalog::{self, Catalog, Unmatched};
use crate::db::DbError;
use crate::observation::{self, Observations};
use crate::pass::{Examined, Gate};
use crate::source::{self, FetchError, Fetched, Row};

/// The figures of all sources, read and judged by the gate; nothing of it is stored.
#[derive(Debug)]
pub struct Look {
    /// The catalog that their units were looked up in.
    pub catalog: Arc<Catalog>,
    /// The sources.
    pub sources: Vec<Fetched>,
    /// The last day that any row speaks of; none: there is no row.
    pub newest: Option<NaiveDate>,
    /// What was counted up to then, with refusals and doubts.
    pub observations: Option<Observations>,
}

/// Why figures cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LookError {
    /// The engine's.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The source's.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Reading ended in the middle.
    #[error("{0}")]
    Broken(#[from] tokio::task::JoinError),
}

impl Look {
    /// The first `count` rows of every source.
    ///
    /// # Errors
    /// When one is no table.
    pub fn first_rows(&self, count: usize) -> Result<Vec<[String; 5]>, FetchError> {
        first_rows(&self.catalog, &self.sources, count)
    }
}

impl App {
    /// Reads every source up to its newest day.
    ///
    /// # Errors
    /// [`LookError`].
    pub fn look_at_figures(&self) -> BoxFuture<'_, Result<Look, LookError>> {
        Box::pin(self.looked_at_figures())
    }

    async fn looked_at_figures(&self) -> Result<Look, LookError> {
        let (now, settings) = (self.clock.now(), self.config.pass_settings());
        let sources = source::fetch_all(&settings.sources, today(now), &self.tools()).await?;
        let day = today(now);
        let reading = tokio::task::spawn_blocking(move || {
            let mut newest = None;
            for fetched in &sources {
                newest = newest.max(observation::newest_day(fetched, day, u64::MAX)?.0);
            }
            Ok::<_, FetchError>((newest, sources))
        });
        let (newest, sources) = reading.await??;
        let gate = Gate::open(&self.db, &settings, newest.unwrap_or(day), now).await?;
        let catalog = Arc::new(Catalog::of(&catalog::load(&self.db).await?, gate.closing.until, day));
        if newest.is_none() {
            return Ok(Look { catalog, sources, newest, observations: None });
        }
        let units = Arc::clone(&catalog);
        let reading = tokio::task::spawn_blocking(move || (gate.examine(&units, &sources), sources));
        let (examined, sources) = reading.await?;
        let Examined { observations, .. } = examined?;
        Ok(Look { catalog, sources, newest, observations: Some(observations) })
    }
}

/// The first `count` rows of each source as its mapping understands them: where it stands, its period, unit and service, and
/// its figures as they are written. Blocks on the files.
///
/// # Errors
/// When one is no table.
pub fn first_rows(catalog: &Catalog, sources: &[Fetched], count: usize) -> Result<Vec<[String; 5]>, FetchError> {
    let mut all = Vec::new();
    for fetched in sources {
        let mut rows = fetched.open()?;
        for _ in 0..count {
            let Some(row) = rows.next_row()? else { break };
            all.push(mapped(catalog, fetched, row));
        }
    }
    Ok(all)
}

fn mapped(catalog: &Catalog, fetched: &Fetched, row: Row<'_>) -> [String; 5] {
    let places = row.table().places();
    let cell = |column: Option<usize>| column.and_then(|column| row.cell(column)).unwrap_or_default();
    let (code, name) = (cell(places.unit_code), cell(places.unit_name));
    let unit = match catalog.names.find(code, name) {
        Ok(id) => catalog.unit(id).map_or_else(|| id.to_string(), |unit| format!("{} ({})", unit.name, unit.code)),
        Err(Unmatched::Unknown) => format!("? {code} {name}"),
        Err(Unmatched::Ambiguous(units)) => format!("? {name}: {} units are called so", units.len()),
        Err(Unmatched::Contradiction { .. }) => format!("? {code} is not {name}"),
    };
    let measures = fetched.settings().columns.measures.iter().zip(&places.measures);
    let figures: Vec<String> =
        measures.map(|((measure, _), column)| format!("{measure} `{}`", cell(Some(*column)))).collect();
    [
        row.table().row_place(row.line()),
        cell(Some(places.period)).to_owned(),
        unit.split_whitespace().collect::<Vec<_>>().join(" "),
        cell(places.service_code).to_owned(),
        figures.join(", "),
    ]
}
