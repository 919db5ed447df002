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
            // `$$ … $$` quotes in PostgreSQL; nothing that is asked for here needs it.
            '$' if rest.starts_with("$$") => return Err("quotes with $$, which is not taken here"),
            other => {
                rest = rest.get(other.len_utf8()..).unwrap_or_default();
                continue;
            }
        };
        let inside = rest.get(open.len()..).unwrap_or_default();
        rest = match inside.split_once(close) {
            Some((_, behind)) => behind,
            None if close == "\n" => "",
            None => return Err("has a quotation mark or comment that stays open"),
        };
    }
}

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
