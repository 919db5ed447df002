//! What became of a message, in words, with what mends it: a table over what machines say.

use super::catalogue::Tongue;
use super::words;
use crate::app::Bar;
use crate::outbox::{Ending, Entry, Fact, HoldReason, State};

/// What is said about a message beside its state; keys of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Trouble {
    pub(super) shown: &'static str,
    pub(super) remedy: &'static str,
    /// The page where it is mended, and the key of what it is called; empty: here.
    pub(super) place: (&'static str, &'static str),
}

const fn trouble(shown: &'static str, remedy: &'static str) -> Trouble {
    Trouble { shown, remedy, place: ("", "") }
}

const fn at(place: (&'static str, &'static str), trouble: Trouble) -> Trouble {
    Trouble { place, ..trouble }
}

const APPROVAL: (&str, &str) = ("/duyet", "trouble.go_approval");
const SETTINGS: (&str, &str) = ("/cai-dat", "trouble.go_settings");

const NO_ADDRESS: Trouble = trouble("trouble.no_address", "trouble.mend_address");
const FULL: Trouble = trouble("trouble.full", "trouble.call_or_other");
const NO_ZALO: Trouble = trouble("trouble.no_zalo", "trouble.mend_number_or_other");

/// By which way it goes, as far as the words differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Mail,
    Zalo,
    Sms,
    Other,
}

impl Way {
    /// Of a channel of this kind; where the kind is not known, by the address.
    pub(super) fn of(kind: Option<&str>, address: &str) -> Self {
        match kind {
            Some("email") => Self::Mail,
            Some("zalo" | "zalo_bot") => Self::Zalo,
            Some("sms") => Self::Sms,
            _ if address.contains('@') && !address.contains("://") => Self::Mail,
            _ => Self::Other,
        }
    }
}

/// Why a message is where it is, when there is more to say than its state does.
pub(super) fn of(entry: &Entry, way: Way, ending: Option<&Ending>, facts: &[Fact]) -> Option<Trouble> {
    match entry.state {
        State::Held => entry.hold_reason.as_deref().map(held),
        State::Sent if facts.contains(&Fact::Bounced) => Some(trouble("trouble.bounced", "trouble.mend_address_next")),
        State::Sent if facts.contains(&Fact::Undelivered) => {
            Some(trouble("trouble.undelivered", "trouble.call_or_mend"))
        }
        State::Sent | State::Cancelled | State::Standby | State::Expired => None,
        State::Ready | State::Sending | State::Failed | State::Uncertain | State::Quarantined => {
            ending.and_then(|ending| ended(entry.state, way, ending))
        }
    }
}

fn held(reason: &str) -> Trouble {
    match HoldReason::ALL.into_iter().find(|known| known.word() == reason) {
        Some(HoldReason::Approval) => at(APPROVAL, trouble("trouble.approval", "trouble.approval_do")),
        Some(HoldReason::Guard) => at(APPROVAL, trouble("trouble.guard", "trouble.guard_do")),
        Some(HoldReason::Trial) => at(SETTINGS, trouble("trouble.trial", "trouble.trial_do")),
        Some(HoldReason::Fault) => trouble("trouble.fault", "trouble.fault_do"),
        Some(HoldReason::Person) | None => trouble("trouble.person", "trouble.person_do"),
    }
}

