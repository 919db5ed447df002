//! A merger, split, new name, end or beginning of units as it is typed.

use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::figure_words;
use super::form::Form;
use crate::catalog::reform::{NewUnit, Reform, ReformKind, Successor};
use crate::catalog::{Kind, Pack, Unit, UnitId};

/// Characters of a field.
const LONGEST: usize = 200;
/// Units that can be typed on either side.
pub(super) const MOST: usize = 30;

/// What was typed, word for word.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    pub(super) day: String,
    pub(super) basis: String,
    /// The units that it happens to.
    pub(super) units: Vec<String>,
    /// Whether a unit that splits goes on.
    pub(super) goes_on: bool,
    pub(super) into: Vec<TypedUnit>,
}

/// A successor: an existing one, or what a new one is.
#[derive(Debug, Clone, Default)]
pub(super) struct TypedUnit {
    pub(super) existing: String,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) above: String,
}

impl TypedUnit {
    fn is_empty(&self) -> bool {
        [&self.existing, &self.code, &self.name].iter().all(|text| text.is_empty())
    }
}

/// What is wrong, by the name of the field.
pub(super) type Wrong = Vec<(String, String)>;

impl Typed {
    pub(super) fn of(form: &Form) -> Self {
        let clean = |text: &str| {
            let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
            text.trim().to_owned()
        };
        let numbers =
            ["co.", "ma.", "ten."].into_iter().flat_map(|with| form.beginning(with)).map(|(number, _)| number);
        let blocks = numbers.filter_map(|number| number.parse::<usize>().ok()).max().map_or(0, |last| last + 1);
        let block = |at: usize| {
            let text = |name: &str| clean(form.text(&format!("{name}.{at}")));
            TypedUnit {
                existing: text("co"),
                code: text("ma"),
                name: text("ten"),
                kind: text("loai"),
                above: text("tren"),
            }
        };
        Self {
            day: clean(form.text("ngay")),
            basis: clean(form.text("can-cu")),
            units: form.texts("cu").map(clean).take(MOST).collect(),
            goes_on: !form.text("con").is_empty(),
            into: (0..blocks.min(MOST)).map(block).collect(),
        }
    }

    /// With as many empty fields as the kind of reform begins with, and one more where `further` is asked for.
    pub(super) fn laid_out(mut self, kind: ReformKind, further: bool) -> Self {
        let (units, into) = match kind {
            ReformKind::Merge => (2, 1),
            ReformKind::Split => (1, 2),
            ReformKind::Rename => (1, 1),
            ReformKind::End => (1, 0),
            ReformKind::Add => (0, 1),
        };
        let (more_units, more_into) =
            (matches!(kind, ReformKind::Merge | ReformKind::End), matches!(kind, ReformKind::Split));
        let units = units.max(if more_units { self.units.len() + usize::from(further) } else { 0 });
        let into = into.max(if more_into { self.into.len() + usize::from(further) } else { 0 });
        self.units.resize(units.min(MOST), String::new());
        self.into.resize_with(into.min(MOST), TypedUnit::default);
        self
    }

    /// What is asked for, or what is wrong with which field.
    pub(super) fn reform(&self, t: Tongue, kind: ReformKind, pack: &Pack) -> Result<Reform, Wrong> {
        let Ok(day) = self.day.parse::<NaiveDate>() else {
            return Err(vec![("ngay".to_owned(), t.say("reform.no_day").to_owned())]);
        };
        let mut reader = Reader { t, pack, day, kind, wrong: Wrong::new() };
        let named = self.units.iter().enumerate().filter(|(_, text)| !text.is_empty());
        let units: Vec<Unit> = named.filter_map(|(at, text)| reader.unit(&format!("cu.{at}"), text)).collect();
        if units.is_empty() && reader.wrong.is_empty() && kind != ReformKind::Add {
            reader.wrong.push(("cu.0".to_owned(), t.say("reform.no_unit").to_owned()));
        }
        let mut into = Vec::new();
        for (at, typed) in self.into.iter().enumerate() {
            if kind != ReformKind::Rename && typed.is_empty() {
                continue;
            }
            into.extend(reader.successor(at, typed, &units));
        }
        if self.goes_on && kind == ReformKind::Split {
            into.extend(units.first().map(|unit| Successor::Existing(unit.id.clone())));
        }
        if !reader.wrong.is_empty() {
            return Err(reader.wrong);
        }
        let units = units.into_iter().map(|unit| unit.id).collect();
        Ok(Reform { kind, day, units, into, basis: self.basis.clone() })
    }
}

