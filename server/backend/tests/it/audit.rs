//! The activity log (10.6, 5.5): every transition is an entry, told to each scope only as far as it concerns it.

use crate::{
    mfa_reset::{ask, northwind},
    support::{Browser, MINUTE, Person, World, code_of},
};
use backend::{
    Error, accounts, audit, authenticators,
    crypto::Password,
    locked_out, mfa_requirement, mfa_reset, password_reset, sessions,
    store::entity::{audit_entry, authenticator},
};
use domain::{
    audit::{ActorKind, AuditAction, AuditPage, AuditQuery},
    ids::{AuditEntryId, AuthenticatorId},
    person::{EmailAddress, Reason},
    policy::Denied,
    roles::Role,
    scope::Scope,
};
use std::{collections::BTreeSet, time::Duration};
use uuid::Uuid;

async fn page(browser: &Browser<'_>, scope: Scope, query: AuditQuery) -> AuditPage {
    audit::list(&browser.backend, &browser.me().await, scope, &query).await.unwrap()
}

async fn own_entries(world: &World, person: &Person) -> Vec<String> {
    let rows = world.rows::<audit_entry::Entity>().await;
    let own = rows.into_iter().filter(|row| row.scope_kind.is_none() && row.target_id == Some(person.id.0));
    own.map(|row| row.action).collect()
}

on_each_database!(every_transition_and_sign_in_is_an_entry, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let bea = world.user("Bea").with_totp().analyst_of(&story.account).await;
    let mut chiara = world.signed_in(&story.chiara).await;
    accounts::console(&world.backend, &chiara.me().await, scope).await.unwrap();
    // Requested, resent, superseded, cancelled.
    ask(&chiara, scope, &story.marta).await.unwrap();
    world.advance(MINUTE);
    mfa_reset::resend(&world.backend, &chiara.me().await, scope, story.marta.id).await.unwrap();
    ask(&chiara, scope, &story.marta).await.unwrap();
    mfa_reset::cancel(&world.backend, &chiara.me().await, scope, story.marta.id).await.unwrap();
    world.deliver().await;
    // Declined.
    ask(&chiara, scope, &story.marta).await.unwrap();
    mfa_reset::decline(&world.backend, &world.visitor(), &world.reset_link(&story.marta).await).await.unwrap();
    // Expired.
    ask(&chiara, scope, &bea).await.unwrap();
    world.deliver().await;
    world.advance(Duration::from_secs(12 * 3600));
    mfa_reset::finish_due(&world.backend).await.unwrap();
    // Done.
    chiara.sign_in(&story.chiara).await;
    ask(&chiara, scope, &story.marta).await.unwrap();
    world.browser().accept(&world.reset_link(&story.marta).await).await.unwrap();
    // Enrolled, codes made and used, a method removed, a password set, a session ended, a sign-in that failed.
    let mut marta = world.browser();
    marta.sign_in(&story.marta).await;
    let seed = marta.enrol().await.unwrap();
    world.advance(Duration::from_secs(30));
    marta.code(&code_of(&seed, world.now())).await.unwrap();
    let codes = marta.make_backup_codes().await;
    let first = world.rows::<authenticator::Entity>().await;
    let first = first.iter().find(|row| row.user_id == story.marta.id.0).unwrap().id;
    marta.enrol().await.unwrap();
    let step = authenticators::unbind(&world.backend, &marta.me().await, AuthenticatorId(first)).await.unwrap();
    marta.take(step);
    let mut tablet = world.browser();
    tablet.password(&story.marta).await.unwrap();
    tablet.code("000000").await.unwrap_err();
    tablet.backup_code(&codes[0]).await.unwrap();
    sessions::end_others(&world.backend, &tablet.me().await).await.unwrap();
    assert!(world.browser().type_in(&story.marta.email, "not the right one").await.is_err());
    let email = EmailAddress::parse(&story.marta.email).unwrap();
    password_reset::request(&world.backend, &world.visitor(), &email).await.unwrap();
    let link = world.password_link(&story.marta).await;
    let new = Password::new("seven loaves before dawn".into());
    password_reset::set(&world.backend, &world.visitor(), &link, new).await.unwrap();

    let mut stranger = world.browser();
    stranger.password(&story.olga).await.unwrap();
    locked_out::ask(&world.backend, &stranger.me().await).await.unwrap();
    let call = world.link_to(&story.olga, "sign-in/not-me").await;
    locked_out::disown(&world.backend, &world.visitor(), &call).await.unwrap();

    let told: BTreeSet<String> = world.rows::<audit_entry::Entity>().await.into_iter().map(|row| row.action).collect();
    // Turned on and off in `requirement`, made by the operator in `operator`, told elsewhere below.
    let elsewhere =
        ["mfa_required", "mfa_not_required", "account_created", "user_created", "factors_removed_elsewhere"];
    // `mfa_reset::guards`.
    let later = [
        "mfa_reset_approved",
        "mfa_reset_rejected",
        "mfa_reset_accepted",
        "factors_leaving_elsewhere",
        "factors_stay_elsewhere",
        "guards_tightened",
        "guards_loosening",
        "guards_loosened",
        "mfa_requirement_loosening",
        "loosening_cancelled",
        // `mfa_policy`.
        "mfa_policy_tightened",
        "mfa_policy_loosening",
        "mfa_policy_loosened",
        // `email_change`.
        "email_change_asked",
        "email_change_declined",
        "email_changed",
        // `personal`.
        "name_changed",
        // `notice_email`.
        "notice_email_set",
        "notice_email_removed",
        // `passkeys` and `throttle`.
        "passkey_copied",
        "throttle_cleared",
        // `roll_out`.
        "mfa_reminded",
        "roll_out_exported",
        "users_exported",
        // `invitations`.
        "user_invited",
        "invitation_resent",
        "invitation_cancelled",
        "invitation_accepted",
        "invitation_declined",
        // `managing`.
        "role_changed",
        "member_deactivated",
        "member_reactivated",
        "member_signed_out",
        "member_removed",
        "member_left",
        "ownership_transferred",
        // `roles`.
        "role_made",
        "role_edited",
        "role_deleted",
        // `portfolios`.
        "portfolio_created",
        "link_asked",
        "link_cancelled",
        "link_declined",
        "account_linked",
        "link_to_confirm",
        "link_confirmed",
        "account_unlinked",
        // `operator` and `erasure`.
        "plan_changed",
        "account_closed",
        "portfolio_closed",
        "owner_to_be_set",
        "owner_stays",
        "address_to_be_set",
        "address_set",
        "address_stays",
        "sign_in_deactivated",
        "sign_in_activated",
        "sign_in_deleted",
    ];
    let expected: BTreeSet<String> = AuditAction::ALL
        .iter()
        .map(|action| action.key().to_owned())
        .filter(|key| !elsewhere.contains(&key.as_str()) && !later.contains(&key.as_str()))
        .collect();
    assert_eq!(told, expected);
    assert_eq!(own_entries(world, &story.marta).await, ["second_factor_failed", "session_ended", "sign_in_failed"]);
    world.deliver().await;
});

