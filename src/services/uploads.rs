//! Files on their way and at rest: parts that may be cut and taken up again, and whole files under the hash of their content, in a
//! folder that no page is served from. Several nodes share the folder.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};
use tokio::fs;

/// How long an upload that nobody goes on with is kept.
const PARTS_KEPT: Duration = Duration::from_secs(24 * 3600);
/// How long the scanner may take.
const SCAN: Duration = Duration::from_secs(60);

/// What an upload is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intended {
    /// Whose.
    pub customer: String,
    /// The conversation in which it is handed in.
    pub conversation: String,
    /// The dispute that it is for.
    pub dispute: String,
    /// Its name as text.
    pub name: String,
    /// How many bytes it will have.
    pub size: u64,
}

/// What the scanner said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// There is no scanner.
    None,
    /// Nothing found.
    Clean,
    /// Something found.
    Infected,
    /// It could not say.
    Unknown,
}

impl Scan {
    /// The word beside the evidence.
    pub fn as_str(self) -> &'static str {
        match self {
            Scan::None => "none",
            Scan::Clean => "clean",
            Scan::Infected => "infected",
            Scan::Unknown => "unknown",
        }
    }
}

/// The folder with all of them.
#[derive(Debug)]
pub struct Uploads {
    folder: PathBuf,
    scanner: Option<Vec<String>>,
    busy: Mutex<HashSet<String>>,
}

/// One upload, held by one request at a time.
#[derive(Debug)]
pub struct Held<'a> {
    uploads: &'a Uploads,
    id: String,
    /// What it is for.
    pub intended: Intended,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.uploads.busy.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&self.id);
    }
}

impl Uploads {
    /// Opens the folder, making it if absent. `scanner`: a command that gets a file's path as its last argument and ends with 0 (clean) or
    /// 1 (infected).
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path, scanner: Option<&str>) -> io::Result<Self> {
        std::fs::create_dir_all(folder.join("parts"))?;
        let scanner = scanner.map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).filter(|words| !words.is_empty());
        Ok(Self { folder: folder.to_owned(), scanner, busy: Mutex::default() })
    }

    fn part(&self, id: &str, end: &str) -> PathBuf {
        self.folder.join("parts").join(format!("{id}.{end}"))
    }

    fn whole(&self, hash: &str) -> PathBuf {
        self.folder.join(&hash[..2]).join(hash)
    }

    /// Begins an upload and gives its id. Old ones that nobody went on with are forgotten.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub async fn begin(&self, intended: &Intended) -> io::Result<String> {
        self.forget_old().await?;
        let id = uuid::Uuid::new_v4().simple().to_string();
        fs::write(self.part(&id, "json"), serde_json::to_vec(intended)?).await?;
        fs::write(self.part(&id, "part"), []).await?;
        Ok(id)
    }

    async fn forget_old(&self) -> io::Result<()> {
        let mut entries = fs::read_dir(self.folder.join("parts")).await?;
        while let Some(entry) = entries.next_entry().await? {
            let changed = entry.metadata().await.and_then(|known| known.modified()).unwrap_or(SystemTime::now());
            if changed.elapsed().is_ok_and(|age| age > PARTS_KEPT) {
                let _ = fs::remove_file(entry.path()).await;
            }
        }
        Ok(())
    }

    /// An upload and how many of its bytes are there. `None`: there is none by that id.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn known(&self, id: &str) -> io::Result<Option<(Intended, u64)>> {
        if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let (meta, part) = (fs::read(self.part(id, "json")).await, fs::metadata(self.part(id, "part")).await);
        match (meta, part) {
            (Ok(meta), Ok(part)) => Ok(Some((serde_json::from_slice(&meta)?, part.len()))),
            (Err(error), _) | (_, Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    }

    /// Takes hold of an upload, so that nobody else writes to it. `None`: somebody does right now.
    pub fn hold(&self, id: &str, intended: Intended) -> Option<Held<'_>> {
        let free = self.busy.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(id.to_owned());
        free.then(|| Held { uploads: self, id: id.to_owned(), intended })
    }

    /// Keeps a whole file under its hash, flushed to disk before its name is there.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub async fn keep(&self, bytes: Vec<u8>) -> io::Result<String> {
        let hash = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let (path, fresh) = (self.whole(&hash), self.part(&uuid::Uuid::new_v4().simple().to_string(), "new"));
        if fs::try_exists(&path).await? {
            return Ok(hash);
        }
        tokio::task::spawn_blocking(move || {
            let folder = path.parent().unwrap_or(Path::new("."));
            std::fs::create_dir_all(folder)?;
            let mut file = std::fs::File::create(&fresh)?;
            io::Write::write_all(&mut file, &bytes)?;
            file.sync_all()?;
            std::fs::rename(&fresh, &path)?;
            std::fs::File::open(folder)?.sync_all()
        })
        .await
        .map_err(io::Error::other)??;
        Ok(hash)
    }

    /// A kept file. `None`: there is none with that hash.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read(&self, hash: &str) -> io::Result<Option<Vec<u8>>> {
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        match fs::read(self.whole(hash)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Has a kept file scanned; what is infected is deleted.
    pub async fn scan(&self, hash: &str) -> Scan {
        let Some([program, arguments @ ..]) = self.scanner.as_deref() else { return Scan::None };
        let path = self.whole(hash);
        let mut command = tokio::process::Command::new(program);
        command.args(arguments).arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let verdict = match tokio::time::timeout(SCAN, command.status()).await {
            Ok(Ok(status)) => match status.code() {
                Some(0) => Scan::Clean,
                Some(1) => Scan::Infected,
                _ => Scan::Unknown,
            },
            Ok(Err(error)) => {
                tracing::error!(%error, program, "the evidence scanner could not be started; the file is held back until it can");
                Scan::Unknown
            }
            Err(_) => Scan::Unknown,
        };
        if verdict == Scan::Infected {
            let _ = fs::remove_file(&path).await;
        }
        verdict
    }
}

impl Held<'_> {
    /// Appends bytes where the file ends. They are there for the next try, however this one goes on.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn append(&self, bytes: &[u8]) -> io::Result<()> {
        let mut file = fs::OpenOptions::new().append(true).open(self.uploads.part(&self.id, "part")).await?;
        tokio::io::AsyncWriteExt::write_all(&mut file, bytes).await?;
        tokio::io::AsyncWriteExt::flush(&mut file).await
    }

    /// All of its bytes.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn bytes(&self) -> io::Result<Vec<u8>> {
        fs::read(self.uploads.part(&self.id, "part")).await
    }

    /// Forgets the upload: it is done, or nobody wants it.
    pub async fn forget(&self) {
        for end in ["part", "json"] {
            let _ = fs::remove_file(self.uploads.part(&self.id, end)).await;
        }
    }
}
