//! `dondoc outbox retry`, `cancel` and `resolve`: one entry or many, each deed recorded with who did it.

use super::arguments::{FateWord, Which};
use super::exit::Failure;
use super::outbox::{list, reason_named, state_named};
use super::output::{self, Format};
use crate::api::masked;
use crate::app::{App, today};
use crate::catalog::{self, Catalog};
use crate::channel;
use crate::outbox::{self, Entry, Fate, Filter, HoldReason, Resolved, State};

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
    refusal: impl Fn(&Entry) -> Option<String>,
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

/// Why an entry cannot be offered again.
fn not_again(app: &App, entry: &Entry, by_id: bool) -> Option<String> {
    let reason = entry.hold_reason.as_deref();
    let trial = reason == Some(HoldReason::Trial.word());
    let safety = &app.config.safety;
    match entry.state {
        _ if entry.words_deleted_at.is_some() => Some("its words were deleted under [retention]".to_owned()),
        State::Failed | State::Expired | State::Quarantined | State::Uncertain if !entry.leads => {
            Some("another channel took over its message; a retry would be a second one".to_owned())
        }
        State::Uncertain if !by_id => Some("its fate is uncertain: `dondoc outbox resolve` decides".to_owned()),
        State::Failed | State::Expired | State::Quarantined | State::Uncertain => None,
        State::Held if trial && safety.trial && !channel::Settings::is_allowed(&entry.address, &safety.allow) => {
            Some("trial mode is on: set [safety] trial = false, or name its address in [safety] allow".to_owned())
        }
        State::Held if trial || reason == Some(HoldReason::Fault.word()) => None,
        State::Held => Some("it waits for `dondoc approve`".to_owned()),
        state => Some(format!(
            "it is {}; only failed, uncertain, quarantined, expired, trial- or fault-held ones can be",
            state.word()
        )),
    }
}

pub(super) async fn retry(app: &App, which: Which, by: &str) -> Result<(), Failure> {
    let (by_id, dry_run) = (!which.ids.is_empty(), which.dry_run);
    let (entries, left_out) = possible(asked(app, which).await?, by_id, |entry| not_again(app, entry, by_id))?;
    if dry_run {
        list(&entries, Format::Table)?;
        return said(entries.len(), left_out, "offered again", true);
    }
    let now = app.clock.now();
    let pack = catalog::load(&app.db).await?;
    let view = Catalog::of(&pack, today(now), today(now));
    let (mut done, mut moved) = (0, 0);
    for entry in &entries {
        let mut work = app.db.begin().await?;
        if !outbox::retry(&mut work, &entry.id, now, now + app.config.delivery.valid_for).await? {
            work.rollback().await?;
            continue;
        }
        let mut deed = format!("offered again by {by}");
        if let Some(address) = present_address(app, &view, entry) {
            outbox::readdress(&mut work, &entry.id, &address).await?;
            deed = format!("{deed}; goes to {} now, not to {}", masked(&address), masked(&entry.address));
            moved += 1;
        }
        outbox::record_deed(&mut work, &entry.id, &deed, now).await?;
        work.commit().await?;
        done += 1;
    }
    if moved > 0 {
        output::line(format!("{moved} to an address that changed in the contacts since"))?;
    }
    said(done, left_out + entries.len() - done, "offered again", false)
}

/// Where the recipient is reached now, when that is elsewhere. In trial mode nobody is reached anew.
fn present_address(app: &App, view: &Catalog, entry: &Entry) -> Option<String> {
    let recipient = view.recipients.iter().find(|recipient| recipient.id == entry.recipient)?;
    let channel = app.config.channels.iter().find(|channel| channel.name == entry.channel)?;
    let address = channel.address_for(recipient).filter(|address| *address != entry.address)?;
    let safety = &app.config.safety;
    (!safety.trial || !channel.is_real() || channel::Settings::is_allowed(&address, &safety.allow)).then_some(address)
}

pub(super) async fn cancel(app: &App, which: Which, (why, by): (&str, &str)) -> Result<(), Failure> {
    let (by_id, dry_run) = (!which.ids.is_empty(), which.dry_run);
    let too_late = |entry: &Entry| match entry.state {
        State::Held | State::Ready | State::Uncertain => None,
        state => Some(format!("it is {}; only held, ready or uncertain ones can be taken back", state.word())),
    };
    let (entries, left_out) = possible(asked(app, which).await?, by_id, too_late)?;
    if dry_run {
        list(&entries, Format::Table)?;
        return said(entries.len(), left_out, "cancelled", true);
    }
    let (now, mut done) = (app.clock.now(), 0);
    for entry in &entries {
        let mut work = app.db.begin().await?;
        if outbox::cancel(&mut work, &entry.id, why, now).await? {
            outbox::record_deed(&mut work, &entry.id, &format!("cancelled by {by}: {why}"), now).await?;
            done += 1;
        }
        work.commit().await?;
    }
    said(done, left_out + entries.len() - done, "cancelled", false)
}

pub(super) async fn resolve(app: &App, id: &str, fate: FateWord, (by, note): (&str, &str)) -> Result<(), Failure> {
    let (fate, said) = match fate {
        FateWord::Sent => (Fate::Sent, "sent"),
        FateWord::NotSent => (Fate::NotSent, "not sent"),
    };
    let moment = app.hours().await?.moment(app.clock.now());
    let mut work = app.db.begin().await?;
    let why = format!("not sent, says {by}: {note}");
    let terms = (why.as_str(), moment, moment.opens_at + app.config.delivery.valid_for);
    let resolved = outbox::resolve(&mut work, id, fate, terms).await?;
    if resolved != Resolved::Not {
        outbox::record_deed(&mut work, id, &format!("resolved as {said} by {by}: {note}"), moment.now).await?;
    }
    work.commit().await?;
    output::line(match resolved {
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
