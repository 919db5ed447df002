//! Looks at a query before a database does: one statement, and one that reads.

/// How a database writes its statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// As PostgreSQL and SQLite.
    Standard,
    /// As MySQL and MariaDB: `#` begins a comment, `--` only with a space behind it, and some comments are run.
    MySql,
}

/// The statement without the semicolon at its end.
///
/// # Errors
/// Why it is not taken.
pub fn checked(text: &str, dialect: Dialect) -> Result<&str, &'static str> {
    let end = end_of_first(text, dialect)?;
    let (statement, rest) = text.split_at(end);
    if rest.strip_prefix(';').is_some_and(|rest| !skip_blank(rest, dialect).is_empty()) {
        return Err("holds more than one statement");
    }
    let start = skip_blank(statement, dialect);
    let word: String = start.chars().take_while(char::is_ascii_alphabetic).collect();
    match word.to_ascii_lowercase().as_str() {
        "" => Err("holds no statement"),
        "select" | "with" | "values" => Ok(statement.trim()),
        _ => Err("does not begin with SELECT, WITH or VALUES"),
    }
}

/// Where the first semicolon stands that is neither quoted nor in a comment, or else the end.
fn end_of_first(text: &str, dialect: Dialect) -> Result<usize, &'static str> {
    let mut rest = text;
    loop {
        let at = text.len() - rest.len();
        let Some(first) = rest.chars().next() else { return Ok(text.len()) };
        let (open, close) = match first {
            ';' => return Ok(at),
            '\'' => ("'", "'"),
            '"' => ("\"", "\""),
            '`' => ("`", "`"),
            // `$$ … $$` and `$tag$ … $tag$` quote in PostgreSQL; nothing that is asked for here needs it.
            '$' if opens_dollar_quote(rest) => return Err("quotes with $$, which is not taken here"),
            '[' if dialect == Dialect::Standard && !is_whole(rest) => {
                return Err("has brackets that not every database closes at the same place");
            }
            other => {
                let Some(marks) = comment(rest, dialect) else {
                    rest = rest.get(other.len_utf8()..).unwrap_or_default();
                    continue;
                };
                marks
            }
        };
        let inside = rest.get(open.len()..).unwrap_or_default();
        if open == "/*" && dialect == Dialect::MySql && inside.starts_with(['!', '+', 'M', 'm']) {
            return Err("has a comment that begins with /*!, /*M or /*+, which the server acts on");
        }
        rest = match inside.split_once(close) {
            // What databases read differently could hide a second statement from this reading.
            Some((inside, _)) if open == "/*" && (inside.contains("/*") || inside.ends_with('/')) => {
                return Err("has a comment in a comment");
            }
            // A server's mode decides whether such a string ends here, and in PostgreSQL an `E` before it.
            Some((quoted, _)) if quoted.ends_with('\\') && escapes(open, dialect) => {
                return Err("has a backslash before a quotation mark; write '' for a quotation mark in a text");
            }
            Some((inside, _)) if close == "\n" && is_cut(inside) => return Err(CUT),
            Some((_, behind)) => behind,
            None if close == "\n" && is_cut(inside) => return Err(CUT),
            None if close == "\n" => "",
            None => return Err("has a quotation mark or comment that stays open"),
        };
    }
}

/// Whether a backslash may escape the mark that a text of this kind ends with.
fn escapes(open: &str, dialect: Dialect) -> bool {
    open == "'" || open == "\"" && dialect == Dialect::MySql
}

/// `$$`, or `$`, a name, `$`.
fn opens_dollar_quote(rest: &str) -> bool {
    let tag = rest.get(1..).and_then(|rest| rest.split_once('$')).map(|(tag, _)| tag);
    tag.is_some_and(|tag| tag.chars().all(|c| c.is_alphanumeric() || c == '_' || !c.is_ascii()))
}

/// Whether what stands in brackets ends where they do: SQLite takes it for a name, quotation marks and all.
fn is_whole(rest: &str) -> bool {
    let inside = rest.get(1..).and_then(|behind| behind.split_once(']')).map(|(inside, _)| inside);
    inside.is_none_or(|inside| !inside.contains("--") && end_of_first(inside, Dialect::Standard) == Ok(inside.len()))
}

/// Whether PostgreSQL ends a comment of one line earlier than others do.
fn is_cut(comment: &str) -> bool {
    comment.trim_end_matches('\r').contains('\r')
}

