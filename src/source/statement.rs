//! Looks at a query before a database does: one statement, and one that reads.

/// The statement without the semicolon at its end.
///
/// # Errors
/// Why it is not taken.
pub fn checked(text: &str) -> Result<&str, &'static str> {
    let end = end_of_first(text)?;
    let (statement, rest) = text.split_at(end);
    if rest.strip_prefix(';').is_some_and(|rest| !is_blank(rest)) {
        return Err("holds more than one statement");
    }
    let start = skip_blank(statement);
    let word: String = start.chars().take_while(char::is_ascii_alphabetic).collect();
    match word.to_ascii_lowercase().as_str() {
        "" => Err("holds no statement"),
        "select" | "with" | "values" => Ok(statement.trim()),
        _ => Err("does not begin with SELECT, WITH or VALUES"),
    }
}

/// Where the first semicolon stands that is neither quoted nor in a comment, or else the end.
fn end_of_first(text: &str) -> Result<usize, &'static str> {
    let mut rest = text;
    loop {
        let at = text.len() - rest.len();
        let Some(first) = rest.chars().next() else { return Ok(text.len()) };
        let (open, close) = match first {
            ';' => return Ok(at),
            '\'' => ("'", "'"),
            '"' => ("\"", "\""),
            '`' => ("`", "`"),
            '-' if rest.starts_with("--") => ("--", "\n"),
            '/' if rest.starts_with("/*") => ("/*", "*/"),
            // `$$ … $$` and `$tag$ … $tag$` quote in PostgreSQL; nothing that is asked for here needs it.
            '$' if opens_dollar_quote(rest) => return Err("quotes with $$, which is not taken here"),
            '[' if !is_whole(rest.get(1..).unwrap_or_default()) => {
                return Err("has brackets that not every database closes at the same place");
            }
            other => {
                rest = rest.get(other.len_utf8()..).unwrap_or_default();
                continue;
            }
        };
        let inside = rest.get(open.len()..).unwrap_or_default();
        rest = match inside.split_once(close) {
            // What the databases read differently could hide a second statement from this reading.
            Some((inside, _)) if open == "/*" && (inside.contains("/*") || inside.ends_with('/')) => {
                return Err("has a comment in a comment");
            }
            Some((inside, _)) if open == "'" && inside.ends_with('\\') => {
                return Err("has a backslash before a quotation mark, which only some databases take as a part of it");
            }
            Some((inside, _)) if close == "\n" && is_cut(inside) => return Err(CUT),
            Some((_, behind)) => behind,
            None if close == "\n" && is_cut(inside) => return Err(CUT),
            None if close == "\n" => "",
            None => return Err("has a quotation mark or comment that stays open"),
        };
    }
}

/// `$$`, or `$`, a name, `$`.
fn opens_dollar_quote(rest: &str) -> bool {
    let tag = rest.get(1..).and_then(|rest| rest.split_once('$')).map(|(tag, _)| tag);
    tag.is_some_and(|tag| tag.chars().all(|c| c.is_alphanumeric() || c == '_' || !c.is_ascii()))
}

/// Whether what stands in brackets ends where they do: SQLite takes it for a name, quotation marks and all.
fn is_whole(behind: &str) -> bool {
    let inside = behind.split_once(']').map(|(inside, _)| inside);
    inside.is_none_or(|inside| !inside.contains("--") && end_of_first(inside) == Ok(inside.len()))
}

/// Whether PostgreSQL ends a comment of one line earlier than SQLite does.
fn is_cut(comment: &str) -> bool {
    comment.trim_end_matches('\r').contains('\r')
}

const CUT: &str = "has a carriage return in a comment, which only some databases end there";

fn is_blank(text: &str) -> bool {
    skip_blank(text).is_empty()
}

/// What stands behind spaces, semicolons and comments.
fn skip_blank(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let behind = match (rest.strip_prefix("--"), rest.strip_prefix("/*")) {
            (Some(comment), _) => comment.split_once('\n').map_or("", |(_, behind)| behind),
            (_, Some(comment)) => comment.split_once("*/").map_or("", |(_, behind)| behind),
            _ => return rest,
        };
        rest = behind.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reading_statement_is_taken() {
        for good in [
            "SELECT 1",
            " select ';' AS a -- a; b\n",
            "-- what it is for\nWITH a AS (SELECT 1) SELECT * FROM a /* ; */",
            "SELECT \"a;b\" FROM `c;d` WHERE e = 'it''s; so'",
            "VALUES (1)",
            "SELECT a[1] FROM b WHERE c = ANY (ARRAY['d', 'e;f']) -- g\r\n",
            "SELECT [a b] FROM c WHERE d LIKE '$1' OR e = '\\n'",
        ] {
            assert_eq!(checked(good), Ok(good.trim()));
        }
        assert_eq!(checked("SELECT 1;\n -- done\n"), Ok("SELECT 1"));
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (bad, reason) in [
            ("DELETE FROM a", "begin with"),
            ("COPY a TO PROGRAM 'sh'", "begin with"),
            ("ATTACH 'a' AS b", "begin with"),
            ("SELECT 1; DELETE FROM a", "more than one"),
            ("SELECT 1;; SELECT 2", "more than one"),
            ("SELECT 'a' -- \n; DROP TABLE a", "more than one"),
            ("SELECT $$;$$", "$$"),
            ("SELECT $a$'$a$; DELETE FROM a; --'", "$$"),
            ("SELECT E'\\''; DELETE FROM a; --'", "backslash"),
            ("SELECT 1 /* /* */ ' */; DELETE FROM a; --'", "comment in a comment"),
            ("SELECT 1 /*/*/ ' */ */; DELETE FROM a; --'", "comment in a comment"),
            ("SELECT [']; DELETE FROM a; --'", "brackets"),
            ("SELECT [--]; DELETE FROM a", "brackets"),
            ("SELECT 1 -- \r; DELETE FROM a", "carriage return"),
            ("SELECT 1 -- \r; DELETE FROM a\n", "carriage return"),
            ("SELECT 'a", "stays open"),
            ("SELECT 1 /* a", "stays open"),
            (" -- nothing", "no statement"),
            (";", "no statement"),
        ] {
            let refused = checked(bad).expect_err(bad);
            assert!(refused.contains(reason), "{bad}: {refused}");
        }
    }
}
