//! What is taken away as a file: by whom, and what is in it.

use crate::house::House;
use axum::{body::Body, http::Request};
use http::{Response, StatusCode, header};

async fn export(house: &House, scope: &str, cookie: Option<&str>) -> (Response<()>, String) {
    let mut request = Request::builder().uri(format!("/{scope}/settings/security/roll-out.csv"));
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    house.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn an_administrator_takes_away_every_active_member_once() {
    let house = House::open().await;
    let cookie = house.signed_in("bram@northwind.example").await;
    let account = house.demo.accounts[0].id;
    let (answer, said) = export(&house, &format!("a/{account}"), Some(&cookie)).await;
    assert_eq!(answer.status(), StatusCode::OK, "{said}");
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(answer.headers()[header::CONTENT_DISPOSITION], "attachment; filename=\"mfa-roll-out.csv\"");
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let mut rows = csv::Reader::from_reader(said.as_bytes());
    assert_eq!(rows.headers().unwrap(), vec!["name", "address", "role", "mfa", "since", "last_active", "reminded"]);
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let here = house.demo.users.iter().filter(|person| {
        let is_here = person.memberships.iter().any(|place| place.id == account.0);
        is_here && person.state != backend::demo::DemoState::Deactivated
    });
    let (mut wanted, mut got): (Vec<&str>, Vec<&str>) =
        (here.map(|person| person.email.as_str()).collect(), rows.iter().map(|row| &row[1]).collect());
    wanted.sort_unstable();
    got.sort_unstable();
    assert_eq!(got, wanted);
    let bram = rows.iter().find(|row| &row[1] == "bram@northwind.example").unwrap();
    assert_eq!((&bram[2], &bram[3]), ("admin", "totp"));
    assert!(rows.iter().any(|row| row[3].is_empty()), "somebody has none");
}

#[tokio::test]
async fn nobody_else_gets_a_line() {
    let house = House::open().await;
    let account = format!("a/{}", house.demo.accounts[0].id);
    let before = house.census().await;
    let (answer, said) = export(&house, &account, None).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{said}");
    assert!(!said.contains("northwind.example"));
    assert_eq!(house.census().await, before);

    let elsewhere = house.demo.users.iter().find(|person| person.memberships[0].name == "Lumen Studio").unwrap();
    let cookie = house.signed_in(&elsewhere.email).await;
    let before = house.census().await;
    for scope in [account.as_str(), "a/01a00000-0000-7000-8000-000000000002", "a/x", "p/x"] {
        let (answer, said) = export(&house, scope, Some(&cookie)).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{scope}: {said}");
        assert!(!said.contains("northwind.example"), "{scope}: {said}");
    }
    assert_eq!(house.census().await, before);
}
