//! The guards (5.6): a second approver, a waiting time, a number, and what they remember.

use super::{Northwind, accept, ask, denied, northwind, refused_as};
use crate::support::{Browser, HOUR, MINUTE, MS, Person, World, since};
use backend::{
    Error, Result,
    crypto::{LinkToken, Nonce, Purpose},
    guards, loosening, mfa_requirement, mfa_reset,
    store::entity::{mfa_reset as reset_row, tenure},
    users,
};
use domain::{
    audit::AuditAction,
    errors::Conflict,
    guards::{ApprovalReason, ApproverFor, GuardSettings, Guards, Hours, NumberReason},
    ids::LooseningId,
    loosening::{LOOSENING, Loosened},
    mfa_reset::{EndReason, PendingReset, ResetPreview, State},
    policy::Denied,
    roles::{Area, Level, Rank, Role},
    scope::Scope,
    sessions::Standing,
    users::{MembershipStatus, UserQuery},
};

/// Northwind with another Admin, everybody in office for longer than the guards remember.
pub struct Guarded {
    pub base: Northwind,
    pub bruno: Person,
}

pub async fn guarded(world: &World) -> Guarded {
    let base = northwind(world).await;
    let bruno = world.user("Bruno").with_totp().admin_of(&base.account).await;
    world.advance(8 * 24 * HOUR);
    Guarded { base, bruno }
}

impl Guarded {
    pub fn scope(&self) -> Scope {
        self.base.account.scope
    }
}

pub async fn preview(reader: &Browser<'_>, scope: Scope, target: &Person) -> ResetPreview {
    mfa_reset::preview(&reader.backend, &reader.me().await, scope, target.id).await.unwrap()
}

async fn pending(reader: &Browser<'_>, scope: Scope, target: &Person) -> PendingReset {
    preview(reader, scope, target).await.pending.unwrap()
}

pub async fn approve(approver: &Browser<'_>, scope: Scope, target: &Person) -> Result<()> {
    mfa_reset::approve(&approver.backend, &approver.me().await, scope, target.id).await
}

pub async fn reject(approver: &Browser<'_>, scope: Scope, target: &Person) -> Result<()> {
    mfa_reset::reject(&approver.backend, &approver.me().await, scope, target.id).await
}

pub async fn set(admin: &Browser<'_>, scope: Scope, guards: Guards) -> Result<()> {
    guards::set(&admin.backend, &admin.me().await, scope, guards).await
}

async fn settings(reader: &Browser<'_>, scope: Scope) -> GuardSettings {
    guards::get(&reader.backend, &reader.me().await, scope).await.unwrap()
}

/// The link of a person's latest request, which nobody was mailed: for who would try it all the same.
pub async fn unmailed_link(world: &World, person: &Person) -> LinkToken {
    let row: reset_row::Model = world.resets_of(person).await.pop().unwrap();
    world.backend.keys.link_token(Purpose::MfaReset, row.id, Nonce::from_slice(&row.nonce))
}

pub async fn has_factor(world: &World, person: &Person, scope: Scope) -> bool {
    world.place_of(person, scope).await.factor_kinds != 0
}

pub fn hours(hours: u8) -> Hours {
    Hours::try_from(hours).unwrap()
}

