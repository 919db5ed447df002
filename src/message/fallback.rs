//! The text that goes out when a template fails: the same facts, written here, with nothing that could fail.

use super::context::{Context, IndicatorContext, UnitContext};
use super::{Message, html, to_sms};

/// Name of this text in the ledger of what was sent.
pub(super) const NAME: &str = "built-in";

/// The SMS line when not even one figure fits.
const BARE_SMS: &str = "Don vi co chi tieu dich vu cong chua dat. De nghi xem thu dien tu";

/// The built-in message of a context.
pub(super) fn message(context: &Context) -> Message {
    let subject = subject(context);
    let text = text(context);
    Message {
        html: document(&subject, &text),
        sms: sms(context),
        sms_accented: String::new(),
        subject,
        text,
        template: NAME.to_owned(),
        figures: context.figures.clone(),
        link: context.link.clone().unwrap_or_default(),
    }
}

fn subject(context: &Context) -> String {
    let who = match context.units.as_slice() {
        [unit] => unit.short.clone(),
        units => format!("{} đơn vị", units.len()),
    };
    let again = if context.step > 1 { format!(", nhắc lần {}", context.step) } else { String::new() };
    format!("{who}: {} chỉ tiêu chưa đạt{again}", context.indicator_count())
}

fn text(context: &Context) -> String {
    let mut blocks = vec![format!("Kính gửi: Đồng chí {}", context.recipient.title)];
    let occasion = match context.sender.occasion.as_str() {
        "" => String::new(),
        occasion => format!("Thực hiện {occasion}, "),
    };
    let again = match &context.previous {
        Some(previous) => format!(" Thư trước ngày {previous}; đây là lần nhắc thứ {}.", context.step),
        None => String::new(),
    };
    let (sender, as_of) = (&context.sender.name, &context.as_of);
    blocks.push(format!("{occasion}{sender} thông báo kết quả từ đầu năm đến {as_of}:{again}"));
    for unit in &context.units {
        let name = if context.units.len() > 1 { format!("{}:\n", unit.authority) } else { String::new() };
        let figures: Vec<String> = unit.indicators.iter().map(figure).collect();
        blocks.push(format!("{name}{}", figures.join("\n")));
    }
    let steps: Vec<String> = context.actions.iter().zip(1..).map(|(text, at)| format!("{at}. {text}")).collect();
    if !steps.is_empty() {
        blocks.push(format!("Đề nghị đồng chí chỉ đạo:\n{}", steps.join("\n")));
    }
    blocks.extend(contact(context).map(|contact| format!("Đầu mối: {contact}.")));
    blocks.extend(context.link.iter().map(|link| format!("Trả lời (không cần tài khoản): {link}")));
    blocks.push("Trân trọng./.".to_owned());
    let bases: Vec<String> = context.bases.iter().map(|basis| format!("({}) {}", basis.number, basis.text)).collect();
    if !bases.is_empty() {
        blocks.push(format!("{}.", bases.join("; ")));
    }
    let figures = match context.figures.as_str() {
        "" => String::new(),
        code => format!(" Mã số liệu: {code}."),
    };
    blocks.push(format!("Thư tự động, không thay thế văn bản hành chính.{figures}"));
    blocks.join("\n\n")
}

fn figure(indicator: &IndicatorContext) -> String {
    let basis = indicator.footnote.map_or_else(String::new, |number| format!(" ({number})"));
    let pro_rated = indicator.pro_rated.as_ref().map_or_else(String::new, |pro_rated| format!(" ({pro_rated})"));
    let reach = indicator.reach.as_ref().map_or_else(String::new, |reach| format!(" {reach}"));
    format!(
        "- {}: {}/{} ({}); {} {}{pro_rated}{basis}; thiếu {} {}.{reach}",
        indicator.name,
        indicator.numerator,
        indicator.denominator,
        indicator.rate,
        indicator.demand_word,
        indicator.target,
        indicator.missing,
        indicator.counted,
    )
}

