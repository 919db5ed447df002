//! The values of the configuration on a page: grouped, looked for without marks.

use super::catalogue::Tongue;
use crate::catalog::Search;
use crate::config::{Said, Shown, Whence};

/// Characters of what is looked for.
const LONGEST: usize = 60;

/// A value of the configuration.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) key: String,
    pub(super) value: String,
    /// Whether the value was written by people, and is in no language of the pages.
    pub(super) is_data: bool,
    pub(super) from: String,
}

/// A section of the file.
#[derive(Debug)]
pub(super) struct Group {
    /// `[safety]`, or `[[channel]] mail`.
    pub(super) name: String,
    pub(super) about: &'static str,
    pub(super) lines: Vec<Line>,
}

/// What is looked for; empty: nothing.
pub(super) fn sought(query: Option<String>) -> String {
    let pairs = query.and_then(|query| super::form::pairs(&query.into())).unwrap_or_default();
    let text = pairs.into_iter().find(|(key, _)| key == "tim").map(|(_, value)| value).unwrap_or_default();
    text.trim().chars().take(LONGEST).collect()
}

/// Those values of `all` in which `sought` stands, however it is written; `hidden` masks what is personal.
pub(super) fn groups(t: Tongue, all: &[Shown], sought: &str, hidden: &impl Fn(&str) -> String) -> Vec<Group> {
    let search = Search::of(sought);
    let mut groups: Vec<(&str, Group)> = Vec::new();
    for one in all {
        let section = one.key.split('.').next().unwrap_or_default();
        let (name, about) = (title(section, all), t.say(about(section)));
        let line = line(t, one, hidden);
        if !search.finds(&format!("{} {} {} {name} {about}", line.key, line.value, line.from)) {
            continue;
        }
        match groups.last_mut().filter(|(known, _)| *known == section) {
            Some((_, group)) => group.lines.push(line),
            None => groups.push((section, Group { name, about, lines: vec![line] })),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn line(t: Tongue, one: &Shown, hidden: &impl Fn(&str) -> String) -> Line {
    let (value, is_data) = match &one.value {
        Said::Text(text) if text.is_empty() => (t.say("settings.empty").to_owned(), false),
        Said::Text(text) => (hidden(text), true),
        Said::Secret => (t.say("settings.secret").to_owned(), false),
        Said::Nothing => (t.say("settings.not_set").to_owned(), false),
        Said::OwnWay => (t.say("settings.built_in").to_owned(), false),
    };
    let from = match &one.from {
        Whence::Line(line) => t.with("settings.from_line", line),
        Whence::Variable(name) => t.with("settings.from_variable", name),
        Whence::VariableFile(path, name) => t.with2("settings.from_variable_file", path.display(), name),
        Whence::Credential(name) => t.with("settings.from_credential", name),
        Whence::File(path) => t.with("settings.from_file", path.display()),
        Whence::Preset(name) => t.with("settings.from_preset", name),
        Whence::Default => t.say("settings.from_default").to_owned(),
    };
    Line { key: one.key.clone(), value, is_data, from }
}

/// How a section is called: a list's item by its name, too.
fn title(section: &str, all: &[Shown]) -> String {
    let Some((list, _)) = section.split_once('[') else { return format!("[{section}]") };
    let key = format!("{section}.name");
    match all.iter().find(|one| one.key == key).map(|one| &one.value) {
        Some(Said::Text(name)) => format!("[[{list}]] {name}"),
        _ => format!("[[{list}]]"),
    }
}

fn about(section: &str) -> &'static str {
    match section.split('[').next().unwrap_or_default() {
        "alerts" => "settings.about_alerts",
        "catalog" => "settings.about_catalog",
        "channel" => "settings.about_channel",
        "database" => "settings.about_database",
        "delivery" => "settings.about_delivery",
        "digest" => "settings.about_digest",
        "log" => "settings.about_log",
        "messages" => "settings.about_messages",
        "policy" => "settings.about_policy",
        "quality" => "settings.about_quality",
        "reconcile" => "settings.about_reconcile",
        "reply" => "settings.about_reply",
        "retention" => "settings.about_retention",
        "safety" => "settings.about_safety",
        "schedule" => "settings.about_schedule",
        "secrets" => "settings.about_secrets",
        "server" => "settings.about_server",
        "sign_in" => "settings.about_sign_in",
        "source" => "settings.about_source",
        _ => "settings.about_other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(key: &str, value: &str) -> Shown {
        Shown { key: key.to_owned(), value: Said::Text(value.to_owned()), from: Whence::Line(3) }
    }

    #[test]
    fn a_value_is_found_without_marks_by_its_key_its_value_and_what_it_is_about() {
        let all = [
            shown("channel[0].name", "Hộp thư"),
            shown("channel[0].kind", "capture"),
            shown("safety.trial", "true"),
            Shown { key: "secrets.key".to_owned(), value: Said::Secret, from: Whence::Default },
        ];
        let found = |sought: &str| {
            let groups = groups(Tongue::Vietnamese, &all, sought, &ToOwned::to_owned);
            let keys = groups.into_iter().flat_map(|group| group.lines.into_iter().map(|line| line.key));
            keys.collect::<Vec<_>>()
        };
        assert_eq!(found("").len(), 4);
        assert_eq!(found("che do thu"), ["safety.trial"]);
        assert_eq!(found("HOP THU kind"), ["channel[0].kind"]);
        assert_eq!(found("dong 3 TRIAL"), ["safety.trial"]);
        assert_eq!(found("khong hien thi"), ["secrets.key"]);
        assert_eq!(found("hanh tinh"), Vec::<String>::new());
        let groups = groups(Tongue::English, &all, "", &ToOwned::to_owned);
        assert_eq!(groups[0].name, "[[channel]] Hộp thư");
        assert_eq!((groups[1].name.as_str(), groups[1].about), ("[safety]", "trial mode, approval, guard"));
    }
}
