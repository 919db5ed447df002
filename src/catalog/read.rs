//! Reads a whole pack and tells everything that is wrong with it at once.

use std::path::Path;

use super::codes::Codes;
use super::finding::{Findings, nearest};
use super::indicator::Indicator;
use super::pack::{Pack, PackError, Problem};
use super::read_contacts::read_contacts;
use super::read_definitions::{Known, read_indicators, read_targets};
use super::read_senders::{read_calendar, read_senders};
use super::read_text::{clean_lines, refused_character};
use super::read_units::{read_successions, read_units};

/// Files that every pack has.
const REQUIRED: [&str; 5] = ["units.csv", "contacts.csv", "indicators.toml", "targets.toml", "sender.toml"];
/// Files that a pack may have, besides templates.
pub(super) const OPTIONAL: [&str; 2] = ["succession.csv", "calendar.toml"];
/// The folder of the templates.
pub(super) const TEMPLATES: &str = "templates";

impl Pack {
    /// Reads the pack in `folder`. Files that belong to no pack (figures, a README) are left alone.
    ///
    /// # Errors
    /// All problems of all files at once.
    pub fn read(folder: &Path) -> Result<Self, PackError> {
        let mut loaded = Loaded::default();
        loaded.folder(folder, "");
        if loaded.problems.is_empty() && folder.join(TEMPLATES).is_dir() {
            loaded.folder(folder, TEMPLATES);
        }
        let files: Vec<(&str, &str)> = loaded.files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assemble(&files, loaded.problems).map_err(|mut error| {
            for problem in &mut error.problems {
                let path = if problem.file.is_empty() { folder.to_owned() } else { folder.join(&problem.file) };
                problem.file = path.display().to_string();
            }
            error
        })
    }

    /// Reads a pack from names (`units.csv`, `templates/reminder.md`) and texts.
    ///
    /// # Errors
    /// All problems of all files at once.
    pub fn from_files(files: &[(&str, &str)]) -> Result<Self, PackError> {
        assemble(files, Vec::new())
    }
}

/// What could be loaded from a folder, and what could not.
#[derive(Debug, Default)]
struct Loaded {
    files: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl Loaded {
    fn folder(&mut self, pack: &Path, inner: &str) {
        let names = std::fs::read_dir(pack.join(inner)).and_then(|entries| {
            let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
            names.collect::<Result<Vec<String>, _>>()
        });
        let mut names = match names {
            Ok(names) => names,
            Err(error) => {
                self.problem(
                    inner,
                    (1, 1),
                    format!("cannot read the folder: {error}"),
                    "name the folder that holds units.csv",
                );
                return;
            }
        };
        names.sort_unstable();
        for name in names.into_iter().filter(|name| !name.starts_with('.')) {
            let path = if inner.is_empty() { name } else { format!("{inner}/{name}") };
            if !inner.is_empty() || concerns_a_pack(&path) {
                self.file(pack, path);
            }
        }
    }

    fn file(&mut self, pack: &Path, name: String) {
        let bytes = match std::fs::read(pack.join(&name)) {
            Ok(bytes) => bytes,
            Err(error) => {
                let hint = "let the program read it, or take it out of the pack";
                return self.problem(&name, (1, 1), format!("cannot read the file: {error}"), hint);
            }
        };
        match String::from_utf8(bytes) {
            Ok(text) => self.files.push((name, text)),
            Err(error) => {
                let bytes = error.as_bytes();
                let before = String::from_utf8_lossy(bytes.get(..error.utf8_error().valid_up_to()).unwrap_or_default());
                let line = before.matches('\n').count() + 1;
                let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                let hint =
                    "save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\"); older Vietnamese encodings are not read";
                self.problem(&name, (line, column), "not UTF-8 text", hint);
            }
        }
    }

    fn problem(&mut self, file: &str, place: (usize, usize), message: impl Into<String>, hint: &str) {
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let (line, column) = (number(place.0), number(place.1));
        self.problems.push(Problem {
            file: file.to_owned(),
            line,
            column,
            code: "",
            message: message.into(),
            hint: hint.to_owned(),
        });
    }
}

/// Whether a file is one of a pack's, or is named so much like one that it was probably meant to be.
fn concerns_a_pack(name: &str) -> bool {
    let known = || REQUIRED.into_iter().chain(OPTIONAL);
    known().any(|known| known == name) || meant(name).is_some()
}

fn meant(name: &str) -> Option<&'static str> {
    const ONE_SLIP: f64 = 0.85;
    let known = || REQUIRED.into_iter().chain(OPTIONAL);
    let near = nearest(name, known()).and_then(|near| known().find(|known| *known == near))?;
    let alike = strsim::normalized_damerau_levenshtein(&name.to_lowercase(), near) >= ONE_SLIP;
    (alike && near != name).then_some(near)
}

