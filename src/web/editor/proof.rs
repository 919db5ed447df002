//! How a letter looks: on a phone and a desk, as text, as SMS, on Zalo; what is wrong with it, and where.

use super::sight::Sought;
use super::subject::Subject;
use super::words;
use crate::app::App;
use crate::message::revisions::{Absence, Block, Field, Proof, Sight};
use crate::message::{Length, Message, TemplateProblem, Templates};
use crate::web::page::Failure;
use crate::web::words as said;

/// Something wrong, with its place.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Where it is, when that is another template.
    pub(super) elsewhere: Option<String>,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
    pub(super) hint: String,
    /// The line before the place, and from there.
    pub(super) before: String,
    pub(super) from: String,
}

/// A message for phones.
#[derive(Debug)]
pub(super) struct Phone {
    pub(super) text: String,
    pub(super) alphabet: &'static str,
    pub(super) units: usize,
    /// What one message holds.
    pub(super) single: usize,
    pub(super) segments: usize,
    pub(super) price: Option<String>,
}

/// A parameter for Zalo.
#[derive(Debug)]
pub(super) struct Parameter {
    /// Zalo's name of it.
    pub(super) name: String,
    /// Ours.
    pub(super) ours: String,
    pub(super) value: String,
    pub(super) length: usize,
}

/// A letter, as the page shows it.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) message: Option<Message>,
    pub(super) subject_length: usize,
    pub(super) kilobytes: usize,
    pub(super) syllables: usize,
    pub(super) wrong: Vec<Wrong>,
    pub(super) notes: Vec<String>,
    pub(super) phone: Option<Phone>,
    pub(super) zalo: Vec<Parameter>,
    pub(super) groups: Vec<(&'static str, Vec<Field>)>,
    pub(super) blocks: Vec<Block>,
}

/// Writes the letter that was `sought` with `source`.
pub(super) async fn shown(
    app: &App,
    subject: &Subject,
    source: &str,
    sought: &Sought,
) -> Result<(Proof, Shown), Failure> {
    let templates = subject.with(source);
    let sight = Sight { name: &subject.name, unit: &sought.code, scenario: sought.scenario };
    let proof = app.proof(&templates, sought.stored.as_ref(), sight).await;
    let shown = Shown::of(app, subject, &templates, &proof);
    Ok((proof, shown))
}

impl Shown {
    fn of(app: &App, subject: &Subject, templates: &Templates, proof: &Proof) -> Self {
        let message = proof.message.clone();
        let mut groups: Vec<(&'static str, Vec<Field>)> = Vec::new();
        for field in &proof.fields {
            match groups.iter_mut().find(|(group, _)| *group == field.group) {
                Some((_, fields)) => fields.push(field.clone()),
                None => groups.push((field.group, vec![field.clone()])),
            }
        }
        let text = message.as_ref().map_or("", |message| message.text.as_str());
        Self {
            subject_length: message.as_ref().map_or(0, |message| message.subject.chars().count()),
            kilobytes: message.as_ref().map_or(0, |message| message.html.len().div_ceil(1024)),
            syllables: text.split_whitespace().count(),
            wrong: proof.problems.iter().map(|problem| wrong(subject, templates, problem)).collect(),
            notes: notes(subject, proof),
            phone: message.as_ref().and_then(|message| phone(app, message)),
            zalo: message.as_ref().map(|message| zalo(app, message)).unwrap_or_default(),
            groups,
            blocks: proof.blocks.clone(),
            message,
        }
    }

    /// Whether something may not stay as it is.
    pub(super) fn is_broken(&self) -> bool {
        self.message.is_none()
    }
}

fn wrong(subject: &Subject, templates: &Templates, problem: &TemplateProblem) -> Wrong {
    let line = templates.source(&problem.name).and_then(|source| source.lines().nth(problem.line.saturating_sub(1)));
    let line = line.unwrap_or_default();
    let at = line.char_indices().nth(problem.column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
    let (before, from) = line.split_at_checked(at).unwrap_or((line, ""));
    Wrong {
        elsewhere: (problem.name != subject.name).then(|| words::title(&problem.name)),
        line: problem.line,
        column: problem.column,
        message: problem.message.clone(),
        hint: problem.hint.clone(),
        before: before.to_owned(),
        from: from.to_owned(),
    }
}

fn notes(subject: &Subject, proof: &Proof) -> Vec<String> {
    let mut notes = Vec::new();
    if proof.template != subject.name {
        notes.push(format!("Đang xem trong mẫu “{}”.", words::title(&proof.template)));
    } else if let Some(usual) = proof.usual.filter(|_| proof.sample.is_none()) {
        notes.push(format!(
            "Với đơn vị và tình huống này, hệ thống gửi mẫu “{}”. Ở đây vẫn hiển thị bằng mẫu đang soạn.",
            words::title(usual)
        ));
    }
    let sample = match proof.sample {
        None => return notes,
        Some(Absence::RollUp) => "Bản tổng hợp được xem trước bằng số liệu mẫu.",
        Some(Absence::NoFigures) => "Chưa có lượt số liệu nào, nên đang xem bằng số liệu mẫu.",
        Some(Absence::NoRecipient) => {
            "Không có đơn vị này hoặc đơn vị chưa có người nhận, nên đang xem bằng số liệu mẫu."
        }
        Some(Absence::NothingBelow) => "Đơn vị này không có chỉ tiêu nào chưa đạt, nên đang xem bằng số liệu mẫu.",
        Some(Absence::NothingMet) => "Đơn vị này chưa có chỉ tiêu nào được đánh giá, nên đang xem bằng số liệu mẫu.",
    };
    notes.push(sample.to_owned());
    notes
}

fn phone(app: &App, message: &Message) -> Option<Phone> {
    let charge = app.config.channels.iter().find_map(|channel| channel.charge(message));
    let accented = charge.is_some_and(|(length, _)| length.unicode) && !message.sms_accented.is_empty();
    let text = if accented { &message.sms_accented } else { &message.sms };
    if text.is_empty() {
        return None;
    }
    let (length, price) = charge.unwrap_or_else(|| (Length::of(text), None));
    Some(Phone {
        text: text.clone(),
        alphabet: if length.unicode { "UCS-2 (có dấu)" } else { "GSM-7 (không dấu)" },
        units: length.units,
        single: if length.unicode { 70 } else { 160 },
        segments: length.segments,
        price: price.map(said::grouped),
    })
}

/// The parameters by Zalo's names where the installation has a channel, else by ours.
fn zalo(app: &App, message: &Message) -> Vec<Parameter> {
    let renamed = app.config.channels.iter().find_map(|channel| match &channel.kind {
        crate::channel::Kind::Zalo(zalo) if !zalo.parameters.is_empty() => Some(&zalo.parameters),
        _ => None,
    });
    let of = |name: &String, ours: &String| {
        let value = message.zalo.get(ours).cloned().unwrap_or_default();
        Parameter { name: name.clone(), ours: ours.clone(), length: value.chars().count(), value }
    };
    match renamed {
        Some(renamed) if !message.zalo.is_empty() => renamed.iter().map(|(name, ours)| of(name, ours)).collect(),
        _ => message.zalo.keys().map(|ours| of(ours, ours)).collect(),
    }
}
