//! A small province with invented figures, as a pass would hand it to the message room.

use std::sync::Arc;

use chrono::NaiveDate;
use dondoc::catalog::{
    BasisPoints, Catalog, Cause, Comparator, Contact, Definition, Demand, Indicator, IndicatorId, IndicatorKind, Kind,
    LegalBasis, Measure, Office, Pack, Scope, Sender, Target, TargetId, Unit, UnitId, Validity,
};
use dondoc::decision::Tone;
use dondoc::evaluation::{Evaluation, Lever, Rate, Reach, Shortfall, Standing};
use dondoc::message::{Draft, Notice};

/// The figures' date.
pub fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 10, 31).expect("a day")
}

/// What a draft is made of, owned.
#[derive(Clone)]
pub struct Sample {
    pub unit: &'static str,
    pub evaluations: Vec<Evaluation>,
    pub step: u32,
}

/// A figure below target.
#[derive(Clone, Copy)]
pub struct Figure {
    pub indicator: &'static str,
    pub done: u64,
    pub total: u64,
    pub missing: u64,
    pub reach: Reach,
}

pub const ONLINE: &str = "online_filing";
pub const PAYMENT: &str = "portal_payment";
pub const RESULT: &str = "e_result";
pub const SERVICES: &str = "active_services";

/// The province: departments, a district, communes; `names` may rename units to try nasty spellings.
pub fn catalog(names: &[(&str, &str)]) -> Catalog {
    let mut units = vec![
        unit("24", "Tỉnh Bắc Giang", Kind::Province, None, None),
        unit("SCT", "Sở Công Thương", Kind::Department, Some("24"), Some("Sở CT")),
        unit("SLD", "Sở Lao động - Thương binh và Xã hội", Kind::Department, Some("24"), Some("Sở LĐTBXH")),
        unit("213", "Thành phố Bắc Giang", Kind::City, Some("24"), None),
        unit("215", "Huyện Yên Thế", Kind::District, Some("24"), None),
        unit("07201", "Xã Song Mai", Kind::Commune, Some("213"), None),
        unit("07204", "Phường Trần Nguyên Hãn", Kind::Ward, Some("213"), None),
        unit("07318", "Xã Phúc Sơn", Kind::Commune, Some("215"), None),
    ];
    for (code, name) in names {
        (*name).clone_into(&mut units.iter_mut().find(|unit| unit.code == *code).expect("a unit").name);
    }
    let mut contacts: Vec<Contact> = units
        .iter()
        .filter(|unit| unit.kind != Kind::Province)
        .map(|unit| {
            let office = if unit.kind == Kind::Department { "Giám đốc" } else { "Chủ tịch" };
            contact(&unit.code, Office::Head, None, &format!("{office} {}", unit.authority()))
        })
        .collect();
    contacts.push(Contact {
        phone: Some("0900.000.123".to_owned()),
        ..contact("24", Office::FocalPoint, Some("Nguyễn Văn Tuấn"), "Phó Giám đốc Trung tâm CNTT&TT")
    });
    let pack = Pack {
        units,
        contacts,
        indicators: indicators(),
        targets: targets(),
        senders: vec![Sender {
            name: "Sở Thông tin và Truyền thông".to_owned(),
            sms_name: "So TTTT".to_owned(),
            occasion: "Thông báo Kết luận số 464/TB-UBND ngày 22/10/2022".to_owned(),
            valid: Validity::default(),
        }],
        ..Pack::default()
    };
    Catalog::of(&pack, as_of(), as_of())
}

fn unit(code: &str, name: &str, kind: Kind, parent: Option<&str>, alias: Option<&str>) -> Unit {
    Unit {
        id: UnitId::new(code),
        code: code.to_owned(),
        name: name.to_owned(),
        kind,
        parent: parent.map(UnitId::new),
        aliases: alias.into_iter().map(ToOwned::to_owned).collect(),
        valid: Validity::default(),
    }
}

fn contact(unit: &str, office: Office, person: Option<&str>, title: &str) -> Contact {
    // One head answers for two communes.
    let mailbox = if unit == "07318" || unit == "07204" { "two" } else { unit };
    Contact {
        unit: UnitId::new(unit),
        office,
        person: person.map(ToOwned::to_owned),
        title: title.to_owned(),
        email: Some(format!("{mailbox}@tinh.example")),
        phone: None,
        zalo_user_id: None,
        valid: Validity::default(),
    }
}

fn indicator(id: &str, short_name: &str, counted: &str, kind: IndicatorKind, cause: (&str, &str)) -> Indicator {
    Indicator {
        id: IndicatorId::new(id),
        definition: Definition::default(),
        name: short_name.to_owned(),
        short_name: short_name.to_owned(),
        kind,
        numerator: Measure::new("done"),
        denominator: Measure::new("total"),
        minimum_volume: 10,
        counted: counted.to_owned(),
        remind_instruction: true,
        causes: vec![Cause {
            id: "usual".to_owned(),
            when: None,
            text: cause.0.to_owned(),
            action: cause.1.to_owned(),
            role: "Bộ phận một cửa".to_owned(),
            what_if: None,
        }],
    }
}

fn indicators() -> Vec<Indicator> {
    vec![
        indicator(
            RESULT,
            "kết quả điện tử",
            "hồ sơ",
            IndicatorKind::Backlog,
            ("Kết quả số hóa chưa được gắn vào hồ sơ.", "Số hóa, gắn kết quả trước khi kết thúc hồ sơ."),
        ),
        indicator(
            ONLINE,
            "trực tuyến",
            "hồ sơ",
            IndicatorKind::Flow,
            ("Hồ sơ còn nhận trực tiếp tại quầy.", "Tiếp nhận 100% hồ sơ trực tuyến."),
        ),
        indicator(
            PAYMENT,
            "thanh toán",
            "giao dịch",
            IndicatorKind::Flow,
            ("Thu qua mã QR, chuyển khoản ngoài Cổng không được tính.", "Thu phí, lệ phí qua Cổng Dịch vụ công."),
        ),
        indicator(
            SERVICES,
            "DVC có hồ sơ",
            "dịch vụ",
            IndicatorKind::Coverage,
            ("Nhiều dịch vụ chưa có hồ sơ nào.", "Rà soát dịch vụ chưa có hồ sơ."),
        ),
    ]
}

