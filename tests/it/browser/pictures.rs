//! Pictures of the pages for the README; `scripts/screenshots` asks for them.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use dondoc::web::Mode;

use super::Open;
use super::walk::every_page;
use crate::support::browser::Browser;

/// A picture in the README is at most so large, in bytes.
const LARGEST: usize = 200_000;

/// Where pictures go to.
fn folder(variable: &str) -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "scripts/screenshots says where to")]
    let folder =
        std::env::var(variable).unwrap_or_else(|_| panic!("{variable} names a folder; see scripts/screenshots"));
    std::fs::create_dir_all(&folder).unwrap();
    PathBuf::from(folder)
}

fn take(browser: &mut Browser, file: &Path) -> usize {
    let picture = base64::engine::general_purpose::STANDARD.decode(browser.picture()).unwrap();
    std::fs::write(file, &picture).unwrap();
    picture.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes the pictures of the README"]
async fn the_main_pages_are_pictured_for_the_readme() {
    let folder = folder("DONDOC_SCREENSHOTS");
    let mut browser = Browser::open();
    let open = Open::demonstrated().await.with_people(&mut browser).await;
    let letter = format!("/hop-thu-thu/{}", open.written);
    let pages = [("overview", "/"), ("unit", "/don-vi/07201"), ("letter", letter.as_str()), ("audit-log", "/nhat-ky")];
    for (name, path) in pages {
        for (kind, width, height) in [("", 1280, 860), ("-phone", 360, 740)] {
            browser.size(width, height);
            browser.visit(&open.at(path));
            browser.ask("document.fonts.ready.then(() => 0)");
            let size = take(&mut browser, &folder.join(format!("{name}{kind}.png")));
            assert!(size <= LARGEST, "{name}{kind}: {size} bytes");
        }
    }
}

/// For whoever changes how pages look: all of them from top to bottom, and the printed ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes pictures of every page"]
async fn every_page_is_pictured() {
    let folder = folder("DONDOC_PICTURES");
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    for (number, path) in (0..).zip(every_page(&open)) {
        let name: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(24).collect();
        for (width, dark) in [(1280, false), (360, false), (360, true)] {
            browser.size(width, 800);
            browser.dark(dark);
            browser.visit(&open.at(&path));
            browser.ask("document.fonts.ready.then(() => 0)");
            let height = browser.ask("document.documentElement.scrollHeight").as_u64().unwrap().min(4_000);
            browser.size(width, u32::try_from(height).unwrap());
            let dark = if dark { "-dark" } else { "" };
            take(&mut browser, &folder.join(format!("{number:02}{name}-{width}{dark}.png")));
        }
        browser.dark(false);
        std::fs::write(folder.join(format!("{number:02}{name}.pdf")), browser.paper()).unwrap();
    }
}
