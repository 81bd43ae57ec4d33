//! The activity log: what is recorded, under which key, and how a line is read. Entries are only ever added.

use crate::{ids::AuditEntryId, time::Timestamp};
use serde::{Deserialize, Serialize};

macro_rules! audit_actions {
    ($($(#[$doc:meta])* $name:ident = $key:literal),* $(,)?) => {
        /// What happened.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum AuditAction { $($(#[$doc])* $name),* }

        impl AuditAction {
            /// Everything that can be recorded.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As stored, as in the URL, and the name of its sentence in the message files.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key),* }
            }

            /// The action with this key.
            pub fn of_key(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.key() == key)
            }
        }
    };
}

audit_actions! {
    /// Somebody entered this scope by a new session.
    SignedIn = "signed_in",
    /// Sign-ins of one person failed; one entry for ten minutes.
    SignInFailed = "sign_in_failed",
    /// Codes were refused to somebody who knew the password; one entry for ten minutes.
    SecondFactorFailed = "second_factor_failed",
    /// A person ended an own session.
    SessionEnded = "session_ended",
    /// A person set a new password, by a mailed link or in a session.
    PasswordSet = "password_set",
    /// A person asked for another address to sign in with.
    EmailChangeAsked = "email_change_asked",
    /// One of the two mailboxes said “This wasn't me” to it.
    EmailChangeDeclined = "email_change_declined",
    /// A person goes by another name now.
    NameChanged = "name_changed",
    /// A person signs in with another address now.
    EmailChanged = "email_changed",
    /// A person set a second address for notices.
    NoticeEmailSet = "notice_email_set",
    /// A person removed it.
    NoticeEmailRemoved = "notice_email_removed",
    /// A person bound an authenticator.
    AuthenticatorBound = "authenticator_bound",
    /// A person removed an own authenticator.
    AuthenticatorUnbound = "authenticator_unbound",
    /// A passkey was refused because its counter did not grow: it may have been copied.
    PasskeyCopied = "passkey_copied",
    /// A person made new backup codes.
    BackupCodesMade = "backup_codes_made",
    /// A person signed in with a backup code.
    BackupCodeUsed = "backup_code_used",
    /// A member without a second factor was reminded by mail.
    MfaReminded = "mfa_reminded",
    /// Who has which second factor was taken away as a file.
    RollOutExported = "roll_out_exported",
    /// The list of members was taken away as a file.
    UsersExported = "users_exported",
    /// An MFA reset was asked for.
    MfaResetRequested = "mfa_reset_requested",
    /// A second administrator agreed to it.
    MfaResetApproved = "mfa_reset_approved",
    /// A second administrator did not.
    MfaResetRejected = "mfa_reset_rejected",
    /// Its mail was sent again.
    MfaResetResent = "mfa_reset_resent",
    /// It was accepted and carried out.
    MfaResetDone = "mfa_reset_done",
    /// It was accepted, and waits.
    MfaResetAccepted = "mfa_reset_accepted",
    /// It was declined: “This wasn't me”.
    MfaResetDeclined = "mfa_reset_declined",
    /// It was called off.
    MfaResetCancelled = "mfa_reset_cancelled",
    /// A newer one took its place.
    MfaResetSuperseded = "mfa_reset_superseded",
    /// Nobody accepted in time.
    MfaResetExpired = "mfa_reset_expired",
    /// A member accepted that their second factors be removed, asked for outside this scope; it waits.
    FactorsLeavingElsewhere = "factors_leaving_elsewhere",
    /// That was called off before it took effect.
    FactorsStayElsewhere = "factors_stay_elsewhere",
    /// A member's second factors were removed with the member's consent, asked for outside this scope.
    FactorsRemovedElsewhere = "factors_removed_elsewhere",
    /// Somebody who knows the password cannot give the second factor, and asked the administrators for help.
    HelpAsked = "help_asked",
    /// The person said “This wasn't me” to that.
    HelpDisowned = "help_disowned",
    /// The guards of MFA resets were made stricter.
    GuardsTightened = "guards_tightened",
    /// Somebody asked for them to be loosened, a day later.
    GuardsLoosening = "guards_loosening",
    /// They were loosened.
    GuardsLoosened = "guards_loosened",
    /// Somebody asked for “Require MFA for all users” to be turned off, a day later.
    MfaRequirementLoosening = "mfa_requirement_loosening",
    /// What is accepted as a second factor, or how long a browser is trusted, was made stricter.
    MfaPolicyTightened = "mfa_policy_tightened",
    /// Somebody asked for that to be loosened, a day later.
    MfaPolicyLoosening = "mfa_policy_loosening",
    /// It was loosened.
    MfaPolicyLoosened = "mfa_policy_loosened",
    /// What was to be loosened was called off.
    LooseningCancelled = "loosening_cancelled",
    /// “Require MFA for all users” was turned on.
    MfaRequired = "mfa_required",
    /// “Require MFA for all users” was turned off.
    MfaNotRequired = "mfa_not_required",
    /// Somebody was asked in, by address.
    UserInvited = "user_invited",
    /// The mail of an invitation was sent again.
    InvitationResent = "invitation_resent",
    /// An invitation was called off.
    InvitationCancelled = "invitation_cancelled",
    /// Who was invited came in.
    InvitationAccepted = "invitation_accepted",
    /// Who was invited did not want to.
    InvitationDeclined = "invitation_declined",
    /// A member was given another role.
    RoleChanged = "role_changed",
    /// A custom role was made.
    RoleMade = "role_made",
    /// A custom role was given other permissions, or another name.
    RoleEdited = "role_edited",
    /// A custom role was done away with.
    RoleDeleted = "role_deleted",
    /// A member was shut out.
    MemberDeactivated = "member_deactivated",
    /// Who was shut out was let in again.
    MemberReactivated = "member_reactivated",
    /// What a member's open sessions may do here was ended.
    MemberSignedOut = "member_signed_out",
    /// A member was taken out.
    MemberRemoved = "member_removed",
    /// The Owner made another member the Owner.
    OwnershipTransferred = "ownership_transferred",
    /// A member left.
    MemberLeft = "member_left",
    /// A portfolio was made.
    PortfolioCreated = "portfolio_created",
    /// A portfolio asked an account to join.
    LinkAsked = "link_asked",
    /// It called that off.
    LinkCancelled = "link_cancelled",
    /// The account's Owner did not agree.
    LinkDeclined = "link_declined",
    /// The account's Owner agreed: it is in the portfolio.
    AccountLinked = "account_linked",
    /// The Portfolio Owner is not Owner or Admin of the account any more: its Owner is asked whether it stays linked.
    LinkToConfirm = "link_to_confirm",
    /// It stays.
    LinkConfirmed = "link_confirmed",
    /// The account left the portfolio.
    AccountUnlinked = "account_unlinked",
    /// The account was made.
    AccountCreated = "account_created",
    /// The operator put the account on another plan.
    PlanChanged = "plan_changed",
    /// The account was closed, by its Owner or by the operator.
    AccountClosed = "account_closed",
    /// The portfolio was closed by its Owner.
    PortfolioClosed = "portfolio_closed",
    /// The operator named another Owner, for later.
    OwnerToBeSet = "owner_to_be_set",
    /// That was called off, or had become impossible.
    OwnerStays = "owner_stays",
    /// The operator named another address for a member to sign in with, for later.
    AddressToBeSet = "address_to_be_set",
    /// The member signs in with it now.
    AddressSet = "address_set",
    /// That was called off, or had become impossible.
    AddressStays = "address_stays",
    /// The operator shut a person out everywhere.
    SignInDeactivated = "sign_in_deactivated",
    /// The operator let them in again.
    SignInActivated = "sign_in_activated",
    /// A person's sign-in was deleted, by the operator or, in no scope's log, by themselves.
    SignInDeleted = "sign_in_deleted",
    /// The operator let a member try again who had to wait after too many misses.
    ThrottleCleared = "throttle_cleared",
    /// A user was made and added.
    UserCreated = "user_created",
}

