//! Headers of several rows, flattened: a column is called by the path `Số hồ sơ nhận giải quyết > Trong đó > Trực tuyến`.

use super::fold;
use super::grid::{Grid, Value};
use super::place::cell_name;

/// Between the steps of a path.
const STEP: &str = " > ";
/// Between the columns that a measure is the sum of.
const PLUS: &str = " + ";
/// Rows of one header.
const DEEPEST: u32 = 6;
/// A header begins within so many rows that hold anything.
const SEARCHED: usize = 100;
/// Characters of a cell that name a column: a longer cell is a note, and would be looked at once per column.
const LONGEST_STEP: usize = 500;
/// How many columns an error lists.
const LISTED: usize = 20;

/// The rows that name the columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) top: u32,
    pub(super) bottom: u32,
    /// By column: the steps of its path; empty for a column without a name.
    paths: Vec<Vec<Step>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    shown: String,
    /// Mostly one; several where the cell holds a `>` itself, which a mapped header cannot tell from a step.
    folded: Vec<String>,
}

/// Where a mapped header stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Column {
    /// In one column.
    One(u32),
    /// Its counts are the sum of several.
    Sum(Vec<u32>),
}

/// Why a mapped header was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// No column is called so.
    Absent(String),
    /// Several are.
    Several(String, Vec<u32>),
}

impl Header {
    /// The rows of `grid` under which most of the `wanted` headers are found: of equally good ones the highest, and of
    /// these the fewest rows. With `fixed` it is exactly those rows.
    pub(super) fn find(grid: &Grid<'_>, wanted: &[&str], fixed: Option<(u32, u32)>) -> Self {
        let width = grid.width();
        if let Some((top, bottom)) = fixed {
            return Self::of(grid, top, bottom, width);
        }
        let lowest: Vec<String> = wanted.iter().flat_map(|name| name.split(PLUS)).filter_map(last_step).collect();
        let mut best: (usize, Self) = (0, Self::default());
        for (bottom, _) in grid.rows().take(SEARCHED) {
            let names_any = (0..width).any(|column| {
                let (row, left) = grid.anchor(bottom, column);
                grid.at(row, left)
                    .and_then(label)
                    .and_then(|name| last_step(&name))
                    .is_some_and(|step| lowest.contains(&step))
            });
            if !names_any {
                continue;
            }
            let bottom = closed_below(grid, bottom);
            for top in (bottom.saturating_sub(DEEPEST - 1)..=bottom).rev() {
                let header = Self::of(grid, top, bottom, width);
                let found = wanted.iter().filter(|name| header.resolve(name).is_ok()).count();
                if found > best.0 {
                    best = (found, header);
                }
            }
        }
        best.1
    }

    fn of(grid: &Grid<'_>, top: u32, bottom: u32, width: u32) -> Self {
        let paths = (0..width).map(|column| path(grid, top, bottom, column)).collect();
        Self { top, bottom, paths }
    }

    /// Columns with a name, and their number up to the last of them.
    pub(super) fn width(&self) -> u32 {
        let named = self.paths.iter().rposition(|path| !path.is_empty()).map_or(0, |last| last + 1);
        u32::try_from(named).unwrap_or(0)
    }

    /// The path of a column as people read it.
    pub(super) fn name(&self, column: u32) -> String {
        let path = usize::try_from(column).ok().and_then(|at| self.paths.get(at));
        let steps: Vec<&str> = path.into_iter().flatten().map(|step| step.shown.as_str()).collect();
        steps.join(STEP)
    }

    /// The columns that `name` means: the whole path of one, its end, or several with ` + ` between them.
    ///
    /// # Errors
    /// When none or more than one is called so.
    pub(super) fn resolve(&self, name: &str) -> Result<Column, Unresolved> {
        let whole = self.one(name);
        match whole {
            Err(Unresolved::Absent(_)) if name.contains(PLUS) => {
                let columns: Result<Vec<u32>, Unresolved> = name.split(PLUS).map(|part| self.one(part)).collect();
                columns.map(Column::Sum)
            }
            other => other.map(Column::One),
        }
    }

