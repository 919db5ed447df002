//! A round that the quality gate holds: recorded with its reasons, and told to the admins once per episode.
//!
//! An episode lasts from the first round that is held for a doubt about a source until a round is let through. The same
//! hold every hour is one message; another doubt is another one.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::answers::tell_answers;
use super::bounced::tell_bounced;
use super::release::Recorded;
use super::{Alert, Held, Pass, Round, record};
use crate::catalog::Catalog;
use crate::db::{DbError, Sql, Work};
use crate::observation::Doubt;
use crate::people::Deed;
use crate::{observation, on};

const RECORD: Sql = Sql::portable("UPDATE run SET doubts = $2 WHERE id = $1");

/// What was doubted since a round was last let through.
const SINCE: Sql = Sql::portable(
    "SELECT doubts FROM run WHERE state = 'held' AND doubts IS NOT NULL AND id <> $1 AND started_at > \
     (SELECT coalesce(max(started_at), -1) FROM run WHERE state = 'done')",
);

/// Every statement of this file.
pub(super) const STATEMENTS: &[Sql] = &[RECORD, SINCE];

/// Records the round, and tells the admins what they were not told yet.
pub(super) async fn hold(
    pass: &Pass<'_>,
    catalog: &Catalog,
    round: Round,
    fingerprint: &str,
    now: DateTime<Utc>,
) -> Result<Round, DbError> {
    let Some(Held::Doubts(doubts)) = &round.held else { return Ok(round) };
    if pass.dry_run {
        return Ok(round);
    }
    let mut codes: Vec<&str> = doubts.iter().map(|doubt| doubt.code).collect();
    codes.dedup();
    let mut work = pass.begin().await?;
    record::begin(&mut work, &round, now, (fingerprint, pass.by)).await?;
    observation::record(&mut work, &round.run_id, &round.snapshots).await?;
    if !round.snapshots.is_empty() {
        observation::record_unresolved(&mut work, &round.strangers, now).await?;
    }
    let told = told(&mut work, &round.run_id).await?;
    on!(&mut work, RECORD, |sql, conn| {
        sqlx::query(sql).bind(&round.run_id).bind(Recorded::json(doubts)).execute(conn).await?.rows_affected()
    });
    record::finish(&mut work, &round, Some(&codes.join(",")), now).await?;
    if doubts.iter().any(|doubt| !told.contains(&(doubt.source.clone(), doubt.code.to_owned()))) {
        alert(&round, doubts).tell(&mut work, pass.settings, &round.run_id, now).await?;
    }
    tell_answers(&mut work, pass.settings, catalog, (&round.run_id, round.as_of, now)).await?;
    tell_bounced(&mut work, pass.settings, (&round.run_id, round.as_of, now)).await?;
    let detail = format!("as_of={} held: {}", round.as_of, codes.join(","));
    pass.conclude(work, (Deed::RoundStarted, format!("run/{}", round.run_id), detail), now).await?;
    Ok(round)
}

/// Source and code of every doubt of this stretch of held rounds.
async fn told(work: &mut Work, run_id: &str) -> Result<HashSet<(String, String)>, DbError> {
    let rows: Vec<(String,)> = on!(work, SINCE, |sql, conn| sqlx::query_as(sql).bind(run_id).fetch_all(conn).await?);
    let mut told = HashSet::new();
    for (doubts,) in rows {
        told.extend(Recorded::from_json(&doubts)?.into_iter().map(|doubt| (doubt.source, doubt.code)));
    }
    Ok(told)
}

fn alert(round: &Round, doubts: &[Doubt]) -> Alert {
    let day = round.as_of.format("%d/%m/%Y");
    let mut lines: Vec<String> =
        doubts.iter().flat_map(|doubt| [doubt.message.clone(), format!("→ {}", doubt.remedy)]).collect();
    lines.push("Chưa đơn vị nào được nhắc trong đợt này.".to_owned());
    if !round.snapshots.is_empty() {
        lines.push(format!(
            "→ Nếu số liệu đúng: dondoc release {} --note \"lý do\" --by \"họ tên\", rồi chạy lại đợt nhắc.",
            round.run_id
        ));
    }
    Alert {
        occasion: "round_held",
        episode: Some(round.run_id.clone()),
        as_of: round.as_of,
        subject: format!("Đợt đôn đốc đến {day} bị tạm giữ: số liệu cần kiểm tra"),
        lines,
    }
}
