//! What became of a message, in words, with what mends it: a table over what machines say.

use super::catalogue::Tongue;
use super::words;
use crate::app::Bar;
use crate::outbox::{Ending, Entry, Fact, HoldReason, State};

/// What is said about a message beside its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Trouble {
    pub(super) shown: &'static str,
    pub(super) remedy: &'static str,
    /// The page where it is mended, and what it is called; empty: here.
    pub(super) place: (&'static str, &'static str),
}

const fn trouble(shown: &'static str, remedy: &'static str) -> Trouble {
    Trouble { shown, remedy, place: ("", "") }
}

const fn at(place: (&'static str, &'static str), trouble: Trouble) -> Trouble {
    Trouble { place, ..trouble }
}

const APPROVAL: (&str, &str) = ("/duyet", "Xem và duyệt");
const SETTINGS: (&str, &str) = ("/cai-dat", "Cài đặt");

const NO_ADDRESS: Trouble = trouble("Địa chỉ không tồn tại", "Sửa địa chỉ trong danh bạ rồi gửi lại.");
const FULL: Trouble = trouble("Hộp thư đầy", "Gọi điện cho người nhận, hoặc gửi qua kênh khác.");
const NO_ZALO: Trouble =
    trouble("Số này không dùng Zalo hoặc chặn nhận tin", "Sửa số trong danh bạ, hoặc gửi qua kênh khác.");

/// By which way it goes, as far as the words differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Mail,
    Zalo,
    Sms,
    Other,
}

impl Way {
    /// Of a channel of this kind; where the kind is not known, by the address.
    pub(super) fn of(kind: Option<&str>, address: &str) -> Self {
        match kind {
            Some("email") => Self::Mail,
            Some("zalo" | "zalo_bot") => Self::Zalo,
            Some("sms") => Self::Sms,
            _ if address.contains('@') && !address.contains("://") => Self::Mail,
            _ => Self::Other,
        }
    }
}

/// Why a message is where it is, when there is more to say than its state does.
pub(super) fn of(entry: &Entry, way: Way, ending: Option<&Ending>, facts: &[Fact]) -> Option<Trouble> {
    match entry.state {
        State::Held => entry.hold_reason.as_deref().map(held),
        State::Sent if facts.contains(&Fact::Bounced) => {
            Some(trouble("Bị trả lại", "Sửa địa chỉ trong danh bạ. Đợt sau mới gửi tới địa chỉ mới."))
        }
        State::Sent if facts.contains(&Fact::Undelivered) => {
            Some(trouble("Không đến được máy người nhận", "Gọi điện cho người nhận, hoặc sửa danh bạ."))
        }
        State::Sent | State::Cancelled | State::Standby | State::Expired => None,
        State::Ready | State::Sending | State::Failed | State::Uncertain | State::Quarantined => {
            ending.and_then(|ending| ended(entry.state, way, ending))
        }
    }
}

fn held(reason: &str) -> Trouble {
    match HoldReason::ALL.into_iter().find(|known| known.word() == reason) {
        Some(HoldReason::Approval) => {
            at(APPROVAL, trouble("Chờ người thứ hai duyệt", "Xem cả đợt rồi cho gửi hoặc không gửi."))
        }
        Some(HoldReason::Guard) => at(
            APPROVAL,
            trouble("Số đơn vị chưa đạt tăng bất thường", "Đối chiếu số liệu, rồi cho gửi hoặc không gửi."),
        ),
        Some(HoldReason::Trial) => at(
            SETTINGS,
            trouble("Đang ở chế độ thử", "Địa chỉ này không nằm trong danh sách thử. Kết thúc chế độ thử rồi cho gửi."),
        ),
        Some(HoldReason::Fault) => {
            trouble("Kênh khác đã từ chối nội dung tin", "Xem phản hồi, sửa mẫu tin nếu cần, rồi cho gửi hoặc hủy.")
        }
        Some(HoldReason::Person) | None => trouble("Có người giữ lại", "Cho gửi khi đã rõ, hoặc hủy."),
    }
}

