//! The texts of the interface: `tr!("story.key")`, `tr!("story.key", name = value)` and `tr_n!("story.key", count)`.
//!
//! Texts live in `app/locales/LANGUAGE/STORY.toml`; the file's name is the first part of the key, so each story has files
//! of its own. `build.rs` makes one macro arm of each text. Why not rust-i18n or leptos_i18n: their tables travel whole
//! with the first page, while here an English text stands where it is used, so that it is loaded with the area that shows
//! it, and a missing key, a missing value or a misspelt name does not compile. Unused texts fail a test.
//!
//! A text without places is a `&'static str`, one with places a `String`; a place is written `{name}`. `tr_n!` chooses
//! `key.one` or `key.other`, where `{count}` stands for the number. English is complete; another language may lack a key
//! and then reads English.
//!
//! Every other language is one file, a text a line, which only its readers load: the page names it, and the browser has it
//! before the page is hydrated, so that both sides write the same. A reader of English pays nothing for it.
//!
//! # Whose language
//!
//! The server chooses once a request ([`Language::chosen`]) and renders everything within [`reading`]: what the address
//! says, as the links of a mail do; what the browser keeps in a cookie, which is the person's setting once they signed in
//! there ([`crate::caller`]); and for a stranger the first language of `Accept-Language` that there are texts in.

use std::fmt::{Display, Write};

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// How a language calls itself; an unknown tag as it is.
pub fn own_name(tag: &str) -> &str {
    LANGUAGES.iter().find(|(known, _)| *known == tag).map_or(tag, |(_, name)| name)
}

/// The text on this line in the reader's language. For `tr!`.
#[inline(never)]
pub fn text(line: usize, english: &'static str) -> &'static str {
    reader::texts().get(line).copied().filter(|text| !text.is_empty()).unwrap_or(english)
}

/// The same, its places filled with the values of their numbers. For `tr!` and `tr_n!`.
#[inline(never)]
pub fn fill(line: usize, english: &'static str, values: &[&dyn Display]) -> String {
    let mut filled = String::new();
    for (index, part) in text(line, english).split(['{', '}']).enumerate() {
        // `build.rs` lets braces stand around places only.
        let value = (index % 2 == 1).then(|| part.parse().ok().and_then(|number: usize| values.get(number))).flatten();
        _ = match value {
            Some(value) => write!(filled, "{value}"),
            None => filled.write_str(part),
        };
    }
    filled
}

#[cfg(feature = "ssr")]
pub use reader::{Language, reading};

#[cfg(feature = "ssr")]
mod reader {
    use super::{LANGUAGES, TABLES};
    use std::sync::LazyLock;

    /// A language there are texts in.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct Language(&'static str);

    tokio::task_local! {
        static READ: Language;
    }

    /// Answers a request in this language.
    pub async fn reading<F: Future>(language: Language, answer: F) -> F::Output {
        READ.scope(language, answer).await
    }

    impl Language {
        /// The language of whom nothing is known.
        pub const ENGLISH: Self = Self("en");

        /// The language with this tag (`de`, `de-AT`), if there are texts in it.
        pub fn of(tag: &str) -> Option<Self> {
            let primary = tag.split('-').next().unwrap_or_default().trim();
            LANGUAGES.iter().find(|(known, _)| primary.eq_ignore_ascii_case(known)).map(|(known, _)| Self(known))
        }

        /// The first of these that there are texts in: what the address says, what the browser keeps, and what it accepts
        /// (RFC 9110, 12.5.4; browsers name the languages in the order of preference).
        pub fn chosen(said: Option<&str>, kept: Option<&str>, accepted: Option<&str>) -> Self {
            let accepted = || accepted?.split(',').find_map(|one| Self::of(one.split(';').next()?));
            said.and_then(Self::of).or_else(|| kept.and_then(Self::of)).or_else(accepted).unwrap_or(Self::ENGLISH)
        }

        /// The language of the request that is being answered.
        pub fn current() -> Self {
            READ.try_with(|language| *language).unwrap_or(Self::ENGLISH)
        }

        /// Its tag (BCP 47).
        pub fn tag(self) -> &'static str {
            self.0
        }
    }

    pub(super) fn texts() -> &'static [&'static str] {
        static TEXTS: LazyLock<Vec<(&str, Vec<&str>)>> =
            LazyLock::new(|| TABLES.iter().map(|(tag, table)| (*tag, table.lines().collect())).collect());
        let tag = Language::current().tag();
        TEXTS.iter().find(|(known, _)| *known == tag).map_or(&[], |(_, texts)| texts)
    }
}

#[cfg(not(feature = "ssr"))]
pub use reader::load;

#[cfg(not(feature = "ssr"))]
mod reader {
    use std::sync::OnceLock;

    static TEXTS: OnceLock<Vec<&'static str>> = OnceLock::new();

    /// Reads with these texts from now on; with none, English. Once, before the page is hydrated.
    pub fn load(table: String) {
        if !table.is_empty() {
            _ = TEXTS.set(table.leak().lines().collect());
        }
    }

    pub(super) fn texts() -> &'static [&'static str] {
        TEXTS.get().map_or(&[], Vec::as_slice)
    }
}

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
