//! The document around every page, and the tags in it that load the style sheet and the browser side. leptos' own
//! `HydrationScripts` reads manifests from a folder beside the binary; Postern is one file, so the server hands in what it
//! has embedded.

use crate::{
    App, caller,
    error::{AppError, bring_words},
    error_page::Refusal,
    layout::StrangerFrame,
    messages::Language,
};
use domain::theme::Theme;
use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_meta::{MetaTags, provide_meta_context};
use std::sync::Arc;

/// Where the browser finds the style sheet and the scripts.
#[derive(Clone, Debug)]
pub struct Assets {
    /// Path of the folder they are served from; it changes with their content.
    pub folder: Arc<str>,
    /// Whether the browser side is there. Without it every page is a plain page, and works.
    pub scripts: bool,
    /// Reload the page when sources change (`make dev`).
    pub reload: Option<LeptosOptions>,
}

impl Assets {
    /// For a page that is complete as it is.
    fn without_scripts(self) -> Self {
        Self { scripts: false, reload: None, ..self }
    }
}

/// The document around every page.
pub fn shell(assets: Assets) -> impl IntoView {
    bring_words();
    let theme = theme();
    view! {
        <!DOCTYPE html>
        <html lang=Language::current().tag() data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=theme.unwrap_or("light dark")/>
                {caller::support_url().map(|url| view! { <meta name="support" content=url/> })}
                <Scripts assets/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Light or dark, by its name in the style sheet and among colour schemes; nothing where it is the device's to say.
fn theme() -> Option<&'static str> {
    let theme = caller::theme();
    (theme != Theme::Device).then(|| theme.key())
}

/// The document of a request that was refused before it came to a page. It needs no script.
pub fn refusal_shell(assets: Assets, error: AppError) -> impl IntoView {
    bring_words();
    provide_meta_context();
    let theme = theme();
    view! {
        <!DOCTYPE html>
        <html lang=Language::current().tag() data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=theme.unwrap_or("light dark")/>
                <Scripts assets=assets.without_scripts()/>
                <MetaTags/>
            </head>
            <body>
                <StrangerFrame>
                    <Refusal error/>
                </StrangerFrame>
            </body>
        </html>
    }
}

/// The mark, in the tab. Inside the page: a file would be one more request of every first visit.
const ICON: &str = concat!(
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E",
    "%3Crect width='16' height='16' rx='4' fill='%2326231f'/%3E",
    "%3Cpath d='M6.2 12V4.4h2.3a2.3 2.3 0 0 1 0 4.6H6.2' fill='none' stroke='%23fff' stroke-width='1.7'/%3E%3C/svg%3E",
);

/// Style first; the scripts may wait for it.
#[component]
fn Scripts(assets: Assets) -> impl IntoView {
    let Assets { folder, scripts, reload } = assets;
    let script = format!("{folder}/postern.js");
    let wasm = format!("{folder}/postern.wasm");
    let language = Language::current().tag();
    let texts = (language != "en").then(|| format!("{folder}/{language}.txt"));
    view! {
        <link rel="stylesheet" href=format!("{folder}/postern.css")/>
        <link rel="icon" href=ICON/>
        {reload.map(|options| view! { <AutoReload options/> })}
        {scripts
            .then(|| {
                let loaded = texts
                    .as_ref()
                    .map_or("\"\"".into(), |texts| format!("fetch({texts:?}).then(a=>a.ok?a.text():Promise.reject(a.status))"));
                let start = format!(
                    "import start,{{hydrate}} from {script:?};\
                    Promise.all([{loaded},start({{module_or_path:{wasm:?}}})]).then(([texts])=>hydrate(texts))\
                    .then(()=>{{document.documentElement.dataset.hydrated=\"\"}})",
                );
                view! {
                    <link rel="modulepreload" href=script fetchpriority="low"/>
                    {texts
                        .map(|texts| {
                            view! {
                                <link rel="preload" href=texts r#as="fetch" crossorigin="anonymous" fetchpriority="low"/>
                            }
                        })}
                    <link
                        rel="preload"
                        href=wasm
                        r#as="fetch"
                        r#type="application/wasm"
                        crossorigin="anonymous"
                        fetchpriority="low"
                    />
                    <script type="module" nonce=use_nonce()>
                        {start}
                    </script>
                }
            })}
    }
}
