//! One entry, as a sentence: who did what to whom; then where from, and why.

use crate::{
    roles::{changes_text, written_text},
    ui::{Badge, Time, Tone, emphasised, strong},
};
use domain::{
    audit::{ActorKind, AuditAction, AuditLine},
    mfa_reset::EndReason,
    time::Timestamp,
};
use leptos::prelude::*;

#[component]
pub(crate) fn Line(line: AuditLine, now: Timestamp) -> impl IntoView {
    let sentence = sentence(&line);
    let marked = line.is_marked.then(|| view! { <Badge tone=Tone::Pending>{tr!("audit.marked")}</Badge> });
    let around = around(&line);
    view! {
        <li>
            <Time at=line.at now/>
            <p>{emphasised(&sentence)} " " {marked}</p>
            {(!around.is_empty()).then(|| view! { <p class="where">{around}</p> })}
        </li>
    }
}

/// Device, network address, the portfolio it was done through, and the reason.
fn around(line: &AuditLine) -> String {
    let via = line.via.as_ref().map(|via| tr!("audit.via", portfolio = via));
    // Of a link, the detail is the other side of it and part of the sentence.
    let detail = line.detail.as_deref().filter(|_| !is_of_a_link(line.action));
    let why = detail.map(|detail| match (line.action, EndReason::of_key(detail)) {
        (AuditAction::EmailChanged | AuditAction::NameChanged, _) => tr!("audit.formerly", email = detail),
        (AuditAction::RoleChanged, _) => roles_text(detail),
        (AuditAction::RoleMade | AuditAction::RoleEdited | AuditAction::RoleDeleted, _) => changes_text(detail),
        (AuditAction::PlanChanged, _) => detail.to_owned(),
        (_, Some(reason)) => reason_text(reason).to_owned(),
        (_, None) => tr!("audit.reason", reason = detail),
    });
    [line.device.clone(), line.place.clone(), via, why].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Whether it is about an account and a portfolio: in the log of either, the detail is the name of the other.
const fn is_of_a_link(action: AuditAction) -> bool {
    matches!(
        action,
        AuditAction::PortfolioCreated
            | AuditAction::LinkAsked
            | AuditAction::LinkCancelled
            | AuditAction::LinkDeclined
            | AuditAction::AccountLinked
            | AuditAction::LinkToConfirm
            | AuditAction::LinkConfirmed
            | AuditAction::AccountUnlinked
    )
}

/// From which role to which, as recorded by their keys.
fn roles_text(detail: &str) -> String {
    detail.split(" → ").map(written_text).collect::<Vec<_>>().join(" → ")
}

/// What an action is called in the filter.
pub(super) fn action_text(action: AuditAction) -> &'static str {
    match action {
        AuditAction::SignedIn => tr!("audit.action.signed_in"),
        AuditAction::SignInFailed => tr!("audit.action.sign_in_failed"),
        AuditAction::SecondFactorFailed => tr!("audit.action.second_factor_failed"),
        AuditAction::SessionEnded => tr!("audit.action.session_ended"),
        AuditAction::PasswordSet => tr!("audit.action.password_set"),
        AuditAction::EmailChangeAsked => tr!("audit.action.email_change_asked"),
        AuditAction::EmailChangeDeclined => tr!("audit.action.email_change_declined"),
        AuditAction::NameChanged => tr!("audit.action.name_changed"),
        AuditAction::EmailChanged => tr!("audit.action.email_changed"),
        AuditAction::NoticeEmailSet => tr!("audit.action.notice_email_set"),
        AuditAction::NoticeEmailRemoved => tr!("audit.action.notice_email_removed"),
        AuditAction::AuthenticatorBound => tr!("audit.action.authenticator_bound"),
        AuditAction::AuthenticatorUnbound => tr!("audit.action.authenticator_unbound"),
        AuditAction::PasskeyCopied => tr!("audit.action.passkey_copied"),
        AuditAction::BackupCodesMade => tr!("audit.action.backup_codes_made"),
        AuditAction::BackupCodeUsed => tr!("audit.action.backup_code_used"),
        AuditAction::MfaReminded => tr!("audit.action.mfa_reminded"),
        AuditAction::RollOutExported => tr!("audit.action.roll_out_exported"),
        AuditAction::UsersExported => tr!("audit.action.users_exported"),
        AuditAction::MfaResetRequested => tr!("audit.action.mfa_reset_requested"),
        AuditAction::MfaResetResent => tr!("audit.action.mfa_reset_resent"),
        AuditAction::MfaResetDone => tr!("audit.action.mfa_reset_done"),
        AuditAction::MfaResetAccepted => tr!("audit.action.mfa_reset_accepted"),
        AuditAction::MfaResetDeclined => tr!("audit.action.mfa_reset_declined"),
        AuditAction::MfaResetCancelled => tr!("audit.action.mfa_reset_cancelled"),
        AuditAction::MfaResetSuperseded => tr!("audit.action.mfa_reset_superseded"),
        AuditAction::MfaResetExpired => tr!("audit.action.mfa_reset_expired"),
        AuditAction::FactorsRemovedElsewhere => tr!("audit.action.factors_removed_elsewhere"),
        AuditAction::HelpAsked => tr!("audit.action.help_asked"),
        AuditAction::HelpDisowned => tr!("audit.action.help_disowned"),
        AuditAction::MfaResetApproved => tr!("audit.action.mfa_reset_approved"),
        AuditAction::MfaResetRejected => tr!("audit.action.mfa_reset_rejected"),
        AuditAction::FactorsLeavingElsewhere => tr!("audit.action.factors_leaving_elsewhere"),
        AuditAction::FactorsStayElsewhere => tr!("audit.action.factors_stay_elsewhere"),
        AuditAction::GuardsTightened => tr!("audit.action.guards_tightened"),
        AuditAction::GuardsLoosening => tr!("audit.action.guards_loosening"),
        AuditAction::GuardsLoosened => tr!("audit.action.guards_loosened"),
        AuditAction::MfaRequirementLoosening => tr!("audit.action.mfa_requirement_loosening"),
        AuditAction::MfaPolicyTightened => tr!("audit.action.mfa_policy_tightened"),
        AuditAction::MfaPolicyLoosening => tr!("audit.action.mfa_policy_loosening"),
        AuditAction::MfaPolicyLoosened => tr!("audit.action.mfa_policy_loosened"),
        AuditAction::LooseningCancelled => tr!("audit.action.loosening_cancelled"),
        AuditAction::MfaRequired => tr!("audit.action.mfa_required"),
        AuditAction::MfaNotRequired => tr!("audit.action.mfa_not_required"),
        AuditAction::UserInvited => tr!("audit.action.user_invited"),
        AuditAction::InvitationResent => tr!("audit.action.invitation_resent"),
        AuditAction::InvitationCancelled => tr!("audit.action.invitation_cancelled"),
        AuditAction::InvitationAccepted => tr!("audit.action.invitation_accepted"),
        AuditAction::InvitationDeclined => tr!("audit.action.invitation_declined"),
        AuditAction::AccountCreated => tr!("audit.action.account_created"),
        AuditAction::ThrottleCleared => tr!("audit.action.throttle_cleared"),
        AuditAction::UserCreated => tr!("audit.action.user_created"),
        AuditAction::RoleChanged => tr!("audit.action.role_changed"),
        AuditAction::RoleMade => tr!("audit.action.role_made"),
        AuditAction::RoleEdited => tr!("audit.action.role_edited"),
        AuditAction::RoleDeleted => tr!("audit.action.role_deleted"),
        AuditAction::MemberDeactivated => tr!("audit.action.member_deactivated"),
        AuditAction::MemberReactivated => tr!("audit.action.member_reactivated"),
        AuditAction::MemberSignedOut => tr!("audit.action.member_signed_out"),
        AuditAction::MemberRemoved => tr!("audit.action.member_removed"),
        AuditAction::OwnershipTransferred => tr!("audit.action.ownership_transferred"),
        AuditAction::PlanChanged => tr!("audit.action.plan_changed"),
        AuditAction::AccountClosed => tr!("audit.action.account_closed"),
        AuditAction::PortfolioClosed => tr!("audit.action.portfolio_closed"),
        AuditAction::OwnerToBeSet => tr!("audit.action.owner_to_be_set"),
        AuditAction::OwnerStays => tr!("audit.action.owner_stays"),
        AuditAction::AddressToBeSet => tr!("audit.action.address_to_be_set"),
        AuditAction::AddressSet => tr!("audit.action.address_set"),
        AuditAction::AddressStays => tr!("audit.action.address_stays"),
        AuditAction::SignInDeactivated => tr!("audit.action.sign_in_deactivated"),
        AuditAction::SignInActivated => tr!("audit.action.sign_in_activated"),
        AuditAction::SignInDeleted => tr!("audit.action.sign_in_deleted"),
        AuditAction::MemberLeft => tr!("audit.action.member_left"),
        AuditAction::PortfolioCreated => tr!("audit.action.portfolio_created"),
        AuditAction::LinkAsked => tr!("audit.action.link_asked"),
        AuditAction::LinkCancelled => tr!("audit.action.link_cancelled"),
        AuditAction::LinkDeclined => tr!("audit.action.link_declined"),
        AuditAction::AccountLinked => tr!("audit.action.account_linked"),
        AuditAction::LinkToConfirm => tr!("audit.action.link_to_confirm"),
        AuditAction::LinkConfirmed => tr!("audit.action.link_confirmed"),
        AuditAction::AccountUnlinked => tr!("audit.action.account_unlinked"),
    }
}

