//! `dondoc approve`, `pause`, `resume` and `migrate`: short administrative writes.

use std::io::{BufRead as _, IsTerminal as _};

use super::arguments::ApproveOptions;
use super::exit::{Code, Failure};
use super::output;
use crate::app::App;
use crate::channel::{self, MobileHours};
use crate::outbox::Times;
use crate::pass::{self, Approved};
use crate::{catalog, dispatch};

pub(super) async fn approve(app: App, asked: ApproveOptions) -> Result<Code, Failure> {
    let Some(batch) = pass::asked(&app.db).await? else {
        output::line("nothing waits for approval")?;
        return Ok(Code::Done);
    };
    output::note(format!(
        "round {} as of {}: {} message(s) wait ({}), batch {}",
        batch.run_id,
        batch.as_of,
        batch.messages,
        batch.reason,
        batch.hash.chars().take(12).collect::<String>()
    ));
    if !asked.yes && !confirmed("Let them go?") {
        return Err(Failure::new(Code::NotApproved, "not approved; the batch stays held"));
    }
    let times = times(&app).await?;
    let outcome = pass::approve(&app.db, &batch.hash, &asked.by, times).await?;
    app.close().await;
    match outcome {
        Approved::Released(count) => {
            output::line(format!("{count} message(s) approved by {}; `dondoc run` or `serve` sends them", asked.by))?;
            Ok(Code::Done)
        }
        Approved::Changed => Err(Failure::new(
            Code::NotApproved,
            "the batch changed since it was asked about; nothing was let go\n  remedy: run `dondoc run` again, look, and approve what it then shows",
        )),
    }
}

/// Released within quiet hours or on a day off, the batch waits for their end. Its validity holds for phones too.
async fn times(app: &App) -> Result<Times, Failure> {
    let calendar = catalog::calendar(&app.db).await?;
    let times = pass::times(&app.config.pass_settings(), &calendar, app.clock.now(), false);
    let mobile = app.config.channels.iter().any(channel::Settings::is_mobile);
    let valid_until = if mobile { MobileHours::valid_until(times.valid_until) } else { times.valid_until };
    Ok(Times { valid_until, ..times })
}

pub(super) async fn pause(app: App, pause: bool, by: &str) -> Result<Code, Failure> {
    dispatch::set_paused(&app.db, pause, by, app.clock.now()).await?;
    app.close().await;
    output::line(if pause { "paused: nothing is sent until `dondoc resume`" } else { "resumed" })?;
    Ok(Code::Done)
}

/// Opening the database already brought the schema up to date.
pub(super) async fn migrate(app: App) -> Result<Code, Failure> {
    app.prepare().await?;
    app.close().await;
    output::line("the database schema is up to date and every statement is understood")?;
    Ok(Code::Done)
}

/// Asks on a terminal; without one the answer is no, because nobody could have seen the question.
pub(super) fn confirmed(question: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        output::note("no terminal to ask on; give --yes");
        return false;
    }
    output::note(format!("{question} [y/N]"));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes" | "c" | "C" | "có")
}
