//! May A do X to B in scope S? Every answer is here, as one function an action: the server enforces with it, the browser
//! shows by it, and the whole table of answers is printed to `tests/policy_matrix.txt`, where a review reads a change of
//! rule as a diff.
//!
//! How to read it. A [`Principal`] is a person *in one scope*: the role there, how they come to it, and how lately they
//! proved who they are. A [`Target`] is the member acted upon, as far as that scope goes. Each function is a handful of
//! named conditions, in the order in which a person should hear of them: first what they may not know, then what
//! they may not do, then what the target makes impossible, and last what they can mend at once by proving
//! identity again. It answers with a [`Permit`], which is what a use case needs to go on, or with [`Denied`].
//!
//! Why the pieces are as they are:
//!
//! - *No role is named.* A role is a set of permissions and a [`Rank`]; a custom one differs from a built-in one by nothing
//!   else. Only ownership is special (2.5), and that is a rank.
//! - *Nobody makes a role of more than their own permissions, or changes the one they have.* What is given by editing a
//!   role is given as by giving it.
//! - *Resetting MFA is a permission of its own.* Who manages users does not thereby reach into how they sign in.
//! - *Nobody acts upward, with one exception*: a rank-2 administrator may ask for the reset of an Owner, because a
//!   locked-out Owner has nobody else to ask. It stays safe because asking removes nothing: the Owner's own mailbox
//!   must accept, and guards may add an approver and a waiting time.
//! - *Nobody resets themselves this way.* It would turn a stolen session into a lost factor.
//! - *An administrator resets another only with an own authenticator.* Else the weakest administrator would decide
//!   how strong everybody's second factor is.
//! - *A permit cannot be copied, stored or made elsewhere.* Its constructor is private to this module. The entry in the
//!   activity log is written from it, so an action without policy has no entry and an entry without policy does not
//!   compile.
//!
//! What the answer may depend on is what the asker may see. What else is touched by a reset (other scopes of the
//! person) is worked out on the server alone and never passes through here.

use crate::{
    accounts::Plan,
    authenticators::FactorKinds,
    guards::Approver,
    ids::UserId,
    mfa_reset::REQUESTS_A_DAY,
    roles::{Area, Level, Permissions, Rank, Role},
    scope::{Scope, ScopeKind},
    sessions::StepUp,
    users::MembershipStatus,
};
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// A person acting in one scope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Principal {
    /// Who.
    pub user_id: UserId,
    /// Their name in this scope, for the log.
    pub name: String,
    /// Where.
    pub scope: Scope,
    /// As what. Over a linked account it is the portfolio role.
    pub role: Role,
    /// The portfolio through which they reach the account, if it is not their own membership.
    pub via: Option<crate::ids::PortfolioId>,
    /// How lately they proved who they are.
    pub step_up: StepUp,
}

impl Principal {
    /// What they may do here.
    pub fn permissions(&self) -> Permissions {
        self.role.permissions()
    }

    /// Where they stand here.
    pub fn rank(&self) -> Rank {
        self.role.rank()
    }

    fn needs(&self, area: Area, level: Level) -> Result<(), Denied> {
        if self.permissions().allow(area, level) { Ok(()) } else { Err(Denied::RoleLacks { area, level }) }
    }

    /// The same person over an account that their portfolio reaches (2.5): with the role they have in the portfolio, and through
    /// it. Whether it reaches the account is for the caller to know.
    #[must_use]
    pub fn over(self, portfolio: crate::ids::PortfolioId, account: crate::ids::AccountId) -> Self {
        Self { scope: Scope::Account(account), via: Some(portfolio), ..self }
    }

    fn needs_scope(&self, scope: Scope) -> Result<(), Denied> {
        if self.scope == scope { Ok(()) } else { Err(Denied::Unseen) }
    }

    fn needs_fresh_proof(&self) -> Result<(), Denied> {
        if self.step_up.is_fresh() { Ok(()) } else { Err(Denied::StepUpNeeded(self.step_up)) }
    }
}

