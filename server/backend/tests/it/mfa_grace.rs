//! The time to set up a first method (4.8), and what a portfolio asks of its accounts at least.

use crate::{
    mfa_reset::{accept, asked, denied, northwind},
    support::{Account, Browser, HOUR, MS, Person, Portfolio, SoftKey, World},
};
use backend::{
    accounts, authenticators, mfa_policy, mfa_requirement, mfa_reset, roll_out, store, store::entity::authenticator,
    users,
};
use domain::{
    loosening::LOOSENING,
    mfa_policy::{GraceDays, MfaPolicy, MfaPolicySettings, TrustDays},
    person::Reason,
    policy::Denied,
    roles::Role,
    roll_out::RollOutQuery,
    scope::Scope,
    sessions::Standing,
    users::UserQuery,
};
use std::time::Duration;

const DAY: Duration = HOUR.saturating_mul(24);

fn grace(days: u8) -> MfaPolicy {
    MfaPolicy { grace: GraceDays::try_from(days).unwrap(), ..MfaPolicy::default() }
}

/// As if it had been so for long.
async fn so(world: &World, scope: Scope, policy: MfaPolicy) {
    store::set_mfa_policy(world.backend.database.write(), scope, policy).await.unwrap();
}

async fn set(browser: &Browser<'_>, scope: Scope, policy: MfaPolicy) -> backend::Result<()> {
    mfa_policy::set(&browser.backend, &browser.me().await, scope, policy).await
}

async fn get(browser: &Browser<'_>, scope: Scope) -> MfaPolicySettings {
    mfa_policy::get(&browser.backend, &browser.me().await, scope).await.unwrap()
}

/// Somebody without a method in an account that gives seven days.
async fn bruno(world: &World) -> (Account, Person) {
    let account = world.account("Northwind").await;
    so(world, account.scope, grace(7)).await;
    let bruno = world.user("Bruno").analyst_of(&account).await;
    (account, bruno)
}

async fn began(world: &World, person: &Person) -> Option<i64> {
    world.row_of(person).await.mfa_grace_from
}

// ── the time to set it up ─────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(it_begins_with_the_first_visit_and_ends_in_open_sessions_too, async |world| {
    let (account, bruno) = bruno(world).await;
    let mut phone = world.browser();
    assert_eq!(phone.password(&bruno).await.unwrap(), Standing::AwaitingDeviceCode);
    phone.me().await;
    assert_eq!(began(world, &bruno).await, None, "a password alone begins nothing");
    let code = world.mailed_code(&bruno).await;
    assert_eq!(phone.device_code(&code).await.unwrap(), Standing::Enter);
    let from = world.now();
    let seen = accounts::console(&phone.backend, &phone.me().await, account.scope).await.unwrap();
    assert_eq!((seen.grace_until, began(world, &bruno).await), (Some(from + 7 * DAY), Some(from.ms())));

    world.clock.set(from + 7 * DAY - HOUR);
    assert_eq!(phone.sign_in(&bruno).await, Standing::Enter);
    world.clock.set(from + 7 * DAY - MS);
    assert_eq!(phone.me().await.standing(), Standing::Enter);
    world.advance(MS);
    assert_eq!(phone.me().await.standing(), Standing::EnrolOnly);
    assert_eq!(phone.sign_in(&bruno).await, Standing::EnrolOnly);
    phone.enrol().await.unwrap();
    assert_eq!(phone.me().await.standing(), Standing::Enter);
    world.deliver().await;
});

on_each_database!(of_all_that_begin_at_once_it_begins_once, async |world| {
    let (_, bruno) = bruno(world).await;
    let mut phone = world.browser();
    phone.password(&bruno).await.unwrap();
    let code = world.mailed_code(&bruno).await;
    phone.device_code(&code).await.unwrap();
    let visitor = phone.visitor.clone();
    let seen = world
        .at_once(8, |backend, _| {
            let visitor = visitor.clone();
            async move { backend::sessions::caller(&backend, &visitor).await.unwrap().demands.grace_from }
        })
        .await;
    let began = began(world, &bruno).await;
    assert!(began.is_some());
    assert!(seen.iter().all(|from| from.map(|from| from.ms()) == began), "{seen:?} {began:?}");
});

