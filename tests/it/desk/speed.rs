//! How long the server takes with a large province. Measured, not asserted in time: run it by name and read what it prints.

use std::time::Instant;

use super::{Office, figures, units};
use crate::support::project::code;

/// `DONDOC_MEASURE_UNITS=10000 cargo test --release --test it -- --ignored --nocapture large_province`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
#[expect(clippy::print_stderr, reason = "a measurement prints its figures")]
async fn a_large_province_is_shown_by_pages() {
    let count = std::env::var("DONDOC_MEASURE_UNITS").ok().and_then(|count| count.parse().ok()).unwrap_or(10_000);
    let rounds = [("2022-10-31", figures(count, |unit| unit % 70)), ("2022-11-07", figures(count, |unit| unit % 71))];
    let office = Office::after(count, &rounds).await;
    let mut reader = office.reader(None).await;
    let unit = format!("/don-vi/{}", code(count / 2));
    for address in ["/", "/", "/", "/?xep=ten", "/?chua-dat=1&trang=7", &unit, &unit, &unit] {
        let began = Instant::now();
        let page = reader.get(address).await;
        eprintln!(
            "{address}: {} ms, {} KB, {} units",
            began.elapsed().as_millis(),
            page.body.len() / 1024,
            units(&page.body).len()
        );
        assert!(page.status.is_success());
        assert!(units(&page.body).len() <= 200);
    }
}
