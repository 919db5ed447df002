//! The refresh of a pair of tokens, killed at every write of a round that begins with it. A refresh token is good once, and
//! its use for a second time ends the grant: then a person consents again, and nothing is lost but that.

use std::time::{Duration, Instant};

use super::ground::{Engine, Ground, Installation, UNITS};
use super::peers::{Peer as _, Zalo};
use super::{a_person_decides, at_every_write, done, judge, killed, place, run, written};
use crate::support::project::{Done, Project};

/// Far longer than the lease on a request for a new token.
const LEASES_END: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_token_is_replaced_under_kills_on_sqlite() {
    sweep(Engine::Sqlite, Age::Old).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_token_is_replaced_under_kills_on_postgresql() {
    sweep(Engine::Postgres, Age::Old).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_token_is_replaced_under_kills_on_sqlite() {
    sweep(Engine::Sqlite, Age::Ended).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ended_token_is_replaced_under_kills_on_postgresql() {
    sweep(Engine::Postgres, Age::Ended).await;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    /// Of 21 hours: it still serves.
    Old,
    /// Of 26 hours.
    Ended,
}

const OLDER: [&str; 2] = [
    "UPDATE zalo_token SET obtained_at = obtained_at - 75600000, expires_at = expires_at - 75600000 RETURNING version",
    "UPDATE zalo_token SET obtained_at = obtained_at - 93600000, expires_at = expires_at - 93600000 RETURNING version",
];

async fn aged(ground: &Ground, zalo: &Zalo, age: Age) -> Installation {
    let installation = ground.installation(zalo).await;
    let (older, ended) = (OLDER[usize::from(age == Age::Ended)], age == Age::Ended);
    let seeded: Vec<(i64,)> = installation.sql(older).await;
    assert_eq!(seeded, [(1,)]);
    if ended {
        zalo.0.state().end_access();
    }
    installation
}

async fn sweep(engine: Engine, age: Age) {
    let ground = Ground::lay(engine).await;
    let zalo = Zalo::start().await;
    let installation = aged(&ground, &zalo, age).await;
    let writes = written(&installation.project).await;
    judge(&zalo, &installation.project, "undisturbed");
    assert_eq!(zalo.0.spent(), (1, 0));
    installation.forget().await;
    at_every_write(writes, |nth, torn| survive(&ground, age, nth, torn)).await;
    ground.clear().await;
}

async fn survive(ground: &Ground, age: Age, nth: usize, torn: bool) -> bool {
    let zalo = Zalo::start().await;
    let installation = aged(ground, &zalo, age).await;
    let (project, place) = (&installation.project, place(nth, torn));
    let hit = killed(project, nth, torn).await;
    let rows: Vec<(i64, Option<i64>)> = installation.sql("SELECT version, begun_at FROM zalo_token").await;
    let [(version, begun)] = rows.as_slice() else { panic!("{place}: {rows:?}") };
    let asked = zalo.0.spent().0;
    assert!(asked <= 1, "{place}: one process asks once");
    assert!(asked == 0 || *version == 2 || begun.is_some(), "{place}: whoever asks says so before");
    let last = Done::of(done(run(project)).await);
    let (refreshes, reused) = zalo.0.spent();
    if *version == 2 {
        assert_eq!((refreshes, reused), (1, 0), "{place}: the pair that was stored serves");
    }
    match age {
        Age::Old => assert_eq!(reused, 0, "{place}: while the old token serves, none is used twice"),
        Age::Ended => assert!(reused <= 1, "{place}: {reused}"),
    }
    if last.code == 5 {
        a_person_decides(&zalo, project, &place).await;
    } else if last.code != 0 {
        assert!(begun.is_some() && *version == 1 && age == Age::Ended, "{place}: {}", last.err);
        consent(&zalo, &installation, &place).await;
    }
    judge(&zalo, project, &place);
    assert!(zalo.0.spent().1 <= 1, "{place}");
    assert_eq!(zalo.arrivals().len(), UNITS);
    installation.forget().await;
    hit
}

/// A pair was lost with the process that asked for it, and the token has ended: a person brings another one.
async fn consent(zalo: &Zalo, installation: &Installation, place: &str) {
    let project = &installation.project;
    assert!(zalo.arrivals().is_empty(), "{place}: without a token nothing goes out");
    let standing = decided(project, place).await;
    if standing.code == 0 {
        // Zalo had never seen the request: once the lease of the dead process has ended, the same token serves.
        assert_eq!(zalo.0.spent().1, 0, "{place}: {}", standing.out);
        let last = Done::of(done(run(project)).await);
        assert_eq!(last.code, 0, "{place}: {}", last.err);
        return;
    }
    assert_eq!(standing.code, 6, "{place}: {}", standing.out);
    assert!(standing.out.contains("dondoc zalo seed"), "{place}: {}", standing.out);
    zalo.0.state().consent();
    zalo.prepare(project);
    let last = Done::of(done(run(project)).await);
    assert_eq!(last.code, 0, "{place}: {}", last.err);
}

/// How it stands with the token once nobody waits any more for the process that died with a request of its own: until its
/// lease ends it might still come back with the answer.
async fn decided(project: &Project, place: &str) -> Done {
    let deadline = Instant::now() + LEASES_END;
    loop {
        let standing = project.run(&["zalo", "status"]);
        if !standing.out.contains("another process asks") {
            return standing;
        }
        assert!(Instant::now() < deadline, "{place}: {}", standing.out);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
