//! Each state that a crash can leave, and two processes at one folder: nothing is lost, nothing is taken twice.

use std::fs;

use dondoc::pass::Outcome;

use super::{Office, good, intakes, words};

/// An office with one good file in force, as a dead process left it.
async fn with_a_file() -> Office {
    let office = Office::open().await;
    office.put("first.csv", &good(40));
    assert_eq!(words(&office.look().await), ["first.csv taken"]);
    office.wait(60);
    office
}

#[tokio::test]
async fn died_while_copying() {
    let office = with_a_file().await;
    office.put("second.csv", &good(60));
    office.put(".taking/4711-0.part", &good(60)[..100]);
    assert_eq!(words(&office.look().await), ["second.csv taken"]);
    assert_eq!(office.in_force(), good(60));
}

#[tokio::test]
async fn died_after_the_new_file_was_in_force_and_before_the_original_was_removed() {
    let office = with_a_file().await;
    office.put("second.csv", &good(60));
    office.put("current/20221101-080000000-second.csv", &good(60));
    assert_eq!(words(&office.look().await), ["second.csv unchanged"]);
    assert_eq!((office.in_force(), office.names("")), (good(60), vec![]));
}

#[tokio::test]
async fn died_after_the_reasons_were_written_and_before_the_refused_file_was_set_aside() {
    let office = with_a_file().await;
    office.put("second.csv", "something else");
    office.put("failed/20221031-080000000-second.csv.txt", "vì sao");
    office.put("failed/.20221031-080000001-second.csv.txt", "v");
    assert_eq!(words(&office.look().await), ["second.csv refused: unreadable"]);
    assert_eq!((office.in_force(), office.names("")), (good(40), vec![]));
}

#[tokio::test]
async fn died_after_the_refused_file_was_set_aside_and_before_the_original_was_removed() {
    let office = with_a_file().await;
    office.put("second.csv", "something else");
    office.put("failed/20221031-080000000-second.csv", "something else");
    assert_eq!(words(&office.look().await), ["second.csv refused: unreadable"]);
    assert_eq!((office.in_force(), office.names("")), (good(40), vec![]));
}

#[tokio::test]
async fn died_between_the_moves_of_former_files() {
    let office = with_a_file().await;
    for (at, online) in [(1, 50), (2, 60), (3, 70)] {
        office.put(&format!("current/20221101-08000000{at}-{online}.csv"), &good(online));
    }
    assert_eq!(office.in_force(), good(70));
    office.wait(2 * 24 * 3600);
    assert!(office.look().await.is_empty());
    assert_eq!((office.names("current"), office.names("done").len()), (vec!["70.csv".to_owned()], 3));
}

#[tokio::test]
async fn what_a_dead_process_copied_is_removed_after_an_hour() {
    let office = with_a_file().await;
    office.put(".taking/4711-0.part", "half");
    let part = office.project.path("inbox/.taking/4711-0.part");
    let written =
        |at: std::time::SystemTime| fs::File::options().write(true).open(&part).unwrap().set_modified(at).unwrap();
    let now = std::time::SystemTime::from(dondoc::clock::Clock::now(&office.clock));
    written(now - std::time::Duration::from_mins(59));
    office.intakes.look().await;
    assert!(part.exists(), "an upload may still be under way");
    written(now - std::time::Duration::from_mins(61));
    office.intakes.look().await;
    assert!(!part.exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_at_one_folder_take_each_file_once() {
    let office = Office::open().await;
    let other = intakes(&office.app);
    for online in 40..50 {
        office.put(&format!("{online}.csv"), &good(online));
    }
    for intakes in [&office.intakes, &other] {
        assert!(intakes.look().await.1);
    }
    office.wait(3);
    let ((one, _), (two, _)) = tokio::join!(office.intakes.look(), other.look());
    let all: Vec<_> = one.into_iter().chain(two).collect();
    assert!(all.iter().all(|found| matches!(found.outcome, Ok(Outcome::Taken { .. }))), "{:?}", words(&all));
    assert_eq!((all.len(), office.names("").len()), (10, 0));
}

#[tokio::test]
async fn while_another_process_has_the_desk_nothing_is_tidied() {
    let office = with_a_file().await;
    office.put("second.csv", &good(60));
    office.look().await;
    office.wait(3600);
    let lock = fs::File::options().write(true).open(office.project.path("inbox/.taking/lock")).unwrap();
    lock.lock().unwrap();
    assert!(office.intakes.look().await.0.is_empty());
    assert_eq!(office.names("current").len(), 2);
    drop(lock);
    office.intakes.look().await;
    assert_eq!(office.names("current").len(), 1);
}

#[tokio::test]
async fn trouble_that_is_not_the_files_leaves_it_where_it_is_and_is_tried_again_later() {
    let project = super::project();
    project.edit("config.toml", "seed = \"pack\"", "");
    let office = Office::of(project).await;
    office.put("figures.csv", &good(40));
    let told = words(&office.look().await);
    assert!(told.len() == 1 && told[0].contains("the catalog is empty"), "{told:?}");
    assert!(office.look().await.is_empty(), "it rests");
    assert_eq!(office.names(""), ["figures.csv"]);
    office.wait(70);
    assert_eq!(office.look().await.len(), 1, "and is tried again");
}
