//! `dondoc setup-code` and `user`: who may use the pages.

use std::io::Read as _;

use clap::{Args, Subcommand, ValueEnum};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use crate::app::App;
use crate::catalog;
use crate::clock::ZONE;
use crate::config;
use crate::people::{self, Account, By, Hasher, NewAccount, PeopleError, Role, Terms};

/// A password is shorter.
const LONGEST: u64 = 2 * 1024;

/// What can be asked of accounts.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add an account; prints a first password, which must be changed at the first sign-in
    #[command(
        after_help = "Examples:\n  dondoc user add an.nguyen --name \"Chánh Văn phòng\" --role approve\n  dondoc user add xa.songmai --name \"Văn thư\" --role view --scope 07201"
    )]
    Add(AddOptions),
    /// List accounts
    #[command(after_help = "Example: dondoc user list --format csv")]
    List {
        /// How to print
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Disable an account; its sessions end at once
    #[command(after_help = "Example: dondoc user disable an.nguyen")]
    Disable {
        /// Login name
        login: String,
    },
    /// Let a disabled account in again
    #[command(after_help = "Example: dondoc user enable an.nguyen")]
    Enable {
        /// Login name
        login: String,
    },
    /// Take out for good who an account belonged to; what he did stays in the audit log under an id
    #[command(after_help = "Example: dondoc user forget an.nguyen --yes")]
    Forget {
        /// Login name
        login: String,
        /// Without asking
        #[arg(long)]
        yes: bool,
    },
    /// Take an account from whom the single sign-on knows it by; the next who comes in under its login name takes his place
    #[command(after_help = "Examples:\n  dondoc user unbind an.nguyen\n  dondoc user unbind --all")]
    Unbind {
        /// Login name
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        login: Option<String>,
        /// Every account: the province has another single sign-on
        #[arg(long)]
        all: bool,
    },
    /// Give an account another password, which must be changed at the first sign-in; its sessions end
    #[command(
        after_help = "Examples:\n  dondoc user passwd an.nguyen\n  dondoc user passwd an.nguyen --second-factor-off"
    )]
    Passwd {
        /// Login name
        login: String,
        /// Read the password from standard input instead of making one up
        #[arg(long)]
        password_stdin: bool,
        /// Switch the second factor off too, for who lost phone and recovery codes
        #[arg(long)]
        second_factor_off: bool,
    },
    /// Change an account's role and scope; its sessions end
    #[command(
        after_help = "Examples:\n  dondoc user role an.nguyen admin\n  dondoc user role an.nguyen view --scope 07201"
    )]
    Role {
        /// Login name
        login: String,
        /// The role
        role: RoleWord,
        /// Code of the unit that it is confined to, with all below it [default: the whole province]
        #[arg(long, value_name = "CODE")]
        scope: Option<String>,
    },
}

/// Options of `user add`.
#[derive(Debug, Args)]
pub struct AddOptions {
    /// Login name: 2 to 60 small letters, digits and . _ - @
    login: String,
    /// The person's name
    #[arg(long)]
    name: String,
    /// The role
    #[arg(long, value_enum, default_value = "view")]
    role: RoleWord,
    /// Code of the unit that it is confined to, with all below it [default: the whole province]
    #[arg(long, value_name = "CODE")]
    scope: Option<String>,
    /// Read the password from standard input instead of making one up
    #[arg(long)]
    password_stdin: bool,
}

/// A role as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleWord {
    /// Xem: sees figures and messages
    View,
    /// Biên tập: changes templates, contacts, targets
    Edit,
    /// Duyệt gửi: lets messages go, or holds them
    Approve,
    /// Quản trị: all of it, and the people
    Admin,
}

impl RoleWord {
    pub(super) const fn role(self) -> Role {
        match self {
            Self::View => Role::Viewer,
            Self::Edit => Role::Editor,
            Self::Approve => Role::Approver,
            Self::Admin => Role::Admin,
        }
    }
}

