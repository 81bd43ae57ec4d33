//! What an administrator takes away as a file: sent as it is read, so that the size of a scope does not matter. Each part is
//! a use case of its own, asked anew who may.

use crate::server_functions::refusal;
use app::{caller::anonymous, error::AppError};
use axum::{
    Router,
    body::Body,
    extract::{Query, Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use backend::{
    Backend, Visitor,
    roll_out::{self, ExportCursor, ExportedMember},
    sessions, users,
};
use domain::{
    authenticators::FactorKinds,
    roles::NamedRole,
    scope::Scope,
    time::Timestamp,
    users::{MembershipStatus, MfaFilter, UserOverview, UserQuery},
};
use futures_util::{StreamExt, stream};
use http::{HeaderValue, header, request::Parts};
use leptos::prelude::{Owner, provide_context};
use serde::Deserialize;

/// The routes of exports.
pub fn routes<S: Clone + Send + Sync + 'static>(backend: Backend) -> Router<S> {
    Router::new()
        .route("/a/{account}/settings/security/roll-out.csv", get(roll_out))
        .route("/p/{portfolio}/settings/security/roll-out.csv", get(roll_out))
        .route("/a/{account}/settings/users.csv", get(users))
        .route("/p/{portfolio}/manage/users.csv", get(users))
        .with_state(backend)
}

/// Who has which second factor (4.9).
async fn roll_out(State(backend): State<Backend>, request: Request) -> Response {
    sent(backend, request, "mfa-roll-out.csv", Export::RollOut(None)).await
}

/// The members that the filters in the address leave (6.1).
async fn users(State(backend): State<Backend>, Query(asked): Query<Asked>, request: Request) -> Response {
    sent(backend, request, "users.csv", Export::Users(Box::new(asked.into()), None)).await
}

/// What the address of the list says, by the same names. What it cannot mean is left out.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    q: String,
    role: String,
    mfa: String,
    status: String,
}

impl From<Asked> for UserQuery {
    fn from(Asked { q, role, mfa, status }: Asked) -> Self {
        Self {
            q,
            role: role.parse().ok(),
            mfa: MfaFilter::of_key(&mfa),
            status: MembershipStatus::of_key(&status),
            ..Self::default()
        }
    }
}

/// What is exported, and from where on.
enum Export {
    RollOut(Option<ExportCursor>),
    Users(Box<UserQuery>, Option<String>),
}

impl Export {
    /// The next part, and what comes after it.
    async fn part(
        self,
        backend: &Backend,
        visitor: &Visitor,
        scope: Scope,
    ) -> backend::Result<(Vec<u8>, Option<Self>)> {
        // The session is looked at again: it may have ended since the last part.
        let caller = sessions::caller(backend, visitor).await?;
        Ok(match self {
            Self::RollOut(from) => {
                let (members, next) = roll_out::export(backend, &caller, scope, from.as_ref()).await?;
                let part = written(from.is_none().then_some(ROLL_OUT), members.into_iter().map(roll_out_cells));
                (part, next.map(|next| Self::RollOut(Some(next))))
            }
            Self::Users(query, from) => {
                let (members, next) = users::export(backend, &caller, scope, &query, from.as_deref()).await?;
                let part = written(from.is_none().then_some(USERS), members.into_iter().map(user_cells));
                (part, next.map(|next| Self::Users(query, Some(next))))
            }
        })
    }
}

/// The file, sent as it is read. An error breaks it off, so that nobody takes a half for the whole.
async fn sent(backend: Backend, request: Request, name: &str, export: Export) -> Response {
    let (parts, _) = request.into_parts();
    let Some(scope) = scope_of(&parts) else { return refusal(AppError::NotFound) };
    let visitor = visitor_of(&backend, parts);
    let (first, rest) = match export.part(&backend, &visitor, scope).await {
        Ok(begun) => begun,
        Err(error) => return refusal(error.into()),
    };
    let later = stream::try_unfold((backend, visitor, rest), move |(backend, visitor, rest)| async move {
        let Some(rest) = rest else { return Ok(None) };
        let (part, rest) = rest.part(&backend, &visitor, scope).await?;
        Ok::<_, backend::Error>(Some((part, (backend, visitor, rest))))
    });
    let parts = stream::once(async move { Ok(first) }).chain(later);
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, disposition.expect("names of ours are plain")),
    ];
    (headers, Body::from_stream(parts)).into_response()
}

const ROLL_OUT: [&str; 7] = ["name", "address", "role", "mfa", "since", "last_active", "reminded"];
const USERS: [&str; 7] = ["name", "address", "role", "accounts", "status", "mfa", "last_active"];

/// Rows as RFC 4180 has them, `head` before them if there is one. Times are RFC 3339, in UTC.
fn written(head: Option<[&str; 7]>, cells: impl Iterator<Item = [String; 7]>) -> Vec<u8> {
    // Every cell in quotation marks: where lists are divided by semicolons, one in a name would begin another cell.
    let mut rows = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(Vec::new());
    for row in head.map(|head| head.map(str::to_owned)).into_iter().chain(cells) {
        rows.write_record(row).expect("memory takes every row");
    }
    rows.into_inner().expect("memory is flushed")
}

fn roll_out_cells(member: ExportedMember) -> [String; 7] {
    [
        harmless(member.name),
        harmless(member.email),
        role_cell(member.role),
        kinds(member.factors),
        member.since.rfc3339(),
        time(member.last_used_at),
        time(member.reminded_at),
    ]
}

fn user_cells(member: UserOverview) -> [String; 7] {
    let accounts = member.accounts.into_iter().map(|place| format!("{}: {}", place.account, role_cell(place.role)));
    [
        harmless(member.name),
        harmless(member.email),
        member.role.map(role_cell).unwrap_or_default(),
        harmless(accounts.collect::<Vec<_>>().join("; ")),
        member.status.key().to_owned(),
        kinds(member.factors),
        time(member.last_used_at),
    ]
}

/// A built-in role by its key, one of the scope's own by its name.
fn role_cell(role: NamedRole) -> String {
    harmless(role.name.unwrap_or_else(|| role.role.key().to_string()))
}

fn kinds(factors: FactorKinds) -> String {
    factors.iter().map(|kind| kind.key()).collect::<Vec<_>>().join(" ")
}

fn time(at: Option<Timestamp>) -> String {
    at.map(Timestamp::rfc3339).unwrap_or_default()
}

/// A text that a spreadsheet takes for a text: what begins like a formula gets an apostrophe before it.
fn harmless(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r']) {
        format!("'{text}")
    } else {
        text
    }
}

/// The scope whose page the address belongs to.
pub(crate) fn scope_of(parts: &Parts) -> Option<Scope> {
    let mut path = parts.uri.path().trim_start_matches('/').splitn(3, '/');
    format!("{}/{}", path.next()?, path.next()?).parse().ok()
}

/// As a page's own doors see it.
pub(crate) fn visitor_of(backend: &Backend, parts: Parts) -> Visitor {
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

    #[test]
    fn no_cell_is_a_formula_whatever_divides_lists() {
        let cells = ["x;=cmd|'/C calc'!A0;", "=1", "＝1", "+1", "a\"b", "", "-"].map(|cell| harmless(cell.to_owned()));
        let written = String::from_utf8(written(None, std::iter::once(cells))).unwrap();
        assert_eq!(written, "\"x;=cmd|'/C calc'!A0;\",\"'=1\",\"'＝1\",\"'+1\",\"a\"\"b\",\"\",\"'-\"\r\n");
    }
}