struct Reader<'r> {
    t: Tongue,
    pack: &'r Pack,
    day: NaiveDate,
    kind: ReformKind,
    wrong: Wrong,
}

impl Reader<'_> {
    fn say(&mut self, field: &str, key: &str) {
        self.wrong.push((field.to_owned(), self.t.say(key).to_owned()));
    }

    /// The unit with the code at the beginning of a text, on the day before or on the day.
    fn unit(&mut self, field: &str, text: &str) -> Option<Unit> {
        let code = text.split(" · ").next().unwrap_or_default().trim();
        let eve = self.day.pred_opt().unwrap_or(self.day);
        let named = || self.pack.units.iter().filter(|unit| unit.code == code);
        let there =
            named().find(|unit| unit.valid.covers(eve)).or_else(|| named().find(|one| one.valid.covers(self.day)));
        if there.is_none() {
            self.wrong.push((field.to_owned(), self.t.with("reform.unknown_unit", code)));
        }
        there.cloned()
    }

    fn successor(&mut self, at: usize, typed: &TypedUnit, units: &[Unit]) -> Option<Successor> {
        if !typed.existing.is_empty() {
            if !typed.code.is_empty() || !typed.name.is_empty() {
                self.say(&format!("co.{at}"), "reform.either");
                return None;
            }
            return self.unit(&format!("co.{at}"), &typed.existing).map(|unit| Successor::Existing(unit.id));
        }
        let old = units.first();
        // Of a new name only what is otherwise is typed.
        let same = old.filter(|_| self.kind == ReformKind::Rename);
        let or_old = |text: &str, of: fn(&Unit) -> &str| {
            if text.is_empty() { same.map(of).unwrap_or_default().to_owned() } else { text.to_owned() }
        };
        let (code, name) = (or_old(&typed.code, |unit| &unit.code), or_old(&typed.name, |unit| &unit.name));
        if code.is_empty() {
            self.say(&format!("ma.{at}"), "reform.no_code");
        }
        if name.is_empty() {
            self.say(&format!("ten.{at}"), "reform.no_name");
        }
        let kind = typed.kind.parse::<Kind>().ok().or_else(|| old.map(|unit| unit.kind));
        if kind.is_none() {
            self.say(&format!("loai.{at}"), "reform.no_kind");
        }
        let parent = self.above(at, &typed.above, old);
        Some(Successor::New(NewUnit { code, name, kind: kind?, parent }))
    }

    /// The unit above a new one: as typed, else as it was, else the province.
    fn above(&mut self, at: usize, text: &str, old: Option<&Unit>) -> Option<UnitId> {
        if !text.is_empty() {
            return self.unit(&format!("tren.{at}"), text).map(|unit| unit.id);
        }
        let province = || {
            let mut provinces =
                self.pack.units.iter().filter(|unit| unit.kind == Kind::Province && unit.valid.covers(self.day));
            provinces.next().map(|unit| unit.id.clone())
        };
        old.map_or_else(province, |unit| unit.parent.clone())
    }
}

/// Kinds to choose from: word, name.
pub(super) fn kinds(t: Tongue) -> Vec<(&'static str, &'static str)> {
    let below = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Province);
    below.map(|kind| (kind.word(), figure_words::kind(t, kind))).collect()
}
