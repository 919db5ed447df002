//! `dondoc token`: what programs prove themselves with.

use clap::Subcommand;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use super::people::{RoleWord, by, scope, unit};
use crate::app::App;
use crate::clock::ZONE;
use crate::people;

/// What can be asked of tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token for a program; it is printed once
    #[command(after_help = "Example: dondoc token add \"Trung tâm điều hành\" --role view > token")]
    Add {
        /// What it is for
        name: String,
        /// The role
        #[arg(long, value_enum, default_value = "view")]
        role: RoleWord,
        /// Code of the unit that it is confined to, with all below it [default: the whole province]
        #[arg(long, value_name = "CODE")]
        scope: Option<String>,
    },
    /// List tokens
    #[command(after_help = "Example: dondoc token list --format json")]
    List {
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// End a token
    #[command(after_help = "Example: dondoc token revoke k7m2p9q4w8xz")]
    Revoke {
        /// Its id
        id: String,
    },
}

pub(super) async fn token(app: App, asked: TokenCommand) -> Result<Code, Failure> {
    let (by, now) = (by(), app.clock.now());
    match asked {
        TokenCommand::Add { name, role, scope } => {
            let scope = unit(&app, scope.as_deref()).await?;
            let (id, token) = people::add_token(&app.db, (&name, role.role(), scope.as_deref()), &by, now).await?;
            output::line(token)?;
            output::note(format!("token {id}; it is shown this once, put it into a safe place"));
        }
        TokenCommand::List { format } => {
            let mut table = Table::new(vec!["id", "name", "role", "scope", "created", "revoked"]);
            for token in people::tokens(&app.db).await? {
                let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&ZONE).format("%Y-%m-%d").to_string();
                table.rows.push(vec![
                    token.id,
                    token.name,
                    token.role.word().to_owned(),
                    scope(&app, token.scope.as_deref()).await?.unwrap_or_default(),
                    day(token.created_at),
                    token.revoked_at.map(day).unwrap_or_default(),
                ]);
            }
            if table.rows.is_empty() {
                output::note("there is no token yet");
            }
            table.print(format, None)?;
        }
        TokenCommand::Revoke { id } => {
            people::revoke_token(&app.db, &id, &by, now).await?;
            output::line("the token is of no use any more")?;
        }
    }
    app.close().await;
    Ok(Code::Done)
}
