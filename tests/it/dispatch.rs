//! Lanes against peers on loopback, the clock moved by hand: what is tried again, when, and what is not.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dondoc::channel::{Channel, Kind, Settings as ChannelSettings, Webhook};
use dondoc::clock::Clock;
use dondoc::dispatch::{self, Lane, Limits, Report, Settings};
use dondoc::outbox::{self, Entry, Filter, NewEntry, Resend, State, Times};
use tokio_util::sync::CancellationToken;

use crate::support::databases::{self, Fresh};
use crate::support::http_stub::{HttpAnswer, HttpStub};
use crate::support::mailbox::start;
use crate::support::parcels::{email, parcel};
use crate::support::smtp_sink::{Fault, SmtpScript, SmtpSink, What};

/// An outbox, a clock that stands still, and the rules of delivery.
struct Bench {
    fresh: Fresh,
    clock: Clock,
    settings: Settings,
}

impl Bench {
    /// With messages to `u0@x.example`, `u1@x.example` …, valid for 48 hours.
    async fn with(messages: usize) -> Self {
        let poll = Duration::from_millis(20);
        let bench = Self {
            fresh: databases::sqlite().await,
            clock: Clock::at(start()),
            settings: Settings { poll, ..Settings::default() },
        };
        let content = serde_json::to_string(&parcel(0, "").content).unwrap();
        bench.put((0..messages).map(|number| entry(number, &content)).collect()).await;
        bench
    }

    async fn put(&self, entries: Vec<NewEntry>) {
        let now = self.clock.now();
        let times = Times { now, due_at: now, valid_until: now + self.settings.valid_for };
        let mut work = self.fresh.db.begin().await.unwrap();
        outbox::enqueue(&mut work, "run-1", &entries, times).await.unwrap();
        work.commit().await.unwrap();
    }

    fn lane(&self, kind: Kind) -> Lane {
        let settings = ChannelSettings { name: "out".to_owned(), kind, pace: dondoc::channel::Pace::default() };
        let channel = Arc::new(Channel::open(&settings, &self.fresh.db, &self.clock).unwrap());
        Lane::new(&self.fresh.db, &self.clock, channel, &self.settings, "worker-1")
    }

    /// Offers what is due now, until nothing is.
    async fn drain(&self, kind: Kind) -> Report {
        let limits = limits(Some(Duration::ZERO));
        limits.upstream_done.cancel();
        self.lane(kind).run(&limits).await.unwrap()
    }

    /// Works a lane for ever while `meanwhile` looks on; then stops it in order.
    async fn work<T>(&self, kind: Kind, meanwhile: impl Future<Output = T>) -> T {
        let limits = limits(None);
        let looking = async {
            let seen = meanwhile.await;
            limits.stop.cancel();
            seen
        };
        let (report, seen) = tokio::join!(Box::pin(self.lane(kind).run(&limits)), looking);
        report.unwrap();
        seen
    }

    async fn entries(&self) -> Vec<Entry> {
        outbox::list(&self.fresh.db, &Filter::default()).await.unwrap()
    }

    async fn only(&self) -> Entry {
        let mut entries = self.entries().await;
        assert_eq!(entries.len(), 1);
        entries.remove(0)
    }

    async fn count(&self, state: State) -> u64 {
        outbox::tally(&self.fresh.db, None).await.unwrap().of(state)
    }

