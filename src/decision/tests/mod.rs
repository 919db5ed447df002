//! Decisions over small provinces: each rule and each reason to hold, and many years of both together.

mod ladder;
mod simulation;
mod waiting;

use std::sync::Arc;

use chrono::NaiveDate;

use super::{Case, Decision, History, Hold, Outcome, Reason, Rules, decide};
use crate::catalog::{
    BasisPoints, Catalog, Comparator, Contact, Definition, Demand, Indicator, IndicatorId, IndicatorKind, Kind,
    LegalBasis, Measure, Office, Pack, Scope, Target, TargetId, Unit, UnitId, Validity,
};
use crate::evaluation::{Evaluation, Rate, Reach, Shortfall, Standing, Why, missing, passes};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn unit(code: &str, kind: Kind, parent: Option<&str>) -> Unit {
    Unit {
        id: UnitId::new(code),
        code: code.into(),
        name: format!("Đơn vị {code}"),
        kind,
        parent: parent.map(UnitId::new),
        aliases: Vec::new(),
        valid: Validity::default(),
    }
}

fn head(code: &str) -> Contact {
    Contact {
        unit: UnitId::new(code),
        office: Office::Head,
        person: None,
        title: format!("Thủ trưởng {code}"),
        email: Some(format!("{}@tinh.example", code.to_lowercase())),
        phone: None,
        zalo_user_id: None,
        valid: Validity::default(),
    }
}

fn indicator(id: &str) -> Indicator {
    Indicator {
        id: IndicatorId::new(id),
        definition: Definition::default(),
        name: id.into(),
        short_name: id.into(),
        kind: IndicatorKind::Flow,
        numerator: Measure::new("received_online"),
        denominator: Measure::new("received"),
        minimum_volume: 10,
        counted: "hồ sơ".into(),
        remind_instruction: false,
        causes: Vec::new(),
    }
}

fn target(indicator: &str, percent: u32) -> Target {
    Target {
        id: TargetId::new(indicator),
        indicator: IndicatorId::new(indicator),
        version: String::new(),
        name: indicator.into(),
        demand: Demand::Target,
        scope: Scope::All,
        comparator: Comparator::AtLeast,
        value: BasisPoints(percent * 100),
        from_month: 1,
        pro_rated: false,
        valid: Validity::default(),
        basis: LegalBasis { number: "1/KH".into(), date: None, issuer: "UBND".into() },
    }
}

/// A province, a district with two communes, and a department; filing 50 % and payment 30 %.
fn pack() -> Pack {
    let units = [("24", Kind::Province, None), ("D", Kind::District, Some("24")), ("A", Kind::Commune, Some("D"))];
    let more = [("B", Kind::Commune, Some("D")), ("S", Kind::Department, Some("24"))];
    Pack {
        units: units.into_iter().chain(more).map(|(code, kind, parent)| unit(code, kind, parent)).collect(),
        contacts: ["D", "A", "B", "S"].map(head).into(),
        indicators: vec![indicator("filing"), indicator("payment")],
        targets: vec![target("filing", 50), target("payment", 30)],
        ..Pack::default()
    }
}

/// How `percent` of 1,000 dossiers stand.
fn evaluation(catalog: &Catalog, code: &str, indicator: &str, percent: u64) -> Evaluation {
    let (id, indicator) = (UnitId::new(code), IndicatorId::new(indicator));
    let rate = Rate::new(percent * 10, 1_000).expect("dossiers");
    let target = catalog.unit(&id).and_then(|unit| catalog.target_for(unit, &indicator)).cloned();
    let standing = match &target {
        None => Standing::NotAssessed(Why::NoTarget),
        Some(target) if passes(rate, target.value, target.comparator) => Standing::Met,
        Some(target) => Standing::Below(Shortfall {
            missing: missing(rate.numerator(), rate.denominator(), target.value, target.comparator),
            reach: Reach::Now,
            pace: Vec::new(),
            cause: None,
            what_if: None,
            levers: Vec::new(),
        }),
    };
    let known = catalog.indicators.iter().find(|known| known.id == indicator).expect("an indicator");
    Evaluation {
        unit: id,
        indicator: Arc::clone(known),
        rate: Some(rate),
        demanded: target.as_ref().map(|target| target.value.into()),
        target,
        trend: None,
        turns_on_one: false,
        standing,
    }
}

/// A commune's filing, round by round.
struct Story {
    pack: Pack,
    rules: Rules,
    history: History,
}

impl Story {
    fn new() -> Self {
        Self { pack: pack(), rules: Rules::default(), history: History::default() }
    }

    fn with(change: impl FnOnce(&mut Rules)) -> Self {
        let mut story = Self::new();
        change(&mut story.rules);
        story
    }

    fn catalog(&self, as_of: &str) -> Catalog {
        Catalog::of(&self.pack, day(as_of), day(as_of))
    }

    /// Decides about these figures and remembers it.
    fn round(&mut self, as_of: &str, figures: &[(&str, &str, u64)]) -> Vec<Decision> {
        let catalog = self.catalog(as_of);
        let evaluations: Vec<_> =
            figures.iter().map(|(code, indicator, percent)| evaluation(&catalog, code, indicator, *percent)).collect();
        let decisions = decide(&catalog, &evaluations, &self.history, &self.rules, day(as_of));
        self.history.remember(&decisions, day(as_of));
        decisions
    }

    /// What becomes of commune A's filing at `percent`: the word of its reason.
    fn filing(&mut self, as_of: &str, percent: u64) -> &'static str {
        let decisions = self.round(as_of, &[("A", "filing", percent)]);
        word(decisions.first().expect("a decision"))
    }

    fn case(&self) -> &Case {
        let key = (UnitId::new("A"), IndicatorId::new("filing"));
        self.history.open.get(&key).expect("an open case")
    }
}

const fn word(decision: &Decision) -> &'static str {
    match decision.outcome {
        Outcome::Remind { reason, .. } => reason.word(),
        Outcome::Hold(hold) => hold.word(),
    }
}