// ── a second approver ─────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(an_administrator_is_reset_only_when_a_second_one_agrees, async |world| {
    let story = guarded(world).await;
    let (scope, olga) = (story.scope(), world.signed_in(&story.base.olga).await);
    let chiara = world.signed_in(&story.base.chiara).await;
    let before = preview(&chiara, scope, &story.bruno).await.demands;
    assert_eq!((before.approval, before.somebody_can_approve), (Some(ApprovalReason::Administrator), true));
    ask(&chiara, scope, &story.bruno).await.unwrap();
    world.deliver().await;
    let told = ["mfa_reset_approval_wanted to Olga"];
    assert_eq!(world.mails().await.iter().filter(|mail| mail.starts_with("mfa_reset")).collect::<Vec<_>>(), told);
    assert_eq!(pending(&chiara, scope, &story.bruno).await.state, State::AwaitingApproval);
    // The person has no link; with one they could do nothing.
    let link = unmailed_link(world, &story.bruno).await;
    assert_eq!(world.state_of(&link).await, State::AwaitingApproval);
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::AwaitingApproval);
    assert_eq!(
        mfa_reset::resend(&world.backend, &chiara.me().await, scope, story.bruno.id).await.unwrap_err().to_string(),
        Error::from(Conflict::NoOpenReset).to_string()
    );
    // It waits in the list of those who can decide.
    let page = users::list(&world.backend, &olga.me().await, scope, &UserQuery::default()).await.unwrap();
    let awaiting = &page.awaiting[0];
    assert_eq!((awaiting.name.as_str(), awaiting.asked_by.as_str(), awaiting.is_own), ("Bruno", "Chiara", false));
    world.advance(11 * HOUR);
    let olga = world.signed_in(&story.base.olga).await;
    approve(&olga, scope, &story.bruno).await.unwrap();
    // Twelve hours from now, and with the approval, not from the asking.
    let link = world.reset_link(&story.bruno).await;
    world.advance(12 * HOUR - MINUTE);
    accept(&world.backend, &link).await.unwrap();
    assert!(!has_factor(world, &story.bruno, scope).await);
    let told =
        ["Chiara: mfa_reset_requested → Bruno", "Olga: mfa_reset_approved → Bruno", "Bruno: mfa_reset_done → Bruno"];
    assert_eq!(world.log_of(scope).await, told);
    assert!(world.subjects_to(&story.base.chiara).await.contains(&"MFA reset of Bruno approved".to_owned()));
    world.deliver().await;
});

on_each_database!(a_rejected_request_is_over, async |world| {
    let story = guarded(world).await;
    let (scope, olga) = (story.scope(), world.signed_in(&story.base.olga).await);
    let chiara = world.signed_in(&story.base.chiara).await;
    ask(&chiara, scope, &story.bruno).await.unwrap();
    reject(&olga, scope, &story.bruno).await.unwrap();
    let link = unmailed_link(world, &story.bruno).await;
    assert_eq!(world.state_of(&link).await, State::Rejected);
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Rejected);
    assert_eq!(refused_as(approve(&olga, scope, &story.bruno).await), State::Rejected);
    assert_eq!(world.ends_of(&story.bruno).await, ["rejected: approver"]);
    assert!(world.subjects_to(&story.base.chiara).await.contains(&"MFA reset of Bruno not approved".to_owned()));
    assert!(world.subjects_to(&story.bruno).await.iter().all(|subject| !subject.contains("MFA reset")));
});

on_each_database!(an_approval_that_is_not_given_in_time_expires, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let chiara = world.signed_in(&story.base.chiara).await;
    ask(&chiara, scope, &story.bruno).await.unwrap();
    world.deliver().await;
    world.advance(12 * HOUR);
    let olga = world.signed_in(&story.base.olga).await;
    assert_eq!(refused_as(approve(&olga, scope, &story.bruno).await), State::Expired);
    assert_eq!(refused_as(reject(&olga, scope, &story.bruno).await), State::Expired);
    world.deliver().await;
    assert_eq!(world.ends_of(&story.bruno).await, ["expired: time_up"]);
});

on_each_database!(of_parallel_decisions_one_wins, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let dora = world.user("Dora").with_totp().admin_of(&story.base.account).await;
    world.advance(8 * 24 * HOUR);
    for round in 0..3 {
        let chiara = world.signed_in(&story.base.chiara).await;
        ask(&chiara, scope, &story.bruno).await.unwrap();
        let deciders = [world.signed_in(&story.base.olga).await.me().await, world.signed_in(&dora).await.me().await];
        let decided = world
            .at_once(8, |server, number| {
                let (caller, user) = (deciders[number % 2].clone(), story.bruno.id);
                async move {
                    match number % 4 {
                        0 | 1 => mfa_reset::approve(&server, &caller, scope, user).await.is_ok(),
                        _ => mfa_reset::reject(&server, &caller, scope, user).await.is_ok(),
                    }
                }
            })
            .await;
        assert_eq!(decided.iter().filter(|done| **done).count(), 1, "round {round}");
        if decided[0] || decided[1] || decided[4] || decided[5] {
            mfa_reset::cancel(&world.backend, &chiara.me().await, scope, story.bruno.id).await.unwrap();
        }
        world.deliver().await;
    }
    let mails = world.mails().await;
    let told = |kind: &str| mails.iter().filter(|mail| mail.starts_with(kind)).count();
    assert_eq!(told("mfa_reset_approved") + told("mfa_reset_rejected"), 3);
    assert_eq!(told("mfa_reset_request "), told("mfa_reset_approved"), "a mail to the person for each approval");
});

