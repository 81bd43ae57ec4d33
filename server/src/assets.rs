//! The browser side's files. A release carries them in the binary, compressed when it was built; a debug build reads
//! `target/site`, so that `make dev` shows what it has just built. Their folder's name changes with their content, so
//! browsers keep them for ever.

use app::document::Assets;
use axum::{
    body::Body,
    extract::{Path, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use leptos::{WasmSplitManifest, config::LeptosOptions, prelude::ArcStoredValue};
use std::{borrow::Cow, path::PathBuf};

/// One file, in the forms it can be sent in.
#[derive(Debug)]
pub struct File {
    /// Its path under the site's root.
    pub name: &'static str,
    /// As it is.
    pub plain: &'static [u8],
    /// Compressed by brotli, where that is worth it.
    pub brotli: Option<&'static [u8]>,
    /// Compressed by gzip, where that is worth it.
    pub gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

const SPLIT_SCRIPT: &str = "__wasm_split.______________________.js";

/// Where pages find their scripts.
pub fn assets(options: &LeptosOptions) -> Assets {
    Assets {
        folder: format!("/pkg/{VERSION}").into(),
        scripts: read("pkg/postern.wasm").is_some(),
        reload: cfg!(debug_assertions).then(|| options.clone()),
    }
}

/// Which parts of the browser side a lazy route needs, so that a page can load them early.
pub fn split_manifest() -> Option<WasmSplitManifest> {
    let manifest = serde_json::from_slice(&read("pkg/__wasm_split_manifest.json")?).ok()?;
    Some(WasmSplitManifest(ArcStoredValue::new((format!("/pkg/{VERSION}"), manifest, SPLIT_SCRIPT.into()))))
}

/// `/pkg/{version}/{file}`. An older version's name is gone: its page reloads and learns the new one.
pub async fn serve(Path((version, name)): Path<(String, String)>, request: Request) -> Response {
    if version != VERSION {
        return StatusCode::NOT_FOUND.into_response();
    }
    respond(&format!("pkg/{name}"), request.headers())
}

fn respond(name: &str, asked: &HeaderMap) -> Response {
    let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts =
        |coding: &str| accepted.split(',').any(|one| one.split(';').next().is_some_and(|one| one.trim() == coding));
    let embedded = FILES.iter().find(|file| file.name == name);
    let (body, coding): (Body, _) = match embedded {
        Some(File { brotli: Some(bytes), .. }) if accepts("br") => (Body::from(*bytes), Some("br")),
        Some(File { gzip: Some(bytes), .. }) if accepts("gzip") => (Body::from(*bytes), Some("gzip")),
        Some(file) => (Body::from(file.plain), None),
        None => match from_disk(name) {
            Some(bytes) => (Body::from(bytes), None),
            None => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let keep = if cfg!(debug_assertions) { "no-cache" } else { "public, max-age=31536000, immutable" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

fn read(name: &str) -> Option<Cow<'static, [u8]>> {
    let embedded = FILES.iter().find(|file| file.name == name).map(|file| Cow::Borrowed(file.plain));
    embedded.or_else(|| from_disk(name).map(Cow::Owned))
}

/// Debug builds only: what `cargo leptos watch` has just built.
fn from_disk(name: &str) -> Option<Vec<u8>> {
    let plain = name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    if !cfg!(debug_assertions) || !plain {
        return None;
    }
    let root = std::env::var_os("LEPTOS_SITE_ROOT").map_or(PathBuf::from("target/site"), PathBuf::from);
    std::fs::read(root.join(name)).ok()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