    fn one(&self, name: &str) -> Result<u32, Unresolved> {
        let wanted: Vec<String> = name.split(STEP.trim()).map(fold).collect();
        let length = |path: &[Step]| path.iter().map(|step| step.folded.len()).sum::<usize>();
        let ends_so = |path: &Vec<Step>| {
            let mut steps = path.iter().rev().flat_map(|step| step.folded.iter().rev());
            wanted.iter().rev().all(|wants| steps.next() == Some(wants))
        };
        let columns = |fits: &dyn Fn(&Vec<Step>) -> bool| -> Vec<u32> {
            let found = self.paths.iter().enumerate().filter(|(_, path)| fits(path));
            found.filter_map(|(column, _)| u32::try_from(column).ok()).collect()
        };
        let whole = columns(&|path| length(path) == wanted.len() && ends_so(path));
        let found = if whole.is_empty() { columns(&ends_so) } else { whole };
        match found.as_slice() {
            [] => Err(Unresolved::Absent(name.trim().to_owned())),
            [only] => Ok(*only),
            _ => Err(Unresolved::Several(name.trim().to_owned(), found)),
        }
    }

    /// What is wrong, in words, and what to do.
    pub(super) fn explain(&self, unresolved: &Unresolved) -> (String, String) {
        match unresolved {
            Unresolved::Several(name, columns) => {
                let places: Vec<String> = columns
                    .iter()
                    .map(|column| format!("{} (`{}`)", cell_name(self.bottom, *column), self.name(*column)))
                    .collect();
                let reason = format!("`{name}` may be any of {}", places.join(", "));
                let first = columns.first().map(|column| self.name(*column)).unwrap_or_default();
                let alike = columns.iter().all(|column| fold(&self.name(*column)) == fold(&first));
                let remedy = if alike {
                    "give each column its own header".to_owned()
                } else {
                    format!("write the header with those above it, for example `{first}`")
                };
                (reason, remedy)
            }
            Unresolved::Absent(name) => {
                let names: Vec<String> =
                    (0..self.width()).map(|column| self.name(column)).filter(|name| !name.is_empty()).collect();
                if names.is_empty() {
                    let reason = format!("no row holds the header `{name}` or another one that is mapped");
                    return (
                        reason,
                        "correct [source.columns], or name the rows with `header_rows` in [source.layout]".to_owned(),
                    );
                }
                let listed: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
                let more = names.len().saturating_sub(LISTED);
                let more = if more == 0 { String::new() } else { format!(" and {more} more") };
                let near = |other: &&String| strsim::normalized_damerau_levenshtein(&fold(name), &fold(other));
                let nearest = names.iter().max_by(|one, other| near(one).total_cmp(&near(other)));
                let nearest = nearest.map_or("", String::as_str);
                (
                    format!("no column `{name}`; there are {}{more}", listed.join(", ")),
                    format!("write `{nearest}` in [source.columns] if that is the column"),
                )
            }
        }
    }
}

/// The last row of the merged cells that begin in or above `bottom` and hold it.
fn closed_below(grid: &Grid<'_>, bottom: u32) -> u32 {
    let reach =
        grid.merges().iter().filter(|merge| (merge.top..=merge.bottom).contains(&bottom)).map(|merge| merge.bottom);
    reach.max().unwrap_or(bottom).min(bottom.saturating_add(DEEPEST - 1))
}

fn path(grid: &Grid<'_>, top: u32, bottom: u32, column: u32) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut last = None;
    for row in top..=bottom {
        let anchor = grid.anchor(row, column);
        if last.replace(anchor) == Some(anchor) {
            continue;
        }
        let Some(shown) = grid.at(anchor.0, anchor.1).and_then(label) else { continue };
        let folded: Vec<String> = shown.split(STEP.trim()).map(fold).collect();
        if folded.iter().any(|part| !part.is_empty()) {
            steps.push(Step { shown, folded });
        }
    }
    steps
}

/// What a cell calls its columns.
fn label(value: &Value<'_>) -> Option<String> {
    let Value::Text(text) = value else { return None };
    let end = text.char_indices().nth(LONGEST_STEP).map_or(text.len(), |(end, _)| end);
    Some(Value::Text(text.get(..end)?.into()).shown())
}

fn last_step(name: &str) -> Option<String> {
    name.rsplit(STEP.trim()).next().map(fold)
}

#[cfg(test)]
mod tests {
    use super::super::grid::{Cell, Merge};
    use super::*;