on_each_database!(who_may_not_approve_is_told_why, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let (olga, marta) = (&story.base.olga, &story.base.marta);
    let dora = world.user("Dora").with_totp().manager_of(&story.base.account).await;
    let nina = world.user("Nina").with_totp().manager_of(&story.base.account).await;
    world.set_role_by(Some(olga), &dora, scope, Role::Admin).await;
    world.advance(7 * 24 * HOUR - 10 * MINUTE);
    let chiara = world.signed_in(&story.base.chiara).await;
    ask(&chiara, scope, &story.bruno).await.unwrap();
    let why = async |person: &Person| denied(approve(&world.signed_in(person).await, scope, &story.bruno).await);
    assert_eq!(why(&story.base.chiara).await, Denied::OwnRequest);
    assert_eq!(why(&story.bruno).await, Denied::Oneself);
    assert_eq!(why(marta).await, Denied::RoleLacks { area: Area::MfaReset, level: Level::Edit });
    assert_eq!(why(&dora).await, Denied::NotSeasoned);
    // Raised a moment ago.
    world.set_role(&nina, scope, Role::Admin).await;
    assert_eq!(why(&nina).await, Denied::NotSeasoned);
    // Seven days later to the millisecond one may; who was demoted meanwhile may not.
    let other = world.account("Contoso").await;
    let carlo = world.user("Carlo").with_totp().owner_of(&other).await;
    assert_eq!(why(&carlo).await, Denied::Unseen);
    world.set_role(&dora, scope, Role::Manager).await;
    assert_eq!(why(&dora).await, Denied::RoleLacks { area: Area::MfaReset, level: Level::Edit });
    assert!(world.ends_of(&story.bruno).await.iter().all(|end| end == "live"), "nothing was changed by trying");
    // A rejection needs no time in office.
    reject(&world.signed_in(&nina).await, scope, &story.bruno).await.unwrap();
    world.deliver().await;
});

on_each_database!(approving_takes_a_fresh_proof_and_rejecting_does_not, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let olga = world.signed_in(&story.base.olga).await;
    world.advance(11 * MINUTE);
    let chiara = world.signed_in(&story.base.chiara).await;
    ask(&chiara, scope, &story.bruno).await.unwrap();
    assert!(matches!(denied(approve(&olga, scope, &story.bruno).await), Denied::StepUpNeeded(_)));
    reject(&olga, scope, &story.bruno).await.unwrap();
    world.deliver().await;
});

on_each_database!(a_request_that_waits_dies_with_the_right_of_its_asker, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let chiara = world.signed_in(&story.base.chiara).await;
    ask(&chiara, scope, &story.bruno).await.unwrap();
    world.set_role(&story.base.chiara, scope, Role::Manager).await;
    let olga = world.signed_in(&story.base.olga).await;
    assert_eq!(refused_as(approve(&olga, scope, &story.bruno).await), State::Cancelled);
    world.deliver().await;
    assert_eq!(world.ends_of(&story.bruno).await, ["cancelled: asker_lost_right"]);
});

// ── the waiting time ──────────────────────────────────────────────────────────────────────────────────────────────

/// Chiara asks for Olga, whom nobody else can approve; Olga accepts, in this browser.
async fn owner_accepted<'w>(world: &'w World, story: &Northwind) -> (LinkToken, Browser<'w>) {
    let chiara = world.signed_in(&story.chiara).await;
    ask(&chiara, story.account.scope, &story.olga).await.unwrap();
    let link = world.reset_link(&story.olga).await;
    let mut phone = world.browser();
    phone.accept(&link).await.unwrap();
    (link, phone)
}

