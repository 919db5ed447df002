//! A message as its recipient will see it, on real figures, in the built-in mailbox: nothing leaves this machine.

use askama::Template;
use chrono::NaiveDate;

use super::super::catalogue::Tongue;
use super::super::form::Form;
use super::super::page::{Failure, Frame};
use super::{Outcome, Seen, Shell, wrong};
use crate::app::{App, today};
use crate::catalog::{self, Catalog};
use crate::people::{By, Step};

#[derive(Template)]
#[template(path = "wizard_letter.html")]
pub(super) struct LetterStep {
    frame: Frame,
    shell: Shell,
    /// Code and name of every unit that somebody answers for.
    units: Vec<(String, String)>,
    unit: String,
    as_of: String,
    /// The message that was looked at last.
    seen: Option<String>,
}

pub(super) async fn page(seen: &Seen<'_>) -> Result<LetterStep, Failure> {
    let day = today(seen.app.clock.now());
    let newest = match seen.form.text("as_of") {
        "" => seen.app.look_at_figures().await.ok().and_then(|look| look.newest).unwrap_or(day).to_string(),
        typed => typed.to_owned(),
    };
    let catalog = Catalog::of(&catalog::load(&seen.app.db).await?, newest.parse().unwrap_or(day), day);
    let answered = catalog.judged_units().filter(|unit| catalog.recipient_of(&unit.id).is_some());
    let mut units: Vec<_> = answered.map(|unit| (unit.code.clone(), unit.name.clone())).collect();
    units.sort_by_cached_key(|(_, name)| catalog::alphabetical(name));
    let said = seen.found.said.get(&Step::Letter).filter(|said| said.done && !said.detail.is_empty());
    Ok(LetterStep {
        frame: seen.frame(Step::Letter),
        shell: seen.shell(Step::Letter),
        units,
        unit: seen.form.text("unit").to_owned(),
        as_of: newest,
        seen: said.map(|said| said.detail.clone()),
    })
}

pub(super) async fn take(app: &App, form: &Form, by: &By, t: Tongue) -> Result<Outcome, Failure> {
    let Ok(as_of) = form.text("as_of").parse::<NaiveDate>() else {
        return Ok(wrong(t.say("wizard.letter_no_day")));
    };
    let unit = form.text("unit").trim();
    match app.sample_letter(unit, as_of).await {
        Ok(Some(id)) => {
            app.say_of_step((Step::Letter, true, &id.to_string()), by).await?;
            Ok(Outcome::To(format!("/hop-thu-thu/{id}")))
        }
        Ok(None) => Ok(wrong(t.say("wizard.letter_none"))),
        Err(error) => Ok(wrong(t.with("wizard.letter_failed", error))),
    }
}
