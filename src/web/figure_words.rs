//! How the pages say figures: glyphs, colours, and the same in words for whoever hears them.

use crate::catalog::Kind;
use crate::evaluation::{Rate, Threshold};
use crate::report::{Change, Tone, decimal};

use super::words::grouped;

/// `●`, `◐`, `○`, `–`, `?`.
pub(super) const fn glyph(tone: Tone) -> &'static str {
    match tone {
        Tone::Over | Tone::Met => "●",
        Tone::Near => "◐",
        Tone::Below | Tone::Far => "○",
        Tone::Nothing => "–",
        Tone::Doubtful => "?",
    }
}

/// The class of its colours.
pub(super) const fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Over => "tone over",
        Tone::Met => "tone met",
        Tone::Near => "tone near",
        Tone::Below => "tone below",
        Tone::Far => "tone far",
        Tone::Nothing => "tone none",
        Tone::Doubtful => "tone doubt",
    }
}

/// What the legend says.
pub(super) const fn meaning(tone: Tone) -> &'static str {
    match tone {
        Tone::Over => "vượt chỉ tiêu từ một phần mười",
        Tone::Met => "đạt",
        Tone::Near => "gần đạt, từ 90% chỉ tiêu",
        Tone::Below => "chưa đạt",
        Tone::Far => "rất thấp, chưa được một nửa chỉ tiêu",
        Tone::Nothing => "không phát sinh hoặc chưa đánh giá",
        Tone::Doubtful => "nghi vấn hoặc thiếu số liệu",
    }
}

/// A standing in words; a figure on target or below it is told by its tone.
pub(super) fn standing(word: &str, tone: Tone) -> &'static str {
    match (word, tone) {
        ("met", Tone::Over) => "vượt chỉ tiêu",
        ("met", _) => "đạt",
        ("below", Tone::Near) => "gần đạt",
        ("below", Tone::Far) => "rất thấp",
        ("below", _) => "chưa đạt",
        ("incomplete", _) => "số liệu chưa đủ, đang nghi vấn",
        ("no_data", _) => "không có số liệu",
        ("sources_differ", _) => "nghi vấn, các nguồn số liệu khác nhau",
        ("not_reported", _) => "chưa báo cáo số liệu",
        ("nothing_to_measure", _) => "không phát sinh",
        ("too_few", _) => "quá ít hồ sơ để đánh giá",
        ("no_target", _) => "chưa có chỉ tiêu",
        ("not_yet", _) => "chưa đến kỳ đánh giá",
        _ => "chưa đánh giá",
    }
}

/// `33,44%`.
pub(super) fn percent(hundredths: u64) -> String {
    format!("{}%", decimal(hundredths, ','))
}

/// `214/640`.
pub(super) fn counts(rate: Rate) -> String {
    format!("{}/{}", grouped(rate.numerator()), grouped(rate.denominator()))
}

/// `50%`, `42,5%`.
pub(super) fn demanded(threshold: Threshold) -> String {
    format!("{}%", threshold.to_string().replace('.', ","))
}

/// `▲ 1,20`, `▼ 0,40`, `▬ 0,00`.
pub(super) fn change(change: Change) -> String {
    let (sign, points) = parts(change);
    let glyph = match sign {
        -1 => "▼",
        0 => "▬",
        _ => "▲",
    };
    format!("{glyph} {points}")
}

/// `tăng 1,20 điểm`.
pub(super) fn change_words(change: Change) -> String {
    match parts(change) {
        (0, _) => "không đổi".to_owned(),
        (-1, points) => format!("giảm {points} điểm"),
        (_, points) => format!("tăng {points} điểm"),
    }
}

fn parts(change: Change) -> (i64, String) {
    let rounded = change.rounded();
    (rounded.signum(), decimal(rounded.unsigned_abs(), ','))
}

/// What a kind of body is called.
pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Province => "Tỉnh",
        Kind::Department => "Sở",
        Kind::Board => "Ban",
        Kind::Agency => "Đơn vị trực thuộc",
        Kind::District => "Huyện",
        Kind::City => "Thành phố",
        Kind::Town => "Thị xã",
        Kind::Commune => "Xã",
        Kind::Ward => "Phường",
        Kind::Township => "Thị trấn",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_said_and_shown_with_its_direction() {
        let change_of = |before: u64, now: u64| {
            Change::between(Rate::new(before, 100).unwrap(), Rate::new(now, 100).unwrap()).unwrap()
        };
        for (before, now, shown, said) in [
            (30, 31, "▲ 1,00", "tăng 1,00 điểm"),
            (31, 30, "▼ 1,00", "giảm 1,00 điểm"),
            (30, 30, "▬ 0,00", "không đổi"),
        ] {
            assert_eq!(
                (change(change_of(before, now)).as_str(), change_words(change_of(before, now)).as_str()),
                (shown, said)
            );
        }
    }
}
