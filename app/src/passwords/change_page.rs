//! `/me/security/password`: a new password, once identity was proven.

use super::{Strength, api};
use crate::{
    authenticators::own_methods,
    error_page::ErrorPage,
    paths,
    step_up::{StepUpLink, StepUpRedirect},
    ui::{
        Entry, LinkButton, PageHead, Submit, TextField, Weight,
        form::{FormError, form_error, problem},
    },
};
use domain::{errors::Field, passwords};
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn ChangePasswordPage() -> impl IntoView {
    let methods = Resource::new(|| (), |()| own_methods());
    view! {
        <Title text=tr!("passwords.title")/>
        <Suspense>
            {move || Suspend::new(async move {
                match methods.await {
                    Err(error) => EitherOf3::A(view! { <ErrorPage error/> }),
                    Ok(methods) if !methods.step_up.is_fresh() => EitherOf3::B(view! { <StepUpRedirect/> }),
                    Ok(_) => EitherOf3::C(view! { <Change/> }),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Change() -> impl IntoView {
    let change = ServerAction::<api::Change>::new();
    let error = form_error(change);
    view! {
        <main class="main" id="main" data-page="change_password" data-state="open">
            <div class="panel stack">
                <PageHead title=tr!("passwords.title")>{tr!("passwords.sentence")}</PageHead>
                <ActionForm action=change attr:class="form">
                    <FormError error/>
                    <StepUpLink error/>
                    <Strength>
                        <TextField
                            name="password"
                            label=tr!("passwords.password")
                            entry=Entry::NewPassword
                            hint=tr!("passwords.rule", min = passwords::MIN)
                            problem=problem(error, Field::Password)
                            required=true
                            autofocus=true
                        />
                    </Strength>
                    <div class="actions">
                        <LinkButton href=paths::me_security() label=tr!("passwords.cancel")/>
                        <Submit label=tr!("passwords.submit") weight=Weight::Primary pending=change.pending()/>
                    </div>
                </ActionForm>
            </div>
        </main>
    }
}
