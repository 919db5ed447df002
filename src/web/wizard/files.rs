//! Files of a pack: units and contacts, indicators and targets. They are checked whole, what they would change is shown, and
//! then they are taken together.

use askama::Template;

use super::super::form::Form;
use super::super::page::{Failure, Frame};
use super::{MEANWHILE, Outcome, Seen, Shell};
use crate::app::{App, sample};
use crate::catalog::{self, Changes, PackError, Problem};
use crate::people::{By, Step};

/// Problems that are shown one by one.
const PROBLEMS: usize = 50;

/// The files of a step: their names, and what they hold.
const fn asked(step: Step) -> &'static [(&'static str, &'static str)] {
    match step {
        Step::Units => &[
            ("units.csv", "Đơn vị: mã, tên, loại, đơn vị cấp trên, thời gian hiệu lực"),
            ("contacts.csv", "Người đứng đầu và đầu mối của từng đơn vị"),
            ("succession.csv", "Sáp nhập, chia tách, đổi tên (nếu có)"),
        ],
        _ => &[
            ("indicators.toml", "Chỉ tiêu và cách tính"),
            ("targets.toml", "Mức phải đạt, căn cứ, thời hạn hiệu lực"),
            ("calendar.toml", "Ngày nghỉ, ngày làm bù (nếu có)"),
        ],
    }
}

/// A file that was chosen, as it travels from the check to the taking.
#[derive(Debug)]
struct Chosen {
    name: &'static str,
    text: String,
}

/// One line of what would change.
#[derive(Debug)]
struct Line {
    file: &'static str,
    added: usize,
    changed: usize,
    retired: usize,
}

#[derive(Template)]
#[template(path = "wizard_files.html")]
pub(super) struct FilesStep {
    frame: Frame,
    shell: Shell,
    is_units: bool,
    files: &'static [(&'static str, &'static str)],
    units: usize,
    unaddressed: usize,
    indicators: (usize, usize),
    expired: usize,
    is_empty: bool,
    /// What was chosen and checked.
    chosen: Vec<Chosen>,
    problems: Vec<Problem>,
    further: usize,
    lines: Vec<Line>,
    checked: bool,
}

/// The chosen files, from the file fields or, after the check, from the hidden ones.
fn chosen(form: &Form, step: Step) -> Result<Vec<Chosen>, String> {
    let mut all = Vec::new();
    for (name, _) in asked(step) {
        let text = match form.file(name) {
            Some(upload) => match std::str::from_utf8(&upload.bytes) {
                Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
                Err(_) => return Err(format!("Tệp {name} không phải UTF-8. Lưu lại tệp theo mã UTF-8 rồi chọn lại.")),
            },
            None => form.text(&format!("text:{name}")).to_owned(),
        };
        if !text.is_empty() {
            all.push(Chosen { name, text });
        }
    }
    Ok(all)
}

fn lines(changes: &Changes) -> Vec<Line> {
    let touched = changes.files.iter().filter(|file| !file.is_empty());
    let line = |file: &catalog::FileChanges| Line {
        file: file.file,
        added: file.added.len(),
        changed: file.changed.len(),
        retired: file.retired.len(),
    };
    touched.map(line).collect()
}

fn named(chosen: &[Chosen]) -> Vec<(String, String)> {
    chosen.iter().map(|file| (file.name.to_owned(), file.text.clone())).collect()
}

async fn checked(app: &App, chosen: &[Chosen]) -> Result<Result<(catalog::Pack, Changes), PackError>, Failure> {
    Ok(app.with_files(&named(chosen)).await?)
}

pub(super) async fn page(seen: &Seen<'_>, step: Step) -> Result<FilesStep, Failure> {
    let mut shell = seen.shell(step);
    let found = &seen.found;
    let (mut problems, mut changes, mut is_checked) = (Vec::new(), Vec::new(), false);
    let chosen = match chosen(seen.form, step) {
        Ok(chosen) => chosen,
        Err(why) => {
            shell.wrong = Some(why);
            Vec::new()
        }
    };
    if !chosen.is_empty() {
        match checked(seen.app, &chosen).await? {
            Ok((_, found)) => (changes, is_checked) = (lines(&found), true),
            Err(error) => problems = error.problems,
        }
    } else if seen.form.text("viec") == "kiem-tra" && shell.wrong.is_none() {
        shell.wrong = Some("Chưa chọn tệp nào.".to_owned());
    }
    Ok(FilesStep {
        frame: seen.frame(step),
        is_units: step == Step::Units,
        files: asked(step),
        units: found.units,
        unaddressed: found.unaddressed,
        indicators: found.indicators,
        expired: found.expired,
        is_empty: catalog::is_empty(&seen.app.db).await?,
        chosen,
        further: problems.len().saturating_sub(PROBLEMS),
        problems: problems.into_iter().take(PROBLEMS).collect(),
        lines: changes,
        checked: is_checked,
        shell,
    })
}

/// Takes the files that were checked, or the sample where nothing is there yet.
pub(super) async fn take(app: &App, step: Step, form: &Form, by: &By) -> Result<Outcome, Failure> {
    if form.text("viec") == "mau" {
        if !catalog::is_empty(&app.db).await? {
            return Ok(Outcome::Wrong("Đã có danh mục; dữ liệu mẫu chỉ dùng khi chưa có gì.".to_owned()));
        }
        let pack = sample::pack().map_err(|_| Failure::NotFound)?;
        let changes = catalog::changes(&catalog::load(&app.db).await?, &pack);
        let put = app.put_pack(&pack, &changes, by).await?;
        return Ok(if put { Outcome::Shown } else { Outcome::Wrong(MEANWHILE.to_owned()) });
    }
    let chosen = match chosen(form, step) {
        Ok(chosen) if !chosen.is_empty() => chosen,
        Ok(_) => return Ok(Outcome::Wrong("Chưa chọn tệp nào.".to_owned())),
        Err(why) => return Ok(Outcome::Wrong(why)),
    };
    match checked(app, &chosen).await? {
        Ok((pack, changes)) => {
            let put = app.put_pack(&pack, &changes, by).await?;
            Ok(if put { Outcome::On } else { Outcome::Wrong(MEANWHILE.to_owned()) })
        }
        Err(_) => Ok(Outcome::Wrong("Tệp còn lỗi, chưa ghi gì.".to_owned())),
    }
}