/// The member acted upon, as far as the scope goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Target {
    /// Who.
    pub user_id: UserId,
    /// Their name in this scope, for the log.
    pub name: String,
    /// Their highest standing: of all places in the acting person's reach, and over a linked account also that in its
    /// portfolio (2.5).
    pub rank: Rank,
    /// Whether the scope is theirs, which they cannot be parted from (2.6).
    pub owns: bool,
    /// Whether they are in, invited or shut out.
    pub status: MembershipStatus,
    /// Which kinds of second factor they have.
    pub factors: FactorKinds,
    /// How many resets were asked for them in this reach within the last 24 hours.
    pub resets_today: u32,
}

/// The proof that policy allowed action `A`. Made only here; neither copied nor read from the wire.
#[derive(Debug)]
#[must_use = "a permit is for doing what it permits"]
pub struct Permit<A> {
    actor: Actor,
    scope: Option<Scope>,
    target: Option<(UserId, String)>,
    action: PhantomData<A>,
}

/// Who did something, for the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// A person, in the scope or through a portfolio.
    User {
        /// Who.
        id: UserId,
        /// Their name at the time.
        name: String,
        /// As what.
        role: Option<Role>,
        /// Through which portfolio, if through one.
        via: Option<crate::ids::PortfolioId>,
    },
    /// Whoever runs the server, on the host.
    Operator,
    /// Postern itself: what time decides.
    System,
}

impl<A> Permit<A> {
    fn new(principal: &Principal, target: Option<&Target>) -> Self {
        let actor = Actor::User {
            id: principal.user_id,
            name: principal.name.clone(),
            role: Some(principal.role),
            via: principal.via,
        };
        let target = target.map(|target| (target.user_id, target.name.clone()));
        Self { actor, scope: Some(principal.scope), target, action: PhantomData }
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Where; nothing for the operator, who acts on the host.
    pub fn scope(&self) -> Option<Scope> {
        self.scope
    }

    /// Upon whom, by id and name.
    pub fn target(&self) -> Option<(UserId, &str)> {
        self.target.as_ref().map(|(id, name)| (*id, name.as_str()))
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
    )*};
}

actions! {
    /// See members and their roles.
    ViewUsers,
    /// See the activity log.
    ViewActivity,
    /// See security settings.
    ViewSecurity,
    /// Ask for a member's MFA reset.
    RequestMfaReset,
    /// Ask for the MFA resets of several members at once.
    RequestMfaResets,
    /// Send the mail of an open request again.
    ResendMfaReset,
    /// Call an open request off.
    CancelMfaReset,
    /// Agree, as a second administrator, to a request.
    ApproveMfaReset,
    /// Not agree to it.
    RejectMfaReset,
    /// Ask somebody in.
    Invite,
    /// Call an invitation off.
    CancelInvitation,
    /// Give a member another role.
    ChangeRole,
    /// Ask many in and give many another role at once.
    ChangeMany,
    /// Make a custom role.
    MakeRole,
    /// Change what a custom role is called and allows.
    EditRole,
    /// Do away with a custom role.
    DeleteRole,
    /// Shut a member out of the scope, or let them in again.
    SetMembershipStatus,
    /// End what a member's open sessions may do in the scope.
    SignOutMember,
    /// Take a member out of the scope.
    RemoveMember,
    /// Make another member the Owner.
    TransferOwnership,
    /// Close the scope to everybody.
    CloseScope,
    /// Give one's own membership up.
    Leave,
    /// Make a portfolio.
    CreatePortfolio,
    /// See the accounts of a portfolio.
    ViewAccounts,
    /// Ask an account to join a portfolio, or call that off.
    AskForLink,
    /// Say for an account that it joins a portfolio, or does not.
    AnswerLinkRequest,
    /// Say for an account that its link stays.
    ConfirmLink,
    /// Take an account out of its portfolio.
    Unlink,
    /// Set the guards of MFA resets.
    SetGuards,
    /// Set what is accepted as a second factor, and for how long a browser is trusted.
    SetMfaPolicy,
    /// Call off what was to be loosened.
    CancelLoosening,
    /// Turn “Require MFA for all users” on or off.
    SetMfaRequirement,
    /// Remind members without a second factor by mail.
    RemindOfMfa,
    /// Take away who has which second factor.
    ExportRollOut,
    /// Take away the list of members.
    ExportUsers,
}