on_each_database!(an_owner_whom_nobody_can_approve_has_a_day_to_call_it_off, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    assert_eq!(preview(&chiara, scope, &story.olga).await.demands.wait, 24 * HOUR);
    let olga = world.signed_in(&story.olga).await;
    let (link, mut phone) = owner_accepted(world, &story).await;
    let seen = mfa_reset::peek(&world.backend, &link).await.unwrap();
    assert_eq!(seen.state, State::Waiting);
    // All is as before, and every session says what will be.
    assert!(has_factor(world, &story.olga, scope).await);
    let mine = mfa_reset::of_mine(&world.backend, &olga.me().await).await.unwrap().unwrap();
    assert_eq!((mine.state, mine.effective_at), (State::Waiting, Some(world.now() + 24 * HOUR)));
    assert_eq!(pending(&chiara, scope, &story.olga).await.effective_at, Some(world.now() + 24 * HOUR));
    world.wait_out(24 * HOUR - MS).await;
    assert_eq!(world.state_of(&link).await, State::Waiting);
    assert_eq!(refused_as(accept(&world.backend, &link).await), State::Waiting);
    world.wait_out(MS).await;
    assert_eq!(world.state_of(&link).await, State::Done);
    assert!(!has_factor(world, &story.olga, scope).await);
    assert!(olga.caller().await.is_err(), "every session has ended");
    // The browser that accepted is recognised, though it did so a day ago.
    world.deliver().await;
    assert_eq!(phone.password(&story.olga).await.unwrap(), Standing::EnrolOnly);
    let told = ["Chiara: mfa_reset_requested → Olga", "Olga: mfa_reset_accepted → Olga", "Olga: mfa_reset_done → Olga"];
    assert_eq!(world.log_of(scope).await, told);
});

on_each_database!(while_it_waits_the_person_calls_it_off_by_the_same_link, async |world| {
    let story = northwind(world).await;
    let (link, _) = owner_accepted(world, &story).await;
    assert_eq!(mfa_reset::decline(&world.backend, &world.visitor(), &link).await.unwrap(), State::Cancelled);
    world.wait_out(25 * HOUR).await;
    assert_eq!(world.state_of(&link).await, State::Cancelled);
    assert!(has_factor(world, &story.olga, story.account.scope).await);
    let stopped = "MFA reset of Olga called off".to_owned();
    assert!(world.subjects_to(&story.chiara).await.contains(&stopped));
    assert!(world.subjects_to(&story.olga).await.contains(&"Your MFA reset was called off".to_owned()));
});

on_each_database!(while_it_waits_an_own_session_or_an_administrator_calls_it_off, async |world| {
    let story = northwind(world).await;
    let olga = world.signed_in(&story.olga).await;
    let (_, _) = owner_accepted(world, &story).await;
    let mine = mfa_reset::of_mine(&world.backend, &olga.me().await).await.unwrap().unwrap();
    mfa_reset::decline_mine(&world.backend, &olga.me().await, mine.id).await.unwrap();
    let (_, _) = owner_accepted(world, &story).await;
    let chiara = world.signed_in(&story.chiara).await;
    // One that was accepted is not replaced by another.
    assert_eq!(refused_as(ask(&chiara, story.account.scope, &story.olga).await), State::Waiting);
    mfa_reset::cancel(&world.backend, &chiara.me().await, story.account.scope, story.olga.id).await.unwrap();
    assert_eq!(world.ends_of(&story.olga).await, ["cancelled: target", "cancelled: asker"]);
    world.wait_out(25 * HOUR).await;
    assert!(has_factor(world, &story.olga, story.account.scope).await);
    world.deliver().await;
});

on_each_database!(what_is_due_takes_effect_once_and_not_against_a_cancel, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    for round in 0..3 {
        let olga = world.user(&format!("Olga {round}")).with_totp().admin_of(&story.account).await;
        let of_olga = Guards { wait: hours(1), approver: ApproverFor::Nobody, ..Guards::default() };
        backend::store::set_guards(world.backend.database.write(), scope, of_olga).await.unwrap();
        let chiara = world.signed_in(&story.chiara).await;
        ask(&chiara, scope, &olga).await.unwrap();
        let link = world.reset_link(&olga).await;
        accept(&world.backend, &link).await.unwrap();
        world.advance(HOUR);
        let chiara = world.signed_in(&story.chiara).await.me().await;
        let done = world
            .at_once(6, |server, number| {
                let (caller, user) = (chiara.clone(), olga.id);
                async move {
                    match number {
                        0 => mfa_reset::cancel(&server, &caller, scope, user).await.is_ok(),
                        _ => mfa_reset::finish_due(&server).await.is_ok(),
                    }
                }
            })
            .await;
        assert!(done[1..].iter().all(|done| *done), "round {round}");
        let end = world.ends_of(&olga).await;
        assert_eq!(end, if done[0] { ["cancelled: asker"] } else { ["done: accepted"] }, "round {round}");
        assert_eq!(has_factor(world, &olga, scope).await, done[0]);
        world.deliver().await;
    }
});