impl From<PeopleError> for Failure {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Refused(refusal) => Self::usage(refusal.to_string()),
            PeopleError::Db(error) => error.into(),
            error @ PeopleError::Machine(_) => Self::new(Code::Unexpected, error.to_string()),
        }
    }
}

/// Who runs the command, for the audit log.
pub(super) fn by() -> By {
    By::command(&config::user().unwrap_or_else(|| "unknown".to_owned()))
}

pub(super) async fn setup_code(app: App) -> Result<Code, Failure> {
    let (code, until) = people::setup_code(&app.db, &by(), app.clock.now()).await?;
    output::line(&code)?;
    let until = until.with_timezone(&ZONE).format("%H:%M");
    output::note(format!(
        "open {}/thiet-lap and type this code before {until}; it makes the first administrator, once",
        app.config.server.public_url
    ));
    app.close().await;
    Ok(Code::Done)
}

pub(super) async fn user(app: App, asked: UserCommand) -> Result<Code, Failure> {
    let (by, now) = (by(), app.clock.now());
    match asked {
        UserCommand::Add(options) => add(&app, &options).await?,
        UserCommand::List { format } => list(&app, format).await?,
        UserCommand::Disable { login } => {
            people::disable(&app.db, &known(&app, &login).await?.id, &by, now).await?;
            output::line(format!("{login} is disabled and signed out"))?;
        }
        UserCommand::Enable { login } => {
            people::enable(&app.db, &known(&app, &login).await?.id, &by, now).await?;
            output::line(format!("{login} may sign in again"))?;
        }
        UserCommand::Forget { login, yes } => {
            let account = known(&app, &login).await?;
            if !yes && !super::approve::confirmed(&format!("forget who {login} was? this cannot be undone")) {
                return Err(Failure::usage("nothing was forgotten\n  remedy: say --yes when it is meant"));
            }
            people::forget(&app.db, &account.id, &by, now).await?;
            output::line(format!("forgotten: the audit log knows the account as {} alone", account.id))?;
        }
        UserCommand::Unbind { login, .. } => unbind(&app, login.as_deref()).await?,
        UserCommand::Passwd { login, password_stdin, second_factor_off } => {
            let account = known(&app, &login).await?;
            let (password, shown) = password(password_stdin)?;
            let change = (account.id.as_str(), &password);
            people::give_password(&app.db, &Hasher::default(), change, &by, now).await?;
            // Asked anew: whoever had the password before may have switched one on until now.
            if second_factor_off && known(&app, &login).await?.has_second_factor() {
                people::take_factor(&app.db, &account.id, &by, now).await?;
            }
            hand_over(&login, &password, shown)?;
        }
        UserCommand::Role { login, role, scope } => {
            let account = known(&app, &login).await?;
            let scope = unit(&app, scope.as_deref()).await?;
            let to = Terms { name: &account.name, role: role.role(), scope: scope.as_deref() };
            people::change(&app.db, &account.id, to, &by, now).await?;
            output::line(format!("{login} has the role {} now", role.role().word()))?;
        }
    }
    app.close().await;
    Ok(Code::Done)
}

/// One account, or all that are bound.
async fn unbind(app: &App, login: Option<&str>) -> Result<(), Failure> {
    let accounts = match login {
        Some(login) => vec![known(app, login).await?],
        None => people::accounts(&app.db).await?,
    };
    let mut done = 0;
    for account in accounts.iter().filter(|account| account.bound_to.is_some()) {
        done += usize::from(people::unbind(&app.db, &account.id, &by(), app.clock.now()).await?);
    }
    match (login, done) {
        (Some(login), 0) => output::note(format!("{login} was not bound")),
        (Some(login), _) => output::line(format!("{login} belongs to whoever comes in by that name next"))?,
        (None, done) => output::line(format!("{done} account(s) belong to whoever comes in by their names next"))?,
    }
    Ok(())
}

