//! Indicators with their formula, targets with their legal basis and how long they hold; adding a dated target.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use chrono::{Days, NaiveDate};

use super::catalogue::Tongue;
use super::form::Form;
use super::page::{Failure, Frame, Place, again, on_to, page};
use super::session::Visitor;
use super::target_form::{Typed, choices};
use super::{Site, figure_words, words};
use crate::app::{Foreseen, TargetError, today};
use crate::catalog::{self, Comparator, Demand, Indicator, IndicatorKind, Level, Listed, Measure, Pack, Scope, Target};
use crate::people::Action;

/// So long before its end a target is warned of.
const WARNED: Days = Days::new(30);

/// A target in words.
#[derive(Debug)]
struct Line {
    name: String,
    value: String,
    scope: String,
    basis: String,
    span: String,
    /// `Đang hiệu lực`, and how loudly.
    standing: &'static str,
    tone: &'static str,
    warning: String,
}

/// An indicator with its targets.
#[derive(Debug)]
struct Shown {
    name: String,
    formula: String,
    notes: Vec<&'static str>,
    lines: Vec<Line>,
    /// Whether no target holds today.
    without: bool,
}

#[derive(Template)]
#[template(path = "targets.html")]
struct TargetsPage {
    frame: Frame,
    done: bool,
    shown: Vec<Shown>,
    may: bool,
    form: TargetForm,
}

