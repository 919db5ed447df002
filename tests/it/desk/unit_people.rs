//! The page of a unit: who hears of it and why, when again, where it came from, and what the newest month did by itself.

use std::fmt::Write as _;

use dondoc::people::Role;

use super::{Office, figures, text};
use crate::support::project::code;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_says_who_is_reached_on_which_channels_and_when_again() {
    let rounds = [("2022-10-24", figures(2, |unit| 30 + unit)), ("2022-10-31", figures(2, |unit| 31 + unit))];
    let office = Office::after(2, &rounds).await;
    let bare = text(&office.reader(None).await.get(&format!("/don-vi/{}", code(1))).await.body);
    assert!(
        !bare.contains("Lần nhắc tới") && !bare.contains("Kênh gửi"),
        "without a configuration nothing is guessed: {bare}"
    );
    let office = office.installed().await;
    let page = text(&office.reader_again(None).await.get(&format!("/don-vi/{}", code(1))).await.body);
    for said in [
        "Chủ tịch UBND xã Số 1 vì là người đứng đầu đơn vị theo danh bạ",
        "Kênh gửi, theo thứ tự: mailbox tới u***@xa1.example",
        "trực tuyến: đã nhắc lần 2 theo số liệu đến 31/10/2022; nhắc lần 3 (",
        "sớm nhất theo số liệu ngày 07/11/2022, nếu khi đó vẫn chưa đạt",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("ubnd@xa1.example"), "whoever only looks sees no address whole: {page}");
    let editor = text(&office.reader_as(Role::Editor).await.get(&format!("/don-vi/{}", code(1))).await.body);
    assert!(editor.contains("ubnd@xa1.example"), "who edits contacts sees what he edits: {editor}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merged_unit_names_its_predecessors_and_a_deputy_is_named_without_being_written_to() {
    let office = Office::after(2, &[]).await;
    let units = office.project.read("pack/units.csv").replace(
        &format!("{},Xã Số 1,xa,24,,,", code(1)),
        &format!(
            "{},Xã Số 1,xa,24,2022-07-01,,\nX900001,Xã Cũ Một,xa,24,,2022-06-30,\nX900002,Xã Cũ Hai,xa,24,,2022-06-30,",
            code(1)
        ),
    );
    office.project.write("pack/units.csv", &units);
    let merged = format!(
        "predecessor,successor,date,kind\nX900001,{0},2022-07-01,merge\nX900002,{0},2022-07-01,merge\n",
        code(1)
    );
    office.project.write("pack/succession.csv", &merged);
    let mut contacts = office.project.read("pack/contacts.csv");
    let _ = writeln!(contacts, "{},deputy,,Phó Chủ tịch UBND xã Số 1,pho@xa1.example,,,,", code(1));
    office.project.write("pack/contacts.csv", &contacts);
    let done = office.project.run(&["catalog", "import", "pack", "--yes"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let mut reader = office.reader(None).await;
    let page = reader.get(&format!("/don-vi/{}", code(1))).await.body;
    for said in [
        "Tiền thân: Xã Cũ Một (nhập, từ ngày 01/07/2022), Xã Cũ Hai (nhập, từ ngày 01/07/2022)",
        "Cấp phó trong danh bạ Phó Chủ tịch UBND xã Số 1 không nhận tin nhắc",
    ] {
        assert!(text(&page).contains(said), "{said}: {}", text(&page));
    }
    assert!(page.contains("href=\"/don-vi/X900001\""), "{page}");
    let old = text(&reader.get("/don-vi/X900001").await.body);
    assert!(old.contains("Đơn vị kế tục: Xã Số 1 (nhập, từ ngày 01/07/2022)"), "{old}");
    let part = office.reader(Some(&code(1))).await.get(&format!("/don-vi/{}", code(1))).await.body;
    assert!(
        part.contains("Xã Cũ Một") && !part.contains("href=\"/don-vi/X900001\""),
        "the name is told, the page is not his: {part}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_month_is_told_beside_the_whole_and_services_without_a_dossier_are_named() {
    let october = figures(1, |_| 40);
    let november = format!(
        "{october}2022-11,{0},1.000001,50,30,45,45,40,20,0,1,1\n2022-11,{0},1.000009,0,0,0,0,0,0,0,1,0\n",
        code(0)
    );
    let office = Office::after(1, &[("2022-10-31", october), ("2022-11-30", november)]).await;
    let page = text(&office.reader(None).await.get(&format!("/don-vi/{}", code(0))).await.body);
    assert!(page.contains("Riêng tháng 11: 30/50, 60,00%"), "{page}");
    assert!(page.contains("Dịch vụ chưa phát sinh hồ sơ: 1 1.000009"), "{page}");
}
