//! Settings > Users (6.1): pages by key, filters, search, and what a reader of the page may see.

use crate::support::{Account, Browser, HOUR, MS, World};
use backend::{Error, operator, store::entity::membership, users};
use domain::{
    authenticators::FactorKind,
    person::{EmailAddress, Name},
    policy::Denied,
    roles::Role,
    users::{MembershipStatus, MfaFilter, UserPage, UserQuery, UserSort},
};
use sea_orm::{EntityTrait, IntoActiveModel};
use std::collections::BTreeSet;
use uuid::Uuid;

async fn page(browser: &Browser<'_>, account: &Account, query: UserQuery) -> UserPage {
    users::list(&browser.backend, &browser.me().await, account.scope, &query).await.unwrap()
}

fn names(page: &UserPage) -> Vec<&str> {
    page.rows.iter().map(|row| row.name.as_str()).collect()
}

/// An account of 61: an Admin, and sixty members with many the same name and many never here.
async fn crowd<'w>(world: &'w World, account: &Account) -> Browser<'w> {
    let chiara = world.user("Chiara").with_totp().admin_of(account).await;
    let browser = world.signed_in(&chiara).await;
    let write = world.backend.database.write();
    for number in 0..60u32 {
        let id = world.backend.random.uuid(world.now());
        let email = format!("member{number}@crowd.example");
        let person = backend::store::entity::user::Model {
            id,
            email: email.clone(),
            email_folded: email.clone(),
            ..world.row_of(&chiara).await
        };
        // Three names for forty of them, so that ties are longer than a page.
        let name = match number {
            0..40 => format!("Name {}", number % 2),
            _ => format!("Zoë {number:02}"),
        };
        let place = membership::Model {
            id: world.backend.random.uuid(world.now()),
            user_id: id,
            role: Role::Support.key().into(),
            name_folded: backend::fold::text(&name),
            search_folded: backend::fold::text(&format!("{name} {email}")),
            name,
            factor_kinds: i16::from(number % 5 == 0) * 2,
            // Forty were never here, the rest twice five at the same moment.
            last_used_at: if number % 3 == 0 { i64::from(number / 6) * 1000 } else { 0 },
            status: MembershipStatus::Active.key().into(),
            ..world.place_of(&chiara, account.scope).await
        };
        let person = sea_orm::ActiveModelTrait::reset_all(person.into_active_model());
        backend::store::entity::user::Entity::insert(person).exec_without_returning(write).await.unwrap();
        let place = sea_orm::ActiveModelTrait::reset_all(place.into_active_model());
        membership::Entity::insert(place).exec_without_returning(write).await.unwrap();
    }
    browser
}

on_each_database!(a_walk_by_key_meets_everybody_once_in_every_order_and_both_directions, async |world| {
    let (account, other) = (world.account("Northwind").await, world.account("Contoso").await);
    world.user("Stella").with_totp().owner_of(&other).await;
    let browser = crowd(world, &account).await;
    for sort in UserSort::ALL {
        let (mut forwards, mut query, mut pages) = (Vec::new(), UserQuery { sort: *sort, ..UserQuery::default() }, 0);
        let last = loop {
            let seen = page(&browser, &account, query.clone()).await;
            pages += 1;
            assert_eq!(seen.before.is_some(), pages > 1, "{sort:?}");
            forwards.extend(seen.rows.iter().map(|row| row.user_id));
            match seen.after.clone() {
                Some(after) => query.after = Some(after),
                None => break seen,
            }
        };
        assert_eq!((pages, forwards.len()), (3, 61), "{sort:?}");
        assert_eq!(forwards.iter().collect::<BTreeSet<_>>().len(), 61, "{sort:?}: nobody twice");
        // And back.
        let mut backwards: Vec<_> = last.rows.iter().rev().map(|row| row.user_id).collect();
        let mut before = last.before;
        while let Some(cursor) = before {
            let query = UserQuery { sort: *sort, before: Some(cursor), ..UserQuery::default() };
            let seen = page(&browser, &account, query).await;
            assert!(seen.after.is_some());
            backwards.extend(seen.rows.iter().rev().map(|row| row.user_id));
            before = seen.before;
        }
        backwards.reverse();
        assert_eq!(backwards, forwards, "{sort:?}");
    }
});