/// The form as it is shown.
#[derive(Debug, Default)]
pub(super) struct TargetForm {
    pub(super) typed: Typed,
    pub(super) indicators: Vec<(String, String, bool)>,
    pub(super) scopes: Vec<(String, String, bool)>,
    /// What is wrong, by the name of the field; one without a field concerns all.
    pub(super) wrong: Vec<(&'static str, String)>,
    /// What it would change, once it was asked.
    pub(super) foreseen: Option<String>,
}

impl TargetForm {
    /// What is wrong with a field.
    pub(super) fn wrong_with(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(known, _)| *known == field).map(|(_, words)| words.as_str())
    }
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor, RawQuery(query): RawQuery) -> Response {
    let answer = async {
        let done = query.is_some_and(|query| query.contains("xong=them"));
        let pack = catalog::load(&site.db).await?;
        page(&shown(&site, &visitor, &pack, (done, Typed::default(), Vec::new(), None)).await?)
    };
    site.answer(answer.await)
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    pack: &Pack,
    (done, typed, wrong, foreseen): (bool, Typed, Vec<(&'static str, String)>, Option<String>),
) -> Result<TargetsPage, Failure> {
    let day = today(site.clock.now());
    let listed = catalog::present(&site.db, day).await?;
    let one = |indicator: &Indicator| {
        let own = |target: &&Target| {
            target.indicator == indicator.id
                && (target.version == indicator.definition.version || target.version.is_empty())
        };
        let mut targets: Vec<&Target> = pack.targets.iter().filter(own).collect();
        targets.sort_by_key(|target| std::cmp::Reverse(target.valid.from));
        Shown {
            name: indicator.name.clone(),
            formula: formula(indicator),
            notes: notes(indicator),
            without: !targets.iter().any(|target| target.valid.covers(day)),
            lines: targets.into_iter().map(|target| line(target, &listed, day)).collect(),
        }
    };
    let (indicators, scopes) = choices(pack, &typed);
    Ok(TargetsPage {
        frame: Frame::seen(site, visitor, Place::Targets, "Chỉ tiêu"),
        done,
        shown: pack.indicators.iter().map(one).collect(),
        may: visitor.may(Action::Edit) && visitor.sees_all(),
        form: TargetForm { typed, indicators, scopes, wrong, foreseen },
    })
}

/// What is counted over what.
fn formula(indicator: &Indicator) -> String {
    let also = indicator.definition.also.iter().map(|measure| format!(" + {}", measure_words(measure)));
    format!(
        "{}{} ÷ {}",
        measure_words(&indicator.numerator),
        also.collect::<String>(),
        measure_words(&indicator.denominator)
    )
}

fn notes(indicator: &Indicator) -> Vec<&'static str> {
    let window = match indicator.definition.window {
        catalog::Window::Cumulative => "Lũy kế từ đầu năm.",
        catalog::Window::Month => "Tính riêng tháng mới nhất.",
    };
    let kind = match indicator.kind {
        IndicatorKind::Flow => "Hồ sơ đã qua không sửa được; chỉ hồ sơ sắp tới làm thay đổi tỷ lệ.",
        IndicatorKind::Backlog => "Hồ sơ cũ vẫn bổ sung được.",
        IndicatorKind::Coverage => "Đếm số dịch vụ, không cộng dồn các tháng.",
    };
    vec![window, kind]
}

/// What a count is called.
fn measure_words(measure: &Measure) -> String {
    match measure.as_str() {
        "received" => "hồ sơ tiếp nhận",
        "received_online" => "hồ sơ nộp trực tuyến",
        "results_due" => "kết quả phải trả",
        "results_electronic" => "kết quả điện tử",
        "results_digitised" => "kết quả số hóa",
        "results_valid" => "kết quả điện tử hợp lệ",
        "fee_transactions" => "giao dịch có phí, lệ phí",
        "paid_on_portal" => "giao dịch trên Cổng Dịch vụ công quốc gia",
        "paid_on_provincial_portal" => "giao dịch trên cổng của tỉnh",
        "paid_cashless_other" => "giao dịch không dùng tiền mặt khác",
        "paid_cash" => "giao dịch bằng tiền mặt",
        "unpaid_or_exempt" => "giao dịch chưa thu hoặc được miễn",
        "not_online" => "hồ sơ không nộp trực tuyến",
        "services_online" => "dịch vụ công trực tuyến",
        "services_online_with_dossiers" => "dịch vụ công trực tuyến có hồ sơ",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

fn line(target: &Target, listed: &[Listed], day: NaiveDate) -> Line {
    let date = |date: NaiveDate| words::local_date(&date.to_string());
    let (standing, tone) = match (target.valid.from, target.valid.to) {
        (_, Some(to)) if to < day => ("ĐÃ HẾT HIỆU LỰC", "bad"),
        (Some(from), _) if from > day => ("Chưa đến ngày hiệu lực", "wait"),
        _ => ("Đang hiệu lực", ""),
    };
    let ends = target.valid.to.filter(|to| tone.is_empty() && *to <= day + WARNED);
    let span = match (target.valid.from, target.valid.to) {
        (Some(from), Some(to)) => format!("{} – {}", date(from), date(to)),
        (Some(from), None) => format!("từ {}", date(from)),
        (None, Some(to)) => format!("đến {}", date(to)),
        (None, None) => "không thời hạn".to_owned(),
    };
    let sign = match target.comparator {
        Comparator::AtLeast => "từ",
        Comparator::MoreThan => "trên",
    };
    let kind = if target.demand == Demand::Instruction { "Yêu cầu" } else { "Mục tiêu" };
    let yearly = if target.pro_rated { ", chia đều theo tháng" } else { "" };
    let issued = target.basis.date.map(|issued| format!(" ngày {}", date(issued))).unwrap_or_default();
    Line {
        name: target.name.clone(),
        value: format!("{kind} {sign} {}%{yearly}", target.value.to_string().replace('.', ",")),
        scope: scope_words(&target.scope, listed),
        basis: format!("{}{issued} của {}", target.basis.number, target.basis.issuer),
        span,
        standing,
        tone: if ends.is_some() { "wait" } else { tone },
        warning: ends
            .map(|to| format!("Hết hiệu lực sau ngày {}; chuẩn bị mục tiêu mới.", date(to)))
            .unwrap_or_default(),
    }
}

/// Whom a target binds.
pub(super) fn scope_words(scope: &Scope, listed: &[Listed]) -> String {
    match scope {
        Scope::All => "mọi đơn vị".to_owned(),
        Scope::Level(level) => format!("các đơn vị {}", level_words(*level)),
        Scope::Kind(kind) => format!("các {}", figure_words::kind(Tongue::Vietnamese, *kind).to_lowercase()),
        Scope::Unit(id) => {
            listed.iter().find(|unit| unit.id == *id).map_or_else(|| id.to_string(), |unit| unit.name.clone())
        }
    }
}

pub(super) const fn level_words(level: Level) -> &'static str {
    match level {
        Level::Province => "cấp tỉnh",
        Level::Department => "sở, ban, ngành",
        Level::District => "cấp huyện",
        Level::Commune => "cấp xã",
    }
}

/// Shows first what the target would change, then adds it.
pub(super) async fn add(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = added(&site, &visitor, &form).await;
    site.answer(answer)
}

async fn added(site: &Site, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let (app, pack, typed) = (site.app()?, catalog::load(&site.db).await?, Typed::of(form));
    let target = match typed.target(&pack) {
        Ok(target) => target,
        Err(wrong) => return again(&shown(site, visitor, &pack, (false, typed, wrong, None)).await?),
    };
    if form.text("chac") == "1" {
        match app.add_target(target, &visitor.by()).await {
            Ok(()) => return Ok(on_to("/chi-tieu?xong=them")),
            Err(TargetError::Problems(problems)) => {
                let wrong = problems.into_iter().map(|problem| ("", problem.message)).collect();
                return again(&shown(site, visitor, &pack, (false, typed, wrong, None)).await?);
            }
            Err(TargetError::App(error)) => return Err(error.into()),
        }
    }
    let foreseen = foreseen_words(app.foresee(&target).await?);
    page(&shown(site, visitor, &pack, (false, typed, Vec::new(), Some(foreseen))).await?)
}

fn foreseen_words(foreseen: Option<Foreseen>) -> String {
    let Some(Foreseen { units, met_now, met_then }) = foreseen.filter(|one| one.units > 0) else {
        return "Chưa có số liệu của đơn vị nào để ước tính.".to_owned();
    };
    let number = words::grouped;
    format!(
        "Theo số liệu mới nhất, mục tiêu này áp dụng cho {} đơn vị có số liệu: hiện nay {} đạt, {} chưa đạt; với mục tiêu mới \
         {} đạt, {} chưa đạt.",
        number(units),
        number(met_now),
        number(units - met_now),
        number(met_then),
        number(units - met_then)
    )
}
