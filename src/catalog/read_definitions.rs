//! Reads `indicators.toml` and `targets.toml`.

use std::collections::{HashMap, HashSet};

use super::codes::Codes;
use super::finding::{nearest, one_of, overlaps};
use super::indicator::{Basis, Definition, Indicator, IndicatorId, IndicatorKind, Measure, Window, versioned};
use super::pack::Problem;
use super::read_causes::read_causes;
use super::read_toml::{Fields, read_items};
use super::target::{BasisPoints, Comparator, Demand, LegalBasis, Scope, Target, TargetId};
use super::unit::{Kind, Level, Validity};

/// The indicators of `indicators.toml`.
pub(super) fn read_indicators(file: &str, text: &str) -> (Vec<Indicator>, Vec<Problem>) {
    let mut lines: HashMap<String, u64> = HashMap::new();
    let (indicators, findings) = read_items(file, text, "indicator", |fields| {
        let id = fields.name("id");
        let version = fields.optional_name("version").unwrap_or_default();
        let whole = id.as_ref().map(|id| versioned(&IndicatorId::new(id), &version));
        refuse_second(fields, whole.as_deref(), &mut lines);
        let name = fields.text("name");
        let short_name = fields.text("short_name");
        let kind = fields.word("kind", &IndicatorKind::ALL.map(|kind| (kind.word(), kind)));
        let numerator = fields.name("numerator");
        let denominator = fields.name("denominator");
        let definition = read_definition(fields, version, kind, denominator.as_deref());
        let made_of = [numerator.as_deref(), denominator.as_deref()];
        let minimum_volume = fields.number("minimum_volume", &(0..=u64::MAX));
        let counted = fields.text("counted");
        let remind_instruction = fields.flag("remind_instruction");
        let causes = read_causes(fields, &definition, made_of);
        Some(Indicator {
            id: IndicatorId::new(&id?),
            definition,
            name: name.unwrap_or_default(),
            short_name: short_name.unwrap_or_default(),
            kind: kind.unwrap_or(IndicatorKind::Flow),
            numerator: Measure::new(&numerator.unwrap_or_default()),
            denominator: Measure::new(&denominator.unwrap_or_default()),
            minimum_volume: minimum_volume.unwrap_or_default(),
            counted: counted.unwrap_or_default(),
            remind_instruction: remind_instruction.unwrap_or_default(),
            causes,
        })
    });
    (indicators, findings.into_problems())
}

/// Version, window and basis, and what contradicts them.
fn read_definition(
    fields: &mut Fields<'_, '_>,
    version: String,
    kind: Option<IndicatorKind>,
    denominator: Option<&str>,
) -> Definition {
    if version.contains('@') {
        fields.wrong("version", "a version has no `@` in it", "write it as in letter2022");
    }
    let window = fields.optional_word("window", &Window::ALL.map(|window| (window.word(), window))).unwrap_or_default();
    if window == Window::Month && kind == Some(IndicatorKind::Coverage) {
        let hint = "remove `window`: services with dossiers are counted once over the year, never by the month";
        fields.wrong("window", "a coverage has no month of its own", hint);
    }
    let basis = fields.optional_word("basis", &Basis::ALL.map(|basis| (basis.word(), basis)));
    let counted = denominator.and_then(|measure| Measure::new(measure).basis());
    if let (Some(basis), Some(counted), Some(denominator)) = (basis, counted, denominator)
        && basis != counted
    {
        let message = format!("`{denominator}` counts dossiers {} in the period, not {}", counted.word(), basis.word());
        fields.wrong("basis", message, format!("write basis = \"{}\", or name another denominator", counted.word()));
    }
    let also = fields.names("numerator_also").iter().map(|name| Measure::new(name)).collect();
    let measures = fields.names("measures").iter().map(|name| Measure::new(name)).collect();
    Definition { version, window, basis, also, measures }
}

/// Tells the second item with one id.
pub(super) fn refuse_second(fields: &mut Fields<'_, '_>, id: Option<&str>, lines: &mut HashMap<String, u64>) {
    let Some(id) = id else { return };
    let line = fields.line();
    if let Some(other) = lines.get(id) {
        fields.wrong(
            "id",
            format!("the id `{id}` stands here twice (the other is line {other})"),
            "give each its own id",
        );
        fields.call_last("same_id");
    } else {
        lines.insert(id.to_owned(), line);
    }
}

/// What targets refer to; an absent set is not checked.
#[derive(Debug, Default)]
pub(super) struct Known<'k> {
    /// Ids of `indicators.toml`.
    pub(super) indicators: Option<HashSet<String>>,
    /// Units of `units.csv`.
    pub(super) units: Option<&'k Codes<'k>>,
}

