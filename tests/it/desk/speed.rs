//! A large province is shown by pages. How long the server takes is measured by name, not asserted: read what it prints.

use std::time::Instant;

use super::{Office, units};
use crate::support::project::code;
use crate::support::rounds;

const UNITS: usize = 10_000;

/// `cargo test --release --test it -- --ignored --nocapture a_large_province`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn a_large_province_is_shown_by_pages() {
    let office = Office::after(UNITS, &[]).await;
    rounds::two_rounds(&office.db).await;
    let mut reader = office.reader(None).await;
    let unit = format!("/don-vi/{}", code(UNITS / 2));
    for address in ["/", "/", "/", "/?xep=ten", "/?chua-dat=1&trang=7", &unit, &unit, &unit] {
        let began = Instant::now();
        let page = reader.get(address).await;
        let (took, shown) = (began.elapsed().as_millis(), units(&page.body).len());
        eprintln!("{address}: {took} ms, {} KB, {shown} units", page.body.len() / 1024);
        assert!(page.status.is_success() && shown <= 200, "{address}");
    }
}
