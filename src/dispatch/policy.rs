//! What follows from an ended attempt: pure, so that a table can say it all.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Hours, Settings};
use crate::channel::{Class, Receipt, SendError};
use crate::outbox::{Claimed, Outcome, Settlement, State};

/// The settlement of `claimed` after its channel answered `result`.
pub(super) fn settlement(
    claimed: &Claimed,
    result: &Result<Receipt, SendError>,
    span: (DateTime<Utc>, DateTime<Utc>),
    (settings, hours): (&Settings, &Hours),
) -> Settlement {
    let (started_at, now) = span;
    let error = match result {
        Ok(receipt) => {
            let ended = claimed.ended(started_at, now, Outcome::Accepted);
            let Receipt { answer, reference, sent_hash } = receipt.clone();
            return Settlement { answer, reference, sent_hash, ..ended };
        }
        Err(error) => error,
    };
    let later = |least| again(claimed, now, settings, least, |due| hours.again(started_at, due));
    let (outcome, (next, due_at)) = match error.class {
        Class::Permanent => (Outcome::Permanent, (State::Failed, None)),
        Class::Transient => (Outcome::Transient, later(Duration::ZERO)),
        Class::Throttled(after) => (Outcome::Throttled, later(after)),
        Class::ChannelBroken => (Outcome::ChannelBroken, (State::Ready, Some(now))),
        Class::Recipient => (Outcome::Recipient, (State::Failed, None)),
        Class::Unknown => (Outcome::Unknown, once_more(claimed, later(Duration::ZERO))),
    };
    Settlement {
        code: error.code,
        answer: error.reason.clone(),
        next,
        due_at,
        burnt: outcome != Outcome::ChannelBroken,
        ..claimed.ended(started_at, now, outcome)
    }
}

/// After an unknown outcome: again only while the peer still knows the message by its id.
fn once_more(claimed: &Claimed, (state, due_at): (State, Option<DateTime<Utc>>)) -> (State, Option<DateTime<Utc>>) {
    match due_at {
        Some(due) if due.timestamp_millis() < claimed.resend_until => (state, due_at),
        _ => (State::Uncertain, None),
    }
}

/// The settlement of an entry that was claimed and whose turn did not come: as if it had never been claimed.
pub(super) fn handed_back(claimed: &Claimed, now: DateTime<Utc>) -> Settlement {
    Settlement {
        answer: "handed back before it was begun".to_owned(),
        next: State::Ready,
        burnt: false,
        ..claimed.ended(now, now, Outcome::HandedBack)
    }
}

/// Due again after the wait for this attempt, at least `least`, when messages may go out by `opens_at`. Failed when the
/// waits are used up; expired when its validity would be.
fn again(
    claimed: &Claimed,
    now: DateTime<Utc>,
    settings: &Settings,
    least: Duration,
    opens_at: impl Fn(DateTime<Utc>) -> DateTime<Utc>,
) -> (State, Option<DateTime<Utc>>) {
    let nth = usize::try_from(claimed.attempts - 1).unwrap_or(0);
    let Some(wait) = settings.retry_after.get(nth) else { return (State::Failed, None) };
    let due = opens_at(now + jittered(*wait, claimed).max(least));
    if due.timestamp_millis() >= claimed.valid_until { (State::Expired, None) } else { (State::Ready, Some(due)) }
}

