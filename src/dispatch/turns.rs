//! Who is sent to next: as many at once as the channel carries, and of those that wait the one whose host is sent to the
//! least, so that one slow host never holds up the others.
//!
//! A host that is not known to be quick gets a small share while there are others, and never all turns.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// A send that takes longer makes its host a slow one.
const SLOW: Duration = Duration::from_secs(1);
/// How long a host counts as one of the others after its last send.
const PRESENT: Duration = Duration::from_secs(30);
/// Hosts remembered, before the idle ones are forgotten.
const REMEMBERED: usize = 512;

#[derive(Debug)]
pub(super) struct Turns(Mutex<Table>);

#[derive(Debug)]
struct Table {
    most: usize,
    taken: usize,
    hosts: HashMap<String, Host>,
    waiting: VecDeque<(String, oneshot::Sender<Turn>)>,
}

#[derive(Debug)]
struct Host {
    /// When its sends on the way began, the oldest first.
    running: VecDeque<Instant>,
    is_quick: bool,
    seen: Instant,
}

/// The right to send now, given on when dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Arc<Turns>,
    host: String,
    began: Instant,
}

impl Turns {
    pub(super) fn new(most: usize) -> Arc<Self> {
        let table = Table { most, taken: 0, hosts: HashMap::new(), waiting: VecDeque::new() };
        Arc::new(Self(Mutex::new(table)))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits in line for `host`.
    pub(super) fn queue(self: &Arc<Self>, host: &str) -> oneshot::Receiver<Turn> {
        let (sender, receiver) = oneshot::channel();
        self.table().waiting.push_back((host.to_owned(), sender));
        self.hand_out();
        receiver
    }

    /// How many sends there may be at once from now on.
    pub(super) fn set_most(self: &Arc<Self>, most: usize) {
        self.table().most = most;
        self.hand_out();
    }

    /// Sends on their way.
    pub(super) fn taken(&self) -> usize {
        self.table().taken
    }

    /// Whether `host` gets no more than a share at the moment.
    pub(super) fn is_held_back(&self, host: &str) -> bool {
        let now = Instant::now();
        let table = self.table();
        table.has_others(host, now) && !table.is_quick(host, now)
    }

    /// Sends those who wait for `host` away, but for `keep` of them.
    pub(super) fn shed(&self, host: &str, keep: usize) {
        let mut kept = 0;
        self.table().waiting.retain(|(name, _)| {
            kept += usize::from(name == host);
            name != host || kept <= keep
        });
    }

    fn hand_out(self: &Arc<Self>) {
        loop {
            let now = Instant::now();
            let Some((host, sender)) = self.table().next(now) else { return };
            // Whoever does not wait any more drops the turn, and that hands it on.
            drop(sender.send(Turn { turns: Arc::clone(self), host, began: now }));
        }
    }
}

impl Table {
    fn next(&mut self, now: Instant) -> Option<(String, oneshot::Sender<Turn>)> {
        if self.taken >= self.most {
            return None;
        }
        let mut best: Option<(usize, usize)> = None;
        for (at, (host, _)) in self.waiting.iter().enumerate() {
            let running = self.hosts.get(host).map_or(0, |host| host.running.len());
            let better = best.is_none_or(|(_, least)| running < least);
            if better && (running == 0 || running < self.share(host, now)) {
                best = Some((at, running));
                if running == 0 {
                    break;
                }
            }
        }
        let (host, sender) = self.waiting.remove(best?.0)?;
        self.taken += 1;
        self.forget(now);
        let known = self.hosts.entry(host.clone());
        let known = known.or_insert_with(|| Host { running: VecDeque::new(), is_quick: false, seen: now });
        known.running.push_back(now);
        known.seen = now;
        Some((host, sender))
    }

    fn share(&self, host: &str, now: Instant) -> usize {
        if self.is_quick(host, now) {
            self.most
        } else if self.has_others(host, now) {
            (self.most / 8).max(1)
        } else {
            self.most.saturating_sub((self.most / 4).max(1)).max(1)
        }
    }

    fn is_quick(&self, host: &str, now: Instant) -> bool {
        let Some(host) = self.hosts.get(host) else { return false };
        host.is_quick && host.running.front().is_none_or(|began| now.duration_since(*began) < SLOW)
    }

    fn has_others(&self, host: &str, now: Instant) -> bool {
        let present = |other: &Host| !other.running.is_empty() || now.duration_since(other.seen) < PRESENT;
        self.waiting.iter().any(|(name, _)| name != host)
            || self.hosts.iter().any(|(name, other)| name != host && present(other))
    }

    fn forget(&mut self, now: Instant) {
        if self.hosts.len() > REMEMBERED {
            self.hosts.retain(|_, host| {
                !host.running.is_empty() || (!host.is_quick && now.duration_since(host.seen) < PRESENT)
            });
        }
    }

    fn ended(&mut self, host: &str, began: Instant, now: Instant) {
        self.taken = self.taken.saturating_sub(1);
        if let Some(host) = self.hosts.get_mut(host) {
            if let Some(at) = host.running.iter().position(|one| *one == began) {
                host.running.remove(at);
            }
            host.is_quick = now.duration_since(began) < SLOW;
            host.seen = now;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.table().ended(&self.host, self.began, Instant::now());
        self.turns.hand_out();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(turns: &Arc<Turns>, host: &str, count: usize) -> Vec<oneshot::Receiver<Turn>> {
        (0..count).map(|_| turns.queue(host)).collect()
    }

    fn taken(receivers: &mut [oneshot::Receiver<Turn>]) -> Vec<Turn> {
        receivers.iter_mut().filter_map(|receiver| receiver.try_recv().ok()).collect()
    }

    #[test]
    fn one_host_alone_never_takes_every_turn_before_it_is_known_to_be_quick() {
        let turns = Turns::new(8);
        let mut receivers = waiting(&turns, "slow.example", 20);
        let begun = taken(&mut receivers);
        assert_eq!(begun.len(), 6, "two turns are left for others");
        let mut other = waiting(&turns, "quick.example", 5);
        assert_eq!(taken(&mut other).len(), 1);
        drop(other);
        drop(begun);
        assert_eq!(taken(&mut receivers).len(), 8, "it was quick, and nobody else waits");
    }

    #[test]
    fn among_others_a_host_nobody_knows_gets_one_turn_of_eight_and_a_quick_one_the_rest() {
        let turns = Turns::new(8);
        let mut quick = waiting(&turns, "quick.example", 1);
        drop(taken(&mut quick));
        let mut tarpit = waiting(&turns, "tarpit.example", 20);
        let held = taken(&mut tarpit);
        assert_eq!(held.len(), 1);
        let mut quick = waiting(&turns, "quick.example", 20);
        assert_eq!(taken(&mut quick).len(), 7);
        assert!(turns.is_held_back("tarpit.example") && !turns.is_held_back("quick.example"));
        turns.shed("tarpit.example", 2);
        drop(held);
        let left = tarpit.iter_mut().filter_map(|one| one.try_recv().err());
        let left: Vec<_> = left.filter(|error| *error == oneshot::error::TryRecvError::Empty).collect();
        assert!(left.len() <= 2, "{}", left.len());
    }

    #[test]
    fn whoever_gave_up_waiting_takes_no_turn() {
        let turns = Turns::new(1);
        let first = taken(&mut waiting(&turns, "a.example", 1));
        drop(waiting(&turns, "b.example", 3));
        let mut last = waiting(&turns, "c.example", 1);
        drop(first);
        assert_eq!(taken(&mut last).len(), 1);
    }
}
