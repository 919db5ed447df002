//! The template that a page is about, with its draft, its revisions and its original.

use crate::app::App;
use crate::message::Templates;
use crate::message::revisions::{self, Base, Revision, TemplateDraft};
use crate::web::Site;
use crate::web::catalogue::Tongue;
use crate::web::page::Failure;

/// The text that a page speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    /// The draft in hand.
    Draft,
    /// A draft that was saved once, by its number.
    Saved(i64),
    /// A revision; 0 is the original.
    Revision(i64),
}

impl Which {
    /// As addresses say it: `nhap`, `nhap-7`, or the number of a revision.
    pub(super) fn of(word: &str) -> Option<Self> {
        match word.strip_prefix("nhap") {
            Some("") => Some(Self::Draft),
            Some(number) => number.strip_prefix('-')?.parse().ok().map(Self::Saved),
            None => word.parse().ok().map(Self::Revision),
        }
    }

    pub(super) fn word(&self) -> String {
        match self {
            Self::Draft => "nhap".to_owned(),
            Self::Saved(number) => format!("nhap-{number}"),
            Self::Revision(number) => number.to_string(),
        }
    }

    /// `bản nháp`, `bản gốc`, `bản v3`.
    pub(super) fn said(&self, t: Tongue) -> String {
        match self {
            Self::Draft => t.say("editor.draft_word").to_owned(),
            Self::Saved(number) => t.with("editor.saved_word", number),
            Self::Revision(0) => t.say("editor.original_word").to_owned(),
            Self::Revision(number) => t.with("editor.revision_word", number),
        }
    }

    /// Whether it was never in force.
    pub(super) const fn is_draft(&self) -> bool {
        matches!(self, Self::Draft | Self::Saved(_))
    }
}

/// A template.
#[derive(Debug)]
pub(super) struct Subject {
    /// Its file name.
    pub(super) name: String,
    pub(super) originals: Templates,
    pub(super) live: Templates,
    pub(super) draft: Option<TemplateDraft>,
    /// The newest one.
    pub(super) revision: Option<Revision>,
}

impl Subject {
    /// What is stored about the template that the address calls `slug`.
    ///
    /// # Errors
    /// There is no such template, or the engine's.
    pub(super) async fn of(app: &App, slug: &str) -> Result<Self, Failure> {
        let (originals, live) = (app.originals().await?, app.templates().await?);
        let name = live.file_name(slug).ok_or(Failure::NotFound)?;
        let draft = revisions::draft(&app.db, &name).await?;
        let revision = revisions::newest(&app.db).await?.into_iter().find(|revision| revision.name == name);
        if draft.is_none() && live.source(&name).is_none() {
            return Err(Failure::NotFound);
        }
        Ok(Self { name, originals, live, draft, revision })
    }

    /// The text in force.
    pub(super) fn in_force(&self) -> &str {
        self.live.source(&self.name).unwrap_or_default()
    }

    /// The text that somebody goes on writing: the draft, or else the one in force.
    pub(super) fn source(&self) -> &str {
        self.draft.as_ref().map_or_else(|| self.in_force(), |draft| draft.source.as_str())
    }

    /// What somebody who begins to write now has before him.
    pub(super) fn base(&self) -> Base {
        Base {
            draft: self.draft.as_ref().map_or(0, |draft| draft.number),
            revision: self.revision.as_ref().map_or(0, |revision| revision.number),
        }
    }

    /// One of its texts.
    pub(super) async fn text(&self, site: &Site, which: &Which) -> Result<String, Failure> {
        let text = match which {
            Which::Draft => self.draft.as_ref().map(|draft| draft.source.clone()),
            Which::Saved(number) => {
                revisions::saved(&site.db, &self.name, *number).await?.map(|saved| saved.draft.source)
            }
            Which::Revision(0) => self.originals.source(&self.name).map(ToOwned::to_owned),
            Which::Revision(number) => {
                revisions::revision(&site.db, &self.name, *number).await?.map(|revision| revision.source)
            }
        };
        text.ok_or(Failure::NotFound)
    }

    /// The templates in force with `source` in the place of this one.
    pub(super) fn with(&self, source: &str) -> Templates {
        let mut templates = self.live.clone();
        templates.overlay(&self.name, source);
        templates
    }

    /// SHA-256 of the original; empty when there is none.
    pub(super) fn original_hash(&self) -> String {
        self.originals.source(&self.name).map(revisions::hash).unwrap_or_default()
    }

    /// Key of the sentence that says since when the original differs from the one that the draft, or the revision in force,
    /// was made over.
    pub(super) fn original_changed(&self) -> Option<&'static str> {
        let now = self.original_hash();
        match (&self.draft, &self.revision) {
            (Some(draft), _) if draft.original_hash != now => Some("editor.original_since_draft"),
            (None, Some(revision)) if revision.original_hash != now => Some("editor.original_since_live"),
            _ => None,
        }
    }
}
