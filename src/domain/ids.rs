//! Opaque identifiers, one type each. New ids are UUID v7, so they sort by the time they were made.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Makes a new random id (UUID v7).
            pub fn new() -> Self {
                Self(Arc::from(uuid::Uuid::now_v7().to_string()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }
    };
}

id!(
    /// One conversation, from its first message to its end.
    ConversationId
);
id!(
    /// A customer, as the embedding company numbers them (the `sub` of their identity token).
    CustomerId
);
id!(
    /// A support agent.
    AgentId
);
id!(
    /// One place in the waiting list.
    TicketId
);
id!(
    /// An intent: the name of its file.
    IntentId
);

/// Makes ids that follow from a seed alone, so that the same turn replayed makes the same ids.
#[derive(Clone, Debug)]
pub struct IdMaker {
    seed: [u8; 32],
    made: u64,
}

/// Crockford's base 32: no I, L, O or U, so that nobody misreads a number.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl IdMaker {
    /// A maker for what happens at one place and time, e.g. customer, order and instant.
    pub fn new(seed: &[&str]) -> Self {
        let mut digest = Sha256::new();
        for part in seed {
            digest.update(part.len().to_be_bytes());
            digest.update(part.as_bytes());
        }
        Self { seed: digest.finalize().into(), made: 0 }
    }

    /// The next id, e.g. `dsp_7F3K2M9QX4`.
    pub fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}_{}", self.code(10))
    }

    /// The next number for customers, e.g. `D-7F3K2`.
    pub fn public_no(&mut self, letter: char) -> String {
        format!("{letter}-{}", self.code(5))
    }

    fn code(&mut self, chars: usize) -> String {
        self.made += 1;
        let digest = Sha256::new().chain_update(self.seed).chain_update(self.made.to_be_bytes()).finalize();
        digest.iter().take(chars).map(|byte| char::from(CROCKFORD[usize::from(byte % 32)])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_ids() {
        let (mut one, mut two) = (IdMaker::new(&["P07", "1"]), IdMaker::new(&["P07", "1"]));
        let first = one.public_no('D');
        assert_eq!(first, two.public_no('D'));
        assert_ne!(first, one.public_no('D'));
        assert_ne!(IdMaker::new(&["P0", "71"]).id("dsp"), two.id("dsp"));
        assert!(first.len() == 7 && first.starts_with("D-") && !first.contains(['I', 'L', 'O', 'U']));
    }
}
