//! Pages, each of them, from leptos' own list.

use crate::house::House;
use axum::{body::Body, http::Request};
use http::{Method, StatusCode, header};

/// Every page, its places filled in.
fn pages(house: &House) -> Vec<String> {
    let account = house.demo.accounts[0].id.to_string();
    let mut pages: Vec<String> = server::router::pages()
        .iter()
        .map(|route| {
            route
                .path()
                .replace("{token}", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
                .replace("{account}", &account)
                .replace("{user}", "01a00000-0000-7000-8000-000000000002")
                .replace("{id}", &account)
        })
        .filter(|path| !path.contains('{'))
        .collect();
    pages.sort();
    pages.dedup();
    assert!(pages.len() > 15, "the list of pages is short: {pages:?}");
    pages
}

fn get(path: &str, method: Method) -> http::request::Builder {
    Request::builder().method(method).uri(path).header(header::ACCEPT, "text/html")
}

#[tokio::test]
async fn a_stranger_sees_nothing_of_anybody_on_any_page() {
    let house = House::open().await;
    let before = house.census().await;
    for path in pages(&house) {
        for method in [Method::GET, Method::HEAD] {
            let (answer, said) = house.send(get(&path, method).body(Body::empty()).unwrap()).await;
            let status = answer.status();
            assert!(status.as_u16() < 500, "{path}: {status}");
            for secret in ["Northwind", "northwind.example", "Okonkwo"] {
                assert!(!said.contains(secret), "{path} tells {secret}");
            }
            if path.starts_with("/a/") || path.starts_with("/p/") || path.starts_with("/me") {
                assert!(status.is_redirection() || matches!(status.as_u16(), 401 | 404), "{path}: {status}");
            }
        }
    }
    assert_eq!(house.census().await, before);
}

#[tokio::test]
async fn a_link_that_was_never_made_is_404_and_never_kept() {
    let house = House::open().await;
    for path in ["/mfa-reset/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "/mfa-reset/x", "/password-reset/x"] {
        let (answer, _) = house.send(get(path, Method::GET).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store", "{path}");
    }
}

#[tokio::test]
async fn a_made_up_host_is_in_no_link() {
    let house = House::open().await;
    for path in pages(&house) {
        let request = get(&path, Method::GET)
            .header(header::HOST, "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("forwarded", "host=evil.example;proto=https");
        let (answer, said) = house.send(request.body(Body::empty()).unwrap()).await;
        assert!(!said.contains("evil.example"), "{path}");
        let location = answer.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        assert!(!location.unwrap_or_default().contains("evil.example"), "{path}");
    }
}

#[tokio::test]
async fn no_page_loads_or_runs_anything_foreign() {
    let house = House::open().await;
    for path in pages(&house) {
        let (answer, _) = house.send(get(&path, Method::GET).body(Body::empty()).unwrap()).await;
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}: {policy}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_that_says_so() {
    let house = House::open().await;
    let (answer, said) = house.send(get("/nothing/here", Method::GET).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert!(said.contains("<main"), "{said}");
}