on_each_database!(the_order_is_what_it_says, async |world| {
    let account = world.account("Northwind").await;
    let browser = crowd(world, &account).await;
    for sort in UserSort::ALL {
        let query = UserQuery { sort: *sort, ..UserQuery::default() };
        let rows = page(&browser, &account, query).await.rows;
        let in_order = match sort {
            UserSort::Name => rows.is_sorted_by_key(|row| backend::fold::text(&row.name)),
            UserSort::NameDesc => {
                rows.is_sorted_by(|a, b| backend::fold::text(&a.name) >= backend::fold::text(&b.name))
            }
            UserSort::LastActive => rows.is_sorted_by(|a, b| a.last_used_at >= b.last_used_at),
            UserSort::LastActiveAsc => rows.is_sorted_by_key(|row| row.last_used_at),
        };
        assert!(in_order, "{sort:?}");
    }
});

on_each_database!(a_walk_with_a_filter_meets_whom_the_filter_leaves, async |world| {
    let account = world.account("Northwind").await;
    let browser = crowd(world, &account).await;
    let mut query = UserQuery { q: "NAME  1".into(), mfa: Some(MfaFilter::Off), ..UserQuery::default() };
    let (mut seen, mut filtered) = (BTreeSet::new(), None);
    loop {
        let page = page(&browser, &account, query.clone()).await;
        assert!(page.rows.iter().all(|row| row.name == "Name 1" && row.factors.is_empty()));
        seen.extend(page.rows.iter().map(|row| row.user_id));
        filtered = page.filtered.or(filtered);
        match page.after {
            Some(after) => query.after = Some(after),
            None => break,
        }
    }
    // Of twenty, those whose number ends in 5 have a factor.
    assert_eq!((seen.len(), filtered), (16, Some(16)));
});

on_each_database!(filters_leave_whom_they_say, async |world| {
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let bruno = world.user("Bruno").analyst_of(&account).await;
    let iris = world.user("Iris").analyst_of(&account).await;
    world.set_status(&iris, account.scope, MembershipStatus::Invited).await;
    world.set_status(&bruno, account.scope, MembershipStatus::Deactivated).await;
    let browser = world.signed_in(&chiara).await;
    let left = async |query: UserQuery| {
        let page = page(&browser, &account, query).await;
        assert_eq!(page.filtered.map(|count| count as usize), Some(page.rows.len()));
        names(&page).join(" ")
    };
    let all = UserQuery::default();
    assert_eq!(left(UserQuery { role: Some(Role::Analyst.key()), ..all.clone() }).await, "Bruno Iris");
    assert_eq!(left(UserQuery { role: Some(Role::PortfolioOwner.key()), ..all.clone() }).await, "");
    assert_eq!(left(UserQuery { mfa: Some(MfaFilter::On), ..all.clone() }).await, "Chiara Marta");
    assert_eq!(left(UserQuery { mfa: Some(MfaFilter::Off), ..all.clone() }).await, "Bruno Iris");
    assert_eq!(left(UserQuery { status: Some(MembershipStatus::Invited), ..all.clone() }).await, "Iris");
    assert_eq!(left(UserQuery { status: Some(MembershipStatus::Deactivated), ..all.clone() }).await, "Bruno");
    assert_eq!(left(UserQuery { q: "RTA".into(), ..all.clone() }).await, "Marta");
    assert_eq!(
        left(UserQuery { q: "postern.example".into(), role: Some(Role::Manager.key()), ..all.clone() }).await,
        "Marta"
    );
    crate::mfa_reset::ask(&browser, account.scope, &marta).await.unwrap();
    assert_eq!(left(UserQuery { mfa: Some(MfaFilter::Pending), ..all.clone() }).await, "Marta");
    world.deliver().await;
    world.advance(12 * HOUR - MS);
    let browser = world.signed_in(&chiara).await;
    let pending = UserQuery { mfa: Some(MfaFilter::Pending), ..all };
    assert_eq!(names(&page(&browser, &account, pending).await), [""; 0], "expired by itself");
});

