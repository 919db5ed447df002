//! The coming rounds as an iCalendar object (RFC 5545), so that people see them beside their own appointments.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Schedule;
use crate::catalog::Calendar;

/// Runs of one schedule that the feed tells of.
const RUNS: usize = 24;
/// Octets of one line, its end not counted.
const LINE: usize = 75;
/// In front of the names and keys that the identities of runs are made of.
const FEED: Uuid = Uuid::from_u128(0x6f0c_9a52_3c1d_5e8b_8d2e_d0d0_c000_0006);

/// The next runs of `schedules` after `now`. `origin` tells installations apart; a run that moves keeps its identity, so
/// that the appointment moves too.
pub fn icalendar(schedules: &[Schedule], calendar: &Calendar, origin: &str, now: DateTime<Utc>) -> String {
    let mut feed = Feed::default();
    feed.line("BEGIN:VCALENDAR");
    feed.line("VERSION:2.0");
    feed.line(concat!("PRODID:-//dondoc//", env!("CARGO_PKG_VERSION"), "//VI"));
    feed.line("CALSCALE:GREGORIAN");
    feed.line("METHOD:PUBLISH");
    feed.line("X-WR-CALNAME:Lịch đôn đốc");
    for schedule in schedules {
        for planned in schedule.upcoming(calendar, now, RUNS) {
            let name = format!("{origin}/{}/{}", schedule.name, planned.run.key.timestamp());
            feed.line("BEGIN:VEVENT");
            feed.line(&format!("UID:{}", Uuid::new_v5(&FEED, name.as_bytes())));
            feed.line(&format!("DTSTAMP:{}", utc(now)));
            feed.line(&format!("DTSTART:{}", utc(planned.run.at)));
            feed.line(&format!("SUMMARY:{}", text(&format!("{} {}", schedule.what.vietnamese(), schedule.name))));
            let said = planned.vietnamese();
            if !said.is_empty() {
                feed.line(&format!("DESCRIPTION:{}", text(&said)));
            }
            feed.line("TRANSP:TRANSPARENT");
            feed.line("END:VEVENT");
        }
    }
    feed.line("END:VCALENDAR");
    feed.0
}

fn utc(instant: DateTime<Utc>) -> String {
    instant.format("%Y%m%dT%H%M%SZ").to_string()
}

/// A value of the kind TEXT.
fn text(plain: &str) -> String {
    plain.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

#[derive(Debug, Default)]
struct Feed(String);

impl Feed {
    /// One content line, folded between characters so that none of its lines has more than 75 octets.
    fn line(&mut self, content: &str) {
        let mut octets = 0;
        for character in content.chars() {
            if octets + character.len_utf8() > LINE {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(character);
            octets += character.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ZONE;
    use crate::pass::{OnDayOff, When};

    fn monthly(name: &str) -> Schedule {
        let when = When::Day("25th of the month".parse().unwrap(), "07:30:00".parse().unwrap());
        let what = crate::pass::What::Round;
        Schedule { name: name.to_owned(), what, when, on_day_off: OnDayOff::Next, time_zone: ZONE }
    }

    fn feed_of(name: &str, calendar: &Calendar) -> String {
        let now = "2026-11-01T00:00:00+07:00".parse().unwrap();
        icalendar(&[monthly(name)], calendar, "https://dondoc.province.example", now)
    }

    #[test]
    fn the_feed_has_one_event_per_run_with_its_reason() {
        let feed = feed_of("monthly", &Calendar::default());
        assert_eq!(feed.matches("BEGIN:VEVENT").count(), RUNS);
        let event = |part: &str| feed.split("BEGIN:VEVENT\r\n").find(|event| event.contains(part)).unwrap().to_owned();
        insta::assert_snapshot!(event("20270426").replace("\r\n", "\n").replace(" \n", "<blank>\n"));
    }

    #[test]
    fn every_line_ends_with_crlf_and_has_at_most_75_octets() {
        let feed = feed_of(&"ữ,;\\".repeat(40), &Calendar::default());
        assert!(feed.ends_with("END:VCALENDAR\r\n") && !feed.replace("\r\n", "").contains(['\r', '\n']));
        assert!(feed.split("\r\n").all(|line| line.len() <= LINE));
        let unfolded = feed.replace("\r\n ", "");
        assert!(unfolded.contains(&format!("SUMMARY:Đợt đôn đốc {}\r\n", "ữ\\,\\;\\\\".repeat(40))));
    }

    #[test]
    fn a_run_that_moves_keeps_its_identity_and_no_two_runs_share_one() {
        let uids = |feed: &str| -> Vec<String> {
            feed.split("\r\n").filter_map(|line| line.strip_prefix("UID:")).map(str::to_owned).collect()
        };
        let year = crate::catalog::CalendarYear {
            year: 2026,
            days_off: vec!["2026-12-25".parse().unwrap()],
            ..Default::default()
        };
        let (usual, moved) = (feed_of("monthly", &Calendar::default()), feed_of("monthly", &Calendar::of(&[year])));
        assert!(usual.contains("DTSTART:20261225T003000Z") && moved.contains("DTSTART:20261228T003000Z"));
        assert_eq!(uids(&usual), uids(&moved));
        let distinct: std::collections::BTreeSet<_> = uids(&usual).into_iter().collect();
        assert_eq!(distinct.len(), RUNS);
    }
}
