//! Search finds whom a comparison with everybody would find, whatever is typed and whichever way they are found.

use super::{PEOPLE, enter, fill, scopes};
use crate::{portfolio::is_consistent, support::World};
use backend::{Caller, fold, store::entity::membership, users};
use domain::{
    authenticators::{FactorKind, FactorKinds},
    roles::Role,
    scope::Scope,
    users::{MembershipStatus, MfaFilter, UserPage, UserQuery, UserSort},
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Whoever is in the list of a scope: the place that leads, and all their places there.
type Listed<'p> = Vec<(&'p membership::Model, Vec<&'p membership::Model>)>;

fn listed(scope: Scope, places: &[membership::Model]) -> Listed<'_> {
    let is_here = |place: &&membership::Model| match scope {
        Scope::Account(_) => place.scope() == scope,
        Scope::Portfolio(id) => place.portfolio_id == Some(id.0),
    };
    let mut here: Vec<&membership::Model> = places.iter().filter(is_here).collect();
    here.sort_by_key(|place| (place.user_id, !place.leads));
    let mut listed: Listed =
        here.chunk_by(|one, other| one.user_id == other.user_id).map(|places| (places[0], places.to_vec())).collect();
    listed.sort_by_key(|(leading, _)| (&leading.name_folded, leading.id));
    listed
}

/// Whom the filters leave, by looking at everybody; by name.
fn left(listed: &Listed<'_>, query: &UserQuery) -> Vec<Uuid> {
    let sought = fold::text(&query.q);
    let is_left = |(leading, places): &&(&membership::Model, Vec<&membership::Model>)| {
        leading.search_folded.contains(&sought)
            && query.role.is_none_or(|role| places.iter().any(|place| place.role == role.to_string()))
            && query.status.is_none_or(|status| leading.status() == status)
            && query.mfa.is_none_or(|mfa| has(leading.factors(), mfa))
    };
    listed.iter().filter(is_left).map(|(leading, _)| leading.user_id).collect()
}

fn has(kinds: FactorKinds, mfa: MfaFilter) -> bool {
    match mfa {
        MfaFilter::On => !kinds.is_empty(),
        MfaFilter::Off => kinds.is_empty(),
        MfaFilter::Passkey => kinds.iter().any(|kind| kind == FactorKind::Passkey),
        MfaFilter::Totp => kinds.iter().any(|kind| kind == FactorKind::Totp),
        MfaFilter::Sms => kinds.iter().any(|kind| kind == FactorKind::Sms),
        MfaFilter::Pending => panic!("a reset is no membership's"),
    }
}

/// Compares what up to `pages` say with what everybody's places say: the total, the order, and who is met.
async fn agrees(world: &World, who: &Caller, scope: Scope, everybody: &Listed<'_>, query: UserQuery, pages: u32) {
    let expected = left(everybody, &query);
    let (mut met, mut asked) = (Vec::new(), query.clone());
    for nth in 1.. {
        let UserPage { rows, filtered, after, .. } = users::list(&world.backend, who, scope, &asked).await.unwrap();
        let total = (expected.len() as u32).min(users::COUNTED_TO + 1);
        assert_eq!(filtered, Some(total), "{scope:?} {query:?}");
        met.extend(rows.into_iter().map(|row| (fold::text(&row.name), row.last_used_at, row.user_id.0)));
        match after {
            Some(after) if nth < pages => asked.after = Some(after),
            Some(_) => break,
            None => {
                let met: BTreeSet<Uuid> = met.iter().map(|(_, _, id)| *id).collect();
                assert_eq!(met, expected.iter().copied().collect(), "{scope:?} {query:?}");
                break;
            }
        }
    }
    let ids: Vec<Uuid> = met.iter().map(|(_, _, id)| *id).collect();
    let is_right = match query.sort {
        // Nobody before them was left out.
        UserSort::Name => expected.starts_with(&ids),
        UserSort::NameDesc => expected.iter().rev().take(ids.len()).eq(&ids),
        UserSort::LastActive => met.is_sorted_by(|a, b| a.1 >= b.1),
        UserSort::LastActiveAsc => met.is_sorted_by_key(|(_, used, _)| *used),
    };
    assert!(is_right, "{scope:?} {query:?}");
}

