//! A history that goes on in memory: what the database would hold after each round.

use chrono::{Days, NaiveDate};

use super::store::moved_case;
use super::{Decision, History};

/// So many days of reminders are remembered per unit.
const RECENT: u64 = 7;

impl History {
    /// Goes on as if `decisions` of a round as of `as_of` had been stored.
    pub fn remember(&mut self, decisions: &[Decision], as_of: NaiveDate) {
        let moved: Vec<_> = decisions.iter().filter_map(|decision| moved_case(decision, self, as_of)).collect();
        for file in moved {
            let key = (file.unit, file.indicator);
            match file.closed_on {
                Some(_) => drop(self.open.remove(&key)),
                None => drop(self.open.insert(key, file.case)),
            }
        }
        let since = as_of.checked_sub_days(Days::new(RECENT)).unwrap_or(as_of);
        for decision in decisions.iter().filter(|decision| decision.is_reminder()) {
            let dates = self.recent.entry(decision.unit.clone()).or_default();
            dates.retain(|date| since < *date);
            if dates.last() != Some(&as_of) {
                dates.push(as_of);
            }
        }
        self.last_as_of = self.last_as_of.max(Some(as_of));
    }
}
