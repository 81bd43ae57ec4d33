//! `/me/personal/delete`: “Delete my sign-in”. What will happen, a fresh proof, and the own address typed: then it is done.

use super::api::{self, Erase};
use crate::{
    closing::close_text,
    error::denied_text,
    error_page::ErrorPage,
    help::Support,
    paths,
    step_up::{StepUpLink, StepUpRedirect},
    ui::{
        Entry, LinkButton, PageHead, PostForm, Submit, TextField, Weight,
        form::{FormError, problem_said},
        use_post,
    },
};
use domain::{
    accounts::ScopeEntry,
    erasure::Erasure,
    errors::{Field, Problem},
    policy::Denied,
};
use leptos::{either::EitherOf4, prelude::*};
use leptos_meta::Title;

/// The link that leads here.
#[component]
pub(crate) fn DeleteLink() -> impl IntoView {
    view! {
        <p class="quiet">
            <a href=paths::me_delete()>{tr!("erasure.title")}</a>
        </p>
    }
}

#[component]
pub(crate) fn DeletePage() -> impl IntoView {
    let erasure = Resource::new(|| (), |()| api::get());
    view! {
        <Title text=tr!("erasure.title")/>
        <Suspense>
            {move || Suspend::new(async move {
                match erasure.await {
                    Err(error) => EitherOf4::A(view! { <ErrorPage error/> }),
                    Ok(erasure) => match erasure.allowed() {
                        Err(Denied::StepUpNeeded(_)) => EitherOf4::B(view! { <StepUpRedirect/> }),
                        Err(denied) => EitherOf4::C(view! { <HandOverFirst denied owner_of=erasure.owner_of/> }),
                        Ok(()) => EitherOf4::D(view! { <Ask erasure/> }),
                    },
                }
            })}
        </Suspense>
    }
}

/// No place is left without an Owner.
#[component]
fn HandOverFirst(denied: Denied, owner_of: Vec<ScopeEntry>) -> impl IntoView {
    let places = owner_of.into_iter().map(|place| {
        view! {
            <li>
                <a href=paths::users(place.scope)>{place.name}</a>
                " · "
                <a href=paths::close(place.scope)>{close_text(place.scope)}</a>
            </li>
        }
    });
    view! {
        <main class="main" id="main" data-page="delete_sign_in" data-state="owner">
            <div class="panel stack">
                <PageHead title=tr!("erasure.title")>{denied_text(denied)}</PageHead>
                <div class="prose">
                    <p>{tr!("erasure.hand_over")}</p>
                    <ul>{places.collect_view()}</ul>
                </div>
                <div class="actions">
                    <LinkButton href=paths::me_personal() label=tr!("erasure.keep")/>
                </div>
                <Support/>
            </div>
        </main>
    }
}

#[component]
fn Ask(erasure: Erasure) -> impl IntoView {
    let erase = use_post::<Erase>();
    let error = erase.error();
    let other = |problem| matches!(problem, Problem::Unknown).then(|| tr!("erasure.other_address"));
    let hint = tr!("erasure.confirm_hint", email = &erasure.email);
    view! {
        <main class="main" id="main" data-page="delete_sign_in" data-state="open">
            <div class="panel stack">
                <PageHead title=tr!("erasure.question")>{tr!("erasure.sentence")}</PageHead>
                <div class="prose">
                    <ul>
                        <li>{tr!("erasure.places")}</li>
                        <li>{tr!("erasure.gone")}</li>
                        <li>{tr!("erasure.log")}</li>
                        <li>{tr!("erasure.mail")}</li>
                    </ul>
                </div>
                <PostForm post=erase>
                    <FormError error/>
                    <StepUpLink error/>
                    <TextField
                        name="email"
                        label=tr!("erasure.confirm")
                        entry=Entry::NewEmail
                        hint
                        problem=problem_said(error, Field::Email, other)
                        required=true
                    />
                    <div class="actions">
                        <LinkButton href=paths::me_personal() label=tr!("erasure.keep")/>
                        <Submit label=tr!("erasure.submit") weight=Weight::Danger pending=erase.pending()/>
                    </div>
                </PostForm>
                <Support/>
            </div>
        </main>
    }
}