on_each_database!(search_and_filters_leave_whom_a_look_at_everybody_leaves, async |world| {
    let demo = fill(world, PEOPLE).await;
    let who = enter(&world.backend, &demo.users[0]).await;
    let odd = [
        "100% Cotton",
        "under_score",
        "back\\slash",
        "O'Neil \"the\" Quick",
        "李明",
        "Σίσυφος",
        "a*b AND (c) NOT d:e^2 -f",
    ];
    let places = world.rows::<membership::Entity>().await;
    let some: Vec<_> =
        places.iter().filter(|place| place.scope() == scopes(&demo)[0] && place.leads).take(90).collect();
    for (place, name) in some.iter().step_by(11).zip(odd) {
        let searched = fold::text(&format!("{name} {}@odd.example", place.id.simple()));
        let sql = "UPDATE memberships SET name = ?, name_folded = ?, search_folded = ? WHERE user_id = ?";
        let values = [name.into(), fold::text(name).into(), searched.into(), place.user_id.into()];
        assert!(world.execute(sql, values).await > 0);
    }
    let places = world.rows::<membership::Entity>().await;
    // Any part of any length of what is searched, from few people and from nearly all; and what no index could take apart.
    let random = backend::crypto::Random::seeded(11);
    let mut terms: Vec<String> = Vec::new();
    for _ in 0..25 {
        let [a, b, from, length]: [u8; 4] = random.bytes();
        let text = &places[usize::from(u16::from_be_bytes([a, b])) % places.len()].search_folded;
        let characters: Vec<char> = text.chars().collect();
        let from = usize::from(from) % characters.len();
        terms.push(characters[from..].iter().take(1 + usize::from(length) % 9).collect());
    }
    let typed = [
        "northwind",
        "@",
        "e",
        ".example",
        "zora",
        "ZORA",
        " ",
        "a ",
        "qx",
        "%",
        "_",
        "\\",
        "\"",
        "'",
        "*",
        "d:e",
        "^2",
        "-f",
        "and (c)",
        "not",
        "\"the\"",
        "李",
        "李明",
        "李明 ",
        "σισ",
        "明李",
        "maria",
        "priscila",
        "x AND y",
        "NEAR(a b)",
        "\u{e000}\u{e001}\u{e002}",
    ];
    terms.extend(typed.map(str::to_owned));
    for scope in scopes(&demo) {
        let everybody = listed(scope, &places);
        for (nth, term) in terms.iter().filter(|term| !fold::text(term).is_empty()).enumerate() {
            let query = UserQuery { q: term.clone(), sort: UserSort::ALL[nth % 4], ..UserQuery::default() };
            agrees(world, &who, scope, &everybody, query, 2).await;
        }
        let filters = [
            (None, Some(MfaFilter::Off), None, ""),
            (None, Some(MfaFilter::On), None, ""),
            (None, Some(MfaFilter::Passkey), None, ""),
            (None, Some(MfaFilter::Sms), Some(MembershipStatus::Deactivated), "a"),
            (None, None, Some(MembershipStatus::Deactivated), ""),
            (Some(Role::Manager.key()), None, None, ""),
            (Some(Role::Admin.key()), None, None, ""),
            (Some(Role::Support.key()), Some(MfaFilter::Off), None, ""),
            (Some(Role::Analyst.key()), Some(MfaFilter::Off), Some(MembershipStatus::Deactivated), "an"),
            (Some(Role::Owner.key()), None, None, "example"),
            (None, Some(MfaFilter::Off), Some(MembershipStatus::Active), "maria"),
        ];
        for (role, mfa, status, q) in filters {
            for sort in UserSort::ALL {
                let query = UserQuery { role, mfa, status, q: q.into(), sort: *sort, ..UserQuery::default() };
                agrees(world, &who, scope, &everybody, query, 2).await;
            }
        }
    }
});

on_each_database!(what_is_searched_follows_every_change, async |world| {
    let (account, other) = (world.account("Northwind").await, world.account("Contoso").await);
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").addressed("m.one@postern.example").manager_of(&account).analyst_of(&other).await;
    let browser = world.signed_in(&chiara).await;
    let found = async |q: &str| {
        let query = UserQuery { q: q.into(), ..UserQuery::default() };
        let page = users::list(&world.backend, &browser.me().await, account.scope, &query).await.unwrap();
        page.rows.into_iter().map(|row| row.name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found("arta").await, "Marta");
    let on = world.backend.database.write();
    backend::store::membership::follow_name(on, marta.id, "Dorothea", &marta.email).await.unwrap();
    assert_eq!((found("arta ").await, found("othea").await), (String::new(), "Dorothea".into()));
    backend::store::membership::follow_address(on, marta.id, "elsewhere@postern.example").await.unwrap();
    assert_eq!((found("m.one").await, found("elsewh").await), (String::new(), "Dorothea".into()));
    is_consistent(world).await;
    // With the person everything goes, the index of who is searched too.
    world.execute("DELETE FROM users WHERE id = ?", [marta.id.0.into()]).await;
    assert_eq!(found("othea").await, "");
    if world.backend.database.is_sqlite() {
        for table in ["memberships_search_rows", "memberships_search"] {
            assert_eq!(world.number(&format!("SELECT COUNT(*) FROM {table}"), []).await, 1, "{table}");
        }
    }
});
