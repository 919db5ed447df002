//! Texts with holes for what a request is about: `{year}`, `{month}`, `{page}` and their like.

use crate::http::encoded;

use chrono::{Datelike as _, NaiveDate};

/// A text with holes. A brace that names no hole is a brace, so that JSON stays legible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Hole(Hole),
}

/// What a hole is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hole {
    Year,
    Month,
    MonthTwoDigits,
    Quarter,
    Period,
    From,
    To,
    FromDayFirst,
    ToDayFirst,
    Root,
    Unit,
    Page,
    Offset,
    Size,
}

const HOLES: [(&str, Hole); 14] = [
    ("year", Hole::Year),
    ("month", Hole::Month),
    ("month2", Hole::MonthTwoDigits),
    ("quarter", Hole::Quarter),
    ("period", Hole::Period),
    ("from", Hole::From),
    ("to", Hole::To),
    ("from_dmy", Hole::FromDayFirst),
    ("to_dmy", Hole::ToDayFirst),
    ("root", Hole::Root),
    ("unit", Hole::Unit),
    ("page", Hole::Page),
    ("offset", Hole::Offset),
    ("size", Hole::Size),
];

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct About<'a> {
    /// First day.
    pub(super) from: NaiveDate,
    /// Last day.
    pub(super) to: NaiveDate,
    /// The unit's code and the system's id of its department, where requests are made for each.
    pub(super) root: Option<(&'a str, &'a str)>,
    /// The page, counted as the system counts.
    pub(super) page: u64,
    /// Pages before this one.
    pub(super) pages_before: u64,
    /// Rows of a page.
    pub(super) size: u64,
}

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// The first `{word}` that is no hole.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            let word = behind.split_once('}').filter(|(word, _)| is_word(word));
            let Some((word, behind_it)) = word else {
                push_text(&mut pieces, &[before, "{"]);
                rest = behind;
                continue;
            };
            let Some((_, hole)) = HOLES.iter().find(|(name, _)| *name == word) else { return Err(word.to_owned()) };
            push_text(&mut pieces, &[before]);
            pieces.push(Piece::Hole(*hole));
            rest = behind_it;
        }
        push_text(&mut pieces, &[rest]);
        Ok(Self(pieces))
    }

    /// The names of all holes, in braces.
    pub fn holes() -> String {
        HOLES.map(|(name, _)| format!("{{{name}}}")).join(", ")
    }

    /// Whether it has a hole for a page.
    pub(super) fn is_paged(&self) -> bool {
        self.has(&[Hole::Page, Hole::Offset])
    }

    /// Whether it has a hole for a department or its unit.
    pub(super) fn is_rooted(&self) -> bool {
        self.has(&[Hole::Root, Hole::Unit])
    }

    fn has(&self, holes: &[Hole]) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Hole(hole) if holes.contains(hole)))
    }

    /// The text with every hole filled.
    pub(super) fn fill(&self, about: &About<'_>) -> String {
        self.filled(about, str::to_owned)
    }

    /// The text with every hole filled by what an address can carry.
    pub(super) fn fill_address(&self, about: &About<'_>) -> String {
        self.filled(about, encoded)
    }

    fn filled(&self, about: &About<'_>, write: impl Fn(&str) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Hole(hole) => write(&hole.value(about)),
        };
        self.0.iter().map(piece).collect()
    }
}

impl Hole {
    fn value(self, about: &About<'_>) -> String {
        let About { from, to, .. } = about;
        match self {
            Self::Year => to.year().to_string(),
            Self::Month => to.month().to_string(),
            Self::MonthTwoDigits => to.format("%m").to_string(),
            Self::Quarter => to.month().div_ceil(3).to_string(),
            Self::Period => to.format("%Y-%m").to_string(),
            Self::From => from.to_string(),
            Self::To => to.to_string(),
            Self::FromDayFirst => from.format("%d/%m/%Y").to_string(),
            Self::ToDayFirst => to.format("%d/%m/%Y").to_string(),
            Self::Root => about.root.map_or("", |(_, id)| id).to_owned(),
            Self::Unit => about.root.map_or("", |(unit, _)| unit).to_owned(),
            Self::Page => about.page.to_string(),
            Self::Offset => about.pages_before.saturating_mul(about.size).to_string(),
            Self::Size => about.size.to_string(),
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn push_text(pieces: &mut Vec<Piece>, texts: &[&str]) {
    let text = texts.concat();
    match pieces.last_mut() {
        Some(Piece::Text(before)) => before.push_str(&text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Text(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn october() -> About<'static> {
        About {
            from: NaiveDate::from_ymd_opt(2022, 10, 1).unwrap(),
            to: NaiveDate::from_ymd_opt(2022, 10, 31).unwrap(),
            root: Some(("07201", "a-1")),
            page: 3,
            pages_before: 2,
            size: 100,
        }
    }

    #[test]
    fn every_hole_is_filled_and_other_braces_stay() {
        let filled = |text: &str| Template::parse(text).unwrap().fill(&october());
        assert_eq!(
            filled(r#"{"a":{"y":{year},"m":{month},"q":{quarter}},"r":"{root}","p":{page},"o":{offset},"s":{size}}"#),
            r#"{"a":{"y":2022,"m":10,"q":4},"r":"a-1","p":3,"o":200,"s":100}"#
        );
        assert_eq!(filled("{from} {to} {from_dmy} {to_dmy} {period} {month2} {unit}"), {
            "2022-10-01 2022-10-31 01/10/2022 31/10/2022 2022-10 10 07201"
        });
        assert_eq!(filled("{} {A} {"), "{} {A} {");
        assert_eq!(Template::parse("{yaer}"), Err("yaer".to_owned()));
        assert_eq!(Template::parse("a={to_dmy}").unwrap().fill_address(&october()), "a=31%2F10%2F2022");
    }
}
