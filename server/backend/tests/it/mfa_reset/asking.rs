//! Asking, sending again, calling off (5.1 to 5.3, 5.6 *Always*, 3.7).

use super::{ask, asked, denied, northwind, refused_as};
use crate::support::{HOUR, MINUTE, MS, World};
use backend::{Error, mfa_reset, users};
use domain::{
    authenticators::FactorKind,
    errors::Conflict,
    ids::UserId,
    mfa_reset::{Delivery, State},
    person::Reason,
    policy::Denied,
    roles::{Area, Level, Role},
    sessions::StepUp,
    users::{MembershipStatus, UserQuery},
};
use std::time::Duration;
use uuid::Uuid;

on_each_database!(asking_changes_nothing_about_the_factors, async |world| {
    let story = northwind(world).await;
    let marta = world.signed_in(&story.marta).await;
    let before = world.row_of(&story.marta).await;
    asked(world, &story).await;
    assert_eq!(world.row_of(&story.marta).await, before);
    assert_eq!(world.place_of(&story.marta, story.account.scope).await.factor_kinds, 2);
    assert_eq!(marta.me().await.standing(), domain::sessions::Standing::Enter, "the old session goes on");
    world.signed_in(&story.marta).await;
    assert_eq!(world.log_of(story.account.scope).await, ["Chiara: mfa_reset_requested → Marta"]);
    assert_eq!(world.mails().await, ["mfa_reset_request to Marta"]);
});

on_each_database!(the_mail_says_who_asked_and_links_to_the_public_url, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let mail = world.mail_to(&story.marta).await;
    assert_eq!(mail.subject, "MFA reset request");
    assert!(mail.text.contains(&format!("https://postern.example/mfa-reset/{}", link.expose())));
    for said in ["Chiara", "Northwind", "21:00", "Rome"] {
        assert!(mail.text.contains(said), "{said} in {}", mail.text);
    }
    assert_eq!(world.state_of(&link).await, State::Open);
});

on_each_database!(the_preview_says_what_the_dialog_needs, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    let (caller, scope) = (chiara.me().await, story.account.scope);
    let seen = mfa_reset::preview(&world.backend, &caller, scope, story.marta.id).await.unwrap();
    assert_eq!((seen.name.as_str(), seen.scope_name.as_str()), ("Marta", "Northwind"));
    assert_eq!(seen.factors.iter().collect::<Vec<_>>(), [FactorKind::Totp]);
    assert_eq!((seen.last_used_at, seen.backup_codes_left, seen.pending.as_ref()), (None, 0, None));
    assert_eq!(seen.verdict(), Ok(()));
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    let seen = mfa_reset::preview(&world.backend, &caller, scope, story.marta.id).await.unwrap();
    let pending = seen.pending.unwrap();
    assert_eq!((pending.state, pending.delivery), (State::Open, Delivery::Queued));
    assert_eq!(pending.expires_at, world.now() + 12 * HOUR);
    world.deliver().await;
    let page =
        users::list(&world.backend, &chiara.me().await, story.account.scope, &UserQuery::default()).await.unwrap();
    let row = page.rows.into_iter().find(|row| row.user_id == story.marta.id).unwrap();
    assert_eq!(
        row.pending.map(|pending| (pending.delivery, pending.asked_by)),
        Some((Delivery::Sent, Some("Chiara".into())))
    );
    assert_eq!(row.resets_today, 1);
});

on_each_database!(the_reason_is_kept_for_the_log, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    let reason = Reason::parse("phone fell into the Arno").unwrap();
    mfa_reset::request(&world.backend, &chiara.me().await, story.account.scope, story.marta.id, &reason).await.unwrap();
    world.deliver().await;
    let told = "Chiara: mfa_reset_requested → Marta (phone fell into the Arno)";
    assert_eq!(world.log_of(story.account.scope).await, [told]);
});

// ── who may ──────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(an_admin_may_ask_for_the_locked_out_owner, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.account.scope, &story.olga).await.unwrap();
    world.browser().accept(&world.reset_link(&story.olga).await).await.unwrap();
    // Nobody else can approve, so it waits a day.
    assert_ne!(world.place_of(&story.olga, story.account.scope).await.factor_kinds, 0);
    world.wait_out(24 * HOUR).await;
    assert_eq!(world.place_of(&story.olga, story.account.scope).await.factor_kinds, 0);
    world.deliver().await;
});

on_each_database!(nobody_resets_themselves, async |world| {
    let story = northwind(world).await;
    for person in [&story.olga, &story.chiara] {
        let browser = world.signed_in(person).await;
        assert_eq!(denied(ask(&browser, story.account.scope, person).await), Denied::Oneself);
    }
});