on_each_database!(other_scopes_read_one_sentence_and_nothing_of_where_or_by_whom, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    let carlo = world.user("Carlo").with_totp().owner_of(&other).await;
    world.join(&story.marta, &other, Role::Support).await;
    let chiara = world.signed_in(&story.chiara).await;
    let reason = Reason::parse("her phone is in the river").unwrap();
    mfa_reset::request(&world.backend, &chiara.me().await, story.account.scope, story.marta.id, &reason).await.unwrap();
    let link = world.reset_link(&story.marta).await;
    let mut phone = world.browser().at([203, 0, 113, 77]);
    phone.accept(&link).await.unwrap();
    assert_eq!(world.log_of(other.scope).await, ["system: factors_removed_elsewhere → Marta"]);
    let of_carlo = world.signed_in(&carlo).await;
    let seen = page(&of_carlo, other.scope, AuditQuery::default()).await;
    let line = seen.lines.iter().find(|line| line.action == AuditAction::FactorsRemovedElsewhere).unwrap();
    assert_eq!((line.actor_kind, line.actor.as_ref(), line.via.as_ref()), (ActorKind::System, None, None));
    assert_eq!((line.detail.as_ref(), line.place.as_ref(), line.device.as_ref()), (None, None, None));
    // Nothing in the row either by which the two could be brought together.
    let rows = world.rows::<audit_entry::Entity>().await;
    let row = rows.iter().find(|row| row.action == "factors_removed_elsewhere").unwrap();
    assert_eq!((row.subject_id, row.actor_id), (None, None));
    // The whole at home.
    let home = page(&chiara, story.account.scope, AuditQuery::default()).await;
    let done = home.lines.iter().find(|line| line.action == AuditAction::MfaResetDone).unwrap();
    assert_eq!((done.actor.as_deref(), done.place.as_deref()), (Some("Marta"), Some("203.0.113.77")));
    let asked = home.lines.iter().find(|line| line.action == AuditAction::MfaResetRequested).unwrap();
    assert_eq!(asked.detail.as_deref(), Some("her phone is in the river"));
    assert_eq!((asked.actor.as_deref(), asked.target.as_deref()), (Some("Chiara"), Some("Marta")));
    world.deliver().await;
});

