//! Tries every template with the sample contexts and says what is wrong in the words of the clerks who edit them.

use std::collections::BTreeSet;

use super::engine::{Engine, Shell};
use super::job::{Job, RenderFailure, Rendered, Setup};
use super::render::Renderer;
use super::roll_up::RollUp;
use super::template::{SHELL, SOURCE_LIMIT, TemplateProblem, Templates};
use super::{Message, head, roll_up_sample, sample};

/// Mailboxes on phones show so many characters of a subject.
const SUBJECT_LIMIT: usize = 65;

/// Mail clients cut longer documents.
const HTML_LIMIT: usize = 30 * 1024;

/// Marks of a failure in a template's head.
const HEAD: [&str; 3] = ["`+++`", "unknown field", "missing field"];

/// What the engine says of a text that is no template, and how clerks are told.
const GRAMMAR: [(&str, &str); 7] = [
    ("nexpected end of", "mẫu kết thúc giữa chừng"),
    ("Unknown tag", "không có thẻ nào tên như vậy"),
    ("missing its closing", "thiếu dấu nháy đóng"),
    ("Unexpected character", "có ký tự không dùng được trong {{ }} hoặc {% %}"),
    ("Closing comment tag", "thiếu dấu đóng chú thích #}"),
    ("nesting is too deep", "các khối lồng nhau quá sâu"),
    ("reserved keyword", "tên này dành riêng cho ngôn ngữ của mẫu"),
];

/// Marks of an address in the frame that a mail client would fetch or open.
const FOREIGN: [&str; 4] = ["http:", "https:", "src=", "url("];

impl Templates {
    /// Every problem that shows when each template is rendered with the sample contexts, here and now.
    ///
    /// For a command that ends anyway: a hostile template can stop the process. A running daemon asks
    /// [`Renderer::check`], which tries them in a worker.
    pub fn check(&self) -> Vec<TemplateProblem> {
        let jobs = self.trials();
        let setup = Setup { templates: self.clone(), output: SOURCE_LIMIT * 4, accented: false };
        let rendered = Shell::compile(self).map(|shell| {
            let mut engine: Option<(&str, Result<Engine, RenderFailure>)> = None;
            let mut answers = Vec::with_capacity(jobs.len());
            for job in &jobs {
                if engine.as_ref().is_none_or(|(name, _)| *name != job.template) {
                    engine = Some((&job.template, Engine::compile(&setup, &job.template)));
                }
                answers.push(match &engine {
                    Some((_, Ok(engine))) => engine.render(&shell, &job.words),
                    Some((_, Err(failure))) => Err(failure.clone()),
                    None => continue,
                });
            }
            answers
        });
        match rendered {
            Ok(rendered) => self.problems(&rendered),
            Err(failure) => self.problems(&[Err(failure)]),
        }
    }

    /// One job for each template and sample, those of one template together.
    pub(super) fn trials(&self) -> Vec<Job> {
        let messages = self.names().filter(|name| !name.starts_with('_') && *name != SHELL && Self::is_known(name));
        messages
            .flat_map(|name| {
                if RollUp::TEMPLATES.contains(&name) {
                    return roll_up_sample::of(name).iter().map(Job::roll_up).collect::<Vec<_>>();
                }
                let step = if name.ends_with("_repeat.md") { 2 } else { 1 };
                sample::contexts(step).into_iter().map(|context| Job::reminder(name, context)).collect()
            })
            .collect()
    }

    pub(super) fn problems(&self, rendered: &[Rendered]) -> Vec<TemplateProblem> {
        let mut problems: BTreeSet<TemplateProblem> = self.names().filter_map(unused).collect();
        problems.extend(self.source(SHELL).and_then(foreign));
        for answer in rendered {
            match answer {
                Err(failure) => {
                    problems.insert(self.explained(failure));
                }
                Ok(message) => problems.extend(self.too_long(message, "Với tên đơn vị dài nhất, tiêu đề")),
            }
        }
        problems.into_iter().collect()
    }

