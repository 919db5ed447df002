//! The frame around a page: its title, the navigation, who is signed in, what everybody must know.

use super::catalogue::Tongue;
use super::session::{Visitor, Who};
use super::{Mode, Site, asset, words};
use crate::clock::from_millis;
use crate::people::Action;

/// Which entry of the navigation is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Overview,
    Answers,
    Templates,
    Contacts,
    Targets,
    Calendar,
    Outbox,
    Mailbox,
    Settings,
    People,
    Audit,
    Tokens,
    Account,
    Help,
    Elsewhere,
}

impl Place {
    /// Under which name its entry stands.
    const fn group(self) -> &'static str {
        match self {
            Self::Overview | Self::Answers | Self::Help | Self::Account | Self::Elsewhere => "nav.watch",
            Self::Contacts | Self::Targets | Self::Templates | Self::Calendar => "nav.prepare",
            Self::Outbox | Self::Mailbox => "nav.send",
            Self::Settings | Self::People | Self::Audit | Self::Tokens => "nav.manage",
        }
    }
}

/// An entry of the navigation: address, words, and the attribute that marks the one this page belongs to.
type Entry = (&'static str, &'static str, &'static str);

/// The frame around a page.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) mode: Mode,
    pub(super) place: Place,
    /// Which version of style and scripts it asks for.
    pub(super) assets: &'static str,
    pub(super) t: Tongue,
    /// Where a change of the language leads back to.
    pub(super) path: String,
    /// Whether units can be looked for, and what was.
    pub(super) seeks: bool,
    pub(super) query: String,
    /// The name of who is signed in.
    pub(super) name: Option<String>,
    /// What his forms carry.
    pub(super) mark: String,
    /// Whether there is an installation behind the page, with templates and settings.
    pub(super) installed: bool,
    /// Whether there is no account yet, and he sees this because he is at the machine.
    pub(super) before_setup: bool,
    /// The pause of all sending, while there is one.
    pub(super) pause: Option<Paused>,
}

/// A pause as every page says it.
#[derive(Debug, Clone)]
pub(super) struct Paused {
    pub(super) since: String,
    pub(super) by: String,
    pub(super) why: String,
    /// Whether who looks may end it.
    pub(super) may: bool,
}

impl Frame {
    /// A page for anybody.
    pub(super) fn new(site: &Site, t: Tongue, place: Place, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            mode: site.mode,
            place,
            assets: asset::version(),
            t,
            path: String::new(),
            seeks: false,
            query: String::new(),
            name: None,
            mark: String::new(),
            installed: site.app.is_some(),
            before_setup: false,
            pause: None,
        }
    }

    /// A page for `visitor`, in his language, as `title` is.
    pub(super) fn seen(site: &Site, visitor: &Visitor, place: Place, title: impl Into<String>) -> Self {
        let name = if let Who::Person { person, .. } = &visitor.who { Some(person.name.clone()) } else { None };
        let before_setup = matches!(visitor.who, Who::BeforeSetup);
        let pause = visitor.pause.as_ref().map(|pause| Paused {
            since: words::local_time(from_millis(pause.since)),
            by: pause.by.clone(),
            why: pause.why.clone(),
            may: visitor.may(Action::Approve) && visitor.sees_all(),
        });
        Self {
            name,
            mark: visitor.mark().to_owned(),
            before_setup,
            pause,
            path: visitor.path.clone(),
            seeks: visitor.may(Action::Look),
            ..Self::new(site, visitor.tongue, place, title)
        }
    }

    /// The same; its title is the text of `key`.
    pub(super) fn told(site: &Site, visitor: &Visitor, place: Place, key: &str) -> Self {
        Self::seen(site, visitor, place, visitor.tongue.say(key))
    }

    /// Whether it is a demonstration.
    pub(super) fn is_demo(&self) -> bool {
        self.mode == Mode::Demo
    }

    fn current(&self, place: Place) -> &'static str {
        if self.place == place { " aria-current=\"page\"" } else { "" }
    }

    /// The entries of the navigation.
    fn entries(&self) -> Vec<(Place, Entry)> {
        let all = [
            (Place::Overview, "/", "nav.overview", !self.is_demo()),
            (Place::Answers, "/tra-loi", "nav.answers", !self.is_demo()),
            (Place::Contacts, "/danh-ba", "nav.contacts", self.name.is_some()),
            (Place::Templates, "/mau-tin", "nav.templates", self.installed),
            (Place::Targets, "/chi-tieu", "nav.targets", self.installed && !self.is_demo()),
            (Place::Calendar, "/lich-gui", "nav.calendar", !self.is_demo()),
            (Place::Outbox, "/hop-thu-di", "nav.outbox", !self.is_demo()),
            (Place::Mailbox, "/hop-thu-thu", "nav.mailbox", true),
            (Place::Settings, "/cai-dat", "nav.settings", self.installed && self.name.is_some()),
            (Place::People, "/nguoi-dung", "nav.people", self.name.is_some()),
            (Place::Audit, "/nhat-ky", "nav.audit", self.name.is_some()),
            (Place::Tokens, "/ma-truy-cap", "nav.tokens", self.name.is_some()),
        ];
        let shown = all.into_iter().filter(|(.., shown)| *shown);
        shown.map(|(place, path, key, _)| (place, (path, self.t.say(key), self.current(place)))).collect()
    }

    /// The same by what they are for, under the group's name.
    pub(super) fn groups(&self) -> Vec<(&'static str, Vec<Entry>)> {
        let entries = self.entries();
        let of =
            |group: &str| entries.iter().filter(|(place, _)| place.group() == group).map(|(_, entry)| *entry).collect();
        let groups = ["nav.watch", "nav.prepare", "nav.send", "nav.manage"].map(|group| (self.t.say(group), of(group)));
        groups.into_iter().filter(|(_, entries): &(_, Vec<Entry>)| !entries.is_empty()).collect()
    }

    /// What the entry of this page is called.
    pub(super) fn here(&self) -> Option<&'static str> {
        self.entries().into_iter().find(|(place, _)| *place == self.place).map(|(_, (_, words, _))| words)
    }

    /// The attribute that marks the page of help.
    pub(super) fn at_help(&self) -> &'static str {
        self.current(Place::Help)
    }

    /// The attribute that marks the page of one's own account.
    pub(super) fn at_account(&self) -> &'static str {
        self.current(Place::Account)
    }
}
