//! What one conversation was promised, held against what it got: every event once and in order, every acknowledgement kept.

use super::frames::{Author, Event};
use serde::Serialize;
use std::collections::BTreeSet;

/// How often the server broke a promise. All zero is the only good answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Faults {
    /// An event came whose `seq` was more than one above the last.
    pub(super) gaps: u64,
    /// An event came twice, or an own message stands twice in the log.
    pub(super) doubled: u64,
    /// An event came after a later one.
    pub(super) out_of_order: u64,
    /// An acknowledgement named another `seq` than the event, or a message that was never sent.
    pub(super) wrong_ack: u64,
    /// An acknowledged message or an event that had been seen is gone.
    pub(super) lost: u64,
    /// A frame that does not follow the protocol.
    pub(super) unreadable: u64,
    /// The first few, in words.
    pub(super) samples: Vec<String>,
}

impl Faults {
    /// How many in all.
    pub(super) fn total(&self) -> u64 {
        self.gaps + self.doubled + self.out_of_order + self.wrong_ack + self.lost + self.unreadable
    }

    /// Adds those of another conversation.
    pub(super) fn add(&mut self, other: &Faults) {
        self.gaps += other.gaps;
        self.doubled += other.doubled;
        self.out_of_order += other.out_of_order;
        self.wrong_ack += other.wrong_ack;
        self.lost += other.lost;
        self.unreadable += other.unreadable;
        for sample in &other.samples {
            self.note(sample.clone());
        }
    }

    pub(super) fn note(&mut self, sample: String) {
        if self.samples.len() < 20 {
            self.samples.push(sample);
        }
    }
}

/// One of our own frames: the `seq` it was acknowledged with and the one its event carried; 0 = not yet.
#[derive(Clone, Copy, Default)]
struct Own {
    acked: u64,
    echoed: u64,
}

/// The books of one conversation.
pub(super) struct Ledger {
    /// The first part of every id we make, so that we recognise our own.
    prefix: String,
    head: u64,
    missing: BTreeSet<u64>,
    own: Vec<Own>,
    pub(super) faults: Faults,
}

impl Ledger {
    /// Books for a new conversation. `author` must differ between all clients of one server.
    pub(super) fn new(author: u64) -> Self {
        let prefix = format!("{:08x}-{:04x}-4{:03x}-8000-", author >> 32, (author >> 16) & 0xffff, author & 0xfff);
        Self { prefix, head: 0, missing: BTreeSet::new(), own: Vec::new(), faults: Faults::default() }
    }

    /// The last `seq` seen.
    pub(super) fn head(&self) -> u64 {
        self.head
    }

    /// The id for the next own frame: a UUID that says whose it is and which one.
    pub(super) fn next_id(&mut self) -> String {
        self.own.push(Own::default());
        format!("{}{:012x}", self.prefix, self.own.len())
    }

    /// Which of our own frames has that id.
    fn own_index(&self, id: &str) -> Option<usize> {
        let number = usize::from_str_radix(id.strip_prefix(self.prefix.as_str())?, 16).ok()?;
        (1..=self.own.len()).contains(&number).then(|| number - 1)
    }

