//! The fields that a template names, read from its `{{ … }}` and `{% … %}`.

use std::collections::BTreeMap;

/// Words of the template language, which are no fields.
const WORDS: [&str; 34] = [
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "in",
    "set",
    "set_global",
    "endset",
    "block",
    "endblock",
    "include",
    "extends",
    "import",
    "as",
    "macro",
    "endmacro",
    "filter",
    "endfilter",
    "break",
    "continue",
    "and",
    "or",
    "not",
    "is",
    "true",
    "false",
    "True",
    "False",
    "none",
    "None",
    "loop",
    "raw",
];

/// How a template names a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// As it is written where it stands first: `figure.rate`.
    pub(super) written: String,
    /// Whether it is asked for only where it may be missing: `… is defined`, `… | default(…)`.
    pub(super) may_be_missing: bool,
}

/// Every field that `source` names, loop variables resolved: `units.indicators.rate` for the `rate` of
/// `{% for figure in unit.indicators %}`.
pub(super) fn used_fields(source: &str) -> BTreeMap<String, Named> {
    let mut reader = Reader::default();
    let mut rest = source;
    while let Some(at) = rest.find('{') {
        let Some(tail) = rest.get(at..) else { break };
        let (close, is_code) = match tail.get(..2) {
            Some("{{") => ("}}", true),
            Some("{%") => ("%}", true),
            Some("{#") => ("#}", false),
            _ => {
                rest = tail.get(1..).unwrap_or_default();
                continue;
            }
        };
        let inner = tail.get(2..).unwrap_or_default();
        let (code, after) = inner.split_once(close).unwrap_or((inner, ""));
        if is_code {
            reader.take(&tokens(code));
        }
        rest = after;
    }
    reader.fields
}

#[derive(Default)]
struct Reader {
    fields: BTreeMap<String, Named>,
    /// What loop and set variables stand for; nothing, where that is no single field.
    variables: BTreeMap<String, Option<String>>,
}

impl Reader {
    fn take(&mut self, tokens: &[Token]) {
        for (at, token) in tokens.iter().enumerate() {
            let Token::Path(path) = token else { continue };
            let before = at.checked_sub(1).and_then(|before| tokens.get(before));
            let after = tokens.get(at + 1);
            // A filter, a test, a function or the name of its argument.
            let is_name = matches!(before, Some(Token::Mark('|' | '.')))
                || matches!(before, Some(Token::Path(word)) if word == "is")
                || (before, tokens.get(at.wrapping_sub(2))) == (Some(&path_of("not")), Some(&path_of("is")))
                || matches!(after, Some(Token::Mark('(' | '=')));
            if is_name || WORDS.contains(&path.split('.').next().unwrap_or_default()) {
                continue;
            }
            let Some(field) = self.resolved(path) else { continue };
            let has_default = (after, tokens.get(at + 2)) == (Some(&Token::Mark('|')), Some(&path_of("default")));
            let may_be_missing = has_default || after == Some(&path_of("is"));
            let named = self.fields.entry(field).or_insert_with(|| Named { written: path.clone(), may_be_missing });
            named.may_be_missing &= may_be_missing;
        }
        match tokens {
            [Token::Path(word), rest @ ..] if word == "for" => self.begin_loop(rest),
            [Token::Path(word), Token::Path(name), Token::Mark('='), ..] if word.starts_with("set") => {
                self.variables.insert(name.clone(), None);
            }
            _ => {}
        }
    }

    /// `x in xs`, `key, x in xs`: the variables are parts of `xs` from here on, and were no fields.
    fn begin_loop(&mut self, tokens: &[Token]) {
        let before_in = tokens.iter().take_while(|token| **token != path_of("in"));
        let variables: Vec<String> = before_in
            .filter_map(|token| if let Token::Path(name) = token { Some(name.clone()) } else { None })
            .collect();
        let over = tokens.get(tokens.iter().position(|token| *token == path_of("in")).unwrap_or(tokens.len()) + 1);
        let over = if let Some(Token::Path(path)) = over { self.resolved(path) } else { None };
        // Of `key, value` each is something else.
        let over = over.filter(|_| variables.len() == 1);
        for name in variables {
            if !self.variables.contains_key(&name) {
                self.fields.remove(&name);
            }
            self.variables.insert(name, over.clone());
        }
    }

    fn resolved(&self, path: &str) -> Option<String> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        match (self.variables.get(first), rest) {
            (None, _) => Some(path.to_owned()),
            (Some(stands_for), None) => stands_for.clone(),
            (Some(stands_for), Some(rest)) => stands_for.as_ref().map(|whole| format!("{whole}.{rest}")),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// `unit.name`
    Path(String),
    /// Anything else but texts and numbers.
    Mark(char),
}

fn path_of(word: &str) -> Token {
    Token::Path(word.to_owned())
}

fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = code.chars().peekable();
    while let Some(c) = rest.next() {
        if matches!(c, '"' | '\'' | '`') {
            while rest.next().is_some_and(|other| other != c) {}
            tokens.push(Token::Mark('"'));
        } else if c.is_alphabetic() || c == '_' {
            let mut path = String::from(c);
            while let Some(next) = rest.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '?')) {
                path.push(next);
            }
            tokens.push(Token::Path(path.replace('?', "").trim_end_matches('.').to_owned()));
        } else if c == '=' && rest.next_if_eq(&'=').is_some() {
            tokens.push(Token::Mark('≡'));
        } else if !c.is_whitespace() && !c.is_numeric() && c != '-' {
            tokens.push(Token::Mark(c));
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(source: &str) -> Vec<String> {
        used_fields(source).into_keys().collect()
    }

    #[test]
    fn fields_are_named_with_what_they_are_part_of() {
        let source = "{{ recipient.title }} {%- for unit in units %}{% for f in unit.indicators %}{{ f.rate }} \
                      {{ loop.index }}{% endfor %}{% endfor -%}";
        assert_eq!(used(source), ["recipient.title", "units", "units.indicators", "units.indicators.rate"]);
    }

    #[test]
    fn texts_filters_tests_comments_and_own_variables_are_no_fields() {
        let source = "{# sender.name #}{% set all = units | length %}{{ all }}{% if contact is defined and step == 2 %}\
                      {{ \"a.b }\" }}{% include \"_sms.md\" %}{{ range(end=step) }}{% endif %} {x}";
        assert_eq!(used(source), ["contact", "step", "units"]);
    }

    #[test]
    fn every_shipped_template_names_fields() {
        let shipped = crate::message::Templates::built_in();
        for name in shipped.names() {
            let used = used(shipped.source(name).unwrap_or_default());
            assert!(!used.is_empty(), "{name}");
            assert!(used.iter().all(|field| !field.contains(' ')), "{name}: {used:?}");
        }
    }
}
