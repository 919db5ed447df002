//! Invented roll-ups that their templates must survive before they are used.

use super::context::RecipientContext;
use super::correction::{CorrectedFigureContext, CorrectedUnitContext, CorrectionContext};
use super::roll_up::{
    BelowContext, DigestContext, DigestIndicatorContext, ImprovedContext, NotAssessedContext, NoteContext,
    NoteItemContext, PromiseContext, RollUp,
};
use super::sample;

/// The samples for the template `name`: usual, bare, long; nothing for another template.
pub(super) fn of(name: &str) -> Vec<RollUp> {
    let [superior, leaders, note, correction] = RollUp::TEMPLATES;
    let digests = || [usual(), bare(), long()].into_iter().map(Box::new);
    if name == superior {
        return digests().map(RollUp::Superior).collect();
    }
    if name == leaders {
        return digests().map(RollUp::Leaders).collect();
    }
    if name == correction {
        return [one_unit(), two_units()].into_iter().map(Box::new).map(RollUp::Correction).collect();
    }
    let notes = [vec![held(false), failed()], vec![held(true)]];
    if name == note {
        notes.into_iter().map(|items| RollUp::Note(Box::new(a_note(items)))).collect()
    } else {
        Vec::new()
    }
}

fn usual() -> DigestContext {
    let reminder = sample::contexts(1).remove(0);
    DigestContext {
        sender: reminder.sender,
        recipient: RecipientContext { title: "Chủ tịch UBND huyện Tân Yên".to_owned(), person: None },
        scope: "UBND huyện Tân Yên".to_owned(),
        scope_short: "UBND huyện Tân Yên".to_owned(),
        as_of: reminder.as_of,
        as_of_short: reminder.as_of_short,
        year_from: reminder.year_from,
        figures: reminder.figures,
        compared_with: Some("24/10/2022".to_owned()),
        units: "22".to_owned(),
        below: "3".to_owned(),
        all_met: false,
        indicators: vec![online(2, 1), payment()],
        not_assessed: vec![NotAssessedContext {
            name: "xã Phúc Sơn".to_owned(),
            indicators: "thanh toán".to_owned(),
            reason: "quá ít hồ sơ".to_owned(),
        }],
        not_assessed_left_out: 0,
        promises: vec![PromiseContext {
            name: "xã Song Vân".to_owned(),
            indicator: "trực tuyến".to_owned(),
            promised_for: "25/10/2022".to_owned(),
        }],
        promises_left_out: 0,
        contact: reminder.contact,
    }
}

/// Everybody is on target, and there is nothing to compare with and nobody to call.
fn bare() -> DigestContext {
    DigestContext {
        compared_with: None,
        below: "0".to_owned(),
        all_met: true,
        figures: String::new(),
        indicators: vec![DigestIndicatorContext {
            target: None,
            figure: None,
            rate: None,
            change: None,
            below_count: "0".to_owned(),
            any_below: false,
            below: Vec::new(),
            newly_below: Vec::new(),
            recovered: Vec::new(),
            improved: Vec::new(),
            ..online(0, 0)
        }],
        not_assessed: Vec::new(),
        promises: Vec::new(),
        contact: None,
        ..usual()
    }
}

fn long() -> DigestContext {
    DigestContext {
        scope: "UBND thành phố Bắc Giang".to_owned(),
        scope_short: "UBND thành phố Bắc Giang".to_owned(),
        units: "1.234".to_owned(),
        below: "1.104".to_owned(),
        indicators: vec![online(10, 212), payment()],
        not_assessed_left_out: 17,
        promises_left_out: 4,
        ..usual()
    }
}

/// `shown` units by name, and `left_out` more.
fn online(shown: usize, left_out: usize) -> DigestIndicatorContext {
    let names = ["phường Trần Nguyên Hãn", "xã Song Mai"];
    let below = names.into_iter().cycle().take(shown).map(|name| BelowContext {
        code: "07204".to_owned(),
        name: name.to_owned(),
        figure: "214/640".to_owned(),
        rate: "33,44%".to_owned(),
        target: "50%".to_owned(),
        missing: "106".to_owned(),
        newly: false,
    });
    DigestIndicatorContext {
        id: "online_filing".to_owned(),
        name: "Hồ sơ xử lý trực tuyến".to_owned(),
        short_name: "trực tuyến".to_owned(),
        counted: "hồ sơ".to_owned(),
        target: Some("50%".to_owned()),
        demand_word: "chỉ tiêu".to_owned(),
        figure: Some("4.214/9.640".to_owned()),
        rate: Some("43,71%".to_owned()),
        change: Some("+1,20".to_owned()),
        assessed: "22".to_owned(),
        below_count: (shown + left_out).to_string(),
        any_below: true,
        below: below.collect(),
        below_left_out: left_out,
        newly_below: vec!["xã Song Mai".to_owned()],
        newly_below_left_out: left_out,
        recovered: vec!["xã Ngọc Vân".to_owned()],
        recovered_left_out: 0,
        improved: vec![ImprovedContext {
            code: "07318".to_owned(),
            name: "xã Phúc Sơn".to_owned(),
            before: "30,00%".to_owned(),
            rate: "33,44%".to_owned(),
            change: "+3,44".to_owned(),
        }],
    }
}

