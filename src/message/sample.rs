//! Invented contexts that every template must survive before it is used.

use super::context::{
    AssignmentContext, BasisContext, ContactContext, Context, IndicatorContext, MonthContext, RecipientContext,
    SenderContext, ServiceContext, UnitContext,
};

/// The contexts for a template of `step`: usual, bare, longest names, several units.
pub(super) fn contexts(step: u32) -> Vec<Context> {
    let usual = vec![unit("UBND xã Song Mai", vec![online(), payment(), result()])];
    let bare = Context {
        recipient: RecipientContext { title: "Giám đốc Sở Công Thương".to_owned(), person: None },
        actions: Vec::new(),
        assignments: Vec::new(),
        causes: Vec::new(),
        bases: Vec::new(),
        contact: None,
        link: None,
        previous: None,
        ..context(step, vec![unit("Sở Công Thương", vec![bare_figure()])])
    };
    let long = vec![unit("UBND phường Trần Nguyên Hãn", vec![online(), payment(), result(), services()])];
    let several = vec![unit("UBND xã Song Mai", vec![online(), payment()]), unit("UBND xã Phúc Sơn", vec![result()])];
    vec![context(step, usual), bare, context(step, long), context(step, several)]
}

fn context(step: u32, mut units: Vec<UnitContext>) -> Context {
    for (rank, indicator) in units.iter_mut().flat_map(|unit| &mut unit.indicators).enumerate() {
        indicator.rank = rank;
    }
    let indicators = || units.iter().flat_map(|unit| &unit.indicators);
    let actions = indicators().filter_map(|indicator| indicator.action.clone()).collect();
    let causes = indicators().filter_map(|indicator| indicator.cause.clone()).collect();
    let assigned = |indicator: &IndicatorContext| {
        let (action, role) = (indicator.action.clone()?, indicator.role.clone()?);
        Some(AssignmentContext { action, role, role_fits: true })
    };
    let assignments = indicators().filter_map(assigned).collect();
    let title = units.first().map_or_else(String::new, |unit| format!("Chủ tịch {}", unit.authority));
    Context {
        sender: SenderContext {
            name: "Sở Thông tin và Truyền thông".to_owned(),
            sms_name: "So TTTT".to_owned(),
            occasion: "Thông báo Kết luận số 464/TB-UBND ngày 22/10/2022".to_owned(),
            occasion_fits: true,
        },
        recipient: RecipientContext { title, person: Some("Nguyễn Văn A".to_owned()) },
        as_of: "31/10/2022".to_owned(),
        as_of_short: "31/10".to_owned(),
        figures: "bc56a73d".to_owned(),
        year_from: "01/01/2022".to_owned(),
        step,
        previous: (step > 1).then(|| "24/10/2022".to_owned()),
        actions,
        assignments,
        causes,
        recovered: Vec::new(),
        bases: vec![
            BasisContext { number: 1, text: "Kế hoạch số 1780/KH-BCĐCĐS ngày 25/4/2022".to_owned() },
            BasisContext { number: 2, text: "Nghị quyết số 01/NQ-CP ngày 08/01/2022".to_owned() },
        ],
        contact: Some(ContactContext {
            person: Some("Nguyễn Văn Tuấn".to_owned()),
            title: "Phó Giám đốc Trung tâm CNTT&TT".to_owned(),
            title_fits: true,
            phone: Some("0900 000 123".to_owned()),
            phone_dial: Some("0900000123".to_owned()),
        }),
        link: Some("https://dondoc.province.example/r/AWE".to_owned()),
        units,
    }
}

fn unit(authority: &str, indicators: Vec<IndicatorContext>) -> UnitContext {
    UnitContext {
        code: "07201".to_owned(),
        name: authority.trim_start_matches("UBND ").to_owned(),
        authority: authority.to_owned(),
        short: authority.to_owned(),
        district: authority.starts_with("UBND").then(|| "TP Bắc Giang".to_owned()),
        indicators,
    }
}

fn online() -> IndicatorContext {
    IndicatorContext {
        reach: Some("Từ nay đến hết năm cần đạt ít nhất 94%.".to_owned()),
        reach_fits: true,
        ..figure(
            "online_filing",
            ["Hồ sơ xử lý trực tuyến", "trực tuyến", "hồ sơ"],
            ["214", "640", "33,44%", "50%"],
            106,
        )
    }
}

fn payment() -> IndicatorContext {
    let names = ["Thanh toán trên Cổng Dịch vụ công quốc gia", "thanh toán", "giao dịch"];
    IndicatorContext {
        footnote: Some(2),
        out_of_reach: true,
        reach: Some("Lũy kế 30% không còn kịp trong năm; tháng 10 đạt 6,12%.".to_owned()),
        interim: Some("Cả năm còn có thể đạt tối đa 22,40%.".to_owned()),
        interim_fits: true,
        cause_fits: true,
        what_if: Some("Nếu tính cả mã QR, chuyển khoản thì đạt 41,20%.".to_owned()),
        what_if_fits: true,
        ..figure("portal_payment", names, ["24", "410", "5,85%", "30%"], 99)
    }
}

fn result() -> IndicatorContext {
    IndicatorContext {
        demand_word: "yêu cầu".to_owned(),
        footnote: None,
        ..figure("e_result", ["Kết quả điện tử", "kết quả điện tử", "hồ sơ"], ["14", "598", "2,34%", "100%"], 584)
    }
}

fn services() -> IndicatorContext {
    let names = ["Dịch vụ công có phát sinh hồ sơ", "DVC có hồ sơ", "dịch vụ"];
    IndicatorContext {
        months: Vec::new(),
        pro_rated: Some("đến tháng 10, cả năm 85%".to_owned()),
        trend: None,
        ..figure("active_services", names, ["62", "120", "51,67%", "70,83%"], 23)
    }
}

/// A figure of which nothing but the counts is known.
fn bare_figure() -> IndicatorContext {
    IndicatorContext {
        cause: None,
        action: None,
        role: None,
        pro_rated: None,
        turns_on_one: true,
        turns_on_one_fits: true,
        services: Vec::new(),
        months: Vec::new(),
        footnote: None,
        ..services()
    }
}

fn figure(id: &str, names: [&str; 3], figures: [&str; 4], missing: u64) -> IndicatorContext {
    let [name, short_name, counted] = names.map(ToOwned::to_owned);
    let [numerator, denominator, rate, target] = figures.map(ToOwned::to_owned);
    IndicatorContext {
        id: id.to_owned(),
        cause: Some(format!("Nguyên nhân của {name}.")),
        action: Some(format!("Việc cần làm cho {name}.")),
        name,
        short_name,
        counted,
        numerator,
        denominator,
        rate,
        target,
        demand_word: "chỉ tiêu".to_owned(),
        missing: missing.to_string(),
        missing_number: missing,
        footnote: Some(1),
        pro_rated: None,
        role: Some("Bộ phận một cửa".to_owned()),
        what_if: None,
        what_if_fits: false,
        trend: Some("tăng".to_owned()),
        turns_on_one: false,
        turns_on_one_fits: false,
        out_of_reach: false,
        reach: None,
        interim: None,
        interim_fits: false,
        cause_fits: false,
        reach_fits: false,
        months: vec![MonthContext { label: "tháng 10".to_owned(), rate: "6,12%".to_owned() }],
        services: vec![ServiceContext { code: "1.004232".to_owned(), missing: "37".to_owned() }],
        rank: 0,
    }
}
