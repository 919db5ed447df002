//! `dondoc serve`: rounds on schedule, delivery all the time, a graceful stop.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;

use super::exit::{Code, Failure};
use super::output;
use crate::app::{App, AppError, Intakes, Role, STOP_WITHIN, close_channels};
use crate::catalog::{self, Calendar};
use crate::channel::Channel;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{DbError, Durability};
use crate::dispatch::{Limits, jitter};
use crate::pass::When;
use crate::{people, web};

/// After a failure of the database: wait, then go on.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How often the folders are looked into that files are put into.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

pub(super) async fn serve(config: Config) -> Result<Code, Failure> {
    let app = Arc::new(App::open(config, Clock::System, Role::Worker, Durability::Full).await?);
    let stop = CancellationToken::new();
    let signal = tokio::spawn(stop_on_signal(stop.clone()));
    let hang_ups = tokio::spawn(survive_hang_ups());
    let listen = app.config.server.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        Failure::new(Code::Unexpected, format!("cannot listen on {listen}: {error}\n  remedy: change [server] listen"))
    })?;
    let intakes = Arc::new(app.intakes());
    let channels = app.open_channels()?;
    let site = web::Site::of(&app, web::Mode::Daemon).hearing(&channels).receiving(Arc::clone(&intakes));
    let planner = Arc::new(Notify::new());
    let mut alarm_clock = alarm_clock(&app.config, &planner).await.map_err(|error| {
        Failure::new(Code::Invalid, format!("a schedule cannot be set: {error}\n  remedy: `dondoc check` names it"))
    })?;
    app.recover_planned().await?;
    let calendar = catalog::calendar(&app.db).await?;
    announce(&app, &calendar, listener.local_addr()?);
    announce_people(&app).await?;
    // Why this program must not write any more, once it knows.
    let outdated = Mutex::new(None);
    let desk = Desk::open()?;
    let work = async {
        let pages = desk.show(listener, site, stop.clone());
        let watching = watch(&intakes, &stop);
        let sending = async {
            let ended = deliver(&app, &channels, &stop).await;
            close_channels(&channels).await;
            if let Err(error) = ended {
                *outdated.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                stop.cancel();
            }
        };
        let tending = app.tend(&channels, &stop);
        let ((), (), (), (), pages) = tokio::join!(rounds(&app, &planner, &stop), sending, tending, watching, pages);
        if let Err(error) = pages {
            tracing::error!(%error, "the pages are gone");
        }
    };
    tokio::pin!(work);
    tokio::select! {
        () = &mut work => {}
        () = stop.cancelled() => {
            let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
            tracing::info!("stopping: what is in flight is finished, nothing new is begun");
            let _ = alarm_clock.shutdown().await;
            if tokio::time::timeout(STOP_WITHIN, work).await.is_err() {
                tracing::warn!("a peer did not answer in time; its messages are offered again at the next start");
            }
        }
    }
    signal.abort();
    hang_ups.abort();
    app.db.close().await;
    let outdated = outdated.lock().unwrap_or_else(PoisonError::into_inner).take();
    outdated.map_or(Ok(Code::Done), |error| Err(error.into()))
}

/// Threads of their own for the pages: however many people read, messages leave. It stays open until the database is closed,
/// for both sides use the same connections.
struct Desk(Option<Runtime>);

impl Desk {
    fn open() -> Result<Self, Failure> {
        let runtime = Builder::new_multi_thread().thread_name("pages").enable_all().build();
        let runtime = runtime.map_err(|error| {
            Failure::new(Code::Unexpected, format!("cannot start threads for the pages: {error}\n  remedy: raise the limit of threads of this user (ulimit -u)"))
        })?;
        Ok(Self(Some(runtime)))
    }

