//! Targets: dated rows with a scope and a legal basis.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;

use super::indicator::IndicatorId;
use super::unit::{Kind, Level, Unit, UnitId, Validity};

/// Name of a target row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TargetId(Arc<str>);

impl TargetId {
    /// The target spelt `id`.
    pub fn new(id: &str) -> Self {
        Self(id.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A rate in hundredths of a percent: 50 % is 5 000. Exact; floats never decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints(pub u32);

impl BasisPoints {
    /// 100 %.
    pub const WHOLE: u32 = 10_000;
}

impl fmt::Display for BasisPoints {
    /// With a point and no trailing zeros: `50`, `37.5`, `37.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        match part {
            0 => write!(f, "{whole}"),
            part if part % 10 == 0 => write!(f, "{whole}.{}", part / 10),
            part => write!(f, "{whole}.{part:02}"),
        }
    }
}

impl FromStr for BasisPoints {
    type Err = ();

    /// Reads `50`, `37.5` or `37.25`; at most 100.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || part.len() > 2 || !digits(whole) || !digits(part) {
            return Err(());
        }
        let whole: u32 = whole.parse().map_err(|_| ())?;
        let part: u32 = format!("{part:0<2}").parse().map_err(|_| ())?;
        let points = whole * 100 + part;
        if points > Self::WHOLE { Err(()) } else { Ok(Self(points)) }
    }
}

/// Whether the value is a goal to reach or an order that holds anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Chỉ tiêu.
    Target,
    /// Yêu cầu: an instruction, always 100 % in the letter.
    Instruction,
}

impl Demand {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Target, Self::Instruction];

    /// The word a pack's `demand` key uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Instruction => "instruction",
        }
    }
}

/// How the rate is compared with the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `≥`: equality passes.
    AtLeast,
    /// `>`: equality does not pass.
    MoreThan,
}

impl Comparator {
    /// Both.
    pub const ALL: [Self; 2] = [Self::AtLeast, Self::MoreThan];

    /// The sign a pack's `comparator` key uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::MoreThan => ">",
        }
    }
}

/// Whom a target binds; the narrowest scope that fits a unit wins: unit, kind, level, all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every unit.
    All,
    /// Units of one level.
    Level(Level),
    /// Units of one kind.
    Kind(Kind),
    /// One unit.
    Unit(UnitId),
}

impl Scope {
    /// Whether `unit` is bound.
    pub fn binds(&self, unit: &Unit) -> bool {
        self.reaches(&unit.id, unit.kind)
    }

    /// Whether a unit of this id and kind is bound.
    pub fn reaches(&self, id: &UnitId, kind: Kind) -> bool {
        match self {
            Self::All => true,
            Self::Level(level) => kind.level() == *level,
            Self::Kind(own) => kind == *own,
            Self::Unit(own) => id == own,
        }
    }

    /// Higher is narrower.
    pub const fn narrowness(&self) -> u8 {
        match self {
            Self::All => 0,
            Self::Level(_) => 1,
            Self::Kind(_) => 2,
            Self::Unit(_) => 3,
        }
    }
}

impl fmt::Display for Scope {
    /// As a pack's `scope` key has it: `all`, `level:commune`, `kind:xa`, `unit:07201`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Level(level) => write!(f, "level:{}", level.word()),
            Self::Kind(kind) => write!(f, "kind:{}", kind.word()),
            Self::Unit(id) => write!(f, "unit:{id}"),
        }
    }
}

impl FromStr for Scope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(':') {
            None if text == "all" => Ok(Self::All),
            Some(("level", word)) => word.parse().map(Self::Level),
            Some(("kind", word)) => word.parse().map(Self::Kind),
            Some(("unit", id)) if !id.is_empty() => Ok(Self::Unit(UnitId::new(id))),
            _ => Err(()),
        }
    }
}

/// The act that a target rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalBasis {
    /// Kind and number: `Kế hoạch 1780/KH-BCĐCĐS`.
    pub number: String,
    /// Date of the act, where it is known.
    pub date: Option<NaiveDate>,
    /// Who issued it.
    pub issuer: String,
}

/// What is demanded of whom, from when to when, by which act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub id: TargetId,
    /// The indicator it is about.
    pub indicator: IndicatorId,
    /// The version of the definition that it applies to; empty where there is only one.
    pub version: String,
    /// How the act names the figure; messages use this name.
    pub name: String,
    /// Goal or order.
    pub demand: Demand,
    /// Whom it binds.
    pub scope: Scope,
    /// How it is compared.
    pub comparator: Comparator,
    /// The value.
    pub value: BasisPoints,
    /// First month of the year (1–12) in which it is judged; a yearly coverage target means little in January.
    pub from_month: u32,
    /// Whether each month demands its twelfth of the year's value: 85 % demands 42.5 % in June. For services that are
    /// counted over the year.
    pub pro_rated: bool,
    /// When it holds. An expired target never causes a reminder.
    pub valid: Validity,
    /// The act behind it.
    pub basis: LegalBasis,
}
