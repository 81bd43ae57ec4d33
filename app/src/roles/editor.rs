//! The fields of a role: what it is called, what it is for, and how far it goes in each area, with what that allows beside
//! each choice. What is more than one's own cannot be chosen.

use super::label::{allows_text, area_text, level_text};
use crate::{
    error::AppError,
    ui::{TextField, form::problem, form::problem_said},
};
use domain::{
    errors::{Field, Problem},
    person::Name,
    policy::Principal,
    roles::{Area, Description, Level, Permissions},
};
use leptos::{either::Either, prelude::*};

#[component]
pub(super) fn RoleFields(
    /// Who edits.
    who: Principal,
    /// What it is called so far.
    #[prop(into)]
    name: String,
    /// What it is for so far.
    #[prop(into)]
    description: String,
    /// What it allows so far.
    permissions: Permissions,
    /// Why it was refused.
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    let taken = |problem| matches!(problem, Problem::NameTaken).then(|| tr!("roles.name_taken"));
    let areas = |passed_on: bool| {
        let areas = Area::ALL.into_iter().filter(move |area| area.is_passed_on() == passed_on);
        areas
            .map(|area| view! { <AreaField area own=who.permissions().level(area) chosen=permissions.level(area)/> })
            .collect_view()
    };
    let wrong = problem(error, Field::Permissions);
    let wrong = move || wrong.get().map(|text| view! { <p class="error" role="alert">{text}</p> });
    view! {
        <TextField
            name="name"
            label=tr!("roles.name")
            value=name
            max=Name::MAX
            problem=problem_said(error, Field::Name, taken)
            required=true
        />
        <TextField
            name="description"
            label=tr!("roles.description")
            aside=tr!("roles.optional")
            value=description
            max=Description::MAX
            problem=problem(error, Field::Description)
        />
        {wrong}
        {areas(false)}
        <div class="section-head">
            <h2>{tr!("roles.passed_on")}</h2>
            <p>{tr!("roles.passed_on_text")}</p>
        </div>
        {areas(true)}
    }
}

#[component]
fn AreaField(area: Area, own: Level, chosen: Level) -> impl IntoView {
    let choice = move |level: Level| {
        let id = format!("{}-{}", area.key(), level.key());
        let beyond = level > own;
        let about = if beyond { tr!("roles.beyond") } else { allows_text(area, level) };
        let about_id = (!about.is_empty()).then(|| format!("{id}-about"));
        view! {
            <label class="check">
                <input
                    type="radio"
                    id=id
                    name=format!("permissions[{}]", area.key())
                    value=level.key()
                    checked=level == chosen
                    disabled=beyond
                    aria-describedby=about_id.clone()
                />
                <span>{level_text(level)}</span>
                {about_id.map(|id| view! { <span class="hint" id=id>{about}</span> })}
            </label>
        }
    };
    view! {
        <fieldset class="choices">
            <legend>{area_text(area)}</legend>
            {area.levels().iter().copied().map(choice).collect_view()}
        </fieldset>
    }
}

/// The same to read: area by area, what it allows.
#[component]
pub(super) fn RoleFacts(permissions: Permissions) -> impl IntoView {
    let fact = |(area, level): (Area, Level)| {
        let allows = allows_text(area, level);
        let text = match (level, allows) {
            (Level::None, _) => Either::Left(view! { <span class="quiet">{level_text(level)}</span> }),
            (_, "") => Either::Right(view! { <strong>{level_text(level)}</strong> }.into_any()),
            _ => Either::Right(
                view! {
                    <strong>{level_text(level)}</strong>
                    <br/>
                    <span class="quiet">{allows}</span>
                }
                .into_any(),
            ),
        };
        view! {
            <div>
                <dt>{area_text(area)}</dt>
                <dd>{text}</dd>
            </div>
        }
    };
    view! { <dl class="facts">{permissions.levels().map(fact).collect_view()}</dl> }
}
