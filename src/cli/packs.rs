//! `dondoc catalog`: packs in and out.

use std::path::Path;

use super::approve::confirmed;
use super::arguments::Catalog;
use super::exit::{Code, Failure};
use super::{desk, directory, output, units};
use crate::app::App;
use crate::catalog::{self, Pack};

pub(super) async fn catalog(app: App, asked: Catalog) -> Result<Code, Failure> {
    let code = match asked {
        Catalog::Import { folder, dry_run, yes } => import(&app, &folder, dry_run, yes).await?,
        Catalog::Unit(asked) => units::units(&app, asked).await?,
        Catalog::Contacts(asked) => directory::contacts(&app, asked).await?,
        Catalog::Unresolved { format } => desk::list(&app, format).await?,
        Catalog::Resolve { name, code, on, by } => desk::resolve(&app, &name, &code, on, &by).await?,
        Catalog::Unresolve { name, by } => desk::unresolve(&app, &name, &by).await?,
        Catalog::Export { folder } => {
            let pack = catalog::load(&app.db).await?;
            catalog::export(&pack, &folder).map_err(|error| Failure::new(Code::Unexpected, error.to_string()))?;
            output::line(format!(
                "{} units and {} contacts written to {}",
                pack.units.len(),
                pack.contacts.len(),
                folder.display()
            ))?;
            Code::Done
        }
    };
    app.close().await;
    Ok(code)
}

/// Somebody else was quicker.
pub(super) fn meanwhile() -> Failure {
    let hint = "run it again and look at the changes";
    Failure::new(
        Code::NotApproved,
        format!("the catalog was changed meanwhile; nothing was imported\n  remedy: {hint}"),
    )
}

async fn import(app: &App, folder: &Path, dry_run: bool, yes: bool) -> Result<Code, Failure> {
    let pack = Pack::read(folder).map_err(|error| {
        let list: Vec<String> = error.problems.iter().map(ToString::to_string).collect();
        Failure::new(Code::Invalid, format!("{error}; nothing was imported\n{}", list.join("\n")))
    })?;
    let changes = catalog::changes(&catalog::load(&app.db).await?, &pack);
    output::line(changes.to_string().trim_end())?;
    if changes.is_empty() || dry_run {
        return Ok(Code::Done);
    }
    if !yes && !confirmed("Apply these changes?") {
        return Err(Failure::new(Code::NotApproved, "not applied; the catalog is as it was"));
    }
    if !app.put_pack(&pack, &changes, &super::people::by()).await? {
        return Err(meanwhile());
    }
    output::line("applied")?;
    Ok(Code::Done)
}
