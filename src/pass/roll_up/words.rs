//! Digests as finished text: what the report room counted, in the words of the letters.

use std::collections::BTreeSet;

use chrono::Datelike as _;
use uuid::Uuid;

use super::super::Settings;
use super::day::Day;
use super::superiors::{Superior, superiors as all_superiors};
use super::{DIGEST, Letter, Reader, addressee};
use crate::catalog::{Catalog, Demand, Indicator, Kind, Level, Recipient, Target, Unit, UnitId};
use crate::message::{
    BelowContext, DigestContext, DigestIndicatorContext, ImprovedContext, NotAssessedContext, PromiseContext,
    RecipientContext, RollUp, contact_for, district, format, sender,
};
use crate::report::{Below, BrokenPromise, Change, Digest, Improved, IndicatorDigest, digest};

/// How many units a list calls by name. A superior has a few dozen units, and a letter of one page.
const NAMED: usize = 5;
/// How many risers are named.
const RISERS: usize = 3;

/// The letters to the superiors.
pub(super) fn superiors(day: &Day, settings: &Settings) -> Vec<Letter> {
    let letters = all_superiors(&day.catalog).into_iter().filter_map(|superior| {
        let Superior { recipient, heads, units } = superior;
        let first = heads.first()?;
        let digest = digest(&day.catalog, &units, day.judged_before(), &day.now, &day.promises);
        if digest.assessed == 0 || (digest.below == 0 && digest.promises.is_empty() && !settings.digest.when_all_met) {
            return None;
        }
        let names = |name: fn(&Unit) -> String| heads.iter().map(|head| name(head)).collect::<Vec<_>>();
        let scope = (names(Unit::authority).join(", "), names(Unit::short_authority).join(", "));
        let context =
            Page { day, units: &units, wide: heads.len() > 1 }.context(&digest, recipient, scope, Some(&first.id));
        Some(Letter {
            key: format!("{DIGEST}{}/{}", recipient.id, day.as_of),
            unit_code: first.code.clone(),
            unit_name: first.name.clone(),
            recipient: recipient.clone(),
            reader: Reader::Head,
            roll_up: RollUp::Superior(Box::new(context)),
        })
    });
    letters.collect()
}

/// The sheets for the leaders, the same for each.
pub(super) fn leaders(day: &Day, settings: &Settings) -> Vec<Letter> {
    let catalog = &day.catalog;
    let units: BTreeSet<UnitId> = catalog.judged_units().map(|unit| unit.id.clone()).collect();
    let digest = digest(catalog, &units, day.judged_before(), &day.now, &day.promises);
    if digest.assessed == 0 {
        return Vec::new();
    }
    let province = catalog.units.iter().find(|unit| unit.kind == Kind::Province);
    let scope = province.map_or_else(|| "toàn tỉnh".to_owned(), listed);
    let letters = settings.digest.leaders.iter().map(|address| {
        let recipient =
            Recipient { id: leader(address), ..addressee("leader", address, "Các đồng chí lãnh đạo") };
        let scope = (scope.clone(), scope.clone());
        let below = catalog.judged_units().find(|unit| unit.parent == province.map(|province| province.id.clone()));
        let context =
            Page { day, units: &units, wide: true }.context(&digest, &recipient, scope, below.map(|unit| &unit.id));
        Letter {
            key: format!("{DIGEST}{}/{}", recipient.id, day.as_of),
            unit_code: String::new(),
            unit_name: String::new(),
            recipient,
            reader: Reader::Leader,
            roll_up: RollUp::Leaders(Box::new(context)),
        }
    });
    letters.collect()
}

/// A stable name that is no address.
fn leader(address: &str) -> String {
    const LEADERS: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0008);
    format!("leader/{}", Uuid::new_v5(&LEADERS, address.to_lowercase().as_bytes()))
}

/// Units of one letter.
struct Page<'a> {
    day: &'a Day,
    units: &'a BTreeSet<UnitId>,
    /// Whether units of several districts stand in it, so that a commune needs its district's name.
    wide: bool,
}

