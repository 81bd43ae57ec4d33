//! How the databases go about what pages ask most: the statements are those that the code sends, overheard.
//!
//! SQLite says how it would go about each, printed into a file that a review reads as a diff. PostgreSQL says so too, and may
//! not read a large table from end to end.

use super::{PEOPLE, enter, fill, scopes};
use crate::support::World;
use backend::{Backend, Caller, Visitor, accounts, audit, roll_out, sessions, users};
use domain::{
    audit::{AuditAction, AuditQuery},
    roles::Role,
    roll_out::RollOutQuery,
    scope::Scope,
    users::{MembershipStatus, MfaFilter, UserQuery, UserSort},
};
use sea_orm::{ConnectionTrait, Statement};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// Tables that have as many rows as there are people, or more.
const LARGE: [&str; 8] =
    ["users", "memberships", "near", "audit_entries", "authenticators", "sessions", "session_proofs", "recovery_codes"];

/// A server that is overheard.
struct Overheard {
    backend: Backend,
    said: Arc<Mutex<Vec<Statement>>>,
}

impl Overheard {
    async fn on(world: &World) -> Self {
        let said: Arc<Mutex<Vec<Statement>>> = Arc::default();
        let also = said.clone();
        let backend = world.server_heard(9, move |statement| also.lock().unwrap().push(statement.clone())).await;
        Self { backend, said }
    }

    /// What was asked meanwhile.
    async fn during<T>(&self, what: impl Future<Output = backend::Result<T>>) -> (T, Vec<Statement>) {
        self.said.lock().unwrap().clear();
        let done = what.await.unwrap();
        let mut said = std::mem::take(&mut *self.said.lock().unwrap());
        said.retain(|statement| statement.sql.starts_with("SELECT"));
        assert!(!said.is_empty());
        (done, said)
    }
}

/// What a page asks, with a name.
type Asked = Vec<(String, Vec<Statement>)>;

async fn of_users(heard: &Overheard, who: &Caller, scope: Scope, asked: &mut Asked) {
    let all = UserQuery::default();
    for sort in UserSort::ALL {
        let sorted = UserQuery { sort: *sort, ..all.clone() };
        let mut questions = vec![("all".to_owned(), sorted.clone())];
        for mfa in [MfaFilter::On, MfaFilter::Off, MfaFilter::Passkey, MfaFilter::Pending] {
            questions.push((format!("MFA {}", mfa.key()), UserQuery { mfa: Some(mfa), ..sorted.clone() }));
        }
        for role in [Role::Support, Role::Admin] {
            questions.push((role.key().to_string(), UserQuery { role: Some(role.key()), ..sorted.clone() }));
        }
        let status = Some(MembershipStatus::Deactivated);
        questions.push(("deactivated".into(), UserQuery { status, ..sorted.clone() }));
        for q in ["northwind.example", "priscila", "adaeze", "wz", "nobody-is-called-so"] {
            questions.push((format!("with “{q}”"), UserQuery { q: q.into(), ..sorted.clone() }));
        }
        let both = UserQuery { q: "northwind".into(), role: Some(Role::Admin.key()), ..sorted };
        questions.push(("admin with “northwind”".into(), both));
        for (name, mut query) in questions {
            let (page, said) = heard.during(users::list(&heard.backend, who, scope, &query)).await;
            asked.push((format!("users by {}, {name}", sort.key()), said));
            query.after = page.after;
            if query.after.is_some() {
                let (_, said) = heard.during(users::list(&heard.backend, who, scope, &query)).await;
                asked.push((format!("users by {}, {name}, next page", sort.key()), said));
            }
        }
    }
}

