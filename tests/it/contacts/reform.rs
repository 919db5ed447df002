//! Units that merge, split, get another name, end and begin, on both engines: what held before a day stays, it is written as
//! one piece and taken back as one.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

use std::time::Duration;

use chrono::NaiveDate;
use dondoc::app::directory::{self, Wish};
use dondoc::app::reform::{self, WriteError, look, take_back, write};
use dondoc::catalog::contact_sheet::Holder;
use dondoc::catalog::reform::{NewUnit, Reform, ReformError, ReformKind, Successor, UndoError, forget_old, recorded};
use dondoc::catalog::{self, Catalog, Heir, Kind, Office, Pack, SuccessionKind, Unit, UnitId};
use dondoc::db::Db;
use dondoc::people::{self, By, Wanted};

use crate::support::databases::{Fresh, conformance};
use crate::support::mailbox::{sample_catalog, start};

conformance!(
    two_communes_merge_into_a_new_one_and_that_is_taken_back,
    a_unit_that_takes_others_in_goes_on_and_gets_the_units_below_them,
    a_new_name_keeps_the_unit_its_people_and_its_figures,
    a_split_is_told_of_its_parts_and_an_end_of_nobody,
    what_cannot_be_is_refused_and_changes_nothing,
    what_was_changed_since_or_is_old_is_not_taken_back,
);

const DAY: &str = "2022-12-01";

fn day() -> NaiveDate {
    DAY.parse().unwrap()
}

fn by() -> By {
    By::command("test")
}

fn ids(ids: &[&str]) -> Vec<UnitId> {
    ids.iter().map(|id| UnitId::new(id)).collect()
}

fn reform(kind: ReformKind, units: &[&str], into: Vec<Successor>) -> Reform {
    Reform { kind, day: day(), units: ids(units), into, basis: "Nghị quyết số 12/NQ-HĐND".to_owned() }
}

fn new(code: &str, name: &str, kind: Kind, parent: &str) -> Successor {
    let parent = Some(UnitId::new(parent)).filter(|parent| !parent.as_str().is_empty());
    Successor::New(NewUnit { code: code.to_owned(), name: name.to_owned(), kind, parent })
}

async fn pack(db: &Db) -> Pack {
    catalog::load(db).await.unwrap()
}

/// Two communes of one district, and that district.
async fn communes(db: &Db) -> ([Unit; 2], UnitId) {
    let pack = pack(db).await;
    let first = pack.units.iter().find(|unit| unit.kind == Kind::Commune).unwrap().clone();
    let parent = first.parent.clone().unwrap();
    let second = pack.units.iter().find(|unit| unit.parent == first.parent && unit.id != first.id).unwrap().clone();
    ([first, second], parent)
}

