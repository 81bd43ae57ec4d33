//! `/password-reset/{token}`: sets a new password with a mailed link. Opening it changes nothing, however often.

use super::api;
use crate::{
    caller,
    error::AppError,
    error_page::ErrorPage,
    help::Support,
    mailed::use_mailed,
    paths,
    ui::{
        Entry, LinkButton, PageHead, Submit, TextField, Weight,
        form::{FormError, form_error, problem},
    },
};
use domain::{
    errors::Field,
    passwords::{self, LinkState},
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::{Meta, Title};

#[component]
pub(crate) fn PasswordResetPage() -> impl IntoView {
    let set = ServerAction::<api::Set>::new();
    let (token, link) = use_mailed(set, api::peek);
    view! {
        <Title text=tr!("password_reset.set.title")/>
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {move || {
                let token = token.clone();
                Suspend::new(async move {
                    match link.await {
                        Ok(LinkState::Open) => EitherOf3::A(view! { <Set token set/> }),
                        Ok(LinkState::Used) => EitherOf3::B(view! { <Dead state="used"/> }),
                        Ok(LinkState::WhereAccepted) => EitherOf3::B(view! { <Dead state="where_accepted"/> }),
                        Ok(LinkState::Expired) => EitherOf3::B(view! { <Dead state="expired"/> }),
                        Err(AppError::NotFound) => EitherOf3::B(view! { <Dead state="unknown"/> }),
                        Err(error) => EitherOf3::C(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Set(token: String, set: ServerAction<api::Set>) -> impl IntoView {
    let error = form_error(set);
    view! {
        <main class="main" id="main" data-page="password_reset" data-state="open">
            <PageHead title=tr!("password_reset.set.title")>{tr!("password_reset.set.sentence")}</PageHead>
            <ActionForm action=set attr:class="form">
                <FormError error/>
                <input type="hidden" name="token" value=token/>
                <TextField
                    name="password"
                    label=tr!("password_reset.set.password")
                    entry=Entry::NewPassword
                    hint=tr!("password_reset.set.rule", min = passwords::MIN)
                    problem=problem(error, Field::Password)
                    required=true
                    autofocus=true
                />
                <Submit
                    label=tr!("password_reset.set.submit")
                    weight=Weight::Primary
                    wide=true
                    pending=set.pending()
                />
            </ActionForm>
        </main>
    }
}

/// A link with which nothing can be done any more, and what can be done instead.
#[component]
fn Dead(
    /// `used`, `where_accepted`, `expired` or `unknown`.
    state: &'static str,
) -> impl IntoView {
    let (status, title, sentence) = match state {
        "used" => (200, tr!("password_reset.used.title"), tr!("password_reset.used.sentence")),
        "where_accepted" => {
            (200, tr!("password_reset.where_accepted.title"), tr!("password_reset.where_accepted.sentence"))
        }
        "expired" => (410, tr!("password_reset.expired.title"), tr!("password_reset.expired.sentence")),
        _ => (404, tr!("password_reset.unknown.title"), tr!("password_reset.unknown.sentence")),
    };
    caller::set_page_status(status);
    view! {
        <main class="main" id="main" data-page="password_reset" data-state=state>
            <PageHead title>{sentence}</PageHead>
            {(state == "used").then(|| view! { <p>{tr!("password_reset.used.not_you")}</p> })}
            <div class="actions">
                <LinkButton
                    href=paths::forgot_password()
                    label=tr!("password_reset.expired.again")
                    weight=if state == "used" { Weight::Secondary } else { Weight::Primary }
                />
                <LinkButton href=paths::sign_in() label=tr!("password_reset.forgot.back")/>
            </div>
            <Support/>
        </main>
    }
}
