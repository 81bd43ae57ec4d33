//! The reach of a portfolio (2.4, 2.5, 5.1 to 5.6, 7.2): its own people and those of its linked accounts.

use crate::{
    mfa_reset::{accept, ask, denied, refused_as},
    support::{Account, Browser, HOUR, Person, Portfolio, World, since},
};
use backend::{
    accounts, mfa_requirement, mfa_reset,
    store::{self, entity::membership, reach},
    users,
};
use domain::{
    mfa_reset::{EndReason, State},
    policy::Denied,
    roles::{Area, Level, Rank, Role},
    scope::Scope,
    users::{MembershipStatus, UserOverview, UserPage, UserQuery, UserSort},
};
use migrations::MigratorTrait as _;

/// A portfolio of two accounts, and an account beside it.
struct Meridian {
    portfolio: Portfolio,
    northwind: Account,
    lumen: Account,
    /// Not linked.
    contoso: Account,
    /// Portfolio Admin, and nothing in any account.
    leilani: Person,
    /// Owner of Northwind.
    olga: Person,
    /// Manager in Northwind, Support in Lumen and Admin in Contoso.
    marta: Person,
}

async fn meridian(world: &World) -> Meridian {
    let portfolio = world.portfolio("Meridian Group").await;
    let northwind = world.account("Northwind").linked_to(&portfolio).await;
    let lumen = world.account("Lumen Studio").linked_to(&portfolio).await;
    let contoso = world.account("Contoso").await;
    let leilani = world.user("Leilani").with_totp().portfolio_admin_of(&portfolio).await;
    let olga = world.user("Olga").with_totp().owner_of(&northwind).await;
    let marta = world.user("Marta").with_totp().manager_of(&northwind).await;
    world.join(&marta, &lumen, Role::Support).await;
    world.join(&marta, &contoso, Role::Admin).await;
    Meridian { portfolio, northwind, lumen, contoso, leilani, olga, marta }
}

async fn page(browser: &Browser<'_>, scope: Scope, query: UserQuery) -> UserPage {
    users::list(&browser.backend, &browser.me().await, scope, &query).await.unwrap()
}

fn names(page: &UserPage) -> Vec<&str> {
    page.rows.iter().map(|row| row.name.as_str()).collect()
}

fn places(row: &UserOverview) -> Vec<(&str, Role)> {
    row.accounts.iter().map(|place| (place.account.as_str(), place.role.role)).collect()
}

/// The counters, leading places and what SQLite's index takes over, worked out anew from the memberships.
pub(crate) async fn is_consistent(world: &World) {
    if world.backend.database.is_sqlite() {
        let taken = "id, scope_kind, scope_id, portfolio_id, leads, name_folded, search_folded";
        for (one, other) in [("memberships", "memberships_search_rows"), ("memberships_search_rows", "memberships")] {
            let sql = format!("SELECT COUNT(*) FROM (SELECT {taken} FROM {one} EXCEPT SELECT {taken} FROM {other})");
            assert_eq!(world.number(&sql, []).await, 0, "{one} not in {other}");
        }
    }
    for portfolio in world.rows::<backend::store::entity::portfolio::Entity>().await {
        let sql = "SELECT COUNT(*) FROM memberships WHERE portfolio_id = ? AND leads";
        let leading = world.number(sql, [portfolio.id.into()]).await;
        let sql = "SELECT COUNT(DISTINCT user_id) FROM memberships WHERE portfolio_id = ?";
        assert_eq!(leading, world.number(sql, [portfolio.id.into()]).await, "one leading place a person");
        for (column, condition) in [
            ("members", ""),
            ("with_mfa", "AND factor_kinds <> 0"),
            ("by_sms", "AND factor_kinds = 1"),
            ("by_totp", "AND factor_kinds IN (2, 3)"),
            ("by_passkey", "AND factor_kinds > 3"),
        ] {
            let sql = format!("SELECT {column} FROM headcounts WHERE scope_kind = 'portfolio' AND scope_id = ?");
            let counted = world.number(&sql, [portfolio.id.into()]).await;
            let sql = format!(
                "SELECT COUNT(DISTINCT user_id) FROM memberships WHERE portfolio_id = ? AND status = 'active' {condition}"
            );
            assert_eq!(counted, world.number(&sql, [portfolio.id.into()]).await, "{column}");
        }
    }
}

// ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(one_person_with_three_accounts_is_one_row, async |world| {
    let story = meridian(world).await;
    let leilani = world.signed_in(&story.leilani).await;
    let seen = page(&leilani, story.portfolio.scope, UserQuery::default()).await;
    assert_eq!(names(&seen), ["Leilani", "Marta", "Olga"]);
    assert_eq!((seen.headcount.members, seen.headcount.with_mfa), (3, 3));
    let [leilani, marta, olga] = &seen.rows[..] else { panic!("{seen:?}") };
    assert_eq!(
        (leilani.role.clone(), leilani.rank, places(leilani)),
        (Some(Role::PortfolioAdmin.into()), Rank::Admin, vec![])
    );
    assert_eq!((marta.role.clone(), marta.rank), (None, Rank::Member), "what she is elsewhere is not told");
    assert_eq!(places(marta), [("Northwind", Role::Manager), ("Lumen Studio", Role::Support)]);
    assert_eq!((olga.role.clone(), olga.rank, places(olga)), (None, Rank::Owner, vec![("Northwind", Role::Owner)]));
    // An account sees its own people alone.
    let olga = world.signed_in(&story.olga).await;
    let seen = page(&olga, story.northwind.scope, UserQuery::default()).await;
    assert_eq!(names(&seen), ["Marta", "Olga"]);
    assert!(seen.rows.iter().all(|row| row.accounts.is_empty() && row.role.is_some()));
    is_consistent(world).await;
});

on_each_database!(a_portfolio_is_searched_by_what_it_lists_and_filtered_by_any_place, async |world| {
    let story = meridian(world).await;
    let sql = "UPDATE memberships SET search_folded = 'martha of lumen' WHERE user_id = ? AND scope_id = ?";
    world.execute(sql, [story.marta.id.0.into(), story.lumen.scope.uuid().into()]).await;
    let leilani = world.signed_in(&story.leilani).await;
    let found = async |query: UserQuery| names(&page(&leilani, story.portfolio.scope, query).await).join(" ");
    assert_eq!(found(UserQuery { q: "lumen".into(), ..UserQuery::default() }).await, "", "which nobody sees");
    assert_eq!(found(UserQuery { q: "marta".into(), ..UserQuery::default() }).await, "Marta");
    assert_eq!(found(UserQuery { role: Some(Role::Support.key()), ..UserQuery::default() }).await, "Marta");
    assert_eq!(found(UserQuery { role: Some(Role::PortfolioAdmin.key()), ..UserQuery::default() }).await, "Leilani");
    assert_eq!(
        found(UserQuery { role: Some(Role::Admin.key()), ..UserQuery::default() }).await,
        "",
        "of Contoso nothing"
    );
    assert_eq!(found(UserQuery { q: "contoso".into(), ..UserQuery::default() }).await, "");
});

on_each_database!(a_portfolio_is_walked_by_key_in_every_order, async |world| {
    let story = meridian(world).await;
    for number in 0..60 {
        // Two people of one name have two addresses.
        let person = world.user(&format!("Name {:02}", number % 40)).addressed(&format!("name{number}@crowd.example"));
        let person = person.manager_of(&story.northwind).await;
        if number % 2 == 0 {
            world.join(&person, &story.lumen, Role::Support).await;
        }
    }
    let leilani = world.signed_in(&story.leilani).await;
    for sort in [UserSort::Name, UserSort::NameDesc, UserSort::LastActive, UserSort::LastActiveAsc] {
        let mut met = Vec::new();
        let mut query = UserQuery { sort, ..UserQuery::default() };
        loop {
            let seen = page(&leilani, story.portfolio.scope, query.clone()).await;
            met.extend(seen.rows.iter().map(|row| row.user_id));
            match seen.after {
                Some(after) => query.after = Some(after),
                None => break,
            }
        }
        assert_eq!(met.len(), 63, "{sort:?}");
        met.sort_unstable();
        met.dedup();
        assert_eq!(met.len(), 63, "{sort:?}: somebody is met twice");
    }
    is_consistent(world).await;
});

