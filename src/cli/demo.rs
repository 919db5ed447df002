//! `dondoc demo`: one whole round on the sample of 2022 in a throw-away database; nothing leaves the machine.

use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use tokio_util::sync::CancellationToken;

use super::arguments::DemoOptions;
use super::exit::{Code, Failure};
use super::progress::Progress;
use super::{output, round, sample};
use crate::app::{App, AppError, Asked, Role};
use crate::channel::{self, Channel, Kind, Settings};
use crate::clock::Clock;
use crate::config;
use crate::db::Durability;
use crate::outbox;
use crate::web;

/// The day the letter's figures end.
const AS_OF: NaiveDate = NaiveDate::from_ymd_opt(2022, 10, 31).expect("31 October 2022 is a day");

pub(super) async fn demo(asked: DemoOptions) -> Result<Code, Failure> {
    let folder = tempfile::Builder::new().prefix("dondoc-demo-").tempdir()?;
    sample::unpack(folder.path())?;
    let (config, _) = config::shipped(folder.path(), &laid_over()).map_err(|problems| Failure::invalid(&problems))?;
    super::start_logging(&config, "warn");
    let app = Arc::new(App::open(config, Clock::System, Role::Worker, Durability::ThrowAway).await?);
    let progress = Progress::start("messages written");
    let count = |queued| progress.at(queued);
    let stop = CancellationToken::new();
    let outcome = app.round(&Asked { as_of: AS_OF, dry_run: false, stop, progress: &count }).await;
    progress.done();
    let (round, reports) = outcome?;
    let tally = outbox::tally(&app.db, Some(&round.run_id)).await?;
    round::summary(&round, &tally, false)?;
    round::explain(&round, &reports, &tally);
    if let Some(out) = &asked.out {
        let written = write_out(&app, out).await?;
        output::line(format!("mails      {written} written to {}", out.display()))?;
    }
    let code = round::code(&round, &reports, &tally);
    if !asked.once {
        serve(&app, asked.listen).await?;
    } else if asked.out.is_none() {
        output::note(
            "hint: `dondoc demo --once --out thu` writes the mails to a folder, `dondoc demo` shows them in a browser",
        );
    }
    app.close().await;
    Ok(code)
}

/// What differs from the shipped configuration: the batch approves itself, and no hour is quiet.
fn laid_over() -> Vec<(String, String)> {
    [
        ("DONDOC__SAFETY__APPROVAL", "never"),
        ("DONDOC__SAFETY__MAX_NEWLY_BELOW_PERCENT", "100"),
        ("DONDOC__POLICY__QUIET_HOURS", ""),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// Hands every captured message to a file channel. Returns how many.
async fn write_out(app: &App, out: &Path) -> Result<usize, Failure> {
    let settings = Settings {
        name: "out".to_owned(),
        kind: Kind::File { folder: out.to_path_buf() },
        pace: crate::channel::Pace::default(),
    };
    let channel = Channel::open(&settings, &app.db, &app.clock).map_err(AppError::from)?;
    let captured = channel::captured(&app.db, u32::MAX, 0).await?;
    for message in &captured {
        let sent = channel.send(&message.parcel()).await;
        sent.map_err(|error| Failure::new(Code::Unexpected, format!("cannot write to `{}`: {error}", out.display())))?;
    }
    Ok(captured.len())
}

async fn serve(app: &Arc<App>, listen: std::net::SocketAddr) -> Result<(), Failure> {
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(|error| {
        Failure::new(
            Code::Unexpected,
            format!("cannot listen on {listen}: {error}\n  remedy: choose another with --listen 127.0.0.1:PORT"),
        )
    })?;
    output::note(format!(
        "the mailbox is at http://{}/ ; Ctrl-C ends the demonstration and deletes it",
        listener.local_addr()?
    ));
    let stop = CancellationToken::new();
    tokio::spawn(super::serve::stop_on_signal(stop.clone()));
    let site = web::Site::of(app, web::Mode::Demo);
    Ok(web::serve(listener, site, stop).await?)
}
