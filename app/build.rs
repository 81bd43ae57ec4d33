//! Turns the message files (`locales/LANGUAGE/STORY.toml`) into the macros `tr!` and `tr_n!`; see `src/messages.rs`.

use std::{collections::BTreeMap, env, fmt::Write, fs, path::Path};

/// Key to text, for one language.
type Texts = BTreeMap<String, String>;

fn main() {
    println!("cargo::rerun-if-changed=locales");
    let languages: BTreeMap<String, Texts> =
        entries("locales").map(|dir| (name_of(&dir), read_language(&dir))).collect();
    let english = languages.get("en").expect("locales/en exists");
    for (language, texts) in &languages {
        for (key, text) in texts {
            let original =
                english.get(key).unwrap_or_else(|| panic!("locales/{language}: `{key}` is not in locales/en"));
            assert_eq!(places(text), places(original), "locales/{language}: `{key}` has other {{places}} than English");
        }
    }
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("messages.rs");
    fs::write(out, generate(&languages, english)).expect("OUT_DIR can be written");
}

fn entries(dir: impl AsRef<Path>) -> impl Iterator<Item = std::path::PathBuf> {
    fs::read_dir(dir.as_ref()).expect("the folder is there").map(|entry| entry.expect("readable").path())
}

fn name_of(path: &Path) -> String {
    path.file_stem().and_then(|stem| stem.to_str()).expect("names are UTF-8").to_owned()
}

fn read_language(dir: &Path) -> Texts {
    let mut texts = Texts::new();
    for file in entries(dir) {
        let source = fs::read_to_string(&file).expect("readable");
        let table: toml::Table = source.parse().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        flatten(&name_of(&file), &table, &mut texts);
    }
    texts
}

/// `users.toml` with `[row] pending = "…"` is `users.row.pending`.
fn flatten(prefix: &str, table: &toml::Table, into: &mut Texts) {
    for (key, value) in table {
        let key = format!("{prefix}.{key}");
        match value {
            toml::Value::String(text) => _ = into.insert(key, text.trim_end().to_owned()),
            toml::Value::Table(table) => flatten(&key, table, into),
            _ => panic!("`{key}` is neither a text nor a table"),
        }
    }
}

/// The names in braces, sorted, each once.
fn places(text: &str) -> Vec<&str> {
    let mut places: Vec<_> =
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn generate(languages: &BTreeMap<String, Texts>, english: &Texts) -> String {
    let mut tr = String::new();
    for (key, text) in english {
        if places(text).is_empty() {
            let body = per_language(languages, key, |text| format!("{text:?}"));
            _ = writeln!(tr, "    ({key:?}) => {{ {body} }};");
        } else {
            let body = per_language(languages, key, |text| format!("::std::format!({text:?}, $($name = $value),+)"));
            _ = writeln!(tr, "    ({key:?}, $($name:ident = $value:expr),+ $(,)?) => {{ {body} }};");
        }
    }
    let mut tr_n = String::new();
    for (key, one) in english.iter().filter_map(|(key, text)| Some((key.strip_suffix(".one")?, text))) {
        let other = english.get(&format!("{key}.other")).unwrap_or_else(|| panic!("`{key}.one` has no `{key}.other`"));
        let named = |text| places(text).into_iter().filter(|place| *place != "count").collect::<Vec<_>>();
        assert_eq!(named(one), named(other), "`{key}.one` and `.other` name other places");
        let form = |form: &str| {
            per_language(languages, &format!("{key}.{form}"), |text| {
                let count = if places(text).contains(&"count") { "count = count," } else { "" };
                format!("::std::format!({text:?}, {count} $($name = $value),*)")
            })
        };
        let (one, other) = (form("one"), form("other"));
        _ = writeln!(
            tr_n,
            "    ({key:?}, $count:expr $(, $name:ident = $value:expr)* $(,)?) => \
             {{{{ let count = $count; if count == 1 {{ {one} }} else {{ {other} }} }}}};"
        );
    }
    let keys = english.keys().map(|key| format!("{key:?}, ")).collect::<String>();
    let languages = languages.keys().map(|language| format!("{language:?}, ")).collect::<String>();
    format!(
        "/// The text with this key. `tr!(\"users.title\")`, `tr!(\"users.greeting\", name = name)`.\n\
         macro_rules! tr {{\n{tr}\
         \x20   ($key:literal $($rest:tt)*) => {{ ::core::compile_error!(::core::concat!(\"no text `\", $key, \"` with these names in app/locales/en\")) }};\n}}\n\
         /// The text for a count. `tr_n!(\"users.people\", count)` takes `users.people.one` or `users.people.other`.\n\
         macro_rules! tr_n {{\n{tr_n}\
         \x20   ($key:literal $($rest:tt)*) => {{ ::core::compile_error!(::core::concat!(\"no `\", $key, \".one` and `.other` in app/locales/en\")) }};\n}}\n\
         /// The languages there are texts in.\npub const LANGUAGES: &[&str] = &[{languages}];\n\
         #[cfg(test)]\nconst KEYS: &[&str] = &[{keys}];\n"
    )
}

/// The expression for one text: a literal while there is one language, else a choice by the reader's language.
fn per_language(languages: &BTreeMap<String, Texts>, key: &str, expression: impl Fn(&str) -> String) -> String {
    let mut arms = String::new();
    for (language, texts) in languages.iter().filter(|(language, _)| *language != "en") {
        if let Some(text) = texts.get(key) {
            _ = write!(arms, "{language:?} => {}, ", expression(text));
        }
    }
    let english = expression(&languages["en"][key]);
    if arms.is_empty() { english } else { format!("match $crate::messages::language() {{ {arms} _ => {english} }}") }
}
