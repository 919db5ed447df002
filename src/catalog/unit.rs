//! Units: the dated tree of province, departments, districts and communes.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;

/// A unit's own identity, never reused and never changed. Codes are attributes: since 2025 they were given to
/// other units. A pack that does not say otherwise makes the code of a unit's first row its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitId(Arc<str>);

impl UnitId {
    /// The identity spelt `id`.
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// The identity as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// From the first day to the last day on which a row holds, both included; open on either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    /// First day, or since always.
    pub from: Option<NaiveDate>,
    /// Last day, or until further notice.
    pub to: Option<NaiveDate>,
}

impl Validity {
    /// Whether the row holds on `date`.
    pub fn covers(self, date: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }

    /// Whether there is a day on which both hold.
    pub fn overlaps(self, other: Self) -> bool {
        let begins_in_time = |from: Option<NaiveDate>, to: Option<NaiveDate>| match (from, to) {
            (Some(from), Some(to)) => from <= to,
            _ => true,
        };
        begins_in_time(self.from, other.to) && begins_in_time(other.from, self.to)
    }
}

/// What kind of body a unit is. The word is part of its identity: Xã Yên Thế is not Huyện Yên Thế.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Tỉnh.
    Province,
    /// Sở.
    Department,
    /// Ban.
    Board,
    /// Đơn vị trực thuộc: an agency that belongs to a department.
    Agency,
    /// Huyện.
    District,
    /// Thành phố thuộc tỉnh.
    City,
    /// Thị xã.
    Town,
    /// Xã.
    Commune,
    /// Phường.
    Ward,
    /// Thị trấn.
    Township,
}

/// The rung of government that targets and texts are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The province itself.
    Province,
    /// Departments, boards and agencies of the province.
    Department,
    /// Districts, cities and towns.
    District,
    /// Communes, wards and townships.
    Commune,
}

impl Kind {
    /// Every kind, in the order of the tree.
    pub const ALL: [Self; 10] = [
        Self::Province,
        Self::Department,
        Self::Board,
        Self::Agency,
        Self::District,
        Self::City,
        Self::Town,
        Self::Commune,
        Self::Ward,
        Self::Township,
    ];

    /// The word a pack's `kind` column uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Province => "tinh",
            Self::Department => "so",
            Self::Board => "ban",
            Self::Agency => "don_vi_truc_thuoc",
            Self::District => "huyen",
            Self::City => "thanh_pho",
            Self::Town => "thi_xa",
            Self::Commune => "xa",
            Self::Ward => "phuong",
            Self::Township => "thi_tran",
        }
    }

    /// The rung this kind stands on.
    pub const fn level(self) -> Level {
        match self {
            Self::Province => Level::Province,
            Self::Department | Self::Board | Self::Agency => Level::Department,
            Self::District | Self::City | Self::Town => Level::District,
            Self::Commune | Self::Ward | Self::Township => Level::Commune,
        }
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.word() == word).ok_or(())
    }
}

impl Level {
    /// Every level, from the top.
    pub const ALL: [Self; 4] = [Self::Province, Self::Department, Self::District, Self::Commune];

    /// The word that targets' scopes and template names use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Department => "department",
            Self::District => "district",
            Self::Commune => "commune",
        }
    }
}

impl FromStr for Level {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|level| level.word() == word).ok_or(())
    }
}

/// A unit as it stands over one validity. A unit that is renamed or moved has several rows with one id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its own identity.
    pub id: UnitId,
    /// Official code over this validity, as text (`07201`).
    pub code: String,
    /// Full name with its kind word: `Xã Song Mai`, NFC.
    pub name: String,
    /// What kind of body it is.
    pub kind: Kind,
    /// The unit above it.
    pub parent: Option<UnitId>,
    /// Other spellings that mean this unit; the first is its usual short form.
    pub aliases: Vec<String>,
    /// When this row holds.
    pub valid: Validity,
}

impl Unit {
    /// The name an official text uses for the body that answers: `UBND xã Song Mai`, `Sở Công Thương`.
    pub fn authority(&self) -> String {
        if self.kind.level() == Level::Department {
            return self.name.clone();
        }
        let mut rest = self.name.chars();
        let first: String = rest.next().into_iter().flat_map(char::to_lowercase).collect();
        format!("UBND {first}{}", rest.as_str())
    }

    /// The authority's name for a subject line: a department's first alias where that is shorter.
    pub fn short_authority(&self) -> String {
        let full = self.authority();
        match self.aliases.first() {
            Some(alias) if self.kind.level() == Level::Department && alias.chars().count() < full.chars().count() => {
                alias.clone()
            }
            _ => full,
        }
    }
}

/// How one unit follows another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuccessionKind {
    /// Several became one.
    Merge,
    /// One became several.
    Split,
    /// The same body under another name.
    Rename,
    /// The same body of another kind (xã → thị trấn).
    Reclassify,
}

impl SuccessionKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Merge, Self::Split, Self::Rename, Self::Reclassify];

    /// The word a pack's `kind` column uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Split => "split",
            Self::Rename => "rename",
            Self::Reclassify => "reclassify",
        }
    }
}

/// `successor` answers for `predecessor` from `date` on. Many to many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Succession {
    /// The unit that ended or changed.
    pub predecessor: UnitId,
    /// The unit that took over.
    pub successor: UnitId,
    /// First day of the new state.
    pub date: NaiveDate,
    /// What happened.
    pub kind: SuccessionKind,
    /// The document that it rests on, as people cite it; empty if nobody said.
    pub basis: String,
}