on_each_database!(without_the_permission_nobody_asks, async |world| {
    let story = northwind(world).await;
    let lacks = Denied::RoleLacks { area: Area::MfaReset, level: Level::Edit };
    let roles = [Role::Manager, Role::Analyst, Role::CampaignCoordinator, Role::ContentCreator, Role::Support];
    let browser = world.signed_in(&story.marta).await;
    for role in roles {
        world.set_role(&story.marta, story.account.scope, role).await;
        assert_eq!(denied(ask(&browser, story.account.scope, &story.chiara).await), lacks);
        let (caller, scope) = (browser.me().await, story.account.scope);
        let mine = |answer: backend::Result<()>| denied(answer);
        assert_eq!(mine(mfa_reset::resend(&world.backend, &caller, scope, story.chiara.id).await), lacks);
        assert_eq!(mine(mfa_reset::cancel(&world.backend, &caller, scope, story.chiara.id).await), lacks);
        let seen = mfa_reset::preview(&world.backend, &caller, scope, story.chiara.id).await;
        assert_eq!(denied(seen), Denied::RoleLacks { area: Area::MfaReset, level: Level::View });
    }
    assert!(world.resets_of(&story.chiara).await.is_empty());
    assert!(world.log_of(story.account.scope).await.is_empty());
});

on_each_database!(who_is_not_here_is_not_there, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    let stranger = world.user("Stella").with_totp().admin_of(&other).await;
    let chiara = world.signed_in(&story.chiara).await;
    // A member of another account, nobody at all, and a scope that is another's or nobody's.
    let nobody = crate::support::Person { id: UserId(Uuid::from_u128(9)), ..story.marta.clone() };
    let no_scope = domain::scope::ScopeKind::Account.with(Uuid::from_u128(9));
    for (scope, target) in [
        (story.account.scope, &stranger),
        (story.account.scope, &nobody),
        (other.scope, &stranger),
        (other.scope, &story.marta),
        (no_scope, &story.marta),
        (domain::scope::ScopeKind::Portfolio.with(story.account.id().0), &story.marta),
    ] {
        let caller = chiara.me().await;
        assert_eq!(denied(ask(&chiara, scope, target).await), Denied::Unseen);
        assert_eq!(denied(mfa_reset::preview(&world.backend, &caller, scope, target.id).await), Denied::Unseen);
        assert_eq!(denied(mfa_reset::resend(&world.backend, &caller, scope, target.id).await), Denied::Unseen);
        assert_eq!(denied(mfa_reset::cancel(&world.backend, &caller, scope, target.id).await), Denied::Unseen);
    }
    assert_eq!(world.mails().await, [""; 0]);
});

on_each_database!(who_was_shut_out_of_the_scope_is_a_stranger_there, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    world.set_status(&story.chiara, story.account.scope, MembershipStatus::Deactivated).await;
    assert_eq!(denied(ask(&chiara, story.account.scope, &story.marta).await), Denied::Unseen);
});

on_each_database!(there_must_be_something_to_reset_and_somebody_active, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let bare = world.user("Bruno").analyst_of(&story.account).await;
    let chiara = world.signed_in(&story.chiara).await;
    assert_eq!(denied(ask(&chiara, scope, &bare).await), Denied::NothingToReset);
    for status in [MembershipStatus::Invited, MembershipStatus::Deactivated] {
        world.set_status(&story.marta, scope, status).await;
        assert_eq!(denied(ask(&chiara, scope, &story.marta).await), Denied::NotActive);
    }
    world.set_status(&story.marta, scope, MembershipStatus::Active).await;
    world.shut_out(&story.marta).await;
    assert_eq!(denied(ask(&chiara, scope, &story.marta).await), Denied::NotActive);
    assert!(world.log_of(scope).await.is_empty());
});

on_each_database!(asking_takes_an_own_authenticator, async |world| {
    let account = world.account("Free Northwind").free().await;
    let chiara = world.user("Chiara").admin_of(&account).await;
    let marta = world.user("Marta").with_totp().manager_of(&account).await;
    let browser = world.signed_in(&chiara).await;
    assert_eq!(browser.me().await.step_up(world.now()), StepUp::FreshByPassword);
    assert_eq!(denied(ask(&browser, account.scope, &marta).await), Denied::OwnAuthenticatorNeeded);
});

on_each_database!(asking_takes_a_proof_of_the_last_ten_minutes, async |world| {
    let story = northwind(world).await;
    let mut chiara = world.signed_in(&story.chiara).await;
    world.advance(10 * MINUTE - MS);
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    world.advance(MS);
    let needed = Denied::StepUpNeeded(StepUp::NeedsAuthenticator);
    assert_eq!(denied(ask(&chiara, story.account.scope, &story.marta).await), needed);
    chiara.code(&story.chiara.code(world)).await.unwrap();
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    world.deliver().await;
});

