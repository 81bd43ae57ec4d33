//! Help where the trouble is: short pages that can be read by anybody, and where to ask when they do not help.

mod pages;
mod support;

pub(crate) use pages::{AccountSecurityHelpPage, MfaHelpPage, PhishingHelpPage};
pub(crate) use support::Support;
