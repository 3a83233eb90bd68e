//! When each file of the content in force was taken, and in which files two versions differ. Pure: now is an argument.

use super::folder::SourceFile;
use super::sources::Kind;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// When what is in force came.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The content as a whole.
    pub at: Timestamp,
    /// The present version of each file.
    pub files: HashMap<String, Timestamp>,
    /// Files that have been edited, and are heeded only after a restart: settings of markets.
    pub restart: BTreeSet<String>,
}

impl Taken {
    /// Content that is the first of its process.
    pub(super) fn first(files: &[SourceFile], now: Timestamp) -> Self {
        Self { at: now, files: files.iter().map(|file| (file.path.clone(), now)).collect(), restart: BTreeSet::new() }
    }

    /// The same after another content took the place of the old one.
    pub(super) fn after(&self, old: &[SourceFile], new: &[SourceFile], now: Timestamp) -> Self {
        let edited = edited(old, new);
        let is_edited = |path: &String| edited.binary_search(path).is_ok();
        let at = |path: &String| if is_edited(path) { now } else { self.files.get(path).copied().unwrap_or(now) };
        let markets = edited.iter().filter(|path| Kind::of(path) == Some(Kind::Market));
        Self {
            at: now,
            files: new.iter().map(|file| (file.path.clone(), at(&file.path))).collect(),
            restart: self.restart.iter().chain(markets).cloned().collect(),
        }
    }
}

/// The paths of the files in which two versions differ, sorted: edited, new or gone.
pub(super) fn edited(old: &[SourceFile], new: &[SourceFile]) -> Vec<String> {
    let (was, is) = (by_path(old), by_path(new));
    let paths: BTreeSet<&str> = was.keys().chain(is.keys()).copied().collect();
    paths.into_iter().filter(|path| was.get(path) != is.get(path)).map(str::to_owned).collect()
}

fn by_path(files: &[SourceFile]) -> HashMap<&str, &[u8]> {
    files.iter().map(|file| (file.path.as_str(), file.bytes.as_slice())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.into(), bytes: text.into() }
    }

    #[test]
    fn a_file_keeps_its_time_until_it_is_edited() {
        let (first, later) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let old = [file("intents/a.yaml", "a"), file("intents/b.yaml", "b"), file("markets/GB.yaml", "m")];
        let new = [file("intents/a.yaml", "a"), file("intents/c.yaml", "c"), file("markets/GB.yaml", "n")];
        assert_eq!(edited(&old, &new), ["intents/b.yaml", "intents/c.yaml", "markets/GB.yaml"]);
        let taken = Taken::first(&old, first).after(&old, &new, later);
        assert_eq!((taken.files["intents/a.yaml"], taken.files["intents/c.yaml"], taken.at), (first, later, later));
        assert!(!taken.files.contains_key("intents/b.yaml"));
        assert!(taken.restart.iter().eq(["markets/GB.yaml"]));
    }
}