/// What the last attempt says.
fn ended(state: State, way: Way, ending: &Ending) -> Option<Trouble> {
    let later = matches!(state, State::Ready | State::Sending);
    match (ending.outcome.as_str(), way) {
        ("accepted" | "handed_back", _) => None,
        ("channel_broken", _) => Some(broken(way, ending)),
        ("lost", _) => {
            Some(trouble("Việc gửi bị ngắt giữa chừng", "Hệ thống tự xử lý; báo quản trị viên nếu lặp lại."))
        }
        ("unknown", _) if !later => {
            Some(trouble("Mất kết nối khi đang gửi", "Hỏi người nhận hoặc nhà cung cấp, rồi ghi kết quả."))
        }
        ("transient" | "throttled" | "unknown", _) if later => Some(postponed(way, ending)),
        ("transient" | "throttled", _) => {
            Some(trouble("Đã thử nhiều lần, máy nhận vẫn chưa nhận", "Kiểm tra địa chỉ, rồi gửi lại."))
        }
        (_, Way::Mail) => Some(refused_mail(ending)),
        ("recipient", Way::Zalo) => Some(NO_ZALO),
        ("recipient", Way::Sms) => {
            Some(trouble("Số điện thoại không nhận được tin", "Sửa số trong danh bạ rồi gửi lại."))
        }
        ("permanent", Way::Zalo) => {
            Some(at(SETTINGS, trouble("Nội dung không khớp mẫu Zalo đã duyệt", "Đối chiếu tham số với mẫu trên Zalo.")))
        }
        ("permanent", Way::Sms) => Some(at(
            SETTINGS,
            trouble("Nội dung chưa đăng ký với nhà mạng", "Đối chiếu mẫu tin với mẫu đã đăng ký thương hiệu."),
        )),
        ("recipient", _) => Some(trouble("Không đến được người nhận qua kênh này", "Sửa danh bạ rồi gửi lại.")),
        _ => Some(trouble("Tin bị từ chối", "Xem phản hồi gốc của máy nhận.")),
    }
}

/// The channel's fault, and no message's.
fn broken(way: Way, ending: &Ending) -> Trouble {
    let said = ending.answer.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    match way {
        Way::Mail if matches!(ending.code, Some(530 | 534 | 535 | 538)) => {
            at(SETTINGS, trouble("Sai tài khoản gửi", "Quản trị viên sửa tên hoặc mật khẩu của máy chủ thư."))
        }
        Way::Mail if has(&["certificate", "tls", "handshake"]) => at(
            SETTINGS,
            trouble("Kết nối bảo mật không hợp lệ", "Quản trị viên kiểm tra chứng thư số của máy chủ thư."),
        ),
        Way::Zalo => {
            at(SETTINGS, trouble("Kết nối Zalo hỏng", "Quản trị viên kiểm tra kênh Zalo. Tin chờ, không mất lượt thử."))
        }
        _ => at(SETTINGS, trouble("Kênh gửi đang hỏng", "Quản trị viên kiểm tra kênh. Tin chờ, không mất lượt thử.")),
    }
}

fn postponed(way: Way, ending: &Ending) -> Trouble {
    match (way, ending.code) {
        (Way::Mail, Some(452 | 552)) => trouble("Hộp thư đầy hoặc máy nhận hết chỗ", "Hệ thống tự thử lại."),
        (Way::Zalo, Some(-144 | -147 | -1441 | -1471 | -1472)) => {
            at(SETTINGS, trouble("Hết hạn mức Zalo hôm nay", "Hệ thống tự gửi khi có hạn mức mới."))
        }
        _ => trouble("Máy nhận tạm hoãn", "Hệ thống tự thử lại."),
    }
}

/// Refused for good: the enhanced status decides where there is one, else the code.
#[expect(clippy::match_same_arms, reason = "what the status says goes before what the code says")]
fn refused_mail(ending: &Ending) -> Trouble {
    match (status(&ending.answer), ending.code) {
        (Some((2, 2)), _) => FULL,
        (Some((2, 1)), _) => trouble("Hộp thư đã ngừng hoạt động", "Sửa địa chỉ trong danh bạ rồi gửi lại."),
        (Some((2, 3) | (3, 4)), _) => trouble("Thư quá lớn", "Rút gọn mẫu tin."),
        (Some((7, _)), _) => trouble(
            "Bị coi là thư rác hoặc bị từ chối theo chính sách",
            "Quản trị viên kiểm tra SPF, DKIM và xem phản hồi gốc.",
        ),
        (Some((1, _)), _) => NO_ADDRESS,
        (_, Some(552)) => FULL,
        (_, Some(550 | 551 | 553 | 556)) => NO_ADDRESS,
        (_, Some(554)) => trouble(
            "Bị coi là thư rác hoặc bị từ chối theo chính sách",
            "Quản trị viên kiểm tra SPF, DKIM và xem phản hồi gốc.",
        ),
        _ if ending.outcome == "recipient" => NO_ADDRESS,
        _ => trouble("Máy chủ thư từ chối tin này", "Xem phản hồi gốc của máy chủ."),
    }
}

/// Subject and detail of the first `5.subject.detail` in what the relay said.
fn status(answer: &str) -> Option<(u16, u16)> {
    answer.split_whitespace().find_map(|word| {
        let mut numbers = word.strip_prefix("5.")?.split('.');
        let (subject, detail) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        numbers.next().is_none().then_some((subject, detail))
    })
}

/// Why a wish is not granted.
pub(super) fn bar(bar: Bar) -> String {
    match bar {
        Bar::NoWords => "nội dung đã xóa theo thời hạn lưu trữ".to_owned(),
        Bar::TookOver => "đã chuyển sang kênh khác, gửi lại sẽ thành hai tin".to_owned(),
        Bar::Unknown => "chưa rõ kết quả, cần mở từng tin để ghi kết quả".to_owned(),
        Bar::Trial => "đang ở chế độ thử và địa chỉ không nằm trong danh sách thử".to_owned(),
        Bar::SecondPerson => "thuộc đợt đang chờ duyệt, xem ở trang Duyệt gửi".to_owned(),
        Bar::State(state) => format!("đang ở trạng thái “{}”", words::state(Tongue::Vietnamese, state).0),
    }
}

