//! Commands as they are written: a line made of pieces, and a whole mail.

use std::fmt::{self, Display};

/// A command made of pieces, with its line end.
pub(super) struct Line<'a>(pub(super) &'a [&'a str]);

impl Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.0 {
            f.write_str(piece)?;
        }
        f.write_str("\r\n")
    }
}

/// A whole mail as `DATA` wants it: a dot before every line that begins with one, and the dot that ends it.
pub(super) struct Stuffed<'a>(pub(super) &'a str);

impl Display for Stuffed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        if rest.starts_with('.') {
            f.write_str(".")?;
        }
        while let Some(at) = rest.find("\r\n.") {
            let (line, tail) = rest.split_at(at + 2);
            f.write_str(line)?;
            f.write_str(".")?;
            // The dot itself is written with what follows; the search goes on behind the line end.
            rest = tail;
        }
        f.write_str(rest)?;
        f.write_str(if rest.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_begin_with_a_dot_get_another_and_the_end_is_a_lone_dot() {
        assert_eq!(Stuffed("a\r\nb\r\n").to_string(), "a\r\nb\r\n.\r\n");
        assert_eq!(Stuffed("a").to_string(), "a\r\n.\r\n");
        assert_eq!(Stuffed(".\r\n..\r\n.a\r\nb.\r\n").to_string(), "..\r\n...\r\n..a\r\nb.\r\n.\r\n");
        assert_eq!(Stuffed("a\r\n.\r\n.\r\n").to_string(), "a\r\n..\r\n..\r\n.\r\n");
    }
}
