//! An account or portfolio closed by its Owner (2.3); by the operator see `operator::accounts`.

use crate::{
    mfa_reset::{ask as ask_for_reset, denied},
    portfolio::is_consistent,
    support::{Browser, HOUR},
};
use backend::{
    Error, Result, accounts, closing, invitations, mfa_reset,
    operator::{self, Refused, When},
    portfolios,
    store::entity::{account, portfolio},
    users,
};
use domain::{
    errors::{Conflict, Field, Problem},
    mfa_reset::{EndReason, State},
    person::{EmailAddress, Reason},
    policy::Denied,
    roles::Role,
    scope::Scope,
};

async fn close(browser: &Browser<'_>, scope: Scope, name: &str) -> Result<()> {
    closing::close(&browser.backend, &browser.me().await, scope, name).await
}

on_each_database!(an_owner_closes_an_account_and_nobody_enters_it_any_more, async |world| {
    let above = world.portfolio("Meridian Group").await;
    let northwind = world.account("Northwind").linked_to(&above).await;
    let elsewhere = world.account("Lumen Studio").await;
    let kwame = world.user("Kwame").with_totp().portfolio_owner_of(&above).await;
    let olga = world.user("Olga").with_totp().owner_of(&northwind).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&northwind).manager_of(&elsewhere).await;
    let marta = world.user("Marta").with_totp().manager_of(&northwind).await;
    let (owner, admin, desk) =
        (world.signed_in(&olga).await, world.signed_in(&chiara).await, world.signed_in(&kwame).await);
    let scope = northwind.scope;
    let guest = EmailAddress::parse("guest@new.example").unwrap();
    invitations::invite(&world.backend, &owner.me().await, scope, &guest, "en", Role::Support).await.unwrap();
    ask_for_reset(&admin, scope, &marta).await.unwrap();
    let link = world.reset_link(&marta).await;

    // Nobody but the Owner, who means this one, with a fresh proof.
    assert_eq!(denied(close(&admin, scope, "Northwind").await), Denied::OwnersAlone);
    assert_eq!(closing::get(&world.backend, &admin.me().await, scope).await.unwrap().closing, None);
    assert_eq!(denied(close(&desk, scope, "Northwind").await), Denied::Unseen, "not through the portfolio");
    let other = close(&owner, scope, "Lumen Studio").await;
    assert!(
        matches!(other, Err(Error::Invalid(ref fields)) if fields.of(Field::Name) == Some(Problem::Unknown)),
        "{other:?}"
    );
    let page = closing::get(&world.backend, &owner.me().await, scope).await.unwrap().closing.unwrap();
    assert_eq!((page.people, page.invitations, page.resets), (3, 1, 1));
    assert_eq!((page.portfolio.as_deref(), page.accounts), (Some("Meridian Group"), 0));
    world.advance(HOUR);
    let late = denied(close(&owner, scope, "Northwind").await);
    assert!(matches!(late, Denied::StepUpNeeded(_)), "{late:?}");
    let (owner, admin, desk) =
        (world.signed_in(&olga).await, world.signed_in(&chiara).await, world.signed_in(&kwame).await);
    world.deliver().await;
    close(&owner, scope, " northwind ").await.unwrap();

    let page = accounts::overview(&world.backend, &admin.me().await, scope).await;
    assert_eq!(denied(page), Denied::Unseen, "an open page too");
    let mine = accounts::scopes(&world.backend, &admin.me().await).await.unwrap();
    assert_eq!(mine.iter().map(|place| place.name.as_str()).collect::<Vec<_>>(), ["Lumen Studio"]);
    let peeked = mfa_reset::peek(&world.backend, &link).await.unwrap();
    assert_eq!((peeked.state, peeked.reason), (State::Cancelled, Some(EndReason::ScopeClosed)));
    let listed = users::list(&world.backend, &desk.me().await, above.scope, &Default::default()).await.unwrap();
    assert_eq!(listed.rows.iter().map(|row| row.user_id).collect::<Vec<_>>(), [kwame.id]);
    let log = world.log_of(scope).await;
    assert!(log.contains(&"Olga: account_closed".to_owned()), "{log:?}");
    assert_eq!(world.log_of(above.scope).await, ["Olga: account_closed (Northwind)"]);
    let told: Vec<_> = world.deliver().await.into_iter().filter(|mail| mail.subject == "Northwind is closed").collect();
    let mut to: Vec<_> = told.iter().map(|mail| mail.to.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, [chiara.email.as_str(), olga.email.as_str()]);
    assert_eq!(denied(close(&owner, scope, "Northwind").await), Denied::Unseen);
    is_consistent(world).await;
});

