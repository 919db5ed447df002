//! What is configured, read only, with where it comes from; trying a channel; trial mode and what is left to do before it ends.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Site;
use super::form::Form;
use super::page::{Failure, Frame, Place, page};
use super::session::Visitor;
use super::veil::veiled;
use crate::app::{App, TrialError, Tried, today};
use crate::config::Whence;
use crate::outbox::{self, State as At};
use crate::pass::Approval;
use crate::people::{self, Action, Deed, Event};
use crate::{catalog, channel, dispatch, pass};

/// Shorter than the pages' own patience, so that there is something to say.
const PATIENCE: Duration = Duration::from_secs(15);

/// A value of the configuration.
#[derive(Debug)]
struct Line {
    key: String,
    value: String,
    from: String,
}

/// A channel.
#[derive(Debug)]
struct Way {
    name: String,
    kind: &'static str,
    real: bool,
    mail: bool,
    /// Why it rests, if it does.
    rests: Option<String>,
}

/// One thing to do before messages go to everybody.
#[derive(Debug)]
struct Check {
    done: bool,
    what: &'static str,
    how: String,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    /// Whether whoever looks may take the steps of set-up.
    sets_up: bool,
    may: bool,
    trial: bool,
    allow: Vec<String>,
    checks: Vec<Check>,
    left: usize,
    channels: Vec<Way>,
    /// Where tests may be sent, whole for who may send them.
    testers: Vec<String>,
    /// Section and its values.
    sections: Vec<(String, Vec<Line>)>,
    file: String,
}

pub(super) async fn show(State(site): State<Site>, visitor: Visitor) -> Response {
    let shown = async { page(&shown(&site, &visitor).await?) }.await;
    site.answer(shown)
}

async fn shown(site: &Site, visitor: &Visitor) -> Result<SettingsPage, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let app = site.app()?;
    let may = visitor.may(Action::Approve);
    let hidden = |text: &str| if may { text.to_owned() } else { veiled(text) };
    let checks = checks(site, app).await?;
    let resting = dispatch::resting(&site.db).await?;
    let mut sections: Vec<(String, Vec<Line>)> = Vec::new();
    for one in &app.config.shown {
        let section = one.key.split('.').next().unwrap_or_default().to_owned();
        let line = Line {
            key: one.key.clone(),
            value: one.value.as_deref().map_or_else(|| "(đã đặt, không hiển thị)".to_owned(), hidden),
            from: match &one.from {
                Whence::Line(line) => format!("dòng {line}"),
                Whence::Variable(name) => format!("biến {name}"),
                Whence::Default => "mặc định".to_owned(),
            },
        };
        match sections.iter_mut().find(|(known, _)| *known == section) {
            Some((_, lines)) => lines.push(line),
            None => sections.push((section, vec![line])),
        }
    }
    let channels = app.config.channels.iter().map(|channel| Way {
        name: channel.name.clone(),
        kind: kind(channel.word()),
        real: channel.is_real(),
        mail: channel.word() == "email",
        rests: resting.iter().find(|one| one.channel == channel.name).map(|one| hidden(&one.reason)),
    });
    Ok(SettingsPage {
        frame: Frame::seen(site, visitor, Place::Settings, "Cài đặt"),
        sets_up: visitor.may(Action::Configure),
        may,
        trial: app.config.safety.trial,
        allow: app.config.safety.allow.iter().map(|address| hidden(address)).collect(),
        left: checks.iter().filter(|check| !check.done).count(),
        checks,
        channels: channels.collect(),
        testers: if may { app.test_addresses().into_iter().map(ToOwned::to_owned).collect() } else { Vec::new() },
        sections,
        file: app
            .config
            .file
            .as_ref()
            .map_or_else(|| "bản đi kèm chương trình".to_owned(), |file| file.display().to_string()),
    })
}

fn kind(word: &str) -> &'static str {
    match word {
        "email" => "thư điện tử",
        "capture" => "hộp thư thử, không rời máy",
        "file" => "tệp trong thư mục, không rời máy",
        "webhook" => "webhook",
        "sms" => "tin nhắn SMS",
        "zalo" => "Zalo OA",
        _ => "bot Zalo",
    }
}

