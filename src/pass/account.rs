//! What a round keeps of itself while it goes on, for those who started it and for the admins.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::judge::Judged;
use super::{Counts, Round, UnitLine};
use crate::catalog::Catalog;
use crate::decision::{Decision, Hold, UnitDecision};
use crate::observation::{self, Closing};

impl Round {
    /// How many units an alarm names.
    const NAMED: usize = 20;

    pub(super) fn begin(run_id: String, as_of: NaiveDate, closing: Closing) -> Self {
        Self {
            run_id,
            as_of,
            closing,
            snapshots: Vec::new(),
            refusals: Vec::new(),
            strangers: Vec::new(),
            notes: Vec::new(),
            province: Vec::new(),
            counts: Counts::default(),
            remind: 0,
            hold: BTreeMap::new(),
            units: Vec::new(),
            queued: 0,
            trial: 0,
            held: None,
            released: Vec::new(),
            alarms: Vec::new(),
            planned: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, catalog: &Catalog, judged: &Judged) {
        let observations = &judged.examined.observations;
        self.strangers = observations.strangers().to_vec();
        self.notes = observation::notes(catalog, observations);
        if let Some(alarm) = observation::unattributed(&self.strangers) {
            self.alarm(alarm);
        }
        for alarm in observation::difference_alarms(catalog, &observations.differences) {
            self.alarm(alarm);
        }
        self.snapshots.clone_from(&observations.snapshots);
        self.refusals.clone_from(&observations.refusals);
        for (doubt, word) in &judged.examined.released {
            self.released.push(format!("{}: {}; released by {word}", doubt.code, doubt.message));
        }
        for warning in &observations.warnings {
            self.alarm(warning.clone());
        }
        self.province.clone_from(&judged.province);
        self.counts = judged.counts;
    }

    pub(super) fn count(&mut self, catalog: &Catalog, decisions: &[Decision]) {
        for unit in UnitDecision::group(decisions) {
            let (reminded, reason) = (unit.reminded(), unit.reason());
            if reminded {
                self.remind += 1;
            } else {
                *self.hold.entry(reason).or_default() += 1;
            }
            let attributes = catalog.unit(unit.unit);
            self.units.push(UnitLine {
                code: attributes.map(|unit| unit.code.clone()).unwrap_or_default(),
                name: attributes.map(|unit| unit.name.clone()).unwrap_or_default(),
                reminded,
                reason,
            });
        }
        self.units.sort_by(|one, next| one.code.cmp(&next.code));
        self.name_unreached();
    }

    /// A unit that nobody can be reminded for must not be silently left out.
    fn name_unreached(&mut self) {
        let unreached = self.units.iter().filter(|unit| unit.reason == Hold::NoRecipient.word());
        let names: Vec<String> = unreached.map(|unit| format!("{} ({})", unit.name, unit.code)).collect();
        if names.is_empty() {
            return;
        }
        let shown = names.iter().take(Self::NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(Self::NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        self.alarm(format!(
            "{} unit(s) below target were not reminded because no channel reaches their head: {shown}{more}\n  \
             remedy: add a head with an address that a [[channel]] uses to contacts.csv, then `dondoc catalog import`; \
             the next round reminds them",
            names.len(),
        ));
    }

    /// Adds what the admins should know; the same thing is told once, however many messages it befell.
    pub(super) fn alarm(&mut self, text: String) {
        if !self.alarms.contains(&text) {
            self.alarms.push(text);
        }
    }
}
