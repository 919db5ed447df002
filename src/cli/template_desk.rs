//! `dondoc template draft`, `publish`, `restore`, `discard`: what changes the words of the next round.

use std::io::Read as _;
use std::path::Path;

use super::arguments_template::Signed;
use super::exit::{Code, Failure};
use super::output;
use super::progress::Progress;
use super::template::{known, no_draft, text_of};
use super::template_check::{fields, refusal};
use crate::app::{App, InForce, NotInForce};
use crate::config;
use crate::message::Templates;
use crate::message::revisions::{self, NewDraft, Publication, Refused};

/// A file is read so far and no further; a template may have less.
const LONGEST: u64 = 1 << 20;

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Db(error) => error.into(),
            Refused::NoDraft { .. } => {
                Self::usage(format!("{refused}\n  remedy: look at `dondoc template list`, then save it anew"))
            }
            Refused::Overtaken { .. } => Self::usage(format!("{refused}\n  remedy: look at `dondoc template diff`")),
            Refused::Unchecked { .. } => {
                Self::usage(format!("{refused}\n  remedy: publish it again; it is checked anew"))
            }
            Refused::TooLong(_) => Self::new(Code::Invalid, format!("{refused}\n  remedy: shorten it")),
        }
    }
}

pub(super) async fn draft(
    app: &App,
    name: &str,
    from: &Path,
    (by, note): (Option<String>, &str),
) -> Result<Code, Failure> {
    let originals = app.originals().await?;
    let name = known(&originals, name)?;
    let source = read(from)?;
    let by = by.or_else(config::user).unwrap_or_else(|| "admin".to_owned());
    let original_hash = original_hash(&originals, &name);
    let new = NewDraft {
        name: &name,
        source: &source,
        by: by.trim(),
        note: note.trim(),
        original_hash: &original_hash,
        over: None,
        automatic: false,
        page: "",
    };
    let number = revisions::save_draft(&app.db, new, &super::people::by(), app.clock.now()).await?;
    output::line(format!("saved as draft {number} of `{name}`; nothing is sent with it yet"))?;
    output::note(format!("next: `dondoc template check {name}`, then `dondoc template publish {name} --by …`"));
    Ok(Code::Done)
}

fn read(from: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let done = if from == Path::new("-") {
        std::io::stdin().lock().take(LONGEST).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(from).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes))
    };
    done.map_err(|error| Failure::usage(format!("cannot read `{}`: {error}\n  remedy: name a file", from.display())))?;
    String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("`{}` is not UTF-8 text\n  remedy: save it as UTF-8", from.display())))
}

fn original_hash(originals: &Templates, name: &str) -> String {
    originals.source(name).map(revisions::hash).unwrap_or_default()
}

pub(super) async fn publish(app: &App, name: &str, signed: &Signed) -> Result<Code, Failure> {
    let originals = app.originals().await?;
    let name = known(&originals, name)?;
    let draft = revisions::draft(&app.db, &name).await?.ok_or_else(|| no_draft(&name))?;
    let newest = revisions::history(&app.db, &name).await?.first().map_or(0, |revision| revision.number);
    if newest != draft.based_on {
        output::note(format!(
            "warning: revision {newest} was published after this draft was saved\n  remedy: `dondoc template diff {name}` shows what publishing takes back"
        ));
    }
    let new = Publication {
        name: &name,
        source: &draft.source,
        by: signed.by.trim(),
        note: signed.note.trim(),
        original_hash: &draft.original_hash,
        draft: Some(draft.number),
        restores: None,
        over: None,
    };
    put_in_force(app, new, &format!("draft {}", draft.number)).await
}

pub(super) async fn restore(app: &App, name: &str, number: i64, signed: &Signed) -> Result<Code, Failure> {
    let originals = app.originals().await?;
    let name = known(&originals, name)?;
    let source = text_of(app, &name, number).await?;
    let new = Publication {
        name: &name,
        source: &source,
        by: signed.by.trim(),
        note: signed.note.trim(),
        original_hash: &original_hash(&originals, &name),
        draft: None,
        restores: Some(number),
        over: None,
    };
    let what = if number == 0 { "the original".to_owned() } else { format!("revision {number}") };
    put_in_force(app, new, &what).await
}

/// Checks the very text that is then published, and says what follows.
async fn put_in_force(app: &App, new: Publication<'_>, what: &str) -> Result<Code, Failure> {
    let name = new.name;
    let progress = Progress::start("letters tried");
    let told = |done: usize, _: usize| progress.at(u64::try_from(done).unwrap_or(u64::MAX));
    let done = app.put_in_force(new, &super::people::by(), None, &told).await;
    progress.done();
    let InForce { number, checked, waits } = done.map_err(|why| match why {
        NotInForce::Unsigned => Failure::usage(format!("{why}\n  remedy: say who you are with --by")),
        NotInForce::Same => Failure::usage(format!(
            "{what} of `{name}` says what is in force already; nothing was published\n  remedy: nothing to do"
        )),
        NotInForce::Unfit(checked) => refusal(name, what, &checked),
        NotInForce::Refused(refused) => refused.into(),
        NotInForce::App(error) => error.into(),
    })?;
    output::line(format!("revision {number} of `{name}` is in force: the next round writes with it"))?;
    output::line(fields(&checked))?;
    output::line(format!("units whose letters change: {}", checked.changed.len()))?;
    if checked.letters == 0 {
        output::note("it was tried with the samples alone: no unit of the stored figures gets a letter made of it");
    }
    if waits {
        output::note("the next round waits for a second person: `dondoc approve`");
    }
    Ok(Code::Done)
}

pub(super) async fn discard(app: &App, name: &str) -> Result<Code, Failure> {
    let originals = app.originals().await?;
    let name = known(&originals, name)?;
    let draft = revisions::draft(&app.db, &name).await?.ok_or_else(|| no_draft(&name))?;
    revisions::discard(&app.db, (&name, draft.number), &super::people::by(), app.clock.now()).await?;
    output::line(format!("draft {} of `{name}` is discarded; its text stays stored", draft.number))?;
    Ok(Code::Done)
}