/// Why not. `Display` is for logs; the sentence that a disabled button shows is in the message files, by this value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Denied {
    /// What one may not know exists is not there: answered as if it did not exist.
    #[error("not visible from here")]
    Unseen,
    /// The role does not include it.
    #[error("the role lacks {level:?} in {area:?}")]
    RoleLacks {
        /// Which permission.
        area: Area,
        /// How much of it would be needed.
        level: Level,
    },
    /// The member stands above the person who acts.
    #[error("the member has a higher rank")]
    Outranked,
    /// One's own factors are not reset this way.
    #[error("one's own MFA is not reset this way")]
    Oneself,
    /// The member is invited or deactivated here.
    #[error("the member is not active here")]
    NotActive,
    /// The member has no second factor.
    #[error("there is nothing to reset")]
    NothingToReset,
    /// There were too many requests for this member within a day.
    #[error("too many requests for this member within a day")]
    DailyLimit,
    /// Who resets another must have an own authenticator.
    #[error("an own authenticator is needed first")]
    OwnAuthenticatorNeeded,
    /// Who asked does not approve.
    #[error("who asked does not approve")]
    OwnRequest,
    /// Whom the asker invited or raised does not approve the asker's request.
    #[error("the asker invited or raised this administrator")]
    MadeByAsker,
    /// Who gave the asker their role within seven days does not approve.
    #[error("this administrator made the asker one within seven days")]
    MadeTheAsker,
    /// Who approves has been able to reset MFA here for seven days.
    #[error("not an administrator for long enough")]
    NotSeasoned,
    /// Whose own second factors were reset within a day approves nothing.
    #[error("own second factors were reset within a day")]
    FreshlyReset,
    /// Nobody gives permissions that are not contained in their own, and ownership is not given this way.
    #[error("the role has more permissions than one's own")]
    GrantsMore,
    /// One's own membership is somebody else's to change.
    #[error("one's own membership is not changed this way")]
    OwnMembership,
    /// An administrator of the scope ended what sessions of before may do there: signing in anew opens it.
    #[error("signed out of this scope by an administrator")]
    SignedOutHere,
    /// Only the Owner hands a scope over, links accounts, or says for an account that it is linked.
    #[error("only the Owner does this")]
    OwnersAlone,
    /// An Owner stays until ownership moves.
    #[error("an Owner is not demoted, shut out or removed")]
    OwnerStays,
    /// Only a paid account includes it.
    #[error("a paid plan is needed")]
    PaidPlanNeeded,
    /// On a paid plan the requirement stays on.
    #[error("the plan keeps the requirement on")]
    PlanRequiresMfa,
    /// Identity must be proven again; then the same may be asked again.
    #[error("identity must be proven again")]
    StepUpNeeded(StepUp),
}

impl Denied {
    /// Whether the action is still to be offered, because the person can mend this on the way.
    pub const fn is_mendable(self) -> bool {
        matches!(self, Self::StepUpNeeded(_))
    }
}

/// See the members of a scope.
pub fn view_users(who: &Principal, scope: Scope) -> Result<Permit<ViewUsers>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::UserManagement, Level::View)?;
    Ok(Permit::new(who, None))
}

/// See that a member's reset is pending.
pub fn view_mfa_resets(who: &Principal, scope: Scope) -> Result<(), Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::MfaReset, Level::View)
}

/// See the activity log of a scope.
pub fn view_activity(who: &Principal, scope: Scope) -> Result<Permit<ViewActivity>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::ActivityLog, Level::View)?;
    Ok(Permit::new(who, None))
}

