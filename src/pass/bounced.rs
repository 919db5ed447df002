//! Telling the admins which addresses give messages back. Once each.

use chrono::{DateTime, NaiveDate, Utc};

use super::writer::mask;
use super::{Alert, Settings};
use crate::db::{DbError, Work};
use crate::reply::{self, Bounced};

/// Takes in what came back, and tells of what was not told yet, in one message, as part of a round.
pub(super) async fn tell_bounced(
    work: &mut Work,
    settings: &Settings,
    (run_id, as_of, now): (&str, NaiveDate, DateTime<Utc>),
) -> Result<(), DbError> {
    reply::take_bounces(work).await?;
    if settings.admins.is_empty() {
        return Ok(());
    }
    let untold = reply::untold_bounces(work).await?;
    if untold.is_empty() {
        return Ok(());
    }
    alert(&untold, as_of).tell(work, settings, run_id, now).await?;
    reply::told_bounces(work, &untold, now).await
}

fn alert(untold: &[Bounced], as_of: NaiveDate) -> Alert {
    let most = Alert::LINES / 2;
    let mut lines: Vec<String> = untold.iter().take(most).flat_map(lines).collect();
    if untold.len() > most {
        lines.push(format!("… và {} địa chỉ khác.", untold.len() - most));
    }
    lines.push(
        "Cho đến khi xử lý xong, các đợt sau gửi qua kênh khác; nếu không có kênh khác thì vẫn gửi đến địa chỉ cũ."
            .to_owned(),
    );
    lines.push("→ Xem và xử lý: trang “Trả lời và phản ánh” (/tra-loi), hoặc dondoc reply list --open".to_owned());
    Alert {
        occasion: "bounces",
        episode: Some(untold.iter().map(|bounced| bounced.id.as_str()).collect()),
        as_of,
        subject: format!("{} địa chỉ không nhận được thư", untold.len()),
        lines,
    }
}

/// Whose address, what was said of it, and how it is closed.
fn lines(bounced: &Bounced) -> [String; 2] {
    let unit = if bounced.unit_code.is_empty() { &bounced.recipient_id } else { &bounced.unit_code };
    [
        format!("{unit}, qua {}: {} bị trả lại: {}", bounced.channel, mask(&bounced.address), bounced.detail),
        format!(
            "→ Sửa địa chỉ trong danh bạ, rồi: dondoc reply close {} --note \"kết quả\" --by \"họ tên\"",
            bounced.id
        ),
    ]
}
