//! Every page there is, in both languages: what reads the same in English is data, and says that it is Vietnamese.

use std::collections::BTreeSet;

use dondoc::web::Mode;
use serde_json::{Value, json};

use super::Open;
use super::walk::{every_page, more};
use crate::support::browser::Browser;

/// The texts of the page and of what names its parts, those that are marked as Vietnamese left out, and the title, where nothing can be marked.
const TEXTS: &str = "(() => {
    const foreign = one => one.closest('[lang]')?.lang !== document.documentElement.lang || one.closest('script, style, title');
    const texts = [];
    const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) if (!foreign(walk.currentNode.parentElement)) texts.push(walk.currentNode.data);
    for (const one of document.querySelectorAll('[aria-label], [placeholder], [title], [alt]'))
        if (!foreign(one)) for (const name of ['aria-label', 'placeholder', 'title', 'alt']) texts.push(one.getAttribute(name) ?? '');
    return { language: document.documentElement.lang, texts: texts.map(text => text.trim().replace(/\\s+/g, ' ')).filter(Boolean),
        wide: document.documentElement.scrollWidth > innerWidth };
})()";

fn is_vietnamese(text: &str) -> bool {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    letters.any(|letter| "ăâđêôơư".contains(letter) || ('à'..='ý').contains(&letter) || ('ạ'..='ỹ').contains(&letter))
}

fn texts(found: &Value) -> BTreeSet<String> {
    let texts = found["texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned());
    texts.filter(|text| is_vietnamese(text)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_english_page_says_in_vietnamese_is_marked_as_vietnamese() {
    let mut browser = Browser::open();
    let open = Open::new(Mode::Daemon).await.with_people(&mut browser).await;
    browser.size(320, 800);
    let mut wrong = Vec::new();
    // Letters and what heads read are in the language of those who wrote them, whoever looks.
    let pages =
        every_page(&open).into_iter().chain(more()).filter(|page| !page.ends_with("/html") && !page.starts_with("/r"));
    for page in pages {
        browser.cookie(&open.at("/"), "dondoc-tongue", "vi");
        browser.visit(&open.at(&page));
        let vietnamese = browser.ask(TEXTS);
        browser.cookie(&open.at("/"), "dondoc-tongue", "en");
        browser.visit(&open.at(&page));
        let english = browser.ask(TEXTS);
        assert_eq!((&vietnamese["language"], &english["language"]), (&json!("vi"), &json!("en")), "{page}");
        if english["wide"] == true {
            wrong.push(format!("{page}: wider than the window in English"));
        }
        let same: Vec<String> = texts(&vietnamese).intersection(&texts(&english)).cloned().collect();
        wrong.extend(same.into_iter().map(|text| format!("{page}: {text}")));
    }
    assert!(wrong.is_empty(), "{} texts\n{}", wrong.len(), wrong.join("\n"));
}
