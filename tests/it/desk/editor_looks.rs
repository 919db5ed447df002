//! What the editor shows beside a text: roll-ups of the last round, what Zalo registered, and all of it in English.

use dondoc::people::Role;

use super::editor::{PAGE, Press, SHIPPED, press, says};
use super::text;
use crate::support::project::{Plan, Project};
use crate::support::zalo::ZaloTwin;

/// An installation whose province has a head, so that there is a superior.
fn with_a_superior(extra: &str) -> Project {
    let project = Project::new(&Plan { units: 12, extra: extra.to_owned(), ..Plan::default() });
    let contacts = project.read("pack/contacts.csv");
    let head = "24,head,,Chủ tịch UBND tỉnh,chutich@tinh.example,0900 000 998,,,\n";
    project.write("pack/contacts.csv", &format!("{contacts}{head}"));
    project
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roll_ups_are_shown_with_the_figures_of_the_last_round_and_say_so() {
    let press_ = Press::after_a_round(with_a_superior("")).await;
    let mut reader = press_.editor().await;
    for name in ["leaders_sheet", "superior_digest", "_digest_rest"] {
        let page = reader.get(&format!("/mau-tin/{name}")).await;
        says(&page, &["Xem với số liệu thật của đợt gần nhất, đến hết ngày 31/10/2022."]);
        assert!(!page.body.contains("số liệu mẫu"), "{name}: {}", text(&page.body));
        assert!(page.body.contains("12") && page.body.contains("xã Số "), "{name}: {}", text(&page.body));
    }
    let digest = reader.get("/mau-tin/superior_digest").await;
    says(&digest, &["Người nhận", "24 Tỉnh Mẫu", "Chủ tịch UBND tỉnh"]);
    let chosen = reader.get("/mau-tin/superior_digest?don-vi=tinh+mau").await;
    says(&chosen, &["Chủ tịch UBND tỉnh"]);
    says(&reader.get("/mau-tin/superior_digest?don-vi=X000001").await, &["Không có đơn vị nào khớp “X000001”."]);
    // What is in the preview is what would be sent.
    let rolled = press_.app.sketches(dondoc::pass::Audience::Superiors).await.unwrap();
    assert_eq!(rolled.len(), 1);
    let copy = reader.get("/mau-tin/superior_copy?don-vi=X000003").await;
    says(&copy, &["Chủ tịch UBND tỉnh", "UBND xã Số 3"]);
    let page = reader.get("/mau-tin/correction").await;
    says(&page, &["Chưa có thư nào cần đính chính, nên đang xem bằng số liệu mẫu."]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_note_shows_what_waits_now_and_who_sees_some_units_only_sees_samples() {
    let project = with_a_superior("");
    let contacts = project.read("pack/contacts.csv");
    let without: Vec<&str> = contacts.lines().filter(|line| !line.starts_with("X000007,")).collect();
    project.write("pack/contacts.csv", &format!("{}\n", without.join("\n")));
    let press_ = Press::after_a_round(project).await;
    let mut reader = press_.editor().await;
    let note = reader.get("/mau-tin/admin_note").await;
    says(&note, &["Xem với những việc đang chờ thật lúc này.", "1 đơn vị chưa có người nhận thư"]);
    let mut scoped = press_.reader("xa", Role::Viewer, Some("X000004")).await;
    for name in ["leaders_sheet", "admin_note", "superior_digest"] {
        let page = scoped.get(&format!("/mau-tin/{name}")).await;
        says(&page, &["Bản tổng hợp được xem trước bằng số liệu mẫu."]);
        assert!(!page.body.contains("Xã Số 7") && !page.body.contains("xã Số "), "{name}: {}", text(&page.body));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_the_first_round_roll_ups_are_samples_and_say_why() {
    let press_ = Press::over(with_a_superior("")).await;
    let mut reader = press_.editor().await;
    for name in ["leaders_sheet", "superior_digest"] {
        says(&reader.get(&format!("/mau-tin/{name}")).await, &["Chưa có đợt số liệu nào"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_parameter_stands_beside_what_zalo_registered_for_it() {
    let twin = ZaloTwin::start().await;
    let further = "[channel.templates]\nrepeat = \"300009\"\n";
    let project = Project::new(&Plan { units: 3, channels: twin.channel(further), ..Plan::default() });
    let seeded = Project::fed(project.command(&["zalo", "seed"]), &twin.pair());
    assert_eq!(seeded.code, 0, "{}", seeded.err);
    project.run(&["zalo", "status"]);
    let press_ = Press::after_a_round(project).await;
    let mut reader = press_.editor().await;
    let page = reader.get(PAGE).await;
    says(&page, &["Giới hạn theo mẫu Zalo 300001, kênh zalo, đọc từ Zalo lúc", "UBND xã Số 0 12/30 ký tự ✓"]);
    let wordy =
        SHIPPED.replace("'{% include \"_zalo_unit.md\" %}'", "'Ủy ban nhân dân của đơn vị {{ unit.authority }}'");
    assert_ne!(wordy, SHIPPED);
    says(&press(&mut reader, &page, &wordy, "xem").await, &["✗ 39 ký tự, Zalo nhận nhiều nhất 30"]);
    let lacking = SHIPPED.replace("count = ", "counted = ");
    says(&press(&mut reader, &page, &lacking, "xem").await, &["✗ mẫu tin không có tham số này"]);
    let repeat = reader.get("/mau-tin/commune_repeat").await;
    says(&repeat, &["Chưa biết giới hạn của mẫu Zalo 300009 (kênh zalo).", "<code>dondoc zalo status</code>"]);
    let sheet = reader.get("/mau-tin/superior_digest").await;
    says(&sheet, &["Kênh zalo chưa chỉ định mẫu Zalo cho loại thư này"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_editor_can_be_read_in_english() {
    let press_ = Press::new("").await;
    let mut reader = press_.editor().await;
    reader.post("/ngon-ngu", &[("tongue", "en"), ("tiep", "/")]).await;
    says(
        &reader.get("/mau-tin").await,
        &["Communes, first reminder", "Heads of communes", "The original of this software"],
    );
    let page = reader.get(PAGE).await;
    let expected = [
        "Sent to: Heads of communes, wards and townships. In force: the original.",
        "Only show when …",
        "Shown with the real figures of the last round, up to 31/10/2022.",
        "characters (160 in one message)",
        "Merge fields and ready-made blocks",
        "<span lang=\"vi\">Tên đơn vị: <b>",
    ];
    says(&page, &expected);
    let broken = SHIPPED.replacen("recipient.title", "recipient.titel", 1);
    let seen = press(&mut reader, &page, &broken, "xem").await;
    says(&seen, &["To be mended", "Line 16, column 33:", "There is no field `"]);
    press(&mut reader, &page, &SHIPPED.replace("Trân trọng", "Kính thư"), "luu").await;
    let page = reader.get(PAGE).await;
    press(&mut reader, &page, &SHIPPED.replace("Trân trọng", "Thân ái"), "ap-dung").await;
    let confirm = reader.get("/mau-tin/commune_first/ap-dung").await;
    says(&confirm, &["Put in force: Communes, first reminder", "It suits everybody:", "What will change", "[added: "]);
    let versions = reader.get("/mau-tin/commune_first/lich-su?so=nhap-1").await;
    says(&versions, &["From the original, in force, to draft 1", "Draft 2 · in hand", "Take draft 1 back"]);
}
