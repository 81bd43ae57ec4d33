//! `/sign-in/not-me/{token}`: “This wasn't me” to a call for help. Opening it changes nothing, however often.

use super::api;
use crate::{
    caller,
    help::Support,
    mailed::{Outcome, mailed_page},
    paths,
    ui::{
        LinkButton, PageHead, Submit, Weight,
        form::{FormError, form_error},
    },
};
use domain::locked_out::CallState;
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn NotMePage() -> impl IntoView {
    let disown = ServerAction::<api::Disown>::new();
    mailed_page(
        tr!("locked_out.not_me.eyebrow"),
        disown,
        api::peek,
        move |call, token| match call {
            CallState::Open => Either::Left(view! { <Open token disown/> }),
            CallState::Disowned => Either::Right(view! { <Over known=true/> }),
        },
        || {
            caller::set_page_status(404);
            view! { <Over known=false/> }
        },
    )
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
        false => ("unknown", tr!("locked_out.not_me.unknown_title"), tr!("locked_out.not_me.unknown")),
    };
    view! {
        <Outcome page="not_me" state eyebrow=tr!("locked_out.not_me.eyebrow") title sentence>
            <div class="actions">
                <LinkButton
                    href=paths::forgot_password()
                    label=tr!("locked_out.not_me.new_password")
                    weight=Weight::Primary
                    wide=true
                />
            </div>
        </Outcome>
    }
}