/// The entry as a sentence, its names marked to stand out.
fn sentence(line: &AuditLine) -> String {
    let actor = strong(&actor(line));
    let target = strong(&named(line.target.as_deref()));
    let other = strong(line.detail.as_deref().unwrap_or(tr!("audit.elsewhere")));
    match line.action {
        AuditAction::SignedIn => tr!("audit.line.signed_in", actor = actor),
        AuditAction::SignInFailed => tr!("audit.line.sign_in_failed", target = target),
        AuditAction::SecondFactorFailed => tr!("audit.line.second_factor_failed", target = target),
        AuditAction::SessionEnded => tr!("audit.line.session_ended", actor = actor),
        AuditAction::PasswordSet => tr!("audit.line.password_set", actor = actor),
        AuditAction::EmailChangeAsked => tr!("audit.line.email_change_asked", actor = actor),
        AuditAction::EmailChangeDeclined => tr!("audit.line.email_change_declined", target = target),
        AuditAction::NameChanged => tr!("audit.line.name_changed", actor = actor),
        AuditAction::EmailChanged => tr!("audit.line.email_changed", actor = actor),
        AuditAction::NoticeEmailSet => tr!("audit.line.notice_email_set", actor = actor),
        AuditAction::NoticeEmailRemoved => tr!("audit.line.notice_email_removed", actor = actor),
        AuditAction::AuthenticatorBound => tr!("audit.line.authenticator_bound", actor = actor),
        AuditAction::AuthenticatorUnbound => tr!("audit.line.authenticator_unbound", actor = actor),
        AuditAction::PasskeyCopied => tr!("audit.line.passkey_copied", actor = actor),
        AuditAction::BackupCodesMade => tr!("audit.line.backup_codes_made", actor = actor),
        AuditAction::BackupCodeUsed => tr!("audit.line.backup_code_used", actor = actor),
        AuditAction::MfaReminded => tr!("audit.line.mfa_reminded", actor = actor, target = target),
        AuditAction::RollOutExported => tr!("audit.line.roll_out_exported", actor = actor),
        AuditAction::UsersExported => tr!("audit.line.users_exported", actor = actor),
        AuditAction::MfaResetRequested => tr!("audit.line.mfa_reset_requested", actor = actor, target = target),
        AuditAction::MfaResetResent => tr!("audit.line.mfa_reset_resent", actor = actor, target = target),
        AuditAction::MfaResetDone => tr!("audit.line.mfa_reset_done", target = target),
        AuditAction::MfaResetAccepted => tr!("audit.line.mfa_reset_accepted", target = target),
        AuditAction::MfaResetDeclined => tr!("audit.line.mfa_reset_declined", target = target),
        AuditAction::MfaResetCancelled => match line.actor_kind {
            ActorKind::System => tr!("audit.line.mfa_reset_ended", target = target),
            _ => tr!("audit.line.mfa_reset_cancelled", actor = actor, target = target),
        },
        AuditAction::MfaResetSuperseded => tr!("audit.line.mfa_reset_superseded", target = target),
        AuditAction::MfaResetExpired => tr!("audit.line.mfa_reset_expired", target = target),
        AuditAction::FactorsRemovedElsewhere => tr!("audit.line.factors_removed_elsewhere", target = target),
        AuditAction::HelpAsked => tr!("audit.line.help_asked", actor = actor),
        AuditAction::HelpDisowned => tr!("audit.line.help_disowned", actor = actor),
        AuditAction::MfaResetApproved => tr!("audit.line.mfa_reset_approved", actor = actor, target = target),
        AuditAction::MfaResetRejected => tr!("audit.line.mfa_reset_rejected", actor = actor, target = target),
        AuditAction::FactorsLeavingElsewhere => tr!("audit.line.factors_leaving_elsewhere", target = target),
        AuditAction::FactorsStayElsewhere => tr!("audit.line.factors_stay_elsewhere", target = target),
        AuditAction::GuardsTightened => tr!("audit.line.guards_tightened", actor = actor),
        AuditAction::GuardsLoosening => tr!("audit.line.guards_loosening", actor = actor),
        AuditAction::GuardsLoosened => tr!("audit.line.guards_loosened").into(),
        AuditAction::MfaRequirementLoosening => tr!("audit.line.mfa_requirement_loosening", actor = actor),
        AuditAction::MfaPolicyTightened => tr!("audit.line.mfa_policy_tightened", actor = actor),
        AuditAction::MfaPolicyLoosening => tr!("audit.line.mfa_policy_loosening", actor = actor),
        AuditAction::MfaPolicyLoosened => tr!("audit.line.mfa_policy_loosened").into(),
        AuditAction::LooseningCancelled => tr!("audit.line.loosening_cancelled", actor = actor),
        AuditAction::MfaRequired => tr!("audit.line.mfa_required", actor = actor),
        AuditAction::MfaNotRequired => tr!("audit.line.mfa_not_required", actor = actor),
        AuditAction::UserInvited => tr!("audit.line.user_invited", actor = actor),
        AuditAction::InvitationResent => tr!("audit.line.invitation_resent", actor = actor),
        AuditAction::InvitationCancelled => tr!("audit.line.invitation_cancelled", actor = actor),
        AuditAction::InvitationAccepted => tr!("audit.line.invitation_accepted", actor = actor),
        AuditAction::InvitationDeclined => tr!("audit.line.invitation_declined").into(),
        AuditAction::AccountCreated => tr!("audit.line.account_created", actor = actor),
        AuditAction::ThrottleCleared => tr!("audit.line.throttle_cleared", actor = actor, target = target),
        AuditAction::UserCreated => tr!("audit.line.user_created", actor = actor, target = target),
        AuditAction::RoleChanged => tr!("audit.line.role_changed", actor = actor, target = target),
        AuditAction::RoleMade => tr!("audit.line.role_made", actor = actor),
        AuditAction::RoleEdited => tr!("audit.line.role_edited", actor = actor),
        AuditAction::RoleDeleted => tr!("audit.line.role_deleted", actor = actor),
        AuditAction::MemberDeactivated => tr!("audit.line.member_deactivated", actor = actor, target = target),
        AuditAction::MemberReactivated => tr!("audit.line.member_reactivated", actor = actor, target = target),
        AuditAction::MemberSignedOut => tr!("audit.line.member_signed_out", actor = actor, target = target),
        AuditAction::MemberRemoved => tr!("audit.line.member_removed", actor = actor, target = target),
        AuditAction::OwnershipTransferred => {
            tr!("audit.line.ownership_transferred", actor = actor, target = target)
        }
        AuditAction::PlanChanged => tr!("audit.line.plan_changed", actor = actor),
        AuditAction::AccountClosed => tr!("audit.line.account_closed", actor = actor),
        AuditAction::PortfolioClosed => tr!("audit.line.portfolio_closed", actor = actor),
        AuditAction::OwnerToBeSet => tr!("audit.line.owner_to_be_set", actor = actor, target = target),
        AuditAction::OwnerStays => tr!("audit.line.owner_stays", target = target),
        AuditAction::AddressToBeSet => tr!("audit.line.address_to_be_set", actor = actor, target = target),
        AuditAction::AddressSet => tr!("audit.line.address_set", actor = actor, target = target),
        AuditAction::AddressStays => tr!("audit.line.address_stays", target = target),
        AuditAction::SignInDeactivated => tr!("audit.line.sign_in_deactivated", actor = actor, target = target),
        AuditAction::SignInActivated => tr!("audit.line.sign_in_activated", actor = actor, target = target),
        AuditAction::SignInDeleted => tr!("audit.line.sign_in_deleted", actor = actor, target = target),
        AuditAction::MemberLeft => tr!("audit.line.member_left", actor = actor),
        AuditAction::PortfolioCreated => tr!("audit.line.portfolio_created", actor = actor, other = other),
        AuditAction::LinkAsked => tr!("audit.line.link_asked", actor = actor, other = other),
        AuditAction::LinkCancelled => tr!("audit.line.link_cancelled", actor = actor, other = other),
        AuditAction::LinkDeclined => tr!("audit.line.link_declined", actor = actor, other = other),
        AuditAction::AccountLinked => tr!("audit.line.account_linked", actor = actor, other = other),
        AuditAction::LinkToConfirm => tr!("audit.line.link_to_confirm", other = other),
        AuditAction::LinkConfirmed => tr!("audit.line.link_confirmed", actor = actor, other = other),
        AuditAction::AccountUnlinked => match line.actor_kind {
            ActorKind::System => tr!("audit.line.link_ended", other = other),
            _ => tr!("audit.line.account_unlinked", actor = actor, other = other),
        },
    }
}

