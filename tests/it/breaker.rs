//! A channel out of order, over several replicas: one of them tries it per rest, no attempt is burnt, and the admins are
//! told once. So are they of messages that wait for a person.

use std::sync::Arc;
use std::time::{Duration, Instant};

use dondoc::app::{App, Role};
use dondoc::channel::{Channel, Kind, Pace, Settings as ChannelSettings};
use dondoc::clock::Clock;
use dondoc::config;
use dondoc::db::{Db, Durability, Sql, Work};
use dondoc::dispatch::{Lane, Limits, Settings};
use dondoc::outbox::{self, Entry, Filter, State};
use tokio_util::sync::CancellationToken;

use crate::replicas::{mail, put};
use crate::support::away::Away;
use crate::support::databases::{self, postgres_url};
use crate::support::meeting::holding;
use crate::support::project::{Plan, Project};
use crate::support::smtp_sink::{SmtpScript, SmtpSink};

const REST: Duration = Duration::from_millis(200);
const REPLICAS: usize = 3;
/// Enough that every replica has a part.
const AT_ONCE: usize = 6;
const TRIES: Sql = Sql::portable("SELECT count(*) FROM attempt WHERE outcome = 'channel_broken'");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_replicas_one_tries_a_broken_channel_per_rest_and_no_attempt_is_burnt() {
    let sink = SmtpSink::start(SmtpScript { mail_code: Some(530), ..SmtpScript::default() }).await;
    let fresh = databases::postgres().await;
    put(&fresh.db, (0..40).map(|number| format!("u{number}@x.example"))).await;
    let settings = Settings { poll: Duration::from_millis(20), channel_rest: REST, ..Settings::default() };
    let kind = mail(&sink, AT_ONCE);
    let channel = ChannelSettings { name: "out".to_owned(), kind, pace: Pace::default() };
    let limits = Limits {
        drain_within: None,
        stop: CancellationToken::new(),
        upstream_done: CancellationToken::new(),
        wake: Arc::default(),
    };
    let began = Instant::now();
    let looking = async {
        // Until several rests are over.
        while number(&fresh.db, TRIES).await < 10 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        limits.stop.cancel();
    };
    let lanes = (0..REPLICAS).map(|number| {
        let channel = Arc::new(Channel::open(&channel, &fresh.db, &Clock::System).unwrap());
        let lane = Lane::new(&fresh.db, &Clock::System, channel, &settings, &format!("w{number}"));
        let limits = &limits;
        async move { Box::pin(lane.run(limits)).await.unwrap() }
    });
    tokio::join!(futures_util::future::join_all(lanes), looking);
    let tries = number(&fresh.db, TRIES).await;
    let rests = i64::try_from(began.elapsed().as_millis() / REST.as_millis()).unwrap();
    // At first as many as are sent at once find it broken, and each replica may try once because it has just started.
    let most = i64::try_from(AT_ONCE + REPLICAS + 1).unwrap() + rests;
    assert!((10..=most).contains(&tries), "{tries} tries in {rests} rests");
    let entries = outbox::list(&fresh.db, &Filter::default()).await.unwrap();
    assert!(entries.iter().all(|entry| (entry.state, entry.attempts) == (State::Ready, 0)), "{entries:?}");
}

/// Sessions that wait for the one with this number, or for one that does.
const WAITING: Sql = Sql::portable(
    "WITH RECURSIVE waiting AS (SELECT pid FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid)) \
     UNION SELECT further.pid FROM pg_stat_activity AS further JOIN waiting ON waiting.pid = ANY(pg_blocking_pids(further.pid))) \
     SELECT count(*) FROM waiting",
);
const ME: Sql = Sql::portable("SELECT pg_backend_pid()");
const CLAIMED: Sql = Sql::portable("SELECT count(*) FROM outbox WHERE begun_at IS NOT NULL");

