//! `/me/security/methods/{id}/remove`: says what removing a method means, and removes it.

use super::{api, kind_text};
use crate::{
    error::AppError,
    error_page::ErrorPage,
    paths,
    step_up::{StepUpLink, StepUpRedirect},
    ui::{
        Fact, Facts, LinkButton, PageHead, Submit, Weight,
        form::{FormError, form_error},
    },
};
use domain::{
    authenticators::{AuthenticatorOverview, MyMethods},
    ids::AuthenticatorId,
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn RemoveMethodPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").and_then(|id| id.parse::<AuthenticatorId>().ok());
    let methods = Resource::new(|| (), |()| api::mine());
    view! {
        <Title text=tr!("authenticators.remove.title")/>
        <Suspense>
            {move || Suspend::new(async move {
                match methods.await {
                    Err(error) => EitherOf3::A(view! { <ErrorPage error/> }),
                    Ok(methods) if !methods.step_up.is_fresh_for_methods() => {
                        EitherOf3::B(view! { <StepUpRedirect/> })
                    }
                    Ok(MyMethods { authenticators, .. }) => {
                        let is_last = authenticators.len() == 1;
                        match authenticators.into_iter().find(|method| Some(method.id) == id) {
                            Some(method) => EitherOf3::C(view! { <Question method is_last/> }),
                            None => EitherOf3::A(view! { <ErrorPage error=AppError::NotFound/> }),
                        }
                    }
                }
            })}
        </Suspense>
    }
}

#[component]
fn Question(method: AuthenticatorOverview, is_last: bool) -> impl IntoView {
    let remove = ServerAction::<api::Unbind>::new();
    let error = form_error(remove);
    let AuthenticatorOverview { id, kind, name, .. } = method;
    let question = tr!("authenticators.remove.question", name = name);
    view! {
        <main class="main" id="main" data-page="remove_method" data-state="open">
            <div class="panel stack">
                <PageHead title=tr!("authenticators.remove.title")>{question}</PageHead>
                <Facts>
                    <Fact term=kind_text(kind)>{name}</Fact>
                </Facts>
                {is_last.then(|| view! { <p class="warn">{tr!("authenticators.remove.last")}</p> })}
                <ActionForm action=remove attr:class="form">
                    <FormError error/>
                    <StepUpLink error/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <div class="actions">
                        <LinkButton href=paths::me_security() label=tr!("authenticators.remove.cancel")/>
                        <Submit
                            label=tr!("authenticators.remove.confirm")
                            weight=Weight::Danger
                            pending=remove.pending()
                        />
                    </div>
                </ActionForm>
            </div>
        </main>
    }
}