on_each_database!(what_is_denied_or_refused_is_no_entry, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let marta = world.signed_in(&story.marta).await;
    let before = world.rows::<audit_entry::Entity>().await.len();
    ask(&marta, scope, &story.chiara).await.unwrap_err();
    mfa_reset::cancel(&world.backend, &marta.me().await, scope, story.chiara.id).await.unwrap_err();
    mfa_requirement::set(&world.backend, &marta.me().await, scope, false).await.unwrap_err();
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, scope, &story.chiara).await.unwrap_err();
    assert_eq!(world.rows::<audit_entry::Entity>().await.len(), before);
    assert!(world.mails().await.is_empty());
});

on_each_database!(failed_sign_ins_are_one_entry_for_ten_minutes_and_each_in_the_own_list, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    world.join(&story.marta, &other, Role::Support).await;
    for _ in 0..3 {
        assert!(world.browser().type_in(&story.marta.email, "not the right one").await.is_err());
    }
    world.see_to_knocks().await;
    for scope in [story.account.scope, other.scope] {
        assert_eq!(world.log_of(scope).await, ["system: sign_in_failed → Marta"]);
    }
    assert_eq!(own_entries(world, &story.marta).await.len(), 3);
    world.advance(10 * MINUTE);
    assert!(world.browser().type_in(&story.marta.email, "not the right one").await.is_err());
    world.see_to_knocks().await;
    assert_eq!(world.log_of(other.scope).await.len(), 2);
});

on_each_database!(refused_codes_are_told_like_refused_passwords, async |world| {
    let story = northwind(world).await;
    let mut thief = world.browser();
    thief.password(&story.chiara).await.unwrap();
    for _ in 0..3 {
        thief.code("000000").await.unwrap_err();
    }
    assert_eq!(world.log_of(story.account.scope).await, ["system: second_factor_failed → Chiara"]);
    assert_eq!(own_entries(world, &story.chiara).await, ["second_factor_failed"; 3]);
});

on_each_database!(an_unknown_address_is_in_the_operators_log_alone, async |world| {
    let story = northwind(world).await;
    assert!(world.browser().type_in("nobody@postern.example", "not the right one").await.is_err());
    world.see_to_knocks().await;
    assert!(world.log_of(story.account.scope).await.is_empty());
    let rows = world.rows::<audit_entry::Entity>().await;
    assert_eq!((rows.len(), rows[0].scope_kind.as_ref(), rows[0].target_id), (1, None, None));
    assert!(world.dump().await.find("nobody@postern.example").is_empty());
});

on_each_database!(a_sign_in_is_recorded_once_in_the_scope_it_enters, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    world.join(&story.marta, &other, Role::Support).await;
    let signed_in = async |scope: Scope| {
        let sql = "SELECT COUNT(*) FROM audit_entries WHERE action = 'signed_in' AND scope_id = ?";
        world.number(sql, [scope.uuid().into()]).await
    };
    let laptop = world.signed_in(&story.marta).await;
    let enter = async |browser: &Browser<'_>, scope: Scope| {
        accounts::console(&world.backend, &browser.me().await, scope).await.unwrap();
    };
    assert_eq!(signed_in(story.account.scope).await, 0);
    enter(&laptop, story.account.scope).await;
    enter(&laptop, story.account.scope).await;
    world.advance(2 * MINUTE);
    enter(&laptop, story.account.scope).await;
    assert_eq!((signed_in(story.account.scope).await, signed_in(other.scope).await), (1, 0));
    enter(&laptop, other.scope).await;
    assert_eq!(signed_in(other.scope).await, 1);
});

