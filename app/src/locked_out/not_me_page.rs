//! `/sign-in/not-me/{token}`: “This wasn't me” to a call for help. Opening it changes nothing, however often.

use super::api;
use crate::{
    caller,
    error::AppError,
    error_page::ErrorPage,
    help::Support,
    mailed::use_mailed,
    paths,
    ui::{
        LinkButton, PageHead, Submit, Weight,
        form::{FormError, form_error},
    },
};
use domain::locked_out::CallState;
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::{Meta, Title};

#[component]
pub(crate) fn NotMePage() -> impl IntoView {
    let disown = ServerAction::<api::Disown>::new();
    let (token, call) = use_mailed(disown, api::peek);
    view! {
        <Title text=tr!("locked_out.not_me.eyebrow")/>
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {move || {
                let token = token.clone();
                Suspend::new(async move {
                    match call.await {
                        Ok(CallState::Open) => EitherOf3::A(view! { <Open token disown/> }),
                        Ok(CallState::Disowned) => EitherOf3::B(view! { <Over known=true/> }),
                        Err(AppError::NotFound) => EitherOf3::B(view! { <Over known=false/> }),
                        Err(error) => EitherOf3::C(view! { <ErrorPage error/> }),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Open(token: String, disown: ServerAction<api::Disown>) -> impl IntoView {
    view! {
        <main class="main" id="main" data-page="not_me" data-state=CallState::Open.key()>
            <PageHead eyebrow=tr!("locked_out.not_me.eyebrow") title=tr!("locked_out.not_me.title")>
                {tr!("locked_out.not_me.sentence")}
            </PageHead>
            <div class="prose">
                <p>{tr!("locked_out.not_me.what")}</p>
            </div>
            <ActionForm action=disown attr:class="form">
                <FormError error=form_error(disown)/>
                <input type="hidden" name="token" value=token/>
                <Submit
                    label=tr!("locked_out.not_me.confirm")
                    weight=Weight::Primary
                    wide=true
                    pending=disown.pending()
                />
            </ActionForm>
            <Support/>
        </main>
    }
}

/// It was disowned, or the link leads to nothing; either way a new password is the next step.
#[component]
fn Over(known: bool) -> impl IntoView {
    let (state, title, sentence) = match known {
        true => (CallState::Disowned.key(), tr!("locked_out.not_me.done_title"), tr!("locked_out.not_me.done")),
        false => {
            caller::set_page_status(404);
            ("unknown", tr!("locked_out.not_me.unknown_title"), tr!("locked_out.not_me.unknown"))
        }
    };
    view! {
        <main class="main" id="main" data-page="not_me" data-state=state>
            <div role="status">
                <PageHead eyebrow=tr!("locked_out.not_me.eyebrow") title>
                    {sentence}
                </PageHead>
            </div>
            <div class="actions">
                <LinkButton
                    href=paths::forgot_password()
                    label=tr!("locked_out.not_me.new_password")
                    weight=Weight::Primary
                    wide=true
                />
            </div>
            <Support/>
        </main>
    }
}