on_each_database!(a_filter_by_method_leaves_everybody_who_has_it_among_whatever_others, async |world| {
    let portfolio = world.portfolio("Meridian").await;
    let account = world.account("Northwind").linked_to(&portfolio).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).portfolio_admin_of(&portfolio).await;
    // One for each set of kinds that there is.
    for bits in 0..1u8 << FactorKind::ALL.len() {
        let person = world.user(&format!("Has {bits}")).analyst_of(&account).await;
        let values = [i16::from(bits).into(), person.id.0.into()];
        world.execute("UPDATE memberships SET factor_kinds = ? WHERE user_id = ?", values).await;
    }
    let browser = world.signed_in(&chiara).await;
    for scope in [account.scope, portfolio.scope] {
        for (mfa, found) in [
            (MfaFilter::Sms, "Has 1, Has 3, Has 5, Has 7"),
            (MfaFilter::Totp, "Chiara, Has 2, Has 3, Has 6, Has 7"),
            (MfaFilter::Passkey, "Has 4, Has 5, Has 6, Has 7"),
            (MfaFilter::On, "Chiara, Has 1, Has 2, Has 3, Has 4, Has 5, Has 6, Has 7"),
            (MfaFilter::Off, "Has 0"),
        ] {
            let query = UserQuery { mfa: Some(mfa), ..UserQuery::default() };
            let page = users::list(&browser.backend, &browser.me().await, scope, &query).await.unwrap();
            assert_eq!(names(&page).join(", "), found, "{mfa:?} in {scope}");
            assert_eq!(page.filtered.map(|count| count as usize), Some(page.rows.len()), "{mfa:?}");
        }
    }
});

on_each_database!(percent_underscore_and_backslash_are_letters_like_others, async |world| {
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    for (number, name) in ["100% Cotton", "under_score", "back\\slash", "O'Neil", "plain"].into_iter().enumerate() {
        world.user(name).at(&format!("{number}@crowd.example")).analyst_of(&account).await;
    }
    let browser = world.signed_in(&chiara).await;
    for (sought, found) in [
        ("%", "100% Cotton"),
        ("0% c", "100% Cotton"),
        ("_", "under_score"),
        ("r_s", "under_score"),
        ("\\", "back\\slash"),
        ("k\\s", "back\\slash"),
        ("o'n", "O'Neil"),
        ("%%", ""),
        ("\\%", ""),
        ("plain%", ""),
        ("'; DROP TABLE users; --", ""),
    ] {
        let page = page(&browser, &account, UserQuery { q: sought.into(), ..UserQuery::default() }).await;
        assert_eq!(names(&page).join(" "), found, "{sought}");
    }
});

on_each_database!(search_reads_past_case_and_accents_in_names_and_addresses, async |world| {
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    for (email, name) in [("gudrun@nils.example", "Guðrún Nílsdóttir"), ("jürgen@bücher.example", "J. Müller")] {
        let (email, name) = (EmailAddress::parse(email).unwrap(), Name::parse(name).unwrap());
        operator::create_user(&world.backend, &email, &name, Some((account.id(), Role::Analyst))).await.unwrap();
    }
    world.deliver().await;
    let browser = world.signed_in(&chiara).await;
    for (sought, found) in [
        ("NILSDOTTIR", "Guðrún Nílsdóttir"),
        ("nílsdóttir", "Guðrún Nílsdóttir"),
        ("mull", "J. Müller"),
        ("jürgen@BÜCHER", "J. Müller"),
        ("jurgen", "J. Müller"),
        ("bucher.ex", "J. Müller"),
    ] {
        let page = page(&browser, &account, UserQuery { q: sought.into(), ..UserQuery::default() }).await;
        assert_eq!(names(&page).join(" "), found, "{sought}");
    }
});