    /// Books an event.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        if event.seq == self.head + 1 {
            self.head = event.seq;
        } else if event.seq > self.head + 1 {
            self.faults.gaps += 1;
            self.faults.note(format!("{}: event {} came after {}", self.prefix, event.seq, self.head));
            self.missing.extend((self.head + 1..event.seq).take(1000));
            self.head = event.seq;
        } else if self.missing.remove(&event.seq) {
            self.faults.out_of_order += 1;
            self.faults.note(format!("{}: event {} came after {}", self.prefix, event.seq, self.head));
            return;
        } else {
            self.faults.doubled += 1;
            self.faults.note(format!("{}: event {} came again", self.prefix, event.seq));
            return;
        }
        if event.author != Author::Customer {
            return;
        }
        let Some(index) = event.id.and_then(|id| self.own_index(id)) else { return };
        let own = &mut self.own[index];
        if own.echoed != 0 {
            self.faults.doubled += 1;
            self.faults.note(format!("{}: own message {index} stands at {} and at {}", self.prefix, own.echoed, event.seq));
            return;
        }
        own.echoed = event.seq;
        self.compare(index);
    }

    /// Books an acknowledgement. `false` when it is for a frame that we never sent.
    pub(super) fn ack(&mut self, id: &str, seq: u64) -> bool {
        let Some(index) = self.own_index(id) else {
            self.faults.wrong_ack += 1;
            self.faults.note(format!("{}: an acknowledgement for {id}, which was never sent", self.prefix));
            return false;
        };
        let own = &mut self.own[index];
        if own.acked != 0 && own.acked != seq {
            self.faults.wrong_ack += 1;
            self.faults.note(format!("{}: own message {index} was acknowledged as {} and as {seq}", self.prefix, own.acked));
            return true;
        }
        own.acked = seq;
        self.compare(index);
        true
    }

    fn compare(&mut self, index: usize) {
        let own = self.own[index];
        if own.acked != 0 && own.echoed != 0 && own.acked != own.echoed {
            self.faults.wrong_ack += 1;
            self.faults
                .note(format!("{}: own message {index} stands at {} but was acknowledged as {}", self.prefix, own.echoed, own.acked));
        }
    }

    /// The server let us back in and says how long the log is.
    pub(super) fn welcomed(&mut self, head: u64) {
        if head < self.head {
            self.faults.lost += self.head - head;
            self.faults.note(format!("{}: the log ended at {} and now at {head}", self.prefix, self.head));
        }
    }

    /// Called when nothing more can come: what was acknowledged and never shown is lost.
    pub(super) fn close(&mut self) {
        for (index, own) in self.own.iter().enumerate() {
            if own.acked != 0 && own.echoed == 0 {
                self.faults.lost += 1;
                self.faults.note(format!("{}: own message {index} was acknowledged as {} and never came", self.prefix, own.acked));
            }
        }
        self.faults.lost += self.missing.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tiny server's side of the story: `e SEQ` a bot event, `o SEQ N` the event of own message N, `a N SEQ` its acknowledgement, `w HEAD` a welcome.
    fn play(story: &str) -> Faults {
        let mut ledger = Ledger::new(7);
        let ids: Vec<String> = (0..3).map(|_| ledger.next_id()).collect();
        for line in story.split(", ") {
            let words: Vec<&str> = line.split(' ').collect();
            let number = |at: usize| words[at].parse::<u64>().expect("a number");
            let mut event = Event { seq: 0, id: None, author: Author::Bot, kind: "message", data: "{}" };
            match words[0] {
                "e" => {
                    event.seq = number(1);
                    ledger.event(&event);
                }
                "o" => {
                    event.seq = number(1);
                    event.author = Author::Customer;
                    event.id = Some(&ids[number(2) as usize]);
                    ledger.event(&event);
                }
                "a" => {
                    ledger.ack(&ids[number(1) as usize], number(2));
                }
                "x" => {
                    ledger.ack("someone else's", number(1));
                }
                _ => ledger.welcomed(number(1)),
            }
        }
        ledger.close();
        ledger.faults.samples.clear();
        ledger.faults
    }

    #[test]
    fn a_faultless_story() {
        assert_eq!(play("a 0 1, o 1 0, e 2, o 3 1, a 1 3, w 3, a 1 3, e 4"), Faults::default());
    }

    #[test]
    fn every_fault_is_seen() {
        let none = Faults::default();
        for (story, want) in [
            ("e 1, e 3", Faults { gaps: 1, lost: 1, ..none.clone() }),
            ("e 1, e 1", Faults { doubled: 1, ..none.clone() }),
            ("e 2, e 1", Faults { gaps: 1, out_of_order: 1, ..none.clone() }),
            ("a 0 1", Faults { lost: 1, ..none.clone() }),
            ("a 0 2, o 1 0", Faults { wrong_ack: 1, ..none.clone() }),
            ("o 1 0, a 0 1, a 0 2", Faults { wrong_ack: 1, ..none.clone() }),
            ("o 1 0, o 2 0, a 0 1", Faults { doubled: 1, ..none.clone() }),
            ("x 1", Faults { wrong_ack: 1, ..none.clone() }),
            ("e 1, e 2, w 1", Faults { lost: 1, ..none.clone() }),
        ] {
            assert_eq!(play(story), want, "{story}");
        }
    }

    #[test]
    fn own_ids_are_uuids_and_differ() {
        let (mut one, mut two) = (Ledger::new(0x1234_5678_9abc_def0), Ledger::new(1));
        let ids = [one.next_id(), one.next_id(), two.next_id()];
        for id in &ids {
            uuid::Uuid::parse_str(id).expect("a UUID");
        }
        assert!(ids[0] != ids[1] && ids[0] != ids[2]);
    }
}
