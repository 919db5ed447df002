//! Adds dossiers up, sees which stand twice, and keeps the places of those that are refused.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::Datelike as _;

use super::answer::{Broken, Counted, Failure, LineOf};
use super::cells::Cells;
use super::dossier::{self, Blemish, Facts, Window};
use super::groups::{Groups, Line, TooMany};
use super::{Field, Reading, Sum};

/// Dossiers of a file at most.
const MOST: u64 = 2_000_000;
/// Refusals that are told one by one; of the rest, units and numbers are.
const TOLD: usize = 1_000;

/// Where the rows stand, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// On lines of a table.
    Rows,
    /// One after the other in a list.
    Items,
    /// One on each line.
    Lines,
}

impl Counting {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Rows => "row",
            Self::Items => "item",
            Self::Lines => "line",
        }
    }
}

/// The count so far.
#[derive(Debug)]
pub(super) struct Counter {
    pub(super) reading: Reading,
    sums: Vec<Sum>,
    /// Bits of the sums that count by the day of the result.
    results: u32,
    window: Window,
    pub(super) counting: Counting,
    /// 1-based column of each mapped field; empty where there are no columns.
    pub(super) columns: Vec<usize>,
    groups: Groups,
    seen: HashMap<u128, Seen>,
    /// With code and name of the unit, and the period.
    broken: Vec<(Broken, [String; 3])>,
    /// Unit and period → their entry in `broken` that stands for further ones.
    further: HashMap<[String; 3], usize>,
    dossiers: u64,
    skipped: u64,
    repeated: u64,
}

/// What a dossier added, by the hash of its number.
#[derive(Debug, Clone, Copy)]
struct Seen {
    line: u32,
    received: u32,
    resolved: u32,
    adds: u32,
}

/// No group, and a dossier that was taken back.
const NONE: u32 = u32::MAX;

impl Seen {
    /// The group that the dossier belongs to.
    const fn group(self) -> u32 {
        if self.received == NONE { self.resolved } else { self.received }
    }
}

impl Counter {
    pub(super) fn new(reading: Reading, window: Window) -> Self {
        let sums = reading.sums();
        let results = sums.iter().enumerate().filter(|(_, sum)| sum.is_of_results());
        Self {
            results: results.fold(0, |bits, (number, _)| bits | 1 << number),
            groups: Groups::new(&sums),
            sums,
            reading,
            window,
            counting: Counting::Rows,
            columns: Vec::new(),
            seen: HashMap::new(),
            broken: Vec::new(),
            further: HashMap::new(),
            dossiers: 0,
            skipped: 0,
            repeated: 0,
        }
    }

    /// Takes in the dossier at `line`.
    pub(super) fn take(&mut self, cells: &Cells, line: u64) -> Result<(), Failure> {
        self.dossiers += 1;
        if self.dossiers > MOST {
            let reason = format!("the file has more than {MOST} dossiers");
            return Err(Failure::new(reason, "export one year, or several files as several [[source]]"));
        }
        match dossier::read(cells, &self.reading, &self.sums, self.window) {
            Ok(facts) => self.count(cells, facts, line),
            Err(blemish) => {
                self.refuse(&blemish, (cells.text(Field::UnitCode), cells.text(Field::UnitName)), line);
                Ok(())
            }
        }
    }

    fn count(&mut self, cells: &Cells, facts: Facts, line: u64) -> Result<(), Failure> {
        let unit = (cells.text(Field::UnitCode), cells.text(Field::UnitName));
        let service = cells.text(Field::ServiceCode);
        let mut group = |month: Option<u32>| match month {
            Some(month) => self.groups.number(month, unit, service, line).map_err(|TooMany| too_many()),
            None => Ok(NONE),
        };
        let (received, resolved) = (group(facts.received)?, group(facts.resolved)?);
        let line_of = u32::try_from(line).unwrap_or(u32::MAX);
        let now = Seen { line: line_of, received, resolved, adds: facts.adds };
        if self.reading.has(Field::Number) {
            match self.seen.entry(hash(cells.text(Field::Number))) {
                Entry::Vacant(unseen) => {
                    unseen.insert(now);
                }
                Entry::Occupied(seen) => {
                    let first = *seen.get();
                    self.again(cells, first, now);
                    return Ok(());
                }
            }
        }
        self.book(now, false);
        Ok(())
    }

    /// Adds what a dossier adds, or takes it back.
    fn book(&mut self, dossier: Seen, back: bool) {
        let Seen { received, resolved, adds, .. } = dossier;
        if received != NONE {
            self.groups.add(received, adds & !self.results, back);
        }
        if resolved != NONE {
            self.groups.add(resolved, adds & self.results, back);
        }
        match dossier.group() {
            NONE if back => self.skipped -= 1,
            NONE => self.skipped += 1,
            group => self.groups.belongs(group, back),
        }
    }

