//! Tokens that people and browsers hold. The database holds their digests.
//!
//! A session or device token is 256 random bits. A [`LinkToken`] is derived (see [`super::Keys::link_token`]), so that a
//! retry of a mail carries the same link and no secret waits in a table. Each kind of token has a type of its own: a
//! device cookie cannot be looked up as a session.

use super::Random;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What is stored of a token: its SHA-256. No salt is needed, because the token has 256 bits of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TokenDigest(pub [u8; 32]);

impl TokenDigest {
    /// For a column.
    pub fn to_vec(self) -> Vec<u8> {
        self.0.to_vec()
    }
}

/// What makes two secrets derived for rows of the same id differ: 128 random bits kept in the row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nonce(pub [u8; 16]);

impl Nonce {
    /// From a column; a column of another length derives nothing that was ever given out.
    pub fn from_slice(bytes: &[u8]) -> Self {
        Self(bytes.try_into().unwrap_or_default())
    }
}

macro_rules! token {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name([u8; 32]);

        impl $name {
            /// From what a person or browser sent: 43 characters of base64url, or nothing.
            pub fn parse(text: &str) -> Option<Self> {
                URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
            }

            /// As it is handed out: 43 characters of base64url.
            pub fn expose(&self) -> String {
                URL_SAFE_NO_PAD.encode(self.0)
            }

            /// What is stored of it.
            pub fn digest(&self) -> TokenDigest {
                TokenDigest(Sha256::digest(self.0).into())
            }

            pub(super) fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }
        }

        /// Says which kind of token it is, and nothing else.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

macro_rules! random_token {
    ($name:ident) => {
        impl $name {
            /// 256 random bits.
            pub fn random(random: &Random) -> Self {
                Self::from_bytes(random.bytes())
            }
        }
    };
}

token! {
    /// Held by the session cookie.
    SessionToken
}
token! {
    /// Held by the cookie by which a browser is recognised as one that signed in before.
    DeviceToken
}
token! {
    /// Held by the cookie of the browser that accepted an MFA reset.
    ReturnToken
}
token! {
    /// Held by a mailed link.
    LinkToken
}

impl LinkToken {
    /// From the end of a link as mail programs hand it on: broken over two lines, or with the full stop, bracket or quotation
    /// mark after it taken along. What no token holds is passed over; what is left has to be all of it.
    pub fn from_link(text: &str) -> Option<Self> {
        let is_of_a_token = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let kept: String = text.chars().filter(is_of_a_token).take(64).collect();
        Self::parse(&kept)
    }
}

random_token!(SessionToken);
random_token!(DeviceToken);
random_token!(ReturnToken);

#[cfg(test)]
mod tests {
    use super::LinkToken;

    #[test]
    fn a_link_survives_what_mail_programs_do_to_it() {
        let token = format!("-_{}", "aZ0".repeat(13)) + "aY";
        let whole = LinkToken::parse(&token).unwrap().expose();
        let broken = format!("{}\r\n {}", &token[..20], &token[20..]);
        for written in
            [format!("{token}."), format!("{token}>"), format!(" {token}\u{a0}"), format!("“{token}”)"), broken]
        {
            assert_eq!(LinkToken::from_link(&written).unwrap().expose(), whole, "{written}");
        }
        for other in ["", &token[..42], &format!("{token}a"), &"a".repeat(4_000)] {
            assert!(LinkToken::from_link(other).is_none(), "{other}");
        }
    }
}
