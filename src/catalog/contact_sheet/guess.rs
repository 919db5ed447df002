//! Which row names the columns, and what each of them holds. The clerk sees the guess and corrects it; what he decides
//! about a heading is remembered.

use std::collections::{BTreeMap, BTreeSet};

use super::{CellKind, Sheet, SheetRow};
use crate::catalog::matching::{fold, without_diacritics};
use crate::words::Sentence;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Official code of the unit.
    UnitCode,
    /// Name of the unit.
    UnitName,
    /// Head, deputy or focal point.
    Office,
    /// How the office is written.
    Title,
    /// Who holds it.
    Person,
    /// E-mail address.
    Email,
    /// Mobile number.
    Phone,
    /// Zalo user id.
    Zalo,
    /// First day.
    From,
    /// Last day.
    To,
}

impl Field {
    /// All of them, in the order of our own sheet.
    pub const ALL: [Self; 10] = [
        Self::UnitCode,
        Self::UnitName,
        Self::Office,
        Self::Title,
        Self::Person,
        Self::Email,
        Self::Phone,
        Self::Zalo,
        Self::From,
        Self::To,
    ];

    /// As it is stored, and named on the command line: the columns of contacts.csv.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnitCode => "unit_code",
            Self::UnitName => "unit_name",
            Self::Office => "office",
            Self::Title => "title",
            Self::Person => "person",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Zalo => "zalo_user_id",
            Self::From => "valid_from",
            Self::To => "valid_to",
        }
    }

    /// The field that `word` names.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.word() == word)
    }

    /// As clerks call it; the headings of our own sheet.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnitCode => "Mã đơn vị",
            Self::UnitName => "Tên đơn vị",
            Self::Office => "Vai trò",
            Self::Title => "Chức vụ",
            Self::Person => "Họ và tên",
            Self::Email => "Thư điện tử",
            Self::Phone => "Di động",
            Self::Zalo => "Mã Zalo",
            Self::From => "Từ ngày",
            Self::To => "Đến ngày",
        }
    }

    /// What headings say, folded and without marks; those further to the front say it more surely.
    const fn headings(self) -> &'static [&'static str] {
        match self {
            Self::UnitCode => &["unit_code", "ma don vi", "ma dvhc", "ma co quan", "ma dinh danh", "ma dv", "ma xa"],
            Self::UnitName => &[
                "unit_name",
                "ten don vi",
                "ten co quan",
                "don vi",
                "co quan",
                "xa, phuong",
                "xa/phuong",
                "xa phuong",
                "ubnd",
                "dia phuong",
            ],
            Self::Office => &["office", "vai tro", "loai dau moi"],
            Self::Title => &["title", "chuc vu", "chuc danh"],
            Self::Person => {
                &["person", "ho va ten", "ho ten", "ho, ten", "ten nguoi", "nguoi nhan", "can bo", "lanh dao"]
            }
            Self::Email => &["email", "e-mail", "thu dien tu", "thu cong vu", "hop thu", "mail"],
            Self::Phone => &["phone", "di dong", "dien thoai", "so dt", "sdt", "dtdd", "mobile"],
            Self::Zalo => &["zalo_user_id", "zalo"],
            Self::From => &["valid_from", "tu ngay", "ngay bo nhiem", "bo nhiem", "hieu luc tu", "bat dau"],
            Self::To => &["valid_to", "den ngay", "het nhiem ky", "thoi giu", "hieu luc den", "ket thuc"],
        }
    }

    /// How surely a heading means this field: 0 is the surest.
    fn rank(self, folded: &str) -> Option<usize> {
        let known = self.headings();
        let exact = known.iter().position(|known| *known == folded);
        exact.or_else(|| known.iter().position(|known| folded.contains(known)).map(|at| at + known.len()))
    }
}

/// What was decided before about headings: folded heading, and its field, or `None` for a column that is left out.
pub type Memory = BTreeMap<String, Option<Field>>;

/// Where the columns are named, and what they hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// Number of the last row of the headings; rows up to it are no contacts. 0: there are no headings.
    pub header_row: u32,
    /// By column: its heading.
    pub headings: BTreeMap<u32, String>,
    /// By column: what it holds.
    pub fields: BTreeMap<u32, Field>,
}

