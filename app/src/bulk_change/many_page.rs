//! `…/users/many`: addresses to paste, or a file to read. Either leads to the review; nothing is sent before.

use super::api::{self, Invite};
use crate::{
    error::AppError,
    error_page::ErrorPage,
    messages::LANGUAGES,
    paths,
    roles::role_text,
    scope::{ScopeField, use_scope},
    ui::{
        Notice, PageHead, PostForm, SelectField, Submit, Text, TextArea, Tone, Weight,
        form::{FormError, problem, problem_said},
        use_post,
    },
};
use domain::{
    bulk_change::{FileProblem, MOST, Opening, Openings},
    errors::{Field, Problem},
    person::TextProblem,
    scope::Scope,
};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn ManyPage() -> impl IntoView {
    let scope = use_scope();
    let openings =
        Resource::new(move || scope.get(), |scope| async move { api::offer(scope.ok_or(AppError::NotFound)?).await });
    view! {
        <Title text=tr!("bulk_change.title")/>
        <Transition>
            {move || Suspend::new(async move {
                match openings.await {
                    Ok(openings) => Either::Left(view! { <Page openings/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Page(openings: Openings) -> AnyView {
    let scope = openings.scope;
    view! {
        <main class="main" id="main" data-page="many">
            <PageHead
                eyebrow=tr!("mfa_reset_request.back")
                back=paths::users(scope)
                title=tr!("bulk_change.title")
            >
                {tr!("bulk_change.sentence")}
            </PageHead>
            <Paste openings=openings.clone()/>
            <File openings/>
        </main>
    }
    .into_any()
}

#[component]
fn Paste(openings: Openings) -> AnyView {
    let post = use_post::<Invite>();
    let error = post.error();
    let Openings { scope, language, places, .. } = openings;
    let alone = places.len() == 1;
    let places = places.into_iter().enumerate();
    let places = places.map(|(at, opening)| view! { <As at opening alone error/> }).collect_view();
    let places = match alone {
        true => places.into_any(),
        false => view! {
            <fieldset class="field">
                <legend>{tr!("bulk_change.where")}</legend>
                {places}
            </fieldset>
        }
        .into_any(),
    };
    view! {
        <section class="narrow">
            <div class="card">
                <h2>{tr!("bulk_change.paste")}</h2>
                <PostForm post>
                    <FormError error/>
                    <ScopeField scope/>
                    <TextArea
                        name="addresses"
                        label=tr!("bulk_change.addresses")
                        hint=tr!("bulk_change.addresses_hint")
                        problem=problem_said(error, Field::Users, too_many)
                        required=true
                    />
                    {places}
                    <Languages id="paste-language" language/>
                    <div class="actions">
                        <Submit
                            label=tr!("bulk_change.review")
                            weight=Weight::Primary
                            pending=post.pending()
                        />
                    </div>
                </PostForm>
            </div>
        </section>
    }
    .into_any()
}

/// A place, and as what.
#[component]
fn As(at: usize, opening: Opening, alone: bool, error: Signal<Option<AppError>>) -> AnyView {
    let Opening { scope, name, roles } = opening;
    let label = if alone { Text::from(tr!("users.role")) } else { name.into() };
    let nobody = (!alone).then(|| (Text::from(""), Text::from(tr!("bulk_change.not_here"))));
    let roles = roles.iter().map(|named| (Text::from(named.role.key().to_string()), role_text(named)));
    let choices: Vec<_> = nobody.into_iter().chain(roles).collect();
    let chosen = choices.first().map(|(key, _)| key.to_string()).unwrap_or_default();
    view! {
        <input
            type="hidden"
            name=format!("places[{at}][scope][{}]", scope.kind().key())
            value=scope.uuid().to_string()
        />
        <SelectField
            name=format!("places[{at}][role]")
            label
            problem=problem(error, Field::Role)
            choices
            chosen
        />
    }
    .into_any()
}

#[component]
fn Languages(id: &'static str, language: String) -> AnyView {
    let choices = LANGUAGES.iter().map(|(tag, name)| ((*tag).into(), (*name).into())).collect();
    // Most write to whom they speak with.
    let chosen = if language.is_empty() { "en".to_owned() } else { language };
    view! { <SelectField name="language" id label=tr!("invitations.language") choices chosen/> }.into_any()
}

#[component]
fn File(openings: Openings) -> AnyView {
    let query = use_query_map();
    let refused = move || {
        query.with(|query| {
            let problem = query.get_str("problem").and_then(FileProblem::of_key)?;
            let line = query.get_str("line").and_then(|line| line.parse::<u64>().ok());
            Some(view! { <Refused problem line/> })
        })
    };
    let Openings { scope, language, places, .. } = openings;
    let roles = places.into_iter().find(|opening| opening.scope == scope).map(|opening| opening.roles);
    let role = roles.map(|roles| {
        let chosen = roles.first().map(|named| named.role.key().to_string()).unwrap_or_default();
        let choices = roles.iter().map(|named| (named.role.key().to_string().into(), role_text(named))).collect();
        view! { <SelectField name="role" label=tr!("bulk_change.file_role") choices chosen/> }
    });
    let columns = match scope {
        Scope::Account(_) => tr!("bulk_change.columns"),
        Scope::Portfolio(_) => tr!("bulk_change.columns_portfolio"),
    };
    view! {
        <section class="narrow" id="file">
            <div class="card">
                <h2>{tr!("bulk_change.file_title")}</h2>
                <p>{columns}</p>
                <form class="form" method="post" action=paths::import(scope) enctype="multipart/form-data">
                    {refused}
                    <div class="field">
                        <label for="file-input">{tr!("bulk_change.file")}</label>
                        <input
                            class="input"
                            type="file"
                            name="file"
                            id="file-input"
                            accept=".csv,text/csv,text/plain"
                            required
                            aria-describedby="file-hint"
                        />
                        <p class="hint" id="file-hint">
                            {tr!("bulk_change.file_hint", most = crate::ui::counted(MOST as u64))}
                        </p>
                    </div>
                    {role}
                    <Languages id="file-language" language/>
                    <div class="actions">
                        <Submit label=tr!("bulk_change.review") weight=Weight::Primary/>
                    </div>
                </form>
            </div>
        </section>
    }
    .into_any()
}

/// More than are looked at together.
pub(super) fn too_many(problem: Problem) -> Option<&'static str> {
    matches!(problem, Problem::Text(TextProblem::TooLong { .. })).then(|| tr!("bulk_change.too_many"))
}

/// Why the file was not read, and what helps.
#[component]
fn Refused(problem: FileProblem, line: Option<u64>) -> AnyView {
    let title = match line {
        None => tr!("bulk_change.refused").to_owned(),
        Some(line) => tr!("bulk_change.refused_line", line = line.to_string()),
    };
    let text = match problem {
        FileProblem::Empty => tr!("bulk_change.problem.empty").to_owned(),
        FileProblem::TooLong => {
            tr!("bulk_change.problem.too_long", most = crate::ui::counted(MOST as u64))
        }
        FileProblem::NotText => tr!("bulk_change.problem.not_text").to_owned(),
        FileProblem::NoAddresses => tr!("bulk_change.problem.no_addresses").to_owned(),
        FileProblem::Broken => tr!("bulk_change.problem.broken").to_owned(),
    };
    view! { <Notice tone=Tone::Bad title>{text}</Notice> }.into_any()
}
