//! The test mailbox over an installation: filtered by round, channel, unit and form.

use super::editor::{PAGE, Press, SHIPPED, press, says};
use super::text;
use crate::support::project::{Plan, Project};
use crate::support::reader::Answer;

/// After two rounds, and with a test from the editor.
async fn caught() -> (Press, crate::support::reader::Reader) {
    let project = Project::new(&Plan { units: 3, ..Plan::default() });
    for day in ["2022-10-31", "2022-11-21"] {
        let done = project.run(&["run", "--as-of", day]);
        assert_eq!(done.code, 0, "{}", done.err);
    }
    let press_ = Press::over(project).await;
    let mut reader = press_.editor().await;
    let page = reader.get(PAGE).await;
    press(&mut reader, &page, SHIPPED, "gui-thu").await;
    (press_, reader)
}

fn letters(page: &Answer) -> usize {
    page.body.matches("class=\"subject\"").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_are_found_by_round_channel_unit_and_form_and_say_which_channel_caught_them() {
    let (_press, mut reader) = caught().await;
    let all = reader.get("/hop-thu-thu").await;
    assert_eq!(letters(&all), 7, "{}", text(&all.body));
    says(&all, &["Gửi thử từ trang mẫu tin", "· Tin đôn đốc", "7 thư"]);
    let of_unit = reader.get("/hop-thu-thu?don-vi=X000001").await;
    assert_eq!(letters(&of_unit), 2, "{}", text(&of_unit.body));
    says(&of_unit, &["2 thư", "Bỏ lọc"]);
    assert_eq!(letters(&reader.get("/hop-thu-thu?kenh=mailbox").await), 6);
    let tests = reader.get("/hop-thu-thu?kenh=-").await;
    assert_eq!(letters(&tests), 1);
    let rounds: Vec<&str> = all
        .body
        .split("<select id=\"dot\"")
        .nth(1)
        .unwrap()
        .split("</select>")
        .next()
        .unwrap()
        .split("<option value=\"")
        .skip(2)
        .map(|option| option.split('"').next().unwrap())
        .collect();
    assert_eq!(rounds.len(), 2, "{rounds:?}");
    for round in rounds {
        let of_round = reader.get(&format!("/hop-thu-thu?dot={round}&kenh=mailbox")).await;
        assert_eq!(letters(&of_round), 3, "{round}");
        assert!(of_round.body.contains(&format!("<option value=\"{round}\" selected>")));
    }
    let sms = reader.get("/hop-thu-thu?don-vi=X000002&dang=sms").await;
    assert_eq!(sms.body.matches("class=\"sms\"").count(), 2, "{}", text(&sms.body));
    assert!(sms.body.contains("?don-vi=X000002&dang=zalo") || sms.body.contains("?don-vi=X000002&#38;dang=zalo"));
    let none = reader.get("/hop-thu-thu?kenh=planet").await;
    says(&none, &["Không có thư nào khớp", "Chọn ít điều kiện hơn"]);

    let id = |page: &Answer| {
        let rest = page.body.split("class=\"subject\"><a href=\"/hop-thu-thu/").nth(1).unwrap();
        rest.split(['"', '?']).next().unwrap().to_owned()
    };
    let letter = reader.get(&format!("/hop-thu-thu/{}?don-vi=X000001", id(&of_unit))).await;
    says(&letter, &["Kênh mailbox", "Các thư cùng đợt", "Thư sau ›"]);
    assert!(letter.body.contains("‹ Thư trước") != letter.body.contains("Thư sau ›"), "two letters of one unit");
    let same_round = letter.body.split("href=\"/hop-thu-thu?dot=").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(letters(&reader.get(&format!("/hop-thu-thu?dot={same_round}")).await), 3);
    says(&reader.get(&format!("/hop-thu-thu/{}", id(&tests))).await, &["Gửi thử từ trang mẫu tin, không qua kênh nào"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mailbox_can_be_read_in_english() {
    let (_press, mut reader) = caught().await;
    reader.post("/ngon-ngu", &[("tongue", "en"), ("tiep", "/")]).await;
    says(
        &reader.get("/hop-thu-thu?don-vi=X000001").await,
        &["Test mailbox", "2 letters", "Clear the filter", "Unit code"],
    );
    says(
        &reader.get("/hop-thu-thu?don-vi=X000001&dang=zalo").await,
        &["Figures up to", "Indicator 1", "See the letter"],
    );
    says(&reader.get("/hop-thu-thu?q=planet").await, &["No letter matches", "Try fewer letters"]);
    let list = reader.get("/hop-thu-thu?kenh=mailbox").await;
    let id = list.body.split("href=\"/hop-thu-thu/").nth(1).unwrap().split(['"', '?']).next().unwrap().to_owned();
    let letter = reader.get(&format!("/hop-thu-thu/{id}")).await;
    says(&letter, &["Recipient", "Letters of the same round", "Plain text", "Without diacritics and links."]);
}
