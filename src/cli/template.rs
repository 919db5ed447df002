//! `dondoc template`: what is in force, what it was before, and what a draft changes.

use serde_json::json;

use super::arguments::Template;
use super::arguments_template::Version;
use super::exit::{Code, Failure};
use super::output::{self, Format, Table};
use super::{template_check, template_desk};
use crate::api::{self, TemplateText};
use crate::app::App;
use crate::message::Templates;
use crate::message::revisions::{self, Mark, Piece, word_diff};

/// Unchanged lines shown around a changed one.
const AROUND: usize = 1;

pub(super) async fn template(app: App, asked: Template) -> Result<Code, Failure> {
    let code = match asked {
        Template::List { format } => list(&app, format).await?,
        Template::Show { name, which, format } => show(&app, &name, &which, format).await?,
        Template::History { name, format } => history(&app, &name, format).await?,
        Template::Diff { name, revision, format } => diff(&app, &name, revision, format).await?,
        Template::Check { name, format } => template_check::check(&app, &name, format).await?,
        Template::Draft { name, from, by, note } => template_desk::draft(&app, &name, &from, (by, &note)).await?,
        Template::Publish { name, signed } => template_desk::publish(&app, &name, &signed).await?,
        Template::Restore { name, revision, signed } => template_desk::restore(&app, &name, revision, &signed).await?,
        Template::Discard { name } => template_desk::discard(&app, &name).await?,
    };
    app.close().await;
    Ok(code)
}

/// The file name of a template that messages are made of.
pub(super) fn known(templates: &Templates, name: &str) -> Result<String, Failure> {
    templates.file_name(name).ok_or_else(|| {
        let names: Vec<&str> = templates.names().collect();
        Failure::usage(format!("no template is called `{name}`\n  remedy: one of {}", names.join(", ")))
    })
}

/// The text of revision `number`; of the original for 0.
pub(super) async fn text_of(app: &App, name: &str, number: i64) -> Result<String, Failure> {
    if number == 0 {
        let originals = app.originals().await?;
        let text = originals.source(name).map(ToOwned::to_owned);
        return text.ok_or_else(|| {
            Failure::usage(format!("`{name}` has no original: it exists as revisions alone\n  remedy: name a revision"))
        });
    }
    let revision = revisions::revision(&app.db, name, number).await?;
    revision.map(|revision| revision.source).ok_or_else(|| {
        Failure::usage(format!(
            "`{name}` has no revision {number}\n  remedy: `dondoc template history {name}` lists them"
        ))
    })
}

pub(super) fn no_draft(name: &str) -> Failure {
    Failure::usage(format!("`{name}` has no draft\n  remedy: `dondoc template draft {name} --from FILE` saves one"))
}

async fn list(app: &App, format: Format) -> Result<Code, Failure> {
    let (originals, live) = (app.originals().await?, app.templates().await?);
    let (newest, drafts) = (revisions::newest(&app.db).await?, revisions::drafts(&app.db).await?);
    let lines = api::templates((&originals, &live), &newest, &drafts);
    let json = json!(lines);
    let header = vec!["template", "text", "problems", "revision", "published_by", "published_at", "original", "draft"];
    let mut table = Table::new(header);
    table.rows.extend(lines.into_iter().map(|line| {
        let draft = line.draft.zip(line.draft_by).map(|(number, by)| format!("{number} by {by}"));
        vec![
            line.template,
            line.text.to_owned(),
            line.problems.to_string(),
            line.revision.map(|number| number.to_string()).unwrap_or_default(),
            line.published_by.unwrap_or_default(),
            line.published_at.unwrap_or_default(),
            line.original.unwrap_or_default().to_owned(),
            draft.unwrap_or_default(),
        ]
    }));
    table.print(format, Some(json))?;
    Ok(Code::Done)
}

async fn show(app: &App, name: &str, which: &Version, format: Format) -> Result<Code, Failure> {
    let live = app.templates().await?;
    let name = known(&live, name)?;
    let source = match which {
        Version { draft: true, .. } => revisions::draft(&app.db, &name).await?.ok_or_else(|| no_draft(&name))?.source,
        Version { revision: Some(number), .. } => text_of(app, &name, *number).await?,
        Version { revision: None, draft: false } => {
            let source = live.source(&name).map(ToOwned::to_owned);
            source.ok_or_else(|| Failure::usage(format!("`{name}` has no text yet\n  remedy: save a draft")))?
        }
    };
    match format {
        Format::Table => output::line(source.trim_end())?,
        Format::Json => output::json(&json!(TemplateText::of(&name, &source)))?,
        Format::Csv => {
            let mut table = Table::new(vec!["template", "sha256", "source"]);
            table.rows.push(vec![name, revisions::hash(&source), source]);
            table.print(format, None)?;
        }
    }
    Ok(Code::Done)
}

