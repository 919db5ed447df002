//! `dondoc template`: what is in force, and its source to start from.

use std::path::Path;

use super::arguments::Template;
use super::exit::{Code, Failure};
use super::output::{self, Table};

pub(super) async fn template(config: Option<&Path>, asked: Template) -> Result<Code, Failure> {
    let app = super::visit(config).await?;
    let templates = &app.templates;
    match asked {
        Template::List { format } => {
            let mut table = Table::new(vec!["template", "origin", "problems"]);
            let problems = templates.check();
            for name in templates.names() {
                let count = problems.iter().filter(|problem| problem.name == name).count();
                table.rows.push(vec![name.clone(), templates.origin(&name).to_owned(), count.to_string()]);
            }
            table.print(format, None)?;
        }
        Template::Show { name } => {
            let Some(source) = templates.source(&name) else {
                let names: Vec<String> = templates.names();
                return Err(Failure::usage(format!("no template is called `{name}`\n  remedy: one of {}", names.join(", "))));
            };
            output::line(source.trim_end())?;
        }
    }
    app.close().await;
    Ok(Code::Done)
}