/// See the security settings of a scope.
pub fn view_security(who: &Principal, scope: Scope) -> Result<Permit<ViewSecurity>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::SecuritySettings, Level::View)?;
    Ok(Permit::new(who, None))
}

/// Remind members who have no second factor by mail (4.9). Needs no fresh proof: it takes nothing from anybody, and whom it
/// reaches how often is bounded.
pub fn remind_of_mfa(who: &Principal, scope: Scope) -> Result<Permit<RemindOfMfa>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::SecuritySettings, Level::Edit)?;
    Ok(Permit::new(who, None))
}

/// Take away who has which second factor (4.9): the members with it.
pub fn export_roll_out(who: &Principal, scope: Scope) -> Result<Permit<ExportRollOut>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::SecuritySettings, Level::ViewExport)?;
    who.needs(Area::UserManagement, Level::ViewExport)?;
    Ok(Permit::new(who, None))
}

/// Take the list of members away as a file (6.1).
pub fn export_users(who: &Principal, scope: Scope) -> Result<Permit<ExportUsers>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::UserManagement, Level::ViewExport)?;
    Ok(Permit::new(who, None))
}

/// Ask for a member's MFA reset (2.4, 2.5, 3.7, 5.2, 5.6 *Always*).
pub fn request_mfa_reset(who: &Principal, scope: Scope, target: &Target) -> Result<Permit<RequestMfaReset>, Denied> {
    may_act_on_resets(who, scope, target)?;
    something_to_reset(target)?;
    if !who.step_up.has_authenticator() {
        return Err(Denied::OwnAuthenticatorNeeded);
    }
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, Some(target)))
}

/// Ask for the MFA resets of several members at once (5.9). Of each it is decided by [`request_mfa_reset`] when it is its turn.
pub fn request_mfa_resets(who: &Principal, scope: Scope) -> Result<Permit<RequestMfaResets>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::MfaReset, Level::Edit)?;
    if !who.step_up.has_authenticator() {
        return Err(Denied::OwnAuthenticatorNeeded);
    }
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, None))
}

/// Whether who asked could still ask, were it now: a request dies with the right to make it (5.6). What only counts at
/// the moment of asking, step-up and the daily limit, does not count here.
pub fn still_backs_mfa_reset(asker: &Principal, scope: Scope, target: &Target) -> Result<(), Denied> {
    may_act_on_resets(asker, scope, target)
}

/// Send the mail of a member's open request again.
pub fn resend_mfa_reset(who: &Principal, scope: Scope, target: &Target) -> Result<Permit<ResendMfaReset>, Denied> {
    may_act_on_resets(who, scope, target)?;
    Ok(Permit::new(who, Some(target)))
}

/// Call a member's open request off. Needs no fresh proof: it takes nothing from anybody.
pub fn cancel_mfa_reset(who: &Principal, scope: Scope, target: &Target) -> Result<Permit<CancelMfaReset>, Denied> {
    may_act_on_resets(who, scope, target)?;
    Ok(Permit::new(who, Some(target)))
}

/// Agree, as a second administrator, to a request that waits for it (5.6).
pub fn approve_mfa_reset(
    who: &Principal,
    scope: Scope,
    target: &Target,
    approver: &Approver,
) -> Result<Permit<ApproveMfaReset>, Denied> {
    may_decide_on_approval(who, scope, target, approver)?;
    if approver.is_made_by_asker {
        return Err(Denied::MadeByAsker);
    }
    if approver.made_the_asker {
        return Err(Denied::MadeTheAsker);
    }
    if !approver.is_seasoned {
        return Err(Denied::NotSeasoned);
    }
    if approver.is_freshly_reset {
        return Err(Denied::FreshlyReset);
    }
    if !who.step_up.has_authenticator() {
        return Err(Denied::OwnAuthenticatorNeeded);
    }
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, Some(target)))
}

