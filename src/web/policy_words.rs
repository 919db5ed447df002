//! Schedules and policy as sentences.

use chrono::Timelike as _;

use super::catalogue::Tongue;
use super::coming::day_name;
use super::figure_words;
use super::target_words::group_words;
use crate::catalog::{BasisPoints, IndicatorId, Scope};
use crate::config::Config;
use crate::decision::{Changes, Fits, PolicyRule, Step, Terms, Tone};
use crate::pass::{Approval, DayPhrase, OnDayOff, Place, Safety, Schedule, Span, When};

/// When a schedule is due: `Thứ Hai hằng tuần, 7 giờ 30 phút`.
pub(super) fn when(t: Tongue, schedule: &Schedule) -> String {
    match &schedule.when {
        When::Cron(line) => cron(t, line).unwrap_or_else(|| t.with("policy.expression", line)),
        When::Day(day, time) => format!("{}, {}", phrase(t, *day), clock(t, time.hour(), time.minute())),
    }
}

/// `7 giờ 30 phút`.
pub(super) fn clock(t: Tongue, hour: u32, minute: u32) -> String {
    if minute == 0 { t.with("policy.hour", hour) } else { t.with2("policy.minute", hour, format!("{minute:02}")) }
}

/// A cron line of days of the week, or of every day; others have no simple sentence.
fn cron(t: Tongue, line: &str) -> Option<String> {
    let time = Schedule::time_of_day(line)?;
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [_, _, _, "*", "*", days] = fields.as_slice() else { return None };
    let at = clock(t, time.hour(), time.minute());
    if *days == "*" {
        return Some(t.with("policy.daily", at));
    }
    let names: Option<Vec<&str>> = days.split(',').map(|word| weekday(t, word)).collect();
    Some(t.with2("policy.weekly", names?.join(", "), at))
}

fn weekday(t: Tongue, word: &str) -> Option<&'static str> {
    use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let day = match word.to_ascii_lowercase().as_str() {
        "mon" | "1" => Mon,
        "tue" | "2" => Tue,
        "wed" | "3" => Wed,
        "thu" | "4" => Thu,
        "fri" | "5" => Fri,
        "sat" | "6" => Sat,
        "sun" | "0" | "7" => Sun,
        "mon-fri" | "1-5" => return Some(t.say("policy.monday_to_friday")),
        _ => return None,
    };
    Some(day_name(t, day))
}

fn phrase(t: Tongue, day: DayPhrase) -> String {
    let DayPhrase::Of { place, working, span } = day else { return t.say("policy.every_working_day").to_owned() };
    let kind = t.say(if working { "policy.working_day" } else { "policy.any_day" });
    let span = t.say(match span {
        Span::Week => "policy.of_week",
        Span::Month => "policy.of_month",
        Span::Quarter => "policy.of_quarter",
        Span::Year => "policy.of_year",
    });
    match place {
        Place::Nth(1) => t.with2("policy.day_first", kind, span),
        Place::Nth(number) => t.with3("policy.day_nth", kind, number, span),
        Place::FromEnd(1) => t.with2("policy.day_last", kind, span),
        Place::FromEnd(number) => t.with3("policy.day_from_end", kind, number, span),
    }
}

/// What becomes of a run on a day off.
pub(super) fn on_day_off(t: Tongue, rule: OnDayOff) -> &'static str {
    t.say(match rule {
        OnDayOff::Stay => "policy.day_off_stays",
        OnDayOff::Next => "policy.day_off_next",
        OnDayOff::Previous => "policy.day_off_previous",
    })
}

/// What holds for all sending: hours, budget, terms, approval, guard.
pub(super) fn general(t: Tongue, config: &Config) -> Vec<String> {
    let rules = &config.rules;
    let mut said = vec![match rules.quiet_hours {
        Some(quiet) => t.with2(
            "policy.quiet",
            clock(t, quiet.from.hour(), quiet.from.minute()),
            clock(t, quiet.to.hour(), quiet.to.minute()),
        ),
        None => t.say("policy.not_quiet").to_owned(),
    }];
    said.push(match rules.messages_per_week {
        Some(most) => t.count("policy.budget", most),
        None => t.say("policy.no_budget").to_owned(),
    });
    said.extend(terms(t, &rules.policy.base));
    said.push(t.say("policy.corrections").to_owned());
    said.extend(safety(t, &config.safety));
    said
}

