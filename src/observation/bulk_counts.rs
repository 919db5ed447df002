//! The counts of a clean row.
//!
//! Statistics mostly end with their counts. They are read all at once: where each one ends is known before the first is
//! read, so none waits for the one before it.

use super::bulk::Blemish;
use super::bulk_cells::Column;
use super::number::{number_of, others_than_digits};

/// Measures that a table may have to be counted this way.
pub(super) const MEASURES: usize = 16;
/// A larger count in one row is read cell by cell.
const DIGITS: usize = 6;
/// Bytes in which the counts must end: half of them is tried first.
const WINDOW: usize = 64;
/// Bytes read at once to make a number.
const WORD: usize = 8;

/// Counts of several rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) counts: [u32; MEASURES],
    /// One bit per measure that a row reported.
    pub(super) reported: u32,
}

impl Sum {
    pub(super) fn add(&mut self, row: &Self) {
        for (sum, count) in self.counts.iter_mut().zip(&row.counts) {
            *sum += count;
        }
        self.reported |= row.reported;
    }

    pub(super) fn at_most(mut self, most: &[u32; MEASURES]) -> Self {
        for (sum, most) in self.counts.iter_mut().zip(most) {
            *sum = (*sum).min(*most);
        }
        self
    }
}

/// The columns at the end of a table that are all counts, if there are none elsewhere.
#[derive(Debug)]
pub(super) struct Tail {
    /// The first of them.
    pub(super) from: usize,
    /// The measure of each, and the most that a cell may say.
    measures: Vec<(usize, u32)>,
    delimiter: u8,
}

impl Tail {
    /// The last ones of `columns`, whose cells may say `most` of each measure.
    pub(super) fn of(columns: &[Column], most: &[u32; MEASURES], delimiter: u8) -> Result<Self, Blemish> {
        let measures = columns.iter().rev().map_while(|column| match column {
            Column::Count(measure) => Some((*measure, most.get(*measure).copied().unwrap_or_default())),
            _ => None,
        });
        let mut measures: Vec<_> = measures.collect();
        measures.reverse();
        let all = columns.iter().filter(|column| matches!(column, Column::Count(_))).count();
        if all > measures.len() {
            measures.clear();
        }
        if measures.iter().any(|(measure, _)| *measure >= MEASURES) {
            return Err(Blemish);
        }
        Ok(Self { from: columns.len() - measures.len(), measures, delimiter })
    }

    /// Reads all counts of the row that `rest` begins within; what follows the row. `None` unless each cell is one to
    /// six digits and the row ends behind the last: then it is read cell by cell, and `sum` begins anew.
    pub(super) fn read<'l>(&self, rest: &'l [u8], sum: &mut Sum) -> Option<&'l [u8]> {
        let bytes: &[u8; WINDOW + WORD] = rest.first_chunk()?;
        let mut ends = self.ends(bytes)?;
        // What is wrong anywhere is gathered and asked about once.
        let (mut from, mut ended_by, mut wrong) = (0, self.delimiter, false);
        for (measure, most) in &self.measures {
            wrong |= ended_by != self.delimiter;
            let end = usize::try_from(ends.trailing_zeros()).ok()?;
            ends &= ends.wrapping_sub(1);
            ended_by = *bytes.get(end)?;
            let digits = end - from;
            wrong |= digits.wrapping_sub(1) >= DIGITS;
            let word: &[u8; WORD] = bytes.get(from..)?.first_chunk()?;
            let number = number_of(u64::from_le_bytes(*word), digits);
            wrong |= number > u64::from(*most);
            *sum.counts.get_mut(*measure)? = u32::try_from(number).unwrap_or(u32::MAX);
            sum.reported |= 1 << measure;
            from = end + 1;
        }
        if wrong {
            return None;
        }
        let rest = rest.get(from - 1..)?;
        rest.strip_prefix(b"\n").or_else(|| rest.strip_prefix(b"\r\n"))
    }

    /// One bit for each byte that is no digit; `None` when there are not enough of them for all cells.
    fn ends(&self, bytes: &[u8; WINDOW + WORD]) -> Option<u64> {
        let (words, _) = bytes.as_chunks::<WORD>();
        let others = |words: &[[u8; WORD]]| {
            let bits = words.iter().map(|word| u64::from(others_than_digits(u64::from_le_bytes(*word))));
            bits.rev().fold(0, |all, bits| all << WORD | bits)
        };
        let (near, far) = words.get(..WINDOW / WORD)?.split_at_checked(WINDOW / WORD / 2)?;
        let enough = |ends: u64| usize::try_from(ends.count_ones()).is_ok_and(|ends| ends >= self.measures.len());
        let near = others(near);
        if enough(near) {
            return Some(near);
        }
        let all = others(far) << (WINDOW / 2) | near;
        enough(all).then_some(all)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tail(measures: usize) -> Tail {
        let columns: Vec<Column> = std::iter::once(Column::Period).chain((0..measures).map(Column::Count)).collect();
        let tail = Tail::of(&columns, &[u32::MAX; MEASURES], b',').expect("not too many");
        assert_eq!(tail.from, 1);
        tail
    }

    #[test]
    fn what_is_not_one_to_six_digits_is_left_to_the_reader_of_cells() {
        let padding = "9,".repeat(60);
        for (row, expected) in [
            ("1,22,333\n", Some([1, 22, 333])),
            ("1,22,333\r\n", Some([1, 22, 333])),
            ("0,999999,000001\n", Some([0, 999_999, 1])),
            ("1,,333\n", None),
            ("1,22,\n", None),
            ("1,22\n", None),
            ("1,22,333,4\n", None),
            ("1,1000000,333\n", None),
            ("1,22, 333\n", None),
            ("1;22,333\n", None),
            ("1,22,333\r", None),
            ("1,2\u{e1},3\n", None),
            ("1,\"2\",3\n", None),
        ] {
            let mut sum = Sum::default();
            let text = format!("{row}{padding}");
            let read = tail(3).read(text.as_bytes(), &mut sum);
            assert_eq!(read, expected.map(|_| padding.as_bytes()), "{row:?}");
            if let Some(expected) = expected {
                assert_eq!((sum.counts[..3].to_vec(), sum.reported), (expected.to_vec(), 0b111), "{row:?}");
            }
        }
        assert!(tail(3).read(b"1,22,333\n", &mut Sum::default()).is_none(), "too near to the end of what was read");
    }

    #[test]
    fn a_cell_may_not_say_more_than_its_measure_allows() {
        let mut most = [u32::MAX; MEASURES];
        most[1] = 1;
        let tail = Tail::of(&[Column::Count(1), Column::Count(0)], &most, b';').expect("not too many");
        let row = |flag: u32| format!("{flag};7\n{}", " ".repeat(80));
        assert!(tail.read(row(1).as_bytes(), &mut Sum::default()).is_some());
        assert!(tail.read(row(2).as_bytes(), &mut Sum::default()).is_none());
    }

    proptest! {
        #[test]
        fn any_clean_row_is_read_as_it_is_written(counts in prop::collection::vec(0..=999_999_u32, 1..10)) {
            let row: Vec<String> = counts.iter().map(u32::to_string).collect();
            let text = format!("{}\nnext{}", row.join(","), " ".repeat(80));
            let mut sum = Sum::default();
            match tail(counts.len()).read(text.as_bytes(), &mut sum) {
                Some(rest) => {
                    prop_assert!(rest.starts_with(b"next"));
                    prop_assert_eq!(&sum.counts[..counts.len()], counts.as_slice());
                }
                None => prop_assert!(row.join(",").len() >= WINDOW),
            }
        }
    }
}
