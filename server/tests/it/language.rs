//! One answer, one language: whose word counts, and that nothing of a page is left in another.

use crate::house::House;
use app::messages::LANGUAGES;
use axum::{body::Body, http::Request};
use http::{StatusCode, header};
use std::{collections::BTreeSet, sync::Arc};
use tokio::task::JoinSet;

fn get(path: &str) -> http::request::Builder {
    Request::builder().uri(path).header(header::ACCEPT, "text/html")
}

async fn page(house: &House, request: http::request::Builder) -> (Vec<String>, String) {
    let (answer, page) = house.send(request.body(Body::empty()).unwrap()).await;
    let cookies = answer.headers().get_all(header::SET_COOKIE).iter().map(|it| it.to_str().unwrap().to_owned());
    (cookies.filter(|cookie| cookie.starts_with("language=")).collect(), page)
}

#[test]
fn pages_and_mails_speak_the_same_languages() {
    let pages: BTreeSet<&str> = LANGUAGES.iter().map(|(tag, _)| *tag).collect();
    assert_eq!(pages, backend::mail::languages().collect());
    assert_eq!(pages, BTreeSet::from(["de", "en"]));
}

#[tokio::test]
async fn the_address_comes_before_the_cookie_and_the_cookie_before_what_is_accepted() {
    let house = House::open().await;
    for (address, kept, accepted, language) in [
        ("/sign-in", None, None, "en"),
        ("/sign-in", None, Some("de-AT,de;q=0.9,en;q=0.8"), "de"),
        ("/sign-in", None, Some("tlh, DE;q=0.5"), "de"),
        ("/sign-in", None, Some("tlh, *"), "en"),
        ("/sign-in", Some("en"), Some("de"), "en"),
        ("/sign-in", Some("de"), Some("en"), "de"),
        ("/sign-in", Some("tlh"), Some("de"), "de"),
        ("/sign-in?lang=de", Some("en"), Some("en"), "de"),
        ("/sign-in?next=x&lang=en", Some("de"), None, "en"),
        ("/sign-in?lang=%22%3E%3Cscript", Some("de"), None, "de"),
    ] {
        let mut request = get(address);
        if let Some(kept) = kept {
            request = request.header(header::COOKIE, format!("language={kept}"));
        }
        if let Some(accepted) = accepted {
            request = request.header(header::ACCEPT_LANGUAGE, accepted);
        }
        let (cookies, page) = page(&house, request).await;
        let case = format!("{address} {kept:?} {accepted:?}");
        assert!(page.contains(&format!("<html lang=\"{language}\"")), "{case}");
        assert_eq!(page.contains("Passwort vergessen?"), language == "de", "{case}");
        assert_eq!(page.contains("Forgot your password?"), language == "en", "{case}");
        // Only what an address says is kept of a stranger: the next page has no such address.
        let kept = if address.contains("lang=de") || address.contains("lang=en") { 1 } else { 0 };
        assert_eq!(cookies.len(), kept, "{case}: {cookies:?}");
    }
}

#[tokio::test]
async fn a_refusal_before_any_page_is_in_the_readers_language() {
    let house = House::open().await;
    let foreign = Request::post("/api/app/sign_in/api/sign_in")
        .header(header::ACCEPT, "text/html")
        .header(header::ACCEPT_LANGUAGE, "de")
        .header("sec-fetch-site", "cross-site");
    let (answer, page) = house.send(foreign.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(page.contains("<html lang=\"de\"") && page.contains("Das kam von einer anderen Website"), "{page}");
}

#[tokio::test]
async fn whoever_signed_in_reads_the_language_they_set() {
    let house = House::open().await;
    let session = house.signed_in(&house.demo.users[0].email).await;
    let set = |language: &str| {
        Request::post("/api/app/personal/api/set_language")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, crate::house::PUBLIC_URL)
            .header(header::COOKIE, &session)
            .body(Body::from(format!("language={language}")))
            .unwrap()
    };
    for unknown in ["tlh", "", "de-AT", "DE", "de%00", "%3Cb%3E"] {
        let (answer, said) = house.send(set(unknown)).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{unknown}: {said}");
        assert!(answer.headers().get(header::SET_COOKIE).is_none(), "{unknown}");
    }
    let (answer, _) = house.send(set("de")).await;
    assert!(answer.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("language=de; HttpOnly; SameSite=Lax"));
    // Another browser of theirs learns it by its first page and speaks it from the second on.
    let (cookies, first) = page(&house, get("/me/personal").header(header::COOKIE, &session)).await;
    assert!(
        first.contains("<html lang=\"en\"") && cookies.iter().all(|it| it.starts_with("language=de;")),
        "{cookies:?}"
    );
    assert!(!cookies.is_empty());
    let both = format!("{session}; language=de");
    let (cookies, second) = page(&house, get("/me/personal").header(header::COOKIE, both)).await;
    assert!(second.contains("<html lang=\"de\"") && second.contains("Zeitzone"), "{second}");
    assert!(cookies.is_empty(), "{cookies:?}");
}

/// Pages wait for data and go on, on whichever thread: what was begun in German ends in German.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_of_two_languages_at_once_do_not_mix() {
    let house = Arc::new(House::open().await);
    let session = house.signed_in(&house.demo.users[0].email).await;
    let account = house.demo.accounts[0].id;
    let mut readers = JoinSet::new();
    for number in 0..24 {
        let (house, language) = (house.clone(), ["en", "de"][number % 2]);
        let request = get(&format!("/a/{account}/settings/users"))
            .header(header::COOKIE, format!("{session}; language={language}"))
            .body(Body::empty());
        readers.spawn(async move { (number % 2, house.send(request.unwrap()).await.1) });
    }
    for (language, page) in readers.join_all().await {
        for words in [["Last active", "Zuletzt aktiv"], ["Search name or address", "Name oder Adresse suchen"]] {
            assert!(page.contains(words[language]) && !page.contains(words[1 - language]), "{words:?}");
        }
    }
}

/// A text that is missing reads English. Nothing is but the names of roles, which are names.
#[tokio::test]
async fn german_is_whole() {
    let house = House::open().await;
    let address = format!("/pkg/{}/de.txt", server::assets::VERSION);
    let (_, texts) = house.send(get(&address).body(Body::empty()).unwrap()).await;
    assert!(texts.lines().count() > 400);
    assert_eq!(texts.lines().filter(|line| line.is_empty()).count(), domain::roles::Role::ALL.len());
}

#[tokio::test]
async fn the_browser_gets_the_texts_of_its_language_before_it_takes_over() {
    let house = House::open().await;
    let version = server::assets::VERSION;
    let (answer, texts) = house.send(get(&format!("/pkg/{version}/de.txt")).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert!(texts.lines().any(|line| line == "Passwort vergessen?"));
}