/// What the last attempt says.
fn ended(state: State, way: Way, ending: &Ending) -> Option<Trouble> {
    let later = matches!(state, State::Ready | State::Sending);
    match (ending.outcome.as_str(), way) {
        ("accepted" | "handed_back", _) => None,
        ("channel_broken", _) => Some(broken(way, ending)),
        ("lost", _) => Some(trouble("trouble.lost", "trouble.lost_do")),
        ("unknown", _) if !later => Some(trouble("trouble.unknown", "trouble.unknown_do")),
        ("transient" | "throttled" | "unknown", _) if later => Some(postponed(way, ending)),
        ("transient" | "throttled", _) => Some(trouble("trouble.tried", "trouble.check_address")),
        (_, Way::Mail) => Some(refused_mail(ending)),
        ("recipient", Way::Zalo) => Some(NO_ZALO),
        ("recipient", Way::Sms) => Some(trouble("trouble.no_phone", "trouble.mend_number")),
        ("permanent", Way::Zalo) => Some(at(SETTINGS, trouble("trouble.zalo_content", "trouble.zalo_content_do"))),
        ("permanent", Way::Sms) => Some(at(SETTINGS, trouble("trouble.sms_content", "trouble.sms_content_do"))),
        ("recipient", _) => Some(trouble("trouble.unreached", "trouble.mend_directory")),
        _ => Some(trouble("trouble.refused", "trouble.see_answer")),
    }
}

/// The channel's fault, and no message's.
fn broken(way: Way, ending: &Ending) -> Trouble {
    let said = ending.answer.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    match way {
        Way::Mail if matches!(ending.code, Some(530 | 534 | 535 | 538)) => {
            at(SETTINGS, trouble("trouble.login", "trouble.login_do"))
        }
        Way::Mail if has(&["certificate", "tls", "handshake"]) => {
            at(SETTINGS, trouble("trouble.tls", "trouble.tls_do"))
        }
        Way::Zalo => at(SETTINGS, trouble("trouble.zalo_broken", "trouble.zalo_broken_do")),
        _ => at(SETTINGS, trouble("trouble.broken", "trouble.broken_do")),
    }
}

fn postponed(way: Way, ending: &Ending) -> Trouble {
    match (way, ending.code) {
        (Way::Mail, Some(452 | 552)) => trouble("trouble.full_or_no_room", "trouble.tries_again"),
        (Way::Zalo, Some(-144 | -147 | -1441 | -1471 | -1472)) => {
            at(SETTINGS, trouble("trouble.zalo_quota", "trouble.zalo_quota_do"))
        }
        _ => trouble("trouble.postponed", "trouble.tries_again"),
    }
}

/// Refused for good: the enhanced status decides where there is one, else the code.
#[expect(clippy::match_same_arms, reason = "what the status says goes before what the code says")]
fn refused_mail(ending: &Ending) -> Trouble {
    match (status(&ending.answer), ending.code) {
        (Some((2, 2)), _) => FULL,
        (Some((2, 1)), _) => trouble("trouble.closed", "trouble.mend_address"),
        (Some((2, 3) | (3, 4)), _) => trouble("trouble.too_large", "trouble.shorten"),
        (Some((7, _)), _) => trouble("trouble.spam", "trouble.spam_do"),
        (Some((1, _)), _) => NO_ADDRESS,
        (_, Some(552)) => FULL,
        (_, Some(550 | 551 | 553 | 556)) => NO_ADDRESS,
        (_, Some(554)) => trouble("trouble.spam", "trouble.spam_do"),
        _ if ending.outcome == "recipient" => NO_ADDRESS,
        _ => trouble("trouble.refused_mail", "trouble.see_answer_mail"),
    }
}

/// Subject and detail of the first `5.subject.detail` in what the relay said.
fn status(answer: &str) -> Option<(u16, u16)> {
    answer.split_whitespace().find_map(|word| {
        let mut numbers = word.strip_prefix("5.")?.split('.');
        let (subject, detail) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        numbers.next().is_none().then_some((subject, detail))
    })
}

/// Why a wish is not granted.
pub(super) fn bar(t: Tongue, bar: Bar) -> String {
    let key = match bar {
        Bar::NoWords => "bar.no_words",
        Bar::TookOver => "bar.took_over",
        Bar::Unknown => "bar.unknown",
        Bar::Trial => "bar.trial",
        Bar::SecondPerson => "bar.second_person",
        Bar::State(state) => return t.with("bar.state", words::state(t, state).0),
    };
    t.say(key).to_owned()
}

