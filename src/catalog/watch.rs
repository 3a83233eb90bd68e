//! Notices saved edits in a content folder.

use notify_debouncer_mini::notify::event::{AccessKind, AccessMode};
use notify_debouncer_mini::notify::{self, Event, EventHandler, EventKind, RecommendedWatcher, RecursiveMode, WatcherKind};
use notify_debouncer_mini::{Config, Debouncer, new_debouncer_opt};
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

/// After an edit it is quiet for this long before anybody is told: editors save in several steps.
const QUIET: Duration = Duration::from_millis(150);

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    signals: Sender<Signal>,
}

#[derive(Debug)]
enum Signal {
    Edited,
    Stop,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // If nobody listens any more, it has stopped already.
        let _ = self.signals.send(Signal::Stop);
    }
}

/// Calls `on_change`, on a thread of its own, whenever something in the folder, its `intents` or its `prompts` was saved, renamed or
/// deleted. Other folders inside it may be big or busy and are not looked at.
pub fn watch(folder: &Path, on_change: impl Fn() + Send + 'static) -> Result<Watcher, notify::Error> {
    let (signals, received) = mpsc::channel();
    let tell = signals.clone();
    let told = move |events: notify_debouncer_mini::DebounceEventResult| match events {
        Ok(_) => drop(tell.send(Signal::Edited)),
        Err(error) => tracing::warn!(error = %error, "Some edits of the content folder may go unnoticed"),
    };
    let mut debouncer = new_debouncer_opt::<_, EditsOnly>(Config::default().with_timeout(QUIET), told)?;
    debouncer.watcher().watch(folder, RecursiveMode::NonRecursive)?;
    watch_parts(&mut debouncer, folder);
    let folder = folder.to_owned();
    let follow = move || {
        while let Ok(Signal::Edited) = received.recv() {
            // A folder that was replaced by another of the same name has to be watched anew.
            watch_parts(&mut debouncer, &folder);
            on_change();
        }
    };
    std::thread::Builder::new().name("content watch".to_owned()).spawn(follow).map_err(notify::Error::io)?;
    Ok(Watcher { signals })
}

fn watch_parts(debouncer: &mut Debouncer<EditsOnly>, folder: &Path) {
    let parts = ["intents", "prompts", "prompts/model", "knowledge", "replies"].map(|part| folder.join(part));
    for part in parts.iter().filter(|part| part.is_dir()) {
        if let Err(error) = debouncer.watcher().watch(part, RecursiveMode::NonRecursive) {
            tracing::warn!(error = %error, folder = %part.display(), "Edits in this folder go unnoticed until a restart");
        }
    }
}

/// The system's watcher without the news that somebody opened or read a file: reloading does that itself.
#[derive(Debug)]
struct EditsOnly(RecommendedWatcher);

impl notify::Watcher for EditsOnly {
    fn new<F: EventHandler>(mut handler: F, config: notify::Config) -> notify::Result<Self> {
        let edits = move |event: notify::Result<Event>| {
            if event.as_ref().map_or(true, is_edit) {
                handler.handle_event(event);
            }
        };
        RecommendedWatcher::new(edits, config).map(Self)
    }

    fn watch(&mut self, path: &Path, mode: RecursiveMode) -> notify::Result<()> {
        self.0.watch(path, mode)
    }

    fn unwatch(&mut self, path: &Path) -> notify::Result<()> {
        self.0.unwatch(path)
    }

    fn kind() -> WatcherKind {
        RecommendedWatcher::kind()
    }
}

fn is_edit(event: &Event) -> bool {
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => true,
    }
}
