//! How the pages say figures: glyphs, colours, and the same in words for whoever hears them.

use crate::catalog::Kind;
use crate::evaluation::{Rate, Threshold};
use crate::report::{Change, Tone, decimal};

use super::catalogue::Tongue;
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
pub(super) fn meaning(t: Tongue, tone: Tone) -> &'static str {
    t.say(match tone {
        Tone::Over => "figure.means_over",
        Tone::Met => "figure.met",
        Tone::Near => "figure.means_near",
        Tone::Below => "figure.below",
        Tone::Far => "figure.means_far",
        Tone::Nothing => "figure.means_none",
        Tone::Doubtful => "figure.means_doubt",
    })
}

/// A standing in words; a figure on target or below it is told by its tone.
pub(super) fn standing(t: Tongue, word: &str, tone: Tone) -> &'static str {
    t.say(match (word, tone) {
        ("met", Tone::Over) => "figure.over",
        ("met", _) => "figure.met",
        ("below", Tone::Near) => "figure.near",
        ("below", Tone::Far) => "figure.far",
        ("below", _) => "figure.below",
        ("incomplete", _) => "figure.incomplete",
        ("no_data", _) => "figure.no_data",
        ("sources_differ", _) => "figure.sources_differ",
        ("not_reported", _) => "figure.not_reported",
        ("nothing_to_measure", _) => "figure.nothing",
        ("too_few", _) => "figure.too_few",
        ("no_target", _) => "figure.no_target",
        ("not_yet", _) => "figure.not_yet",
        _ => "figure.not_assessed",
    })
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
pub(super) fn change_words(t: Tongue, change: Change) -> String {
    match parts(change) {
        (0, _) => t.say("figure.same").to_owned(),
        (-1, points) => t.with("figure.fell", points),
        (_, points) => t.with("figure.rose", points),
    }
}

fn parts(change: Change) -> (i64, String) {
    let rounded = change.rounded();
    (rounded.signum(), decimal(rounded.unsigned_abs(), ','))
}

/// What a kind of body is called.
pub(super) fn kind(t: Tongue, kind: Kind) -> &'static str {
    t.say(match kind {
        Kind::Province => "kind.province",
        Kind::Department => "kind.department",
        Kind::Board => "kind.board",
        Kind::Agency => "kind.agency",
        Kind::District => "kind.district",
        Kind::City => "kind.city",
        Kind::Town => "kind.town",
        Kind::Commune => "kind.commune",
        Kind::Ward => "kind.ward",
        Kind::Township => "kind.township",
    })
}

/// The same for all bodies of a kind, within a sentence: `các xã`.
pub(super) fn kinds(t: Tongue, kind: Kind) -> &'static str {
    t.say(match kind {
        Kind::Province => "kind.province_all",
        Kind::Department => "kind.department_all",
        Kind::Board => "kind.board_all",
        Kind::Agency => "kind.agency_all",
        Kind::District => "kind.district_all",
        Kind::City => "kind.city_all",
        Kind::Town => "kind.town_all",
        Kind::Commune => "kind.commune_all",
        Kind::Ward => "kind.ward_all",
        Kind::Township => "kind.township_all",
    })
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
                (
                    change(change_of(before, now)).as_str(),
                    change_words(Tongue::Vietnamese, change_of(before, now)).as_str()
                ),
                (shown, said)
            );
        }
    }
}
