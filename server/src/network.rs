//! Where a request comes from. The peer's address, unless the peer is a proxy that the operator trusts: then the last
//! address in `X-Forwarded-For` that such a proxy did not add itself. Nothing else in a request is believed, and no
//! header ever makes its way into a link.

use app::caller::ClientAddress;
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

/// A range of addresses, `10.0.0.0/8` or a single one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

/// Not an address or range.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an address such as 10.1.2.3 or a range such as 10.0.0.0/8")]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (base, prefix) = text.split_once('/').map_or((text, None), |(base, prefix)| (base, Some(prefix)));
        let base: IpAddr = base.trim().parse().map_err(|_| NotANetwork)?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(most), |prefix| prefix.trim().parse().map_err(|_| NotANetwork))?;
        if prefix <= most { Ok(Self { base, prefix }) } else { Err(NotANetwork) }
    }
}

impl Network {
    /// Whether `address` is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u32| {
            let shift = width - u32::from(self.prefix);
            shift == width || a >> shift == b >> shift
        };
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => same(base.to_bits().into(), address.to_bits().into(), 32),
            (IpAddr::V6(base), IpAddr::V6(address)) => same(base.to_bits(), address.to_bits(), 128),
            _ => false,
        }
    }
}

/// Notes the sender's address for whoever handles the request.
pub async fn note_sender(State(trusted): State<Arc<[Network]>>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let forwarded = request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let sender = sender(peer.ip(), &forwarded.collect::<Vec<_>>(), &trusted);
        request.extensions_mut().insert(ClientAddress(sender));
    }
    next.run(request).await
}

fn sender(peer: IpAddr, forwarded: &[&str], trusted: &[Network]) -> IpAddr {
    let is_trusted = |address| trusted.iter().any(|network| network.contains(address));
    let mut sender = peer.to_canonical();
    for hop in forwarded.iter().flat_map(|value| value.split(',')).rev() {
        if !is_trusted(sender) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => sender = address.to_canonical(),
            Err(_) => break,
        }
    }
    sender
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, forwarded: &[&str], trusted: &str) -> String {
        let trusted: Vec<Network> = trusted.split_terminator(',').map(|network| network.parse().unwrap()).collect();
        sender(peer.parse().unwrap(), forwarded, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_an_address() {
        assert_eq!(from("203.0.113.9", &["198.51.100.1"], ""), "203.0.113.9");
        assert_eq!(from("203.0.113.9", &["198.51.100.1"], "10.0.0.0/8"), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_is_believed_as_far_as_it_saw() {
        assert_eq!(from("10.0.0.1", &["198.51.100.1"], "10.0.0.0/8"), "198.51.100.1");
        assert_eq!(from("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], "10.0.0.0/8"), "198.51.100.1");
        assert_eq!(from("10.0.0.1", &["6.6.6.6", "198.51.100.1"], "10.0.0.0/8"), "198.51.100.1");
        assert_eq!(from("::ffff:10.0.0.1", &["2001:db8::1"], "10.0.0.0/8"), "2001:db8::1");
        assert_eq!(from("10.0.0.1", &["nonsense"], "10.0.0.0/8"), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &[], "10.0.0.0/8"), "10.0.0.1");
    }

    #[test]
    fn ranges_are_read_and_wrong_ones_refused() {
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("8.8.8.8".parse().unwrap()));
        assert!("::/0".parse::<Network>().unwrap().contains("2001:db8::1".parse().unwrap()));
        assert!(!"192.0.2.0/25".parse::<Network>().unwrap().contains("192.0.2.128".parse().unwrap()));
        for wrong in ["", "proxy", "10.0.0.0/33", "10.0.0.0/x"] {
            assert_eq!(wrong.parse::<Network>(), Err(NotANetwork));
        }
    }
}
