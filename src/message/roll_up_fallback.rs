//! The text of a roll-up when its template fails: the same facts, with nothing that could fail.

use super::correction::{CorrectedFigureContext, CorrectionContext};
use super::fallback;
use super::roll_up::{DigestContext, DigestIndicatorContext, NoteContext, NoteItemContext, RollUp, STILL};
use super::{Message, to_sms};

/// The SMS line when a name in it cannot be sent.
const BARE_SMS: &str = "Co thu ve ket qua dich vu cong. De nghi xem thu dien tu";

/// The built-in message of a roll-up.
pub(super) fn message(roll_up: &RollUp) -> Message {
    match roll_up {
        RollUp::Superior(context) => digest(context, "Đồng chí "),
        RollUp::Leaders(context) => digest(context, ""),
        RollUp::Note(context) => note(context),
        RollUp::Correction(context) => correction(context),
    }
}

fn digest(context: &DigestContext, address: &str) -> Message {
    let DigestContext { scope_short, below, units, as_of, as_of_short, .. } = context;
    let compared =
        context.compared_with.as_ref().map_or_else(String::new, |day| format!(" So sánh với số liệu đến {day}."));
    let mut blocks = vec![
        format!("Kính gửi: {address}{}", context.recipient.title),
        format!(
            "{} tổng hợp kết quả dịch vụ công từ đầu năm đến {as_of} của {units} đơn vị thuộc {}: {below} đơn vị còn chỉ tiêu \
             chưa đạt.{compared}",
            context.sender.name, context.scope
        ),
    ];
    blocks.extend(context.indicators.iter().map(indicator));
    let more = |left_out: usize| if left_out > 0 { format!("\n- và {left_out} mục khác") } else { String::new() };
    let without = context.not_assessed.iter().map(|one| format!("- {} ({}): {}", one.name, one.indicators, one.reason));
    if !context.not_assessed.is_empty() {
        let lines: Vec<String> = without.collect();
        blocks.push(format!("Chưa đánh giá:\n{}{}", lines.join("\n"), more(context.not_assessed_left_out)));
    }
    let promises =
        context.promises.iter().map(|one| format!("- {} ({}): {}", one.name, one.indicator, one.promised_for));
    if !context.promises.is_empty() {
        let lines: Vec<String> = promises.collect();
        blocks.push(format!("Cam kết đã quá hạn:\n{}{}", lines.join("\n"), more(context.promises_left_out)));
    }
    blocks.push("Trân trọng./.".to_owned());
    let code =
        if context.figures.is_empty() { String::new() } else { format!(" Mã số liệu: {}.", context.figures) };
    blocks.push(format!("Thư tự động, không thay thế văn bản hành chính.{code}"));
    let sms = format!(
        "{}: {scope_short} den {as_of_short}: {below}/{units} don vi con chi tieu chua dat. Xem thu dien tu",
        context.sender.sms_name
    );
    finished(format!("{scope_short}: {below}/{units} đơn vị chưa đạt"), &blocks, &sms, context.figures.clone())
}

fn indicator(context: &DigestIndicatorContext) -> String {
    let target =
        context.target.as_ref().map_or_else(String::new, |target| format!(" ({} {target})", context.demand_word));
    let mut lines =
        vec![format!("{}: {}/{} đơn vị chưa đạt{target}", context.name, context.below_count, context.assessed)];
    if let (Some(figure), Some(rate)) = (&context.figure, &context.rate) {
        lines.push(format!("Chung: {figure} ({rate})"));
    }
    lines.extend(
        context
            .below
            .iter()
            .map(|unit| format!("- {}: {} ({}); thiếu {}", unit.name, unit.figure, unit.rate, unit.missing)),
    );
    if context.below_left_out > 0 {
        lines.push(format!("- và {} đơn vị khác", context.below_left_out));
    }
    for (what, names) in [("Mới chưa đạt", &context.newly_below), ("Đạt trở lại", &context.recovered)] {
        if !names.is_empty() {
            lines.push(format!("{what}: {}", names.join("; ")));
        }
    }
    let improved: Vec<String> =
        context.improved.iter().map(|unit| format!("{} {} điểm %", unit.name, unit.change)).collect();
    if !improved.is_empty() {
        lines.push(format!("Tiến bộ nhất: {}", improved.join("; ")));
    }
    lines.join("\n")
}

fn note(context: &NoteContext) -> Message {
    let NoteContext { as_of, item_count, .. } = context;
    let mut blocks = vec![format!("Những việc cần xử lý trong hệ thống đôn đốc, ngày {as_of}:")];
    blocks.extend(context.items.iter().map(item));
    blocks.push("Thư tự động của hệ thống đôn đốc.".to_owned());
    let subject = format!("Hệ thống đôn đốc ngày {as_of}: {item_count} việc cần xử lý");
    finished(subject.clone(), &blocks, &subject, String::new())
}