on_each_database!(a_portfolio_is_closed_once_no_account_is_in_it, async |world| {
    let above = world.portfolio("Meridian Group").await;
    let northwind = world.account("Northwind").linked_to(&above).await;
    let lumen = world.account("Lumen Studio").await;
    let kwame = world.user("Kwame").with_totp().portfolio_owner_of(&above).admin_of(&lumen).await;
    let dana = world.user("Dana").with_totp().owner_of(&lumen).await;
    let desk = world.signed_in(&kwame).await;
    portfolios::ask(&world.backend, &desk.me().await, above.scope, lumen.id()).await.unwrap();
    let refused = close(&desk, above.scope, "Meridian Group").await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::StillLinked { accounts: 1 }))), "{refused:?}");
    assert!(world.rows::<portfolio::Entity>().await.iter().all(|row| row.closed_at.is_none()), "nothing changed");
    portfolios::unlink(&world.backend, &desk.me().await, above.scope, northwind.id()).await.unwrap();
    close(&desk, above.scope, "Meridian Group").await.unwrap();
    assert_eq!(denied(accounts::overview(&world.backend, &desk.me().await, above.scope).await), Denied::Unseen);
    let log = world.log_of(above.scope).await;
    assert!(log.contains(&"Kwame: portfolio_closed".to_owned()), "{log:?}");
    // What it asked has ended, and it gets no Owner any more.
    let owner = world.signed_in(&dana).await;
    let waiting =
        portfolios::account_link(&world.backend, &owner.me().await, lumen.scope, Default::default()).await.unwrap();
    assert!(waiting.requests.is_empty(), "{waiting:?}");
    let heir = EmailAddress::parse(&dana.email).unwrap();
    let because = Reason::parse("as agreed").unwrap();
    let set = operator::set_owner(&world.backend, above.scope, &heir, &because, When::Now).await;
    assert!(matches!(set, Err(Refused::Closed)), "{set:?}");
    is_consistent(world).await;
    world.deliver().await;
});

on_each_database!(of_any_number_who_close_one_does_and_nothing_joins_meanwhile, async |world| {
    for round in 0..4 {
        let above = world.portfolio(&format!("Group {round}")).await;
        let lumen = world.account(&format!("Lumen {round}")).await;
        let kwame = world.user(&format!("Kwame {round}")).with_totp().portfolio_owner_of(&above).admin_of(&lumen).await;
        let dana = world.user(&format!("Dana {round}")).with_totp().owner_of(&lumen).await;
        let (desk, owner) = (world.signed_in(&kwame).await, world.signed_in(&dana).await);
        let asked = portfolios::ask(&world.backend, &desk.me().await, above.scope, lumen.id()).await.unwrap();
        let (desk, owner) = (desk.me().await, owner.me().await);
        let (group, name) = (above.scope, format!("Group {round}"));
        let outcomes = world
            .at_once(8, |server, number| {
                let (desk, owner, name) = (desk.clone(), owner.clone(), name.clone());
                let lumen = lumen.scope;
                async move {
                    match number / 2 % 2 {
                        0 => (true, closing::close(&server, &desk, group, &name).await),
                        _ => (false, portfolios::agree(&server, &owner, lumen, asked.id).await),
                    }
                }
            })
            .await;
        let done = |of: bool| outcomes.iter().filter(|(closes, answer)| *closes == of && answer.is_ok()).count();
        assert_eq!(done(true) + done(false), 1, "{outcomes:?}");
        let closed = world.rows::<portfolio::Entity>().await.into_iter().find(|row| row.id == group.uuid()).unwrap();
        let joined = world.rows::<account::Entity>().await.into_iter().find(|row| row.id == lumen.id().0).unwrap();
        assert_ne!(closed.closed_at.is_some(), joined.portfolio_id.is_some(), "{outcomes:?}");
        assert!(outcomes.iter().all(|(_, answer)| !matches!(answer, Err(Error::Internal(_)))), "{outcomes:?}");
        world.deliver().await;
    }
    is_consistent(world).await;
});