    /// Waits until so many entries are in `state`.
    async fn until(&self, state: State, count: u64) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.count(state).await != count {
            assert!(Instant::now() < deadline, "{} and not {count} are {}", self.count(state).await, state.word());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

fn limits(drain_within: Option<Duration>) -> Limits {
    Limits {
        drain_within,
        stop: CancellationToken::new(),
        upstream_done: CancellationToken::new(),
        wake: Arc::default(),
    }
}

fn entry(number: usize, content: &str) -> NewEntry {
    NewEntry {
        dedup_key: format!("reminder/u{number}/out/1"),
        unit_code: format!("u{number}"),
        recipient_id: format!("u{number}/head"),
        channel: "out".to_owned(),
        address: format!("u{number}@x.example"),
        domain: "tinh.example".to_owned(),
        content: content.to_owned(),
        resend: Resend::Always,
        hold: None,
        turn: None,
    }
}

async fn sink(recipients: usize, what: What, times: usize) -> SmtpSink {
    let faults = (0..recipients).map(|number| (format!("u{number}@x.example"), Fault { what, times })).collect();
    SmtpSink::start(SmtpScript { faults, ..SmtpScript::default() }).await
}

/// Mail over so many connections.
fn mail(sink: &SmtpSink, max_connections: usize) -> Kind {
    let mut settings = email(sink);
    settings.routes[0].max_connections = max_connections;
    Kind::Email(Box::new(settings))
}

fn hook(stub: &HttpStub) -> Kind {
    let timeout = Duration::from_secs(5);
    Kind::Webhook(Webhook { timeout, allow_private: true, ..Webhook::to(stub.url("/hook")) })
}

/// Waits until the sink has taken in so many mails.
async fn arrived(sink: &SmtpSink, count: usize) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while sink.received().len() < count {
        assert!(Instant::now() < deadline, "{} of {count} arrived", sink.received().len());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn distinct(sink: &SmtpSink) -> usize {
    sink.received().into_iter().map(|mail| mail.message_id).collect::<HashSet<_>>().len()
}

#[tokio::test]
async fn a_4xx_is_tried_again_by_the_back_off_until_it_is_delivered() {
    let sink = sink(1, What::RefuseRecipient(451), 2).await;
    let bench = Bench::with(1).await;
    for (tried, wait) in [(1, 5), (2, 30)] {
        bench.drain(mail(&sink, 4)).await;
        bench.drain(mail(&sink, 4)).await;
        let entry = bench.only().await;
        assert_eq!((entry.state, entry.attempts), (State::Ready, tried), "once, and not again before it is due");
        let longest = Duration::from_secs(wait);
        assert!(entry.due_at > bench.clock.now() && entry.due_at <= bench.clock.now() + longest, "{}", entry.due_at);
        bench.clock.advance(longest);
    }
    assert_eq!(bench.drain(mail(&sink, 4)).await.sent, 1);
    let entry = bench.only().await;
    assert_eq!((entry.state, entry.attempts, sink.accepted()), (State::Sent, 3, 1));
    let (_, _, attempts) = outbox::show(&bench.fresh.db, &entry.id).await.unwrap().unwrap();
    let hashes: Vec<Option<String>> = attempts.into_iter().map(|attempt| attempt.sent_hash).collect();
    let taken = dondoc::channel::mail_hash(&sink.received().last().unwrap().raw);
    assert_eq!(hashes, [None, None, Some(taken)], "of the mail that was taken, and of no other");
}

#[tokio::test]
async fn a_5xx_fails_once_and_the_others_are_served() {
    let sink = sink(1, What::RefuseRecipient(550), usize::MAX).await;
    let bench = Bench::with(5).await;
    let report = bench.drain(mail(&sink, 4)).await;
    assert_eq!((report.failed, report.sent), (1, 4));
    assert_eq!(report.refusals[0].0, "u0");
    bench.clock.advance(Duration::from_hours(24));
    let report = bench.drain(mail(&sink, 4)).await;
    assert_eq!((report.failed, report.sent), (0, 0), "it is settled");
    let entries = bench.entries().await;
    let failed = entries.iter().find(|entry| entry.state == State::Failed).expect("the refused one");
    assert_eq!((failed.unit_code.as_str(), failed.attempts), ("u0", 1));
}

#[tokio::test]
async fn a_webhook_is_not_asked_again_before_its_retry_after() {
    let stub = HttpStub::start([HttpAnswer::with_header(503, "Retry-After", "120")]).await;
    let bench = Bench::with(1).await;
    bench.drain(hook(&stub)).await;
    bench.clock.advance(Duration::from_millis(119_999));
    bench.drain(hook(&stub)).await;
    assert_eq!(stub.requests().len(), 1, "a moment too early");
    bench.clock.advance(Duration::from_millis(1));
    assert_eq!(bench.drain(hook(&stub)).await.sent, 1);
    let requests = stub.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[0].header("idempotency-key"), requests[1].header("idempotency-key"));
}

#[tokio::test]
async fn an_answer_lost_after_the_body_is_made_good_by_the_same_bytes_under_the_same_id() {
    let sink = sink(1, What::DropAfterBody, 1).await;
    let bench = Bench::with(1).await;
    bench.drain(mail(&sink, 4)).await;
    assert_eq!(bench.only().await.state, State::Ready);
    bench.clock.advance(Duration::from_secs(5));
    bench.drain(mail(&sink, 4)).await;
    let received = sink.received();
    assert_eq!((bench.only().await.state, received.len()), (State::Sent, 2));
    assert_eq!(received[0].message_id, bench.only().await.message_id);
    assert_eq!(received[0].raw, received[1].raw);
}

#[tokio::test]
async fn a_channel_out_of_order_costs_no_message_an_attempt() {
    let sink = SmtpSink::start(SmtpScript { mail_code: Some(530), ..SmtpScript::default() }).await;
    let bench = Bench::with(40).await;
    let report = bench.drain(mail(&sink, 4)).await;
    assert!(report.broken.is_some() && report.failed == 0, "{report:?}");
    assert!(sink.connections() <= 4, "those that waited for their turn did not knock: {}", sink.connections());
    let entries = bench.entries().await;
    assert!(entries.iter().all(|entry| (entry.state, entry.attempts) == (State::Ready, 0)), "{entries:?}");
}

#[tokio::test]
async fn a_channel_that_rested_is_tried_with_one_message_and_then_goes_on_by_itself() {
    let stub = HttpStub::start(vec![HttpAnswer::status(401); 17]).await;
    let mut bench = Bench::with(40).await;
    bench.settings.channel_rest = Duration::from_millis(100);
    bench.work(hook(&stub), bench.until(State::Sent, 40)).await;
    assert_eq!(stub.requests().len(), 17 + 40);
    let entries = bench.entries().await;
    assert!(entries.iter().all(|entry| entry.attempts == 1), "{entries:?}");
}

#[tokio::test]
async fn a_message_that_could_not_leave_in_time_expires_instead_of_coming_late() {
    let broken = SmtpSink::start(SmtpScript { mail_code: Some(530), ..SmtpScript::default() }).await;
    let repaired = SmtpSink::start(SmtpScript::default()).await;
    let bench = Bench::with(3).await;
    bench.drain(mail(&broken, 4)).await;
    bench.clock.advance(bench.settings.valid_for);
    bench.work(mail(&repaired, 4), bench.until(State::Expired, 3)).await;
    assert!(repaired.received().is_empty());
}

#[tokio::test]
async fn a_message_whose_turn_comes_after_its_validity_is_not_sent() {
    let sink = sink(2, What::Slow(Duration::from_millis(150)), 2).await;
    let bench = Bench::with(2).await;
    let too_late = async {
        arrived(&sink, 1).await;
        bench.clock.advance(bench.settings.valid_for);
        bench.until(State::Expired, 1).await;
    };
    bench.work(mail(&sink, 1), too_late).await;
    assert_eq!((bench.count(State::Sent).await, sink.received().len()), (1, 1));
}

#[tokio::test]
async fn a_pause_takes_back_what_has_not_begun_and_a_resume_sends_it_once() {
    let sink = sink(12, What::Slow(Duration::from_millis(100)), 1).await;
    let bench = Bench::with(12).await;
    let meanwhile = async {
        arrived(&sink, 1).await;
        dispatch::set_paused(&bench.fresh.db, true, "test", start()).await.unwrap();
        bench.until(State::Sending, 0).await;
        let after_pause = sink.received().len();
        dispatch::set_paused(&bench.fresh.db, false, "test", start()).await.unwrap();
        bench.until(State::Sent, 12).await;
        after_pause
    };
    let after_pause = Box::pin(bench.work(mail(&sink, 1), meanwhile)).await;
    assert!(after_pause <= 3, "{after_pause} of six that were claimed went out");
    assert_eq!((sink.received().len(), distinct(&sink)), (12, 12));
    assert!(bench.entries().await.iter().all(|entry| entry.attempts == 1));
}

#[tokio::test]
async fn a_stop_settles_what_has_begun_and_hands_the_rest_back() {
    let sink = sink(12, What::Slow(Duration::from_millis(150)), 1).await;
    let bench = Bench::with(12).await;
    bench.work(mail(&sink, 2), arrived(&sink, 1)).await;
    let begun = sink.received().len();
    assert!(begun <= 2, "{begun}");
    let states = (bench.count(State::Sent).await, bench.count(State::Ready).await);
    assert_eq!(states, (u64::try_from(begun).unwrap(), 12 - u64::try_from(begun).unwrap()));
    bench.drain(mail(&sink, 2)).await;
    assert_eq!((sink.received().len(), distinct(&sink)), (12, 12), "nothing lost, nothing twice");
    assert!(bench.entries().await.iter().all(|entry| (entry.state, entry.attempts) == (State::Sent, 1)));
}

#[tokio::test]
async fn a_message_that_cannot_be_read_any_more_fails_alone() {
    let sink = SmtpSink::start(SmtpScript::default()).await;
    let bench = Bench::with(3).await;
    bench.put(vec![entry(9, "{\"subject\":")]).await;
    let report = bench.drain(mail(&sink, 4)).await;
    assert_eq!((report.sent, report.failed, sink.accepted()), (3, 1, 3));
}

/// A gateway to phones is quiet from 21:00 to 07:00, whatever is due: first attempts, retries, and what was late.
#[tokio::test]
async fn no_phone_rings_at_night_and_what_waited_goes_out_in_the_morning() {
    let stub = HttpStub::start(vec![HttpAnswer::status(503)]).await;
    let Kind::Webhook(webhook) = hook(&stub) else { panic!("a webhook") };
    let phone = || Kind::Webhook(Webhook { mobile: true, ..webhook.clone() });
    let mut bench = Bench::with(1).await;
    bench.settings.retry_after = vec![Duration::from_mins(30); 3];
    bench.clock.advance(Duration::from_mins(12 * 60 + 59));
    bench.drain(phone()).await;
    assert_eq!((stub.requests().len(), bench.only().await.attempts), (1, 1), "20:59");
    for hours in 1..=9 {
        bench.clock.advance(Duration::from_hours(1));
        bench.drain(phone()).await;
        assert_eq!((stub.requests().len(), bench.only().await.state), (1, State::Ready), "{hours} hours later");
    }
    bench.clock.advance(Duration::from_mins(61));
    bench.drain(phone()).await;
    assert_eq!((stub.requests().len(), bench.only().await.state), (2, State::Sent), "07:00");
}
