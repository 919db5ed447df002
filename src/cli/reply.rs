//! `dondoc reply`: what heads answered by the link in their letter, and what it asks of staff.

use clap::Subcommand;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::api::{AnswerLine, last_name, time};
use crate::app::{App, today};
use crate::catalog::{self, Catalog, Pack};
use crate::reply::{self, Answered, Bounced, TaskError};

/// What can be asked of answers.
#[derive(Debug, Subcommand)]
pub enum ReplyCommand {
    /// List answers, oldest first, and addresses that gave messages back
    #[command(after_help = "Examples:\n  dondoc reply list --open\n  dondoc reply list --format csv > tra-loi.csv")]
    List {
        /// Only disputes, wrong contacts and bounced addresses that nobody closed yet
        #[arg(long)]
        open: bool,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Close a dispute, a wrong contact or a bounced address; figure and address are reminded of and written to again from then on
    #[command(
        after_help = "Example: dondoc reply close 0b8e4a3e-9d3f-5c1e-8a77-3f1c2d4e5f60 --note \"số liệu đúng\" --by \"Phòng CNTT\""
    )]
    Close {
        /// The answer, as `list` names it
        id: String,
        /// What was found, or done
        #[arg(long, value_name = "TEXT")]
        note: String,
        /// Who says so
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Take back that something was closed: the dispute holds again, the address is not written to
    #[command(after_help = "Example: dondoc reply reopen 0b8e4a3e-9d3f-5c1e-8a77-3f1c2d4e5f60")]
    Reopen {
        /// The answer or address, as `list` names it
        id: String,
    },
    /// End all links that were sent to a unit's head; the next letter carries a new one
    #[command(after_help = "Example: dondoc reply revoke 07201 --note \"thư bị chuyển tiếp\" --by \"Phòng CNTT\"")]
    Revoke {
        /// Code of the unit
        unit: String,
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
        /// Who says so
        #[arg(long, value_name = "NAME", default_value = "admin")]
        by: String,
    },
}

pub(super) async fn reply(app: App, asked: ReplyCommand) -> Result<Code, Failure> {
    match asked {
        ReplyCommand::List { open, format } => {
            let answered = reply::answered(&app.db, open).await?;
            let mut work = app.db.begin().await?;
            reply::take_bounces(&mut work).await?;
            work.commit().await?;
            let bounced = reply::bounced(&app.db, open).await?;
            let pack = catalog::load(&app.db).await?;
            if answered.is_empty() && bounced.is_empty() {
                output::note(if open { "nothing is open" } else { "nobody answered yet" });
            }
            let lines = answered.iter().map(|one| AnswerLine::answered(one, &pack));
            let lines: Vec<AnswerLine> =
                lines.chain(bounced.iter().map(|one| AnswerLine::bounced(one, &pack))).collect();
            let mut table = table(&answered, &pack);
            table.rows.extend(bounced.iter().map(bounced_row));
            table.print(format, Some(json!(lines)))?;
        }
        ReplyCommand::Close { id, note, by } => {
            let (Some(note), Some(by)) = (given(&note), given(&by)) else {
                return Err(Failure::usage(
                    "closing needs to say what was found and by whom\n  remedy: add --note \"…\" and --by \"…\"",
                ));
            };
            let closed = reply::close(&app.db, &id, (by, &super::people::by()), note, app.clock.now()).await;
            closed.map_err(not_done)?;
            output::line(format!("closed by {by}"))?;
        }
        ReplyCommand::Reopen { id } => {
            reply::reopen(&app.db, &id, &super::people::by(), app.clock.now()).await.map_err(not_done)?;
            output::line("open again")?;
        }
        ReplyCommand::Revoke { unit, note, by } => {
            let day = today(app.clock.now());
            let catalog = Catalog::of(&catalog::load(&app.db).await?, day, day);
            let recipient = catalog.names.find(&unit, "").ok().and_then(|id| catalog.recipient_of(id));
            let Some(recipient) = recipient else {
                return Err(Failure::usage(format!(
                    "nobody is written to for a unit with the code `{unit}`\n  remedy: see the codes with `dondoc report`"
                )));
            };
            reply::revoke(&app.db, &recipient.id, (&by, &super::people::by()), &note, app.clock.now()).await?;
            output::line(format!("no link sent to {} so far can be used any more", recipient.title))?;
        }
    }
    app.close().await;
    Ok(Code::Done)
}

fn not_done(error: TaskError) -> Failure {
    match error {
        TaskError::NotOpen(_) => {
            Failure::usage(format!("{error}\n  remedy: `dondoc reply list --open` shows the open ones"))
        }
        TaskError::NotClosed(_) => Failure::usage(format!("{error}\n  remedy: `dondoc reply list` shows all of them")),
        TaskError::Db(error) => error.into(),
    }
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// An address that gave a message back, as a row among the answers.
fn bounced_row(one: &Bounced) -> Vec<String> {
    let closing = one.task.closing.as_ref();
    let mut row = vec![one.id.clone(), time(one.opened_at), one.unit_code.clone()];
    row.extend([String::new(), String::new(), "bounced".to_owned(), String::new(), String::new()]);
    row.extend([format!("{}: {}", catalog::mask_email(&one.address), one.detail), String::new()]);
    row.push(if closing.is_some() { "closed" } else { "open" }.to_owned());
    row.push(closing.map(|closing| format!("{} ({})", closing.note, closing.by)).unwrap_or_default());
    row
}

/// `open`, `closed`, or nothing to do.
fn state(answered: &Answered) -> &'static str {
    match &answered.task {
        None => "",
        Some(task) if task.closing.is_some() => "closed",
        Some(_) => "open",
    }
}

fn table(answered: &[Answered], pack: &Pack) -> Table {
    let mut table = Table::new(vec![
        "id",
        "answered_at",
        "unit_code",
        "unit",
        "indicators",
        "answer",
        "by",
        "until",
        "cause",
        "current",
        "task",
        "note",
    ]);
    table.rows.extend(answered.iter().map(|one| {
        let mut units: Vec<(String, String)> = one.about.iter().map(|(unit, _)| last_name(pack, unit)).collect();
        units.dedup();
        let mut indicators: Vec<&str> = one.about.iter().map(|(_, indicator)| indicator.as_str()).collect();
        indicators.sort_unstable();
        indicators.dedup();
        let (codes, names): (Vec<String>, Vec<String>) = units.into_iter().unzip();
        let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
        let closing = one.task.as_ref().and_then(|task| task.closing.as_ref());
        vec![
            one.answer.id.to_string(),
            time(one.answer.at),
            codes.join(", "),
            names.join(", "),
            indicators.join(", "),
            one.answer.kind.word().to_owned(),
            date(one.answer.by),
            date(one.answer.until),
            one.answer.cause.clone(),
            if one.current { "yes" } else { "no" }.to_owned(),
            state(one).to_owned(),
            closing.map(|closing| format!("{} ({})", closing.note, closing.by)).unwrap_or_default(),
        ]
    }));
    table
}
