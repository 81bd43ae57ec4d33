//! Whoever sends a request, before it is known who they are: what the request itself says, already parsed, so that no
//! use case sees a header.

use crate::{
    Backend,
    crypto::{DeviceToken, ReturnToken, SessionToken},
    places::Place,
};
use std::net::IpAddr;

/// The sender of a request.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// Network address, from the connection, or from a proxy that the operator trusts.
    pub address: Option<IpAddr>,
    /// Where that is, where it is known.
    pub located: Option<Place>,
    /// Browser and system in words, e.g. `Firefox on Windows`.
    pub device: String,
    /// The session cookie.
    pub session: Option<SessionToken>,
    /// The cookie by which a browser is recognised that signed in before.
    pub known_device: Option<DeviceToken>,
    /// The cookie of the browser that accepted an MFA reset.
    pub returning: Option<ReturnToken>,
    /// The first language of `Accept-Language` that there are message files for.
    pub language: Option<String>,
    /// The browser's time zone, an IANA name, where it said one.
    pub time_zone: Option<String>,
}

impl Visitor {
    /// The same, with where the address is, by the operator's database.
    #[must_use]
    pub fn located_by(self, backend: &Backend) -> Self {
        let located =
            backend.settings.places.as_ref().zip(self.address).and_then(|(places, address)| places.of(address));
        Self { located, ..self }
    }

    /// The network address in words, for mails and the log, with where it is, if that is known.
    pub fn place(&self) -> Option<String> {
        let address = self.address.map(|address| address.to_canonical());
        match (&self.located, address) {
            (Some(place), Some(address)) => Some(format!("{} ({address})", place.words)),
            (None, Some(address)) => Some(address.to_string()),
            (Some(place), None) => Some(place.words.clone()),
            (None, None) => None,
        }
    }

    /// Who began what goes on without them: by what was written down of them then, as [`place`](Self::place) told it.
    pub fn of_before(device: String, place: Option<String>) -> Self {
        let located = place.map(|words| Place { words, country: String::new() });
        Self { device, located, ..Self::default() }
    }
}
