//! The files of the content as people speak of them: what kind each is, which names there may be, and the digest by which two versions differ.

use super::folder::{REPLIES, TEAMS};
use super::prompts;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// What a file of the content is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One intent: examples, flow, tests.
    Intent,
    /// The bot's own wording.
    Wording,
    /// What a language model is told.
    Prompt,
    /// An article.
    Article,
    /// A saved reply of the desk.
    Reply,
    /// A market's settings.
    Market,
    /// Teams with hours and targets.
    Teams,
}

impl Kind {
    /// The kind of the file at this path; `None`: no file of the content is called so.
    pub fn of(path: &str) -> Option<Self> {
        match path {
            REPLIES => return Some(Self::Wording),
            TEAMS => return Some(Self::Teams),
            _ => {}
        }
        let (folder, name) = path.rsplit_once('/')?;
        let (kind, end) = match folder {
            "intents" => (Self::Intent, ".yaml"),
            prompts::FOLDER => (Self::Prompt, ".j2"),
            "knowledge" => (Self::Article, ".md"),
            "replies" => (Self::Reply, ".md"),
            "markets" => (Self::Market, ".yaml"),
            _ => return None,
        };
        let stem = name.strip_suffix(end).or_else(|| name.strip_suffix(".yml").filter(|_| kind == Self::Intent))?;
        let typed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        (!stem.is_empty() && stem.chars().all(typed)).then_some(kind)
    }
}

/// SHA-256 in hex: two versions of a file with the same are the same.
pub fn digest_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_content_have_a_kind() {
        for (path, kind) in [
            ("intents/late_fee.yaml", Some(Kind::Intent)),
            ("prompts/replies.yaml", Some(Kind::Wording)),
            ("prompts/model/draft.j2", Some(Kind::Prompt)),
            ("knowledge/late-fees.md", Some(Kind::Article)),
            ("replies/hello.md", Some(Kind::Reply)),
            ("markets/US-NY.yaml", Some(Kind::Market)),
            ("teams.yaml", Some(Kind::Teams)),
            ("intents/../teams.yaml", None),
            ("intents/.late.yaml", None),
            ("intents/a.yaml/b.yaml", None),
            ("intents/.yaml", None),
            ("intents/late.md", None),
            ("intents/late.yml", Some(Kind::Intent)),
            ("markets/GB.yml", None),
            ("/intents/late.yaml", None),
            ("Cargo.toml", None),
            ("", None),
        ] {
            assert_eq!(Kind::of(path), kind, "{path}");
        }
    }
}
