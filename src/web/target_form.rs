//! A new target as it is typed.

use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::form::Form;
use super::target_words::group_words;
use crate::app::targets;
use crate::catalog::{BasisPoints, Comparator, Demand, Kind, LegalBasis, Level, Pack, Scope, Target, Validity};

/// Characters of a field.
const LONGEST: usize = 200;

/// What was typed, word for word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) indicator: String,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) more_than: bool,
    pub(super) instruction: bool,
    pub(super) scope: String,
    pub(super) pro_rated: bool,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) number: String,
    pub(super) issued: String,
    pub(super) issuer: String,
}

impl Typed {
    pub(super) fn of(form: &Form) -> Self {
        let text = |name: &str| {
            let text: String = form.text(name).chars().filter(|c| !c.is_control()).take(LONGEST).collect();
            text.trim().to_owned()
        };
        Self {
            indicator: text("chi-tieu"),
            name: text("ten"),
            value: text("gia-tri"),
            more_than: text("so-sanh") == ">",
            instruction: text("loai") == "instruction",
            scope: text("pham-vi"),
            pro_rated: text("chia-thang") == "1",
            from: text("tu"),
            to: text("den"),
            number: text("so-van-ban"),
            issued: text("ngay-van-ban"),
            issuer: text("co-quan"),
        }
    }

    /// The same target for the time after it, on a legal basis that is still to be written.
    pub(super) fn copy(target: &Target) -> Self {
        let Target { indicator, version, .. } = target;
        let from = target.valid.to.and_then(|to| to.succ_opt());
        Self {
            indicator: if version.is_empty() { indicator.to_string() } else { format!("{indicator}@{version}") },
            name: target.name.clone(),
            value: target.value.to_string().replace('.', ","),
            more_than: target.comparator == Comparator::MoreThan,
            instruction: target.demand == Demand::Instruction,
            scope: target.scope.to_string(),
            pro_rated: target.pro_rated,
            from: from.map(|from| from.to_string()).unwrap_or_default(),
            issuer: target.basis.issuer.clone(),
            ..Self::default()
        }
    }

    /// The target, or what is wrong with which field.
    pub(super) fn target(&self, t: Tongue, pack: &Pack) -> Result<Target, Vec<(&'static str, String)>> {
        let mut wrong: Vec<(&'static str, String)> = Vec::new();
        let (id, version) = self.indicator.split_once('@').unwrap_or((&self.indicator, ""));
        let indicator = pack.indicators.iter().find(|one| one.id.as_str() == id && one.definition.version == version);
        if indicator.is_none() {
            wrong.push(("chi-tieu", t.say("target.choose_indicator").to_owned()));
        }
        let value: Option<BasisPoints> = self.value.trim_end_matches('%').trim().replace(',', ".").parse().ok();
        if value.is_none() {
            wrong.push(("gia-tri", t.say("target.bad_value").to_owned()));
        }
        let scope: Option<Scope> = self.scope.parse().ok();
        if scope.is_none() {
            wrong.push(("pham-vi", t.say("target.choose_scope").to_owned()));
        }
        let mut date = |field, text: &str| {
            let read = text.parse::<NaiveDate>().ok();
            if read.is_none() {
                wrong.push((field, t.say("target.bad_date").to_owned()));
            }
            read
        };
        let (from, to) = (date("tu", &self.from), date("den", &self.to));
        let issued = if self.issued.is_empty() { None } else { date("ngay-van-ban", &self.issued) };
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            wrong.push(("den", t.say("target.ends_first").to_owned()));
        }
        let valid = Validity { from, to };
        for (field, text, what) in [
            ("ten", &self.name, "target.no_name"),
            ("so-van-ban", &self.number, "target.no_number"),
            ("co-quan", &self.issuer, "target.no_issuer"),
        ] {
            if text.is_empty() {
                wrong.push((field, t.say(what).to_owned()));
            }
        }
        let (Some(indicator), Some(value), Some(scope), true) = (indicator, value, scope, wrong.is_empty()) else {
            return Err(wrong);
        };
        if let Some(other) = targets::overlapping(pack, &indicator.id, &scope, valid) {
            return Err(vec![("tu", t.with("target.overlaps_with", &other.name))]);
        }
        Ok(Target {
            id: targets::free_id(pack, &indicator.id, valid),
            indicator: indicator.id.clone(),
            version: version.to_owned(),
            name: self.name.clone(),
            demand: if self.instruction { Demand::Instruction } else { Demand::Target },
            scope,
            comparator: if self.more_than { Comparator::MoreThan } else { Comparator::AtLeast },
            value,
            from_month: 1,
            pro_rated: self.pro_rated,
            valid,
            basis: LegalBasis { number: self.number.clone(), date: issued, issuer: self.issuer.clone() },
        })
    }
}

/// A choice: value, words, whether it is chosen.
type Choice = (String, String, bool);

/// The indicators and scopes to choose from.
pub(super) fn choices(t: Tongue, pack: &Pack, typed: &Typed) -> (Vec<Choice>, Vec<Choice>) {
    let indicators = pack.indicators.iter().map(|one| {
        let version = &one.definition.version;
        let key = if version.is_empty() { one.id.to_string() } else { format!("{}@{version}", one.id) };
        let name = if version.is_empty() { one.name.clone() } else { format!("{} ({version})", one.name) };
        (key.clone(), name, key == typed.indicator)
    });
    let levels = [Level::Department, Level::District, Level::Commune].map(Scope::Level);
    let there = Kind::ALL.into_iter().filter(|kind| pack.units.iter().any(|unit| unit.kind == *kind));
    let all = std::iter::once(Scope::All).chain(levels).chain(there.map(Scope::Kind));
    let all = all.map(|scope| (scope.to_string(), capitalised(group_words(t, &scope))));
    // A copy may bind a single unit.
    let single = typed.scope.parse().ok().and_then(|scope| if let Scope::Unit(id) = scope { Some(id) } else { None });
    let single = single.and_then(|id| pack.units.iter().rev().find(|unit| unit.id == id));
    let all = all.chain(single.map(|unit| (typed.scope.clone(), unit.name.clone())));
    let scopes = all.map(|(value, words)| (value.clone(), words, value == typed.scope));
    (indicators.collect(), scopes.collect())
}

/// The words of a group as the beginning of a line.
fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).collect()
}
