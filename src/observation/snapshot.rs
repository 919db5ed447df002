//! What was pulled, unchangeable: where from, which bytes, how many rows.

use chrono::{DateTime, Utc};

use super::Month;

/// One pull of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// UUIDv5 of source and bytes.
    pub id: uuid::Uuid,
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
    /// Sum of each measure over all accepted rows of the period, in the order of the measures.
    pub totals: Vec<(String, u64)>,
}
