//! Keeps a letter short enough to be read between two meetings: what is optional comes in only while there is room.

use super::context::{ContactContext, Context, IndicatorContext};
use super::format::words;
use super::gather::Notice;
use crate::catalog::Level;
use crate::decision::Tone;

/// A letter with more words than this, subject and notes included, is put aside and not read. The code of the figures is
/// not counted: it is there to be quoted.
const WORDS: usize = 200;

/// Words of `Không còn kịp trong năm.`, which is said in any case.
const OUT_OF_REACH: usize = 5;

/// The office that a commune's letter names before the actions.
const ONE_STOP: &str = "Bộ phận một cửa";

/// What the shipped templates say around the data: subject, greeting, opening, call to act, closing, notes.
const fn frame(level: Level, notice: Notice) -> usize {
    match (level, notice) {
        (Level::Province | Level::Department, Notice::Reminder(Tone::First)) => 41,
        (Level::Commune, Notice::Reminder(Tone::First)) => 45,
        (Level::Province | Level::Department, Notice::Reminder(Tone::Repeat)) => 48,
        (Level::District, Notice::Reminder(Tone::First | Tone::Repeat)) => 53,
        (Level::Commune, Notice::Reminder(Tone::Repeat)) => 52,
        (_, Notice::Reminder(Tone::Formal) | Notice::Copy | Notice::Thanks) => 75,
    }
}

/// Marks what still fits: what would have counted, the occasion, the contact's title, what becomes of the year's targets,
/// causes, what is still possible in a lost year, figures that one dossier turns, each from the largest shortfall on;
/// last who is responsible.
pub(super) fn fit(context: &mut Context, level: Level, notice: Notice) {
    let mut room = WORDS.saturating_sub(frame(level, notice) + data_words(context));
    for indicator in by_rank(context) {
        indicator.what_if_fits = indicator.what_if.as_ref().is_some_and(|what_if| take(&mut room, words(what_if)));
    }
    let occasion = &context.sender.occasion;
    let said = notice == Notice::Reminder(Tone::First) && !occasion.is_empty();
    context.sender.occasion_fits = said && take(&mut room, words(occasion) + 2);
    if let Some(contact) = &mut context.contact {
        contact.title_fits = contact.person.is_none() || take(&mut room, words(&contact.title));
    }
    for indicator in by_rank(context) {
        let counted = if indicator.out_of_reach { OUT_OF_REACH } else { 0 };
        indicator.reach_fits =
            indicator.reach.as_ref().is_some_and(|reach| take(&mut room, words(reach).saturating_sub(counted)));
    }
    let mut told: Vec<String> = Vec::new();
    for indicator in by_rank(context) {
        indicator.cause_fits = false;
        let Some(cause) = indicator.cause.clone().filter(|cause| !cause.is_empty() && !told.contains(cause)) else {
            continue;
        };
        indicator.cause_fits = take(&mut room, words(&cause) + 2);
        told.push(cause);
    }
    for indicator in by_rank(context) {
        indicator.interim_fits = indicator.interim.as_ref().is_some_and(|interim| take(&mut room, words(interim)));
        // `Chỉ chênh 1 hồ sơ.`
        indicator.turns_on_one_fits = indicator.turns_on_one && take(&mut room, 3 + words(&indicator.counted));
    }
    let named = level == Level::Commune && matches!(notice, Notice::Reminder(Tone::First | Tone::Repeat));
    let news = context.assignments.iter().any(|one| !named || one.role != ONE_STOP);
    // `Chủ trì: Bộ phận một cửa.`
    let roles = context.assignments.iter().filter(|one| !one.role.is_empty()).map(|one| 2 + words(&one.role)).sum();
    let fits = news && take(&mut room, roles);
    for assignment in &mut context.assignments {
        assignment.role_fits = fits && !assignment.role.is_empty();
    }
}

