//! A unit's figures beside their targets, in the words of its letters, and the services that weigh most.

use super::catalogue::Tongue;
use super::figure_words::{change, change_words, class, counts, demanded, glyph, percent, standing};
use super::words;
use crate::catalog::{Catalog, Demand, IndicatorKind, LegalBasis, Unit};
use crate::evaluation::Trend;
use crate::report::{Change, Line, ServiceLine, Tone};

/// So many services of an indicator are shown.
const SERVICES: usize = 5;

/// One indicator of the unit.
#[derive(Debug)]
pub(super) struct Figure {
    /// As the act behind the target calls it.
    pub(super) name: String,
    pub(super) class: &'static str,
    pub(super) glyph: &'static str,
    pub(super) stands: &'static str,
    /// `33,44%`.
    pub(super) value: String,
    pub(super) counts: String,
    pub(super) change: Option<(String, String)>,
    /// `chỉ tiêu 50%`; nothing without a target.
    pub(super) target: Option<String>,
    pub(super) basis: Option<String>,
    pub(super) missing: Option<String>,
    /// What the newest month did by itself, where that can be told.
    pub(super) month: Option<String>,
    /// What its letters say of it.
    pub(super) said: Vec<String>,
    /// The cause and what it asks for, as the catalog has them; each behind what it is.
    pub(super) cause: Vec<(&'static str, String)>,
    pub(super) services: Vec<Service>,
}

/// A service of an indicator.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) code: String,
    pub(super) counts: String,
    pub(super) missing: String,
}

/// `before` are the lines of the round before.
pub(super) fn figures(
    t: Tongue,
    of: (&Catalog, &Unit),
    (lines, before): (&[Line], &[Line]),
    services: &[ServiceLine],
) -> Vec<Figure> {
    lines.iter().map(|line| figure(t, of, (line, before), services)).collect()
}

fn figure(
    t: Tongue,
    (catalog, unit): (&Catalog, &Unit),
    (line, before): (&Line, &[Line]),
    services: &[ServiceLine],
) -> Figure {
    let mut versions = catalog.definitions.iter().filter(|known| known.id == line.indicator);
    let known = versions.find(|known| known.definition.version == line.version);
    let known = known.or_else(|| catalog.indicators.iter().find(|known| known.id == line.indicator));
    let target = catalog.target_for(unit, &line.indicator).filter(|_| line.target.is_some());
    let name = target.map(|target| target.name.clone()).or_else(|| known.map(|known| known.name.clone()));
    let counted = known.map_or_else(|| t.say("province.dossiers"), |known| known.counted.as_str());
    let tone = Tone::of(&line.standing, line.rate, line.demanded);
    let stands = standing(t, &line.standing, tone);
    let demand = match target.map(|target| target.demand) {
        Some(Demand::Instruction) => "unit.demand_instruction",
        Some(Demand::Target) | None => "unit.demand_target",
    };
    let same = before.iter().find(|before| {
        before.indicator == line.indicator && before.version == line.version && is_assessed(before) && is_assessed(line)
    });
    let moved = same.and_then(|before| Change::between(before.rate?, line.rate?));
    let cause = line.cause.as_ref().and_then(|cause| known?.causes.iter().find(|known| known.id == cause.id));
    let cause = cause
        .into_iter()
        .flat_map(|cause| [(t.say("unit.cause"), cause.text.clone()), (t.say("unit.action"), cause.action.clone())]);
    let of_it = services.iter().filter(|service| service.indicator == line.indicator && !service.service.is_empty());
    Figure {
        name: name.unwrap_or_else(|| line.indicator.to_string()),
        class: class(tone),
        glyph: glyph(tone),
        stands,
        value: line.shown().map(percent).unwrap_or_default(),
        counts: line.rate.map(counts).unwrap_or_default(),
        change: moved.map(|moved| (change(moved), change_words(t, moved))),
        target: line.demanded.map(|value| t.with(demand, demanded(value))),
        basis: target.map(|target| basis(t, &target.basis)).filter(|basis| !basis.is_empty()),
        missing: line.missing.map(|missing| t.with2("unit.missing", words::grouped(missing), counted)),
        month: None,
        said: said(t, line, (known.map(|known| known.kind), counted)),
        cause: cause.filter(|(_, sentence)| !sentence.is_empty()).collect(),
        services: of_it.filter(|service| service.missing() > 0).take(SERVICES).map(service).collect(),
    }
}

fn is_assessed(line: &Line) -> bool {
    matches!(line.standing.as_str(), "met" | "below")
}

fn service(line: &ServiceLine) -> Service {
    Service {
        code: line.service.clone(),
        counts: format!("{}/{}", words::grouped(line.numerator), words::grouped(line.denominator)),
        missing: words::grouped(line.missing()),
    }
}

/// `Kế hoạch số 1780/KH-UBND ngày 25/04/2022`.
fn basis(t: Tongue, basis: &LegalBasis) -> String {
    match basis.date {
        Some(date) => t.with2("unit.basis_of", &basis.number, date.format("%d/%m/%Y")),
        None => basis.number.clone(),
    }
}

fn said(t: Tongue, line: &Line, (kind, counted): (Option<IndicatorKind>, &str)) -> Vec<String> {
    let mut said = Vec::new();
    if line.standing == "below" {
        if let (Some(best), Some(value)) = (line.interim_target, line.target) {
            said.push(t.with("unit.lost", demanded(value.into())));
            if line.rate.is_some_and(|rate| best > rate.floor()) {
                said.push(t.with("unit.still_possible", percent(best)));
            }
        }
        let coverage = kind == Some(IndicatorKind::Coverage);
        if let Some((needed, expected)) = line.at_rate.filter(|_| !coverage) {
            let (some, all) = (words::grouped(needed), words::grouped(expected));
            let percent = (needed.saturating_mul(100)).div_ceil(expected.max(1));
            said.push(t.with_all("unit.rate_needed", &[&percent, &some, &all, &counted]));
        }
    }
    said.extend(line.trend.map(|trend| {
        let key = match trend {
            Trend::Rising => "unit.rising",
            Trend::Falling => "unit.falling",
            Trend::Flat => "unit.flat",
        };
        t.say(key).to_owned()
    }));
    if line.turns_on_one && line.missing.is_some() {
        said.push(t.say("unit.on_one").to_owned());
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::BasisPoints;
    use crate::message::{lost, rate_needed, still_possible};

    #[test]
    fn the_page_says_what_letters_say() {
        let t = Tongue::Vietnamese;
        for value in [BasisPoints(5_000), BasisPoints(4_250)] {
            assert_eq!(t.with("unit.lost", demanded(value.into())), lost(value, ""));
        }
        assert_eq!(t.with("unit.still_possible", percent(3_344)), still_possible(3_344));
        let said = t.with_all("unit.rate_needed", &[&59, &"75", &"128", &"hồ sơ"]);
        assert!(said.starts_with(&rate_needed(75, 128)), "{said}");
    }
}
