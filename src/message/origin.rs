//! Where a piece that the engine compiled stands in the file that a clerk sees, and its errors with that place.

use super::job::RenderFailure;

/// Where a compiled piece stands in which file.
#[derive(Debug)]
pub(super) struct Origin {
    /// Name in the engine.
    pub(super) piece: String,
    pub(super) file: String,
    /// 1-based line of its first line.
    pub(super) line: usize,
    /// 0-based column of its first character.
    pub(super) column: usize,
}

pub(super) fn origin(piece: &str, file: &str, line: usize, column: usize) -> Origin {
    Origin { piece: piece.to_owned(), file: file.to_owned(), line, column }
}

/// The engine's error with the place in the file that a clerk sees.
pub(super) fn failure(error: &tera::Error, origins: &[Origin], name: &str) -> RenderFailure {
    match error.kind() {
        tera::ErrorKind::SyntaxError(report) | tera::ErrorKind::RenderingError(report) => {
            placed(origins, report.filename(), (report.span().start_line, report.span().start_col), report.message())
        }
        tera::ErrorKind::Io(_) => RenderFailure::whole(name, "the output grows too long"),
        kind => formatted(&kind.to_string(), origins, name),
    }
}

/// A failure at a 1-based line and 0-based column of a compiled piece.
fn placed(origins: &[Origin], piece: &str, (line, column): (usize, usize), message: &str) -> RenderFailure {
    let message = message.to_owned();
    match origins.iter().find(|origin| origin.piece == piece) {
        Some(origin) => RenderFailure {
            template: origin.file.clone(),
            line: origin.line + line.saturating_sub(1),
            column: column + 1 + if line <= 1 { origin.column } else { 0 },
            message,
        },
        None => RenderFailure { template: piece.to_owned(), line, column: column + 1, message },
    }
}

/// Unknown filters and parts come as text only: `error: …\n --> name:line:column`.
fn formatted(report: &str, origins: &[Origin], name: &str) -> RenderFailure {
    let message = report.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let place = report.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
    let place = place.and_then(|place| {
        let (rest, column) = place.rsplit_once(':')?;
        let (piece, line) = rest.rsplit_once(':')?;
        Some((piece, line.parse::<usize>().ok()?, column.parse::<usize>().ok()?))
    });
    match place {
        Some((piece, line, column)) => placed(origins, piece, (line, column.saturating_sub(1)), message),
        None => RenderFailure::whole(name, message),
    }
}