async fn two_communes_merge_into_a_new_one_and_that_is_taken_back(fresh: Fresh) {
    sample_catalog(&fresh.db).await;
    let ([one, other], parent) = communes(&fresh.db).await;
    let before = pack(&fresh.db).await;
    let old = [one.id.as_str(), other.id.as_str()];
    let merger = reform(ReformKind::Merge, &old, vec![new(&one.code, "Xã Hợp Nhất", Kind::Commune, parent.as_str())]);
    let looked = look(&fresh.db, &merger).await.unwrap();
    assert_eq!(pack(&fresh.db).await, before, "looking changes nothing");
    let (ends, begins): (Vec<&Unit>, Vec<&Unit>) = (looked.plan.ends(day()).collect(), looked.plan.begins().collect());
    assert_eq!(ends.iter().map(|unit| &unit.name).collect::<Vec<_>>(), [&one.name, &other.name]);
    assert_eq!((begins.len(), begins[0].code.as_str()), (1, one.code.as_str()));
    assert_ne!(begins[0].id, one.id, "the code goes on to another unit, the identity does not");
    assert!(looked.heads.iter().all(|(unit, head)| unit.name == "Xã Hợp Nhất" && head.is_none()), "{:?}", looked.heads);
    assert_eq!(looked.plan.people().count(), 2);

    let stale = write(&fresh.db, &merger, Some("khác"), &by(), start()).await;
    assert!(matches!(stale, Err(WriteError::Reform(ReformError::Changed(_)))), "only what was seen is written");
    let id = write(&fresh.db, &merger, Some(&looked.digest), &by(), start()).await.unwrap();
    let after = pack(&fresh.db).await;
    assert_eq!(after, looked.after);
    assert_eq!(after.successions.len(), before.successions.len() + 2);
    assert!(after.successions.iter().any(|one| one.basis == "Nghị quyết số 12/NQ-HĐND"));
    let eve = day().pred_opt().unwrap();
    let (then, now) = (Catalog::of(&after, eve, eve), Catalog::of(&after, day(), day()));
    assert_eq!(then.unit(&one.id).unwrap().name, one.name, "the day before all is as it was");
    assert!(then.recipient_of(&one.id).is_some());
    assert_eq!(now.heir(&one.id), Heir::One(looked.heads[0].0.id.clone()));
    assert!(now.unit(&other.id).is_none());
    let files = after.files();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(Pack::from_files(&files).unwrap(), after, "it is exported and read back");

    let again = write(&fresh.db, &merger, None, &by(), start()).await;
    assert!(
        matches!(
            again,
            Err(WriteError::Reform(ReformError::NotThere(_) | ReformError::Known | ReformError::CodeTaken { .. }))
        ),
        "{again:?}"
    );
    take_back(&fresh.db, &id, &by(), start()).await.unwrap();
    assert_eq!(pack(&fresh.db).await, before);
    assert!(matches!(take_back(&fresh.db, &id, &by(), start()).await, Err(UndoError::NotThere)));
    let deeds = people::list(&fresh.db, &Wanted::default()).await.unwrap();
    let deeds: Vec<&str> = deeds.iter().map(|deed| deed.deed.as_str()).collect();
    assert_eq!(deeds, ["units_reform_undone", "units_reformed"]);
    let list = recorded(&fresh.db, 5).await.unwrap();
    assert!(list[0].undone && list[0].undoable_until(start()).is_none() && list[0].told.contains("→ Xã Hợp Nhất"));
}

async fn a_unit_that_takes_others_in_goes_on_and_gets_the_units_below_them(fresh: Fresh) {
    sample_catalog(&fresh.db).await;
    let before = pack(&fresh.db).await;
    let districts: Vec<&Unit> = before.units.iter().filter(|unit| unit.kind == Kind::District).collect();
    let (gone, stays) = (&districts[0].id, &districts[1].id);
    let below = before.units.iter().filter(|unit| unit.parent.as_ref() == Some(gone)).count();
    assert!(below > 0);
    let end = reform(ReformKind::End, &[gone.as_str()], Vec::new());
    let refused = look(&fresh.db, &end).await;
    assert!(
        matches!(refused, Err(WriteError::Reform(ReformError::Below { count, .. })) if count == below),
        "{refused:?}"
    );
    let merger = reform(ReformKind::Merge, &[gone.as_str(), stays.as_str()], vec![Successor::Existing(stays.clone())]);
    let looked = look(&fresh.db, &merger).await.unwrap();
    assert_eq!((looked.plan.ends(day()).count(), looked.plan.changes(day()).count()), (1, below));
    assert!(looked.heads.iter().all(|(_, head)| head.is_some()), "its head goes on");
    let id = write(&fresh.db, &merger, Some(&looked.digest), &by(), start()).await.unwrap();
    let after = pack(&fresh.db).await;
    let now = Catalog::of(&after, day(), day());
    assert!(now.units.iter().all(|unit| unit.parent.as_ref() != Some(gone)));
    let under = |catalog: &Catalog| catalog.units.iter().filter(|unit| unit.parent.as_ref() == Some(gone)).count();
    assert_eq!(
        under(&Catalog::of(&after, start().date_naive(), day())),
        below,
        "before that day they are where they were"
    );
    take_back(&fresh.db, &id, &by(), start()).await.unwrap();
    assert_eq!(pack(&fresh.db).await, before);
}