fn terms(t: Tongue, base: &Terms) -> Vec<String> {
    let mut said = vec![if base.misses <= 1 {
        t.say("policy.at_once").to_owned()
    } else {
        t.count("policy.after_misses", base.misses)
    }];
    said.push(t.count("policy.repeat", base.repeat_after));
    said.push(if base.recovery_margin == BasisPoints(0) {
        t.say("policy.recovers_at_target").to_owned()
    } else {
        t.with("policy.recovers_above", points(base.recovery_margin))
    });
    if base.grace > 0 {
        said.push(t.count("policy.grace", base.grace));
    }
    said.push(t.say(if base.thanks { "policy.thanks" } else { "policy.no_thanks" }).to_owned());
    said
}

/// The locks before any send.
fn safety(t: Tongue, safety: &Safety) -> Vec<String> {
    let mut said = vec![t.say(match safety.approval {
        Approval::Never => "policy.approval_never",
        Approval::FirstAndChanges => "policy.approval_first",
        Approval::Always => "policy.approval_always",
    })];
    if safety.approver_differs {
        said.push(t.say("policy.approver_differs"));
    }
    let mut said: Vec<String> = said.into_iter().map(ToOwned::to_owned).collect();
    said.push(if safety.max_newly_below_percent >= 100 {
        t.say("policy.no_guard").to_owned()
    } else {
        t.with2("policy.guard", safety.max_newly_below_percent, safety.max_batch_percent)
    });
    said
}

fn points(margin: BasisPoints) -> String {
    margin.to_string().replace('.', ",")
}

/// A rule of its own, spelt out.
#[derive(Debug)]
pub(super) struct Rule {
    /// Its name in explanations.
    pub(super) name: String,
    /// `Với các sở, chỉ tiêu Thanh toán trực tuyến: nhắc lại sau 7 ngày làm việc.`
    pub(super) sentence: String,
    /// Its own steps.
    pub(super) ladder: Vec<String>,
}

/// What units and indicators are called.
pub(super) struct Names<'n> {
    /// Of a unit, by its code.
    pub(super) unit: &'n dyn Fn(&str) -> String,
    /// Of an indicator.
    pub(super) indicator: &'n dyn Fn(&IndicatorId) -> String,
}

/// The rules for some units or indicators, in the order in which the later one wins.
pub(super) fn rules(t: Tongue, rules: &[PolicyRule], names: &Names<'_>) -> Vec<Rule> {
    let said = rules.iter().map(|rule| {
        let mut changes = changed(t, &rule.changes);
        let ladder = rule.changes.ladder.as_deref().map(|steps| steps_of(t, steps)).unwrap_or_default();
        if !ladder.is_empty() {
            changes.push(t.say("policy.own_steps").to_owned());
        }
        let sentence = t.with2("policy.rule", whom(t, &rule.fits, names), changes.join("; "));
        Rule { name: rule.name.clone(), sentence, ladder }
    });
    said.collect()
}

/// Whom a rule fits.
fn whom(t: Tongue, fits: &Fits, names: &Names<'_>) -> String {
    let or = |words: Vec<String>| words.join(t.say("policy.or"));
    let lists = [
        or(fits.kinds.iter().map(|kind| figure_words::kinds(t, *kind).to_owned()).collect()),
        or(fits.levels.iter().map(|level| group_words(t, &Scope::Level(*level)).to_owned()).collect()),
        or(fits.under.iter().map(|code| t.with("policy.under", (names.unit)(code))).collect()),
    ];
    let parts: Vec<String> = lists.into_iter().filter(|list| !list.is_empty()).collect();
    let indicators: Vec<String> = fits.indicators.iter().map(|id| (names.indicator)(id)).collect();
    let units = match parts.as_slice() {
        [] => t.say("policy.all_units").to_owned(),
        [one] => one.clone(),
        several => t.with("policy.units_that_are", several.join("; ")),
    };
    if indicators.is_empty() { units } else { t.with2("policy.and_indicators", units, indicators.join(", ")) }
}

/// What a rule changes, but for the steps.
fn changed(t: Tongue, changes: &Changes) -> Vec<String> {
    let plain = |key: &str| t.say(key).to_owned();
    let misses = changes.misses.map(|misses| match misses {
        0 | 1 => plain("policy.rule_at_once"),
        misses => t.count("policy.rule_misses", misses),
    });
    let margin = changes.recovery_margin.map(|margin| match margin {
        BasisPoints(0) => plain("policy.rule_recovers_at_target"),
        margin => t.with("policy.rule_recovers_above", points(margin)),
    });
    let grace = changes.grace.map(|grace| match grace {
        0 => plain("policy.rule_no_grace"),
        days => t.count("policy.rule_grace", days),
    });
    let thanks =
        changes.thanks.map(|thanks| plain(if thanks { "policy.rule_thanks" } else { "policy.rule_no_thanks" }));
    let repeat = changes.repeat_after.map(|days| t.count("policy.rule_repeat", days));
    [misses, repeat, margin, grace, thanks].into_iter().flatten().collect()
}

