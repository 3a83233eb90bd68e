//! The folders of `src/` are the architecture: who may use whom, and where the outside world's libraries may be named.

use std::fs;
use std::path::{Path, PathBuf};

/// Layers from the ground up; a file may use its own layer and those below.
const LAYERS: [&[&str]; 6] = [
    &["domain", "markets", "teams", "yaml"],
    &["understanding", "dialog", "knowledge", "leash"],
    &["catalog", "llm", "store"],
    &["services"],
    &["gateway", "http"],
    &["app", "cli", "config", "telemetry", "lib", "main"],
];

/// Libraries that only these folders may name.
const ONLY_IN: [(&str, &[&str]); 10] = [
    ("sqlx", &["store"]),
    ("axum", &["gateway", "http", "app", "cli/bench"]),
    ("jsonwebtoken", &["services", "cli/bench"]),
    ("argon2", &["services"]),
    ("notify_debouncer_mini", &["catalog"]),
    ("saphyr_parser", &["yaml"]),
    ("rten", &["understanding/encoder"]),
    ("async_openai", &["llm", "services"]),
    ("openidconnect", &["services/oidc"]),
    ("reqwest", &["llm", "services/oidc"]),
];

/// Libraries that pure folders must not name.
const IMPURE: [&str; 5] = ["tokio", "tracing", "metrics", "std::fs", "std::net"];
const PURE: [&str; 8] = ["domain", "markets", "teams", "yaml", "understanding", "dialog", "knowledge", "leash"];

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src can be read") {
        let path = entry.expect("src can be read").path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|end| end == "rs") {
            into.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    files(&root, &mut paths);
    assert!(paths.len() > 50, "found only {} files", paths.len());
    let name = |path: &Path| path.strip_prefix(&root).expect("below src").to_string_lossy().replace('\\', "/");
    paths.iter().map(|path| (name(path), fs::read_to_string(path).expect("UTF-8"))).collect()
}

fn layer(part: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&part))
}

fn top(name: &str) -> &str {
    name.split(['/', '.']).next().unwrap_or(name)
}

fn lines_of_code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let not_comment = |line: &&str| !line.trim_start().starts_with("//");
    text.lines().enumerate().map(|(index, line)| (index + 1, line)).filter(move |(_, line)| not_comment(line))
}

#[test]
fn nobody_uses_a_layer_above() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        let own = layer(top(&name)).unwrap_or_else(|| panic!("src/{name} belongs to no layer"));
        for (line, code) in lines_of_code(&text) {
            for used in code.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if layer(&used).is_some_and(|layer| layer > own) {
                    wrong.push(format!("src/{name}:{line} uses {used}, which is above it"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_outside_is_named_where_it_belongs() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        for (line, code) in lines_of_code(&text) {
            for (library, homes) in ONLY_IN {
                let named = code.contains(&format!("{library}::")) || code.contains(&format!("use {library}"));
                if named && !homes.iter().any(|home| name.starts_with(&format!("{home}/")) || name == format!("{home}.rs")) {
                    wrong.push(format!("src/{name}:{line} names {library}, which belongs to {homes:?}"));
                }
            }
            if PURE.contains(&top(&name)) {
                for library in IMPURE.iter().filter(|library| code.contains(&format!("{library}::")) && !name.contains("tests")) {
                    wrong.push(format!("src/{name}:{line} names {library}, but {} is pure", top(&name)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_one_place_reads_the_clock() {
    let mut wrong = Vec::new();
    for (name, text) in sources() {
        if name == "domain/time.rs" || name.starts_with("cli/bench") {
            continue;
        }
        for (line, code) in lines_of_code(&text) {
            if ["Timestamp::now()", "SystemTime::now()", "Zoned::now()"].iter().any(|now| code.contains(now)) {
                wrong.push(format!("src/{name}:{line} reads the clock; take `now` as an argument"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(name, _)| name).collect();
    assert!(silent.is_empty(), "begin these files with `//!` and what they are for: {silent:?}");
}
