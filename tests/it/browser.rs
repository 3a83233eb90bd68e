//! The faces in a real browser: starts the server, then the checks of `tests/browser/run.mjs` in Chromium.

use crate::harness::{IDENTITY_SECRET, SERVICE_TOKEN, Server};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn find(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names.iter().find_map(|name| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// What is missing for a browser test, in words; `None` when everything is there.
fn missing(folder: &Path, node: Option<&PathBuf>, chromium: Option<&PathBuf>) -> Option<String> {
    if chromium.is_none() {
        return Some("Chromium is not installed (Debian: apt-get install chromium), or name it in REDRESS_TEST_CHROMIUM".into());
    }
    if node.is_none() {
        return Some("Node is not installed (Debian: apt-get install nodejs npm)".into());
    }
    if !folder.join("node_modules/playwright-core").is_dir() {
        return Some("its packages are missing: cd tests/browser && npm ci".into());
    }
    None
}

/// A copy of the project's content, for checks that edit it.
fn copy(from: &Path, to: &Path) {
    for part in ["intents", "prompts", "prompts/model", "knowledge", "replies", "markets"] {
        fs::create_dir_all(to.join(part)).expect("a folder");
        for file in fs::read_dir(from.join(part)).expect("the content").map_while(Result::ok).filter(|file| file.path().is_file()) {
            fs::copy(file.path(), to.join(part).join(file.file_name())).expect("a copy");
        }
    }
    fs::copy(from.join("teams.yaml"), to.join("teams.yaml")).expect("a copy");
}

#[test]
fn the_faces_pass_their_checks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let node = find(&["node", "nodejs"]);
    let chromium = std::env::var_os("REDRESS_TEST_CHROMIUM").map(PathBuf::from);
    let chromium = chromium.or_else(|| find(&["chromium", "chromium-browser", "google-chrome", "chrome"]));
    if let Some(missing) = missing(&folder, node.as_ref(), chromium.as_ref()) {
        assert!(std::env::var("CI").is_err(), "CI needs a browser: {missing}");
        eprintln!("skipped the browser tests: {missing}");
        return;
    }
    let (Some(node), Some(chromium)) = (node, chromium) else { return };
    let content = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-content-{}", std::process::id()));
    let _ = fs::remove_dir_all(&content);
    copy(Path::new(env!("CARGO_MANIFEST_DIR")), &content);
    let server = Server::with(&["--frames-per-second", "0", "--content", content.to_str().expect("UTF-8")]);
    let output = Command::new(node)
        .arg(folder.join("run.mjs"))
        .arg("--chromium")
        .arg(chromium)
        .env("REDRESS_URL", format!("http://{}", server.authority()))
        .env("REDRESS_CONTENT", &content)
        .env("REDRESS_SERVICE_TOKEN", SERVICE_TOKEN)
        .env("REDRESS_IDENTITY_SECRET", IDENTITY_SECRET)
        .output()
        .expect("node runs");
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "the browser checks failed:\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let _ = fs::remove_dir_all(&content);
    assert!(said.lines().filter(|line| line.starts_with("ok ")).count() > 20, "too few checks ran:\n{said}");
}
