//! What is brought as a file: by whom, and what becomes of it.

use crate::house::{House, PUBLIC_URL};
use axum::{body::Body, http::Request};
use domain::roles::Role;
use http::{Response, StatusCode, header};

const BOUNDARY: &str = "----postern";

async fn import(house: &House, scope: &str, cookie: Option<&str>, file: &[u8]) -> (Response<()>, String) {
    import_from(house, scope, cookie, file, PUBLIC_URL).await
}

async fn import_from(
    house: &House,
    scope: &str,
    cookie: Option<&str>,
    file: &[u8],
    origin: &str,
) -> (Response<()>, String) {
    let mut request = Request::post(format!("/{scope}/settings/users/import.csv"))
        .header(header::ORIGIN, origin)
        .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"));
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"role\"\r\n\r\nsupport\r\n--{BOUNDARY}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\nContent-Type: text/csv\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    house.send(request.body(Body::from(body)).unwrap()).await
}

fn location(answer: &Response<()>) -> &str {
    answer.headers()[header::LOCATION].to_str().unwrap()
}

#[tokio::test]
async fn a_file_leads_to_its_review_or_to_what_is_wrong_with_it() {
    let house = House::open().await;
    let cookie = house.signed_in("bram@northwind.example").await;
    let account = format!("a/{}", house.demo.accounts[0].id);
    let (answer, said) = import(&house, &account, Some(&cookie), b"email,role\nann@new.example,analyst\n").await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{said}");
    assert!(location(&answer).starts_with(&format!("/{account}/settings/users/changes/")), "{answer:?}");
    let many = [b"email\n".as_slice(), &b"a@x.example\n".repeat(1_001)].concat();
    let before = house.census().await;
    for (file, told) in [
        (b"".as_slice(), "problem=empty"),
        (b"email\nann@new.example\n\xff\n", "problem=not_text&line=3"),
        (b"name\nAnn\n", "problem=no_addresses"),
        (b"email,role\na,b,c\n", "problem=broken&line=2"),
        (&many, "problem=too_long"),
        (&vec![b'a'; 2 << 20], "problem=too_long"),
    ] {
        let (answer, said) = import(&house, &account, Some(&cookie), file).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{told}: {said}");
        assert_eq!(location(&answer), format!("/{account}/settings/users/many?{told}"));
    }
    assert_eq!(house.census().await, before);
}

#[tokio::test]
async fn nobody_else_brings_one() {
    let house = House::open().await;
    let account = format!("a/{}", house.demo.accounts[0].id);
    let file = b"email\nann@new.example\n";
    let is_manager = |person: &&backend::demo::DemoUser| {
        person.totp_secret.is_some()
            && person.memberships[0].name == "Northwind"
            && person.memberships[0].role == Role::Manager
    };
    let manager = house.demo.users.iter().find(is_manager).unwrap();
    let (manager, admin) = (house.signed_in(&manager.email).await, house.signed_in("bram@northwind.example").await);
    let elsewhere = house.demo.users.iter().find(|person| person.memberships[0].name == "Lumen Studio").unwrap();
    let elsewhere = house.signed_in(&elsewhere.email).await;
    let before = house.census().await;
    for (cookie, status) in [
        (None, StatusCode::UNAUTHORIZED),
        (Some(&manager), StatusCode::FORBIDDEN),
        (Some(&elsewhere), StatusCode::NOT_FOUND),
    ] {
        // Also of a file that is none: it is not looked into.
        for file in [file.as_slice(), b""] {
            let (answer, said) = import(&house, &account, cookie.map(String::as_str), file).await;
            assert_eq!(answer.status(), status, "{said}");
        }
    }
    let (answer, said) = import_from(&house, &account, Some(&admin), file, "https://evil.example").await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{said}");
    assert_eq!(house.census().await, before);
}