on_each_database!(the_place_used_last_stands_for_the_person, async |world| {
    let story = meridian(world).await;
    let sql = "UPDATE memberships SET name = 'Marta of Lumen', name_folded = 'marta of lumen' WHERE user_id = ? AND scope_id = ?";
    world.execute(sql, [story.marta.id.0.into(), story.lumen.scope.uuid().into()]).await;
    let marta = world.signed_in(&story.marta).await;
    let leilani = world.signed_in(&story.leilani).await;
    for (scope, name) in [
        (story.northwind.scope, "Marta"),
        (story.lumen.scope, "Marta of Lumen"),
        (story.contoso.scope, "Marta of Lumen"),
    ] {
        world.advance(HOUR);
        accounts::console(&world.backend, &marta.me().await, scope).await.unwrap();
        let seen = page(&leilani, story.portfolio.scope, UserQuery::default()).await;
        let row = seen.rows.iter().find(|row| row.user_id == story.marta.id).unwrap();
        assert_eq!(row.name, name);
        let used_here = if scope == story.contoso.scope { world.now() - HOUR } else { world.now() };
        assert_eq!(row.last_used_at, Some(used_here), "use of another scope is not told");
        is_consistent(world).await;
    }
});

on_each_database!(who_enters_two_accounts_at_once_leads_by_one_of_them, async |world| {
    let story = meridian(world).await;
    let marta = world.signed_in(&story.marta).await;
    let caller = marta.me().await;
    let scopes = [story.northwind.scope, story.lumen.scope];
    let entered = world
        .at_once(12, |server, number| {
            let caller = caller.clone();
            async move { accounts::console(&server, &caller, scopes[number % 2]).await }
        })
        .await;
    assert!(entered.iter().all(Result::is_ok), "{entered:?}");
    is_consistent(world).await;
});

on_each_database!(the_counters_follow_every_change, async |world| {
    let story = meridian(world).await;
    let (northwind, lumen) = (story.northwind.scope, story.lumen.scope);
    is_consistent(world).await;
    world.set_status(&story.marta, northwind, MembershipStatus::Deactivated).await;
    is_consistent(world).await;
    let leilani = world.signed_in(&story.leilani).await;
    let seen = page(&leilani, story.portfolio.scope, UserQuery::default()).await;
    assert_eq!(seen.headcount.members, 3, "she is still in Lumen");
    world.set_status(&story.marta, lumen, MembershipStatus::Deactivated).await;
    is_consistent(world).await;
    let seen = page(&leilani, story.portfolio.scope, UserQuery::default()).await;
    assert_eq!(seen.headcount.members, 2);
    world.remove(&story.marta, northwind).await;
    world.remove(&story.marta, lumen).await;
    is_consistent(world).await;
    let on = world.backend.database.write();
    let Scope::Account(contoso) = story.contoso.scope else { panic!() };
    reach::link(on, contoso, None, Some(story.portfolio.id)).await.unwrap();
    is_consistent(world).await;
    assert_eq!(names(&page(&leilani, story.portfolio.scope, UserQuery::default()).await), ["Leilani", "Marta", "Olga"]);
    reach::link(on, contoso, Some(story.portfolio.id), None).await.unwrap();
    is_consistent(world).await;
    assert_eq!(names(&page(&leilani, story.portfolio.scope, UserQuery::default()).await), ["Leilani", "Olga"]);
});