/// How an attempt ended.
pub(super) fn outcome(word: &str) -> &'static str {
    match word {
        "accepted" => "Máy nhận đã tiếp nhận",
        "permanent" => "Bị từ chối hẳn",
        "recipient" => "Không đến được người nhận qua kênh này",
        "transient" => "Tạm hoãn",
        "throttled" => "Máy nhận hẹn lại",
        "channel_broken" => "Kênh gửi hỏng, không tính lượt thử",
        "unknown" => "Mất kết nối, chưa rõ kết quả",
        "handed_back" => "Chưa bắt đầu, trả lại hàng đợi",
        "lost" => "Bị ngắt giữa chừng",
        "by_hand" => "Thao tác của người phụ trách",
        _ => "Khác",
    }
}

/// What was said of a message after it was taken.
pub(super) const fn fact(fact: Fact) -> &'static str {
    match fact {
        Fact::Delayed => "Hệ thống trên đường vẫn đang chuyển",
        Fact::Delivered => "Đã đến máy hoặc hộp thư của người nhận",
        Fact::Undelivered => "Không đến được máy người nhận",
        Fact::Bounced => "Bị trả lại",
        Fact::Seen => "Đã mở (nhà cung cấp báo)",
    }
}

/// What a message is.
pub(super) fn kind(word: &str) -> &'static str {
    match word {
        "reminder" => "Tin nhắc việc",
        "thanks" => "Tin ghi nhận",
        "copy" => "Bản đồng gửi cấp trên",
        "digest" => "Báo cáo tổng hợp",
        "correction" => "Tin đính chính",
        "admin_note" => "Ghi chú cho quản trị viên",
        "alert" => "Cảnh báo cho quản trị viên",
        _ => "Tin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(way: Way, state: State, (outcome, code, answer): (&str, i64, &str)) -> &'static str {
        let ending = Ending {
            entry_id: String::new(),
            outcome: outcome.to_owned(),
            code: Some(code),
            answer: answer.to_owned(),
        };
        ended(state, way, &ending).map_or("", |trouble| trouble.shown)
    }

    #[test]
    fn what_machines_say_is_said_in_words_with_what_mends_it() {
        for (way, state, ending, shown) in [
            (Way::Mail, State::Failed, ("recipient", 550, "550 5.1.1 no such user"), "Địa chỉ không tồn tại"),
            (Way::Mail, State::Failed, ("recipient", 550, "550 no such user"), "Địa chỉ không tồn tại"),
            (Way::Mail, State::Failed, ("recipient", 552, "552 5.2.2 full"), "Hộp thư đầy"),
            (Way::Mail, State::Failed, ("permanent", 552, "552 5.3.4 too big"), "Thư quá lớn"),
            (
                Way::Mail,
                State::Failed,
                ("permanent", 554, "554 5.7.1 spam"),
                "Bị coi là thư rác hoặc bị từ chối theo chính sách",
            ),
            (Way::Mail, State::Ready, ("transient", 451, "4.7.1 later"), "Máy nhận tạm hoãn"),
            (Way::Mail, State::Ready, ("transient", 452, "4.2.2 full"), "Hộp thư đầy hoặc máy nhận hết chỗ"),
            (Way::Mail, State::Ready, ("channel_broken", 535, "535 5.7.8 login"), "Sai tài khoản gửi"),
            (
                Way::Mail,
                State::Ready,
                ("channel_broken", 0, "invalid peer certificate"),
                "Kết nối bảo mật không hợp lệ",
            ),
            (Way::Mail, State::Ready, ("channel_broken", 0, "refused"), "Kênh gửi đang hỏng"),
            (Way::Zalo, State::Failed, ("recipient", -118, "x"), "Số này không dùng Zalo hoặc chặn nhận tin"),
            (Way::Zalo, State::Ready, ("channel_broken", -124, "x"), "Kết nối Zalo hỏng"),
            (Way::Zalo, State::Ready, ("throttled", -144, "x"), "Hết hạn mức Zalo hôm nay"),
            (Way::Zalo, State::Failed, ("permanent", -1122, "x"), "Nội dung không khớp mẫu Zalo đã duyệt"),
            (Way::Sms, State::Failed, ("permanent", 0, "x"), "Nội dung chưa đăng ký với nhà mạng"),
            (Way::Sms, State::Uncertain, ("unknown", 0, "x"), "Mất kết nối khi đang gửi"),
            (Way::Other, State::Quarantined, ("lost", 0, "x"), "Việc gửi bị ngắt giữa chừng"),
            (Way::Mail, State::Ready, ("handed_back", 0, "x"), ""),
        ] {
            assert_eq!(said(way, state, ending), shown, "{way:?} {ending:?}");
        }
    }
}
