//! Portfolios (7.1): made, joined when an account's Owner agrees, left by either side or by time.

use crate::{
    mfa_reset::{accept, ask as ask_for_reset, denied, refused_as},
    portfolio::is_consistent,
    support::{Account, Browser, HOUR, MS, Person, Portfolio, World},
};
use backend::{
    Error, Result, accounts, guards, loosening, mfa_policy, mfa_reset, operator, portfolios, store::entity, users,
    worker,
};
use domain::{
    errors::Conflict,
    guards::Guards,
    ids::{AccountId, LinkRequestId, PortfolioId},
    loosening::Loosened,
    mfa_policy::{MfaPolicy, TrustDays},
    mfa_reset::State,
    person::{Name, Reason},
    policy::Denied,
    portfolios::{
        AccountLink, CONFIRM_WITHIN, Candidacy, Consent, LinkRequestState, PortfolioAccounts, REQUEST_TTL, ReachQuery,
        Unfit,
    },
    roles::Role,
    scope::Scope,
    sessions::Standing,
    users::MembershipStatus,
};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A portfolio whose Owner is Admin of Northwind, and an account beside it.
struct Story<'w> {
    portfolio: Portfolio,
    northwind: Account,
    /// Portfolio Owner, and Admin of Northwind.
    priya: Person,
    /// Owner of Northwind.
    olga: Person,
    /// Manager in Northwind.
    marta: Person,
    above: Browser<'w>,
    owner: Browser<'w>,
}

async fn story(world: &World) -> Story<'_> {
    let portfolio = world.portfolio("Meridian Group").await;
    let northwind = world.account("Northwind").await;
    let priya = world.user("Priya").with_totp().portfolio_owner_of(&portfolio).admin_of(&northwind).await;
    let olga = world.user("Olga").with_totp().owner_of(&northwind).await;
    let marta = world.user("Marta").with_totp().manager_of(&northwind).await;
    let (above, owner) = (world.signed_in(&priya).await, world.signed_in(&olga).await);
    Story { portfolio, northwind, priya, olga, marta, above, owner }
}

async fn create(browser: &Browser<'_>, scope: Scope, name: &str) -> Result<PortfolioId> {
    portfolios::create(&browser.backend, &browser.me().await, scope, &Name::parse(name).unwrap()).await
}

async fn ask(browser: &Browser<'_>, portfolio: &Portfolio, account: &Account) -> Result<portfolios::Asked> {
    portfolios::ask(&browser.backend, &browser.me().await, portfolio.scope, account.id()).await
}

async fn agree(browser: &Browser<'_>, account: &Account, id: LinkRequestId) -> Result<()> {
    portfolios::agree(&browser.backend, &browser.me().await, account.scope, id).await
}

async fn listed(browser: &Browser<'_>, portfolio: &Portfolio) -> Result<PortfolioAccounts> {
    portfolios::accounts(&browser.backend, &browser.me().await, portfolio.scope).await
}

async fn link(browser: &Browser<'_>, account: &Account) -> Result<AccountLink> {
    portfolios::account_link(&browser.backend, &browser.me().await, account.scope, ReachQuery::default()).await
}

async fn consent(browser: &Browser<'_>, account: &Account, id: LinkRequestId) -> Result<Consent> {
    portfolios::consent(&browser.backend, &browser.me().await, account.scope, id, ReachQuery::default()).await
}

async fn leave(browser: &Browser<'_>, account: &Account) -> Result<()> {
    portfolios::leave(&browser.backend, &browser.me().await, account.scope).await
}

async fn unlink(browser: &Browser<'_>, portfolio: &Portfolio, account: &Account) -> Result<()> {
    portfolios::unlink(&browser.backend, &browser.me().await, portfolio.scope, account.id()).await
}

/// Northwind joins, and everybody has read of it.
async fn linked(world: &World) -> Story<'_> {
    let story = story(world).await;
    let asked = ask(&story.above, &story.portfolio, &story.northwind).await.unwrap();
    agree(&story.owner, &story.northwind, asked.id).await.unwrap();
    world.deliver().await;
    story
}

async fn portfolio_of(world: &World, account: &Account) -> Option<uuid::Uuid> {
    row(world, account.id()).await.portfolio_id
}

async fn row(world: &World, id: AccountId) -> entity::account::Model {
    world.rows::<entity::account::Entity>().await.into_iter().find(|row| row.id == id.0).unwrap()
}

fn changed_meanwhile<T: std::fmt::Debug>(answer: Result<T>) {
    assert!(matches!(answer, Err(Error::Conflict(Conflict::ChangedMeanwhile))), "{answer:?}");
}

fn not_there<T: std::fmt::Debug>(answer: Result<T>) {
    assert!(matches!(answer, Err(Error::NotFound | Error::Denied(Denied::Unseen))), "{answer:?}");
}

