//! Who cannot give the second factor, and calls for help (5.8).

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a call can be disowned.
pub const CALL_TTL: Duration = Duration::from_secs(30 * 24 * 3600);

/// A call for help, as the link in its person's mail shows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// It stands.
    Open,
    /// The person said “This wasn't me”.
    Disowned,
}

impl CallState {
    /// As `data-state` of the page.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Disowned => "disowned",
        }
    }
}
