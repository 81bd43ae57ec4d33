//! Numbers to reach at size: what the Users page and a search cost at a million people against a thousand. One line each,
//! `NAME VALUE`, for `make bench`.
//!
//! The page is what its use cases do, as often as it is opened; the ratio is of the median of five p95s. With
//! `POSTERN_BENCH_PEOPLE` fewer than a million are made, with `POSTERN_BENCH_FOLDER` they are kept there for the next time.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "what is measured is the machine's own time")]

mod scene;

use backend::{
    Backend, Caller, accounts,
    crypto::Random,
    demo,
    store::{self, ConnectionTrait as _},
    users,
};
use domain::{
    ids::{AccountId, PortfolioId},
    scope::Scope,
    users::UserQuery,
};
use migrations::MigratorTrait as _;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const FEW: u32 = 1_000;
const MANY: u32 = 1_000_000;
const RUNS: usize = 5;
const ASKED: usize = 200;
/// The same of a search, of which there are many and some take long.
const SEARCHED: usize = 20;
/// Any part of names and addresses: somebody, a few, hundreds, thousands, everybody, nobody, and two letters.
const SOUGHT: [&str; 8] =
    ["adaeze okonk", "priscila cor", "zora wall", "iscil", "maria", "northwind", "nobody at all", "xq"];

#[tokio::main]
async fn main() {
    // `cargo test --benches` asks only whether it can be run.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let people = std::env::var("POSTERN_BENCH_PEOPLE").ok().and_then(|people| people.parse().ok()).unwrap_or(MANY);
    let kept = std::env::var("POSTERN_BENCH_FOLDER").ok().map(PathBuf::from);
    let folder =
        kept.clone().unwrap_or_else(|| std::env::temp_dir().join(format!("postern-size-{}", std::process::id())));
    fs::create_dir_all(&folder).unwrap();
    let small = Town::of(&folder, FEW).await;
    let large = Town::of(&folder, people).await;
    println!("people {people}");
    println!("file_mb {:.0}", fs::metadata(&large.file).unwrap().len() as f64 / 1e6);
    for (name, of_portfolio) in [("account", false), ("portfolio", true)] {
        let first = (small.page(of_portfolio, "", false).await, large.page(of_portfolio, "", false).await);
        tell(&format!("{name}_first_page"), first);
        let next = (small.page(of_portfolio, "", true).await, large.page(of_portfolio, "", true).await);
        tell(&format!("{name}_next_page"), next);
        let (mut worst, mut worst_of) = (0.0, "");
        for sought in SOUGHT {
            let found = (small.page(of_portfolio, sought, false).await, large.page(of_portfolio, sought, false).await);
            eprintln!("  {name}, “{sought}”: {:.2} ms, {:.2} ms", ms(found.0), ms(found.1));
            let ratio = ms(found.1) / ms(found.0);
            if ratio > worst {
                (worst, worst_of) = (ratio, sought);
            }
        }
        println!("{name}_search_worst {worst:.2}");
        eprintln!("  the worst is “{worst_of}”");
    }
    if kept.is_none() {
        fs::remove_dir_all(&folder).unwrap();
    }
}

fn tell(name: &str, (small, large): (Duration, Duration)) {
    println!("{name}_ms {:.2}", ms(large));
    println!("{name} {:.2}", ms(large) / ms(small));
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// A database of so many people.
struct Town {
    file: PathBuf,
    backend: Backend,
    caller: Caller,
    account: Scope,
    portfolio: Scope,
}

impl Town {
    async fn of(folder: &Path, people: u32) -> Self {
        let (file, told) = (folder.join(format!("{people}.db")), folder.join(format!("{people}.json")));
        let is_new = !told.exists();
        let database = scene::open(&file).await;
        migrations::Migrator::up(database.write(), None).await.unwrap();
        // The same people each time, and no session of the last time.
        let random = if is_new { Random::seeded(7) } else { Random::from_system() };
        let backend = scene::server(database, random);
        if is_new {
            let began = Instant::now();
            let demo = demo::fill(&backend, people).await.unwrap();
            println!("seed_{people}_s {:.1}", began.elapsed().as_secs_f64());
            fs::write(&told, serde_json::to_vec(&demo).unwrap()).unwrap();
        }
        let demo: serde_json::Value = serde_json::from_slice(&fs::read(&told).unwrap()).unwrap();
        let owner = &demo["users"][0];
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let id = |nth: usize| uuid::Uuid::parse_str(&text(&owner["memberships"][nth]["id"])).unwrap();
        let (account, portfolio) = (Scope::Account(AccountId(id(0))), Scope::Portfolio(PortfolioId(id(1))));
        // The code of this moment, whose clock stands still, may have been used when they were last measured.
        let sql =
            "UPDATE authenticators SET last_step = 0 WHERE user_id = (SELECT id FROM users WHERE email_folded = ?)";
        let on = backend.database.write();
        on.execute_raw(store::statement(on, sql, [text(&owner["email"]).into()])).await.unwrap();
        let caller =
            scene::enter(&backend, &text(&owner["email"]), &text(&owner["password"]), &text(&owner["totp_secret"]))
                .await;
        Self { file, backend, caller, account, portfolio }
    }

    /// The median of five p95s of what a page takes, with a search, or the page after the first.
    async fn page(&self, of_portfolio: bool, sought: &str, is_next: bool) -> Duration {
        let scope = if of_portfolio { self.portfolio } else { self.account };
        let mut query = UserQuery { q: sought.to_owned(), ..UserQuery::default() };
        if is_next {
            query.after = users::list(&self.backend, &self.caller, scope, &query).await.unwrap().after;
            assert!(query.after.is_some());
        }
        let asked = if sought.is_empty() { ASKED } else { SEARCHED };
        let mut p95s = Vec::new();
        for _ in 0..RUNS {
            let mut times = Vec::new();
            for _ in 0..asked {
                let began = Instant::now();
                accounts::console(&self.backend, &self.caller, scope).await.unwrap();
                users::list(&self.backend, &self.caller, scope, &query).await.unwrap();
                times.push(began.elapsed());
            }
            times.sort_unstable();
            p95s.push(times[asked * 95 / 100]);
        }
        p95s.sort_unstable();
        p95s[RUNS / 2]
    }
}
