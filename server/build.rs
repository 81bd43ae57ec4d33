//! Puts the browser side into the binary. cargo-leptos has built it into `target/site` before it builds the server; each
//! file is kept plain, as brotli and as gzip, so that no request compresses anything. Without it (plain `cargo build`,
//! checks, tests) the server is built with no scripts and its pages work without. The texts of other languages come from
//! the build of `app`. `POSTERN_LINK_ARGS` goes to the linker.

use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::{Hash, Hasher},
    io::Write,
    path::{Path, PathBuf},
};

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let site = Path::new(&root).join("..").join(env::var("LEPTOS_SITE_ROOT").unwrap_or("target/site".into()));
    println!("cargo::rerun-if-env-changed=LEPTOS_SITE_ROOT");
    println!("cargo::rerun-if-changed={}", site.display());
    println!("cargo::rerun-if-env-changed=POSTERN_LINK_ARGS");
    for argument in env::var("POSTERN_LINK_ARGS").unwrap_or_default().split_whitespace() {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let mut files = Vec::new();
    if release {
        collect(&site, &site, &mut files);
    }
    let texts = PathBuf::from(env::var("DEP_POSTERN_TEXTS_TEXTS").expect("the build of `app` says it"));
    println!("cargo::rerun-if-changed={}", texts.display());
    let mut languages = Vec::new();
    collect(&texts, &texts, &mut languages);
    files.extend(languages.into_iter().map(|(name, path)| (format!("pkg/{name}"), path)));
    files.sort();
    let mut hasher = DefaultHasher::new();
    let mut list = String::new();
    for (index, (name, path)) in files.iter().enumerate() {
        let content = fs::read(path).expect("readable");
        (name, &content).hash(&mut hasher);
        let brotli = kept(&out, &format!("{index}.br"), &content, brotli(&content));
        let gzip = kept(&out, &format!("{index}.gz"), &content, gzip(&content));
        let path = fs::canonicalize(path).expect("it was just read");
        list += &format!(
            "    File {{ name: {name:?}, plain: include_bytes!({path:?}), brotli: {brotli}, gzip: {gzip} }},\n"
        );
    }
    let code = format!(
        "/// Changes with every build of the browser side.\npub const VERSION: &str = \"{:016x}\";\n\
         /// Everything under `target/site`, and the texts.\npub static FILES: &[File] = &[\n{list}];\n",
        hasher.finish()
    );
    fs::write(out.join("files.rs"), code).expect("OUT_DIR can be written");
}

/// The files under `dir` by their name under `site`.
fn collect(site: &Path, dir: &Path, into: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(site, &path, into);
        } else if path.extension().is_none_or(|extension| extension != "ts") {
            let name = path.strip_prefix(site).expect("it is under it").to_str().expect("names are UTF-8").to_owned();
            into.push((name, path));
        }
    }
}

/// The expression for the compressed form, if it is worth having.
fn kept(out: &Path, name: &str, plain: &[u8], compressed: Vec<u8>) -> String {
    if compressed.len() * 10 > plain.len() * 9 {
        return "None".into();
    }
    let path = out.join(name);
    fs::write(&path, compressed).expect("OUT_DIR can be written");
    format!("Some(include_bytes!({path:?}))")
}

/// The smallest of a few ways: which one it is differs by the file.
fn brotli(plain: &[u8]) -> Vec<u8> {
    let ways = [(0, 0), (0, 15), (24, 0), (24, 15)];
    let compressed = ways.map(|(lgblock, direct_distances)| {
        let mut compressed = Vec::new();
        let mut parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, lgblock, ..Default::default() };
        parameters.dist.num_direct_distance_codes = direct_distances;
        brotli::BrotliCompress(&mut &plain[..], &mut compressed, &parameters).expect("memory does not fail");
        compressed
    });
    compressed.into_iter().min_by_key(Vec::len).expect("there is one way at least")
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).expect("memory does not fail");
    encoder.finish().expect("memory does not fail")
}
