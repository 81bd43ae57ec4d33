//! What an administrator takes away as a file: sent as it is read, so that the size of a scope does not matter. Each part is
//! a use case of its own, asked anew who may.

use crate::server_functions::refusal;
use app::{caller::anonymous, error::AppError};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use backend::{
    Backend, Visitor,
    roll_out::{self, ExportCursor, ExportedMember},
    sessions,
};
use domain::{scope::Scope, time::Timestamp};
use futures_util::stream;
use http::{HeaderValue, header, request::Parts};
use leptos::prelude::{Owner, provide_context};

/// The routes of exports.
pub fn routes<S: Clone + Send + Sync + 'static>(backend: Backend) -> Router<S> {
    Router::new()
        .route("/a/{account}/settings/security/roll-out.csv", get(roll_out))
        .route("/p/{portfolio}/settings/security/roll-out.csv", get(roll_out))
        .with_state(backend)
}

/// Who has which second factor (4.9).
async fn roll_out(State(backend): State<Backend>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let Some(scope) = scope_of(&parts) else { return refusal(AppError::NotFound) };
    let visitor = visitor_of(&backend, parts);
    let begun = async {
        let caller = sessions::caller(&backend, &visitor).await?;
        let (members, next) = roll_out::export(&backend, &caller, scope, None).await?;
        Ok::<_, backend::Error>((members, next))
    };
    let (members, next) = match begun.await {
        Ok(begun) => begun,
        Err(error) => return refusal(error.into()),
    };
    let first = written(Some(HEAD.map(str::to_owned)), members);
    let rest = Rest { ready: Some(first), backend, visitor, scope, next };
    let parts = stream::try_unfold(rest, |mut rest| async move {
        let part = rest.part().await?;
        Ok::<_, backend::Error>(part.map(|part| (part, rest)))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"mfa-roll-out.csv\"")),
    ];
    (headers, Body::from_stream(parts)).into_response()
}

/// What of an export was not sent yet.
struct Rest {
    ready: Option<Vec<u8>>,
    backend: Backend,
    visitor: Visitor,
    scope: Scope,
    next: Option<ExportCursor>,
}

impl Rest {
    /// The next part; nothing when that was all. An error breaks the file off, so that nobody takes a half for the whole.
    async fn part(&mut self) -> backend::Result<Option<Vec<u8>>> {
        if let Some(ready) = self.ready.take() {
            return Ok(Some(ready));
        }
        let Some(from) = self.next.take() else { return Ok(None) };
        // The session is looked at again: it may have ended since the last part.
        let caller = sessions::caller(&self.backend, &self.visitor).await?;
        let (members, next) = roll_out::export(&self.backend, &caller, self.scope, Some(&from)).await?;
        self.next = next;
        Ok(Some(written(None, members)))
    }
}

const HEAD: [&str; 7] = ["name", "address", "role", "mfa", "since", "last_active", "reminded"];

/// Rows as RFC 4180 has them, `head` before them if there is one. Times are RFC 3339, in UTC.
fn written(head: Option<[String; 7]>, members: Vec<ExportedMember>) -> Vec<u8> {
    let mut rows = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let time = |at: Option<Timestamp>| at.map(Timestamp::rfc3339).unwrap_or_default();
    let cells = members.into_iter().map(|member| {
        let kinds: Vec<_> = member.factors.iter().map(|kind| kind.key()).collect();
        [
            harmless(member.name),
            harmless(member.email),
            harmless(member.role.name.unwrap_or_else(|| member.role.role.key().to_string())),
            kinds.join(" "),
            member.since.rfc3339(),
            time(member.last_used_at),
            time(member.reminded_at),
        ]
    });
    for row in head.into_iter().chain(cells) {
        rows.write_record(row).expect("memory takes every row");
    }
    rows.into_inner().expect("memory is flushed")
}

/// A text that a spreadsheet takes for a text: what begins like a formula gets an apostrophe before it.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}

fn scope_of(parts: &Parts) -> Option<Scope> {
    let mut path = parts.uri.path().trim_start_matches('/').splitn(3, '/');
    format!("{}/{}", path.next()?, path.next()?).parse().ok()
}

/// As a page's own doors see it.
fn visitor_of(backend: &Backend, parts: Parts) -> Visitor {
    Owner::new().with(|| {
        provide_context(backend.clone());
        provide_context(parts);
        anonymous()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_a_text() {
        for (name, cell) in [
            ("Ann Lee", "Ann Lee"),
            ("=HYPERLINK(\"http://evil.example\")", "'=HYPERLINK(\"http://evil.example\")"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("Ann = Lee", "Ann = Lee"),
        ] {
            assert_eq!(harmless(name.to_owned()), cell);
        }
    }
}
