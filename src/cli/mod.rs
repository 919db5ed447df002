//! The command line: what can be asked, and which file answers.

mod approve;
mod arguments;
mod arguments_catalog;
mod arguments_outbox;
mod arguments_template;
mod audit;
mod backtest;
mod cases;
mod channel;
mod check;
mod configuration;
mod demo;
mod desk;
mod digest;
mod directory;
mod documents;
mod effect;
mod exit;
mod explain;
mod mapped;
mod mend;
mod outbox;
mod output;
mod packs;
mod people;
mod preview;
mod progress;
mod pull;
mod purge;
mod release;
mod reply;
mod report;
mod restated;
mod review;
mod round;
mod schedule;
mod serve;
mod setup;
mod silence;
mod taken;
mod template;
mod template_check;
mod template_desk;
mod token;
mod units;
mod zalo;
mod zalo_check;

pub use arguments::{Arguments, Command};
pub use exit::{Code, Failure};

use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::app::{self, App, Role};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::db::Durability;
use crate::worker;

/// Runs the program: reads the arguments, does what they ask, says how it went.
pub fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == worker::COMMAND) {
        return worker::serve(&app::TASKS);
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            let shown = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if shown { Code::Done.into() } else { Code::Usage.into() };
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::note(format!("error: cannot start: {error}"));
            return Code::Unexpected.into();
        }
    };
    let code = match runtime.block_on(answer(arguments)) {
        Ok(code) => code,
        Err(failure) => {
            output::note(format!("error: {}", failure.message));
            failure.code
        }
    };
    runtime.shutdown_background();
    code.into()
}

async fn answer(arguments: Arguments) -> Result<Code, Failure> {
    let Arguments { config, command } = arguments;
    let config = config.as_deref();
    match command {
        Command::Demo(demo) => Box::pin(demo::demo(demo)).await,
        Command::Serve => Box::pin(serve::serve(load(config, "info")?)).await,
        Command::Run(run) => Box::pin(round::run(load(config, "warn")?, run)).await,
        Command::Check { format } => check::check(config, format).await,
        Command::Pull { as_of, sample, format } => pull::pull(visit(config).await?, as_of, sample, format).await,
        Command::Preview(asked) => preview::preview(visit(config).await?, asked).await,
        Command::Digest(asked) => Box::pin(digest::digest(load(config, "warn")?, asked)).await,
        Command::Report { effect: true, format, .. } => effect::effect(visit(config).await?, format).await,
        Command::Report { unit, as_of, format, .. } => {
            report::report(visit(config).await?, unit.as_deref(), as_of, format).await
        }
        Command::Template(asked) => Box::pin(template::template(visit(config).await?, asked)).await,
        Command::Catalog(asked) => packs::catalog(visit(config).await?, asked).await,
        Command::Outbox(asked) => outbox::outbox(visit(config).await?, asked).await,
        Command::Backtest(asked) => backtest::backtest(visit(config).await?, asked).await,
        Command::Silence(asked) => silence::silence(visit(config).await?, asked).await,
        Command::Case(asked) => cases::cases(visit(config).await?, asked).await,
        Command::Approve(asked) => approve::approve(visit(config).await?, asked).await,
        Command::Release(asked) => release::release(visit(config).await?, asked).await,
        Command::Channel(asked) => channel::channel(visit(config).await?, asked).await,
        Command::Reply(asked) => reply::reply(visit(config).await?, asked).await,
        Command::Restated(asked) if asked.send => Box::pin(restated::send(load(config, "warn")?, asked)).await,
        Command::Restated(asked) => restated::restated(visit(config).await?, asked).await,
        Command::Zalo(asked) => Box::pin(zalo::zalo(visit(config).await?, asked)).await,
        Command::Setup(asked) => setup::setup(visit(config).await?, asked).await,
        Command::SetupCode => people::setup_code(visit(config).await?).await,
        Command::User(asked) => Box::pin(people::user(visit(config).await?, asked)).await,
        Command::Token(asked) => token::token(visit(config).await?, asked).await,
        Command::Audit(asked) => audit::audit(visit(config).await?, asked).await,
        Command::Schedule(asked) => schedule::schedule(visit(config).await?, asked).await,
        Command::Pause { by, why } => approve::pause(visit(config).await?, true, (&by, &why)).await,
        Command::Resume { by } => approve::pause(visit(config).await?, false, (&by, "")).await,
        Command::Purge(asked) => purge::purge(visit(config).await?, asked).await,
        Command::Migrate => approve::migrate(visit(config).await?).await,
        Command::Config(asked) => configuration::configuration(&load(config, "warn")?, asked),
        Command::Completions { shell } => documents::completions(shell),
        Command::Man => documents::man(),
    }
}

/// The configuration, its warnings told on standard error.
fn load(file: Option<&Path>, usual_logging: &str) -> Result<Config, Failure> {
    let (config, warnings) =
        config::load(file, &config::environment()).map_err(|problems| Failure::invalid(&problems))?;
    start_logging(&config, usual_logging);
    for warning in warnings {
        output::note(warning.to_string());
    }
    Ok(config)
}

/// Opens the database beside a working `serve`, to look or to write shortly.
async fn visit(file: Option<&Path>) -> Result<App, Failure> {
    Ok(App::open(load(file, "warn")?, Clock::System, Role::Visitor, Durability::Full).await?)
}

/// Log lines go to standard error; `RUST_LOG` says which, otherwise `usual`.
fn start_logging(config: &Config, usual: &str) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(usual));
    let logging = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Colours are for people; a journal or a file would keep their codes.
    let logging = logging.with_ansi(output::watched());
    let _ = match config.log {
        config::LogFormat::Text => logging.with_target(false).try_init(),
        config::LogFormat::Json => logging.json().try_init(),
    };
}
