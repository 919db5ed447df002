//! What an import would change: per file, rows added, changed and retired. Names keys and columns, never values, so
//! that no address of a person reaches a log.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use super::contact::Contact;
use super::indicator::Indicator;
use super::pack::Pack;
use super::unit::{Succession, Unit, Validity};
use super::write;

/// The differences between two packs, file by file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// One for every kind of file, in the order of a pack.
    pub files: Vec<FileChanges>,
}

/// The differences in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChanges {
    /// `units.csv`, `templates` for all templates.
    pub file: &'static str,
    /// Keys of rows that the old pack has not: `07201`, `07201 head`, with `from 2025-07-01` where the row begins.
    pub added: Vec<String>,
    /// Rows of both whose content differs.
    pub changed: Vec<Changed>,
    /// Keys of rows that the new pack no longer has.
    pub retired: Vec<String>,
    /// Whether rows of both stand in another order.
    pub reordered: bool,
}

/// One row that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The row's key.
    pub key: String,
    /// Its columns or keys that differ.
    pub what: Vec<String>,
}

/// The differences between what is and what `new` would make of it.
pub fn changes(old: &Pack, new: &Pack) -> Changes {
    Changes {
        files: vec![
            compare("units.csv", &old.units, &new.units, unit_key, unit_cells),
            compare("succession.csv", &old.successions, &new.successions, succession_key, succession_cells),
            compare("contacts.csv", &old.contacts, &new.contacts, contact_key, contact_cells),
            compare("indicators.toml", &old.indicators, &new.indicators, Indicator::versioned, |i| {
                lines(&write::indicator(i))
            }),
            compare(
                "targets.toml",
                &old.targets,
                &new.targets,
                |t| t.id.as_str().to_owned(),
                |t| lines(&write::target(t)),
            ),
            compare(
                "sender.toml",
                &old.senders,
                &new.senders,
                |s| dated("sender", s.valid),
                |s| lines(&write::sender(s)),
            ),
            compare(
                "calendar.toml",
                &old.calendar,
                &new.calendar,
                |y| y.year.to_string(),
                |y| lines(&write::calendar_year(y)),
            ),
            compare(
                "templates",
                &old.templates,
                &new.templates,
                |t| t.0.clone(),
                |t| vec![("text".to_owned(), t.1.clone())],
            ),
        ],
    }
}

/// Columns of a row with what stands there.
type Cells = Vec<(String, String)>;

fn compare<T: PartialEq>(
    file: &'static str,
    old: &[T],
    new: &[T],
    key: fn(&T) -> String,
    cells: fn(&T) -> Cells,
) -> FileChanges {
    let mut before: HashMap<String, (usize, &T)> =
        old.iter().enumerate().map(|(at, row)| (key(row), (at, row))).collect();
    let mut found = FileChanges { file, added: Vec::new(), changed: Vec::new(), retired: Vec::new(), reordered: false };
    let mut last = None;
    for row in new {
        let key = key(row);
        let Some((at, earlier)) = before.remove(&key) else {
            found.added.push(key);
            continue;
        };
        found.reordered |= last.is_some_and(|last| at < last);
        last = Some(at);
        if earlier != row {
            found.changed.push(Changed { key, what: differing(&cells(earlier), &cells(row)) });
        }
    }
    let mut retired: Vec<(usize, String)> = before.into_iter().map(|(key, (at, _))| (at, key)).collect();
    retired.sort_unstable();
    found.retired = retired.into_iter().map(|(_, key)| key).collect();
    found
}

/// Names of the columns that differ, each once, in the order of the columns.
fn differing(old: &[(String, String)], new: &[(String, String)]) -> Vec<String> {
    let before: BTreeMap<&str, &str> = old.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let after: BTreeMap<&str, &str> = new.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let mut told = HashSet::new();
    let names = new.iter().chain(old).map(|(name, _)| name.as_str());
    names.filter(|name| before.get(name) != after.get(name) && told.insert(*name)).map(str::to_owned).collect()
}

