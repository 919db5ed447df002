//! What a report prints beside its counts, sums and ratios, compared with the counts themselves.

use super::answer::Differs;
use super::counted::{Counted, agrees, percentages};
use super::grid::Value;
use super::place::Spot;

/// A printed percentage of two measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RatioColumn {
    pub(super) column: u32,
    /// Numbers of the measures.
    pub(super) numerator: usize,
    pub(super) denominator: usize,
}

/// Sums of the rows so far, and the totals that were printed.
#[derive(Debug)]
pub(super) struct Checks {
    ratios: Vec<RatioColumn>,
    all: Vec<Sum>,
    /// Since the last group or total.
    section: Vec<Sum>,
    totals: Vec<Total>,
    ratio: Option<Differs>,
}

/// A sum; `None` as soon as a cell was no count.
type Sum = Option<u64>;

#[derive(Debug)]
struct Total {
    row: u32,
    printed: Vec<Counted>,
    section: Vec<Sum>,
}

impl Checks {
    pub(super) fn new(measures: usize, ratios: Vec<RatioColumn>) -> Self {
        let sums = vec![Some(0); measures];
        Self { ratios, all: sums.clone(), section: sums, totals: Vec::new(), ratio: None }
    }

    /// A row of a unit.
    pub(super) fn data(&mut self, row: u32, counts: &[Counted], cell: &dyn Fn(u32) -> Option<Value<'static>>) {
        for sums in [&mut self.all, &mut self.section] {
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum = match count {
                    Counted::Missing => *sum,
                    Counted::Count(count) => sum.map(|sum| sum.saturating_add(*count)),
                    Counted::NoCount => None,
                };
            }
        }
        self.ratios_of(row, counts, cell);
    }

    /// A heading: what follows is another section.
    pub(super) fn group(&mut self) {
        self.section.fill(Some(0));
    }

    /// A row of sums.
    pub(super) fn total(&mut self, row: u32, printed: Vec<Counted>, cell: &dyn Fn(u32) -> Option<Value<'static>>) {
        self.ratios_of(row, &printed, cell);
        self.totals.push(Total { row, printed, section: self.section.clone() });
        self.group();
    }

    fn ratios_of(&mut self, row: u32, counts: &[Counted], cell: &dyn Fn(u32) -> Option<Value<'static>>) {
        for ratio in &self.ratios {
            let count = |measure: usize| match counts.get(measure) {
                Some(Counted::Count(count)) => Some(*count),
                _ => None,
            };
            let (Some(part), Some(whole)) = (count(ratio.numerator), count(ratio.denominator)) else { continue };
            let Some(printed) = cell(ratio.column).filter(|_| whole > 0) else { continue };
            let percent = percentages(&printed);
            if agrees(&percent, part, whole) || (percent.is_empty() && is_missing(&printed)) {
                continue;
            }
            let shown: String = printed.shown().chars().take(20).collect();
            let differs = self.ratio.get_or_insert_with(|| Differs {
                ratio: true,
                spot: Spot::Cell(row, ratio.column),
                what: format!("the printed ratio is `{shown}`, but {part} of {whole} is {}", percent_of(part, whole)),
                cells: 0,
            });
            differs.cells += 1;
        }
    }

    /// What does not agree. `name` and `column` tell a measure and where it stands.
    pub(super) fn end(self, name: &dyn Fn(usize) -> String, column: &dyn Fn(usize) -> u32) -> Vec<Differs> {
        let mut found: Option<Differs> = None;
        for total in &self.totals {
            for (measure, printed) in total.printed.iter().enumerate() {
                let Counted::Count(printed) = printed else { continue };
                let sum = |sums: &[Sum]| sums.get(measure).copied().flatten();
                let (Some(all), Some(section)) = (sum(&self.all), sum(&total.section)) else { continue };
                if *printed == all || *printed == section {
                    continue;
                }
                let name = name(measure);
                let differs = found.get_or_insert_with(|| Differs {
                    ratio: false,
                    spot: Spot::Cell(total.row, column(measure)),
                    what: format!("the printed total of `{name}` is {printed}, but the rows add up to {all}"),
                    cells: 0,
                });
                differs.cells += 1;
            }
        }
        found.into_iter().chain(self.ratio).collect()
    }
}

fn is_missing(value: &Value<'_>) -> bool {
    let text = value.shown();
    matches!(text.as_str(), "" | "-" | "0/0") || text.eq_ignore_ascii_case("n/a")
}

/// `33,33 %`, half up.
fn percent_of(part: u64, whole: u64) -> String {
    let hundredths = (u128::from(part) * 20_000 / u128::from(whole.max(1))).div_ceil(2);
    format!("{},{:02} %", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(numbers: [u64; 2]) -> Vec<Counted> {
        numbers.map(Counted::Count).to_vec()
    }

    fn ended(checks: Checks) -> Vec<(bool, String, u64)> {
        let found = checks.end(&|measure| format!("m{measure}"), &|measure| u32::try_from(measure).unwrap() + 2);
        found
            .into_iter()
            .map(|differs| (differs.ratio, format!("{}: {}", differs.spot, differs.what), differs.cells))
            .collect()
    }

    #[test]
    fn totals_are_of_everything_or_of_their_section() {
        let mut checks = Checks::new(2, Vec::new());
        let none = |_: u32| None;
        checks.total(4, counts([6, 60]), &none);
        checks.group();
        checks.data(6, &counts([1, 10]), &none);
        checks.data(7, &counts([2, 20]), &none);
        checks.total(8, counts([3, 30]), &none);
        checks.data(9, &[Counted::Count(3), Counted::Missing], &none);
        checks.total(10, counts([3, 30]), &none);
        assert_eq!(
            ended(checks),
            [(false, "cell D5 (5:4): the printed total of `m1` is 60, but the rows add up to 30".to_owned(), 1)]
        );
    }

    #[test]
    fn a_cell_that_is_no_count_leaves_nothing_to_compare() {
        let mut checks = Checks::new(1, Vec::new());
        checks.data(6, &[Counted::NoCount], &|_| None);
        checks.total(7, vec![Counted::Count(9)], &|_| None);
        assert_eq!(ended(checks), []);
    }

    #[test]
    fn ratios_are_recomputed_where_there_is_something_to_divide_by() {
        let mut checks = Checks::new(2, vec![RatioColumn { column: 4, numerator: 0, denominator: 1 }]);
        let says = |text: &'static str| move |_: u32| Some(Value::Text(text.into()));
        checks.data(6, &counts([1, 3]), &says("33,33%"));
        checks.data(7, &counts([0, 0]), &says("100%"));
        checks.data(8, &counts([2, 3]), &says("66,60%"));
        checks.data(9, &counts([2, 3]), &says("-"));
        checks.data(10, &counts([2, 3]), &says("hai phần ba"));
        assert_eq!(
            ended(checks),
            [(true, "cell E9 (9:5): the printed ratio is `66,60%`, but 2 of 3 is 66,67 %".to_owned(), 2)]
        );
    }
}