// ── the reset ─────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(
    a_reset_from_the_portfolio_is_told_in_every_touched_log_and_elsewhere_only_that_it_was,
    async |world| {
        let story = meridian(world).await;
        let leilani = world.signed_in(&story.leilani).await;
        ask(&leilani, story.portfolio.scope, &story.marta).await.unwrap();
        let link = world.reset_link(&story.marta).await;
        accept(&world.backend, &link).await.unwrap();
        // She is an administrator of Contoso, which nobody else may touch without its administrators knowing.
        world.wait_out(24 * HOUR).await;
        world.deliver().await;
        let told = [
            "Leilani: mfa_reset_requested → Marta",
            "Marta: mfa_reset_accepted → Marta",
            "Marta: mfa_reset_done → Marta",
        ];
        for scope in [story.portfolio.scope, story.northwind.scope, story.lumen.scope] {
            assert_eq!(world.log_of(scope).await, told);
        }
        let told = ["system: factors_leaving_elsewhere → Marta", "system: factors_removed_elsewhere → Marta"];
        assert_eq!(world.log_of(story.contoso.scope).await, told);
        let sql = "SELECT COUNT(*) FROM audit_entries WHERE via_portfolio_id = ? AND scope_kind = 'account'";
        assert_eq!(world.number(sql, [story.portfolio.id.0.into()]).await, 6, "marked as made from the portfolio");
        let sql = "SELECT COUNT(*) FROM audit_entries WHERE via_portfolio_id IS NOT NULL AND scope_kind = 'portfolio'";
        assert_eq!(world.number(sql, []).await, 0);
        for place in
            world.rows::<membership::Entity>().await.into_iter().filter(|place| place.user_id == story.marta.id.0)
        {
            assert_eq!(place.factor_kinds, 0);
        }
        is_consistent(world).await;
    }
);

on_each_database!(the_portfolio_shows_its_request_as_pending, async |world| {
    let story = meridian(world).await;
    let leilani = world.signed_in(&story.leilani).await;
    ask(&leilani, story.portfolio.scope, &story.marta).await.unwrap();
    let seen = page(&leilani, story.portfolio.scope, UserQuery::default()).await;
    let row = seen.rows.into_iter().find(|row| row.user_id == story.marta.id).unwrap();
    assert_eq!(row.pending.map(|pending| pending.state), Some(State::Open));
    let overview = accounts::overview(&world.backend, &leilani.me().await, story.portfolio.scope).await.unwrap();
    assert_eq!(overview.pending.len(), 1);
    assert_eq!(overview.headcount.unwrap().members, 3);
    mfa_reset::cancel(&world.backend, &leilani.me().await, story.portfolio.scope, story.marta.id).await.unwrap();
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: asker"]);
    world.deliver().await;
});

on_each_database!(a_portfolio_admin_may_help_an_owner_and_a_portfolio_manager_nobody, async |world| {
    let story = meridian(world).await;
    let manager = world.user("Petra").with_totp().with_role(Role::PortfolioManager, story.portfolio.scope).await;
    let manager = world.signed_in(&manager).await;
    let lacks = Denied::RoleLacks { area: Area::MfaReset, level: Level::Edit };
    assert_eq!(denied(ask(&manager, story.portfolio.scope, &story.marta).await), lacks);
    let leilani = world.signed_in(&story.leilani).await;
    ask(&leilani, story.portfolio.scope, &story.olga).await.unwrap();
    assert_eq!(denied(ask(&leilani, story.portfolio.scope, &story.leilani).await), Denied::Oneself);
    world.deliver().await;
});

on_each_database!(a_portfolio_reaches_nobody_beyond_its_accounts, async |world| {
    let story = meridian(world).await;
    let carla = world.user("Carla").with_totp().manager_of(&story.contoso).await;
    let leilani = world.signed_in(&story.leilani).await;
    assert_eq!(denied(ask(&leilani, story.portfolio.scope, &carla).await), Denied::Unseen);
    // A portfolio role is no membership of a linked account, and an account role none of the portfolio.
    assert_eq!(denied(ask(&leilani, story.northwind.scope, &story.marta).await), Denied::Unseen);
    let olga = world.signed_in(&story.olga).await;
    assert_eq!(denied(ask(&olga, story.portfolio.scope, &story.marta).await), Denied::Unseen);
    let other = world.portfolio("Other Group").await;
    let stranger = world.user("Stella").with_totp().portfolio_owner_of(&other).await;
    let stranger = world.signed_in(&stranger).await;
    assert_eq!(denied(ask(&stranger, story.portfolio.scope, &story.marta).await), Denied::Unseen);
    assert_eq!(denied(ask(&stranger, other.scope, &story.marta).await), Denied::Unseen);
});

