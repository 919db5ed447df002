//! Template revisions: kept by number, taken by the next round, restored; on both engines.

use std::collections::BTreeSet;

use dondoc::app::App;
use dondoc::clock::Clock;
use dondoc::db::Db;
use dondoc::message::Templates;
use dondoc::message::revisions::{self, Base, NewDraft, Publication, Refused};
use dondoc::people::{self, By, Verdict, Wanted};
use futures_util::future::join_all;

use crate::planned::program_in;
use crate::support::databases::{Fresh, conformance, postgres_url};
use crate::support::mailbox::start;
use crate::support::project::{Plan, Project};

const NAME: &str = "commune_first.md";

conformance!(
    every_save_is_kept_and_the_last_one_is_the_draft,
    two_publishers_at_once_are_both_kept,
    a_draft_that_is_gone_is_not_published,
    the_newest_revision_lies_over_the_original,
    a_save_over_what_is_no_longer_there_is_refused,
    a_save_by_itself_takes_the_place_of_the_one_before_from_the_same_page,
);

fn clerk() -> By {
    By::command("clerk")
}

const fn new_draft(source: &str) -> NewDraft<'_> {
    let (by, note, original_hash) = ("Văn phòng", "thử", "00");
    NewDraft { name: NAME, source, by, note, original_hash, over: None, automatic: false, page: "" }
}

async fn save(db: &Db, source: &str) -> i64 {
    revisions::save_draft(db, new_draft(source), &clerk(), start()).await.unwrap()
}

const fn publication(source: &str, draft: Option<i64>) -> Publication<'_> {
    Publication {
        name: NAME,
        source,
        by: "Văn phòng",
        note: "",
        original_hash: "00",
        draft,
        restores: None,
        over: None,
    }
}

async fn every_save_is_kept_and_the_last_one_is_the_draft(fresh: Fresh) {
    let db = &fresh.db;
    assert_eq!(revisions::draft(db, NAME).await.unwrap(), None);
    assert_eq!((save(db, "một\r\n").await, save(db, "hai").await), (1, 2));
    let draft = revisions::draft(db, NAME).await.unwrap().unwrap();
    assert_eq!((draft.number, draft.source.as_str(), draft.by.as_str(), draft.based_on), (2, "hai", "Văn phòng", 0));
    assert_eq!((draft.at, draft.note.as_str(), draft.original_hash.as_str()), (start(), "thử", "00"));
    revisions::discard(db, (NAME, 2), &clerk(), start()).await.unwrap();
    assert_eq!(revisions::draft(db, NAME).await.unwrap(), None, "an older save does not come back by itself");
    revisions::publish(db, publication("ba", None), &clerk(), start()).await.unwrap();
    assert_eq!(save(db, "bốn").await, 3);
    assert_eq!(revisions::drafts(db).await.unwrap().first().map(|draft| (draft.number, draft.based_on)), Some((3, 1)));
}

async fn two_publishers_at_once_are_both_kept(fresh: Fresh) {
    let db = &fresh.db;
    let texts: Vec<String> = (1..=6).map(|number| format!("bản {number}")).collect();
    for text in &texts {
        save(db, text).await;
    }
    let clerk = clerk();
    let publishers =
        (1..).zip(&texts).map(|(draft, text)| revisions::publish(db, publication(text, Some(draft)), &clerk, start()));
    let mut numbers: Vec<i64> = join_all(publishers).await.into_iter().map(Result::unwrap).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    let mut kept: Vec<String> =
        revisions::history(db, NAME).await.unwrap().into_iter().map(|revision| revision.source).collect();
    kept.sort();
    assert_eq!(kept, texts);
    let entries = people::list(db, &Wanted::default()).await.unwrap();
    assert!(entries.iter().all(|entry| entry.subject == "template/commune_first.md"), "{entries:?}");
    assert_eq!(entries.iter().filter(|entry| entry.deed == "template_published").count(), 6);
    assert!(matches!(people::verify(db, None).await.unwrap(), Verdict::Whole(Some(_))));
}

