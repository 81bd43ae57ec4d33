//! What a person types about themselves, parsed once: addresses, names, reasons. Each refuses bad input where it enters,
//! by the browser's hand and again by the server's when the wire is read.

use serde::{Deserialize, Serialize};

/// Why a piece of text was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum TextProblem {
    /// Nothing was entered.
    #[error("nothing was entered")]
    Empty,
    /// More characters than `max`.
    #[error("more than {max} characters")]
    TooLong {
        /// The most that is taken.
        max: u16,
    },
    /// It is not of the form that is asked for, or holds control characters.
    #[error("not of the form that is asked for")]
    Malformed,
}

/// No control character, and none that only steers the direction of text or cannot be seen.
pub fn is_seen(c: char) -> bool {
    let steers = matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}');
    !c.is_control() && !steers && !matches!(c, '\u{00AD}' | '\u{FEFF}')
}

/// A text that is parsed once, where it enters.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $max:literal, $parse:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The most characters it may have.
            pub const MAX: u16 = $max;

            /// Trims and checks.
            pub fn parse(text: &str) -> Result<Self, TextProblem> {
                let text = text.trim();
                if text.chars().count() > usize::from(Self::MAX) {
                    return Err(TextProblem::TooLong { max: Self::MAX });
                }
                let check: fn(&str) -> Result<(), TextProblem> = $parse;
                check(text).map(|()| Self(text.to_owned()))
            }

            /// As it was entered, trimmed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextProblem;
            fn try_from(text: String) -> Result<Self, TextProblem> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text! {
    /// An address for mail, as far as a form can tell: one `@`, something before it, a domain with a dot or a
    /// single label after it, no spaces or control characters. Only a mail that arrives proves more. At most 254
    /// characters (RFC 5321, 4.5.3.1.3).
    EmailAddress, 254, |text| {
        if text.is_empty() {
            return Err(TextProblem::Empty);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(TextProblem::Malformed)?;
        let plain = |c: char| is_seen(c) && !c.is_whitespace() && !"<>()[],;:\\\"@".contains(c);
        let labels_ok = domain.split('.').all(|label| {
            !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
        });
        let fine = !local.is_empty() && local.len() <= 64 && local.chars().all(plain) && domain.chars().all(plain);
        if fine && labels_ok { Ok(()) } else { Err(TextProblem::Malformed) }
    }
}

text! {
    /// A person's or a scope's name: anything people are called, without control characters.
    Name, 80, |text| match text {
        "" => Err(TextProblem::Empty),
        _ if text.chars().any(char::is_control) => Err(TextProblem::Malformed),
        _ => Ok(()),
    }
}

text! {
    /// Why an administrator asked, for the activity log; may be empty.
    Reason, 500, |text| {
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
            return Err(TextProblem::Malformed);
        }
        Ok(())
    }
}

impl Reason {
    /// No reason given.
    pub fn none() -> Self {
        Self(String::new())
    }

    /// The reason, if one was given.
    pub fn given(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(self.0.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_or_refused() {
        for good in ["a@b", "chiara.marchetti+x@northwind.example", " o'neil@mail.example ", "jürgen@bücher.example"]
        {
            assert!(EmailAddress::parse(good).is_ok(), "{good}");
        }
        for bad in ["a", "@b.c", "a@", "a b@c.d", "a@b..c", "a@-b.c", "a@b@c.d", "a\n@b.c", "<a@b.c>"] {
            assert_eq!(EmailAddress::parse(bad), Err(TextProblem::Malformed), "{bad}");
        }
        assert_eq!(EmailAddress::parse("  "), Err(TextProblem::Empty));
        let long = format!("{}@b.c", "a".repeat(300));
        assert_eq!(EmailAddress::parse(&long), Err(TextProblem::TooLong { max: 254 }));
    }

    #[test]
    fn the_wire_is_parsed_too() {
        assert!(serde_json::from_str::<Name>("\"  \"").is_err());
        assert_eq!(serde_json::from_str::<Name>("\" Ann \"").unwrap().as_str(), "Ann");
    }
}
