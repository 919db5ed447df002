//! `dondoc serve`: rounds on schedule, delivery all the time, a graceful stop.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;

use super::exit::{Code, Failure};
use super::output;
use crate::app::{App, AppError, Role, STOP_WITHIN};
use crate::clock::{Clock, local_date};
use crate::config::Config;
use crate::db::Durability;
use crate::dispatch::Limits;
use crate::pass::{self, Held};
use crate::web;

/// How long a round may take before another replica takes it over.
const ROUND_LEASE: Duration = Duration::from_mins(30);
/// After a failure of the database: wait, then go on.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

pub(super) async fn serve(config: Config) -> Result<Code, Failure> {
    let app = App::open(config, Clock::System, Role::Worker, Durability::Full).await?;
    let stop = CancellationToken::new();
    let signal = tokio::spawn(stop_on_signal(stop.clone()));
    let listen = app.config.server.listen;
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(|error| {
        Failure::new(Code::Unexpected, format!("cannot listen on {listen}: {error}\n  remedy: change [server] listen"))
    })?;
    let site = web::Site::new(app.db.clone(), app.clock.clone(), web::Mode::Daemon);
    let planner = Arc::new(Notify::new());
    let mut alarm_clock = alarm_clock(&app.config, &planner).await.map_err(|error| {
        Failure::new(Code::Invalid, format!("a schedule cannot be set: {error}\n  remedy: `dondoc check` names it"))
    })?;
    announce(&app);
    let work = async {
        let pages = web::serve(listener, site, stop.clone());
        let ((), (), pages) = tokio::join!(rounds(&app, &planner, &stop), deliver(&app, &stop), pages);
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
    app.db.close().await;
    Ok(Code::Done)
}

fn announce(app: &App) {
    let now = app.clock.now();
    for schedule in &app.config.schedules {
        let next =
            pass::next_times(schedule, now, 1).first().map(|time| time.with_timezone(&schedule.time_zone).to_string());
        tracing::info!(schedule = %schedule.name, next = next.as_deref().unwrap_or("never"), "next round");
    }
    tracing::info!(listen = %app.config.server.listen, "ready");
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
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
        scheduler
            .add(Job::new_async_tz(schedule.cron.as_str(), schedule.time_zone, wake(Arc::clone(planner)))?)
            .await?;
    }
    scheduler.add(Job::new_async("*/15 * * * * *", wake(Arc::clone(planner)))?).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

/// Plans and runs rounds until told to stop.
async fn rounds(app: &App, planner: &Notify, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = due_rounds(app, stop).await {
            tracing::error!(%error, "a planned round failed; it is tried again when its lease ends");
        }
        tokio::select! {
            () = planner.notified() => {}
            () = stop.cancelled() => {}
        }
    }
}

async fn due_rounds(app: &App, stop: &CancellationToken) -> Result<(), AppError> {
    for (schedule, planned) in pass::plan(&app.db, &app.config.schedules, app.clock.now()).await? {
        tracing::warn!(%schedule, %planned, "a round was missed by more than six hours and is left out; `dondoc run` makes up for it");
    }
    while !stop.is_cancelled() {
        let now = app.db.lease_clock(&app.clock).await?;
        let Some(due) = pass::take_due(&app.db, now, now + ROUND_LEASE).await? else { return Ok(()) };
        let as_of = local_date(due.planned_at);
        match app.decide(as_of, false, &|_| {}).await {
            Ok(round) => {
                let (run, remind, queued) = (&round.run_id, round.remind, round.queued);
                tracing::info!(schedule = %due.schedule, %as_of, run, remind, queued, "round finished");
                if let Some(held) = &round.held {
                    tracing::warn!(schedule = %due.schedule, reason = %held_in_words(held), "the round is held");
                }
            }
            Err(error) => {
                tracing::error!(schedule = %due.schedule, %as_of, %error, "the round could not be carried through");
            }
        }
        pass::finish_due(&app.db, &due).await?;
    }
    Ok(())
}

fn held_in_words(held: &Held) -> String {
    match held {
        Held::Doubts(doubts) => doubts.iter().map(|doubt| doubt.message.as_str()).collect::<Vec<_>>().join("; "),
        Held::Person(reason, why) => format!("{}: {why}", reason.word()),
    }
}

/// Delivers until told to stop; a failing database is waited for.
async fn deliver(app: &App, stop: &CancellationToken) {
    let limits = Limits {
        drain_within: None,
        stop: stop.clone(),
        upstream_done: CancellationToken::new(),
        wake: Arc::clone(&app.wake),
    };
    while !stop.is_cancelled() {
        if let Err(error) = app.deliver(&limits).await {
            tracing::error!(%error, "delivery stopped; it goes on in a moment");
            tokio::select! {
                () = tokio::time::sleep(PAUSE_AFTER_FAILURE) => {}
                () = stop.cancelled() => {}
            }
        }
    }
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
