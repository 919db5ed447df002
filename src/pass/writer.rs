//! The writing half of a pass: messages, and the rows that make them true.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::amend::Amendments;
use super::answers::tell_answers;
use super::batch::{self, Group, Planned as Draft};
use super::bounced::tell_bounced;
use super::judge::Judged;
use super::{Alert, Examined, Pass, PassError, Planned, Round, approval, footing, record, times};
use crate::catalog::{Catalog, Recipient, mask_email, mask_phone};
use crate::db::{DbError, Work};
use crate::decision::{Decision, History, Passed};
use crate::message::{Composed, Figures, Message, compose};
use crate::observation::Observations;
use crate::outbox::{self, HoldReason, NewEntry, Times};
use crate::people::Deed;
use crate::{catalog, decision, evaluation, observation, reply};

/// Writes messages and stores them with the decisions behind them.
pub(super) struct Writer<'a> {
    pub(super) pass: &'a Pass<'a>,
    pub(super) catalog: &'a Catalog,
    pub(super) history: &'a History,
    pub(super) passed: &'a [Passed],
    pub(super) as_of: NaiveDate,
    /// What the messages speak of.
    pub(super) figures: &'a Figures,
    /// Makes the links by which recipients answer.
    pub(super) signer: Option<&'a reply::Signer<'a>>,
    pub(super) now: DateTime<Utc>,
    pub(super) lock: Option<HoldReason>,
    /// Addresses that give messages back.
    pub(super) avoid: &'a reply::Unreachable,
    /// What was judged by, as [`footing::judged_by`] has it.
    pub(super) judged_by: &'a str,
}

/// A group whose messages are written and not yet stored.
struct Written<'a> {
    group: Group<'a>,
    entries: Vec<NewEntry>,
    alarms: Vec<String>,
}