/// How an attempt ended.
pub(super) fn outcome(t: Tongue, word: &str) -> &'static str {
    t.say(match word {
        "accepted" => "attempt.accepted",
        "permanent" => "attempt.permanent",
        "recipient" => "attempt.recipient",
        "transient" => "attempt.transient",
        "throttled" => "attempt.throttled",
        "channel_broken" => "attempt.channel_broken",
        "unknown" => "attempt.unknown",
        "handed_back" => "attempt.handed_back",
        "lost" => "attempt.lost",
        "by_hand" => "attempt.by_hand",
        _ => "attempt.other",
    })
}

/// What was said of a message after it was taken.
pub(super) fn fact(t: Tongue, fact: Fact) -> &'static str {
    t.say(match fact {
        Fact::Delayed => "fact.delayed",
        Fact::Delivered => "fact.delivered",
        Fact::Undelivered => "fact.undelivered",
        Fact::Bounced => "fact.bounced",
        Fact::Seen => "fact.seen",
    })
}

/// What a message is.
pub(super) fn kind(t: Tongue, word: &str) -> &'static str {
    t.say(match word {
        "reminder" => "message_kind.reminder",
        "thanks" => "message_kind.thanks",
        "copy" => "message_kind.copy",
        "digest" => "message_kind.digest",
        "correction" => "message_kind.correction",
        "admin_note" => "message_kind.admin_note",
        "alert" => "message_kind.alert",
        _ => "message_kind.message",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(way: Way, state: State, (outcome, code, answer): (&str, i64, &str)) -> &'static str {
        let ending = Ending {
            entry_id: String::new(),
            outcome: outcome.to_owned(),
            code: Some(code),
            answer: answer.to_owned(),
        };
        ended(state, way, &ending).map_or("", |trouble| trouble.shown)
    }

    #[test]
    fn what_machines_say_is_said_in_words_with_what_mends_it() {
        for (way, state, ending, shown) in [
            (Way::Mail, State::Failed, ("recipient", 550, "550 5.1.1 no such user"), "trouble.no_address"),
            (Way::Mail, State::Failed, ("recipient", 550, "550 no such user"), "trouble.no_address"),
            (Way::Mail, State::Failed, ("recipient", 552, "552 5.2.2 full"), "trouble.full"),
            (Way::Mail, State::Failed, ("permanent", 552, "552 5.3.4 too big"), "trouble.too_large"),
            (Way::Mail, State::Failed, ("permanent", 554, "554 5.7.1 spam"), "trouble.spam"),
            (Way::Mail, State::Ready, ("transient", 451, "4.7.1 later"), "trouble.postponed"),
            (Way::Mail, State::Ready, ("transient", 452, "4.2.2 full"), "trouble.full_or_no_room"),
            (Way::Mail, State::Ready, ("channel_broken", 535, "535 5.7.8 login"), "trouble.login"),
            (Way::Mail, State::Ready, ("channel_broken", 0, "invalid peer certificate"), "trouble.tls"),
            (Way::Mail, State::Ready, ("channel_broken", 0, "refused"), "trouble.broken"),
            (Way::Zalo, State::Failed, ("recipient", -118, "x"), "trouble.no_zalo"),
            (Way::Zalo, State::Ready, ("channel_broken", -124, "x"), "trouble.zalo_broken"),
            (Way::Zalo, State::Ready, ("throttled", -144, "x"), "trouble.zalo_quota"),
            (Way::Zalo, State::Failed, ("permanent", -1122, "x"), "trouble.zalo_content"),
            (Way::Sms, State::Failed, ("permanent", 0, "x"), "trouble.sms_content"),
            (Way::Sms, State::Uncertain, ("unknown", 0, "x"), "trouble.unknown"),
            (Way::Other, State::Quarantined, ("lost", 0, "x"), "trouble.lost"),
            (Way::Mail, State::Ready, ("handed_back", 0, "x"), ""),
        ] {
            assert_eq!(said(way, state, ending), shown, "{way:?} {ending:?}");
        }
    }
}