    /// The dossier was there before: the same is counted once, and of two that contradict each other nothing is.
    fn again(&mut self, cells: &Cells, first: Seen, now: Seen) {
        let taken_back = first.adds == NONE;
        if !taken_back && (first.received, first.resolved, first.adds) == (now.received, now.resolved, now.adds) {
            self.repeated += 1;
            return;
        }
        let word = self.counting.word();
        let contradiction = |other: u32, group: u32| Blemish {
            field: Some(Field::Number),
            column: 0,
            month: self.groups.month(group),
            reason: format!("the same dossier stands in {word} {other} and says otherwise"),
            remedy: "export each dossier once, in its last state",
        };
        let (later, earlier) = (contradiction(first.line, now.group()), contradiction(now.line, first.group()));
        self.refuse(&later, (cells.text(Field::UnitCode), cells.text(Field::UnitName)), now.line.into());
        if taken_back {
            return;
        }
        self.book(first, true);
        let (code, name) = self.groups.unit(first.group());
        let (code, name) = (code.to_owned(), name.to_owned());
        self.refuse(&earlier, (&code, &name), first.line.into());
        self.seen.insert(hash(cells.text(Field::Number)), Seen { adds: NONE, ..first });
    }

    fn refuse(&mut self, blemish: &Blemish, (code, name): (&str, &str), line: u64) {
        // Never blank, which would be no line, and read by nobody where it is no month.
        let period =
            blemish.month.map_or("-".to_owned(), |month| format!("{}-{month:02}", self.window.until.format("%Y")));
        let unit = [code, name, &period];
        let unit = unit.map(|text| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>());
        if self.broken.len() >= TOLD {
            if let Some((broken, _)) = self.further.get(&unit).and_then(|at| self.broken.get_mut(*at)) {
                broken.dossiers += 1;
                return;
            }
            self.further.insert(unit.clone(), self.broken.len());
        }
        let Blemish { field, column, reason, remedy, .. } = blemish;
        let number = field.and_then(|field| self.reading.fields.iter().position(|(known, _)| *known == field));
        let header = field.and_then(|field| self.reading.name(field)).unwrap_or_default().to_owned();
        let place = number.and_then(|number| self.columns.get(number)).copied().unwrap_or(*column);
        let at = match self.counting {
            Counting::Rows => None,
            other if header.is_empty() => Some(format!("{} {line}", other.word())),
            other => Some(format!("{} {line}, {header}", other.word())),
        };
        let (reason, remedy) = (reason.clone(), (*remedy).to_owned());
        self.broken.push((Broken { line, column: place.max(1), at, header, reason, remedy, dossiers: 1 }, unit));
    }

    /// Ends the count.
    pub(super) fn finish(self) -> Result<(Counted, String), Failure> {
        let failed = |error: csv::Error| Failure::new(error.to_string(), "export the file again");
        let mut csv = csv::Writer::from_writer(Vec::new());
        let columns = self.reading.columns();
        let named = [&columns.period, &columns.unit_code, &columns.unit_name, &columns.service_code];
        let header: Vec<&str> = named.into_iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        let measures = columns.measures.iter().map(|(_, header)| header.as_str());
        csv.write_record(header.iter().copied().chain(measures)).map_err(failed)?;
        let mut lines = Vec::new();
        for Line { first, dossiers, cells } in self.groups.lines(self.window.until.year(), &self.reading, &self.sums) {
            csv.write_record(cells).map_err(failed)?;
            lines.push(LineOf { first, dossiers });
        }
        for (_, [code, name, period]) in &self.broken {
            let cell = |header: &&str| match *header {
                "unit_code" => code.as_str(),
                "unit_name" => name.as_str(),
                "period" => period.as_str(),
                _ => "",
            };
            csv.write_record(header.iter().map(cell).chain(self.sums.iter().map(|_| ""))).map_err(failed)?;
        }
        let text = csv.into_inner().map_err(|error| failed(error.into_error().into()))?;
        let counted = Counted {
            word: self.counting.word().to_owned(),
            lines,
            broken: self.broken.into_iter().map(|(broken, _)| broken).collect(),
            skipped: self.skipped,
            repeated: self.repeated,
        };
        let text =
            String::from_utf8(text).map_err(|_| Failure::new("the text is not UTF-8", "save the file as UTF-8"))?;
        Ok((counted, text))
    }
}

fn too_many() -> Failure {
    Failure::new("the dossiers have too many different units and services", "check unit and service in [source.fields]")
}

/// 128 bits of a dossier's number; the number itself is not kept.
fn hash(number: &str) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, number).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(1) << 64 | half(2)
}
