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

mod accounts;
pub mod assets;
mod audit;
mod authenticators;
pub mod caller;
pub mod error;
mod error_page;
mod help;
mod layout;
mod mfa_requirement;
mod mfa_reset;
mod next;
mod password_reset;
pub mod paths;
mod roles;
mod scope;
mod sessions;
mod sign_in;
mod step_up;
mod ui;
mod users;
mod wire;

use assets::{Assets, Scripts};
use error_page::NotFoundPage;
use layout::{ConsoleLayout, MeLayout, StrangerLayout};
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// The document around every page.
pub fn shell(assets: Assets) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                {caller::support_url().map(|url| view! { <meta name="support" content=url/> })}
                <Scripts assets/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The router, and nothing else.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=accounts::HomePage ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=StrangerLayout>
                    <Route path=path!("/sign-in") view=sign_in::SignInPage/>
                    <Route path=path!("/sign-in/device") view=sign_in::DevicePage ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in/mfa") view=sign_in::MfaPage ssr=SsrMode::Async/>
                    <Route path=path!("/sign-in/mfa/help") view=sign_in::MfaHelpPage/>
                    <Route path=path!("/enrol") view=authenticators::EnrolPage ssr=SsrMode::Async/>
                    <Route
                        path=path!("/me/security/backup-codes")
                        view=authenticators::BackupCodesPage
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/step-up") view=step_up::StepUpPage ssr=SsrMode::Async/>
                    <Route path=path!("/forgot-password") view=password_reset::ForgotPasswordPage/>
                    <Route
                        path=path!("/password-reset/:token")
                        view=password_reset::PasswordResetPage
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/mfa-reset/:token") view=mfa_reset::AcceptPage ssr=SsrMode::Async/>
                    <Route path=path!("/help/mfa") view=help::MfaHelpPage/>
                    <Route path=path!("/help/account-security") view=help::AccountSecurityHelpPage/>
                    <Route path=path!("/help/phishing") view=help::PhishingHelpPage/>
                </ParentRoute>
                <ParentRoute path=path!("/me") view=MeLayout>
                    <Route path=path!("/personal") view=sessions::PersonalPage ssr=SsrMode::Async/>
                    <Route path=path!("/sessions") view=sessions::MySessionsPage ssr=SsrMode::Async/>
                    <Route path=path!("/security") view=authenticators::MySecurityPage ssr=SsrMode::Async/>
                    <Route
                        path=path!("/security/methods/:id/remove")
                        view=authenticators::RemoveMethodPage
                        ssr=SsrMode::Async
                    />
                    <Route
                        path=path!("/security/backup-codes/new")
                        view=authenticators::NewBackupCodesPage
                        ssr=SsrMode::Async
                    />
                </ParentRoute>
                <ParentRoute path=path!("/a/:account") view=ConsoleLayout>
                    <Route path=path!("/overview") view=accounts::OverviewPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/users") view=users::UsersPage ssr=SsrMode::Async/>
                    <Route
                        path=path!("/settings/users/:user/reset-mfa")
                        view=mfa_reset::RequestPage
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/settings/security") view=mfa_requirement::SecurityPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/activity") view=audit::ActivityPage ssr=SsrMode::Async/>
                </ParentRoute>
                <ParentRoute path=path!("/p/:portfolio") view=ConsoleLayout>
                    <Route path=path!("/overview") view=accounts::OverviewPage ssr=SsrMode::Async/>
                    <Route path=path!("/manage/users") view=users::UsersPage ssr=SsrMode::Async/>
                    <Route
                        path=path!("/manage/users/:user/reset-mfa")
                        view=mfa_reset::RequestPage
                        ssr=SsrMode::Async
                    />
                    <Route path=path!("/settings/security") view=mfa_requirement::SecurityPage ssr=SsrMode::Async/>
                    <Route path=path!("/settings/activity") view=audit::ActivityPage ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// The doors behind a mailed secret: there the secret is the proof, and the browser may be the one inside a mail client,
/// which says little about itself.
pub const MAILED_DOORS: &[&str] = &[
    <mfa_reset::accept_api::Decide as leptos::server_fn::ServerFn>::PATH,
    <password_reset::api::Set as leptos::server_fn::ServerFn>::PATH,
];