/// Full jitter drawn from the entry's id and attempt: spread over the entries, the same on every rerun.
fn jittered(wait: Duration, claimed: &Claimed) -> Duration {
    let seed = claimed.id.bytes().chain(claimed.attempts.to_le_bytes());
    let hash =
        seed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let thousandths = u32::try_from(hash % 1_000).unwrap_or(0) + 1;
    wait * thousandths / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(attempts: i64) -> Claimed {
        Claimed {
            id: "0b8e4a3e-0000-5000-8000-000000000001".to_owned(),
            dedup_key: "reminder/07201/head/mail/1".to_owned(),
            recipient_id: "07201/head".to_owned(),
            message_id: "<x@tinh.example>".to_owned(),
            address: "ubnd@xa.example".to_owned(),
            unit_code: "07201".to_owned(),
            content: "{}".to_owned(),
            attempts,
            epoch: attempts,
            ready_at: None,
            valid_until: now().timestamp_millis() + 3_600_000,
            resend_until: i64::MAX,
            host: "xa.example".to_owned(),
            chain_id: None,
        }
    }

    fn now() -> DateTime<Utc> {
        "2022-10-31T08:00:00+07:00".parse().unwrap()
    }

    fn settle(attempts: i64, class: Class, resend: bool) -> Settlement {
        let error = SendError { class, code: Some(451), reason: "later".to_owned() };
        let resend_until = if resend { i64::MAX } else { 0 };
        let claimed = Claimed { resend_until, ..claimed(attempts) };
        settlement(&claimed, &Err(error), (now(), now()), (&Settings::default(), &Hours::always()))
    }

    #[test]
    fn each_class_of_error_leads_to_its_state() {
        for (class, resend, state, burnt) in [
            (Class::Permanent, true, State::Failed, true),
            (Class::Recipient, true, State::Failed, true),
            (Class::Transient, true, State::Ready, true),
            (Class::ChannelBroken, true, State::Ready, false),
            (Class::Unknown, true, State::Ready, true),
            (Class::Unknown, false, State::Uncertain, true),
        ] {
            let settlement = settle(1, class, resend);
            assert_eq!((settlement.next, settlement.burnt), (state, burnt), "{class:?}");
        }
    }

    #[test]
    fn each_failed_attempt_waits_at_most_as_long_as_the_table_says_and_never_not_at_all() {
        let minutes = |count: u64| Duration::from_secs(count * 60);
        for (attempts, most) in [
            (1, Duration::from_secs(5)),
            (2, Duration::from_secs(30)),
            (3, minutes(5)),
            (4, minutes(15)),
            (5, minutes(60)),
            (6, minutes(180)),
            (7, minutes(360)),
        ] {
            for class in [Class::Transient, Class::Unknown, Class::Throttled(Duration::ZERO)] {
                let long = Claimed { valid_until: i64::MAX, ..claimed(attempts) };
                let error = SendError { class, code: None, reason: String::new() };
                let settlement =
                    settlement(&long, &Err(error), (now(), now()), (&Settings::default(), &Hours::always()));
                let due = settlement.due_at.unwrap();
                assert!(due > now() && due <= now() + most, "{attempts} {class:?}: {due}");
            }
        }
    }

    #[test]
    fn waits_differ_between_entries_and_not_between_reruns() {
        let other = Claimed { id: "another".to_owned(), ..claimed(3) };
        assert_ne!(jittered(Duration::from_mins(5), &other), jittered(Duration::from_mins(5), &claimed(3)));
        assert_eq!(jittered(Duration::from_mins(5), &claimed(3)), jittered(Duration::from_mins(5), &claimed(3)));
    }

    #[test]
    fn what_is_handed_back_is_as_if_it_had_never_been_claimed() {
        let settlement = handed_back(&claimed(1), now());
        assert_eq!((settlement.next, settlement.due_at, settlement.burnt), (State::Ready, None, false));
    }

    #[test]
    fn a_peer_that_names_a_time_is_not_asked_before() {
        let due = settle(1, Class::Throttled(Duration::from_mins(2)), true).due_at.unwrap();
        assert!(due >= now() + Duration::from_mins(2));
    }

    #[test]
    fn an_entry_fails_when_its_waits_are_used_up_and_expires_when_its_validity_would_be() {
        assert_eq!(settle(8, Class::Transient, true).next, State::Failed, "seven waits, eight attempts");
        assert_eq!(settle(1, Class::Throttled(Duration::from_hours(2)), true).next, State::Expired, "valid one hour");
    }

    #[test]
    fn what_is_tried_again_waits_for_the_end_of_quiet_hours_unless_it_went_out_in_them() {
        let morning = now() + Duration::from_mins(30);
        let long = Claimed { valid_until: i64::MAX, ..claimed(1) };
        let error = || SendError { class: Class::Transient, code: None, reason: String::new() };
        let begins = now() + Duration::from_millis(1);
        let hours = Hours::of(move |at| if at >= begins && at < morning { morning } else { at });
        let settlement = |from| settlement(&long, &Err(error()), (from, now()), (&Settings::default(), &hours));
        assert_eq!(settlement(now()).due_at, Some(morning), "it went out before they began");
        assert!(settlement(begins).due_at.unwrap() < now() + Duration::from_secs(6), "an alert goes at any hour");
    }
}
