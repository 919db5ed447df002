//! How mergers, splits and new names of units are told, and why one cannot be recorded or taken back.

use super::Site;
use super::catalogue::Tongue;
use super::page::Failure;
use super::words;
use crate::catalog::Problem;
use crate::catalog::reform::{ReformError, ReformKind, UndoError};
use crate::people;

/// What a kind is called, and when it is the right one.
pub(super) fn kind_words(t: Tongue, kind: ReformKind) -> (&'static str, &'static str) {
    let (name, note) = match kind {
        ReformKind::Merge => ("reform.merge", "reform.merge_note"),
        ReformKind::Split => ("reform.split", "reform.split_note"),
        ReformKind::Rename => ("reform.rename", "reform.rename_note"),
        ReformKind::End => ("reform.end", "reform.end_note"),
        ReformKind::Add => ("reform.add", "reform.add_note"),
    };
    (t.say(name), t.say(note))
}

/// What becomes of figures, open cases and courses.
pub(super) fn figures_words(t: Tongue, kind: ReformKind, ends: bool, day: &str) -> String {
    let key = match kind {
        ReformKind::Merge => "reform.figures_merge",
        ReformKind::Split if ends => "reform.figures_split",
        ReformKind::Split => "reform.figures_part",
        ReformKind::Rename => "reform.figures_same",
        ReformKind::End => "reform.figures_end",
        ReformKind::Add => "reform.figures_add",
    };
    t.with(key, day)
}

/// Why it cannot be.
pub(super) fn not_possible(t: Tongue, error: &ReformError) -> String {
    match error {
        ReformError::TooFew => t.say("reform.too_few").to_owned(),
        ReformError::OneSuccessor => t.say("reform.one_successor").to_owned(),
        ReformError::TwoSuccessors => t.say("reform.two_successors").to_owned(),
        ReformError::OneUnit => t.say("reform.one_unit").to_owned(),
        ReformError::Twice(unit) => t.with("reform.twice", unit),
        ReformError::NotThere(unit) => t.with("reform.not_there", unit),
        ReformError::Later(unit) => t.with("reform.later", unit),
        ReformError::Province => t.say("reform.province").to_owned(),
        ReformError::BadCode(code) => t.with("reform.bad_code", code),
        ReformError::CodeTaken { code, unit } => t.with2("reform.code_taken", code, unit),
        ReformError::NoName => t.say("reform.no_name").to_owned(),
        ReformError::Below { unit, count, one } => t.with3("reform.below", unit, count, one),
        ReformError::Nothing => t.say("reform.nothing").to_owned(),
        ReformError::Known => t.say("reform.known").to_owned(),
        ReformError::Changed(units) => t.with("reform.changed", units.join("; ")),
        ReformError::Problems(problems) => {
            let said: Vec<String> = problems.iter().take(3).map(|problem| problem_words(t, problem)).collect();
            said.join(" ")
        }
    }
}

fn problem_words(t: Tongue, problem: &Problem) -> String {
    match problem.code {
        "alias" => t.say("reform.problem_alias").to_owned(),
        "text" => t.say("reform.problem_text").to_owned(),
        "code" => t.say("reform.problem_code").to_owned(),
        "loop" => t.say("reform.problem_loop").to_owned(),
        "reference" | "no_unit" => t.say("reform.problem_reference").to_owned(),
        _ => t.with("reform.problem_other", t.retold(&problem.message).text),
    }
}

/// Why it was not taken back.
pub(super) fn not_undone(t: Tongue, error: &UndoError) -> String {
    match error {
        UndoError::TooLate => t.say("reform.undo_too_late").to_owned(),
        UndoError::Judged(day) => t.with("reform.undo_judged", words::local_date(&day.to_string())),
        UndoError::Reform(ReformError::Changed(units)) => t.with("reform.undo_changed", units.join("; ")),
        UndoError::Reform(ReformError::Problems(_)) => t.say("reform.undo_in_use").to_owned(),
        UndoError::Reform(error) => not_possible(t, error),
        _ => t.say("reform.undo_gone").to_owned(),
    }
}

/// Who did it, by his name.
pub(super) async fn by_whom(site: &Site, t: Tongue, actor: &str) -> Result<String, Failure> {
    Ok(match actor.strip_prefix("account/") {
        Some(id) => {
            let account = people::by_id(&site.db, id).await?;
            account.map_or_else(|| t.say("sheet.account_gone").to_owned(), |one| one.name)
        }
        None => t.say("sheet.by_command").to_owned(),
    })
}
