//! Which rows of a sheet are data: titles, groups, totals, notes and signatures are not.

use std::cell::RefCell;
use std::collections::HashMap;

use super::fold;
use super::grid::{Cell, Value, in_row};

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Figures of a unit.
    Data,
    /// "Tổng cộng": the sum of others.
    Total,
    /// "I", "Sở, ban, ngành": a heading, perhaps with a subtotal.
    Group,
    /// Anything else: a note, a signature, the header printed again.
    Aside,
}

/// So many texts are remembered; junk must not fill the memory.
const REMEMBERED: usize = 20_000;

/// Folded words that a row of sums begins with.
const TOTALS: [&str; 6] =
    ["tổng cộng", "tổng số", "tổng toàn tỉnh", "cộng toàn tỉnh", "toàn tỉnh", "tổng hợp toàn tỉnh"];
/// And those that it consists of.
const TOTAL_WORDS: [&str; 3] = ["tổng", "cộng", "total"];

/// Folded names of groups of units, without signs.
const GROUPS: [&str; 37] = [
    "sở ban ngành",
    "các sở ban ngành",
    "sở ngành",
    "các sở ngành",
    "sở ban ngành tỉnh",
    "các sở ban ngành tỉnh",
    "sở ban ngành cấp tỉnh",
    "các sở cơ quan ngang sở",
    "các sở cơ quan ban ngành",
    "khối sở ban ngành",
    "khối các sở ban ngành",
    "khối huyện",
    "khối xã",
    "cấp tỉnh",
    "cấp huyện",
    "cấp xã",
    "ubnd huyện",
    "ubnd xã",
    "ubnd cấp huyện",
    "ubnd cấp xã",
    "ubnd các huyện",
    "ubnd các xã",
    "ubnd huyện thành phố",
    "ubnd các huyện thành phố",
    "ubnd huyện thị xã thành phố",
    "ubnd các huyện thị xã thành phố",
    "ubnd xã phường thị trấn",
    "ubnd các xã phường thị trấn",
    "ubnd xã phường",
    "ubnd các xã phường",
    "huyện thành phố",
    "huyện thị xã thành phố",
    "huyện thành phố thị xã",
    "các huyện thành phố",
    "các huyện thị xã thành phố",
    "xã phường thị trấn",
    "các xã phường thị trấn",
];

/// What telling rows apart needs to know.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// The column with running numbers.
    pub(super) number: Option<u32>,
    /// The column with unit codes.
    pub(super) code: Option<u32>,
    /// Columns of counts.
    pub(super) counts: Vec<u32>,
    /// Folded last steps of the headers of `code` and `name`.
    pub(super) headers: Vec<String>,
    pub(super) totals: Vec<String>,
    pub(super) groups: Vec<String>,
    /// Texts that were met.
    pub(super) met: RefCell<HashMap<String, Label>>,
}

/// What a text says about the row that it stands in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Label {
    total: bool,
    group: bool,
    header: bool,
}

