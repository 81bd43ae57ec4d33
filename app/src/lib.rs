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
//! another area than sign-in and the mailed links is a `#[lazy_route]`, so that its code and texts are loaded with it.
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
mod bulk_reset;
pub mod caller;
#[cfg(feature = "ssr")]
pub mod document;
mod email_change;
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
use layout::{ConsoleLayout, MeLayout, StrangerLayout};
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

/// Every page. Only sign-in comes with the first visit, all else by area.
fn routes() -> Frames {
    vec![
        frame(path!(""), page!(Outlet), vec![leaf(path!("/"), page!(entry => accounts::HomePage))]),
        frame(
            path!(""),
            page!(StrangerLayout),
            vec![
                leaf(path!("/sign-in"), page!(sign_in::SignInPage)),
                leaf(path!("/sign-in/device"), page!(entry => sign_in::DevicePage)),
                leaf(path!("/sign-in/mfa"), page!(entry => sign_in::MfaPage)),
                leaf(path!("/sign-in/mfa/sms"), page!(entry => sms::SmsCodePage)),
                leaf(path!("/sign-in/passkey"), page!(entry => passkeys::PasskeySignInPage)),
                leaf(path!("/sign-in/mfa/help"), page!(entry => locked_out::HelpPage)),
                leaf(path!("/sign-in/not-me/:token"), page!(entry => locked_out::NotMePage)),
                leaf(path!("/enrol"), page!(entry => authenticators::EnrolPage)),
                leaf(path!("/enrol/passkey"), page!(entry => passkeys::EnrolPasskeyPage)),
                leaf(path!("/enrol/sms"), page!(entry => sms::EnrolSmsPage)),
                leaf(path!("/enrol/sms/code"), page!(entry => sms::BindSmsPage)),
                leaf(path!("/me/security/backup-codes"), page!(entry => authenticators::BackupCodesPage)),
                leaf(path!("/step-up"), page!(entry => step_up::StepUpPage)),
                leaf(path!("/forgot-password"), page!(entry => password_reset::ForgotPasswordPage)),
                leaf(path!("/password-reset/:token"), page!(entry => password_reset::PasswordResetPage)),
                leaf(path!("/email-change/:token"), page!(entry => email_change::ConfirmEmailPage)),
                leaf(path!("/mfa-reset/:token"), page!(entry => mfa_reset::AcceptPage)),
                leaf(path!("/invitation/:token"), page!(entry => invitations::InvitationPage)),
                leaf(path!("/help/mfa"), page!(entry => help::MfaHelpPage)),
                leaf(path!("/help/account-security"), page!(entry => help::AccountSecurityHelpPage)),
                leaf(path!("/help/phishing"), page!(entry => help::PhishingHelpPage)),
            ],
        ),
        frame(
            path!("/me"),
            page!(me => MeLayout),
            vec![
                leaf(path!("/personal"), page!(me => personal::PersonalPage)),
                leaf(path!("/personal/email"), page!(me => email_change::ChangeEmailPage)),
                leaf(path!("/personal/time-zone"), page!(me => personal::TimeZonePage)),
                leaf(path!("/personal/notices"), page!(me => notice_email::NoticeEmailPage)),
                leaf(path!("/sessions"), page!(me => sessions::MySessionsPage)),
                leaf(path!("/security"), page!(me => authenticators::MySecurityPage)),
                leaf(path!("/security/methods/:id/rename"), page!(me => authenticators::RenameMethodPage)),
                leaf(path!("/security/methods/:id/remove"), page!(me => authenticators::RemoveMethodPage)),
                leaf(path!("/security/password"), page!(me => passwords::ChangePasswordPage)),
                leaf(path!("/security/backup-codes/new"), page!(me => authenticators::NewBackupCodesPage)),
            ],
        ),
        frame(
            path!("/a/:account"),
            page!(console => ConsoleLayout),
            vec![
                leaf(path!("/overview"), page!(console => accounts::OverviewPage)),
                leaf(path!("/leave"), page!(console => users::LeavePage)),
                leaf(path!("/settings/users"), page!(console => users::UsersPage)),
                leaf(path!("/settings/users/invite"), page!(console => invitations::InvitePage)),
                leaf(path!("/settings/users/reset-mfa"), page!(console => bulk_reset::AskPage)),
                leaf(path!("/settings/users/reset-mfa/:bulk"), page!(console => bulk_reset::ProgressPage)),
                leaf(path!("/settings/users/:user/reset-mfa"), page!(console => mfa_reset::RequestPage)),
                leaf(path!("/settings/users/:user"), page!(console => users::UserPage)),
                leaf(path!("/settings/security"), page!(console => mfa_requirement::SecurityPage)),
                leaf(path!("/settings/security/roll-out"), page!(console => roll_out::RollOutPage)),
                leaf(path!("/settings/activity"), page!(console => audit::ActivityPage)),
            ],
        ),
        frame(
            path!("/p/:portfolio"),
            page!(console => ConsoleLayout),
            vec![
                leaf(path!("/overview"), page!(console => accounts::OverviewPage)),
                leaf(path!("/leave"), page!(console => users::LeavePage)),
                leaf(path!("/manage/users"), page!(console => users::UsersPage)),
                leaf(path!("/manage/users/invite"), page!(console => invitations::InvitePage)),
                leaf(path!("/manage/users/reset-mfa"), page!(console => bulk_reset::AskPage)),
                leaf(path!("/manage/users/reset-mfa/:bulk"), page!(console => bulk_reset::ProgressPage)),
                leaf(path!("/manage/users/:user/reset-mfa"), page!(console => mfa_reset::RequestPage)),
                leaf(path!("/manage/users/:user"), page!(console => users::UserPage)),
                leaf(path!("/settings/security"), page!(console => mfa_requirement::SecurityPage)),
                leaf(path!("/settings/security/roll-out"), page!(console => roll_out::RollOutPage)),
                leaf(path!("/settings/activity"), page!(console => audit::ActivityPage)),
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