/// What is still to be done before `trial = false`.
async fn checks(site: &Site, app: &App) -> Result<Vec<Check>, Failure> {
    let day = today(site.clock.now());
    let headless = catalog::headless(&site.db, day).await?.len();
    let pack = catalog::load(&site.db).await?;
    let without: Vec<&str> = {
        let valid =
            |id: &catalog::IndicatorId| pack.targets.iter().any(|one| one.indicator == *id && one.valid.covers(day));
        pack.indicators.iter().filter(|one| !valid(&one.id)).map(|one| one.short_name.as_str()).collect()
    };
    let rounds = pass::done_rounds(&site.db).await?;
    let tested = people::Wanted { deed: Deed::ChannelTested.word().to_owned(), limit: 1, ..people::Wanted::default() };
    let tested = !people::list(&site.db, &tested).await?.is_empty();
    let tally = outbox::tally(&site.db, None).await?;
    let read = tally.of(At::Sent) > 0 || channel::captured_count(&site.db).await? > 0;
    let admins = people::admins(&site.db).await?;
    let outside = app.config.channels.iter().any(channel::Settings::is_real);
    let approved = app.config.safety.approval != Approval::Never;
    let nobody = format!("{headless} đơn vị chưa có người nhận; bổ sung trong danh bạ.");
    let aimless = format!("Chưa có: {}. Thêm ở trang Chỉ tiêu.", without.join(", "));
    let all = [
        (headless == 0, "Mọi đơn vị có người nhận tin", nobody.as_str()),
        (without.is_empty(), "Mọi chỉ tiêu có mức phải đạt đang hiệu lực", &aimless),
        (
            !rounds.is_empty(),
            "Đã chạy ít nhất một đợt với số liệu thật",
            "Chạy dondoc run, hoặc chờ đến giờ của lịch gửi.",
        ),
        (
            read,
            "Đã xem tin thật của một đơn vị",
            "Xem trong Hộp thư thử, hoặc gửi cho một địa chỉ trong danh sách thử.",
        ),
        (outside, "Đã cấu hình kênh gửi thật", "Thêm một [[channel]] kind = \"email\" vào config.toml."),
        (tested, "Đã kiểm tra kênh gửi", "Bấm “Kiểm tra” ở từng kênh dưới đây."),
        (
            approved,
            "Có người thứ hai duyệt trước khi gửi",
            "Đặt [safety] approval = \"first_and_changes\" hoặc \"always\".",
        ),
        (admins >= 2, "Có ít nhất hai quản trị viên", "Thêm ở trang Người dùng."),
    ];
    let check = |(done, what, how): (bool, &'static str, &str)| {
        let how = if done { String::new() } else { how.to_owned() };
        Check { done, what, how }
    };
    Ok(all.map(check).into())
}

/// The dialogue with one relay.
#[derive(Debug)]
struct Talk {
    relay: String,
    transcript: Vec<String>,
    failed: Option<(String, &'static str)>,
}

#[derive(Template)]
#[template(path = "channel_test.html")]
struct TestPage {
    frame: Frame,
    name: String,
    talks: Vec<Talk>,
    works: Option<String>,
    broken: Option<String>,
}

/// Tries a channel, as `dondoc channel test` does.
pub(super) async fn test(State(site): State<Site>, visitor: Visitor, form: Form) -> Response {
    let answer = tested(&site, &visitor, &form).await;
    site.answer(answer)
}

async fn tested(site: &Site, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
    if !visitor.sees_all() {
        return Err(Failure::NotFound);
    }
    let app = site.app()?;
    let (name, to) = (form.text("kenh"), Some(form.text("toi").trim()).filter(|to| !to.is_empty()));
    let tried = tokio::time::timeout(PATIENCE, app.try_channel(name, to.map(|to| (to, None)))).await;
    let late = "máy nhận chưa trả lời trong 15 giây; thử lại, hoặc chạy dondoc channel test trên máy chủ".to_owned();
    let mut shown = TestPage {
        frame: Frame::seen(site, visitor, Place::Settings, format!("Kiểm tra kênh {name}")),
        name: name.to_owned(),
        talks: Vec::new(),
        works: None,
        broken: None,
    };
    match tried {
        Err(_) => shown.broken = Some(late),
        Ok(Err(TrialError::Unknown { .. })) => return Err(Failure::NotFound),
        Ok(Err(TrialError::Address(unlisted))) => {
            shown.broken = Some(format!(
                "{} không nằm trong [safety] allow hoặc [alerts] to, nên không được gửi thử tới.",
                unlisted.masked()
            ));
        }
        Ok(Err(error)) => shown.broken = Some(error.to_string()),
        Ok(Ok(Tried::Works(said))) => shown.works = Some(said),
        Ok(Ok(Tried::Broken(why))) => shown.broken = Some(why),
        Ok(Ok(Tried::Relays(rehearsals))) => {
            shown.talks = rehearsals
                .into_iter()
                .map(|one| Talk {
                    failed: one
                        .failed
                        .zip(one.remedy())
                        .map(|((stage, _), remedy)| (stage_words(stage).to_owned(), remedy)),
                    relay: one.relay,
                    transcript: one.transcript,
                })
                .collect();
        }
    }
    let good = shown.broken.is_none() && shown.talks.iter().all(|talk| talk.failed.is_none());
    let (by, detail) = (visitor.by(), if good { "works".to_owned() } else { "broken".to_owned() });
    let event = Event { by: &by, deed: Deed::ChannelTested, subject: format!("channel/{name}"), detail };
    people::conclude(site.db.begin().await?, &event, site.clock.now()).await?;
    page(&shown)
}

/// A step of the dialogue.
const fn stage_words(stage: channel::Stage) -> &'static str {
    use channel::Stage;
    match stage {
        Stage::Name => "tìm địa chỉ máy chủ (DNS)",
        Stage::Connect => "kết nối (TCP)",
        Stage::Greeting => "lời chào của máy chủ",
        Stage::Hello => "chào hỏi (EHLO)",
        Stage::StartTls => "chuyển sang kết nối bảo mật (STARTTLS)",
        Stage::Tls => "kết nối bảo mật (TLS)",
        Stage::Login => "đăng nhập (AUTH)",
        Stage::Sender => "địa chỉ người gửi (MAIL)",
        Stage::Recipient => "địa chỉ người nhận (RCPT)",
        Stage::Data => "trao thư (DATA)",
    }
}
