//! `dondoc audit`: what was done on the pages and by commands, and whether the log is whole.

use clap::Subcommand;
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::App;
use crate::clock::ZONE;
use crate::people::{self, Deed, Head, Verdict, Wanted};

/// What can be asked of the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// List entries, newest first
    #[command(
        after_help = "Examples:\n  dondoc audit list --limit 20\n  dondoc audit list --deed sign_in_refused --format csv > nhat-ky.csv"
    )]
    List {
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
        limit: i64,
        /// Only this deed
        #[arg(long)]
        deed: Option<String>,
        /// Only what this login name did, or what was done to it
        #[arg(long)]
        user: Option<String>,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Look at every entry from the first on; names the first one that was changed, put in or taken out
    #[command(
        after_help = "Examples:\n  dondoc audit verify\n  dondoc audit verify --head 57:9f2c4e…\nThe program's own log has a line `audit number=… hash=…` for each entry: given as --head it also shows that no tail was cut off."
    )]
    Verify {
        /// A number and hash from the program's own log; the hash may be shortened
        #[arg(long, value_name = "NUMBER:HASH", value_parser = head)]
        head: Option<Head>,
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

fn head(text: &str) -> Result<Head, String> {
    let wrong = || "write a number, a colon and at least 8 characters of the hash".to_owned();
    let (number, hash) = text.split_once(':').ok_or_else(wrong)?;
    let number = number.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?;
    if hash.len() < 8 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    Ok(Head { number, hash: hash.to_ascii_lowercase() })
}

pub(super) async fn audit(app: App, asked: AuditCommand) -> Result<Code, Failure> {
    let code = match asked {
        AuditCommand::List { limit, deed, user, format } => {
            list(&app, (limit, deed, user.as_deref()), format).await?;
            Code::Done
        }
        AuditCommand::Verify { head, format } => verify(&app, head.as_ref(), format).await?,
    };
    app.close().await;
    Ok(code)
}

async fn list(
    app: &App,
    (limit, deed, user): (i64, Option<String>, Option<&str>),
    format: Format,
) -> Result<(), Failure> {
    if let Some(unknown) = deed.as_deref().filter(|word| !Deed::ALL.iter().copied().any(|deed| deed.word() == *word)) {
        let known: Vec<&str> = Deed::ALL.iter().copied().map(Deed::word).collect();
        return Err(Failure::usage(format!("no deed is called `{unknown}`\n  remedy: one of {}", known.join(", "))));
    }
    let who = match user {
        Some(login) => match people::by_login(&app.db, login).await? {
            Some(account) => account.subject(),
            None => return Err(people::PeopleError::from(people::Refusal::NoAccount).into()),
        },
        None => String::new(),
    };
    let wanted = Wanted { deed: deed.unwrap_or_default(), who, limit, ..Wanted::default() };
    let accounts = people::accounts(&app.db).await?;
    let name = |who: &str| {
        let account = accounts.iter().find(|account| account.subject() == who);
        account.map_or_else(|| who.to_owned(), |account| account.login.clone())
    };
    let mut table = Table::new(vec!["number", "at", "actor", "deed", "subject", "detail", "address", "hash"]);
    for entry in people::list(&app.db, &wanted).await? {
        let hash = if format == Format::Table { entry.hash.chars().take(12).collect() } else { entry.hash.clone() };
        table.rows.push(vec![
            entry.number.to_string(),
            entry.at().with_timezone(&ZONE).format("%Y-%m-%d %H:%M:%S").to_string(),
            name(&entry.actor),
            entry.deed.clone(),
            name(&entry.subject),
            entry.detail.clone(),
            entry.address.clone(),
            hash,
        ]);
    }
    table.print(format, None)
}

async fn verify(app: &App, head: Option<&Head>, format: Format) -> Result<Code, Failure> {
    let verdict = people::verify(&app.db, head).await?;
    let (line, object) = match &verdict {
        Verdict::Whole(None) => ("the audit log is empty".to_owned(), json!({"whole": true, "entries": 0})),
        Verdict::Whole(Some(head)) => (
            format!("the audit log is whole: {} entries, head {}", head.number, head.hash),
            json!({"whole": true, "entries": head.number, "head": head.hash}),
        ),
        Verdict::Broken { number, what } => (
            format!("the audit log is broken at entry {number}: {what}"),
            json!({"whole": false, "entry": number, "what": what}),
        ),
    };
    match format {
        Format::Json => output::json(&object)?,
        Format::Table | Format::Csv => output::line(line)?,
    }
    if matches!(verdict, Verdict::Broken { .. }) {
        output::note(
            "somebody wrote into the database beside this program, or an old copy was put back\n  remedy: compare with \
             the newest backup and with the program's own log, and tell who answers for security",
        );
        return Ok(Code::Unexpected);
    }
    Ok(Code::Done)
}
