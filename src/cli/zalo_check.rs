//! `dondoc zalo check`: what Zalo would refuse, before anything is sent.

use chrono::NaiveDate;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, AppError};
use crate::channel::Channel;
use crate::message::Templates;
use crate::pass::{self, Letter};

/// Something that Zalo would refuse, and in which letters.
struct Found {
    unit: String,
    parameter: String,
    problem: String,
    /// `repeat 2`: tone and number of the reminder.
    letters: Vec<String>,
    /// File and line of our template where it was found first.
    place: String,
}

pub(super) async fn check(app: &App, channel: &Channel, as_of: NaiveDate, format: Format) -> Result<Code, Failure> {
    let Some(zalo) = channel.zalo() else { return Ok(Code::Usage) };
    let parts = app.parts().await?;
    let now = app.clock.now();
    let letters = pass::letters(&app.pass(&parts, true), as_of, now).await.map_err(AppError::from)?;
    let mut found: Vec<Found> = Vec::new();
    for letter in &letters {
        if letter.zalo.is_empty() {
            let problem = "the message has no parameters for Zalo".to_owned();
            note(&mut found, letter, ("", "", problem), parts.templates());
            continue;
        }
        let misfits = zalo.misfits(&letter.template, &letter.zalo).await;
        for misfit in misfits.map_err(|error| Failure::new(Code::Invalid, error.reason))? {
            note(&mut found, letter, (&misfit.parameter, &misfit.ours, misfit.what), parts.templates());
        }
    }
    channel.close().await;
    let problems = found.len();
    let mut table = Table::new(vec!["unit", "parameter", "problem", "letters", "template"]);
    table.rows = found.into_iter().map(Found::row).collect();
    if problems > 0 || format != Format::Table {
        table.print(format, None)?;
    }
    output::note(format!("{} messages checked as of {as_of}, {problems} problem(s)", letters.len()));
    Ok(if problems == 0 { Code::Done } else { Code::Invalid })
}

/// Notes a problem of `letter`; the same one of further letters of the unit stands beside it.
fn note(
    found: &mut Vec<Found>,
    letter: &Letter,
    (parameter, ours, problem): (&str, &str, String),
    templates: &Templates,
) {
    let of = format!("{} {}", letter.tone.word(), letter.reminder);
    // Letters of one unit stand together, so only the last ones are looked through.
    let known = found.iter_mut().rev().take_while(|known| known.unit == letter.unit);
    if let Some(known) = known.into_iter().find(|known| known.parameter == parameter && known.problem == problem) {
        if !known.letters.contains(&of) {
            known.letters.push(of);
        }
        return;
    }
    let name = letter.template.split('@').next().unwrap_or_default();
    let line = templates.zalo_line(name, ours).map_or_else(String::new, |line| format!(":{line}"));
    let (unit, parameter, place) = (letter.unit.clone(), parameter.to_owned(), format!("{name}.md{line}"));
    found.push(Found { unit, parameter, problem, letters: vec![of], place });
}

impl Found {
    fn row(self) -> Vec<String> {
        vec![self.unit, self.parameter, self.problem, self.letters.join(", "), self.place]
    }
}