on_each_database!(with_an_approval_an_owner_need_not_wait, async |world| {
    let story = guarded(world).await;
    let scope = story.scope();
    let chiara = world.signed_in(&story.base.chiara).await;
    let before = preview(&chiara, scope, &story.base.olga).await.demands;
    assert_eq!((before.approval, before.wait), (Some(ApprovalReason::Administrator), std::time::Duration::ZERO));
    ask(&chiara, scope, &story.base.olga).await.unwrap();
    approve(&world.signed_in(&story.bruno).await, scope, &story.base.olga).await.unwrap();
    accept(&world.backend, &world.reset_link(&story.base.olga).await).await.unwrap();
    assert!(!has_factor(world, &story.base.olga, scope).await);
    world.deliver().await;
});

on_each_database!(the_operator_waits_for_nothing_and_replaces_what_waits, async |world| {
    let story = northwind(world).await;
    let (link, _) = owner_accepted(world, &story).await;
    let email = domain::person::EmailAddress::parse(&story.olga.email).unwrap();
    mfa_reset::request_by_operator(&world.backend, &email, &domain::person::Reason::none()).await.unwrap();
    assert_eq!(mfa_reset::peek(&world.backend, &link).await.unwrap().reason, Some(EndReason::Newer));
    accept(&world.backend, &world.reset_link(&story.olga).await).await.unwrap();
    assert!(!has_factor(world, &story.olga, story.account.scope).await);
    world.deliver().await;
});

// ── an administrator of another place ─────────────────────────────────────────────────────────────────────────────

on_each_database!(where_else_somebody_is_an_administrator_it_waits_and_can_be_called_off, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let other = world.account("Contoso").await;
    let carlo = world.user("Carlo").with_totp().owner_of(&other).await;
    world.join(&story.marta, &other, Role::Admin).await;
    for calls_off in [false, true] {
        let chiara = world.signed_in(&story.chiara).await;
        // Who asks does not learn of it: not before, not after.
        assert_eq!(preview(&chiara, scope, &story.marta).await.demands, domain::guards::Demands::default());
        ask(&chiara, scope, &story.marta).await.unwrap();
        let link = world.reset_link(&story.marta).await;
        accept(&world.backend, &link).await.unwrap();
        let seen = pending(&chiara, scope, &story.marta).await;
        assert_eq!((seen.state, seen.effective_at, seen.is_elsewhere), (State::Waiting, None, false));
        let mail = world.mail_to(&story.chiara).await;
        assert_eq!(mail.subject, "MFA reset of Marta accepted");
        assert!(!mail.text.contains("Takes effect") && !mail.text.contains("Contoso"), "{}", mail.text);
        // The other place is told that it is so, and neither who asked nor where.
        let mail = world.mail_to(&carlo).await;
        assert_eq!(mail.subject, "Second factors of Marta will be removed");
        assert!(!mail.text.contains("Northwind") && !mail.text.contains("Chiara"), "{}", mail.text);
        let of_carlo = world.signed_in(&carlo).await;
        let seen = pending(&of_carlo, other.scope, &story.marta).await;
        assert_eq!((seen.is_elsewhere, seen.asked_by), (true, None));
        if calls_off {
            mfa_reset::cancel(&world.backend, &of_carlo.me().await, other.scope, story.marta.id).await.unwrap();
            world.wait_out(24 * HOUR).await;
            assert!(has_factor(world, &story.marta, scope).await);
            assert_eq!(world.ends_of(&story.marta).await, ["cancelled: called_off"]);
            let told = world.log_of(scope).await;
            assert_eq!(told.last().unwrap(), "system: mfa_reset_cancelled → Marta (called_off)");
            assert_eq!(world.log_of(other.scope).await.last().unwrap(), "Carlo: factors_stay_elsewhere → Marta");
        } else {
            // Others there can do nothing else with it.
            let nothing = mfa_reset::resend(&world.backend, &of_carlo.me().await, other.scope, story.marta.id).await;
            assert!(matches!(nothing, Err(Error::Conflict(Conflict::NoOpenReset))));
            mfa_reset::cancel(&world.backend, &chiara.me().await, scope, story.marta.id).await.unwrap();
            world.execute("DELETE FROM mfa_resets", []).await;
            world.execute("DELETE FROM audit_entries", []).await;
        }
    }
    world.deliver().await;
});

