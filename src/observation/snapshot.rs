//! What was pulled, unchangeable: where from, which bytes, how many rows.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Month;
use crate::db::{DbError, Sql, Work, insert_rows};

/// One pull of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// UUIDv5 of source and bytes: the same bytes pulled again are the same snapshot.
    pub id: Uuid,
    /// Name of the source.
    pub source: String,
    /// File or address.
    pub origin: String,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// When it was pulled.
    pub pulled_at: DateTime<Utc>,
    /// The newest month with an accepted row.
    pub newest: Option<Month>,
    /// Data rows read.
    pub rows: u64,
    /// Of these, refused.
    pub refused: u64,
    /// Of these, of another year or later than the as-of date, or of a unit that nobody has taken over.
    pub skipped: u64,
    /// Of these, equal to an earlier row and therefore not counted again.
    pub repeated: u64,
    /// Sum of each measure over all accepted rows of the period, in the order of the measures.
    pub totals: Vec<(String, u64)>,
}

impl Snapshot {
    /// Data rows of the period that is judged.
    pub const fn considered(&self) -> u64 {
        self.rows.saturating_sub(self.skipped)
    }

    /// The first eight digits of the hash, by which people name it.
    pub fn short(&self) -> &str {
        self.sha256.get(..8).unwrap_or(&self.sha256)
    }

    /// The id of `source`'s bytes with the hash `sha256`.
    pub(super) fn id_of(source: &str, sha256: &str) -> Uuid {
        Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("dondoc:snapshot:{source}:{sha256}").as_bytes())
    }
}

pub(super) const INSERT: Sql = Sql::portable(
    "INSERT INTO snapshot (id, run_id, source, origin, sha256, pulled_at, newest_period, rows_read, rows_refused, totals)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (run_id, id) DO NOTHING",
);

/// Stores which snapshots a round was judged by. Storing them again changes nothing.
///
/// # Errors
/// When the database refuses.
pub async fn record(work: &mut Work, run_id: &str, snapshots: &[Snapshot]) -> Result<(), DbError> {
    let stored = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let rows = snapshots.iter().map(|snapshot| {
        let totals: serde_json::Map<String, serde_json::Value> =
            snapshot.totals.iter().map(|(measure, sum)| (measure.clone(), (*sum).into())).collect();
        [
            snapshot.id.to_string().into(),
            run_id.into(),
            snapshot.source.as_str().into(),
            snapshot.origin.as_str().into(),
            snapshot.sha256.as_str().into(),
            snapshot.pulled_at.into(),
            snapshot.newest.map(|month| month.to_string()).into(),
            stored(snapshot.rows).into(),
            stored(snapshot.refused).into(),
            serde_json::Value::Object(totals).to_string().into(),
        ]
    });
    insert_rows(work, INSERT, rows).await?;
    Ok(())
}
