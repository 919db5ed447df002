//! Schedules and policy as sentences.

use chrono::Timelike as _;

use crate::config::Config;
use crate::decision::{Step, Terms, Tone};
use crate::pass::{Approval, DayPhrase, OnDayOff, Place, Schedule, Span, When};

/// When a schedule is due: `Thứ Hai hằng tuần, 7 giờ 30 phút`.
pub(super) fn when(schedule: &Schedule) -> String {
    match &schedule.when {
        When::Cron(line) => cron(line).unwrap_or_else(|| format!("theo biểu thức {line}")),
        When::Day(day, time) => format!("{}, {}", phrase(*day), clock(time.hour(), time.minute())),
    }
}

fn clock(hour: u32, minute: u32) -> String {
    if minute == 0 { format!("{hour} giờ") } else { format!("{hour} giờ {minute:02} phút") }
}

/// A cron line of days of the week, or of every day; others have no simple sentence.
fn cron(line: &str) -> Option<String> {
    let time = Schedule::time_of_day(line)?;
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [_, _, _, "*", "*", days] = fields.as_slice() else { return None };
    let at = clock(time.hour(), time.minute());
    if *days == "*" {
        return Some(format!("hằng ngày, {at}"));
    }
    let names: Option<Vec<&str>> = days.split(',').map(weekday).collect();
    Some(format!("{} hằng tuần, {at}", names?.join(", ")))
}

fn weekday(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "mon" | "1" => "Thứ Hai",
        "tue" | "2" => "Thứ Ba",
        "wed" | "3" => "Thứ Tư",
        "thu" | "4" => "Thứ Năm",
        "fri" | "5" => "Thứ Sáu",
        "sat" | "6" => "Thứ Bảy",
        "sun" | "0" | "7" => "Chủ nhật",
        "mon-fri" | "1-5" => "Thứ Hai đến Thứ Sáu",
        _ => return None,
    })
}

fn phrase(day: DayPhrase) -> String {
    let DayPhrase::Of { place, working, span } = day else { return "mọi ngày làm việc".to_owned() };
    let kind = if working { "ngày làm việc" } else { "ngày" };
    let place = match place {
        Place::Nth(1) => "đầu tiên".to_owned(),
        Place::Nth(number) => format!("thứ {number}"),
        Place::FromEnd(1) => "cuối cùng".to_owned(),
        Place::FromEnd(number) => format!("thứ {number} tính từ cuối"),
    };
    let span = match span {
        Span::Week => "tuần",
        Span::Month => "tháng",
        Span::Quarter => "quý",
        Span::Year => "năm",
    };
    format!("{kind} {place} của {span}")
}

/// What becomes of a run on a day off.
pub(super) const fn on_day_off(rule: OnDayOff) -> &'static str {
    match rule {
        OnDayOff::Stay => "ngày nghỉ vẫn chạy",
        OnDayOff::Next => "nếu trúng ngày nghỉ thì chuyển sang ngày làm việc kế tiếp",
        OnDayOff::Previous => "nếu trúng ngày nghỉ thì chuyển về ngày làm việc liền trước",
    }
}

/// What holds for all sending.
pub(super) fn rules(config: &Config) -> Vec<String> {
    let rules = &config.rules;
    let base = &rules.policy.base;
    let mut said = vec![match rules.quiet_hours {
        Some(quiet) => format!(
            "Giờ yên: không gửi từ {} đến {}, cuối tuần và ngày nghỉ; tin chờ đến giờ làm việc kế tiếp.",
            clock(quiet.from.hour(), quiet.from.minute()),
            clock(quiet.to.hour(), quiet.to.minute())
        ),
        None => "Không đặt giờ yên: thư đi ngay khi soạn xong; tin tới điện thoại chỉ đi ban ngày.".to_owned(),
    }];
    said.push(match rules.messages_per_week {
        Some(most) => format!("Mỗi người nhận tối đa {most} tin trong 7 ngày; phần còn lại được nêu ở đợt sau."),
        None => "Không giới hạn số tin mỗi tuần của một người nhận.".to_owned(),
    });
    said.push(match config.safety.approval {
        Approval::Never => "Không cần người thứ hai duyệt, trừ khi số liệu tăng giảm bất thường.".to_owned(),
        Approval::FirstAndChanges => {
            "Đợt đầu tiên và đợt sau khi đổi chỉ tiêu, mẫu tin hoặc nguồn số liệu cần người thứ hai duyệt.".to_owned()
        }
        Approval::Always => "Mọi đợt cần người thứ hai duyệt.".to_owned(),
    });
    said.extend(terms(base));
    for rule in &rules.policy.rules {
        said.push(format!("Quy định riêng “{}” được áp dụng cho một số đơn vị hoặc chỉ tiêu.", rule.name));
    }
    said
}