    /// What a mailbox would cut off. `subject` is how the sentence about the subject begins.
    pub(super) fn too_long(&self, message: &Message, subject: &str) -> Vec<TemplateProblem> {
        let name = format!("{}.md", message.template.split('@').next().unwrap_or_default());
        let mut problems = Vec::new();
        let length = message.subject.chars().count();
        if length > SUBJECT_LIMIT {
            problems.push(self.long_subject(&name, format!("{subject} dài {length} ký tự.")));
        }
        if message.html.len() > HTML_LIMIT {
            let said = format!("Thư dài {} KB.", message.html.len() / 1024);
            problems.push(problem(&name, "Rút ngắn nội dung: hộp thư cắt bỏ phần sau 30 KB.", said));
        }
        problems
    }

    fn long_subject(&self, name: &str, said: String) -> TemplateProblem {
        let split = self.source(name).and_then(|source| head::split(name, source).ok());
        let place =
            split.and_then(|split| split.lines.into_iter().next()).map_or((1, 1), |line| (line.line, line.column));
        TemplateProblem {
            line: place.0,
            column: place.1,
            ..problem(name, "Rút ngắn tiêu đề: điện thoại chỉ hiện 65 ký tự.", said)
        }
    }

    /// The engine's words as a sentence for clerks.
    pub(super) fn explained(&self, failure: &RenderFailure) -> TemplateProblem {
        let said = failure.message.as_str();
        let (message, hint) = if let Some(name) = quoted(said, "Variable `").or_else(|| quoted(said, "Field `")) {
            (format!("Không có trường `{name}`."), nearest(name, listed(said)))
        } else if let Some(name) = quoted(said, "Unknown filter `") {
            (format!("Không có bộ lọc `{name}`."), "Bỏ bộ lọc này; các con số và ngày đã được viết sẵn.".to_owned())
        } else if let Some(name) = quoted(said, "Unknown template `") {
            let parts = self.names().filter(|part| part.starts_with('_'));
            (format!("Không có phần `{name}` để chèn."), nearest(name, parts))
        } else if let Some(reason) = said.strip_prefix("sms: ") {
            let hint = "Dòng SMS không được có liên kết và không quá 2 tin (306 ký tự không dấu).";
            (format!("Dòng SMS chưa dùng được: {reason}."), hint.to_owned())
        } else if let Some(reason) = said.strip_prefix("zalo: ") {
            let hint = "Tên tham số trong [zalo] chỉ gồm chữ không dấu, chữ số và dấu _; nhiều nhất 20 tham số.";
            (format!("Tham số Zalo chưa dùng được: {reason}."), hint.to_owned())
        } else if HEAD.iter().any(|mark| said.contains(mark)) {
            let hint = "Tệp mở đầu bằng dòng `+++`, các dòng subject, preheader, sms, rồi lại dòng `+++`.";
            (format!("Phần đầu mẫu chưa đúng: {said}."), hint.to_owned())
        } else if let Some((found, expected)) = expectation(said) {
            let hint = "Xem lại các dấu {{ }}, {% %} ở chỗ này; mỗi {% if %}, {% for %} cần {% endif %}, {% endfor %}.";
            (format!("Mẫu viết chưa đúng: gặp {found} ở chỗ cần {expected}."), hint.to_owned())
        } else if let Some((_, sentence)) = GRAMMAR.iter().find(|(mark, _)| said.contains(mark)) {
            let hint = "Xem lại các dấu {{ }}, {% %} ở chỗ này; mỗi {% if %}, {% for %} cần {% endif %}, {% endfor %}.";
            (format!("Mẫu viết chưa đúng: {sentence}."), hint.to_owned())
        } else if said.starts_with("it took longer") || said.starts_with("it ended") {
            let hint = "Bỏ các vòng lặp lồng nhau hoặc phép lặp quá nhiều lần.";
            ("Mẫu chạy quá lâu hoặc dùng quá nhiều bộ nhớ.".to_owned(), hint.to_owned())
        } else if said.starts_with("longer than") || said.starts_with("the output grows") {
            ("Mẫu hoặc nội dung sinh ra quá dài.".to_owned(), "Rút ngắn mẫu; bỏ các vòng lặp thừa.".to_owned())
        } else {
            (
                format!("Mẫu viết chưa đúng: {said}."),
                "Xem lại các dấu {{ }}, {% %} ở chỗ này; mỗi {% if %}, {% for %} cần {% endif %}, {% endfor %}."
                    .to_owned(),
            )
        };
        TemplateProblem {
            name: failure.template.clone(),
            line: failure.line.max(1),
            column: failure.column.max(1),
            message,
            hint,
        }
    }
}