    async fn show(&self, listener: TcpListener, site: web::Site, stop: CancellationToken) -> std::io::Result<()> {
        let Some(runtime) = &self.0 else { return Ok(()) };
        runtime.spawn(web::serve(listener, site, stop)).await.unwrap_or_else(|error| Err(std::io::Error::other(error)))
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // Waiting for its threads is not possible within another runtime, and nothing is left for them to do.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// `address` is where the pages are really found: port 0 in the configuration means any free one.
fn announce(app: &App, calendar: &Calendar, address: SocketAddr) {
    let now = app.clock.now();
    if app.config.schedules.is_empty() {
        tracing::warn!("no [[schedule]]: what waits in the outbox is delivered, but no round begins by itself");
    }
    for schedule in &app.config.schedules {
        let next = schedule.next_after(calendar, now);
        let next = next.map(|time| time.with_timezone(&schedule.time_zone).to_string());
        tracing::info!(schedule = %schedule.name, next = next.as_deref().unwrap_or("never"), "next round");
    }
    tracing::info!(listen = %address, "ready");
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
}

/// What whoever looks after the machine must know of the door.
async fn announce_people(app: &App) -> Result<(), DbError> {
    if !people::any(&app.db).await? {
        tracing::warn!(
            "no account yet: the pages are shown on this machine only; `dondoc setup-code` makes the first administrator"
        );
    }
    if !app.config.server.public_url.starts_with("https://") {
        tracing::warn!(
            "[server] public_url is plain http: the session cookie is not marked Secure; use https as soon as others sign in"
        );
    }
    if let Some(head) = people::head(&app.db).await? {
        tracing::info!(number = head.number, hash = %head.hash, "audit head at the start");
    }
    Ok(())
}

/// Wakes the planner at each schedule's time and every quarter of a minute. It decides nothing: rows do.
async fn alarm_clock(config: &Config, planner: &Arc<Notify>) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    let wake = |planner: Arc<Notify>| {
        move |_, _| -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
            let planner = Arc::clone(&planner);
            Box::pin(async move { planner.notify_one() })
        }
    };
    for schedule in &config.schedules {
        if let When::Cron(line) = &schedule.when {
            let job = Job::new_async_tz(line.as_str(), schedule.time_zone, wake(Arc::clone(planner)))?;
            scheduler.add(job).await?;
        }
    }
    scheduler.add(Job::new_async("*/15 * * * * *", wake(Arc::clone(planner)))?).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

/// Plans and runs rounds until told to stop.
async fn rounds(app: &App, planner: &Notify, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = app.planned_rounds(stop).await {
            tracing::error!(%error, "the database failed under the planning; it goes on in a moment");
        }
        tokio::select! {
            () = planner.notified() => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Looks after the folders that files are put into until told to stop. What is being judged then is given up: it is still
/// where it was.
async fn watch(intakes: &Intakes, stop: &CancellationToken) {
    if intakes.sources().next().is_none() {
        return;
    }
    let looking = async {
        loop {
            intakes.look().await;
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    };
    stop.run_until_cancelled(looking).await;
}

/// Delivers until told to stop; a failing database is waited for.
///
/// # Errors
/// [`DbError::Outdated`]: a newer program took over the database.
async fn deliver(app: &App, channels: &[Arc<Channel>], stop: &CancellationToken) -> Result<(), AppError> {
    let limits = Limits {
        drain_within: None,
        stop: stop.clone(),
        upstream_done: CancellationToken::new(),
        wake: Arc::clone(&app.wake),
    };
    let mut failures = 0;
    while !stop.is_cancelled() {
        match app.deliver(channels, &limits).await {
            Err(error @ AppError::Db(DbError::Outdated { .. })) => {
                tracing::error!(%error, "a newer program works on this database: this one stops");
                return Err(error);
            }
            Err(error) => {
                failures += 1;
                tracing::error!(%error, "delivery stopped; it goes on in a moment");
                tokio::select! {
                    () = tokio::time::sleep(jitter(PAUSE_AFTER_FAILURE, &app.worker, failures)) => {}
                    () = stop.cancelled() => {}
                }
            }
            Ok(_) => failures = 0,
        }
    }
    Ok(())
}

/// Cancels `stop` on Ctrl-C or SIGTERM.
pub(super) async fn stop_on_signal(stop: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(error) => {
            output::note(format!("warning: SIGTERM cannot be waited for: {error}"));
            let _ = tokio::signal::ctrl_c().await;
        }
    }
    stop.cancel();
}

/// By default SIGHUP ends a process. Terminals send it when they close, and people to have a configuration read again;
/// neither means that reminders should stop.
async fn survive_hang_ups() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::hangup()) {
        Ok(mut hang_up) => {
            while hang_up.recv().await.is_some() {
                tracing::warn!(
                    "SIGHUP changes nothing: the configuration is read at the start; restart to apply changes"
                );
            }
        }
        Err(error) => tracing::warn!(%error, "SIGHUP cannot be waited for and would end the program"),
    }
}
