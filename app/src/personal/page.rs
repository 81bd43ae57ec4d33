//! `/me/personal`: who one is to Postern, the name one goes by, and the language it speaks.

use super::api::{self, Personal};
use crate::{
    email_change::PendingChange,
    erasure::DeleteLink,
    error_page::ErrorPage,
    help::Support,
    messages::LANGUAGES,
    paths,
    roles::role_text,
    ui::{
        Done, Fact, Facts, LinkButton, PageHead, PostForm, SelectField, Submit, TextField, Weight,
        form::{FormError, problem},
        use_post,
    },
};
use domain::{accounts::ScopeEntry, errors::Field, person::Name, scope::ScopeKind, theme::Theme};
use leptos::{either::Either, prelude::*};
use leptos_meta::Title;

#[component]
pub(crate) fn PersonalPage() -> impl IntoView {
    let personal = Resource::new(|| (), |()| api::me());
    view! {
        <Title text=tr!("personal.title")/>
        <Suspense>
            {move || Suspend::new(async move {
                match personal.await {
                    Ok(personal) => Either::Left(view! { <Shown personal/> }),
                    Err(error) => Either::Right(view! { <ErrorPage error/> }),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Shown(personal: Personal) -> impl IntoView {
    let Personal { name, email, language, time_zone, notice_email, theme, places } = personal;
    let second = notice_email.unwrap_or_else(|| tr!("notice_email.none").into());
    view! {
        <main class="main" id="main" data-page="personal" data-state="open">
            <PageHead title=tr!("personal.title")>{tr!("personal.sentence")}</PageHead>
            <Done says=done_text/>
            <div class="stack narrow">
                <Facts>
                    <Fact term=tr!("personal.email")>{email}</Fact>
                    <Fact term=tr!("notice_email.present")>{second}</Fact>
                    <Fact term=tr!("personal.time_zone")>{time_zone}</Fact>
                </Facts>
                <PendingChange/>
                <div class="actions">
                    <LinkButton href=paths::me_email() label=tr!("email_change.title")/>
                    <LinkButton href=paths::me_notices() label=tr!("notice_email.change")/>
                    <LinkButton href=paths::me_time_zone() label=tr!("personal.change_time_zone")/>
                </div>
                <OwnName name/>
                <Language language/>
                <Look theme/>
            </div>
            <Places places/>
            <div class="stack narrow">
                <DeleteLink/>
                <Support/>
            </div>
        </main>
    }
}

/// Everywhere one belongs, and the way out.
#[component]
fn Places(places: Vec<ScopeEntry>) -> impl IntoView {
    let place = |ScopeEntry { scope, name, role }: ScopeEntry| {
        let label = match scope.kind() {
            ScopeKind::Account => tr!("users.leave.account"),
            ScopeKind::Portfolio => tr!("users.leave.portfolio"),
        };
        let named = format!("{label}: {name}");
        view! {
            <li>
                <div class="what">
                    <p>
                        <a href=paths::overview(scope)>{name}</a>
                    </p>
                    <p>{role_text(&role)}</p>
                </div>
                <a class="button" href=paths::leave(scope) aria-label=named>
                    {label}
                </a>
            </li>
        }
    };
    (!places.is_empty()).then(|| {
        view! {
            <section class="stack narrow">
                <div class="section-head">
                    <h2>{tr!("personal.places")}</h2>
                    <p>{tr!("personal.places_sentence")}</p>
                </div>
                <ul class="cards">{places.into_iter().map(place).collect_view()}</ul>
            </section>
        }
    })
}

#[component]
fn OwnName(name: String) -> impl IntoView {
    let post = use_post::<api::SetName>();
    let error = post.error();
    view! {
        <PostForm post>
            <FormError error/>
            <TextField
                name="name"
                label=tr!("personal.name")
                hint=tr!("personal.name_hint")
                value=name
                problem=problem(error, Field::Name)
                required=true
                max=Name::MAX
            />
            <div class="actions">
                <Submit label=tr!("personal.save_name") pending=post.pending()/>
            </div>
        </PostForm>
    }
}

/// The choice of a language. A plain post: the page after it is another, in every word.
#[component]
fn Language(language: String) -> impl IntoView {
    let post = use_post::<api::SetLanguage>();
    let error = post.error();
    let choices = LANGUAGES.iter().map(|(tag, name)| ((*tag).into(), (*name).into())).collect();
    view! {
        <PostForm post>
            <FormError error/>
            <SelectField
                name="language"
                label=tr!("personal.language")
                hint=tr!("personal.language_hint")
                problem=problem(error, Field::Language)
                choices
                chosen=language
            />
            <div class="actions">
                <Submit label=tr!("personal.save") weight=Weight::Primary pending=post.pending()/>
            </div>
        </PostForm>
    }
}

/// The choice of light and dark. The page after it is the first that shows it.
#[component]
fn Look(theme: Theme) -> impl IntoView {
    let post = use_post::<api::SetTheme>();
    let label = |theme| match theme {
        Theme::Device => tr!("personal.theme_device"),
        Theme::Light => tr!("personal.theme_light"),
        Theme::Dark => tr!("personal.theme_dark"),
    };
    let choices = Theme::ALL.map(|theme| (theme.key().into(), label(theme).into())).into();
    view! {
        <PostForm post>
            <FormError error=post.error()/>
            <SelectField
                name="theme"
                label=tr!("personal.theme")
                hint=tr!("personal.theme_hint")
                choices
                chosen=theme.key().to_owned()
            />
            <div class="actions">
                <Submit label=tr!("personal.save_theme") pending=post.pending()/>
            </div>
        </PostForm>
    }
}

fn done_text(done: &str) -> Option<&'static str> {
    match done {
        "language" => Some(tr!("personal.language_set")),
        "name" => Some(tr!("personal.name_set")),
        "theme" => Some(tr!("personal.theme_set")),
        "time_zone" => Some(tr!("personal.time_zone_set")),
        "email_asked" => Some(tr!("email_change.asked")),
        "second_set" => Some(tr!("notice_email.set")),
        "second_removed" => Some(tr!("notice_email.removed")),
        "email_called_off" => Some(tr!("email_change.called_off")),
        _ => None,
    }
}