on_each_database!(whatever_a_url_says_it_is_a_page_and_never_an_error, async |world| {
    let (account, other) = (world.account("Northwind").await, world.account("Contoso").await);
    let stella = world.user("Stella").with_totp().owner_of(&other).await;
    let of_stella = world.place_of(&stella, other.scope).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let browser = world.signed_in(&chiara).await;
    let forged = [
        String::new(),
        "~".into(),
        "not-a-uuid~a".into(),
        format!("{}~", Uuid::nil()),
        format!("{}~'; DROP TABLE users; --", Uuid::nil()),
        format!("{}~\0", Uuid::nil()),
        format!("{}~{}", Uuid::max(), i64::MIN),
        format!("{}~99999999999999999999999999", Uuid::nil()),
        format!("{}~{}", Uuid::nil(), "z".repeat(100_000)),
        // A row of somebody else's scope.
        format!("{}~{}", of_stella.id, of_stella.name_folded),
        format!("{}~{}", of_stella.id, of_stella.last_used_at),
    ];
    for cursor in &forged {
        for sort in UserSort::ALL {
            for after in [true, false] {
                let cursor = Some(cursor.clone());
                let query = match after {
                    true => UserQuery { sort: *sort, after: cursor, ..UserQuery::default() },
                    false => UserQuery { sort: *sort, before: cursor, ..UserQuery::default() },
                };
                let seen = page(&browser, &account, query.clone()).await;
                assert!(seen.rows.iter().all(|row| row.user_id == chiara.id), "{query:?}");
            }
        }
    }
    for q in ["\0", "a\0b", "\u{202e}", "\n", &"x".repeat(100_000), &"%".repeat(5_000), "\u{fdfa}"] {
        let seen = page(&browser, &account, UserQuery { q: q.into(), ..UserQuery::default() }).await;
        assert!(seen.rows.iter().all(|row| row.user_id == chiara.id), "{q:?}");
    }
});

on_each_database!(another_scopes_rows_are_never_listed, async |world| {
    let (account, other) = (world.account("Northwind").await, world.account("Contoso").await);
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).admin_of(&other).await;
    world.user("Stella").with_totp().owner_of(&other).await;
    let browser = world.signed_in(&chiara).await;
    let of_marta = world.signed_in(&marta).await;
    crate::mfa_reset::ask(&of_marta, other.scope, &world.user("Zed").with_totp().analyst_of(&other).await)
        .await
        .unwrap();
    for query in [
        UserQuery::default(),
        UserQuery { q: "stella".into(), ..UserQuery::default() },
        UserQuery { role: Some(Role::Owner.key()), ..UserQuery::default() },
        UserQuery { mfa: Some(MfaFilter::Pending), ..UserQuery::default() },
    ] {
        let seen = page(&browser, &account, query).await;
        assert!(seen.rows.iter().all(|row| [chiara.id, marta.id].contains(&row.user_id)));
        // Marta is a Manager here, whatever she is elsewhere.
        assert!(seen.rows.iter().all(|row| row.user_id != marta.id || row.role == Some(Role::Manager.into())));
    }
    let denied = users::list(&world.backend, &browser.me().await, other.scope, &UserQuery::default()).await;
    assert!(matches!(denied, Err(backend::Error::Denied(Denied::Unseen))));
    world.deliver().await;
});

on_each_database!(who_may_not_see_resets_learns_of_none, async |world| {
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let zed = world.user("Zed").with_totp().analyst_of(&account).await;
    let of_chiara = world.signed_in(&chiara).await;
    crate::mfa_reset::ask(&of_chiara, account.scope, &zed).await.unwrap();
    world.deliver().await;
    let of_marta = world.signed_in(&marta).await;
    let all = page(&of_marta, &account, UserQuery::default()).await;
    assert_eq!(names(&all), ["Chiara", "Marta", "Zed"]);
    assert!(all.rows.iter().all(|row| row.pending.is_none() && row.resets_today == 0));
    // Nor by filtering for them.
    let pending = UserQuery { mfa: Some(MfaFilter::Pending), ..UserQuery::default() };
    assert_eq!(names(&page(&of_marta, &account, pending).await), ["Chiara", "Marta", "Zed"]);
});

on_each_database!(without_the_permission_there_is_no_list, async |world| {
    let account = world.account("Northwind").await;
    let zed = world.user("Zed").with_totp().analyst_of(&account).await;
    let browser = world.signed_in(&zed).await;
    for role in [Role::Analyst, Role::CampaignCoordinator, Role::ContentCreator, Role::Support] {
        world.set_role(&zed, account.scope, role).await;
        let denied = users::list(&world.backend, &browser.me().await, account.scope, &UserQuery::default()).await;
        assert!(matches!(denied, Err(backend::Error::Denied(Denied::RoleLacks { .. }))), "{role:?}");
        let denied = users::find(&world.backend, &browser.me().await, account.scope, "zed".into()).await;
        assert!(matches!(denied, Err(backend::Error::Denied(Denied::RoleLacks { .. }))), "{role:?}");
    }
});

