//! Tables: one thread and several, UTF-8 and UTF-16 give the same, and everything that is told can be found.

use super::sample::{Directory, File, Form, HEADER, UNITS, catalog, figures, told};
use crate::catalog::UnitId;
use crate::observation::Observations;
use crate::source::{Encoding, FetchError, NumberFormat};

/// More adds nothing but time.
const LONGEST: usize = 16 << 10;

/// The first byte says how the table is written, the others are the table, with or without its header.
pub(crate) fn csv(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first().filter(|(_, bytes)| bytes.len() <= LONGEST) else { return };
    let bit = |number: u32| how >> number & 1 == 1;
    let directory = match (bit(0), bit(1)) {
        (false, false) => Directory::Same,
        (true, false) => Directory::Merged(1, 1),
        (false, true) => Directory::Merged(4, 11),
        (true, true) => Directory::Merged(10, 31),
    };
    let delimiter = if bit(2) { b';' } else { b',' };
    let encoding = match (bit(3), bit(4)) {
        (true, false) => Encoding::Windows1258,
        (true, true) => Encoding::Tcvn3,
        (false, _) => Encoding::Utf8,
    };
    let numbers = if bit(5) { NumberFormat::Plain } else { NumberFormat::PointThousands };
    // Few, so that tables reach it.
    let max_rows = bit(7).then_some(9);
    let form = Form { delimiter, encoding, numbers, max_rows };
    let header = if delimiter == b';' { HEADER.replace(',', ";") } else { HEADER.to_owned() };
    let table = if bit(6) { bytes.to_vec() } else { [header.as_bytes(), bytes].concat() };
    holds(&table, form, directory);
}

fn holds(table: &[u8], form: Form, directory: Directory) {
    let catalog = catalog(directory);
    let Ok(file) = File::new(table, form) else { return };
    let read = |threads: u64| file.read(&catalog, threads);
    let alone = read(1);
    let told_of = |read: &Result<Observations, FetchError>| match read {
        Ok(observations) => told(observations),
        Err(error) => format!("{error:?}"),
    };
    let threads = 2 + u64::try_from(table.len() % 2).unwrap_or(0);
    assert_eq!(told_of(&read(threads)), told_of(&alone), "{threads} threads find what one finds");
    let wide = matches!(table, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    match &alone {
        Ok(observations) => {
            whole(observations, table);
            if form.encoding == Encoding::Utf8 && !wide {
                refusals_are_found(observations, table);
                same_in_utf16(table, form, directory, &figures(observations));
            }
        }
        Err(FetchError::Unreachable { source, .. }) => unreachable!("the file lies there: {source}"),
        Err(FetchError::Unreadable { place, reason, remedy, .. }) => {
            assert!(!reason.is_empty() && !remedy.is_empty(), "refused without a word");
            let place = place.strip_prefix(&*file.path().to_string_lossy()).unwrap_or("elsewhere");
            let line = place.strip_prefix(':').and_then(|place| place.split(':').next()?.parse::<usize>().ok());
            if !wide {
                assert!(place.is_empty() || line.is_some_and(|line| within(line, table)), "no such place: {place}");
            }
        }
    }
}

fn within(line: usize, table: &[u8]) -> bool {
    (1..=table.split(|byte| *byte == b'\n').count()).contains(&line)
}

/// Nothing is lost between the rows and the figures of the units.
fn whole(observations: &Observations, table: &[u8]) {
    let [snapshot] = observations.snapshots.as_slice() else { unreachable!("one source, one snapshot") };
    let lines = u64::try_from(table.split(|byte| matches!(byte, b'\n' | 0)).count()).unwrap_or(u64::MAX);
    assert!(snapshot.rows <= lines, "more rows than lines");
    assert!(snapshot.refused + snapshot.skipped + snapshot.repeated <= snapshot.rows);
    assert!(u64::try_from(observations.refusals.len()).is_ok_and(|told| told <= snapshot.refused));
    let figures = UNITS.map(|unit| observations.of(&UnitId::new(unit)));
    for (measure, (name, total)) in snapshot.totals.iter().enumerate().take(2) {
        let of_units = figures.iter().flatten().filter_map(|figures| figures.total(measure)).sum::<u64>();
        assert_eq!(of_units, *total, "the units' sums of {name} are the table's");
        let months = figures.iter().flatten().flat_map(|figures| figures.months());
        assert_eq!(months.filter_map(|(_, counts)| counts.get(measure)).sum::<u64>(), *total, "and the months'");
    }
}

/// The line that a refusal names holds what it shows.
fn refusals_are_found(observations: &Observations, table: &[u8]) {
    let lines: Vec<&[u8]> = table.split(|byte| *byte == b'\n').collect();
    for refusal in &observations.refusals {
        assert!(!refusal.reason.is_empty() && !refusal.remedy.is_empty(), "refused without a word");
        let at = usize::try_from(refusal.line).ok().and_then(|line| line.checked_sub(1));
        let line = at.and_then(|at| lines.get(at)).unwrap_or_else(|| unreachable!("no such line: {refusal}"));
        let text = String::from_utf8_lossy(line);
        // Rows with quotation marks go over lines, and their cells are not written as they are read.
        if !text.contains('"') && !table.contains(&b'"') {
            assert!(text.contains(&refusal.value), "not on its line: {refusal}");
            assert!(refusal.column >= 1, "no such column: {refusal}");
        }
    }
}

/// What is turned into UTF-8 counts the same. Such a text is composed (NFC) as a whole, so only one that is.
fn same_in_utf16(table: &[u8], form: Form, directory: Directory, expected: &str) {
    let Some(text) = std::str::from_utf8(table).ok().filter(|text| unicode_normalization::is_nfc(text)) else { return };
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    let wide: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    let Ok(file) = File::new(&wide, form) else { return };
    let read = file.read(&catalog(directory), 1).map(|observations| figures(&observations));
    assert!(matches!(&read, Ok(figures) if figures == expected), "another table in UTF-16: {read:?}");
}
