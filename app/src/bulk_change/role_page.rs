//! `…/users/change-role?user=…&user=…`: which role those who were chosen in the list are to have. The review comes after.

use super::{
    api::{self, ChangeRoles},
    many_page::too_many,
};
use crate::{
    bulk_reset::chosen_users,
    error::AppError,
    error_page::ErrorPage,
    paths,
    roles::role_text,
    scope::{ScopeField, use_scope},
    ui::{
        Empty, LinkButton, PageHead, PostForm, SelectField, Submit, Text, Weight, counted,
        form::{FormError, problem, problem_said},
        use_post,
    },
};
use domain::{
    bulk_change::Openings,
    errors::{Field, Problem},
    ids::UserId,
    roles::NamedRole,
    scope::Scope,
};
use leptos::{either::EitherOf3, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn ChangeRolesPage() -> impl IntoView {
    let (scope, query) = (use_scope(), use_query_map());
    let users = Memo::new(move |_| query.with(chosen_users));
    let openings =
        Resource::new(move || scope.get(), |scope| async move { api::offer(scope.ok_or(AppError::NotFound)?).await });
    view! {
        <Title text=tr!("bulk_change.roles_title")/>
        <Transition>
            {move || Suspend::new(async move {
                match openings.await {
                    Ok(Openings { scope, .. }) if users.get().is_empty() => EitherOf3::A(view! { <Nobody scope/> }),
                    Ok(openings) => EitherOf3::B(view! { <Ask openings users=users.get()/> }),
                    Err(error) => EitherOf3::C(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Ask(openings: Openings, users: Vec<UserId>) -> AnyView {
    let post = use_post::<ChangeRoles>();
    let error = post.error();
    let Openings { scope, places, .. } = openings;
    let number = users.len() as u64;
    let hidden = users.into_iter().enumerate().map(|(at, user)| {
        view! { <input type="hidden" name=format!("users[{at}]") value=user.to_string()/> }
    });
    // Of the scope itself; of a portfolio also those that every account has.
    let own = places.iter().filter(|place| place.scope == scope).flat_map(|place| place.roles.iter());
    let linked: Vec<_> = places.iter().filter(|place| place.scope != scope).collect();
    let everywhere = linked.first().into_iter().flat_map(|place| place.roles.iter());
    let roles: Vec<&NamedRole> = everywhere.filter(|named| named.name.is_none()).chain(own).collect();
    let chosen = roles.first().map(|named| named.role.key().to_string()).unwrap_or_default();
    let choices = roles.into_iter().map(|named| (named.role.key().to_string().into(), role_text(named))).collect();
    let accounts = (!linked.is_empty()).then(|| {
        let all = (Text::from(""), Text::from(tr!("bulk_change.all_accounts")));
        let one =
            linked.iter().map(|place| (Text::from(place.scope.uuid().to_string()), Text::from(place.name.clone())));
        let choices = std::iter::once(all).chain(one).collect();
        view! {
            <SelectField
                name="account"
                label=tr!("bulk_change.account")
                problem=problem(error, Field::Account)
                hint=tr!("bulk_change.account_hint")
                choices
                chosen=String::new()
            />
        }
    });
    view! {
        <main class="main" id="main" data-page="change_roles" data-state="ask">
            <PageHead
                eyebrow=tr!("mfa_reset_request.back")
                back=paths::users(scope)
                title=tr_n!("bulk_change.roles_ask", number, number = counted(number))
            >
                {tr!("bulk_change.roles_sentence")}
            </PageHead>
            <section class="narrow">
                <div class="card">
                    <PostForm post>
                        <FormError error/>
                        <ScopeField scope/>
                        {hidden.collect_view()}
                        <SelectField
                            name="role"
                            label=tr!("bulk_change.new_role")
                            problem=problem(error, Field::Role)
                            choices
                            chosen
                        />
                        {accounts}
                        <Nowhere problem=problem_said(error, Field::Users, nowhere)/>
                        <div class="actions">
                            <LinkButton href=paths::users(scope) label=tr!("mfa_reset_request.cancel")/>
                            <Submit
                                label=tr!("bulk_change.review")
                                weight=Weight::Primary
                                pending=post.pending()
                            />
                        </div>
                    </PostForm>
                </div>
            </section>
        </main>
    }
    .into_any()
}

/// Nobody who was chosen is where the role belongs, or they are too many.
#[component]
fn Nowhere(problem: Signal<Option<String>>) -> impl IntoView {
    move || problem.get().map(|text| view! { <p class="error" role="alert">{text}</p> })
}

fn nowhere(problem: Problem) -> Option<&'static str> {
    too_many(problem).or(Some(tr!("bulk_change.nowhere")))
}

#[component]
fn Nobody(scope: Scope) -> AnyView {
    view! {
        <main class="main" id="main" data-page="change_roles" data-state="none">
            <PageHead
                eyebrow=tr!("mfa_reset_request.back")
                back=paths::users(scope)
                title=tr!("bulk_change.roles_title")
            />
            <Empty title=tr!("bulk_reset.nobody") text=tr!("bulk_reset.nobody_text")>
                <LinkButton href=paths::users(scope) label=tr!("bulk_reset.choose_again") weight=Weight::Primary/>
            </Empty>
        </main>
    }
    .into_any()
}
