//! Who hears of a unit next, on which ways and why; and which units it came from or went into.

use chrono::NaiveDate;

use super::catalogue::Tongue;
use super::page::Failure;
use super::session::Visitor;
use super::{Site, words};
use crate::catalog::{self, Catalog, Contact, Office, Pack, Recipient, SuccessionKind, UnitId, mask_email, mask_phone};
use crate::people::Action;
use crate::{channel, pass, reply};

/// Who hears of the unit next.
#[derive(Debug)]
pub(super) struct Receiver {
    pub(super) title: String,
    pub(super) person: Option<String>,
    /// Why it is he.
    pub(super) why: String,
    /// A way and where it leads, masked for whoever may not edit contacts; `None`: the catalog has no address.
    pub(super) ways: Vec<(&'static str, Option<String>)>,
    /// The channels in the order in which they are tried; none where the pages know no configuration.
    pub(super) tries: Vec<Try>,
    /// Whether messages to one of the addresses come back.
    pub(super) bounced: bool,
}

/// A channel that reaches him.
#[derive(Debug)]
pub(super) struct Try {
    pub(super) channel: String,
    pub(super) address: String,
    /// Whether trial mode holds what is written to this address.
    pub(super) trial: bool,
}

/// What is known of the office.
#[derive(Debug, Default)]
pub(super) struct People {
    pub(super) receiver: Option<Receiver>,
    /// Title and name of the deputies, whom no reminder goes to.
    pub(super) deputy: Option<String>,
    /// Who gets a copy where the step says so.
    pub(super) superior: Option<String>,
}

/// The people around the unit `id` on `day`, by the contacts in `pack`.
pub(super) async fn people(
    site: &Site,
    visitor: &Visitor,
    (pack, catalog): (&Pack, &Catalog),
    (id, day): (&UnitId, NaiveDate),
) -> Result<People, Failure> {
    let parent = catalog.unit(id).and_then(|unit| unit.parent.clone());
    let superior = parent.and_then(|parent| catalog.recipient_of(&parent));
    let receiver = match catalog.recipient_of(id) {
        Some(recipient) => Some(receiver(site, visitor, pack, (recipient, id, day)).await?),
        None => None,
    };
    let now = pack.contacts.iter().filter(|contact| contact.unit == *id && contact.valid.covers(day));
    let mut deputies: Vec<&Contact> = now.filter(|contact| matches!(contact.office, Office::Deputy(_))).collect();
    deputies.sort_by_key(|contact| contact.office);
    let called = deputies.into_iter().map(|deputy| match &deputy.person {
        Some(person) => format!("{} ({person})", deputy.title),
        None => deputy.title.clone(),
    });
    let deputies = called.collect::<Vec<_>>().join("; ");
    Ok(People {
        receiver,
        deputy: Some(deputies).filter(|deputies| !deputies.is_empty()),
        superior: superior.map(|superior| superior.title.clone()),
    })
}

fn in_office(pack: &Pack, office: Office, day: NaiveDate) -> impl Iterator<Item = &Contact> {
    pack.contacts.iter().filter(move |contact| contact.office == office && contact.valid.covers(day))
}

async fn receiver(
    site: &Site,
    visitor: &Visitor,
    pack: &Pack,
    (recipient, id, day): (&Recipient, &UnitId, NaiveDate),
) -> Result<Receiver, Failure> {
    let t = visitor.tongue;
    let bounced = reply::bounced(&site.db, true).await?;
    let own = [&recipient.email, &recipient.phone, &recipient.zalo_user_id];
    let whole = visitor.may(Action::Edit);
    let shown = |address: &str, mask: fn(&str) -> String| if whole { address.to_owned() } else { mask(address) };
    Ok(Receiver {
        title: recipient.title.clone(),
        person: recipient.person.clone(),
        why: why(visitor.tongue, pack, recipient, (id, day)),
        ways: vec![
            (t.say("unit.email"), recipient.email.as_deref().map(|address| shown(address, mask_email))),
            (t.say("unit.phone"), recipient.phone.as_deref().map(|number| shown(number, mask_phone))),
            (t.say("unit.zalo"), recipient.zalo_user_id.as_ref().map(|_| t.say("unit.is_there").to_owned())),
        ],
        tries: tries(site, recipient).await?,
        bounced: bounced.iter().any(|one| own.iter().any(|address| address.as_ref() == Some(&one.address))),
    })
}

fn why(t: Tongue, pack: &Pack, recipient: &Recipient, (id, day): (&UnitId, NaiveDate)) -> String {
    let head = in_office(pack, Office::Head, day)
        .find(|head| head.title == recipient.title && head.email == recipient.email && head.phone == recipient.phone);
    let Some(head) = head else { return t.say("unit.head").to_owned() };
    let since = head.valid.from.map(|from| words::local_date(&from.to_string()));
    let told = |key, key_since| match &since {
        Some(since) => t.with(key_since, since),
        None => t.say(key).to_owned(),
    };
    if head.unit == *id || recipient.units.first().is_some_and(|first| first == id && recipient.units.len() > 1) {
        return told("unit.own_head", "unit.own_head_since");
    }
    let mut heirs = pack.units.iter().filter(|unit| unit.id == head.unit);
    match (heirs.next_back(), &since) {
        (Some(heir), Some(since)) => t.with2("unit.heir_head_since", &heir.name, since),
        (Some(heir), None) => t.with("unit.heir_head", &heir.name),
        (None, _) => told("unit.head", "unit.head_since"),
    }
}

async fn tries(site: &Site, recipient: &Recipient) -> Result<Vec<Try>, Failure> {
    let Ok(app) = site.app() else { return Ok(Vec::new()) };
    let settings = app.config.pass_settings();
    let avoid = reply::unreachable(&site.db).await?;
    let ways = pass::ways(&settings, recipient, &[], &avoid);
    let safety = &settings.safety;
    let one = |(channel, address): (&channel::Settings, String)| Try {
        channel: channel.name.clone(),
        trial: safety.trial && channel.is_real() && !channel::Settings::is_allowed(&address, &safety.allow),
        address: words::masked(&address),
    };
    Ok(ways.into_iter().map(one).collect())
}

/// A unit that this one came from or went into.
#[derive(Debug)]
pub(super) struct Kin {
    pub(super) name: String,
    /// Where its page is, when the visitor may see it.
    pub(super) code: Option<String>,
    /// Merged, split …, and since when.
    pub(super) how: String,
}

/// Earlier names, predecessors and successors.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    /// Names that the unit itself had before.
    pub(super) names: Vec<String>,
    pub(super) from: Vec<Kin>,
    pub(super) into: Vec<Kin>,
}