async fn known(app: &App, login: &str) -> Result<Account, Failure> {
    let account = people::by_login(&app.db, login).await?;
    account.ok_or_else(|| PeopleError::from(people::Refusal::NoAccount).into())
}

pub(super) async fn unit(app: &App, code: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(code) = code else { return Ok(None) };
    let unit = catalog::unit_by_code(&app.db, code).await?;
    unit.map(Some).ok_or_else(|| PeopleError::from(people::Refusal::NoUnit).into())
}

/// The password, and whether it was made up and must be shown. One never stands in the arguments, which every user of
/// the machine can see.
fn password(from_input: bool) -> Result<(SecretString, bool), Failure> {
    if !from_input {
        let made = people::generated();
        let dice = || Failure::new(Code::Unexpected, "this machine gives no random numbers");
        return Ok((made.ok_or_else(dice)?, true));
    }
    let mut text = String::new();
    std::io::stdin().lock().take(LONGEST).read_to_string(&mut text)?;
    Ok((text.trim_end_matches(['\r', '\n']).to_owned().into(), false))
}

fn hand_over(login: &str, password: &SecretString, shown: bool) -> Result<(), Failure> {
    if shown {
        output::line(password.expose_secret())?;
        output::note(format!("the first password of {login}; hand it over in person, it must be changed at once"));
    } else {
        output::note(format!("{login} has a new password, which must be changed at the first sign-in"));
    }
    Ok(())
}

async fn add(app: &App, options: &AddOptions) -> Result<(), Failure> {
    let scope = unit(app, options.scope.as_deref()).await?;
    let (password, shown) = password(options.password_stdin)?;
    let new = NewAccount {
        login: &options.login,
        name: &options.name,
        role: options.role.role(),
        scope: scope.as_deref(),
        password: &password,
        must_change: true,
    };
    people::add(&app.db, &Hasher::default(), &new, &by(), app.clock.now()).await?;
    hand_over(&options.login, &password, shown)?;
    warn_of_one_admin(app).await
}

/// Told where people look after accounts; nothing is refused because of it.
async fn warn_of_one_admin(app: &App) -> Result<(), Failure> {
    if people::admins(&app.db).await? < 2 {
        output::note(
            "warning: there are fewer than two administrators\n  remedy: make a second one, so that nothing hangs on one person",
        );
    }
    Ok(())
}

async fn list(app: &App, format: Format) -> Result<(), Failure> {
    let accounts = people::accounts(&app.db).await?;
    if accounts.is_empty() {
        output::note("there is no account yet; `dondoc setup-code` begins");
    }
    let mut table = Table::new(vec!["login", "name", "role", "scope", "second_factor", "single_sign_on", "disabled"]);
    let mut objects = Vec::new();
    for account in &accounts {
        let scope = scope(app, account.scope.as_deref()).await?;
        let disabled = account.disabled_at.map(|at| at.with_timezone(&ZONE).format("%Y-%m-%d").to_string());
        objects.push(json!({
            "login": account.login, "name": account.name, "role": account.role.word(), "scope": scope,
            "second_factor": account.has_second_factor(), "single_sign_on": account.bound_to, "disabled": disabled,
        }));
        table.rows.push(vec![
            account.login.clone(),
            account.name.clone(),
            account.role.word().to_owned(),
            scope.unwrap_or_default(),
            if account.has_second_factor() { "on" } else { "off" }.to_owned(),
            if account.bound_to.is_some() { "bound" } else { "" }.to_owned(),
            disabled.unwrap_or_default(),
        ]);
    }
    table.print(format, Some(objects.into()))?;
    if accounts.is_empty() { Ok(()) } else { warn_of_one_admin(app).await }
}

/// The code of the unit that somebody is confined to.
pub(super) async fn scope(app: &App, scope: Option<&str>) -> Result<Option<String>, Failure> {
    let Some(unit) = scope else { return Ok(None) };
    let named = catalog::unit_named(&app.db, unit).await?;
    Ok(Some(named.map_or_else(|| unit.to_owned(), |(code, _)| code)))
}