const CUT: &str = "has a carriage return in a comment, which only some databases end there";

/// The marks at the beginning and end of the comment that `rest` begins with.
fn comment(rest: &str, dialect: Dialect) -> Option<(&'static str, &'static str)> {
    let is_mysql = dialect == Dialect::MySql;
    let ends_word = |text: &str| text.chars().next().is_none_or(|c| c.is_ascii_whitespace() || c.is_ascii_control());
    if rest.starts_with("/*") {
        Some(("/*", "*/"))
    } else if is_mysql && rest.starts_with('#') {
        Some(("#", "\n"))
    } else {
        rest.strip_prefix("--").filter(|behind| !is_mysql || ends_word(behind)).map(|_| ("--", "\n"))
    }
}

/// What stands behind spaces and comments.
fn skip_blank(text: &str, dialect: Dialect) -> &str {
    let mut rest = text.trim_start();
    while let Some((open, close)) = comment(rest, dialect) {
        let inside = rest.get(open.len()..).unwrap_or_default();
        rest = inside.split_once(close).map_or("", |(_, behind)| behind).trim_start();
    }
    rest
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
            for dialect in [Dialect::Standard, Dialect::MySql] {
                assert_eq!(checked(good, dialect), Ok(good.trim()));
            }
        }
        assert_eq!(checked("SELECT 1;\n -- done\n", Dialect::Standard), Ok("SELECT 1"));
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
            ("SELECT E'\\''; DELETE FROM a; -- '", "backslash"),
            ("SELECT 1 /* /* */ ' */; DELETE FROM a; --'", "comment in a comment"),
            ("SELECT 1 /*/*/ ' */ */; DELETE FROM a; --'", "comment in a comment"),
            ("SELECT 1 -- \r; DELETE FROM a", "carriage return"),
            ("SELECT 1 -- \r; DELETE FROM a\n", "carriage return"),
            ("SELECT 'a", "stays open"),
            ("SELECT 1 /* a", "stays open"),
            (" -- nothing", "no statement"),
            (";", "no statement"),
        ] {
            for dialect in [Dialect::Standard, Dialect::MySql] {
                let refused = checked(bad, dialect).expect_err(bad);
                assert!(refused.contains(reason), "{bad}: {refused}");
            }
        }
    }

    #[test]
    fn what_stands_in_brackets_ends_where_they_do() {
        for bad in ["SELECT [']; DELETE FROM a; --'", "SELECT [--]; DELETE FROM a", "SELECT [;]"] {
            let refused = checked(bad, Dialect::Standard).expect_err(bad);
            assert!(refused.contains("brackets"), "{bad}: {refused}");
        }
    }

    #[test]
    fn mysql_has_comments_and_strings_of_its_own() {
        let of = |text| checked(text, Dialect::MySql);
        for good in [
            "# ; what\nSELECT 1",
            "SELECT 5--1",
            "SELECT a FROM b WHERE c LIKE '50\\%' AND d REGEXP '\\\\d'",
            "SELECT `a\\`",
            "SELECT 1 /* ! */",
            "SELECT \"it's\", 'a \"b\"' --",
        ] {
            assert_eq!(of(good), Ok(good), "{good}");
        }
        for (bad, reason) in [
            ("SELECT 5--1; DROP TABLE a", "more than one"),
            ("SELECT 1 # it's\n; DROP TABLE a #'", "more than one"),
            ("SELECT 'a\\'; DROP TABLE a -- '", "backslash"),
            ("SELECT 'a\\\\'", "backslash"),
            ("SELECT \"a\\\"", "backslash"),
            ("SELECT 1 /*! INTO OUTFILE 'a' */", "acts on"),
            ("SELECT 1 /*!50000 , 2 */", "acts on"),
            ("SELECT 1 /*M! , 2 */", "acts on"),
            ("SELECT /*+ MAX_EXECUTION_TIME(0) */ 1", "acts on"),
            ("/*! DELETE FROM a */", "acts on"),
            ("# nothing", "no statement"),
            ("LOAD DATA LOCAL INFILE 'a' INTO TABLE b", "begin with"),
            ("SET STATEMENT max_statement_time = 0 FOR SELECT 1", "begin with"),
        ] {
            let refused = of(bad).expect_err(bad);
            assert!(refused.contains(reason), "{bad}: {refused}");
        }
    }
}
