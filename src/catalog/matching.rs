//! Finds the unit that a source means: code, then exact folded name with its kind word, then alias; otherwise a
//! person decides. Never a guess: a wrong match sends a reprimand to the wrong chairman.

use std::collections::HashMap;

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization as _;

use super::unit::{Unit, UnitId, Validity};

/// Index of units by what they are and were called. Codes and names are given anew, so each is asked for on a day.
#[derive(Debug, Clone, Default)]
pub struct Names {
    day: NaiveDate,
    codes: HashMap<String, Vec<Dated>>,
    called: HashMap<String, Vec<Dated>>,
    aliases: HashMap<String, Vec<Dated>>,
}

/// A unit and when it has the code or name.
#[derive(Debug, Clone)]
struct Dated {
    unit: UnitId,
    valid: Validity,
}

/// Why a source's unit was not found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmatched {
    /// No unit has this code or name.
    Unknown,
    /// Several units are called so (Xã Phúc Sơn exists twice).
    Ambiguous(Vec<UnitId>),
    /// The code is one unit's, the name another's: codes were given anew, or the table is wrong.
    Contradiction {
        /// Whose code it is.
        by_code: UnitId,
        /// Whose name it is.
        by_name: UnitId,
    },
}

impl Names {
    /// The index of `units`, all their rows; [`find`](Self::find) asks for `day`.
    pub fn of(units: &[Unit], day: NaiveDate) -> Self {
        let mut index = Self { day, ..Self::default() };
        for unit in units {
            let dated = || Dated { unit: unit.id.clone(), valid: unit.valid };
            index.codes.entry(unit.code.clone()).or_default().push(dated());
            let (name, authority) = (fold(&unit.name), fold(&unit.authority()));
            if authority != name {
                index.called.entry(authority).or_default().push(dated());
            }
            index.called.entry(name).or_default().push(dated());
            for alias in &unit.aliases {
                index.aliases.entry(fold(alias)).or_default().push(dated());
            }
        }
        index
    }

    /// The unit that `code` and `name` mean on the index's own day; either may be empty.
    ///
    /// # Errors
    /// [`Unmatched`] when nobody, more than one or two different units are meant.
    pub fn find(&self, code: &str, name: &str) -> Result<&UnitId, Unmatched> {
        self.find_on(code, name, self.day)
    }

    /// The unit that `code` and `name` mean on `day`; either may be empty. A code that no unit has may be an alias: what
    /// a source calls a unit by and a person has said whom it means.
    ///
    /// # Errors
    /// [`Unmatched`] when nobody, more than one or two different units are meant.
    pub fn find_on(&self, code: &str, name: &str, day: NaiveDate) -> Result<&UnitId, Unmatched> {
        let (code, name) = (code.trim(), name.trim());
        let by_code = match one(self.codes.get(code), day)? {
            None if !code.is_empty() => one(self.aliases.get(&fold(code)), day)?,
            found => found,
        };
        if name.is_empty() || (by_code.is_none() && !code.is_empty()) {
            return by_code.ok_or(Unmatched::Unknown);
        }
        match (by_code, self.find_name(name, day)) {
            (Some(unit), Ok(named)) if unit != named => {
                Err(Unmatched::Contradiction { by_code: unit.clone(), by_name: named.clone() })
            }
            // A name of several is nobody's word for one that is not among them.
            (Some(unit), Err(Unmatched::Ambiguous(several))) if !several.contains(unit) => {
                let by_name = several.into_iter().next().unwrap_or_else(|| unit.clone());
                Err(Unmatched::Contradiction { by_code: unit.clone(), by_name })
            }
            (Some(unit), _) => Ok(unit),
            (None, by_name) => by_name,
        }
    }

    fn find_name(&self, name: &str, day: NaiveDate) -> Result<&UnitId, Unmatched> {
        let folded = fold(name);
        let called = one(self.called.get(&folded), day)?;
        let found = if called.is_some() { called } else { one(self.aliases.get(&folded), day)? };
        found.ok_or(Unmatched::Unknown)
    }
}

/// The one unit among `dated` that holds on `day`.
fn one(dated: Option<&Vec<Dated>>, day: NaiveDate) -> Result<Option<&UnitId>, Unmatched> {
    let mut meant: Vec<&UnitId> = Vec::new();
    for dated in dated.into_iter().flatten().filter(|dated| dated.valid.covers(day)) {
        if !meant.contains(&&dated.unit) {
            meant.push(&dated.unit);
        }
    }
    match meant.as_slice() {
        [] => Ok(None),
        [unit] => Ok(Some(unit)),
        several => Err(Unmatched::Ambiguous(several.iter().map(|unit| (*unit).clone()).collect())),
    }
}

/// Makes two spellings of one name equal: NFC, lower case, one kind of space, hyphen and quote, old tone placement.
pub fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for word in name.nfc().collect::<String>().to_lowercase().split(|c: char| c.is_whitespace() || c == '\u{a0}') {
        let word: String = word.chars().filter_map(unify).collect();
        if word.is_empty() {
            continue;
        }
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(&old_tone_placement(word));
    }
    folded
}

fn unify(c: char) -> Option<char> {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
        '\u{2018}' | '\u{2019}' | '\u{2032}' => Some('\''),
        '\u{201c}' | '\u{201d}' => Some('"'),
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => None,
        other => Some(other),
    }
}

