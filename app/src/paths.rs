//! Every address of Postern, as a function. Links, forms, redirects and mails take theirs from here.

use domain::{
    authenticators::FactorKind,
    bulk_change::FileProblem,
    ids::{AccountId, AuthenticatorId, BulkChangeId, BulkResetId, LinkRequestId, PortfolioId, UserId},
    roles::RoleKey,
    scope::Scope,
    users::{MfaFilter, UserSort},
};
use std::fmt::Display;

/// The start: the scope last used, or sign-in.
pub fn home() -> String {
    "/".into()
}

/// Address and password.
pub fn sign_in() -> String {
    "/sign-in".into()
}

/// The code mailed because the device is unknown.
pub fn sign_in_device() -> String {
    "/sign-in/device".into()
}

/// The second factor.
pub fn sign_in_mfa() -> String {
    "/sign-in/mfa".into()
}

/// “Can't use any of these?”
pub fn sign_in_mfa_help() -> String {
    "/sign-in/mfa/help".into()
}

/// Disowning a call for help, by a mailed link.
pub fn not_me(token: impl Display) -> String {
    format!("/sign-in/not-me/{token}")
}

/// Binding the first second factor.
pub fn enrol() -> String {
    "/enrol".into()
}

/// Binding a passkey.
pub fn enrol_passkey() -> String {
    "/enrol/passkey".into()
}

/// Naming a number that codes are texted to.
pub fn enrol_sms() -> String {
    "/enrol/sms".into()
}

/// Giving the code that binds it.
pub fn enrol_sms_code() -> String {
    "/enrol/sms/code".into()
}

/// Giving a code that was texted to a number that is bound.
pub fn sign_in_mfa_sms() -> String {
    "/sign-in/mfa/sms".into()
}

/// Signing in by a passkey alone.
pub fn sign_in_passkey() -> String {
    "/sign-in/passkey".into()
}

/// Asking for a link to set a new password.
pub fn forgot_password() -> String {
    "/forgot-password".into()
}

/// Setting a new password, by a mailed link.
pub fn password_reset(token: impl Display) -> String {
    format!("/password-reset/{token}")
}

/// Accepting or declining an MFA reset, by a mailed link.
pub fn mfa_reset(token: impl Display) -> String {
    format!("/mfa-reset/{token}")
}

/// Accepting or declining an invitation, by a mailed link.
pub fn invitation(token: impl Display) -> String {
    format!("/invitation/{token}")
}

/// Confirming a change of address, by a mailed link.
pub fn email_change(token: impl Display) -> String {
    format!("/email-change/{token}")
}

/// One's own name, address, language.
pub fn me_personal() -> String {
    "/me/personal".into()
}

/// Another address to sign in with.
pub fn me_email() -> String {
    "/me/personal/email".into()
}

/// In which time zone mails tell times.
pub fn me_time_zone() -> String {
    "/me/personal/time-zone".into()
}

/// A second address for notices.
pub fn me_notices() -> String {
    "/me/personal/notices".into()
}

/// Deleting one's own sign-in.
pub fn me_delete() -> String {
    "/me/personal/delete".into()
}

/// Where one is afterwards.
pub fn deleted() -> String {
    "/deleted".into()
}

/// One's own password and methods.
pub fn me_security() -> String {
    "/me/security".into()
}

/// One's own backup codes, right after they were made.
pub fn me_backup_codes() -> String {
    "/me/security/backup-codes".into()
}

/// Changing one's own password.
pub fn me_password() -> String {
    "/me/security/password".into()
}

/// New backup codes in place of one's old ones.
pub fn me_new_backup_codes() -> String {
    "/me/security/backup-codes/new".into()
}

/// Another name for one of one's own methods.
pub fn me_rename_method(id: AuthenticatorId) -> String {
    format!("/me/security/methods/{id}/rename")
}

/// Removing one of one's own methods.
pub fn me_remove_method(id: AuthenticatorId) -> String {
    format!("/me/security/methods/{id}/remove")
}

/// Proving identity again.
pub fn step_up() -> String {
    "/step-up".into()
}

/// `path`, which then says that this was done: a word that the page knows.
pub fn done(path: &str, what: &str) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}done={what}")
}

/// One's own sessions and devices.
pub fn me_sessions() -> String {
    "/me/sessions".into()
}

/// Help with the second factor.
pub fn help_mfa() -> String {
    "/help/mfa".into()
}

/// How an account is kept safe.
pub fn help_account_security() -> String {
    "/help/account-security".into()
}

/// How to tell genuine mail.
pub fn help_phishing() -> String {
    "/help/phishing".into()
}

/// What waits for me in a scope.
pub fn overview(scope: Scope) -> String {
    format!("/{scope}/overview")
}

/// The members: Settings > Users of an account, Manage > Users of a portfolio.
pub fn users(scope: Scope) -> String {
    match scope {
        Scope::Account(_) => format!("/{scope}/settings/users"),
        Scope::Portfolio(_) => format!("/{scope}/manage/users"),
    }
}

