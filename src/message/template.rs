//! The templates that clerks edit: files with a head (subject, preheader, SMS line) and a Markdown body.
//!
//! A file starts with TOML between two `+++` lines; the rest is the body. Files whose name starts with `_` are parts
//! that others include, so that each sentence stands in one place; `shell.html` is the frame of every mail.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::gather::Notice;
use super::head;
use crate::catalog::Level;
use crate::decision::Tone;
use crate::words::{Sentence, Tongue};

/// The file that frames every mail.
pub(super) const SHELL: &str = "shell.html";

/// Bytes of a source; a longer one is refused: long enough chains of conditions overflow the engine's stack.
pub const SOURCE_LIMIT: usize = 64 * 1024;

/// The shipped files, version 0 of every template.
const BUILT_IN: [(&str, &str); 32] = [
    ("_actions.md", include_str!("../../templates/messages/_actions.md")),
    ("_bases.md", include_str!("../../templates/messages/_bases.md")),
    ("_contact.md", include_str!("../../templates/messages/_contact.md")),
    ("_digest_indicators.md", include_str!("../../templates/messages/_digest_indicators.md")),
    ("_digest_rest.md", include_str!("../../templates/messages/_digest_rest.md")),
    ("_figures.md", include_str!("../../templates/messages/_figures.md")),
    ("_preheader.md", include_str!("../../templates/messages/_preheader.md")),
    ("_reply.md", include_str!("../../templates/messages/_reply.md")),
    ("_sms.md", include_str!("../../templates/messages/_sms.md")),
    ("_subject.md", include_str!("../../templates/messages/_subject.md")),
    ("_zalo_contact.md", include_str!("../../templates/messages/_zalo_contact.md")),
    ("_zalo_correction_row.md", include_str!("../../templates/messages/_zalo_correction_row.md")),
    ("_zalo_digest_row.md", include_str!("../../templates/messages/_zalo_digest_row.md")),
    ("_zalo_row.md", include_str!("../../templates/messages/_zalo_row.md")),
    ("_zalo_thanks_row.md", include_str!("../../templates/messages/_zalo_thanks_row.md")),
    ("_zalo_unit.md", include_str!("../../templates/messages/_zalo_unit.md")),
    ("admin_note.md", include_str!("../../templates/messages/admin_note.md")),
    ("commune_first.md", include_str!("../../templates/messages/commune_first.md")),
    ("commune_formal.md", include_str!("../../templates/messages/commune_formal.md")),
    ("commune_repeat.md", include_str!("../../templates/messages/commune_repeat.md")),
    ("correction.md", include_str!("../../templates/messages/correction.md")),
    ("department_first.md", include_str!("../../templates/messages/department_first.md")),
    ("department_formal.md", include_str!("../../templates/messages/department_formal.md")),
    ("department_repeat.md", include_str!("../../templates/messages/department_repeat.md")),
    ("district_first.md", include_str!("../../templates/messages/district_first.md")),
    ("district_formal.md", include_str!("../../templates/messages/district_formal.md")),
    ("district_repeat.md", include_str!("../../templates/messages/district_repeat.md")),
    ("leaders_sheet.md", include_str!("../../templates/messages/leaders_sheet.md")),
    ("superior_copy.md", include_str!("../../templates/messages/superior_copy.md")),
    ("thanks.md", include_str!("../../templates/messages/thanks.md")),
    (SHELL, include_str!("../../templates/messages/shell.html")),
    ("superior_digest.md", include_str!("../../templates/messages/superior_digest.md")),
];

/// A set of templates: the shipped files, with those of a pack or the database laid over them by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Templates {
    files: BTreeMap<String, String>,
}

/// Why a folder of templates could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// The folder or a file in it.
    #[error("cannot read templates from `{}`", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
}

/// Something wrong in a template, with its place and what to do; read by the clerks who edit it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateProblem {
    /// File name: `commune_first.md`.
    pub name: String,
    /// 1-based line in the file.
    pub line: usize,
    /// 1-based column.
    pub column: usize,
    /// What is wrong.
    pub message: Sentence,
    /// What to do.
    pub hint: Sentence,
}

impl fmt::Display for TemplateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [message, hint] = [&self.message, &self.hint].map(|said| said.say(Tongue::Vietnamese));
        write!(f, "{}:{}:{}: {message} {hint}", self.name, self.line, self.column)
    }
}

impl Default for Templates {
    fn default() -> Self {
        Self::built_in()
    }
}

impl Templates {
    /// The shipped templates.
    pub fn built_in() -> Self {
        Self { files: BUILT_IN.into_iter().map(|(name, source)| (name.to_owned(), unify(source))).collect() }
    }