fn dated(name: &str, valid: Validity) -> String {
    valid.from.map_or_else(|| name.to_owned(), |from| format!("{name} from {from}"))
}

fn unit_key(unit: &Unit) -> String {
    dated(unit.id.as_str(), unit.valid)
}

fn unit_cells(unit: &Unit) -> Cells {
    let [_, to] = write::bounds(unit.valid);
    named([
        ("code", unit.code.clone()),
        ("name", unit.name.clone()),
        ("kind", unit.kind.word().to_owned()),
        ("parent_code", unit.parent.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("valid_to", to),
        ("aliases", unit.aliases.join(";")),
    ])
}

fn succession_key(succession: &Succession) -> String {
    format!("{} → {} on {}", succession.predecessor, succession.successor, succession.date)
}

fn succession_cells(succession: &Succession) -> Cells {
    named([("kind", succession.kind.word().to_owned()), ("basis", succession.basis.clone())])
}

fn contact_key(contact: &Contact) -> String {
    dated(&format!("{} {}", contact.unit, contact.office.word()), contact.valid)
}

fn contact_cells(contact: &Contact) -> Cells {
    let [_, to] = write::bounds(contact.valid);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    named([
        ("person", text(&contact.person)),
        ("title", contact.title.clone()),
        ("email", text(&contact.email)),
        ("phone", text(&contact.phone)),
        ("zalo_user_id", text(&contact.zalo_user_id)),
        ("valid_to", to),
    ])
}

fn named<const N: usize>(cells: [(&str, String); N]) -> Cells {
    cells.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
}

/// The keys of a canonical item; those of its causes with the cause's id: `cause late_results: action`.
fn lines(item: &str) -> Cells {
    let mut cause: Option<String> = None;
    let mut cells = Vec::new();
    for line in item.lines() {
        if line == "[[indicator.cause]]" {
            cause = Some(String::new());
        }
        let Some((key, value)) = line.split_once(" = ") else { continue };
        if key == "id"
            && let Some(cause) = &mut cause
        {
            value.trim_matches('"').clone_into(cause);
        }
        let name = cause.as_ref().map_or_else(|| key.to_owned(), |cause| format!("cause {cause}: {key}"));
        cells.push((name, value.to_owned()));
    }
    cells
}

impl Changes {
    /// How many rows a plain [`Display`](fmt::Display) names per file and sort.
    pub const NAMED: usize = 10;

    /// Whether nothing would change.
    pub fn is_empty(&self) -> bool {
        self.files.iter().all(FileChanges::is_empty)
    }

    /// How many rows would leave the catalog.
    pub fn retired(&self) -> usize {
        self.files.iter().map(|file| file.retired.len()).sum()
    }

    /// The table with at most `names` rows named per file and sort; the counts are always whole.
    pub fn table(&self, names: usize) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            if self.is_empty() {
                return f.write_str("nothing changes\n");
            }
            writeln!(f, "{:<16} {:>7} {:>7} {:>7}", "file", "added", "changed", "retired")?;
            for file in self.files.iter().filter(|file| !file.is_empty()) {
                file.write(f, names)?;
            }
            Ok(())
        })
    }
}

impl FileChanges {
    /// Whether nothing would change in this file.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.retired.is_empty() && !self.reordered
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, names: usize) -> fmt::Result {
        let (added, changed, retired) = (self.added.len(), self.changed.len(), self.retired.len());
        writeln!(f, "{:<16} {added:>7} {changed:>7} {retired:>7}", self.file)?;
        let changed: Vec<String> =
            self.changed.iter().map(|row| format!("{}: {}", row.key, row.what.join(", "))).collect();
        for (sign, rows) in [('+', &self.added), ('~', &changed), ('-', &self.retired)] {
            for row in rows.iter().take(names) {
                writeln!(f, "  {sign} {row}")?;
            }
            if rows.len() > names {
                writeln!(f, "  {sign} and {} more", rows.len() - names)?;
            }
        }
        if self.reordered {
            writeln!(f, "  rows stand in another order")?;
        }
        Ok(())
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table(Self::NAMED).fmt(f)
    }
}
