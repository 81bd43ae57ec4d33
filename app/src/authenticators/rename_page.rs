//! `/me/security/methods/{id}/rename`: another name for one of one's own methods.

use super::{api, own_method::own_method};
use crate::{
    paths,
    step_up::StepUpLink,
    ui::{
        LinkButton, PageHead, Submit, TextField, Weight,
        form::{FormError, form_error, problem},
    },
};
use domain::{authenticators::AuthenticatorOverview, errors::Field, person::Name};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub(crate) fn RenameMethodPage() -> impl IntoView {
    view! {
        <Title text=tr!("authenticators.rename.title")/>
        {own_method(|method, _| view! { <Rename method/> })}
    }
}

#[component]
fn Rename(method: AuthenticatorOverview) -> impl IntoView {
    let rename = ServerAction::<api::Rename>::new();
    let error = form_error(rename);
    view! {
        <main class="main" id="main" data-page="rename_method" data-state="open">
            <PageHead title=tr!("authenticators.rename.title")>{tr!("authenticators.rename.sentence")}</PageHead>
            <ActionForm action=rename attr:class="form">
                <FormError error/>
                <StepUpLink error/>
                <input type="hidden" name="id" value=method.id.to_string()/>
                <TextField
                    name="name"
                    label=tr!("authenticators.enrol.name")
                    value=method.name
                    problem=problem(error, Field::Name)
                    required=true
                    max=Name::MAX
                />
                <div class="actions">
                    <LinkButton href=paths::me_security() label=tr!("authenticators.rename.cancel")/>
                    <Submit
                        label=tr!("authenticators.rename.confirm")
                        weight=Weight::Primary
                        pending=rename.pending()
                    />
                </div>
            </ActionForm>
        </main>
    }
}