impl AuditAction {
    /// Whether it is marked, and the security contact alerted, when who does it had their own second factors reset within a
    /// day (5.10): what such a person could open a door with for somebody else.
    pub const fn is_watched(self) -> bool {
        match self {
            Self::MfaResetRequested
            | Self::EmailChangeAsked
            | Self::EmailChanged
            | Self::NoticeEmailSet
            | Self::NoticeEmailRemoved
            | Self::MfaResetApproved
            | Self::GuardsTightened
            | Self::GuardsLoosening
            | Self::LooseningCancelled
            | Self::MfaRequirementLoosening
            | Self::MfaPolicyTightened
            | Self::MfaPolicyLoosening
            | Self::MfaRequired
            | Self::UserInvited
            | Self::RoleChanged
            | Self::RoleMade
            | Self::RoleEdited
            | Self::RoleDeleted
            | Self::OwnershipTransferred
            | Self::LinkAsked
            | Self::AccountLinked
            | Self::LinkConfirmed
            | Self::AccountUnlinked
            | Self::MemberDeactivated
            | Self::MemberReactivated
            | Self::MemberSignedOut
            | Self::MemberRemoved => true,
            // One's own, what takes nothing from anybody, and what time, the operator or Postern itself does.
            Self::SignedIn
            | Self::MfaReminded
            | Self::RollOutExported
            | Self::UsersExported
            | Self::SignInFailed
            | Self::SecondFactorFailed
            | Self::SessionEnded
            | Self::PasswordSet
            | Self::EmailChangeDeclined
            | Self::NameChanged
            | Self::AuthenticatorBound
            | Self::AuthenticatorUnbound
            | Self::PasskeyCopied
            | Self::BackupCodesMade
            | Self::BackupCodeUsed
            | Self::MfaResetRejected
            | Self::MfaResetResent
            | Self::MfaResetDone
            | Self::MfaResetAccepted
            | Self::MfaResetDeclined
            | Self::MfaResetCancelled
            | Self::MfaResetSuperseded
            | Self::MfaResetExpired
            | Self::FactorsLeavingElsewhere
            | Self::FactorsStayElsewhere
            | Self::FactorsRemovedElsewhere
            | Self::HelpAsked
            | Self::HelpDisowned
            | Self::GuardsLoosened
            | Self::MfaPolicyLoosened
            | Self::MfaNotRequired
            | Self::InvitationResent
            | Self::InvitationCancelled
            | Self::InvitationAccepted
            | Self::InvitationDeclined
            | Self::MemberLeft
            | Self::PortfolioCreated
            | Self::LinkCancelled
            | Self::LinkDeclined
            | Self::LinkToConfirm
            | Self::AccountCreated
            | Self::PlanChanged
            | Self::AccountClosed
            | Self::PortfolioClosed
            | Self::OwnerToBeSet
            | Self::OwnerStays
            | Self::AddressToBeSet
            | Self::AddressSet
            | Self::AddressStays
            | Self::SignInDeactivated
            | Self::SignInActivated
            | Self::SignInDeleted
            | Self::ThrottleCleared
            | Self::UserCreated => false,
        }
    }
}