async fn of_others(heard: &Overheard, who: &Caller, scope: Scope, asked: &mut Asked) {
    let backend = &heard.backend;
    let mut activity = AuditQuery::default();
    let (page, said) = heard.during(audit::list(backend, who, scope, &activity)).await;
    asked.push(("activity".into(), said));
    activity.after = page.after;
    asked.push(("activity, next page".into(), heard.during(audit::list(backend, who, scope, &activity)).await.1));
    let of_action = AuditQuery { action: Some(AuditAction::MfaResetRequested), ..AuditQuery::default() };
    asked.push(("activity, of an action".into(), heard.during(audit::list(backend, who, scope, &of_action)).await.1));
    let mut query = RollOutQuery::default();
    let (page, said) = heard.during(roll_out::get(backend, who, scope, &query)).await;
    asked.push(("roll-out".into(), said));
    query.after = page.after;
    asked.push(("roll-out, next page".into(), heard.during(roll_out::get(backend, who, scope, &query)).await.1));
    asked.push(("overview".into(), heard.during(accounts::overview(backend, who, scope)).await.1));
    let found = users::find(backend, who, scope, "adaeze".into());
    asked.push(("found to jump to".into(), heard.during(found).await.1));
    asked.push(("console".into(), heard.during(accounts::console(backend, who, scope)).await.1));
}

on_each_database!(no_page_that_is_opened_often_reads_everybody, async |world| {
    let demo = fill(world, PEOPLE).await;
    if !world.backend.database.is_sqlite() {
        world.execute("ANALYZE", []).await;
    }
    let heard = Overheard::on(world).await;
    let who = enter(&world.backend, &demo.users[0]).await;
    let visitor = Visitor { session: who.visitor.session.clone(), ..Visitor::default() };
    let mut printed = String::new();
    let mut known = BTreeSet::new();
    for (scope, name) in scopes(&demo).into_iter().zip(["account", "portfolio"]) {
        let mut asked = Asked::new();
        asked.push(("session by its token".into(), heard.during(sessions::caller(&heard.backend, &visitor)).await.1));
        of_users(&heard, &who, scope, &mut asked).await;
        of_others(&heard, &who, scope, &mut asked).await;
        for (question, said) in asked {
            let new: Vec<Statement> = said.into_iter().filter(|one| known.insert(one.sql.clone())).collect();
            if !new.is_empty() {
                printed.push_str(&format!("{name}: {question}\n"));
            }
            for statement in new {
                match world.backend.database.is_sqlite() {
                    true => printed.push_str(&plan(world, &question, &statement).await),
                    false => work(world, &question, &statement).await,
                }
            }
        }
    }
    if world.backend.database.is_sqlite() {
        insta::assert_snapshot!("plans", printed);
    }
});

/// How SQLite would go about it: a large table by an index alone, and through no index from end to end.
async fn plan(world: &World, question: &str, statement: &Statement) -> String {
    let explained = Statement { sql: format!("EXPLAIN QUERY PLAN {}", statement.sql), ..statement.clone() };
    let rows = world.backend.database.read().query_all_raw(explained).await.unwrap();
    let mut printed = String::new();
    for row in rows {
        let detail: String = row.try_get_by_index(3).unwrap();
        if let Some(scanned) = detail.strip_prefix("SCAN ") {
            let (of, how) = scanned.split_once(' ').unwrap_or((scanned, ""));
            let is_whole = match of {
                "memberships_search" => !how.starts_with("VIRTUAL TABLE INDEX 0:M"),
                // What a statement within it has found is called so too.
                "memberships" => !(how.is_empty() && statement.sql.contains("AS \"memberships\"")),
                of => LARGE.contains(&of),
            };
            assert!(!is_whole, "{question}: {detail}\n{}", statement.sql);
        }
        printed.push_str(&format!("  {detail}\n"));
    }
    printed.push_str("  .\n");
    printed
}

/// PostgreSQL reads no large table from end to end where it has an index that helps, and it has one.
async fn work(world: &World, question: &str, statement: &Statement) {
    let on = world.backend.database.begin().await.unwrap();
    // A table of a few rows is read from end to end whatever indexes it has: that way is made dear.
    on.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
    let explained = Statement { sql: format!("EXPLAIN {}", statement.sql), ..statement.clone() };
    let rows = on.query_all_raw(explained).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    let is_whole = |line: &String| LARGE.iter().any(|table| line.contains(&format!("Seq Scan on {table} ")));
    assert!(!lines.iter().any(is_whole), "{question}: {}\n{}", statement.sql, lines.join("\n"));
}