/// `hoà` → `hòa`, `thuỵ` → `thụy`: only where the pair ends the syllable, and never after q (`quý` stays).
fn old_tone_placement(word: String) -> String {
    const PAIRS: [(&str, &str); 15] = [
        ("oà", "òa"),
        ("oá", "óa"),
        ("oả", "ỏa"),
        ("oã", "õa"),
        ("oạ", "ọa"),
        ("oè", "òe"),
        ("oé", "óe"),
        ("oẻ", "ỏe"),
        ("oẽ", "õe"),
        ("oẹ", "ọe"),
        ("uỳ", "ùy"),
        ("uý", "úy"),
        ("uỷ", "ủy"),
        ("uỹ", "ũy"),
        ("uỵ", "ụy"),
    ];
    let syllable_end = word.trim_end_matches(|c: char| !c.is_alphabetic()).len();
    let (syllable, tail) = word.split_at(syllable_end);
    for (new, old) in PAIRS {
        if let Some(head) = syllable.strip_suffix(new).filter(|head| !head.ends_with('q')) {
            return format!("{head}{old}{tail}");
        }
    }
    word
}

/// The text with Latin letters only: `Đồng Kỳ` → `Dong Ky`. Two units may become equal by this.
pub fn without_diacritics(text: &str) -> String {
    let stripped = text.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c));
    stripped
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Kind;

    fn unit(code: &str, name: &str, kind: Kind, aliases: &[&str]) -> Unit {
        Unit {
            id: UnitId::new(code),
            code: code.into(),
            name: name.into(),
            kind,
            parent: None,
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            valid: Validity::default(),
        }
    }

    #[test]
    fn spellings_of_one_name_fold_to_the_same_text() {
        for (one, other) in [
            ("Xã Hiệp Hoà", "xã  Hiệp Hòa"),
            ("Xã Cảnh Thuỵ", "XÃ CẢNH THỤY"),
            ("Sở Văn hoá, Thể thao và Du lịch", "Sở Văn hóa, Thể thao và Du lịch"),
            ("Xã Đo\u{302}\u{300}ng Kỳ", "Xã\u{a0}Đồng Kỳ"),
            ("Sở Lao động – Thương binh và Xã hội", "Sở Lao động - Thương binh và Xã hội"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
    }

    #[test]
    fn syllables_that_only_look_like_tone_variants_stay() {
        assert_eq!(fold("Xã Quý Sơn"), "xã quý sơn");
        assert_eq!(fold("Phường Hoàng Văn Thụ"), "phường hoàng văn thụ");
        assert_ne!(fold("Xã Đông Sơn"), fold("Xã Đồng Sơn"));
    }

    #[test]
    fn code_wins_then_name_then_alias_and_doubt_is_never_guessed() {
        let units = [
            unit("07318", "Xã Phúc Sơn", Kind::Commune, &[]),
            unit("07630", "Xã Phúc Sơn", Kind::Commune, &[]),
            unit("SCT", "Sở Công Thương", Kind::Department, &["Sở CT"]),
        ];
        let names = Names::of(&units, NaiveDate::default());
        assert_eq!(names.find("07318", "Xã Phúc Sơn"), Ok(&UnitId::new("07318")));
        assert!(matches!(names.find("", "Xã Phúc Sơn"), Err(Unmatched::Ambiguous(units)) if units.len() == 2));
        assert_eq!(names.find("", "sở ct"), Ok(&UnitId::new("SCT")));
        assert_eq!(names.find("", "Sở Công Thuong"), Err(Unmatched::Unknown));
        assert_eq!(names.find("99999", "Sở Công Thương"), Err(Unmatched::Unknown));
        assert!(matches!(names.find("07318", "Sở Công Thương"), Err(Unmatched::Contradiction { .. })));
        let of_others = names.find("SCT", "Xã Phúc Sơn");
        assert!(matches!(of_others, Err(Unmatched::Contradiction { .. })), "a name of two others: {of_others:?}");
        assert_eq!(names.find("sở ct", ""), Ok(&UnitId::new("SCT")), "what a source uses as a code may be an alias");
        assert_eq!(names.find("sở ct", "Cách viết lạ"), Ok(&UnitId::new("SCT")));
        assert!(matches!(names.find("Sở CT", "Xã Lạ"), Ok(unit) if unit.as_str() == "SCT"));
    }

    #[test]
    fn a_code_and_a_name_mean_the_unit_of_their_day() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut units = [
            unit("07210", "Phường Hoàng Văn Thụ", Kind::Ward, &[]),
            unit("07210", "Phường Bắc Giang", Kind::Ward, &[]),
        ];
        units[0].valid.to = Some(date("2025-06-30"));
        units[1].valid.from = Some(date("2025-07-01"));
        units[1].id = UnitId::new("bn-07210");
        let names = Names::of(&units, date("2025-10-31"));
        assert_eq!(names.find("07210", ""), Ok(&units[1].id));
        assert_eq!(names.find_on("07210", "", date("2025-06-30")), Ok(&units[0].id));
        assert_eq!(names.find_on("", "Phường Bắc Giang", date("2025-06-30")), Err(Unmatched::Unknown));
        assert_eq!(names.find("", "Phường Hoàng Văn Thụ"), Err(Unmatched::Unknown));
    }

    #[test]
    fn diacritics_go_and_the_barred_d_with_them() {
        assert_eq!(without_diacritics("Sở Đầu tư, Đồng Kỳ, Trường Giang"), "So Dau tu, Dong Ky, Truong Giang");
    }
}
