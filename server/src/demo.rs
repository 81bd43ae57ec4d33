//! `/demo/*`: the mailbox and the authenticator of a demo. The routes exist only when `postern demo` made them.

use crate::router::DemoFiles;
use app::document::Assets;
use askama::Template;
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use backend::{
    Backend,
    demo::LiveCode,
    mail::folder::{self, DemoMail},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use std::{path::PathBuf, sync::Arc};

/// They load a style sheet and run nothing.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// A mail brings its styles along.
const MAIL_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; sandbox \
                           allow-top-navigation-by-user-activation allow-popups";

#[derive(Clone)]
struct Demo {
    mailbox: PathBuf,
    folder: Arc<str>,
    backend: Backend,
}

/// The routes of a demo.
pub fn routes<S: Clone + Send + Sync + 'static>(files: &DemoFiles, assets: &Assets, backend: Backend) -> Router<S> {
    let demo = Demo { mailbox: files.dir.join("mailbox"), folder: assets.folder.clone(), backend };
    Router::new()
        .route("/demo/mailbox", get(mailbox))
        .route("/demo/mailbox/{number}", get(mail))
        .route("/demo/mailbox/{number}/html", get(html))
        .route("/demo/authenticator", get(authenticator))
        .with_state(demo)
}

#[derive(Template)]
#[template(path = "demo/mailbox.html")]
struct MailboxPage {
    folder: Arc<str>,
    mails: Vec<(usize, DemoMail)>,
}

#[derive(Template)]
#[template(path = "demo/mail.html")]
struct MailPage {
    folder: Arc<str>,
    number: usize,
    mail: DemoMail,
    lines: Vec<Vec<Part>>,
}

struct Part {
    is_link: bool,
    text: String,
}

#[derive(Template)]
#[template(path = "demo/authenticator.html")]
struct AuthenticatorPage {
    folder: Arc<str>,
    codes: Vec<LiveCode>,
    refresh: u64,
    key: String,
    of_key: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    key: String,
}

async fn mailbox(State(demo): State<Demo>, headers: HeaderMap) -> Response {
    let Ok(mails) = folder::list(&demo.mailbox) else { return gone() };
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.contains("application/json") {
        return Json(mails).into_response();
    }
    let mut mails: Vec<_> = mails.into_iter().enumerate().collect();
    mails.reverse();
    page(&MailboxPage { folder: demo.folder, mails })
}

async fn mail(State(demo): State<Demo>, Path(number): Path<usize>) -> Response {
    let Some(mail) = one(&demo, number) else { return gone() };
    let lines = mail.text.lines().map(parts).collect();
    page(&MailPage { folder: demo.folder, number, mail, lines })
}

async fn html(State(demo): State<Demo>, Path(number): Path<usize>) -> Response {
    let Some(mail) = one(&demo, number) else { return gone() };
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(MAIL_POLICY))], Html(mail.html)).into_response()
}

async fn authenticator(State(demo): State<Demo>, Query(Asked { key }): Query<Asked>) -> Response {
    let Ok(codes) = backend::demo::live_codes(&demo.backend).await else { return gone() };
    let seconds = u64::try_from(demo.backend.now().seconds()).unwrap_or(0);
    let of_key = backend::demo::code_of(&key, demo.backend.now());
    page(&AuthenticatorPage { folder: demo.folder, codes, refresh: 30 - seconds % 30, key, of_key })
}

fn one(demo: &Demo, number: usize) -> Option<DemoMail> {
    folder::list(&demo.mailbox).ok()?.into_iter().nth(number)
}

/// A line's words, links told apart.
fn parts(line: &str) -> Vec<Part> {
    let words = line.split_inclusive(' ');
    words
        .map(|word| Part {
            is_link: word.starts_with("http://") || word.starts_with("https://"),
            text: word.to_owned(),
        })
        .collect()
}

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))], Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn gone() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response()
}
