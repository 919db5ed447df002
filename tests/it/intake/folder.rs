//! What becomes of files that are put into the folder.

use super::{Office, good, words};

#[tokio::test]
async fn a_file_is_taken_when_it_no_longer_changes_and_not_before() {
    let office = Office::open().await;
    let whole = good(40);
    let (first, rest) = whole.split_at(whole.len() / 2);
    office.put("october.csv", first);
    for _ in 0..2 {
        let (found, growing) = office.intakes.look().await;
        assert!(found.is_empty() && growing);
        office.wait(1);
    }
    office.put("october.csv", &format!("{first}{}", &rest[..10]));
    office.wait(60);
    assert!(office.intakes.look().await.1, "it grew since the last look, however long ago that was");
    office.put("october.csv", &whole);
    assert_eq!(words(&office.look().await), ["october.csv taken"]);
    assert_eq!(
        (office.in_force(), office.names(""), office.names("current")),
        (whole, vec![], vec!["october.csv".to_owned()])
    );
}

#[tokio::test]
async fn names_of_files_that_are_still_written_are_left_alone() {
    let office = Office::open().await;
    let names = [".hidden.csv", "a.csv.part", "b.TMP", "c.csv~", "d.csv.crdownload", "e.csv.filepart"];
    for name in names {
        office.put(name, &good(40));
    }
    std::fs::create_dir(office.project.path("inbox/folder")).unwrap();
    assert!(office.look().await.is_empty());
    assert_eq!(office.names("").len(), names.len());
    std::fs::rename(office.project.path("inbox/a.csv.part"), office.project.path("inbox/a.csv")).unwrap();
    assert_eq!(words(&office.look().await), ["a.csv taken"]);
}

#[tokio::test]
async fn a_bad_file_goes_aside_with_the_reasons_and_the_former_one_stays_in_force() {
    let office = Office::open().await;
    let cases = [
        ("not-a-table.csv", "something else".to_owned(), "unreadable", "Không đọc được tệp"),
        ("cell.csv", good(40).replace(",90,", ",9O,"), "refused_rows", "Vị trí: cell.csv:2:6"),
        ("strangers.csv", good(40).replace("X0000", "Z0000"), "refused_rows", "strangers.csv"),
        ("headers.csv", good(40).replace("received_online", "online"), "unreadable", "headers.csv:1"),
        ("future.csv", good(40).replace("2022-10", "2031-10"), "empty", "future.csv"),
        (
            "twice.csv",
            format!("{}2022-10,X000000,1.000001,7,7,7,7,7,7,0,1,1\n", good(40)),
            "conflicting_rows",
            "twice.csv:2",
        ),
        ("empty.csv", String::new(), "unreadable", "the file is empty"),
        ("large.csv", "x".repeat((1 << 20) + 1), "too_large", "1 MB"),
    ];
    office.put("good.csv", &good(40));
    assert_eq!(words(&office.look().await), ["good.csv taken"]);
    for (name, text, code, words_of_it) in cases {
        office.put(name, &text);
        let found = office.look().await;
        assert_eq!(words(&found), [format!("{name} refused: {code}")]);
        let mut failed = office.paths("failed");
        let why = failed.pop().unwrap();
        assert_eq!(std::fs::read_to_string(failed.pop().unwrap()).unwrap(), text, "{name}");
        let why = std::fs::read_to_string(why).unwrap();
        for part in [words_of_it, "Cách xử lý:", "chưa được tiếp nhận vào nguồn số liệu \"province\""]
        {
            assert!(why.contains(part), "{part}: {why}");
        }
        assert!(!why.contains(".taking"), "{why}");
        assert_eq!((office.in_force(), office.names("")), (good(40), vec![]));
    }
}

#[tokio::test]
async fn the_newest_good_file_replaces_the_former_which_is_kept_among_the_done() {
    let office = Office::open().await;
    for online in [40, 60, 80] {
        office.put("figures.csv", &good(online));
        assert_eq!(words(&office.look().await), ["figures.csv taken"]);
        assert_eq!(office.in_force(), good(online));
    }
    assert_eq!(office.names("current").len(), 3, "a round may still be reading the former ones");
    office.wait(601);
    office.look().await;
    assert_eq!((office.names("current").len(), office.names("done").len()), (1, 2));
    assert_eq!(office.in_force(), good(80));
}