on_each_database!(a_request_made_through_a_link_dies_with_it, async |world| {
    let story = meridian(world).await;
    let leilani = world.signed_in(&story.leilani).await;
    ask(&leilani, story.portfolio.scope, &story.olga).await.unwrap();
    let link = world.reset_link(&story.olga).await;
    let Scope::Account(northwind) = story.northwind.scope else { panic!() };
    reach::link(world.backend.database.write(), northwind, Some(story.portfolio.id), None).await.unwrap();
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Cancelled);
    assert_eq!(mfa_reset::peek(&world.backend, &link).await.unwrap().reason, Some(EndReason::TargetLeft));
    assert_eq!(world.ends_of(&story.olga).await, ["cancelled: target_left"]);
    // The log that told of the beginning tells of the end.
    let told = ["Leilani: mfa_reset_requested → Olga", "system: mfa_reset_cancelled → Olga (target_left)"];
    assert_eq!(world.log_of(story.northwind.scope).await, told);
});

on_each_database!(who_stands_high_in_the_portfolio_stands_high_in_its_accounts, async |world| {
    let story = meridian(world).await;
    let kwame = world.user("Kwame").with_totp().portfolio_owner_of(&story.portfolio).manager_of(&story.northwind).await;
    let olga = world.signed_in(&story.olga).await;
    let seen = mfa_reset::preview(&world.backend, &olga.me().await, story.northwind.scope, kwame.id).await.unwrap();
    assert_eq!(seen.target.rank, Rank::Owner);
    // In an account that is not linked it does not count.
    world.join(&kwame, &story.contoso, Role::Support).await;
    let marta = world.signed_in(&story.marta).await;
    let seen = mfa_reset::preview(&world.backend, &marta.me().await, story.contoso.scope, kwame.id).await.unwrap();
    assert_eq!(seen.target.rank, Rank::Member);
});

on_each_database!(a_declined_request_is_told_to_the_contacts_of_every_touched_account, async |world| {
    let story = meridian(world).await;
    let kwame = world.user("Kwame").with_totp().portfolio_owner_of(&story.portfolio).await;
    let leilani = world.signed_in(&story.leilani).await;
    ask(&leilani, story.portfolio.scope, &story.marta).await.unwrap();
    let link = world.reset_link(&story.marta).await;
    mfa_reset::resend(&world.backend, &leilani.me().await, story.portfolio.scope, story.marta.id).await.unwrap();
    mfa_reset::decline(&world.backend, &world.visitor(), &link).await.unwrap();
    world.deliver().await;
    for contact in [&kwame, &story.olga] {
        let told = world.subjects_to(contact).await;
        assert_eq!(told.len(), 1, "{}: {told:?}", contact.name);
    }
    let told = [
        "Leilani: mfa_reset_requested → Marta",
        "Leilani: mfa_reset_resent → Marta",
        "Marta: mfa_reset_declined → Marta (target)",
    ];
    for scope in [story.portfolio.scope, story.northwind.scope, story.lumen.scope] {
        assert_eq!(world.log_of(scope).await, told);
    }
});

on_each_database!(a_log_knows_a_person_by_the_name_they_have_there, async |world| {
    let story = meridian(world).await;
    let sql = "UPDATE memberships SET name = 'M. of Lumen' WHERE user_id = ? AND scope_id = ?";
    world.execute(sql, [story.marta.id.0.into(), story.lumen.scope.uuid().into()]).await;
    let leilani = world.signed_in(&story.leilani).await;
    ask(&leilani, story.portfolio.scope, &story.marta).await.unwrap();
    accept(&world.backend, &world.reset_link(&story.marta).await).await.unwrap();
    world.wait_out(24 * HOUR).await;
    world.deliver().await;
    let told = [
        "Leilani: mfa_reset_requested → M. of Lumen",
        "M. of Lumen: mfa_reset_accepted → M. of Lumen",
        "M. of Lumen: mfa_reset_done → M. of Lumen",
    ];
    assert_eq!(world.log_of(story.lumen.scope).await, told);
});