/// Reads the files together; `problems` are those of files that could not be loaded.
fn assemble(files: &[(&str, &str)], problems: Vec<Problem>) -> Result<Pack, PackError> {
    let mut reading = Reading { files, problems };
    reading.check_names();
    let units = reading.part("units.csv", read_units);
    let codes = units.as_deref().map(Codes::of);
    let indicators = reading.part("indicators.toml", read_indicators);
    let ids = |indicators: &[Indicator]| indicators.iter().map(Indicator::versioned).collect();
    let known = Known { indicators: indicators.as_deref().map(ids), units: codes.as_ref() };
    let pack = Pack {
        successions: reading.list("succession.csv", |file, text| read_successions(file, text, codes.as_ref())),
        contacts: reading.list("contacts.csv", |file, text| read_contacts(file, text, codes.as_ref())),
        targets: reading.list("targets.toml", |file, text| read_targets(file, text, &known)),
        senders: reading.list("sender.toml", read_senders),
        calendar: reading.list("calendar.toml", read_calendar),
        templates: reading.templates(),
        indicators: indicators.unwrap_or_default(),
        units: units.unwrap_or_default(),
    };
    let mut problems = reading.problems;
    if problems.is_empty() {
        return Ok(pack);
    }
    problems.sort_by_cached_key(|problem| (rank(&problem.file), problem.file.clone(), problem.line, problem.column));
    Err(PackError { problems })
}

/// The place of a file in the order in which problems are told.
fn rank(file: &str) -> usize {
    let order = ["units.csv", "succession.csv", "contacts.csv", "indicators.toml", "targets.toml", "sender.toml"];
    order.iter().position(|name| *name == file).unwrap_or(order.len())
}

/// The files of a pack being read.
struct Reading<'f> {
    files: &'f [(&'f str, &'f str)],
    problems: Vec<Problem>,
}

impl Reading<'_> {
    /// The rows of one file; `None` when the file is missing or nothing of it could be understood, so that what
    /// refers to it is not blamed.
    fn part<T>(&mut self, name: &str, read: impl FnOnce(&str, &str) -> (Vec<T>, Vec<Problem>)) -> Option<Vec<T>> {
        let (_, text) = self.files.iter().find(|(file, _)| *file == name)?;
        let (rows, problems) = read(name, text);
        let understood = problems.is_empty() || !rows.is_empty();
        self.problems.extend(problems);
        understood.then_some(rows)
    }

    fn list<T>(&mut self, name: &str, read: impl FnOnce(&str, &str) -> (Vec<T>, Vec<Problem>)) -> Vec<T> {
        self.part(name, read).unwrap_or_default()
    }

    /// Tells required files that are missing and files whose names are nearly those of a pack.
    fn check_names(&mut self) {
        let mut found = Vec::new();
        let whole_file = |file: &str, message: &str, hint: String| Problem {
            file: file.to_owned(),
            line: 1,
            column: 1,
            code: "",
            message: message.to_owned(),
            hint,
        };
        for (file, _) in self.files.iter().filter(|(file, _)| !file.contains('/')) {
            if let Some(meant) = meant(file) {
                found.push(whole_file(file, "a pack has no such file", format!("did you mean `{meant}`?")));
            }
        }
        for name in REQUIRED {
            let loaded = self.files.iter().any(|(file, _)| *file == name);
            let unreadable = self.problems.iter().any(|problem| problem.file == name || problem.file.is_empty());
            if !loaded && !unreadable {
                found.push(whole_file(name, "the file is missing in the pack", format!("add {name} to the folder")));
            }
        }
        self.problems.extend(found);
    }

    fn templates(&mut self) -> Vec<(String, String)> {
        let mut templates = Vec::new();
        for (file, text) in self.files {
            let Some(name) = file.strip_prefix(TEMPLATES).and_then(|rest| rest.strip_prefix('/')) else { continue };
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            let mut findings = Findings::new(file, text);
            if !is_template_name(name) {
                let hint =
                    "name it with small letters and underscores, such as reminder.md, or take it out of the folder";
                findings.add(0, format!("`{name}` is no template's file name"), hint);
            }
            match clean_lines(text) {
                Ok(text) => templates.push((name.to_owned(), text)),
                Err((at, refused)) => {
                    let (message, hint) = refused_character(refused);
                    findings.add(at, message, hint);
                }
            }
            self.problems.extend(findings.into_problems());
        }
        templates.sort();
        templates
    }
}

fn is_template_name(name: &str) -> bool {
    name.strip_suffix(".md")
        .is_some_and(|stem| !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
}