impl Page<'_> {
    /// `below` is a unit whose focal point may be called.
    fn context(
        &self,
        digest: &Digest,
        recipient: &Recipient,
        (scope, scope_short): (String, String),
        below: Option<&UnitId>,
    ) -> DigestContext {
        let catalog = &self.day.catalog;
        let until = self.day.until;
        let without = self.not_assessed(digest);
        DigestContext {
            sender: sender(catalog),
            recipient: RecipientContext {
                title: format::one_line(&recipient.title),
                person: recipient.person.as_deref().map(format::one_line),
            },
            scope: format::one_line(&scope),
            scope_short: format::one_line(&scope_short),
            as_of: format::date(until),
            as_of_short: format::day_and_month(until),
            year_from: format!("01/01/{}", until.year()),
            figures: self.day.figures.clone(),
            compared_with: self.day.compared_with().map(format::date),
            units: number(digest.assessed),
            below: number(digest.below),
            all_met: digest.below == 0,
            indicators: digest.indicators.iter().filter_map(|indicator| self.indicator(indicator)).collect(),
            not_assessed_left_out: without.len().saturating_sub(NAMED),
            not_assessed: without.into_iter().take(NAMED).collect(),
            promises_left_out: digest.promises.len().saturating_sub(NAMED),
            promises: digest.promises.iter().take(NAMED).map(|promise| self.promise(promise)).collect(),
            contact: below.and_then(|unit| contact_for(catalog, unit)),
        }
    }

    fn indicator(&self, digest: &IndicatorDigest) -> Option<DigestIndicatorContext> {
        let indicator = self.day.catalog.indicators.iter().find(|known| known.id == digest.indicator)?;
        let target = self.common_target(indicator);
        let newly: Vec<&UnitId> = digest.below.iter().filter(|below| below.newly).map(|below| &below.unit).collect();
        let change = digest.total_before.zip(digest.total).and_then(|(before, now)| Change::between(before, now));
        let name = target.map_or(&indicator.name, |target| &target.name);
        Some(DigestIndicatorContext {
            id: indicator.id.to_string(),
            name: format::one_line(name),
            short_name: format::one_line(&indicator.short_name),
            counted: format::one_line(&indicator.counted),
            target: target.map(|target| format::target(target.value)),
            demand_word: match target.map(|target| target.demand) {
                Some(Demand::Instruction) => "yêu cầu".to_owned(),
                Some(Demand::Target) | None => "chỉ tiêu".to_owned(),
            },
            figure: digest.total.map(|rate| counts(rate.numerator(), rate.denominator())),
            rate: digest.total.map(|rate| match target {
                Some(target) => format::rate(rate.rounded_beside(target.value, target.comparator)),
                None => format::rate(rate.rounded()),
            }),
            change: change.map(|change| change.decimal(',')),
            assessed: number(digest.assessed),
            below_count: number(digest.below.len()),
            any_below: !digest.below.is_empty(),
            below: digest.below.iter().take(NAMED).map(|below| self.below(below)).collect(),
            below_left_out: digest.below.len().saturating_sub(NAMED),
            newly_below: newly.iter().take(NAMED).map(|unit| self.name(unit)).collect(),
            newly_below_left_out: newly.len().saturating_sub(NAMED),
            recovered: digest.recovered.iter().take(NAMED).map(|unit| self.name(unit)).collect(),
            recovered_left_out: digest.recovered.len().saturating_sub(NAMED),
            improved: digest.improved.iter().take(RISERS).map(|improved| self.improved(improved)).collect(),
        })
    }

    /// The target, when it asks the same of every unit.
    fn common_target(&self, indicator: &Indicator) -> Option<&Target> {
        let catalog = &self.day.catalog;
        let units = self.units.iter().filter_map(|unit| catalog.unit(unit));
        let mut targets = units.filter_map(|unit| catalog.target_for(unit, &indicator.id));
        let first = targets.next()?;
        targets
            .all(|other| other.value == first.value && other.comparator == first.comparator)
            .then_some(first.as_ref())
    }

    fn below(&self, below: &Below) -> BelowContext {
        let Below { unit, rate, target, comparator, missing, newly } = below;
        BelowContext {
            code: self.code(unit),
            name: self.name(unit),
            figure: counts(rate.numerator(), rate.denominator()),
            rate: format::rate(rate.rounded_beside(*target, *comparator)),
            target: format::target(*target),
            missing: format::count(*missing),
            newly: *newly,
        }
    }

    fn improved(&self, improved: &Improved) -> ImprovedContext {
        ImprovedContext {
            code: self.code(&improved.unit),
            name: self.name(&improved.unit),
            before: format::rate(improved.before.rounded()),
            rate: format::rate(improved.now.rounded()),
            change: improved.change.decimal(','),
        }
    }

    fn promise(&self, promise: &BrokenPromise) -> PromiseContext {
        let known = self.day.catalog.indicators.iter().find(|known| known.id == promise.indicator);
        PromiseContext {
            name: self.name(&promise.unit),
            indicator: known.map_or_else(|| promise.indicator.to_string(), |known| format::one_line(&known.short_name)),
            promised_for: format::date(promise.promised_for),
        }
    }

    /// One per unit and reason, those first that somebody should look after.
    fn not_assessed(&self, digest: &Digest) -> Vec<NotAssessedContext> {
        let mut lines: Vec<(usize, NotAssessedContext)> = Vec::new();
        for (unit, indicator, why) in &digest.not_assessed {
            let Some((weight, reason)) = REASONS.iter().enumerate().find(|(_, (word, _))| word == why) else {
                continue;
            };
            let known = self.day.catalog.indicators.iter().find(|known| known.id == *indicator);
            let Some(known) = known else { continue };
            let (name, short) = (self.name(unit), format::one_line(&known.short_name));
            let same = lines.iter_mut().find(|(_, line)| line.name == name && line.reason == reason.1);
            if let Some((_, line)) = same {
                line.indicators = format!("{}, {short}", line.indicators);
            } else {
                lines.push((weight, NotAssessedContext { name, indicators: short, reason: reason.1.to_owned() }));
            }
        }
        lines.sort_by_key(|(weight, _)| *weight);
        lines.into_iter().map(|(_, line)| line).collect()
    }

    fn code(&self, unit: &UnitId) -> String {
        self.day.catalog.unit(unit).map_or_else(|| unit.to_string(), |unit| unit.code.clone())
    }

    /// `xã Song Mai`; with its district behind it where there are several.
    fn name(&self, id: &UnitId) -> String {
        let catalog: &Catalog = &self.day.catalog;
        let Some(unit) = catalog.unit(id) else { return id.to_string() };
        let parent = unit.parent.as_ref().and_then(|parent| catalog.unit(parent));
        let above = parent.filter(|parent| self.wide && parent.kind.level() == Level::District);
        match above {
            Some(parent) => format!("{} ({})", listed(unit), district(&parent.name)),
            None => listed(unit),
        }
    }
}

/// Why a unit was not judged, what needs a hand first. Units without a target, or whose target is judged later, are left out:
/// nothing is asked of them.
const REASONS: [(&str, &str); 6] = [
    ("incomplete", "số liệu có dòng không hợp lệ"),
    ("sources_differ", "hai nguồn số liệu chênh lệch"),
    ("no_data", "không có trong nguồn số liệu"),
    ("not_reported", "nguồn số liệu để trống"),
    ("too_few", "quá ít hồ sơ"),
    ("nothing_to_measure", "không phát sinh hồ sơ"),
];

/// A unit's name within a sentence: `xã Song Mai`, `Sở TT&TT`.
fn listed(unit: &Unit) -> String {
    let name = if unit.kind.level() == Level::Department {
        unit.short_authority()
    } else {
        let authority = unit.authority();
        authority.strip_prefix("UBND ").map(ToOwned::to_owned).unwrap_or(authority)
    };
    format::one_line(&name)
}

fn counts(numerator: u64, denominator: u64) -> String {
    format!("{}/{}", format::count(numerator), format::count(denominator))
}

fn number(count: usize) -> String {
    format::count(u64::try_from(count).unwrap_or(u64::MAX))
}