async fn a_draft_that_is_gone_is_not_published(fresh: Fresh) {
    let db = &fresh.db;
    let draft = save(db, "một").await;
    let clerk = clerk();
    let both = || revisions::publish(db, publication("một", Some(draft)), &clerk, start());
    let (one, other) = tokio::join!(both(), both());
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "one draft is one revision");
    let discarded = revisions::discard(db, (NAME, draft), &clerk, start()).await;
    assert!(matches!(discarded, Err(Refused::NoDraft { number: 1, .. })), "{discarded:?}");
    let long = "a".repeat(70 * 1024);
    let refused = revisions::publish(db, publication(&long, None), &clerk, start()).await;
    assert!(matches!(refused, Err(Refused::TooLong(71_680))), "{refused:?}");
    assert_eq!(revisions::history(db, NAME).await.unwrap().len(), 1);
}

async fn a_save_over_what_is_no_longer_there_is_refused(fresh: Fresh) {
    let db = &fresh.db;
    let clerk = clerk();
    let over = async |source: &'static str, over: Option<Base>| {
        revisions::save_draft(db, NewDraft { over, ..new_draft(source) }, &clerk, start()).await
    };
    let nothing = revisions::base(db, NAME).await.unwrap();
    assert_eq!(nothing, Base { draft: 0, revision: 0 });
    assert_eq!(over("một", Some(nothing)).await.unwrap(), 1);
    let late = over("hai", Some(nothing)).await;
    assert!(matches!(late, Err(Refused::Overtaken { .. })), "{late:?}");
    let first = revisions::base(db, NAME).await.unwrap();
    let (one, other) = tokio::join!(over("ba", Some(first)), over("bốn", Some(first)));
    assert_eq!(u8::from(one.is_ok()) + u8::from(other.is_ok()), 1, "of two at once one is told");
    let draft = revisions::base(db, NAME).await.unwrap();
    revisions::publish(db, publication("năm", Some(draft.draft)), &clerk, start()).await.unwrap();
    assert!(matches!(over("sáu", Some(draft)).await, Err(Refused::Overtaken { .. })), "published in between");
    assert_eq!(revisions::base(db, NAME).await.unwrap(), Base { draft: 0, revision: 1 });
    assert_eq!(over("bảy", None).await.unwrap(), 3, "who says nothing saves over whatever is there");
}

async fn a_save_by_itself_takes_the_place_of_the_one_before_from_the_same_page(fresh: Fresh) {
    let db = &fresh.db;
    let clerk = clerk();
    let save = async |source: &'static str, page: &'static str, automatic: bool, base: Base| {
        let new = NewDraft { over: Some(base), page, automatic, ..new_draft(source) };
        revisions::save_draft(db, new, &clerk, start()).await
    };
    let nothing = Base { draft: 0, revision: 0 };
    assert_eq!(save("một", "a", true, nothing).await.unwrap(), 1);
    assert_eq!(save("một", "a", true, nothing).await.unwrap(), 1, "nothing new is not saved");
    assert_eq!(save("hai", "a", true, nothing).await.unwrap(), 2, "its answer may not have come yet");
    let other = save("của người khác", "b", true, nothing).await;
    assert!(matches!(other, Err(Refused::Overtaken { .. })), "{other:?}");
    assert_eq!(save("hai", "a", false, nothing).await.unwrap(), 3, "now it was saved on purpose");
    assert_eq!(save("ba", "a", true, Base { draft: 3, revision: 0 }).await.unwrap(), 4);
    revisions::discard(db, (NAME, 4), &clerk, start()).await.unwrap();
    let gone = revisions::discard(db, (NAME, 2), &clerk, start()).await;
    assert!(matches!(gone, Err(Refused::NoDraft { .. })), "it made room: {gone:?}");
    revisions::discard(db, (NAME, 3), &clerk, start()).await.unwrap();
}

