//! Keys whose values never show.

use secrecy::SecretString;

use super::section::{Section, join};
use super::tree::{Origin, Value, find};

impl Section<'_> {
    /// A secret that stands in the file, in a variable, or in a file that `file_key` names. Its value never shows.
    pub(super) fn secret(&self, key: &'static str, file_key: &'static str) -> Option<SecretString> {
        let (literal, file) = (self.get(key), self.get(file_key));
        if literal.is_some() && file.is_some() {
            let what = format!("and `{}` are both given", self.name(file_key));
            self.report_key(key, "bad_value", &what, "keep one of the two, better the file");
        }
        if let Some(node) = literal {
            if let Value::Content(_, path) = &node.value {
                self.reading.note_secret_file(join(&self.exact, key), path.clone());
            } else if matches!(node.origin, Origin::File(_)) {
                self.reading.note_literal_secret(join(&self.exact, key));
            }
            return self.parsed(node, key, super::value::filled).map(SecretString::from);
        }
        let name = self.parsed(file?, file_key, super::value::filled)?;
        match self.reading.secret_file(&name) {
            Ok((path, secret)) => {
                self.reading.note_secret_file(join(&self.exact, file_key), path);
                Some(SecretString::from(secret))
            }
            Err((what, hint)) => {
                let message = format!("`{}`: {what}", self.name(file_key));
                self.report(&file?.origin, "unreadable_file", message, &hint);
                None
            }
        }
    }

    /// Remembers that the file itself holds a password, when the URL at `key` has one.
    pub(super) fn note_password_in_url(&self, key: &str, url: &str) {
        let in_file = find(self.entries, key).is_some_and(|entry| {
            matches!(entry.node.origin, Origin::File(_)) && !matches!(entry.node.value, Value::Content(..))
        });
        if in_file && super::address::holds_password(url) {
            self.reading.note_literal_secret(join(&self.exact, key));
        }
    }
}
