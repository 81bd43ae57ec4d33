//! `…/settings/roles/{role}`: one role, what it allows and who has it; of a scope's own, the editor, or why not.

use super::{
    api::{self, Delete, Edit},
    editor::{RoleFacts, RoleFields},
    label::role_text,
    list_page::Holders,
};
use crate::{
    error::{AppError, denied_text},
    error_page::ErrorPage,
    paths,
    scope::{ScopeField, use_scope},
    step_up::StepUpLink,
    ui::{Done, PageHead, PostForm, Submit, Weight, counted, form::FormError, use_post},
};
use domain::{
    errors::Conflict,
    ids::{RoleId, UserId},
    policy::{self, Denied},
    roles::{RoleDetails, RoleKey},
    scope::Scope,
};
use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn RolePage() -> impl IntoView {
    let (scope, params) = (use_scope(), use_params_map());
    let role = move || params.read().get_str("role").and_then(|role| role.parse::<RoleKey>().ok());
    let details = Resource::new(
        move || scope.get().zip(role()),
        |of| async move {
            let (scope, role) = of.ok_or(AppError::NotFound)?;
            api::get(scope, role).await
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match details.await {
                    Ok(details) => Either::Left(view! { <Page details/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(details: RoleDetails) -> impl IntoView {
    let RoleDetails { scope, role, some_holders, .. } = details.clone();
    let label = role_text(&role.role);
    let id = role.role.role.key().to_string();
    let about = if role.description.is_empty() { None } else { Some(role.description.clone()) };
    view! {
        <Title text=label.to_string()/>
        <main class="main" id="main" data-page="role">
            <PageHead eyebrow=tr!("roles.title") back=paths::roles(scope) title=label>
                {about}
            </PageHead>
            <Done says/>
            <section class="stack narrow">
                <h2>{tr!("roles.who")}</h2>
                <Holders scope role/>
                <SomeHolders scope people=some_holders/>
            </section>
            <Permissions details/>
            <section class="stack narrow">
                <h2>{tr!("roles.identifier")}</h2>
                <p class="quiet">{tr!("roles.identifier_text")}</p>
                <p>
                    <code class="key">{id}</code>
                </p>
            </section>
        </main>
    }
}

/// Some of those who have it.
#[component]
fn SomeHolders(scope: Scope, people: Vec<(UserId, String)>) -> impl IntoView {
    let one = move |(user, name): (UserId, String)| {
        view! {
            <li>
                <a href=paths::user(scope, user)>{name}</a>
            </li>
        }
    };
    (!people.is_empty()).then(|| view! { <ul class="names">{people.into_iter().map(one).collect_view()}</ul> })
}

/// What it allows, to read or to edit.
#[component]
fn Permissions(details: RoleDetails) -> impl IntoView {
    let RoleDetails { scope, principal, role, changed_at, .. } = details.clone();
    let permissions = role.role.role.permissions();
    let read = |why: Option<&'static str>| {
        view! {
            <section class="stack narrow">
                <div class="section-head">
                    <h2>{tr!("roles.allows")}</h2>
                    {why.map(|why| view! { <p>{why}</p> })}
                </div>
                <RoleFacts permissions/>
            </section>
        }
    };
    let Some((seen, id)) = changed_at.zip(role.role.role.key().as_custom()) else {
        return EitherOf3::A(read(Some(tr!("roles.built_in_text"))));
    };
    match policy::edit_role(&principal, scope, role.role.role, &permissions).map(drop) {
        Err(Denied::RoleLacks { .. } | Denied::Unseen) => EitherOf3::A(read(None)),
        Err(denied) if !denied.is_mendable() => EitherOf3::B(read(Some(denied_text(denied)))),
        _ => EitherOf3::C(view! { <Editor details seen=seen.ms() id/> }),
    }
}

#[component]
fn Editor(details: RoleDetails, seen: i64, id: RoleId) -> impl IntoView {
    let RoleDetails { scope, principal, role, .. } = details;
    let (edit, delete) = (use_post::<Edit>(), use_post::<Delete>());
    let (error, delete_error) = (edit.error(), delete.error());
    let name = role.role.name.clone().unwrap_or_default();
    let in_use = role.holders + role.invited;
    let why = move || match delete_error.get() {
        Some(AppError::Conflict(Conflict::RoleInUse { holders })) => {
            Some(tr_n!("roles.in_use", holders, number = counted(holders)))
        }
        _ => None,
    };
    let is_in_use = |error: &AppError| matches!(error, AppError::Conflict(Conflict::RoleInUse { .. }));
    let other_error = Signal::derive(move || delete_error.get().filter(|error| !is_in_use(error)));
    let away = if in_use > 0 {
        Either::Left(view! { <p class="quiet">{tr_n!("roles.in_use", in_use, number = counted(in_use))}</p> })
    } else {
        Either::Right(view! {
            // Nothing is taken away by one press.
            <details>
                <summary>{tr!("roles.delete")}</summary>
                <PostForm post=delete>
                    <ScopeField scope/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <p>{tr!("roles.delete_text")}</p>
                    <div class="actions">
                        <Submit label=tr!("roles.delete_now") weight=Weight::Danger pending=delete.pending()/>
                    </div>
                </PostForm>
            </details>
        })
    };
    view! {
        <section class="stack narrow">
            <div class="section-head">
                <h2>{tr!("roles.allows")}</h2>
                <p>{tr!("roles.at_once")}</p>
            </div>
            <div class="card">
                <PostForm post=edit>
                    <FormError error/>
                    <StepUpLink error/>
                    <ScopeField scope/>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="seen" value=seen/>
                    <RoleFields
                        who=principal
                        name
                        description=role.description
                        permissions=role.role.role.permissions()
                        error
                    />
                    <div class="actions">
                        <Submit label=tr!("roles.save") weight=Weight::Primary pending=edit.pending()/>
                    </div>
                </PostForm>
            </div>
            <div class="card">
                <FormError error=other_error/>
                <StepUpLink error=other_error/>
                {move || why().map(|why| view! { <p class="error" role="alert">{why}</p> })}
                {away}
            </div>
        </section>
    }
}

fn says(done: &str) -> Option<&'static str> {
    (done == "edited").then(|| tr!("roles.edited"))
}