fn item(item: &NoteItemContext) -> String {
    let mut lines = vec![format!("- {}{}", if item.still { STILL } else { "" }, item.text)];
    lines.extend(item.details.iter().map(|detail| format!("  {detail}")));
    if item.left_out > 0 {
        lines.push(format!("  và {} mục khác", item.left_out));
    }
    lines.push(format!("  → {}", item.remedy));
    lines.join("\n")
}

fn correction(context: &CorrectionContext) -> Message {
    let CorrectionContext { sender, letter_on, as_of, who, .. } = context;
    let mut blocks = vec![
        format!("Kính gửi: Đồng chí {}", context.recipient.title),
        format!(
            "{} xin đính chính thư ngày {letter_on} về kết quả dịch vụ công đến {as_of}, do số liệu nguồn đã được \
             điều chỉnh:",
            sender.name
        ),
    ];
    for unit in &context.units {
        let name = if context.units.len() > 1 { format!("{}:\n", unit.authority) } else { String::new() };
        let figures: Vec<String> = unit.figures.iter().map(corrected).collect();
        blocks.push(format!("{name}{}", figures.join("\n")));
    }
    blocks.push(format!("{} thành thật xin lỗi đồng chí về sai lệch nêu trên.", sender.name));
    blocks.push("Trân trọng./.".to_owned());
    let code =
        if context.figures.is_empty() { String::new() } else { format!(" Mã số liệu: {}.", context.figures) };
    blocks.push(format!("Thư tự động, không thay thế văn bản hành chính.{code}"));
    let sms = format!("{}: dinh chinh thu ngay {letter_on} gui {who}. Xem thu dien tu", sender.sms_name);
    finished(format!("Đính chính: {who}"), &blocks, &sms, context.figures.clone())
}

fn corrected(figure: &CorrectedFigureContext) -> String {
    let CorrectedFigureContext { name, counted, said, said_rate, said_missing, .. } = figure;
    let now = match (&figure.now, &figure.rate) {
        (Some(now), Some(rate)) => format!("Số đúng là: {now} ({rate})"),
        _ => "Nay chưa có số liệu để đánh giá".to_owned(),
    };
    let void = "nội dung nhắc về chỉ tiêu này không còn giá trị";
    let truth = match &figure.missing {
        Some(missing) => format!("{now}, thiếu {missing} {counted}; {} {}", figure.demand_word, figure.target),
        None if figure.met => format!("{now}, đã đạt {} {}; {void}", figure.demand_word, figure.target),
        None => format!("{now}; {void}"),
    };
    format!("- {name}\n  Thư đã ghi: thiếu {said_missing} {counted}, {said} ({said_rate}).\n  {truth}.")
}

fn finished(subject: String, blocks: &[String], sms: &str, figures: String) -> Message {
    let text = blocks.join("\n\n");
    Message {
        html: fallback::document(&subject, &text),
        sms: to_sms(&fallback::without_links(sms)).unwrap_or_else(|_| BARE_SMS.to_owned()),
        sms_accented: String::new(),
        subject,
        text,
        template: fallback::NAME.to_owned(),
        figures,
        link: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::roll_up_sample;

    #[test]
    fn every_sample_gets_the_same_facts_without_a_template() {
        for roll_up in RollUp::TEMPLATES.into_iter().flat_map(roll_up_sample::of) {
            let message = message(&roll_up);
            assert_eq!(message.template, fallback::NAME);
            let facts: Vec<String> = match &roll_up {
                RollUp::Superior(context) | RollUp::Leaders(context) => {
                    let below = context.indicators.iter().flat_map(|indicator| &indicator.below);
                    let facts = below.flat_map(|unit| [unit.name.clone(), unit.rate.clone(), unit.missing.clone()]);
                    facts.chain(context.promises.iter().map(|promise| promise.promised_for.clone())).collect()
                }
                RollUp::Correction(context) => {
                    let figures = context.units.iter().flat_map(|unit| &unit.figures);
                    let facts = figures.flat_map(|figure| {
                        [
                            Some(figure.said.clone()),
                            Some(figure.said_missing.clone()),
                            figure.now.clone(),
                            figure.rate.clone(),
                        ]
                    });
                    facts.flatten().collect()
                }
                RollUp::Note(context) => {
                    context.items.iter().flat_map(|item| [item.text.clone(), item.remedy.clone()]).collect()
                }
            };
            for fact in facts {
                assert!(message.text.contains(&fact), "{fact} is missing in {}", message.text);
            }
            assert!(message.sms.len() <= 306 && !message.html.contains("<script"), "{}", message.sms);
        }
    }
}