on_each_database!(the_effect_elsewhere_is_remembered_for_seven_days_whatever_became_of_the_membership, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let other = world.account("Contoso").await;
    world.join(&story.marta, &other, Role::Admin).await;
    let waits = async || {
        let chiara = world.signed_in(&story.chiara).await;
        ask(&chiara, scope, &story.marta).await.unwrap();
        let link = world.reset_link(&story.marta).await;
        accept(&world.backend, &link).await.unwrap();
        let state = world.state_of(&link).await;
        if state == State::Waiting {
            mfa_reset::cancel(&world.backend, &chiara.me().await, scope, story.marta.id).await.unwrap();
        }
        world.deliver().await;
        state
    };
    assert_eq!(waits().await, State::Waiting);
    world.set_role(&story.marta, other.scope, Role::Support).await;
    world.advance(6 * 24 * HOUR);
    assert_eq!(waits().await, State::Waiting, "demoted there six days ago");
    world.set_status(&story.marta, other.scope, MembershipStatus::Deactivated).await;
    assert_eq!(waits().await, State::Waiting, "shut out there for a moment is no way around");
    world.advance(25 * HOUR);
    assert_eq!(waits().await, State::Done);
});

// ── a number for everybody ────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(where_it_is_set_every_request_takes_a_number, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    set(&chiara, scope, Guards { number: true, ..Guards::default() }).await.unwrap();
    assert_eq!(preview(&chiara, scope, &story.marta).await.demands.number, Some(NumberReason::Set));
    ask(&chiara, scope, &story.marta).await.unwrap();
    let number = preview(&chiara, scope, &story.marta).await.number.unwrap();
    let link = world.reset_link(&story.marta).await;
    assert!(accept(&world.backend, &link).await.is_err());
    mfa_reset::accept(&world.backend, &world.visitor(), &link, &number).await.unwrap();
    world.deliver().await;
});

// ── the settings ──────────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(what_is_stricter_holds_at_once_and_what_is_looser_a_day_later, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    let strict = Guards { approver: ApproverFor::Everybody, wait: hours(12), owner_wait: hours(72), number: true };
    set(&chiara, scope, strict).await.unwrap();
    assert_eq!(settings(&chiara, scope).await.guards, strict);
    assert!(world.mails().await.iter().all(|mail| !mail.starts_with("loosening")));
    // Some stricter, some looser: the one now, the other later.
    let mixed = Guards { approver: ApproverFor::Nobody, wait: hours(24), ..strict };
    set(&chiara, scope, mixed).await.unwrap();
    let seen = settings(&chiara, scope).await;
    assert_eq!(seen.guards, Guards { wait: hours(24), ..strict });
    let loosening = seen.loosening.unwrap();
    assert_eq!((loosening.to, loosening.due_at), (Loosened::Guards(mixed), world.now() + LOOSENING));
    world.deliver().await;
    assert_eq!(
        world.mails().await.iter().filter(|mail| mail.starts_with("loosening")).collect::<Vec<_>>(),
        ["loosening to Chiara", "loosening to Olga"]
    );
    world.advance(LOOSENING - MS);
    world.deliver().await;
    let chiara = world.signed_in(&story.chiara).await;
    world.clock.set(world.now() - 30 * 1000 * MS);
    assert_eq!(settings(&chiara, scope).await.guards.approver, ApproverFor::Everybody);
    world.advance(31 * 1000 * MS);
    world.deliver().await;
    let seen = settings(&chiara, scope).await;
    assert_eq!((seen.guards, seen.loosening), (mixed, None));
    let told =
        ["Chiara: guards_tightened", "Chiara: guards_tightened", "Chiara: guards_loosening", "system: guards_loosened"];
    assert_eq!(world.log_of(scope).await, told);
});