/// Not agree to it. Needs neither time in office nor a fresh proof: it takes nothing from anybody.
pub fn reject_mfa_reset(
    who: &Principal,
    scope: Scope,
    target: &Target,
    approver: &Approver,
) -> Result<Permit<RejectMfaReset>, Denied> {
    may_decide_on_approval(who, scope, target, approver)?;
    Ok(Permit::new(who, Some(target)))
}

/// Ask somebody into a scope, as `role` (2.5, 3.7, 6.2).
pub fn invite(who: &Principal, scope: Scope, role: Role) -> Result<Permit<Invite>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::UserManagement, Level::Edit)?;
    may_give(who, scope, role)?;
    if is_sensitive(role) {
        who.needs_fresh_proof()?;
    }
    Ok(Permit::new(who, None))
}

/// Call an invitation off. It takes nothing from anybody.
pub fn cancel_invitation(who: &Principal, scope: Scope) -> Result<Permit<CancelInvitation>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::UserManagement, Level::Edit)?;
    Ok(Permit::new(who, None))
}

/// Give a member of the scope another role (2.5, 3.7). Ownership moves otherwise (2.6).
pub fn change_role(who: &Principal, scope: Scope, target: &Target, role: Role) -> Result<Permit<ChangeRole>, Denied> {
    may_act_on_membership(who, scope, target)?;
    if target.status != MembershipStatus::Active {
        return Err(Denied::NotActive);
    }
    may_give(who, scope, role)?;
    if is_sensitive(role) || target.rank >= Rank::Admin {
        who.needs_fresh_proof()?;
    }
    Ok(Permit::new(who, Some(target)))
}

/// See what many would become, before it is done (6.1, 7.2). Of each it is decided by [`invite`] or [`change_role`].
pub fn propose_many(who: &Principal, scope: Scope) -> Result<Permit<ChangeMany>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::UserManagement, Level::Edit)?;
    Ok(Permit::new(who, None))
}

/// Do it. Whatever it holds, it takes a fresh proof (3.7): a list may make administrators.
pub fn change_many(who: &Principal, scope: Scope) -> Result<Permit<ChangeMany>, Denied> {
    let permit = propose_many(who, scope)?;
    who.needs_fresh_proof()?;
    Ok(permit)
}

/// Make a role for the scope that allows `permissions` (2.2, 2.5, 3.7).
pub fn make_role(who: &Principal, scope: Scope, permissions: &Permissions) -> Result<Permit<MakeRole>, Denied> {
    may_arrange_roles(who, scope, None, permissions)?;
    Ok(Permit::new(who, None))
}

/// Make another of a custom role of the scope, at once for whoever has it: neither what it allows nor what it allowed is more
/// than one's own.
pub fn edit_role(
    who: &Principal,
    scope: Scope,
    role: Role,
    permissions: &Permissions,
) -> Result<Permit<EditRole>, Denied> {
    may_arrange_roles(who, scope, Some(role), permissions)?;
    Ok(Permit::new(who, None))
}

/// Do away with a custom role of the scope. That nobody has it is for who keeps the roles to see.
pub fn delete_role(who: &Principal, scope: Scope, role: Role) -> Result<Permit<DeleteRole>, Denied> {
    may_arrange_roles(who, scope, Some(role), &Permissions::NONE)?;
    Ok(Permit::new(who, None))
}

fn may_arrange_roles(who: &Principal, scope: Scope, role: Option<Role>, to: &Permissions) -> Result<(), Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::UserManagement, Level::Edit)?;
    let is_of_the_scope = |role: Role| role.built_in_key().is_none() && role.kind() == scope.kind();
    let is_more = |permissions: &Permissions| !who.permissions().contain(permissions);
    if role.is_some_and(|role| !is_of_the_scope(role))
        || is_more(to)
        || role.is_some_and(|role| is_more(&role.permissions()))
    {
        return Err(Denied::GrantsMore);
    }
    if role.is_some_and(|role| role.key() == who.role.key()) {
        return Err(Denied::OwnMembership);
    }
    who.needs_fresh_proof()
}