on_each_database!(the_shortest_of_the_places_that_require_it_counts, async |world| {
    let (account, bruno) = bruno(world).await;
    let mut phone = world.browser();
    assert_eq!(phone.sign_in(&bruno).await, Standing::Enter);
    let free = world.account("Freehold").free().await;
    world.join(&bruno, &free, Role::Support).await;
    assert_eq!(phone.me().await.standing(), Standing::Enter, "it requires none");
    let strict = world.account("Contoso").await;
    world.join(&bruno, &strict, Role::Support).await;
    assert_eq!(phone.me().await.standing(), Standing::EnrolOnly, "at once");
    world.remove(&bruno, strict.scope).await;
    // Counted from the first visit on which it was needed, whatever changes.
    so(world, account.scope, grace(14)).await;
    let from = began(world, &bruno).await.unwrap();
    assert_eq!(phone.me().await.demands.grace_until().map(|until| until.ms()), Some(from + 14 * 24 * 3_600_000));
});

on_each_database!(nobody_who_had_a_method_is_let_go_without, async |world| {
    let story = northwind(world).await;
    so(world, story.account.scope, grace(14)).await;
    // As if it had not been written down when the method was bound.
    world.execute("UPDATE users SET mfa_grace_from = NULL WHERE id = ?", [story.marta.id.0.into()]).await;
    let link = asked(world, &story).await;
    accept(&world.backend, &link).await.unwrap();
    assert_eq!(world.browser().sign_in(&story.marta).await, Standing::EnrolOnly, "by no reset");

    // Nor who sets one up within the days, in a place that requires none, and takes it away again.
    let free = world.account("Freehold").free().await;
    let ann = world.user("Ann").analyst_of(&free).await;
    let mut laptop = world.signed_in(&ann).await;
    laptop.enrol().await.unwrap();
    let bound: authenticator::Model =
        world.rows::<authenticator::Entity>().await.into_iter().find(|row| row.user_id == ann.id.0).unwrap();
    let id = domain::ids::AuthenticatorId(bound.id);
    let step = authenticators::unbind(&world.backend, &laptop.me().await, id).await.unwrap();
    laptop.take(step);
    assert_eq!(laptop.me().await.standing(), Standing::Enter);
    world.join(&ann, &story.account, Role::Support).await;
    assert_eq!(laptop.me().await.standing(), Standing::EnrolOnly);
    world.deliver().await;
});

on_each_database!(who_goes_without_resets_nobody, async |world| {
    let story = northwind(world).await;
    so(world, story.account.scope, grace(14)).await;
    let dora = world.user("Dora").admin_of(&story.account).await;
    let dora = world.signed_in(&dora).await;
    assert_eq!(dora.me().await.standing(), Standing::Enter);
    let scope = story.account.scope;
    let asked = mfa_reset::request(&world.backend, &dora.me().await, scope, story.marta.id, &Reason::none()).await;
    assert_eq!(denied(asked), Denied::OwnAuthenticatorNeeded);
});

on_each_database!(longer_is_looser_where_it_is_required_and_loosens_nothing_where_not, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    set(&chiara, scope, grace(7)).await.unwrap();
    let seen = get(&chiara, scope).await;
    assert_eq!((seen.own.policy.grace, seen.loosening.is_some()), (GraceDays::NEVER, true));
    world.advance(LOOSENING);
    world.deliver().await;
    let chiara = world.signed_in(&story.chiara).await;
    assert_eq!(get(&chiara, scope).await.own.policy, grace(7));
    set(&chiara, scope, grace(1)).await.unwrap();
    assert_eq!(get(&chiara, scope).await.own.policy, grace(1), "shorter holds at once");

    let free = world.account("Freehold").free().await;
    let olga = world.user("Olivia").with_totp().owner_of(&free).await;
    let olga = world.signed_in(&olga).await;
    set(&olga, free.scope, grace(14)).await.unwrap();
    assert_eq!(get(&olga, free.scope).await.own.policy, grace(14));
});