async fn a_new_name_keeps_the_unit_its_people_and_its_figures(fresh: Fresh) {
    sample_catalog(&fresh.db).await;
    let ([one, _], parent) = communes(&fresh.db).await;
    let before = pack(&fresh.db).await;
    let rename = |name: &str, kind| {
        reform(ReformKind::Rename, &[one.id.as_str()], vec![new(&one.code, name, kind, parent.as_str())])
    };
    let same = look(&fresh.db, &rename(&one.name, one.kind)).await;
    assert!(matches!(same, Err(WriteError::Reform(ReformError::Nothing))), "{same:?}");
    let asked = rename("Phường Tên Mới", Kind::Ward);
    let id = write(&fresh.db, &asked, None, &by(), start()).await.unwrap();
    let after = pack(&fresh.db).await;
    assert_eq!(after.contacts, before.contacts);
    let rows: Vec<&Unit> = after.units.iter().filter(|unit| unit.id == one.id).collect();
    assert_eq!(rows.iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>(), [one.name.as_str(), "Phường Tên Mới"]);
    assert_eq!(after.successions.last().unwrap().kind, SuccessionKind::Reclassify);
    assert_eq!(Catalog::of(&after, day(), day()).heir(&one.id), Heir::Itself);
    let merger = reform(ReformKind::End, &[one.id.as_str()], Vec::new());
    let later = look(&fresh.db, &merger).await;
    assert!(matches!(later, Err(WriteError::Reform(ReformError::Later(_)))), "{later:?}");
    take_back(&fresh.db, &id, &by(), start()).await.unwrap();
    assert_eq!(pack(&fresh.db).await, before);
}

async fn a_split_is_told_of_its_parts_and_an_end_of_nobody(fresh: Fresh) {
    sample_catalog(&fresh.db).await;
    let ([one, other], parent) = communes(&fresh.db).await;
    let parts =
        |codes: [&str; 2]| codes.map(|code| new(code, &format!("Xã {code}"), Kind::Commune, parent.as_str())).to_vec();
    let split = reform(ReformKind::Split, &[one.id.as_str()], parts(["99001", "99002"]));
    write(&fresh.db, &split, None, &by(), start()).await.unwrap();
    let now = Catalog::of(&pack(&fresh.db).await, day(), day());
    assert_eq!(now.heir(&one.id), Heir::Several(ids(&["99001", "99002"])));
    let mut part = reform(ReformKind::Split, &[other.id.as_str()], parts(["99003", "99004"])[..1].to_vec());
    let lonely = look(&fresh.db, &part).await;
    assert!(matches!(lonely, Err(WriteError::Reform(ReformError::TwoSuccessors))), "{lonely:?}");
    part.into.push(Successor::Existing(other.id.clone()));
    let looked = look(&fresh.db, &part).await.unwrap();
    assert_eq!((looked.plan.ends(day()).count(), looked.plan.people().count()), (0, 0), "it goes on with its people");
    write(&fresh.db, &part, None, &by(), start()).await.unwrap();
    let now = Catalog::of(&pack(&fresh.db).await, day(), day());
    assert_eq!(now.heir(&other.id), Heir::Itself);
    let end = reform(ReformKind::End, &["99004"], Vec::new());
    assert!(matches!(look(&fresh.db, &end).await, Err(WriteError::Reform(ReformError::NotThere(_)))));
    let later = Reform { day: "2023-01-01".parse().unwrap(), ..reform(ReformKind::End, &["99003"], Vec::new()) };
    write(&fresh.db, &later, None, &by(), start()).await.unwrap();
    let year = Catalog::of(&pack(&fresh.db).await, later.day, later.day);
    assert_eq!(year.heir(&UnitId::new("99003")), Heir::Nobody);
    let begun = reform(ReformKind::Add, &[], vec![new("SMOI", "Sở Mới", Kind::Department, "")]);
    write(&fresh.db, &begun, None, &by(), start()).await.unwrap();
    assert!(Catalog::of(&pack(&fresh.db).await, day(), day()).unit(&UnitId::new("SMOI")).is_some());
}