fn contact(context: &Context) -> Option<String> {
    let contact = context.contact.as_ref()?;
    let person = contact.person.iter().map(|person| format!("đ/c {person}"));
    let phone = contact.phone.iter().map(|phone| format!("ĐT {phone}"));
    Some(person.chain([contact.title.clone()]).chain(phone).collect::<Vec<_>>().join(", "))
}

/// As many figures as two segments hold, the largest shortfalls first to stay.
fn sms(context: &Context) -> String {
    let count = context.indicator_count();
    let lines = (1..=count).rev().map(|kept| sms_of(context, kept));
    lines.map(|line| to_sms(&line)).find_map(Result::ok).unwrap_or_else(|| BARE_SMS.to_owned())
}

fn sms_of(context: &Context, kept: usize) -> String {
    let (units, left_out) = context.largest(kept);
    let units: Vec<String> = units.iter().map(sms_unit).collect();
    let more = if left_out > 0 { format!(" và {left_out} chỉ tiêu khác") } else { String::new() };
    let phone = context.contact.as_ref().and_then(|contact| contact.phone_dial.as_ref());
    let phone = phone.map_or_else(String::new, |phone| format!(" LH {phone}."));
    let (sender, as_of) = (&context.sender.sms_name, &context.as_of_short);
    let line = format!("{sender}: đến {as_of} {}{more}.{phone} Xem thư điện tử", units.join("; "));
    without_links(&line)
}

fn sms_unit(unit: &UnitContext) -> String {
    let district = unit.district.as_ref().map_or_else(String::new, |district| format!(", {district}"));
    let figures: Vec<String> = unit
        .indicators
        .iter()
        .map(|figure| format!("{} {}/{}", figure.short_name, figure.rate, figure.target))
        .collect();
    format!("{}{district}: {}", unit.authority, figures.join(", "))
}

/// A point before a letter gets a space behind it: two joined words cannot be taken for an address.
pub(super) fn without_links(line: &str) -> String {
    let mut safe = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        safe.push(c);
        if c == '.' && characters.peek().is_some_and(|next| next.is_alphabetic()) {
            safe.push(' ');
        }
    }
    safe
}

/// The text in the plainest document that mail clients show well.
pub(super) fn document(subject: &str, text: &str) -> String {
    let mut page = String::from("<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>");
    html::escape(subject, &mut page);
    page.push_str("</title><meta name=\"viewport\" content=\"width=device-width\"></head>");
    page.push_str("<body style=\"margin:16px;font:16px/1.5 Arial,sans-serif\">");
    for block in text.split("\n\n") {
        page.push_str("<p>");
        for (at, line) in block.lines().enumerate() {
            page.push_str(if at > 0 { "<br>" } else { "" });
            html::escape(line, &mut page);
        }
        page.push_str("</p>");
    }
    page.push_str("</body></html>");
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{sample, segments};

    #[test]
    fn every_sample_gets_the_same_facts_without_a_template() {
        for context in sample::contexts(2) {
            let message = message(&context);
            for unit in &context.units {
                assert!(message.sms.len() <= 306 && segments(&message.sms) <= 2, "{}", message.sms);
                for figure in &unit.indicators {
                    for part in [&figure.name, &figure.rate, &figure.target, &figure.missing, &figure.numerator] {
                        assert!(message.text.contains(part.as_str()), "{part} is missing");
                    }
                }
            }
            assert_eq!(message.template, NAME);
            assert!(!message.html.contains("<script"));
        }
    }

    #[test]
    fn names_that_look_like_links_cannot_stop_the_sms() {
        let mut context = sample::contexts(1).remove(0);
        context.units[0].authority = "UBND xa.example".to_owned();
        assert!(sms(&context).contains("xa. example"), "{}", sms(&context));
        context.units[0].authority = "http://x".to_owned();
        assert_eq!(sms(&context), BARE_SMS);
    }
}
