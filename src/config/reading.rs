//! One reading of a configuration: what every section shares, and all the problems found on the way.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::problem::{Place, Problem};
use super::shown::Usual;
use super::tree::Origin;

/// The name of systemd's folder of credentials.
pub(super) const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// The text that is read, its surroundings and what was found.
pub(super) struct Reading<'a> {
    file: &'a str,
    text: &'a str,
    folder: &'a Path,
    environment: &'a [(String, String)],
    problems: RefCell<Vec<Problem>>,
    unknown: RefCell<Vec<Unknown>>,
    /// `section.key` of everything that was asked for.
    asked: RefCell<Vec<String>>,
    found: RefCell<Found>,
}

/// Where the keys that were given stand, and which files held secrets.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// `channel[0].relay` and where it stands.
    pub(super) keys: Vec<(String, Located)>,
    /// Secrets written in the configuration file itself.
    pub(super) literal_secrets: Vec<String>,
    /// Secrets read from files.
    pub(super) secret_files: Vec<(String, PathBuf)>,
    /// Every `channel[0].relay` that was asked for, and what holds where nobody gives it.
    pub(super) usual: Vec<(String, Usual)>,
}

/// A place in the file, or the environment variable that spoke instead.
#[derive(Debug, Clone, Default)]
pub(super) struct Located {
    pub(super) place: Option<Place>,
    pub(super) variable: Option<Arc<str>>,
}

/// A key that nothing asked for.
struct Unknown {
    at: Located,
    section: String,
    key: String,
    siblings: Vec<&'static str>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(file: &'a str, text: &'a str, folder: &'a Path, environment: &'a [(String, String)]) -> Self {
        Self {
            file,
            text,
            folder,
            environment,
            problems: RefCell::default(),
            unknown: RefCell::default(),
            asked: RefCell::default(),
            found: RefCell::default(),
        }
    }

    pub(super) fn locate(&self, origin: &Origin) -> Located {
        match origin {
            Origin::File(offset) => {
                Located { place: Some(Place::of(self.file, self.text, *offset)), ..Located::default() }
            }
            Origin::Variable(name) => Located { variable: Some(Arc::clone(name)), ..Located::default() },
        }
    }

    pub(super) fn report(&self, origin: &Origin, problem: Problem) {
        self.problems.borrow_mut().push(self.locate(origin).of(problem));
    }

    pub(super) fn note_asked(&self, key: String) {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&key) {
            asked.push(key);
        }
    }

    pub(super) fn note_found(&self, key: String, origin: &Origin) {
        self.found.borrow_mut().keys.push((key, self.locate(origin)));
    }

    pub(super) fn note_usual(&self, key: String, usual: Usual) {
        self.found.borrow_mut().usual.push((key, usual));
    }

    pub(super) fn note_literal_secret(&self, key: String) {
        self.found.borrow_mut().literal_secrets.push(key);
    }

    pub(super) fn note_secret_file(&self, key: String, path: PathBuf) {
        self.found.borrow_mut().secret_files.push((key, path));
    }

    pub(super) fn note_unknown(&self, origin: &Origin, section: &str, key: &str, siblings: Vec<&'static str>) {
        let at = self.locate(origin);
        self.unknown.borrow_mut().push(Unknown { at, section: section.to_owned(), key: key.to_owned(), siblings });
    }

    /// The file that `text` names: relative ones start at the configuration's folder.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.folder.join(text)
    }

    /// The file of a secret that `text` names.
    pub(super) fn path_of_secret(&self, text: &str) -> PathBuf {
        self.folder.join(expand(text, self.environment).unwrap_or_else(|_| PathBuf::from(text)))
    }

    /// Reads a secret's file without its last line break.
    pub(super) fn secret_file(&self, text: &str) -> Result<(PathBuf, String), (String, String)> {
        read_secret(text, self.folder, self.environment)
    }

    /// Everything that was found wrong, in the order of the file, and where the keys stand.
    pub(super) fn end(self) -> (Vec<Problem>, Found, Vec<String>) {
        let asked = self.asked.into_inner();
        let mut problems = self.problems.into_inner();
        problems.extend(self.unknown.into_inner().into_iter().map(|unknown| unknown.problem(&asked)));
        sort(&mut problems);
        (problems, self.found.into_inner(), asked)
    }
}

/// In the order of the file; what stands in no file comes last.
pub(super) fn sort(problems: &mut [Problem]) {
    problems.sort_by(|one, other| (one.place.is_none(), &one.place).cmp(&(other.place.is_none(), &other.place)));
}

impl Located {
    /// `problem` with this place, or with the variable's name in front.
    pub(super) fn of(self, problem: Problem) -> Problem {
        let Some(variable) = self.variable else { return problem.at(self.place) };
        Problem { message: format!("{variable}: {}", problem.message), ..problem }
    }
}

impl Unknown {
    fn problem(self, asked: &[String]) -> Problem {
        let what = if self.section.is_empty() { "section" } else { "key" };
        let full = if self.section.is_empty() { self.key.clone() } else { format!("{}.{}", self.section, self.key) };
        let hint = match (nearest(&self.key, &self.siblings), home(&self.key, asked)) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(home)) => format!("`{}` belongs to [{home}]", self.key),
            (None, None) => format!("remove it; there are: {}", self.siblings.join(", ")),
        };
        self.at.of(Problem::error("unknown_key", format!("unknown {what} `{full}`"), hint))
    }
}

/// The section in which `key` is known.
fn home<'k>(key: &str, asked: &'k [String]) -> Option<&'k str> {
    asked.iter().filter_map(|known| known.rsplit_once('.')).find(|(_, last)| *last == key).map(|(section, _)| section)
}

/// The one of `known` that `word` was probably meant to be.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let word = word.to_lowercase().replace('-', "_");
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(&word, &known.to_lowercase());
    let scored = known.iter().map(|known| (likeness(known), *known)).filter(|(likeness, _)| *likeness >= 0.6);
    scored.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, known)| known)
}

/// The content of the file `text` names, without one trailing line break. Errors are what is wrong and what to do.
pub(super) fn read_secret(
    text: &str,
    folder: &Path,
    environment: &[(String, String)],
) -> Result<(PathBuf, String), (String, String)> {
    let path = folder.join(expand(text, environment)?);
    let content = std::fs::read_to_string(&path).map_err(|error| {
        let message = format!("cannot read `{}`: {error}", path.display());
        (message, "make the file, and let the program's user read it".to_owned())
    })?;
    let content = content.strip_suffix('\n').map_or(content.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if content.is_empty() {
        return Err((format!("`{}` is empty", path.display()), "write the value into the file".to_owned()));
    }
    Ok((path, content.to_owned()))
}

fn expand(text: &str, environment: &[(String, String)]) -> Result<PathBuf, (String, String)> {
    let rest = [format!("${CREDENTIALS}/"), format!("${{{CREDENTIALS}}}/")];
    let Some(rest) = rest.iter().find_map(|prefix| text.strip_prefix(prefix.as_str())) else {
        return Ok(PathBuf::from(text));
    };
    let folder = environment.iter().find(|(name, _)| name == CREDENTIALS).map(|(_, value)| value);
    let folder = folder.ok_or_else(|| {
        let hint = "let systemd start the program with LoadCredential=, or name the file by its path";
        (format!("`{text}` needs the variable {CREDENTIALS}, which is not set"), hint.to_owned())
    })?;
    Ok(Path::new(folder).join(rest))
}
