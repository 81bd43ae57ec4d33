//! What people see: every page, dialog and form of Postern, compiled for the server, which renders it, and for the
//! browser, which hydrates it. Knows no database and no rule; rules come from `domain`, deeds from `backend`.
//!
//! # A page
//!
//! Data comes from one [`Resource`](leptos::prelude::Resource) that calls a server function; the view waits in a
//! `Suspense`. Console pages are rendered with `SsrMode::Async`, so that without script the page is whole and its status
//! is known before the first byte:
//!
//! ```ignore
//! #[component]
//! pub fn UsersPage() -> impl IntoView {
//!     let scope = use_scope();
//!     let users = Resource::new(scope, api::list);
//!     view! {
//!         <Suspense>
//!             {move || Suspend::new(async move {
//!                 match users.await {
//!                     Ok(users) => Either::Left(view! { <main data-page="users">…</main> }),
//!                     Err(error) => Either::Right(view! { <ErrorPage error/> }),
//!                 }
//!             })}
//!         </Suspense>
//!     }
//! }
//! ```
//!
//! A folder a feature, a file a page; its server functions in the folder's `api.rs`, two lines of body each. A page of
//! another area than sign-in stands in that area's `area!`, so that its code and texts are loaded with it.
//!
//! # A mutation
//!
//! A `ServerAction` behind an `ActionForm`. The form is real: before hydration and without script the browser posts it,
//! and the server function redirects on success (`leptos_axum::redirect(&paths::…)`, always, in the body); on failure
//! the browser is sent back to the page it came from and the typed error, carried in its address, is shown by the same
//! components (`ui/`):
//!
//! ```ignore
//! let rename = ServerAction::<api::Rename>::new();
//! let error = form_error(rename);
//! view! {
//!     <ActionForm action=rename>
//!         <FormError error/>
//!         <TextField name="name" label=tr!("users.name") problem=problem(error, Field::Name)/>
//!         <Submit label=tr!("users.rename") pending=rename.pending()/>
//!     </ActionForm>
//! }
//! ```
//!
//! `#[server]` functions take domain newtypes, return `Result<_, AppError>`, and set no status: `server` does, from the
//! error ([`error::AppError::status`]). Addresses come from [`paths`], texts from `tr!` (see `messages.rs`).

#[macro_use]
pub mod messages;
#[macro_use]
mod route;

mod accounts;
mod audit;
mod authenticators;
mod bulk_change;
mod bulk_reset;
pub mod caller;
mod closing;
#[cfg(feature = "ssr")]
pub mod document;
mod email_change;
mod erasure;
pub mod error;
mod error_page;
mod guards;
mod help;
mod invitations;
mod layout;
mod locked_out;
mod loosening;
mod mailed;
mod mfa_policy;
mod mfa_requirement;
mod mfa_reset;
mod next;
mod notice_email;
mod passkeys;
mod password_reset;
mod passwords;
pub mod paths;
mod personal;
mod portfolios;
mod roles;
mod roll_out;
mod scope;
mod sessions;
mod sign_in;
mod sms;
mod step_up;
mod ui;
mod users;
mod wire;

use error_page::NotFoundPage;
use layout::StrangerLayout;
use leptos::{children::ToChildren, prelude::*};
use leptos_meta::provide_meta_context;
use leptos_router::{
    components::{Outlet, Router, Routes, RoutesProps},
    path,
};
use route::{Frames, frame, leaf};

/// The router, and nothing else.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let children = ToChildren::to_children(routes);
    view! { <Router>{Routes(RoutesProps::builder().fallback(NotFoundPage).children(children).build())}</Router> }
}

area!(entry {
    accounts::HomePage,
    sign_in::DevicePage,
    sign_in::MfaPage,
    sms::SmsCodePage,
    passkeys::PasskeySignInPage,
    locked_out::HelpPage,
    locked_out::NotMePage,
    authenticators::EnrolPage,
    passkeys::EnrolPasskeyPage,
    sms::EnrolSmsPage,
    sms::BindSmsPage,
    authenticators::BackupCodesPage,
    step_up::StepUpPage,
    password_reset::ForgotPasswordPage,
    password_reset::PasswordResetPage,
    email_change::ConfirmEmailPage,
    erasure::DeletedPage,
    mfa_reset::AcceptPage,
    invitations::InvitationPage,
    help::MfaHelpPage,
    help::AccountSecurityHelpPage,
    help::PhishingHelpPage,
});

