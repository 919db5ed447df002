//! A unit's figures beside their targets, in the words of its letters, and the services that weigh most.

use super::catalogue::Tongue;
use super::figure_words::{change, change_words, class, counts, demanded, glyph, percent, standing};
use super::words;
use crate::catalog::{Catalog, Demand, IndicatorKind, LegalBasis, Unit};
use crate::evaluation::Trend;
use crate::message::{lost, rate_needed, still_possible};
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
    catalog: &Catalog,
    unit: &Unit,
    lines: &[Line],
    before: &[Line],
    services: &[ServiceLine],
) -> Vec<Figure> {
    lines.iter().map(|line| figure(catalog, unit, line, before, services)).collect()
}

fn figure(catalog: &Catalog, unit: &Unit, line: &Line, before: &[Line], services: &[ServiceLine]) -> Figure {
    let mut versions = catalog.definitions.iter().filter(|known| known.id == line.indicator);
    let known = versions.find(|known| known.definition.version == line.version);
    let known = known.or_else(|| catalog.indicators.iter().find(|known| known.id == line.indicator));
    let target = catalog.target_for(unit, &line.indicator).filter(|_| line.target.is_some());
    let name = target.map(|target| target.name.clone()).or_else(|| known.map(|known| known.name.clone()));
    let counted = known.map_or("hồ sơ", |known| known.counted.as_str());
    let tone = Tone::of(&line.standing, line.rate, line.demanded);
    let stands = standing(Tongue::Vietnamese, &line.standing, tone);
    let demand = match target.map(|target| target.demand) {
        Some(Demand::Instruction) => "yêu cầu",
        Some(Demand::Target) | None => "chỉ tiêu",
    };
    let same = before.iter().find(|before| {
        before.indicator == line.indicator && before.version == line.version && is_assessed(before) && is_assessed(line)
    });
    let moved = same.and_then(|before| Change::between(before.rate?, line.rate?));
    let of_it = services.iter().filter(|service| service.indicator == line.indicator && !service.service.is_empty());
    Figure {
        name: name.unwrap_or_else(|| line.indicator.to_string()),
        class: class(tone),
        glyph: glyph(tone),
        stands,
        value: line.shown().map(percent).unwrap_or_default(),
        counts: line.rate.map(counts).unwrap_or_default(),
        change: moved.map(|moved| (change(moved), change_words(Tongue::Vietnamese, moved))),
        target: line.demanded.map(|value| format!("{demand} {}", demanded(value))),
        basis: target.map(|target| basis(&target.basis)).filter(|basis| !basis.is_empty()),
        missing: line.missing.map(|missing| format!("thiếu {} {counted}", words::grouped(missing))),
        month: None,
        said: said(
            line,
            (known.map(|known| known.kind), counted),
            known.and_then(|known| {
                let cause = line.cause.as_ref()?;
                let known = known.causes.iter().find(|known| known.id == cause.id)?;
                Some([known.text.clone(), known.action.clone()])
            }),
        ),
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
fn basis(basis: &LegalBasis) -> String {
    let date = basis.date.map(|date| format!(" ngày {}", date.format("%d/%m/%Y"))).unwrap_or_default();
    format!("{}{date}", basis.number)
}

fn said(line: &Line, (kind, counted): (Option<IndicatorKind>, &str), cause: Option<[String; 2]>) -> Vec<String> {
    let mut said = Vec::new();
    if line.standing == "below" {
        if let (Some(best), Some(value)) = (line.interim_target, line.target) {
            said.push(lost(value, ""));
            if line.rate.is_some_and(|rate| best > rate.floor()) {
                said.push(still_possible(best));
            }
        }
        let coverage = kind == Some(IndicatorKind::Coverage);
        if let Some((needed, expected)) = line.at_rate.filter(|_| !coverage) {
            let (some, all) = (words::grouped(needed), words::grouped(expected));
            said.push(format!(
                "{} Tức là {some} trong số {all} {counted} dự kiến từ nay đến hết năm.",
                rate_needed(needed, expected)
            ));
        }
    }
    said.extend(line.trend.map(|trend| {
        let word = match trend {
            Trend::Rising => "Các tháng gần đây cao hơn lũy kế.",
            Trend::Falling => "Các tháng gần đây thấp hơn lũy kế.",
            Trend::Flat => "Các tháng gần đây bằng lũy kế.",
        };
        word.to_owned()
    }));
    if line.turns_on_one && line.missing.is_some() {
        said.push("Hơn kém một hồ sơ là đổi kết quả.".to_owned());
    }
    said.extend(cause.into_iter().flatten().filter(|sentence| !sentence.is_empty()));
    said
}