impl Renderer {
    /// The same as [`Templates::check`], tried in a worker that may die of it.
    pub async fn check(&self) -> Vec<TemplateProblem> {
        let templates = self.templates();
        templates.problems(&self.render(templates.trials()).await)
    }
}

/// A file that no message is made of.
fn unused(name: &str) -> Option<TemplateProblem> {
    if Templates::is_known(name) {
        return None;
    }
    Some(problem(name, &nearest(name, Templates::shipped()), "Không tin nhắn nào dùng mẫu có tên này.".to_owned()))
}

fn foreign(shell: &str) -> Option<TemplateProblem> {
    let (line, text) = shell
        .lines()
        .zip(1..)
        .find_map(|(text, line)| FOREIGN.iter().any(|mark| text.contains(mark)).then_some((line, text)))?;
    let said = format!("Khung thư gọi tới địa chỉ bên ngoài: {}", text.trim());
    Some(TemplateProblem {
        line, ..problem(SHELL, "Bỏ ảnh, phông chữ và liên kết bên ngoài khỏi khung thư.", said)
    })
}

fn problem(name: &str, hint: &str, message: String) -> TemplateProblem {
    TemplateProblem { name: name.to_owned(), line: 1, column: 1, message, hint: hint.to_owned() }
}

/// What the engine met and what it looked for, of `Found … but expected ….`, in the words of clerks.
fn expectation(said: &str) -> Option<(String, String)> {
    let (found, expected) = said.strip_prefix("Found ")?.split_once(" but ")?;
    let expected = expected.strip_prefix("expected ").or_else(|| expected.strip_prefix("was expecting "))?;
    Some((in_words(found), in_words(expected.trim_end_matches('.'))))
}

fn in_words(token: &str) -> String {
    let known = [
        ("end of input", "chỗ hết mẫu"),
        ("end of template", "chỗ hết mẫu"),
        ("end of file", "chỗ hết mẫu"),
        ("EOF", "chỗ hết mẫu"),
        ("identifier", "tên trường"),
        ("string", "chuỗi trong nháy"),
        (" or ", " hoặc "),
    ];
    known.iter().fold(token.to_owned(), |words, (engine, clerk)| words.replace(engine, clerk))
}

/// What stands between `` `…` `` behind `opening`.
fn quoted<'a>(said: &'a str, opening: &str) -> Option<&'a str> {
    said.strip_prefix(opening)?.split('`').next()
}

/// The names behind the last colon: `… Available fields: name, code`.
fn listed(said: &str) -> impl Iterator<Item = &str> {
    said.rsplit_once(": ").map_or("", |(_, names)| names).split(", ").filter(|name| !name.is_empty())
}

fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut near: Vec<(usize, &str)> = names.map(|name| (strsim::damerau_levenshtein(wanted, name), name)).collect();
    near.sort_unstable();
    let close = (wanted.chars().count() / 2).clamp(1, 3);
    let likely: Vec<String> =
        near.iter().filter(|(distance, _)| *distance <= close).take(3).map(|(_, name)| format!("`{name}`")).collect();
    match likely.as_slice() {
        [] if near.is_empty() => "Xem danh sách các trường trong hướng dẫn soạn mẫu.".to_owned(),
        [] => format!(
            "Các tên dùng được: {}.",
            near.iter().map(|(_, name)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
        likely => format!("Có phải bạn muốn viết {}?", likely.join(" hoặc ")),
    }
}
