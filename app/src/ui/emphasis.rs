//! Names that stand out within a sentence. Where in the sentence they stand is the translation's to say, so a name is
//! marked before it is put in, and the marks become elements afterwards. What a name holds is never read as markup.

use leptos::prelude::*;

/// Private-use characters: no text of ours holds them, and a name loses them.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// A name to stand out.
pub(crate) fn strong(name: &str) -> String {
    let name = name.replace([OPEN, CLOSE], "");
    format!("{OPEN}{name}{CLOSE}")
}

/// The sentence, its marked names as `<strong>`.
pub(crate) fn emphasised(sentence: &str) -> impl IntoView + use<> {
    parts(sentence).into_iter().map(|(plain, strong)| view! { {plain} <strong>{strong}</strong> }).collect_view()
}

/// Each plain stretch with the marked one after it.
fn parts(sentence: &str) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    for stretch in sentence.split_inclusive(CLOSE) {
        let (plain, strong) = stretch.split_once(OPEN).unwrap_or((stretch, ""));
        parts.push((plain.to_owned(), strong.trim_end_matches(CLOSE).to_owned()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_marked_stands_out() {
        let sentence = format!("{}, Admin of {}, asked.", strong("Bram <b>"), strong("North\u{E001}wind"));
        let expected = [("", "Bram <b>"), (", Admin of ", "Northwind"), (", asked.", "")];
        let parts = parts(&sentence);
        assert_eq!(parts.iter().map(|(plain, strong)| (plain.as_str(), strong.as_str())).collect::<Vec<_>>(), expected);
    }
}