async fn the_newest_revision_lies_over_the_original(fresh: Fresh) {
    let db = &fresh.db;
    let original = Templates::built_in();
    let in_force = async || {
        let mut templates = original.clone();
        revisions::overlay(db, &mut templates).await.unwrap();
        templates
    };
    assert_eq!(in_force().await, original);
    for text in ["một", "hai"] {
        revisions::publish(db, publication(text, None), &clerk(), start()).await.unwrap();
    }
    let changed = in_force().await;
    assert_eq!(changed.source(NAME), Some("hai"));
    assert_ne!(changed.fingerprint(), original.fingerprint());
    let restored = Publication { restores: Some(0), ..publication(original.source(NAME).unwrap(), None) };
    assert_eq!(revisions::publish(db, restored, &clerk(), start()).await.unwrap(), 3);
    assert_eq!(in_force().await.fingerprint(), original.fingerprint(), "the same words are the same footing");
    let first = revisions::revision(db, NAME, 1).await.unwrap().unwrap();
    assert_eq!((first.source.as_str(), first.restores), ("một", None), "nothing is overwritten");
}

const SHIPPED: &str = include_str!("../../templates/messages/commune_first.md");
const CLOSING: &str = "Trân trọng./.";
const CHANGED: &str = "Trân trọng cảm ơn đồng chí./.";

/// Whether each message of the round as of `day` has the changed closing, written by a program that runs all the time.
async fn closing(app: &App, project: &Project, day: &str) -> Vec<bool> {
    let ids = || -> BTreeSet<String> {
        let listed = project.run(&["outbox", "list", "--format", "json"]).json();
        listed.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    };
    let before = ids();
    app.clock.advance(std::time::Duration::from_hours(1));
    let round = app.decide(day.parse().unwrap(), false, &|_| {}).await.unwrap();
    assert_eq!((round.queued, &round.held), (3, &None), "{:?}", round.alarms);
    ids().difference(&before).map(|id| project.run(&["outbox", "show", id]).out.contains(CHANGED)).collect()
}

async fn is_taken_by_the_next_round(database: String) {
    // Every reminder is a first one here.
    let project = Project::new(&Plan { units: 3, database, ..Plan::default() });
    for name in ["commune_repeat", "commune_formal"] {
        project.write(&format!("mau/{name}.md"), SHIPPED);
    }
    project.edit("config.toml", "[[source]]", "[messages]\nfolder = \"mau\"\n[[source]]");
    let app = program_in(&project, Clock::at(start())).await;
    project.write("moi.md", &SHIPPED.replace(CLOSING, CHANGED));
    for name in ["commune_first", "commune_repeat"] {
        assert_eq!(project.run(&["template", "draft", name, "--from", "moi.md"]).code, 0);
    }
    assert_eq!(closing(&app, &project, "2022-10-31").await, [false; 3], "a draft is not in force");
    for name in ["commune_first", "commune_repeat"] {
        let done = project.run(&["template", "publish", name, "--by", "Văn phòng"]);
        assert_eq!(done.code, 0, "{}", done.err);
    }
    assert_eq!(closing(&app, &project, "2022-11-14").await, [true; 3], "without a restart");
    for name in ["commune_first", "commune_repeat"] {
        let done = project.run(&["template", "restore", name, "--revision", "original", "--by", "Văn phòng"]);
        assert_eq!(done.code, 0, "{}", done.err);
    }
    assert_eq!(closing(&app, &project, "2022-11-28").await, [false; 3], "the old text again");
    app.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_program_takes_a_revision_with_its_next_round_on_sqlite() {
    is_taken_by_the_next_round("sqlite:dondoc.db".to_owned()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_program_takes_a_revision_with_its_next_round_on_postgres() {
    is_taken_by_the_next_round(postgres_url().await).await;
}
