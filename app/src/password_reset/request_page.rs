//! `/forgot-password`: asks for the link. The answer is the same whether or not anybody has the address.

use super::api;
use crate::{
    next::use_done,
    paths,
    ui::{
        Entry, PageHead, Submit, TextField, Weight,
        form::{FormError, form_error, problem},
    },
};
use domain::errors::Field;
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn ForgotPasswordPage() -> impl IntoView {
    let request = ServerAction::<api::Request>::new();
    let done = use_done();
    view! {
        <Title text=tr!("password_reset.forgot.title")/>
        {move || match done.read().as_deref() {
            Some("sent") => Either::Left(view! { <Sent/> }),
            _ => Either::Right(view! { <Ask request/> }),
        }}
    }
}

#[component]
fn Ask(request: ServerAction<api::Request>) -> impl IntoView {
    let error = form_error(request);
    view! {
        <main class="main" id="main" data-page="forgot_password" data-state="open">
            <PageHead title=tr!("password_reset.forgot.title")>{tr!("password_reset.forgot.sentence")}</PageHead>
            <ActionForm action=request attr:class="form">
                <FormError error/>
                <TextField
                    name="email"
                    label=tr!("password_reset.forgot.email")
                    entry=Entry::Email
                    problem=problem(error, Field::Email)
                    required=true
                    autofocus=true
                />
                <Submit
                    label=tr!("password_reset.forgot.submit")
                    weight=Weight::Primary
                    wide=true
                    pending=request.pending()
                />
            </ActionForm>
            <p>
                <a href=paths::sign_in()>{tr!("password_reset.forgot.back")}</a>
            </p>
        </main>
    }
}

#[component]
fn Sent() -> impl IntoView {
    view! {
        <main class="main" id="main" data-page="forgot_password" data-state="sent">
            <div role="status">
                <PageHead title=tr!("password_reset.sent.title")>{tr!("password_reset.sent.sentence")}</PageHead>
            </div>
            <div class="prose">
                <p>{tr!("password_reset.sent.spam")}</p>
                <p>{tr!("password_reset.sent.no_link")}</p>
            </div>
            <ul class="stack tight">
                <li>
                    <a href=paths::forgot_password()>{tr!("password_reset.sent.again")}</a>
                </li>
                <li>
                    <a href=paths::sign_in()>{tr!("password_reset.forgot.back")}</a>
                </li>
            </ul>
        </main>
    }
}