/// Until every replica waits for what `lock` holds.
async fn until_all_wait(db: &Db, lock: &mut Work) {
    let me: i32 = dondoc::on!(lock, ME, |sql, conn| sqlx::query_scalar(sql).fetch_one(conn).await.unwrap());
    let replicas = i64::try_from(REPLICAS).unwrap();
    loop {
        let waiting: i64 =
            dondoc::read!(db, WAITING, |sql, pool| sqlx::query_scalar(sql).bind(me).fetch_one(pool).await.unwrap());
        if waiting == replicas {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn number(db: &Db, question: Sql) -> i64 {
    dondoc::read!(db, question, |sql, pool| sqlx::query_scalar(sql).fetch_one(pool).await.unwrap())
}

/// All three see the end of the same rest and ask at the same moment: each has read the row, and waits to move it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_replicas_that_ask_at_the_same_moment_exactly_one_tries_a_channel_whose_rest_ended() {
    let fresh = databases::postgres().await;
    let rest = Duration::from_hours(1);
    let settings = Settings { poll: Duration::from_millis(20), channel_rest: rest, ..Settings::default() };
    let channel = ChannelSettings { name: "out".to_owned(), kind: Kind::Capture, pace: Pace::default() };
    let limits = Limits {
        drain_within: None,
        stop: CancellationToken::new(),
        upstream_done: CancellationToken::new(),
        wake: Arc::default(),
    };
    let mut first_claims = holding(&fresh.db, "LOCK TABLE outbox IN EXCLUSIVE MODE").await;
    let looking = async {
        // Every replica has claimed once, so that none may try because it has just started.
        until_all_wait(&fresh.db, &mut first_claims).await;
        alter(&fresh.db, "ALTER TABLE mailbox RENAME TO out_of_order").await;
        alter(&fresh.db, "INSERT INTO channel_rest VALUES ('out', 0, 1, 'out of order')").await;
        let mut tries = holding(&fresh.db, "SELECT * FROM channel_rest FOR UPDATE").await;
        first_claims.rollback().await.unwrap();
        until_all_wait(&fresh.db, &mut tries).await;
        put(&fresh.db, (0..40).map(|number| format!("u{number}@x.example"))).await;
        tries.rollback().await.unwrap();
        while number(&fresh.db, TRIES).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        limits.stop.cancel();
    };
    let lanes = (0..REPLICAS).map(|number| {
        let channel = Arc::new(Channel::open(&channel, &fresh.db, &Clock::System).unwrap());
        let lane = Lane::new(&fresh.db, &Clock::System, channel, &settings, &format!("w{number}"));
        let limits = &limits;
        async move { Box::pin(lane.run(limits)).await.unwrap() }
    });
    tokio::join!(futures_util::future::join_all(lanes), looking);
    assert_eq!(
        (number(&fresh.db, TRIES).await, number(&fresh.db, CLAIMED).await),
        (1, 1),
        "one message of one replica"
    );
}

async fn open(project: &Project) -> App {
    let (config, _) = config::load(Some(&project.path("config.toml")), &[]).expect("a good configuration");
    App::open(config, Clock::System, Role::Visitor, Durability::Full).await.expect("it opens")
}

/// Both replicas look, twice.
async fn look(one: &App, other: &App) {
    for _ in 0..2 {
        let (one, other) = tokio::join!(one.tell_of_trouble(), other.tell_of_trouble());
        one.and(other).expect("they look");
    }
}

/// What the admins were told, as text.
async fn told(db: &Db) -> Vec<(Entry, String)> {
    let mut told = Vec::new();
    for entry in outbox::list(db, &Filter::default()).await.unwrap() {
        if entry.address == "quantri@tinh.example" {
            let (_, content, _) = outbox::show(db, &entry.id).await.unwrap().unwrap();
            told.push((entry, content));
        }
    }
    told
}

async fn alter(db: &Db, change: &'static str) {
    let mut work = db.begin().await.unwrap();
    dondoc::on!(&mut work, Sql::portable(change), |sql, conn| {
        sqlx::query(sql).execute(conn).await.unwrap().rows_affected()
    });
    work.commit().await.unwrap();
}

fn with_admin(database: String) -> Plan {
    let extra = "[alerts]\nto = [\"quantri@tinh.example\"]\n".to_owned();
    Plan { units: 3, database, extra, ..Plan::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_admins_hear_once_that_a_channel_is_out_of_order_and_again_when_it_breaks_again() {
    for database in ["sqlite:dondoc.db".to_owned(), postgres_url().await] {
        let nobody = Away::reserve();
        let away = nobody.addr;
        let project = Project::new(&with_admin(database).mail(away, 1));
        let run = |code: i32| {
            let done = project.run(&["run", "--as-of", "2022-10-31"]);
            assert_eq!(done.code, code, "{}", done.err);
        };
        run(6);
        let (one, other) = (open(&project).await, open(&project).await);
        look(&one, &other).await;
        run(6);
        look(&one, &other).await;
        let heard = told(&one.db).await;
        assert_eq!(heard.len(), 1, "two replicas, two tries, one trouble: {heard:?}");
        assert!(heard[0].1.contains("Kênh gửi `mail` đang gặp sự cố"), "{}", heard[0].1);

        let sink = SmtpSink::start(SmtpScript::default()).await;
        project.edit("config.toml", &away.to_string(), &sink.addr.to_string());
        run(0);
        look(&one, &other).await;
        assert_eq!(told(&one.db).await.len(), 1, "what is mended is no trouble");
        alter(&one.db, "INSERT INTO channel_rest VALUES ('mail', 9999999999999, 9999999999999, 'again')").await;
        look(&one, &other).await;
        assert_eq!(told(&one.db).await.len(), 2, "it broke anew");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_admins_hear_once_a_day_of_messages_that_wait_for_a_person_and_how_many() {
    for database in ["sqlite:dondoc.db".to_owned(), postgres_url().await] {
        let project = Project::new(&with_admin(database));
        assert_eq!(project.run(&["pause"]).code, 0);
        assert_eq!(project.run(&["run", "--as-of", "2022-10-31"]).code, 0);
        let (one, other) = (open(&project).await, open(&project).await);
        look(&one, &other).await;
        assert!(told(&one.db).await.is_empty(), "nothing is wrong");
        alter(&one.db, "UPDATE outbox SET state = 'quarantined', settled_at = created_at WHERE unit_code <> 'X000000'")
            .await;
        look(&one, &other).await;
        let heard = told(&one.db).await;
        assert!(heard.len() == 1 && heard[0].1.contains("2 tin đã ba lần"), "{heard:?}");
        alter(&one.db, "UPDATE outbox SET state = 'held', hold_reason = 'fault' WHERE unit_code = 'X000000'").await;
        look(&one, &other).await;
        let heard = told(&one.db).await;
        assert!(heard.len() == 2 && heard.iter().any(|(_, text)| text.contains("1 tin dự phòng")), "{heard:?}");
    }
}
