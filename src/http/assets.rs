//! The faces: files of `static/` inside the binary (from disk in debug builds), compressed once.
//!
//! Everything but the entry pages lives under `/a/{build}/…`, where `build` is a hash over all files: relative imports keep
//! working and browsers may keep the parts for a year. A style sheet `x.css` is also served as the module `x.css.js`.

use super::{Shared, Site};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// The files as they are sent.
pub struct Assets {
    build: String,
    saved: u64,
    files: HashMap<String, File>,
}

struct File {
    plain: Bytes,
    brotli: Bytes,
    kind: &'static str,
    tag: String,
}

/// What our own pages may do. Widgets on other sites live under those sites' policies.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; frame-src 'self'; \
                      base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

impl Assets {
    /// Reads, names and compresses all files.
    pub fn load() -> Self {
        let mut names: Vec<_> = Files::iter().collect();
        names.sort();
        let mut hash = Sha256::new();
        let contents: Vec<(String, Vec<u8>)> =
            names.iter().filter_map(|name| Files::get(name).map(|file| (name.to_string(), file.data.into_owned()))).collect();
        for (name, data) in &contents {
            hash.update(name.as_bytes());
            hash.update(data);
        }
        let build = hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>();
        let mut files = HashMap::new();
        for (name, data) in contents {
            let Some(kind) = kind(&name) else { continue };
            let data = match std::str::from_utf8(&data) {
                Ok(text) => text.replace("__BUILD__", &build).into_bytes(),
                Err(_) => data,
            };
            if let (Some(_), Ok(text)) = (name.strip_suffix(".css"), std::str::from_utf8(&data)) {
                let module = format!("export default {};", serde_json::Value::from(text));
                files.insert(format!("{name}.js"), File::new(module.into_bytes(), "text/javascript; charset=utf-8"));
            }
            files.insert(name, File::new(data, kind));
        }
        Self { build, saved: last_saved(), files }
    }
}

impl Assets {
    /// Whether a file was saved since these were read.
    fn is_old(&self) -> bool {
        last_saved() != self.saved
    }
}

/// When the newest of the files was saved; 0 where that is unknown.
fn last_saved() -> u64 {
    Files::iter().filter_map(|name| Files::get(&name)?.metadata.last_modified()).max().unwrap_or(0)
}

impl File {
    fn new(plain: Vec<u8>, kind: &'static str) -> Self {
        let mut packed = Vec::new();
        let quality = if cfg!(debug_assertions) { 5 } else { 11 };
        let parameters = brotli::enc::BrotliEncoderParams { quality, ..Default::default() };
        if brotli::BrotliCompress(&mut plain.as_slice(), &mut packed, &parameters).is_err() {
            packed.clear();
        }
        let tag = Sha256::digest(&plain).iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>();
        Self { plain: Bytes::from(plain), brotli: Bytes::from(packed), kind, tag: format!("\"{tag}\"") }
    }
}

fn kind(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "json" => "application/json",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// Sends a file: compressed where the client can read that, not at all where it has it.
fn send(site: &Site, name: &str, headers: &HeaderMap, cache: &'static str) -> Response {
    if cfg!(debug_assertions) && site.assets.load().is_old() {
        // Debug builds read `static/` from disk: a changed file shows on the next load.
        site.assets.store(Arc::new(Assets::load()));
    }
    let assets = site.assets.load();
    let Some(file) = assets.files.get(name) else { return (StatusCode::NOT_FOUND, "there is no such file\n").into_response() };
    let wants = |header: header::HeaderName, what: &str| {
        headers.get_all(header).iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains(what))
    };
    if wants(header::IF_NONE_MATCH, &file.tag) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let packed = !file.brotli.is_empty() && wants(header::ACCEPT_ENCODING, "br");
    let mut response = Response::new(Body::from(if packed { file.brotli.clone() } else { file.plain.clone() }));
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    out.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&file.tag) {
        out.insert(header::ETAG, tag);
    }
    if packed {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    // Other sites' pages import the widget's modules.
    out.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    out.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

fn page(site: &Site, name: &str, headers: &HeaderMap, ancestors: &str) -> Response {
    let mut response = send(site, name, headers, "no-cache");
    if let Ok(policy) = HeaderValue::from_str(&format!("{POLICY}; frame-ancestors {ancestors}")) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

pub(super) async fn demo_page(State(site): Shared, headers: HeaderMap) -> Response {
    page(&site, if site.demo.is_some() { "demo/index.html" } else { "demo/plain.html" }, &headers, "'none'")
}

pub(super) async fn desk_page(State(site): Shared, headers: HeaderMap) -> Response {
    page(&site, "desk/index.html", &headers, "'none'")
}

pub(super) async fn ops_page(State(site): Shared, headers: HeaderMap) -> Response {
    page(&site, "ops/index.html", &headers, "'none'")
}

pub(super) async fn frame(State(site): Shared, headers: HeaderMap) -> Response {
    let mut ancestors = vec!["'self'".to_owned()];
    ancestors.extend(site.allowed_origins.iter().cloned());
    if site.demo.is_some() {
        ancestors.extend(["http://127.0.0.1:*".to_owned(), "http://localhost:*".to_owned()]);
    }
    page(&site, "widget/frame.html", &headers, &ancestors.join(" "))
}

pub(super) async fn widget(State(site): Shared, headers: HeaderMap) -> Response {
    send(&site, "widget.js", &headers, "public, max-age=300")
}

pub(super) async fn part(State(site): State<Arc<Site>>, Path((build, path)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let cache = if build == site.assets.load().build { "public, max-age=31536000, immutable" } else { "no-cache" };
    send(&site, &path, &headers, cache)
}