// ── made ──────────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(an_owner_or_admin_of_a_paid_account_makes_a_portfolio_and_owns_it, async |world| {
    let northwind = world.account("Northwind").await;
    let chiara = world.user("Chiara").with_totp().admin_of(&northwind).await;
    let marta = world.user("Marta").with_totp().manager_of(&northwind).await;
    let freehold = world.account("Freehold").free().await;
    let fred = world.user("Fred").with_totp().owner_of(&freehold).await;
    let admin = world.signed_in(&chiara).await;
    let id = create(&admin, northwind.scope, " Meridian Group ").await.unwrap();
    let scope = Scope::Portfolio(id);
    let scopes = accounts::scopes(&world.backend, &admin.me().await).await.unwrap();
    let shown: Vec<_> = scopes.iter().map(|entry| (entry.name.as_str(), entry.role.role)).collect();
    assert_eq!(shown, [("Meridian Group", Role::PortfolioOwner), ("Northwind", Role::Admin)], "the switcher has it");
    let facts = backend::store::scope_facts(world.backend.database.read(), scope).await.unwrap();
    assert!(facts.own.required, "who reaches others' second factors has one");
    assert_eq!(world.log_of(scope).await, ["Chiara: portfolio_created (Northwind)"]);
    assert_eq!(world.log_of(northwind.scope).await, ["Chiara: portfolio_created (Meridian Group)"]);
    assert_eq!(portfolio_of(world, &northwind).await, None, "its account is not in it by itself");
    is_consistent(world).await;

    let manager = world.signed_in(&marta).await;
    assert!(matches!(denied(create(&manager, northwind.scope, "Mine").await), Denied::RoleLacks { .. }));
    let free = world.signed_in(&fred).await;
    assert_eq!(denied(create(&free, freehold.scope, "Mine").await), Denied::PaidPlanNeeded);
    not_there(create(&free, northwind.scope, "Mine").await);
    assert!(matches!(denied(create(&admin, scope, "Within").await), Denied::RoleLacks { .. }));
    world.advance(Duration::from_secs(601));
    assert!(matches!(denied(create(&admin, northwind.scope, "Late").await), Denied::StepUpNeeded(_)));
});

on_each_database!(whoever_makes_two_at_the_same_moment_owns_two, async |world| {
    let northwind = world.account("Northwind").await;
    let olga = world.user("Olga").with_totp().owner_of(&northwind).await;
    let (caller, scope) = (world.signed_in(&olga).await.me().await, northwind.scope);
    let made = world
        .at_once(6, |server, number| {
            let caller = caller.clone();
            async move {
                let name = Name::parse(&format!("Group {number}")).unwrap();
                portfolios::create(&server, &caller, scope, &name).await
            }
        })
        .await;
    assert!(made.iter().all(Result::is_ok), "{made:?}");
    is_consistent(world).await;
});

// ── who could join ────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_portfolio_owner_sees_their_own_accounts_with_the_reason_and_nobody_elses, async |world| {
    let story = story(world).await;
    let other = world.portfolio("Other Group").await;
    let freehold = world.account("Freehold").free().await;
    let harbour = world.account("Harbour").linked_to(&other).await;
    let contoso = world.account("Contoso").await;
    world.account("Fabrikam").await;
    let own = world.account("Lumen").await;
    world.join(&story.priya, &freehold, Role::Owner).await;
    world.join(&story.priya, &harbour, Role::Admin).await;
    world.join(&story.priya, &contoso, Role::Manager).await;
    world.join(&story.priya, &own, Role::Owner).await;
    let seen = listed(&story.above, &story.portfolio).await.unwrap();
    let shown: Vec<_> = seen.candidates.iter().map(|one| (one.name.as_str(), one.is_own, one.candidacy)).collect();
    let expected = [
        ("Freehold", true, Candidacy::Unfit(Unfit::FreePlan)),
        ("Harbour", false, Candidacy::Unfit(Unfit::InAnotherPortfolio)),
        ("Lumen", true, Candidacy::MayBeAsked),
        ("Northwind", false, Candidacy::MayBeAsked),
    ];
    assert_eq!(shown, expected);
    assert!(seen.linked.is_empty());
    // What the Owner is elsewhere is not told to who administers the portfolio with them.
    let leilani = world.user("Leilani").with_totp().portfolio_admin_of(&story.portfolio).await;
    let beside = world.signed_in(&leilani).await;
    assert!(listed(&beside, &story.portfolio).await.unwrap().candidates.is_empty());
    assert_eq!(denied(ask(&beside, &story.portfolio, &story.northwind).await), Denied::OwnersAlone);
    // Nor is it found out which other accounts there are.
    for account in [&contoso, &Account { scope: Scope::Account(AccountId(uuid::Uuid::from_u128(7))) }] {
        let answer = ask(&story.above, &story.portfolio, account).await;
        assert!(matches!(answer, Err(Error::NotFound)), "{answer:?}");
    }
    for account in [&freehold, &harbour] {
        changed_meanwhile(ask(&story.above, &story.portfolio, account).await);
    }
    assert!(world.rows::<entity::link_request::Entity>().await.is_empty());
});