/// Each step with what it does.
pub(super) fn steps_of(t: Tongue, steps: &[Step]) -> Vec<String> {
    let next = |at: usize| steps.get(at + 1).map(|step| step.from);
    steps.iter().enumerate().map(|(at, step)| self::step(t, step, next(at))).collect()
}

fn step(t: Tongue, step: &Step, next: Option<u32>) -> String {
    let times = match next {
        Some(next) if next == step.from + 1 => t.with("policy.time_one", step.from),
        Some(next) => t.with2("policy.time_to", step.from, next - 1),
        None => t.with("policy.time_on", step.from),
    };
    let mut parts = vec![
        t.say(match step.tone {
            Tone::First => "policy.tone_first",
            Tone::Repeat => "policy.tone_repeat",
            Tone::Formal => "policy.tone_formal",
        })
        .to_owned(),
    ];
    if step.copy {
        parts.push(t.say("policy.step_copy").to_owned());
    }
    if step.letter {
        parts.push(t.say("policy.step_letter").to_owned());
    }
    if !step.channels.is_empty() {
        parts.push(t.with("policy.step_channels", step.channels.join(", ")));
    }
    if let Some(days) = step.repeat_after {
        parts.push(t.count("policy.step_repeat", days));
    }
    format!("{times} ({}): {}.", step.name, parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Kind, Level};

    const T: Tongue = Tongue::Vietnamese;

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
            assert_eq!(cron(T, line).as_deref(), said, "{line}");
        }
        assert_eq!(cron(Tongue::English, "0 30 7 * * 1-5").as_deref(), Some("Monday to Friday every week, 7:30"));
    }

    #[test]
    fn a_day_is_said_by_its_place() {
        let said = |place, working, span| phrase(T, DayPhrase::Of { place, working, span });
        assert_eq!(said(Place::Nth(3), true, Span::Month), "ngày làm việc thứ 3 của tháng");
        assert_eq!(said(Place::FromEnd(1), false, Span::Week), "ngày cuối cùng của tuần");
        assert_eq!(phrase(T, DayPhrase::EveryWorkingDay), "mọi ngày làm việc");
    }

    #[test]
    fn a_rule_is_a_sentence_about_whom_it_fits_and_what_it_changes() {
        let names = Names { unit: &|code| format!("UBND huyện {code}"), indicator: &|_| "Thanh toán".to_owned() };
        let rule = |fits: Fits, changes: Changes| PolicyRule { name: "riêng".to_owned(), fits, changes };
        let seven = Changes { repeat_after: Some(7), ..Changes::default() };
        let payment = vec![IndicatorId::new("portal_payment")];
        let department = Fits { kinds: vec![Kind::Department], indicators: payment, ..Fits::default() };
        let communes = Fits {
            kinds: vec![Kind::Commune, Kind::Ward],
            levels: vec![Level::Commune],
            under: vec!["24".to_owned()],
            ..Fits::default()
        };
        let all = Changes {
            misses: Some(2),
            recovery_margin: Some(BasisPoints(50)),
            grace: Some(40),
            thanks: Some(false),
            ladder: Some(Terms::default().ladder),
            ..Changes::default()
        };
        let said =
            rules(T, &[rule(department, seven.clone()), rule(communes, all), rule(Fits::default(), seven)], &names);
        let sentences: Vec<&str> = said.iter().map(|rule| rule.sentence.as_str()).collect();
        assert_eq!(
            sentences,
            [
                "Với các sở, chỉ tiêu Thanh toán: nhắc lại sau 7 ngày làm việc.",
                "Với đơn vị thỏa mãn cả các điều kiện sau: các xã hoặc các phường; các đơn vị cấp xã; UBND huyện 24 và các đơn vị trực \
                 thuộc: nhắc lần đầu sau 2 kỳ liên tiếp chưa đạt; coi là đã đạt trở lại khi cao hơn mục tiêu ít nhất 0,5 điểm \
                 phần trăm; đơn vị mới thành lập chưa bị nhắc trong 40 ngày làm việc đầu; không gửi tin ghi nhận; các bậc nhắc \
                 riêng như sau.",
                "Với mọi đơn vị: nhắc lại sau 7 ngày làm việc.",
            ]
        );
        assert_eq!(said[1].ladder.len(), 2);
    }
}
