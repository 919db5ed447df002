//! Finding a unit from the head of any page.

use axum::http::StatusCode;
use dondoc::people::Role;

use super::text;
use crate::people::Desk;
use crate::support::databases::{Fresh, conformance, sqlite};
use crate::support::mailbox::sample_catalog;

conformance!(one_unit_opens_and_several_are_listed_in_the_order_of_the_alphabet,);

async fn one_unit_opens_and_several_are_listed_in_the_order_of_the_alphabet(fresh: Fresh) {
    sample_catalog(&fresh.db).await;
    let desk = Desk::new(fresh);
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.signed_in(&id).await;
    for (typed, code) in [
        ("song+mai", "07222"),
        ("x%C3%A3%20SONG%20mai", "07222"),
        ("07201", "07201"),
        ("sct", "SCT"),
        ("tho+xuong", "07201"),
    ] {
        assert_eq!(reader.get(&format!("/tim?q={typed}")).await.leads_to(), format!("/don-vi/{code}"), "{typed}");
    }
    let page = reader.get("/tim?q=dong").await;
    assert_eq!(page.status, StatusCode::OK);
    let names: Vec<String> =
        page.body.split("<strong lang=\"vi\">").skip(1).map(|rest| text(rest.split('<').next().unwrap())).collect();
    assert!(names.len() > 3, "{names:?}");
    let mut sorted = names.clone();
    sorted.sort_by_cached_key(|name| dondoc::catalog::alphabetical(name));
    assert_eq!(names, sorted);
    assert!(names.iter().any(|name| name.contains("Đồng")), "without its marks: {names:?}");
    assert!(page.body.contains("name=\"q\" type=\"search\" value=\"dong\""), "what was typed stays in the box");

    let none = text(&reader.get("/tim?q=khong+co+don+vi+nay").await.body);
    assert!(none.contains("Không có đơn vị nào khớp với “khong co don vi nay”"), "{none}");
    let empty = text(&reader.get("/tim").await.body);
    assert!(empty.contains("Gõ tên hoặc mã đơn vị"), "{empty}");
}

#[tokio::test]
async fn a_person_of_some_units_finds_those_and_no_others() {
    let fresh = sqlite().await;
    sample_catalog(&fresh.db).await;
    let desk = Desk::new(fresh);
    let unit = dondoc::catalog::unit_by_code(&desk.db, "07201").await.unwrap().unwrap();
    let id = desk.account_within("xa.an", Role::Viewer, Some(&unit)).await;
    let mut reader = desk.signed_in(&id).await;
    assert_eq!(reader.get("/tim?q=phuong").await.leads_to(), "/don-vi/07201", "the one that he sees");
    let page = reader.get("/tim?q=song+mai").await;
    assert!(page.status == StatusCode::OK && !page.body.contains("Song Mai"), "{}", page.body);
}

#[tokio::test]
async fn a_page_is_in_the_language_that_was_chosen_and_so_is_what_says_that_there_is_none() {
    let desk = Desk::new(sqlite().await);
    let id = desk.account("an.nguyen", Role::Viewer).await;
    let mut reader = desk.signed_in(&id).await;
    assert_eq!(reader.post("/ngon-ngu", &[("tongue", "en"), ("tiep", "/tro-giup")]).await.leads_to(), "/tro-giup");
    let page = reader.get("/tro-giup").await.body;
    assert!(page.contains("<html lang=\"en\">") && page.contains("<h1>Help</h1>"), "{page}");
    assert!(page.contains("Find a unit") && page.contains("aria-current=\"page\""), "{page}");
    assert!(page.contains("<input type=\"hidden\" value=\"/tro-giup\" name=\"tiep\">"), "and it leads back: {page}");
    let none = reader.get("/khong-co-trang-nay").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    assert!(none.body.contains("<html lang=\"en\">") && none.body.contains("<h1>Page not found</h1>"), "{}", none.body);
}
