//! “Require MFA for all users” (4.8).

use crate::support::{Browser, HOUR, MINUTE};
use backend::{Error, Result, mfa_requirement, store::entity::authenticator};
use domain::{
    accounts::Plan,
    policy::Denied,
    roles::{Area, Level, Role},
    scope::Scope,
    sessions::{Standing, StepUp},
};

async fn set(browser: &Browser<'_>, scope: Scope, required: bool) -> Result<()> {
    mfa_requirement::set(&browser.backend, &browser.me().await, scope, required).await
}

fn denied<T: std::fmt::Debug>(answer: Result<T>) -> Denied {
    match answer {
        Err(Error::Denied(denied)) => denied,
        other => panic!("{other:?}"),
    }
}

on_each_database!(turned_on_it_acts_on_open_sessions_and_turned_off_it_unenrols_nobody, async |world| {
    let account = world.account("Freehold").free().await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let bruno = world.user("Bruno").analyst_of(&account).await;
    let (of_chiara, of_bruno) = (world.signed_in(&chiara).await, world.signed_in(&bruno).await);
    assert_eq!(of_bruno.me().await.standing(), Standing::Enter);
    set(&of_chiara, account.scope, true).await.unwrap();
    assert_eq!(of_bruno.me().await.standing(), Standing::EnrolOnly);
    assert_eq!(of_chiara.me().await.standing(), Standing::Enter);
    world.advance(MINUTE);
    set(&of_chiara, account.scope, false).await.unwrap();
    assert_eq!(of_bruno.me().await.standing(), Standing::EnrolOnly);
    // A day later, so that whoever is told can call it off.
    world.advance(24 * HOUR);
    world.deliver().await;
    let of_bruno = world.signed_in(&bruno).await;
    assert_eq!(of_bruno.me().await.standing(), Standing::Enter);
    assert_eq!(world.rows::<authenticator::Entity>().await.len(), 1);
    let log = ["Chiara: mfa_required", "Chiara: mfa_requirement_loosening", "system: mfa_not_required"];
    assert_eq!(world.log_of(account.scope).await, log);
    world.deliver().await;
});

on_each_database!(on_a_paid_plan_it_stays_on, async |world| {
    let account = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let browser = world.signed_in(&olga).await;
    assert_eq!(denied(set(&browser, account.scope, false).await), Denied::PlanRequiresMfa);
    let shown = mfa_requirement::get(&world.backend, &browser.me().await, account.scope).await.unwrap();
    assert_eq!((shown.required, shown.plan, shown.security_contact.as_str()), (true, Some(Plan::Paid), "Olga"));
    assert_eq!((shown.headcount.members, shown.headcount.with_mfa), (1, 1));
});

on_each_database!(set_to_what_it_is_it_changes_and_records_nothing, async |world| {
    let account = world.account("Freehold").free().await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let browser = world.signed_in(&olga).await;
    set(&browser, account.scope, false).await.unwrap();
    assert!(world.log_of(account.scope).await.is_empty());
});

on_each_database!(it_takes_the_permission_and_a_fresh_proof, async |world| {
    let account = world.account("Freehold").free().await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let browser = world.signed_in(&chiara).await;
    world.advance(10 * MINUTE);
    assert_eq!(denied(set(&browser, account.scope, true).await), Denied::StepUpNeeded(StepUp::NeedsAuthenticator));
    for role in [Role::Manager, Role::Analyst, Role::Support] {
        world.set_role(&chiara, account.scope, role).await;
        let lacks = |level| Denied::RoleLacks { area: Area::SecuritySettings, level };
        assert_eq!(denied(set(&browser, account.scope, true).await), lacks(Level::Edit));
        let shown = mfa_requirement::get(&world.backend, &browser.me().await, account.scope).await;
        assert_eq!(denied(shown), lacks(Level::View));
    }
});

on_each_database!(another_accounts_requirement_is_not_there, async |world| {
    let (account, other) = (world.account("Freehold").free().await, world.account("Contoso").free().await);
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let browser = world.signed_in(&chiara).await;
    assert_eq!(denied(set(&browser, other.scope, true).await), Denied::Unseen);
    assert_eq!(denied(mfa_requirement::get(&world.backend, &browser.me().await, other.scope).await), Denied::Unseen);
    assert_eq!(world.number("SELECT COUNT(*) FROM accounts WHERE require_mfa", []).await, 0);
});

on_each_database!(a_portfolio_requires_of_its_own_people, async |world| {
    let portfolio = world.portfolio("Group").await;
    let account = world.account("Freehold").free().linked_to(&portfolio).await;
    let petra = world.user("Petra").with_totp().portfolio_owner_of(&portfolio).await;
    let pia = world.user("Pia").with_role(Role::PortfolioAnalyst, portfolio.scope).await;
    let bruno = world.user("Bruno").analyst_of(&account).await;
    let of_petra = world.signed_in(&petra).await;
    let (of_pia, of_bruno) = (world.signed_in(&pia).await, world.signed_in(&bruno).await);
    set(&of_petra, portfolio.scope, true).await.unwrap();
    assert_eq!(of_pia.me().await.standing(), Standing::EnrolOnly);
    assert_eq!(of_bruno.me().await.standing(), Standing::Enter, "a portfolio user is not a member of linked accounts");
    let shown = mfa_requirement::get(&world.backend, &of_petra.me().await, portfolio.scope).await.unwrap();
    assert_eq!((shown.required, shown.plan), (true, None));
    set(&of_petra, portfolio.scope, false).await.unwrap();
    world.deliver().await;
});