/// Who did it: by name, or by what they are.
fn actor(line: &AuditLine) -> String {
    let unnamed = match line.actor_kind {
        ActorKind::User => tr!("audit.somebody"),
        ActorKind::Operator => tr!("audit.operator"),
        ActorKind::Key => tr!("audit.key"),
        ActorKind::Scim => tr!("audit.scim"),
        ActorKind::System => tr!("audit.system"),
        ActorKind::Representative => tr!("audit.representative"),
    };
    line.actor.as_ref().map_or_else(|| unnamed.into(), |name| named(Some(name)))
}

/// A name as it was recorded. Who was recorded without one has deleted their sign-in.
fn named(name: Option<&str>) -> String {
    match name {
        None => tr!("audit.somebody").into(),
        Some("") => tr!("audit.deleted").into(),
        Some(name) => name.to_owned(),
    }
}

fn reason_text(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Accepted => tr!("audit.ended.accepted"),
        EndReason::Asker => tr!("audit.ended.asker"),
        EndReason::Target => tr!("audit.ended.target"),
        EndReason::Approver => tr!("audit.ended.approver"),
        EndReason::AskerLostRight => tr!("audit.ended.asker_lost_right"),
        EndReason::TargetLeft => tr!("audit.ended.target_left"),
        EndReason::DoneElsewhere => tr!("audit.ended.done_elsewhere"),
        EndReason::Newer => tr!("audit.ended.newer"),
        EndReason::TimeUp => tr!("audit.ended.time_up"),
        EndReason::WrongNumbers => tr!("audit.ended.wrong_numbers"),
        EndReason::CalledOff => tr!("audit.ended.called_off"),
        EndReason::ScopeClosed => tr!("audit.ended.scope_closed"),
    }
}
