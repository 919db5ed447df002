//! `dondoc release`: lets the figures of a round that the quality gate held through, with a person's note.

use clap::Args;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::api::{HeldLine, time};
use crate::app::App;
use crate::pass::{self, Decider, HeldRound, Let};

/// Options of `release`.
#[derive(Debug, Args)]
pub struct ReleaseOptions {
    /// The round, as `run` names it; without one, held rounds are listed
    pub run: Option<String>,
    /// Why the figures are right
    #[arg(long, value_name = "TEXT", requires = "run")]
    pub note: Option<String>,
    /// Who says so
    #[arg(long, value_name = "NAME", requires = "run")]
    pub by: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// Held rounds listed.
const LISTED: i64 = 50;

pub(super) async fn release(app: App, asked: ReleaseOptions) -> Result<Code, Failure> {
    let Some(run_id) = &asked.run else {
        let held = pass::held_rounds(&app.db, None, LISTED).await?;
        app.close().await;
        if held.is_empty() {
            output::note("the quality gate held no round");
        }
        return print(&held, asked.format);
    };
    let (Some(note), Some(by)) = (given(asked.note.as_deref()), given(asked.by.as_deref())) else {
        return Err(Failure::usage(
            "a release needs to say why and by whom\n  remedy: add --note \"…\" and --by \"…\"",
        ));
    };
    let decider = Decider { name: by, also: "", by: &super::people::by() };
    match pass::release(&app.db, run_id, note, decider, app.clock.now()).await? {
        Let::Through => {}
        Let::Before => output::note("this round was released before; the first word stands"),
        Let::NoFigures => {
            return Err(Failure::usage(format!(
                "round `{run_id}` was held because a source could not be read: it has no figures to release\n  \
                 remedy: mend the source, then `dondoc run`"
            )));
        }
        Let::Unknown => {
            return Err(Failure::usage(format!(
                "the quality gate held no round `{run_id}`\n  remedy: `dondoc release` without a round lists them"
            )));
        }
    }
    let held = pass::held_rounds(&app.db, Some(run_id), 1).await?;
    app.close().await;
    output::note("the next `dondoc run` takes the same figures; if the source gives others, they are judged anew");
    print(&held, asked.format)
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn print(held: &[HeldRound], format: Format) -> Result<Code, Failure> {
    let mut table =
        Table::new(vec!["run_id", "as_of", "started_at", "source", "doubt", "released_by", "released_at", "note"]);
    for round in held {
        let release = round.release.as_ref();
        table.rows.extend(round.doubts.iter().map(|doubt| {
            vec![
                round.run_id.clone(),
                round.as_of.to_string(),
                time(round.started_at),
                doubt.source.clone(),
                doubt.code.clone(),
                release.map(|release| release.by.clone()).unwrap_or_default(),
                release.map(|release| time(release.at)).unwrap_or_default(),
                release.map(|release| release.note.clone()).unwrap_or_default(),
            ]
        }));
    }
    table.print(format, Some(json!(held.iter().map(HeldLine::from).collect::<Vec<_>>())))?;
    Ok(Code::Done)
}