// ── asked and agreed ──────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(an_account_joins_when_its_owner_agrees_and_both_sides_read_of_it, async |world| {
    let story = story(world).await;
    let asked = ask(&story.above, &story.portfolio, &story.northwind).await.unwrap();
    assert!(!asked.is_own);
    let mails: Vec<_> = world.deliver().await.into_iter().map(|mail| (mail.to, mail.subject)).collect();
    assert_eq!(mails, [(story.olga.email.clone(), "Meridian Group asks Northwind to join".to_owned())]);
    changed_meanwhile(ask(&story.above, &story.portfolio, &story.northwind).await);

    // It waits on the Owner's Overview and Security pages; an Admin reads of it, and cannot answer.
    let overview = accounts::overview(&world.backend, &story.owner.me().await, story.northwind.scope).await.unwrap();
    assert_eq!(overview.links.requests.iter().map(|one| one.id).collect::<Vec<_>>(), [asked.id]);
    let overview = accounts::overview(&world.backend, &story.above.me().await, story.northwind.scope).await.unwrap();
    assert!(overview.links.is_empty());
    assert_eq!(link(&story.above, &story.northwind).await.unwrap().requests.len(), 1);
    assert_eq!(denied(agree(&story.above, &story.northwind, asked.id).await), Denied::OwnersAlone);

    let shown = consent(&story.owner, &story.northwind, asked.id).await.unwrap();
    assert_eq!((shown.request.state, shown.unfit), (LinkRequestState::Open, None));
    let power = shown.power.unwrap();
    let people: Vec<_> = power.people.iter().map(|one| (one.name.as_str(), one.role.role)).collect();
    assert_eq!((people, power.total), (vec![("Priya", Role::PortfolioOwner)], 1));
    assert_eq!((power.floor, power.guards), (None, Guards::default()));

    agree(&story.owner, &story.northwind, asked.id).await.unwrap();
    assert_eq!(portfolio_of(world, &story.northwind).await, Some(story.portfolio.id.0));
    is_consistent(world).await;
    let mut told: Vec<_> = world.deliver().await.into_iter().map(|mail| (mail.to, mail.subject)).collect();
    told.sort();
    let subject = "Northwind and Meridian Group are linked".to_owned();
    assert_eq!(told, [&story.olga, &story.priya].map(|person| (person.email.clone(), subject.clone())));
    let log = |other: &str| vec![format!("Priya: link_asked ({other})"), format!("Olga: account_linked ({other})")];
    assert_eq!(world.log_of(story.portfolio.scope).await, log("Northwind"));
    assert_eq!(world.log_of(story.northwind.scope).await, log("Meridian Group"));

    let seen = listed(&story.above, &story.portfolio).await.unwrap();
    let linked: Vec<_> = seen.linked.iter().map(|one| (one.name.as_str(), one.members)).collect();
    assert_eq!((linked, seen.candidates.len()), (vec![("Northwind", 3)], 0));
    let page = users::list(&world.backend, &story.above.me().await, story.portfolio.scope, &Default::default()).await;
    assert_eq!(page.unwrap().rows.len(), 3, "its people are within reach");
    let seen = link(&story.owner, &story.northwind).await.unwrap();
    assert_eq!((seen.link.unwrap().power.portfolio, seen.requests.len()), ("Meridian Group".to_owned(), 0));
    changed_meanwhile(agree(&story.owner, &story.northwind, asked.id).await);
});

on_each_database!(who_owns_both_is_shown_what_they_agree_to_and_gets_no_mail_before, async |world| {
    let story = story(world).await;
    let lumen = world.account("Lumen").await;
    world.join(&story.priya, &lumen, Role::Owner).await;
    let asked = ask(&story.above, &story.portfolio, &lumen).await.unwrap();
    assert!(asked.is_own && world.deliver().await.is_empty());
    assert_eq!(consent(&story.above, &lumen, asked.id).await.unwrap().request.state, LinkRequestState::Open);
    assert_eq!(portfolio_of(world, &lumen).await, None);
    agree(&story.above, &lumen, asked.id).await.unwrap();
    assert_eq!(portfolio_of(world, &lumen).await, Some(story.portfolio.id.0));
    assert_eq!(world.deliver().await.len(), 1, "told once, though on both sides");
});