impl Telling {
    /// What the row with these cells is.
    pub(super) fn kind(&self, cells: &[Cell<'_>]) -> Kind {
        let has_code = self.code.is_some_and(|column| in_row(cells, column).is_some());
        let counted = self.counts.iter().any(|column| in_row(cells, *column).is_some());
        let first_count = self.counts.iter().min().copied().unwrap_or(u32::MAX);
        let texts = cells.iter().take_while(|cell| cell.column < first_count).filter_map(|cell| match &cell.value {
            Value::Text(text) => Some(self.label(text)),
            Value::Number(_) | Value::Date(_) => None,
        });
        let label = texts.fold(Label::default(), |one, other| Label {
            total: one.total || other.total,
            group: one.group || other.group,
            header: one.header || other.header,
        });
        if label.total {
            return Kind::Total;
        }
        if !has_code && (label.group || self.is_numbered_as_group(cells)) {
            return Kind::Group;
        }
        if counted && !label.header { Kind::Data } else { Kind::Aside }
    }

    /// What a text says about its row. Tables repeat their texts, so each is looked at once.
    fn label(&self, text: &str) -> Label {
        if let Some(label) = self.met.borrow().get(text) {
            return *label;
        }
        let folded = fold(text);
        let label = Label {
            total: self.is_total(&folded),
            group: self.is_group(&folded),
            header: self.headers.contains(&folded),
        };
        let mut met = self.met.borrow_mut();
        if met.len() < REMEMBERED {
            met.insert(text.to_owned(), label);
        }
        label
    }

    /// Whether a row is one of figures, so that nothing before it can be the signatures.
    pub(super) fn has_figures(&self, cells: &[Cell<'_>]) -> bool {
        let figures = self.counts.iter().any(|column| in_row(cells, *column).is_some_and(super::counted::is_figure));
        figures || self.number.and_then(|column| in_row(cells, column)).is_some_and(super::counted::is_figure)
    }

    fn is_total(&self, label: &str) -> bool {
        let label = label.trim_end_matches([':', '.', ' ']);
        TOTAL_WORDS.contains(&label)
            || self.totals.iter().any(|total| total == label)
            || TOTALS.iter().any(|total| {
                label.strip_prefix(total).is_some_and(|rest| !rest.starts_with(char::is_alphabetic))
                    && !label.contains("hồ sơ")
            })
    }

    fn is_group(&self, label: &str) -> bool {
        if self.groups.iter().any(|group| group == label) {
            return true;
        }
        let words: Vec<&str> = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let words = match words.split_first() {
            Some((first, rest)) if !rest.is_empty() && is_roman(&first.to_uppercase()) => rest,
            _ => &words,
        };
        // "Cấp huyện (bao gồm các huyện, thị xã …)": what stands in brackets only explains.
        let before = label
            .split('(')
            .next()
            .map_or(0, |head| head.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).count());
        let skipped = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count() - words.len();
        let words = words.get(..before.saturating_sub(skipped)).unwrap_or(words);
        GROUPS.contains(&words.join(" ").as_str())
    }

    fn is_numbered_as_group(&self, cells: &[Cell<'_>]) -> bool {
        let Some(Value::Text(number)) = self.number.and_then(|column| in_row(cells, column)) else { return false };
        let number = number.trim().trim_end_matches(['.', ')']);
        is_roman(number) || matches!(number.as_bytes(), [b'A'..=b'H'])
    }
}

/// Whether a text is a Roman number as headings use them: up to XXXIX.
fn is_roman(text: &str) -> bool {
    let ones = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    let rest = text.trim_start_matches('X');
    !text.is_empty() && text.len() - rest.len() <= 3 && (ones.contains(&rest) && !rest.contains('X') || rest.is_empty())
        || text.strip_suffix("IX").is_some_and(|tens| tens.len() <= 3 && tens.bytes().all(|byte| byte == b'X'))
        || text.strip_suffix("IV").is_some_and(|tens| tens.len() <= 3 && tens.bytes().all(|byte| byte == b'X'))
}

/// Whether a row only numbers the columns: `(1) (2) (3)=(4)+(5)` or `A B 1 2`.
pub(super) fn numbers_columns(cells: &[Cell<'_>]) -> bool {
    let mut last = 0_u32;
    let mut numbers = 0;
    for cell in cells {
        let text = cell.value.shown();
        let label = text.split('=').next().unwrap_or_default().trim().trim_matches(['(', ')', '[', ']']);
        match label.parse::<u32>() {
            Ok(number) if number == last + 1 => {
                last = number;
                numbers += 1;
            }
            Err(_) if label.len() == 1 && label.starts_with(|c: char| c.is_ascii_alphabetic()) => {}
            _ => return false,
        }
    }
    numbers >= 2 && cells.len() >= 3
}

/// A unit's name without the number before it and the marks of footnotes behind it.
pub(super) fn clean_name(name: &str) -> &str {
    let head = name.trim_start_matches(['-', '+', '•', '–', '*', ' ']);
    let after_number = head.trim_start_matches(|c: char| c.is_ascii_digit());
    let head = match after_number.strip_prefix(['.', ')']) {
        Some(rest) if after_number.len() < head.len() && rest.starts_with(' ') => rest.trim_start(),
        _ => head,
    };
    let mut tail = head;
    loop {
        let shorter = tail.trim_end_matches(['*', '¹', '²', '³', ' ', ':', ';']);
        let shorter = match shorter.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
            Some((rest, mark)) if mark.chars().all(|c| c == '*' || c.is_ascii_digit()) => rest,
            _ => shorter,
        };
        if shorter.len() == tail.len() {
            return if tail.is_empty() { name } else { tail };
        }
        tail = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn telling() -> Telling {
        Telling {
            number: Some(0),
            code: None,
            counts: vec![2, 3],
            headers: vec!["đơn vị".into()],
            ..Telling::default()
        }
    }

    fn row(texts: [&'static str; 4]) -> Vec<Cell<'static>> {
        let cell = |(column, text): (u32, &'static str)| Cell { row: 9, column, value: Value::Text(text.into()) };
        (0..).zip(texts).filter(|(_, text)| !text.is_empty()).map(cell).collect()
    }

    #[test]
    fn units_groups_totals_and_notes_are_told_apart() {
        for (texts, kind) in [
            (["1", "Sở Tư pháp", "12", "3"], Kind::Data),
            (["1", "Sở Tư pháp", "-", ""], Kind::Data),
            (["", "", "12", "3"], Kind::Data),
            (["I", "Sở, ban, ngành", "12", "3"], Kind::Group),
            (["XIV", "Huyện Hiệp Hòa", "", ""], Kind::Group),
            (["A.", "Khối nào đó", "", ""], Kind::Group),
            (["", "UBND huyện, thị xã, thành phố", "", ""], Kind::Group),
            (["", "II. Các sở - ban - ngành", "", ""], Kind::Group),
            (["10", "UBND huyện Hiệp Hòa", "12", "3"], Kind::Data),
            (["", "TỔNG CỘNG", "12", "3"], Kind::Total),
            (["Tổng cộng (I+II):", "", "12", "3"], Kind::Total),
            (["Cộng", "", "12", "3"], Kind::Total),
            (["3", "Xã Cộng Hòa", "12", "3"], Kind::Data),
            (["STT", "Đơn vị", "Nhận", "Trả"], Kind::Aside),
            (["", "Ghi chú: số liệu đến 31/10", "", ""], Kind::Aside),
            (["5", "Sở Nội vụ", "", ""], Kind::Aside),
        ] {
            assert_eq!(telling().kind(&row(texts)), kind, "{texts:?}");
        }
        let own = Telling { groups: vec!["nhóm khác".into()], totals: vec!["cả tỉnh".into()], ..telling() };
        assert_eq!(own.kind(&row(["", "Nhóm khác", "1", "1"])), Kind::Group);
        assert_eq!(own.kind(&row(["", "Cả tỉnh", "1", "1"])), Kind::Total);
    }

    #[test]
    fn roman_numbers_are_headings_and_letters_of_names_are_not() {
        for (text, roman) in [
            ("I", true),
            ("IV", true),
            ("IX", true),
            ("X", true),
            ("XIX", true),
            ("XXIV", true),
            ("XXXVIII", true),
            ("", false),
            ("IIII", false),
            ("VX", false),
            ("C", false),
            ("1", false),
            ("Xã", false),
        ] {
            assert_eq!(is_roman(text), roman, "{text}");
        }
    }

    #[test]
    fn a_row_that_numbers_the_columns_is_no_data() {
        assert!(numbers_columns(&row(["(1)", "(2)", "(3)=(4)+(5)", "(4)"])));
        assert!(numbers_columns(&row(["A", "B", "1", "2"])));
        assert!(numbers_columns(&row(["A", "1", "2", "3"])));
        assert!(!numbers_columns(&row(["1", "Sở Tư pháp", "12", "3"])));
        assert!(!numbers_columns(&row(["", "", "1", "1"])));
    }

    #[test]
    fn names_lose_numbers_and_marks_but_nothing_that_means_something() {
        for (name, clean) in [
            ("1. Sở Tư pháp", "Sở Tư pháp"),
            ("- Xã Hiệp Hòa (*)", "Xã Hiệp Hòa"),
            ("Xã Hiệp Hòa (1) **", "Xã Hiệp Hòa"),
            ("Xã Hiệp Hòa (huyện Hiệp Hòa)", "Xã Hiệp Hòa (huyện Hiệp Hòa)"),
            ("Phường 1", "Phường 1"),
            ("1.2", "1.2"),
            ("*", "*"),
        ] {
            assert_eq!(clean_name(name), clean, "{name}");
        }
    }
}
