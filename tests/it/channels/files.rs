//! Messages as files.

use dondoc::channel::Kind;

use crate::support::mail;
use crate::support::parcels::{SUBJECT, open, parcel};

#[tokio::test]
async fn mail_becomes_an_eml_file_and_anything_else_a_json_file() {
    let folder = tempfile::tempdir().unwrap();
    let channel = open(Kind::File { folder: folder.path().join("out") }).await;
    channel.send(&parcel(1, "a@x.example")).await.unwrap();
    let mut phone = parcel(2, "0900 000 123");
    phone.unit_code = "../H02/22".to_owned();
    assert_eq!(channel.send(&phone).await.unwrap().answer, "___H02_22-10000000.json");
    let raw = std::fs::read(folder.path().join("out/H02_21-10000000.eml")).unwrap();
    assert_eq!(mail::subject(&raw), SUBJECT);
    let json = std::fs::read(folder.path().join("out/___H02_22-10000000.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["address"], "0900 000 123");
    assert_eq!(json["sms"], phone.content.sms);
    assert_eq!(std::fs::read_dir(folder.path().join("out")).unwrap().count(), 2, "no temporary file is left");
}

#[tokio::test]
async fn a_second_try_writes_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let channel = open(Kind::File { folder: folder.path().to_owned() }).await;
    let first = channel.send(&parcel(1, "a@x.example")).await.unwrap();
    let before = std::fs::read(folder.path().join(&first.answer)).unwrap();
    let second = channel.send(&parcel(1, "a@x.example")).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(before, std::fs::read(folder.path().join(&second.answer)).unwrap());
    assert!(channel.probe().await.is_ok());
}

#[tokio::test]
async fn a_folder_that_is_gone_is_a_channel_out_of_order() {
    let folder = tempfile::tempdir().unwrap();
    let channel = open(Kind::File { folder: folder.path().join("out") }).await;
    std::fs::remove_dir(folder.path().join("out")).unwrap();
    let error = channel.send(&parcel(1, "a@x.example")).await.unwrap_err();
    assert_eq!(error.class, dondoc::channel::Class::ChannelBroken);
}