/// The figures, the largest shortfall first.
fn by_rank(context: &mut Context) -> Vec<&mut IndicatorContext> {
    let mut indicators: Vec<_> = context.units.iter_mut().flat_map(|unit| &mut unit.indicators).collect();
    indicators.sort_by_key(|indicator| indicator.rank);
    indicators
}

/// What the data that stands in every letter takes.
fn data_words(context: &Context) -> usize {
    let figures: usize = context.units.iter().flat_map(|unit| &unit.indicators).map(figure_words).sum();
    let headings: usize = match context.units.as_slice() {
        [unit] => words(&unit.short),
        units => 2 + units.iter().map(|unit| words(&unit.authority)).sum::<usize>(),
    };
    figures
        + headings
        + context.actions.iter().map(|action| words(action) + 1).sum::<usize>()
        + context.bases.iter().map(|basis| words(&basis.text) + 1).sum::<usize>()
        + words(&context.sender.name)
        + words(&context.recipient.title)
        + context.contact.as_ref().map_or(0, contact_words)
}

/// `Name: thiếu 106 hồ sơ`, `214/640 (33,44%); chỉ tiêu 50% (1).`
fn figure_words(figure: &IndicatorContext) -> usize {
    let out_of_reach = if figure.out_of_reach { OUT_OF_REACH } else { 0 };
    let pro_rated = figure.pro_rated.as_ref().map_or(0, |pro_rated| words(pro_rated));
    words(&figure.name) + words(&figure.counted) + 8 + out_of_reach + pro_rated
}

/// `Đầu mối: đ/c …, ….`, without the title.
fn contact_words(contact: &ContactContext) -> usize {
    let person = contact.person.as_ref().map_or_else(|| words(&contact.title), |person| words(person) + 1);
    2 + person + contact.phone.as_ref().map_or(0, |phone| words(phone))
}

fn take(room: &mut usize, count: usize) -> bool {
    let fits = count <= *room;
    if fits {
        *room -= count;
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::sample;

    const FIRST: Notice = Notice::Reminder(Tone::First);

    #[test]
    fn a_short_letter_says_everything_and_a_long_one_only_the_figures() {
        let mut samples = sample::contexts(1);
        let mut short = samples.remove(1);
        fit(&mut short, Level::Department, FIRST);
        assert!(short.sender.occasion_fits);
        let mut long = samples.remove(1);
        long.actions = vec!["từ ".repeat(40)];
        fit(&mut long, Level::Commune, FIRST);
        assert!(!long.sender.occasion_fits && long.units[0].indicators.iter().all(|figure| !figure.cause_fits));
    }

    #[test]
    fn a_short_letter_says_what_would_have_counted_what_is_still_possible_and_who_is_responsible() {
        let mut context = sample::contexts(1).remove(0);
        context.units[0].indicators.retain(|figure| figure.what_if.is_some());
        context.assignments.truncate(1);
        context.actions.truncate(1);
        fit(&mut context, Level::Department, FIRST);
        let figure = &context.units[0].indicators[0];
        assert!(figure.cause_fits && figure.what_if_fits && figure.interim_fits && context.assignments[0].role_fits);
        fit(&mut context, Level::Commune, FIRST);
        assert!(!context.assignments[0].role_fits, "the letter names that office already");
        context.actions = vec!["từ ".repeat(72)];
        fit(&mut context, Level::Commune, FIRST);
        let figure = &context.units[0].indicators[0];
        assert!(figure.what_if_fits && !figure.cause_fits && !context.sender.occasion_fits, "it comes in first");
    }

    #[test]
    fn a_cause_that_two_figures_share_is_said_once() {
        let mut context = sample::contexts(1).remove(0);
        context.actions.clear();
        for figure in &mut context.units[0].indicators {
            figure.cause = Some("Chưa số hóa.".to_owned());
        }
        fit(&mut context, Level::Commune, FIRST);
        assert_eq!(context.units[0].indicators.iter().filter(|figure| figure.cause_fits).count(), 1);
    }
}
