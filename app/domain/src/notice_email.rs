//! A second address for notices (6.4): a copy of what becomes of one's sign-in goes there, and nothing that opens anything.

use crate::{sessions::StepUp, time::Timestamp};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a code is good that was mailed to prove an address.
pub const NOTICE_EMAIL_CODE_TTL: Duration = Duration::from_secs(30 * 60);

/// What its page shows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NoticeEmail {
    /// The one that is set, if one is.
    pub email: Option<String>,
    /// The one that waits for its code, if this session asked for one.
    pub waits: Option<WaitingAddress>,
    /// Whether identity must be proven again before it is changed, and how.
    pub step_up: StepUp,
}

/// An address to which a code was mailed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WaitingAddress {
    /// Where the code went.
    pub email: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// The server's time.
    pub now: Timestamp,
}
