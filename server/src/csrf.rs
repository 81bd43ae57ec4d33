//! Nothing that another site sends may change state. A browser says where a request comes from, in `Sec-Fetch-Site`
//! and `Origin`; who says neither is refused, because such a browser would carry the session along. Two exceptions:
//! machine endpoints, which know no cookies, and the doors behind a mailed secret, where the secret is the proof and
//! the browser may be the old one inside a mail client.

use crate::server_functions::refusal;
use app::{error::AppError, mailed_page};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, Method, header};
use std::sync::Arc;

/// Lets a request through or refuses it. `own` is scheme, host and port under which browsers reach us.
pub async fn check(State(own): State<Arc<str>>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let mailed = mailed_page(request.uri().path()).is_some();
    if safe || is_ours(request.headers(), &own, mailed) { next.run(request).await } else { refusal(AppError::Foreign) }
}

fn is_ours(headers: &HeaderMap, own: &str, mailed: bool) -> bool {
    let text = |name| headers.get(name).map(|value: &http::HeaderValue| value.to_str().unwrap_or("unreadable"));
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some("same-origin" | "none"), _) => true,
        (Some(_), _) => false,
        (None, Some("null") | None) => mailed,
        (None, Some(origin)) => origin.eq_ignore_ascii_case(own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn ours(site: Option<&'static str>, origin: Option<&'static str>, mailed: bool) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
        }
        is_ours(&headers, "https://postern.example", mailed)
    }

    #[test]
    fn only_this_site_changes_anything() {
        for mailed in [false, true] {
            assert!(ours(Some("same-origin"), Some("https://postern.example"), mailed));
            assert!(ours(None, Some("https://postern.example"), mailed));
            assert!(!ours(Some("cross-site"), None, mailed));
            assert!(!ours(Some("cross-site"), Some("https://postern.example"), mailed));
            assert!(!ours(Some("same-site"), Some("https://other.example"), mailed));
            assert!(!ours(None, Some("https://evil.example"), mailed));
            assert!(!ours(None, Some("http://postern.example"), mailed));
        }
    }

    #[test]
    fn a_browser_that_says_nothing_passes_only_with_a_mailed_secret() {
        assert!(!ours(None, None, false));
        assert!(!ours(None, Some("null"), false));
        assert!(ours(None, None, true));
        assert!(ours(None, Some("null"), true));
        assert!(!ours(Some("cross-site"), Some("null"), true));
    }
}