/// The targets of `targets.toml`.
pub(super) fn read_targets(file: &str, text: &str, known: &Known<'_>) -> (Vec<Target>, Vec<Problem>) {
    let mut lines: HashMap<String, u64> = HashMap::new();
    let (read, mut findings) = read_items(file, text, "target", |fields| {
        let id = fields.name("id");
        refuse_second(fields, id.as_deref(), &mut lines);
        Some(read_target(fields, &id.unwrap_or_default(), known))
    });
    let bound = read.iter().map(|read| ((&read.target.indicator, read.target.scope.to_string()), read.valid));
    for found in overlaps(bound) {
        let (Some(later), Some(earlier)) = (read.get(found.later), read.get(found.earlier)) else { continue };
        let Target { indicator, scope, .. } = &later.target;
        let message = format!(
            "two targets of `{indicator}` for `{scope}` hold on the same day (the other is line {})",
            findings.line(earlier.at)
        );
        findings.add(later.at, message, "let the earlier one end the day before the later one begins");
        findings.call_last("overlap");
    }
    (read.into_iter().map(|read| read.target).collect(), findings.into_problems())
}

struct ReadTarget {
    target: Target,
    /// When it holds, where that and whom it binds can be relied on.
    valid: Option<Validity>,
    at: usize,
}

fn read_target(fields: &mut Fields<'_, '_>, id: &str, known: &Known<'_>) -> ReadTarget {
    let indicator = read_indicator_id(fields, known);
    let (indicator, version) = match indicator.as_deref().map(|whole| whole.split_once('@').unwrap_or((whole, ""))) {
        Some((id, version)) => (Some(id.to_owned()), version.to_owned()),
        None => (None, String::new()),
    };
    let name = fields.text("name");
    let demand = fields.word("demand", &Demand::ALL.map(|demand| (demand.word(), demand)));
    let scope = read_scope(fields, known);
    let comparator = fields.word("comparator", &Comparator::ALL.map(|sign| (sign.word(), sign)));
    let value = fields.percent("value");
    let from_month = fields.number("from_month", &(1..=12)).and_then(|month| u32::try_from(month).ok());
    let pro_rated = fields.optional_flag("pro_rated").unwrap_or_default();
    let valid = fields.validity();
    let (number, date, issuer) =
        (fields.text("basis_number"), fields.optional_date("basis_date"), fields.text("basis_issuer"));
    ReadTarget {
        valid: valid.filter(|_| scope.is_some() && indicator.is_some()),
        at: fields.offset("valid_from"),
        target: Target {
            id: TargetId::new(id),
            indicator: IndicatorId::new(&indicator.unwrap_or_default()),
            version,
            name: name.unwrap_or_default(),
            demand: demand.unwrap_or(Demand::Target),
            scope: scope.unwrap_or(Scope::All),
            comparator: comparator.unwrap_or(Comparator::AtLeast),
            value: value.unwrap_or(BasisPoints(0)),
            from_month: from_month.unwrap_or(1),
            pro_rated,
            valid: valid.unwrap_or_default(),
            basis: LegalBasis { number: number.unwrap_or_default(), date, issuer: issuer.unwrap_or_default() },
        },
    }
}

fn read_indicator_id(fields: &mut Fields<'_, '_>, known: &Known<'_>) -> Option<String> {
    let id = fields.name("indicator")?;
    if let Some(indicators) = &known.indicators
        && !indicators.contains(&id)
    {
        let mut all: Vec<&str> = indicators.iter().map(String::as_str).collect();
        all.sort_unstable();
        fields.wrong("indicator", format!("no indicator has the id `{id}`"), one_of(&id, &all));
        fields.call_last("no_indicator");
        return None;
    }
    Some(id)
}

fn read_scope(fields: &mut Fields<'_, '_>, known: &Known<'_>) -> Option<Scope> {
    let text = fields.text("scope")?;
    let Ok(scope) = text.parse() else {
        let scopes = Level::ALL.map(Scope::Level).into_iter().chain(Kind::ALL.map(Scope::Kind)).chain([Scope::All]);
        let scopes: Vec<String> = scopes.map(|scope| scope.to_string()).collect();
        let near = nearest(&text, scopes.iter().map(String::as_str));
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let hint = format!("{near}Known: all, level:commune, kind:xa and their like, and unit: with a unit's id");
        fields.wrong("scope", format!("unknown scope `{text}`"), hint);
        return None;
    };
    if let (Scope::Unit(id), Some(codes)) = (&scope, known.units)
        && !codes.has_id(id.as_str())
    {
        let hint = "write an id of units.csv (its code, if it has no id column)";
        fields.wrong("scope", format!("no unit has the id `{id}`"), hint);
        fields.call_last("no_unit");
        return None;
    }
    Some(scope)
}
