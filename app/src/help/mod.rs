//! Help where the trouble is: short pages that can be read by anybody, and where to ask when they do not help.

mod pages;
mod support;

pub(crate) use pages::{AccountSecurityHelpPage, MfaHelpPage, PhishingHelpPage};
pub(crate) use support::Support;

use crate::paths;

/// What may go wrong with a second factor: a part of `/help/mfa`, linked to from where it goes wrong.
#[derive(Clone, Copy)]
pub(crate) enum Trouble {
    CodeRefused,
    PasskeyNotFound,
    NoTextMessage,
    PhoneLost,
    NoBackupCodes,
    NeverSetUp,
    AskedAgain,
}

impl Trouble {
    const fn id(self) -> &'static str {
        match self {
            Self::CodeRefused => "clock",
            Self::PasskeyNotFound => "passkey",
            Self::NoTextMessage => "sms",
            Self::PhoneLost => "lost",
            Self::NoBackupCodes => "no-codes",
            Self::NeverSetUp => "shared",
            Self::AskedAgain => "again",
        }
    }

    /// Where it is told what to do.
    pub(crate) fn href(self) -> String {
        format!("{}#{}", paths::help_mfa(), self.id())
    }
}
