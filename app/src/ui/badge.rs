//! Small marks: a state as a dot and a word, a person or a place by initials.

use super::Text;
use leptos::prelude::*;

/// What the colour of a badge or notice repeats; the words say it too.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Tone {
    /// Says that something is so.
    #[default]
    Neutral,
    /// On, done, fine.
    Good,
    /// Waits for somebody.
    Pending,
    /// Off, refused, cannot be undone.
    Bad,
}

/// A dot and a word.
#[component]
pub(crate) fn Badge(
    /// What its colour repeats.
    #[prop(optional)]
    tone: Tone,
    /// The word; may hold a countdown.
    children: Children,
) -> impl IntoView {
    let class = match tone {
        Tone::Neutral => "badge",
        Tone::Good => "badge on",
        Tone::Pending => "badge pending",
        Tone::Bad => "badge off",
    };
    // The text is one child beside the dot, so that its spaces are its own.
    view! {
        <span class=class>
            <span>{children()}</span>
        </span>
    }
}

/// Initials in a circle for a person, in a square for a place. Decoration: the name stands beside it.
#[component]
pub(crate) fn Avatar(
    /// Whose.
    #[prop(into)]
    name: Text,
    /// Whether it is a place, not a person.
    #[prop(optional)]
    place: bool,
) -> impl IntoView {
    view! {
        <span class="avatar" class:place=place aria-hidden="true">
            {initials(&name)}
        </span>
    }
}

/// First letters of the first and the last word of a name; two of a name of one word.
fn initials(name: &str) -> String {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let (first, last) = (words.next().unwrap_or_default(), words.next_back());
    let letters: String = match last {
        Some(last) => first.chars().take(1).chain(last.chars().take(1)).collect(),
        None => first.chars().take(2).collect(),
    };
    letters.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        for (name, expected) in [
            ("Adaeze Okonkwo", "AO"),
            ("Bram van der Linden-Hartog", "BH"),
            ("Northwind", "NO"),
            ("élodie", "ÉL"),
            ("  ", ""),
            ("李 小龍", "李小"),
            ("x", "X"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
