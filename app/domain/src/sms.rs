//! Codes by text message (4.3), as far as anyone may see them. A number is stored sealed and never shown whole.

use crate::{mfa_policy::TrustDays, time::Timestamp};
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// How long a texted code is good.
pub const SMS_CODE_TTL: Duration = Duration::from_secs(10 * 60);

/// A telephone number of which the last two digits are left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaskedNumber(String);

impl MaskedNumber {
    /// Of a whole one. Of fewer than six digits nothing is left.
    pub fn of(number: &str) -> Self {
        let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
        let shown = if digits.len() < 6 { &[] } else { &digits[digits.len() - 2..] };
        Self(format!("•••• {}", shown.iter().collect::<String>()).trim_end().to_owned())
    }
}

impl fmt::Display for MaskedNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A country as the form offers it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Country {
    /// ISO 3166-1 alpha-2.
    pub region: String,
    /// Its name in the reader's language.
    pub name: String,
    /// Its calling code, without the plus (ITU-T E.164).
    pub calling_code: u16,
}

/// What the page shows on which a number is bound: where the code is to go, and once it is under way, what became of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SmsEnrolment {
    /// By name.
    pub countries: Vec<Country>,
    /// Whether nothing else is open before a method is bound.
    pub must: bool,
}

/// A code that was texted to this session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SmsChallenge {
    /// Where to.
    pub number: MaskedNumber,
    /// When another can be asked for.
    pub resend_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// Whether the gateway says that it did not arrive.
    pub is_lost: bool,
    /// For how many days this browser may be trusted; nothing where it may not be, or nobody is signing in.
    pub trust: Option<TrustDays>,
    /// The server's time.
    pub now: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_are_left_of_a_number() {
        assert_eq!(MaskedNumber::of("+491711234567").to_string(), "•••• 67");
        assert_eq!(MaskedNumber::of("+49 171").to_string(), "••••");
        assert_eq!(MaskedNumber::of("").to_string(), "••••");
    }
}
