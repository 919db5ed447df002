//! `dondoc zalo check`: what Zalo would refuse, before anything is sent.

use chrono::NaiveDate;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, AppError};
use crate::channel::Channel;
use crate::pass;

pub(super) async fn check(app: &App, channel: &Channel, as_of: NaiveDate, format: Format) -> Result<Code, Failure> {
    let Some(zalo) = channel.zalo() else { return Ok(Code::Usage) };
    let parts = app.parts()?;
    let now = app.clock.now();
    let messages = pass::previews(&app.pass(&parts, true), as_of, now).await.map_err(AppError::from)?;
    drop(parts);
    let mut table = Table::new(vec!["unit", "parameter", "problem", "template"]);
    for (unit, composed) in &messages {
        let message = &composed.message;
        let name = message.template.split('@').next().unwrap_or_default();
        if message.zalo.is_empty() {
            let problem = "the message has no parameters for Zalo".to_owned();
            table.rows.push(vec![unit.clone(), String::new(), problem, name.to_owned()]);
            continue;
        }
        let misfits = zalo.misfits(&message.template, &message.zalo).await;
        for misfit in misfits.map_err(|error| Failure::new(Code::Invalid, error.reason))? {
            let line = app.templates.zalo_line(name, &misfit.ours).map_or_else(String::new, |line| format!(":{line}"));
            table.rows.push(vec![unit.clone(), misfit.parameter, misfit.what, format!("{name}.md{line}")]);
        }
    }
    channel.close().await;
    let problems = table.rows.len();
    if problems > 0 || format != Format::Table {
        table.print(format, None)?;
    }
    output::note(format!("{} messages checked as of {as_of}, {problems} problem(s)", messages.len()));
    Ok(if problems == 0 { Code::Done } else { Code::Invalid })
}