    /// These templates with every `*.md` and the `shell.html` of `folder` laid over them.
    ///
    /// # Errors
    /// [`TemplateError`] when the folder or one of its files cannot be read as UTF-8 text.
    pub fn with_folder(mut self, folder: &Path) -> Result<Self, TemplateError> {
        let unreadable = |path: &Path, source| TemplateError::Unreadable { path: path.to_owned(), source };
        for entry in std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
            let path = entry.map_err(|error| unreadable(folder, error))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| is_template(name)) else {
                continue;
            };
            let source = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
            self.overlay(name, &source);
        }
        Ok(self)
    }

    /// Puts `source` in the place of the template `name`.
    pub fn overlay(&mut self, name: &str, source: &str) {
        self.files.insert(name.to_owned(), unify(source));
    }

    /// SHA-256 over all names and sources, hexadecimal: changes when any message may change.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for (name, source) in &self.files {
            for part in [name, source] {
                hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        hex::encode(hash.finalize())
    }

    /// Names of all files, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The source of `name`.
    pub fn source(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// The line of the file `name` (without `.md`) on which its parameter for Zalo stands.
    pub fn zalo_line(&self, name: &str, parameter: &str) -> Option<usize> {
        let file = format!("{name}.md");
        let split = head::split(&file, self.source(&file)?).ok()?;
        let key = format!("{}{parameter}", head::ZALO);
        split.lines.iter().find(|line| line.key == key).map(|line| line.line)
    }

    /// The template of a notice to a recipient of `level`.
    pub(super) const fn chosen(level: Level, notice: Notice) -> &'static str {
        match (level, notice) {
            (_, Notice::Copy) => "superior_copy.md",
            (_, Notice::Thanks) => "thanks.md",
            (Level::Commune, Notice::Reminder(Tone::First)) => "commune_first.md",
            (Level::Commune, Notice::Reminder(Tone::Repeat)) => "commune_repeat.md",
            (Level::Commune, Notice::Reminder(Tone::Formal)) => "commune_formal.md",
            (Level::District, Notice::Reminder(Tone::First)) => "district_first.md",
            (Level::District, Notice::Reminder(Tone::Repeat)) => "district_repeat.md",
            (Level::District, Notice::Reminder(Tone::Formal)) => "district_formal.md",
            (Level::Department | Level::Province, Notice::Reminder(Tone::First)) => "department_first.md",
            (Level::Department | Level::Province, Notice::Reminder(Tone::Repeat)) => "department_repeat.md",
            (Level::Department | Level::Province, Notice::Reminder(Tone::Formal)) => "department_formal.md",
        }
    }

    /// Whether some message is made of the template `name`, directly or as a part.
    pub(super) fn is_known(name: &str) -> bool {
        name.starts_with('_') || BUILT_IN.iter().any(|(known, _)| *known == name)
    }

    /// Names of the shipped files.
    pub(super) fn shipped() -> impl Iterator<Item = &'static str> {
        BUILT_IN.into_iter().map(|(name, _)| name)
    }

    /// `name` and the parts it includes, directly or through other parts.
    pub(super) fn with_parts(&self, name: &str) -> Vec<(&str, &str)> {
        let mut wanted: Vec<&str> = self.files.keys().map(String::as_str).filter(|known| *known == name).collect();
        let mut at = 0;
        while let Some(source) = wanted.get(at).and_then(|name| self.source(name)) {
            let parts = self.names().filter(|part| part.starts_with('_') && source.contains(part));
            let new: Vec<&str> = parts.filter(|part| !wanted.contains(part)).collect();
            wanted.extend(new);
            at += 1;
        }
        wanted.into_iter().filter_map(|name| Some((name, self.source(name)?))).collect()
    }
}

/// `commune_first@1a2b3c4d`: which words were used, in the ledger of what was sent.
pub(super) fn version(name: &str, source: &str) -> String {
    let hash = hex::encode(Sha256::digest(source.as_bytes()));
    format!("{}@{}", name.trim_end_matches(".md"), hash.get(..8).unwrap_or_default())
}

pub(super) fn is_template(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "md") || name == SHELL
}

/// One kind of line end, no byte order mark.
pub(super) fn unify(source: &str) -> String {
    source.trim_start_matches('\u{feff}').replace("\r\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lies_over_the_shipped_files_and_changes_the_fingerprint() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("_bases.md"), "\u{feff}Căn cứ\r\n").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "x").unwrap();
        let shipped = Templates::built_in();
        let laid = shipped.clone().with_folder(folder.path()).unwrap();
        assert_eq!(laid.source("_bases.md"), Some("Căn cứ\n"));
        assert_eq!(laid.names().count(), shipped.names().count());
        assert_ne!(laid.fingerprint(), shipped.fingerprint());
        assert_eq!(shipped.fingerprint(), Templates::built_in().fingerprint());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = Templates::built_in().with_folder(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/at/all"));
    }

    #[test]
    fn a_template_comes_with_the_parts_it_names() {
        let mut templates = Templates::built_in();
        templates.overlay("_inner.md", "x");
        templates.overlay("_outer.md", "{% include \"_inner.md\" %}");
        templates.overlay("commune_first.md", "{% include \"_outer.md\" %}");
        let names: Vec<&str> = templates.with_parts("commune_first.md").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["commune_first.md", "_outer.md", "_inner.md"]);
        assert!(templates.with_parts("missing.md").is_empty());
    }
}
