//! What became of files that were put into a folder, for people.

use super::output;
use crate::app::{App, Found, with_causes};
use crate::pass::Outcome;

/// Takes in what waits, and says what became of it. Whether a file was refused.
pub(super) async fn take_in(app: &App) -> bool {
    let found = app.intakes().look_twice().await;
    for found in &found {
        output::note(in_words(found));
    }
    found.iter().any(|found| matches!(found.outcome, Ok(Outcome::Refused { .. })))
}

fn in_words(found: &Found) -> String {
    let Found { source, file, outcome } = found;
    match outcome {
        Ok(Outcome::Taken { offered, .. }) => {
            let months = match offered.months.as_slice() {
                [] => String::new(),
                [month] => format!(", {month}"),
                [first, .., last] => format!(", {first} to {last}"),
            };
            format!("taken in: `{file}` for source `{source}`: {} rows, {} units{months}", offered.rows, offered.units)
        }
        Ok(Outcome::Unchanged { .. }) => {
            format!("taken in: `{file}` for source `{source}`: the same figures as before, nothing changes")
        }
        Ok(Outcome::Refused { reasons, told_in }) => {
            let first = reasons.first().map(|reason| match reason.place.as_str() {
                "" => format!(": {}\n  remedy: {}", reason.message, reason.remedy),
                place => format!(": {place}: {}\n  remedy: {}", reason.message, reason.remedy),
            });
            let told_in = told_in.display();
            format!("refused: `{file}` for source `{source}`{}\n  all reasons: {told_in}", first.unwrap_or_default())
        }
        Ok(Outcome::Changed) => {
            format!("note: `{file}` for source `{source}` is still written to; it is left for later")
        }
        Err(error) => {
            let file = if file.is_empty() { "its folder" } else { file };
            format!("warning: source `{source}`: {file} could not be looked at: {}", with_causes(error, ": "))
        }
    }
}
