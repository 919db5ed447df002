//! Renders one template: subject, preheader, SMS line and Markdown body, each in its own limits.
//!
//! Only ever used where it may die: in the worker process, and in `check` of a command that ends anyway.

use std::io::{self, Write};

use serde::Serialize;
use tera::{Kwargs, State, Tera, Value};

use super::context::{Context, UnitContext};
use super::head::{self, Split};
use super::job::{RenderFailure, Rendered, Setup, Words};
use super::sms::{self, SmsError, to_sms};
use super::template::{self, SHELL, SOURCE_LIMIT, Templates};
use super::{Message, format, html, text};

/// A template may not loop over more than so many numbers.
const RANGE_LIMIT: i128 = 1_000;

/// One template, compiled with the parts that it includes.
#[derive(Debug)]
pub(super) struct Engine {
    tera: Tera,
    name: String,
    version: String,
    output: usize,
    /// Whether the SMS line is wanted with its diacritics too.
    accented: bool,
    origins: Vec<Origin>,
}

/// Where a compiled piece stands in which file.
#[derive(Debug)]
struct Origin {
    /// Name in the engine.
    piece: String,
    file: String,
    /// 1-based line of its first line.
    line: usize,
    /// 0-based column of its first character.
    column: usize,
}

/// The frame around every mail.
#[derive(Debug)]
pub(super) struct Shell(Tera);

/// What the frame is filled with.
#[derive(Serialize)]
struct Filling<'a> {
    subject: &'a str,
    preheader: &'a str,
    sender: &'a str,
    body: &'a str,
}

impl Shell {
    /// The frame of `templates`.
    ///
    /// # Errors
    /// [`RenderFailure`] with the place, when it cannot be compiled.
    pub(super) fn compile(templates: &Templates) -> Result<Self, RenderFailure> {
        let mut tera = Tera::default();
        let source = templates.source(SHELL).unwrap_or_default();
        let origin = Origin { piece: SHELL.to_owned(), file: SHELL.to_owned(), line: 1, column: 0 };
        tera.add_raw_template(SHELL, source).map_err(|error| failure(&error, &[origin], SHELL))?;
        Ok(Self(tera))
    }

    fn fill(&self, filling: &Filling<'_>, limit: usize) -> Result<String, RenderFailure> {
        let mut out = Limited::new(limit);
        let context = tera::Context::from_serialize(filling);
        let done = context.and_then(|context| self.0.render_to(SHELL, &context, &mut out));
        done.map_err(|error| failure(&error, &[], SHELL))?;
        out.text(SHELL)
    }
}

impl Engine {
    /// Compiles the template `name` of what `setup` says.
    ///
    /// # Errors
    /// [`RenderFailure`] with the place, when it or a part of it is not a template.
    pub(super) fn compile(setup: &Setup, name: &str) -> Result<Self, RenderFailure> {
        let Setup { templates, output, accented } = setup;
        let files = templates.with_parts(name);
        let source = templates.source(name).ok_or_else(|| RenderFailure::whole(name, "there is no such template"))?;
        if let Some((long, _)) = files.iter().find(|(_, source)| source.len() > SOURCE_LIMIT) {
            return Err(RenderFailure::whole(long, format!("longer than {SOURCE_LIMIT} bytes")));
        }
        let Split { lines, body, body_after } = head::split(name, source)?;
        let mut origins = vec![origin(name, name, body_after + 1, 0)];
        let mut pieces = vec![(name.to_owned(), body.to_owned())];
        for line in lines {
            let piece = format!("{name}#{}", line.key);
            origins.push(origin(&piece, name, line.line, line.column));
            pieces.push((piece, line.source));
        }
        for (part, source) in files.iter().skip(1) {
            origins.push(origin(part, part, 1, 0));
            pieces.push(((*part).to_owned(), (*source).to_owned()));
        }
        let mut tera = tera();
        tera.add_raw_templates(pieces).map_err(|error| failure(&error, &origins, name))?;
        Ok(Self {
            tera,
            name: name.to_owned(),
            version: template::version(name, source),
            output: *output,
            accented: *accented,
            origins,
        })
    }

