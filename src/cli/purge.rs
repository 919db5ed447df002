//! `dondoc purge`: deletes what is older than `[retention]` says, or counts it.

use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::{App, Purged};
use crate::clock::local_date;

/// Options of `purge`.
#[derive(Debug, Args)]
pub struct PurgeOptions {
    /// Count what would be deleted, and delete nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How to print
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

pub(super) async fn purge(app: App, asked: PurgeOptions) -> Result<Code, Failure> {
    let purged = app.purge(asked.dry_run).await?;
    app.close().await;
    let Purged { words, entries, stay, mailbox, .. } = purged;
    let (words_before, entries_before) = (day(purged.words_before), day(purged.entries_before));
    let mut table = Table::new(vec!["what", "settled_before", "deleted"]);
    for (what, before, count) in
        [("words", &words_before, words), ("mailbox", &words_before, mailbox), ("entries", &entries_before, entries)]
    {
        let before = before.clone().unwrap_or_else(|| "kept for ever".to_owned());
        table.rows.push(vec![what.to_owned(), before, count.to_string()]);
    }
    let whole = json!({
        "dry_run": asked.dry_run, "words_before": words_before, "entries_before": entries_before, "words": words,
        "mailbox": mailbox, "entries": entries, "stay": stay,
    });
    table.print(asked.format, Some(whole))?;
    if asked.dry_run {
        output::note("dry run: nothing was deleted");
    }
    if stay > 0 {
        output::note(format!("{stay} old entries stay: their case, or a task about their address, is still open"));
    }
    Ok(Code::Done)
}

fn day(before: Option<DateTime<Utc>>) -> Option<String> {
    before.map(|before| local_date(before).to_string())
}