/// Rows from the top among which the headings are looked for.
const SEARCHED: usize = 25;
/// Characters of a cell that may be a heading.
const LONGEST: usize = 60;

impl Layout {
    /// The layout of `sheet`, as far as it can be guessed; `memory` is what clerks decided before.
    pub fn guess(sheet: &Sheet, memory: &Memory) -> Self {
        let rows: Vec<&SheetRow> = sheet.rows.iter().take(SEARCHED).collect();
        let mut best = (0, Self::default());
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| may_be_headings(row)) {
            let below = rows.get(at + 1).filter(|below| below.number == row.number + 1);
            for pair in [None, below] {
                let layout = Self::of_rows(row, pair.copied(), memory);
                let found = layout.fields.values().collect::<BTreeSet<_>>().len();
                let better = found > best.0 && pair.is_none_or(|row| !holds_data(row));
                if better && found >= 2 {
                    best = (found, layout);
                }
            }
        }
        best.1
    }

    fn of_rows(upper: &SheetRow, lower: Option<&SheetRow>, memory: &Memory) -> Self {
        let columns: BTreeSet<u32> = std::iter::once(upper).chain(lower).flat_map(columns_in).collect();
        let shown = |row: &SheetRow, column: u32| {
            let cell = row.cell(column)?;
            let text = cell.text.split_whitespace().collect::<Vec<_>>().join(" ");
            (!text.is_empty() && text.chars().count() <= LONGEST).then_some(text)
        };
        let mut headings = BTreeMap::new();
        for column in columns {
            let (above, below) = (shown(upper, column), lower.and_then(|lower| shown(lower, column)));
            let heading = match (above, below) {
                (Some(above), Some(below)) if above != below => format!("{above} > {below}"),
                (Some(one), _) | (None, Some(one)) => one,
                (None, None) => continue,
            };
            headings.insert(column, heading);
        }
        let fields = columns_of(&headings, memory);
        Self { header_row: lower.unwrap_or(upper).number, headings, fields }
    }

    /// The column of a field.
    pub fn column(&self, field: Field) -> Option<u32> {
        self.fields.iter().find(|(_, known)| **known == field).map(|(column, _)| *column)
    }

    /// What is still missing for reading the rows, in a clerk's words.
    pub fn lacks(&self) -> Option<Sentence> {
        let has = |field| self.column(field).is_some();
        if !has(Field::UnitCode) && !has(Field::UnitName) {
            return Some(Sentence::of("cell.lacks_unit"));
        }
        if !has(Field::Office) && !has(Field::Title) {
            return Some(Sentence::of("cell.lacks_office"));
        }
        if ![Field::Person, Field::Email, Field::Phone, Field::Zalo].into_iter().any(has) {
            return Some(Sentence::of("cell.lacks_contact"));
        }
        None
    }

    /// What is to be remembered of it.
    pub fn memory(&self) -> Memory {
        self.headings.iter().map(|(column, heading)| (key(heading), self.fields.get(column).copied())).collect()
    }
}

/// How a heading is remembered.
fn key(heading: &str) -> String {
    fold(heading)
}

/// What the columns under these headings hold: as it was decided before, else by their words. No field is held twice.
pub fn columns_of(headings: &BTreeMap<u32, String>, memory: &Memory) -> BTreeMap<u32, Field> {
    let mut rated: Vec<(usize, u32, Field)> = Vec::new();
    for (column, heading) in headings {
        match memory.get(&key(heading)) {
            Some(Some(field)) => rated.push((0, *column, *field)),
            Some(None) => {}
            None => {
                // The lower of two rows says it more exactly; the upper one stands for the whole group.
                let (upper, lower) = heading.rsplit_once(" > ").unwrap_or(("", heading));
                for (part, further) in [(lower, 1), (upper, 100)] {
                    let folded = without_diacritics(&fold(part));
                    let ranks = Field::ALL.into_iter().filter_map(|field| Some((field.rank(&folded)?, field)));
                    rated.extend(ranks.map(|(rank, field)| (rank + further, *column, field)));
                }
            }
        }
    }
    rated.sort_by_key(|(rank, column, _)| (*rank, *column));
    let (mut fields, mut taken) = (BTreeMap::new(), BTreeSet::new());
    for (_, column, field) in rated {
        if !fields.contains_key(&column) && taken.insert(field) {
            fields.insert(column, field);
        }
    }
    fields
}

