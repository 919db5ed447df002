//! The first set-up: from an empty program to the first message on the screen, by pages and by a file.

use axum::http::StatusCode;
use dondoc::people::{Role, Step};
use serde_json::json;

use super::{Office, figures};
use crate::support::browser::Browser;
use crate::support::daemon::Daemon;
use crate::support::project::{Plan, Project};
use crate::support::reader::Reader;

/// An installation with an empty catalog; the files of its pack lie beside it.
fn empty() -> Project {
    let project = Project::new(&Plan { units: 3, ..Plan::default() });
    project.edit("config.toml", "seed = \"pack\"\n", "");
    project
}

fn fill(browser: &mut Browser, fields: &[(&str, &str)]) {
    for (field, value) in fields {
        browser.ask(&format!("document.getElementById({}).value = {}", json!(field), json!(value)));
    }
}

fn text(browser: &mut Browser) -> String {
    browser.ask("document.body.innerText").as_str().unwrap().to_owned()
}

/// Presses the button with these words.
fn press(browser: &mut Browser, words: &str) {
    browser.press(&format!(
        "[...document.querySelectorAll('main button, main a')].find(one => one.innerText.trim() === {}).click()",
        json!(words)
    ));
}

fn first_administrator(project: &Project, daemon: &Daemon, browser: &mut Browser) {
    let code = project.run(&["setup-code"]);
    assert_eq!(code.code, 0, "{}", code.err);
    browser.visit(&daemon.url("/dang-nhap"));
    browser.press("document.querySelector('button[value=vi]').click()");
    browser.visit(&daemon.url("/thiet-lap"));
    let password = "một câu dễ nhớ của tôi";
    fill(
        browser,
        &[
            ("code", code.out.trim()),
            ("name", "Chánh Văn phòng"),
            ("login", "quan.tri"),
            ("password", password),
            ("again", password),
        ],
    );
    browser.press("document.querySelector('main form button').click()");
}

/// Units with a mistake in them, then all files of the pack.
fn files(project: &Project, browser: &mut Browser) {
    project.write("sai.csv", &project.read("pack/units.csv").replace(",xa,24,", ",lang,24,"));
    browser.choose("units.csv", &project.path("sai.csv"));
    press(browser, "Kiểm tra tệp");
    assert!(text(browser).contains("units.csv, dòng 3, cột"), "{}", text(browser));
    browser.choose("units.csv", &project.path("pack/units.csv"));
    browser.choose("contacts.csv", &project.path("pack/contacts.csv"));
    press(browser, "Kiểm tra tệp");
    let changes = browser.ask("[...document.querySelectorAll('main tbody tr')].map(row => row.innerText)");
    assert_eq!(changes, json!(["units.csv\t4\t0\t0", "contacts.csv\t4\t0\t0"]));
    press(browser, "Ghi vào danh mục");
    assert_eq!(browser.ask("location.pathname"), "/bat-dau/targets");

    browser.choose("indicators.toml", &project.path("pack/indicators.toml"));
    browser.choose("targets.toml", &project.path("pack/targets.toml"));
    press(browser, "Kiểm tra tệp");
    press(browser, "Ghi vào danh mục");
    let targets = text(browser);
    assert!(targets.contains("đã hết hiệu lực"), "targets of 2022 hold no longer: {targets}");
    press(browser, "Đúng rồi, tiếp tục");
}