    fn text(row: u32, column: u32, text: &'static str) -> Cell<'static> {
        Cell { row, column, value: Value::Text(text.into()) }
    }

    /// A title, then a header of three rows as in Biểu 06.
    fn report() -> Grid<'static> {
        let merge = |top, left, bottom, right| Merge { top, left, bottom, right };
        let cells = vec![
            text(0, 0, "TÌNH HÌNH GIẢI QUYẾT"),
            text(2, 0, "STT"),
            text(2, 1, "Lĩnh vực"),
            text(2, 2, "Số hồ sơ nhận giải quyết"),
            text(2, 6, "Số hồ sơ đã giải quyết"),
            text(3, 2, "Tổng số"),
            text(3, 3, "Trong đó"),
            text(3, 5, "Từ kỳ trước"),
            text(3, 6, "Tổng số"),
            text(4, 3, "Trực tuyến"),
            text(4, 4, "Trực tiếp"),
            text(5, 1, "Sở Tư pháp"),
        ];
        let merges = vec![
            merge(0, 0, 0, 6),
            merge(2, 0, 4, 0),
            merge(2, 1, 4, 1),
            merge(2, 2, 2, 5),
            merge(3, 2, 4, 2),
            merge(3, 3, 3, 4),
            merge(3, 5, 4, 5),
            merge(3, 6, 4, 6),
        ];
        Grid::new(cells, merges)
    }

    #[test]
    fn merged_rows_become_paths_and_the_title_stays_out() {
        let wanted = ["Lĩnh vực", "Số hồ sơ nhận giải quyết > Trong đó > Trực tuyến"];
        let header = Header::find(&report(), &wanted, None);
        assert_eq!((header.top, header.bottom, header.width()), (2, 4, 7));
        let names: Vec<String> = (0..7).map(|column| header.name(column)).collect();
        insta::assert_snapshot!(names.join("\n"), @r"
        STT
        Lĩnh vực
        Số hồ sơ nhận giải quyết > Tổng số
        Số hồ sơ nhận giải quyết > Trong đó > Trực tuyến
        Số hồ sơ nhận giải quyết > Trong đó > Trực tiếp
        Số hồ sơ nhận giải quyết > Từ kỳ trước
        Số hồ sơ đã giải quyết > Tổng số
        ");
    }

    #[test]
    fn the_end_of_a_path_will_do_unless_two_columns_end_so() {
        let header = Header::find(&report(), &["Số hồ sơ nhận giải quyết > Tổng số", "Trực tuyến"], None);
        assert_eq!(header.resolve("trực  TUYẾN"), Ok(Column::One(3)));
        assert_eq!(header.resolve("Trong đó > Trực tuyến + Trực tiếp"), Ok(Column::Sum(vec![3, 4])));
        let (reason, remedy) = header.explain(&header.resolve("Tổng số").unwrap_err());
        assert!(reason.contains("C5 (`Số hồ sơ nhận giải quyết > Tổng số`), G5"), "{reason}");
        assert!(remedy.contains("`Số hồ sơ nhận giải quyết > Tổng số`"), "{remedy}");
        let (reason, remedy) = header.explain(&header.resolve("Từ kì trước").unwrap_err());
        assert!(reason.starts_with("no column `Từ kì trước`; there are `STT`, `Lĩnh vực`"), "{reason}");
        assert!(remedy.contains("Từ kỳ trước"), "{remedy}");
    }

    #[test]
    fn a_header_that_holds_the_mark_of_a_step_is_found_by_its_name() {
        let cells = vec![text(0, 0, "Đơn vị"), text(0, 1, "Quá hạn"), text(1, 1, "> 10 ngày"), text(1, 2, "A>B")];
        let header = Header::find(&Grid::new(cells, Vec::new()), &["Đơn vị"], Some((0, 1)));
        assert_eq!(header.name(1), "Quá hạn > > 10 ngày");
        for name in [header.name(1).as_str(), "> 10 ngày", "10 ngày"] {
            assert_eq!(header.resolve(name), Ok(Column::One(1)), "{name}");
        }
        assert_eq!(header.resolve("A > B"), Ok(Column::One(2)));
        assert!(header.resolve("10").is_err());
    }

    #[test]
    fn a_header_of_one_row_takes_nothing_of_the_row_below() {
        let cells = vec![text(0, 0, "Đơn vị"), text(0, 1, "Nhận"), text(1, 0, "Sở Tư pháp"), text(1, 1, "12")];
        let header = Header::find(&Grid::new(cells, Vec::new()), &["Đơn vị", "Nhận"], None);
        assert_eq!((header.top, header.bottom), (0, 0));
    }

    #[test]
    fn rows_that_are_given_are_taken() {
        let header = Header::find(&report(), &["Trực tuyến"], Some((3, 4)));
        assert_eq!(header.name(3), "Trong đó > Trực tuyến");
    }
}