/// Shut a member out of the scope, at once and with open pages, or let them in again (2.8). Letting in again gives the role
/// that the member had, so it takes what giving it takes.
pub fn set_membership_status(
    who: &Principal,
    scope: Scope,
    target: &Target,
    role: Role,
) -> Result<Permit<SetMembershipStatus>, Denied> {
    may_act_on_membership(who, scope, target)?;
    let comes_back = target.status == MembershipStatus::Deactivated;
    if comes_back {
        may_give(who, scope, role)?;
    }
    if target.rank >= Rank::Admin || (comes_back && is_sensitive(role)) {
        who.needs_fresh_proof()?;
    }
    Ok(Permit::new(who, Some(target)))
}

/// End what a member's open sessions may do in the scope (2.8). It takes nothing that signing in does not give back, so it
/// needs no fresh proof of who has to act at once.
pub fn sign_out_member(who: &Principal, scope: Scope, target: &Target) -> Result<Permit<SignOutMember>, Denied> {
    may_act_on_membership(who, scope, target)?;
    if target.status != MembershipStatus::Active {
        return Err(Denied::NotActive);
    }
    Ok(Permit::new(who, Some(target)))
}

/// Take a member out of the scope (2.8). The person and their memberships elsewhere stay as they are.
pub fn remove_member(who: &Principal, scope: Scope, target: &Target) -> Result<Permit<RemoveMember>, Denied> {
    may_act_on_membership(who, scope, target)?;
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, Some(target)))
}

/// Make another member the Owner (2.6), in the scope itself: not through a portfolio, where one owns the portfolio alone.
pub fn transfer_ownership(who: &Principal, scope: Scope, target: &Target) -> Result<Permit<TransferOwnership>, Denied> {
    who.needs_scope(scope)?;
    if who.rank() != Rank::Owner || who.via.is_some() {
        return Err(Denied::OwnersAlone);
    }
    if who.user_id == target.user_id {
        return Err(Denied::OwnMembership);
    }
    if target.status != MembershipStatus::Active {
        return Err(Denied::NotActive);
    }
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, Some(target)))
}

/// Close the scope to everybody (2.3), as its Owner, in the scope itself.
pub fn close_scope(who: &Principal, scope: Scope) -> Result<Permit<CloseScope>, Denied> {
    who.needs_scope(scope)?;
    if who.rank() != Rank::Owner || who.via.is_some() {
        return Err(Denied::OwnersAlone);
    }
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, None))
}

/// Give one's own membership of the scope up (6.4). An Owner hands ownership over first (2.6).
pub fn leave(who: &Principal, scope: Scope) -> Result<Permit<Leave>, Denied> {
    who.needs_scope(scope)?;
    if who.rank() == Rank::Owner {
        return Err(Denied::OwnerStays);
    }
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, None))
}

/// Make a portfolio (7.1), as an Owner or Admin of a paid account: who does so owns it.
pub fn create_portfolio(who: &Principal, scope: Scope, plan: Option<Plan>) -> Result<Permit<CreatePortfolio>, Denied> {
    who.needs_scope(scope)?;
    is_administrator_of_account(who, scope)?;
    if plan != Some(Plan::Paid) {
        return Err(Denied::PaidPlanNeeded);
    }
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, None))
}

/// See which accounts are linked to a portfolio.
pub fn view_accounts(who: &Principal, scope: Scope) -> Result<Permit<ViewAccounts>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::AccountSettings, Level::View)?;
    Ok(Permit::new(who, None))
}

/// Ask an account to join a portfolio (2.3, 3.7).
pub fn ask_for_link(who: &Principal, scope: Scope) -> Result<Permit<AskForLink>, Denied> {
    let permit = cancel_link_request(who, scope)?;
    who.needs_fresh_proof()?;
    Ok(permit)
}

