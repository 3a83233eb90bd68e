//! Who is asked to take which conversation. Pure: the waiting list and the people on duty go in, offers come out.
//!
//! Order: what is urgent (priority 0 and 1) first, then whatever is due soonest. A due time is set once, on arrival, and never moves
//! back, so an old place overtakes every newer one of its kind and nobody starves. Who may be asked: people with the skill and the
//! language who have room; those of the overflow teams only when the place is past due. Somebody for whom it is reserved (transferred to
//! them, or theirs before) comes first for a while.

use super::ids::AgentId;
use super::team::Teams;
use jiff::{SignedDuration, Timestamp};

/// How long somebody may think about an offer.
pub const ACCEPT: SignedDuration = SignedDuration::from_secs(30);
/// Offers missed in a row before somebody counts as away.
pub const MOST_MISSED: i64 = 2;
/// How long somebody may be gone before their conversations wait for others.
pub const GRACE: SignedDuration = SignedDuration::from_secs(120);
/// How long a place is kept for the one it is reserved for.
pub const RESERVE: SignedDuration = SignedDuration::from_mins(5);
/// How long what was ended can be taken back by the one who ended it.
pub const UNDO: SignedDuration = SignedDuration::from_secs(10);

/// A place in the waiting list, as routing sees it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The ticket.
    pub ticket: String,
    /// The queue.
    pub queue: String,
    /// 0 (at once) to 4.
    pub priority: i64,
    /// By when somebody should have it.
    pub due: Timestamp,
    /// Two-letter language.
    pub language: String,
    /// Kept for somebody until an instant.
    pub reserved: Option<(AgentId, Timestamp)>,
    /// Nobody is asked before this instant.
    pub not_before: Option<Timestamp>,
    /// Who did not want it, or let it pass.
    pub declined: Vec<AgentId>,
    /// Who is being asked, until when.
    pub offered: Option<(AgentId, Timestamp)>,
}

/// A person, as routing sees them.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub id: AgentId,
    /// Queues that they can work on; empty: all.
    pub skills: Vec<String>,
    /// Languages that they speak; empty: all.
    pub languages: Vec<String>,
    /// Conversations that they can have at once.
    pub capacity: usize,
    /// Conversations that they have, offers included.
    pub load: usize,
    /// On duty and there.
    pub available: bool,
}

/// Somebody is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// For which ticket.
    pub ticket: String,
    /// Who.
    pub agent: AgentId,
}

/// The place in the order: smaller is sooner.
pub fn rank(priority: i64, due: Timestamp) -> (i64, Timestamp) {
    (priority.clamp(0, 2), due)
}

impl Person {
    /// Whether they can work on this queue, others helping out included when it is past due.
    pub fn can(&self, place: &Place, teams: &Teams, now: Timestamp) -> bool {
        let own = |queue: &str| self.skills.is_empty() || self.skills.iter().any(|skill| skill == queue);
        own(&place.queue) || (place.due <= now && teams.of(&place.queue).overflow.iter().any(|team| own(team)))
    }

    /// Whether they speak the customer's language.
    pub fn speaks(&self, language: &str) -> bool {
        self.languages.is_empty() || self.languages.iter().any(|spoken| spoken == language)
    }
}

/// Whom to ask now. Places with a live offer are left alone; every person gets no more than they have room for.
pub fn offers(places: &[Place], people: &[Person], teams: &Teams, now: Timestamp) -> Vec<Offer> {
    let mut people = people.to_vec();
    let mut order: Vec<&Place> = places.iter().filter(|place| is_free(place, now)).collect();
    order.sort_by(|one, two| (rank(one.priority, one.due), &one.ticket).cmp(&(rank(two.priority, two.due), &two.ticket)));
    let mut offers = Vec::new();
    for place in order {
        let Some(at) = best(place, &people, teams, now) else { continue };
        people[at].load += 1;
        offers.push(Offer { ticket: place.ticket.clone(), agent: people[at].id.clone() });
    }
    offers
}

fn is_free(place: &Place, now: Timestamp) -> bool {
    place.not_before.is_none_or(|at| at <= now) && place.offered.as_ref().is_none_or(|(_, until)| *until <= now)
}

fn best(place: &Place, people: &[Person], teams: &Teams, now: Timestamp) -> Option<usize> {
    if let Some((agent, _)) = place.reserved.as_ref().filter(|(_, until)| *until > now)
        && !place.declined.contains(agent)
        && let Some(at) = people.iter().position(|person| &person.id == agent && person.available)
    {
        // One more than they have room for: they know the matter. While they are full it waits for them, until the reservation ends.
        return (people[at].load <= people[at].capacity).then_some(at);
    }
    let can = |person: &&Person| person.available && person.can(place, teams, now);
    // Only when nobody on duty speaks the language may somebody else be asked: better a person with a dictionary than nobody.
    let spoken = people.iter().filter(can).any(|person| person.speaks(&place.language));
    let fits = |person: &Person| can(&person) && (!spoken || person.speaks(&place.language));
    let room = |person: &Person| person.load < person.capacity;
    let wanted = |person: &Person| !place.declined.contains(&person.id);
    // When everybody who could has declined, they are asked again: nobody is left waiting because of that.
    let all_declined = !people.iter().any(|person| fits(person) && wanted(person));
    let candidates = people.iter().enumerate().filter(|(_, person)| fits(person) && room(person) && (all_declined || wanted(person)));
    // The least busy; among equals the one with the fewest skills, so that those who can do more stay free for more.
    let load = |person: &Person| person.load * 1_000 / person.capacity.max(1);
    let breadth = |person: &Person| if person.skills.is_empty() { usize::MAX } else { person.skills.len() };
    candidates.min_by_key(|(_, person)| (load(person), breadth(person), person.id.clone())).map(|(at, _)| at)
}

#[cfg(test)]
mod tests;