fn target(indicator: &str, name: &str, percent: u32, demand: Demand, act: (&str, i32, u32, u32)) -> Target {
    Target {
        id: TargetId::new(indicator),
        indicator: IndicatorId::new(indicator),
        version: String::new(),
        name: name.to_owned(),
        demand,
        scope: Scope::All,
        comparator: Comparator::AtLeast,
        value: BasisPoints(percent * 100),
        from_month: 1,
        pro_rated: false,
        valid: Validity::default(),
        basis: LegalBasis {
            number: act.0.to_owned(),
            date: NaiveDate::from_ymd_opt(act.1, act.2, act.3),
            issuer: "UBND tỉnh".to_owned(),
        },
    }
}

fn targets() -> Vec<Target> {
    let plan = ("Kế hoạch 1780/KH-BCĐCĐS", 2022, 4, 25);
    vec![
        target(RESULT, "Kết quả điện tử", 100, Demand::Instruction, plan),
        target(ONLINE, "Hồ sơ xử lý trực tuyến", 50, Demand::Target, plan),
        target(
            PAYMENT,
            "Thanh toán trên Cổng Dịch vụ công quốc gia",
            30,
            Demand::Target,
            ("Nghị quyết 01/NQ-CP", 2022, 1, 8),
        ),
        target(SERVICES, "Dịch vụ công có phát sinh hồ sơ", 85, Demand::Target, plan),
    ]
}

/// A judgement of `unit` below target.
pub fn below(catalog: &Catalog, unit: &str, figure: Figure) -> Evaluation {
    let unit = catalog.unit(&UnitId::new(unit)).expect("a unit");
    let id = IndicatorId::new(figure.indicator);
    let indicator = catalog.indicators.iter().find(|indicator| indicator.id == id).expect("an indicator");
    let month = |done| Rate::new(done, 60).expect("a rate");
    let coverage = indicator.kind == IndicatorKind::Coverage;
    let target = catalog.target_for(unit, &id).cloned();
    Evaluation {
        unit: unit.id.clone(),
        indicator: Arc::clone(indicator),
        rate: Rate::new(figure.done, figure.total),
        demanded: target.as_ref().map(|target| target.value.into()),
        target,
        trend: None,
        turns_on_one: figure.missing == 1,
        standing: Standing::Below(Shortfall {
            missing: figure.missing,
            reach: figure.reach,
            pace: if coverage { Vec::new() } else { vec![month(3), month(4), month(5)] },
            cause: Some(0),
            what_if: None,
            levers: vec![Lever { service: "1.004232".into(), missing: 37 }],
        }),
    }
}

/// Every sample: a commune with three figures below, a district and departments with four, one head of two communes,
/// targets out of reach, an instruction alone.
pub fn samples(catalog: &Catalog) -> Vec<(&'static str, Sample)> {
    let best = Reach::OutOfReach { best: Rate::new(160, 550).expect("a rate") };
    let online = Figure {
        indicator: ONLINE,
        done: 214,
        total: 640,
        missing: 106,
        reach: Reach::AtRate { needed: 170, expected: 182 },
    };
    let payment = Figure { indicator: PAYMENT, done: 24, total: 410, missing: 99, reach: best };
    let result = Figure { indicator: RESULT, done: 14, total: 598, missing: 584, reach: Reach::Now };
    let services = Figure { indicator: SERVICES, done: 62, total: 120, missing: 40, reach: Reach::Now };
    let big = |figure: Figure| Figure { done: 1_150, total: 2_480, missing: 90, ..figure };
    let three = [result, online, payment];
    let four = [Figure { done: 310, total: 2_205, missing: 1_895, ..result }, big(online), payment, services];
    let of = |unit: &'static str, figures: &[Figure]| Sample {
        unit,
        evaluations: figures.iter().map(|figure| below(catalog, unit, *figure)).collect(),
        step: 1,
    };
    let mut two_units = of("07204", &[online, payment]);
    two_units.evaluations.extend(of("07318", &[result]).evaluations);
    vec![
        ("commune", of("07201", &three)),
        ("commune_one_figure", of("07201", &[online])),
        ("commune_instruction_only", of("07201", &[result])),
        ("commune_out_of_reach", of("07201", &[Figure { reach: best, ..online }, payment])),
        ("two_communes", two_units),
        ("district", of("215", &four)),
        ("department", of("SCT", &four)),
        ("department_longest_name", of("SLD", &four)),
    ]
}

impl Sample {
    /// The same at another step.
    pub fn at_step(&self, step: u32) -> Self {
        Self { step, ..self.clone() }
    }

    /// The draft of this sample.
    pub fn draft<'a>(&'a self, catalog: &'a Catalog) -> Draft<'a> {
        Draft {
            recipient: catalog.recipient_of(&UnitId::new(self.unit)).expect("a recipient"),
            evaluations: self.evaluations.iter().collect(),
            recovered: Vec::new(),
            notice: Notice::Reminder(if self.step > 1 { Tone::Repeat } else { Tone::First }),
            step: self.step,
            previous: (self.step > 1).then(|| NaiveDate::from_ymd_opt(2022, 10, 24).expect("a day")),
            link: None,
        }
    }
}
