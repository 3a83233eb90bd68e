//! The content folder: `intents/*.yaml`, `prompts/replies.yaml`, `prompts/model/*.j2`, `knowledge/*.md`, `replies/*.md` and, if it has settings
//! of its own, `markets/*.yaml` and `teams.yaml`.

use super::diagnostic::{Diagnostic, Place, Report};
use super::read::MAX_BYTES;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

/// One file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path from the content folder, with `/`: `intents/extend_due_date.yaml` or `prompts/replies.yaml`.
    pub path: String,
    /// What it holds; of a file that is too big only a little more than the limit.
    pub bytes: Vec<u8>,
}

/// The path of the teams.
pub(crate) const TEAMS: &str = crate::teams::PATH;
/// The path of the wording of repair.
pub(crate) const REPLIES: &str = "prompts/replies.yaml";

/// Reads the folder: its files in the order of their names, and what could not be read.
pub(crate) fn read(folder: &Path) -> (Vec<SourceFile>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let mut files = intents(folder, &mut problems);
    if let Some(bytes) = file(&folder.join(REPLIES), REPLIES, &mut problems) {
        files.push(SourceFile { path: REPLIES.to_owned(), bytes });
    }
    if let Some(bytes) = file(&folder.join(TEAMS), TEAMS, &mut problems) {
        files.push(SourceFile { path: TEAMS.to_owned(), bytes });
    }
    files.extend(files_in(folder, "markets", ".yaml", &mut problems));
    files.extend(files_in(folder, "replies", ".md", &mut problems));
    files.extend(files_in(folder, super::prompts::FOLDER, ".j2", &mut problems));
    files.extend(files_in(folder, "knowledge", ".md", &mut problems));
    (files, problems)
}

/// The place of a file's group in what `read` gives.
pub(crate) fn rank(path: &str) -> usize {
    let before = ["intents/", REPLIES, TEAMS, "markets/", "replies/", super::prompts::FOLDER];
    before.iter().position(|group| path.starts_with(group)).unwrap_or(before.len())
}

/// Puts a file of the folder into place at once, whole: nobody ever reads half of it. An older one keeps its permissions.
pub(crate) fn write(folder: &Path, path: &str, bytes: &[u8]) -> io::Result<()> {
    let full = folder.join(path);
    let inside = full.parent().unwrap_or(folder);
    fs::create_dir_all(inside)?;
    // Names with a dot are nobody's content, so the half-written file is not looked at.
    let name = full.file_name().unwrap_or_default().to_string_lossy();
    let half = inside.join(format!(".{name}.{}.new", std::process::id()));
    let written = || -> io::Result<()> {
        let mut file = File::create(&half)?;
        file.write_all(bytes)?;
        if let Ok(older) = fs::metadata(&full) {
            file.set_permissions(older.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&half, &full)?;
        File::open(inside)?.sync_all()
    };
    written().inspect_err(|_| {
        // It may never have been there.
        let _ = fs::remove_file(&half);
    })
}

/// Takes the settings of markets among the files, when there are any without a problem; else those of the binary stay. What is wrong
/// with them is told by the check of the whole.
pub(crate) fn take_markets(files: &[SourceFile]) {
    let own: Vec<(&str, &[u8])> = markets(files).collect();
    let (read, problems) = crate::markets::read(&own);
    if problems.is_empty() {
        crate::domain::market::take(read);
    }
}

/// The settings of markets among the files.
pub(crate) fn markets(files: &[SourceFile]) -> impl Iterator<Item = (&str, &[u8])> {
    files.iter().filter(|source| source.path.starts_with("markets/")).map(|source| (source.path.as_str(), source.bytes.as_slice()))
}

/// The files of a folder that may be missing, in the order of their names.
fn files_in(folder: &Path, inside: &str, end: &str, problems: &mut Vec<Diagnostic>) -> Vec<SourceFile> {
    let Ok(entries) = fs::read_dir(folder.join(inside)) else { return Vec::new() };
    let mut names: Vec<String> = entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| !name.starts_with('.') && name.ends_with(end));
    names.sort_unstable();
    let read = names.into_iter().filter_map(|name| {
        let path = format!("{inside}/{name}");
        file(&folder.join(inside).join(&name), &path, problems).map(|bytes| SourceFile { path, bytes })
    });
    read.collect()
}

fn intents(folder: &Path, problems: &mut Vec<Diagnostic>) -> Vec<SourceFile> {
    let mut report = Report::on("intents");
    let mut names = Vec::new();
    match fs::read_dir(folder.join("intents")) {
        Ok(entries) => names.extend(entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let problem = format!("There is no folder `intents` in `{}`", folder.display());
            report.error(Place::FILE, problem, "Name the folder that holds `intents`, with `--content`.");
        }
        Err(error) => {
            report.error(Place::FILE, format!("The folder `intents` can't be read: {error}"), "Check its permissions.");
        }
    }
    let found = !names.is_empty();
    names.retain(|name| !name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml")));
    names.sort_unstable();
    if names.is_empty() && report.count() == 0 {
        let problem = if found { "There is no .yaml file in the folder `intents`" } else { "The folder `intents` is empty" };
        report.error(Place::FILE, problem, "Add one file per intent, such as `talk_to_human.yaml`.");
    }
    problems.extend(report.finish());
    let read = names.into_iter().filter_map(|name| {
        let path = format!("intents/{name}");
        file(&folder.join("intents").join(&name), &path, problems).map(|bytes| SourceFile { path, bytes })
    });
    read.collect()
}

/// The bytes of a file; `None` when there is none, or none that can be read (which is then a problem).
fn file(full: &Path, path: &str, problems: &mut Vec<Diagnostic>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = fs::metadata(full).and_then(|metadata| {
        if !metadata.is_file() {
            return Ok(false);
        }
        File::open(full)?.take(MAX_BYTES as u64 + 1024).read_to_end(&mut bytes).map(|_| true)
    });
    match read {
        Ok(true) => Some(bytes),
        Ok(false) => None,
        // Symbolic links in a circle or to nowhere are nobody's content; editors lock files with them.
        Err(_) if is_link(full) && fs::metadata(full).is_err() => None,
        // These have a default.
        Err(error) if error.kind() == io::ErrorKind::NotFound && [REPLIES, TEAMS].contains(&path) => None,
        Err(error) => {
            let mut report = Report::on(path);
            report.error(Place::FILE, format!("The file can't be read: {error}"), "Check its permissions, or delete it.");
            problems.extend(report.finish());
            None
        }
    }
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}
