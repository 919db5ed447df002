//! How the pages say things: numbers, times, addresses and states.

use chrono::{DateTime, Utc};

use crate::catalog::{mask_email, mask_phone};
use crate::clock::ZONE;
use crate::outbox::State;

/// `2.480`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// `31/10/2022 08:00`.
pub(super) fn local_time(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&ZONE).format("%d/%m/%Y %H:%M").to_string()
}

/// The same for machines.
pub(super) fn machine_time(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&ZONE).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `2022-10-31` as `31/10/2022`; anything else as it is.
pub(super) fn local_date(iso: &str) -> String {
    match iso.parse::<chrono::NaiveDate>() {
        Ok(date) => date.format("%d/%m/%Y").to_string(),
        Err(_) => iso.to_owned(),
    }
}

/// Enough of an address to recognise it, not enough to use it.
pub(super) fn masked(address: &str) -> String {
    if let Some((_, rest)) = address.split_once("://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return host.rsplit('@').next().unwrap_or_default().to_owned();
    }
    if address.contains('@') { mask_email(address) } else { mask_phone(address) }
}

/// What a state is called and what it asks for.
pub(super) const fn state(state: State) -> (&'static str, &'static str) {
    match state {
        State::Held => ("Đang giữ lại", "Chờ người có thẩm quyền cho gửi."),
        State::Ready => ("Chờ gửi", "Sẽ gửi khi đến giờ."),
        State::Sending => ("Đang gửi", "Đang trao cho máy chủ nhận."),
        State::Sent => ("Đã gửi", "Máy chủ nhận đã tiếp nhận."),
        State::Uncertain => ("Chưa rõ kết quả", "Có thể đã đến nơi. Kiểm tra rồi mới gửi lại."),
        State::Failed => ("Không gửi được", "Xem lý do của từng tin, sửa danh bạ rồi gửi lại."),
        State::Expired => ("Quá hạn gửi", "Số liệu đã cũ nên không gửi nữa."),
        State::Cancelled => ("Đã hủy", "Đã được rút lại trước khi gửi."),
        State::Standby => ("Dự phòng", "Chỉ gửi khi kênh trước không đến được người nhận."),
        State::Quarantined => ("Đã cách ly", "Nhiều lần làm gián đoạn việc gửi. Báo quản trị viên."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands_with_points() {
        let cases = [(0, "0"), (999, "999"), (2_480, "2.480"), (1_234_567, "1.234.567")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn an_instant_is_shown_as_the_clock_on_the_wall_shows_it() {
        let instant = "2022-10-31T01:30:00Z".parse().unwrap();
        assert_eq!(local_time(instant), "31/10/2022 08:30");
        assert_eq!(machine_time(instant), "2022-10-31T08:30:00+07:00");
    }

    #[test]
    fn no_address_is_shown_whole() {
        assert_eq!(masked("chutich@songmai.example"), "c***@songmai.example");
        assert_eq!(masked("0900 000 123"), "0900***123");
        assert_eq!(masked("https://user:word@hook.example/secret?key=word"), "hook.example");
    }
}
