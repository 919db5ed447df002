//! The built-in mailbox, on both engines.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the cases are stamped into tests")]

use chrono::{TimeZone as _, Utc};
use dondoc::channel::{Channel, Kind, Settings, captured, captured_count, captured_one, mime, statements};
use dondoc::clock::Clock;

use crate::support::databases::{Fresh, conformance};
use crate::support::parcels::parcel;

conformance!(what_is_captured_is_read_back_once, the_statements_can_be_prepared);

async fn what_is_captured_is_read_back_once(fresh: Fresh) {
    let now = Utc.with_ymd_and_hms(2022, 10, 31, 2, 0, 0).single().unwrap();
    let settings = Settings { name: "mailbox".to_owned(), kind: Kind::Capture, pace: dondoc::channel::Pace::default() };
    let channel = Channel::open(&settings, &fresh.db, &Clock::at(now)).unwrap();
    for number in [1, 2, 1] {
        channel.send(&parcel(number, "a@x.example")).await.unwrap();
    }
    assert_eq!(captured_count(&fresh.db).await.unwrap(), 2);
    let all = captured(&fresh.db, 10, 0).await.unwrap();
    assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [parcel(1, "").id, parcel(2, "").id]);
    assert_eq!(captured(&fresh.db, 1, 1).await.unwrap(), all[1..]);
    assert_eq!((all[0].captured_at, &all[0].content), (now, &parcel(1, "").content));
    let one = captured_one(&fresh.db, parcel(2, "").id).await.unwrap().unwrap();
    assert_eq!(one, all[1]);
    assert!(mime(&one.parcel(), "dondoc@tinh.example", None).is_ok());
    assert_eq!(captured_one(&fresh.db, parcel(3, "").id).await.unwrap(), None);
    assert!(channel.probe().await.unwrap().contains('2'));
}

async fn the_statements_can_be_prepared(fresh: Fresh) {
    fresh.db.prepare(&statements().copied().collect::<Vec<_>>()).await.unwrap();
}