on_each_database!(every_administrator_can_call_it_off_once, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let (chiara, olga) = (world.signed_in(&story.chiara).await, world.signed_in(&story.olga).await);
    let loose = Guards { owner_wait: Hours::NONE, ..Guards::default() };
    set(&chiara, scope, loose).await.unwrap();
    let id = settings(&olga, scope).await.loosening.unwrap().id;
    let nothing = Err::<(), _>(Conflict::NothingToCallOff);
    let call_off = async |browser: &Browser<'_>, id: LooseningId| {
        loosening::cancel(&world.backend, &browser.me().await, scope, id).await
    };
    // Not who is no administrator, and not one of another place by the same id.
    let marta = world.signed_in(&story.marta).await;
    assert!(matches!(denied(call_off(&marta, id).await), Denied::RoleLacks { .. }));
    let other = world.account("Contoso").await;
    let carlo = world.signed_in(&world.user("Carlo").with_totp().owner_of(&other).await).await;
    let elsewhere = loosening::cancel(&world.backend, &carlo.me().await, other.scope, id).await;
    assert!(matches!(elsewhere, Err(Error::Conflict(Conflict::NothingToCallOff))));
    let ids = [olga.me().await, chiara.me().await];
    let done = world
        .at_once(6, |server, number| {
            let caller = ids[number % 2].clone();
            async move { loosening::cancel(&server, &caller, scope, id).await.is_ok() }
        })
        .await;
    assert_eq!(done.iter().filter(|done| **done).count(), 1);
    match call_off(&olga, id).await {
        Err(Error::Conflict(conflict)) => assert_eq!(Err::<(), _>(conflict), nothing),
        other => panic!("{other:?}"),
    }
    world.advance(25 * HOUR);
    world.deliver().await;
    let olga = world.signed_in(&story.olga).await;
    assert_eq!(settings(&olga, scope).await.guards, Guards::default());
});

on_each_database!(setting_it_stricter_calls_off_what_was_to_be_looser, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let chiara = world.signed_in(&story.chiara).await;
    let loose = Guards { owner_wait: Hours::NONE, ..Guards::default() };
    set(&chiara, scope, loose).await.unwrap();
    // Another that is looser takes its place, and begins anew.
    world.advance(HOUR);
    let chiara = world.signed_in(&story.chiara).await;
    set(&chiara, scope, Guards { approver: ApproverFor::Nobody, ..loose }).await.unwrap();
    assert_eq!(settings(&chiara, scope).await.loosening.unwrap().due_at, world.now() + LOOSENING);
    set(&chiara, scope, Guards { number: true, ..Guards::default() }).await.unwrap();
    assert_eq!(settings(&chiara, scope).await.loosening, None);
    world.advance(48 * HOUR);
    world.deliver().await;
    let chiara = world.signed_in(&story.chiara).await;
    assert_eq!(settings(&chiara, scope).await.guards, Guards { number: true, ..Guards::default() });
});

on_each_database!(two_who_set_it_at_once_leave_one_setting, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let callers = [world.signed_in(&story.chiara).await.me().await, world.signed_in(&story.olga).await.me().await];
    let loose = Guards { owner_wait: Hours::NONE, ..Guards::default() };
    let done = world
        .at_once(8, |server, number| {
            let caller = callers[number % 2].clone();
            let asked = if number % 3 == 0 { Guards { wait: hours(12), ..loose } } else { loose };
            async move { guards::set(&server, &caller, scope, asked).await.is_ok() }
        })
        .await;
    assert!(done.iter().all(|done| *done), "{done:?}");
    let sql = "SELECT COUNT(*) FROM loosenings WHERE ended_at IS NULL";
    assert_eq!(world.number(sql, []).await, 1);
    world.deliver().await;
});