on_each_database!(a_backup_code_is_no_proof_for_resetting_another, async |world| {
    let story = northwind(world).await;
    let mut chiara = world.signed_in(&story.chiara).await;
    let codes = chiara.make_backup_codes().await;
    let mut elsewhere = world.browser();
    elsewhere.password(&story.chiara).await.unwrap();
    elsewhere.backup_code(&codes[0]).await.unwrap();
    let needed = Denied::StepUpNeeded(StepUp::FreshByRecoveryCode);
    assert_eq!(denied(ask(&elsewhere, story.account.scope, &story.marta).await), needed);
    world.deliver().await;
});

on_each_database!(a_half_done_sign_in_asks_for_nothing, async |world| {
    let story = northwind(world).await;
    let mut chiara = world.browser();
    chiara.password(&story.chiara).await.unwrap();
    assert!(matches!(
        ask(&chiara, story.account.scope, &story.marta).await,
        Err(Error::Unfinished(domain::sessions::Standing::AwaitingMfa))
    ));
});

// ── how often ─────────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(five_requests_a_day_and_reach_and_no_sixth, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    world.join(&story.marta, &other, Role::Manager).await;
    let carlo = world.user("Carlo").with_totp().admin_of(&other).await;
    let mut chiara = world.signed_in(&story.chiara).await;
    let first = world.now();
    for _ in 0..5 {
        ask(&chiara, story.account.scope, &story.marta).await.unwrap();
        world.advance(MINUTE);
    }
    assert_eq!(denied(ask(&chiara, story.account.scope, &story.marta).await), Denied::DailyLimit);
    // Another Admin is of the same reach, another account is not.
    let olga = world.signed_in(&story.olga).await;
    assert_eq!(denied(ask(&olga, story.account.scope, &story.marta).await), Denied::DailyLimit);
    let carlo = world.signed_in(&carlo).await;
    ask(&carlo, other.scope, &story.marta).await.unwrap();
    // A day after the first there is room for one.
    world.clock.set(first + 24 * HOUR - Duration::from_secs(30) - MS);
    chiara.sign_in(&story.chiara).await;
    assert_eq!(denied(ask(&chiara, story.account.scope, &story.marta).await), Denied::DailyLimit);
    world.clock.set(first + 24 * HOUR);
    ask(&chiara, story.account.scope, &story.marta).await.unwrap();
    assert_eq!(denied(ask(&chiara, story.account.scope, &story.marta).await), Denied::DailyLimit);
    world.deliver().await;
});

on_each_database!(a_newer_request_replaces_the_one_of_the_same_reach, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    world.join(&story.marta, &other, Role::Manager).await;
    let carlo = world.user("Carlo").with_totp().admin_of(&other).await;
    let first = asked(world, &story).await;
    let carlo = world.signed_in(&carlo).await;
    ask(&carlo, other.scope, &story.marta).await.unwrap();
    let elsewhere = world.reset_link(&story.marta).await;
    world.advance(MINUTE);
    let olga = world.signed_in(&story.olga).await;
    ask(&olga, story.account.scope, &story.marta).await.unwrap();
    let second = world.reset_link(&story.marta).await;

    assert_eq!(world.ends_of(&story.marta).await, ["superseded: newer", "live", "live"]);
    assert_eq!(world.state_of(&first).await, State::Superseded);
    assert_eq!(refused_as(super::accept(&world.backend, &first).await), State::Superseded);
    assert_eq!(refused_as(mfa_reset::decline(&world.backend, &world.visitor(), &first).await), State::Superseded);
    assert_eq!((world.state_of(&second).await, world.state_of(&elsewhere).await), (State::Open, State::Open));
    assert_eq!(
        world.log_of(story.account.scope).await,
        [
            "Chiara: mfa_reset_requested → Marta",
            "Olga: mfa_reset_requested → Marta",
            "Olga: mfa_reset_superseded → Marta (newer)"
        ]
    );
    super::accept(&world.backend, &second).await.unwrap();
    world.deliver().await;
});

// ── sending again, calling off ────────────────────────────────────────────────────────────────────────────────────

