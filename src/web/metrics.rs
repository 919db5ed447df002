//! Gauges for Prometheus, in its text format. No unit and no person in a label.

use std::fmt::{Display, Write as _};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use sqlx::Row as _;

use super::Site;
use super::overview::LastRound;
use crate::clock::from_millis;
use crate::db::{Db, DbError, Sql};
use crate::outbox::{self, State as Entry, Tally};
use crate::{channel, dispatch, read};

pub(super) const OLDEST_PENDING: Sql =
    Sql::portable("SELECT min(ready_at) FROM outbox WHERE state IN ('ready', 'sending')");

pub(super) const SCHEDULES: Sql = Sql::portable(
    "SELECT schedule, state, max(planned_at) FROM schedule_run WHERE state IN ('done', 'skipped', 'failed') \
     GROUP BY schedule, state ORDER BY schedule, state",
);

pub(super) async fn metrics(State(site): State<Site>) -> Response {
    match Reading::take(&site.db).await {
        Ok(reading) => {
            let files = site.intakes.as_ref().map(|intakes| intakes.in_force()).unwrap_or_default();
            let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
            (kind, reading.exposition(site.clock.now(), &files)).into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "the metrics cannot be read");
            (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be read; the log has the cause\n").into_response()
        }
    }
}

/// What the gauges stand on at one moment.
#[derive(Debug)]
struct Reading {
    tally: Tally,
    oldest_pending: Option<i64>,
    paused: bool,
    captured: i64,
    round: Option<LastRound>,
    /// Schedule, how its run ended, and for when it was planned.
    schedules: Vec<(String, String, i64)>,
}

impl Reading {
    async fn take(db: &Db) -> Result<Self, DbError> {
        Ok(Self {
            tally: outbox::tally(db, None).await?,
            oldest_pending: read!(db, OLDEST_PENDING, |sql, pool| {
                sqlx::query(sql).fetch_one(pool).await?.try_get(0)?
            }),
            paused: dispatch::paused(db).await?,
            captured: channel::captured_count(db).await?,
            round: LastRound::load(db).await?,
            schedules: read!(db, SCHEDULES, |sql, pool| sqlx::query_as(sql).fetch_all(pool).await?),
        })
    }

    fn exposition(&self, now: DateTime<Utc>, files: &[(&str, Option<DateTime<Utc>>)]) -> String {
        let mut text = Exposition::default();
        text.gauge("dondoc_build_info", "The version of the program.");
        text.sample("dondoc_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
        text.gauge("dondoc_outbox_messages", "Messages in the outbox by state.");
        for state in Entry::ALL {
            text.sample("dondoc_outbox_messages", &[("state", state.word())], self.tally.of(state));
        }
        let waiting = self.oldest_pending.map_or(0, |since| (now - from_millis(since)).num_seconds().max(0));
        let help = "How long the oldest unsent message has been allowed to go out; 0 when none waits.";
        text.gauge("dondoc_outbox_oldest_pending_seconds", help);
        text.sample("dondoc_outbox_oldest_pending_seconds", &[], waiting);
        text.gauge("dondoc_paused", "Whether sending is paused everywhere.");
        text.sample("dondoc_paused", &[], u8::from(self.paused));
        text.gauge("dondoc_mailbox_messages", "Messages in the built-in mailbox.");
        text.sample("dondoc_mailbox_messages", &[], self.captured);
        self.rounds(&mut text);
        if !files.is_empty() {
            let help = "When the file in force of a source was taken in; 0 before the first one.";
            text.gauge("dondoc_source_file_taken_timestamp_seconds", help);
        }
        for (source, taken) in files {
            let taken = Seconds(taken.map_or(0, |taken| taken.timestamp_millis()));
            text.sample("dondoc_source_file_taken_timestamp_seconds", &[("source", source)], taken);
        }
        text.0
    }

    fn rounds(&self, text: &mut Exposition) {
        if let Some(round) = &self.round {
            text.gauge("dondoc_units", "Units in the newest round by what was found.");
            for (state, count) in
                [("assessed", round.assessed), ("below", round.below), ("not_assessed", round.not_assessed)]
            {
                text.sample("dondoc_units", &[("state", state)], count);
            }
            if let Some(finished) = round.finished_at {
                text.gauge("dondoc_round_last_finished_timestamp_seconds", "When the newest round ended.");
                let labels = [("state", round.state.as_str())];
                text.sample("dondoc_round_last_finished_timestamp_seconds", &labels, Seconds(finished));
            }
        }
        if !self.schedules.is_empty() {
            let help = "For when the last run of a schedule was planned that was done, skipped, or failed.";
            text.gauge("dondoc_schedule_last_run_timestamp_seconds", help);
        }
        for (schedule, result, planned) in &self.schedules {
            let labels = [("schedule", schedule.as_str()), ("result", result.as_str())];
            text.sample("dondoc_schedule_last_run_timestamp_seconds", &labels, Seconds(*planned));
        }
    }
}

/// Milliseconds since 1970, written as seconds.
struct Seconds(i64);

impl Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:03}", self.0.div_euclid(1_000), self.0.rem_euclid(1_000))
    }
}

/// The text that Prometheus reads.
#[derive(Debug, Default)]
struct Exposition(String);

impl Exposition {
    fn gauge(&mut self, name: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge\n");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (place, (label, text)) in labels.iter().enumerate() {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{text}\"", if place == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_break_out_of_its_quotes() {
        let mut text = Exposition::default();
        text.sample("dondoc_units", &[("state", "a\"} 1\ndondoc_paused"), ("result", "\\")], Seconds(1_500));
        assert_eq!(text.0, "dondoc_units{state=\"a\\\"} 1\\ndondoc_paused\",result=\"\\\\\"} 1.500\n");
    }
}
