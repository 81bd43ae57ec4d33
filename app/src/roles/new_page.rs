//! `…/settings/roles/new`: a role of the scope's own.

use super::{
    api::{self, Make},
    editor::RoleFields,
};
use crate::{
    error::{AppError, denied_text},
    error_page::ErrorPage,
    paths,
    scope::{ScopeField, use_scope},
    step_up::StepUpLink,
    ui::{LinkButton, PageHead, PostForm, Submit, Weight, form::FormError, use_post},
};
use domain::{
    policy::{self, Denied, Principal},
    roles::{Permissions, Roles},
    scope::Scope,
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn NewRolePage() -> impl IntoView {
    let scope = use_scope();
    let roles =
        Resource::new(move || scope.get(), |scope| async move { api::list(scope.ok_or(AppError::NotFound)?).await });
    view! {
        <Title text=tr!("roles.new")/>
        <Transition>
            {move || Suspend::new(async move {
                let Roles { scope, principal, .. } = match roles.await {
                    Ok(roles) => roles,
                    Err(error) => return EitherOf3::A(view! { <ErrorPage error/> }),
                };
                match policy::make_role(&principal, scope, &Permissions::NONE).map(drop) {
                    Err(denied) if !denied.is_mendable() => EitherOf3::B(view! { <Refused denied/> }),
                    _ => EitherOf3::C(view! { <Page scope who=principal/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Refused(denied: Denied) -> impl IntoView {
    view! {
        <main class="main" id="main" data-page="new_role" data-state="refused">
            <PageHead title=tr!("roles.new")>{denied_text(denied)}</PageHead>
        </main>
    }
}

#[component]
fn Page(scope: Scope, who: Principal) -> impl IntoView {
    let post = use_post::<Make>();
    let error = post.error();
    view! {
        <main class="main" id="main" data-page="new_role" data-state="open">
            <PageHead eyebrow=tr!("roles.title") back=paths::roles(scope) title=tr!("roles.new")>
                {tr!("roles.new_sentence")}
            </PageHead>
            <section class="narrow">
                <div class="card">
                    <PostForm post>
                        <FormError error/>
                        <StepUpLink error/>
                        <ScopeField scope/>
                        <RoleFields who name="" description="" permissions=Permissions::NONE error/>
                        <div class="actions">
                            <LinkButton href=paths::roles(scope) label=tr!("roles.cancel")/>
                            <Submit label=tr!("roles.make") weight=Weight::Primary pending=post.pending()/>
                        </div>
                    </PostForm>
                </div>
            </section>
        </main>
    }
}
