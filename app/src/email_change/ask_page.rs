//! `/me/personal/email`: another address, once identity was proven. Nothing changes until both mailboxes have confirmed.

use super::{WithoutMailbox, api};
use crate::{
    authenticators::own_methods,
    error_page::ErrorPage,
    help::Support,
    paths,
    step_up::{StepUpLink, StepUpRedirect},
    ui::{
        Entry, LinkButton, PageHead, PostForm, Submit, TextField, Weight,
        form::{FormError, problem},
        use_post,
    },
};
use domain::errors::Field;
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn ChangeEmailPage() -> impl IntoView {
    let methods = Resource::new(|| (), |()| own_methods());
    view! {
        <Title text=tr!("email_change.title")/>
        <Suspense>
            {move || Suspend::new(async move {
                match methods.await {
                    Err(error) => EitherOf3::A(view! { <ErrorPage error/> }),
                    Ok(methods) if !methods.step_up.is_fresh() => EitherOf3::B(view! { <StepUpRedirect/> }),
                    Ok(_) => EitherOf3::C(view! { <Ask/> }),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Ask() -> impl IntoView {
    let request = use_post::<api::Request>();
    let error = request.error();
    view! {
        <main class="main" id="main" data-page="change_email" data-state="open">
            <div class="panel stack">
                <PageHead title=tr!("email_change.title")>{tr!("email_change.sentence")}</PageHead>
                <PostForm post=request>
                    <FormError error/>
                    <StepUpLink error/>
                    <TextField
                        name="email"
                        label=tr!("email_change.new")
                        entry=Entry::NewEmail
                        hint=tr!("email_change.new_hint")
                        problem=problem(error, Field::Email)
                        required=true
                        autofocus=true
                    />
                    <div class="actions">
                        <LinkButton href=paths::me_personal() label=tr!("email_change.cancel")/>
                        <Submit label=tr!("email_change.submit") weight=Weight::Primary pending=request.pending()/>
                    </div>
                </PostForm>
                <WithoutMailbox/>
                <Support/>
            </div>
        </main>
    }
}