async fn history(app: &App, name: &str, format: Format) -> Result<Code, Failure> {
    let originals = app.originals().await?;
    let name = known(&originals, name)?;
    let lines = api::history(&originals, &revisions::history(&app.db, &name).await?);
    let json = json!(lines);
    let header = vec!["revision", "published_at", "published_by", "note", "made_of", "original", "sha256"];
    let mut table = Table::new(header);
    if lines.is_empty() {
        output::note(format!("`{name}` has no revision: its original is in force"));
    }
    table.rows.extend(lines.into_iter().map(|line| {
        vec![
            line.revision.to_string(),
            line.published_at,
            line.published_by,
            line.note,
            line.made_of,
            line.original.to_owned(),
            line.sha256,
        ]
    }));
    table.print(format, Some(json))?;
    Ok(Code::Done)
}

async fn diff(app: &App, name: &str, revision: Option<i64>, format: Format) -> Result<Code, Failure> {
    let live = app.templates().await?;
    let name = known(&live, name)?;
    let other = match revision {
        Some(number) => text_of(app, &name, number).await?,
        None => revisions::draft(&app.db, &name).await?.ok_or_else(|| no_draft(&name))?.source,
    };
    let pieces = word_diff(live.source(&name).unwrap_or_default(), &other);
    if pieces.iter().all(|piece| piece.mark == Mark::Same) {
        output::note("nothing differs");
    }
    match format {
        Format::Table => output::whole(&marked(&pieces))?,
        Format::Json | Format::Csv => {
            let mut table = Table::new(vec!["mark", "text"]);
            table.rows = pieces.into_iter().map(|piece| vec![piece.mark.word().to_owned(), piece.text]).collect();
            table.print(format, None)?;
        }
    }
    Ok(Code::Done)
}

/// The changed lines with those around them, `[-removed-]` and `{+added+}`; `…` where lines are left out.
fn marked(pieces: &[Piece]) -> String {
    let mut lines: Vec<(String, bool)> = vec![(String::new(), false)];
    for piece in pieces {
        for (at, part) in piece.text.split('\n').enumerate() {
            if at > 0 {
                lines.push((String::new(), piece.mark != Mark::Same));
            }
            let Some((line, is_changed)) = lines.last_mut() else { continue };
            match piece.mark {
                Mark::Same => line.push_str(part),
                Mark::Removed if !part.is_empty() => *line = format!("{line}[-{part}-]"),
                Mark::Added if !part.is_empty() => *line = format!("{line}{{+{part}+}}"),
                Mark::Removed | Mark::Added => {}
            }
            *is_changed |= piece.mark != Mark::Same;
        }
    }
    // What stands behind the last line end is no line.
    if lines.last().is_some_and(|(line, _)| line.is_empty()) {
        lines.pop();
    }
    let is_near = |at: usize| {
        let near = lines.iter().skip(at.saturating_sub(AROUND)).take(AROUND + 1 + AROUND.min(at));
        near.into_iter().any(|(_, is_changed)| *is_changed)
    };
    let mut shown = String::new();
    let mut left_out = false;
    for (at, (line, _)) in lines.iter().enumerate() {
        if is_near(at) {
            shown.push_str(if left_out { "…\n" } else { "" });
            shown.push_str(line);
            shown.push('\n');
        }
        left_out = !is_near(at);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_lines_and_their_neighbours_are_shown() {
        let shown = marked(&word_diff("a\nb\nc\nd one e\nf\ng\nh\n", "a\nb\nc\nd two e\nf\ng\nh\n"));
        assert_eq!(shown, "…\nc\nd [-one-]{+two+} e\nf\n");
        assert_eq!(marked(&word_diff("a\nb\n", "a\nb\n")), "");
    }

    #[test]
    fn an_added_line_is_marked_as_a_line() {
        assert_eq!(marked(&word_diff("a\nc\n", "a\nb\nc\n")), "a\n{+b+}\nc\n");
    }
}