on_each_database!(a_few_are_found_to_jump_to_and_only_here, async |world| {
    let (account, other) = (world.account("Northwind").await, world.account("Contoso").await);
    world.user("Zoë Elsewhere").with_totp().owner_of(&other).await;
    let browser = crowd(world, &account).await;
    let find = async |text: &str| {
        users::find(&browser.backend, &browser.me().await, account.scope, text.into()).await.unwrap()
    };
    let found = find("ZOË 4").await;
    let names: Vec<_> = found.people.iter().map(|person| person.name.as_str()).collect();
    assert_eq!(
        names,
        ["Zoë 40", "Zoë 41", "Zoë 42", "Zoë 43", "Zoë 44", "Zoë 45", "Zoë 46", "Zoë 47"],
        "eight, by name"
    );
    assert_eq!(found.people[0].email, "member40@crowd.example");
    assert_eq!(found.text, "ZOË 4", "so that an answer is told from the one to another question");
    assert_eq!(find("elsewhere").await.people, []);
    assert_eq!(find("  ").await.people, []);
    let denied = users::find(&browser.backend, &browser.me().await, other.scope, "zoë".into()).await;
    assert!(matches!(denied, Err(Error::Denied(Denied::Unseen))));
});

on_each_database!(totals_come_from_the_counters, async |world| {
    let account = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    world.user("Bruno").analyst_of(&account).await;
    let browser = world.signed_in(&chiara).await;
    let seen = page(&browser, &account, UserQuery::default()).await;
    assert_eq!((seen.headcount.members, seen.headcount.with_mfa, seen.filtered), (2, 1, None));
    let (email, name) = (EmailAddress::parse("dora@postern.example").unwrap(), Name::parse("Dora").unwrap());
    operator::create_user(&world.backend, &email, &name, Some((account.id(), Role::Support))).await.unwrap();
    let seen = page(&browser, &account, UserQuery::default()).await;
    assert_eq!((seen.headcount.members, seen.headcount.with_mfa), (3, 1));
    world.deliver().await;
});

on_each_database!(an_export_has_whom_the_filters_leave_once_each_and_ends_with_the_right_to_it, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    for number in 0..210 {
        world.user(&format!("Nina {number:03}")).analyst_of(&account).await;
    }
    let (admin, manager) = (world.signed_in(&chiara).await, world.signed_in(&marta).await);
    let export = async |query: UserQuery| {
        let (mut names, mut from) = (Vec::new(), None::<String>);
        loop {
            let me = admin.me().await;
            let part = users::export(&admin.backend, &me, account.scope, &query, from.as_deref()).await;
            let (people, next) = part.unwrap();
            names.extend(people.into_iter().map(|one| one.name));
            let Some(next) = next else { return names };
            from = Some(next);
        }
    };
    let all = export(UserQuery::default()).await;
    assert_eq!(all.len(), 213);
    assert!(all.is_sorted() && all.windows(2).all(|two| two[0] != two[1]));
    assert_eq!(export(UserQuery { q: "nina 20".into(), ..UserQuery::default() }).await.len(), 10);
    let with = UserQuery { mfa: Some(MfaFilter::On), ..UserQuery::default() };
    assert_eq!(export(with).await, ["Chiara", "Marta", "Olga"]);
    let log = world.log_of(account.scope).await;
    assert_eq!(log.iter().filter(|line| line.starts_with("Chiara: users_exported")).count(), 3, "{log:?}");
    // To look is not to take away, and who lost the right in the middle gets no further part.
    let query = UserQuery::default();
    let refused = users::export(&manager.backend, &manager.me().await, account.scope, &query, None).await;
    assert!(matches!(refused, Err(Error::Denied(Denied::RoleLacks { .. }))), "{refused:?}");
    let me = admin.me().await;
    let (_, next) = users::export(&admin.backend, &me, account.scope, &query, None).await.unwrap();
    world.set_role_by(Some(&olga), &chiara, account.scope, Role::Manager).await;
    let refused = users::export(&admin.backend, &me, account.scope, &query, next.as_deref()).await;
    assert!(matches!(refused, Err(Error::Denied(Denied::RoleLacks { .. }))), "{refused:?}");
});
