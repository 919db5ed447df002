//! The catalog is changed by one at a time, over what is there then; so are the templates in force.

use chrono::NaiveDate;
use dondoc::app::names::{self, Says};
use dondoc::app::{TargetError, end_target};
use dondoc::catalog::{self, AliasError, NewAlias};
use dondoc::db::Db;
use dondoc::message::revisions::{self, Publication, Refused};
use dondoc::people::By;
use futures_util::future::join_all;

use crate::support::databases::{Fresh, conformance};
use crate::support::mailbox::{sample_catalog, start};
use crate::support::meeting::until_waited_for;

conformance!(
    a_name_that_two_give_to_two_units_at_once_means_one_of_them,
    many_changes_at_once_wait_for_each_other_and_not_for_a_connection,
    a_text_that_was_checked_with_others_than_those_in_force_is_not_published,
);

fn day() -> NaiveDate {
    "2022-10-31".parse().unwrap()
}

async fn decide(db: Db, code: &'static str) -> Result<NewAlias, AliasError> {
    let by = By::command("an");
    let who = Says { name: "An", by: &by };
    names::decide(&db, ("Thị trấn không ai biết", code, day()), who, start()).await
}

async fn a_name_that_two_give_to_two_units_at_once_means_one_of_them(fresh: Fresh) {
    let db = &fresh.db;
    sample_catalog(db).await;
    let mut change = db.begin().await.unwrap();
    catalog::keep_still(&mut change).await.unwrap();
    let one = tokio::spawn(decide(db.clone(), "07201"));
    let other = tokio::spawn(decide(db.clone(), "07204"));
    until_waited_for(db, &mut change, 2, || one.is_finished() || other.is_finished()).await;
    change.commit().await.unwrap();
    let answers = [one.await.unwrap(), other.await.unwrap()];
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert!(answers.iter().any(|answer| matches!(answer, Err(AliasError::Alike { .. }))), "{answers:?}");
    let pack = catalog::load(db).await.unwrap();
    let files = pack.files();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(catalog::Pack::from_files(&files).is_ok(), "the catalog is one that can be read");
}

/// More at once than there are connections: whoever is at it needs no second one.
async fn many_changes_at_once_wait_for_each_other_and_not_for_a_connection(fresh: Fresh) {
    let db = &fresh.db;
    sample_catalog(db).await;
    let by = By::command("an");
    let changes = (0..12).map(|_| end_target(db, "no-such-target", day(), &by, start()));
    for answer in join_all(changes).await {
        assert!(matches!(answer, Err(TargetError::NotThere)), "{answer:?}");
    }
}

async fn a_text_that_was_checked_with_others_than_those_in_force_is_not_published(fresh: Fresh) {
    let db = &fresh.db;
    let by = By::command("an");
    let over = revisions::published(db).await.unwrap();
    let publish = |name: &'static str, over: i64| {
        let (source, by_name) = ("một", "Văn phòng");
        let new = Publication {
            name,
            source,
            by: by_name,
            note: "",
            original_hash: "00",
            draft: None,
            restores: None,
            over: Some(over),
        };
        revisions::publish(db, new, &by, start())
    };
    let both = [publish("commune_first.md", over), publish("_figures.md", over)];
    let answers = join_all(both).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let late = answers.into_iter().find_map(Result::err);
    assert!(matches!(late, Some(Refused::Unchecked { .. })), "{late:?}");
    let over = revisions::published(db).await.unwrap();
    publish("_figures.md", over).await.unwrap();
}
