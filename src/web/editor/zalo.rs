//! What a letter fills a template of Zalo with, beside what Zalo registered for it.

use askama::filters::HtmlSafeOutput;

use crate::app::App;
use crate::channel::{self, Kind, Registered, Slot, ZaloRefusal};
use crate::message::Message;
use crate::web::catalogue::Tongue;
use crate::web::page::Failure;
use crate::web::words as said;

/// A parameter.
#[derive(Debug)]
pub(super) struct Parameter {
    /// Zalo's name of it.
    pub(super) name: String,
    /// Ours.
    pub(super) ours: String,
    pub(super) value: String,
    /// Its length beside what Zalo takes: `21/30 ký tự ✓`.
    pub(super) length: String,
    /// Whether Zalo would refuse it.
    pub(super) is_wrong: bool,
}

/// The parameters, and what is known of their limits.
#[derive(Default)]
pub(super) struct ZaloCard {
    pub(super) parameters: Vec<Parameter>,
    /// Whose limits they are.
    pub(super) whose: Option<String>,
    /// Why no limits are known, and what to do.
    pub(super) unknown: Option<HtmlSafeOutput<String>>,
}

impl ZaloCard {
    /// By the first channel that carries templates of Zalo; without one by our own names.
    pub(super) async fn of(app: &App, message: &Message, t: Tongue) -> Result<Self, Failure> {
        if message.zalo.is_empty() {
            return Ok(Self::default());
        }
        for settings in &app.config.channels {
            let Kind::Zalo(zalo) = &settings.kind else { continue };
            let registered = channel::zalo_registered(&app.db, zalo, &message.template, &message.zalo).await?;
            if let Some(registered) = registered {
                return Ok(Self::beside(&settings.name, registered, t));
            }
        }
        let own = message.zalo.iter().map(|(name, value)| Parameter {
            name: name.clone(),
            ours: name.clone(),
            length: t.count("editor.characters", value.chars().count()),
            value: value.clone(),
            is_wrong: false,
        });
        Ok(Self { parameters: own.collect(), unknown: Some(t.rich("editor.zalo_no_channel")), whose: None })
    }

    fn beside(channel: &str, registered: Registered, t: Tongue) -> Self {
        let (whose, unknown) = match (&registered.template_id, registered.read_at) {
            (None, _) => (None, Some(t.rich_with("editor.zalo_unnamed", channel))),
            (Some(id), None) => (None, Some(t.rich_with2("editor.zalo_unread", id, channel))),
            (Some(id), Some(at)) => (Some(t.with3("editor.zalo_registered", id, channel, said::local_time(at))), None),
        };
        Self { parameters: registered.slots.into_iter().map(|slot| parameter(slot, t)).collect(), whose, unknown }
    }
}

fn parameter(slot: Slot, t: Tongue) -> Parameter {
    let length = slot.value.chars().count();
    let words = match (&slot.refusal, slot.longest) {
        (None, Some(longest)) => t.with2("editor.zalo_fits", length, longest),
        (None, None) => t.count("editor.characters", length),
        (Some(ZaloRefusal::Long(length, longest)), _) => t.with2("editor.zalo_wrong", length, longest),
        (Some(ZaloRefusal::Short(length, shortest)), _) => t.with2("editor.zalo_short", length, shortest),
        (Some(ZaloRefusal::Missing), _) => t.say("editor.zalo_missing").to_owned(),
        (Some(ZaloRefusal::Empty), _) => t.say("editor.zalo_empty").to_owned(),
        (Some(ZaloRefusal::Kind(_, kind)), _) => t.with("editor.zalo_kind", kind),
    };
    Parameter { is_wrong: slot.refusal.is_some(), name: slot.name, ours: slot.ours, value: slot.value, length: words }
}
