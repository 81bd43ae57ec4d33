//! `/password-reset/{token}`: sets a new password with a mailed link. Opening it changes nothing, however often.

use super::api;
use crate::{
    caller,
    mailed::{Outcome, mailed_page},
    passwords::Strength,
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
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn PasswordResetPage() -> impl IntoView {
    let set = ServerAction::<api::Set>::new();
    mailed_page(
        tr!("password_reset.set.title"),
        set,
        api::peek,
        move |link, token| match link {
            LinkState::Open => Either::Left(view! { <Set token set/> }),
            LinkState::Used => Either::Right(view! { <Dead state="used"/> }),
            LinkState::WhereAccepted => Either::Right(view! { <Dead state="where_accepted"/> }),
            LinkState::Expired => Either::Right(view! { <Dead state="expired"/> }),
        },
        || {
            caller::set_page_status(404);
            view! { <Dead state="unknown"/> }
        },
    )
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
                <Strength>
                    <TextField
                        name="password"
                        label=tr!("password_reset.set.password")
                        entry=Entry::NewPassword
                        hint=tr!("password_reset.set.rule", min = passwords::MIN)
                        problem=problem(error, Field::Password)
                        required=true
                        autofocus=true
                    />
                </Strength>
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
    let (title, sentence) = match state {
        "used" => (tr!("password_reset.used.title"), tr!("password_reset.used.sentence")),
        "where_accepted" => (tr!("password_reset.where_accepted.title"), tr!("password_reset.where_accepted.sentence")),
        "expired" => (tr!("password_reset.expired.title"), tr!("password_reset.expired.sentence")),
        _ => (tr!("password_reset.unknown.title"), tr!("password_reset.unknown.sentence")),
    };
    view! {
        <Outcome page="password_reset" state eyebrow=tr!("password_reset.set.title") title sentence>
            {(state == "used").then(|| view! { <p>{tr!("password_reset.used.not_you")}</p> })}
            <div class="actions">
                <LinkButton
                    href=paths::forgot_password()
                    label=tr!("password_reset.expired.again")
                    weight=if state == "used" { Weight::Secondary } else { Weight::Primary }
                />
                <LinkButton href=paths::sign_in() label=tr!("password_reset.forgot.back")/>
            </div>
        </Outcome>
    }
}
