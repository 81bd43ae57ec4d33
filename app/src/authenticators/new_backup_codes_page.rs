//! `/me/security/backup-codes/new`: says what new codes mean for the old ones, and makes them.

use super::api;
use crate::{
    error_page::ErrorPage,
    paths,
    step_up::{StepUpLink, StepUpRedirect},
    ui::{
        LinkButton, PageHead, Submit, Weight,
        form::{FormError, form_error},
    },
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn NewBackupCodesPage() -> impl IntoView {
    let methods = Resource::new(|| (), |()| api::mine());
    view! {
        <Title text=tr!("authenticators.new_codes.title")/>
        <Suspense>
            {move || Suspend::new(async move {
                match methods.await {
                    Err(error) => EitherOf3::A(view! { <ErrorPage error/> }),
                    Ok(methods) if !methods.step_up.is_fresh() => EitherOf3::B(view! { <StepUpRedirect/> }),
                    Ok(_) => EitherOf3::C(view! { <Question/> }),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Question() -> impl IntoView {
    let make = ServerAction::<api::MakeBackupCodes>::new();
    let error = form_error(make);
    view! {
        <main class="main" id="main" data-page="new_backup_codes" data-state="open">
            <div class="panel stack">
                <PageHead title=tr!("authenticators.new_codes.title")>{tr!("authenticators.new_codes.sentence")}</PageHead>
                <ActionForm action=make attr:class="form">
                    <FormError error/>
                    <StepUpLink error/>
                    <div class="actions">
                        <LinkButton href=paths::me_security() label=tr!("authenticators.new_codes.cancel")/>
                        <Submit
                            label=tr!("authenticators.new_codes.confirm")
                            weight=Weight::Primary
                            pending=make.pending()
                        />
                    </div>
                </ActionForm>
            </div>
        </main>
    }
}