fn terms(base: &Terms) -> Vec<String> {
    let mut said = vec![if base.misses <= 1 {
        "Nhắc ngay khi một kỳ chưa đạt.".to_owned()
    } else {
        format!("Nhắc lần đầu sau {} kỳ liên tiếp chưa đạt.", base.misses)
    }];
    said.push(format!("Giữa hai lần nhắc về cùng một chỉ tiêu cách nhau {} ngày làm việc.", base.repeat_after));
    if base.grace > 0 {
        said.push(format!("Đơn vị mới thành lập chưa bị nhắc trong {} ngày làm việc đầu.", base.grace));
    }
    if base.thanks {
        said.push("Khi đã đạt trở lại, người đứng đầu nhận tin ghi nhận.".to_owned());
    }
    said
}

/// Each step with what it does.
pub(super) fn ladder(base: &Terms) -> Vec<String> {
    let steps: &[Step] = &base.ladder;
    let next = |at: usize| steps.get(at + 1).map(|step| step.from);
    steps.iter().enumerate().map(|(at, step)| self::step(step, next(at))).collect()
}

fn step(step: &Step, next: Option<u32>) -> String {
    let times = match next {
        Some(next) if next == step.from + 1 => format!("Lần {}", step.from),
        Some(next) => format!("Lần {} đến {}", step.from, next - 1),
        None => format!("Từ lần {}", step.from),
    };
    let tone = match step.tone {
        Tone::First => "thư nhắc lần đầu",
        Tone::Repeat => "thư nhắc lại, nêu thư trước",
        Tone::Formal => "thư đề nghị báo cáo bằng văn bản",
    };
    let mut parts = vec![tone.to_owned()];
    if step.copy {
        parts.push("đồng gửi cấp trên".to_owned());
    }
    if step.letter {
        parts.push("báo quản trị viên soạn công văn".to_owned());
    }
    if !step.channels.is_empty() {
        parts.push(format!("ưu tiên kênh {}", step.channels.join(", ")));
    }
    if let Some(days) = step.repeat_after {
        parts.push(format!("lần sau cách {days} ngày làm việc"));
    }
    format!("{times} ({}): {}.", step.name, parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_simple_cron_line_is_a_sentence_and_another_one_is_not() {
        for (line, said) in [
            ("0 30 7 * * Mon", Some("Thứ Hai hằng tuần, 7 giờ 30 phút")),
            ("0 0 8 * * Tue,Fri", Some("Thứ Ba, Thứ Sáu hằng tuần, 8 giờ")),
            ("0 0 8 * * *", Some("hằng ngày, 8 giờ")),
            ("0 0 8 1 * *", None),
            ("0 */5 * * * *", None),
            ("0 0 8 * * Mon#2", None),
        ] {
            assert_eq!(cron(line).as_deref(), said, "{line}");
        }
    }

    #[test]
    fn a_day_is_said_by_its_place() {
        let said = |place, working, span| phrase(DayPhrase::Of { place, working, span });
        assert_eq!(said(Place::Nth(3), true, Span::Month), "ngày làm việc thứ 3 của tháng");
        assert_eq!(said(Place::FromEnd(1), false, Span::Week), "ngày cuối cùng của tuần");
        assert_eq!(phrase(DayPhrase::EveryWorkingDay), "mọi ngày làm việc");
    }
}