impl Writer<'_> {
    /// Opens the round and amends what still waits from earlier ones. From then on it is known that units were judged, and
    /// what they were judged by is not taken back any more; before, it may have been.
    pub(super) async fn begin(
        &self,
        round: &mut Round,
        fingerprint: &str,
        amendments: &Amendments,
    ) -> Result<(), PassError> {
        let mut work = self.pass.begin().await?;
        outbox::keep_still(&mut work).await?;
        catalog::keep_still(&mut work).await?;
        if footing::judged_by(&catalog::load_in(&mut work).await?) != self.judged_by {
            work.rollback().await?;
            return Err(PassError::CatalogChanged);
        }
        record::begin(&mut work, round, self.now, (fingerprint, self.pass.by)).await?;
        observation::record(&mut work, &round.run_id, &round.snapshots).await?;
        observation::record_unresolved(&mut work, &round.strangers, self.now).await?;
        decision::record_passed(&mut work, self.passed, self.as_of).await?;
        self.amend(&mut work, round, amendments).await?;
        let deed = (Deed::RoundStarted, format!("run/{}", round.run_id), format!("as_of={}", round.as_of));
        Ok(self.pass.conclude(work, deed, self.now).await?)
    }

    /// Group by group: the next one is written while the last one is stored.
    pub(super) async fn write(
        &self,
        round: &mut Round,
        judged: &Judged,
        decisions: &[Decision],
        wrote: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), DbError> {
        let observations = &judged.examined.observations;
        let mut waiting: Option<Written<'_>> = None;
        let groups = batch::groups(self.catalog, &judged.evaluations, decisions);
        for group in groups.into_iter().map(Some).chain([None]) {
            let write_next = async {
                match group {
                    Some(group) => Some(self.compose(group).await),
                    None => None,
                }
            };
            let store_last = async {
                match waiting.take() {
                    Some(written) => self.store(&round.run_id, observations, written).await.map(Some),
                    None => Ok(None),
                }
            };
            let (next, stored) = tokio::join!(write_next, store_last);
            if let Some((queued, trial, alarms)) = stored? {
                round.queued += queued;
                round.trial += trial;
                for alarm in alarms {
                    round.alarm(alarm);
                }
                wrote(round.queued);
            }
            waiting = next;
        }
        Ok(())
    }

    async fn compose<'g>(&self, group: Group<'g>) -> Written<'g> {
        let planned = self.drafts(&group);
        let mut written = Written { group, entries: Vec::with_capacity(planned.len()), alarms: Vec::new() };
        for (planned, composed) in planned.iter().zip(self.words(&planned).await) {
            let key = |channel: &str| planned.dedup_key(channel, self.history, self.as_of);
            let recipient = planned.draft.recipient;
            let way = planned.way(&key, self.lock, self.avoid);
            let entries = batch::entries(self.catalog, self.pass.settings, recipient, &composed, &way);
            if entries.is_empty() {
                written.alarms.push(format!("no channel reaches {}", planned.draft.recipient.title));
            }
            written.entries.extend(entries);
            written.alarms.extend(composed.alarm);
        }
        written
    }

    /// One draft per recipient, with the link by which he can answer what he is reminded of.
    fn drafts<'c>(&'c self, group: &Group<'c>) -> Vec<Draft<'c>> {
        let mut drafts = group.drafts(self.catalog, self.history);
        for planned in &mut drafts {
            let cases = planned.cases(self.history, self.as_of);
            planned.draft.link = self.link(planned.draft.recipient, &cases);
        }
        drafts
    }

    /// Where `recipient` can answer a letter about `cases`.
    pub(super) fn link(&self, recipient: &Recipient, cases: &[Uuid]) -> Option<String> {
        self.signer?.link(recipient, cases)
    }

    async fn words(&self, planned: &[Draft<'_>]) -> Vec<Composed> {
        let drafts: Vec<_> = planned.iter().map(|planned| planned.draft.clone()).collect();
        compose(self.pass.renderer, self.catalog, &drafts, self.figures).await
    }

    async fn store(
        &self,
        run_id: &str,
        observations: &Observations,
        written: Written<'_>,
    ) -> Result<(u64, u64, Vec<String>), DbError> {
        let trial = written.entries.iter().filter(|entry| entry.is_held_by_trial()).count();
        let mut work = self.pass.begin().await?;
        evaluation::record(&mut work, run_id, written.group.evaluations).await?;
        let units = written.group.units();
        observation::record_by_service(&mut work, run_id, observations, units.iter().map(|unit| unit.unit)).await?;
        decision::record(&mut work, run_id, &units, self.history, self.as_of).await?;
        let queued = self.enqueue(&mut work, run_id, written.entries).await?;
        work.commit().await?;
        Ok((queued, u64::try_from(trial).unwrap_or(u64::MAX), written.alarms))
    }

    async fn enqueue(&self, work: &mut Work, run_id: &str, entries: Vec<NewEntry>) -> Result<u64, DbError> {
        let (mobile, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| self.is_mobile(entry));
        let queued = outbox::enqueue(work, run_id, &others, self.times(false)).await?;
        Ok(queued + outbox::enqueue(work, run_id, &mobile, self.times(true)).await?)
    }

    fn is_mobile(&self, entry: &NewEntry) -> bool {
        self.pass.settings.channels.iter().any(|channel| channel.name == entry.channel && channel.is_mobile())
    }

    /// When a message may go out: after the quiet hours, on a working day, and to a phone never at night.
    fn times(&self, mobile: bool) -> Times {
        times(self.pass.settings, &self.catalog.calendar, self.now, mobile)
    }

    /// Closes the round and asks a second person, for the reason `asks`, about all that waits for one, of this round or
    /// an earlier one: what was cancelled since then would void their word for ever. Returns how many messages wait.
    pub(super) async fn finish(
        &self,
        round: &mut Round,
        judged: &Judged,
        decisions: &[Decision],
        asks: Option<HoldReason>,
    ) -> Result<u64, DbError> {
        let copies = self.copies(judged, decisions).await;
        for alarm in copies.alarms.into_iter().chain(self.letters_due(decisions)) {
            round.alarm(alarm);
        }
        let trial = copies.entries.iter().filter(|entry| entry.is_held_by_trial()).count();
        round.trial += u64::try_from(trial).unwrap_or(u64::MAX);
        let mut work = self.pass.begin().await?;
        outbox::keep_still(&mut work).await?;
        round.queued += self.enqueue(&mut work, &round.run_id, copies.entries).await?;
        decision::copied(&mut work, &copies.cases).await?;
        let waiting = match asks {
            Some(reason) => approval::ask(&mut work, (&round.run_id, self.pass.by), reason, self.now).await?,
            None => 0,
        };
        if !round.alarms.is_empty() {
            let alert = Alert {
                occasion: "round_alarm",
                episode: None,
                as_of: self.as_of,
                subject: format!("Đợt đôn đốc đến {}: cần kiểm tra", self.as_of.format("%d/%m/%Y")),
                lines: round.alarms.iter().take(Alert::LINES).cloned().collect(),
            };
            alert.tell(&mut work, self.pass.settings, &round.run_id, self.now).await?;
        }
        for year in self.catalog.calendar.unannounced(self.as_of) {
            unannounced(year).tell(&mut work, self.pass.settings, &round.run_id, self.now).await?;
        }
        tell_answers(&mut work, self.pass.settings, self.catalog, (&round.run_id, self.as_of, self.now)).await?;
        tell_bounced(&mut work, self.pass.settings, (&round.run_id, self.as_of, self.now)).await?;
        let Examined { observations, before, .. } = &judged.examined;
        let accepted = (round.closing.until, waiting > 0);
        observation::accept(&mut work, &round.run_id, observations, before, accepted).await?;
        observation::forget_by_service(&mut work, self.now).await?;
        evaluation::record_whole(&mut work, &round.run_id, &judged.province).await?;
        record::finish(&mut work, round, None, self.now).await?;
        work.commit().await?;
        Ok(waiting)
    }

    /// The dry run: everything but storing.
    pub(super) async fn plan(&self, round: &mut Round, judged: &Judged, decisions: &[Decision]) {
        for group in batch::groups(self.catalog, &judged.evaluations, decisions) {
            let planned = self.drafts(&group);
            for (planned, composed) in planned.iter().zip(self.words(&planned).await) {
                let key = |channel: &str| planned.dedup_key(channel, self.history, self.as_of);
                let recipient = planned.draft.recipient;
                let way = planned.way(&key, self.lock, self.avoid);
                let entries = batch::entries(self.catalog, self.pass.settings, recipient, &composed, &way);
                let Some(entry) = entries.into_iter().next() else { continue };
                round.planned.push(self.planned(entry, Some(composed.message)));
                if let Some(alarm) = composed.alarm {
                    round.alarm(alarm);
                }
            }
        }
        let copies = self.copies(judged, decisions).await;
        for entry in copies.entries.into_iter().filter(NewEntry::is_first) {
            let message = serde_json::from_str::<Message>(&entry.content).ok();
            round.planned.push(self.planned(entry, message));
        }
        for alarm in copies.alarms {
            round.alarm(alarm);
        }
    }

    fn planned(&self, entry: NewEntry, message: Option<Message>) -> Planned {
        let channel = self.pass.settings.channels.iter().find(|channel| channel.name == entry.channel);
        let charge = channel.zip(message.as_ref()).and_then(|(channel, message)| channel.charge(message));
        let unit = self.catalog.units.iter().find(|unit| unit.code == entry.unit_code);
        Planned {
            unit_name: unit.map(|unit| unit.name.clone()).unwrap_or_default(),
            unit_code: entry.unit_code,
            channel: entry.channel,
            address: mask(&entry.address),
            subject: message.map(|message| message.subject).unwrap_or_default(),
            hold: entry.hold,
            segments: charge.map(|(length, _)| length.segments),
            price: charge.and_then(|(_, price)| price),
        }
    }
}

/// Enough of an address to recognise it.
pub(super) fn mask(address: &str) -> String {
    if address.contains('@') { mask_email(address) } else { mask_phone(address) }
}

/// Told once per admin and year, whatever round finds it out first.
fn unannounced(year: i32) -> Alert {
    Alert {
        occasion: "calendar_not_announced",
        episode: Some(year.to_string()),
        as_of: NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default(),
        subject: format!("Lịch nghỉ năm {year}: chưa có thông báo trong hệ thống"),
        lines: vec![
            format!("Ngày nghỉ Tết, Quốc khánh và ngày hoán đổi năm {year} đang được tính theo quy định chung."),
            "Đợt đôn đốc vẫn diễn ra; ngày làm việc có thể khác với thông báo chính thức.".to_owned(),
            format!("→ Khi có thông báo: thêm năm {year} vào calendar.toml rồi chạy: dondoc catalog import"),
        ],
    }
}