on_each_database!(a_request_is_declined_called_off_or_runs_out_and_is_made_three_times_a_day_at_most, async |world| {
    let story = story(world).await;
    let (portfolio, northwind) = (&story.portfolio, &story.northwind);
    let first = ask(&story.above, portfolio, northwind).await.unwrap();
    world.deliver().await;
    let answer = portfolios::decline(&world.backend, &story.owner.me().await, northwind.scope, first.id).await;
    answer.unwrap();
    let told: Vec<_> = world.deliver().await.into_iter().map(|mail| (mail.to, mail.subject)).collect();
    assert_eq!(told, [(story.priya.email.clone(), "Northwind does not join Meridian Group".to_owned())]);
    let state = async |id| consent(&story.owner, northwind, id).await.unwrap().request.state;
    assert_eq!(state(first.id).await, LinkRequestState::Declined);
    changed_meanwhile(agree(&story.owner, northwind, first.id).await);

    let second = ask(&story.above, portfolio, northwind).await.unwrap();
    let cancel = async |id| {
        let caller = story.above.me().await;
        portfolios::cancel(&world.backend, &caller, portfolio.scope, id).await
    };
    cancel(second.id).await.unwrap();
    changed_meanwhile(cancel(second.id).await);
    changed_meanwhile(agree(&story.owner, northwind, second.id).await);
    assert_eq!(state(second.id).await, LinkRequestState::Cancelled);

    let third = ask(&story.above, portfolio, northwind).await.unwrap();
    world.advance(REQUEST_TTL - Duration::from_secs(300));
    let (above, owner) = (world.signed_in(&story.priya).await, world.signed_in(&story.olga).await);
    let shown = consent(&owner, northwind, third.id).await.unwrap().request;
    world.advance(shown.expires_at.since(world.now()) - MS);
    let state = async |id| consent(&owner, northwind, id).await.unwrap().request.state;
    assert_eq!(state(third.id).await, LinkRequestState::Open);
    world.advance(MS);
    assert_eq!(state(third.id).await, LinkRequestState::Expired);
    let late = portfolios::cancel(&world.backend, &above.me().await, portfolio.scope, third.id).await;
    changed_meanwhile(late);
    changed_meanwhile(agree(&owner, northwind, third.id).await);

    for _ in 0..3 {
        let asked = ask(&above, portfolio, northwind).await.unwrap();
        portfolios::cancel(&world.backend, &above.me().await, portfolio.scope, asked.id).await.unwrap();
    }
    let fourth = ask(&above, portfolio, northwind).await;
    assert!(matches!(fourth, Err(Error::Throttled { .. })), "{fourth:?}");
    world.deliver().await;
});

on_each_database!(a_request_dies_with_the_right_of_who_asked, async |world| {
    let story = story(world).await;
    let asked = ask(&story.above, &story.portfolio, &story.northwind).await.unwrap();
    let scope = story.northwind.scope;
    world.set_role(&story.priya, scope, Role::Support).await;
    let shown = consent(&story.owner, &story.northwind, asked.id).await.unwrap();
    assert_eq!((shown.request.state, shown.power), (LinkRequestState::Cancelled, None));
    assert!(link(&story.owner, &story.northwind).await.unwrap().requests.is_empty());
    changed_meanwhile(agree(&story.owner, &story.northwind, asked.id).await);
    world.set_role(&story.priya, scope, Role::Admin).await;
    assert_eq!(consent(&story.owner, &story.northwind, asked.id).await.unwrap().request.state, LinkRequestState::Open);
    // As little does it outlive that they own the portfolio.
    let leilani = world.user("Leilani").with_totp().portfolio_admin_of(&story.portfolio).await;
    let caller = story.above.me().await;
    users::transfer_ownership(&world.backend, &caller, story.portfolio.scope, leilani.id).await.unwrap();
    changed_meanwhile(agree(&story.owner, &story.northwind, asked.id).await);
    assert_eq!(portfolio_of(world, &story.northwind).await, None);
    world.deliver().await;
});

on_each_database!(a_request_ends_with_the_account_that_it_was_made_to, async |world| {
    let story = story(world).await;
    ask(&story.above, &story.portfolio, &story.northwind).await.unwrap();
    let because = Reason::parse("as agreed on the phone").unwrap();
    operator::close(&world.backend, story.northwind.id(), &because).await.unwrap();
    let requests = world.rows::<entity::link_request::Entity>().await;
    let ended: Vec<_> = requests.iter().map(|row| row.ended_as.as_deref()).collect();
    assert_eq!(ended, [Some(LinkRequestState::Cancelled.key())]);
    world.deliver().await;
});

on_each_database!(of_two_portfolios_that_are_agreed_to_at_once_one_wins, async |world| {
    for round in 0..3 {
        let account = world.account(&format!("Account {round}")).await;
        let olga = world.user(&format!("Olga {round}")).with_totp().owner_of(&account).await;
        let mut requests = Vec::new();
        for side in ["left", "right"] {
            let portfolio = world.portfolio(&format!("Group {side} {round}")).await;
            let person = world.user(&format!("Priya {side} {round}")).with_totp().portfolio_owner_of(&portfolio);
            let person = person.admin_of(&account).await;
            let browser = world.signed_in(&person).await;
            requests.push(ask(&browser, &portfolio, &account).await.unwrap().id);
        }
        let (caller, scope) = (world.signed_in(&olga).await.me().await, account.scope);
        let answers = world
            .at_once(8, |server, number| {
                let (caller, id) = (caller.clone(), requests[number / 2 % 2]);
                async move { portfolios::agree(&server, &caller, scope, id).await }
            })
            .await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        answers.into_iter().filter(Result::is_err).for_each(changed_meanwhile);
        let mut ends: Vec<_> = world
            .rows::<entity::link_request::Entity>()
            .await
            .into_iter()
            .filter(|row| row.account_id == account.id().0)
            .map(|row| row.ended_as.unwrap())
            .collect();
        ends.sort();
        assert_eq!(ends, ["agreed", "superseded"]);
        is_consistent(world).await;
    }
    world.deliver().await;
});

