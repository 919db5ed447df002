//! Units with several deputies: which row is which of them, and that a unit's own desk is an office, too.

use dondoc::app::directory::{Looked, look};
use dondoc::catalog::contact_sheet::ChangeKind;
use dondoc::catalog::directory::Directory;
use dondoc::catalog::{Catalog, Contact, Office, Pack, Seat, UnitId, Validity};
use dondoc::words::Tongue::Vietnamese;

use super::{book, fill, read, sample};
use crate::support::mailbox::start;

const HEAD: &[&str] = &["Mã đơn vị", "Vai trò", "Chức vụ", "Họ và tên", "Email"];

fn deputy(number: u8) -> Office {
    Office::Deputy(Seat::numbered(number).unwrap())
}

/// The sample with these deputies of one commune.
fn with(deputies: &[(u8, &str)]) -> Directory {
    let mut directory = sample();
    directory.contacts.extend(deputies.iter().map(|(number, person)| Contact {
        unit: UnitId::new("07222"),
        office: deputy(*number),
        person: Some((*person).to_owned()),
        title: "Phó Chủ tịch UBND xã Song Mai".to_owned(),
        email: Some(format!("pho{number}@tinh.example")),
        phone: None,
        zalo_user_id: None,
        valid: Validity { from: "2022-01-01".parse().ok(), to: None },
    }));
    directory
}

async fn looked(directory: &Directory, rows: &[&[&str]]) -> Looked {
    let bytes = book(|sheet| {
        fill(sheet, 0, &[HEAD]);
        fill(sheet, 1, rows);
    });
    let (sheet, layout) = read(&bytes).await.unwrap();
    look(directory, (&sheet, &layout), &|_| true, false, start())
}

fn seats(looked: &Looked) -> Vec<(u32, &'static str)> {
    looked.reading.holders.iter().map(|(row, holder)| (*row, holder.office.word())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_deputy_keeps_his_seat_and_a_new_one_follows_or_joins() {
    let row = |person: &'static str| -> [&'static str; 5] { ["07222", "Cấp phó", "", person, ""] };
    let (one, two, three) = (row("Người thứ nhất"), row("Người thứ hai"), row("Người thứ ba"));
    let none = with(&[]);
    assert_eq!(seats(&looked(&none, &[&one, &two]).await), [(2, "deputy"), (3, "deputy_2")]);
    let both = with(&[(1, "Người thứ nhất"), (2, "Người thứ hai")]);
    let turned = looked(&both, &[&two, &one]).await;
    assert_eq!(seats(&turned), [(2, "deputy_2"), (3, "deputy")], "by name, whatever their order");
    let joined = looked(&both, &[&one, &two, &three]).await;
    assert_eq!(seats(&joined), [(2, "deputy"), (3, "deputy_2"), (4, "deputy_3")]);
    assert_eq!(joined.plan.count(ChangeKind::Added), 1);
    let followed = looked(&both, &[&one, &three]).await;
    assert_eq!(seats(&followed), [(2, "deputy"), (3, "deputy_2")], "all but one are named: he is followed");
    let alone = looked(&with(&[(1, "Người thứ nhất")]), &[&three]).await;
    assert_eq!(seats(&alone), [(2, "deputy")]);
    let desk = looked(&none, &[&["07222", "Văn phòng", "", "", "vp@tinh.example"]]).await;
    assert_eq!(seats(&desk), [(2, "bureau")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_a_new_deputy_follows_is_never_guessed() {
    let both = with(&[(1, "Người thứ nhất"), (2, "Người thứ hai")]);
    let doubtful = looked(&both, &[&["07222", "Phó Chủ tịch", "", "Người thứ ba", ""]]).await;
    let found = &doubtful.reading.findings[0];
    assert_eq!((found.cell(), found.wrong), ("B2".to_owned(), true));
    assert!(found.sentence.say(Vietnamese).contains("đang có 2 cấp phó khác"), "{found:?}");
    assert!(doubtful.reading.holders.is_empty());
    let said = looked(&both, &[&["07222", "Cấp phó 2", "", "Người thứ ba", ""]]).await;
    assert_eq!(seats(&said), [(2, "deputy_2")]);
    let twice = looked(&both, &[["07222", "Cấp phó", "", "Người thứ nhất", ""].as_slice(); 2]).await;
    assert!(twice.reading.findings[0].sentence.say(Vietnamese).contains("Dòng 2 đã ghi cấp phó này"));
}

#[test]
fn deputies_and_desks_receive_no_reminder_and_stand_in_a_pack() {
    let mut directory = with(&[(1, "Người thứ nhất"), (2, "Người thứ hai")]);
    let mut desk = directory.contacts.last().unwrap().clone();
    desk.office = Office::Bureau;
    directory.contacts.push(desk);
    let Directory { units, contacts, successions } = directory;
    let day = start().date_naive();
    let plain = Catalog::of(&Pack { units: units.clone(), contacts: sample().contacts, ..Pack::default() }, day, day);
    let pack = Pack { units, contacts, successions, ..Pack::default() };
    assert_eq!(Catalog::of(&pack, day, day).recipients, plain.recipients, "who receives is the head, as before");
    for office in Office::ALL {
        assert_eq!(Office::from_word(office.word()), Some(office));
    }
    let files = pack.files();
    let contacts = files.iter().find(|(name, _)| name == "contacts.csv").map(|(_, text)| text.as_str()).unwrap();
    assert!(contacts.contains("07222,deputy_2,Người thứ hai") && contacts.contains("07222,bureau,"), "{contacts}");
}