// ── what a portfolio asks of its accounts ─────────────────────────────────────────────────────────────────────────

struct Meridian {
    portfolio: Portfolio,
    manuel: Person,
    account: Account,
    olga: Person,
    bruno: Person,
}

/// A portfolio with an Owner, and an account on the free plan in it whose Owner has an app and whose other member has none.
async fn meridian(world: &World) -> Meridian {
    let portfolio = world.portfolio("Meridian").await;
    let manuel = world.user("Manuel").with_totp().portfolio_owner_of(&portfolio).await;
    let account = world.account("Freehold").free().linked_to(&portfolio).await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let bruno = world.user("Bruno").analyst_of(&account).await;
    Meridian { portfolio, manuel, account, olga, bruno }
}

on_each_database!(what_a_portfolio_requires_holds_in_its_accounts_once_it_says_so, async |world| {
    let Meridian { portfolio, manuel, account, olga, bruno } = meridian(world).await;
    let of_bruno = world.signed_in(&bruno).await;
    let manuel = world.signed_in(&manuel).await;
    mfa_requirement::set(&world.backend, &manuel.me().await, portfolio.scope, true).await.unwrap();
    assert_eq!(of_bruno.me().await.standing(), Standing::Enter, "for its own members");
    let floor = MfaPolicy { floor: true, ..MfaPolicy::default() };
    set(&manuel, portfolio.scope, floor).await.unwrap();
    assert_eq!(of_bruno.me().await.standing(), Standing::EnrolOnly, "at once");

    let of_olga = world.signed_in(&olga).await;
    let seen = mfa_requirement::get(&world.backend, &of_olga.me().await, account.scope).await.unwrap();
    assert_eq!((seen.required, seen.floor.map(|floor| floor.portfolio)), (true, Some("Meridian".to_owned())));
    let query = RollOutQuery::default();
    let roll_out = roll_out::get(&world.backend, &of_olga.me().await, account.scope, &query).await.unwrap();
    assert!(roll_out.required);
    for (browser, scope) in [(&of_olga, account.scope), (&manuel, portfolio.scope)] {
        let page = users::list(&world.backend, &browser.me().await, scope, &UserQuery::default()).await.unwrap();
        let row = page.rows.into_iter().find(|row| row.user_id == bruno.id).unwrap();
        assert!(row.mfa_required, "{scope:?}");
    }

    // Taken back, it holds for another day.
    set(&manuel, portfolio.scope, MfaPolicy::default()).await.unwrap();
    assert_eq!(of_bruno.me().await.standing(), Standing::EnrolOnly);
    world.advance(LOOSENING);
    world.deliver().await;
    assert_eq!(world.browser().sign_in(&bruno).await, Standing::Enter);
});