/// Call that off. It takes nothing from anybody.
pub fn cancel_link_request(who: &Principal, scope: Scope) -> Result<Permit<AskForLink>, Denied> {
    who.needs_scope(scope)?;
    is_owner_of(who, scope, ScopeKind::Portfolio)?;
    Ok(Permit::new(who, None))
}

/// Agree, for an account, to join a portfolio (7.1, 3.7): its Owner alone.
pub fn agree_to_link(who: &Principal, scope: Scope) -> Result<Permit<AnswerLinkRequest>, Denied> {
    let permit = decline_link(who, scope)?;
    who.needs_fresh_proof()?;
    Ok(permit)
}

/// Not agree to it. All stays as it is.
pub fn decline_link(who: &Principal, scope: Scope) -> Result<Permit<AnswerLinkRequest>, Denied> {
    who.needs_scope(scope)?;
    is_owner_of(who, scope, ScopeKind::Account)?;
    Ok(Permit::new(who, None))
}

/// Say that an account's link stays though its Portfolio Owner is not Owner or Admin of the account any more (7.1).
pub fn confirm_link(who: &Principal, scope: Scope) -> Result<Permit<ConfirmLink>, Denied> {
    who.needs_scope(scope)?;
    is_owner_of(who, scope, ScopeKind::Account)?;
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, None))
}

/// Take an account out of a portfolio (7.1): the Portfolio Owner, or from inside the account's Owner or Admin.
pub fn unlink(who: &Principal, scope: Scope) -> Result<Permit<Unlink>, Denied> {
    who.needs_scope(scope)?;
    match scope.kind() {
        ScopeKind::Portfolio => is_owner_of(who, scope, ScopeKind::Portfolio)?,
        ScopeKind::Account => is_administrator_of_account(who, scope)?,
    }
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, None))
}

/// Ownership itself, of a scope of this kind: not what a portfolio's Owner is in its accounts.
fn is_owner_of(who: &Principal, scope: Scope, kind: ScopeKind) -> Result<(), Denied> {
    let owns = who.rank() == Rank::Owner && who.via.is_none() && scope.kind() == kind;
    if owns { Ok(()) } else { Err(Denied::OwnersAlone) }
}

/// An Owner or Admin of an account, from inside.
fn is_administrator_of_account(who: &Principal, scope: Scope) -> Result<(), Denied> {
    let is_inside = who.via.is_none() && scope.kind() == ScopeKind::Account;
    if is_inside && who.rank() >= Rank::Admin {
        return Ok(());
    }
    Err(Denied::RoleLacks { area: Area::AccountSettings, level: Level::Edit })
}

fn may_act_on_membership(who: &Principal, scope: Scope, target: &Target) -> Result<(), Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::UserManagement, Level::Edit)?;
    if who.user_id == target.user_id {
        return Err(Denied::OwnMembership);
    }
    if target.rank > who.rank() {
        return Err(Denied::Outranked);
    }
    if target.owns {
        return Err(Denied::OwnerStays);
    }
    Ok(())
}

/// Set the guards of MFA resets (5.6), stricter or looser.
pub fn set_guards(who: &Principal, scope: Scope) -> Result<Permit<SetGuards>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::SecuritySettings, Level::Edit)?;
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, None))
}

/// Set what is accepted as a second factor (4.4) and for how long a browser is trusted (4.7), stricter or looser.
pub fn set_mfa_policy(who: &Principal, scope: Scope) -> Result<Permit<SetMfaPolicy>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::SecuritySettings, Level::Edit)?;
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, None))
}

/// Call off what was to be loosened. Needs no fresh proof: all stays as it is.
pub fn cancel_loosening(who: &Principal, scope: Scope) -> Result<Permit<CancelLoosening>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::SecuritySettings, Level::Edit)?;
    Ok(Permit::new(who, None))
}

/// Call off, while it waits, what was asked for outside this scope's reach (5.6): also of a member who was shut out here, since
/// it takes nothing from anybody.
pub fn call_off_mfa_reset(who: &Principal, scope: Scope, target: &Target) -> Result<Permit<CancelMfaReset>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::MfaReset, Level::Edit)?;
    if who.user_id == target.user_id {
        return Err(Denied::Oneself);
    }
    needs_rank(who, target)?;
    Ok(Permit::new(who, Some(target)))
}

