//! Reads Rust as far as the walls need it: words, strings and paths with their lines; comments do not exist.

/// `outbox/claim.rs` is `outbox::claim`, `outbox/mod.rs` is `outbox`, `lib.rs` and `main.rs` are the root.
pub fn module_of(file: &str) -> Vec<String> {
    let module = file.trim_end_matches(".rs").trim_end_matches("/mod");
    if matches!(module, "lib" | "main" | "build") { Vec::new() } else { module.split('/').map(str::to_owned).collect() }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    Word(&'a str),
    /// The inside of a string.
    Text(&'a str),
    /// `::`
    Path,
    Mark(char),
}

#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    pub token: Token<'a>,
    pub line: usize,
}

/// `text` without comments, characters, lifetimes and numbers.
pub fn tokens(text: &str) -> Vec<Placed<'_>> {
    let (mut tokens, mut rest, mut line) = (Vec::new(), text, 1);
    while !rest.is_empty() {
        let (length, token) = next(rest);
        tokens.extend(token.map(|token| Placed { token, line }));
        let (piece, after) = rest.split_at(length);
        line += piece.matches('\n').count();
        rest = after;
    }
    tokens
}

fn next(rest: &str) -> (usize, Option<Token<'_>>) {
    let first = rest.chars().next().unwrap_or(' ');
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let word_end = |from: usize| from + rest[from..].find(|c| !is_word(c)).unwrap_or(rest.len() - from);
    if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), None)
    } else if rest.starts_with("/*") {
        (comment_end(rest), None)
    } else if let Some((length, inside)) = string(rest) {
        (length, Some(Token::Text(inside)))
    } else if let Some(after) = rest.strip_prefix('\'') {
        let mut chars = after.char_indices().skip(1);
        match (after.starts_with('\\'), chars.next()) {
            (true, _) => {
                (after.char_indices().skip(2).find(|(_, c)| *c == '\'').map_or(rest.len(), |(at, _)| at + 2), None)
            }
            (false, Some((at, '\''))) => (at + 2, None),
            (false, _) => (word_end(1), None),
        }
    } else if rest.starts_with("r#") {
        (word_end(2), Some(Token::Word(&rest[2..word_end(2)])))
    } else if first.is_ascii_digit() {
        (word_end(0), None)
    } else if is_word(first) {
        (word_end(0), Some(Token::Word(&rest[..word_end(0)])))
    } else if rest.starts_with("::") {
        (2, Some(Token::Path))
    } else {
        (first.len_utf8(), (!first.is_whitespace()).then_some(Token::Mark(first)))
    }
}