fn columns_in(row: &SheetRow) -> impl Iterator<Item = u32> {
    row.cells.iter().map(|cell| cell.column)
}

/// A title is one text, shown over several columns perhaps.
fn may_be_headings(row: &SheetRow) -> bool {
    row.cells.iter().map(|cell| cell.text.trim()).collect::<BTreeSet<_>>().len() >= 2 && !holds_data(row)
}

/// Whether a row holds what no heading does: an address, a number, a date.
pub(super) fn holds_data(row: &SheetRow) -> bool {
    row.cells.iter().any(|cell| {
        cell.merged.is_none()
            && (matches!(cell.kind, CellKind::Number | CellKind::Date)
                || cell.text.contains('@')
                || cell.text.chars().filter(char::is_ascii_digit).count() >= 5)
    })
}

#[cfg(test)]
mod tests {
    use super::super::SheetCell;
    use super::*;

    fn sheet(rows: &[&[&str]]) -> Sheet {
        let cell =
            |(column, text): (u32, &&str)| SheetCell { column, text: (*text).to_owned(), ..SheetCell::default() };
        let row = |(number, cells): (u32, &&[&str])| SheetRow {
            number,
            cells: (0..).zip(*cells).filter(|(_, text)| !text.is_empty()).map(cell).collect(),
        };
        Sheet { name: String::new(), rows: (1..).zip(rows).map(row).collect() }
    }

    fn fields(sheet: &Sheet, memory: &Memory) -> (u32, Vec<(u32, Field)>) {
        let layout = Layout::guess(sheet, memory);
        (layout.header_row, layout.fields.into_iter().collect())
    }

    #[test]
    fn columns_are_guessed_below_a_title_whatever_their_order() {
        let sheet = sheet(&[
            &["DANH SÁCH LÃNH ĐẠO CÁC ĐƠN VỊ"],
            &["(Kèm theo Công văn số 12/UBND)"],
            &["TT", "Họ và tên", "Chức vụ", "Đơn vị", "Số điện thoại di động", "Email công vụ"],
            &["1", "", "Chủ tịch", "Xã Song Mai", "0900 000 123", "a@xa.example"],
        ]);
        let expected =
            vec![(1, Field::Person), (2, Field::Title), (3, Field::UnitName), (4, Field::Phone), (5, Field::Email)];
        assert_eq!(fields(&sheet, &Memory::new()), (3, expected));
    }

    #[test]
    fn two_rows_of_headings_are_read_together() {
        let sheet = sheet(&[
            &["Mã đơn vị", "Đơn vị", "Người đứng đầu", "", "Liên hệ", ""],
            &["", "", "Họ tên", "Chức danh", "Thư điện tử", "ĐTDĐ"],
            &["07201", "Xã Song Mai", "", "Chủ tịch", "a@xa.example", "0900 000 123"],
        ]);
        let layout = Layout::guess(&sheet, &Memory::new());
        assert_eq!(layout.header_row, 2);
        assert_eq!(layout.fields.len(), 6, "{layout:?}");
        assert_eq!(layout.column(Field::Phone), Some(5));
        assert_eq!(layout.lacks(), None);
    }

    #[test]
    fn what_was_decided_about_a_heading_is_remembered() {
        let sheet = sheet(&[&["Nơi nhận", "Chức vụ", "Email", "Ghi chú"], &["Xã A", "Chủ tịch", "a@xa.example", "x"]]);
        let guessed = Layout::guess(&sheet, &Memory::new());
        assert!(guessed.lacks().is_some(), "{guessed:?}");
        let decided = Layout { fields: [(0, Field::UnitName), (1, Field::Title), (2, Field::Email)].into(), ..guessed };
        let again = Layout::guess(&sheet, &decided.memory());
        assert_eq!(again, decided);
    }

    #[test]
    fn a_sheet_without_headings_gives_none() {
        let sheet = sheet(&[&["Xã Song Mai", "a@xa.example", "0900 000 123"]]);
        assert_eq!(Layout::guess(&sheet, &Memory::new()).fields.len(), 0);
    }
}