    /// The message that `words` make.
    ///
    /// # Errors
    /// [`RenderFailure`] with the place, when a field does not exist or a part grows too long.
    pub(super) fn render(&self, shell: &Shell, words: &Words) -> Rendered {
        let mut filled = words.fields().map_err(|error| self.failure(&error))?;
        let subject = format::one_line(&self.piece("#subject", &filled)?);
        let preheader = format::one_line(&self.piece("#preheader", &filled)?);
        let body = format::several_lines(&self.piece("", &filled)?);
        let (sms, sms_accented) = self.sms(words, &mut filled)?;
        if subject.is_empty() || body.trim().is_empty() {
            return Err(RenderFailure::whole(&self.name, "subject or body is empty"));
        }
        let filling = Filling {
            subject: &subject,
            preheader: &preheader,
            sender: words.sender(),
            body: &html::with_link(&body, words.link()),
        };
        let html = shell.fill(&filling, self.output)?;
        Ok(Message {
            text: text::with_link(&body, words.link()),
            html,
            subject,
            sms,
            sms_accented,
            template: self.version.clone(),
            figures: words.figures().to_owned(),
            link: words.link().unwrap_or_default().to_owned(),
        })
    }

    /// The SMS line with as many figures as two segments hold: the least short are left out first. Beside it the line
    /// with diacritics, where it is wanted; it is empty when not even one figure fits.
    fn sms(&self, words: &Words, filled: &mut tera::Context) -> Result<(String, String), RenderFailure> {
        let reminder = if let Words::Reminder(context) = words { Some(context) } else { None };
        let all = reminder.map_or(1, |context| context.indicator_count());
        let (mut plain, mut accented) = (Err(SmsError::Empty), (!self.accented).then(String::new));
        for kept in (1..=all).rev() {
            if let Some(context) = reminder.filter(|_| kept < all) {
                let (units, left_out) = context.largest(kept);
                place_sms(filled, &units, left_out);
            }
            let text = self.piece("#sms", filled)?;
            if plain.is_err() {
                plain = to_sms(&text);
            }
            accented = accented.or_else(|| sms::accented(&text));
            match &plain {
                Ok(_) if accented.is_none() => {}
                Err(SmsError::TooLong(_)) => {}
                _ => break,
            }
        }
        let plain = plain.map_err(|error| self.sms_failure(&error))?;
        Ok((plain, accented.unwrap_or_default()))
    }

    fn sms_failure(&self, error: &SmsError) -> RenderFailure {
        let piece = format!("{}#sms", self.name);
        let line = self.origins.iter().find(|origin| origin.piece == piece).map_or(0, |origin| origin.line);
        RenderFailure { template: self.name.clone(), line, column: 1, message: format!("sms: {error}") }
    }

    fn piece(&self, suffix: &str, filled: &tera::Context) -> Result<String, RenderFailure> {
        let piece = format!("{}{suffix}", self.name);
        let mut out = Limited::new(self.output);
        self.tera.render_to(&piece, filled, &mut out).map_err(|error| self.failure(&error))?;
        out.text(&self.name)
    }

    fn failure(&self, error: &tera::Error) -> RenderFailure {
        failure(error, &self.origins, &self.name)
    }
}

fn origin(piece: &str, file: &str, line: usize, column: usize) -> Origin {
    Origin { piece: piece.to_owned(), file: file.to_owned(), line, column }
}

/// The engine for what clerks write: data is escaped for Markdown in bodies, nothing passes unescaped, loops are short.
fn tera() -> Tera {
    let mut tera = Tera::default();
    tera.autoescape_on([".md"]);
    tera.set_escape_fn(escape_markdown);
    for name in ["safe", "escape_html", "escape_xml", "newlines_to_br"] {
        tera.register_filter(name, |_: Value, _: Kwargs, _: &State| -> tera::TeraResult<Value> {
            Err(tera::Error::message("this filter is switched off: data is escaped as needed by itself"))
        });
    }
    tera.register_function("range", |kwargs: Kwargs, _: &State| range(&kwargs));
    tera
}

fn range(kwargs: &Kwargs) -> tera::TeraResult<Vec<i128>> {
    let start = kwargs.get::<i128>("start")?.unwrap_or(0);
    let end = kwargs.must_get::<i128>("end")?;
    let step = kwargs.get::<i128>("step_by")?.unwrap_or(1);
    let count = end.saturating_sub(start).max(0);
    match usize::try_from(step) {
        Ok(step) if step > 0 && count <= RANGE_LIMIT => Ok((start..end.max(start)).step_by(step).collect()),
        _ => Err(tera::Error::message(format!("`range` needs a step of at least 1 and spans at most {RANGE_LIMIT}"))),
    }
}