/// The operator asks, on the host: above every rank, but not for who has nothing to reset.
pub fn operator_requests_mfa_reset(target: &Target) -> Result<Permit<RequestMfaReset>, Denied> {
    something_to_reset(&Target { resets_today: 0, ..target.clone() })?;
    Ok(Permit {
        actor: Actor::Operator,
        scope: None,
        target: Some((target.user_id, target.name.clone())),
        action: PhantomData,
    })
}

/// Turn “Require MFA for all users” on or off (4.8). On a paid plan it is on and stays on.
pub fn set_mfa_requirement(
    who: &Principal,
    scope: Scope,
    plan: Option<Plan>,
    required: bool,
) -> Result<Permit<SetMfaRequirement>, Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::SecuritySettings, Level::Edit)?;
    if plan == Some(Plan::Paid) && !required {
        return Err(Denied::PlanRequiresMfa);
    }
    who.needs_fresh_proof()?;
    Ok(Permit::new(who, None))
}

/// Whether who has this role is told when somebody of the scope is locked out (5.8): those who may ask for resets there.
pub fn resets_mfa(role: Role) -> bool {
    role.permissions().allow(Area::MfaReset, Level::Edit)
}

/// Whether giving this role takes a fresh proof (3.7): it is of rank 2, or carries what security is run with.
fn is_sensitive(role: Role) -> bool {
    let areas = [Area::UserManagement, Area::MfaReset, Area::SecuritySettings];
    role.rank() >= Rank::Admin || areas.iter().any(|area| role.permissions().allow(*area, Level::View))
}

/// Nobody gives more than they have (2.5): no role above their own, and nothing that theirs does not allow. One exception: the
/// Owner of the scope gives every role that comes with it, of which a Portfolio Analyst's exports what no other of a
/// portfolio does.
fn may_give(who: &Principal, scope: Scope, role: Role) -> Result<(), Denied> {
    let is_of_this_kind = role.kind() == scope.kind() && role.rank() < Rank::Owner;
    let comes_with_it = role.built_in_key().is_some() && who.rank() == Rank::Owner && who.via.is_none();
    let has_it = role.rank() <= who.rank() && who.permissions().contain(&role.permissions());
    if is_of_this_kind && (comes_with_it || has_it) { Ok(()) } else { Err(Denied::GrantsMore) }
}

fn may_act_on_resets(who: &Principal, scope: Scope, target: &Target) -> Result<(), Denied> {
    who.needs_scope(scope)?;
    who.needs(Area::MfaReset, Level::Edit)?;
    if who.user_id == target.user_id {
        return Err(Denied::Oneself);
    }
    if target.status != MembershipStatus::Active {
        return Err(Denied::NotActive);
    }
    needs_rank(who, target)
}

/// Nobody acts on a reset of who stands above, save an Admin for an Owner, who has nobody else to ask (2.5).
fn needs_rank(who: &Principal, target: &Target) -> Result<(), Denied> {
    let admin_for_owner = who.rank() == Rank::Admin && target.rank == Rank::Owner;
    if target.rank > who.rank() && !admin_for_owner { Err(Denied::Outranked) } else { Ok(()) }
}

fn may_decide_on_approval(who: &Principal, scope: Scope, target: &Target, approver: &Approver) -> Result<(), Denied> {
    may_act_on_resets(who, scope, target)?;
    if approver.is_asker { Err(Denied::OwnRequest) } else { Ok(()) }
}

fn something_to_reset(target: &Target) -> Result<(), Denied> {
    if target.factors.is_empty() {
        return Err(Denied::NothingToReset);
    }
    if target.resets_today >= REQUESTS_A_DAY {
        return Err(Denied::DailyLimit);
    }
    Ok(())
}