on_each_database!(resend_sends_the_same_link_five_times_and_prolongs_nothing, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let expires_at = world.resets_of(&story.marta).await[0].expires_at;
    let chiara = world.signed_in(&story.chiara).await;
    let (caller, scope) = (chiara.me().await, story.account.scope);
    for _ in 0..4 {
        mfa_reset::resend(&world.backend, &caller, scope, story.marta.id).await.unwrap();
    }
    let sixth = mfa_reset::resend(&world.backend, &caller, scope, story.marta.id).await;
    assert!(matches!(sixth, Err(Error::Throttled { .. })), "{sixth:?}");
    assert_eq!(world.reset_link(&story.marta).await.expose(), link.expose());
    assert_eq!(world.subjects_to(&story.marta).await, ["MFA reset request"; 5]);
    assert_eq!(world.resets_of(&story.marta).await[0].expires_at, expires_at);
    let log = world.log_of(scope).await;
    assert_eq!(log[0], "Chiara: mfa_reset_requested → Marta");
    assert_eq!(log[1..], ["Chiara: mfa_reset_resent → Marta"; 4]);
});

on_each_database!(only_an_open_request_is_sent_again_or_called_off, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    let (caller, scope) = (chiara.me().await, story.account.scope);
    let nothing_open = async |world: &World| {
        for answer in [
            mfa_reset::resend(&world.backend, &caller, scope, story.marta.id).await,
            mfa_reset::cancel(&world.backend, &caller, scope, story.marta.id).await,
        ] {
            assert!(matches!(answer, Err(Error::Conflict(Conflict::NoOpenReset))), "{answer:?}");
        }
    };
    nothing_open(world).await;
    ask(&chiara, scope, &story.marta).await.unwrap();
    world.deliver().await;
    world.clock.advance(12 * HOUR);
    nothing_open(world).await;
});

on_each_database!(any_administrator_here_calls_it_off_and_the_link_says_so, async |world| {
    let story = northwind(world).await;
    let link = asked(world, &story).await;
    let olga = world.signed_in(&story.olga).await;
    // Calling off takes nothing from anybody: no fresh proof.
    world.advance(HOUR);
    let (caller, scope) = (olga.me().await, story.account.scope);
    mfa_reset::cancel(&world.backend, &caller, scope, story.marta.id).await.unwrap();
    assert_eq!(world.state_of(&link).await, State::Cancelled);
    assert_eq!(refused_as(super::accept(&world.backend, &link).await), State::Cancelled);
    assert_eq!(world.ends_of(&story.marta).await, ["cancelled: asker"]);
    let log = ["Chiara: mfa_reset_requested → Marta", "Olga: mfa_reset_cancelled → Marta (asker)"];
    assert_eq!(world.log_of(scope).await, log);
    assert_eq!(world.place_of(&story.marta, scope).await.factor_kinds, 2);
});

on_each_database!(another_accounts_request_is_not_ones_own_to_call_off, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    world.join(&story.marta, &other, Role::Manager).await;
    let carlo = world.user("Carlo").with_totp().admin_of(&other).await;
    let link = asked(world, &story).await;
    let carlo = world.signed_in(&carlo).await;
    let caller = carlo.me().await;
    let answer = mfa_reset::cancel(&world.backend, &caller, other.scope, story.marta.id).await;
    assert!(matches!(answer, Err(Error::Conflict(Conflict::NoOpenReset))));
    let seen = mfa_reset::preview(&world.backend, &caller, other.scope, story.marta.id).await.unwrap();
    assert_eq!((seen.pending, seen.target.resets_today), (None, 0), "nothing of it shows there");
    assert_eq!(world.state_of(&link).await, State::Open);
});

// ── nothing half done ─────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(what_is_rolled_back_leaves_no_request_no_entry_and_no_mail, async |world| {
    let story = northwind(world).await;
    let chiara = world.signed_in(&story.chiara).await;
    let link = asked(world, &story).await;
    let before = world.dump().await;
    world.advance(2 * MINUTE);
    // The last thing that each does fails.
    world.execute("ALTER TABLE outbox RENAME TO outbox_away", []).await;
    let (caller, scope) = (chiara.me().await, story.account.scope);
    assert!(matches!(ask(&chiara, scope, &story.marta).await, Err(Error::Internal(_))));
    assert!(matches!(super::accept(&world.backend, &link).await, Err(Error::Internal(_))));
    assert!(matches!(mfa_reset::decline(&world.backend, &world.visitor(), &link).await, Err(Error::Internal(_))));
    assert!(matches!(mfa_reset::resend(&world.backend, &caller, scope, story.marta.id).await, Err(Error::Internal(_))));
    world.execute("ALTER TABLE outbox_away RENAME TO outbox", []).await;
    assert_eq!(world.dump().await.without(&["sessions.last_seen_at"]), before.without(&["sessions.last_seen_at"]));
    super::accept(&world.backend, &link).await.unwrap();
    world.deliver().await;
});