/// A backslash before every mark: whatever a name holds, it is read as it is written.
fn escape_markdown(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut plain = 0;
    for (at, _) in text.match_indices(|c: char| c.is_ascii_punctuation() && !matches!(c, ',' | '%' | '/' | ';')) {
        out.write_all(text.as_bytes().get(plain..at).unwrap_or_default())?;
        out.write_all(b"\\")?;
        plain = at;
    }
    out.write_all(text.as_bytes().get(plain..).unwrap_or_default())
}

impl Words {
    fn fields(&self) -> tera::TeraResult<tera::Context> {
        match self {
            Self::Reminder(context) => fields(context),
            Self::Digest(context) => tera::Context::from_serialize(context),
            Self::Note(context) => tera::Context::from_serialize(context),
            Self::Correction(context) => tera::Context::from_serialize(context),
        }
    }

    fn sender(&self) -> &str {
        match self {
            Self::Reminder(context) => &context.sender.name,
            Self::Digest(context) => &context.sender.name,
            Self::Note(context) => &context.sender.name,
            Self::Correction(context) => &context.sender.name,
        }
    }

    fn link(&self) -> Option<&str> {
        match self {
            Self::Reminder(context) => context.link.as_deref(),
            Self::Digest(_) | Self::Note(_) | Self::Correction(_) => None,
        }
    }

    fn figures(&self) -> &str {
        match self {
            Self::Reminder(context) => &context.figures,
            Self::Digest(context) => &context.figures,
            Self::Correction(context) => &context.figures,
            Self::Note(_) => "",
        }
    }
}

/// All fields of a reminder, with those that are derived.
fn fields(context: &Context) -> tera::TeraResult<tera::Context> {
    let mut filled = tera::Context::from_serialize(context)?;
    let units = filled.get("units").and_then(|units| units.as_array()).unwrap_or_default().to_vec();
    let of_all = units.iter().filter_map(|unit| unit.get_from_path("indicators")?.as_array());
    let indicators: Vec<Value> = of_all.flatten().cloned().collect();
    filled.insert("indicator_count", &indicators.len());
    filled.insert_value("indicators", Value::from(indicators));
    if let Some(first) = units.first() {
        filled.insert_value("unit", first.clone());
    }
    filled.insert_value("sms_units", Value::from(units));
    filled.insert("sms_left_out", &0);
    Ok(filled)
}

fn place_sms(filled: &mut tera::Context, units: &[UnitContext], left_out: usize) {
    filled.insert("sms_units", units);
    filled.insert("sms_left_out", &left_out);
}

/// The engine's error with the place in the file that a clerk sees.
fn failure(error: &tera::Error, origins: &[Origin], name: &str) -> RenderFailure {
    match error.kind() {
        tera::ErrorKind::SyntaxError(report) | tera::ErrorKind::RenderingError(report) => {
            placed(origins, report.filename(), (report.span().start_line, report.span().start_col), report.message())
        }
        tera::ErrorKind::Io(_) => RenderFailure::whole(name, "the output grows too long"),
        kind => formatted(&kind.to_string(), origins, name),
    }
}

/// A failure at a 1-based line and 0-based column of a compiled piece.
fn placed(origins: &[Origin], piece: &str, (line, column): (usize, usize), message: &str) -> RenderFailure {
    let message = message.to_owned();
    match origins.iter().find(|origin| origin.piece == piece) {
        Some(origin) => RenderFailure {
            template: origin.file.clone(),
            line: origin.line + line.saturating_sub(1),
            column: column + 1 + if line <= 1 { origin.column } else { 0 },
            message,
        },
        None => RenderFailure { template: piece.to_owned(), line, column: column + 1, message },
    }
}

/// Unknown filters and parts come as text only: `error: …\n --> name:line:column`.
fn formatted(report: &str, origins: &[Origin], name: &str) -> RenderFailure {
    let message = report.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let place = report.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
    let place = place.and_then(|place| {
        let (rest, column) = place.rsplit_once(':')?;
        let (piece, line) = rest.rsplit_once(':')?;
        Some((piece, line.parse::<usize>().ok()?, column.parse::<usize>().ok()?))
    });
    match place {
        Some((piece, line, column)) => placed(origins, piece, (line, column.saturating_sub(1)), message),
        None => RenderFailure::whole(name, message),
    }
}

/// Takes so many bytes and no more.
struct Limited {
    bytes: Vec<u8>,
    limit: usize,
}

impl Limited {
    const fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit }
    }

    fn text(self, name: &str) -> Result<String, RenderFailure> {
        String::from_utf8(self.bytes).map_err(|_| RenderFailure::whole(name, "the output is not text"))
    }
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            return Err(io::Error::other("the output grows too long"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