/// The members who have no second factor.
pub fn users_without_mfa(scope: Scope) -> String {
    format!("{}?mfa=off", users(scope))
}

/// The members by when they were here last, who was away longest first.
pub fn users_long_away(scope: Scope) -> String {
    format!("{}?sort={}", users(scope), UserSort::LastActiveAsc.key())
}

/// The active members who have a second factor of this kind.
pub fn users_with_method(scope: Scope, kind: FactorKind) -> String {
    format!("{}?mfa={}&status=active", users(scope), MfaFilter::of_kind(kind).key())
}

/// The members whose reset is pending.
pub fn users_with_pending_reset(scope: Scope) -> String {
    format!("{}?mfa=pending", users(scope))
}

/// One member.
pub fn user(scope: Scope, user: UserId) -> String {
    format!("{}/{user}", users(scope))
}

/// Giving one's own membership up.
pub fn leave(scope: Scope) -> String {
    format!("/{scope}/leave")
}

/// Closing an account or portfolio.
pub fn close(scope: Scope) -> String {
    format!("/{scope}/close")
}

/// “Reset MFA” for one member, as a page.
pub fn request_mfa_reset(scope: Scope, user: UserId) -> String {
    format!("{}/{user}/reset-mfa", users(scope))
}

/// “Reset MFA” for several members: the question, with each as a `user` of the query.
pub fn bulk_reset(scope: Scope) -> String {
    format!("{}/reset-mfa", users(scope))
}

/// How far that got.
pub fn bulk_reset_progress(scope: Scope, id: BulkResetId) -> String {
    format!("{}/{id}", bulk_reset(scope))
}

/// Another role for several members: the question, with each as a `user` of the query.
pub fn change_roles(scope: Scope) -> String {
    format!("{}/change-role", users(scope))
}

/// Many people at once, by a text or a file.
pub fn many(scope: Scope) -> String {
    format!("{}/many", users(scope))
}

/// Where a file is sent to; the route is `server`'s own.
pub fn import(scope: Scope) -> String {
    format!("{}/import.csv", users(scope))
}

/// That a file could not be read, and where it could not.
pub fn import_problem(scope: Scope, problem: FileProblem, line: Option<u64>) -> String {
    let line = line.map(|line| format!("&line={line}")).unwrap_or_default();
    format!("{}?problem={}{line}", many(scope), problem.key())
}

/// Many changes, reviewed and as they went.
pub fn bulk_change(scope: Scope, id: BulkChangeId) -> String {
    format!("{}/changes/{id}", users(scope))
}

/// Asking somebody in, and who was asked in and has not answered.
pub fn invite(scope: Scope) -> String {
    format!("{}/invite", users(scope))
}

/// Built-in and custom roles.
pub fn roles(scope: Scope) -> String {
    format!("/{scope}/settings/roles")
}

/// One role.
pub fn role(scope: Scope, role: RoleKey) -> String {
    format!("{}/{role}", roles(scope))
}

/// A role to be made.
pub fn new_role(scope: Scope) -> String {
    format!("{}/new", roles(scope))
}

/// The members who have a role.
pub fn users_with_role(scope: Scope, role: RoleKey) -> String {
    format!("{}?role={role}", users(scope))
}

/// MFA requirement and guards of a scope.
pub fn security(scope: Scope) -> String {
    format!("/{scope}/settings/security")
}

/// How far MFA got in a scope, and who is without.
pub fn roll_out(scope: Scope) -> String {
    format!("{}/roll-out", security(scope))
}

/// The same as a file; the route is `server`'s own.
pub fn roll_out_export(scope: Scope) -> String {
    format!("{}.csv", roll_out(scope))
}

/// The list of members as a file; the route is `server`'s own.
pub fn users_export(scope: Scope) -> String {
    format!("{}.csv", users(scope))
}

/// The activity log of a scope.
pub fn activity(scope: Scope) -> String {
    format!("/{scope}/settings/activity")
}

/// The linked accounts of a portfolio.
pub fn portfolio_accounts(portfolio: PortfolioId) -> String {
    accounts(Scope::Portfolio(portfolio))
}

/// The same, where the scope is known to be one.
pub fn accounts(scope: Scope) -> String {
    format!("/{scope}/manage/accounts")
}

/// The portfolio that an account is in.
pub fn portfolio_of(scope: Scope) -> String {
    format!("{}/portfolio", security(scope))
}

/// Making a portfolio, from an account.
pub fn new_portfolio(scope: Scope) -> String {
    format!("{}/new", portfolio_of(scope))
}

/// That a portfolio asks an account to join.
pub fn link_request(account: AccountId, id: LinkRequestId) -> String {
    link_request_in(Scope::Account(account), id)
}

/// The same, of the account that one is in.
pub fn link_request_in(scope: Scope, id: LinkRequestId) -> String {
    format!("{}/requests/{id}", portfolio_of(scope))
}