on_each_database!(no_account_is_laxer_than_its_portfolio_and_each_may_be_stricter, async |world| {
    let Meridian { portfolio, account, olga, bruno, .. } = meridian(world).await;
    let mut of_olga = world.signed_in(&olga).await;
    mfa_requirement::set(&world.backend, &of_olga.me().await, account.scope, true).await.unwrap();
    let days = |trust, grace_days| MfaPolicy { trust: TrustDays::try_from(trust).unwrap(), ..grace(grace_days) };
    so(world, account.scope, days(30, 14)).await;
    so(world, portfolio.scope, MfaPolicy { floor: true, ..days(7, 3) }).await;
    let demands = of_olga.me().await.demands;
    assert_eq!((demands.trust.get(), demands.grace.get()), (7, 3));
    let floor = get(&of_olga, account.scope).await.floor.unwrap();
    assert_eq!((floor.portfolio.as_str(), floor.rules.policy.trust.get()), ("Meridian", 7));
    so(world, account.scope, days(1, 0)).await;
    let demands = of_olga.me().await.demands;
    assert_eq!((demands.trust.get(), demands.grace.get()), (1, 0));
    // An account has no floor of its own to set.
    set(&of_olga, account.scope, MfaPolicy { floor: true, ..days(1, 0) }).await.unwrap();
    assert!(!get(&of_olga, account.scope).await.own.policy.floor);
    // Only passkeys: where the account requires MFA by itself too.
    so(world, portfolio.scope, MfaPolicy { floor: true, phishing_resistant: true, ..days(7, 0) }).await;
    assert_eq!(world.browser().sign_in(&bruno).await, Standing::EnrolPhishingResistant);
    of_olga.bind_passkey(&mut SoftKey::new(&world.backend.random), false).await.unwrap();
    // Saved as it is shown, nothing of it becomes the account's own, and nothing of its own is to be loosened.
    so(world, account.scope, MfaPolicy { phishing_resistant: true, ..days(30, 14) }).await;
    set(&of_olga, account.scope, days(7, 0)).await.unwrap();
    let seen = get(&of_olga, account.scope).await;
    assert_eq!(seen.own.policy, MfaPolicy { phishing_resistant: true, ..days(30, 14) });
    assert_eq!(seen.loosening, None);
    world.deliver().await;
    // Elsewhere nothing of it holds.
    let other = world.account("Contoso").await;
    let ann = world.user("Ann").with_totp().owner_of(&other).await;
    assert_eq!(world.browser().sign_in(&ann).await, Standing::Enter);
});

on_each_database!(what_changes_above_is_told_below, async |world| {
    let Meridian { portfolio, manuel, account, olga, .. } = meridian(world).await;
    let outside = world.account("Contoso").await;
    let manuel = world.signed_in(&manuel).await;
    set(&manuel, portfolio.scope, grace(0)).await.unwrap();
    mfa_requirement::set(&world.backend, &manuel.me().await, portfolio.scope, true).await.unwrap();
    assert!(world.log_of(account.scope).await.is_empty(), "nothing of it holds there");
    set(&manuel, portfolio.scope, MfaPolicy { floor: true, ..grace(0) }).await.unwrap();
    set(&manuel, portfolio.scope, MfaPolicy { floor: true, ..grace(7) }).await.unwrap();
    // Olga, who is nobody in the portfolio, can be stricter in her account.
    let told = world.mail_to(&olga).await;
    assert_eq!(told.subject, "Security of Freehold will be loosened");
    assert!(told.text.contains(&format!("a/{}/settings/security", account.id())), "{}", told.text);
    let loosening = get(&manuel, portfolio.scope).await.loosening.unwrap();
    backend::loosening::cancel(&world.backend, &manuel.me().await, portfolio.scope, loosening.id).await.unwrap();
    world.advance(MS);
    mfa_requirement::set(&world.backend, &manuel.me().await, portfolio.scope, false).await.unwrap();
    world.deliver().await;
    world.advance(LOOSENING);
    world.deliver().await;
    let below = [
        "Manuel: mfa_policy_tightened",
        "Manuel: mfa_policy_loosening",
        "Manuel: loosening_cancelled",
        "Manuel: mfa_requirement_loosening",
        "mfa_not_required",
    ];
    let log = world.log_of(account.scope).await;
    assert!(log.len() == below.len() && below.iter().zip(&log).all(|(one, line)| line.contains(one)), "{log:?}");
    let rows = world.rows::<store::entity::audit_entry::Entity>().await;
    let mut of_account = rows.iter().filter(|row| row.scope_id == Some(account.scope.uuid()));
    assert!(of_account.all(|row| row.via_portfolio_id == Some(portfolio.scope.uuid())), "made from the portfolio");
    assert!(world.log_of(outside.scope).await.is_empty());
});
