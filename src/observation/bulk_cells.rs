//! The cells of a clean row, found without copying any.

use super::bulk::{Blemish, Ground};

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Period,
    Code,
    Name,
    Service,
    /// The number of a measure.
    Count(usize),
    /// Nothing that is mapped.
    Other,
}

/// A cell that stays the same over many rows.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// As written, with the delimiter behind it.
    written: Vec<u8>,
    /// Whether the row being read has another one than the row before.
    pub(super) changed: bool,
}

/// What stands in each column; a column that is mapped twice is read row by row.
pub(super) fn columns(ground: Ground<'_>) -> Result<Vec<Column>, Blemish> {
    let Ground { places, mapping, width, .. } = ground;
    let texts = [
        (Some(places.period), Column::Period),
        (places.unit_code, Column::Code),
        (places.unit_name, Column::Name),
        (places.service_code, Column::Service),
    ];
    let texts = texts.into_iter().filter_map(|(place, column)| Some((place?, column)));
    let counts = mapping.columns().iter().map(|(place, measure)| (*place, Column::Count(*measure)));
    let mut columns = vec![Column::Other; width];
    for (place, column) in texts.chain(counts) {
        match columns.get_mut(place) {
            Some(free @ Column::Other) => *free = column,
            _ => return Err(Blemish),
        }
    }
    Ok(columns)
}

impl Text {
    /// The cell, trimmed.
    pub(super) fn cell(&self) -> &[u8] {
        trimmed(self.written.split_last().map_or(&[], |(_, cell)| cell))
    }
}

/// Reads a cell that mostly is the one of the row before.
pub(super) fn text<'l>(known: &mut Text, rest: &'l [u8], end: u8, delimiter: u8) -> Result<&'l [u8], Blemish> {
    if !known.written.is_empty()
        && let Some(rest) = rest.strip_prefix(known.written.as_slice())
    {
        return Ok(rest);
    }
    let (written, rest) = cell(rest, end, delimiter)?;
    remember(&mut known.written, written, end);
    known.changed = true;
    Ok(rest)
}

pub(super) fn remember(known: &mut Vec<u8>, written: &[u8], end: u8) {
    known.clear();
    known.extend_from_slice(written);
    known.push(end);
}

/// The cell up to `end`, and what follows. A quotation mark, another end or bytes that are no text are a blemish.
pub(super) fn cell(rest: &[u8], end: u8, delimiter: u8) -> Result<(&[u8], &[u8]), Blemish> {
    let at = rest.iter().position(|byte| *byte == end || *byte == delimiter || matches!(byte, b'\n' | b'"'));
    let (cell, rest) = rest.split_at_checked(at.ok_or(Blemish)?).ok_or(Blemish)?;
    let rest = rest.strip_prefix(&[end]).ok_or(Blemish)?;
    if !cell.is_ascii() {
        std::str::from_utf8(cell).map_err(|_| Blemish)?;
    }
    Ok((cell, rest))
}

/// The cell without spaces of any kind around it.
pub(super) fn trimmed(cell: &[u8]) -> &[u8] {
    match cell {
        [] => cell,
        [only] if only.is_ascii_graphic() => cell,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
        _ => std::str::from_utf8(cell)
            .map_or(cell, |text| text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').as_bytes()),
    }
}
