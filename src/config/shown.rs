//! The configuration as people may look at it: every value with where it came from, and no secret.

use super::address::mask_url;
use super::problem::Place;
use super::tree::{self, Entry, Node, Origin, Value};

/// Ends of keys whose value nobody sees.
const SECRET: [&str; 6] = ["password", "secret", "token", "key", "pin", "credentials"];

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// `channel[0].relay`.
    pub key: String,
    /// As it is written; of a secret only that there is one.
    pub value: Option<String>,
    /// Where it stands.
    pub from: Whence,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whence {
    /// A line of the configuration file.
    Line(u64),
    /// An environment variable.
    Variable(String),
    /// Nobody gave it.
    Default,
}

/// Every value of `root`, which was read from `text`, and of the shipped configuration what `root` does not give.
pub(super) fn shown(root: &Node, text: &str) -> Vec<Shown> {
    let mut given = Vec::new();
    walk(root, "", &|origin| whence(origin, text), &mut given);
    let (shipped, _) = tree::parse(super::SHIPPED);
    let mut usual = Vec::new();
    walk(&shipped, "", &|_| Whence::Default, &mut usual);
    // Sources, channels and schedules have no defaults.
    usual.retain(|one| !one.key.contains('[') && given.iter().all(|known| known.key != one.key));
    given.extend(usual);
    given.sort_by(|one, other| section(&one.key).cmp(section(&other.key)));
    given
}

fn section(key: &str) -> &str {
    key.split(['.', '[']).next().unwrap_or_default()
}

fn whence(origin: &Origin, text: &str) -> Whence {
    match origin {
        Origin::File(offset) => Whence::Line(Place::of("", text, *offset).line),
        Origin::Variable(name) => Whence::Variable(name.to_string()),
    }
}

fn walk(node: &Node, key: &str, whence: &dyn Fn(&Origin) -> Whence, found: &mut Vec<Shown>) {
    match &node.value {
        Value::Table(entries) => {
            for Entry { key: name, node, .. } in entries {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                walk(node, &key, whence, found);
            }
        }
        Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Table(_))) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{key}[{at}]"), whence, found);
            }
        }
        value => {
            let value = if is_secret(key) { None } else { written(value).map(|text| bare(key, text)) };
            found.push(Shown { key: key.to_owned(), value, from: whence(&node.origin) });
        }
    }
}

/// By its name: whatever holds a secret is called so, or stands in a table of headers. A file that holds one may be named.
fn is_secret(key: &str) -> bool {
    let last = key.rsplit('.').next().unwrap_or_default().to_lowercase();
    let names_file = last.ends_with("_file");
    let inner = key.split('.').any(|part| {
        matches!(part.split('[').next(), Some("headers" | "secrets" | "login" | "form" | "query" | "body" | "request"))
    });
    !names_file && (inner || SECRET.iter().any(|end| last.ends_with(end) || last.ends_with(&format!("{end}s"))))
}

/// Of the address that a channel posts to only the machine: its path may be what lets one in.
fn bare(key: &str, text: String) -> String {
    let posts = key.starts_with("channel[") && key.ends_with("url");
    match text.split_once("://") {
        Some((scheme, rest)) if posts && rest.contains('/') => {
            format!("{scheme}://{}/…", rest.split('/').next().unwrap_or_default())
        }
        _ => text,
    }
}

/// `None`: the content of a file that a variable names, which is a secret more often than not.
fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::Text(text) | Value::Given(text) => without_password(text),
        Value::Integer(Some(number)) => number.to_string(),
        Value::Integer(None) => "?".to_owned(),
        Value::Boolean(flag) => flag.to_string(),
        Value::List(items) => items.iter().map(|item| written(&item.value)).collect::<Option<Vec<_>>>()?.join(", "),
        Value::Content(..) => return None,
        Value::Table(_) | Value::Foreign(_) => String::new(),
    })
}

fn without_password(text: &str) -> String {
    if text.contains("://") && text.contains(['@', '?']) { mask_url(text) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_place_and_no_secret_is_among_them() {
        let text = "[database]\nurl = \"postgres://an:GEHEIM@db.example/dondoc\"\n[[channel]]\nname = \"mail\"\n\
                    password = \"GEHEIM\"\npassword_file = \"/etc/pass\"\n[channel.headers]\nX-Api = \"GEHEIM\"\n\
                    [secrets]\nkey = \"GEHEIM\"\n[safety]\ntrial = false\n";
        let (root, problems) = tree::parse(text);
        assert!(problems.is_empty());
        let all = shown(&root, text);
        assert!(!format!("{all:?}").contains("GEHEIM"), "{all:?}");
        let of = |key: &str| all.iter().find(|one| one.key == key).cloned();
        let trial = Shown { key: "safety.trial".to_owned(), value: Some("false".to_owned()), from: Whence::Line(12) };
        assert_eq!(of("safety.trial"), Some(trial));
        assert_eq!(of("channel[0].password").unwrap().value, None);
        assert_eq!(of("channel[0].password_file").unwrap().value.as_deref(), Some("/etc/pass"));
        assert_eq!(of("safety.approval").unwrap().from, Whence::Default, "what nobody gave");
    }
}
