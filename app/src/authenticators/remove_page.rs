//! `/me/security/methods/{id}/remove`: says what removing a method means, and removes it.

use super::{api, kind_text, own_method::own_method};
use crate::{
    paths,
    step_up::StepUpLink,
    ui::{
        Fact, Facts, LinkButton, PageHead, Submit, Weight,
        form::{FormError, form_error},
    },
};
use domain::authenticators::AuthenticatorOverview;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub(crate) fn RemoveMethodPage() -> impl IntoView {
    view! {
        <Title text=tr!("authenticators.remove.title")/>
        {own_method(|method, is_last| view! { <Question method is_last/> })}
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
