//! What a password must be (NIST SP 800-63B, 5.1.1.2): long enough, not common, not built from the person's own
//! name, address or account. No composition rules. The list of common ones is the backend's, which passes the verdict in, and
//! which looks at the operator's breach list afterwards.

use serde::{Deserialize, Serialize};

/// The fewest characters.
pub const MIN: u16 = 12;
/// The most characters.
pub const MAX: u16 = 128;

/// Why a new password was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum PasswordProblem {
    /// Fewer than [`MIN`] characters.
    #[error("too short")]
    TooShort,
    /// More than [`MAX`] characters.
    #[error("too long")]
    TooLong,
    /// On the list of common passwords, or one character over and over.
    #[error("common")]
    Common,
    /// Little more than the person's own name, address or account name.
    #[error("built from own name")]
    OwnName,
    /// On the operator's list of breached passwords.
    #[error("breached")]
    Breached,
}

/// How hard a password is to guess, as an estimator says. Nothing is refused for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Guessed {
    /// 0, at once, to 4, hardly ever.
    pub score: u8,
    /// What makes it easy, if anything does.
    pub weakness: Option<Weakness>,
}

/// What makes a password easy to guess.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Weakness {
    /// Neighbours on the keyboard.
    Keys,
    /// The same again.
    Repeats,
    /// Many have it.
    Common,
    /// Many have nearly the same.
    Similar,
    /// One after another.
    Sequence,
    /// A date or year.
    Date,
    /// One word.
    Word,
    /// Somebody's name.
    Name,
}

/// What a mailed link to set a password is good for now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// A password can be set with it.
    Open,
    /// It was used.
    Used,
    /// It is too old, or everything before it was made void.
    Expired,
    /// A password can be set with it in the browser in which an MFA reset was accepted lately, and in no other.
    WhereAccepted,
}

/// Checks a new password. `own` are the person's name, address and account names; `is_common` looks the password up,
/// in lower case.
pub fn check<'a>(
    password: &str,
    own: impl IntoIterator<Item = &'a str>,
    is_common: impl Fn(&str) -> bool,
) -> Result<(), PasswordProblem> {
    let length = password.chars().count();
    if length < usize::from(MIN) {
        return Err(PasswordProblem::TooShort);
    }
    if length > usize::from(MAX) {
        return Err(PasswordProblem::TooLong);
    }
    let lower = password.to_lowercase();
    let stem = lower.trim_matches(|c: char| !c.is_alphabetic());
    let first = lower.chars().next();
    if is_common(&lower) || is_common(stem) || lower.chars().all(|c| Some(c) == first) {
        return Err(PasswordProblem::Common);
    }
    if is_built_from(&lower, own) { Err(PasswordProblem::OwnName) } else { Ok(()) }
}

/// Whether fewer than half of [`MIN`] characters remain once every word of the person's own has been taken out.
fn is_built_from<'a>(lower: &str, own: impl IntoIterator<Item = &'a str>) -> bool {
    let mut rest = lower.to_owned();
    let mut hit = false;
    for text in own {
        let text = text.to_lowercase();
        let mut words: Vec<&str> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() >= 3).collect();
        words.push(text.trim());
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        for word in words {
            if !word.is_empty() && rest.contains(word) {
                rest = rest.replace(word, "");
                hit = true;
            }
        }
    }
    hit && rest.chars().filter(|c| c.is_alphanumeric()).count() < usize::from(MIN) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str) -> Result<(), PasswordProblem> {
        check(password, ["Chiara Marchetti", "chiara@northwind.example", "Northwind"], |p| {
            p == "passwordpassword" || p == "correcthorse"
        })
    }

    #[test]
    fn length_alone_is_asked_of_its_form() {
        assert_eq!(verdict("short"), Err(PasswordProblem::TooShort));
        assert_eq!(verdict(&"ab".repeat(65)), Err(PasswordProblem::TooLong));
        assert_eq!(verdict("only lower case words"), Ok(()));
        assert_eq!(verdict("пароль из слов и пробелов"), Ok(()));
    }

    #[test]
    fn common_ones_are_refused_in_any_dress() {
        for common in ["PasswordPassword", "correcthorse123!", "aaaaaaaaaaaaaa", "...............1"] {
            let expected = if common.starts_with('.') { Ok(()) } else { Err(PasswordProblem::Common) };
            assert_eq!(verdict(common), expected, "{common}");
        }
    }

    #[test]
    fn ones_own_name_is_refused_and_a_sentence_with_it_is_not() {
        assert_eq!(verdict("ChiaraMarchetti1"), Err(PasswordProblem::OwnName));
        assert_eq!(verdict("northwind-2026"), Err(PasswordProblem::OwnName));
        assert_eq!(verdict("chiara bakes seven loaves"), Ok(()));
    }
}
