//! The texts of the interface: `tr!("story.key")`, `tr!("story.key", name = value)` and `tr_n!("story.key", count)`.
//!
//! Texts live in `app/locales/LANGUAGE/STORY.toml`; the file's name is the first part of the key, so each story has files
//! of its own. `build.rs` makes one macro arm of each text. Why not rust-i18n or leptos_i18n: their tables travel whole
//! with the first page, while here a text stands where it is used, so that it is loaded with the area that shows it, and
//! a missing key, a missing value or a misspelt name does not compile. Unused texts fail a test.
//!
//! A text without places is a `&'static str`, one with places a `String`; a place is written `{name}`. `tr_n!` chooses
//! `key.one` or `key.other`, where `{count}` stands for the number. English is complete; another language may lack a key
//! and then reads English.

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

#[cfg(test)]
mod tests {
    use super::KEYS;
    use std::{collections::BTreeSet, fs, path::Path};

    fn keys_in(dir: &Path, into: &mut BTreeSet<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                keys_in(&path, into);
            } else {
                let source = fs::read_to_string(&path).unwrap();
                for (mac, forms) in [("tr!(", &[""][..]), ("tr_n!(", &[".one", ".other"])] {
                    for rest in source.split(mac).skip(1) {
                        let literal = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                        into.extend(
                            literal.iter().flat_map(|key| forms.iter().map(move |form| format!("{key}{form}"))),
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn every_text_is_used() {
        let mut used = BTreeSet::new();
        keys_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut used);
        let unused: Vec<_> = KEYS.iter().filter(|key| !used.contains(**key)).collect();
        assert!(unused.is_empty(), "texts that nobody shows: {unused:?}");
    }
}