async fn what_cannot_be_is_refused_and_changes_nothing(fresh: Fresh) {
    sample_catalog(&fresh.db).await;
    let ([one, other], parent) = communes(&fresh.db).await;
    let before = pack(&fresh.db).await;
    let (a, b, parent) = (one.id.as_str(), other.id.as_str(), parent.as_str());
    let fresh_one = || new("99001", "Xã Mới", Kind::Commune, parent);
    let province = before.units.iter().find(|unit| unit.kind == Kind::Province).unwrap().id.clone();
    let cases: Vec<(Reform, &str)> = vec![
        (reform(ReformKind::Merge, &[a], vec![fresh_one()]), "a merger needs two units"),
        (reform(ReformKind::Merge, &[a, b], Vec::new()), "exactly one unit"),
        (reform(ReformKind::Merge, &[a, a], vec![fresh_one()]), "named twice"),
        (reform(ReformKind::Merge, &[a, "khong-co"], vec![fresh_one()]), "does not exist"),
        (
            reform(ReformKind::Merge, &[a, b], vec![new("SCT", "Xã Mới", Kind::Commune, parent)]),
            "the code `SCT` is that of",
        ),
        (reform(ReformKind::Merge, &[a, b], vec![new("99 001", "Xã Mới", Kind::Commune, parent)]), "no code"),
        (reform(ReformKind::Merge, &[a, b], vec![new("99001", "", Kind::Commune, parent)]), "needs a name"),
        (reform(ReformKind::Merge, &[a, b], vec![new("99001", "Xã\u{202e} Mới", Kind::Commune, parent)]), "character"),
        (reform(ReformKind::Merge, &[a, b], vec![new("99001", "Xã Mới", Kind::Commune, a)]), "does not exist"),
        (reform(ReformKind::End, &[province.as_str()], Vec::new()), "the province itself"),
        (reform(ReformKind::End, &[], Vec::new()), "exactly one unit"),
    ];
    for (asked, said) in cases {
        let refused = write(&fresh.db, &asked, None, &by(), start()).await.unwrap_err().to_string();
        assert!(refused.contains(said) && refused.contains("remedy:"), "{said}: {refused}");
    }
    assert_eq!(pack(&fresh.db).await, before);
    assert_eq!(recorded(&fresh.db, 5).await.unwrap(), []);
}

async fn what_was_changed_since_or_is_old_is_not_taken_back(fresh: Fresh) {
    sample_catalog(&fresh.db).await;
    let ([one, other], parent) = communes(&fresh.db).await;
    let old = [one.id.as_str(), other.id.as_str()];
    let merger = reform(ReformKind::Merge, &old, vec![new("99001", "Xã Mới", Kind::Commune, parent.as_str())]);
    let id = write(&fresh.db, &merger, None, &by(), start()).await.unwrap();
    let (unit, text) = (UnitId::new("99001"), |text: &str| Some(text.to_owned()));
    let holder = Holder {
        unit: unit.clone(),
        office: Office::Head,
        person: None,
        title: "Chủ tịch UBND xã Mới".to_owned(),
        email: text("moi@xa.example"),
        phone: None,
        zalo_user_id: None,
        from: Some(day()),
        to: None,
    };
    let wish = Wish::Appoint(holder);
    assert!(directory::change_office(&fresh.db, (&unit, "99001", Office::Head), &wish, &by(), start()).await.unwrap());
    let in_use = take_back(&fresh.db, &id, &by(), start()).await;
    assert!(
        matches!(in_use, Err(UndoError::Reform(ReformError::Problems(_)))),
        "the new unit has a head by now: {in_use:?}"
    );
    let rename = Reform {
        day: "2023-02-01".parse().unwrap(),
        ..reform(ReformKind::Rename, &["99001"], vec![new("99001", "Xã Mới Hơn", Kind::Commune, parent.as_str())])
    };
    reform::write(&fresh.db, &rename, None, &by(), start()).await.unwrap();
    let changed = take_back(&fresh.db, &id, &by(), start()).await;
    assert!(
        matches!(&changed, Err(UndoError::Reform(ReformError::Changed(units))) if units[0].contains("Xã Mới Hơn")),
        "{changed:?}"
    );
    let next_day = start() + Duration::from_hours(25);
    assert!(matches!(take_back(&fresh.db, &id, &by(), next_day).await, Err(UndoError::TooLate)));
    let mut work = fresh.db.begin().await.unwrap();
    forget_old(&mut work, next_day).await.unwrap();
    work.commit().await.unwrap();
    assert!(recorded(&fresh.db, 5).await.unwrap().iter().all(|one| one.undoable_until(start()).is_none()));
}
