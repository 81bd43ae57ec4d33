//! A label, a control, a hint, and what is wrong, tied together by id, so that all of it is read aloud with the control.

use super::{Text, browser};
use leptos::prelude::*;

/// What is typed into a field: decides the keyboard on a phone, and what a password manager offers.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Entry {
    /// Any words.
    #[default]
    Words,
    /// The address one signs in with.
    Email,
    /// An address one chooses.
    NewEmail,
    /// The password one has.
    Password,
    /// A password one chooses.
    NewPassword,
    /// A saved code of several groups.
    BackupCode,
    /// A telephone number.
    Phone,
}

impl Entry {
    const fn kind(self) -> &'static str {
        match self {
            Self::Words | Self::BackupCode => "text",
            Self::Email | Self::NewEmail => "email",
            Self::Phone => "tel",
            Self::Password | Self::NewPassword => "password",
        }
    }

    const fn autocomplete(self) -> &'static str {
        match self {
            Self::Words | Self::BackupCode => "off",
            Self::Email => "username",
            Self::NewEmail => "email",
            Self::Phone => "tel",
            Self::Password => "current-password",
            Self::NewPassword => "new-password",
        }
    }
}

/// One line to type into.
#[component]
pub(crate) fn TextField(
    /// The field's name in its form, and its id unless `id` is given.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: Text,
    /// What is typed.
    #[prop(optional)]
    entry: Entry,
    /// Where another form of the page has a field of this name.
    #[prop(optional, into)]
    id: Option<String>,
    /// What is there already.
    #[prop(optional, into)]
    value: Option<String>,
    /// Quiet words after the label, as “optional”.
    #[prop(optional, into)]
    aside: Option<Text>,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<Text>,
    /// What is wrong with what was entered.
    #[prop(optional, into)]
    problem: Signal<Option<String>>,
    /// Whether it may not be empty.
    #[prop(optional)]
    required: bool,
    /// The most characters it takes.
    #[prop(optional)]
    max: Option<u16>,
    /// Whether typing begins here.
    #[prop(optional)]
    autofocus: bool,
    /// A link at the label's right end.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.into());
    let described = describe(&id, hint.is_some(), problem);
    view! {
        <div class="field">
            <div class="label-line">
                <label for=id.clone()>
                    {label} {aside.map(|aside| view! { " " <span class="quiet">{aside}</span> })}
                </label>
                {children.map(|children| children())}
            </div>
            <input
                class="input"
                class:key=entry == Entry::BackupCode
                type=entry.kind()
                name=name
                id=id.clone()
                value=value
                autocomplete=entry.autocomplete()
                autocapitalize=(entry != Entry::Words).then_some("none")
                spellcheck=(entry != Entry::Words).then_some("false")
                required=required
                maxlength=max
                autofocus=autofocus
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                aria-describedby=described
            />
            <Below id hint problem/>
        </div>
    }
}

/// Several lines to type into, or to paste.
#[component]
pub(crate) fn TextArea(
    /// The field's name in its form, and its id.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: Text,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: Option<Text>,
    /// What is wrong with what was entered.
    #[prop(optional, into)]
    problem: Signal<Option<String>>,
    /// Whether it may not be empty.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let described = describe(name, hint.is_some(), problem);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <textarea
                class="input"
                rows="6"
                name=name
                id=name
                spellcheck="false"
                autocomplete="off"
                autocapitalize="none"
                required=required
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                aria-describedby=described
            ></textarea>
            <Below id=name.into() hint problem/>
        </div>
    }
}

/// A few digits, large, as they are typed from another screen, or as somebody says them.
#[component]
pub(crate) fn CodeField(
    /// Its label.
    #[prop(into)]
    label: Text,
    /// The field's name in its form, and its id.
    #[prop(default = "code")]
    name: &'static str,
    /// Whether a person says them: then no browser can take them from a mail or an app, and the form may go without.
    #[prop(optional)]
    said: bool,
    /// Where they come from.
    #[prop(optional, into)]
    hint: Option<Text>,
    /// What is wrong with what was entered.
    #[prop(optional, into)]
    problem: Signal<Option<String>>,
    /// Whether typing begins here.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let described = describe(name, hint.is_some(), problem);
    Effect::new(move |_| {
        if problem.with(Option::is_some) {
            browser::retype(name);
        }
    });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input code"
                type="text"
                name=name
                id=name
                inputmode="numeric"
                autocomplete=if said { "off" } else { "one-time-code" }
                maxlength="7"
                required=!said
                autofocus=autofocus
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                aria-describedby=described
            />
            <Below id=name.into() hint problem/>
        </div>
    }
}

/// On or off, as a setting that its form saves.
#[component]
pub(crate) fn SwitchField(
    /// The field's name; sent as `true` when on.
    name: &'static str,
    /// Its label.
    #[prop(into)]
    label: Text,
    /// What it means.
    #[prop(optional, into)]
    hint: Option<Text>,
    /// Whether it is on.
    on: bool,
    /// Whether it cannot be changed; `hint` says why.
    #[prop(optional)]
    fixed: bool,
) -> impl IntoView {
    let hint_id = hint.is_some().then(|| format!("{name}-hint"));
    view! {
        <label class="check">
            <input
                type="checkbox"
                role="switch"
                name=name
                id=name
                value="true"
                checked=on
                disabled=fixed
                aria-describedby=hint_id.clone()
            />
            <span>{label}</span>
            {hint.map(|hint| view! { <span class="hint" id=hint_id>{hint}</span> })}
        </label>
    }
}

/// One of a few.
#[component]
pub(crate) fn SelectField(
    /// The field's name in its form, and its id unless `id` is given.
    #[prop(into)]
    name: Text,
    /// Its label.
    #[prop(into)]
    label: Text,
    /// Where another form of the page has a field of this name.
    #[prop(optional, into)]
    id: Option<String>,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: Option<Text>,
    /// What is wrong with what was chosen.
    #[prop(optional, into)]
    problem: Signal<Option<String>>,
    /// What there is to choose from: value and label.
    choices: Vec<(Text, Text)>,
    /// The present choice.
    chosen: String,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone().into_owned());
    let described = describe(&id, hint.is_some(), problem);
    let options = choices
        .into_iter()
        .map(|(value, label)| {
            view! {
                <option value=value.clone() selected=value == chosen.as_str()>
                    {label}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select
                class="input"
                name=name
                id=id.clone()
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                aria-describedby=described
            >
                {options}
            </select>
            <Below id hint problem/>
        </div>
    }
}

/// The ids of what stands below a control, as far as it is there.
fn describe(id: &str, hint: bool, problem: Signal<Option<String>>) -> impl Fn() -> Option<String> + Clone + use<> {
    let (hint, wrong) = (hint.then(|| format!("{id}-hint")), format!("{id}-problem"));
    move || match (problem.with(Option::is_some), &hint) {
        (true, Some(hint)) => Some(format!("{wrong} {hint}")),
        (true, None) => Some(wrong.clone()),
        (false, hint) => hint.clone(),
    }
}

/// What is wrong with the control, and its hint.
#[component]
fn Below(id: String, hint: Option<Text>, problem: Signal<Option<String>>) -> impl IntoView {
    let problem_id = format!("{id}-problem");
    let wrong = move || {
        problem.get().map(|text| {
            view! {
                <p class="error" id=problem_id.clone() role="alert">
                    {text}
                </p>
            }
        })
    };
    view! {
        {wrong}
        {hint.map(|hint| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
    }
}