on_each_database!(the_requirement_is_turned_off_a_day_later_and_can_be_called_off, async |world| {
    let account = world.account("Freehold").free().requiring_mfa().await;
    let olga = world.user("Olga").with_totp().owner_of(&account).await;
    let chiara = world.user("Chiara").with_totp().admin_of(&account).await;
    let (of_olga, of_chiara) = (world.signed_in(&olga).await, world.signed_in(&chiara).await);
    mfa_requirement::set(&world.backend, &of_chiara.me().await, account.scope, false).await.unwrap();
    let mail = world.mail_to(&olga).await;
    assert_eq!(mail.subject, "Security of Freehold will be loosened");
    let seen = mfa_requirement::get(&world.backend, &of_olga.me().await, account.scope).await.unwrap();
    assert!(seen.required);
    let loosening = seen.loosening.unwrap();
    assert_eq!((loosening.to, loosening.asked_by.as_str()), (Loosened::MfaNotRequired, "Chiara"));
    loosening::cancel(&world.backend, &of_olga.me().await, account.scope, loosening.id).await.unwrap();
    world.advance(25 * HOUR);
    world.deliver().await;
    let of_olga = world.signed_in(&olga).await;
    assert!(mfa_requirement::get(&world.backend, &of_olga.me().await, account.scope).await.unwrap().required);
    let told = ["Chiara: mfa_requirement_loosening", "Olga: loosening_cancelled"];
    assert_eq!(world.log_of(account.scope).await, told);
});

on_each_database!(setting_takes_the_permission_and_a_fresh_proof, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let strict = Guards { number: true, ..Guards::default() };
    let marta = world.signed_in(&story.marta).await;
    let lacks = Denied::RoleLacks { area: Area::SecuritySettings, level: Level::Edit };
    assert_eq!(denied(set(&marta, scope, strict).await), lacks);
    let chiara = world.signed_in(&story.chiara).await;
    world.advance(11 * MINUTE);
    assert!(matches!(denied(set(&chiara, scope, strict).await), Denied::StepUpNeeded(_)));
    let other = world.account("Contoso").await;
    let carlo = world.signed_in(&world.user("Carlo").with_totp().owner_of(&other).await).await;
    assert_eq!(denied(set(&carlo, scope, strict).await), Denied::Unseen);
    assert!(world.log_of(scope).await.iter().all(|line| !line.contains(AuditAction::GuardsTightened.key())));
});

// ── what is remembered ────────────────────────────────────────────────────────────────────────────────────────────

on_each_database!(a_tenure_lasts_as_long_as_the_role_and_says_who_gave_it, async |world| {
    let story = northwind(world).await;
    let scope = story.account.scope;
    let lasting = async || {
        let rows = world.rows::<tenure::Entity>().await;
        let mut rows: Vec<_> = rows.into_iter().filter(|row| row.user_id == story.marta.id.0).collect();
        rows.sort_by_key(|row| row.since);
        rows.iter().map(|row| (row.role_rank, row.until.is_none(), row.given_by)).collect::<Vec<_>>()
    };
    let (olga, admin) = (Some(story.olga.id.0), Rank::Admin as i16);
    assert_eq!(lasting().await, []);
    world.set_role_by(Some(&story.olga), &story.marta, scope, Role::Admin).await;
    assert_eq!(lasting().await, [(admin, true, olga)]);
    world.advance(HOUR);
    world.set_status(&story.marta, scope, MembershipStatus::Deactivated).await;
    assert_eq!(lasting().await, [(admin, false, olga)]);
    world.advance(HOUR);
    world.set_status(&story.marta, scope, MembershipStatus::Active).await;
    world.advance(HOUR);
    world.remove(&story.marta, scope).await;
    assert_eq!(lasting().await, [(admin, false, olga), (admin, false, None)]);
});

on_each_database!(a_database_of_before_knows_its_administrators, async |world| {
    use migrations::MigratorTrait;
    let story = guarded(world).await;
    let described = async || {
        let rows = world.rows::<tenure::Entity>().await;
        let mut rows: Vec<_> =
            rows.into_iter().map(|row| (row.user_id, row.role_rank, row.resets_mfa, row.since, row.until)).collect();
        rows.sort_unstable();
        rows
    };
    let before = described().await;
    assert_eq!(before.len(), 3);
    let on = world.backend.database.write();
    migrations::Migrator::down(on, Some(since("000013_guards"))).await.unwrap();
    migrations::Migrator::up(on, None).await.unwrap();
    assert_eq!(described().await, before);
    let chiara = world.signed_in(&story.base.chiara).await;
    assert_eq!(settings(&chiara, story.scope()).await.guards, Guards::default());
});