/// Nobody is below any more.
fn payment() -> DigestIndicatorContext {
    DigestIndicatorContext {
        id: "portal_payment".to_owned(),
        name: "Thanh toán trên Cổng Dịch vụ công quốc gia".to_owned(),
        short_name: "thanh toán".to_owned(),
        counted: "giao dịch".to_owned(),
        target: Some("30%".to_owned()),
        change: Some("-0,40".to_owned()),
        below_count: "0".to_owned(),
        any_below: false,
        below: Vec::new(),
        below_left_out: 0,
        newly_below: Vec::new(),
        newly_below_left_out: 0,
        improved: Vec::new(),
        ..online(0, 0)
    }
}

/// The longest name of an authority, and nobody to call.
fn one_unit() -> CorrectionContext {
    let authority = "Sở Nông nghiệp và Phát triển nông thôn";
    let unit = CorrectedUnitContext {
        code: "H02.10".to_owned(),
        name: authority.to_owned(),
        authority: authority.to_owned(),
        short: authority.to_owned(),
        figures: vec![wrong(Some("99")), without_figure()],
    };
    CorrectionContext {
        who: authority.to_owned(),
        figures: String::new(),
        contact: None,
        units: vec![unit],
        ..two_units()
    }
}

fn two_units() -> CorrectionContext {
    let reminder = sample::contexts(1).remove(0);
    let unit = |code: &str, name: &str, figures| CorrectedUnitContext {
        code: code.to_owned(),
        name: format!("Xã {name}"),
        authority: format!("UBND xã {name}"),
        short: format!("UBND xã {name}"),
        figures,
    };
    CorrectionContext {
        sender: reminder.sender,
        recipient: reminder.recipient,
        letter_on: "01/11/2022".to_owned(),
        as_of: reminder.as_of,
        as_of_short: reminder.as_of_short,
        figures: reminder.figures,
        who: "2 đơn vị".to_owned(),
        units: vec![
            unit("07204", "Song Mai", vec![wrong(None), too_few()]),
            unit("07318", "Phúc Sơn", vec![wrong(Some("31"))]),
        ],
        contact: reminder.contact,
    }
}

/// On target, or `missing` so many.
fn wrong(missing: Option<&str>) -> CorrectedFigureContext {
    CorrectedFigureContext {
        id: "online_filing".to_owned(),
        name: "Hồ sơ xử lý trực tuyến".to_owned(),
        short_name: "trực tuyến".to_owned(),
        counted: "hồ sơ".to_owned(),
        demand_word: "chỉ tiêu".to_owned(),
        target: "50%".to_owned(),
        said: "214/640".to_owned(),
        said_rate: "33,44%".to_owned(),
        said_missing: "106".to_owned(),
        now: Some("414/640".to_owned()),
        rate: Some("64,69%".to_owned()),
        missing: missing.map(ToOwned::to_owned),
        met: missing.is_none(),
    }
}

fn too_few() -> CorrectedFigureContext {
    CorrectedFigureContext { now: Some("2/6".to_owned()), rate: Some("33,33%".to_owned()), met: false, ..wrong(None) }
}

fn without_figure() -> CorrectedFigureContext {
    CorrectedFigureContext { now: None, rate: None, met: false, ..wrong(None) }
}

fn a_note(items: Vec<NoteItemContext>) -> NoteContext {
    let reminder = sample::contexts(1).remove(0);
    NoteContext { sender: reminder.sender, as_of: "31/10/2022".to_owned(), item_count: items.len(), items }
}

fn held(still: bool) -> NoteItemContext {
    NoteItemContext {
        text: "1 đợt đôn đốc bị giữ vì số liệu còn nghi vấn".to_owned(),
        details: vec!["ngày 31/10/2022: tổng số hồ sơ giảm 40%".to_owned()],
        left_out: 0,
        remedy: "đối chiếu số liệu rồi chạy: dondoc release".to_owned(),
        still,
    }
}

fn failed() -> NoteItemContext {
    NoteItemContext {
        text: "12 thư gửi không thành".to_owned(),
        details: vec!["07204, qua mail: 550 user unknown".to_owned()],
        left_out: 11,
        remedy: "xem: dondoc outbox list --state failed".to_owned(),
        still: false,
    }
}
