//! The layer behind the text of a template, in a real browser: the same letters in the same places, whatever is done.

use super::editor::SHIPPED;
use super::editor_browser::{Open, TEXT, caret_at_the_end, replace};
use crate::support::browser::Browser;

const BEHIND: &str = "document.getElementById('lop-nen')";

/// Waits until the page has been painted as it is now; scrolling is told of in the frame in which it is shown.
const PAINTED: &str = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))";

/// The same characters, as high and as far scrolled, in a box of the same size at the same place.
fn is_in_step(browser: &mut Browser, when: &str) {
    browser.ask(PAINTED);
    let same = browser.ask(&format!(
        "(() => {{ const text = {TEXT}, behind = {BEHIND}, one = text.getBoundingClientRect(), other = behind.getBoundingClientRect();
            return [text.value === behind.textContent, text.scrollHeight - behind.scrollHeight, text.scrollTop - behind.scrollTop,
              text.clientWidth - behind.clientWidth, one.left - other.left, one.top - other.top, one.height - other.height] }})()"
    ));
    assert_eq!(same, serde_json::json!([true, 0, 0, 0, 0, 0, 0]), "{when}");
}

fn marked(browser: &mut Browser, kind: &str) -> Vec<String> {
    let found = browser.ask(&format!("[...{BEHIND}.querySelectorAll('.{kind}')].map(one => one.textContent)"));
    found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_layer_says_the_same_as_the_text_after_typing_pasting_taking_back_and_scrolling() {
    let (open, mut browser) = Open::new().await;
    browser.visit(&open.at("/mau-tin/commune_first"));
    is_in_step(&mut browser, "at first");
    assert_eq!(browser.ask(&format!("{BEHIND}.getAttribute('aria-hidden')")), "true");
    caret_at_the_end(&mut browser);
    for letters in ["d", "đ", "đe", "đê", "đề"] {
        browser.compose(letters);
        is_in_step(&mut browser, letters);
    }
    browser.typed("đề");
    for (deleted, letters) in [(0, " nghi"), (4, "nghị"), (0, "\n"), (0, "\n")] {
        for _ in 0..deleted {
            browser.key("Backspace");
            is_in_step(&mut browser, "a letter taken back");
        }
        browser.typed(letters);
        is_in_step(&mut browser, letters);
    }
    let pasted = "Một dòng rất dài {{ unit.name }} không xuống dòng ".repeat(40)
        + &"w".repeat(700)
        + "\n\t{% if step > 1 %}x{% endif %}\n";
    let before = browser.ask(&format!("{TEXT}.value"));
    browser.ask(&format!("document.execCommand('insertText', false, {})", serde_json::json!(pasted)));
    is_in_step(&mut browser, "pasted");
    browser.ask("document.execCommand('undo')");
    is_in_step(&mut browser, "undone");
    assert_eq!(browser.ask(&format!("{TEXT}.value")), before);
    browser.ask("document.execCommand('redo')");
    for width in [320, 360, 700, 1280] {
        browser.size(width, 900);
        for top in [0, 137, 100_000] {
            browser.ask(&format!("{TEXT}.scrollTop = {top}"));
            is_in_step(&mut browser, &format!("{width} wide, scrolled to {top}"));
        }
    }
    for zoom in ["67%", "125%", "200%"] {
        browser.ask(&format!("document.documentElement.style.fontSize = '{zoom}'"));
        is_in_step(&mut browser, zoom);
    }
    browser.ask(&format!("{TEXT}.style.height = '777px'"));
    is_in_step(&mut browser, "drawn larger");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_are_marked_those_that_do_not_exist_at_once_and_lines_with_mistakes_when_they_are_found() {
    let (open, mut browser) = Open::new().await;
    browser.visit(&open.at("/mau-tin/commune_first"));
    assert!(marked(&mut browser, "field").contains(&"{{ recipient.title }}".to_owned()));
    assert_eq!(marked(&mut browser, "unknown"), Vec::<String>::new());
    replace(&mut browser, "recipient.title", "recipient.titel");
    assert_eq!(marked(&mut browser, "unknown"), ["recipient.titel"]);
    browser.until(&format!("{BEHIND}.querySelector('.bad')"));
    let line = |browser: &mut Browser| marked(browser, "bad").concat();
    // What stands before the place of the mistake and behind it: the whole line.
    assert!(line(&mut browser).starts_with("Kính gửi: Đồng chí "), "{}", line(&mut browser));
    browser.ask(&format!("{TEXT}.focus(), {TEXT}.setSelectionRange(0, 0)"));
    browser.typed("\n");
    assert!(line(&mut browser).starts_with("Kính gửi: Đồng chí "), "the mark goes with its line");
    is_in_step(&mut browser, "a line above");
    browser.key("Backspace");
    replace(&mut browser, "recipient.titel", "recipient.title");
    browser.until(&format!("!{BEHIND}.querySelector('.bad')"));
    assert_eq!(marked(&mut browser, "unknown"), Vec::<String>::new());
    for (typed, unknown) in [
        ("{% for nguoi in units %}{{ nguoi.name }}{{ nguoi.nam }}{% endfor %}", &["nguoi.nam"][..]),
        ("{{ khong_co | default(value=\"x\") }}{% if khong_co is defined %}{% endif %}", &[]),
        ("{% set moi = 1 %}{{ moi }}{# khong_co #}{{ \"khong_co\" }}", &[]),
        ("{{ unit.name | upper }} {{ khong.co }} {{ dang_go", &["khong.co"]),
    ] {
        caret_at_the_end(&mut browser);
        browser.typed(typed);
        assert_eq!(marked(&mut browser, "unknown"), unknown, "{typed}");
        is_in_step(&mut browser, typed);
        browser.ask("document.execCommand('undo')");
    }
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_shipped_template_is_called_wrong_and_a_selection_is_wrapped_in_a_condition() {
    let (open, mut browser) = Open::new().await;
    for name in dondoc::message::Templates::built_in().names() {
        browser.visit(&open.at(&format!("/mau-tin/{}", name.trim_end_matches(".md"))));
        assert_eq!(marked(&mut browser, "unknown"), Vec::<String>::new(), "{name}");
        is_in_step(&mut browser, name);
    }
    browser.visit(&open.at("/mau-tin/commune_first"));
    let at = format!("{TEXT}.value.indexOf('Trân trọng')");
    browser.ask(&format!("{TEXT}.focus(), {TEXT}.setSelectionRange({at}, {at} + 'Trân trọng./.'.length)"));
    browser.ask("document.getElementById('dieu-kien').focus(), document.getElementById('boc').click()");
    let expected = SHIPPED.replace("Trân trọng./.", "{% if step >= 2 %}Trân trọng./.{% endif %}");
    assert_eq!(browser.ask(&format!("{TEXT}.value")), expected);
    is_in_step(&mut browser, "wrapped");
    browser.ask("document.execCommand('undo')");
    assert_eq!(browser.ask(&format!("{TEXT}.value")), SHIPPED);
    assert_eq!(browser.complaints, Vec::<String>::new());
}
