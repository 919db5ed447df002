//! What goes wrong in delivery and a person must know of: told once, whichever replica finds it first.

use chrono::{DateTime, Utc};

use super::{App, AppError};
use crate::clock::{from_millis, local_date};
use crate::outbox::{Entry, Filter, HoldReason, State};
use crate::pass::Alert;
use crate::{dispatch, outbox, pass};

impl App {
    /// Tells the admins of channels that are out of order, and of messages that wait for a person because sending them
    /// ended the program or because they were refused as such.
    ///
    /// # Errors
    /// The database's.
    pub async fn tell_of_trouble(&self) -> Result<(), AppError> {
        if self.config.admins.is_empty() {
            return Ok(());
        }
        let mut alerts: Vec<Alert> = dispatch::resting(&self.db).await?.iter().map(channel_rests).collect();
        let quarantined = Filter { state: Some(State::Quarantined), ..Filter::default() };
        alerts.extend(wait_for_person(&outbox::list(&self.db, &quarantined).await?, &QUARANTINED));
        let refused = Filter { state: Some(State::Held), reason: Some(HoldReason::Fault), ..Filter::default() };
        alerts.extend(wait_for_person(&outbox::list(&self.db, &refused).await?, &REFUSED));
        if alerts.is_empty() {
            return Ok(());
        }
        pass::tell(&self.db, &self.config.pass_settings(), &alerts, self.clock.now()).await?;
        self.wake.notify_waiters();
        Ok(())
    }
}

/// One alert for as long as the channel stays out of order.
fn channel_rests(resting: &dispatch::Resting) -> Alert {
    let (channel, since) = (&resting.channel, from_millis(resting.since));
    Alert {
        occasion: "channel_broken",
        episode: Some(format!("{channel}/{}", resting.since)),
        as_of: local_date(since),
        subject: format!("Kênh gửi `{channel}` đang gặp sự cố: cần kiểm tra"),
        lines: vec![
            format!("Nguyên nhân: {}", resting.reason),
            "Không tin nào bị mất: các tin của kênh này chờ trong hàng đợi, hệ thống tự thử lại.".to_owned(),
            format!("→ Kiểm tra [[channel]] `{channel}` rồi chạy: dondoc check"),
        ],
    }
}

/// What is told of messages in a state.
struct Words {
    occasion: &'static str,
    subject: &'static str,
    what: &'static str,
    remedy: &'static str,
}

const QUARANTINED: Words = Words {
    occasion: "quarantined",
    subject: "Có tin bị cách ly: cần kiểm tra",
    what: "tin đã ba lần làm gián đoạn việc gửi và không được gửi nữa.",
    remedy: "→ Xem: dondoc outbox list --state quarantined; gửi lại: dondoc outbox retry MÃ",
};

const REFUSED: Words = Words {
    occasion: "refused_as_such",
    subject: "Nội dung tin bị từ chối: cần kiểm tra",
    what: "tin dự phòng được giữ lại vì một kênh đã từ chối chính nội dung tin.",
    remedy: "→ Xem: dondoc outbox list --reason fault; gửi tiếp: dondoc outbox retry MÃ",
};

/// One alert a day, about what there is when it is found.
fn wait_for_person(entries: &[Entry], words: &Words) -> Option<Alert> {
    let since = |entry: &Entry| -> DateTime<Utc> { entry.settled_at.unwrap_or(entry.created_at) };
    let as_of = local_date(entries.iter().map(since).max()?);
    Some(Alert {
        occasion: words.occasion,
        episode: Some(as_of.to_string()),
        as_of,
        subject: words.subject.to_owned(),
        lines: vec![format!("{} {}", entries.len(), words.what), words.remedy.to_owned()],
    })
}