#[tokio::test]
async fn of_several_files_the_one_written_last_is_in_force() {
    let office = Office::open().await;
    office.put("b-older.csv", &good(40));
    office.put("a-newer.csv", &good(60));
    let older = std::fs::File::options().write(true).open(office.project.path("inbox/b-older.csv")).unwrap();
    older.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(words(&office.look().await), ["b-older.csv taken", "a-newer.csv taken"]);
    assert_eq!(office.in_force(), good(60));
}

#[tokio::test]
async fn the_same_bytes_again_change_nothing_and_that_is_said() {
    let office = Office::open().await;
    office.put("figures.csv", &good(40));
    office.look().await;
    let before = office.paths("current");
    office.put("again.csv", &good(40));
    assert_eq!(words(&office.look().await), ["again.csv unchanged"]);
    assert_eq!((office.paths("current"), office.names(""), office.names("done")), (before, vec![], vec![]));
}

#[tokio::test]
async fn links_and_pipes_are_refused_and_never_read() {
    let office = Office::open().await;
    let (link, pipe) = (office.project.path("inbox/link.csv"), office.project.path("inbox/pipe.csv"));
    std::os::unix::fs::symlink(office.project.path("config.toml"), &link).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut told = words(&office.look().await);
    told.sort();
    assert_eq!(told, ["link.csv refused: not_a_file", "pipe.csv refused: not_a_file"]);
    assert!(office.names("").is_empty() && office.project.read("config.toml").contains("inbox"));
}

#[tokio::test]
async fn a_folder_that_is_a_link_is_not_used() {
    let office = Office::open().await;
    std::os::unix::fs::symlink(office.project.folder(), office.project.path("inbox/current")).unwrap();
    office.put("figures.csv", &good(40));
    let told = words(&office.look().await);
    assert!(
        told.len() == 1 && told[0].contains("it must be a folder, and no link to one"),
        "said once a minute: {told:?}"
    );
    assert_eq!(office.names(""), ["figures.csv"]);
}

#[tokio::test]
async fn done_and_failed_keep_only_so_many() {
    let project = super::project();
    project.edit("config.toml", "max_megabytes = 1\n", "max_megabytes = 1\nkeep_files = 2\n");
    let office = Office::of(project).await;
    for online in 40..45 {
        office.put("good.csv", &good(online));
        office.put("bad.csv", "something else");
        office.look().await;
        office.wait(601);
    }
    office.look().await;
    assert_eq!((office.names("current").len(), office.names("done").len()), (1, 2));
    assert_eq!(office.names("failed"), ["bad.csv", "bad.csv.txt", "bad.csv", "bad.csv.txt"]);
}

#[test]
fn run_takes_in_what_waits_and_judges_by_it_and_says_where_to_put_a_file_when_there_is_none() {
    let project = super::project();
    let none = project.run(&["run", "--as-of", "2022-10-31"]);
    assert_eq!(none.code, 6, "{}", none.err);
    for part in ["inbox", "no file was taken in yet: put one into this folder, or push one"] {
        assert!(none.err.contains(part), "{part}: {}", none.err);
    }
    project.write("inbox/figures.csv", &good(40));
    let round = project.run(&["run", "--as-of", "2022-10-31", "--format", "json"]);
    assert!(
        round.err.contains("taken in: `figures.csv` for source `province`: 6 rows, 3 units, 2022-10"),
        "{}",
        round.err
    );
    assert_eq!(round.json()["messages"]["queued"], 3);
    project.write("inbox/figures.csv", "something else");
    let pull = project.run(&["pull", "--as-of", "2022-10-31"]);
    assert_eq!(pull.code, 4, "{}", pull.err);
    assert!(pull.err.contains("refused: `figures.csv` for source `province`: figures.csv:1"), "{}", pull.err);
    assert!(pull.out.contains("province"), "the former file is read: {}", pull.out);
}
