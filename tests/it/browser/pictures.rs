//! Pictures of the pages for the README; `scripts/screenshots` asks for them.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use dondoc::web::Mode;

use super::Open;
use super::walk::every_page;
use crate::support::browser::Browser;

/// A picture in the README is at most so large, in bytes.
const LARGEST: usize = 200_000;

/// Where pictures go to, where somebody asked for them.
fn folder(variable: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "scripts/screenshots says where to")]
    let folder = std::env::var(variable).ok().map(PathBuf::from)?;
    std::fs::create_dir_all(&folder).unwrap();
    Some(folder)
}

fn take(browser: &mut Browser, file: &Path) -> usize {
    let picture = base64::engine::general_purpose::STANDARD.decode(browser.picture()).unwrap();
    std::fs::write(file, &picture).unwrap();
    picture.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_main_pages_are_pictured_for_the_readme() {
    let spare = tempfile::tempdir().unwrap();
    let folder = folder("DONDOC_SCREENSHOTS").unwrap_or_else(|| spare.path().to_path_buf());
    let mut browser = Browser::open();
    let open = Open::demonstrated().await.with_people(&mut browser).await;
    let letter = format!("/hop-thu-thu/{}", open.written);
    let pages = [
        ("overview", "/"),
        ("unit", "/don-vi/07201"),
        ("letter", letter.as_str()),
        ("editor", "/mau-tin/commune_first?don-vi=07201"),
        ("contacts", "/danh-ba"),
        ("outbox", "/hop-thu-di"),
    ];
    for (name, path) in pages {
        for (kind, width, height) in [("", 1280, 860), ("-phone", 360, 740)] {
            browser.size(width, height);
            browser.visit(&open.at(path));
            browser.ask("document.fonts.ready.then(() => 0)");
            let size = take(&mut browser, &folder.join(format!("{name}{kind}.png")));
            assert!((10_000..=LARGEST).contains(&size), "{name}{kind}: {size} bytes");
        }
    }
}

/// For whoever changes how pages look: all of them from top to bottom, and the printed ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_pictured() {
    let spare = tempfile::tempdir().unwrap();
    let asked = folder("DONDOC_PICTURES");
    // Without anybody who looks one page shows that it can be done.
    let most = if asked.is_some() { usize::MAX } else { 1 };
    let folder = asked.unwrap_or_else(|| spare.path().to_path_buf());
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    for (number, path) in (0..).zip(every_page(&open)).take(most) {
        let name: String = path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(24).collect();
        for (width, dark) in [(1280, false), (360, false), (360, true)] {
            browser.size(width, 800);
            browser.dark(dark);
            browser.visit(&open.at(&path));
            browser.ask("document.fonts.ready.then(() => 0)");
            let height = browser.ask("document.documentElement.scrollHeight").as_u64().unwrap().min(4_000);
            browser.size(width, u32::try_from(height).unwrap());
            let dark = if dark { "-dark" } else { "" };
            let size = take(&mut browser, &folder.join(format!("{number:02}{name}-{width}{dark}.png")));
            assert!(size > 5_000, "{path}: {size} bytes");
        }
        browser.dark(false);
        let paper = browser.paper();
        assert!(paper.starts_with(b"%PDF"), "{path}");
        std::fs::write(folder.join(format!("{number:02}{name}.pdf")), paper).unwrap();
    }
}
