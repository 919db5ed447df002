//! `dondoc template`: what is in force, and its source to start from.

use std::path::Path;

use super::arguments::Template;
use super::exit::{Code, Failure};
use super::output::{self, Table};
use crate::message::Templates;

pub(super) async fn template(config: Option<&Path>, asked: Template) -> Result<Code, Failure> {
    let app = super::visit(config).await?;
    let templates = &app.templates;
    match asked {
        Template::List { format } => {
            let mut table = Table::new(vec!["template", "text", "problems"]);
            let (problems, shipped) = (templates.check(), Templates::built_in());
            for name in templates.names() {
                let count = problems.iter().filter(|problem| problem.name == name).count();
                let origin = if shipped.source(name) == templates.source(name) { "shipped" } else { "edited" };
                table.rows.push(vec![name.to_owned(), origin.to_owned(), count.to_string()]);
            }
            table.print(format, None)?;
        }
        Template::Show { name } => {
            let Some(source) = templates.source(&name).or_else(|| templates.source(&format!("{name}.md"))) else {
                let names: Vec<&str> = templates.names().collect();
                return Err(Failure::usage(format!(
                    "no template is called `{name}`\n  remedy: one of {}",
                    names.join(", ")
                )));
            };
            output::line(source.trim_end())?;
        }
    }
    app.close().await;
    Ok(Code::Done)
}
