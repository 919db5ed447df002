//! Queries, read once more as the databases read them.

use crate::source::sql::statement::{Dialect, checked};

/// What the databases do differently.
#[derive(Debug, Clone, Copy)]
enum Reader {
    /// SQLite: `[a name]`, comments do not nest.
    Sqlite,
    /// PostgreSQL: `E'\''`, `$tag$ … $tag$`, comments nest, a carriage return ends one of a line.
    Postgres,
    /// PostgreSQL with `standard_conforming_strings = off`: a backslash escapes in every string.
    OldPostgres,
    /// MySQL: `#` begins a comment, `--` only with a space behind it, a backslash escapes in strings of both marks.
    MySql,
    /// MySQL in the mode `NO_BACKSLASH_ESCAPES`.
    PlainMySql,
}

const STANDARD: &[Reader] = &[Reader::Sqlite, Reader::Postgres, Reader::OldPostgres];
const MYSQL: &[Reader] = &[Reader::MySql, Reader::PlainMySql];

/// What is taken is one statement that reads, whoever reads it.
pub(crate) fn statement(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    holds(text, Dialect::Standard, STANDARD);
    holds(text, Dialect::MySql, MYSQL);
}

fn holds(text: &str, dialect: Dialect, readers: &[Reader]) {
    match checked(text, dialect) {
        Err(reason) => assert!(!reason.is_empty(), "refused without a word"),
        Ok(taken) => {
            assert!(text.contains(taken) && taken.trim() == taken && !taken.is_empty());
            for reader in readers {
                let (first, statements) = read(taken.as_bytes(), *reader);
                assert_eq!(statements, 1, "{reader:?} sees several statements in {taken:?}");
                // A word of other letters is none: the database refuses it.
                let known = ["", "select", "with", "values"].contains(&first.as_str());
                assert!(known, "{reader:?} sees a statement that begins with `{first}` in {taken:?}");
            }
        }
    }
}

/// The first word in small letters, and how many statements there are.
fn read(text: &[u8], reader: Reader) -> (String, usize) {
    let (mut first, mut statements, mut at) = (None, 1, 0);
    while let Some(byte) = text.get(at).copied() {
        let rest = text.get(at..).unwrap_or_default();
        let before = at.checked_sub(1).and_then(|before| text.get(before)).copied();
        let length = match skipped(rest, before, reader) {
            Some(length) => length,
            None if byte.is_ascii_whitespace() => 1,
            None => {
                statements += usize::from(byte == b';');
                let word = |byte: &&u8| byte.is_ascii_alphabetic();
                first.get_or_insert_with(|| {
                    rest.iter().take_while(word).map(|byte| char::from(byte.to_ascii_lowercase())).collect::<String>()
                });
                1
            }
        };
        at += length;
    }
    (first.unwrap_or_default(), statements)
}

/// The length of the comment or quotation that `rest` begins with.
fn skipped(rest: &[u8], before: Option<u8>, reader: Reader) -> Option<usize> {
    let is_sqlite = matches!(reader, Reader::Sqlite);
    let is_mysql = matches!(reader, Reader::MySql | Reader::PlainMySql);
    let is_postgres = !is_sqlite && !is_mysql;
    let in_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii();
    match rest {
        [b'-', b'-', behind @ ..] if !is_mysql || behind.first().is_none_or(|byte| *byte <= b' ' || *byte == 0x7f) => {
            let ends = |byte: &u8| *byte == b'\n' || is_postgres && *byte == b'\r';
            Some(rest.iter().position(ends).unwrap_or(rest.len()))
        }
        [b'#', ..] if is_mysql => Some(rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())),
        [b'/', b'*', ..] => Some(comment(rest, is_postgres)),
        [b'\'', ..] => Some(quoted(rest, b'\'', matches!(reader, Reader::OldPostgres | Reader::MySql))),
        [b'e' | b'E', b'\'', ..] if is_postgres && !before.is_some_and(in_word) => {
            Some(1 + quoted(rest.get(1..).unwrap_or_default(), b'\'', true))
        }
        [b'"', ..] => Some(quoted(rest, b'"', matches!(reader, Reader::MySql))),
        // No operator of PostgreSQL has one: whatever follows, it refuses the query.
        [b'`', ..] => Some(quoted(rest, b'`', false)),
        [b'[', ..] if is_sqlite => Some(rest.iter().position(|byte| *byte == b']').map_or(rest.len(), |end| end + 1)),
        [b'$', tail @ ..] if is_postgres && !before.is_some_and(in_word) => {
            let tag = tail.iter().position(|byte| !in_word(*byte) || *byte == b'$')?;
            let mark = rest.get(..tag + 2).filter(|mark| mark.ends_with(b"$"))?;
            if mark.get(1).is_some_and(u8::is_ascii_digit) {
                return None;
            }
            let inside = rest.get(mark.len()..)?;
            let end = inside.windows(mark.len()).position(|window| window == mark);
            Some(end.map_or(rest.len(), |end| end + 2 * mark.len()))
        }
        _ => None,
    }
}

fn comment(rest: &[u8], nests: bool) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(pair) = rest.get(at..at + 2) {
        match pair {
            b"/*" if nests || depth == 0 => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// Two marks inside are one of the text.
fn quoted(rest: &[u8], mark: u8, escapes: bool) -> usize {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        at += 1;
        if escapes && *byte == b'\\' {
            at += 1;
        } else if *byte == mark {
            if rest.get(at) != Some(&mark) {
                return at;
            }
            at += 1;
        }
    }
    rest.len()
}
