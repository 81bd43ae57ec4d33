//! What the operator sets and use cases read. Every number of spec 3.5 and 3.6 is here, with its default. Durations are
//! written `90s`, `15min`, `12h`.

use crate::{crypto::BreachList, places::Places};
use jiff::fmt::serde::unsigned_duration::friendly::compact::required as written;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// Settings of the whole installation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `https://…` without a slash at the end: the base of every link, never taken from a request.
    pub public_url: String,
    /// Where a person who is stuck is sent; shown on every dead end.
    pub support_url: Option<String>,
    /// Passwords that nobody may choose, where there is a list of them.
    pub breaches: Option<Arc<BreachList>>,
    /// Where network addresses are, where there is a database of that.
    pub places: Option<Arc<Places>>,
    /// The sender of every mail.
    pub mail_from: String,
    /// How long sessions last.
    pub sessions: SessionLimits,
    /// How often may be tried.
    pub throttle: ThrottleLimits,
}

/// How long sessions last (3.6).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionLimits {
    /// Void when not used for this long.
    #[serde(with = "written")]
    pub idle: Duration,
    /// Void after this long, used or not.
    #[serde(with = "written")]
    pub absolute: Duration,
}

/// How often may be tried (3.5).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThrottleLimits {
    /// Misses a person and kind of secret has for nothing.
    pub free_misses: u32,
    /// The wait after the last free miss; doubles with each further one.
    #[serde(with = "written")]
    pub first_wait: Duration,
    /// The wait never grows beyond this.
    #[serde(with = "written")]
    pub longest_wait: Duration,
    /// Misses are forgotten after this long without one.
    #[serde(with = "written")]
    pub forget_after: Duration,
    /// Misses a network address has for nothing within `network_window`.
    pub network_misses: u32,
    /// The window of `network_misses`.
    #[serde(with = "written")]
    pub network_window: Duration,
    /// Tries a code has before it is dead.
    pub code_tries: u32,
    /// Reset mails an address gets within an hour.
    pub reset_mails_an_hour: u32,
    /// A new code is mailed no sooner than this after the last.
    #[serde(with = "written")]
    pub resend_after: Duration,
    /// Text messages a person gets within an hour while none of the codes is given; twice as many within a day.
    pub sms_an_hour: u32,
    /// Text messages a number gets within a day.
    pub sms_a_day_per_number: u32,
    /// Text messages that leave for the people of an account or portfolio within a day.
    pub sms_a_day_per_scope: u32,
    /// After this many second-factor misses without success the person is told that the password is known to somebody.
    pub tell_after_factor_misses: u32,
}

impl SessionLimits {
    /// The name of a number that makes no sense, and why.
    pub fn wrong(&self) -> Option<(&'static str, &'static str)> {
        (self.idle.is_zero() || self.absolute < self.idle)
            .then_some(("idle", "is to be longer than nothing and no longer than `absolute`"))
    }
}

impl ThrottleLimits {
    /// The name of a number that makes no sense, and why.
    pub fn wrong(&self) -> Option<(&'static str, &'static str)> {
        let second = Duration::from_secs(1);
        if self.first_wait < second || self.longest_wait < self.first_wait {
            return Some(("first_wait", "is to be at least 1s and no longer than `longest_wait`"));
        }
        if self.forget_after < self.longest_wait {
            return Some(("forget_after", "is to be no shorter than `longest_wait`"));
        }
        if self.network_window < second {
            return Some(("network_window", "is to be at least 1s"));
        }
        (self.code_tries == 0).then_some(("code_tries", "is to be at least 1, or nobody gets in"))
    }
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self { idle: Duration::from_secs(12 * 3600), absolute: Duration::from_secs(14 * 24 * 3600) }
    }
}

impl Default for ThrottleLimits {
    fn default() -> Self {
        Self {
            free_misses: 5,
            first_wait: Duration::from_secs(30),
            longest_wait: Duration::from_secs(15 * 60),
            forget_after: Duration::from_secs(24 * 3600),
            network_misses: 100,
            network_window: Duration::from_secs(10 * 60),
            code_tries: 5,
            reset_mails_an_hour: 3,
            resend_after: Duration::from_secs(60),
            sms_an_hour: 5,
            sms_a_day_per_number: 20,
            sms_a_day_per_scope: 500,
            tell_after_factor_misses: 20,
        }
    }
}
