//! `dondoc outbox retry`, `hold`, `cancel` and `resolve`: one entry or many, each deed recorded with who did it.

use chrono::TimeDelta;

use super::arguments::{FateWord, Which};
use super::exit::Failure;
use super::outbox::{list, reason_named, state_named};
use super::output::{self, Format};
use super::people::by as on_behalf;
use crate::app::{App, Bar, Mender, Wish};
use crate::outbox::{self, Entry, Fate, Filter, Resolved};

/// What a person asks for, by ids or by filters.
async fn asked(app: &App, which: Which) -> Result<Vec<Entry>, Failure> {
    let all = Filter {
        state: which.state.as_deref().map(state_named).transpose()?,
        reason: which.reason.as_deref().map(reason_named).transpose()?,
        channel: which.channel,
        unit_code: which.unit,
        run_id: which.run,
        ..Filter::default()
    };
    let filtered = all.state.is_some() || all.reason.is_some() || all.channel.is_some();
    if which.ids.is_empty() && !filtered && all.unit_code.is_none() && all.run_id.is_none() {
        return Err(Failure::usage(
            "which entries?\n  remedy: give their ids, or a filter such as `--state failed --channel mail`",
        ));
    }
    if which.ids.is_empty() {
        return Ok(outbox::list(&app.db, &all).await?);
    }
    let mut entries = Vec::new();
    for id in which.ids {
        let filter = Filter { id: Some(id.clone()), limit: 1, ..Filter::default() };
        let found = outbox::list(&app.db, &filter).await?.into_iter().next();
        entries.push(found.ok_or_else(|| {
            Failure::usage(format!("no entry has the id `{id}`\n  remedy: `dondoc outbox list` shows the ids"))
        })?);
    }
    Ok(entries)
}

/// Splits what was asked for into what can be done and what cannot. Ids that cannot are a mistake; of a filter they are
/// left out.
fn possible(
    entries: Vec<Entry>,
    by_id: bool,
    refusal: impl Fn(&Entry) -> Option<Bar>,
) -> Result<(Vec<Entry>, usize), Failure> {
    let (mut possible, mut refused) = (Vec::new(), Vec::new());
    for entry in entries {
        match refusal(&entry) {
            None => possible.push(entry),
            Some(why) => refused.push(format!("{}: {why}", entry.id)),
        }
    }
    if refused.is_empty() || (!by_id && !possible.is_empty()) {
        return Ok((possible, refused.len()));
    }
    let shown = refused.iter().take(10).cloned().collect::<Vec<_>>().join("\n  ");
    Err(Failure::usage(format!("nothing changed\n  {shown}\n  remedy: `dondoc outbox show ID`")))
}

fn said(done: usize, left_out: usize, what: &str, dry_run: bool) -> Result<(), Failure> {
    let would = if dry_run { "would be " } else { "" };
    let left = if left_out == 0 { String::new() } else { format!("; {left_out} left out, they are in another state") };
    output::line(format!("{done} {} {would}{what}{left}", if done == 1 { "entry" } else { "entries" }))
}

/// Grants a wish for what was asked for, or only says for which.
async fn grant(app: &App, which: Which, (wish, what): (Wish<'_>, &str), by: &str) -> Result<(), Failure> {
    let (by_id, dry_run) = (!which.ids.is_empty(), which.dry_run);
    let (entries, left_out) = possible(asked(app, which).await?, by_id, |entry| app.bar(entry, wish, by_id))?;
    if dry_run {
        list(&entries, Format::Table)?;
        return said(entries.len(), left_out, what, true);
    }
    let audited = on_behalf();
    let mender = Mender { name: by, by: &audited, grace: TimeDelta::zero() };
    let mended = app.mend(&entries, wish, mender).await?;
    if mended.moved > 0 {
        output::line(format!("{} to an address that changed in the contacts since", mended.moved))?;
    }
    said(mended.done, left_out + entries.len() - mended.done, what, false)
}

pub(super) async fn retry(app: &App, which: Which, by: &str) -> Result<(), Failure> {
    grant(app, which, (Wish::Retry, "offered again"), by).await
}

pub(super) async fn hold(app: &App, which: Which, (why, by): (&str, &str)) -> Result<(), Failure> {
    grant(app, which, (Wish::Hold(why), "held"), by).await
}

pub(super) async fn cancel(app: &App, which: Which, (why, by): (&str, &str)) -> Result<(), Failure> {
    grant(app, which, (Wish::Cancel(why), "cancelled"), by).await
}

pub(super) async fn resolve(app: &App, id: &str, fate: FateWord, (by, note): (&str, &str)) -> Result<(), Failure> {
    let fate = match fate {
        FateWord::Sent => Fate::Sent,
        FateWord::NotSent => Fate::NotSent,
    };
    let audited = on_behalf();
    let mender = Mender { name: by, by: &audited, grace: TimeDelta::zero() };
    output::line(match app.resolve(id, fate, note, mender).await? {
        Resolved::Not => {
            return Err(Failure::usage(format!(
                "nothing changed: `{id}` is unknown, or its fate is not uncertain\n  remedy: `dondoc outbox list --state uncertain`"
            )));
        }
        Resolved::Sent => format!("{id} counts as sent"),
        Resolved::NextChannel => format!("{id} goes by the recipient's next channel"),
        Resolved::Again => format!("{id} will be offered again"),
    })
}