fn comment_end(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let (_, here) = rest.as_bytes().split_at(at);
        match (here.starts_with(b"/*"), here.starts_with(b"*/")) {
            (true, _) => (depth, at) = (depth + 1, at + 2),
            (_, true) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length and the inside of the string that `rest` begins with, if it does: `"…"`, `b"…"`, `r#"…"#`.
fn string(rest: &str) -> Option<(usize, &str)> {
    let prefix = rest.find(|c| !matches!(c, 'b' | 'c' | 'r'))?;
    let hashes = rest[prefix..].find(|c| c != '#')?;
    let open = prefix + hashes + 1;
    let raw = rest[..prefix].ends_with('r');
    if prefix > 2 || !rest[open - 1..].starts_with('"') || (hashes > 0 && !raw) {
        return None;
    }
    let mut end = open;
    if raw {
        end += rest[open..].find(&format!("\"{}", "#".repeat(hashes))).unwrap_or(rest.len() - open);
    } else {
        while end < rest.len() && !rest[end..].starts_with('"') {
            let escaped = usize::from(rest[end..].starts_with('\\'));
            end += rest[end..].chars().take(1 + escaped).map(char::len_utf8).sum::<usize>();
        }
    }
    Some(((end + 1 + hashes).min(rest.len()), &rest[open..end]))
}

/// A path as it stands in the source, followed to its root.
#[derive(Debug, PartialEq, Eq)]
pub enum Resolved {
    /// From the root of the crate.
    Ours(Vec<String>),
    /// A library, or a name in scope.
    Foreign(Vec<String>),
}

/// Every path with its line, in `use` trees and elsewhere. `module` is the file's; inline modules are followed.
pub fn paths(tokens: &[Placed<'_>], module: &[String]) -> Vec<(usize, Resolved)> {
    let token = |at: usize| tokens.get(at).map(|placed| placed.token);
    let (mut found, mut module, mut inline, mut depth, mut at) = (Vec::new(), module.to_vec(), Vec::new(), 0_usize, 0);
    while let Some(placed) = tokens.get(at) {
        at += 1;
        match (placed.token, token(at), token(at + 1)) {
            (Token::Word("mod"), Some(Token::Word(name)), Some(Token::Mark('{'))) => {
                inline.push(depth);
                module.push(name.to_owned());
                at += 1;
            }
            (Token::Mark('{'), ..) => depth += 1,
            (Token::Mark('}'), ..) => {
                depth = depth.saturating_sub(1);
                if inline.pop_if(|opened| *opened == depth).is_some() {
                    module.pop();
                }
            }
            (Token::Word("use"), Some(next), _) if next != Token::Mark('<') => {
                let mut leaves = Vec::new();
                at = tree(tokens, at, &[], &mut leaves);
                found.extend(leaves.into_iter().map(|(line, segments)| (line, resolve(&segments, &module))));
            }
            (Token::Word("crate"), Some(Token::Word(library)), _) => {
                found.push((placed.line, Resolved::Foreign(vec![library.to_owned()])));
            }
            (Token::Word(first), Some(Token::Path), _) => {
                let mut segments = vec![first];
                while let (Some(Token::Path), Some(Token::Word(segment))) = (token(at), token(at + 1)) {
                    segments.push(segment);
                    at += 2;
                }
                found.push((placed.line, resolve(&segments, &module)));
            }
            _ => {}
        }
    }
    found
}

/// Collects the leaves of the `use` tree at `at`; returns where it ends.
fn tree<'a>(
    tokens: &[Placed<'a>],
    mut at: usize,
    prefix: &[&'a str],
    leaves: &mut Vec<(usize, Vec<&'a str>)>,
) -> usize {
    let mut segments = prefix.to_vec();
    while let Some(placed) = tokens.get(at) {
        at += 1;
        let ends = !matches!(tokens.get(at).map(|next| next.token), Some(Token::Path));
        match placed.token {
            Token::Word("as") => at += 1,
            Token::Word(word) => segments.push(word),
            Token::Mark('*') => segments.push("*"),
            Token::Mark('{') => {
                while tokens.get(at).is_some_and(|next| next.token != Token::Mark('}')) {
                    at = tree(tokens, at, &segments, leaves);
                    at += usize::from(tokens.get(at).is_some_and(|next| next.token == Token::Mark(',')));
                }
                return at + 1;
            }
            _ => {}
        }
        if ends && placed.token != Token::Path {
            leaves.push((placed.line, segments));
            let renamed = tokens.get(at).is_some_and(|next| next.token == Token::Word("as"));
            return at + if renamed { 2 } else { 0 };
        }
    }
    at
}

fn resolve(segments: &[&str], module: &[String]) -> Resolved {
    let named = |from: usize| {
        segments.iter().skip(from).filter(|segment| **segment != "self").map(|segment| (*segment).to_owned())
    };
    let up =
        segments.iter().skip_while(|segment| **segment == "self").take_while(|segment| **segment == "super").count();
    match segments.first() {
        Some(&"crate" | &"dondoc") => Resolved::Ours(named(1).collect()),
        Some(&"self" | &"super") => {
            let base = module.iter().take(module.len().saturating_sub(up)).cloned();
            Resolved::Ours(base.chain(named(0).skip(up)).collect())
        }
        _ => Resolved::Foreign(named(0).collect()),
    }
}
