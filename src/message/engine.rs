//! Renders one template: subject, preheader, SMS line and Markdown body, each in its own limits.
//!
//! Only ever used where it may die: in the worker process, and in `check` of a command that ends anyway.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use tera::{Kwargs, State, Tera, Value};

use super::fields::place_sms;
use super::head::{self, Split};
use super::job::{RenderFailure, Rendered, Setup, Words};
use super::origin::{Origin, failure, origin};
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
    /// Names of the parameters of `[zalo]`.
    zalo: Vec<String>,
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
        let mut zalo = Vec::new();
        for line in lines {
            zalo.extend(line.key.strip_prefix(head::ZALO).map(ToOwned::to_owned));
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
            zalo,
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
        let zalo = self.zalo(&filled)?;
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
            zalo,
        })
    }

    /// The parameters for Zalo, each one line.
    fn zalo(&self, filled: &tera::Context) -> Result<BTreeMap<String, String>, RenderFailure> {
        let parameter = |name: &String| {
            Ok((name.clone(), format::one_line(&self.piece(&format!("#{}{name}", head::ZALO), filled)?)))
        };
        self.zalo.iter().map(parameter).collect()
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