area!(me {
    layout::MeLayout,
    personal::PersonalPage,
    email_change::ChangeEmailPage,
    personal::TimeZonePage,
    notice_email::NoticeEmailPage,
    erasure::DeletePage,
    sessions::MySessionsPage,
    authenticators::MySecurityPage,
    authenticators::RenameMethodPage,
    authenticators::RemoveMethodPage,
    passwords::ChangePasswordPage,
    authenticators::NewBackupCodesPage,
});

area!(console {
    layout::ConsoleLayout,
    accounts::OverviewPage,
    users::LeavePage,
    closing::ClosePage,
    users::UsersPage,
    invitations::InvitePage,
    bulk_reset::AskPage,
    bulk_reset::ProgressPage,
    bulk_change::ManyPage,
    bulk_change::ChangeRolesPage,
    bulk_change::ReviewPage,
    mfa_reset::RequestPage,
    users::UserPage,
    mfa_requirement::SecurityPage,
    roll_out::RollOutPage,
    roles::RolesPage,
    roles::NewRolePage,
    roles::RolePage,
    portfolios::PortfolioPage,
    portfolios::NewPortfolioPage,
    portfolios::ConsentPage,
    portfolios::AccountsPage,
    audit::ActivityPage,
});

/// Every page. Only sign-in comes with the first visit, all else by area.
fn routes() -> Frames {
    vec![
        frame(path!(""), page!(Outlet), vec![leaf(path!("/"), entry::HomePage)]),
        frame(
            path!(""),
            page!(StrangerLayout),
            vec![
                leaf(path!("/sign-in"), page!(sign_in::SignInPage)),
                leaf(path!("/sign-in/device"), entry::DevicePage),
                leaf(path!("/sign-in/mfa"), entry::MfaPage),
                leaf(path!("/sign-in/mfa/sms"), entry::SmsCodePage),
                leaf(path!("/sign-in/passkey"), entry::PasskeySignInPage),
                leaf(path!("/sign-in/mfa/help"), entry::HelpPage),
                leaf(path!("/sign-in/not-me/:token"), entry::NotMePage),
                leaf(path!("/enrol"), entry::EnrolPage),
                leaf(path!("/enrol/passkey"), entry::EnrolPasskeyPage),
                leaf(path!("/enrol/sms"), entry::EnrolSmsPage),
                leaf(path!("/enrol/sms/code"), entry::BindSmsPage),
                leaf(path!("/me/security/backup-codes"), entry::BackupCodesPage),
                leaf(path!("/step-up"), entry::StepUpPage),
                leaf(path!("/forgot-password"), entry::ForgotPasswordPage),
                leaf(path!("/password-reset/:token"), entry::PasswordResetPage),
                leaf(path!("/email-change/:token"), entry::ConfirmEmailPage),
                leaf(path!("/deleted"), entry::DeletedPage),
                leaf(path!("/mfa-reset/:token"), entry::AcceptPage),
                leaf(path!("/invitation/:token"), entry::InvitationPage),
                leaf(path!("/help/mfa"), entry::MfaHelpPage),
                leaf(path!("/help/account-security"), entry::AccountSecurityHelpPage),
                leaf(path!("/help/phishing"), entry::PhishingHelpPage),
            ],
        ),
        frame(
            path!("/me"),
            me::MeLayout,
            vec![
                leaf(path!("/personal"), me::PersonalPage),
                leaf(path!("/personal/email"), me::ChangeEmailPage),
                leaf(path!("/personal/time-zone"), me::TimeZonePage),
                leaf(path!("/personal/notices"), me::NoticeEmailPage),
                leaf(path!("/personal/delete"), me::DeletePage),
                leaf(path!("/sessions"), me::MySessionsPage),
                leaf(path!("/security"), me::MySecurityPage),
                leaf(path!("/security/methods/:id/rename"), me::RenameMethodPage),
                leaf(path!("/security/methods/:id/remove"), me::RemoveMethodPage),
                leaf(path!("/security/password"), me::ChangePasswordPage),
                leaf(path!("/security/backup-codes/new"), me::NewBackupCodesPage),
            ],
        ),
        frame(
            path!("/a/:account"),
            console::ConsoleLayout,
            vec![
                leaf(path!("/overview"), console::OverviewPage),
                leaf(path!("/leave"), console::LeavePage),
                leaf(path!("/close"), console::ClosePage),
                leaf(path!("/settings/users"), console::UsersPage),
                leaf(path!("/settings/users/invite"), console::InvitePage),
                leaf(path!("/settings/users/many"), console::ManyPage),
                leaf(path!("/settings/users/change-role"), console::ChangeRolesPage),
                leaf(path!("/settings/users/changes/:change"), console::ReviewPage),
                leaf(path!("/settings/users/reset-mfa"), console::AskPage),
                leaf(path!("/settings/users/reset-mfa/:bulk"), console::ProgressPage),
                leaf(path!("/settings/users/:user/reset-mfa"), console::RequestPage),
                leaf(path!("/settings/users/:user"), console::UserPage),
                leaf(path!("/settings/security"), console::SecurityPage),
                leaf(path!("/settings/security/roll-out"), console::RollOutPage),
                leaf(path!("/settings/roles"), console::RolesPage),
                leaf(path!("/settings/roles/new"), console::NewRolePage),
                leaf(path!("/settings/roles/:role"), console::RolePage),
                leaf(path!("/settings/security/portfolio"), console::PortfolioPage),
                leaf(path!("/settings/security/portfolio/new"), console::NewPortfolioPage),
                leaf(path!("/settings/security/portfolio/requests/:id"), console::ConsentPage),
                leaf(path!("/settings/activity"), console::ActivityPage),
            ],
        ),
        frame(
            path!("/p/:portfolio"),
            console::ConsoleLayout,
            vec![
                leaf(path!("/overview"), console::OverviewPage),
                leaf(path!("/leave"), console::LeavePage),
                leaf(path!("/close"), console::ClosePage),
                leaf(path!("/manage/users"), console::UsersPage),
                leaf(path!("/manage/users/invite"), console::InvitePage),
                leaf(path!("/manage/users/many"), console::ManyPage),
                leaf(path!("/manage/users/change-role"), console::ChangeRolesPage),
                leaf(path!("/manage/users/changes/:change"), console::ReviewPage),
                leaf(path!("/manage/users/reset-mfa"), console::AskPage),
                leaf(path!("/manage/users/reset-mfa/:bulk"), console::ProgressPage),
                leaf(path!("/manage/users/:user/reset-mfa"), console::RequestPage),
                leaf(path!("/manage/users/:user"), console::UserPage),
                leaf(path!("/manage/accounts"), console::AccountsPage),
                leaf(path!("/settings/security"), console::SecurityPage),
                leaf(path!("/settings/security/roll-out"), console::RollOutPage),
                leaf(path!("/settings/roles"), console::RolesPage),
                leaf(path!("/settings/roles/new"), console::NewRolePage),
                leaf(path!("/settings/roles/:role"), console::RolePage),
                leaf(path!("/settings/activity"), console::ActivityPage),
            ],
        ),
    ]
    .into()
}

/// The address of a page by the secret that was mailed.
pub type MailedPage = fn(&str) -> String;

/// The page of a door behind a mailed secret, by that secret; nothing for other doors. Behind it the secret is the proof, and
/// the browser may be the one inside a mail client, which says little about itself.
pub fn mailed_page(door: &str) -> Option<MailedPage> {
    use leptos::server_fn::ServerFn;
    let doors: [(&str, MailedPage); 5] = [
        (email_change::accept_api::Decide::PATH, |token| paths::email_change(token)),
        (invitations::accept_api::Decide::PATH, |token| paths::invitation(token)),
        (locked_out::api::Disown::PATH, |token| paths::not_me(token)),
        (mfa_reset::accept_api::Decide::PATH, |token| paths::mfa_reset(token)),
        (password_reset::api::Set::PATH, |token| paths::password_reset(token)),
    ];
    doors.into_iter().find(|(path, _)| *path == door).map(|(_, page)| page)
}