on_each_database!(a_portfolio_requires_of_its_own_people_alone_and_says_so, async |world| {
    let story = meridian(world).await;
    let free = world.account("Freehold").free().linked_to(&story.portfolio).await;
    let bruno = world.user("Bruno").manager_of(&free).await;
    let leilani = world.signed_in(&story.leilani).await;
    let sql = "UPDATE portfolios SET require_mfa = TRUE WHERE id = ?";
    world.execute(sql, [story.portfolio.id.0.into()]).await;
    let shown = mfa_requirement::get(&world.backend, &leilani.me().await, story.portfolio.scope).await.unwrap();
    assert_eq!((shown.headcount.members, shown.headcount.with_mfa), (1, 1));
    let seen = page(&leilani, story.portfolio.scope, UserQuery::default()).await;
    let required = |id| seen.rows.iter().find(|row| row.user_id == id).unwrap().mfa_required;
    assert!(required(story.leilani.id) && required(story.marta.id) && !required(bruno.id));
});

on_each_database!(who_joins_while_their_factors_go_is_counted_right, async |world| {
    let story = meridian(world).await;
    let leilani = world.signed_in(&story.leilani).await;
    for round in 0..4 {
        let joining = world.account(&format!("Account {round}")).linked_to(&story.portfolio).await;
        let person = world.user(&format!("Person {round}")).with_totp().manager_of(&story.northwind).await;
        ask(&leilani, story.portfolio.scope, &person).await.unwrap();
        let link = world.reset_link(&person).await;
        let (place, id) =
            (world.place_of(&person, story.northwind.scope).await, world.backend.random.uuid(world.now()));
        let done = world
            .at_once(2, |server, number| {
                let (link, place) =
                    (link.clone(), membership::Model { id, scope_id: joining.scope.uuid(), ..place.clone() });
                async move {
                    if number == 0 {
                        return accept(&server, &link).await.is_ok();
                    }
                    let on = server.database.begin().await.unwrap();
                    store::membership::insert(&on, place).await.is_ok() && on.commit().await.is_ok()
                }
            })
            .await;
        assert_eq!(done, [true, true]);
        for place in world.rows::<membership::Entity>().await.iter().filter(|place| place.user_id == person.id.0) {
            assert_eq!(place.factor_kinds, 0, "round {round}");
        }
        is_consistent(world).await;
    }
    world.deliver().await;
});

on_each_database!(an_account_that_left_meanwhile_reads_of_the_end_once, async |world| {
    let story = meridian(world).await;
    let leilani = world.signed_in(&story.leilani).await;
    ask(&leilani, story.portfolio.scope, &story.marta).await.unwrap();
    let link = world.reset_link(&story.marta).await;
    let Scope::Account(lumen) = story.lumen.scope else { panic!() };
    reach::link(world.backend.database.write(), lumen, Some(story.portfolio.id), None).await.unwrap();
    // She is within reach by Northwind, so the request still has its ground.
    accept(&world.backend, &link).await.unwrap();
    world.wait_out(24 * HOUR).await;
    world.deliver().await;
    let told =
        ["Leilani: mfa_reset_requested → Marta", "Marta: mfa_reset_accepted → Marta", "Marta: mfa_reset_done → Marta"];
    assert_eq!(world.log_of(story.lumen.scope).await, told);
});

on_each_database!(a_database_of_before_gets_its_reach, async |world| {
    let story = meridian(world).await;
    world.set_status(&story.marta, story.northwind.scope, MembershipStatus::Deactivated).await;
    let before = world.rows::<membership::Entity>().await;
    let on = world.backend.database.write();
    migrations::Migrator::down(on, Some(since("_reach"))).await.unwrap();
    migrations::Migrator::up(on, None).await.unwrap();
    is_consistent(world).await;
    let leads = |rows: Vec<membership::Model>| {
        let mut leads: Vec<_> =
            rows.into_iter().filter(|row| row.leads).map(|row| (row.id, row.portfolio_id)).collect();
        leads.sort_unstable();
        leads
    };
    assert_eq!(leads(world.rows::<membership::Entity>().await), leads(before));
    let leilani = world.signed_in(&story.leilani).await;
    let seen = page(&leilani, story.portfolio.scope, UserQuery::default()).await;
    assert_eq!((names(&seen), seen.headcount.members), (vec!["Leilani", "Marta", "Olga"], 3));
});