on_each_database!(of_asking_twice_at_once_one_request_comes, async |world| {
    let story = story(world).await;
    let (caller, scope, account) = (story.above.me().await, story.portfolio.scope, story.northwind.id());
    let answers = world
        .at_once(6, |server, _| {
            let caller = caller.clone();
            async move { portfolios::ask(&server, &caller, scope, account).await }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(world.deliver().await.len(), 1);
});

on_each_database!(of_agreeing_and_calling_off_at_once_one_holds, async |world| {
    let story = story(world).await;
    let asked = ask(&story.above, &story.portfolio, &story.northwind).await.unwrap();
    let (above, owner) = (story.above.me().await, story.owner.me().await);
    let (portfolio, account) = (story.portfolio.scope, story.northwind.scope);
    let answers = world
        .at_once(4, |server, number| {
            let (above, owner) = (above.clone(), owner.clone());
            async move {
                match number % 2 {
                    0 => portfolios::agree(&server, &owner, account, asked.id).await,
                    _ => portfolios::cancel(&server, &above, portfolio, asked.id).await,
                }
            }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let is_linked = portfolio_of(world, &story.northwind).await.is_some();
    let state = consent(&story.owner, &story.northwind, asked.id).await.unwrap().request.state;
    let expected = if is_linked { LinkRequestState::Agreed } else { LinkRequestState::Cancelled };
    assert_eq!(state, expected);
    world.deliver().await;
});

on_each_database!(who_would_shut_themselves_out_by_agreeing_shows_a_passkey_first, async |world| {
    let story = story(world).await;
    let sql = "UPDATE portfolios SET require_mfa = TRUE, mfa_phishing_resistant = TRUE, mfa_floor = TRUE WHERE id = ?";
    let asked = ask(&story.above, &story.portfolio, &story.northwind).await.unwrap();
    world.execute(sql, [story.portfolio.id.0.into()]).await;
    let answer = agree(&story.owner, &story.northwind, asked.id).await;
    assert!(matches!(answer, Err(Error::Conflict(Conflict::NeedsPasskeyFirst))), "{answer:?}");
    assert_eq!(portfolio_of(world, &story.northwind).await, None);
    world.deliver().await;
});

on_each_database!(who_has_reach_is_listed_page_by_page, async |world| {
    let story = linked(world).await;
    for number in 0..30 {
        let role = [Role::PortfolioManager, Role::PortfolioAnalyst][number % 2];
        world.user(&format!("Person {number}")).with_role(role, story.portfolio.scope).await;
    }
    let gone = world.user("Gone").with_role(Role::PortfolioAdmin, story.portfolio.scope).await;
    world.set_status(&gone, story.portfolio.scope, MembershipStatus::Deactivated).await;
    let mut met = Vec::new();
    let mut query = ReachQuery::default();
    loop {
        let caller = story.owner.me().await;
        let shown = portfolios::account_link(&world.backend, &caller, story.northwind.scope, query).await.unwrap();
        let power = shown.link.unwrap().power;
        assert_eq!(power.total, 31);
        met.extend(power.people.iter().map(|one| one.name.clone()));
        match power.after {
            Some(after) => query.after = Some(after),
            None => break,
        }
    }
    assert_eq!((met.len(), met[0].as_str()), (31, "Priya"));
    met.sort();
    met.dedup();
    assert_eq!(met.len(), 31);
});

// ── unlinked ──────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(either_side_ends_the_link_and_all_who_administer_are_told, async |world| {
    let story = linked(world).await;
    let marta = world.signed_in(&story.marta).await;
    assert!(matches!(denied(leave(&marta, &story.northwind).await), Denied::RoleLacks { .. }));
    leave(&story.owner, &story.northwind).await.unwrap();
    assert_eq!(portfolio_of(world, &story.northwind).await, None);
    is_consistent(world).await;
    assert_eq!(world.deliver().await.len(), 2);
    changed_meanwhile(leave(&story.owner, &story.northwind).await);
    not_there(unlink(&story.above, &story.portfolio, &story.northwind).await);
    let log = world.log_of(story.portfolio.scope).await;
    assert_eq!(log.last().unwrap(), "Olga: account_unlinked (Northwind)");

    let asked = ask(&story.above, &story.portfolio, &story.northwind).await.unwrap();
    agree(&story.owner, &story.northwind, asked.id).await.unwrap();
    unlink(&story.above, &story.portfolio, &story.northwind).await.unwrap();
    let log = world.log_of(story.northwind.scope).await;
    assert_eq!(log.last().unwrap(), "Priya: account_unlinked (Meridian Group)");
    let via = "SELECT COUNT(*) FROM audit_entries WHERE via_portfolio_id = ? AND action = 'account_unlinked'";
    assert_eq!(world.number(via, [story.portfolio.id.0.into()]).await, 1, "marked as made from the portfolio");
    is_consistent(world).await;
    world.deliver().await;
});

on_each_database!(of_many_who_end_the_link_at_once_one_does, async |world| {
    let story = linked(world).await;
    let (above, owner) = (story.above.me().await, story.owner.me().await);
    let (portfolio, account, id) = (story.portfolio.scope, story.northwind.scope, story.northwind.id());
    let answers = world
        .at_once(8, |server, number| {
            let (above, owner) = (above.clone(), owner.clone());
            async move {
                match number % 4 {
                    0 | 1 => portfolios::leave(&server, &owner, account).await,
                    _ => portfolios::unlink(&server, &above, portfolio, id).await,
                }
            }
        })
        .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    for answer in answers.into_iter().filter(Result::is_err) {
        assert!(matches!(answer, Err(Error::NotFound | Error::Conflict(Conflict::ChangedMeanwhile))), "{answer:?}");
    }
    is_consistent(world).await;
    assert_eq!(world.deliver().await.len(), 2, "told once each");
});

on_each_database!(whoever_acts_in_the_account_meanwhile_is_not_held_up_for_ever, async |world| {
    let story = linked(world).await;
    let marta = world.signed_in(&story.marta).await;
    let (above, owner, member) = (story.above.me().await, story.owner.me().await, marta.me().await);
    let (portfolio, account) = (story.portfolio.scope, story.northwind.scope);
    for round in 0..4 {
        let answers = world
            .at_once(8, |server, number| {
                let (above, owner, member) = (above.clone(), owner.clone(), member.clone());
                async move {
                    match number {
                        0 | 1 => portfolios::leave(&server, &owner, account).await.is_ok(),
                        2 | 3 => {
                            let strict = Guards { number: round % 2 == 0, ..Guards::default() };
                            guards::set(&server, &above, account, strict).await.is_ok()
                        }
                        4 | 5 => accounts::console(&server, &member, account).await.is_ok(),
                        _ => accounts::console(&server, &above, portfolio).await.is_ok(),
                    }
                }
            })
            .await;
        assert_eq!(answers[..2].iter().filter(|done| **done).count(), 1, "{answers:?}");
        assert!(answers[2..].iter().all(|done| *done), "{answers:?}");
        is_consistent(world).await;
        let asked = ask(&story.above, &story.portfolio, &story.northwind).await;
        // Three times a day at most, and once before: the last round ends unlinked.
        if let Ok(asked) = asked {
            agree(&story.owner, &story.northwind, asked.id).await.unwrap();
        } else {
            break;
        }
    }
    world.deliver().await;
});

on_each_database!(what_the_floor_held_stays_the_accounts_own_and_nothing_is_loosened_on_the_way_out, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    let freehold = world.account("Freehold").await;
    let priya = world.user("Priya").with_totp().portfolio_owner_of(&portfolio).admin_of(&freehold).await;
    let olga = world.user("Olga").with_totp().owner_of(&freehold).await;
    let (above, owner) = (world.signed_in(&priya).await, world.signed_in(&olga).await);
    let days = |days| TrustDays::try_from(days).unwrap();
    let own = MfaPolicy { trust: days(14), sms: true, ..MfaPolicy::default() };
    backend::store::set_mfa_policy(world.backend.database.write(), freehold.scope, own).await.unwrap();
    world.execute("UPDATE accounts SET require_mfa = FALSE", []).await;
    let floor = MfaPolicy { trust: days(7), floor: true, ..MfaPolicy::default() };
    backend::store::set_mfa_policy(world.backend.database.write(), portfolio.scope, floor).await.unwrap();
    world.execute("UPDATE portfolios SET require_mfa = TRUE", []).await;
    let asked = ask(&above, &portfolio, &freehold).await.unwrap();
    agree(&owner, &freehold, asked.id).await.unwrap();
    // Asked for while the floor bounds it.
    let looser = MfaPolicy { trust: days(30), ..own };
    mfa_policy::set(&world.backend, &owner.me().await, freehold.scope, looser).await.unwrap();
    world.advance(HOUR * 23);
    let owner = world.signed_in(&olga).await;
    leave(&owner, &freehold).await.unwrap();
    world.advance(HOUR * 2);
    world.deliver().await;
    let facts = backend::store::scope_facts(world.backend.database.read(), freehold.scope).await.unwrap();
    assert!(facts.floor.is_none() && facts.own.required);
    assert_eq!((facts.own.policy.trust, facts.own.policy.sms), (days(7), false));
    let log = world.log_of(freehold.scope).await;
    for line in ["system: mfa_required", "system: mfa_policy_tightened", "system: loosening_cancelled"] {
        assert!(log.contains(&line.to_owned()), "{line}: {log:?}");
    }
    // To loosen it is asked for in the account itself, and takes a day.
    let settings = mfa_policy::get(&world.backend, &owner.me().await, freehold.scope).await.unwrap();
    assert!(settings.loosening.is_none());
    let owner = world.signed_in(&olga).await;
    mfa_policy::set(&world.backend, &owner.me().await, freehold.scope, looser).await.unwrap();
    let settings = mfa_policy::get(&world.backend, &owner.me().await, freehold.scope).await.unwrap();
    assert!(matches!(settings.loosening.map(|one| one.to), Some(Loosened::MfaPolicy(to)) if to.trust == days(30)));
    let id = mfa_policy::get(&world.backend, &owner.me().await, freehold.scope).await.unwrap().loosening.unwrap().id;
    loosening::cancel(&world.backend, &owner.me().await, freehold.scope, id).await.unwrap();
    world.deliver().await;
});

on_each_database!(a_reset_that_was_asked_for_through_the_link_dies_with_it, async |world| {
    let story = linked(world).await;
    ask_for_reset(&story.above, story.portfolio.scope, &story.marta).await.unwrap();
    let reset = world.reset_link(&story.marta).await;
    leave(&story.owner, &story.northwind).await.unwrap();
    assert_eq!(refused_as(accept(&world.backend, &reset).await), State::Cancelled);
    world.deliver().await;
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: target_left"]);
    assert_eq!(denied(ask_for_reset(&story.above, story.portfolio.scope, &story.marta).await), Denied::Unseen);
});

// ── confirmed, or not ─────────────────────────────────────────────────────────────────────────────────────────────

async fn asked_to_confirm(world: &World, story: &Story<'_>) -> bool {
    worker::run_due(&world.backend, &world.mailer).await.unwrap();
    row(world, story.northwind.id()).await.link_confirm_until.is_some()
}

on_each_database!(however_the_portfolio_owner_loses_the_account_its_owner_is_asked_once, async |world| {
    for how in ["role", "removed", "shut out", "gone", "portfolio handed over", "deactivated"] {
        let portfolio = world.portfolio(&format!("Group {how}")).await;
        let account = world.account(&format!("Account {how}")).await;
        let name = |who: &str| format!("{who} {how}");
        let priya = world.user(&name("Priya")).with_totp().portfolio_owner_of(&portfolio).owner_of(&account).await;
        let olga = world.user(&name("Olga")).with_totp().admin_of(&account).await;
        let leilani = world.user(&name("Leilani")).with_totp().portfolio_admin_of(&portfolio).await;
        let above = world.signed_in(&priya).await;
        let asked = ask(&above, &portfolio, &account).await.unwrap();
        agree(&above, &account, asked.id).await.unwrap();
        let scope = account.scope;
        // From here on Olga owns the account.
        users::transfer_ownership(&world.backend, &above.me().await, scope, olga.id).await.unwrap();
        let until = async || {
            worker::run_due(&world.backend, &world.mailer).await.unwrap();
            row(world, account.id()).await.link_confirm_until
        };
        assert_eq!(until().await, None, "{how}: an Admin stands for it too");
        let owner = world.signed_in(&olga).await;
        match how {
            "role" => {
                let caller = owner.me().await;
                users::change_role(&world.backend, &caller, scope, priya.id, Role::Admin, Role::Manager).await.unwrap();
            }
            "removed" => users::remove(&world.backend, &owner.me().await, scope, priya.id).await.unwrap(),
            "shut out" => users::set_active(&world.backend, &owner.me().await, scope, priya.id, false).await.unwrap(),
            "gone" => users::leave(&world.backend, &above.me().await, scope).await.unwrap(),
            "portfolio handed over" => {
                let caller = above.me().await;
                users::transfer_ownership(&world.backend, &caller, portfolio.scope, leilani.id).await.unwrap();
            }
            _ => world.shut_out(&priya).await,
        }
        let before = world.mailbox.mails().len();
        let asked_until = until().await;
        assert_eq!(asked_until, Some((world.now() + CONFIRM_WITHIN).ms()), "{how}");
        let subject = format!("Is Account {how} to stay in Group {how}?");
        let told: Vec<_> = world.mailbox.mails().split_off(before);
        let told: Vec<_> = told.into_iter().filter(|mail| mail.subject == subject).map(|mail| mail.to).collect();
        assert_eq!(told, std::slice::from_ref(&olga.email), "{how}");
        world.advance(HOUR);
        assert_eq!(until().await, asked_until, "{how}: asked once");
        let overview = accounts::overview(&world.backend, &owner.me().await, scope).await.unwrap();
        assert_eq!(overview.links.to_confirm.map(|one| one.portfolio), Some(format!("Group {how}")));
        let log = world.log_of(scope).await;
        assert!(log.contains(&format!("system: link_to_confirm (Group {how})")), "{how}: {log:?}");
    }
    world.deliver().await;
});

on_each_database!(a_link_that_is_confirmed_stays_and_one_that_is_not_ends_by_time, async |world| {
    let story = linked(world).await;
    let scope = story.northwind.scope;
    world.set_role(&story.priya, scope, Role::Manager).await;
    assert!(asked_to_confirm(world, &story).await);
    let confirm = async |browser: &Browser<'_>| portfolios::confirm(&browser.backend, &browser.me().await, scope).await;
    assert_eq!(denied(confirm(&story.above).await), Denied::OwnersAlone);
    confirm(&story.owner).await.unwrap();
    changed_meanwhile(confirm(&story.owner).await);
    world.advance(DAY);
    assert!(!asked_to_confirm(world, &story).await, "once it was said, it is not asked again");
    assert_eq!(portfolio_of(world, &story.northwind).await, Some(story.portfolio.id.0));

    // Who becomes Admin again and is none once more stands for it anew, and no more.
    world.set_role(&story.priya, scope, Role::Admin).await;
    assert!(!asked_to_confirm(world, &story).await);
    world.set_role(&story.priya, scope, Role::Manager).await;
    assert!(asked_to_confirm(world, &story).await);
    world.deliver().await;

    world.advance(CONFIRM_WITHIN - MS);
    let (owner, above) = (world.signed_in(&story.olga).await, world.signed_in(&story.priya).await);
    // The clock went on while they signed in: the time is up, and nobody carried it out yet.
    assert_eq!(portfolio_of(world, &story.northwind).await, Some(story.portfolio.id.0));
    changed_meanwhile(confirm(&owner).await);
    assert_eq!(denied(ask_for_reset(&above, story.portfolio.scope, &story.marta).await), Denied::Unseen);
    let done = world.at_once(4, |server, _| async move { portfolios_due(&server).await }).await;
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    assert_eq!(portfolio_of(world, &story.northwind).await, None);
    let told: Vec<_> = world.mails().await.into_iter().filter(|mail| mail.starts_with("account_unlinked")).collect();
    assert_eq!(told, ["account_unlinked to Olga", "account_unlinked to Priya"]);
    let log = world.log_of(scope).await;
    assert_eq!(log.iter().filter(|line| *line == "system: account_unlinked (Meridian Group)").count(), 1, "{log:?}");
    is_consistent(world).await;
});

/// What the worker does about links, without its mail.
async fn portfolios_due(server: &backend::Backend) -> Result<()> {
    worker::run_due(server, &backend::mail::Mailer::Memory(Default::default())).await.map(drop)
}

on_each_database!(a_question_falls_away_when_the_portfolio_owner_stands_for_the_link_again, async |world| {
    let story = linked(world).await;
    world.set_role(&story.priya, story.northwind.scope, Role::Manager).await;
    assert!(asked_to_confirm(world, &story).await);
    world.set_role(&story.priya, story.northwind.scope, Role::Admin).await;
    assert!(!asked_to_confirm(world, &story).await);
    world.advance(CONFIRM_WITHIN + DAY);
    world.deliver().await;
    assert_eq!(portfolio_of(world, &story.northwind).await, Some(story.portfolio.id.0));
});

on_each_database!(what_was_linked_before_there_were_agreements_is_left_alone, async |world| {
    let portfolio = world.portfolio("Meridian Group").await;
    world.account("Northwind").linked_to(&portfolio).await;
    world.user("Priya").with_totp().portfolio_owner_of(&portfolio).await;
    assert!(world.deliver().await.is_empty());
    let asked = "SELECT COUNT(*) FROM accounts WHERE link_confirm_until IS NOT NULL";
    assert_eq!(world.number(asked, []).await, 0);
});

// ── strangers ─────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_stranger_finds_nothing_and_changes_nothing, async |world| {
    let story = story(world).await;
    let asked = ask(&story.above, &story.portfolio, &story.northwind).await.unwrap();
    let contoso = world.account("Contoso").await;
    let other = world.portfolio("Other Group").await;
    let stella = world.user("Stella").with_totp().portfolio_owner_of(&other).owner_of(&contoso).await;
    let stranger = world.signed_in(&stella).await;
    assert_eq!(stranger.me().await.standing(), Standing::Enter);
    let before = world.dump().await;
    not_there(listed(&stranger, &story.portfolio).await);
    not_there(link(&stranger, &story.northwind).await);
    // A request to another account, looked for in one's own.
    for account in [&story.northwind, &contoso] {
        not_there(consent(&stranger, account, asked.id).await);
        not_there(agree(&stranger, account, asked.id).await);
        let me = stranger.me().await;
        not_there(portfolios::decline(&world.backend, &me, account.scope, asked.id).await);
    }
    for portfolio in [&story.portfolio, &other] {
        not_there(ask(&stranger, portfolio, &story.northwind).await);
        not_there(unlink(&stranger, portfolio, &story.northwind).await);
        let me = stranger.me().await;
        not_there(portfolios::cancel(&world.backend, &me, portfolio.scope, asked.id).await);
    }
    not_there(leave(&stranger, &story.northwind).await);
    not_there(portfolios::confirm(&world.backend, &stranger.me().await, story.northwind.scope).await);
    assert_eq!(world.dump().await, before);
    let preview = mfa_reset::preview(&world.backend, &stranger.me().await, other.scope, story.marta.id).await;
    assert_eq!(denied(preview), Denied::Unseen);
    world.deliver().await;
});