on_each_database!(a_second_sign_in_is_recorded_also_while_the_first_is_in_use, async |world| {
    // Whoever comes in with a stolen password while the person is working must not come in unrecorded.
    let story = northwind(world).await;
    let scope = story.account.scope;
    let sql = "SELECT COUNT(*) FROM audit_entries WHERE action = 'signed_in'";
    let laptop = world.signed_in(&story.marta).await;
    accounts::console(&world.backend, &laptop.me().await, scope).await.unwrap();
    assert_eq!(world.number(sql, []).await, 1);
    let thief = world.signed_in(&story.marta).await;
    accounts::console(&world.backend, &laptop.me().await, scope).await.unwrap();
    accounts::console(&world.backend, &thief.me().await, scope).await.unwrap();
    for _ in 0..5 {
        world.advance(MINUTE);
        accounts::console(&world.backend, &laptop.me().await, scope).await.unwrap();
        accounts::console(&world.backend, &thief.me().await, scope).await.unwrap();
    }
    assert_eq!(world.number(sql, []).await, 2);
});

on_each_database!(many_pages_at_once_record_one_sign_in, async |world| {
    let story = northwind(world).await;
    let (laptop, scope) = (world.signed_in(&story.marta).await, story.account.scope);
    let caller = laptop.me().await;
    let answers = world
        .at_once(10, |server, _| {
            let caller = caller.clone();
            async move { accounts::console(&server, &caller, scope).await }
        })
        .await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(world.number("SELECT COUNT(*) FROM audit_entries WHERE action = 'signed_in'", []).await, 1);
});

on_each_database!(the_log_is_walked_by_key_and_filtered, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    for _ in 0..60 {
        world.advance(11 * MINUTE);
        world.execute("DELETE FROM throttles", []).await;
        assert!(world.browser().type_in(&story.marta.email, "not the right one").await.is_err());
    }
    world.see_to_knocks().await;
    let (mut seen, mut query) = (Vec::new(), AuditQuery::default());
    loop {
        let page = page(&chiara, scope, query.clone()).await;
        seen.extend(page.lines.into_iter().map(|line| (line.at, line.id)));
        match page.after {
            Some(after) => query.after = Some(after),
            None => break,
        }
    }
    assert_eq!(seen.len(), 60);
    assert!(seen.is_sorted_by(|a, b| a.0 > b.0), "latest first");
    let only = |action| AuditQuery { action: Some(action), ..AuditQuery::default() };
    assert_eq!(page(&chiara, scope, only(AuditAction::MfaResetDone)).await.lines.len(), 0);
    let by = |q: &str| AuditQuery { q: q.into(), ..AuditQuery::default() };
    for (q, found) in [
        ("Marta", 50),
        ("marta", 50),
        ("ART", 50),
        ("Chiara", 0),
        ("%", 0),
        ("_", 0),
        ("\0", 50),
        (&"x".repeat(60_000), 0),
    ] {
        assert_eq!(page(&chiara, scope, by(q)).await.lines.len(), found, "{q:?}");
    }
    let nowhere = AuditQuery { after: Some(AuditEntryId(Uuid::nil())), ..AuditQuery::default() };
    assert!(page(&chiara, scope, nowhere).await.lines.is_empty());
});

on_each_database!(the_log_is_read_by_who_may, async |world| {
    let story = northwind(world).await;
    let other = world.account("Contoso").await;
    let scope = story.account.scope;
    let marta = world.signed_in(&story.marta).await;
    page(&marta, scope, AuditQuery::default()).await;
    world.set_role(&story.marta, scope, Role::Analyst).await;
    let denied = audit::list(&world.backend, &marta.me().await, scope, &AuditQuery::default()).await;
    assert!(matches!(denied, Err(Error::Denied(Denied::RoleLacks { .. }))));
    let denied = audit::list(&world.backend, &marta.me().await, other.scope, &AuditQuery::default()).await;
    assert!(matches!(denied, Err(Error::Denied(Denied::Unseen))));
});

on_each_database!(a_person_of_no_scope_has_entries_of_their_own, async |world| {
    let ann = world.user("Ann").await;
    let mut browser = world.signed_in(&ann).await;
    browser.enrol().await.unwrap();
    assert_eq!(own_entries(world, &ann).await, ["authenticator_bound"]);
    world.deliver().await;
});
