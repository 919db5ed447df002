//! How the pages say things: numbers, times, addresses and states.

use chrono::{DateTime, Utc};

use super::catalogue::Tongue;
use crate::catalog::{mask_email, mask_phone};
use crate::clock::ZONE;
use crate::outbox::State;

pub(super) use crate::words::grouped;

/// `2.480`, of a number of things in memory.
pub(super) fn count(number: usize) -> String {
    grouped(u64::try_from(number).unwrap_or(u64::MAX))
}

/// `31/10/2022 08:00`.
pub(super) fn local_time(instant: DateTime<Utc>) -> String {
    instant.with_timezone(&ZONE).format("%d/%m/%Y %H:%M").to_string()
}

/// The same for machines.
pub(super) fn machine_time(instant: DateTime<Utc>) -> String {
    crate::api::time(instant)
}

/// `2022-10-31` as `31/10/2022`; anything else as it is.
pub(super) fn local_date(iso: &str) -> String {
    match iso.parse::<chrono::NaiveDate>() {
        Ok(date) => date.format("%d/%m/%Y").to_string(),
        Err(_) => iso.to_owned(),
    }
}

/// Enough of an address to recognise it, not enough to use it.
pub(super) fn masked(address: &str) -> String {
    if let Some((_, rest)) = address.split_once("://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return host.rsplit('@').next().unwrap_or_default().to_owned();
    }
    if address.contains('@') { mask_email(address) } else { mask_phone(address) }
}

/// What a state is called and what it asks for.
pub(super) fn state(t: Tongue, state: State) -> (&'static str, &'static str) {
    let (name, hint) = match state {
        State::Held => ("state.held", "state.held_hint"),
        State::Ready => ("state.ready", "state.ready_hint"),
        State::Sending => ("state.sending", "state.sending_hint"),
        State::Sent => ("state.sent", "state.sent_hint"),
        State::Uncertain => ("state.uncertain", "state.uncertain_hint"),
        State::Failed => ("state.failed", "state.failed_hint"),
        State::Expired => ("state.expired", "state.expired_hint"),
        State::Cancelled => ("state.cancelled", "state.cancelled_hint"),
        State::Standby => ("state.standby", "state.standby_hint"),
        State::Quarantined => ("state.quarantined", "state.quarantined_hint"),
    };
    (t.say(name), t.say(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_shown_as_the_clock_on_the_wall_shows_it() {
        let instant = "2022-10-31T01:30:00Z".parse().unwrap();
        assert_eq!(local_time(instant), "31/10/2022 08:30");
        assert_eq!(machine_time(instant), "2022-10-31T08:30:00+07:00");
    }

    #[test]
    fn no_address_is_shown_whole() {
        assert_eq!(masked("chutich@songmai.example"), "c***@songmai.example");
        assert_eq!(masked("0900 000 123"), "0900***123");
        assert_eq!(masked("https://user:word@hook.example/secret?key=word"), "hook.example");
    }
}