/// Where the unit `id`, called `name` now, came from and went. `seen` says which codes the visitor may see.
pub(super) async fn lineage(
    (t, site): (Tongue, &Site),
    pack: &Pack,
    (id, name): (&UnitId, &str),
    seen: impl Fn(&str) -> bool,
) -> Result<Lineage, Failure> {
    let mut lineage = Lineage::default();
    for row in pack.units.iter().filter(|unit| unit.id == *id && unit.name != name) {
        if !lineage.names.contains(&row.name) {
            lineage.names.push(row.name.clone());
        }
    }
    for succession in pack.successions.iter().filter(|one| one.predecessor != one.successor) {
        let (other, came) = if succession.successor == *id {
            (&succession.predecessor, true)
        } else if succession.predecessor == *id {
            (&succession.successor, false)
        } else {
            continue;
        };
        let Some((code, name)) = catalog::unit_named(&site.db, other.as_str()).await? else { continue };
        // A code may be another unit's by now.
        let still = catalog::unit_by_code(&site.db, &code).await?.as_deref() == Some(other.as_str());
        let day = words::local_date(&succession.date.to_string());
        let kin =
            Kin { name, code: Some(code).filter(|code| still && seen(code)), how: t.with(kind(succession.kind), day) };
        if came { lineage.from.push(kin) } else { lineage.into.push(kin) }
    }
    Ok(lineage)
}

/// The key of how one became the other.
const fn kind(kind: SuccessionKind) -> &'static str {
    match kind {
        SuccessionKind::Merge => "unit.merged",
        SuccessionKind::Split => "unit.split",
        SuccessionKind::Rename => "unit.renamed",
        SuccessionKind::Reclassify => "unit.reclassified",
    }
}
