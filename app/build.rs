//! Turns the message files (`locales/LANGUAGE/STORY.toml`) into the macros `tr!` and `tr_n!`, and each language other than
//! English into one file with a text a line; see `src/messages.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write,
    fs,
    path::Path,
};

/// Key to text, for one language.
type Texts = BTreeMap<String, String>;

/// How a language calls itself. Read by everybody, so it is no text like the others.
const NAME: &str = "language.name";

fn main() {
    println!("cargo::rerun-if-changed=locales");
    let languages: BTreeMap<String, Texts> =
        entries("locales").map(|dir| (name_of(&dir), read_language(&dir))).collect();
    let english = languages.get("en").expect("locales/en exists");
    for (language, texts) in &languages {
        for (key, text) in texts {
            let original =
                english.get(key).unwrap_or_else(|| panic!("locales/{language}: `{key}` is not in locales/en"));
            let same = places(text).iter().collect::<BTreeSet<_>>() == places(original).iter().collect();
            assert!(same, "locales/{language}: `{key}` has other {{places}} than English");
            assert!(!text.contains('\n'), "locales/{language}: `{key}` has more than one line");
        }
    }
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let tables = Path::new(&out).join("texts");
    fs::create_dir_all(&tables).expect("OUT_DIR can be written");
    for (language, texts) in languages.iter().filter(|(language, _)| *language != "en") {
        fs::write(tables.join(format!("{language}.txt")), table(english, texts)).expect("OUT_DIR can be written");
    }
    fs::write(Path::new(&out).join("messages.rs"), generate(&languages, english)).expect("OUT_DIR can be written");
    // For `server`, which hands them out.
    println!("cargo::metadata=texts={}", tables.display());
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

/// The names in braces, in their order, each once.
fn places(text: &str) -> Vec<&str> {
    let mut places = Vec::new();
    for (name, _) in text.split('{').skip(1).filter_map(|rest| rest.split_once('}')) {
        if !places.contains(&name) {
            places.push(name);
        }
    }
    places
}

/// The text with its places by number: `{role} of {scope}` is `{0} of {1}`.
fn numbered(text: &str, places: &[&str]) -> String {
    assert!(places.len() < 10, "a text has too many places: {text}");
    let named =
        |text: String, (number, name): (usize, &&str)| text.replace(&format!("{{{name}}}"), &format!("{{{number}}}"));
    places.iter().enumerate().fold(text.to_owned(), named)
}

/// In which order the values of a text are handed over: as English names them; a count comes first.
fn order<'a>(english: &'a Texts, key: &str) -> Vec<&'a str> {
    let counted = key.strip_suffix(".one").or(key.strip_suffix(".other")).map(|stem| format!("{stem}.other"));
    match counted.and_then(|other| english.get(&other)) {
        Some(other) => {
            let named = places(other).into_iter().filter(|place| *place != "count");
            std::iter::once("count").chain(named).collect()
        }
        None => places(&english[key]),
    }
}

/// A text a line, in the order of the English keys; a line is empty where the text is missing.
fn table(english: &Texts, texts: &Texts) -> String {
    let line = |key| texts.get(key).map_or(String::new(), |text| numbered(text, &order(english, key)));
    english.keys().map(|key| line(key) + "\n").collect()
}

fn generate(languages: &BTreeMap<String, Texts>, english: &Texts) -> String {
    let numbers: BTreeMap<&str, usize> =
        english.keys().enumerate().map(|(number, key)| (key.as_str(), number)).collect();
    // The arguments that stand for one text: its line, and how it reads in English.
    let stored = |key: &str| format!("{}, {:?}", numbers[key], numbered(&english[key], &order(english, key)));
    let mut tr = String::new();
    for (key, text) in english {
        let stored = stored(key);
        let (mut names, mut values) = (String::new(), String::new());
        for (number, name) in places(text).into_iter().enumerate() {
            _ = write!(names, ", {name} = $v{number}:expr");
            _ = write!(values, "&$v{number}, ");
        }
        _ = if names.is_empty() {
            writeln!(tr, "    ({key:?}) => {{ $crate::messages::text({stored}) }};")
        } else {
            writeln!(tr, "    ({key:?}{names} $(,)?) => {{ $crate::messages::fill({stored}, &[{values}]) }};")
        };
    }
    let mut tr_n = String::new();
    for stem in english.keys().filter_map(|key| key.strip_suffix(".one")) {
        let (one, other) = (format!("{stem}.one"), format!("{stem}.other"));
        assert!(english.contains_key(&other), "`{one}` has no `{other}`");
        let named =
            |key: &str| places(&english[key]).into_iter().filter(|place| *place != "count").collect::<BTreeSet<_>>();
        assert_eq!(named(&one), named(&other), "`{one}` and `{other}` name other places");
        let (mut names, mut values) = (String::new(), String::new());
        for (number, name) in order(english, &other).into_iter().enumerate().skip(1) {
            _ = write!(names, ", {name} = $v{number}:expr");
            _ = write!(values, ", &$v{number}");
        }
        let (one, other) = (stored(&one), stored(&other));
        _ = writeln!(
            tr_n,
            "    ({stem:?}, $count:expr{names} $(,)?) => \
             {{{{ let count = $count; let (line, english) = if count == 1 {{ ({one}) }} else {{ ({other}) }}; \
             $crate::messages::fill(line, english, &[&count{values}]) }}}};"
        );
    }
    let keys = english.keys().filter(|key| *key != NAME).map(|key| format!("{key:?}, ")).collect::<String>();
    let mut named = String::new();
    let mut tables = String::new();
    for (language, texts) in languages {
        let name = texts.get(NAME).unwrap_or_else(|| panic!("locales/{language}/language.toml says no `name`"));
        _ = write!(named, "({language:?}, {name:?}), ");
        if language != "en" {
            _ = write!(tables, "({language:?}, include_str!(concat!(env!(\"OUT_DIR\"), \"/texts/{language}.txt\"))), ");
        }
    }
    format!(
        "/// The text with this key. `tr!(\"users.title\")`, `tr!(\"users.greeting\", name = name)`; values in the order of the\n\
         /// English text.\n\
         macro_rules! tr {{\n{tr}\
         \x20   ($key:literal $($rest:tt)*) => {{ ::core::compile_error!(::core::concat!(\"no text `\", $key, \"` with these names in this order in app/locales/en\")) }};\n}}\n\
         /// The text for a count. `tr_n!(\"users.people\", count)` takes `users.people.one` or `users.people.other`.\n\
         macro_rules! tr_n {{\n{tr_n}\
         \x20   ($key:literal $($rest:tt)*) => {{ ::core::compile_error!(::core::concat!(\"no `\", $key, \".one` and `.other` with these names in app/locales/en\")) }};\n}}\n\
         /// The languages there are texts in: tag (BCP 47) and own name.\npub const LANGUAGES: &[(&str, &str)] = &[{named}];\n\
         /// The texts of every language but English, a text a line.\n\
         #[cfg(feature = \"ssr\")]\nconst TABLES: &[(&str, &str)] = &[{tables}];\n\
         #[cfg(test)]\nconst KEYS: &[&str] = &[{keys}];\n"
    )
}
