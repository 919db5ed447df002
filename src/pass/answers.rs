//! Telling the admins what heads answered that somebody has to look into: disputed figures, wrong contacts. Once each.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Alert, Settings};
use crate::catalog::Catalog;
use crate::db::{DbError, Work};
use crate::reply::{self, Answered, Kind};

/// Tells of all answers that were not told yet, in one message, as part of a round.
pub(super) async fn tell_answers(
    work: &mut Work,
    settings: &Settings,
    catalog: &Catalog,
    (run_id, as_of, now): (&str, NaiveDate, DateTime<Utc>),
) -> Result<(), DbError> {
    if settings.admins.is_empty() {
        return Ok(());
    }
    let untold = reply::untold(work).await?;
    if untold.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = untold.iter().map(|answered| answered.answer.id).collect();
    alert(&untold, catalog, as_of).tell(work, settings, run_id, now).await?;
    reply::told(work, &ids, now).await
}

fn alert(untold: &[Answered], catalog: &Catalog, as_of: NaiveDate) -> Alert {
    let shown = untold.iter().take(Alert::LINES / 2);
    let mut lines: Vec<String> = shown.flat_map(|answered| line(answered, catalog)).collect();
    if untold.len() > Alert::LINES / 2 {
        lines.push(format!("… và {} trả lời khác.", untold.len() - Alert::LINES / 2));
    }
    lines.push("→ Xem và xử lý: trang “Trả lời và phản ánh” (/tra-loi), hoặc dondoc reply list --open".to_owned());
    Alert {
        occasion: "answers",
        episode: Some(untold.iter().map(|answered| answered.answer.id.to_string()).collect()),
        as_of,
        subject: format!("{} trả lời của đơn vị cần xử lý", untold.len()),
        lines,
    }
}

/// Whose answer it is, what it says, and how it is closed.
fn line(answered: &Answered, catalog: &Catalog) -> [String; 2] {
    let mut units: Vec<String> = Vec::new();
    let mut indicators: Vec<&str> = Vec::new();
    for (unit, indicator) in &answered.about {
        let name = catalog.last_name(unit);
        if !units.contains(&name) {
            units.push(name);
        }
        let known = catalog.indicators.iter().find(|known| known.id == *indicator);
        let name = known.map_or(indicator.as_str(), |known| known.short_name.as_str());
        if !indicators.contains(&name) {
            indicators.push(name);
        }
    }
    let what = match answered.answer.kind {
        Kind::NotMine => "báo không phụ trách, cần sửa danh bạ".to_owned(),
        Kind::Disputed => {
            let until = answered.answer.until.map(|day| day.format("%d/%m/%Y").to_string()).unwrap_or_default();
            format!("phản ánh số liệu {}, tạm dừng nhắc đến {until}", indicators.join(", "))
        }
        Kind::Received | Kind::Promised => indicators.join(", "),
    };
    let cause = match answered.answer.cause.as_str() {
        "" => String::new(),
        cause => format!(": {cause}"),
    };
    [
        format!("{} {what}{cause}", units.join(", ")),
        format!("→ dondoc reply close {} --note \"kết quả\" --by \"họ tên\"", answered.answer.id),
    ]
}