#[test]
fn from_an_empty_program_to_the_first_message_on_the_screen_without_a_mail_server() {
    let project = empty();
    let daemon = Daemon::serve(&project);
    let mut browser = Browser::open();
    browser.size(1280, 900);
    first_administrator(&project, &daemon, &mut browser);
    assert!(text(&mut browser).contains("Đã xong 1/8 bước"), "{}", text(&mut browser));
    press(&mut browser, "Làm bước tiếp theo");

    fill(
        &mut browser,
        &[
            ("name", "Sở Khoa học và Công nghệ"),
            ("sms_name", "Sở KH&CN"),
            ("occasion", "Thông báo số 1/TB-UBND ngày 04/01/2022"),
            ("from", "2022-01-01"),
        ],
    );
    press(&mut browser, "Lưu và tiếp tục");
    assert!(text(&mut browser).contains("viết không dấu"), "{}", text(&mut browser));
    fill(&mut browser, &[("sms_name", "So KH&CN")]);
    press(&mut browser, "Lưu và tiếp tục");
    assert_eq!(browser.ask("location.pathname"), "/bat-dau/units");

    files(&project, &mut browser);
    press(&mut browser, "Đọc thử số liệu");
    let source = text(&mut browser);
    for expected in ["Xã Số 0 (X000000)", "Số liệu mới nhất đến ngày 31/10/2022", "số liệu của năm trước"]
    {
        assert!(source.contains(expected), "{expected}: {source}");
    }
    press(&mut browser, "Số liệu đúng, tiếp tục");
    press(&mut browser, "Tiếp tục với các kênh này");

    assert_eq!(browser.ask("document.getElementById('as_of').value"), "2022-10-31");
    press(&mut browser, "Viết và xem tin");
    let letter = browser.ask("document.querySelector('h1').innerText");
    assert!(letter.as_str().unwrap().starts_with("UBND xã Số 0: "), "{letter}");
    assert!(text(&mut browser).contains("Tải tệp .eml"), "{}", text(&mut browser));

    browser.visit(&daemon.url("/bat-dau/schedule"));
    press(&mut browser, "Đã xem, hoàn tất");
    let end = text(&mut browser);
    assert!(end.contains("Xong.") && end.contains("Đã xong 8/8 bước"), "{end}");
    // A form that was not taken is no fault of the page.
    browser.complaints.retain(|complaint| !complaint.contains("status of 422"));
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn what_is_left_for_later_is_asked_for_again_and_nothing_is_typed_twice() {
    let project = Project::new(&Plan { units: 3, ..Plan::default() });
    let steps = |project: &Project| {
        let found = project.run(&["setup", "--format", "json"]);
        assert_eq!(found.code, 0, "{}", found.err);
        (found.json(), found.err)
    };
    let (found, said) = steps(&project);
    let standing = |found: &serde_json::Value| {
        let of = |step: &serde_json::Value| step["standing"].as_str().unwrap().to_owned();
        found["steps"].as_array().unwrap().iter().map(of).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(standing(&found), "open open done open open open open open");
    assert!(said.contains("next: account"), "{said}");

    project.write("first-password", "một câu dễ nhớ của tôi\n");
    let file = "done = [\"targets\", \"source\"]\n[admin]\nlogin = \"quan.tri\"\nname = \"Chánh Văn phòng\"\n\
                password_file = \"first-password\"\n[catalog]\npack = \"pack\"\n[letter]\nunit = \"X000001\"\nas_of = \"2022-10-31\"\n";
    project.write("setup.toml", file);
    let first = project.run(&["setup", "--from", "setup.toml"]);
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(first.out.contains("admin: `quan.tri` added") && first.out.contains("/hop-thu-thu/"), "{}", first.out);
    let entries =
        |project: &Project| project.run(&["audit", "list", "--format", "json"]).json().as_array().unwrap().len();
    let before = entries(&project);
    let second = project.run(&["setup", "--from", "setup.toml"]);
    assert_eq!(second.code, 0, "{}", second.err);
    assert!(
        second.out.contains("is there already") && second.out.contains("as the pack says already"),
        "{}",
        second.out
    );
    assert_eq!(entries(&project), before, "taken twice it changes nothing the second time");
    assert_eq!(standing(&steps(&project).0), "done open done done done open done open");
    let captured = project.run(&["outbox", "list", "--format", "json"]).json();
    assert_eq!(captured, json!([]), "nothing is queued by a set-up");
}

#[test]
fn a_set_up_file_that_is_wrong_changes_nothing_and_says_where() {
    let project = Project::new(&Plan { units: 3, ..Plan::default() });
    for (file, words) in [
        ("[admin]\nlogin = \"a\"\n", "setup.toml: TOML parse error at line 1"),
        ("done = [\"mail\"]\n", "there is no step `mail`"),
        ("[admin]\nlogin = \"quan.tri\"\nname = \"x\"\npassword_file = \"none\"\n", "admin.password_file"),
        ("[letter]\nunit = \"X000001\"\nas_of = \"31/10/2022\"\n", "`31/10/2022` is no date"),
        ("[letter]\nunit = \"nobody\"\nas_of = \"2022-10-31\"\n", "nobody would get a message about `nobody`"),
        ("color = 1\n", "unknown field `color`"),
    ] {
        project.write("setup.toml", file);
        let done = project.run(&["setup", "--from", "setup.toml"]);
        assert!(matches!(done.code, 2 | 3), "{file}: {}", done.code);
        assert!(done.err.contains(words), "{words}: {}", done.err);
    }
}

#[test]
fn a_set_up_file_is_told_of_step_by_step_and_mended_step_by_step() {
    let project = Project::new(&Plan { units: 3, ..Plan::default() });
    let told = |project: &Project| {
        let done = project.run(&["setup", "--from", "setup.toml", "--format", "json"]);
        let at = done.out.find('{').unwrap_or_else(|| panic!("{}", done.err));
        let found: serde_json::Value = serde_json::from_str(&done.out[at..]).unwrap();
        let wrong = |step: &serde_json::Value| step["standing"] == "wrong";
        let steps = found["steps"].as_array().unwrap().iter().filter(|step| wrong(step));
        let words = |step: &serde_json::Value, key: &str| step[key].as_str().unwrap().to_owned();
        let wrong: Vec<_> =
            steps.map(|step| (words(step, "step"), words(step, "problem"), words(step, "to_do"))).collect();
        (done.code, done.err, wrong)
    };
    let file = |password: &str, unit: &str, as_of: &str| {
        format!(
            "[admin]\nlogin = \"quan.tri\"\nname = \"Chánh Văn phòng\"\npassword_file = \"{password}\"\n\
             [catalog]\npack = \"pack\"\n[letter]\nunit = \"{unit}\"\nas_of = \"{as_of}\"\n"
        )
    };
    // Two steps cannot be read: nothing is done, and both are told.
    project.write("setup.toml", &file("none", "X000001", "31/10/2022"));
    let (code, err, wrong) = told(&project);
    assert_eq!((code, wrong.len()), (3, 2), "{err}");
    assert_eq!((wrong[0].0.as_str(), wrong[1].0.as_str()), ("account", "letter"), "{wrong:?}");
    assert!(wrong[1].1.contains("is no date") && wrong[1].2.contains("2022-10-31"), "{wrong:?}");
    assert!(err.contains("account: admin.password_file") && err.contains("mend what is wrong"), "{err}");
    assert_eq!(project.run(&["user", "list", "--format", "json"]).json(), json!([]), "nothing was done by half");

    // One cannot be taken: the others are.
    project.write("first-password", "quá ngắn\n");
    project.write("setup.toml", &file("first-password", "nobody", "2022-10-31"));
    let (code, err, wrong) = told(&project);
    assert_eq!((code, wrong.len()), (2, 2), "{err}");
    assert!(wrong[0].1.contains("a password has at least 12 characters"), "{wrong:?}");
    assert!(wrong[1].1.contains("nobody would get a message about `nobody`"), "{wrong:?}");
    project.write("first-password", "một câu dễ nhớ của tôi\n");
    project.write("setup.toml", &file("first-password", "X000001", "2022-10-31"));
    let (code, err, wrong) = told(&project);
    assert_eq!((code, wrong), (0, vec![]), "{err}");
    assert_eq!(told(&project).0, 0, "and once more");
}

async fn set_up() -> Office {
    Office::after(3, &[("2022-10-31", figures(3, |_| 40))]).await.installed().await
}

#[tokio::test]
async fn the_set_up_is_told_in_english_and_the_files_problems_in_vietnamese() {
    let office = set_up().await;
    let mut reader = office.reader_as(Role::Admin).await;
    let broken = office.project.read("pack/units.csv").replace(",xa,24,", ",lang,24,");
    let checked = [("viec", "kiem-tra"), ("text:units.csv", broken.as_str())];
    let page = reader.post("/bat-dau/units", &checked).await;
    assert_eq!(page.status, StatusCode::OK);
    for words in
        ["3 lỗi, chưa ghi gì", "units.csv, dòng 3, cột", "kind: không có giá trị `lang`", "chọn một trong các giá trị:"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(!page.body.contains("unknown kind"), "{}", page.body);

    reader.post("/ngon-ngu", &[("tongue", "en"), ("tiep", "/")]).await;
    let page = reader.post("/bat-dau/units", &checked).await;
    for words in
        ["Step 3. Units and contacts", "3 problems, nothing was written", "unknown kind `lang`", "Check the files"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let overview = reader.get("/bat-dau").await;
    assert!(
        overview.body.contains("First set-up") && overview.body.contains("Take the next step"),
        "{}",
        overview.body
    );
    let wrong = reader.post("/bat-dau/sender", &[("viec", "luu"), ("name", "Sở"), ("from", "2022-01-01")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("This was not done.") && wrong.body.contains("Fill in the name"), "{}", wrong.body);
    assert!(wrong.body.contains("value=\"Sở\""), "what was typed stays");
}

#[tokio::test]
async fn a_row_that_a_source_gives_wrongly_is_told_in_the_language_of_the_page() {
    let office = set_up().await;
    let row = "2022-10,X000001,1.000001,100,";
    office.project.edit("figures.csv", row, &row.replace(",100,", ",12.0,"));
    let mut reader = office.reader_as(Role::Admin).await;
    let page = reader.get("/bat-dau/source?doc=1").await.body;
    let said = ":3:4: received `12.0`: số thập phân, không phải số nguyên</li>";
    assert!(page.contains(said) && !page.contains("a whole number"), "{page}");
    reader.post("/ngon-ngu", &[("tongue", "en"), ("tiep", "/")]).await;
    let page = reader.get("/bat-dau/source?doc=1").await.body;
    assert!(page.contains(":3:4: received `12.0`: a fraction, not a whole number</li>"), "{page}");
}

#[tokio::test]
async fn every_step_can_be_left_and_taken_up_again_by_another_browser() {
    let office = set_up().await;
    let mut reader = office.reader_as(Role::Admin).await;
    for step in Step::ALL {
        let path = format!("/bat-dau/{}", step.word());
        let left = reader.post(&path, &[("viec", "de-sau")]).await;
        assert!(left.leads_to().starts_with("/bat-dau"), "{path}");
    }
    let mut later: Reader = reader.clone();
    let overview = later.get("/bat-dau").await;
    // What is there already is done; the rest is left for later, and nothing is lost.
    assert_eq!(overview.body.matches("<small>để sau</small>").count(), 3, "{}", overview.body);
    assert!(overview.body.contains("href=\"/bat-dau/channel\"") || overview.body.contains("Làm bước tiếp theo"));
    for step in Step::ALL {
        let page = later.get(&format!("/bat-dau/{}", step.word())).await;
        assert_eq!(page.status, StatusCode::OK, "{step:?}");
    }
    for step in [Step::Targets, Step::Channel, Step::Schedule] {
        let done = later.post(&format!("/bat-dau/{}", step.word()), &[("viec", "xong")]).await;
        assert!(done.leads_to().starts_with("/bat-dau/"), "{step:?}");
    }
    assert!(later.get("/bat-dau").await.body.contains("Đã xong 7/8 bước"));
}