/// What kind of actor did it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person.
    User,
    /// Whoever runs the server.
    Operator,
    /// An API key.
    Key,
    /// Provisioning.
    Scim,
    /// Postern itself.
    System,
    /// A representative of the operator, under a support grant.
    Representative,
}

impl ActorKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::User, Self::Operator, Self::Key, Self::Scim, Self::System, Self::Representative];

    /// As stored.
    pub const fn key(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Operator => "operator",
            Self::Key => "key",
            Self::Scim => "scim",
            Self::System => "system",
            Self::Representative => "representative",
        }
    }

    /// The kind with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// One line of the log as it is read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditLine {
    /// Which one.
    pub id: AuditEntryId,
    /// When.
    pub at: Timestamp,
    /// What kind of actor.
    pub actor_kind: ActorKind,
    /// The actor's name at the time.
    pub actor: Option<String>,
    /// The name of the portfolio through which it was done, if through one.
    pub via: Option<String>,
    /// What.
    pub action: AuditAction,
    /// Upon whom: the name at the time.
    pub target: Option<String>,
    /// Why, in the actor's words or by the key of an end reason.
    pub detail: Option<String>,
    /// Network address.
    pub place: Option<String>,
    /// Browser and system in words.
    pub device: Option<String>,
    /// Whether the entry is marked for attention.
    pub is_marked: bool,
}

/// Which entries to list.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AuditQuery {
    /// Part of the actor's or the target's name.
    #[serde(default)]
    pub q: String,
    /// Only this action.
    #[serde(default)]
    pub action: Option<AuditAction>,
    /// Only what is older than this entry.
    #[serde(default)]
    pub after: Option<AuditEntryId>,
    /// Only what is newer than this entry; `after` is stronger.
    #[serde(default)]
    pub before: Option<AuditEntryId>,
}

/// One page of the log, latest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditPage {
    /// The entries.
    pub lines: Vec<AuditLine>,
    /// Where the page before ends, if there is one.
    pub before: Option<AuditEntryId>,
    /// Where the next page begins, if there is one.
    pub after: Option<AuditEntryId>,
    /// The server's time.
    pub now: Timestamp,
}
